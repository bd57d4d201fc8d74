/* What strangers do to a listener: nothing of it opens a link, keeps the next car waiting or lasts for ever.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <string.h>

typedef void (*story_t)(const tls_backend_t *charger);

static void with_all(story_t story)
{
    for (size_t i = 0; i < world.backends; i++) {
        world_reset();
        story(world.backend[i]);
    }
    world_reset();
}

static void with_13(story_t story)
{
    for (size_t i = 0; i < world.backends; i++) {
        world_reset();
        if (world_last_kind(world.backend[i]) == MINT_P521) {
            story(world.backend[i]);
        }
    }
    world_reset();
}

/* A charger of a kind, with a link that waits for its hello. */
static void listen_as(const tls_backend_t *backend, mint_kind_t kind, const tls_setup_t *setup)
{
    const tls_server_config_t server = world_charger(backend, kind);
    world_open_setup(&server, NULL, setup);
}

static tls_result_t step_at(int64_t now_ms)
{
    world.now_ms = now_ms;
    world.charger.result = tls_link_step(&world.charger.link, now_ms);
    return world.charger.result;
}

/* ---- resumption and 0-RTT */

typedef struct ticket {
    const char *rule;
    int version;
    uint32_t early;
    mint_kind_t kind;
} ticket_t;

static void resume(const tls_backend_t *backend, const ticket_t *ticket)
{
    stock_client_t client;
    SSL_SESSION *const session = stock_session(ticket->version, ticket->early);
    const stock_t stock = {.version_min = ticket->version,
                           .version_max = ticket->version,
                           .session = session,
                           .early_data = ticket->early > 0 ? "0-RTT request" : NULL};
    listen_as(backend, ticket->kind, NULL);
    stock_open(&client, &stock);
    const bool done = stock_talk(&client);
    assert_true(tls_link_facts(&world.charger.link)->resumption_refused);
    assert_int_equal(SSL_session_reused(client.ssl), 0);
    if (ticket->kind == MINT_P256) {
        assert_true(done); /* a full handshake instead */
        assert_int_equal(world.charger.result, TLS_OK);
    } else { /* a ticket is no vehicle certificate; Mbed TLS stumbles over the octets of 0-RTT before it asks for one */
        const tls_failure_t failure = tls_link_facts(&world.charger.link)->failure;
        const bool stumbled = ticket->early > 0 && failure == TLS_FAILURE_PROTOCOL;
        world_expect_failure(stumbled ? TLS_FAILURE_PROTOCOL : TLS_FAILURE_NO_CERTIFICATE, ticket->rule);
    }
    stock_free(&client);
    SSL_SESSION_free(session);
}

static void story_resume(const tls_backend_t *backend)
{
    const ticket_t tickets[] = {{"ticket of 1.2", TLS1_2_VERSION, 0, MINT_P256},
                                {"pre-shared key of 1.3", TLS1_3_VERSION, 0, MINT_P521},
                                {"0-RTT", TLS1_3_VERSION, 16384, MINT_P521}};
    for (size_t i = 0; i < sizeof tickets / sizeof *tickets && tickets[i].kind <= world_last_kind(backend); i++) {
        world_reset();
        resume(backend, &tickets[i]);
    }
}

static void a_ticket_a_pre_shared_key_and_0_rtt_open_nothing(void **state)
{
    (void)state;
    with_all(story_resume);
}

static void story_no_ticket(const tls_backend_t *backend)
{
    const stock_t stock = {.version_max = TLS1_2_VERSION};
    stock_client_t client;
    listen_as(backend, MINT_P256, NULL);
    stock_open(&client, &stock);
    assert_true(stock_talk(&client));
    assert_false(SSL_SESSION_has_ticket(SSL_get0_session(client.ssl)));
    assert_int_equal(SSL_get_current_compression(client.ssl) != NULL, 0);
    assert_int_equal(SSL_renegotiate(client.ssl), 1);
    (void)SSL_do_handshake(client.ssl); /* the car asks for a renegotiation */
    (void)stock_talk(&client);
    uint8_t octets[16];
    size_t length;
    const tls_result_t result = tls_link_read(&world.charger.link, octets, sizeof octets, &length);
    assert_int_equal(length, 0); /* a warning back, or the end: never another handshake */
    assert_true(result == TLS_AGAIN || result == TLS_FAILED || result == TLS_CLOSED);
    stock_free(&client);
}

