/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ports/tls/backend.h"

enum { CREDENTIALS = 2, PASSWORD_SIZE = 128, FILE_MAX = 1 << 20 };

/* Everything that a snapshot stands on; server or client comes first, so that its address is this one's. */
typedef struct loaded {
    union {
        tls_server_t server;
        tls_client_t client;
    };
    const tls_backend_t *backend;
    tls_credential_t credential[CREDENTIALS];
    tls_key_t *key[CREDENTIALS];
    ccs_view_t roots[PKI_STORES_COUNT][TLS_ROOTS_MAX];
    size_t roots_count[PKI_STORES_COUNT];
} loaded_t;

static bool given(const char *path)
{
    return path != NULL && path[0] != '\0';
}

static bool refuse(char error[TLS_FILES_ERROR], const char *path, const char *why)
{
    (void)snprintf(error, TLS_FILES_ERROR, "%.200s: %s", path, why);
    ERR_clear_error();
    return false;
}

static void view_free(ccs_view_t *view)
{
    free((void *)(uintptr_t)view->at);
    *view = (ccs_view_t){0};
}

static void loaded_free(void *ctx)
{
    loaded_t *const loaded = ctx;
    for (size_t i = 0; i < CREDENTIALS; i++) {
        tls_key_free(loaded->backend, loaded->key[i]);
        for (size_t k = 0; k < PKI_CHAIN_MAX; k++) {
            view_free(&loaded->credential[i].chain[k]);
            view_free(&loaded->credential[i].ocsp[k]);
        }
    }
    for (size_t store = 0; store < PKI_STORES_COUNT; store++) {
        for (size_t i = 0; i < loaded->roots_count[store]; i++) {
            view_free(&loaded->roots[store][i]);
        }
    }
    free(loaded);
}

/* ---- files */

static bool keep(const uint8_t *octets, size_t length, ccs_view_t *out)
{
    uint8_t *const copy = length > 0 ? malloc(length) : NULL;
    if (!copy) {
        return false;
    }
    memcpy(copy, octets, length);
    *out = (ccs_view_t){copy, length};
    return true;
}

static bool read_whole(const char *path, ccs_view_t *out, char error[TLS_FILES_ERROR])
{
    FILE *const file = fopen(path, "rb");
    uint8_t *const octets = file ? malloc(FILE_MAX) : NULL;
    const size_t length = octets ? fread(octets, 1, FILE_MAX, file) : 0;
    const bool good = octets && length > 0 && length < FILE_MAX && keep(octets, length, out);
    free(octets);
    if (file) {
        (void)fclose(file);
    }
    return good || refuse(error, path, "cannot be read");
}

/* The certificates of a PEM file, in their order. Returns how many; 0: it is no PEM. */
static size_t read_pem(const char *path, ccs_view_t *out, size_t most)
{
    BIO *const bio = BIO_new_file(path, "r");
    char *name, *header;
    unsigned char *der;
    long length;
    size_t count = 0;
    while (bio && count < most && PEM_read_bio(bio, &name, &header, &der, &length) == 1) {
        const bool certificate = strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
        count += certificate && keep(der, (size_t)length, &out[count]);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    BIO_free(bio);
    ERR_clear_error();
    return count;
}

static bool read_certificates(const char *path, ccs_view_t *out, size_t most, size_t *count, char error[TLS_FILES_ERROR])
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    *count = read_pem(path, out, most);
    if (*count > 0) {
        return true;
    }
    if (!read_whole(path, out, error)) {
        return false;
    }
    *count = 1;
    return pki_read(out[0], &certificate, &reason) || refuse(error, path, pki_reason_text(reason));
}

/* ---- keys */

static int password_of(char *to, int size, int writing, void *ctx)
{
    const char *const path = ctx;
    FILE *const file = given(path) ? fopen(path, "r") : NULL;
    (void)writing;
    const bool read = file && fgets(to, size, file) != NULL;
    if (file) {
        (void)fclose(file);
    }
    return read ? (int)strcspn(to, "\r\n") : 0;
}

static EVP_PKEY *read_pkey(const char *path, const char *password)
{
    BIO *const bio = BIO_new_file(path, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, password_of, (void *)(uintptr_t)(password ? password : "")) : NULL;
    if (!key && bio && BIO_reset(bio) == 0) {
        key = d2i_PrivateKey_bio(bio, NULL);
    }
    BIO_free(bio);
    return key;
}

static bool is_private(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && (about.st_mode & S_IRWXO) == 0;
}

static bool read_key(const tls_backend_t *backend, const char *path, const char *password, tls_key_t **out,
                     char error[TLS_FILES_ERROR])
{
    if (!is_private(path)) {
        return refuse(error, path, "not there, or other users may read this key");
    }
    EVP_PKEY *const pkey = read_pkey(path, password);
    uint8_t *der = NULL;
    const int length = pkey ? i2d_PrivateKey(pkey, &der) : 0;
    *out = length > 0 ? tls_key_load(backend, (ccs_view_t){der, (size_t)length}) : NULL;
    OPENSSL_clear_free(der, length > 0 ? (size_t)length : 0);
    EVP_PKEY_free(pkey);
    return *out || refuse(error, path, "no private key that can be used here");
}

/* ---- a credential */

static bool has_signed(const tls_backend_t *backend, ccs_view_t der, const pki_certificate_t *signed_one)
{
    const pki_crypto_t crypto = backend->crypto();
    pki_certificate_t root;
    pki_reason_t reason;
    return pki_read(der, &root, &reason) && pki_name_equal(root.subject, signed_one->issuer) &&
           crypto.verify(crypto.ctx, &root.key, signed_one->algorithm, signed_one->tbs, signed_one->signature);
}

