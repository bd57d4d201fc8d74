/* What each backend can do, tried out, not believed: the tables of docs/TLS.md.
 *
 *     test_tls_capabilities            each capability that a backend claims is there, each other one is not; the tables in the
 *                                      document say the same
 *     test_tls_capabilities --write    writes the tables
 * SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <stdio.h>
#include <string.h>

enum { EXTENSION_TRUSTED_CA = 3, EXTENSION_STATUS = 5, EXTENSION_STATUS_V2 = 17, CERTIFICATE = 11 };

/* ---- a stock car meets the charger */

typedef struct meeting {
    mint_kind_t kind;
    stock_t stock;
    bool static_ecdh, compat;
    uint16_t extension; /* a further one in the ClientHello */
    const char *content;
    size_t content_length;
    uint8_t fragment; /* max_fragment_length */
} meeting_t;

typedef struct seen {
    bool done, stapled, answered;
    int names;       /* in CertificateRequest */
    unsigned status; /* certificates with an OCSP response of their own, TLS 1.3 */
    size_t longest;  /* record */
} seen_t;

static seen_t seen;

static int add_extension(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *length, X509 *x509,
                         size_t at, int *alert, void *arg)
{
    const meeting_t *const meeting = arg;
    (void)ssl, (void)type, (void)context, (void)x509, (void)at, (void)alert;
    *out = (const unsigned char *)meeting->content;
    *length = meeting->content_length;
    return 1;
}

static int answered(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t length, X509 *x509, size_t at,
                    int *alert, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)in, (void)length, (void)x509, (void)at, (void)alert, (void)arg;
    seen.answered = true;
    return 1;
}

/* Entries of a Certificate message of TLS 1.3 that have a status_request extension. */
static void on_message(int write, int version, int type, const void *octets, size_t length, SSL *ssl, void *arg)
{
    const uint8_t *at = octets;
    (void)version, (void)arg;
    if (write || type != SSL3_RT_HANDSHAKE || length < 8 || at[0] != CERTIFICATE || SSL_version(ssl) != TLS1_3_VERSION) {
        return;
    }
    for (size_t i = 4 + 1 + at[4] + 3; i + 3 < length;) {
        i += 3 + ((size_t)at[i] << 16 | (size_t)at[i + 1] << 8 | at[i + 2]);
        const size_t extensions = (size_t)at[i] << 8 | at[i + 1];
        seen.status += extensions > 4 && at[i + 3] == EXTENSION_STATUS;
        i += 2 + extensions;
    }
}

static void show_vehicle(SSL *ssl, mint_kind_t kind)
{
    const tree_t *const tree = &world.tree[kind];
    (void)SSL_use_certificate(ssl, tree_find(tree, "vehicle")->x509);
    (void)SSL_use_PrivateKey(ssl, tree_find(tree, "vehicle")->key);
    (void)SSL_add1_chain_cert(ssl, tree_find(tree, "vehsub2")->x509);
    (void)SSL_add1_chain_cert(ssl, tree_find(tree, "vehsub1")->x509);
}

static void note(stock_client_t *client)
{
    const STACK_OF(X509_NAME) *const names = SSL_get0_peer_CA_list(client->ssl);
    const uint8_t *response;
    seen.done = seen.done && world.charger.result == TLS_OK;
    seen.stapled = SSL_get_tlsext_status_ocsp_resp(client->ssl, &response) > 0;
    seen.names = names ? sk_X509_NAME_num(names) : 0;
    for (size_t i = 0; i + 5 <= world.down.last;) {
        const size_t size = (size_t)world.down.octets[i + 3] << 8 | world.down.octets[i + 4];
        seen.longest = size > seen.longest ? size : seen.longest;
        i += 5 + size;
    }
}

static bool set_charger(const tls_backend_t *backend, const meeting_t *meeting)
{
    size_t which;
    tls_server_config_t server = world_charger(backend, meeting->kind);
    if (meeting->compat) {
        server.credentials = world_credential(backend, meeting->kind, 13, "secc cposub2 cposub1", "v2groot");
    }
    server.site.static_ecdh = meeting->static_ecdh;
    server.site.compat = meeting->compat;
    if (tls_server_init(&world.server, &server, &which) != CCS_OK) { /* a backend without TLS 1.3, or without Ed448 */
        world.server.config.backend = NULL;
        return false;
    }
    const tls_setup_t setup = {.wire = world_wire(&world.charger), .now_ms = world.now_ms, .utc_s = TREE_NOW_S};
    tls_link_open_server(&world.charger.link, &world.server, &setup);
    return true;
}

