/* The car's side of SLAC: which charger am I plugged into, and join its network.
 *
 * For the car simulator and as the opposite of the charger's machine in tests: same events, same shape of outputs. Misbehaviours
 * act on frames as they leave, never inside the machine's own states.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_EV_H
#define CCS_SLAC_EV_H

#include "slac/evse.h"

typedef enum slac_ev_state {
    SLAC_EV_IDLE,     /* no 5 % seen */
    SLAC_EV_DRAW,     /* waits for the random octets of a RunID */
    SLAC_EV_PARM,     /* CM_SLAC_PARM.REQ sent, collects answers */
    SLAC_EV_START,    /* CM_START_ATTEN_CHAR.IND, three times */
    SLAC_EV_SOUND,    /* CM_MNBC_SOUND.IND, ten times */
    SLAC_EV_RESULTS,  /* collects CM_ATTEN_CHAR.IND */
    SLAC_EV_VALIDATE, /* CM_VALIDATE.REQ step 1 sent */
    SLAC_EV_TOGGLE,   /* step 2 sent, toggles the pilot */
    SLAC_EV_DECIDED,  /* waits a little before the match request */
    SLAC_EV_MATCH,    /* CM_SLAC_MATCH.REQ sent */
    SLAC_EV_KEY,      /* sets the own modem */
    SLAC_EV_JOIN,     /* waits for the link */
    SLAC_EV_MATCHED,
    SLAC_EV_AGAIN, /* before the next attempt */
    SLAC_EV_FAILED /* no charger found within the time */
} slac_ev_state_t;

/* Faults that a car brings. value: see each. */
typedef enum slac_ev_misbehave {
    SLAC_MIS_NONE,
    SLAC_MIS_DROP,        /* the value-th frame to the line is not sent, 1 .. */
    SLAC_MIS_WRONG,       /* value = MMTYPE << 16 | offset: flips the octet at this offset of the first such frame */
    SLAC_MIS_LATE_MATCH,  /* the match request comes value ms late */
    SLAC_MIS_NO_RSP,      /* never sends CM_ATTEN_CHAR.RSP */
    SLAC_MIS_FEW_SOUNDS,  /* only value sounds */
    SLAC_MIS_NEW_RUN,     /* begins again with a new RunID instead of CM_ATTEN_CHAR.RSP */
    SLAC_MIS_SHORT_SOUND, /* sounds of 64 octets */
    SLAC_MIS_PARM_LATER,  /* begins again when matched, without a change of the pilot */
    SLAC_MIS_COUNT
} slac_ev_misbehave_t;

typedef struct slac_ev_config {
    uint8_t mac[6];
    uint8_t run_id[8];       /* used for every attempt if not all zero (Tesla: "TESLA EV"); else random */
    uint8_t direct_dB;       /* mean attenuation up to this: found */
    uint8_t indirect_dB;     /* up to this: perhaps, validated by toggles; above: not ours */
    bool validate;           /* may ask for validation */
    uint16_t match_delay_ms; /* before CM_SLAC_MATCH.REQ */
    slac_ev_misbehave_t misbehave;
    uint32_t misbehave_value;
    ccs_trace_t trace;
} slac_ev_config_t;

enum { SLAC_EV_CANDIDATES = 8 };

typedef struct slac_candidate {
    uint8_t mac[6];
    bool heard; /* its CM_ATTEN_CHAR.IND came */
    uint16_t sum_dB;
} slac_candidate_t;

typedef struct slac_ev_out {
    bool need_random; /* draw 16 octets and give them as SLAC_ON_RANDOM */
    bool toggle;      /* pilot: C while true, B otherwise */
    slac_dlink_t dlink;
    uint8_t peer[6]; /* of the chosen charger */
    size_t count;
    slac_out_frame_t frame[SLAC_FRAMES_MAX];
} slac_ev_out_t;

typedef struct slac_ev_stats {
    uint32_t frames, malformed, ignored, attempts, matches, joins;
} slac_ev_stats_t;

/* All fields are private. */
typedef struct slac_ev {
    slac_ev_config_t config;
    slac_ev_state_t state;
    slac_candidate_t candidate[SLAC_EV_CANDIDATES];
    size_t candidates;
    uint8_t chosen;
    uint8_t run_id[8], random[16];
    uint8_t nid[7], nmk[16];
    uint8_t retries, sent; /* of the batch */
    uint8_t toggles;
    bool toggle_high;
    int64_t deadline_ms, give_up_ms, results_by_ms, poll_ms, link_seen_ms, toggle_ms, toggle_until_ms;
    uint32_t frames_sent;
    bool misbehaved;
    slac_ev_stats_t stats;
    int64_t now_ms;
    slac_ev_out_t *out;
} slac_ev_t;

void slac_ev_init(slac_ev_t *ev, const slac_ev_config_t *config, int64_t now_ms);

/* SLAC_ON_ORDER: WAKE: 5 % was seen, begin. TERMINATE: 5 % is gone, leave. SLAC_ON_PILOT is not used. */
void slac_ev_step(slac_ev_t *ev, const slac_event_t *event, slac_ev_out_t *out);
int64_t slac_ev_deadline_ms(const slac_ev_t *ev);
const char *slac_ev_state_name(slac_ev_state_t state);

#endif