/* The root that has signed the last certificate of the chain (several may have its name); only told to choose among chains. */
static ccs_view_t root_of(const loaded_t *loaded, const tls_credential_t *credential)
{
    pki_certificate_t last;
    pki_reason_t reason;
    size_t count = 0;
    while (count < PKI_CHAIN_MAX && credential->chain[count].length > 0) {
        count++;
    }
    if (count == 0 || !pki_read(credential->chain[count - 1], &last, &reason)) {
        return (ccs_view_t){0};
    }
    for (size_t i = 0; i < loaded->roots_count[PKI_STORE_V2G]; i++) {
        if (has_signed(loaded->backend, loaded->roots[PKI_STORE_V2G][i], &last)) {
            return loaded->roots[PKI_STORE_V2G][i];
        }
    }
    return (ccs_view_t){0};
}

typedef struct paths {
    uint8_t version;
    const char *chain, *key, *ocsp;
} paths_t;

static bool read_credential(loaded_t *loaded, const paths_t *paths, const char *password, size_t *at, char error[TLS_FILES_ERROR])
{
    tls_credential_t *const credential = &loaded->credential[*at];
    size_t count;
    if (!given(paths->chain)) {
        return true;
    }
    if (!given(paths->key)) {
        return refuse(error, paths->chain, "a chain needs its key");
    }
    credential->version = paths->version;
    if (!read_certificates(paths->chain, credential->chain, PKI_CHAIN_MAX, &count, error) ||
        !read_key(loaded->backend, paths->key, password, &loaded->key[*at], error) ||
        (given(paths->ocsp) && !read_whole(paths->ocsp, &credential->ocsp[0], error))) {
        return false;
    }
    credential->key = loaded->key[*at];
    credential->root = root_of(loaded, credential);
    (*at)++;
    return true;
}

static bool read_roots(loaded_t *loaded, pki_store_kind_t store, const char *path, char error[TLS_FILES_ERROR])
{
    if (!given(path)) {
        return true;
    }
    if (!read_certificates(path, loaded->roots[store], TLS_ROOTS_MAX, &loaded->roots_count[store], error)) {
        return false;
    }
    for (size_t i = 0; i < loaded->roots_count[store]; i++) {
        const pki_reason_t reason = pki_root_check(loaded->roots[store][i]);
        if (reason != PKI_GOOD) {
            return refuse(error, path, pki_reason_text(reason));
        }
    }
    return true;
}

static tls_trust_t trust_of(const loaded_t *loaded)
{
    tls_trust_t trust = {.revocation = PKI_REVOCATION_AS_KNOWN};
    for (size_t store = 0; store < PKI_STORES_COUNT; store++) {
        trust.stores.store[store] = (pki_store_t){loaded->roots[store], loaded->roots_count[store]};
    }
    return trust;
}

static loaded_t *load(const tls_backend_t *backend, const tls_files_t *files, size_t *credentials, char error[TLS_FILES_ERROR])
{
    const paths_t of_12 = {12, files->chain_12, files->key_12, files->ocsp_12};
    const paths_t of_13 = {13, files->chain_13, files->key_13, files->ocsp_13};
    loaded_t *const loaded = calloc(1, sizeof *loaded);
    *credentials = 0;
    if (!loaded) {
        (void)refuse(error, "credentials", "no memory");
        return NULL;
    }
    loaded->backend = backend;
    if (!read_roots(loaded, PKI_STORE_V2G, files->roots_v2g, error) ||
        !read_roots(loaded, PKI_STORE_OEM, files->roots_oem, error) ||
        !read_credential(loaded, &of_12, files->password, credentials, error) ||
        !read_credential(loaded, &of_13, files->password, credentials, error)) {
        loaded_free(loaded);
        return NULL;
    }
    return loaded;
}

tls_server_t *tls_files_server(const tls_backend_t *backend, const tls_files_t *files, const tls_site_t *site,
                               char error[TLS_FILES_ERROR])
{
    size_t count, which = 0;
    loaded_t *const loaded = load(backend, files, &count, error);
    if (!loaded) {
        return NULL;
    }
    const tls_server_config_t config = {.backend = backend,
                                        .site = *site,
                                        .trust = trust_of(loaded),
                                        .credentials = loaded->credential,
                                        .count = count,
                                        .gone = loaded_free,
                                        .ctx = loaded};
    if (tls_server_init(&loaded->server, &config, &which) != CCS_OK) {
        const bool of_12 = loaded->credential[which].version == 12;
        (void)refuse(error, of_12 ? files->chain_12 : files->chain_13,
                     "not the certificate of its key, or a key of another version");
        loaded_free(loaded);
        return NULL;
    }
    return &loaded->server;
}

tls_client_t *tls_files_client(const tls_client_config_t *config, const tls_files_t *files, char error[TLS_FILES_ERROR])
{
    size_t count;
    tls_client_config_t own = *config;
    loaded_t *const loaded = load(config->backend, files, &count, error);
    if (!loaded) {
        return NULL;
    }
    own.trust = trust_of(loaded);
    own.trust.compat = config->trust.compat;
    own.credential = count > 0 ? &loaded->credential[count - 1] : NULL;
    if (tls_client_init(&loaded->client, &own) != CCS_OK) {
        (void)refuse(error, given(files->chain_13) ? files->chain_13 : "TLS",
                     "a setting that this library does not have, or not the key");
        loaded_free(loaded);
        return NULL;
    }
    return &loaded->client;
}

void tls_files_client_free(tls_client_t *client)
{
    if (client) {
        tls_client_free(client);
        loaded_free(client);
    }
}
