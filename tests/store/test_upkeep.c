/* Upkeep: responses asked for and renewed in time, words before an end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/upkeep.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ocsp.h>

enum { DAY_S = 86400, SAID_MAX = 64 };

typedef struct asked {
    uint32_t id;
    char name[UPKEEP_NAME_SIZE], uri[128];
    uint8_t request[UPKEEP_REQUEST_MAX];
    size_t length;
    octets_t certificate, issuer;
} asked_t;

static uint8_t memory[65536];
static upkeep_t upkeep;
static asked_t asked[32];
static size_t asks, warnings;
static char said[SAID_MAX][200];
static upkeep_warning_t warned[SAID_MAX];
static int64_t now_ms, utc_s;

static void note_ask(void *ctx, const upkeep_job_t *job)
{
    (void)ctx;
    assert_true(asks < sizeof asked / sizeof asked[0]);
    asked_t *const one = &asked[asks++];
    one->id = job->id;
    (void)snprintf(one->name, sizeof one->name, "%s", job->name);
    (void)snprintf(one->uri, sizeof one->uri, "%.*s", (int)job->uri.length, (const char *)job->uri.at);
    memcpy(one->request, job->request.at, job->request.length);
    one->length = job->request.length;
    memcpy(one->certificate.at, job->certificate.at, job->certificate.length);
    one->certificate.length = job->certificate.length;
    memcpy(one->issuer.at, job->issuer.at, job->issuer.length);
    one->issuer.length = job->issuer.length;
}

static void note_warning(void *ctx, const upkeep_warning_t *warning)
{
    (void)ctx;
    assert_true(warnings < SAID_MAX);
    warned[warnings] = *warning;
    upkeep_warning_text(warning, said[warnings++], sizeof said[0]);
}

static int reset(void **state)
{
    (void)state;
    const upkeep_config_t config = {.crypto = &world.crypto, .ocsp = true, .ask = note_ask, .warn = note_warning};
    world_reset();
    upkeep_init(&upkeep, &config);
    asks = warnings = 0;
    now_ms = 1000;
    utc_s = TREE_NOW_S;
    return 0;
}

static store_time_t time_now(void)
{
    return (store_time_t){.trusted_s = utc_s, .newest_s = utc_s};
}

static void look(void)
{
    store_snapshot_t snapshot;
    asks = warnings = 0;
    assert_int_equal(store_snapshot_take(&world.store, time_now(), &snapshot, memory, sizeof memory), CCS_OK);
    upkeep_look(&upkeep, &snapshot, time_now(), now_ms);
    store_snapshot_free(&snapshot);
}

static void pass_s(int64_t seconds)
{
    now_ms += seconds * 1000;
    utc_s += seconds;
}

static store_answer_t answer(const asked_t *one, const char *name, int64_t from_s)
{
    tree_t *const tree = &world.tree[MINT_P256];
    for (size_t i = 0; i < ocsp_answers_count; i++) {
        const ocsp_answer_t *const row = &ocsp_answers[i];
        if (strcmp(row->name, name) == 0) {
            uint8_t *der = NULL;
            const size_t length = ocsp_make(row, tree_find(tree, row->certificate), tree_find(tree, row->issuer),
                                            tree_find(tree, row->signer), from_s, &der);
            assert_true(length > 0);
            const store_answer_t said_so =
                upkeep_answer(&upkeep, &world.store, one->id, (ccs_view_t){der, length}, time_now(), now_ms);
            OPENSSL_free(der);
            return said_so;
        }
    }
    fail_msg("no response %s", name);
    return (store_answer_t){0};
}

static void answer_all(void)
{
    static const char *const names[] = {"secc", "cposub2", "cposub1"};
    assert_int_equal(asks, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_fault(answer(&asked[i], names[i], utc_s - 60), NONE);
    }
}

/* ---- OCSP */

static void each_certificate_of_a_new_chain_is_asked_for(void **state)
{
    (void)state;
    look();
    assert_int_equal(asks, 0);
    world_provision(STORE_ISO2, MINT_P256);
    look();
    assert_int_equal(asks, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(asked[i].id != 0);
        assert_true(i == 0 || asked[i].id != asked[i - 1].id);
    }
    look();
    assert_int_equal(asks, 0); /* they are out */
    assert_int_equal(warnings, 0);
}

