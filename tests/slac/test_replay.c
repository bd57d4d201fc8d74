/* Real matches replayed: each recorded car against our charger, each recorded charger against our car.
 *
 * The recordings (JSON lines: name, frames of [number, seconds, hex]) lie outside the repository: CCS_SHARED names the folder;
 * without them this suite is skipped. Our charger takes the recorded charger's MAC, our car the recorded car's MAC and RunID.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/secc.h"
#include "mme/mme.h"
#include "slac/ev.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <openssl/sha.h>

enum {
    FRAMES_MAX = 200,
    SESSIONS_MAX = 8,
    OCTETS_MAX = 320,
    JOIN_MS = 100,
    SDP_AGAIN_MS = 250,
    SDP_TRIES = 4,
    ETHERTYPE_IPV6 = 0x86DD,
    SDP_PORT = 15118,
    UDP = 17,
    TCP = 6
};

typedef struct frame {
    int64_t at_ms;
    size_t length;
    uint8_t octets[OCTETS_MAX];
    uint16_t type; /* MMTYPE; 0: no MME */
} frame_t;

typedef struct session {
    char name[64];
    uint8_t car[6], charger[6], modem[6];
    uint8_t run_id[8], last_run_id[8]; /* of the first attempt, of the last */
    bool measured;                     /* the charger's modem reported profiles with groups */
    size_t frames;
    frame_t frame[FRAMES_MAX];
} session_t;

static session_t session[SESSIONS_MAX];
static size_t sessions;

static void sha256(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    (void)SHA256(octets, length, digest);
}

/* --- reading ----------------------------------------------------------------------------------------------------------------- */

static uint16_t ethertype(const frame_t *frame)
{
    return (uint16_t)(frame->octets[12] << 8 | frame->octets[13]);
}

static const uint8_t *source(const frame_t *frame)
{
    return frame->octets + 6;
}

static void read_frame(const cJSON *item, frame_t *frame)
{
    const char *const hex = cJSON_GetStringValue(cJSON_GetArrayItem(item, 2));
    unsigned octet;
    frame->at_ms = (int64_t)(cJSON_GetNumberValue(cJSON_GetArrayItem(item, 1)) * 1000.0 + 0.5);
    while (frame->length < OCTETS_MAX && sscanf(hex + 2 * frame->length, "%2x", &octet) == 1) {
        frame->octets[frame->length++] = (uint8_t)octet;
    }
    frame->type = ethertype(frame) == CCS_MME_ETHERTYPE ? (uint16_t)(frame->octets[15] | frame->octets[16] << 8) : 0;
}

/* Who is who: by what they say. */
static void introduce(session_t *s)
{
    for (size_t i = 0; i < s->frames; i++) {
        const frame_t *const frame = &s->frame[i];
        if (frame->type == MME_CM_SLAC_PARM_REQ) {
            memcpy(s->car, source(frame), 6);
            memcpy(s->last_run_id, frame->octets + 21, 8);
        } else if (frame->type == MME_CM_SLAC_PARM_CNF) {
            memcpy(s->charger, source(frame), 6);
        } else if (frame->type == MME_CM_ATTEN_PROFILE_IND) {
            memcpy(s->modem, source(frame), 6);
            s->measured = frame->octets[25] == MME_GROUPS;
        }
    }
}

static const frame_t *recorded(const session_t *s, uint16_t type)
{
    for (size_t i = 0; i < s->frames; i++) {
        if (s->frame[i].type == type) {
            return &s->frame[i];
        }
    }
    return NULL;
}

static void read_session(const char *line)
{
    cJSON *const root = cJSON_Parse(line);
    session_t *const s = &session[sessions++];
    const cJSON *item;
    assert_non_null(root);
    assert_true(sessions <= SESSIONS_MAX);
    (void)snprintf(s->name, sizeof s->name, "%s", cJSON_GetStringValue(cJSON_GetObjectItem(root, "name")));
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(root, "frames"))
    {
        assert_true(s->frames < FRAMES_MAX);
        read_frame(item, &s->frame[s->frames++]);
    }
    introduce(s);
    memcpy(s->run_id, recorded(s, MME_CM_SLAC_PARM_REQ)->octets + 21, 8);
    cJSON_Delete(root);
}

