/* ccs-pki judge: a chain in files, judged as a charger would.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "ports/openssl/pki_openssl.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CERTIFICATES_MAX = 64, FILE_MAX = 1 << 20 };

/* Certificates that were read; each octets[i] is freed with OPENSSL_free(). */
typedef struct shelf {
    ccs_view_t view[CERTIFICATES_MAX];
    size_t count;
} shelf_t;

static void shelf_free(shelf_t *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        OPENSSL_free((void *)(uintptr_t)shelf->view[i].at);
    }
    shelf->count = 0;
}

static bool keep(shelf_t *shelf, uint8_t *octets, size_t length)
{
    if (shelf->count == CERTIFICATES_MAX) {
        OPENSSL_free(octets);
        return false;
    }
    shelf->view[shelf->count++] = (ccs_view_t){octets, length};
    return true;
}

/* PEM blocks; returns how many. What a block holds is judged later, whatever it is. */
static size_t read_pem(BIO *bio, shelf_t *shelf)
{
    size_t found = 0;
    char *name, *header;
    unsigned char *octets;
    long length;
    while (PEM_read_bio(bio, &name, &header, &octets, &length) == 1) {
        const bool certificate = strcmp(name, "CERTIFICATE") == 0;
        OPENSSL_free(name);
        OPENSSL_free(header);
        if (!certificate) {
            OPENSSL_free(octets);
        } else if (keep(shelf, octets, (size_t)length)) {
            found++;
        }
    }
    return found;
}

static bool read_der(FILE *file, shelf_t *shelf)
{
    uint8_t *const octets = OPENSSL_malloc(FILE_MAX);
    const size_t length = octets ? fread(octets, 1, FILE_MAX, file) : 0;
    if (length == 0 || length == FILE_MAX) {
        OPENSSL_free(octets);
        return false;
    }
    return keep(shelf, octets, length);
}

/* A file of PEM, one or more, or of DER, one. */
static bool read_file(const char *path, shelf_t *shelf)
{
    FILE *const file = fopen(path, "rb");
    BIO *const bio = file ? BIO_new_fp(file, BIO_NOCLOSE) : NULL;
    bool good = bio != NULL;
    if (good && read_pem(bio, shelf) == 0) {
        rewind(file);
        good = read_der(file, shelf);
    }
    BIO_free(bio);
    if (file) {
        (void)fclose(file);
    }
    return good;
}

static void print_name(const ccs_view_t chain)
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    ccs_view_t name = {NULL, 0};
    if (!pki_read(chain, &certificate, &reason) || pki_name_find(certificate.subject, PKI_COMMON_NAME, &name) == 0) {
        return;
    }
    fputs(" (", stdout);
    for (size_t i = 0; i < name.length; i++) {
        putchar(name.at[i] >= 0x20 && name.at[i] < 0x7F ? name.at[i] : '?'); /* a peer's text: nothing that moves a terminal */
    }
    putchar(')');
}

static int print_verdict(const pki_verdict_t *verdict, const shelf_t *chain)
{
    printf("%s: %s", pki_reason_name(verdict->reason), pki_reason_text(verdict->reason));
    if (!pki_is_good(verdict)) {
        printf("; certificate %u", verdict->at);
        if (verdict->at < chain->count) {
            print_name(chain->view[verdict->at]);
        }
    } else if (verdict->large) {
        printf("; a certificate is larger than every car takes");
    }
    putchar('\n');
    return pki_is_good(verdict) ? EXIT_GOOD : EXIT_REFUSED;
}

static int judge(const options_t *options, const shelf_t *chain, const shelf_t roots[PKI_STORES_COUNT])
{
    const pki_crypto_t crypto = pki_openssl();
    pki_stores_t stores;
    for (size_t i = 0; i < PKI_STORES_COUNT; i++) {
        stores.store[i] = (pki_store_t){roots[i].view, roots[i].count};
    }
    pki_request_t request = {.role = options->role, .edition = options->edition, .chain = chain->view, .count = chain->count};
    request.now_s = options->now_s ? options->now_s : (int64_t)time(NULL);
    request.revocation = PKI_REVOCATION_AS_KNOWN;
    request.compat = options->compat;
    if (options->name) {
        request.name = (ccs_view_t){(const uint8_t *)options->name, strlen(options->name)};
    }
    const pki_verdict_t verdict = pki_judge(&stores, &request, &crypto, NULL);
    return print_verdict(&verdict, chain);
}

static int read_all(const options_t *options, shelf_t *chain, shelf_t roots[PKI_STORES_COUNT])
{
    for (size_t i = 0; i < options->words_count; i++) {
        if (!read_file(options->words[i], chain)) {
            return complain(EXIT_IO, "%s: cannot be read", options->words[i]);
        }
    }
    for (size_t store = 0; store < PKI_STORES_COUNT; store++) {
        for (size_t i = 0; i < options->roots_count[store]; i++) {
            if (!read_file(options->roots[store][i], &roots[store])) {
                return complain(EXIT_IO, "%s: cannot be read", options->roots[store][i]);
            }
        }
    }
    return EXIT_GOOD;
}

int command_judge(const options_t *options)
{
    shelf_t chain = {0}, roots[PKI_STORES_COUNT] = {0};
    if (!options->has_role || !options->has_edition || options->words_count == 0) {
        return complain(EXIT_USAGE, "judge: --role, --edition and the chain's files are needed");
    }
    int code = read_all(options, &chain, roots);
    if (code == EXIT_GOOD) {
        code = judge(options, &chain, roots);
    }
    shelf_free(&chain);
    for (size_t i = 0; i < PKI_STORES_COUNT; i++) {
        shelf_free(&roots[i]);
    }
    return code;
}
