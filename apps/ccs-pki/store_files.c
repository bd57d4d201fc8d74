/* ccs-pki load, token, list: the store of a charger that does not run, from files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "ports/common/console/console.h"
#include "ports/linux/clock.h"
#include "ports/linux/file_store.h"
#include "ports/openssl/keys_openssl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 128, KEY_FILE_MAX = 8192, CHAIN_MAX = 65536 };

typedef struct place {
    file_store_t files;
    store_medium_t medium;
    store_crypto_t crypto;
    store_t store;
    utc_keeper_t utc;
    uint8_t scratch[STORE_SCRATCH_SIZE];
} place_t;

/* ---- the store */

static int open_files(place_t *place, const char *folder)
{
    char path[FILE_STORE_PATH_SIZE];
    switch (file_store_open(&place->files, folder, path)) {
    case FILE_STORE_OPEN:
        return EXIT_GOOD;
    case FILE_STORE_LOOSE:
        return complain(EXIT_IO, "%s: others may use it, or it is another user's; it must be 0600, its folder 0700", path);
    case FILE_STORE_IN_USE:
        return complain(EXIT_IO, "%s: is in use; while a charger runs, its console changes the store", folder);
    default:
        return complain(EXIT_IO, "%s: %s", folder, strerror(errno));
    }
}

static int open_place(place_t *place, const options_t *options)
{
    if (!options->store) {
        return complain(EXIT_USAGE, "--store is needed");
    }
    const int code = open_files(place, options->store);
    if (code != EXIT_GOOD) {
        return code;
    }
    place->medium = file_store_medium(&place->files);
    place->crypto = keys_openssl();
    const store_config_t config = {
        .medium = &place->medium, .crypto = &place->crypto, .compat = options->compat, .scratch = place->scratch};
    if (store_open(&place->store, &config) != CCS_OK || utc_init(&place->utc, &place->medium) != CCS_OK) {
        const int why = place->files.last_errno;
        file_store_close(&place->files);
        return complain(EXIT_IO, "%s: %s", options->store, strerror(why));
    }
    return EXIT_GOOD;
}

/* ---- load */

static int tell(store_answer_t answer, const char *what, const char *where)
{
    char text[300];
    store_answer_text(answer, text, sizeof text);
    if (answer.fault != STORE_NONE) {
        return complain(answer.fault == STORE_MEDIUM ? EXIT_IO : EXIT_REFUSED, "%s, %s: %s", where, what, text);
    }
    printf("%s: %s\n", where, what);
    return EXIT_GOOD;
}

static bool read_octets(const char *path, uint8_t *to, size_t size, size_t *length)
{
    FILE *const file = fopen(path, "rb");
    *length = file ? fread(to, 1, size, file) : 0;
    if (file) {
        (void)fclose(file);
    }
    return *length > 0 && *length < size;
}

/* The first line of a file; "": none. */
static bool read_word(FILE *file, char word[WORD_MAX + 2])
{
    if (!fgets(word, WORD_MAX + 2, file)) {
        word[0] = '\0';
    }
    word[strcspn(word, "\r\n")] = '\0';
    return word[0] != '\0' && strlen(word) <= WORD_MAX;
}

static int load_key(place_t *place, const options_t *options, store_slot_t slot)
{
    uint8_t octets[KEY_FILE_MAX];
    char password[WORD_MAX + 2] = "";
    size_t length = 0;
    if (options->words_count != 3 || !read_octets(options->words[2], octets, sizeof octets, &length)) {
        return complain(EXIT_IO, "load key: one file that can be read is needed");
    }
    FILE *const file = options->password ? fopen(options->password, "r") : NULL;
    const bool known = !options->password || (file && read_word(file, password));
    if (file) {
        (void)fclose(file);
    }
    if (!known) {
        return complain(EXIT_IO, "%s: no password in it", options->password);
    }
    const store_answer_t answer = store_set_key(&place->store, slot, (ccs_view_t){octets, length}, password[0] ? password : NULL);
    store_wipe(octets, sizeof octets);
    store_wipe(password, sizeof password);
    return tell(answer, "key", store_slot_name(slot));
}

/* All files as certificates, one behind the other. */
static int read_certificates(const options_t *options, uint8_t to[CHAIN_MAX], size_t *length)
{
    shelf_t shelf = {.count = 0};
    int code = EXIT_GOOD;
    *length = 0;
    for (size_t i = 2; i < options->words_count && code == EXIT_GOOD; i++) {
        code = shelf_read(options->words[i], &shelf) ? EXIT_GOOD : complain(EXIT_IO, "%s: cannot be read", options->words[i]);
    }
    for (size_t i = 0; i < shelf.count && code == EXIT_GOOD; i++) {
        if (shelf.view[i].length > CHAIN_MAX - *length) {
            code = complain(EXIT_REFUSED, "more octets than any chain has");
        } else {
            memcpy(to + *length, shelf.view[i].at, shelf.view[i].length);
            *length += shelf.view[i].length;
        }
    }
    shelf_free(&shelf);
    return code;
}

