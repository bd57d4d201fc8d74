/* The charger's communication: settings, one step, what is asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/trace.h"
#include "secc/private.h"

#include <string.h>

_Static_assert(sizeof(secc_t) <= sizeof(ccs_secc_t), "CCS_SECC_WORDS in ccs/secc.h holds secc_t");
_Static_assert(_Alignof(secc_t) <= _Alignof(ccs_secc_t), "secc_t lies in 64-bit words");

static secc_t *inside(ccs_secc_t *secc)
{
    return (secc_t *)(void *)secc->private_words;
}

static const secc_t *look(const ccs_secc_t *secc)
{
    return (const secc_t *)(const void *)secc->private_words;
}

ccs_action_t *secc_action(secc_t *secc, ccs_action_type_t type, uint8_t link)
{
    CCS_ASSERT(secc->out->count < CCS_ACTIONS_MAX);
    ccs_action_t *const action = &secc->out->action[secc->out->count++];
    *action = (ccs_action_t){.type = type, .link = link};
    return action;
}

void secc_note(const secc_t *secc, ccs_level_t level, const char *event, const char *name, const char *text, int64_t number)
{
    trace_emit(&secc->config.trace, &(ccs_trace_record_t){.now_ms = secc->now_ms,
                                                          .level = level,
                                                          .room = "secc",
                                                          .event = event,
                                                          .fields = 1,
                                                          .field = {{.name = name, .text = text, .number = number}}});
}

void ccs_secc_defaults(ccs_secc_config_t *config)
{
    *config = (ccs_secc_config_t){.tls = CCS_TLS_OFF,
                                  .evse_id = "ZZ*CCS*E0001*1",
                                  .evse_id_din = {0x5A, 0x5A, 0x00, 0x00, 0x00, 0x00, 0x01},
                                  .evse_id_din_length = 7,
                                  .meter_id = "",
                                  .limits = {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 100000},
                                  .mV_min = 150000,
                                  .mA_min = 0,
                                  .mA_ripple = 1000,
                                  .meter_required = false,
                                  .pilot_gating = true,
                                  .pilot_stop_strict = false,
                                  .setup_ms = 18000,
                                  .sequence_ms = 60000,
                                  .lease_ms = 1000,
                                  .authorization_ms = 55000,
                                  .cable_check_ms = 38000,
                                  .contactor_ms = 1500,
                                  .close_ms = 5000,
                                  .linger_ms = 2000,
                                  .pilot_ms = 1500,
                                  .verdict_ms = 250,
                                  .stop_ms = 20000,
                                  .fault_ms = 8000,
                                  .profile_strict = false,
                                  .meter_age_ms = 5000,
                                  .decode_errors_max = 2,
                                  .slac = {.init_ms = SLAC_EVSE_INIT_MS, .tries = SLAC_SEQUENCE_RETRIES}};
    config->protocol[CCS_PROTOCOL_DIN] = true;
}

/* --- init -------------------------------------------------------------------------------------------------------------------- */

static bool protocols_fit(const ccs_secc_config_t *config)
{
    return config->protocol[CCS_PROTOCOL_DIN] && !config->protocol[CCS_PROTOCOL_ISO2] && !config->protocol[CCS_PROTOCOL_ISO20_DC];
}

static bool config_fits(const ccs_secc_config_t *config)
{
    const ccs_limits_t *const limits = &config->limits;
    return (config->port != 0 || config->port_tls != 0) && config->evse_id_din_length >= 1 &&
           config->evse_id_din_length <= sizeof config->evse_id_din && limits->mV_max > 0 && limits->charge_mA_max >= 0 &&
           limits->power_W_max >= 0 && config->mV_min >= 0 && config->mA_min >= 0 && config->setup_ms > 0 &&
           config->sequence_ms > 0 && config->lease_ms > 0 && config->contactor_ms > 0 && config->contactor_ms <= 1500 &&
           config->close_ms >= CHARGE_SHORT_MS;
}

