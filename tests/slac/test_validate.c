/* CM_VALIDATE at a charger: the conformance purposes by their names, a story each, and what a toggle of the pilot is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

static void cm_validate_001_step_1_is_answered_as_the_outlet_is_set(void **state)
{
    static const struct {
        ccs_slac_validation_t setting;
        uint8_t result;
    } rows[] = {{CCS_SLAC_VALIDATION_NOT_REQUIRED, MME_VALIDATE_NOT_REQUIRED},
                {CCS_SLAC_VALIDATION_FAILURE, MME_VALIDATE_FAILURE},
                {CCS_SLAC_VALIDATION_READY, MME_VALIDATE_READY}};
    world_t *const w = *state;
    for (size_t i = 0; i < 3; i++) {
        w->config.validation = rows[i].setting;
        again(w, CCS_SLAC_STRICT);
        until_waiting(w);
        feed_now(w, validate_req(0));
        expect_sent(w, MME_CM_VALIDATE_CNF);
        assert_int_equal(w->last.validate_cnf.result, rows[i].result);
        feed_now(w, validate_req(0)); /* once more: the same */
        assert_int_equal(w->last.validate_cnf.result, rows[i].result);
    }
}

static void cm_validate_003_without_step_2_the_answer_is_repeated_twice_and_then_it_is_over(void **state)
{
    world_t *const w = *state;
    until_validating(w);
    for (int again = 0; again < SLAC_MATCH_RETRIES; again++) {
        advance(w, SLAC_MATCH_SEQUENCE_MS);
        expect_sent(w, MME_CM_VALIDATE_CNF);
    }
    advance(w, SLAC_MATCH_SEQUENCE_MS);
    assert_int_equal(w->sent, 0);
    feed_now(w, match_req());
    assert_int_equal(w->sent, 0);
}

static void cm_validate_step_2_with_a_wrong_signal_type_brings_the_answer_of_step_1_again(void **state)
{
    world_t *const w = *state;
    until_validating(w);
    mme_t req = validate_req(19);
    req.validate_req.signal_type = 1;
    feed_now(w, req);
    expect_sent(w, MME_CM_VALIDATE_CNF);
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_READY);
}

static void cm_validate_step_2_of_a_car_that_is_not_ready_ends_the_validation_unanswered(void **state)
{
    world_t *const w = *state;
    until_validating(w);
    mme_t req = validate_req(19);
    req.validate_req.result = MME_VALIDATE_NOT_READY;
    feed_now(w, req);
    assert_int_equal(w->sent, 0);
    assert_int_equal(w->evse.stats.failed, 1);
}

/* Another car is being validated: not ready, the car asks again later. */
static void cm_validate_009_one_validation_at_a_time(void **state)
{
    world_t *const w = *state;
    until_validating(w);
    mme_t other[] = {parm_req(), start_ind(), sound_ind(), profile_ind(11), char_rsp(), validate_req(0)};
    static const uint8_t other_mac[6] = {0x02, 0, 0, 0, 0, 0x0F};
    for (size_t i = 0; i < 6; i++) {
        if (other[i].type != MME_CM_ATTEN_PROFILE_IND) {
            memcpy(other[i].source, other_mac, 6);
        }
    }
    memcpy(other[1].start_atten_char_ind.forwarding_sta, other_mac, 6);
    memcpy(other[3].atten_profile_ind.pev_mac, other_mac, 6);
    memcpy(other[4].atten_char_rsp.source, other_mac, 6);
    for (size_t i = 0; i < 3; i++) {
        feed_now(w, other[i]);
    }
    for (int i = 0; i < SLAC_SOUNDS; i++) {
        feed_now(w, other[3]);
    }
    feed_now(w, other[4]);
    feed_now(w, other[5]);
    expect_sent(w, MME_CM_VALIDATE_CNF);
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_NOT_READY);
}

static void toggle(world_t *w)
{
    pilot(w, CCS_PILOT_C);
    advance(w, 250);
    pilot(w, CCS_PILOT_B);
    advance(w, 250);
}

/* 011: the car goes on to step 2 all the same, and is told what was counted; 012: it does not, also after asking twice. */
static void cm_validate_011_012_after_not_required_step_2_or_a_match_request_works(void **state)
{
    world_t *const w = *state;
    for (int how = 0; how < 3; how++) {
        again(w, CCS_SLAC_STRICT);
        until_waiting(w);
        for (int asked = 0; asked <= (how == 1); asked++) {
            feed_now(w, validate_req(0));
            expect_sent(w, MME_CM_VALIDATE_CNF);
            assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_NOT_REQUIRED);
        }
        if (how == 2) {
            feed_now(w, validate_req(19));
            toggle(w);
            toggle(w);
            advance(w, 1000);
            expect_sent(w, MME_CM_VALIDATE_CNF);
            assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_SUCCESS);
            assert_int_equal(w->last.validate_cnf.toggles, 2);
        }
        feed_now(w, match_req());
        expect_sent(w, MME_CM_SLAC_MATCH_CNF);
    }
}

