/* Handshakes of every backend against every other: what is agreed on, and what is not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <string.h>

/* Runs a story with every backend as charger against every backend as car. */
typedef void (*story_t)(const tls_backend_t *charger, const tls_backend_t *car);

static void with_each(story_t story, unsigned needed)
{
    for (size_t i = 0; i < world.backends; i++) {
        for (size_t j = 0; j < world.backends; j++) {
            world_reset();
            if ((tls_backend_can(world.backend[i]) & tls_backend_can(world.backend[j]) & needed) == needed) {
                story(world.backend[i], world.backend[j]);
            }
        }
    }
    world_reset();
}

static void with_all(story_t story)
{
    with_each(story, 0);
}

static void with_13(story_t story)
{
    with_each(story, TLS_CAN_13);
}

/* Chargers that have TLS 1.3; false: the next one, please. */
static bool has_13(const tls_backend_t *backend)
{
    world_reset();
    return (tls_backend_can(backend) & TLS_CAN_13) != 0;
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
    with_13(story_13);
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
    with_13(story_anonymous);
}

/* ---- cars that offer both */

/* A charger for both, as a site has it: P-256 for TLS 1.2, P-521 for TLS 1.3. */
static tls_server_config_t charger_of_both(const tls_backend_t *backend)
{
    tls_server_config_t server = world_charger(backend, MINT_P521);
    tls_credential_t *const first = world_credential(backend, MINT_P256, 12, "secc cposub2 cposub1", "v2groot");
    const size_t at = (size_t)(first - world.credential) - 1;
    assert_ptr_equal(server.credentials, &world.credential[at]); /* one behind the other */
    server.count = 2;
    return server;
}

/* A car for both: it believes the roots of both trees. */
static tls_client_config_t car_of_both(const tls_backend_t *backend)
{
    static ccs_view_t roots[2];
    tls_client_config_t client = world_car(backend, MINT_P521);
    roots[0] = client.trust.stores.store[PKI_STORE_V2G].roots[0];
    roots[1] = world_stores(MINT_P256, NULL).store[PKI_STORE_V2G].roots[0];
    client.trust.stores.store[PKI_STORE_V2G] = (pki_store_t){roots, 2};
    client.offers_12 = true;
    return client;
}

static void story_marks(const tls_backend_t *charger, const tls_backend_t *car)
{
    const tls_server_config_t server = charger_of_both(charger);
    const tls_client_config_t client = car_of_both(car);
    const bool shows = (tls_backend_can(car) & TLS_CAN_TELL_AUTHORITIES) != 0;
    world_open(&server, &client);
    world_expect_open(shows ? 13 : 12);
    assert_int_equal(tls_link_facts(&world.charger.link)->why, shows ? TLS_WHY_MARKS_OF_20 : TLS_WHY_NO_MARKS_OF_20);
    assert_int_equal(tls_link_facts(&world.charger.link)->authenticated, shows);
}

static void a_car_of_both_gets_13_if_it_shows_the_marks_of_iso_20(void **state)
{
    (void)state;
    with_13(story_marks);
}

static void story_again(const tls_backend_t *charger, const tls_backend_t *car)
{
    const uint8_t address[16] = {0xFE, 0x80, [15] = 7}, neighbour[16] = {0xFE, 0x80, [15] = 8};
    tls_memory_t memory = {0};
    tls_server_config_t server = charger_of_both(charger);
    tls_client_config_t client = car_of_both(car);
    if ((tls_backend_can(car) & TLS_CAN_TELL_AUTHORITIES) == 0) {
        return;
    }
    client.credential = NULL;
    world_open(&server, &client);
    world_expect_failure(TLS_FAILURE_NO_CERTIFICATE, "first try");
    tls_memory_note(&memory, address, tls_link_facts(&world.charger.link));
    assert_true(tls_memory_without_certificate(&memory, address));
    assert_false(tls_memory_without_certificate(&memory, neighbour));

    world_reset();
    server = charger_of_both(charger);
    client = car_of_both(car);
    client.credential = NULL;
    const tls_setup_t setup = {.utc_s = TREE_NOW_S, .no_certificate_before = tls_memory_without_certificate(&memory, address)};
    world_open_setup(&server, &client, &setup);
    world_talk();
    world_expect_open(12);
    assert_int_equal(tls_link_facts(&world.charger.link)->why, TLS_WHY_NO_CERTIFICATE_BEFORE);
    tls_memory_forget(&memory);
    assert_false(tls_memory_without_certificate(&memory, address));
}

