/* The charger's keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/charger.h"
#include "ports/common/config/forms.h"

#include <string.h>

static const char *const authorize_names[] = {"free", "ask", "deny", NULL};
static const char *const level_names[] = {"error", "warning", "info", "debug", NULL};
static const char *const protocol_names[] = {"", "din", NULL};
static const char *const protocol_absent[] = {"iso2", "iso20", NULL};
static const char *const tls_names[] = {"off", "allow", "require", NULL};
static const char *const meter_place_names[] = {"before", "after", NULL};
static const char *const modem_names[] = {"none", "linux", "spi-model", NULL};
static const char *const slac_names[] = {"field", "strict", NULL};
static const char *const validation_names[] = {"not-required", "failure", "ready", NULL};
static const char *const topology_names[] = {"output-contactor", "precharge-branch", "direct", NULL};
static const char *const edition_names[] = {"2014", "2023", NULL};
static const char *const lack_names[] = {"lock", "feedback", "temperature", "pilot-low", "alarms", NULL};

#define AT(field) .offset = offsetof(charger_settings_t, field), .size = sizeof(((charger_settings_t *)0)->field)
#define BOOL(s, k, field, h)                                                     \
    {                                                                            \
        .section = (s), .key = (k), .type = SETTING_BOOL, AT(field), .help = (h) \
    }
#define INT(s, k, field, lo, hi, h)                                                                       \
    {                                                                                                     \
        .section = (s), .key = (k), .type = SETTING_INT, AT(field), .min = (lo), .max = (hi), .help = (h) \
    }
#define TEXT(s, k, field, lo, hi, h)                                                                       \
    {                                                                                                      \
        .section = (s), .key = (k), .type = SETTING_TEXT, AT(field), .min = (lo), .max = (hi), .help = (h) \
    }
#define FORM(s, k, field, lo, hi, is, h)                                                                                 \
    {                                                                                                                    \
        .section = (s), .key = (k), .type = SETTING_TEXT, AT(field), .min = (lo), .max = (hi), .form = (is), .help = (h) \
    }
#define PATH(s, k, field, h) TEXT(s, k, field, 0, SETTING_PATH_SIZE - 1, h)
#define CHOICE(s, k, field, names, h)                                                                  \
    {                                                                                                  \
        .section = (s), .key = (k), .type = SETTING_CHOICE, AT(field), .choices = (names), .help = (h) \
    }
#define FLAGS_OR(s, k, field, least, names, gone, h)                                                                       \
    {                                                                                                                      \
        .section = (s), .key = (k), .type = SETTING_FLAGS, AT(field), .min = (least), .max = sizeof names / sizeof *names, \
        .choices = (names), .absent = (gone), .help = (h)                                                                  \
    }
#define FLAGS(s, k, field, names, h) FLAGS_OR(s, k, field, 0, names, NULL, h)
#define FIGURE(field, lo, hi, h)     INT("outlet.1", #field, GUARD.field, lo, hi, h)
#define OCTETS(s, k, field, length_field, lo, hi, h)                                                       \
    {                                                                                                      \
        .section = (s), .key = (k), .type = SETTING_OCTETS, AT(field),                                     \
        .length_offset = offsetof(charger_settings_t, length_field), .min = (lo), .max = (hi), .help = (h) \
    }

#define SITE    "site"
#define EVSE    "evse"
#define LOG     "log"
#define PKI     "pki"
#define OUTLET  "outlet.1"
#define SIM     "sim"
#define SECC    outlet[0].secc
#define GUARD   outlet[0].guard
#define PLUG    outlet[0]
#define HOUR_MS 3600000

const setting_t charger_rows[] = {
    CHOICE(SITE, "authorize", authorize, authorize_names,
           "Who may charge: everybody, whoever a token or `ccsctl authorize` lets in, or nobody."),
    INT(SITE, "token_s", token_s, 1, 3600, "A token shown before the car asks waits so many seconds for it."),
    PATH(SITE, "state", state,
         "Directory of the session journal and of latched faults; empty: /var/lib/ccs-evse for root, else the user's state "
         "directory."),
    TEXT(SITE, "control", control, 0, SETTING_SOCKET_SIZE - 1,
         "Path of the control socket; empty: /run/ccs-evse-INTERFACE.sock for root, else in the user's runtime directory."),
    INT(SITE, "stop_s", stop_s, 1, 600,
        "On SIGTERM a running charge has so many seconds to end in order before it is an emergency stop."),

    CHOICE(LOG, "level", log_level, level_names, "What goes to standard error: this level and worse."),
    INT(LOG, "lines_s", log_lines_s, 0, 10000,
        "Of one kind (room and event of an outlet) each log takes so many lines a second, and a burst of four seconds' worth; what "
        "is left "
        "out is counted and told. 0: no limit."),
    PATH(LOG, "json", log_json, "File that every trace record is appended to as a line of JSON; empty: none."),
    INT(LOG, "json_kB_max", log_json_kB_max, 64, 4000000,
        "That file takes at most so much (1 kB is 1000 octets); then it becomes FILE.1, the former FILE.1 becomes FILE.2 ..."),
    INT(LOG, "json_older", log_json_older, 0, 100, "... and so many of them are kept."),
    PATH(LOG, "capture", capture,
         "Directory that takes a pcapng of each session, or the file (.pcapng) that takes them all; empty: the directory "
         "'captures' in "
         "the state directory."),
    INT(LOG, "capture_kB_max", capture_kB_max, 256, 4000000,
        "A pcapng takes at most so much (1 kB is 1000 octets). What a session has beyond it is left out but for notes and its last "
        "packets, and the file, the record and the log say how much."),
    INT(LOG, "captures_kB_max", captures_kB_max, 256, 2000000000,
        "The directory's captures take at most so much: before a session is too much, the oldest are removed."),
    INT(LOG, "captures_max", captures_max, 2, 20000, "The same for their number."),

    PATH(PKI, "store", pki.store,
         "Directory of certificates and keys (docs/CERTIFICATES.md), made where it is not there; empty: none, and no TLS."),
    TEXT(PKI, "console", pki.console, 0, SETTING_SOCKET_SIZE - 1,
         "Path of the socket of the serial console, which shows and changes the store; empty: none."),
    PATH(PKI, "hook", pki.hook,
         "Program that fetches OCSP responses (docs/CERTIFICATES.md); 'control': they are asked for at the control socket; "
         "empty: none are."),
    BOOL(PKI, "compat", pki.compat, "Field peers: P-256 in ISO 15118-20 as well; said in the log."),

    FLAGS_OR(EVSE, "protocols", SECC.protocol, 1, protocol_names, protocol_absent, "Protocols that are offered to the car."),
    CHOICE(EVSE, "tls", SECC.tls, tls_names,
           "off: plain TCP alone. allow: a car that asks for TLS gets it. require: TLS alone. Needs [pki] store (docs/TLS.md)."),
    INT(EVSE, "port", SECC.port, 0, 65535, "TCP port told to the car by SDP; 0: a free one of 49152 .. 65535 at each start."),
    INT(EVSE, "port_tls", SECC.port_tls, 0, 65535, "The same for the listener with TLS."),
    BOOL(EVSE, "meter_required", SECC.meter_required,
         "No charge without a meter that answers; off: the record is flagged instead."),
    BOOL(EVSE, "pilot_gating", SECC.pilot_gating,
         "CableCheck waits for pilot state C or D, as the standards say; some cars are late."),
    BOOL(EVSE, "pilot_stop_strict", SECC.pilot_stop_strict, "WeldingDetection and SessionStop need pilot state B."),
    INT(EVSE, "setup_ms", SECC.setup_ms, 1000, HOUR_MS,
        "Time from plug-in to the first message; afterwards SDP is silent and TCP refused (V2G_SECC_CommunicationSetup_Timer)."),
    INT(EVSE, "sequence_ms", SECC.sequence_ms, 1000, HOUR_MS,
        "A car that is silent for so long has left (V2G_SECC_Sequence_Timeout)."),
    INT(EVSE, "lease_ms", SECC.lease_ms, 100, 60000,
        "Without an accepted request for so long the current goes to 0 A; the session stays."),
    INT(EVSE, "authorization_ms", SECC.authorization_ms, 1000, HOUR_MS,
        "Authorization is 'Ongoing' for at most so long; cars give up at 60 s."),
    INT(EVSE, "cable_check_ms", SECC.cable_check_ms, 1000, 600000,
        "CableCheck is 'Ongoing' for at most so long; cars give up at 40 s."),
    INT(EVSE, "contactor_ms", SECC.contactor_ms, 100, 1500, "PowerDelivery(Start) is answered within this."),
    INT(EVSE, "close_ms", SECC.close_ms, 2000, 60000, "The connection is gone so long after the last response."),
    INT(EVSE, "linger_ms", SECC.linger_ms, 0, 60000, "... but not before this: some cars dislike an immediate FIN."),
    INT(EVSE, "pilot_ms", SECC.pilot_ms, 0, 60000, "CableCheck waits so long for pilot state C or D."),
    INT(EVSE, "verdict_ms", SECC.verdict_ms, 0, 1500,
        "An answer is held so long for a verdict on authorization before it says 'Ongoing'."),
    INT(EVSE, "stop_ms", SECC.stop_ms, 1000, 600000, "After a stop asked at the charger the car may take so long to end in order."),
    INT(EVSE, "fault_ms", SECC.fault_ms, 1000, 600000, "The same after a fault of the charger."),
    BOOL(EVSE, "profile_strict", SECC.profile_strict, "A charging profile above the offered power fails; off: it is noted only."),
    FORM(EVSE, "pace", pace, 0, SETTING_PACE_SIZE - 1, form_pace,
         "Least time between two answers to a request, for up to four kinds: CurrentDemandReq:100, PreChargeReq:50."),
    INT(EVSE, "decode_errors_max", SECC.decode_errors_max, 0, 255, "Undecodable requests in a row that are tolerated."),

    FORM(OUTLET, "interface", PLUG.interface, 0, 15, form_interface,
         "Network interface towards the car; of the first outlet also by --interface. Each outlet needs one of its own."),
    CHOICE(OUTLET, "modem", PLUG.modem, modem_names,
           "none: the interface is the link. linux: a PLC modem bridged to the interface, SLAC over it. spi-model: a modelled "
           "QCA7000 behind the driver."),
    CHOICE(OUTLET, "slac", PLUG.slac_strict, slac_names,
           "With a modem: field (what real cars need) or strict (what the conformance suite asks)."),
    CHOICE(OUTLET, "validation", SECC.slac.validation, validation_names, "How CM_VALIDATE step 1 is answered."),
    BOOL(OUTLET, "bench_modem", SECC.slac.bench_modem,
         "Take attenuation profiles without groups as 0 dB: for bench modems that cannot measure."),
    BOOL(OUTLET, "any_ip_mac", SECC.slac.any_ip_mac, "SDP may come from another MAC than SLAC did: a bridge in the car."),
    INT(OUTLET, "slac_init_ms", SECC.slac.init_ms, 20000, 50000, "From 5 % to the first request of the car (TT_EVSE_SLAC_init)."),
    INT(OUTLET, "slac_tries", SECC.slac.tries, 0, 10, "So many more tries, E/F in between, before the outlet waits for the plug."),
    INT(OUTLET, "attenuation_max_dB", SECC.slac.attenuation_max_dB, 0, 100,
        "A car that was measured weaker (mean) is not matched: it hangs elsewhere; 0: no such limit."),
    INT(OUTLET, "attenuation_offset_dB", PLUG.offset_dB, 0, 60,
        "Attenuation of the board's own receive path, subtracted from each average; measured once per design."),
    FORM(OUTLET, "evse_id", PLUG.evse_id, 7, 37, form_evse_id,
         "EVSEID of ISO 15118: country, operator, E and the outlet, with or without '*'."),
    OCTETS(OUTLET, "evse_id_din", SECC.evse_id_din, SECC.evse_id_din_length, 0, 32,
           "EVSEID of DIN 70121 in hex (DIN 91286, for example 49A80737A45678); empty: the characters of evse_id as octets."),
    TEXT(OUTLET, "meter_id", PLUG.meter_id, 0, 32, "MeterID in the record and towards the car."),
    TEXT(OUTLET, "hal_options", PLUG.hal_options, 0, SETTING_PATH_SIZE - 1,
         "Text handed to a Power HAL that is loaded from a file."),
    INT(OUTLET, "site_mV_max", SECC.limits.mV_max, 60000, 1500000, "Largest voltage offered to the car."),
    INT(OUTLET, "site_mA_max", SECC.limits.charge_mA_max, 0, 3000000, "Largest charge current offered to the car."),
    INT(OUTLET, "site_W_max", SECC.limits.power_W_max, 0, 4000000, "Largest power offered to the car."),
    INT(OUTLET, "offered_mV_min", SECC.mV_min, 0, 1000000, "Smallest voltage told to the car; above 200 V some cars leave."),
    INT(OUTLET, "offered_mA_min", SECC.mA_min, 0, 3000000, "Smallest current told to the car."),
    INT(OUTLET, "ripple_mA", SECC.mA_ripple, 0, 100000, "EVSEPeakCurrentRipple told to the car."),
    CHOICE(OUTLET, "topology", GUARD.topology, topology_names, "How source, contactors and car are wired."),
    CHOICE(OUTLET, "meter_place", GUARD.meter_place, meter_place_names,
           "Voltmeter, ammeter and energy meter sit before (source side) or after the contactors."),
    CHOICE(OUTLET, "edition", GUARD.edition, edition_names, "Edition of IEC 61851-23 whose insulation limits are in force."),
    FLAGS(OUTLET, "lacks", PLUG.lacks, lack_names, "What the board does not have; all else must answer, silence is a fault."),
    INT(OUTLET, "hardware_mV_min", GUARD.mV_min, 0, 1000000, "Smallest voltage that the source can hold."),
    INT(OUTLET, "hardware_mV_max", GUARD.mV_max, 60000, 1500000, "Largest voltage that the hardware can."),
    INT(OUTLET, "hardware_mA_max", GUARD.mA_max, 1000, 3000000, "Largest current that the hardware can."),
    INT(OUTLET, "hardware_W_max", GUARD.W_max, 1000, 4000000, "Largest power that the hardware can."),
    FIGURE(precharge_mA_max, 100, 5000, "Largest current during PreCharge."),
    FIGURE(close_mV_max, 1000, 20000, "Largest voltage difference at which a contactor closes."),
    FIGURE(safe_mV, 10000, 60000, "Below this an output counts as free of voltage."),
    FIGURE(open_mA_max, 100, 20000, "Below this current a contactor opens without harm."),
    FIGURE(unlock_mA_max, 50, 5000, "The connector is let go below this current and safe_mV."),
    FIGURE(isolation_fault_ohm, 10000, 1000000, "Insulation below this is a fault (edition 2023)."),
    FIGURE(ramp_up_mA_s, 1000, 1000000, "How fast the current may rise."),
    FIGURE(ramp_down_mA_s, 100000, 10000000, "How fast the current falls at a normal stop."),
    FIGURE(ramp_emergency_mA_s, 200000, 10000000, "How fast the current falls after a fault."),
    FIGURE(sample_age_ms_max, 20, 500, "A measurement older than this is stale."),
    FIGURE(tick_late_ms_max, 10, 500, "A tick of the guard that comes later than this ends a charge."),
    FIGURE(pilot_lost_ms, 0, 500, "Pilot state A, E or F for so long is a lost pilot."),
    FIGURE(pilot_band_mV, 500, 1500, "Half width of the bands around 12, 9, 6, 3, 0 and -12 V."),
    FIGURE(pilot_debounce_ms, 0, 200, "A new pilot state counts after so long."),
    FIGURE(pilot_hold_ms, 4000, 8000, "Pilot state F, once shown, is held so long."),
    FIGURE(contactor_ms_max, 20, 1000, "Feedback of a contactor comes within this."),
    FIGURE(discharge_ms_max, 100, 10000, "The source side is below safe_mV within this after switching off."),
    FIGURE(isolation_ms_max, 2000, 38000, "Insulation is tested and judged, and the output discharged, within this."),
    FIGURE(isolation_settle_ms, 0, 10000, "The verdict is taken so long after the test voltage stands."),
    FIGURE(isolation_confirm_ms, 0, 10000, "A bad insulation reading while charging must last so long."),
    FIGURE(imd_age_ms_max, 100, 10000, "Insulation readings may be so old."),
    FIGURE(source_follow_ms_max, 100, 7000, "The source reaches its set point within this."),
    FIGURE(source_age_ms_max, 50, 5000, "A source that answers, where the board tells so, is silent when its answer is older."),
    FIGURE(source_mV_off, 1000, 20000, "A source this close to its set voltage has reached it."),
    FIGURE(headroom_mV, 25000, 200000, "While charging the set voltage is at most so far above the pack."),
    FIGURE(reverse_mA_max, 500, 100000, "Current out of the car above this is a fault."),
    FIGURE(proximity_ohm_max, 100, 1000000, "Proximity (PP), where the board has it, above this is an open plug."),
    FIGURE(lock_ms_max, 100, 10000, "The connector lock moves within this."),
    FIGURE(drive_valid_ms, 20, 1000, "Without a new drive for so long the hardware opens by itself."),
    FIGURE(emergency_open_ms, 0, 200, "Emergency: open at the latest so long after the source went off."),
    FIGURE(error_open_ms, 100, 5000, "Fault: open at the latest so long after the ramp began."),
    FIGURE(stop_open_ms, 100, 20000, "Normal stop: open at the latest so long after the ramp began."),
    FIGURE(lease_dead_ms, 1000, 600000, "The contactors open so long after the last accepted request."),
    FIGURE(fault_hold_ms, 10, 10000, "A fault is shown at least so long."),
    FIGURE(over_mA, 1000, 50000, "A current above the set point by more than this, for over_current_ms, is over-current."),
    FIGURE(over_current_ms, 10, 1000, "How long over-current must last."),
    FIGURE(temperature_dC_max, 500, 1500, "Hard limit of the temperature of connector and cable (0.1 degree)."),
    FIGURE(meter_age_ms_max, 200, 60000, "A meter that answered so long ago is silent."),
    INT(OUTLET, "derate_1_dC", GUARD.derate[0].temperature_dC, -400, 2000,
        "Derating, first point: from this temperature (0.1 degree) on ..."),
    INT(OUTLET, "derate_1_permille", GUARD.derate[0].permille, 0, 1000, "... at most this part of the current."),
    INT(OUTLET, "derate_2_dC", GUARD.derate[1].temperature_dC, -400, 2000,
        "Derating, second point: from this temperature (0.1 degree) on ..."),
    INT(OUTLET, "derate_2_permille", GUARD.derate[1].permille, 0, 1000, "... at most this part of the current."),
    INT(OUTLET, "derate_3_dC", GUARD.derate[2].temperature_dC, -400, 2000,
        "Derating, third point: from this temperature (0.1 degree) on ..."),
    INT(OUTLET, "derate_3_permille", GUARD.derate[2].permille, 0, 1000, "... at most this part of the current."),
    INT(OUTLET, "derate_4_dC", GUARD.derate[3].temperature_dC, -400, 2000,
        "Derating, last point: from this temperature (0.1 degree) on ..."),
    INT(OUTLET, "derate_4_permille", GUARD.derate[3].permille, 0, 1000, "... at most this part of the current."),

    BOOL(SIM, "plugged", sim.plugged, "A car is plugged in from the start."),
    BOOL(SIM, "follow_wire", sim.follow_wire,
         "Otherwise the connector follows the network: plugged in when a car is heard there, pulled when it has fallen silent. "
         "`ccsctl sim "
         "plug` and `unplug` end that."),
    INT(SIM, "unplug_ms", sim.unplug_ms, 500, 600000, "With follow_wire: so long is a silence outside a session."),
    BOOL(SIM, "foreign_car", sim.foreign_car,
         "The car lives in another process and shares no cable: its battery takes the PreCharge target at closing, its pilot "
         "follows the "
         "session."),
    INT(SIM, "battery_mV", sim.battery_mV, 50000, 1000000, "Voltage of the simulated car's battery."),
    INT(SIM, "capacity_Wh", sim.capacity_Wh, 100, 1000000, "Its capacity."),
    INT(SIM, "soc_permille", sim.soc_permille, 0, 1000, "Its state of charge at the start."),
    INT(SIM, "output_mV", sim.output_mV, 0, 1000000,
        "Voltage that stands at the output at the start, as after a crash under load."),
};
const size_t charger_rows_count = sizeof charger_rows / sizeof charger_rows[0];

settings_t charger_settings_table(charger_settings_t *settings)
{
    return (settings_t){.row = charger_rows,
                        .count = charger_rows_count,
                        .values = settings,
                        .repeated = OUTLET,
                        .stride = sizeof settings->outlet[0],
                        .present = settings->present,
                        .repeats_max = SETTING_OUTLETS_MAX};
}

/* What the core's defaults say, as the setting spells it. */
static void pace_text(charger_settings_t *settings)
{
    size_t length = 0;
    for (size_t i = 0; i < CCS_PACES; i++) {
        const ccs_pace_t *pace = &settings->outlet[0].secc.pace[i];
        if (pace->request != NULL) {
            length += (size_t)snprintf(settings->pace + length, sizeof settings->pace - length, "%s%s:%u", length == 0 ? "" : ", ",
                                       pace->request, pace->ms);
        }
    }
}