static bool read_all(void)
{
    static char line[1 << 20];
    char path[512];
    const char *const shared = getenv("CCS_SHARED");
    (void)snprintf(path, sizeof path, "%s/vectors/slac_sessions.jsonl", shared ? shared : CCS_SOURCE_DIR "/../shared");
    FILE *const file = fopen(path, "r");
    if (!file) {
        return false;
    }
    while (fgets(line, sizeof line, file)) {
        read_session(line);
    }
    (void)fclose(file);
    return sessions > 0;
}

static unsigned count_recorded(const session_t *s, uint16_t type)
{
    unsigned count = 0;
    for (size_t i = 0; i < s->frames; i++) {
        count += s->frame[i].type == type;
    }
    return count;
}

/* --- our charger against a recorded car -------------------------------------------------------------------------------------- */

typedef struct charger {
    const session_t *session;
    ccs_secc_t secc;
    ccs_outputs_t out;
    uint8_t rx[512], tx[512];
    uint64_t arena[128];
    int64_t now_ms;
    uint8_t modem[6], draws;
    int64_t linked_ms; /* the modem says so from then on; 0: no match yet */
    int64_t shift_ms;  /* the recording runs so much late: the car had to ask again */
    unsigned parm_cnf, char_ind, match_cnf, sdp_answers, accepts;
    frame_t last_parm, last_char, last_match;
} charger_t;

static void charger_step(charger_t *c, ccs_event_t event);

static void charger_mme(charger_t *c, const mme_t *mme)
{
    uint8_t octets[MME_SIZE_MAX];
    size_t length = 0;
    assert_int_equal(mme_encode(mme, octets, sizeof octets, &length), CCS_OK);
    charger_step(c, (ccs_event_t){.type = CCS_ON_MME, .bytes = {octets, length}});
}

static void keep(frame_t *to, ccs_view_t frame)
{
    assert_true(frame.length <= sizeof to->octets);
    memcpy(to->octets, frame.at, frame.length);
    to->length = frame.length;
}

static void charger_sent(charger_t *c, ccs_view_t octets)
{
    mme_t mme, answer;
    assert_int_equal(mme_decode(octets, &mme), CCS_OK);
    switch (mme.type) {
    case MME_CM_SET_KEY_REQ:
        mme_init(&answer, MME_CM_SET_KEY_CNF, c->session->charger, c->modem);
        answer.set_key_cnf.result = 1;
        charger_mme(c, &answer);
        return;
    case MME_CM_SLAC_PARM_CNF:
        c->parm_cnf++;
        keep(&c->last_parm, octets);
        return;
    case MME_CM_ATTEN_CHAR_IND:
        c->char_ind++;
        keep(&c->last_char, octets);
        return;
    case MME_CM_SLAC_MATCH_CNF:
        c->match_cnf++;
        c->linked_ms = c->now_ms + JOIN_MS;
        keep(&c->last_match, octets);
        return;
    case MME_VS_PL_LINK_STATUS_REQ:
        mme_init(&answer, MME_VS_PL_LINK_STATUS_CNF, c->session->charger, c->modem);
        answer.pl_link_status_cnf.link = c->linked_ms > 0 && c->now_ms >= c->linked_ms;
        charger_mme(c, &answer);
        return;
    default:
        return;
    }
}

static void charger_job(charger_t *c, const ccs_job_t *job)
{
    uint8_t octets[16];
    memset(octets, ++c->draws, sizeof octets);
    charger_step(c, (ccs_event_t){.type = CCS_ON_ANSWER,
                                  .answer = {.id = job->id, .verdict = CCS_GRANTED, .data = {octets, job->part[0].length}}});
}