static void a_car_that_had_no_certificate_gets_12_when_it_comes_again(void **state)
{
    (void)state;
    with_13(story_again);
}

static void a_stock_client_without_a_certificate_that_offers_both_ends_up_on_12(void **state)
{
    const stock_t stock = {0};
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        if (!has_13(world.backend[i])) {
            continue;
        }
        stock_client_t client;
        world_reset();
        const tls_server_config_t server = charger_of_both(world.backend[i]);
        world_open_setup(&server, NULL, NULL);
        stock_open(&client, &stock);
        assert_true(stock_talk(&client));
        assert_int_equal(SSL_version(client.ssl), TLS1_2_VERSION);
        assert_string_equal(SSL_get_cipher(client.ssl), "ECDHE-ECDSA-AES128-SHA256");
        assert_int_equal(tls_link_facts(&world.charger.link)->why, TLS_WHY_NO_MARKS_OF_20);
        stock_free(&client);
    }
    world_reset();
}

/* ---- what is not agreed on */

typedef struct refusal {
    const char *rule;
    stock_t stock;
    bool allows_12, allows_13;
    tls_failure_t failure;
    int alert; /* that the car hears */
} refusal_t;

static const refusal_t refusals[] = {
    {"1.3 alone where only 1.2 is served", {.version_min = TLS1_3_VERSION}, true, false, TLS_FAILURE_NO_VERSION, 70},
    {"1.2 alone where only 1.3 is served", {.version_max = TLS1_2_VERSION}, false, true, TLS_FAILURE_NO_VERSION, 70},
    {"no version at all is served", {0}, false, false, TLS_FAILURE_NO_VERSION, 70},
    {"1.2 without a suite of ISO 15118-2",
     {.version_max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"},
     true,
     true,
     TLS_FAILURE_NO_SUITE,
     40},
    {"1.3 with AES-128 alone",
     {.version_min = TLS1_3_VERSION, .suites = "TLS_AES_128_GCM_SHA256"},
     true,
     true,
     TLS_FAILURE_NO_SUITE,
     40},
    {"1.2 without P-256", {.version_max = TLS1_2_VERSION, .groups = "P-384"}, true, true, TLS_FAILURE_NO_GROUP, 40},
    {"1.3 without a group of ISO 15118-20",
     {.version_min = TLS1_3_VERSION, .groups = "X25519:P-256"},
     true,
     true,
     TLS_FAILURE_NO_GROUP,
     40},
    {"1.2 without ECDSA and SHA-256",
     {.version_max = TLS1_2_VERSION, .signatures = "ECDSA+SHA512"},
     true,
     true,
     TLS_FAILURE_NO_SIGNATURE,
     40},
    {"1.3 with P-256 signatures alone",
     {.version_min = TLS1_3_VERSION, .signatures = "ecdsa_secp256r1_sha256"},
     true,
     true,
     TLS_FAILURE_NO_SIGNATURE,
     40},
    {"1.3 with Ed448 alone, where the charger has P-521 alone",
     {.version_min = TLS1_3_VERSION, .signatures = "ed448"},
     true,
     true,
     TLS_FAILURE_NO_SIGNATURE,
     40},
};

static void expect_refusal(const tls_backend_t *backend, const refusal_t *refusal)
{
    stock_client_t client;
    tls_server_config_t server = charger_of_both(backend);
    server.site.allows_12 = refusal->allows_12;
    server.site.allows_13 = refusal->allows_13;
    world_open_setup(&server, NULL, NULL);
    stock_open(&client, &refusal->stock);
    assert_false(stock_talk(&client));
    world_expect_failure(refusal->failure, refusal->rule);
    assert_int_equal(world.down.octets[0], 21); /* nothing but our alert, in its own record */
    assert_int_equal(world.down.octets[6], refusal->alert);
    stock_free(&client);
}

static void what_has_nothing_in_common_is_refused_before_the_library_sees_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        if (!has_13(world.backend[i])) {
            continue;
        }
        for (size_t j = 0; j < sizeof refusals / sizeof *refusals; j++) {
            world_reset();
            expect_refusal(world.backend[i], &refusals[j]);
        }
    }
    world_reset();
}

