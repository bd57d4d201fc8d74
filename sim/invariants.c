/* The safety invariants: one small function each, and a table of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/invariants.h"

/* One step, seen from outside. */
typedef struct view {
    const sim_invariants_t *past;
    const sim_plant_t *plant;
    const ccs_drive_t *drive;
    const ccs_report_t *report;
    const ccs_want_t *want;
    int64_t now_ms;
} view_t;

enum { GOAL_MS = 100, TICK_MS = 10, DEAD_PLUG_MS = 1500 };

static bool is_energised(ccs_phase_t phase)
{
    return phase == CCS_PHASE_TEST || phase == CCS_PHASE_PRECHARGE || phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP;
}

static bool within(int32_t a, int32_t b, int32_t most)
{
    const int64_t apart = (int64_t)a - b;
    return apart <= most && -apart <= most;
}

static bool energy(const view_t *view)
{
    return view->drive->enable && view->drive->output_mA > view->past->config.precharge_mA_max;
}

static bool rises(const view_t *view)
{
    return energy(view) && view->drive->output_mA > view->past->drive.output_mA;
}

static bool lapsed(const view_t *view, int64_t last_ms, int64_t ms)
{
    return view->now_ms - last_ms > ms;
}

static ccs_pilot_state_t true_pilot(const sim_plant_t *plant)
{
    if (plant->fault[SIM_PILOT_SHORT]) {
        return CCS_PILOT_E;
    }
    return plant->plugged && !plant->fault[SIM_PILOT_OPEN] ? plant->car.pilot : CCS_PILOT_A;
}

/* ---- the rules */

static bool voltage_only_in_four_phases(const view_t *view)
{
    return !view->drive->enable || is_energised(view->drive->phase);
}

static bool closed_only_by_topology(const view_t *view)
{
    const ccs_drive_t *drive = view->drive;
    if (!drive->main_close && !drive->precharge_close) {
        return true;
    }
    const ccs_phase_t phase = drive->phase;
    switch (view->past->config.topology) {
    case CCS_TOPOLOGY_OUTPUT_CONTACTOR:
        return is_energised(phase) && !drive->precharge_close;
    case CCS_TOPOLOGY_PRECHARGE_BRANCH:
        return is_energised(phase) && (!drive->main_close || phase == CCS_PHASE_LIVE || phase == CCS_PHASE_RAMP);
    default:
        return false;
    }
}

/* With the meter after the contactors a source side that keeps its voltage cannot be seen: the plug itself is dead all the same. */
static bool keeps_hidden_voltage(const sim_plant_t *plant)
{
    const bool keeps = plant->fault[SIM_NO_DISCHARGE] || plant->fault[SIM_SOURCE_RUNS_AWAY] || plant->fault[SIM_SOURCE_OVERSHOOTS];
    return plant->config.meter_place == CCS_METER_AFTER && (keeps || plant->fault[SIM_FEEDBACK_LIES_OPEN]);
}

static bool hides_its_source(const view_t *view)
{
    const int64_t decay_ms = 10000;
    return view->past->hidden_ms > 0 && !lapsed(view, view->past->hidden_ms, decay_ms);
}

/* A board that does not see the car side closes with a dead source; what the car holds there it cannot know. */
static bool closes_within_20_V(const view_t *view)
{
    const ccs_drive_t *past = &view->past->drive;
    const sim_plant_t *plant = view->plant;
    const bool closes = (view->drive->main_close && !past->main_close) || (view->drive->precharge_close && !past->precharge_close);
    const bool mirrorless = (view->past->config.lacks & CCS_LACK_FEEDBACK) != 0 && plant->fault[SIM_BRANCH_STUCK_OPEN];
    const bool blind = !plant->config.car_side_voltmeter && (plant->source_mV <= 20000 || mirrorless);
    return !closes || within(plant->source_mV, plant->cable_mV, 20000) || within(plant->source_mV, view->want->target_mV, 20000) ||
           blind || hides_its_source(view);
}