static void charger_step(charger_t *c, ccs_event_t event)
{
    event.now_ms = c->now_ms;
    ccs_secc_step(&c->secc, &event, &c->out);
    const ccs_outputs_t out = c->out;
    uint8_t sent[CCS_ACTIONS_MAX][OCTETS_MAX];
    size_t length[CCS_ACTIONS_MAX] = {0};
    for (size_t i = 0; i < out.count; i++) { /* views live until the next step, and an answer of the modem is one */
        if (out.action[i].type == CCS_SEND_MME) {
            length[i] = out.action[i].bytes[0].length;
            memcpy(sent[i], out.action[i].bytes[0].at, length[i]);
        }
    }
    for (size_t i = 0; i < out.count; i++) {
        const ccs_action_t *const action = &out.action[i];
        c->sdp_answers += action->type == CCS_SEND_DATAGRAM;
        c->accepts += action->type == CCS_ACCEPT;
        if (action->type == CCS_SEND_MME) {
            charger_sent(c, (ccs_view_t){sent[i], length[i]});
        } else if (action->type == CCS_JOB) {
            charger_job(c, &action->job);
        }
    }
}

static void charger_report(charger_t *c, ccs_pilot_state_t pilot)
{
    ccs_event_t event = {.type = CCS_ON_REPORT, .report = {.at_ms = c->now_ms, .pilot = pilot, .settled = true}};
    charger_step(c, event);
}

static void charger_run(charger_t *c, int64_t until_ms)
{
    while (ccs_secc_deadline_ms(&c->secc) < until_ms) {
        const int64_t deadline_ms = ccs_secc_deadline_ms(&c->secc);
        c->now_ms = deadline_ms > c->now_ms ? deadline_ms : c->now_ms;
        charger_step(c, (ccs_event_t){.type = CCS_ON_TIME});
    }
    c->now_ms = until_ms;
}

static void charger_begin(charger_t *c, const session_t *s)
{
    static const uint8_t spare[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};
    ccs_secc_config_t config;
    *c = (charger_t){.session = s, .now_ms = s->frame[0].at_ms};
    memcpy(c->modem, s->modem[0] || s->modem[1] ? s->modem : spare, 6);
    ccs_secc_defaults(&config);
    config.port = 50000;
    config.address[0] = 0xfe;
    config.address[1] = 0x80;
    config.slac.mode = CCS_SLAC_FIELD;
    config.slac.sha256 = sha256;
    config.slac.bench_modem = !s->measured; /* most of these chargers had a QCA7420, which measures nothing */
    memcpy(config.slac.mac, s->charger, 6);
    const ccs_secc_buffers_t buffers = {c->rx, sizeof c->rx, c->tx, sizeof c->tx, c->arena, sizeof c->arena};
    assert_int_equal(ccs_secc_init(&c->secc, &config, &buffers, c->now_ms), CCS_OK);
    charger_report(c, CCS_PILOT_A);
    charger_step(c, (ccs_event_t){.type = CCS_ON_MODEM, .modem = {.up = true}});
}

/* Recorded inside the car: what the charger's modem measured is not on it. */
static void charger_measures(charger_t *c)
{
    mme_t mme;
    mme_init(&mme, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, c->modem);
    memcpy(mme.atten_profile_ind.pev_mac, c->session->car, 6);
    mme.atten_profile_ind.groups = MME_GROUPS;
    memset(mme.atten_profile_ind.attenuation_dB, 20, MME_GROUPS);
    charger_mme(c, &mme);
}

static uint16_t port_at(const frame_t *frame, size_t at)
{
    return (uint16_t)(frame->octets[at] << 8 | frame->octets[at + 1]);
}

/* A car asks again every 250 ms; what it did afterwards comes later by as much. */
static void ask_sdp(charger_t *c, ccs_event_t event)
{
    const unsigned before = c->sdp_answers;
    for (int i = 0; i < SDP_TRIES && c->sdp_answers == before; i++) {
        if (i > 0) {
            c->shift_ms += SDP_AGAIN_MS;
            charger_run(c, c->now_ms + SDP_AGAIN_MS);
        }
        charger_step(c, event);
    }
}

