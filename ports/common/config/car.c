/* The car's keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/car.h"
#include "ports/common/config/forms.h"
#include "ports/common/config/read.h"

#include <ctype.h>
#include <string.h>

static const char *const level_names[] = {"error", "warning", "info", "debug", NULL};
static const char *const protocol_names[] = {"", "din", NULL};
static const char *const protocol_absent[] = {"iso2", "iso20", NULL};
static const char *const close_names[] = {"both", "reported", "measured", NULL};
static const char *const tells_names[] = {"conditioning", "power",     "capacity",  "request",        "soc",
                                          "bulk",         "full-time", "bulk-time", "limits-in-loop", NULL};
static const char *const habit_names[] = {"no-units", "minutes",     "trailing-zero", "own-namespace",
                                          "keeps-c",  "ready-early", "abrupt-stop",   NULL};

#define AT(field) .offset = offsetof(car_settings_t, field), .size = sizeof(((car_settings_t *)0)->field)
#define BOOL(s, k, field, h)                                                     \
    {                                                                            \
        .section = (s), .key = (k), .type = SETTING_BOOL, AT(field), .help = (h) \
    }
#define INT(s, k, field, lo, hi, h)                                                                       \
    {                                                                                                     \
        .section = (s), .key = (k), .type = SETTING_INT, AT(field), .min = (lo), .max = (hi), .help = (h) \
    }
#define TEXT(s, k, field, h)                                                                                                      \
    {                                                                                                                             \
        .section = (s), .key = (k), .type = SETTING_TEXT, AT(field), .max = sizeof(((car_settings_t *)0)->field) - 1, .help = (h) \
    }
#define CHOICE(s, k, field, names, gone, h)                                                                              \
    {                                                                                                                    \
        .section = (s), .key = (k), .type = SETTING_CHOICE, AT(field), .choices = (names), .absent = (gone), .help = (h) \
    }
#define FLAGS(s, k, field, names, h)                                                                  \
    {                                                                                                 \
        .section = (s), .key = (k), .type = SETTING_FLAGS, AT(field), .choices = (names), .help = (h) \
    }

static const char *const modem_names[] = {"none", "linux", "spi-model", NULL};
#define SLAC_MIS_NAME(name, text) #name,
static const char *const slac_misbehave_names[] = {CCS_SLAC_MISBEHAVIOURS(SLAC_MIS_NAME) NULL};
#undef SLAC_MIS_NAME

static const char *const ocsp_names[] = {"off", "want", "require", NULL};
static const char *const backend_names[] = {"openssl", "mbedtls", NULL};
static const char *const versions_names[] = {"both", "1.2", "1.3", NULL};

#define CAR     "car"
#define TLS     "tls"
#define BATTERY "battery"
#define RUN     "run"
#define SLAC    "slac"
#define LOG     "log"

const setting_t car_rows[] = {
    CHOICE(CAR, "protocol", protocol, protocol_names, protocol_absent, "The protocol that the car offers."),
    {.section = CAR,
     .key = "evcc_id",
     .type = SETTING_OCTETS,
     AT(ev.evcc_id),
     .length_offset = offsetof(car_settings_t, ev.evcc_id_length),
     .max = 8,
     .help = "EVCCID in hex; empty: the interface's MAC address."},
    BOOL(CAR, "tls", ev.tls, "Asks for TLS, and goes where TLS is offered."),
    INT(CAR, "mV_max", ev.mV_max, 50000, 1500000, "Largest voltage that the car takes."),
    INT(CAR, "mA_max", ev.mA_max, 1000, 3000000, "Largest current that the car takes."),
    INT(CAR, "W_max", ev.W_max, 0, 4000000, "Largest power that the car takes; 0: not told."),
    INT(CAR, "mV_target", ev.mV_target, 0, 1500000, "Voltage asked for in the loop; 0: follows the battery."),
    INT(CAR, "precharge_first_mV", ev.precharge_first_mV, 0, 1500000, "Voltage of the first PreChargeReq; 0: the battery's."),
    INT(CAR, "precharge_mA", ev.precharge_mA, 0, 2000, "Current asked for in PreChargeReq."),
    CHOICE(CAR, "close_on", ev.close_on, close_names, NULL, "Whose voltage must stand within 20 V before the contactors close."),
    INT(CAR, "loop_ms", ev.loop_ms, 0, 60000, "Pause between CurrentDemandRes and the next request."),
    INT(CAR, "poll_ms", ev.poll_ms, 0, 60000, "Pause between repeats while the charger says 'Ongoing'."),
    BOOL(CAR, "weld_test", ev.weld_test, "Ask for WeldingDetection at the end."),
    INT(CAR, "session_id_length", ev.session_id_length, 0, 8, "Zeros in the session id of SessionSetupReq."),
    INT(CAR, "schema_id", ev.schema_id, 0, 255, "SchemaID in the protocol offer."),
    FLAGS(CAR, "tells", tells, tells_names, "Optional elements that the car sends."),
    FLAGS(CAR, "habits", habits, habit_names, "Habits of real cars."),
    {.section = CAR,
     .key = "misbehave_at",
     .type = SETTING_TEXT,
     AT(misbehave_at),
     .max = CAR_MESSAGE_SIZE - 1,
     .form = form_request,
     .help = "Request at which the misbehaviour of --misbehave happens."},
    INT(CAR, "misbehave_count", ev.misbehave_count, 1, 1000000, "At how many of these requests it happens."),
    INT(CAR, "misbehave_value", ev.misbehave_value, 0, 1000000, "Its figure, where it has one."),
    INT(CAR, "misbehave_ms", ev.misbehave_ms, 0, 600000, "Its time, where it has one."),

    INT(BATTERY, "pack_mV", ev.pack_mV, 50000, 1500000, "Open-circuit voltage at plug-in."),
    INT(BATTERY, "capacity_Wh", ev.capacity_Wh, 1, 1000000, "Capacity; a small one is soon full."),
    INT(BATTERY, "resistance_mohm", battery_mohm, 0, 10000, "Inner resistance."),
    INT(BATTERY, "soc_permille", ev.soc_begin_permille, 0, 1000, "State of charge at plug-in."),
    INT(BATTERY, "soc_stop_permille", ev.soc_stop_permille, 1, 1000, "Ends the charge."),
    INT(BATTERY, "soc_bulk_permille", ev.soc_bulk_permille, 0, 1000, "BulkChargingComplete from there on."),
    INT(BATTERY, "energy_stop_Wh", ev.energy_stop_Wh, 0, 1000000, "Ends the charge; 0: no such stop."),
    INT(BATTERY, "duration_stop_ms", ev.duration_stop_ms, 0, 86400000, "Ends the charge so long after it began; 0: no such stop."),

    CHOICE(SLAC, "modem", modem, modem_names, NULL,
           "none: the interface is the link. linux: a PLC modem bridged to the interface, SLAC over it. spi-model: a modelled "
           "QCA7000 behind the driver."),
    {.section = SLAC,
     .key = "run_id",
     .type = SETTING_OCTETS,
     AT(run_id),
     .length_offset = offsetof(car_settings_t, run_id_length),
     .max = 8,
     .form = form_run_id,
     .help = "RunID of every attempt in hex, 8 octets (Tesla: 5445534C41204556); empty: random."},
    INT(SLAC, "direct_dB", ev.slac.direct_dB, 0, 100,
        "Mean attenuation up to this: the charger is found. The next plug's charger is some 30 dB weaker than the own."),
    INT(SLAC, "indirect_dB", ev.slac.indirect_dB, 0, 100,
        "Up to this: perhaps, if toggles of the pilot validate it; with validate off, and above: not ours."),
    BOOL(SLAC, "validate", ev.slac.validate, "May ask for validation."),
    INT(SLAC, "match_delay_ms", ev.slac.match_delay_ms, 0, 5000, "Pause before CM_SLAC_MATCH.REQ."),
    INT(SLAC, "repetition_ms", ev.slac.repetition_ms, 1000, 600000, "New attempts for so long (TT_matching_repetition)."),
    CHOICE(SLAC, "misbehave", slac_misbehave, slac_misbehave_names, NULL, "A fault that this car brings into SLAC."),
    INT(SLAC, "misbehave_value", ev.slac.misbehave_value, 0, INT32_MAX, "Its figure, where it has one."),

    CHOICE(TLS, "backend", tls.backend, backend_names, NULL, "The library that does TLS; what each can do: docs/TLS.md."),
    CHOICE(TLS, "versions", tls.versions, versions_names, NULL, "What the car offers."),
    CHOICE(TLS, "ocsp", tls.ocsp, ocsp_names, NULL,
           "off: not asked for. want: a charger whose OCSP response is not good is refused. require: one without a response, too."),
    TEXT(TLS, "chain", tls.chain,
         "The vehicle certificate and what stands above it, leaf first (PEM); empty: none, and no TLS 1.3 then."),
    TEXT(TLS, "key", tls.key, "... and its private key, which no other user may read."),
    TEXT(TLS, "v2g_roots", tls.v2g_roots, "V2G roots (PEM): chargers stand below them."),
    TEXT(TLS, "password", tls.password, "File whose first line opens an encrypted key; empty: it is not encrypted."),
    BOOL(TLS, "static_ecdh", tls.static_ecdh, "Offers the suite of TLS 1.2 without forward secrecy, and that alone."),
    BOOL(TLS, "compat", tls.compat, "P-256 in TLS 1.3 as well."),

    INT(RUN, "sessions", sessions, 1, 1000000, "So many sessions, with the connector pulled in between."),
    INT(RUN, "again", again, 0, 1000000,
        "After a session that failed the connector stays in, and the car begins again when it sees 5 %; so many times."),
    INT(RUN, "pause_ms", pause_ms, 0, 3600000, "How long the connector is out in between."),
    TEXT(RUN, "plug", plug, "Control socket of a ccs-evse with simulated hardware, whose connector follows this car; empty: none."),
    BOOL(RUN, "cable", cable,
         "Tell a simulated charger on the same network of plug and pilot (UDP port 15117 of ff02::1), and believe its pilot."),
    TEXT(RUN, "control", control, "Path of this car's control socket; empty: none."),
    CHOICE(LOG, "level", log_level, level_names, NULL, "What goes to standard error: this level and worse."),
    INT(LOG, "lines_s", log_lines_s, 0, 10000,
        "Of one kind (room and event) each log takes so many lines a second, and a burst of four seconds' worth; what is left "
        "out is counted and told. 0: no limit."),
    TEXT(LOG, "json", log_json, "File that every trace record is appended to as a line of JSON; empty: none."),
    INT(LOG, "json_kB_max", log_json_kB_max, 64, 4000000,
        "That file takes at most so much (1 kB is 1000 octets); then it becomes FILE.1, the former FILE.1 becomes FILE.2 ..."),
    INT(LOG, "json_older", log_json_older, 0, 100, "... and so many of them are kept."),
    TEXT(LOG, "capture", capture, "Pcapng file of all sessions; empty: none."),
    INT(LOG, "capture_kB_max", capture_kB_max, 256, 4000000,
        "It takes at most so much (1 kB is 1000 octets); beyond it all but the last packets is left out, and it says how much."),
};
const size_t car_rows_count = sizeof car_rows / sizeof car_rows[0];

static void bits_spread(unsigned bits, bool *flag, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        flag[i] = (bits >> i & 1u) != 0;
    }
}

static uint16_t bits_gather(const bool *flag, size_t count)
{
    unsigned bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= flag[i] ? 1u << i : 0u;
    }
    return (uint16_t)bits;
}

static void flags_from_core(car_settings_t *settings)
{
    bits_spread(settings->ev.tells, settings->tells, sizeof settings->tells);
    bits_spread(settings->ev.habits, settings->habits, sizeof settings->habits);
}

void car_settings_defaults(car_settings_t *settings)
{
    *settings = (car_settings_t){.protocol = CCS_PROTOCOL_DIN,
                                 .battery_mohm = 50,
                                 .sessions = 1,
                                 .pause_ms = 2000,
                                 .cable = true,
                                 .log_level = CCS_LEVEL_INFO,
                                 .log_lines_s = 25,
                                 .log_json_kB_max = 65536,
                                 .log_json_older = 4,
                                 .capture_kB_max = 65536,
                                 .tls = {.ocsp = TLS_SETTINGS_OCSP_WANT}};
    ccs_ev_defaults(&settings->ev);
    settings->ev.evcc_id_length = 0;
    memset(settings->ev.evcc_id, 0, sizeof settings->ev.evcc_id);
    flags_from_core(settings);
}

bool car_settings_preset(car_settings_t *settings, const char *name)
{
    if (ccs_ev_preset(&settings->ev, name) != CCS_OK) {
        return false;
    }
    flags_from_core(settings);
    return true;
}

static settings_result_t bad(char error[SETTINGS_ERROR_SIZE], const char *why, const char *text)
{
    snprintf(error, SETTINGS_ERROR_SIZE, "%s: '%.80s'", why, text);
    return SETTINGS_BAD;
}

/* "bad-exi" and "BAD_EXI" are the same. */
static bool name_same(const char *name, const char *text, size_t length)
{
    if (strlen(name) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const char letter = text[i] == '-' ? '_' : (char)toupper((unsigned char)text[i]);
        if (letter != name[i]) {
            return false;
        }
    }
    return true;
}