/* Below 5 A, or once the source has been off for so long that waiting longer would not help. */
static bool opens_without_current(const view_t *view)
{
    if (!view->past->drive.main_close || view->drive->main_close || within(view->plant->cable_mA, 0, 5000)) {
        return true;
    }
    return lapsed(view, view->past->source_on_ms, (int64_t)view->past->config.emergency_open_ms - TICK_MS);
}

static bool energy_needs_pilot(const view_t *view)
{
    return !energy(view) || !lapsed(view, view->past->pilot_ms, GOAL_MS);
}

static bool voltage_needs_a_car(const view_t *view)
{
    return !view->drive->enable || !lapsed(view, view->past->wire_ms, GOAL_MS);
}

static bool energy_needs_lock(const view_t *view)
{
    const bool lock = (view->past->config.lacks & CCS_LACK_LOCK) == 0;
    return !lock || !rises(view) || !lapsed(view, view->past->locked_ms, GOAL_MS);
}

static bool is_good(ccs_isolation_t isolation)
{
    return isolation == CCS_ISOLATION_VALID || isolation == CCS_ISOLATION_WARNING;
}

static bool energy_needs_insulation(const view_t *view)
{
    return !energy(view) || (view->past->judged && (is_good(view->report->isolation) || !rises(view)));
}

static bool energy_needs_lease(const view_t *view)
{
    return !rises(view) || view->now_ms < view->want->lease_until_ms;
}

static bool age_is_at_most(const ccs_reading_t *reading, int64_t now_ms, int64_t ms)
{
    return reading->at_ms >= 0 && now_ms - reading->at_ms <= ms;
}

static bool voltage_needs_fresh_measurements(const view_t *view)
{
    const int64_t most_ms = (int64_t)view->past->config.sample_age_ms_max;
    const ccs_sample_t *sample = &view->report->sample;
    return !view->drive->enable || (age_is_at_most(&sample->output_mV, view->now_ms, most_ms) &&
                                    age_is_at_most(&sample->output_mA, view->now_ms, most_ms) &&
                                    age_is_at_most(&sample->pilot_high_mV, view->now_ms, most_ms));
}

