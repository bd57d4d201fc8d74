/* The world around one SECC: a port, a guard that does as it is told, a car that says what a test wants it to say.
 *
 * All octets are real: requests are encoded with the codec and come as V2GTP, answers are decoded from what was sent. The clock is
 * virtual; tests move it. The guard is a model with knobs, not the product's: what matters here is what the SECC makes of reports.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_SECC_WORLD_H
#define CCS_TESTS_SECC_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ccs/secc.h"
#include "charge/charge.h"
#include "messages/din.h"
#include "mme/mme.h"
#include "session/session.h"

enum { WORLD_MME = 160, WORLD_FRAME = 4096, WORLD_LINK = 1, WORLD_TRACE = 65536, WORLD_JOBS = 32 };

typedef struct world {
    ccs_secc_t secc;
    ccs_secc_config_t config;
    uint8_t rx[WORLD_FRAME], tx[WORLD_FRAME];
    uint64_t arena[WORLD_FRAME / 8];
    ccs_outputs_t out; /* of the last step */
    int64_t now_ms, utc_s;

    /* knobs of the guard model */
    ccs_pilot_state_t pilot;
    ccs_why_t fault;               /* not NONE: the guard stands in FAULT with this why */
    ccs_isolation_t verdict;       /* of the cable check */
    int64_t test_ms, contactor_ms; /* how long they take; INT64_MAX: never */
    bool no_meter, stale, silent;  /* silent: no reports at all */
    bool held;                     /* something stands on the cable that does not go */
    int64_t meter_silent_ms;       /* the meter answers no more since; 0: it answers */
    int32_t mA_max_now;
    uint8_t limited;
    int64_t energy_Wh;
    ccs_phase_t phase; /* granted */
    int64_t phase_ms;
    int32_t output_mV, output_mA;

    /* what the port has seen */
    bool link_open; /* accepted, not closed */
    int64_t closed_ms, close_by_ms;
    unsigned accepts, refusals, sdp_answers, records, cancels;
    ccs_job_t job[WORLD_JOBS];
    size_t jobs;
    bool random_held;           /* the random job is not answered by itself */
    int authorization;          /* ccs_verdict_t given at once; -1: none */
    uint32_t authorization_job; /* id, 0: not asked */
    ccs_record_t record;        /* as it was when record_ready was seen */

    /* the modem: a mirror of what the charger sends to it and to the line */
    bool key_refused; /* no random octets for a key */
    uint32_t key_job; /* waits for them; 0: none */
    unsigned keys_drawn;
    bool modem_silent;      /* it answers nothing */
    unsigned keys, mmes;    /* keys set; other frames sent */
    uint8_t key[16];        /* in the modem */
    bool sets_key;          /* its answer is due */
    uint8_t mme[WORLD_MME]; /* last other frame */
    size_t mme_length;

    /* the answers */
    unsigned answers;
    int64_t answered_ms;
    uint8_t frame[WORLD_FRAME];
    size_t frame_length;
    uint64_t memory[WORLD_FRAME / 8];
    const din_v2g_message_t *res; /* last answer, decoded; NULL: it was none of DIN */

    /* the car */
    uint8_t id[8]; /* session id in use */
    size_t id_length;

    char trace[WORLD_TRACE]; /* text, one line per record */
    size_t trace_length;
} world_t;

/* --- the world turns -----------------------------------------------------------------------------------------------------------
 */
void world_init(world_t *world);                      /* defaults; change config and knobs, then world_start() */
void world_boot(world_t *world);                      /* starts and hears what is plugged */
void world_start(world_t *world);                     /* starts, is plugged in, network up */
void world_event(world_t *world, ccs_event_t *event); /* one step and everything it asks for; now_ms is filled in */
void world_pass(world_t *world, int64_t ms);          /* time passes: reports every 10 ms, deadlines when due */
void world_mme(world_t *world, const mme_t *mme);     /* a frame comes in from the power line */
void world_report(world_t *world);                    /* a report right now */
void world_stop(world_t *world, ccs_stop_t stop);
void world_unplug(world_t *world);
void world_replug(world_t *world);
void world_authorize(world_t *world, ccs_verdict_t verdict);

/* --- network ---------------------------------------------------------------------------------------------------------------------
 */
extern const ccs_endpoint_t world_car, world_stranger;
bool world_sdp(world_t *world, const ccs_endpoint_t *from, bool tls);                   /* answered? */
bool world_connect(world_t *world, uint8_t link, const ccs_endpoint_t *from, bool tls); /* accepted, and secured at once? */
void world_bytes(world_t *world, uint8_t link, const uint8_t *bytes, size_t length);
void world_exi(world_t *world, const uint8_t *exi, size_t length); /* with a V2GTP header */
void world_hex(world_t *world, const char *hex);                   /* EXI octets */
void world_closed(world_t *world, uint8_t link);
size_t world_frame_of(world_t *world, const din_v2g_message_t *message, uint8_t *out, size_t size);

/* --- the car says something; the answer is in world->res
 * --------------------------------------------------------------------------- */
void world_offer(world_t *world, const char *name, uint32_t major, uint32_t minor, uint8_t schema_id);
void world_sap(world_t *world);                                  /* DIN 2.0, SchemaID 1, priority 1 */
void world_request(world_t *world, din_v2g_message_t *message);  /* header is filled in; waits for a late answer */
void world_send(world_t *world, din_v2g_message_t *message);     /* ... does not wait */
din_v2g_message_t world_message(uint8_t which);                  /* a request a car would send, schema-valid */
void world_say(world_t *world, uint8_t which);                   /* world_request(world_message(which)) */
din_dc_ev_status_t *world_ev_status(din_v2g_message_t *message); /* NULL: it has none */

/* --- shortcuts ------------------------------------------------------------------------------------------------------------------
 */
void world_link_up(world_t *world);                                               /* SDP, TCP, SAP: waits in SessionSetup */
void world_go(world_t *world, session_wait_t wait);                               /* a whole session up to this wait */
void world_expect(const world_t *world, uint8_t which, din_response_code_t code); /* the last answer */
din_response_code_t world_code(const world_t *world);
const din_dc_evse_status_t *world_status(const world_t *world);          /* of the last answer; NULL: it has none */
void world_expect_end(world_t *world, ccs_end_t end, int64_t within_ms); /* link closed, everything off, one record */
const ccs_secc_stats_t *world_stats(const world_t *world);

/* One group of tests that a world is made for and freed after. */
int world_setup(void **state);
int world_teardown(void **state);
#define world_test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#endif
