/* The charger's side of SLAC: which car hangs on this plug, and a private network with it.
 *
 * One instance per outlet. Events in, frames and a wish for the pilot out; no clock, no memory of its own. The machine keeps up to
 * five matching sessions at once, keyed by the car's MAC and its RunID, because every charger on a site hears every car; the one
 * that sends CM_SLAC_MATCH.REQ with our MAC is ours.
 *
 * Keys are fresh: each match gives away a network membership key (NMK) that was drawn for it and set in the modem before the pilot
 * shows 5 %. Leaving a network is setting the next key, so one is always kept ready.
 *
 * A wrong field never ends anything: the frame is ignored and counted, timers run on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_EVSE_H
#define CCS_SLAC_EVSE_H

#include "ccs/power.h"
#include "ccs/trace.h"
#include "mme/mme.h"
#include "slac/timing.h"

typedef void (*slac_sha256_fn)(const uint8_t *at, size_t length, uint8_t digest[32]); /* pure */

/* How CM_VALIDATE step 1 is answered. */
typedef enum slac_validation {
    SLAC_VALIDATION_NOT_REQUIRED, /* the outlet can only be ours */
    SLAC_VALIDATION_FAILURE,      /* we cannot count B-C-B toggles */
    SLAC_VALIDATION_READY         /* we can */
} slac_validation_t;

typedef struct slac_evse_config {
    uint8_t mac[6];               /* ours: source of every frame */
    int8_t offset_dB[MME_GROUPS]; /* receive path of the board, subtracted from the average; measured once per board design */
    slac_validation_t validation;
    bool strict;           /* conformance: a matched car that starts again is ignored, ids must be zero */
    bool bench_modem;      /* take a profile without groups as 0 dB: only for bench modems that cannot measure */
    uint8_t amplitude_map; /* result told in CM_AMP_MAP.CNF: 0 success */
    slac_sha256_fn sha256;
    ccs_trace_t trace;
} slac_evse_config_t;

typedef enum slac_evse_state {
    SLAC_EVSE_KEYING,   /* waits for random octets or for the modem's CM_SET_KEY.CNF */
    SLAC_EVSE_IDLE,     /* key is set, no car */
    SLAC_EVSE_MATCHING, /* pilot at 5 % */
    SLAC_EVSE_JOINING,  /* CM_SLAC_MATCH.CNF sent, link not seen yet */
    SLAC_EVSE_MATCHED,  /* link is up */
    SLAC_EVSE_PAUSED,   /* matched, oscillator off, key kept */
    SLAC_EVSE_RESUMING, /* 5 % again, the old link must come back */
    SLAC_EVSE_X1,       /* oscillator off before E/F */
    SLAC_EVSE_EF,       /* state F, so that the car sees the end */
    SLAC_EVSE_ENDED,    /* waits for the plug to be pulled, or for a toggle of the car */
    SLAC_EVSE_BROKEN    /* the modem does not take keys: needs a reset of the modem */
} slac_evse_state_t;

typedef enum slac_order {
    SLAC_ORDER_TERMINATE, /* D-LINK_TERMINATE: session over */
    SLAC_ORDER_ERROR,     /* D-LINK_ERROR: leave, E/F, match again */
    SLAC_ORDER_PAUSE,     /* D-LINK_PAUSE */
    SLAC_ORDER_WAKE       /* 5 % again, after a pause or an end */
} slac_order_t;

typedef enum slac_event_type {
    SLAC_ON_TIME,
    SLAC_ON_FRAME,
    SLAC_ON_PILOT,
    SLAC_ON_RANDOM, /* 16 octets of a CSPRNG, after out.need_random */
    SLAC_ON_ORDER,
    SLAC_ON_IPV6,       /* an IPv6 frame came from this MAC: the link is up */
    SLAC_ON_MODEM_RESET /* the modem lost its key */
} slac_event_type_t;

typedef struct slac_event {
    int64_t now_ms;
    slac_event_type_t type;
    union {
        ccs_view_t frame;
        ccs_pilot_state_t pilot;
        uint8_t random[16];
        slac_order_t order;
        uint8_t mac[6];
    };
} slac_event_t;

enum { SLAC_FRAMES_MAX = 4, SLAC_FRAME_SIZE = 130 };

typedef struct slac_out_frame {
    uint16_t length;
    uint8_t octets[SLAC_FRAME_SIZE];
} slac_out_frame_t;