static bool current_stays_below_every_limit(const view_t *view)
{
    if (!energy(view)) {
        return true;
    }
    const bool phase = view->drive->phase == CCS_PHASE_LIVE || view->drive->phase == CCS_PHASE_RAMP;
    return phase && view->drive->output_mA <= view->past->lawful_mA;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int64_t least_test_mV(int32_t own_mV, int32_t car_mV)
{
    const int64_t low_mV = (int64_t)car_mV + 50000;
    const int64_t car_test_mV = car_mV > 500000 ? (int64_t)car_mV * 11 / 10 : low_mV < 500000 ? low_mV : 500000;
    return car_test_mV < own_mV ? car_test_mV : own_mV;
}

static bool voltage_stays_below_every_limit(const view_t *view)
{
    const int32_t own_mV = view->past->config.mV_max;
    const int32_t car_mV = view->want->car_mV_max > 0 ? view->want->car_mV_max : 0;
    const int32_t least_mV = least(own_mV, car_mV);
    if (!view->drive->enable) {
        return true;
    }
    switch (view->drive->phase) {
    case CCS_PHASE_TEST: /* CC.4.1.2 */
        return (int64_t)view->drive->output_mV <= least_test_mV(own_mV, car_mV);
    case CCS_PHASE_RAMP:
        return view->drive->output_mV <= view->past->drive.output_mV || view->drive->output_mV <= least_mV;
    default:
        return view->drive->output_mV <= least(least_mV, view->want->target_mV > 0 ? view->want->target_mV : 0);
    }
}

/* Voltmeters and their age: what may be read too high. */
enum { METER_OFF_mV = 10000 };

/* Most cars send their limit as target: commanded is what the pack holds and the headroom, so that a load dump cannot rise. */
static bool set_voltage_follows_the_pack(const view_t *view)
{
    const bool joined = view->plant->main.closed || view->past->config.topology == CCS_TOPOLOGY_DIRECT;
    const bool live = view->drive->phase == CCS_PHASE_LIVE && view->drive->enable && joined;
    return !live || view->plant->fault[SIM_SOURCE_OVERSHOOTS] || view->drive->output_mV <= view->past->closing_mV ||
           view->drive->output_mV <= view->past->pack_mV + view->past->config.headroom_mV + METER_OFF_mV;
}

/* Of energy: with the car's contactors open under current the plug never rises above 110 % of the car's maximum. */
static bool load_dump_stays_below_110_percent(const view_t *view)
{
    const sim_plant_t *plant = view->plant;
    const ccs_phase_t acted = view->past->drive.phase; /* what stands now was driven a step ago */
    const bool live = acted == CCS_PHASE_LIVE || acted == CCS_PHASE_RAMP;
    const bool dumped = live && !plant->car_contactors.closed && !plant->fault[SIM_SOURCE_OVERSHOOTS];
    const int64_t most_mV = (int64_t)view->past->car_mV_max * 11 / 10; /* as the step before knew it */
    return !dumped || most_mV <= 0 || plant->source_mV <= most_mV || plant->source_mV <= view->past->source_mV;
}

static bool current_rises_by_ramp(const view_t *view)
{
    const int64_t dt_ms = view->now_ms - view->past->last_ms;
    const int64_t rise_mA = (int64_t)view->drive->output_mA - view->past->drive.output_mA;
    return !energy(view) || rise_mA <= (int64_t)view->past->config.ramp_up_mA_s * dt_ms / 1000;
}

static bool no_test_voltage_onto_voltage(const view_t *view)
{
    const bool begins = view->drive->phase == CCS_PHASE_TEST && view->drive->enable && !view->past->drive.enable;
    const bool seen = view->plant->config.car_side_voltmeter;
    const bool source_dead = view->plant->source_mV < 60000 || hides_its_source(view);
    return !begins || (source_dead && (view->plant->cable_mV < 60000 || !seen));
}

static bool unlocks_only_what_is_dead(const view_t *view)
{
    const sim_plant_t *plant = view->plant;
    const bool unlocks = view->past->drive.lock && !view->drive->lock;
    /* Where the board does not see the car side, a car outside C and D is believed to be open. */
    const bool believed = !plant->config.car_side_voltmeter && !lapsed(view, view->past->unready_ms, GOAL_MS);
    const bool source_dead = plant->source_mV < 60000 || hides_its_source(view);
    return !unlocks || (source_dead && (plant->cable_mV < 60000 || believed) && within(plant->cable_mA, 0, 1000));
}

static bool drive_is_bounded(const view_t *view)
{
    const int64_t ahead_ms = view->drive->valid_until_ms - view->now_ms;
    return ahead_ms > 0 && ahead_ms <= (int64_t)view->past->config.drive_valid_ms;
}

static bool latched_grants_nothing(const view_t *view)
{
    const ccs_drive_t *drive = view->drive;
    const bool quiet = !drive->enable && !drive->main_close && !drive->precharge_close && drive->pilot != CCS_PILOT_5_PERCENT;
    return !view->report->latched || drive->phase == CCS_PHASE_RAMP || (quiet && (drive->lock || !view->past->drive.lock));
}

static bool shown_F_is_held(const view_t *view)
{
    const bool leaves = view->past->drive.pilot == CCS_PILOT_NEGATIVE && view->drive->pilot != CCS_PILOT_NEGATIVE;
    return !leaves || lapsed(view, view->past->dry_ms, (int64_t)view->past->config.pilot_hold_ms - TICK_MS);
}

static bool emergency_is_off_and_open(const view_t *view)
{
    const bool live = view->drive->enable || view->drive->main_close || view->drive->precharge_close;
    return !live || !lapsed(view, view->past->button_ms, GOAL_MS);
}

static bool has_broken_hardware(const sim_plant_t *plant)
{
    return plant->fault[SIM_MAIN_WELDED] || plant->fault[SIM_BRANCH_WELDED] || plant->fault[SIM_SOURCE_RUNS_AWAY] ||
           plant->fault[SIM_SOURCE_OVER_CURRENT] || plant->fault[SIM_NO_DISCHARGE] || plant->fault[SIM_CAR_WELDED];
}

/* Of energy, not of commands: current flows in LIVE and RAMP, and as long as a contactor needs to open. */
static bool current_flows_only_where_granted(const view_t *view)
{
    const int64_t opening_ms = 50;
    return view->plant->cable_mA <= 5000 || has_broken_hardware(view->plant) ||
           view->past->config.topology == CCS_TOPOLOGY_DIRECT || !lapsed(view, view->past->path_ms, opening_ms);
}

static bool pulled_plug_is_dead(const view_t *view)
{
    return !lapsed(view, view->past->plugged_ms, DEAD_PLUG_MS) || view->plant->cable_mV < 60000;
}

static bool report_is_honest(const view_t *view)
{
    const ccs_report_t *report = view->report;
    const bool off = report->settled && (report->phase == CCS_PHASE_OFF || report->phase == CCS_PHASE_FAULT);
    const bool open = !view->plant->main.closed && !view->plant->branch.closed;
    const bool dead = view->plant->source_mV < 60000 || hides_its_source(view);
    const bool lied_to = view->plant->fault[SIM_FEEDBACK_LIES_OPEN] || view->plant->fault[SIM_FEEDBACK_STALE] ||
                         view->plant->fault[SIM_VOLTMETER_STALE] || (view->past->config.lacks & CCS_LACK_FEEDBACK) != 0;
    return report->phase == view->drive->phase && (!off || (open && dead) || lied_to);
}

static const struct {
    const char *name;
    bool (*holds)(const view_t *view);
    const char *text;
} invariants[] = {
    {"voltage_only_in_four_phases", voltage_only_in_four_phases, "the source is on only in TEST, PRECHARGE, LIVE, RAMP"},
    {"closed_only_by_topology", closed_only_by_topology, "a contactor is closed only where the topology's table allows it"},
    {"closes_within_20_V", closes_within_20_V,
     "a contactor closes only within 20 V of the car's latest target or of the true car side (below 60 V onto an idle cable)"},
    {"opens_without_current", opens_without_current,
     "a contactor opens below 5 A, or after the source was off for emergency_open_ms"},
    {"energy_needs_pilot", energy_needs_pilot,
     "more than the precharge current only with a true state C or D within the last 100 ms"},
    {"voltage_needs_a_car", voltage_needs_a_car, "the source is off 100 ms after the true pilot left B, C and D"},
    {"energy_needs_lock", energy_needs_lock, "the set point does not rise 100 ms after the lock was truly lost"},
    {"energy_needs_insulation", energy_needs_insulation,
     "current only after a good verdict of this session; none rises on a bad one"},
    {"energy_needs_lease", energy_needs_lease, "the set point does not rise without a live lease"},
    {"voltage_needs_fresh_measurements", voltage_needs_fresh_measurements,
     "the source is off when V, A or pilot are older than the setting"},
    {"current_stays_below_every_limit", current_stays_below_every_limit,
     "set point <= least of target, car, site, hardware, power, derating; a falling limit is followed by ramp"},
    {"voltage_stays_below_every_limit", voltage_stays_below_every_limit,
     "set voltage <= least of target, car and hardware; in TEST by the cable-check rule"},
    {"set_voltage_follows_the_pack", set_voltage_follows_the_pack,
     "in LIVE the set voltage is at most headroom_mV (and what meters err) above what the pack truly holds"},
    {"load_dump_stays_below_110_percent", load_dump_stays_below_110_percent,
     "if the car opens under current, the voltage truly never rises above 110 % of the car's maximum"},
    {"current_rises_by_ramp", current_rises_by_ramp, "the set point rises at most by ramp_up_mA_s"},
    {"no_test_voltage_onto_voltage", no_test_voltage_onto_voltage,
     "no test voltage while 60 V truly stand on either side that is measured"},
    {"unlocks_only_what_is_dead", unlocks_only_what_is_dead, "the lock opens only below 60 V on both sides and below 1 A"},
    {"drive_is_bounded", drive_is_bounded, "every drive ends by itself within drive_valid_ms"},
    {"latched_grants_nothing", latched_grants_nothing, "a latched fault: source off, open, no 5 %, the lock held"},
    {"shown_F_is_held", shown_F_is_held, "F once shown is held for pilot_hold_ms"},
    {"emergency_is_off_and_open", emergency_is_off_and_open,
     "100 ms after the emergency input or the trip: source off, open commanded"},
    {"current_flows_only_where_granted", current_flows_only_where_granted,
     "truly no current beyond the opening time of a contactor"},
    {"pulled_plug_is_dead", pulled_plug_is_dead, "a pulled plug is truly below 60 V within 1.5 s"},
    {"report_is_honest", report_is_honest, "phase of report and drive agree; settled OFF is truly open and < 60 V"},
};

/* ---- what is remembered */

static int64_t limit_mA(const view_t *view)
{
    const ccs_want_t *want = view->want;
    const ccs_guard_config_t *config = &view->past->config;
    if (view->drive->phase != CCS_PHASE_LIVE || view->now_ms >= want->lease_until_ms || want->car_mV_max <= 0) {
        return 0;
    }
    const int32_t W = least(want->offer_W_max, config->W_max);
    const int32_t mV = view->report->sample.output_mV.value;
    int64_t mA = mV > 0 ? (int64_t)W * 1000000 / mV : INT32_MAX;
    const int32_t others[] = {want->target_mA, want->car_mA_max, want->offer_mA_max, config->mA_max, view->report->mA_max_now};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        mA = others[i] < mA ? others[i] : mA;
    }
    return mA > 0 ? mA : 0;
}

