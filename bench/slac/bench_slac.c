/* bench-slac WHAT [HEX|LENGTH] COUNT: one thing, so many times; nothing else happens in the loop.
 *
 *   decode HEX | encode HEX     a management message
 *   out LENGTH | in LENGTH      a frame through the modem driver, over a bus that answers from a script
 *   charger | car               one match: the events of a real one, recorded first, given to a fresh machine each time
 *   time                        prints each wait from plug to link, in virtual ms, beside the least that the norm allows; COUNT is
 *                               not used
 * Ends with 0 if every repetition did what it should. Count instructions as the difference of two runs (measure.py does).
 * SHA-256 of the network id is a stand-in: it belongs to the board's crypto.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/qca7000.h"
#include "sim/line/line.h"
#include "slac/ev.h"
#include "slac/evse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EVENTS = 512, STORE = 1 << 17, LOOP_MS = 3000, ETHERTYPE_IPV6 = 0x86DD };

static bool unhex(const char *hex, uint8_t *octets, size_t size, size_t *length)
{
    unsigned value;
    *length = 0;
    for (; hex[0] && hex[1] && *length < size; hex += 2) {
        if (sscanf(hex, "%2x", &value) != 1) {
            return false;
        }
        octets[(*length)++] = (uint8_t)value;
    }
    return *length > 0 && hex[0] == 0;
}

/* --- messages -------------------------------------------------------------------------------------------------------------------
 */

static bool messages(const char *hex, bool encode, unsigned long count)
{
    uint8_t octets[MME_SIZE_MAX], again[MME_SIZE_MAX];
    size_t length, written;
    mme_t mme;
    if (!unhex(hex, octets, sizeof octets, &length) || mme_decode((ccs_view_t){octets, length}, &mme) != CCS_OK) {
        return false;
    }
    bool good = true;
    for (unsigned long i = 0; i < count && good; i++) {
        good = encode ? mme_encode(&mme, again, sizeof again, &written) == CCS_OK
                      : mme_decode((ccs_view_t){octets, length}, &mme) == CCS_OK;
    }
    return good;
}

/* --- frames through the driver --------------------------------------------------------------------------------------------------
 */

/* A chip that always has room, and one packet when told so. */
typedef struct script {
    uint8_t packet[QCA_FRAME_MAX + 14];
    uint16_t length; /* of the packet that waits */
    unsigned long frames, transfers;
} script_t;

static uint16_t answer(const script_t *script, uint16_t command)
{
    switch (command & ~(QCA_READ | QCA_INTERNAL)) {
    case QCA_REG_SIGNATURE:
        return QCA_SIGNATURE;
    case QCA_REG_WRBUF_SPC_AVA:
        return QCA_WRBUF_SIZE;
    case QCA_REG_RDBUF_BYTE_AVA:
        return script->length;
    case QCA_REG_INTR_CAUSE:
        return (uint16_t)(QCA_INTR_PKT_AVLBL * (script->length > 0));
    default:
        return 0;
    }
}

static bool transfer(void *ctx, const qca_transfer_t *transfer)
{
    script_t *const script = ctx;
    script->transfers++;
    if (!transfer->rx) {
        return true;
    }
    if (transfer->command & QCA_INTERNAL) {
        const uint16_t value = answer(script, transfer->command);
        transfer->rx[0] = (uint8_t)(value >> 8);
        transfer->rx[1] = (uint8_t)value;
        return true;
    }
    memcpy(transfer->rx, script->packet, transfer->length);
    script->length = 0;
    return true;
}

static void frame(void *ctx, ccs_view_t frame)
{
    ((script_t *)ctx)->frames += frame.length > 0;
}

static void notice(void *ctx, qca_notice_t notice, qca_why_t why)
{
    (void)ctx, (void)notice, (void)why;
}

static void put_packet(script_t *script, uint16_t length)
{
    uint8_t *const at = script->packet;
    memset(at, 0, sizeof script->packet);
    at[2] = (uint8_t)((length + 10) >> 8);
    at[3] = (uint8_t)(length + 10);
    memset(at + 4, 0xAA, 4);
    at[8] = (uint8_t)length;
    at[9] = (uint8_t)(length >> 8);
    at[12 + length] = at[13 + length] = 0x55;
}

