/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

world_t world;

/* ---- wires */

static int pipe_take(void *ctx, uint8_t *to, size_t size)
{
    const end_t *const end = ctx;
    pipe_t *const pipe = end->in;
    const size_t waiting = pipe->last - pipe->first;
    size_t length = waiting < size ? waiting : size;
    length = pipe->piece && pipe->piece < length ? pipe->piece : length;
    memcpy(to, pipe->octets + pipe->first, length);
    pipe->first += length;
    pipe->moved += length;
    return length == 0 && pipe->cut ? -1 : (int)length;
}

static int pipe_give(void *ctx, const uint8_t *from, size_t length)
{
    const end_t *const end = ctx;
    pipe_t *const pipe = end->out;
    const size_t most = pipe->room ? pipe->room : PIPE_SIZE;
    const size_t waiting = pipe_waiting(pipe);
    const size_t room = waiting < most ? most - waiting : 0;
    const size_t taken = length < room ? length : room;
    if (pipe->cut) {
        return -1;
    }
    pipe_put(pipe, from, taken);
    return (int)taken;
}

void pipe_put(pipe_t *pipe, const void *octets, size_t length)
{
    if (pipe->first == pipe->last && !pipe->kept) {
        pipe->first = pipe->last = 0;
    }
    if (pipe->last + length > PIPE_SIZE) {
        memmove(pipe->octets, pipe->octets + pipe->first, pipe->last - pipe->first);
        pipe->last -= pipe->first;
        pipe->first = 0;
    }
    assert_true(pipe->last + length <= PIPE_SIZE);
    memcpy(pipe->octets + pipe->last, octets, length);
    pipe->last += length;
    pipe->moved += length;
}

void pipe_keep(pipe_t *pipe)
{
    pipe->kept = true;
}

size_t pipe_waiting(const pipe_t *pipe)
{
    return pipe->last - pipe->first;
}

tls_wire_t world_wire(end_t *end)
{
    return (tls_wire_t){.ctx = end, .receive = pipe_take, .send = pipe_give};
}

/* ---- set-up */

static void find_backends(void)
{
    world.backends = 0;
#ifdef CCS_TLS_OPENSSL
    world.backend[world.backends++] = tls_openssl();
#endif
#ifdef CCS_TLS_MBEDTLS
    world.backend[world.backends++] = tls_mbedtls();
#endif
}

int world_make(void **state)
{
    (void)state;
    find_backends();
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        if (!tree_make(&world.tree[kind], (mint_kind_t)kind, TREE_FROM_S, TREE_UNTIL_S)) {
            return -1;
        }
    }
    return 0;
}

int world_free(void **state)
{
    (void)state;
    world_reset();
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        tree_free(&world.tree[kind]);
    }
    return 0;
}

mint_kind_t world_last_kind(const tls_backend_t *backend)
{
    return (tls_backend_can(backend) & TLS_CAN_13) != 0 ? MINT_P521 : MINT_P256;
}

void world_reset(void)
{
    end_t *const ends[] = {&world.car, &world.charger};
    for (size_t i = 0; i < 2; i++) {
        if (ends[i]->link.backend) {
            tls_link_free(&ends[i]->link);
        }
        memset(ends[i], 0, sizeof *ends[i]);
    }
    if (world.server.config.backend && !world.server.dropped) {
        tls_server_drop(&world.server);
    }
    if (world.client.config.backend) {
        tls_client_free(&world.client);
    }
    for (size_t i = 0; i < world.credentials; i++) {
        tls_key_free(world.key_backend[i], world.key[i]);
    }
    world.credentials = 0;
    memset(&world.server, 0, sizeof world.server);
    memset(&world.client, 0, sizeof world.client);
    memset(&world.up, 0, sizeof world.up);
    memset(&world.down, 0, sizeof world.down);
    world.now_ms = 1000;
    world.charger.in = world.car.out = &world.up;
    world.charger.out = world.car.in = &world.down;
}

pki_stores_t world_stores(mint_kind_t kind, const tree_case_t *one)
{
    static const tree_case_t usual = {0};
    pki_stores_t stores;
    for (size_t store = 0; store < PKI_STORES_COUNT; store++) {
        const minted_t *found[CASE_CERTIFICATES_MAX];
        const char *const names = case_roots(one ? one : &usual, (pki_store_kind_t)store);
        const size_t count = case_certificates(&world.tree[kind], names, found);
        ccs_view_t *const views = world.roots[kind][store];
        for (size_t i = 0; i < count; i++) {
            views[i] = (ccs_view_t){found[i]->der, found[i]->length};
        }
        stores.store[store] = (pki_store_t){views, count};
    }
    return stores;
}

