/* Handshakes of every backend against every other: what is agreed on, and what is not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

/* Runs a story with every backend as charger against every backend as car. */
typedef void (*story_t)(const tls_backend_t *charger, const tls_backend_t *car);

static void with_all(story_t story)
{
    for (size_t i = 0; i < world.backends; i++) {
        for (size_t j = 0; j < world.backends; j++) {
            world_reset();
            story(world.backend[i], world.backend[j]);
        }
    }
    world_reset();
}

/* ---- ISO 15118-2 */

static void story_12(const tls_backend_t *charger, const tls_backend_t *car)
{
    const tls_server_config_t server = world_charger(charger, MINT_P256);
    const tls_client_config_t client = world_car(car, MINT_P256);
    world_open(&server, &client);
    world_expect_open(12);
    const tls_facts_t *const facts = tls_link_facts(&world.charger.link);
    assert_int_equal(facts->suite, 0xC023);
    assert_int_equal(facts->why, TLS_WHY_ONLY_12);
    assert_false(facts->authenticated);
    assert_true(tls_link_facts(&world.car.link)->authenticated);
    assert_string_equal(tls_link_facts(&world.car.link)->name, "DEABCE0001");
}

static void a_car_of_iso_2_gets_12_without_showing_a_certificate(void **state)
{
    (void)state;
    with_all(story_12);
}

/* ---- ISO 15118-20 */

static void expect_vehicle(void)
{
    ccs_peer_t peer;
    const uint8_t zero[64] = {0};
    tls_link_peer(&world.charger.link, &peer);
    assert_int_equal(peer.tls, 13);
    assert_true(peer.authenticated);
    assert_int_equal(peer.name.length, strlen("WMIV1234567890ABCDEX"));
    assert_memory_equal(peer.name.at, "WMIV1234567890ABCDEX", peer.name.length);
    assert_memory_not_equal(peer.leaf_sha512, zero, sizeof zero);
}

static void story_13(const tls_backend_t *charger, const tls_backend_t *car)
{
    const tls_server_config_t server = world_charger(charger, MINT_P521);
    const tls_client_config_t client = world_car(car, MINT_P521);
    world_open(&server, &client);
    world_expect_open(13);
    assert_int_equal(tls_link_facts(&world.charger.link)->suite, 0x1302);
    expect_vehicle();
}

static void a_car_of_iso_20_gets_13_and_shows_its_vehicle_certificate(void **state)
{
    (void)state;
    with_all(story_13);
}

static void story_ed448(const tls_backend_t *charger, const tls_backend_t *car)
{
    if ((tls_backend_can(charger) & tls_backend_can(car) & TLS_CAN_ED448) == 0) {
        return;
    }
    const tls_server_config_t server = world_charger(charger, MINT_ED448);
    const tls_client_config_t client = world_car(car, MINT_ED448);
    world_open(&server, &client);
    world_expect_open(13);
    expect_vehicle();
}

static void ed448_on_both_sides_where_the_library_has_it(void **state)
{
    (void)state;
    with_all(story_ed448);
}

/* [V2G20-1264] [V2G20-2400] */
static void story_anonymous(const tls_backend_t *charger, const tls_backend_t *car)
{
    const tls_server_config_t server = world_charger(charger, MINT_P521);
    tls_client_config_t client = world_car(car, MINT_P521);
    client.credential = NULL;
    world_open(&server, &client);
    world_expect_failure(TLS_FAILURE_NO_CERTIFICATE, "anonymous car");
    assert_int_not_equal(world.car.result, TLS_OK);
}

static void an_anonymous_car_never_gets_13(void **state)
{
    (void)state;
    with_all(story_anonymous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_car_of_iso_2_gets_12_without_showing_a_certificate),
        cmocka_unit_test(a_car_of_iso_20_gets_13_and_shows_its_vehicle_certificate),
        cmocka_unit_test(ed448_on_both_sides_where_the_library_has_it),
        cmocka_unit_test(an_anonymous_car_never_gets_13),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
