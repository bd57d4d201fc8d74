/* ccs-pki make: the development PKI as files.
 *
 * A tree for each kind of key, in a folder of its own that must not be there yet. Keys are readable by their owner alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "crl.h"
#include "ocsp.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

typedef struct place {
    char folder[PATH_SIZE - 256];
} place_t;

/* ---- files */

static bool write_file(const place_t *place, const char *folder, const char *name, const char *ending, mode_t mode, BIO *content)
{
    char path[PATH_SIZE];
    char *octets;
    const long length = BIO_get_mem_data(content, &octets);
    (void)snprintf(path, sizeof path, "%s/%s/%s%s", place->folder, folder, name, ending);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
        return false;
    }
    const bool written = write(file, octets, (size_t)length) == (ssize_t)length;
    return close(file) == 0 && written;
}

static bool put_certificate(BIO *bio, const minted_t *one)
{
    return PEM_write_bio(bio, "CERTIFICATE", "", one->der, (long)one->length) > 0;
}

static bool write_der(const place_t *place, const char *folder, const char *name, const uint8_t *der, size_t length)
{
    BIO *const bio = BIO_new(BIO_s_mem());
    const bool good = bio && BIO_write(bio, der, (int)length) == (int)length && write_file(place, folder, name, ".der", 0644, bio);
    BIO_free(bio);
    return good;
}

static bool write_pem(const place_t *place, const char *folder, const char *name, const tree_t *tree, const char *names)
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(tree, names, found);
    BIO *const bio = BIO_new(BIO_s_mem());
    bool good = bio != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = put_certificate(bio, found[i]);
    }
    good = good && write_file(place, folder, name, ".pem", 0644, bio);
    BIO_free(bio);
    return good;
}

static bool write_key(const place_t *place, const char *folder, const char *name, EVP_PKEY *key)
{
    BIO *const bio = BIO_new(BIO_s_mem());
    const bool good = bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                      write_file(place, folder, name, ".key", 0600, bio);
    BIO_free(bio);
    return good;
}

/* ---- what a tree consists of */

static bool write_certificates(const place_t *place, const tree_t *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const minted_t *const one = &tree->item[i];
        const char *const name = one->spec->name;
        if (!write_der(place, "certs", name, one->der, one->length) || !write_pem(place, "certs", name, tree, name) ||
            !write_key(place, "keys", name, one->key)) {
            return false;
        }
    }
    return true;
}

/* What a case needs besides chain, roots and the time of cases. */
static const char *needs_of(const tree_case_t *one)
{
    const unsigned status = CASE_REVOKED | CASE_REVOKED_SUB | CASE_NO_STATUS | CASE_STALE | CASE_OTHER_STATUS;
    return one->flags & status           ? "status"
           : one->flags & CASE_NO_TIME   ? "no-time"
           : one->flags & CASE_NAME      ? "name"
           : one->flags & CASE_OTHER_KEY ? "key"
                                         : "-";
}

static bool write_case(const place_t *place, const tree_t *tree, const tree_case_t *one, BIO *list)
{
    const char *const folder = one->reason == PKI_GOOD ? "good" : "bad";
    char name[128];
    (void)BIO_printf(list, "%s\t%s/%s.pem\t%s\t%s\t%s\t%u", one->name, folder, one->name, pki_role_name(one->role),
                     tree_edition(tree->mint.kind) == PKI_ISO2 ? "2" : "20", pki_reason_name(one->reason), one->at);
    bool good = write_pem(place, folder, one->name, tree, one->chain);
    for (unsigned store = 0; good && store < PKI_STORES_COUNT; store++) {
        static const char *const stores[] = {"v2g", "oem", "mo"};
        (void)snprintf(name, sizeof name, "%s.%s", one->name, stores[store]);
        good = write_pem(place, "roots", name, tree, case_roots(one, (pki_store_kind_t)store));
    }
    (void)BIO_printf(list, "\t%s\t%s\t%s\n", one->chain, needs_of(one), one->openssl_agrees ? "openssl" : "-");
    return good;
}

static bool write_cases(const place_t *place, const tree_t *tree)
{
    BIO *const list = BIO_new(BIO_s_mem());
    (void)BIO_printf(
        list,
        "# case\tchain\trole\tedition\treason\tat\tcertificates\tneeds\tjudged alike by; roots: roots/CASE.{v2g,oem,mo}.pem\n");
    bool good = list != NULL;
    for (size_t i = 0; good && i < tree_cases_count; i++) {
        good = !case_applies(&tree_cases[i], tree->mint.kind) || write_case(place, tree, &tree_cases[i], list);
    }
    good = good && write_file(place, ".", "cases", ".tsv", 0644, list);
    BIO_free(list);
    return good;
}

