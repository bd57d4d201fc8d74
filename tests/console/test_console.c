/* The serial console: what it does, what it never tells, and what it makes of nonsense.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/console/console.h"
#include "tests/store/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>

enum { OUT_MAX = 65536 };

static const char token[] = "correct horse battery staple";
static console_t console;
static gate_t gate;
static utc_keeper_t utc;
static uint8_t memory[CONSOLE_MEMORY];
static char out[OUT_MAX], notes[OUT_MAX];
static size_t out_length, notes_length;
static int64_t now_ms;

static void print(void *ctx, const char *text, size_t length)
{
    (void)ctx;
    assert_true(out_length + length < OUT_MAX);
    memcpy(out + out_length, text, length);
    out[out_length += length] = '\0';
}

static void note(void *ctx, const char *what)
{
    (void)ctx;
    notes_length += (size_t)snprintf(notes + notes_length, OUT_MAX - notes_length, "%s\n", what);
}

static int reset(void **state)
{
    (void)state;
    static const uint8_t salt[GATE_SALT_SIZE] = {9};
    world_reset();
    now_ms = 1000;
    assert_int_equal(gate_provision(&world.medium, &world.crypto.pki, (ccs_view_t){(const uint8_t *)token, strlen(token)}, salt),
                     CCS_OK);
    gate_init(&gate, &world.medium, &world.crypto.pki, now_ms);
    assert_int_equal(utc_init(&utc, &world.medium), CCS_OK);
    assert_true(utc_tell(&utc, UTC_NETWORK, TREE_NOW_S, now_ms));
    const console_config_t config = {
        .store = &world.store, .gate = &gate, .utc = &utc, .memory = memory, .print = print, .note = note};
    console_init(&console, &config);
    out_length = notes_length = 0;
    out[0] = notes[0] = '\0';
    return 0;
}

static const char *type(const char *text)
{
    out_length = 0;
    out[0] = '\0';
    console_feed(&console, (const uint8_t *)text, strlen(text), now_ms);
    return out;
}

static void assert_said(const char *text, const char *answer)
{
    if (strncmp(type(text), answer, strlen(answer)) != 0) {
        fail_msg("\"%s\" is answered by: %s", text, out);
    }
}

static void log_in(void)
{
    assert_said("auth correct horse battery staple\n", "OK authenticated");
}

/* The last line. */
static const char *ending(void)
{
    size_t at = out_length >= 2 ? out_length - 2 : 0;
    while (at > 0 && out[at - 1] != '\n') {
        at--;
    }
    return out + at;
}

static void assert_ends(const char *answer)
{
    if (strncmp(ending(), answer, strlen(answer)) != 0) {
        fail_msg("ends with: %s", ending());
    }
}

/* As Base64 over lines of 64 letters, and the dot. */
static void send_octets(const octets_t *octets)
{
    char line[68];
    for (size_t at = 0; at < octets->length; at += 48) {
        const size_t left = octets->length - at;
        assert_true(payload_text(octets->at + at, left < 48 ? left : 48, line, sizeof line) > 0);
        console_feed(&console, (const uint8_t *)line, strlen(line), now_ms);
        console_feed(&console, (const uint8_t *)"\r\n", 2, now_ms);
    }
    (void)type(".\n");
}

static void provision(void)
{
    const octets_t root = world_chain(MINT_P256, "v2groot"), key = world_key(MINT_P256, "secc");
    const octets_t chain = world_chain(MINT_P256, "secc cposub2 cposub1");
    (void)type("pki set ca v2g\n");
    send_octets(&root);
    assert_ends("OK v2g: roots set");
    (void)type("pki set key\n");
    send_octets(&key);
    assert_ends("OK iso2: key set");
    (void)type("pki set cert\n");
    send_octets(&chain);
    assert_ends("OK iso2: certificates set");
}

/* ---- what it does */

static void a_charger_is_provisioned_by_lines(void **state)
{
    (void)state;
    log_in();
    provision();
    (void)type("pki list\n");
    assert_non_null(strstr(out, "iso2 now: \""));
    assert_non_null(strstr(out, "iso2 key: SHA-256 "));
    assert_non_null(strstr(out, "v2g: \""));
    assert_non_null(strstr(out, "2024-01-01T00:00:00Z to 2045-01-01T00:00:00Z"));
    assert_ends("OK");
}

