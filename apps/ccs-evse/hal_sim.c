/* --hal sim: the plant of sim/ behind the guard, and the commands that throw its switches.
 * SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <string.h>

enum { REPLUG_MS = 500, SETTLE_MS = 300 }; /* how long a connector is out when it is pulled and put back faster than anybody can */

static void wishes_follow(hal_sim_t *sim, const hal_sim_wishes_t *wishes, int64_t now_ms)
{
    memcpy(sim->plant.fault, wishes->fault, sizeof sim->plant.fault);
    sim->plant.isolation_ohm = wishes->isolation_ohm;
    sim->plant.temperature_dC = wishes->temperature_dC;
    if (wishes->unplugs != sim->unplugs_done) {
        sim->unplugs_done = wishes->unplugs;
        sim->replug_at_ms = now_ms + REPLUG_MS;
        sim_plant_unplug(&sim->plant);
    }
    if (wishes->plugged && !sim->plant.plugged && now_ms >= sim->replug_at_ms) {
        sim_plant_plug(&sim->plant);
    }
}

/* A car that tells its pilot has it in its own hands; a fault of the wire is stronger. */
static void pilot_follow(const hal_sim_t *sim, ccs_pilot_state_t car, ccs_sample_t *sample)
{
    static const int32_t high_mV[] = {[CCS_PILOT_B] = 9000, [CCS_PILOT_C] = 6000, [CCS_PILOT_D] = 3000};
    const bool whole = !sim->plant.fault[SIM_PILOT_OPEN] && !sim->plant.fault[SIM_PILOT_SHORT];
    const bool told = car == CCS_PILOT_B || car == CCS_PILOT_C || car == CCS_PILOT_D;
    if (told && whole && sim->plant.plugged && sample->pilot_high_mV.value > 0) {
        sample->pilot_high_mV.value = high_mV[car];
    }
}

static void hal_sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    hal_sim_t *sim = ctx;
    hal_sim_wishes_t wishes;
    mailbox_get(&sim->mailbox.box, &wishes);
    wishes_follow(sim, &wishes, now_ms);
    sim->plant_hal.sample(sim->plant_hal.ctx, now_ms, out);
    pilot_follow(sim, wishes.car_pilot, out);
    if (now_ms < sim->settle_ms && wishes.car_pilot == CCS_PILOT_UNKNOWN) {
        out->pilot_high_mV.at_ms = out->pilot_low_mV.at_ms = CCS_NOT_FITTED;
    }
}

static void hal_apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    hal_sim_t *sim = ctx;
    sim->plant_hal.apply(sim->plant_hal.ctx, now_ms, drive);
}

void hal_sim_open(hal_sim_t *sim, const outlet_settings_t *outlet, const sim_settings_t *settings, int64_t now_ms, ccs_hal_t *hal)
{
    sim_plant_config_t config;
    sim_plant_defaults(&config);
    config.topology = outlet->guard.topology;
    config.foreign = settings->foreign_car;
    config.source_mV_max = outlet->guard.mV_max;
    config.source_mA_max = outlet->guard.mA_max;
    config.battery_Wh = settings->capacity_Wh;
    config.battery_permille = settings->soc_permille;
    config.battery_empty_mV = settings->battery_mV - settings->battery_mV / 10;
    config.battery_full_mV = settings->battery_mV + settings->battery_mV / 10;
    sim_plant_init(&sim->plant, &config, now_ms);
    sim->plant.source_mV = sim->plant.cable_mV = settings->output_mV;
    sim->plant_hal = sim_plant_hal(&sim->plant);
    sim->follow_wire = settings->follow_wire && !settings->plugged;
    sim->unplug_ms = settings->unplug_ms;
    sim->wishes.plugged = settings->plugged;
    sim->settle_ms = sim->follow_wire ? now_ms + SETTLE_MS : now_ms;
    sim->wishes.isolation_ohm = sim->plant.isolation_ohm;
    sim->wishes.temperature_dC = sim->plant.temperature_dC;
    mailbox_init(&sim->mailbox.box, sim->mailbox.slot, sizeof sim->wishes, &sim->wishes);
    *hal = (ccs_hal_t){.ctx = sim, .sample = hal_sample, .apply = hal_apply};
}

/* ---- the network as the cable ---- */

static bool follows_wire(const power_t *power)
{
    return power->kind == POWER_SIM && power->sim.follow_wire;
}