/* The least of all limits now, or what the ramp has left of what was lawful before. */
static void remember_lawful(sim_invariants_t *state, const view_t *view)
{
    const int64_t dt_ms = view->now_ms - state->last_ms < 100 ? view->now_ms - state->last_ms : 100;
    const int64_t fallen_mA = state->lawful_mA - (int64_t)state->config.ramp_down_mA_s * dt_ms / 1000;
    const int64_t now_mA = limit_mA(view);
    const int64_t mA = fallen_mA > now_mA ? fallen_mA : now_mA;
    state->lawful_mA = mA > 0 ? (int32_t)mA : 0;
}

/* While nobody called the guard it could not act: then the end of the drive's validity protects. */
static void excuse_lateness(sim_invariants_t *state, int64_t dt_ms)
{
    int64_t *const since_ms[] = {&state->pilot_ms, &state->wire_ms, &state->button_ms, &state->locked_ms, &state->plugged_ms};
    for (size_t i = 0; i < sizeof(since_ms) / sizeof(since_ms[0]) && dt_ms > 2 * TICK_MS; i++) {
        *since_ms[i] += dt_ms;
    }
}

/* What the battery holds at the plug; before LIVE and before the main contactor has followed, the higher of both sides. It may be
 * followed down at 50 V/s: a single wrong reading must not end a charge. */