static bool write_responses(const place_t *place, const tree_t *tree, int64_t from_s)
{
    for (size_t i = 0; i < ocsp_answers_count; i++) {
        const ocsp_answer_t *const answer = &ocsp_answers[i];
        const minted_t *const certificate = tree_find(tree, answer->certificate), *const issuer = tree_find(tree, answer->issuer);
        const minted_t *const signer = tree_find(tree, answer->signer);
        uint8_t *der = NULL;
        const size_t length = certificate && issuer && signer ? ocsp_make(answer, certificate, issuer, signer, from_s, &der) : 0;
        const bool written = length > 0 && write_der(place, "ocsp", answer->name, der, length);
        OPENSSL_free(der);
        if (!written) {
            return false;
        }
    }
    return true;
}

static bool write_lists(const place_t *place, const tree_t *tree, int64_t from_s)
{
    for (size_t i = 0; i < crl_specs_count; i++) {
        uint8_t *der = NULL;
        const size_t length = crl_make(tree, &crl_specs[i], from_s, &der);
        const bool written = length > 0 && write_der(place, "crl", crl_specs[i].name, der, length);
        OPENSSL_free(der);
        if (!written) {
            return false;
        }
    }
    return true;
}

static bool make_folders(const place_t *place)
{
    static const char *const folders[] = {"certs", "good", "bad", "roots", "ocsp", "crl"};
    char path[PATH_SIZE];
    bool good = mkdir(place->folder, 0755) == 0;
    for (size_t i = 0; good && i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", place->folder, folders[i]);
        good = mkdir(path, 0755) == 0;
    }
    (void)snprintf(path, sizeof path, "%s/keys", place->folder);
    return good && mkdir(path, 0700) == 0;
}

static bool write_tree(const place_t *place, const tree_t *tree, int64_t now_s)
{
    static const char *const stores[] = {"v2g", "oem", "mo"};
    static const tree_case_t usual = {0};
    bool good = make_folders(place) && write_certificates(place, tree) && write_cases(place, tree) &&
                write_responses(place, tree, now_s) && write_lists(place, tree, now_s);
    for (unsigned store = 0; good && store < PKI_STORES_COUNT; store++) {
        good = write_pem(place, "roots", stores[store], tree, case_roots(&usual, (pki_store_kind_t)store));
    }
    return good;
}

/* Every case must end as its table says, or what was made is of no use. */
static int judge_tree(const tree_t *tree)
{
    int wrong = 0;
    for (size_t i = 0; i < tree_cases_count; i++) {
        const tree_case_t *const one = &tree_cases[i];
        if (!case_applies(one, tree->mint.kind)) {
            continue;
        }
        const pki_verdict_t verdict = case_judge(tree, one, NULL);
        if (verdict.reason != one->reason || verdict.at != one->at) {
            wrong++;
            (void)complain(EXIT_REFUSED, "%s, %s: %s at %u instead of %s at %u", tree_folder(tree->mint.kind), one->name,
                           pki_reason_name(verdict.reason), verdict.at, pki_reason_name(one->reason), one->at);
        }
    }
    return wrong;
}

static unsigned cases_of(const tree_t *tree, bool good)
{
    unsigned count = 0;
    for (size_t i = 0; i < tree_cases_count; i++) {
        count += case_applies(&tree_cases[i], tree->mint.kind) && (tree_cases[i].reason == PKI_GOOD) == good;
    }
    return count;
}

static int make_kind(const options_t *options, mint_kind_t kind)
{
    static tree_t tree; /* 10 kB */
    place_t place;
    if (snprintf(place.folder, sizeof place.folder, "%s/%s", options->words[0], tree_folder(kind)) >= (int)sizeof place.folder) {
        return complain(EXIT_USAGE, "%s: the path is too long", options->words[0]);
    }
    const bool made = tree_make(&tree, kind, options->from_s, options->until_s);
    const bool fixed = options->from_s == TREE_FROM_S && options->until_s == TREE_UNTIL_S; /* the cases' own clock fits */
    int code = EXIT_GOOD;
    if (!made) {
        code = complain(EXIT_IO, "OpenSSL: %s", ERR_reason_error_string(ERR_peek_last_error()));
    } else if (fixed && judge_tree(&tree) != 0) {
        code = EXIT_REFUSED;
    } else if (!write_tree(&place, &tree, options->now_s ? options->now_s : (int64_t)time(NULL))) {
        code = complain(EXIT_IO, "%s: %s", place.folder, strerror(errno));
    } else {
        printf("%s: %zu certificates, %u chains to accept, %u to refuse\n", place.folder, tree.count, cases_of(&tree, true),
               cases_of(&tree, false));
    }
    tree_free(&tree);
    return code;
}

int command_make(const options_t *options)
{
    if (options->words_count != 1) {
        return complain(EXIT_USAGE, "make: one folder is needed");
    }
    if (options->until_s <= options->from_s) {
        return complain(EXIT_USAGE, "make: --until is not after --from");
    }
    if (mkdir(options->words[0], 0755) != 0 && errno != EEXIST) {
        return complain(EXIT_IO, "%s: %s", options->words[0], strerror(errno));
    }
    int code = EXIT_GOOD;
    for (unsigned kind = 0; code == EXIT_GOOD && kind < MINT_KINDS; kind++) {
        if (options->kinds == 0 || options->kinds >> kind & 1u) {
            code = make_kind(options, (mint_kind_t)kind);
        }
    }
    return code;
}
