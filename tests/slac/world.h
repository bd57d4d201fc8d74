/* One charger's matching machine, its modem, and the frames of a car: what the stories of this folder share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_SLAC_WORLD_H
#define CCS_TESTS_SLAC_WORLD_H

#include "slac/evse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const uint8_t evse_mac[6];
extern const uint8_t modem_mac[6];
extern const uint8_t car_mac[6];
extern const uint8_t run_id[8];

typedef struct world {
    slac_evse_t evse;
    slac_evse_out_t out;
    ccs_slac_config_t config;
    ccs_trace_t trace;
    int64_t now_ms;
    mme_t last; /* last frame that left */
    uint8_t last_octets[SLAC_FRAME_SIZE];
    unsigned sent; /* frames of the last step or advance */
    unsigned keys, ups, downs;
    uint8_t key[16]; /* in the modem */
    bool modem_silent;
    uint8_t random;
} world_t;

void sha256(const uint8_t *at, size_t length, uint8_t digest[32]);
void step(world_t *w, slac_event_t event);
void advance(world_t *w, int64_t ms);
void pilot(world_t *w, ccs_pilot_state_t state);
void feed(world_t *w, const mme_t *mme);
void begin(world_t *w, ccs_slac_mode_t mode);
int world_make(void **state);
int world_free(void **state);
void again(world_t *w, ccs_slac_mode_t mode);
mme_t parm_req(void);
mme_t start_ind(void);
mme_t sound_ind(void);
mme_t profile_ind(uint8_t dB);
mme_t char_rsp(void);
mme_t match_req(void);
mme_t link_status(uint8_t link);
void feed_now(world_t *w, mme_t mme);
void until_sounding(world_t *w);
void until_result(world_t *w);
void until_joining(world_t *w);
void until_matched(world_t *w);
mme_t validate_req(uint8_t timer_100ms);
void until_waiting(world_t *w); /* for validation or match request */
void until_validating(world_t *w);
void expect_sent(const world_t *w, uint16_t type); /* this frame and no other */

/* A strict charger for each story, in *state. */
#define story(name) cmocka_unit_test_setup_teardown(name, world_make, world_free)

#endif
