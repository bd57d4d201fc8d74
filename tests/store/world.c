/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

world_t world;

int world_make(void **state)
{
    (void)state;
#ifdef CCS_STORE_MBEDTLS
    world.crypto = keys_mbedtls();
    world.has_ed448 = false;
#else
    world.crypto = keys_openssl();
    world.has_ed448 = true;
#endif
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
    for (unsigned kind = 0; kind < MINT_KINDS; kind++) {
        tree_free(&world.tree[kind]);
    }
    return 0;
}

void world_reopen(void)
{
    const store_config_t config = {.medium = &world.medium, .crypto = &world.crypto, .scratch = world.scratch};
    world.memory.power = SIZE_MAX;
    assert_int_equal(store_open(&world.store, &config), CCS_OK);
}

void world_reset(void)
{
    memset(&world.memory, 0, sizeof world.memory);
    world.medium = memory_medium(&world.memory);
    world_reopen();
}

store_time_t world_time(void)
{
    return (store_time_t){.trusted_s = TREE_NOW_S, .newest_s = TREE_NOW_S};
}

octets_t world_chain(mint_kind_t kind, const char *names)
{
    octets_t out = {.length = 0};
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(&world.tree[kind], names, found);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(out.length + found[i]->length <= sizeof out.at);
        memcpy(out.at + out.length, found[i]->der, found[i]->length);
        out.length += found[i]->length;
    }
    return out;
}

octets_t world_key(mint_kind_t kind, const char *name)
{
    octets_t out = {.length = 0};
    uint8_t *der = NULL;
    const minted_t *const found = tree_find(&world.tree[kind], name);
    assert_non_null(found);
    const int length = i2d_PrivateKey(found->key, &der);
    assert_true(length > 0 && (size_t)length <= sizeof out.at);
    memcpy(out.at, der, (size_t)length);
    out.length = (size_t)length;
    OPENSSL_free(der);
    return out;
}

bool world_same_key(const store_key_t *a, const store_key_t *b)
{
    uint8_t point[2][STORE_POINT_MAX];
    size_t length[2];
    const pki_key_kind_t kind = world.crypto.key_public(world.crypto.ctx, a, point[0], &length[0]);
    return kind != PKI_KEY_OTHER && kind == world.crypto.key_public(world.crypto.ctx, b, point[1], &length[1]) &&
           length[0] == length[1] && memcmp(point[0], point[1], length[0]) == 0;
}

ccs_view_t view(const octets_t *octets)
{
    return (ccs_view_t){octets->at, octets->length};
}

void world_provision(store_slot_t slot, mint_kind_t kind)
{
    const octets_t root = world_chain(kind, "v2groot"), key = world_key(kind, "secc");
    const octets_t chain = world_chain(kind, "secc cposub2 cposub1");
    assert_fault(store_set_roots(&world.store, PKI_STORE_V2G, view(&root)), NONE);
    assert_fault(store_set_key(&world.store, slot, view(&key), NULL), NONE);
    assert_fault(store_set_chain(&world.store, slot, view(&chain), world_time()), NONE);
}