static void no_ticket_no_compression_no_renegotiation(void **state)
{
    (void)state;
    with_all(story_no_ticket);
}

/* ---- pieces */

static void story_octet_by_octet(const tls_backend_t *backend)
{
    for (unsigned kind = MINT_P256; kind <= world_last_kind(backend); kind++) {
        world_reset();
        const tls_server_config_t server = world_charger(backend, (mint_kind_t)kind);
        const tls_client_config_t client = world_car(world.backend[0], (mint_kind_t)kind);
        world_open_setup(&server, &client, NULL);
        world.up.piece = world.down.piece = 1;
        world_talk();
        world.up.piece = world.down.piece = 0;
        world_expect_open(kind == MINT_P256 ? 12 : 13);
    }
}

static void octet_by_octet_it_is_the_same_handshake(void **state)
{
    (void)state;
    with_all(story_octet_by_octet);
}

/* The first message again, in records of a few octets each, as RFC 8446 5.1 allows. */
static void cut_hello(size_t piece)
{
    static uint8_t hello[PIPE_SIZE];
    const size_t length = pipe_waiting(&world.up) - 5;
    memcpy(hello, world.up.octets + world.up.first + 5, length);
    world.up.first = world.up.last = 0;
    for (size_t at = 0; at < length; at += piece) {
        const size_t size = length - at < piece ? length - at : piece;
        const uint8_t header[] = {22, 3, 1, (uint8_t)(size >> 8), (uint8_t)size};
        pipe_put(&world.up, header, sizeof header);
        pipe_put(&world.up, hello + at, size);
    }
}

static void story_cut(const tls_backend_t *backend)
{
    const tls_server_config_t server = world_charger(backend, MINT_P256);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P256);
    world_open_setup(&server, &client, NULL);
    (void)tls_link_step(&world.car.link, world.now_ms);
    cut_hello(50);
    world_talk();
    assert_int_equal(tls_link_facts(&world.charger.link)->why, TLS_WHY_ONLY_12);
    world_expect_open(12);
}

static void a_hello_cut_over_records_is_read(void **state)
{
    (void)state;
    with_all(story_cut);
}

/* ---- octets that are no handshake */

typedef struct nonsense {
    const char *rule, *octets;
    size_t length;
    tls_failure_t failure;
} nonsense_t;

#define NONSENSE(rule, octets, failure)                         \
    {                                                           \
        rule, octets, sizeof(octets) - 1, TLS_FAILURE_##failure \
    }

static const nonsense_t nonsenses[] = {
    NONSENSE("a V2GTP message: the wrong port", "\x01\xFE\x80\x01\x00\x00\x00\x10", NOT_TLS),
    NONSENSE("HTTP", "GET / HTTP/1.1\r\n", NOT_TLS),
    NONSENSE("SSL 2", "\x80\x2E\x01\x00\x02\x00\x15", NOT_TLS),
    NONSENSE("a record of 65535 octets", "\x16\x03\x01\xFF\xFF\x01", NOT_TLS),
    NONSENSE("an empty record", "\x16\x03\x01\x00\x00", NOT_TLS),
    NONSENSE("a ServerHello first", "\x16\x03\x03\x00\x04\x02\x00\x00\x00", NOT_TLS),
    NONSENSE("a hello that says 16 MB", "\x16\x03\x01\x00\x04\x01\xFF\xFF\xFF", HELLO_LONG),
    NONSENSE("a hello of nothing", "\x16\x03\x01\x00\x04\x01\x00\x00\x00", HELLO_MALFORMED),
};