/* What a port makes of an IPv6 frame: a neighbour, an SDP datagram, a SYN. */
static void charger_hears_ipv6(charger_t *c, const frame_t *frame)
{
    static const uint8_t nobody[16];
    ccs_event_t seen = {.type = CCS_ON_NEIGHBOUR};
    memcpy(seen.neighbour.address, frame->octets + 22, 16);
    memcpy(seen.neighbour.mac, source(frame), 6);
    if (memcmp(seen.neighbour.address, nobody, 16) != 0) { /* :: asks whether an address is free */
        charger_step(c, seen);
    }
    const uint8_t next = frame->octets[20];
    if (next == UDP && port_at(frame, 56) == SDP_PORT) {
        ccs_event_t event = {.type = CCS_ON_DATAGRAM};
        memcpy(event.datagram.from.address, frame->octets + 22, 16);
        memcpy(event.datagram.from_mac, source(frame), 6);
        event.datagram.from.port = port_at(frame, 54);
        event.datagram.bytes = (ccs_view_t){frame->octets + 62, frame->length - 62};
        ask_sdp(c, event);
    } else if (next == TCP && (frame->octets[67] & 0x12) == 0x02) {
        ccs_event_t event = {.type = CCS_ON_CONNECT};
        memcpy(event.connect.from.address, frame->octets + 22, 16);
        event.connect.from.port = port_at(frame, 54);
        charger_step(c, event);
    }
}

static void charger_hears(charger_t *c, const frame_t *frame)
{
    const session_t *const s = c->session;
    const bool to_its_modem = memcmp(frame->octets, mme_local_modem, 6) == 0;
    const bool by_car = memcmp(source(frame), s->car, 6) == 0 && !to_its_modem;
    if (by_car && ethertype(frame) == ETHERTYPE_IPV6) {
        charger_hears_ipv6(c, frame);
    } else if (by_car || frame->type == MME_CM_ATTEN_PROFILE_IND || frame->type == MME_VS_ATTEN_IND) {
        charger_step(c, (ccs_event_t){.type = CCS_ON_MME, .bytes = {frame->octets, frame->length}});
    }
    if (frame->type == MME_CM_MNBC_SOUND_IND && !recorded(s, MME_CM_ATTEN_PROFILE_IND)) {
        charger_measures(c);
    }
}

static void replay_car(charger_t *c, const session_t *s)
{
    charger_begin(c, s);
    const frame_t *const first = recorded(s, MME_CM_SLAC_PARM_REQ);
    charger_run(c, first->at_ms);
    charger_report(c, CCS_PILOT_B);
    for (size_t i = 0; i < s->frames; i++) {
        if (s->frame[i].at_ms >= first->at_ms) {
            charger_run(c, s->frame[i].at_ms + c->shift_ms);
            charger_hears(c, &s->frame[i]);
        }
    }
}

/* Two octet strings, but for [from, to). */
static void assert_same_but(const frame_t *ours, const frame_t *theirs, size_t from, size_t to)
{
    assert_int_equal(ours->length, theirs->length);
    for (size_t i = 0; i < ours->length; i++) {
        if ((i < from || i >= to) && ours->octets[i] != theirs->octets[i]) {
            fail_msg("octet %zu: ours %02x, theirs %02x", i, ours->octets[i], theirs->octets[i]);
        }
    }
}

static void every_recorded_car_matches_at_our_charger_and_is_let_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sessions; i++) {
        const session_t *const s = &session[i];
        static charger_t c;
        const bool matched = recorded(s, MME_CM_SLAC_MATCH_CNF) != NULL;
        replay_car(&c, s);
        print_message("%-24s %u of %u CM_SLAC_PARM answered, %u results, %u keys, SDP %u, TCP %u, mean %u dB\n", s->name,
                      c.parm_cnf, count_recorded(s, MME_CM_SLAC_PARM_REQ), c.char_ind, c.match_cnf, c.sdp_answers, c.accepts,
                      ccs_secc_slac(&c.secc).attenuation_dB);
        assert_int_equal(c.parm_cnf, count_recorded(s, MME_CM_SLAC_PARM_REQ));
        assert_memory_equal(c.last_parm.octets + 36, s->last_run_id, 8);
        assert_int_equal(c.match_cnf, matched);
        assert_int_equal(ccs_secc_slac_stats(&c.secc)->invalid, 0);
        if (!matched) {
            continue; /* the Taycan left because of its charger; it sounds nothing */
        }
        assert_int_equal(c.char_ind, 1);
        assert_true(ccs_secc_slac(&c.secc).link);
        assert_true(c.sdp_answers >= 1);
        assert_int_equal(c.accepts, 1);
    }
}

static const session_t *session_named(const char *name)
{
    for (size_t i = 0; i < sessions; i++) {
        if (strcmp(session[i].name, name) == 0) {
            return &session[i];
        }
    }
    fail_msg("no recording %s", name);
    return NULL;
}

