/* The commands of ccs-pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_COMMANDS_H
#define CCS_PKI_COMMANDS_H

#include "ocsp.h"
#include "tree.h"

/* Told in ccs-pki(1). */
enum { EXIT_GOOD = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_IO = 3 };
enum { FILES_MAX = 16, CERTIFICATES_MAX = 64 };

typedef struct options {
    unsigned kinds; /* 1 << mint_kind_t; 0: all */
    int64_t from_s, until_s;
    int64_t now_s; /* 0: the system's clock */
    pki_role_t role;
    pki_edition_t edition;
    bool has_role, has_edition, compat;
    const char *name;
    const char *store;    /* folder of a store */
    const char *password; /* file that has it */
    ocsp_state_t state;   /* what the test responder says */
    const char *roots[PKI_STORES_COUNT][FILES_MAX];
    size_t roots_count[PKI_STORES_COUNT];
    char *const *words; /* behind the command */
    size_t words_count;
} options_t;

int command_make(const options_t *options);
int command_judge(const options_t *options);
int command_ocsp(const options_t *options);
int command_load(const options_t *options);
int command_token(const options_t *options);
int command_list(const options_t *options);

/* Certificates that were read; each is freed with OPENSSL_free(). */
typedef struct shelf {
    ccs_view_t view[CERTIFICATES_MAX];
    size_t count;
} shelf_t;

bool shelf_read(const char *path, shelf_t *shelf); /* a file of PEM, one or more, or of DER, one */
void shelf_free(shelf_t *shelf);

/* One line to standard error; returns the code. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