static void cm_validate_step_2_before_step_1_is_not_answered(void **state)
{
    world_t *const w = *state;
    until_waiting(w);
    feed_now(w, validate_req(19));
    advance(w, 3600);
    assert_int_equal(w->sent, 0);
    feed_now(w, match_req());
    expect_sent(w, MME_CM_SLAC_MATCH_CNF);
}

/* TT_EVSE_vald_toggle: a car that names 25.6 s does not keep the next one waiting for so long. */
static void cm_validate_counts_for_3500_ms_at_most(void **state)
{
    world_t *const w = *state;
    until_validating(w);
    feed_now(w, validate_req(255));
    advance(w, 3499);
    assert_int_equal(w->sent, 0);
    advance(w, 1);
    expect_sent(w, MME_CM_VALIDATE_CNF);
    assert_int_equal(w->last.validate_cnf.toggles, 0);
}

/* A toggle is C for 200 .. 400 ms between two Bs, some tolerance given; a spike or a car that charges is none. */
static void cm_validate_counts_only_what_lasts_as_a_toggle_does(void **state)
{
    static const struct {
        int64_t ms;
        uint8_t counted;
    } rows[] = {{50, 0}, {SLAC_BCB_MIN_MS, 1}, {200, 1}, {400, 1}, {SLAC_BCB_MAX_MS, 1}, {SLAC_BCB_MAX_MS + 1, 0}, {1500, 0}};
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        again(w, CCS_SLAC_STRICT);
        until_validating(w);
        feed_now(w, validate_req(34));
        pilot(w, CCS_PILOT_C);
        advance(w, rows[i].ms);
        pilot(w, CCS_PILOT_B);
        advance(w, 3500 - rows[i].ms);
        expect_sent(w, MME_CM_VALIDATE_CNF);
        assert_int_equal(w->last.validate_cnf.toggles, rows[i].counted);
    }
}

static void validation_counts_toggles(void **state)
{
    world_t *const w = *state;
    w->config.validation = CCS_SLAC_VALIDATION_READY;
    until_result(w);
    feed_now(w, char_rsp());
    mme_t req;
    mme_init(&req, MME_CM_VALIDATE_REQ, evse_mac, car_mac);
    req.validate_req.result = MME_VALIDATE_READY;
    feed_now(w, req);
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_READY);
    req.validate_req.timer_100ms = 19;
    feed_now(w, req);
    for (int i = 0; i < 2; i++) {
        pilot(w, CCS_PILOT_C);
        advance(w, 250);
        pilot(w, CCS_PILOT_B);
        advance(w, 250);
    }
    advance(w, 1000);
    assert_int_equal(w->last.type, MME_CM_VALIDATE_CNF);
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_SUCCESS);
    assert_int_equal(w->last.validate_cnf.toggles, 2);
    feed_now(w, match_req());
    assert_int_equal(w->last.type, MME_CM_SLAC_MATCH_CNF);
}

static void a_match_request_follows_not_required(void **state)
{
    world_t *const w = *state;
    until_result(w);
    feed_now(w, char_rsp());
    mme_t req;
    mme_init(&req, MME_CM_VALIDATE_REQ, evse_mac, car_mac);
    req.validate_req.result = MME_VALIDATE_READY;
    feed_now(w, req);
    assert_int_equal(w->last.validate_cnf.result, MME_VALIDATE_NOT_REQUIRED);
    feed_now(w, match_req());
    assert_int_equal(w->last.type, MME_CM_SLAC_MATCH_CNF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(cm_validate_001_step_1_is_answered_as_the_outlet_is_set),
        story(cm_validate_003_without_step_2_the_answer_is_repeated_twice_and_then_it_is_over),
        story(cm_validate_step_2_with_a_wrong_signal_type_brings_the_answer_of_step_1_again),
        story(cm_validate_step_2_of_a_car_that_is_not_ready_ends_the_validation_unanswered),
        story(cm_validate_009_one_validation_at_a_time),
        story(cm_validate_011_012_after_not_required_step_2_or_a_match_request_works),
        story(cm_validate_step_2_before_step_1_is_not_answered),
        story(cm_validate_counts_for_3500_ms_at_most),
        story(cm_validate_counts_only_what_lasts_as_a_toggle_does),
        story(validation_counts_toggles),
        story(a_match_request_follows_not_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