static seen_t meet(const tls_backend_t *backend, meeting_t meeting)
{
    stock_client_t client;
    world_reset();
    seen = (seen_t){0};
    if (!set_charger(backend, &meeting)) {
        return seen;
    }
    stock_prepare(&client, &meeting.stock);
    if (meeting.extension) {
        (void)SSL_CTX_add_custom_ext(client.ctx, meeting.extension, SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO,
                                     add_extension, NULL, &meeting, answered, NULL);
    }
    SSL_CTX_set_msg_callback(client.ctx, on_message);
    stock_start(&client, &meeting.stock);
    show_vehicle(client.ssl, meeting.kind);
    (void)SSL_set_tlsext_status_type(client.ssl, TLSEXT_STATUSTYPE_ocsp);
    if (meeting.fragment) {
        (void)SSL_set_tlsext_max_fragment_length(client.ssl, meeting.fragment);
    }
    pipe_keep(&world.down);
    seen.done = stock_talk(&client);
    note(&client);
    stock_free(&client);
    world_reset();
    return seen;
}

/* ---- as a charger */

#define OF_12 .kind = MINT_P256, .stock = {.version_max = TLS1_2_VERSION}
#define OF_13 .kind = MINT_P521, .stock = {.version_min = TLS1_3_VERSION, .groups = "P-521"}

static bool ecdhe(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){OF_12}).done;
}

/* No stock OpenSSL offers it: the car is ours, of a backend that does. */
static bool static_ecdh(const tls_backend_t *backend)
{
    bool open = false;
    for (size_t i = 0; i < world.backends; i++) {
        world_reset();
        tls_server_config_t server = world_charger(backend, MINT_P256);
        tls_client_config_t client = world_car(world.backend[i], MINT_P256);
        server.site.static_ecdh = client.static_ecdh = true;
        if ((tls_backend_can(world.backend[i]) & TLS_CAN_STATIC_ECDH) != 0) {
            world_open(&server, &client);
            open = open || world.charger.result == TLS_OK;
        }
    }
    world_reset();
    return open;
}

static bool aes(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){OF_13}).done;
}

static bool chacha(const tls_backend_t *backend)
{
    const stock_t stock = {.version_min = TLS1_3_VERSION, .suites = "TLS_CHACHA20_POLY1305_SHA256", .groups = "P-521"};
    return meet(backend, (meeting_t){.kind = MINT_P521, .stock = stock}).done;
}

static bool retry(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){.kind = MINT_P521, .stock = {.version_min = TLS1_3_VERSION, .groups = "P-256:P-521"}}).done;
}

static bool x448(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){.kind = MINT_P521, .stock = {.version_min = TLS1_3_VERSION, .groups = "X448"}}).done;
}

static bool ed448(const tls_backend_t *backend)
{
    const minted_t *const leaf = tree_find(&world.tree[MINT_ED448], "secc");
    return leaf && meet(backend, (meeting_t){.kind = MINT_ED448, .stock = {.version_min = TLS1_3_VERSION, .groups = "X448"}}).done;
}

static bool compat(const tls_backend_t *backend)
{
    return meet(backend,
                (meeting_t){.kind = MINT_P256, .stock = {.version_min = TLS1_3_VERSION, .groups = "P-256"}, .compat = true})
        .done;
}

static bool answers_trusted_ca(const tls_backend_t *backend)
{
    static const char none[] = {0, 0};
    return meet(backend, (meeting_t){OF_12, .extension = EXTENSION_TRUSTED_CA, .content = none, .content_length = 2}).answered;
}

static bool names_roots(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){OF_13}).names > 0;
}

static bool staples_12(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){OF_12}).stapled;
}

static bool staples_13(const tls_backend_t *backend)
{
    return meet(backend, (meeting_t){OF_13}).stapled;
}

/* RFC 6961, [V2G2-871]: one request item, ocsp_multi, nobody and nothing named. */
static bool staples_chain_12(const tls_backend_t *backend)
{
    static const char multi[] = {0, 7, 2, 0, 4, 0, 0, 0, 0};
    return meet(backend, (meeting_t){OF_12, .extension = EXTENSION_STATUS_V2, .content = multi, .content_length = sizeof multi})
        .answered;
}

static bool staples_chain_13(const tls_backend_t *backend) /* [V2G20-2388] */
{
    return meet(backend, (meeting_t){OF_13}).status > 1;
}

static bool fragments(const tls_backend_t *backend)
{
    const seen_t what = meet(backend, (meeting_t){OF_12, .fragment = TLSEXT_max_fragment_length_1024});
    return what.done && what.longest <= 1024 + 256;
}

/* ---- as a car, against an OpenSSL charger of ours that has two chains */