static void outlet_defaults(outlet_settings_t *outlet, unsigned number)
{
    memset(outlet, 0, sizeof *outlet);
    ccs_secc_defaults(&outlet->secc);
    ccs_guard_defaults(&outlet->guard);
    snprintf(outlet->evse_id, sizeof outlet->evse_id, "DE*CCS*E0001*%u", number);
    snprintf(outlet->meter_id, sizeof outlet->meter_id, "CCS-METER-%u", number);
    outlet->secc.port = 0;
    outlet->secc.port_tls = 0;
    outlet->secc.evse_id_din_length = 0;
    memset(outlet->secc.evse_id_din, 0, sizeof outlet->secc.evse_id_din);
    memset(outlet->secc.protocol, 0, sizeof outlet->secc.protocol);
    outlet->secc.protocol[CCS_PROTOCOL_DIN] = true;
    for (unsigned i = 0; i < sizeof outlet->lacks; i++) {
        outlet->lacks[i] = (outlet->guard.lacks & 1u << i) != 0;
    }
}

void charger_settings_defaults(charger_settings_t *settings)
{
    *settings = (charger_settings_t){
        .authorize = AUTHORIZE_FREE,
        .token_s = 60,
        .log_level = CCS_LEVEL_INFO,
        .log_lines_s = 25,
        .log_json_kB_max = 65536,
        .log_json_older = 4,
        .capture_kB_max = 65536,
        .captures_kB_max = 1048576,
        .captures_max = 1000,
        .stop_s = 30,
        .present = {true},
        .sim = {.follow_wire = true,
                .unplug_ms = 3000,
                .foreign_car = true,
                .battery_mV = 380000,
                .capacity_Wh = 60000,
                .soc_permille = 400},
    };
    for (unsigned i = 0; i < SETTING_OUTLETS_MAX; i++) {
        outlet_defaults(&settings->outlet[i], i + 1);
    }
    pace_text(settings);
}