static void story_nonsense(const tls_backend_t *backend)
{
    for (size_t i = 0; i < sizeof nonsenses / sizeof *nonsenses; i++) {
        world_reset();
        listen_as(backend, MINT_P256, NULL);
        pipe_put(&world.up, nonsenses[i].octets, nonsenses[i].length);
        (void)step_at(1000);
        world_expect_failure(nonsenses[i].failure, nonsenses[i].rule);
        assert_int_equal(pipe_waiting(&world.down) > 0, nonsenses[i].failure != TLS_FAILURE_NOT_TLS); /* an alert, or silence */
    }
}

static void what_is_no_tls_ends_before_the_library_sees_it(void **state)
{
    (void)state;
    with_all(story_nonsense);
}

/* Octets of every kind behind a good hello. */
static void story_huge(const tls_backend_t *backend)
{
    static const uint8_t huge[] = {0x16, 0x03, 0x03, 0xFF, 0xFF}, full[] = {0x17, 0x03, 0x03, 0x41, 0x01};
    const uint8_t *const headers[] = {huge, full};
    for (size_t i = 0; i < 2; i++) {
        for (unsigned kind = MINT_P256; kind <= world_last_kind(backend); kind++) {
            static const uint8_t filling[20000];
            world_reset();
            const tls_server_config_t server = world_charger(backend, (mint_kind_t)kind);
            const tls_client_config_t client = world_car(world.backend[0], (mint_kind_t)kind);
            world_open_setup(&server, &client, NULL);
            (void)tls_link_step(&world.car.link, world.now_ms);
            pipe_put(&world.up, headers[i], 5);
            pipe_put(&world.up, filling, sizeof filling);
            (void)step_at(1000);
            assert_int_equal(step_at(1001), TLS_FAILED);
            assert_false(tls_link_facts(&world.charger.link)->authenticated);
        }
    }
}

static void huge_records_end_the_link(void **state)
{
    (void)state;
    with_all(story_huge);
}

/* ---- time and budget, on a virtual clock */

static void story_silence(const tls_backend_t *backend)
{
    listen_as(backend, MINT_P521, NULL);
    assert_int_equal(tls_link_deadline_ms(&world.charger.link), 1000 + TLS_HELLO_MS);
    assert_int_equal(step_at(1000), TLS_AGAIN);
    assert_int_equal(step_at(1000 + TLS_HELLO_MS - 1), TLS_AGAIN);
    assert_int_equal(step_at(1000 + TLS_HELLO_MS), TLS_FAILED);
    world_expect_failure(TLS_FAILURE_DEADLINE, "silence");
}

static void a_peer_that_says_nothing_is_left_before_the_next_car_gives_up(void **state)
{
    (void)state;
    with_13(story_silence);
}

static void greet(const tls_backend_t *backend)
{
    const tls_server_config_t server = world_charger(backend, MINT_P521);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
    world_open_setup(&server, &client, NULL);
    (void)tls_link_step(&world.car.link, world.now_ms);
}

/* An octet a second keeps nobody's link: the deadline is of the whole hello. */
static void story_slow(const tls_backend_t *backend)
{
    greet(backend);
    world.up.piece = 1;
    for (int64_t now_ms = 2000; now_ms < 1000 + TLS_HELLO_MS; now_ms += 1000) {
        const size_t last = world.up.last;
        world.up.last = world.up.first + 1; /* one octet is there */
        assert_int_equal(step_at(now_ms), TLS_AGAIN);
        world.up.last = last;
    }
    assert_int_equal(step_at(1000 + TLS_HELLO_MS), TLS_FAILED);
    world_expect_failure(TLS_FAILURE_DEADLINE, "an octet a second");
}

static void a_slow_peer_is_left_at_the_same_deadline(void **state)
{
    (void)state;
    with_13(story_slow);
}

static void story_silence_after_the_hello(const tls_backend_t *backend)
{
    greet(backend);
    assert_int_equal(step_at(1000), TLS_AGAIN);
    assert_int_equal(tls_link_deadline_ms(&world.charger.link), 1000 + TLS_HANDSHAKE_MS);
    assert_int_equal(step_at(1000 + TLS_HANDSHAKE_MS - 1), TLS_AGAIN);
    assert_int_equal(step_at(1000 + TLS_HANDSHAKE_MS), TLS_FAILED);
    world_expect_failure(TLS_FAILURE_DEADLINE, "a hello, then silence");
}