static ccs_misbehave_t misbehave_find(const char *text, size_t length)
{
    for (int i = 1; i < CCS_MIS_COUNT; i++) {
        if (name_same(ccs_misbehave_name((ccs_misbehave_t)i), text, length)) {
            return (ccs_misbehave_t)i;
        }
    }
    return CCS_MIS_COUNT;
}

settings_result_t car_settings_misbehave(car_settings_t *settings, const char *text, char error[SETTINGS_ERROR_SIZE])
{
    const char *at = strchr(text, '@');
    const char *colon = at == NULL ? NULL : strchr(at, ':');
    const ccs_misbehave_t kind = at == NULL ? CCS_MIS_COUNT : misbehave_find(text, (size_t)(at - text));
    if (kind == CCS_MIS_COUNT) {
        return bad(error, "--misbehave takes NAME@MESSAGE[:n], NAME as in the man page", text);
    }
    const size_t length = colon == NULL ? strlen(at + 1) : (size_t)(colon - at - 1);
    char message[CAR_MESSAGE_SIZE] = "";
    if (length < sizeof message) {
        memcpy(message, at + 1, length);
    }
    if (message[0] == '\0' || form_request(message) != NULL) {
        return bad(error, "--misbehave: behind the @ stands a request, as in PreChargeReq", text);
    }
    int64_t count = 1;
    if (colon != NULL && !read_number(colon + 1, 1, 1000000, &count)) {
        return bad(error, "--misbehave: the count behind the : is 1 .. 1000000", text);
    }
    memcpy(settings->misbehave_at, message, sizeof message);
    settings->ev.misbehave = kind;
    settings->ev.misbehave_count = (uint32_t)count;
    return SETTINGS_OK;
}

