/* Any octets at the serial console, in pieces: lines, commands, Base64 and PEM. The first octet says how long a piece is and
 * whether somebody is logged in. Cryptography takes any key and no certificate, so that what lies behind the parser is reached.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/console/console.h"

#include "base/assert.h"
#include "tests/store/memory.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char token[] = "a token of the fuzzer's own";

/* ---- cryptography that is none: a key is its first octet */

struct store_key {
    uint8_t first;
};

static store_key_t *key_of(uint8_t first)
{
    static store_key_t keys[256];
    keys[first].first = first;
    return &keys[first];
}

static store_key_t *key_read(void *ctx, ccs_view_t given, const char *password)
{
    (void)ctx;
    (void)password;
    return given.length > 0 && given.at[0] != 0xFF ? key_of(given.at[0]) : NULL;
}

static store_key_t *key_new(void *ctx, pki_key_kind_t kind)
{
    (void)ctx;
    return key_of((uint8_t)kind);
}

static void key_free(void *ctx, store_key_t *key)
{
    (void)ctx;
    (void)key;
}

static size_t key_keep(void *ctx, const store_key_t *key, uint8_t *to, size_t size)
{
    (void)ctx;
    CCS_ASSERT(size > 0);
    *to = key->first;
    return 1;
}

static pki_key_kind_t key_public(void *ctx, const store_key_t *key, uint8_t point[STORE_POINT_MAX], size_t *length)
{
    (void)ctx;
    memset(point, key->first, 65);
    *length = 65;
    return key->first % 2 ? PKI_P256 : PKI_P521;
}

static size_t request(void *ctx, const store_key_t *key, ccs_view_t like, const char *name, uint8_t *to, size_t size)
{
    (void)ctx;
    (void)key;
    (void)like;
    const size_t length = name ? strlen(name) : 0;
    CCS_ASSERT(length < size);
    memcpy(to, name ? name : "", length);
    return length;
}

static bool verify(void *ctx, const pki_key_t *key, pki_algorithm_t algorithm, ccs_view_t tbs, ccs_view_t signature)
{
    (void)ctx;
    (void)key;
    (void)algorithm;
    return tbs.length > 0 && signature.length > 0;
}

static bool key_fits(void *ctx, const pki_key_t *key)
{
    (void)ctx;
    return key->point.length > 0;
}

static void sum(void *ctx, ccs_view_t octets, uint8_t hash[PKI_SHA256_SIZE])
{
    (void)ctx;
    memset(hash, 0, PKI_SHA256_SIZE);
    for (size_t i = 0; i < octets.length; i++) {
        hash[i % PKI_SHA256_SIZE] = (uint8_t)(hash[i % PKI_SHA256_SIZE] * 31 + octets.at[i] + 1);
    }
}

/* ---- what is said: printable, whole lines, never the token */

typedef struct ear {
    size_t lines;
} ear_t;

static bool holds(const char *text, size_t length, const char *word)
{
    for (size_t i = 0; i + strlen(word) <= length; i++) {
        if (memcmp(text + i, word, strlen(word)) == 0) {
            return true;
        }
    }
    return false;
}

static void hear(void *ctx, const char *text, size_t length)
{
    ear_t *const ear = ctx;
    CCS_ASSERT(length >= 2 && text[length - 2] == '\r' && text[length - 1] == '\n');
    for (size_t i = 0; i + 2 < length; i++) {
        CCS_ASSERT(text[i] >= ' ' && text[i] < 127);
    }
    CCS_ASSERT(!holds(text, length, token));
    ear->lines++;
}

static void note(void *ctx, const char *what)
{
    (void)ctx;
    CCS_ASSERT(!holds(what, strlen(what), token));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static memory_t records;
    static uint8_t scratch[STORE_SCRATCH_SIZE], memory[CONSOLE_MEMORY];
    static console_t console;
    static const uint8_t salt[GATE_SALT_SIZE];
    const store_medium_t medium = memory_medium(&records);
    const store_crypto_t crypto = {.pki = {.verify = verify, .key_fits = key_fits, .sha256 = sum},
                                   .key_read = key_read,
                                   .key_new = key_new,
                                   .key_free = key_free,
                                   .key_keep = key_keep,
                                   .key_public = key_public,
                                   .request = request};
    const ccs_view_t secret = {(const uint8_t *)token, sizeof token - 1};
    store_t store;
    gate_t gate;
    utc_keeper_t utc;
    ear_t ear = {0};
    if (size < 2) {
        return 0;
    }
    records.count = 0;
    records.power = SIZE_MAX;
    const store_config_t store_config = {.medium = &medium, .crypto = &crypto, .scratch = scratch};
    CCS_ASSERT(store_open(&store, &store_config) == CCS_OK);
    CCS_ASSERT(gate_provision(&medium, &crypto.pki, secret, salt) == CCS_OK && utc_init(&utc, &medium) == CCS_OK);
    gate_init(&gate, &medium, &crypto.pki, 0);
    const console_config_t config = {
        .store = &store, .gate = &gate, .utc = &utc, .memory = memory, .ctx = &ear, .print = hear, .note = note};
    console_init(&console, &config);
    if (data[0] & 1) {
        CCS_ASSERT(gate_try(&gate, secret, 0) == GATE_OPENED);
    }
    const size_t piece = 1u + data[0] / 2;
    for (size_t at = 1; at < size; at += piece) {
        console_feed(&console, data + at, size - at < piece ? size - at : piece, (int64_t)at * 10);
    }
    console_feed(&console, (const uint8_t *)"\n!\nlogout\n", 10, 0); /* it is in step again, whatever came */
    CCS_ASSERT(ear.lines > 0 && console.waits == CONSOLE_COMMAND);
    console_leave(&console);
    return 0;
}
