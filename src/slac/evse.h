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
#include "ccs/slac.h"
#include "ccs/trace.h"
#include "mme/mme.h"
#include "slac/timing.h"

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
    SLAC_EVSE_BROKEN,   /* the modem does not take keys: tried again after a while, or when it was reset */
    SLAC_EVSE_STATES
} slac_evse_state_t;

typedef enum slac_order {
    SLAC_ORDER_TERMINATE, /* D-LINK_TERMINATE: session over, leave; waits for the plug, a toggle of the car, or WAKE */
    SLAC_ORDER_ERROR,     /* D-LINK_ERROR: leave, X1, E/F, match again */
    SLAC_ORDER_PAUSE,     /* D-LINK_PAUSE */
    SLAC_ORDER_WAKE,      /* 5 % again, after a pause or an end */
    SLAC_ORDER_CLOSE,     /* as TERMINATE, and nothing begins until OPEN or REST, whatever is plugged */
    SLAC_ORDER_OPEN,      /* may match again: at once with a car that is there */
    SLAC_ORDER_REST       /* may match again: when the car toggles, or the next one comes */
} slac_order_t;

typedef enum slac_event_type {
    SLAC_ON_TIME,
    SLAC_ON_FRAME,
    SLAC_ON_PILOT,
    SLAC_ON_RANDOM, /* 16 octets of a CSPRNG, after out.need_random */
    SLAC_ON_ORDER,
    SLAC_ON_IPV6, /* an IPv6 frame came from this MAC: the link is up */
    SLAC_ON_MODEM /* up: the modem is there and has no key of ours; or it is gone */
} slac_event_type_t;

typedef struct slac_event {
    int64_t now_ms;
    slac_event_type_t type;
    union {
        ccs_view_t frame;
        ccs_pilot_state_t pilot;
        uint8_t random[CCS_NMK_SIZE];
        slac_order_t order;
        uint8_t mac[6];
        bool up;
    };
} slac_event_t;

/* At most four frames leave by time in one step; an answer and a key have their own places. */
enum { SLAC_FRAMES_BY_TIME = 4, SLAC_FRAMES_MAX = SLAC_FRAMES_BY_TIME + 2, SLAC_FRAME_SIZE = 130 };

typedef struct slac_out_frame {
    uint16_t length;
    uint8_t octets[SLAC_FRAME_SIZE];
} slac_out_frame_t;

typedef enum slac_dlink { SLAC_DLINK_NONE, SLAC_DLINK_UP, SLAC_DLINK_DOWN } slac_dlink_t;

typedef struct slac_evse_out {
    ccs_pilot_drive_t pilot; /* whole, every step */
    bool need_random;        /* draw 16 octets and give them as SLAC_ON_RANDOM */
    slac_dlink_t dlink;      /* changed since the caller cleared it */
    size_t count;
    slac_out_frame_t frame[SLAC_FRAMES_MAX];
} slac_evse_out_t;

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

/* What ends the wait of each state; rules.c. The machine reads its times from here; docs/SLAC.md and tests as well. */
typedef struct slac_rule {
    const char *state;
    uint32_t timeout_ms; /* 0: none of its own */
    uint8_t retries;     /* of what it sends, or of the whole state */
} slac_rule_t;
extern const slac_rule_t slac_session_rules[SLAC_SESSION_STATES];
extern const slac_rule_t slac_evse_rules[SLAC_EVSE_STATES];

/* The same in words; waits.c. */
typedef struct slac_wait {
    const char *waits_for, *then;
} slac_wait_t;
extern const slac_wait_t slac_session_waits[SLAC_SESSION_STATES];
extern const slac_wait_t slac_evse_waits[SLAC_EVSE_STATES];

typedef struct slac_session {
    slac_session_state_t state;
    uint8_t mac[6], run_id[8];
    int64_t deadline_ms;
    uint8_t retries;
    uint8_t sounds_wanted, profiles;
    bool sounded; /* a sound of the norm's length came */
    uint16_t sum_dB[MME_GROUPS];
    uint8_t toggles, last_cnf; /* result of the last CM_VALIDATE.CNF */
    bool validated;            /* ... there was one */
} slac_session_t;

/* All fields are private. */
typedef struct slac_evse {
    const ccs_slac_config_t *config;
    const ccs_trace_t *trace;
    slac_evse_state_t state;
    bool has_next, key_set, asked_random;
    bool modem_up;    /* the port says that a modem is there */
    bool modem_known; /* the modem that answered CM_SET_KEY first; nobody else speaks for it */
    uint8_t modem[6];
    bool closed; /* nothing begins */
    bool woken;  /* the car toggled while it was closed */
    uint8_t key_tries, link_misses, sequence_retries;
    bool polls_answered; /* this modem knows VS_PL_LINK_STATUS: its silence means something */
    bool poll_open;
    int64_t deadline_ms;     /* of the state */
    int64_t key_deadline_ms; /* of CM_SET_KEY.CNF */
    int64_t poll_ms, link_seen_ms;
    bool init_over;  /* TT_EVSE_SLAC_init has ended, or a request came */
    uint8_t answers; /* CM_SLAC_PARM.CNF since then */
    int64_t answers_from_ms;
    ccs_pilot_state_t pilot;
    int64_t pilot_ms;
    uint8_t bcb; /* phases of a toggle seen so far */
    int64_t now_ms;
    slac_evse_out_t *out;
    uint8_t nmk[16], nid[7], next_nmk[16];
    ccs_slac_stats_t stats;
    slac_session_t matched; /* key of the matched car; state FREE: none */
    slac_session_t session[SLAC_PARALLEL];
} slac_evse_t;

/* config and trace must live as long as the machine. Starts in KEYING, without a modem. */
void slac_evse_init(slac_evse_t *evse, const ccs_slac_config_t *config, const ccs_trace_t *trace, int64_t now_ms);

/* Frames and dlink are added to out: the caller clears it whenever it has taken them, at the latest after two steps. */
void slac_evse_step(slac_evse_t *evse, const slac_event_t *event, slac_evse_out_t *out);
int64_t slac_evse_deadline_ms(const slac_evse_t *evse);
const char *slac_evse_state_name(slac_evse_state_t state);
const char *slac_session_state_name(slac_session_state_t state);
bool slac_evse_linked(const slac_evse_t *evse); /* the link with the matched car is up */
bool slac_evse_is_matched(const slac_evse_t *evse, const uint8_t mac[6]);
uint8_t slac_evse_attenuation_dB(const slac_evse_t *evse); /* mean told to the matched car */

/* The network id that belongs to a key: five times SHA-256, security level 0. Real chargers follow it; never a part of the key. */
void slac_nid(ccs_sha256_t sha256, const uint8_t nmk[16], uint8_t nid[7]);

#endif