static tls_key_t *key_of(const tls_backend_t *backend, const minted_t *minted)
{
    uint8_t *der = NULL;
    const int length = i2d_PrivateKey(minted->key, &der);
    tls_key_t *const key = length > 0 ? tls_key_load(backend, (ccs_view_t){der, (size_t)length}) : NULL;
    OPENSSL_clear_free(der, (size_t)(length > 0 ? length : 0));
    return key;
}

tls_credential_t *world_credential(const tls_backend_t *backend, mint_kind_t kind, uint8_t version, const char *names,
                                   const char *root)
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(&world.tree[kind], names, found);
    const minted_t *const anchor = root ? tree_find(&world.tree[kind], root) : NULL;
    assert_true(world.credentials < CREDENTIALS);
    tls_credential_t *const credential = &world.credential[world.credentials];
    *credential = (tls_credential_t){.version = version};
    for (size_t i = 0; i < count && i < PKI_CHAIN_MAX; i++) {
        credential->chain[i] = (ccs_view_t){found[i]->der, found[i]->length};
    }
    credential->ocsp[0] = (ccs_view_t){world.ocsp, sizeof world.ocsp};
    credential->root = anchor ? (ccs_view_t){anchor->der, anchor->length} : (ccs_view_t){0};
    tls_key_t *const key = count > 0 ? key_of(backend, found[0]) : NULL;
    world.key[world.credentials] = key;
    world.key_backend[world.credentials++] = backend;
    credential->key = key;
    return credential;
}

tls_server_config_t world_charger(const tls_backend_t *backend, mint_kind_t kind)
{
    const uint8_t version = kind == MINT_P256 ? 12 : 13;
    return (tls_server_config_t){.backend = backend,
                                 .site = {.allows_12 = true, .allows_13 = true},
                                 .trust = {.stores = world_stores(kind, NULL), .revocation = PKI_REVOCATION_AS_KNOWN},
                                 .credentials = world_credential(backend, kind, version, "secc cposub2 cposub1", "v2groot"),
                                 .count = 1};
}

tls_client_config_t world_car(const tls_backend_t *backend, mint_kind_t kind)
{
    const bool is_2 = kind == MINT_P256;
    return (tls_client_config_t){
        .backend = backend,
        .offers_12 = is_2,
        .offers_13 = !is_2,
        .trust = {.stores = world_stores(kind, NULL), .revocation = PKI_REVOCATION_AS_KNOWN},
        .credential = is_2 ? NULL : world_credential(backend, kind, 13, "vehicle vehsub2 vehsub1", NULL),
        .tells_roots = true,
        .asks_status = true,
    };
}

/* ---- a handshake */

static bool over(const end_t *end)
{
    return end->result == TLS_FAILED || end->result == TLS_CLOSED;
}

/* What an end that is open hears of the other one's failure comes by reading. */
static void step(end_t *end)
{
    uint8_t nothing[16];
    size_t length;
    end->result = tls_link_step(&end->link, world.now_ms);
    if (end->result == TLS_OK) {
        const tls_result_t result = tls_link_read(&end->link, nothing, sizeof nothing, &length);
        end->result = result == TLS_AGAIN ? TLS_OK : result;
    }
}

void world_talk(void)
{
    enum { ROUNDS = 40000 };
    for (int quiet = 0, round = 0; quiet < 3 && round < ROUNDS; round++) {
        const size_t before = world.up.moved + world.down.moved;
        if (!over(&world.charger)) {
            step(&world.charger);
        }
        world.down.cut = world.down.cut || over(&world.charger);
        if (!over(&world.car)) {
            step(&world.car);
        }
        world.up.cut = world.up.cut || over(&world.car);
        quiet = before == world.up.moved + world.down.moved ? quiet + 1 : 0;
    }
}

void world_open_setup(const tls_server_config_t *server, const tls_client_config_t *client, const tls_setup_t *setup)
{
    size_t which = 0;
    tls_setup_t own = setup ? *setup : (tls_setup_t){.utc_s = TREE_NOW_S};
    own.now_ms = world.now_ms;
    assert_int_equal(tls_server_init(&world.server, server, &which), CCS_OK);
    own.wire = world_wire(&world.charger);
    tls_link_open_server(&world.charger.link, &world.server, &own);
    if (client) {
        assert_int_equal(tls_client_init(&world.client, client), CCS_OK);
        own.wire = world_wire(&world.car);
        tls_link_open_client(&world.car.link, &world.client, &own);
    }
}

void world_open(const tls_server_config_t *server, const tls_client_config_t *client)
{
    world_open_setup(server, client, NULL);
    world_talk();
}

static void expect_message(end_t *from, end_t *to, const char *text)
{
    uint8_t octets[64];
    size_t length = 0;
    assert_int_equal(tls_link_write(&from->link, (ccs_view_t){(const uint8_t *)text, strlen(text)}), TLS_OK);
    assert_int_equal(tls_link_read(&to->link, octets, sizeof octets, &length), TLS_OK);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(octets, text, length);
}