static void a_peer_that_greets_has_the_time_of_a_handshake(void **state)
{
    (void)state;
    with_13(story_silence_after_the_hello);
}

static void story_open_has_no_deadline(const tls_backend_t *backend)
{
    const tls_server_config_t server = world_charger(backend, MINT_P521);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
    world_open(&server, &client);
    assert_int_equal(tls_link_deadline_ms(&world.charger.link), INT64_MAX);
    world.now_ms += 86400000;
    assert_int_equal(tls_link_step(&world.charger.link, world.now_ms), TLS_OK);
    world_expect_open(13);
}

static void an_open_link_has_no_deadline_any_more(void **state)
{
    (void)state;
    with_13(story_open_has_no_deadline);
}

static void story_budget(const tls_backend_t *backend)
{
    const tls_setup_t setup = {.utc_s = TREE_NOW_S, .handshake_octets = 1500}; /* the hello fits, the chain does not */
    const tls_server_config_t server = world_charger(backend, MINT_P521);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
    world_open_setup(&server, &client, &setup);
    world.car.link.setup.handshake_octets = TLS_HANDSHAKE_OCTETS;
    world_talk();
    world_expect_failure(TLS_FAILURE_BUDGET, "a small budget");
    assert_int_equal(tls_link_facts(&world.charger.link)->handshake_octets, 1500);
}

static void a_handshake_has_a_budget_of_octets(void **state)
{
    (void)state;
    with_13(story_budget);
}

/* ---- many */

enum { HALF_OPEN = 50 };

static void story_flood(const tls_backend_t *backend)
{
    static tls_link_t half[HALF_OPEN];
    static end_t nowhere;
    static pipe_t in, out;
    const tls_server_config_t server = world_charger(backend, MINT_P521);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
    world_open_setup(&server, &client, NULL);
    nowhere = (end_t){.in = &in, .out = &out};
    const tls_setup_t setup = {.wire = world_wire(&nowhere), .now_ms = world.now_ms, .utc_s = TREE_NOW_S};
    for (size_t i = 0; i < HALF_OPEN; i++) {
        tls_link_open_server(&half[i], &world.server, &setup);
        assert_int_equal(tls_link_step(&half[i], world.now_ms), TLS_AGAIN);
    }
    assert_int_equal(world.server.links, HALF_OPEN + 1);
    world_talk();
    world_expect_open(13); /* the car among them is served */
    for (size_t i = 0; i < HALF_OPEN; i++) {
        assert_null(half[i].engine); /* nothing of the library was spent on a link without a hello */
        assert_int_equal(tls_link_step(&half[i], world.now_ms + TLS_HANDSHAKE_MS), TLS_FAILED);
        tls_link_free(&half[i]);
    }
    assert_int_equal(world.server.links, 1);
}

static void fifty_half_open_links_cost_the_car_nothing(void **state)
{
    (void)state;
    with_13(story_flood);
}

/* Left at any octet of the handshake, again and again; the next car is served by the same snapshot. */
static void story_aborts(const tls_backend_t *backend)
{
    for (size_t octets = 0; octets < 3000; octets += 151) {
        world_reset();
        const tls_server_config_t server = world_charger(backend, MINT_P521);
        const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
        world_open_setup(&server, &client, NULL);
        (void)tls_link_step(&world.car.link, world.now_ms);
        const size_t hello = pipe_waiting(&world.up);
        if (octets >= hello) { /* its certificate and what follows */
            (void)step_at(world.now_ms);
            (void)tls_link_step(&world.car.link, world.now_ms);
        }
        const size_t waiting = pipe_waiting(&world.up), kept = octets >= hello ? octets - hello : octets;
        world.up.last = world.up.first + (kept < waiting ? kept : waiting - 1);
        world.up.cut = world.down.cut = true;
        (void)step_at(world.now_ms);
        assert_int_equal(step_at(world.now_ms), TLS_FAILED);
        assert_int_equal(tls_link_facts(&world.charger.link)->failure, TLS_FAILURE_LEFT);
        tls_link_free(&world.charger.link);
        tls_link_free(&world.car.link);
        assert_int_equal(world.server.links, 0);

        world.up = world.down = (pipe_t){0};
        tls_setup_t setup = {.wire = world_wire(&world.charger), .now_ms = world.now_ms, .utc_s = TREE_NOW_S};
        tls_link_open_server(&world.charger.link, &world.server, &setup);
        setup.wire = world_wire(&world.car);
        tls_link_open_client(&world.car.link, &world.client, &setup);
        world.car.result = world.charger.result = TLS_AGAIN;
        world_talk();
        world_expect_open(13);
    }
}