/* A source address that belongs to one host, and figures of the norm. */
static bool slac_fits(const ccs_slac_config_t *slac)
{
    static const uint8_t zero[6] = {0};
    if (slac->mode == CCS_SLAC_OFF) {
        return true;
    }
    return slac->mode <= CCS_SLAC_STRICT && slac->sha256 && memcmp(slac->mac, zero, sizeof zero) != 0 && (slac->mac[0] & 1) == 0 &&
           slac->validation <= CCS_SLAC_VALIDATION_READY && slac->init_ms >= 20000 && slac->init_ms <= 50000;
}

static bool buffers_fit(const ccs_secc_buffers_t *buffers)
{
    return buffers->rx && buffers->tx && buffers->arena && buffers->rx_size >= CCS_RX_SIZE_MIN &&
           buffers->tx_size >= CCS_TX_SIZE_MIN && buffers->arena_size >= CCS_ARENA_SIZE_MIN;
}

ccs_err_t ccs_secc_init(ccs_secc_t *instance, const ccs_secc_config_t *config, const ccs_secc_buffers_t *buffers, int64_t now_ms)
{
    if (!protocols_fit(config)) {
        return CCS_ERR_UNSUPPORTED;
    }
    if (!config_fits(config) || !slac_fits(&config->slac)) {
        return CCS_ERR_CONFIG;
    }
    if (!buffers_fit(buffers)) {
        return CCS_ERR_SPACE;
    }
    memset(instance, 0, sizeof *instance);
    secc_t *const secc = inside(instance);
    secc->config = *config;
    secc->now_ms = now_ms;
    secc->boot_ms = now_ms;
    secc->until_ms = INT64_MAX;
    secc->setup_until_ms = INT64_MAX;
    secc->ef_ms = INT64_MAX;
    secc->link = SECC_NO_LINK;
    secc->tx = buffers->tx;
    charge_init(&secc->charge, &secc->config, &secc->stats);
    if (config->unfinished) {
        charge_resume(&secc->charge, config->unfinished);
        secc->interrupted = true;
    }
    secc->config.unfinished = NULL;
    secc_match_init(secc);
    v2gtp_reader_init(&secc->reader, buffers->rx, buffers->rx_size);
    secc->session = (session_t){.config = &secc->config,
                                .stats = &secc->stats,
                                .charge = &secc->charge,
                                .jobs = &secc->jobs,
                                .exi = buffers->tx + V2GTP_HEADER_SIZE,
                                .exi_size = buffers->tx_size - V2GTP_HEADER_SIZE,
                                .arena = (uint8_t *)buffers->arena,
                                .arena_size = buffers->arena_size};
    return CCS_OK;
}

/* --- step -------------------------------------------------------------------------------------------------------------------- */

static void on_time(secc_t *secc, const ccs_event_t *event)
{
    (void)secc;
    (void)event;
}

static void on_answer(secc_t *secc, const ccs_event_t *event)
{
    jobs_answer(&secc->jobs, &event->answer);
}

static void on_limits(secc_t *secc, const ccs_event_t *event)
{
    charge_limits(&secc->charge, &event->limits);
}

/* CCS_ON_BODY belongs to a car; what SLAC needs goes to secc_match_event(). */
static void (*const handlers[])(secc_t *secc, const ccs_event_t *event) = {
    [CCS_ON_TIME] = on_time,
    [CCS_ON_REPORT] = secc_on_report,
    [CCS_ON_BODY] = on_time,
    [CCS_ON_DLINK] = secc_on_dlink,
    [CCS_ON_DATAGRAM] = secc_on_datagram,
    [CCS_ON_CONNECT] = secc_on_connect,
    [CCS_ON_SECURED] = secc_on_secured,
    [CCS_ON_BYTES] = secc_on_bytes,
    [CCS_ON_CLOSED] = secc_on_closed,
    [CCS_ON_ANSWER] = on_answer,
    [CCS_ON_LIMITS] = on_limits,
    [CCS_ON_STOP] = secc_on_stop,
    [CCS_ON_RESET] = secc_on_reset,
    [CCS_ON_MME] = on_time,
    [CCS_ON_NEIGHBOUR] = on_time,
    [CCS_ON_MODEM] = on_time,
};