static void tell(const char *who, const end_t *end)
{
    const tls_facts_t *const facts = tls_link_facts(&end->link);
    print_message("  %s (%s): %s, %s; chain %s at %u; alert %u\n", who, tls_backend_name(end->link.backend),
                  tls_failure_name(facts->failure), facts->detail ? facts->detail : "-", pki_reason_name(facts->verdict.reason),
                  facts->verdict.at, facts->alert);
}

void world_expect_open(uint8_t version)
{
    if (world.car.result != TLS_OK || world.charger.result != TLS_OK) {
        tell("charger", &world.charger);
        tell("car", &world.car);
    }
    assert_int_equal(world.charger.result, TLS_OK);
    assert_int_equal(world.car.result, TLS_OK);
    assert_int_equal(tls_link_facts(&world.charger.link)->version, version);
    assert_int_equal(tls_link_facts(&world.car.link)->version, version);
    expect_message(&world.car, &world.charger, "request");
    expect_message(&world.charger, &world.car, "response");
}

void world_expect_failure(tls_failure_t charger, const char *story)
{
    const tls_facts_t *const facts = tls_link_facts(&world.charger.link);
    if (world.charger.result != TLS_FAILED || facts->failure != charger) {
        print_message("%s\n", story);
        tell("charger", &world.charger);
        if (world.car.link.backend) {
            tell("car", &world.car);
        }
    }
    assert_int_equal(world.charger.result, TLS_FAILED);
    assert_string_equal(tls_failure_name(facts->failure), tls_failure_name(charger));
    assert_false(facts->authenticated);
}

void world_expect_refused(const end_t *who, const char *story, pki_reason_t reason, uint8_t at)
{
    const tls_facts_t *const facts = tls_link_facts(&who->link);
    const bool same = facts->verdict.reason == reason && facts->verdict.at == at;
    if (who->result != TLS_FAILED || facts->failure != TLS_FAILURE_CERTIFICATE || !same) {
        print_message("%s: expected %s at %u\n", story, pki_reason_name(reason), at);
        tell("charger", &world.charger);
        tell("car", &world.car);
    }
    assert_int_equal(who->result, TLS_FAILED);
    assert_string_equal(tls_failure_name(facts->failure), "CERTIFICATE");
    assert_true(same);
    assert_false(facts->authenticated);
}

/* ---- somebody in between */

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, MESSAGE_CERTIFICATE = 11, RECORD_PIECE = 16000 };

static size_t put_u24(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 16);
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)value;
    return 3;
}

static size_t write_chain(uint8_t *to, const ccs_view_t *chain, size_t count)
{
    size_t length = MESSAGE_HEADER + 3;
    for (size_t i = 0; i < count; i++) {
        length += put_u24(to + length, chain[i].length);
        memcpy(to + length, chain[i].at, chain[i].length);
        length += chain[i].length;
    }
    to[0] = MESSAGE_CERTIFICATE;
    put_u24(to + 1, length - MESSAGE_HEADER);
    put_u24(to + MESSAGE_HEADER, length - MESSAGE_HEADER - 3);
    return length;
}

/* The handshake messages that wait, out of their records. */
static size_t unpack(const pipe_t *pipe, uint8_t *messages)
{
    size_t length = 0;
    for (size_t at = pipe->first; at + RECORD_HEADER <= pipe->last;) {
        const size_t size = (size_t)pipe->octets[at + 3] << 8 | pipe->octets[at + 4];
        memcpy(messages + length, pipe->octets + at + RECORD_HEADER, size);
        length += size;
        at += RECORD_HEADER + size;
    }
    return length;
}

bool world_swap_chain(pipe_t *pipe, const ccs_view_t *chain, size_t count)
{
    static uint8_t before[PIPE_SIZE], after[2 * PIPE_SIZE];
    const size_t length = unpack(pipe, before);
    size_t written = 0;
    bool found = false;
    for (size_t at = 0; at + MESSAGE_HEADER <= length;) {
        const size_t size = MESSAGE_HEADER + ((size_t)before[at + 1] << 16 | (size_t)before[at + 2] << 8 | before[at + 3]);
        if (before[at] == MESSAGE_CERTIFICATE) {
            written += write_chain(after + written, chain, count);
            found = true;
        } else {
            memcpy(after + written, before + at, size);
            written += size;
        }
        at += size;
    }
    pipe->first = pipe->last = 0;
    for (size_t at = 0; at < written;) {
        const size_t size = written - at < RECORD_PIECE ? written - at : RECORD_PIECE;
        const uint8_t header[RECORD_HEADER] = {22, 3, 3, (uint8_t)(size >> 8), (uint8_t)size};
        pipe_put(pipe, header, sizeof header);
        pipe_put(pipe, after + at, size);
        at += size;
    }
    return found;
}