static void handshakes_aborted_in_a_row_never_stop_the_listener(void **state)
{
    (void)state;
    with_13(story_aborts);
}

/* ---- replay */

/* All that a car sent, recorded in pieces as it went. */
typedef struct record {
    uint8_t octets[PIPE_SIZE];
    size_t length;
} record_t;

static record_t tape;

static int tape_send(void *ctx, const uint8_t *from, size_t length)
{
    (void)ctx;
    memcpy(tape.octets + tape.length, from, length);
    tape.length += length;
    pipe_put(&world.up, from, length);
    return (int)length;
}

static void story_replay(const tls_backend_t *backend)
{
    for (unsigned kind = MINT_P256; kind <= world_last_kind(backend); kind++) {
        world_reset();
        tape.length = 0;
        const tls_server_config_t server = world_charger(backend, (mint_kind_t)kind);
        const tls_client_config_t client = world_car(world.backend[0], (mint_kind_t)kind);
        world_open_setup(&server, &client, NULL);
        world.car.link.setup.wire.send = tape_send;
        world_talk();
        world_expect_open(kind == MINT_P256 ? 12 : 13);
        tls_link_free(&world.charger.link);
        tls_link_free(&world.car.link);
        memset(&world.up, 0, sizeof world.up);
        memset(&world.down, 0, sizeof world.down);

        const tls_setup_t setup = {.wire = world_wire(&world.charger), .now_ms = world.now_ms, .utc_s = TREE_NOW_S};
        tls_link_open_server(&world.charger.link, &world.server, &setup);
        pipe_put(&world.up, tape.octets, tape.length); /* the whole connection again */
        for (int round = 0; round < 8 && world.charger.result != TLS_FAILED; round++) {
            (void)step_at(world.now_ms);
        }
        assert_int_equal(world.charger.result, TLS_FAILED);
        assert_int_not_equal(world.charger.link.state, TLS_LINK_OPEN);
        assert_false(tls_link_facts(&world.charger.link)->authenticated);
    }
}

static void a_recorded_connection_opens_nothing_a_second_time(void **state)
{
    (void)state;
    with_all(story_replay);
}

/* ---- one wrong bit */

/* Anywhere in what the car sends: the link does not open as authenticated with octets that differ from what the car said. */
static void story_bits(const tls_backend_t *backend)
{
    for (size_t at = 0; at < 3000; at += 97) {
        world_reset();
        const tls_server_config_t server = world_charger(backend, MINT_P521);
        const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
        world_open_setup(&server, &client, NULL);
        (void)tls_link_step(&world.car.link, world.now_ms);
        const size_t hello = pipe_waiting(&world.up);
        if (at < hello) {
            world.up.octets[world.up.first + at] ^= 1;
        } else {
            (void)step_at(world.now_ms);
            (void)tls_link_step(&world.car.link, world.now_ms);
            const size_t waiting = pipe_waiting(&world.up);
            if (waiting == 0) {
                continue;
            }
            world.up.octets[world.up.first + (at - hello) % waiting] ^= 1;
        }
        world_talk();
        assert_true(world.charger.result != TLS_OK || world.car.result != TLS_OK);
    }
}

static void one_wrong_bit_of_a_car_never_opens_a_link(void **state)
{
    (void)state;
    with_13(story_bits);
}

/* ---- an open link */