/* ---- suites, groups */

static void expect_13(const tls_backend_t *charger, const char *suites, const char *groups, uint16_t suite)
{
    stock_client_t client;
    const stock_t stock = {.version_min = TLS1_3_VERSION, .suites = suites, .groups = groups};
    const minted_t *const leaf = tree_find(&world.tree[MINT_P521], "vehicle");
    world_reset();
    const tls_server_config_t server = world_charger(charger, MINT_P521);
    world_open_setup(&server, NULL, NULL);
    stock_open(&client, &stock);
    assert_int_equal(SSL_use_certificate(client.ssl, leaf->x509), 1);
    assert_int_equal(SSL_use_PrivateKey(client.ssl, leaf->key), 1);
    assert_int_equal(SSL_add1_chain_cert(client.ssl, tree_find(&world.tree[MINT_P521], "vehsub2")->x509), 1);
    assert_int_equal(SSL_add1_chain_cert(client.ssl, tree_find(&world.tree[MINT_P521], "vehsub1")->x509), 1);
    assert_true(stock_talk(&client));
    assert_int_equal(world.charger.result, TLS_OK);
    assert_int_equal(tls_link_facts(&world.charger.link)->suite, suite);
    assert_true(tls_link_facts(&world.charger.link)->authenticated);
    stock_free(&client);
}

static void suites_and_groups_of_iso_20(void **state)
{
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        if (!has_13(world.backend[i])) {
            continue;
        }
        expect_13(world.backend[i], "TLS_AES_256_GCM_SHA384", "P-521", 0x1302);
        expect_13(world.backend[i], "TLS_CHACHA20_POLY1305_SHA256", "P-521", 0x1303);
        expect_13(world.backend[i], "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "X448", 0x1302);
        expect_13(world.backend[i], "TLS_AES_256_GCM_SHA384", "X25519:P-256:P-521", 0x1302); /* HelloRetryRequest */
    }
    world_reset();
}

static void story_static(const tls_backend_t *charger, const tls_backend_t *car)
{
    tls_server_config_t server = world_charger(charger, MINT_P256);
    tls_client_config_t client = world_car(car, MINT_P256);
    client.static_ecdh = true;
    if ((tls_backend_can(car) & TLS_CAN_STATIC_ECDH) == 0) {
        return;
    }
    world_open(&server, &client);
    world_expect_failure(TLS_FAILURE_NO_SUITE, "static ECDH is off by default");
    world_reset();

    server = world_charger(charger, MINT_P256);
    client = world_car(car, MINT_P256);
    client.static_ecdh = server.site.static_ecdh = true;
    world_open(&server, &client);
    if ((tls_backend_can(charger) & TLS_CAN_STATIC_ECDH) == 0) {
        world_expect_failure(TLS_FAILURE_NO_SUITE, "a library without it");
        return;
    }
    world_expect_open(12);
    assert_int_equal(tls_link_facts(&world.charger.link)->suite, 0xC025);
}