void power_cable(power_t *power, bool there, ccs_pilot_state_t state)
{
    hal_sim_t *sim = &power->sim;
    if (power->kind != POWER_SIM) {
        return;
    }
    const bool plugged = there && (state == CCS_PILOT_B || state == CCS_PILOT_C || state == CCS_PILOT_D);
    sim->wishes.car_pilot = plugged ? state : CCS_PILOT_UNKNOWN;
    if (sim->follow_wire) {
        sim->wishes.unplugs += sim->wishes.plugged && !plugged;
        sim->wishes.plugged = plugged;
    }
    mailbox_put(&sim->mailbox.box, &sim->wishes);
}

void power_cable_lost(power_t *power, int64_t now_ms)
{
    hal_sim_t *sim = &power->sim;
    if (power->kind == POWER_SIM) {
        sim->wishes.car_pilot = CCS_PILOT_UNKNOWN;
        sim->heard_ms = now_ms;
        mailbox_put(&sim->mailbox.box, &sim->wishes);
    }
}

/* A car on the cable needs no guessing. */
static bool guesses(const power_t *power)
{
    return follows_wire(power) && power->sim.wishes.car_pilot == CCS_PILOT_UNKNOWN;
}

void power_heard(power_t *power, int64_t now_ms)
{
    hal_sim_t *sim = &power->sim;
    if (!guesses(power)) {
        return;
    }
    sim->heard_ms = now_ms;
    if (!sim->wishes.plugged) {
        sim->wishes.plugged = true;
        mailbox_put(&sim->mailbox.box, &sim->wishes);
    }
}

/* CM_SLAC_PARM.REQ: the one thing that a car says before it knows a charger. */
void power_mme(power_t *power, ccs_view_t frame, int64_t now_ms)
{
    enum { TYPE_AT = 15, PARM_REQ = 0x6064 };
    if (frame.length > TYPE_AT + 1 && (frame.at[TYPE_AT] | frame.at[TYPE_AT + 1] << 8) == PARM_REQ) {
        power_heard(power, now_ms);
    }
}

void power_tick(power_t *power, bool busy, int64_t now_ms)
{
    hal_sim_t *sim = &power->sim;
    if (!guesses(power) || !sim->wishes.plugged) {
        return;
    }
    if (busy) {
        sim->heard_ms = now_ms;
        return;
    }
    if (now_ms >= sim->heard_ms + sim->unplug_ms) {
        sim->wishes.plugged = false;
        sim->wishes.unplugs++;
        mailbox_put(&sim->mailbox.box, &sim->wishes);
    }
}

int64_t power_deadline_ms(const power_t *power)
{
    return guesses(power) && power->sim.wishes.plugged ? power->sim.heard_ms + power->sim.unplug_ms : INT64_MAX;
}

/* ---- commands ---- */

static cJSON *wishes_send(hal_sim_t *sim)
{
    mailbox_put(&sim->mailbox.box, &sim->wishes);
    return control_ok();
}

/* What a person does to the connector holds until they say 'auto' again. */
static cJSON *do_plug(hal_sim_t *sim, const char *argument)
{
    (void)argument;
    sim->follow_wire = false;
    sim->wishes.plugged = true;
    return wishes_send(sim);
}

static cJSON *do_unplug(hal_sim_t *sim, const char *argument)
{
    (void)argument;
    sim->follow_wire = false;
    sim->wishes.plugged = false;
    sim->wishes.unplugs++;
    return wishes_send(sim);
}

static cJSON *do_replug(hal_sim_t *sim, const char *argument)
{
    (void)argument;
    sim->follow_wire = false;
    sim->wishes.plugged = true;
    sim->wishes.unplugs++;
    return wishes_send(sim);
}

static cJSON *do_auto(hal_sim_t *sim, const char *argument)
{
    (void)argument;
    sim->follow_wire = true;
    return control_ok();
}

static cJSON *do_isolation(hal_sim_t *sim, const char *argument)
{
    int64_t ohm;
    if (argument == NULL || !control_number(argument, 0, INT32_MAX, &ohm)) {
        return control_error("sim isolation OHM: a number of ohms");
    }
    sim->wishes.isolation_ohm = (int32_t)ohm;
    return wishes_send(sim);
}

static cJSON *do_temperature(hal_sim_t *sim, const char *argument)
{
    int64_t dC;
    if (argument == NULL || !control_number(argument, -500, 3000, &dC)) {
        return control_error("sim temperature dC: a number of tenths of a degree, -500 .. 3000");
    }
    sim->wishes.temperature_dC = (int32_t)dC;
    return wishes_send(sim);
}