settings_result_t car_settings_finish(car_settings_t *settings, char error[SETTINGS_ERROR_SIZE])
{
    if (settings->ev.pack_mV > settings->ev.mV_max) {
        snprintf(error, SETTINGS_ERROR_SIZE, "[battery] pack_mV is above [car] mV_max");
        return SETTINGS_BAD;
    }
    if (settings->ev.tls && settings->tls.v2g_roots[0] == '\0') {
        snprintf(error, SETTINGS_ERROR_SIZE, "[car] tls: needs [tls] v2g_roots");
        return SETTINGS_BAD;
    }
    settings->ev.protocol = (ccs_protocol_t)settings->protocol;
    settings->ev.tells = bits_gather(settings->tells, sizeof settings->tells);
    settings->ev.habits = bits_gather(settings->habits, sizeof settings->habits);
    settings->ev.misbehave_at = settings->misbehave_at;
    if (settings->run_id_length != 0 && settings->run_id_length != sizeof settings->run_id) {
        snprintf(error, SETTINGS_ERROR_SIZE, "[slac] run_id: 8 octets, or none");
        return SETTINGS_BAD;
    }
    settings->ev.slac.mode = settings->modem == 0 ? CCS_SLAC_OFF : CCS_SLAC_FIELD;
    settings->ev.slac.misbehave = (ccs_slac_misbehave_t)settings->slac_misbehave;
    memcpy(settings->ev.slac.run_id, settings->run_id, sizeof settings->run_id);
    return SETTINGS_OK;
}