static void static_ecdh_only_in_conformance_mode_and_where_the_library_has_it(void **state)
{
    (void)state;
    with_all(story_static);
}

static void story_compat(const tls_backend_t *charger, const tls_backend_t *car)
{
    tls_server_config_t server = world_charger(charger, MINT_P256);
    tls_client_config_t client = world_car(car, MINT_P256);
    server.credentials = world_credential(charger, MINT_P256, 13, "secc cposub2 cposub1", "v2groot");
    server.site.compat = client.trust.compat = true;
    client.offers_12 = false;
    client.offers_13 = true;
    client.credential = world_credential(car, MINT_P256, 13, "vehicle vehsub2 vehsub1", NULL);
    world_open(&server, &client);
    world_expect_open(13);
    assert_true(tls_link_facts(&world.charger.link)->compat);
    assert_true(tls_link_facts(&world.charger.link)->authenticated);
}

static void p_256_in_13_only_in_the_compat_profile(void **state)
{
    size_t which = 9;
    (void)state;
    with_13(story_compat);
    tls_server_config_t server = world_charger(world.backend[0], MINT_P256);
    server.credentials = world_credential(world.backend[0], MINT_P256, 13, "secc cposub2 cposub1", "v2groot");
    assert_int_equal(tls_server_init(&world.server, &server, &which), CCS_ERR_CONFIG);
    assert_int_equal(which, 0);
    world.server.config.backend = NULL;
    world_reset();
}

/* ---- which chain a car is shown */

static tls_server_config_t charger_of_two_roots(const tls_backend_t *backend, mint_kind_t kind)
{
    const uint8_t version = kind == MINT_P256 ? 12 : 13;
    tls_server_config_t server = world_charger(backend, kind);
    (void)world_credential(backend, kind, version, "secc_2 cposub2_2 cposub1_2", "v2groot2");
    server.count = 2;
    return server;
}

/* A car that believes one root of ours, or one that nobody has heard of. */
static tls_client_config_t car_of_root(const tls_backend_t *backend, mint_kind_t kind, const char *root)
{
    static ccs_view_t only[1];
    tls_client_config_t client = world_car(backend, kind);
    const minted_t *const minted = tree_find(&world.tree[kind], root);
    only[0] = (ccs_view_t){minted->der, minted->length};
    client.trust.stores.store[PKI_STORE_V2G] = (pki_store_t){only, 1};
    return client;
}

static void expect_chain_by_root(const tls_backend_t *charger, const tls_backend_t *car, mint_kind_t kind, bool bare)
{
    tls_server_config_t server = charger_of_two_roots(charger, kind);
    tls_client_config_t client = car_of_root(car, kind, "v2groot2");
    client.bare_trusted_ca = bare;
    world_open(&server, &client);
    world_expect_open(kind == MINT_P256 ? 12 : 13);
    const tls_facts_t *const facts = tls_link_facts(&world.charger.link);
    assert_int_equal(facts->credential, 1);
    assert_true(facts->root_named);
    assert_int_equal(facts->trusted_ca_bare, bare);
    world_reset();
}

static void story_root_of_12(const tls_backend_t *charger, const tls_backend_t *car)
{
    if ((tls_backend_can(car) & TLS_CAN_TELL_TRUSTED_CA) != 0) {
        expect_chain_by_root(charger, car, MINT_P256, false);
        expect_chain_by_root(charger, car, MINT_P256, true);
    }
}

static void trusted_ca_keys_choose_the_chain_also_without_their_length(void **state) /* [V2G2-651] [V2G2-871] */
{
    (void)state;
    with_all(story_root_of_12);
}

static void story_root_of_13(const tls_backend_t *charger, const tls_backend_t *car)
{
    if ((tls_backend_can(car) & TLS_CAN_TELL_AUTHORITIES) != 0) {
        expect_chain_by_root(charger, car, MINT_P521, false);
    }
}