static void story_room(const tls_backend_t *backend)
{
    static uint8_t message[10000], got[sizeof message];
    size_t length = 0, all = 0;
    const tls_server_config_t server = world_charger(backend, MINT_P521);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P521);
    world_open_setup(&server, &client, NULL);
    world.down.room = 100; /* also while the handshake runs */
    world_talk();
    world_expect_open(13);
    memset(message, 0x5A, sizeof message);
    assert_int_equal(tls_link_write(&world.charger.link, (ccs_view_t){message, sizeof message}), TLS_OK);
    assert_true(tls_link_wants_room(&world.charger.link));
    assert_int_equal(tls_link_write(&world.charger.link, (ccs_view_t){message, 1}), TLS_AGAIN);
    for (int round = 0; round < 400 && all < sizeof got; round++) {
        (void)tls_link_step(&world.charger.link, world.now_ms);
        while (tls_link_read(&world.car.link, got + all, sizeof got - all, &length) == TLS_OK && length > 0) {
            all += length;
        }
    }
    assert_int_equal(all, sizeof message);
    assert_memory_equal(got, message, sizeof message);
    assert_false(tls_link_wants_room(&world.charger.link));
    world.down.room = 0;
    assert_int_equal(tls_link_write(&world.charger.link, (ccs_view_t){message, 1}), TLS_OK);
}

static void a_message_is_taken_whole_though_the_wire_has_little_room(void **state)
{
    (void)state;
    with_13(story_room);
}

static void story_close(const tls_backend_t *backend)
{
    uint8_t octets[8];
    size_t length;
    const tls_server_config_t server = world_charger(backend, MINT_P256);
    const tls_client_config_t client = world_car(world.backend[0], MINT_P256);
    world_open(&server, &client);
    world_expect_open(12);
    tls_link_close(&world.car.link);
    assert_int_equal(tls_link_read(&world.charger.link, octets, sizeof octets, &length), TLS_CLOSED);
    assert_int_equal(tls_link_step(&world.charger.link, world.now_ms), TLS_CLOSED);
    assert_int_equal(tls_link_facts(&world.charger.link)->failure, TLS_FAILURE_NONE);

    world_reset();
    const tls_server_config_t again = world_charger(backend, MINT_P256);
    const tls_client_config_t car = world_car(world.backend[0], MINT_P256);
    world_open(&again, &car);
    world_expect_open(12);
    world.up.cut = true; /* TCP ends without a word of TLS */
    assert_int_equal(tls_link_read(&world.charger.link, octets, sizeof octets, &length), TLS_FAILED);
    assert_int_equal(tls_link_facts(&world.charger.link)->failure, TLS_FAILURE_LEFT);
}

static void an_orderly_end_is_told_from_a_cut(void **state)
{
    (void)state;
    with_all(story_close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_a_pre_shared_key_and_0_rtt_open_nothing),
        cmocka_unit_test(no_ticket_no_compression_no_renegotiation),
        cmocka_unit_test(octet_by_octet_it_is_the_same_handshake),
        cmocka_unit_test(a_hello_cut_over_records_is_read),
        cmocka_unit_test(what_is_no_tls_ends_before_the_library_sees_it),
        cmocka_unit_test(huge_records_end_the_link),
        cmocka_unit_test(a_peer_that_says_nothing_is_left_before_the_next_car_gives_up),
        cmocka_unit_test(a_peer_that_greets_has_the_time_of_a_handshake),
        cmocka_unit_test(a_slow_peer_is_left_at_the_same_deadline),
        cmocka_unit_test(an_open_link_has_no_deadline_any_more),
        cmocka_unit_test(a_handshake_has_a_budget_of_octets),
        cmocka_unit_test(fifty_half_open_links_cost_the_car_nothing),
        cmocka_unit_test(handshakes_aborted_in_a_row_never_stop_the_listener),
        cmocka_unit_test(a_recorded_connection_opens_nothing_a_second_time),
        cmocka_unit_test(one_wrong_bit_of_a_car_never_opens_a_link),
        cmocka_unit_test(a_message_is_taken_whole_though_the_wire_has_little_room),
        cmocka_unit_test(an_orderly_end_is_told_from_a_cut),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
