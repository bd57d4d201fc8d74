/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/gate.h"

#include "base/bytes.h"

#include <string.h>

static const char token_name[] = "token";
static const char count_name[] = "gate";

enum { TOKEN_RECORD = GATE_SALT_SIZE + PKI_SHA256_SIZE, COUNT_RECORD = 4, FAILURES_MAX = 64 };

static void hash_of(const pki_crypto_t *crypto, const uint8_t salt[GATE_SALT_SIZE], ccs_view_t token, uint8_t hash[PKI_SHA256_SIZE])
{
    uint8_t together[GATE_SALT_SIZE + GATE_TOKEN_MAX];
    memcpy(together, salt, GATE_SALT_SIZE);
    memcpy(together + GATE_SALT_SIZE, token.at, token.length);
    crypto->sha256(crypto->ctx, (ccs_view_t){together, GATE_SALT_SIZE + token.length}, hash);
    store_wipe(together, sizeof together);
}

ccs_err_t gate_provision(const store_medium_t *medium, const pki_crypto_t *crypto, ccs_view_t token,
                         const uint8_t salt[GATE_SALT_SIZE])
{
    uint8_t record[TOKEN_RECORD];
    if (token.length < GATE_TOKEN_MIN || token.length > GATE_TOKEN_MAX) {
        return CCS_ERR_LENGTH;
    }
    memcpy(record, salt, GATE_SALT_SIZE);
    hash_of(crypto, salt, token, record + GATE_SALT_SIZE);
    return medium->set(medium->ctx, token_name, (ccs_view_t){record, sizeof record});
}

static ccs_err_t read_token(const store_medium_t *medium, uint8_t record[TOKEN_RECORD])
{
    size_t length = 0;
    const ccs_err_t err = medium->get(medium->ctx, token_name, record, TOKEN_RECORD, &length);
    return err == CCS_OK && length != TOKEN_RECORD ? CCS_ERR_MISSING : err;
}

bool gate_is_provisioned(const store_medium_t *medium)
{
    uint8_t record[TOKEN_RECORD];
    return read_token(medium, record) == CCS_OK;
}

/* ---- failures */

static void lock(gate_t *gate, int64_t now_ms)
{
    if (gate->failures < GATE_FREE_FAILURES) {
        return;
    }
    const uint32_t beyond = gate->failures - GATE_FREE_FAILURES;
    const int64_t wait_ms = beyond > 20 ? GATE_LOCK_MAX_MS : (int64_t)GATE_LOCK_MS << beyond;
    gate->locked_until_ms = now_ms + (wait_ms < GATE_LOCK_MAX_MS ? wait_ms : GATE_LOCK_MAX_MS);
}

/* A count that cannot be written still counts until the restart. */
static void keep_count(const gate_t *gate)
{
    uint8_t octets[COUNT_RECORD];
    bytes_out_t out = bytes_out(octets, sizeof octets);
    bytes_put_u32be(&out, gate->failures);
    (void)gate->medium->set(gate->medium->ctx, count_name, (ccs_view_t){octets, sizeof octets});
}

void gate_init(gate_t *gate, const store_medium_t *medium, const pki_crypto_t *crypto, int64_t now_ms)
{
    uint8_t octets[COUNT_RECORD];
    size_t length = 0;
    *gate = (gate_t){.medium = medium, .crypto = crypto, .locked_until_ms = INT64_MIN};
    if (medium->get(medium->ctx, count_name, octets, sizeof octets, &length) == CCS_OK && length == COUNT_RECORD) {
        bytes_in_t in = bytes_in(octets, length);
        gate->failures = bytes_get_u32be(&in);
        lock(gate, now_ms);
    }
}

/* Every octet is looked at, wherever the first difference lies. */
static bool equal_in_constant_time(const uint8_t *a, const uint8_t *b, size_t length)
{
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < length; i++) {
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

static gate_said_t fail(gate_t *gate, int64_t now_ms)
{
    gate->failures += gate->failures < FAILURES_MAX;
    keep_count(gate);
    lock(gate, now_ms);
    return GATE_WRONG;
}

static gate_said_t open_gate(gate_t *gate, int64_t now_ms)
{
    gate->open = true;
    gate->used_ms = now_ms;
    if (gate->failures > 0) {
        gate->failures = 0;
        keep_count(gate);
    }
    return GATE_OPENED;
}

gate_said_t gate_try(gate_t *gate, ccs_view_t token, int64_t now_ms)
{
    uint8_t record[TOKEN_RECORD], hash[PKI_SHA256_SIZE];
    gate->open = false;
    if (gate_wait_ms(gate, now_ms) > 0) {
        return GATE_LOCKED;
    }
    const ccs_err_t err = read_token(gate->medium, record);
    if (err != CCS_OK) {
        return err == CCS_ERR_MISSING ? GATE_NO_TOKEN : GATE_FAILED;
    }
    const bool sized = token.length >= GATE_TOKEN_MIN && token.length <= GATE_TOKEN_MAX;
    hash_of(gate->crypto, record, sized ? token : (ccs_view_t){(const uint8_t *)"", 0}, hash);
    const bool equal = equal_in_constant_time(hash, record + GATE_SALT_SIZE, sizeof hash);
    return sized && equal ? open_gate(gate, now_ms) : fail(gate, now_ms);
}

bool gate_use(gate_t *gate, int64_t now_ms)
{
    if (gate->open && now_ms - gate->used_ms > GATE_IDLE_MS) {
        gate->open = false;
    }
    if (gate->open) {
        gate->used_ms = now_ms;
    }
    return gate->open;
}

void gate_shut(gate_t *gate)
{
    gate->open = false;
}

int64_t gate_wait_ms(const gate_t *gate, int64_t now_ms)
{
    return gate->locked_until_ms > now_ms ? gate->locked_until_ms - now_ms : 0;
}