/* Whoever sits here trusts this machine's clock, or has said what time it is. */
static store_time_t time_of(const place_t *place, const options_t *options)
{
    const int64_t now_s = options->now_s ? options->now_s : clock_utc_s();
    return (store_time_t){.trusted_s = now_s, .newest_s = utc_time(&place->utc, 0).newest_s};
}

static int load_certificates(place_t *place, const options_t *options, const char *what)
{
    static uint8_t octets[CHAIN_MAX];
    size_t length;
    store_slot_t slot = STORE_ISO2;
    pki_store_kind_t kind = PKI_STORE_V2G;
    const int code = read_certificates(options, octets, &length);
    const ccs_view_t view = {octets, length};
    if (code != EXIT_GOOD) {
        return code;
    }
    if (strcmp(what, "ca") == 0) {
        (void)store_kind_find(options->words[1], &kind);
        return tell(store_set_roots(&place->store, kind, view), "roots", store_kind_name(kind));
    }
    (void)store_slot_find(options->words[1], &slot);
    return tell(store_set_chain(&place->store, slot, view, time_of(place, options)), "chain", store_slot_name(slot));
}

static bool is_asked_well(const options_t *options)
{
    store_slot_t slot;
    pki_store_kind_t kind;
    if (options->words_count < 3) {
        return false;
    }
    const char *const what = options->words[0], *const where = options->words[1];
    const bool of_slot = strcmp(what, "key") == 0 || strcmp(what, "cert") == 0;
    return (strcmp(what, "ca") == 0 && store_kind_find(where, &kind)) || (of_slot && store_slot_find(where, &slot));
}

int command_load(const options_t *options)
{
    static place_t place;
    store_slot_t slot = STORE_ISO2;
    if (!is_asked_well(options)) {
        return complain(EXIT_USAGE, "load: ca v2g|oem|mo FILE..., or key|cert iso2|iso20|iso20-ed448 FILE...");
    }
    int code = open_place(&place, options);
    if (code != EXIT_GOOD) {
        return code;
    }
    if (strcmp(options->words[0], "key") == 0) {
        (void)store_slot_find(options->words[1], &slot);
        code = load_key(&place, options, slot);
    } else {
        code = load_certificates(&place, options, options->words[0]);
    }
    file_store_close(&place.files);
    return code;
}

/* ---- token */

int command_token(const options_t *options)
{
    static place_t place;
    char token[WORD_MAX + 2];
    uint8_t salt[GATE_SALT_SIZE];
    if (!read_word(stdin, token) || strlen(token) < GATE_TOKEN_MIN) {
        return complain(EXIT_REFUSED, "token: one line of %d to %d characters at standard input is needed", GATE_TOKEN_MIN,
                        WORD_MAX);
    }
    int code = open_place(&place, options);
    if (code != EXIT_GOOD) {
        return code;
    }
    const ccs_view_t view = {(const uint8_t *)token, strlen(token)};
    if (!clock_random(salt, sizeof salt) || gate_provision(&place.medium, &place.crypto.pki, view, salt) != CCS_OK) {
        code = complain(EXIT_IO, "%s: the token cannot be set", options->store);
    }
    store_wipe(token, sizeof token);
    file_store_close(&place.files);
    return code;
}

/* ---- list: the console's own command */

static void print(void *ctx, const char *text, size_t length)
{
    (void)ctx;
    if (length != 4 || memcmp(text, "OK\r\n", 4) != 0) {
        (void)fwrite(text, 1, length - 2, stdout);
        putchar('\n');
    }
}

int command_list(const options_t *options)
{
    static place_t place;
    static console_t console;
    static uint8_t memory[CONSOLE_MEMORY];
    static const char command[] = "pki list\n";
    gate_t gate;
    const int code = open_place(&place, options);
    if (code != EXIT_GOOD) {
        return code;
    }
    gate_init(&gate, &place.medium, &place.crypto.pki, 0);
    const console_config_t config = {.store = &place.store, .gate = &gate, .utc = &place.utc, .memory = memory, .print = print};
    console_init(&console, &config);
    console_feed(&console, (const uint8_t *)command, sizeof command - 1, 0);
    file_store_close(&place.files);
    return EXIT_GOOD;
}
