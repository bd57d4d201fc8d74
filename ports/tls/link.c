/* One link: the hello is read, a configuration chosen, the library driven.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "ports/tls/backend.h"
#include "ports/tls/private.h"

static tls_result_t fail(tls_link_t *link, tls_failure_t failure, const char *detail)
{
    tls_link_blame(link, failure, detail);
    link->state = TLS_LINK_FAILED;
    link->wants_room = false;
    return TLS_FAILED;
}

/* ---- beneath the library */

static int take_hello(tls_link_t *link, uint8_t *to, size_t size)
{
    const size_t left = link->hello_length - link->hello_replayed;
    const size_t length = size < left ? size : left;
    memcpy(to, link->hello + link->hello_replayed, length);
    link->hello_replayed += length;
    return (int)length;
}

static bool is_known(const tls_link_t *link)
{
    return link->state == TLS_LINK_OPEN || link->state == TLS_LINK_CLOSED;
}

/* Reads, but never beyond the budget of a peer that is not known yet. */
static int receive(tls_link_t *link, uint8_t *to, size_t size)
{
    const uint32_t left = link->setup.handshake_octets - link->octets;
    if (!is_known(link) && left == 0) {
        link->over_budget = true;
        return -1;
    }
    const size_t most = !is_known(link) && left < size ? left : size;
    const int length = link->setup.wire.receive(link->setup.wire.ctx, to, most);
    link->octets += length > 0 && !is_known(link) ? (uint32_t)length : 0;
    return length;
}

int tls_link_receive(tls_link_t *link, uint8_t *to, size_t size)
{
    return link->hello_replayed < link->hello_length ? take_hello(link, to, size) : receive(link, to, size);
}

int tls_link_send(tls_link_t *link, const uint8_t *from, size_t length)
{
    return link->setup.wire.send(link->setup.wire.ctx, from, length);
}

void tls_link_blame(tls_link_t *link, tls_failure_t failure, const char *detail)
{
    tls_facts_t *const facts = &link->facts;
    const bool refused = facts->verdict.reason != PKI_UNJUDGED && !pki_is_good(&facts->verdict);
    if (facts->failure != TLS_FAILURE_NONE) {
        return;
    }
    facts->failure = link->over_budget ? TLS_FAILURE_BUDGET : refused ? TLS_FAILURE_CERTIFICATE : failure;
    facts->detail = detail;
}

void tls_link_blame_alert(tls_link_t *link, uint8_t alert, const char *detail)
{
    link->facts.alert = link->facts.failure == TLS_FAILURE_NONE ? alert : link->facts.alert;
    tls_link_blame(link, TLS_FAILURE_ALERT, detail);
}

/* ---- opening */

static void open_link(tls_link_t *link, const tls_backend_t *backend, const tls_trust_t *trust, const tls_setup_t *setup)
{
    memset(link, 0, sizeof *link);
    link->backend = backend;
    link->trust = trust;
    link->setup = *setup;
    link->setup.handshake_ms = setup->handshake_ms ? setup->handshake_ms : TLS_HANDSHAKE_MS;
    link->setup.handshake_octets = setup->handshake_octets ? setup->handshake_octets : TLS_HANDSHAKE_OCTETS;
    link->deadline_ms = setup->now_ms + link->setup.handshake_ms;
    link->hello_by_ms = setup->now_ms + (TLS_HELLO_MS < link->setup.handshake_ms ? TLS_HELLO_MS : link->setup.handshake_ms);
    link->facts.compat = trust->compat;
}

static bool start_engine(tls_link_t *link, const struct tls_engine_config *config)
{
    link->engine = link->backend->engine_new(config, link);
    link->state = TLS_LINK_HANDSHAKE;
    return link->engine != NULL;
}

void tls_link_open_server(tls_link_t *link, tls_server_t *server, const tls_setup_t *setup)
{
    CCS_ASSERT(!server->dropped);
    open_link(link, server->config.backend, &server->config.trust, setup);
    link->server = server;
    server->links++;
}

void tls_link_open_client(tls_link_t *link, const tls_client_t *client, const tls_setup_t *setup)
{
    open_link(link, client->config.backend, &client->config.trust, setup);
    link->client = client;
    if (!start_engine(link, client->engine)) {
        (void)fail(link, TLS_FAILURE_LIBRARY, NULL);
    }
}

void tls_link_free(tls_link_t *link)
{
    if (link->engine) {
        link->backend->engine_free(link->engine);
        link->engine = NULL;
    }
    if (link->server) {
        tls_server_leave(link->server);
        link->server = NULL;
    }
    link->state = link->state == TLS_LINK_FAILED ? TLS_LINK_FAILED : TLS_LINK_CLOSED;
    link->wants_room = false;
}