static const tls_facts_t *drive(const tls_backend_t *backend, mint_kind_t kind)
{
    static ccs_view_t only[1];
    const uint8_t version = kind == MINT_P256 ? 12 : 13;
    const minted_t *const root = tree_find(&world.tree[kind], "v2groot2");
    world_reset();
    tls_server_config_t server = world_charger(world.backend[0], kind);
    (void)world_credential(world.backend[0], kind, version, "secc_2 cposub2_2 cposub1_2", "v2groot2");
    server.count = 2;
    tls_client_config_t client = world_car(backend, kind);
    only[0] = (ccs_view_t){root->der, root->length};
    client.trust.stores.store[PKI_STORE_V2G] = (pki_store_t){only, 1};
    world_open(&server, &client);
    return tls_link_facts(&world.charger.link);
}

static bool tells_trusted_ca(const tls_backend_t *backend)
{
    return drive(backend, MINT_P256)->root_named;
}

static bool tells_authorities(const tls_backend_t *backend)
{
    return (tls_backend_can(backend) & TLS_CAN_13) != 0 && drive(backend, MINT_P521)->root_named;
}

static bool asks_status(const tls_backend_t *backend)
{
    world_reset();
    const tls_server_config_t server = world_charger(world.backend[0], MINT_P256);
    const tls_client_config_t client = world_car(backend, MINT_P256);
    world_open(&server, &client);
    return tls_link_facts(&world.car.link)->stapled;
}

static bool car_12(const tls_backend_t *backend)
{
    world_reset();
    const tls_server_config_t server = world_charger(world.backend[0], MINT_P256);
    const tls_client_config_t client = world_car(backend, MINT_P256);
    world_open(&server, &client);
    return world.car.result == TLS_OK;
}

static bool car_13_of(const tls_backend_t *backend, mint_kind_t kind)
{
    world_reset();
    const tls_server_config_t server = world_charger(world.backend[0], kind);
    const tls_client_config_t client = world_car(backend, kind);
    if ((tls_backend_can(backend) & TLS_CAN_13) == 0 || !client.credential->key) {
        return false;
    }
    world_open(&server, &client);
    return world.car.result == TLS_OK;
}

static bool car_13(const tls_backend_t *backend)
{
    return car_13_of(backend, MINT_P521);
}

static bool car_ed448(const tls_backend_t *backend)
{
    return car_13_of(backend, MINT_ED448);
}

/* ---- the tables */

typedef struct row {
    const char *text;
    bool (*tried)(const tls_backend_t *backend);
    unsigned claim; /* tls_can_t; 0: each backend has it, or none is asked for it */
    const char *no; /* what follows where it cannot */
} row_t;

static const row_t charger_rows[] = {
    {"TLS 1.2, ECDHE_ECDSA_AES128_CBC_SHA256, P-256", ecdhe, 0, ""},
    {"TLS 1.2, static ECDH_ECDSA (conformance mode only)", static_ecdh, TLS_CAN_STATIC_ECDH, "the suite is not offered"},
    {"TLS 1.3 mutual, P-521, AES_256_GCM_SHA384", aes, TLS_CAN_13, "no ISO 15118-20"},
    {"TLS 1.3 mutual, P-521, CHACHA20_POLY1305_SHA256", chacha, TLS_CAN_13, "no ISO 15118-20"},
    {"HelloRetryRequest to P-521", retry, TLS_CAN_13, "no ISO 15118-20"},
    {"group X448", x448, TLS_CAN_X448, "P-521 only"},
    {"Ed448 certificates", ed448, TLS_CAN_ED448, "secp521r1 only: half of the profile of ISO 15118-20"},
    {"P-256 in TLS 1.3 (`compat` profile only)", compat, TLS_CAN_13, ""},
    {"says that it has used trusted_ca_keys", answers_trusted_ca, TLS_CAN_ANSWER_TRUSTED_CA,
     "used all the same, without saying so"},
    {"V2G and OEM roots in CertificateRequest of TLS 1.3 [V2G20-2401]", names_roots, TLS_CAN_REQUEST_ROOTS,
     "a car must choose its chain unaided"},
    {"OCSP response of its leaf, TLS 1.2", staples_12, TLS_CAN_STAPLE, "no Plug and Charge in public use"},
    {"OCSP response of its leaf, TLS 1.3", staples_13, TLS_CAN_STAPLE, "no public use of ISO 15118-20"},
    {"OCSP response of each certificate, TLS 1.2 [V2G2-871]", staples_chain_12, TLS_CAN_STAPLE_CHAIN,
     "no Plug and Charge in public use"},
    {"OCSP response of each certificate, TLS 1.3 [V2G20-2388]", staples_chain_13, TLS_CAN_STAPLE_CHAIN,
     "no public use of ISO 15118-20"},
    {"max_fragment_length as asked for", fragments, TLS_CAN_STAPLE, "agreed to, not kept: Certificate comes in a longer record"},
};