static void a_request_is_what_openssl_would_ask(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    for (size_t i = 0; i < asks; i++) {
        const unsigned char *at = asked[i].request, *subject_at = asked[i].certificate.at, *issuer_at = asked[i].issuer.at;
        OCSP_REQUEST *const request = d2i_OCSP_REQUEST(NULL, &at, (long)asked[i].length);
        X509 *const subject = d2i_X509(NULL, &subject_at, (long)asked[i].certificate.length);
        X509 *const issuer = d2i_X509(NULL, &issuer_at, (long)asked[i].issuer.length);
        OCSP_CERTID *const id = OCSP_cert_to_id(EVP_sha256(), subject, issuer);
        assert_non_null(request);
        assert_ptr_equal(at, asked[i].request + asked[i].length);
        assert_int_equal(OCSP_request_onereq_count(request), 1);
        assert_int_equal(OCSP_id_cmp(OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0)), id), 0);
        OCSP_CERTID_free(id);
        X509_free(issuer);
        X509_free(subject);
        OCSP_REQUEST_free(request);
    }
}

/* [V2G2-649] [V2G20-1021]: never older than a week. */
static void responses_are_renewed_before_a_week(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    answer_all();
    const int64_t asked_s = utc_s;
    while (pass_s(3600), look(), asks == 0) {
        assert_true(utc_s < asked_s + 7 * DAY_S);
    }
    assert_int_equal(asks, 3);
    assert_in_range(utc_s - asked_s, 3 * DAY_S, 6 * DAY_S);
    answer_all();
    pass_s(3600);
    look();
    assert_int_equal(asks, 0);
}

/* Time goes on from deadline to deadline until something is asked. */
static void wait_for_ask(void)
{
    for (look(); asks == 0; look()) {
        const int64_t to_ms = upkeep_deadline_ms(&upkeep);
        assert_true(to_ms > now_ms);
        utc_s += (to_ms - now_ms) / 1000;
        now_ms = to_ms;
    }
}

static void a_job_without_answer_is_asked_again_ever_more_seldom(void **state)
{
    (void)state;
    int64_t gap_ms = 0, last_ms = now_ms;
    world_provision(STORE_ISO2, MINT_P256);
    wait_for_ask();
    for (unsigned round = 0; round < 14; round++) {
        wait_for_ask();
        assert_int_equal(asks, 3);
        const int64_t gap_now_ms = now_ms - last_ms;
        assert_true(gap_now_ms >= gap_ms);
        assert_in_range(gap_now_ms, UPKEEP_ANSWER_MS + UPKEEP_RETRY_MS, UPKEEP_ANSWER_MS + UPKEEP_RETRY_MAX_MS);
        gap_ms = gap_now_ms;
        last_ms = now_ms;
    }
    assert_int_equal(gap_ms, UPKEEP_ANSWER_MS + UPKEEP_RETRY_MAX_MS);
}

static void responses_that_are_not_to_be_believed_count_as_failures(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    const asked_t leaf = asked[0];
    assert_fault(answer(&leaf, "secc-by-another", utc_s), CERTIFICATE);
    assert_fault(answer(&leaf, "secc", utc_s), NOTHING); /* its job is over */
    look();
    assert_int_equal(asks, 0);
    pass_s(UPKEEP_RETRY_MS / 1000);
    look();
    assert_int_equal(asks, 1);
    assert_fault(answer(&asked[0], "cposub2", utc_s - 1), NOT_OURS); /* good, but of another */
    assert_fault(upkeep_answer(&upkeep, &world.store, 99999, (ccs_view_t){memory, 8}, time_now(), now_ms), NOTHING);
}

static void a_revoked_certificate_is_told(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    assert_fault(answer(&asked[0], "secc-revoked", utc_s - 1), NONE);
    look();
    assert_int_equal(warnings, 1);
    assert_int_equal(warned[0].kind, UPKEEP_REVOKED);
    look();
    assert_int_equal(warnings, 0);
}