static bool frames(uint16_t length, bool out, unsigned long count)
{
    static uint8_t rx[QCA_RX_SIZE_WHOLE], whole[QCA_FRAME_MAX], tx[QCA_TX_SIZE_MIN], payload[QCA_FRAME_MAX];
    static script_t script;
    const qca_io_t io = {.ctx = &script, .transfer = transfer, .frame = frame, .notice = notice};
    qca_t qca;
    if (length < QCA_FRAME_MIN || length > QCA_FRAME_MAX) {
        return false;
    }
    qca_init(&qca, &(qca_config_t){.rx = rx, .rx_size = sizeof rx, .frame = whole, .tx = tx, .tx_size = sizeof tx}, 0);
    put_packet(&script, length);
    for (int64_t now_ms = 0; !qca_is_ready(&qca); now_ms += QCA_RESET_POLL_MS) {
        qca_run(&qca, &io, now_ms, false);
    }
    const int64_t now_ms = qca.poll_ms - 1; /* no supervision in the loop */
    for (unsigned long i = 0; i < count; i++) {
        uint8_t *const to = out ? qca_put(&qca, length) : NULL;
        if (to) {
            memcpy(to, payload, length);
        }
        script.length = out ? 0 : (uint16_t)(length + 14);
        qca_run(&qca, &io, now_ms, !out);
    }
    return out ? qca.stats.frames_out == count : script.frames == count;
}

/* --- a match --------------------------------------------------------------------------------------------------------------------
 */

typedef struct recording {
    slac_event_t event[EVENTS];
    size_t events;
    uint8_t store[STORE];
    size_t stored;
} recording_t;

/* What can be seen on the line and at its ends, in the order of a match. */
typedef enum moment {
    MOMENT_PLUG,
    MOMENT_PARM,
    MOMENT_START,
    MOMENT_SOUND,
    MOMENT_LAST_SOUND,
    MOMENT_MATCH,
    MOMENT_CAR_LINK,
    MOMENT_CHARGER_LINK,
    MOMENTS
} moment_t;

typedef struct match {
    line_t line;
    slac_evse_t evse;
    slac_ev_t ev;
    slac_evse_out_t evse_out;
    slac_ev_out_t ev_out;
    recording_t of_evse, of_ev;
    int64_t now_ms, at_ms[MOMENTS]; /* at_ms: 0: not yet */
    uint8_t drawn;
} match_t;

static void digest(const uint8_t *at, size_t length, uint8_t out[32])
{
    for (size_t i = 0; i < 32; i++) {
        out[i] = (uint8_t)(at[i % length] * 7 + i);
    }
}

static const ccs_slac_config_t charger = {.mode = CCS_SLAC_FIELD,
                                          .mac = {2, 0, 0, 0, 0x5E, 0},
                                          .sha256 = digest,
                                          .init_ms = SLAC_EVSE_INIT_MS,
                                          .tries = SLAC_SEQUENCE_RETRIES};
static const ccs_slac_ev_config_t car = {.mac = {2, 0, 0, 0, 0xCA, 0},
                                         .direct_dB = 25,
                                         .indirect_dB = 40,
                                         .match_delay_ms = SLAC_EV_MATCH_SESSION_MS,
                                         .repetition_ms = SLAC_EV_REPETITION_MS};
static const ccs_trace_t no_trace = {.hook = NULL};

static void keep(recording_t *recording, slac_event_t event)
{
    if (recording->events == EVENTS || recording->stored + MME_SIZE_MAX > STORE) {
        abort();
    }
    if (event.type == SLAC_ON_FRAME) {
        memcpy(recording->store + recording->stored, event.frame.at, event.frame.length);
        event.frame.at = recording->store + recording->stored;
        recording->stored += event.frame.length;
    }
    recording->event[recording->events++] = event;
}

static void note(match_t *match, moment_t moment)
{
    match->at_ms[moment] = match->at_ms[moment] ? match->at_ms[moment] : match->now_ms;
}

static void note_frame(match_t *match, const slac_out_frame_t *frame)
{
    enum { SOUND_COUNT = 38 }; /* counts down */
    switch (frame->octets[15] | frame->octets[16] << 8) {
    case MME_CM_SLAC_PARM_REQ:
        note(match, MOMENT_PARM);
        return;
    case MME_CM_START_ATTEN_CHAR_IND:
        note(match, MOMENT_START);
        return;
    case MME_CM_MNBC_SOUND_IND:
        note(match, frame->octets[SOUND_COUNT] == 0 ? MOMENT_LAST_SOUND : MOMENT_SOUND);
        return;
    case MME_CM_SLAC_MATCH_REQ:
        note(match, MOMENT_MATCH);
        return;
    default:
        return;
    }
}