static cJSON *do_clear(hal_sim_t *sim, const char *argument)
{
    (void)argument;
    memset(sim->wishes.fault, 0, sizeof sim->wishes.fault);
    return wishes_send(sim);
}

static const struct {
    const char *name;
    cJSON *(*act)(hal_sim_t *sim, const char *argument);
} acts[] = {
    {"plug", do_plug},   {"unplug", do_unplug}, {"replug", do_replug}, {"isolation", do_isolation}, {"temperature", do_temperature},
    {"clear", do_clear}, {"auto", do_auto},
};

/* Words of people for faults of the plant; each takes an optional "on" or "off" behind it. */
static const struct {
    const char *word, *detail; /* detail NULL: none */
    sim_fault_t fault;
} words[] = {
    {"emergency", NULL, SIM_EMERGENCY_STOP}, {"weld", NULL, SIM_MAIN_WELDED},  {"source", "silent", SIM_SOURCE_SILENT},
    {"source", "fault", SIM_SOURCE_ALARM},   {"lock", "jam", SIM_LOCK_JAMMED}, {"meter", "silent", SIM_METER_SILENT},
    {"imd", "silent", SIM_IMD_SILENT},       {"grid", "lost", SIM_GRID_LOST},  {"pilot", "open", SIM_PILOT_OPEN},
    {"pilot", "short", SIM_PILOT_SHORT},     {"hot", NULL, SIM_HOT},
};

/* The fault that a call means, and the index of the word behind it; SIM_FAULTS_COUNT: none. */
static sim_fault_t fault_of(const control_call_t *call, size_t *behind)
{
    *behind = 2;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const bool detailed = words[i].detail != NULL;
        if (strcmp(words[i].word, call->word[1]) != 0 ||
            (detailed && (call->words < 3 || strcmp(words[i].detail, call->word[2]) != 0))) {
            continue;
        }
        *behind = detailed ? 3 : 2;
        return words[i].fault;
    }
    return sim_fault_find(call->word[1]);
}

static cJSON *do_fault(hal_sim_t *sim, const control_call_t *call)
{
    size_t behind;
    const sim_fault_t fault = fault_of(call, &behind);
    const char *state = call->words > behind ? call->word[behind] : "on";
    if (fault == SIM_FAULTS_COUNT) {
        return control_error("sim: no such switch '%.40s'", call->word[1]);
    }
    if (strcmp(state, "on") != 0 && strcmp(state, "off") != 0) {
        return control_error("sim: 'on' or 'off' behind %s, not '%.40s'", sim_fault_name(fault), state);
    }
    sim->wishes.fault[fault] = strcmp(state, "on") == 0;
    return wishes_send(sim);
}

/* Without an argument: every switch and where it stands. */
static cJSON *list(const hal_sim_t *sim)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *faults = cJSON_AddArrayToObject(answer, "faults");
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        cJSON *fault = cJSON_CreateObject();
        cJSON_AddStringToObject(fault, "name", sim_fault_name((sim_fault_t)i));
        cJSON_AddStringToObject(fault, "text", sim_fault_text((sim_fault_t)i));
        cJSON_AddBoolToObject(fault, "on", sim->wishes.fault[i]);
        cJSON_AddItemToArray(faults, fault);
    }
    return answer;
}

cJSON *power_sim_command(power_t *power, const control_call_t *call)
{
    if (power->kind != POWER_SIM) {
        return control_error("this charger has real hardware: 'sim' works with --hal sim only");
    }
    if (call->words < 2) {
        return list(&power->sim);
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, call->word[1]) == 0) {
            return acts[i].act(&power->sim, call->words > 2 ? call->word[2] : NULL);
        }
    }
    return do_fault(&power->sim, call);
}

cJSON *power_sim_view(const power_t *power)
{
    if (power->kind != POWER_SIM) {
        return NULL;
    }
    cJSON *view = cJSON_CreateObject();
    cJSON_AddBoolToObject(view, "plugged", power->sim.wishes.plugged);
    cJSON *faults = cJSON_AddArrayToObject(view, "faults");
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        if (power->sim.wishes.fault[i]) {
            cJSON_AddItemToArray(faults, cJSON_CreateString(sim_fault_name((sim_fault_t)i)));
        }
    }
    return view;
}