/* ---- the ClientHello */

/* What the peer is told where no library speaks; best effort. */
static void send_alert(tls_link_t *link, uint8_t alert)
{
    uint8_t record[TLS_ALERT_SIZE];
    tls_alert_write(alert, record);
    (void)tls_link_send(link, record, sizeof record);
}

static tls_result_t refuse(tls_link_t *link, tls_failure_t failure, uint8_t alert)
{
    send_alert(link, alert);
    return fail(link, failure, NULL);
}

static tls_failure_t failure_of(tls_why_t why)
{
    switch (why) {
    case TLS_WHY_NO_SUITE:
        return TLS_FAILURE_NO_SUITE;
    case TLS_WHY_NO_GROUP:
        return TLS_FAILURE_NO_GROUP;
    case TLS_WHY_NO_SIGNATURE:
        return TLS_FAILURE_NO_SIGNATURE;
    default:
        return TLS_FAILURE_NO_VERSION;
    }
}

static tls_result_t choose(tls_link_t *link, const tls_hello_t *hello)
{
    tls_server_t *const server = link->server;
    const tls_policy_t policy = tls_choose(&server->config.site, hello, link->setup.no_certificate_before);
    link->facts.why = policy.why;
    link->facts.trusted_ca_bare = hello->trusted_ca_bare;
    link->facts.resumption_refused = hello->ticket || hello->psk || hello->early_data;
    if (policy.version == 0) {
        return refuse(link, failure_of(policy.why), policy.alert);
    }
    if (!tls_server_choose(server, &policy, hello, &link->facts.credential, &link->facts.root_named)) {
        return refuse(link, TLS_FAILURE_NO_SIGNATURE, TLS_ALERT_HANDSHAKE_FAILURE);
    }
    link->facts.version = policy.version;
    return start_engine(link, server->engine[link->facts.credential]) ? TLS_OK : fail(link, TLS_FAILURE_LIBRARY, NULL);
}

/* The message goes to the library in one record, however it came: what is hashed are messages, and Mbed TLS before 3.6.3 puts none
 * together. */
static tls_result_t judge_hello(tls_link_t *link)
{
    tls_hello_t hello;
    switch (tls_hello_take(link->hello, &link->hello_length, sizeof link->hello, &hello)) {
    case CCS_OK:
        return choose(link, &hello);
    case CCS_ERR_TRUNCATED:
        return link->hello_length < sizeof link->hello ? TLS_AGAIN : refuse(link, TLS_FAILURE_HELLO_LONG, TLS_ALERT_DECODE_ERROR);
    case CCS_ERR_SPACE:
        return refuse(link, TLS_FAILURE_HELLO_LONG, TLS_ALERT_DECODE_ERROR);
    case CCS_ERR_HEADER:
        return fail(link, TLS_FAILURE_NOT_TLS, NULL); /* who speaks no TLS is not told in TLS */
    default:
        return refuse(link, TLS_FAILURE_HELLO_MALFORMED, TLS_ALERT_DECODE_ERROR);
    }
}

/* Octet by octet or in one piece: it is read again with each piece, which the budget bounds. */
static tls_result_t step_hello(tls_link_t *link)
{
    for (;;) {
        const int length = receive(link, link->hello + link->hello_length, sizeof link->hello - link->hello_length);
        if (length < 0) {
            return fail(link, TLS_FAILURE_LEFT, NULL);
        }
        if (length == 0) {
            return TLS_AGAIN;
        }
        link->hello_length += (size_t)length;
        const tls_result_t result = judge_hello(link);
        if (result != TLS_AGAIN) {
            return result;
        }
    }
}

/* ---- the handshake */

static void note_facts(tls_link_t *link)
{
    const tls_why_t why = link->facts.why;
    link->backend->facts(link->engine, &link->facts);
    link->facts.why = why;
    link->facts.handshake_octets = link->octets;
}

/* Fails closed: whatever the library says, no chain that was not judged good opens a link that needs one, and no other version
 * than the chosen one. */
static tls_result_t finish(tls_link_t *link, int64_t now_ms)
{
    const uint8_t chosen = link->facts.version;
    note_facts(link);
    link->facts.handshake_ms = now_ms - link->setup.now_ms;
    if (link->server && link->facts.version != chosen) {
        return fail(link, TLS_FAILURE_PROTOCOL, "another version than the chosen one");
    }
    const bool needs_certificate = !link->server || link->facts.version == 13;
    if (needs_certificate && !pki_is_good(&link->facts.verdict)) {
        return fail(link, TLS_FAILURE_NO_CERTIFICATE, "no chain was judged");
    }
    if (tls_staple_is_missing(link)) {
        return fail(link, TLS_FAILURE_CERTIFICATE, "no OCSP response was judged");
    }
    link->facts.authenticated = needs_certificate;
    link->state = TLS_LINK_OPEN;
    return TLS_OK;
}