/* What a charger on the road says to the same car, octet by octet, but for what is its own: attenuation, network id and key. */
static void our_charger_says_what_an_alpitronic_says(void **state)
{
    (void)state;
    static charger_t c;
    const session_t *const s = session_named("ioniq_alpitronic_hyc150");
    replay_car(&c, s);
    assert_same_but(&c.last_parm, recorded(s, MME_CM_SLAC_PARM_CNF), 0, 0);
    assert_same_but(&c.last_char, recorded(s, MME_CM_ATTEN_CHAR_IND), 71, 129);
    assert_same_but(&c.last_match, recorded(s, MME_CM_SLAC_MATCH_CNF), 85, 109);
}

/* --- our car against a recorded charger -------------------------------------------------------------------------------------- */

typedef struct car {
    const session_t *session;
    ccs_slac_ev_config_t config;
    ccs_trace_t trace;
    slac_ev_t ev;
    slac_ev_out_t out;
    int64_t now_ms;
    unsigned starts, sounds, results, keys, attempts;
    uint8_t nmk[16], nid[7];
    const frame_t *answer; /* due at answer_ms */
    int64_t answer_ms;
} car_t;

static void car_step(car_t *c, slac_event_t event);

static void car_modem_says(car_t *c, uint16_t type)
{
    uint8_t octets[MME_SIZE_MAX];
    size_t length = 0;
    mme_t mme;
    mme_init(&mme, type, c->session->car, mme_local_modem);
    mme.set_key_cnf.result = 1;
    if (type == MME_VS_PL_LINK_STATUS_CNF) {
        mme.pl_link_status_cnf.status = 0;
        mme.pl_link_status_cnf.link = 1;
    }
    assert_int_equal(mme_encode(&mme, octets, sizeof octets, &length), CCS_OK);
    car_step(c, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {octets, length}});
}

static void answer_later(car_t *c, uint16_t type)
{
    c->answer = recorded(c->session, type);
    c->answer_ms = c->now_ms + 10;
}

/* Our car says what the recorded one said, octet by octet; then the recorded charger answers. */
static void car_said(car_t *c, ccs_view_t octets)
{
    frame_t ours = {0};
    mme_t mme;
    keep(&ours, octets);
    assert_int_equal(mme_decode(octets, &mme), CCS_OK);
    const frame_t *const theirs = recorded(c->session, mme.type);
    switch (mme.type) {
    case MME_CM_SLAC_PARM_REQ:
        assert_same_but(&ours, theirs, 0, 0);
        answer_later(c, MME_CM_SLAC_PARM_CNF);
        c->attempts++;
        return;
    case MME_CM_START_ATTEN_CHAR_IND:
        assert_same_but(&ours, theirs, 0, 0);
        c->starts++;
        return;
    case MME_CM_MNBC_SOUND_IND:
        assert_same_but(&ours, theirs, 38, 71); /* count, RunID checked below, random octets */
        assert_memory_equal(ours.octets + 39, c->session->run_id, 8);
        c->sounds++;
        if (c->sounds == SLAC_SOUNDS) {
            answer_later(c, MME_CM_ATTEN_CHAR_IND);
        }
        return;
    case MME_CM_ATTEN_CHAR_RSP:
        assert_same_but(&ours, theirs, 0, 0);
        c->results++;
        return;
    case MME_CM_SLAC_MATCH_REQ:
        assert_same_but(&ours, theirs, 0, 0);
        answer_later(c, MME_CM_SLAC_MATCH_CNF);
        return;
    case MME_CM_SET_KEY_REQ:
        memcpy(c->nmk, mme.set_key_req.nmk, 16);
        memcpy(c->nid, mme.set_key_req.nid, 7);
        c->keys++;
        car_modem_says(c, MME_CM_SET_KEY_CNF);
        return;
    case MME_VS_PL_LINK_STATUS_REQ:
        car_modem_says(c, MME_VS_PL_LINK_STATUS_CNF);
        return;
    default:
        fail_msg("a car does not say %04x", mme.type);
    }
}