static void begin_step(secc_t *secc, const ccs_event_t *event, ccs_outputs_t *out)
{
    memset(out, 0, sizeof *out);
    secc->out = out;
    secc->now_ms = event->now_ms > secc->now_ms ? event->now_ms : secc->now_ms; /* time does not go back */
    secc->session.now_ms = secc->now_ms;
    secc->session.utc_s = event->utc_s;
    jobs_at(&secc->jobs, out);
    charge_at(&secc->charge, secc->now_ms, event->utc_s);
    secc_match_begin_step(secc);
}

/* Who may connect: the car whose SDP request was answered. */
static ccs_admit_t admit(const secc_t *secc)
{
    ccs_admit_t admit = {.only = secc->has_asker};
    if (admit.only) {
        memcpy(admit.address, secc->asker, sizeof admit.address);
        memcpy(admit.mac, secc->asker_mac, sizeof admit.mac);
    }
    return admit;
}

static void end_step(secc_t *secc, ccs_outputs_t *out)
{
    const v2gtp_stats_t *const v2gtp = v2gtp_reader_stats(&secc->reader);
    secc->stats.v2gtp_malformed = v2gtp->malformed;
    secc->stats.v2gtp_too_long = v2gtp->too_long;
    secc->stats.answers_dead = secc->jobs.dead;
    out->want = charge_want(&secc->charge, secc_pilot(secc));
    const bool listens = secc_open(secc) && (secc->has_asker || !secc_has_slac(secc));
    out->listen = listens && secc->config.port != 0 && secc->config.tls != CCS_TLS_REQUIRE;
    out->listen_tls = listens && secc->config.port_tls != 0 && secc->config.tls != CCS_TLS_OFF;
    out->admit = admit(secc);
    secc->out = NULL;
    jobs_at(&secc->jobs, NULL);
}

void ccs_secc_step(ccs_secc_t *instance, const ccs_event_t *event, ccs_outputs_t *out)
{
    secc_t *const secc = inside(instance);
    begin_step(secc, event, out);
    if (event->type < sizeof handlers / sizeof *handlers) {
        handlers[event->type](secc, event);
    }
    if (secc_has_slac(secc)) {
        secc_match_event(secc, event);
    }
    secc_advance(secc);
    if (secc_has_slac(secc)) {
        secc_match_serve(secc);
        secc_match_end_step(secc);
    }
    end_step(secc, out);
}

/* --- looking in -------------------------------------------------------------------------------------------------------------- */

int64_t ccs_secc_deadline_ms(const ccs_secc_t *secc)
{
    return secc_next_ms(look(secc));
}

size_t ccs_secc_window(const ccs_secc_t *instance, uint8_t link)
{
    const secc_t *const secc = look(instance);
    if (secc->link != (int)link || session_parked(&secc->session)) {
        return 0;
    }
    /* After the last answer octets are read to see the car's FIN behind them, and dropped. */
    return secc->state == SECC_TALK ? v2gtp_reader_window(&secc->reader) : V2GTP_HEADER_SIZE;
}

const ccs_record_t *ccs_secc_record(const ccs_secc_t *secc)
{
    return &look(secc)->charge.record;
}

const ccs_secc_stats_t *ccs_secc_stats(const ccs_secc_t *secc)
{
    return &look(secc)->stats;
}

ccs_slac_status_t ccs_secc_slac(const ccs_secc_t *secc)
{
    return secc_match_status(look(secc));
}

const ccs_slac_stats_t *ccs_secc_slac_stats(const ccs_secc_t *secc)
{
    return &look(secc)->match.evse.stats;
}

const ccs_limits_t *ccs_secc_limits(const ccs_secc_t *secc)
{
    return &look(secc)->charge.limits;
}

const char *ccs_secc_wait_name(const ccs_secc_t *instance)
{
    const secc_t *const secc = look(instance);
    if (secc->state == SECC_IDLE && secc_has_slac(secc)) {
        return secc_match_wait_name(secc);
    }
    if (secc->state != SECC_TALK) {
        return secc_state_name(secc->state);
    }
    return secc->session.protocol ? session_wait_name(secc->session.wait) : "SupportedAppProtocol";
}
