/* A wolfSSL client at our charger: what is stapled is an OCSP response that another library believes, and one that says revoked, or
 * is of somebody else, is not. SPDX-License-Identifier: Apache-2.0 */
#include "apps/ccs-pki/ocsp.h"
#include "wolf.h"
#include "world.h"

#include <string.h>
#include <time.h>

enum { CHAIN_SIZE = 4096 };

typedef struct meeting {
    wolf_t *wolf;
    uint8_t *response, *key;
    uint8_t chain[CHAIN_SIZE];
    int result; /* of wolf_step() */
} meeting_t;

static const ocsp_answer_t *answer_named(const char *name)
{
    const ocsp_answer_t *answer = ocsp_answers;
    while (strcmp(answer->name, name) != 0) {
        answer++;
        assert_true(answer < ocsp_answers + ocsp_answers_count);
    }
    return answer;
}

/* wolfSSL judges dates by the system's clock. */
static ccs_view_t respond(meeting_t *meeting, mint_kind_t kind, const char *name)
{
    const tree_t *const tree = &world.tree[kind];
    const ocsp_answer_t *const answer = answer_named(name);
    const size_t length = ocsp_make(answer, tree_find(tree, answer->certificate), tree_find(tree, answer->issuer),
                                    tree_find(tree, answer->signer), (int64_t)time(NULL), &meeting->response);
    assert_true(length > 0);
    return (ccs_view_t){meeting->response, length};
}

static ccs_view_t chain_of_car(meeting_t *meeting)
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(&world.tree[MINT_P521], "vehicle vehsub2 vehsub1", found);
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(length + found[i]->length <= CHAIN_SIZE);
        memcpy(meeting->chain + length, found[i]->der, found[i]->length);
        length += found[i]->length;
    }
    return (ccs_view_t){meeting->chain, length};
}

static void talk(meeting_t *meeting)
{
    for (size_t quiet = 0; quiet < 3 && meeting->result == 0;) {
        const size_t before = world.up.moved + world.down.moved;
        meeting->result = wolf_step(meeting->wolf);
        world.charger.result = tls_link_step(&world.charger.link, world.now_ms);
        quiet = before == world.up.moved + world.down.moved ? quiet + 1 : 0;
    }
    world.charger.result = tls_link_step(&world.charger.link, world.now_ms);
}

/* The response stapled is the one of this name; NULL: none. */
static void meet(meeting_t *meeting, const tls_backend_t *backend, mint_kind_t kind, const char *response, bool must_staple)
{
    const minted_t *const root = tree_find(&world.tree[kind], "v2groot"), *const car = tree_find(&world.tree[kind], "vehicle");
    tls_server_config_t server = world_charger(backend, kind);
    *meeting = (meeting_t){.result = 0};
    world.credential[0].ocsp[0] = response ? respond(meeting, kind, response) : (ccs_view_t){0};
    server.credentials = &world.credential[0];
    wolf_config_t config = {.version = kind == MINT_P256 ? 12 : 13,
                            .root = {root->der, root->length},
                            .must_staple = must_staple,
                            .wire = world_wire(&world.car)};
    if (kind != MINT_P256) {
        config.chain = chain_of_car(meeting);
        config.key.length = (size_t)i2d_PrivateKey(car->key, &meeting->key);
        config.key.at = meeting->key;
    }
    world_open_setup(&server, NULL, NULL);
    meeting->wolf = wolf_open(&config);
    assert_non_null(meeting->wolf);
    talk(meeting);
}

static void part(meeting_t *meeting)
{
    wolf_free(meeting->wolf);
    OPENSSL_free(meeting->response);
    OPENSSL_free(meeting->key);
    world_reset();
}

static void expect_open(meeting_t *meeting, uint8_t version)
{
    uint8_t octets[16];
    char text[80];
    size_t length;
    if (meeting->result != 1) {
        fail_msg("wolfSSL: %d, %s; charger: %s", meeting->result, wolf_text(meeting->result, text),
                 tls_failure_name(tls_link_facts(&world.charger.link)->failure));
    }
    assert_int_equal(world.charger.result, TLS_OK);
    assert_int_equal(tls_link_facts(&world.charger.link)->version, version);
    assert_int_equal(tls_link_facts(&world.charger.link)->authenticated, version == 13);
    assert_int_equal(wolf_write(meeting->wolf, "request", 7), 7);
    assert_int_equal(tls_link_read(&world.charger.link, octets, sizeof octets, &length), TLS_OK);
    assert_int_equal(length, 7);
}

static void each(void (*story)(const tls_backend_t *backend, mint_kind_t kind))
{
    for (size_t i = 0; i < world.backends; i++) {
        for (unsigned kind = MINT_P256; kind <= (unsigned)world_last_kind(world.backend[i]); kind++) {
            world_reset();
            story(world.backend[i], (mint_kind_t)kind);
        }
    }
}

static void story_open(const tls_backend_t *backend, mint_kind_t kind)
{
    meeting_t meeting;
    meet(&meeting, backend, kind, NULL, false);
    expect_open(&meeting, kind == MINT_P256 ? 12 : 13);
    part(&meeting);
}

static void a_wolfssl_car_charges_on_12_and_on_13(void **state)
{
    (void)state;
    each(story_open);
}

static void story_stapled(const tls_backend_t *backend, mint_kind_t kind)
{
    static const char *const good[] = {"secc", "secc-by-responder"};
    for (size_t i = 0; i < 2; i++) {
        meeting_t meeting;
        meet(&meeting, backend, kind, good[i], true);
        if ((tls_backend_can(backend) & TLS_CAN_STAPLE) != 0) {
            expect_open(&meeting, kind == MINT_P256 ? 12 : 13);
        } else { /* docs/TLS.md: nothing is stapled, and who insists on it leaves */
            assert_true(meeting.result < 0);
            assert_int_not_equal(world.charger.result, TLS_OK);
        }
        part(&meeting);
    }
}

static void a_car_that_insists_on_a_response_gets_one_where_the_library_can(void **state)
{
    (void)state;
    each(story_stapled);
}

static void story_bad(const tls_backend_t *backend, mint_kind_t kind)
{
    static const char *const bad[] = {NULL, "secc-revoked", "secc-of-another", "secc-by-another", "secc-expired", "secc-unknown"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        meeting_t meeting;
        meet(&meeting, backend, kind, bad[i], true);
        if (meeting.result >= 0) {
            fail_msg("%s: %d", bad[i] ? bad[i] : "none", meeting.result);
        }
        part(&meeting);
    }
}

static void a_response_that_is_not_good_is_seen_by_the_car(void **state)
{
    (void)state;
    each(story_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wolfssl_car_charges_on_12_and_on_13),
        cmocka_unit_test(a_car_that_insists_on_a_response_gets_one_where_the_library_can),
        cmocka_unit_test(a_response_that_is_not_good_is_seen_by_the_car),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