static void certificates_come_out_in_pem(void **state)
{
    (void)state;
    const minted_t *const leaf = tree_find(&world.tree[MINT_P256], "secc");
    log_in();
    provision();
    (void)type("pki get cert iso2\n");
    BIO *const bio = BIO_new_mem_buf(strstr(out, "-----BEGIN"), -1);
    X509 *const read = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(read);
    assert_int_equal(X509_cmp(read, leaf->x509), 0);
    X509_free(read);
    BIO_free(bio);
    (void)type("pki get ca\n");
    assert_non_null(strstr(out, "-----BEGIN CERTIFICATE-----"));
    assert_said("pki get ca oem\n", "ERROR nothing here");
    assert_said("pki get cert iso20\n", "ERROR nothing here");
}

static void a_request_comes_out_and_the_key_does_not(void **state)
{
    (void)state;
    log_in();
    (void)type("pki csr iso20 DE*CCS*E1\n");
    BIO *const bio = BIO_new_mem_buf(out, -1);
    X509_REQ *const request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    assert_non_null(request);
    assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    X509_REQ_free(request);
    BIO_free(bio);
    assert_ends("OK iso20: certificate request made");
    (void)type("pki get key iso20\n");
    assert_non_null(strstr(out, "iso20 key that waits for its certificate: SHA-256 "));
    assert_said("pki csr cert iso2\n", "ERROR a certificate request cannot be made");
    assert_said("pki csr ca\n", "ERROR a charger asks for no CA");
}

/* get key: the fingerprint of the public half, and nothing of the other one, wherever one looks. */
static void no_command_tells_a_private_key(void **state)
{
    (void)state;
    static const char *const commands[] = {"pki list\n", "pki get key\n", "pki get cert\n",       "pki get ca\n",  "pki csr\n",
                                           "help\n",     "time\n",        "pki set key iso2 x\n", "pki list key\n"};
    char base64[512];
    uint8_t secret[32];
    BIGNUM *number = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(tree_find(&world.tree[MINT_P256], "secc")->key, "priv", &number), 1);
    assert_int_equal(BN_bn2binpad(number, secret, sizeof secret), sizeof secret);
    BN_free(number);
    log_in();
    provision();
    assert_null(memmem(memory, sizeof memory, secret, sizeof secret)); /* what was typed is wiped */
    assert_null(memmem(&console, sizeof console, secret, sizeof secret));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        (void)type(commands[i]);
        assert_null(memmem(out, out_length, secret, sizeof secret));
        for (size_t shift = 0; shift < 3; shift++) { /* Base64 of it at each alignment */
            assert_true(payload_text(secret + shift, 30 - shift, base64, sizeof base64) > 0);
            base64[36] = '\0';
            assert_null(strstr(out, base64));
        }
    }
    assert_null(memmem(notes, notes_length, token, strlen(token)));
}

static bool all_zero(const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (octets[i] != 0) {
            return false;
        }
    }
    return true;
}

static void what_was_typed_is_wiped_however_it_ends(void **state)
{
    (void)state;
    static const char *const ends[] = {".\n", "!\n", "\x03", "?\n.\n"};
    const octets_t key = world_key(MINT_P256, "secc");
    log_in();
    (void)type("pki set key\n");
    send_octets(&key);
    assert_ends("OK iso2: key set");
    assert_true(all_zero(memory, sizeof memory));
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)type("pki set key\nczNjcjN0czNjcjN0\n");
        assert_false(all_zero(memory, sizeof memory));
        (void)type(ends[i]);
        assert_true(all_zero(memory, sizeof memory));
    }
    (void)type("pki set key\nczNjcjN0czNjcjN0\n");
    console_leave(&console);
    assert_true(all_zero(memory, sizeof memory));
    assert_true(all_zero((const uint8_t *)console.line, sizeof console.line));
}

static void a_renewal_and_its_end(void **state)
{
    (void)state;
    log_in();
    provision();
    (void)type("pki csr\n");
    assert_ends("OK iso2: certificate request made");
    assert_said("pki drop cert iso2\n", "ERROR nothing here");
    (void)type("pki get key\n");
    assert_non_null(strstr(out, "iso2 key: SHA-256 "));
    assert_non_null(strstr(out, "iso2 key that waits"));
}