void charger_evse_id_din(const char *evse_id, uint8_t octets[32], uint8_t *length)
{
    size_t count = strlen(evse_id);
    count = count > 32 ? 32 : count;
    memset(octets, 0, 32);
    memcpy(octets, evse_id, count);
    *length = (uint8_t)count;
}

static settings_result_t bad(char error[SETTINGS_ERROR_SIZE], const char *why)
{
    snprintf(error, SETTINGS_ERROR_SIZE, "%s", why);
    return SETTINGS_BAD;
}

static settings_result_t bad_outlet(char error[SETTINGS_ERROR_SIZE], unsigned number, const char *why)
{
    snprintf(error, SETTINGS_ERROR_SIZE, "[outlet.%u] %s", number, why);
    return SETTINGS_BAD;
}

/* What [evse] says is for all outlets; its rows name the first. */
static void evse_spread(charger_settings_t *settings)
{
    for (size_t i = 0; i < charger_rows_count; i++) {
        const setting_t *row = &charger_rows[i];
        const char *from = (const char *)settings + row->offset;
        const bool of_outlet = row->offset >= offsetof(charger_settings_t, outlet) &&
                               row->offset < offsetof(charger_settings_t, outlet) + sizeof settings->outlet[0];
        for (size_t k = 1; strcmp(row->section, EVSE) == 0 && of_outlet && k < SETTING_OUTLETS_MAX; k++) {
            memcpy((char *)settings + row->offset + k * sizeof settings->outlet[0], from, row->size);
        }
    }
    for (size_t k = 1; k < SETTING_OUTLETS_MAX; k++) {
        memcpy(settings->outlet[k].secc.pace, settings->outlet[0].secc.pace, sizeof settings->outlet[0].secc.pace);
    }
}