static void remember_pack(sim_invariants_t *state, const view_t *view)
{
    enum { FALL_mV_MS = 50 };
    const sim_plant_t *plant = view->plant;
    const bool joined = plant->main.closed || plant->config.topology == CCS_TOPOLOGY_DIRECT;
    const bool live = view->report->phase == CCS_PHASE_LIVE && joined && state->closing_mV == 0;
    const int64_t fallen_mV = state->pack_mV - FALL_mV_MS * (view->now_ms - state->last_ms);
    if (live && !(plant->plugged && plant->car_contactors.closed)) {
        return;
    }
    const int32_t mV = plant->cable_mV > plant->source_mV ? plant->cable_mV : plant->source_mV;
    state->pack_mV = view->report->phase == CCS_PHASE_LIVE && fallen_mV > mV ? (int32_t)fallen_mV : mV;
}

static void remember_world(sim_invariants_t *state, const view_t *view)
{
    const sim_plant_t *plant = view->plant;
    const ccs_pilot_state_t pilot = true_pilot(plant);
    const bool ready = pilot == CCS_PILOT_C || pilot == CCS_PILOT_D;
    excuse_lateness(state, view->now_ms - state->last_ms);
    state->unready_ms = ready ? state->unready_ms : view->now_ms;
    state->pilot_ms = ready ? view->now_ms : state->pilot_ms;
    state->wire_ms = ready || pilot == CCS_PILOT_B ? view->now_ms : state->wire_ms;
    state->button_ms = plant->fault[SIM_EMERGENCY_STOP] || plant->tripped ? state->button_ms : view->now_ms;
    remember_pack(state, view);
    state->hidden_ms = keeps_hidden_voltage(plant) ? view->now_ms : state->hidden_ms;
    state->locked_ms = plant->locked ? view->now_ms : state->locked_ms;
    state->plugged_ms = plant->plugged || has_broken_hardware(plant) ? view->now_ms : state->plugged_ms;
    if (has_broken_hardware(plant)) {
        state->path_ms = view->now_ms;
    } else if (state->drive.main_close ||
               state->drive.precharge_close) { /* good until the next drive, or until it ends by itself */
        state->path_ms = view->now_ms < state->drive.valid_until_ms ? view->now_ms : state->drive.valid_until_ms;
    }
    const ccs_phase_t phase = view->report->phase;
    if (phase == CCS_PHASE_TEST || state->phase == CCS_PHASE_TEST) { /* a verdict may fall in the turn that leaves TEST */
        state->judged = is_good(view->report->isolation);
    } else if (phase == CCS_PHASE_OFF || phase == CCS_PHASE_FAULT) {
        state->judged = state->judged && view->want->lock && state->phase != CCS_PHASE_FAULT;
    }
}