static void a_root_is_dropped_by_its_fingerprint(void **state)
{
    (void)state;
    char command[160];
    log_in();
    provision();
    (void)type("pki list ca\n");
    const char *const print_at = strstr(out, "SHA-256 ");
    assert_non_null(print_at);
    (void)snprintf(command, sizeof command, "pki drop ca v2g %.95s\n", print_at + 8);
    assert_said(command, "OK v2g: root dropped");
    assert_said(command, "ERROR nothing here");
    assert_said("pki drop ca v2g 00\n", "ERROR drop cert SLOT, or drop ca STORE FINGERPRINT");
}

static void time_and_its_source_are_told(void **state)
{
    (void)state;
    assert_said("time\n", "OK 2030-01-01T00:00:00Z, source network");
    utc_lose(&utc, now_ms);
    assert_said("time\n", "OK not known; it is 2030-01-01T00:00:00Z or later; source none");
}

/* ---- who may */

static void changes_need_a_session(void **state)
{
    (void)state;
    static const char *const commands[] = {"pki set cert\n",   "pki set key iso2 new\n", "pki set ca v2g\n",
                                           "pki csr iso2 X\n", "pki drop cert iso2\n",   "pki drop ca v2g 00\n"};
    const size_t before = world.memory.changes;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        assert_said(commands[i], "ERROR not authenticated");
    }
    log_in();
    assert_said("logout\n", "OK");
    assert_said("pki set key iso2 new\n", "ERROR not authenticated");
    log_in();
    console_leave(&console);
    assert_said("pki set key iso2 new\n", "ERROR not authenticated");
    log_in();
    now_ms += GATE_IDLE_MS + 1;
    assert_said("pki set key iso2 new\n", "ERROR not authenticated");
    assert_int_equal(world.memory.changes, before);
    log_in();
    assert_said("pki set key iso2 new\n", "OK iso2: new key made");
}

static void without_a_token_nothing_can_be_changed(void **state)
{
    (void)state;
    assert_int_equal(world.medium.erase(world.medium.ctx, "token"), CCS_OK);
    assert_said("auth correct horse battery staple\n", "ERROR no token is set");
    assert_said("auth \n", "ERROR no token is set");
    assert_said("pki set key iso2 new\n", "ERROR no token is set");
}

static void wrong_tokens_lock_for_longer_and_longer(void **state)
{
    (void)state;
    for (unsigned i = 1; i < GATE_FREE_FAILURES; i++) {
        assert_said("auth wrong horse battery staple\n", "ERROR wrong token; next try in 0 s");
    }
    assert_said("auth wrong horse battery staple\n", "ERROR wrong token; next try in 5 s");
    assert_said("auth correct horse battery staple\n", "ERROR locked after wrong tokens; next try in 5 s");
    console_leave(&console); /* another connection is no way round */
    assert_said("auth correct horse battery staple\n", "ERROR locked");
    now_ms += 5000;
    assert_said("auth wrong horse battery staple\n", "ERROR wrong token; next try in 10 s");
    now_ms += 10000;
    log_in();
    assert_null(strstr(notes, "horse"));
    assert_non_null(strstr(notes, "wrong token"));
}

static void a_session_that_ends_during_a_payload_sets_nothing(void **state)
{
    (void)state;
    const octets_t root = world_chain(MINT_P256, "v2groot");
    log_in();
    (void)type("pki set ca v2g\n");
    now_ms += GATE_IDLE_MS + 1;
    send_octets(&root);
    assert_ends("ERROR not authenticated");
    assert_int_equal(memory_count(&world.memory, "v2g."), 0);
}

/* ---- nonsense */