static void certificate_authorities_choose_the_chain(void **state) /* [V2G20-1006] [V2G20-1007] */
{
    (void)state;
    with_13(story_root_of_13);
}

static void story_no_root(const tls_backend_t *charger, const tls_backend_t *car)
{
    const tls_server_config_t server = charger_of_two_roots(charger, MINT_P256);
    const tls_client_config_t client = car_of_root(car, MINT_P256, "privroot");
    world_open(&server, &client);
    assert_int_equal(tls_link_facts(&world.charger.link)->credential, 0);
    assert_false(tls_link_facts(&world.charger.link)->root_named);
    world_expect_refused(&world.car, "a root that it does not know", PKI_ROOT_UNKNOWN, 2);
}

static void a_car_that_names_no_root_of_ours_is_shown_the_first_chain(void **state) /* [V2G2-923] */
{
    (void)state;
    with_all(story_no_root);
}

/* ---- OCSP, CertificateRequest */

static void story_staple(const tls_backend_t *charger, const tls_backend_t *car)
{
    const bool both = (tls_backend_can(charger) & TLS_CAN_STAPLE) != 0 && (tls_backend_can(car) & TLS_CAN_ASK_STATUS) != 0;
    for (unsigned kind = MINT_P256; kind <= world_last_kind(charger) && kind <= world_last_kind(car); kind++) {
        world_reset();
        const tls_server_config_t server = world_charger(charger, (mint_kind_t)kind);
        const tls_client_config_t client = world_car(car, (mint_kind_t)kind);
        world_open(&server, &client);
        world_expect_open(kind == MINT_P256 ? 12 : 13);
        assert_int_equal(tls_link_facts(&world.car.link)->stapled, both);
    }
}

static void the_leafs_ocsp_response_comes_along_where_the_library_can(void **state)
{
    (void)state;
    with_all(story_staple);
}

static void the_certificate_request_names_v2g_and_oem_roots_where_the_library_can(void **state) /* [V2G20-2401] */
{
    const stock_t stock = {.version_min = TLS1_3_VERSION, .groups = "P-521"};
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        if (!has_13(world.backend[i])) {
            continue;
        }
        stock_client_t client;
        world_reset();
        const tls_server_config_t server = world_charger(world.backend[i], MINT_P521);
        world_open_setup(&server, NULL, NULL);
        stock_open(&client, &stock);
        (void)stock_talk(&client);
        const STACK_OF(X509_NAME) *const names = SSL_get0_peer_CA_list(client.ssl);
        const bool can = (tls_backend_can(world.backend[i]) & TLS_CAN_REQUEST_ROOTS) != 0;
        assert_int_equal(names ? sk_X509_NAME_num(names) : 0, can ? 4 : 0); /* three V2G roots and the OEM's; MO's never */
        world_expect_failure(TLS_FAILURE_NO_CERTIFICATE, "a stock client of 1.3 alone");
        stock_free(&client);
    }
    world_reset();
}

/* ---- snapshots */

static void count_gone(void *ctx)
{
    (*(int *)ctx)++;
}

static void story_rotation(const tls_backend_t *charger, const tls_backend_t *car)
{
    int gone = 0;
    uint8_t octets[16];
    size_t length, which;
    static tls_server_t next;
    tls_server_config_t server = world_charger(charger, MINT_P256);
    const tls_client_config_t client = world_car(car, MINT_P256);
    server.gone = count_gone;
    server.ctx = &gone;
    world_open(&server, &client);
    world_expect_open(12);

    server.credentials = world_credential(charger, MINT_P256, 12, "secc_2 cposub2_2 cposub1_2", "v2groot2");
    server.gone = NULL;
    assert_int_equal(tls_server_init(&next, &server, &which), CCS_OK); /* new credentials while a link is open */
    tls_server_drop(&world.server);
    assert_int_equal(gone, 0);
    assert_int_equal(tls_link_write(&world.car.link, (ccs_view_t){(const uint8_t *)"still", 5}), TLS_OK);
    assert_int_equal(tls_link_read(&world.charger.link, octets, sizeof octets, &length), TLS_OK);
    assert_int_equal(length, 5);
    tls_link_free(&world.charger.link);
    assert_int_equal(gone, 1);
    tls_server_drop(&next);
}

