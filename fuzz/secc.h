/* What the files of the charger's harness share: one outlet, the port that it sees, and the cars on its power line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_FUZZ_SECC_H
#define CCS_FUZZ_SECC_H

#include "base/bytes.h"
#include "tests/secc/world.h" /* world_message(): what a car would say */

enum { FRAME = 2048, FUZZ_CARS = 4, FUZZ_KEYS = 1024 };

typedef enum line_state { LINE_FREE, LINE_ASKED, LINE_ACCEPTED, LINE_USABLE } line_state_t;

typedef struct fuzz {
    bytes_in_t in;
    ccs_secc_t secc;
    ccs_secc_config_t config;
    uint8_t rx[FRAME], tx[FRAME];
    uint64_t arena[FRAME / 8];
    ccs_outputs_t out;
    int64_t now_ms;
    line_state_t line[CCS_LINKS];
    ccs_job_t job; /* the last one, of those that are not for a key */
    uint8_t id[8]; /* of the session, as the SECC drew it */
    ccs_limits_t limits;
    ccs_report_t report;
    unsigned usable, records;

    /* with SLAC */
    bool slac;
    bool modem_up, modem_mute, key_refused; /* mute: it confirms no key. key_refused: no random octets for one */
    uint32_t key_job;                       /* not answered yet; 0: none */
    bool key_due;                           /* the modem has a key to confirm */
    uint8_t key[16];                        /* in the modem */
    unsigned keys;                          /* drawn */
    bool given[FUZZ_KEYS];                  /* to a car, by the key's number */
    uint8_t given_to[FUZZ_KEYS][6];
    uint8_t run[FUZZ_CARS]; /* RunID of each car */
} fuzz_t;

/* secc.c */
void fuzz_step(fuzz_t *f, ccs_event_t event);
void fuzz_pass(fuzz_t *f, int64_t ms);
ccs_endpoint_t fuzz_car(unsigned car);

/* secc_line.c: cars, modem and neighbours on the power line. */
void fuzz_mac(unsigned car, uint8_t mac[6]); /* zero beyond FUZZ_CARS: not known */
void line_settings(fuzz_t *f, bool strict, uint8_t how);
void line_heal(fuzz_t *f); /* the modem is there and does what it should */
void line_send(fuzz_t *f, ccs_view_t frame);
bool line_answer(fuzz_t *f, ccs_event_t *event); /* what the modem or the source of keys has to say now */
bool line_command(fuzz_t *f, uint8_t code);
void line_invariants(const fuzz_t *f);

#endif
