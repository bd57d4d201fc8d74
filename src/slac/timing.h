/* Times and counts of signal level attenuation characterization (ISO 15118-3; DIN 70121 uses the same).
 *
 * Source: five implementations and the port of the conformance suite agree on all of these unless a line says otherwise.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_TIMING_H
#define CCS_SLAC_TIMING_H

enum {
    SLAC_EVSE_INIT_MS = 50000,          /* TT_EVSE_SLAC_init: 20 .. 50 s from 5 % on to the first CM_SLAC_PARM.REQ */
    SLAC_MATCH_SEQUENCE_MS = 400,       /* TT_match_sequence: the next request of the car */
    SLAC_MATCH_RESPONSE_MS = 200,       /* TT_match_response: an answer to us */
    SLAC_MATCH_RETRIES = 2,             /* C_EV_match_retry: 1 + 2 transmissions */
    SLAC_EVSE_MATCH_SESSION_MS = 10000, /* TT_EVSE_match_session: from the result to CM_VALIDATE or CM_SLAC_MATCH */
    SLAC_PROFILE_GRACE_MS = 45,         /* the modem's last profile comes a little behind the last sound */
    SLAC_SOUNDS = 10,                   /* C_EV_match_MNBC */
    SLAC_SOUNDS_100MS = 6,              /* TT_EVSE_match_MNBC: 600 ms */
    SLAC_START_ATTEN_INDS = 3,          /* C_EV_start_atten_char_inds */
    SLAC_PARALLEL = 5,                  /* C_EVSE_match_parallel */
    SLAC_WAIT_STALE_MS = 2000,          /* cars come back for their result after 6 .. 980 ms; later it gives way to a sixth car */
    SLAC_ANSWERS_MAX = 10,              /* CM_SLAC_PARM.CNF in SLAC_ANSWERS_MS: five cars, each twice */
    SLAC_ANSWERS_MS = 100,
    SLAC_VALIDATE_TOGGLE_MS = 3500, /* TT_EVSE_vald_toggle: at most */
    SLAC_JOIN_MS = 12000,           /* TT_match_join */
    SLAC_LEAVE_MS = 1000,           /* TP_match_leave */
    SLAC_LINK_READY_MS = 200,       /* TP_link_ready_notification: 0.2 .. 1 s */
    SLAC_JOIN_POLL_MS = 100,        /* while the link is awaited */
    SLAC_LINK_POLL_MS = 1000,
    SLAC_LINK_MISSES = 3,           /* polls without a link, or without an answer, until it is lost */
    SLAC_STEP_EF_MS = 4000,         /* T_step_EF: at least; never shorter */
    SLAC_STEP_X1_MS = 3000,         /* T_step_X1 */
    SLAC_SEQUENCE_RETRIES = 2,      /* C_sequ_retry */
    SLAC_RESUME_MS = 8000,          /* T_conn_max_comm: the old keys must link again within */
    SLAC_KEY_ANSWER_MS = 1000,      /* CM_SET_KEY.CNF */
    SLAC_KEY_RETRIES = 3,           /* transmissions; then the modem is broken */
    SLAC_BROKEN_MS = 10000,         /* before a broken modem is tried again */
    SLAC_EV_INIT_MS = 10000,        /* TP_EV_SLAC_init: from 5 % seen to the first CM_SLAC_PARM.REQ, at most */
    SLAC_EV_BATCH_MS = 20,          /* TP_EV_batch_msg_interval: 20 .. 50 ms between sounds */
    SLAC_EV_SEQUENCE_MS = 100,      /* TP_match_sequence: before the next request */
    SLAC_EV_RESULTS_MS = 1200,      /* TT_EV_atten_results */
    SLAC_EV_MATCH_SESSION_MS = 500, /* TP_EV_match_session; real cars: 6 .. 980 ms */
    SLAC_EV_REPETITION_MS = 10000,  /* TT_matching_repetition */
    SLAC_EV_RATE_MS = 400,          /* TT_matching_rate */
    SLAC_EV_TOGGLES = 2,            /* C_EV_vald_nb_toggles: 1 .. 3 */
    SLAC_EV_TOGGLE_MS = 250,        /* TP_EV_vald_state_duration: 200 .. 400 ms */
    SLAC_EV_VALIDATE_100MS = 19,    /* (n + 1) x 100 ms: within 600 .. 3500 ms */
    SLAC_BCB_MIN_MS = 150,          /* a state of a B-C-B toggle lasts 200 .. 400 ms; generous */
    SLAC_BCB_MAX_MS = 500
};

#endif