static void without_a_trusted_time_nothing_is_asked(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    const store_time_t unknown = {.newest_s = utc_s};
    assert_int_equal(store_snapshot_take(&world.store, unknown, &snapshot, memory, sizeof memory), CCS_OK);
    upkeep_look(&upkeep, &snapshot, unknown, now_ms);
    store_snapshot_free(&snapshot);
    assert_int_equal(asks, 0);
}

/* What is due and cannot be done wakes nobody up again and again. */
static void a_time_that_is_lost_leaves_a_deadline_in_the_future(void **state)
{
    (void)state;
    store_snapshot_t snapshot;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    for (size_t i = 0; i < 3; i++) {
        upkeep_failed(&upkeep, asked[i].id, now_ms);
    }
    const store_time_t unknown = {.newest_s = utc_s};
    for (unsigned i = 0; i < 10; i++) {
        assert_true(upkeep_deadline_ms(&upkeep) > now_ms);
        now_ms = upkeep_deadline_ms(&upkeep);
        assert_int_equal(store_snapshot_take(&world.store, unknown, &snapshot, memory, sizeof memory), CCS_OK);
        upkeep_look(&upkeep, &snapshot, unknown, now_ms);
        store_snapshot_free(&snapshot);
    }
}

static void a_chain_that_is_gone_takes_its_jobs_along(void **state)
{
    (void)state;
    world_provision(STORE_ISO2, MINT_P256);
    look();
    const asked_t leaf = asked[0];
    world_reset();
    look();
    assert_fault(answer(&leaf, "secc", utc_s), NOTHING);
}

/* ---- ends */

static void people_are_told_60_21_and_7_days_before_an_end(void **state)
{
    (void)state;
    static const unsigned days[] = {60, 21, 7, 0};
    upkeep.config.ocsp = false;
    world_provision(STORE_ISO2, MINT_P256);
    utc_s = TREE_UNTIL_S - 100 * DAY_S;
    look();
    assert_int_equal(warnings, 0);
    unsigned told = 0;
    for (unsigned hour = 0; hour < 24 * 110; hour++) {
        pass_s(3600);
        look();
        if (warnings > 0) {
            assert_true(told < 4);
            assert_int_equal(warnings, 4); /* leaf, both sub-CAs, root: all end on the same day in this tree */
            assert_int_equal(warned[0].days, days[told]);
            assert_int_equal(warned[0].kind, days[told] == 0 ? UPKEEP_ENDED : UPKEEP_ENDS);
            const int64_t left_s = warned[0].until_s - utc_s;
            assert_true(left_s < (int64_t)days[told] * DAY_S && left_s >= (int64_t)days[told] * DAY_S - 3600);
            assert_non_null(strstr(said[0], "iso2: certificate \""));
            told++;
        }
    }
    assert_int_equal(told, 4);
}

static void after_a_long_rest_the_nearest_step_is_told_alone(void **state)
{
    (void)state;
    upkeep.config.ocsp = false;
    world_provision(STORE_ISO2, MINT_P256);
    utc_s = TREE_UNTIL_S - 3 * DAY_S;
    look();
    assert_int_equal(warnings, 4);
    assert_int_equal(warned[0].days, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_certificate_of_a_new_chain_is_asked_for, reset),
        cmocka_unit_test_setup(a_request_is_what_openssl_would_ask, reset),
        cmocka_unit_test_setup(responses_are_renewed_before_a_week, reset),
        cmocka_unit_test_setup(a_job_without_answer_is_asked_again_ever_more_seldom, reset),
        cmocka_unit_test_setup(responses_that_are_not_to_be_believed_count_as_failures, reset),
        cmocka_unit_test_setup(a_revoked_certificate_is_told, reset),
        cmocka_unit_test_setup(without_a_trusted_time_nothing_is_asked, reset),
        cmocka_unit_test_setup(a_time_that_is_lost_leaves_a_deadline_in_the_future, reset),
        cmocka_unit_test_setup(a_chain_that_is_gone_takes_its_jobs_along, reset),
        cmocka_unit_test_setup(people_are_told_60_21_and_7_days_before_an_end, reset),
        cmocka_unit_test_setup(after_a_long_rest_the_nearest_step_is_told_alone, reset),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
