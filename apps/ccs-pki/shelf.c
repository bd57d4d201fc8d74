/* Certificates in files, in whatever form.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

void shelf_free(shelf_t *shelf)
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

bool shelf_read(const char *path, shelf_t *shelf)
{
    FILE *const file = fopen(path, "rb");
    BIO *const bio = file ? BIO_new_fp(file, BIO_NOCLOSE) : NULL;
    bool good = bio != NULL;
    if (good && read_pem(bio, shelf) == 0) {
        good = fseek(file, 0, SEEK_SET) == 0 && read_der(file, shelf);
    }
    BIO_free(bio);
    if (file) {
        (void)fclose(file);
    }
    return good;
}