/* A car begins with the solicitation for its own address as soon as its link is up. */
static void say_ipv6(match_t *match)
{
    uint8_t octets[80] = {0x33, 0x33, 0xFF, [12] = ETHERTYPE_IPV6 >> 8, [13] = ETHERTYPE_IPV6 & 0xFF};
    memcpy(octets + 6, car.mac, sizeof car.mac);
    line_send(&match->line, 1, match->now_ms, (ccs_view_t){octets, sizeof octets});
}

static void step(match_t *match, bool of_charger, slac_event_t event)
{
    event.now_ms = match->now_ms;
    keep(of_charger ? &match->of_evse : &match->of_ev, event);
    match->evse_out = (slac_evse_out_t){.count = 0};
    match->ev_out = (slac_ev_out_t){.count = 0};
    const slac_out_frame_t *const out = of_charger ? match->evse_out.frame : match->ev_out.frame;
    const slac_dlink_t *const dlink = of_charger ? &match->evse_out.dlink : &match->ev_out.dlink;
    if (of_charger) {
        slac_evse_step(&match->evse, &event, &match->evse_out);
    } else {
        slac_ev_step(&match->ev, &event, &match->ev_out);
    }
    const size_t count = of_charger ? match->evse_out.count : match->ev_out.count;
    const bool need_random = of_charger ? match->evse_out.need_random : match->ev_out.need_random;
    const bool linked = *dlink == SLAC_DLINK_UP;
    for (size_t i = 0; i < count; i++) {
        note_frame(match, &out[i]);
        line_send(&match->line, of_charger ? 0 : 1, match->now_ms, (ccs_view_t){out[i].octets, out[i].length});
    }
    if (linked) {
        note(match, of_charger ? MOMENT_CHARGER_LINK : MOMENT_CAR_LINK);
    }
    if (linked && !of_charger) {
        say_ipv6(match);
    }
    if (need_random) {
        slac_event_t random = {.type = SLAC_ON_RANDOM};
        memset(random.random, ++match->drawn, sizeof random.random);
        step(match, of_charger, random);
    }
}

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    if ((frame.at[12] << 8 | frame.at[13]) == ETHERTYPE_IPV6) {
        slac_event_t event = {.type = SLAC_ON_IPV6};
        memcpy(event.mac, frame.at + 6, sizeof event.mac);
        step(ctx, node == 0, event);
        return;
    }
    step(ctx, node == 0, (slac_event_t){.type = SLAC_ON_FRAME, .frame = frame});
}

/* All that is due in this millisecond, and what comes of it. */
static void settle(match_t *match)
{
    bool due = true;
    while (due) {
        line_step(&match->line, match->now_ms);
        due = true;
        if (match->now_ms >= slac_evse_deadline_ms(&match->evse)) {
            step(match, true, (slac_event_t){.type = SLAC_ON_TIME});
        } else if (match->now_ms >= slac_ev_deadline_ms(&match->ev)) {
            step(match, false, (slac_event_t){.type = SLAC_ON_TIME});
        } else {
            due = false;
        }
    }
}

static bool linked(const match_t *match)
{
    return match->at_ms[MOMENT_CAR_LINK] && match->at_ms[MOMENT_CHARGER_LINK];
}

static void run_until(match_t *match, int64_t until_ms)
{
    for (settle(match); match->now_ms < until_ms && !linked(match); settle(match)) {
        match->now_ms++;
    }
}

/* One charger and its car on a quiet line, modems and line without delay; the charger has its key before the plug. */
static match_t *record(void)
{
    match_t *const match = calloc(1, sizeof *match);
    if (!match) {
        abort();
    }
    line_init(&match->line, 1, deliver, match);
    (void)line_add(&match->line, charger.mac, (const uint8_t[6]){0, 0xB0, 0x52, 0, 0, 1}, true);
    (void)line_add(&match->line, car.mac, (const uint8_t[6]){0, 0xB0, 0x52, 0, 0, 2}, false);
    match->line.node[0].key_busy_ms = match->line.node[1].key_busy_ms = 0;
    match->line.node[0].instant = match->line.node[1].instant = true;
    match->line.delay_ms = 0;
    line_attenuate(&match->line, 0, 1, 15);
    slac_evse_init(&match->evse, &charger, &no_trace, 0);
    slac_ev_init(&match->ev, &car, &no_trace, 0);
    step(match, true, (slac_event_t){.type = SLAC_ON_MODEM, .up = true});
    run_until(match, 100);
    const int64_t plugged_ms = match->now_ms;
    note(match, MOMENT_PLUG);
    step(match, true, (slac_event_t){.type = SLAC_ON_PILOT, .pilot = CCS_PILOT_B});
    step(match, false, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_WAKE});
    run_until(match, plugged_ms + LOOP_MS);
    return match;
}