typedef enum slac_dlink { SLAC_DLINK_NONE, SLAC_DLINK_UP, SLAC_DLINK_DOWN } slac_dlink_t;

typedef struct slac_evse_out {
    ccs_pilot_drive_t pilot; /* whole, every step */
    bool need_random;        /* draw 16 octets and give them as SLAC_ON_RANDOM */
    slac_dlink_t dlink;      /* changed in this step */
    uint8_t peer[6];         /* of the matched car */
    size_t count;
    slac_out_frame_t frame[SLAC_FRAMES_MAX];
} slac_evse_out_t;

typedef struct slac_evse_stats {
    uint32_t frames, malformed, foreign, invalid; /* invalid: a field that must not be so; foreign: not for us or not ours */
    uint32_t sessions, sessions_evicted, sessions_failed, matches, joins, join_timeouts, links_lost, key_failures;
} slac_evse_stats_t;

typedef enum slac_session_state {
    SLAC_SESSION_FREE,
    SLAC_SESSION_PARM,     /* CNF sent, waits for CM_START_ATTEN_CHAR.IND */
    SLAC_SESSION_SOUND,    /* collects profiles */
    SLAC_SESSION_CHAR,     /* IND sent, waits for CM_ATTEN_CHAR.RSP */
    SLAC_SESSION_WAIT,     /* waits for CM_VALIDATE.REQ or CM_SLAC_MATCH.REQ */
    SLAC_SESSION_VALIDATE, /* step 1 answered with ready, waits for step 2 */
    SLAC_SESSION_TOGGLES,  /* counts B-C-B */
    SLAC_SESSION_DECIDED,  /* validated, waits for CM_SLAC_MATCH.REQ */
    SLAC_SESSION_STATES
} slac_session_state_t;

/* What ends the wait of each session state; rules.c. For documentation and tests. */
typedef struct slac_rule {
    const char *state;
    uint32_t timeout_ms; /* 0: given by the car */
    uint8_t retries;
    const char *waits_for, *then;
} slac_rule_t;
extern const slac_rule_t slac_session_rules[SLAC_SESSION_STATES];

typedef struct slac_session {
    slac_session_state_t state;
    uint8_t mac[6], run_id[8];
    int64_t deadline_ms;
    uint8_t retries;
    uint8_t sounds_wanted, profiles;
    uint16_t sum_dB[MME_GROUPS];
    uint8_t toggles, last_cnf; /* result of the last CM_VALIDATE.CNF */
    bool due;                  /* its frame could not leave in this step */
} slac_session_t;

/* All fields are private. */
typedef struct slac_evse {
    slac_evse_config_t config;
    slac_evse_state_t state;
    slac_session_t session[SLAC_PARALLEL];
    slac_session_t matched; /* key of the matched car; state FREE: none */
    slac_evse_stats_t stats;
    uint8_t nmk[16], nid[7], next_nmk[16];
    bool has_next, key_set, asked_random;
    bool modem_known; /* the modem that answered CM_SET_KEY first; nobody else speaks for it */
    uint8_t modem[6];
    bool after_key_matching; /* a restarted car waits: match at once when the key is set */
    uint8_t key_tries, link_misses, sequence_retries;
    bool polls_answered; /* this modem knows VS_PL_LINK_STATUS: its silence means something */
    bool poll_open;
    int64_t deadline_ms;     /* of the state */
    int64_t key_deadline_ms; /* of CM_SET_KEY.CNF */
    int64_t poll_ms, link_seen_ms;
    bool init_over; /* TT_EVSE_SLAC_init has ended, or a request came */
    ccs_pilot_state_t pilot;
    int64_t pilot_ms;
    uint8_t bcb; /* phases of a toggle seen so far */
    int64_t now_ms;
    slac_evse_out_t *out;
} slac_evse_t;

/* config is copied; its pointers must live as long as the machine. Starts in KEYING. */
void slac_evse_init(slac_evse_t *evse, const slac_evse_config_t *config, int64_t now_ms);
void slac_evse_step(slac_evse_t *evse, const slac_event_t *event, slac_evse_out_t *out);
int64_t slac_evse_deadline_ms(const slac_evse_t *evse);
const char *slac_evse_state_name(slac_evse_state_t state);
const char *slac_session_state_name(slac_session_state_t state);

/* The network id that belongs to a key: five times SHA-256, security level 0. Real chargers follow it; never a part of the key. */
void slac_nid(slac_sha256_fn sha256, const uint8_t nmk[16], uint8_t nid[7]);

#endif