static void remember_commands(sim_invariants_t *state, const view_t *view)
{
    const ccs_drive_t *drive = view->drive;
    state->source_on_ms = drive->enable ? view->now_ms : state->source_on_ms;
    state->path_ms = drive->main_close || drive->precharge_close ? view->now_ms : state->path_ms;
    state->dry_ms = drive->pilot == CCS_PILOT_NEGATIVE ? state->dry_ms : view->now_ms;
    if (!view->plant->main.closed && state->config.topology != CCS_TOPOLOGY_DIRECT) {
        state->closing_mV = drive->output_mV;
    } else if (state->closing_mV > 0 && view->report->settled) {
        state->closing_mV = 0;
    }
    state->drive = *drive;
    state->car_mV_max = view->want->car_mV_max;
    state->source_mV = view->plant->source_mV;
    state->phase = view->report->phase;
    state->last_ms = view->now_ms;
}

void sim_invariants_init(sim_invariants_t *state, const ccs_guard_config_t *config, int64_t now_ms)
{
    *state = (sim_invariants_t){.config = *config, .last_ms = now_ms};
    state->unready_ms = state->pilot_ms = state->wire_ms = state->button_ms = state->locked_ms = now_ms;
    state->source_on_ms = state->path_ms = state->plugged_ms = state->dry_ms = now_ms;
}

const char *sim_invariants_check(sim_invariants_t *state, const sim_plant_t *plant, const ccs_drive_t *drive,
                                 const ccs_report_t *report, const ccs_want_t *want)
{
    const view_t view = {state, plant, drive, report, want, report->at_ms};
    const char *broken = NULL;
    remember_world(state, &view);
    remember_lawful(state, &view);
    for (size_t i = 0; i < sizeof(invariants) / sizeof(invariants[0]) && broken == NULL; i++) {
        broken = invariants[i].holds(&view) ? NULL : invariants[i].name;
    }
    remember_commands(state, &view);
    return broken;
}

size_t sim_invariants_count(void)
{
    return sizeof(invariants) / sizeof(invariants[0]);
}

const char *sim_invariant_name(size_t index)
{
    return index < sim_invariants_count() ? invariants[index].name : "?";
}

const char *sim_invariant_text(size_t index)
{
    return index < sim_invariants_count() ? invariants[index].text : "?";
}
