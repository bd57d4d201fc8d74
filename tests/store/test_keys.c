/* Keys of the store by both libraries: what one keeps the other reads, and both read what people have.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

enum { BOTH = 2 };

static store_crypto_t library[BOTH];

static int make(void **state)
{
    library[0] = keys_openssl();
    library[1] = keys_mbedtls();
    return world_make(state);
}

static void expect_point(const store_crypto_t *crypto, const store_key_t *key, const EVP_PKEY *wanted)
{
    uint8_t point[STORE_POINT_MAX], own[STORE_POINT_MAX];
    size_t length = 0, own_length = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(wanted, "pub", own, sizeof own, &own_length), 1);
    assert_int_not_equal(crypto->key_public(crypto->ctx, key, point, &length), PKI_KEY_OTHER);
    assert_int_equal(length, own_length);
    assert_memory_equal(point, own, length);
}

static void what_one_library_keeps_the_other_reads(void **state)
{
    static const pki_key_kind_t kinds[] = {PKI_P256, PKI_P521};
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        for (unsigned from = 0; from < BOTH; from++) {
            const store_crypto_t *const one = &library[from], *const other = &library[1 - from];
            uint8_t record[512], point[BOTH][STORE_POINT_MAX];
            size_t length[BOTH];
            store_key_t *const made = one->key_new(one->ctx, kinds[k]);
            assert_non_null(made);
            const size_t kept = one->key_keep(one->ctx, made, record, sizeof record);
            assert_true(kept > 0);
            assert_int_equal(one->key_keep(one->ctx, made, record, kept), kept);
            assert_int_equal(one->key_keep(one->ctx, made, record, kept - 1), 0);
            assert_int_equal(one->key_keep(one->ctx, made, record, sizeof record), kept);
            store_key_t *const read = other->key_read(other->ctx, (ccs_view_t){record, kept}, NULL);
            assert_non_null(read);
            assert_int_equal(one->key_public(one->ctx, made, point[0], &length[0]), kinds[k]);
            assert_int_equal(other->key_public(other->ctx, read, point[1], &length[1]), kinds[k]);
            assert_int_equal(length[0], length[1]);
            assert_memory_equal(point[0], point[1], length[0]);
            one->key_free(one->ctx, made);
            other->key_free(other->ctx, read);
        }
    }
}

static void keys_of_people_are_read_in_pem_and_with_a_password(void **state)
{
    static const char password[] = "a password";
    (void)state;
    for (unsigned kind = MINT_P256; kind <= MINT_P521; kind++) {
        EVP_PKEY *const key = tree_find(&world.tree[kind], "secc")->key;
        for (unsigned locked = 0; locked < 2; locked++) {
            BIO *const bio = BIO_new(BIO_s_mem());
            char *text;
            assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, locked ? EVP_aes_256_cbc() : NULL, password,
                                                           locked ? (int)strlen(password) : 0, NULL, NULL),
                             1);
            const size_t length = (size_t)BIO_get_mem_data(bio, &text);
            const ccs_view_t given = {(uint8_t *)text, length};
            for (unsigned i = 0; i < BOTH; i++) {
                const store_crypto_t *const crypto = &library[i];
                store_key_t *const read = crypto->key_read(crypto->ctx, given, locked ? password : NULL);
                assert_non_null(read);
                expect_point(crypto, read, key);
                crypto->key_free(crypto->ctx, read);
                assert_true(!locked || crypto->key_read(crypto->ctx, given, NULL) == NULL);
                assert_true(!locked || crypto->key_read(crypto->ctx, given, "another") == NULL);
            }
            BIO_free(bio);
        }
    }
}

static X509_REQ *read_request(const uint8_t *octets, size_t length)
{
    const unsigned char *at = octets;
    X509_REQ *const read = d2i_X509_REQ(NULL, &at, (long)length);
    assert_non_null(read);
    assert_ptr_equal(at, octets + length);
    assert_int_equal(X509_REQ_verify(read, X509_REQ_get0_pubkey(read)), 1);
    return read;
}

static void a_request_has_the_old_certificates_subject_octet_by_octet(void **state)
{
    (void)state;
    for (unsigned kind = MINT_P256; kind <= MINT_P521; kind++) {
        const minted_t *const like = tree_find(&world.tree[kind], "secc");
        const store_crypto_t *const crypto = &library[1];
        uint8_t made[1024];
        store_key_t *const key = crypto->key_new(crypto->ctx, kind == MINT_P256 ? PKI_P256 : PKI_P521);
        const size_t length = crypto->request(crypto->ctx, key, (ccs_view_t){like->der, like->length}, NULL, made, sizeof made);
        assert_true(length > 0);
        X509_REQ *const read = read_request(made, length);
        assert_int_equal(X509_NAME_cmp(X509_REQ_get_subject_name(read), X509_get_subject_name(like->x509)), 0);
        assert_int_equal(crypto->request(crypto->ctx, key, (ccs_view_t){NULL, 0}, NULL, made, sizeof made), 0);
        for (size_t size = 0; size < length; size += 7) {
            assert_int_equal(crypto->request(crypto->ctx, key, (ccs_view_t){NULL, 0}, "DEABCE1", made, size > 200 ? 100 : size), 0);
        }
        X509_REQ_free(read);
        crypto->key_free(crypto->ctx, key);
    }
}

static void a_request_by_name_is_of_a_charge_point_operator(void **state)
{
    uint8_t made[BOTH][1024];
    char text[BOTH][128];
    (void)state;
    for (unsigned i = 0; i < BOTH; i++) {
        const store_crypto_t *const crypto = &library[i];
        store_key_t *const key = crypto->key_new(crypto->ctx, PKI_P256);
        const size_t length = crypto->request(crypto->ctx, key, (ccs_view_t){NULL, 0}, "DEABCE1", made[i], sizeof made[i]);
        X509_REQ *const read = read_request(made[i], length);
        (void)X509_NAME_oneline(X509_REQ_get_subject_name(read), text[i], sizeof text[i]);
        X509_REQ_free(read);
        crypto->key_free(crypto->ctx, key);
    }
    assert_string_equal(text[0], "/DC=CPO/CN=DEABCE1");
    assert_string_equal(text[1], text[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_library_keeps_the_other_reads),
        cmocka_unit_test(keys_of_people_are_read_in_pem_and_with_a_password),
        cmocka_unit_test(a_request_has_the_old_certificates_subject_octet_by_octet),
        cmocka_unit_test(a_request_by_name_is_of_a_charge_point_operator),
    };
    return cmocka_run_group_tests(tests, make, world_free);
}