static void slac_finish(outlet_settings_t *outlet)
{
    ccs_slac_config_t *slac = &outlet->secc.slac;
    const ccs_slac_mode_t mode = outlet->slac_strict ? CCS_SLAC_STRICT : CCS_SLAC_FIELD;
    slac->mode = outlet->modem == MODEM_NONE ? CCS_SLAC_OFF : mode;
    for (size_t i = 0; i < CCS_SLAC_GROUPS; i++) {
        slac->offset_dB[i] = (int8_t)outlet->offset_dB;
    }
}

#define GUARD_REFUSES \
    "topology, lacks and meter_place leave no way to see a weld, or derate_1 .. derate_4 do not rise in dC and fall in permille"

/* What its table cannot tell the guard knows itself. */
static bool guard_takes(const ccs_guard_config_t *config)
{
    ccs_guard_t guard;
    return ccs_guard_init(&guard, config, 0) == CCS_OK;
}

static settings_result_t outlet_finish(outlet_settings_t *outlet, unsigned number, char error[SETTINGS_ERROR_SIZE])
{
    if (form_evse_id(outlet->evse_id) != NULL) {
        return bad_outlet(error, number, "evse_id: it has the form DE*CCS*E0001*1");
    }
    if (outlet->guard.mV_min > outlet->guard.mV_max) {
        return bad_outlet(error, number, "hardware_mV_min is above hardware_mV_max");
    }
    if (outlet->secc.mV_min > outlet->secc.limits.mV_max || outlet->secc.mA_min > outlet->secc.limits.charge_mA_max) {
        return bad_outlet(error, number, "offered_mV_min or offered_mA_min is above site_mV_max or site_mA_max");
    }
    if (outlet->secc.evse_id_din_length == 0) {
        charger_evse_id_din(outlet->evse_id, outlet->secc.evse_id_din, &outlet->secc.evse_id_din_length);
    }
    outlet->secc.evse_id = outlet->evse_id;
    outlet->secc.meter_id = outlet->meter_id;
    outlet->guard.meter_required = outlet->secc.meter_required;
    outlet->guard.lacks = 0;
    for (unsigned i = 0; i < sizeof outlet->lacks; i++) {
        outlet->guard.lacks = (uint8_t)(outlet->guard.lacks | (outlet->lacks[i] ? 1u << i : 0u));
    }
    slac_finish(outlet);
    return guard_takes(&outlet->guard) ? SETTINGS_OK : bad_outlet(error, number, GUARD_REFUSES);
}