static void a_link_keeps_the_credentials_that_it_began_with(void **state)
{
    (void)state;
    with_all(story_rotation);
}

static void a_credential_that_is_none_is_refused_and_named(void **state)
{
    size_t which;
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        const tls_backend_t *const backend = world.backend[i];
        world_reset();
        tls_server_config_t server = world_charger(backend, MINT_P256);
        tls_credential_t *const other = world_credential(backend, MINT_P256, 12, "secc_2 cposub2_2 cposub1_2", NULL);
        server.count = 2;
        other->key = server.credentials->key; /* not its key */
        assert_int_equal(tls_server_init(&world.server, &server, &which), CCS_ERR_CONFIG);
        assert_int_equal(which, 1);
        other->key = NULL;
        assert_int_equal(tls_server_init(&world.server, &server, &which), CCS_ERR_CONFIG);
        *other = (tls_credential_t){.version = 12, .key = server.credentials->key}; /* no chain */
        assert_int_equal(tls_server_init(&world.server, &server, &which), CCS_ERR_CONFIG);
        memset(&world.server, 0, sizeof world.server);
        assert_null(tls_key_load(backend, (ccs_view_t){(const uint8_t *)"no key", 6}));
    }
    world_reset();
}

static void our_own_credential_is_judged_for_warnings(void **state)
{
    size_t which;
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        if (!has_13(world.backend[i])) {
            continue;
        }
        world_reset();
        const tls_server_config_t server = world_charger(world.backend[i], MINT_P521);
        assert_int_equal(tls_server_init(&world.server, &server, &which), CCS_OK);
        assert_int_equal(tls_server_judge(&world.server, 0, TREE_NOW_S).reason, PKI_GOOD);
        assert_int_equal(tls_server_judge(&world.server, 0, TREE_UNTIL_S + 1).reason, PKI_EXPIRED);
    }
    world_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_car_of_iso_2_gets_12_without_showing_a_certificate),
        cmocka_unit_test(a_car_of_iso_20_gets_13_and_shows_its_vehicle_certificate),
        cmocka_unit_test(ed448_on_both_sides_where_the_library_has_it),
        cmocka_unit_test(an_anonymous_car_never_gets_13),
        cmocka_unit_test(a_car_of_both_gets_13_if_it_shows_the_marks_of_iso_20),
        cmocka_unit_test(a_car_that_had_no_certificate_gets_12_when_it_comes_again),
        cmocka_unit_test(a_stock_client_without_a_certificate_that_offers_both_ends_up_on_12),
        cmocka_unit_test(what_has_nothing_in_common_is_refused_before_the_library_sees_it),
        cmocka_unit_test(suites_and_groups_of_iso_20),
        cmocka_unit_test(static_ecdh_only_in_conformance_mode_and_where_the_library_has_it),
        cmocka_unit_test(p_256_in_13_only_in_the_compat_profile),
        cmocka_unit_test(trusted_ca_keys_choose_the_chain_also_without_their_length),
        cmocka_unit_test(certificate_authorities_choose_the_chain),
        cmocka_unit_test(a_car_that_names_no_root_of_ours_is_shown_the_first_chain),
        cmocka_unit_test(the_leafs_ocsp_response_comes_along_where_the_library_can),
        cmocka_unit_test(the_certificate_request_names_v2g_and_oem_roots_where_the_library_can),
        cmocka_unit_test(a_link_keeps_the_credentials_that_it_began_with),
        cmocka_unit_test(a_credential_that_is_none_is_refused_and_named),
        cmocka_unit_test(our_own_credential_is_judged_for_warnings),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