static bool replay_charger(const recording_t *recording)
{
    slac_evse_t evse;
    slac_evse_out_t out;
    slac_evse_init(&evse, &charger, &no_trace, 0);
    for (size_t i = 0; i < recording->events; i++) {
        out.count = 0;
        out.dlink = SLAC_DLINK_NONE;
        slac_evse_step(&evse, &recording->event[i], &out);
    }
    return evse.state == SLAC_EVSE_MATCHED;
}

static bool replay_car(const recording_t *recording)
{
    slac_ev_t ev;
    slac_ev_out_t out;
    slac_ev_init(&ev, &car, &no_trace, 0);
    for (size_t i = 0; i < recording->events; i++) {
        out.count = 0;
        out.dlink = SLAC_DLINK_NONE;
        slac_ev_step(&ev, &recording->event[i], &out);
    }
    return ev.state == SLAC_EV_MATCHED;
}

static bool matches(bool of_charger, unsigned long count)
{
    match_t *const match = record();
    bool good = linked(match);
    for (unsigned long i = 0; i < count && good; i++) {
        good = of_charger ? replay_charger(&match->of_evse) : replay_car(&match->of_ev);
    }
    free(match);
    return good;
}

/* Each moment: what it is, the least time after the one before, and why. A range of the norm counts with its least value. */
static const struct {
    const char *moment;
    int least_ms;
    const char *why;
} moments[MOMENTS] = {
    [MOMENT_PLUG] = {"pilot B", 0, ""},
    [MOMENT_PARM] = {"CM_SLAC_PARM.REQ", 0, "5 % comes with the plug; TP_EV_SLAC_init is a greatest time, 10 s"},
    [MOMENT_START] = {"first CM_START_ATTEN_CHAR.IND", SLAC_MATCH_RESPONSE_MS + SLAC_EV_SEQUENCE_MS,
                      "TT_match_response 200 ms, for the answers of all chargers; TP_match_sequence 100 ms"},
    [MOMENT_SOUND] = {"first CM_MNBC_SOUND.IND", SLAC_START_ATTEN_INDS *SLAC_EV_BATCH_MS,
                      "C_EV_start_atten_char_inds 3 x TP_EV_batch_msg_interval 20 .. 50 ms"},
    [MOMENT_LAST_SOUND] = {"last CM_MNBC_SOUND.IND", (SLAC_SOUNDS - 1) * SLAC_EV_BATCH_MS,
                           "C_EV_match_MNBC 10, 9 x TP_EV_batch_msg_interval 20 .. 50 ms"},
    [MOMENT_MATCH] = {"CM_SLAC_MATCH.REQ", SLAC_EV_MATCH_SESSION_MS,
                      "TP_EV_match_session 500 ms; TP_EVSE_avg_atten_calc is a greatest time, 100 ms"},
    [MOMENT_CAR_LINK] = {"link of the car", 0, "the key's way; TT_match_join is a greatest time, 12 s"},
    [MOMENT_CHARGER_LINK] = {"link of the charger", SLAC_LINK_READY_MS, "TP_link_ready_notification 200 .. 1000 ms"},
};

static bool print_time(void)
{
    match_t *const match = record();
    const bool good = linked(match);
    printf("events\t%zu\t%zu\n", match->of_evse.events, match->of_ev.events);
    for (size_t i = MOMENT_PLUG + 1; i < MOMENTS; i++) {
        printf("%s\t%lld\t%d\t%s\n", moments[i].moment, (long long)(match->at_ms[i] - match->at_ms[i - 1]), moments[i].least_ms,
               moments[i].why);
    }
    free(match);
    return good;
}

static bool run(const char *what, const char *of, unsigned long count)
{
    if (strcmp(what, "decode") == 0 || strcmp(what, "encode") == 0) {
        return messages(of, what[0] == 'e', count);
    }
    if (strcmp(what, "out") == 0 || strcmp(what, "in") == 0) {
        return frames((uint16_t)strtoul(of, NULL, 10), what[0] == 'o', count);
    }
    if (strcmp(what, "charger") == 0 || strcmp(what, "car") == 0) {
        return matches(what[1] == 'h', count);
    }
    return strcmp(what, "time") == 0 && print_time();
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fputs("usage: bench-slac decode|encode HEX COUNT | out|in LENGTH COUNT | charger|car COUNT | time 1\n", stderr);
        return EXIT_USAGE;
    }
    return run(argv[1], argv[2], strtoul(argv[argc - 1], NULL, 10)) ? EXIT_SUCCESS : EXIT_FAILURE;
}