static tls_result_t step_handshake(tls_link_t *link, int64_t now_ms)
{
    link->wants_room = false;
    const tls_result_t result = link->backend->handshake(link->engine);
    link->facts.handshake_octets = link->octets;
    switch (result) {
    case TLS_OK:
        return finish(link, now_ms);
    case TLS_AGAIN:
        return TLS_AGAIN;
    default:
        return fail(link, TLS_FAILURE_LEFT, NULL);
    }
}

static tls_result_t flush(tls_link_t *link)
{
    link->wants_room = false;
    const tls_result_t result = link->backend->flush(link->engine);
    return result == TLS_AGAIN || result == TLS_OK ? TLS_OK : fail(link, TLS_FAILURE_LEFT, NULL);
}

tls_result_t tls_link_step(tls_link_t *link, int64_t now_ms)
{
    if (now_ms >= tls_link_deadline_ms(link)) {
        return fail(link, TLS_FAILURE_DEADLINE, NULL);
    }
    if (link->state == TLS_LINK_HELLO) {
        const tls_result_t result = step_hello(link);
        if (result != TLS_OK) {
            return result;
        }
    }
    switch (link->state) {
    case TLS_LINK_HANDSHAKE:
        return step_handshake(link, now_ms);
    case TLS_LINK_OPEN:
        return link->wants_room ? flush(link) : TLS_OK;
    case TLS_LINK_CLOSED:
        return TLS_CLOSED;
    default:
        return TLS_FAILED;
    }
}

/* ---- octets in the clear */

tls_result_t tls_link_read(tls_link_t *link, uint8_t *to, size_t size, size_t *length)
{
    *length = 0;
    if (link->state != TLS_LINK_OPEN) {
        return link->state == TLS_LINK_CLOSED ? TLS_CLOSED : link->state == TLS_LINK_FAILED ? TLS_FAILED : TLS_AGAIN;
    }
    const tls_result_t result = link->backend->read(link->engine, to, size, length);
    if (result == TLS_CLOSED) {
        link->state = TLS_LINK_CLOSED;
    }
    return result == TLS_FAILED ? fail(link, TLS_FAILURE_LEFT, NULL) : result;
}

tls_result_t tls_link_write(tls_link_t *link, ccs_view_t octets)
{
    if (link->state != TLS_LINK_OPEN) {
        return link->state == TLS_LINK_CLOSED ? TLS_CLOSED : link->state == TLS_LINK_FAILED ? TLS_FAILED : TLS_AGAIN;
    }
    if (octets.length == 0 || link->wants_room) {
        return octets.length == 0 ? TLS_OK : TLS_AGAIN;
    }
    const tls_result_t result = link->backend->write(link->engine, octets);
    return result == TLS_FAILED || result == TLS_CLOSED ? fail(link, TLS_FAILURE_LEFT, NULL) : result;
}

void tls_link_close(tls_link_t *link)
{
    if (link->engine && (link->state == TLS_LINK_OPEN || link->state == TLS_LINK_CLOSED)) {
        link->backend->close_notify(link->engine);
    }
    link->state = link->state == TLS_LINK_FAILED ? TLS_LINK_FAILED : TLS_LINK_CLOSED;
}

bool tls_link_holds_octets(const tls_link_t *link)
{
    return link->state == TLS_LINK_OPEN && link->backend->holds_octets(link->engine);
}

bool tls_link_wants_room(const tls_link_t *link)
{
    return link->wants_room;
}

int64_t tls_link_deadline_ms(const tls_link_t *link)
{
    if (link->state == TLS_LINK_HELLO) {
        return link->hello_by_ms;
    }
    return link->state == TLS_LINK_HANDSHAKE ? link->deadline_ms : INT64_MAX;
}

const tls_facts_t *tls_link_facts(const tls_link_t *link)
{
    return &link->facts;
}

void tls_link_peer(const tls_link_t *link, ccs_peer_t *peer)
{
    const tls_facts_t *const facts = &link->facts;
    *peer = (ccs_peer_t){.tls = facts->version, .authenticated = facts->authenticated};
    peer->name = (ccs_view_t){(const uint8_t *)facts->name, strlen(facts->name)};
    memcpy(peer->leaf_sha512, facts->leaf_sha512, sizeof peer->leaf_sha512);
}