static const row_t car_rows[] = {
    {"TLS 1.2", car_12, 0, ""},
    {"TLS 1.3 with a vehicle certificate of P-521", car_13, TLS_CAN_13, ""},
    {"vehicle certificate of Ed448", car_ed448, TLS_CAN_ED448, ""},
    {"trusted_ca_keys [V2G2-651]", tells_trusted_ca, TLS_CAN_TELL_TRUSTED_CA, "not told"},
    {"certificate_authorities [V2G20-1006]", tells_authorities, TLS_CAN_TELL_AUTHORITIES,
     "not told: where both versions are offered, TLS 1.2 follows"},
    {"asks for OCSP responses", asks_status, TLS_CAN_ASK_STATUS, "not asked for"},
};

enum { TEXT_SIZE = 16384 };
static char tables[TEXT_SIZE];
static unsigned wrong;

static void say(const char *text)
{
    const size_t length = strlen(tables);
    (void)snprintf(tables + length, sizeof tables - length, "%s", text);
}

/* Without the number of the release, which Debian raises every few weeks. */
static void say_backend(const tls_backend_t *backend)
{
    const char *const name = tls_backend_name(backend);
    say(strncmp(name, "OpenSSL 3", 9) == 0 ? "OpenSSL 3" : strncmp(name, "Mbed TLS 3.6", 12) == 0 ? "Mbed TLS 3.6" : name);
}

static void say_row(const row_t *row)
{
    say("| ");
    say(row->text);
    for (size_t i = 0; i < world.backends; i++) {
        const bool can = row->tried(world.backend[i]);
        const bool claims = row->claim == 0 || (tls_backend_can(world.backend[i]) & row->claim) != 0;
        if (can != claims) {
            (void)fprintf(stderr, "%s: %s: %s, and claims the contrary\n", tls_backend_name(world.backend[i]), row->text,
                          can ? "can" : "cannot");
            wrong++;
        }
        say(can ? " | yes" : " | no");
        if (!can && row->no[0]) {
            say(": ");
            say(row->no);
        }
    }
    say(" |\n");
}

static void say_table(const char *head, const row_t *rows, size_t count)
{
    say("| ");
    say(head);
    for (size_t i = 0; i < world.backends; i++) {
        say(" | ");
        say_backend(world.backend[i]);
    }
    say(" |\n|---");
    for (size_t i = 0; i < world.backends; i++) {
        say("|---");
    }
    say("|\n");
    for (size_t i = 0; i < count; i++) {
        say_row(&rows[i]);
    }
}

/* ---- the document */

static const char begin[] = "<!-- written by test_tls_capabilities --write -->\n", end[] = "<!-- end -->\n";

static bool read_document(char *text)
{
    FILE *const file = fopen(CCS_SOURCE_DIR "/docs/TLS.md", "r");
    const size_t length = file ? fread(text, 1, TEXT_SIZE - 1, file) : 0;
    text[length] = '\0';
    return file && fclose(file) == 0;
}

static int write_document(const char *text, const char *first, const char *last)
{
    FILE *const file = fopen(CCS_SOURCE_DIR "/docs/TLS.md", "w");
    const bool written = file && fwrite(text, 1, (size_t)(first - text), file) == (size_t)(first - text) &&
                         fputs(tables, file) >= 0 && fputs(last, file) >= 0;
    return file && fclose(file) == 0 && written ? 0 : 1;
}

static int document(bool write)
{
    static char text[TEXT_SIZE];
    char *const first = read_document(text) ? strstr(text, begin) : NULL;
    char *const last = first ? strstr(first, end) : NULL;
    if (!last) {
        (void)fprintf(stderr, "docs/TLS.md has no place for the tables\n");
        return 1;
    }
    char *const at = first + strlen(begin);
    if (write) {
        return write_document(text, at, last);
    }
    if ((size_t)(last - at) != strlen(tables) || memcmp(at, tables, strlen(tables)) != 0) {
        (void)fprintf(stderr, "docs/TLS.md says something else:\n%s", tables);
        return 1;
    }
    return 0;
}

int main(int count, char **words)
{
    enum { SKIPPED = 77 };
    if (world_make(NULL) != 0) {
        return 1;
    }
    say_table("as a charger", charger_rows, sizeof charger_rows / sizeof *charger_rows);
    say("\n");
    say_table("as a car", car_rows, sizeof car_rows / sizeof *car_rows);
    const bool both = world.backends == 2 && strncmp(tls_backend_name(world.backend[1]), "Mbed TLS 3.6", 12) == 0;
    (void)world_free(NULL);
    if (wrong > 0) {
        return 1;
    }
    if (!both) {
        (void)printf("skipped: the tables need Mbed TLS 3.6 (tools/get_mbedtls.sh); what is built in was tried\n");
        return SKIPPED;
    }
    return document(count > 1 && strcmp(words[1], "--write") == 0);
}