/* Two outlets on one interface would answer each other's cars. */
static bool interface_shared(const charger_settings_t *settings, unsigned number)
{
    for (unsigned other = 1; other < number; other++) {
        const char *name = settings->outlet[other - 1].interface;
        if (settings->present[other - 1] && name[0] != '\0' && strcmp(name, settings->outlet[number - 1].interface) == 0) {
            return true;
        }
    }
    return false;
}

/* Each outlet has a file that grows, and one that was before it. */
static bool captures_fit(const charger_settings_t *settings)
{
    int64_t outlets = 0;
    for (size_t i = 0; i < SETTING_OUTLETS_MAX; i++) {
        outlets += settings->present[i];
    }
    return settings->captures_kB_max >= outlets * settings->capture_kB_max && settings->captures_max >= 2 * outlets;
}

settings_result_t charger_settings_finish(charger_settings_t *settings, char error[SETTINGS_ERROR_SIZE])
{
    const ccs_secc_config_t *secc = &settings->outlet[0].secc;
    memcpy(settings->pace_names, settings->pace, sizeof settings->pace_names);
    if (!form_pace_read(settings->pace_names, settings->outlet[0].secc.pace)) {
        return bad(error, "[evse] pace: a name that no request has, or more than four");
    }
    if (secc->tls != CCS_TLS_OFF && settings->pki.store[0] == '\0') {
        return bad(error, "[evse] tls: needs [pki] store, where certificates and keys are");
    }
    if (secc->port != 0 && secc->port == secc->port_tls) {
        return bad(error, "[evse] port and port_tls are the same");
    }
    if (secc->linger_ms > secc->close_ms) {
        return bad(error, "[evse] linger_ms is above close_ms");
    }
    if (!captures_fit(settings)) {
        return bad(error,
                   "[log] captures_kB_max: has no room for capture_kB_max of each outlet, and captures_max for two files each");
    }
    evse_spread(settings);
    for (unsigned number = 1; number <= SETTING_OUTLETS_MAX; number++) {
        if (!settings->present[number - 1]) {
            continue;
        }
        if (interface_shared(settings, number)) {
            return bad_outlet(error, number, "interface: another outlet has it already");
        }
        if (outlet_finish(&settings->outlet[number - 1], number, error) != SETTINGS_OK) {
            return SETTINGS_BAD;
        }
    }
    return SETTINGS_OK;
}