static void car_step(car_t *c, slac_event_t event)
{
    event.now_ms = c->now_ms;
    c->out = (slac_ev_out_t){.count = 0};
    slac_ev_step(&c->ev, &event, &c->out);
    const slac_ev_out_t out = c->out;
    for (size_t i = 0; i < out.count; i++) {
        car_said(c, (ccs_view_t){out.frame[i].octets, out.frame[i].length});
    }
    if (out.need_random) {
        slac_event_t random = {.type = SLAC_ON_RANDOM};
        memset(random.random, 0xFF, sizeof random.random);
        car_step(c, random);
    }
}

static void replay_charger(car_t *c, const session_t *s, int64_t ms)
{
    *c = (car_t){.session = s, .config = {.mode = CCS_SLAC_FIELD, .direct_dB = 100, .indirect_dB = 100, .repetition_ms = 5000}};
    memcpy(c->config.mac, s->car, 6);
    memcpy(c->config.run_id, s->run_id, 8);
    slac_ev_init(&c->ev, &c->config, &c->trace, 0);
    car_step(c, (slac_event_t){.type = SLAC_ON_ORDER, .order = SLAC_ORDER_WAKE});
    while (c->now_ms < ms && c->ev.state != SLAC_EV_MATCHED) {
        const int64_t deadline_ms = slac_ev_deadline_ms(&c->ev);
        const bool answered = c->answer && c->answer_ms <= deadline_ms;
        const int64_t next_ms = answered ? c->answer_ms : deadline_ms;
        c->now_ms = next_ms > ms ? ms : next_ms;
        if (answered) {
            const frame_t *const frame = c->answer;
            c->answer = NULL;
            car_step(c, (slac_event_t){.type = SLAC_ON_FRAME, .frame = {frame->octets, frame->length}});
        } else {
            car_step(c, (slac_event_t){.type = SLAC_ON_TIME});
        }
    }
}

static void our_car_says_what_each_recorded_car_said_and_takes_the_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sessions; i++) {
        const session_t *const s = &session[i];
        static car_t c;
        const frame_t *const key = recorded(s, MME_CM_SLAC_MATCH_CNF);
        if (!key) {
            continue;
        }
        replay_charger(&c, s, 5000);
        print_message("%-24s %u attempts, %u starts, %u sounds, matched after %lld ms\n", s->name, c.attempts, c.starts, c.sounds,
                      (long long)c.now_ms);
        assert_int_equal(c.ev.state, SLAC_EV_MATCHED);
        assert_int_equal(c.starts, SLAC_START_ATTEN_INDS);
        assert_int_equal(c.sounds, SLAC_SOUNDS);
        assert_int_equal(c.results, 1);
        assert_memory_equal(c.nid, key->octets + 85, 7);
        assert_memory_equal(c.nmk, key->octets + 93, 16);
    }
}

/* The charger of the Taycan recording answers with a RunID that is not the car's: a car must not take that for its charger. */
static void wrong_run_id_is_no_answer_as_the_taycan_found(void **state)
{
    (void)state;
    static car_t c;
    replay_charger(&c, session_named("taycan_fail"), 4000);
    assert_true(c.attempts >= 3);
    assert_int_equal(c.starts, 0);
    assert_int_equal(c.ev.candidates, 0);
}

/* The network id of a real charger belongs to its key: the derivation is the one in use on the road. */
static void network_id_of_the_alpitronic_follows_from_its_key(void **state)
{
    (void)state;
    uint8_t nid[7];
    const frame_t *const key = recorded(session_named("ioniq_alpitronic_hyc150"), MME_CM_SLAC_MATCH_CNF);
    slac_nid(sha256, key->octets + 93, nid);
    assert_memory_equal(nid, key->octets + 85, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recorded_car_matches_at_our_charger_and_is_let_in),
        cmocka_unit_test(our_charger_says_what_an_alpitronic_says),
        cmocka_unit_test(our_car_says_what_each_recorded_car_said_and_takes_the_key),
        cmocka_unit_test(wrong_run_id_is_no_answer_as_the_taycan_found),
        cmocka_unit_test(network_id_of_the_alpitronic_follows_from_its_key),
    };
    if (!read_all()) {
        puts("skipped: no recorded matches; CCS_SHARED names the folder that holds vectors/slac_sessions.jsonl");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