static void refusals_say_why(void **state)
{
    (void)state;
    const octets_t chain = world_chain(MINT_P256, "secc cposub1");
    log_in();
    provision();
    (void)type("pki set cert\n");
    send_octets(&chain);
    assert_ends("ERROR certificate is refused: a certificate between two others is missing (ISSUER_MISSING)");
    assert_non_null(strstr(notes, "iso2: not certificates set"));
    static const struct {
        const char *lines, *answer;
    } rows[] = {
        {"pki set key\nabc!\n.\n", "ERROR neither Base64 nor PEM"},
        {"pki set key\nabcde\n.\n", "ERROR ends in the middle"},
        {"pki set key\n.\n", "ERROR empty"},
        {"pki set key\nZm9v\n.\n", "ERROR no private key that can be read"},
        {"pki set key\nZm9v\n!\n", "ERROR given up"},
        {"pki set key\nZm9v\n\x03", "ERROR given up"},
        {"pki set key\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n.\n", "ERROR a key with a password"},
        {"pki set key iso3\n", "ERROR no such slot"},
        {"pki set ca x\n", "ERROR no such store"},
        {"pki set\n", "ERROR cert, key or ca?"},
        {"pki\n", "ERROR pki list, get, set, csr or drop?"},
        {"pki eat cert\n", "ERROR pki list, get, set, csr or drop?"},
        {"pki get cert iso2 old\n", "ERROR too many words"},
        {"a b c d e f g h\n", "ERROR too many words"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)type(rows[i].lines);
        assert_ends(rows[i].answer);
    }
    assert_said("time\n", "OK"); /* and it is in step again */
}

static void nothing_that_was_typed_is_printed_again(void **state)
{
    (void)state;
    assert_said("s3cr3t-typed-at-the-wrong-place\n", "ERROR no such command");
    assert_null(strstr(out, "s3cr3t"));
    assert_said("pki s3cr3t\n", "ERROR");
    assert_null(strstr(out, "s3cr3t"));
    assert_said("pki get key s3cr3t\n", "ERROR");
    assert_null(strstr(out, "s3cr3t"));
    assert_null(strstr(notes, "s3cr3t"));
}

static void lines_are_bounded(void **state)
{
    (void)state;
    char line[4 * CONSOLE_LINE_MAX];
    memset(line, 'A', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    line[sizeof line - 1] = '\0';
    assert_said(line, "ERROR a line has at most 512 characters");
    assert_said("time\n", "OK");
    log_in();
    (void)type("pki set key\n");
    (void)type(line);
    assert_int_equal(out_length, 0); /* told at the end */
    (void)type(".\n");
    assert_ends("ERROR a line is too long");
    line[CONSOLE_LINE_MAX] = '\n';
    line[CONSOLE_LINE_MAX + 1] = '\0';
    assert_said(line, "ERROR no such command");
}

static void payloads_are_bounded(void **state)
{
    (void)state;
    log_in();
    (void)type("pki set ca v2g\n");
    for (unsigned i = 0; i < 2 * CONSOLE_MEMORY / 48; i++) {
        (void)type("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    }
    (void)type(".\n");
    assert_ends("ERROR more octets than it may have");
}

static void octets_may_come_one_by_one_and_be_corrected(void **state)
{
    (void)state;
    const char typed[] = "tu\x08ime\r\n";
    out_length = 0;
    for (size_t i = 0; i + 1 < sizeof typed; i++) {
        console_feed(&console, (const uint8_t *)typed + i, 1, now_ms);
    }
    assert_ends("OK 2030-01-01");
    assert_said("\x7F\x08\x08time\n", "OK");
    assert_said("\x03time\n", "OK");
    assert_said("rubbish\x03time\n", "OK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_charger_is_provisioned_by_lines, reset),
        cmocka_unit_test_setup(certificates_come_out_in_pem, reset),
        cmocka_unit_test_setup(a_request_comes_out_and_the_key_does_not, reset),
        cmocka_unit_test_setup(no_command_tells_a_private_key, reset),
        cmocka_unit_test_setup(what_was_typed_is_wiped_however_it_ends, reset),
        cmocka_unit_test_setup(a_renewal_and_its_end, reset),
        cmocka_unit_test_setup(a_root_is_dropped_by_its_fingerprint, reset),
        cmocka_unit_test_setup(time_and_its_source_are_told, reset),
        cmocka_unit_test_setup(changes_need_a_session, reset),
        cmocka_unit_test_setup(without_a_token_nothing_can_be_changed, reset),
        cmocka_unit_test_setup(wrong_tokens_lock_for_longer_and_longer, reset),
        cmocka_unit_test_setup(a_session_that_ends_during_a_payload_sets_nothing, reset),
        cmocka_unit_test_setup(refusals_say_why, reset),
        cmocka_unit_test_setup(nothing_that_was_typed_is_printed_again, reset),
        cmocka_unit_test_setup(lines_are_bounded, reset),
        cmocka_unit_test_setup(payloads_are_bounded, reset),
        cmocka_unit_test_setup(octets_may_come_one_by_one_and_be_corrected, reset),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
