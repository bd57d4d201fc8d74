/* ccs-pki ocsp: a test responder over standard input and output. It signs as whoever has issued, with the keys of the trees that
 * `ccs-pki make` has made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { REQUEST_MAX = 8192, NAMES_MAX = 256, PATH_MAX_HERE = 1024, NAME_MAX_HERE = 64 };

/* The certificates of one tree; some are bad on purpose and cannot be read by OpenSSL: they are left out. */
typedef struct grove {
    const char *folder;
    char name[NAMES_MAX][NAME_MAX_HERE];
    X509 *x509[NAMES_MAX];
    size_t count;
} grove_t;

/* ---- reading */

static X509 *read_certificate(const char *folder, const char *name)
{
    char path[PATH_MAX_HERE];
    (void)snprintf(path, sizeof path, "%s/certs/%s.pem", folder, name);
    FILE *const file = fopen(path, "r");
    X509 *const x509 = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (file) {
        (void)fclose(file);
    }
    return x509;
}

static EVP_PKEY *read_key(const char *folder, const char *name)
{
    char path[PATH_MAX_HERE], none[] = "";
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", folder, name);
    FILE *const file = fopen(path, "r");
    EVP_PKEY *const key = file ? PEM_read_PrivateKey(file, NULL, NULL, none) : NULL;
    if (file) {
        (void)fclose(file);
    }
    return key;
}

static void add_file(grove_t *grove, const char *file)
{
    const size_t length = strlen(file);
    if (length <= 4 || length - 4 >= NAME_MAX_HERE || strcmp(file + length - 4, ".pem") != 0 || grove->count == NAMES_MAX) {
        return;
    }
    char *const name = grove->name[grove->count];
    memcpy(name, file, length - 4);
    name[length - 4] = '\0';
    grove->x509[grove->count] = read_certificate(grove->folder, name);
    grove->count += grove->x509[grove->count] != NULL;
}

static bool read_grove(grove_t *grove, const char *folder)
{
    char path[PATH_MAX_HERE];
    (void)snprintf(path, sizeof path, "%s/certs", folder);
    DIR *const directory = opendir(path);
    grove->folder = folder;
    grove->count = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
        add_file(grove, entry->d_name);
    }
    if (directory) {
        (void)closedir(directory);
    }
    return grove->count > 0;
}

static void free_grove(grove_t *grove)
{
    for (size_t i = 0; i < grove->count; i++) {
        X509_free(grove->x509[i]);
    }
}

static OCSP_REQUEST *read_request(void)
{
    uint8_t octets[REQUEST_MAX];
    const size_t length = fread(octets, 1, sizeof octets, stdin);
    const unsigned char *at = octets;
    return length < sizeof octets ? d2i_OCSP_REQUEST(NULL, &at, (long)length) : NULL;
}

/* ---- answering */

static const EVP_MD *hash_of(OCSP_CERTID *id)
{
    ASN1_OBJECT *algorithm = NULL;
    (void)OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id);
    return algorithm ? EVP_get_digestbyobj(algorithm) : NULL;
}

static bool is_about(OCSP_CERTID *id, X509 *certificate, X509 *issuer)
{
    OCSP_CERTID *const own = hash_of(id) ? OCSP_cert_to_id(hash_of(id), certificate, issuer) : NULL;
    const bool same = own && OCSP_id_cmp(id, own) == 0;
    OCSP_CERTID_free(own);
    return same;
}

/* Which certificate of the tree has issued what is asked about; -1: nothing of this tree. */
static int issuer_of(const grove_t *grove, OCSP_CERTID *id)
{
    for (size_t i = 0; i < grove->count; i++) {
        for (size_t k = 0; k < grove->count; k++) {
            if (X509_check_issued(grove->x509[k], grove->x509[i]) == X509_V_OK && is_about(id, grove->x509[i], grove->x509[k]) &&
                X509_verify(grove->x509[i], X509_get0_pubkey(grove->x509[k])) == 1) {
                return (int)k;
            }
        }
    }
    return -1;
}

static int answer_as(const options_t *options, const grove_t *grove, size_t issuer, OCSP_CERTID *id)
{
    const minted_t signer = {.key = read_key(grove->folder, grove->name[issuer]), .x509 = grove->x509[issuer]};
    const int64_t from_s = (options->now_s ? options->now_s : (int64_t)time(NULL)) - 60; /* clocks differ a little */
    uint8_t *der = NULL;
    const size_t length = signer.key ? ocsp_write(id, options->state, &signer, from_s, &der) : 0;
    const bool written = length > 0 && fwrite(der, 1, length, stdout) == length;
    OPENSSL_free(der);
    EVP_PKEY_free(signer.key);
    return written ? EXIT_GOOD : complain(EXIT_IO, "ocsp: %s/keys/%s.key cannot sign", grove->folder, grove->name[issuer]);
}

static int answer(const options_t *options, OCSP_CERTID *id)
{
    static grove_t grove;
    for (size_t i = 0; i < options->words_count; i++) {
        if (!read_grove(&grove, options->words[i])) {
            return complain(EXIT_IO, "%s/certs: no certificate there", options->words[i]);
        }
        const int issuer = issuer_of(&grove, id);
        const int code = issuer < 0 ? EXIT_REFUSED : answer_as(options, &grove, (size_t)issuer, id);
        free_grove(&grove);
        if (issuer >= 0) {
            return code;
        }
    }
    return complain(EXIT_REFUSED, "ocsp: the request is about no certificate of these trees");
}

int command_ocsp(const options_t *options)
{
    if (options->words_count == 0) {
        return complain(EXIT_USAGE, "ocsp: the folder of a tree is needed");
    }
    OCSP_REQUEST *const request = read_request();
    if (!request || OCSP_request_onereq_count(request) != 1) {
        OCSP_REQUEST_free(request);
        return complain(EXIT_REFUSED, "ocsp: no request on one certificate at standard input");
    }
    const int code = answer(options, OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0)));
    OCSP_REQUEST_free(request);
    return code;
}
