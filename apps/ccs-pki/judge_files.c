/* ccs-pki judge: a chain in files, judged as a charger would.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "ports/openssl/pki_openssl.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

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
        if (!shelf_read(options->words[i], chain)) {
            return complain(EXIT_IO, "%s: cannot be read", options->words[i]);
        }
    }
    for (size_t store = 0; store < PKI_STORES_COUNT; store++) {
        for (size_t i = 0; i < options->roots_count[store]; i++) {
            if (!shelf_read(options->roots[store][i], &roots[store])) {
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
