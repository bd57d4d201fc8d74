/* `pki list|get|set|csr|drop`, as a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/console/private.h"

#include "pki/der.h"

#include <string.h>

typedef enum thing { THING_CERT, THING_KEY, THING_CA, THINGS } thing_t;

static const char *const thing_names[THINGS] = {"cert", "key", "ca"};

/* What stands behind the verb. */
typedef struct call {
    thing_t thing;
    store_slot_t slot;
    pki_store_kind_t kind;
    const char *rest; /* the word behind the slot or store; NULL: none */
} call_t;

static bool find_thing(const char *word, thing_t *thing)
{
    for (unsigned i = 0; i < THINGS; i++) {
        if (strcmp(word, thing_names[i]) == 0) {
            *thing = (thing_t)i;
            return true;
        }
    }
    return false;
}

static bool read_place(const call_t *call, const char *word, call_t *out)
{
    *out = *call;
    return call->thing == THING_CA ? store_kind_find(word, &out->kind) : store_slot_find(word, &out->slot);
}

/* THING [SLOT|STORE] [REST]; says what is wrong. */
static bool read_call(console_t *console, char *const *word, size_t words, call_t *call)
{
    *call = (call_t){.slot = STORE_ISO2, .kind = PKI_STORE_V2G};
    if (words == 0 || !find_thing(word[0], &call->thing)) {
        console_say(console, "ERROR cert, key or ca?");
        return false;
    }
    if (words >= 2 && !read_place(call, word[1], call)) {
        console_say(console, call->thing == THING_CA ? "ERROR no such store: v2g, oem or mo"
                                                     : "ERROR no such slot: iso2, iso20 or iso20-ed448");
        return false;
    }
    call->rest = words >= 3 ? word[2] : NULL;
    if (words > 3) {
        console_say(console, "ERROR too many words: help lists the commands");
        return false;
    }
    return true;
}

static const char *place_name(const call_t *call)
{
    return call->thing == THING_CA ? store_kind_name(call->kind) : store_slot_name(call->slot);
}

/* ---- looking */

static size_t show_chain(console_t *console, store_slot_t slot, store_age_t age, bool pem)
{
    size_t length = 0, count = 0;
    if (store_chain(console->config.store, slot, age, console->config.memory, CONSOLE_MEMORY, &length).fault != STORE_NONE) {
        return 0;
    }
    der_t der = der_in((ccs_view_t){console->config.memory, length});
    while (der_peek(&der) != DER_NO_TAG) {
        ccs_view_t one = {NULL, 0};
        char what[40];
        (void)der_take(&der, DER_SEQUENCE, &one);
        if (der.fault != DER_FINE) {
            return count;
        }
        const char *const name = store_slot_name(slot);
        memcpy(what, name, strlen(name) + 1);
        memcpy(what + strlen(what), age == STORE_OLD ? " old" : " now", 5);
        console_show_certificate(console, one, what, pem);
        count++;
    }
    return count;
}

static bool show_key(console_t *console, store_slot_t slot, bool waits)
{
    uint8_t sha256[PKI_SHA256_SIZE];
    char what[48];
    const char *const name = store_slot_name(slot);
    if (store_key_print(console->config.store, slot, waits, sha256).fault != STORE_NONE) {
        return false;
    }
    memcpy(what, name, strlen(name) + 1);
    const char *const behind = waits ? " key that waits for its certificate" : " key";
    memcpy(what + strlen(what), behind, strlen(behind) + 1);
    console_show_print(console, what, sha256);
    return true;
}

static size_t show_roots(console_t *console, pki_store_kind_t kind, bool pem)
{
    size_t at = 0, length = 0;
    while (store_root(console->config.store, kind, &at, console->config.memory, CONSOLE_MEMORY, &length)) {
        console_show_certificate(console, (ccs_view_t){console->config.memory, length}, store_kind_name(kind), pem);
    }
    return at;
}

static void pki_list(console_t *console, char *const *word, size_t words)
{
    thing_t only = THINGS;
    if (words > 1 || (words == 1 && !find_thing(word[0], &only))) {
        console_say(console, "ERROR cert, key or ca?");
        return;
    }
    for (unsigned slot = 0; slot < STORE_SLOTS_COUNT; slot++) {
        if (only == THINGS || only == THING_CERT) {
            (void)show_chain(console, (store_slot_t)slot, STORE_NOW, false);
            (void)show_chain(console, (store_slot_t)slot, STORE_OLD, false);
        }
        if (only == THINGS || only == THING_KEY) {
            (void)show_key(console, (store_slot_t)slot, false);
            (void)show_key(console, (store_slot_t)slot, true);
        }
    }
    for (unsigned kind = 0; kind < PKI_STORES_COUNT && (only == THINGS || only == THING_CA); kind++) {
        (void)show_roots(console, (pki_store_kind_t)kind, false);
    }
    console_say(console, "OK");
}

static void pki_get(console_t *console, char *const *word, size_t words)
{
    call_t call;
    size_t found = 0;
    if (!read_call(console, word, words, &call)) {
        return;
    }
    if (call.rest) {
        console_say(console, "ERROR too many words: help lists the commands");
        return;
    }
    if (call.thing == THING_CERT) {
        found = show_chain(console, call.slot, STORE_NOW, true);
        found += show_chain(console, call.slot, STORE_OLD, true);
    } else if (call.thing == THING_KEY) {
        found = show_key(console, call.slot, false);
        found += show_key(console, call.slot, true);
    } else {
        found = show_roots(console, call.kind, true);
    }
    console_say(console, found > 0 ? "OK" : "ERROR nothing here");
}

/* ---- changing */

static void wait_for(console_t *console, const call_t *call)
{
    static const console_waits_t waits[THINGS] = {CONSOLE_CERTIFICATE, CONSOLE_KEY, CONSOLE_ROOTS};
    console->waits = waits[call->thing];
    console->slot = call->slot;
    console->kind = call->kind;
    payload_begin(&console->payload, console->config.memory, CONSOLE_MEMORY);
    console_say(console, "Base64 or PEM, then a line with a single \".\"; \"!\" gives up");
}

static void set_key(console_t *console, const call_t *call)
{
    store_t *const store = console->config.store;
    if (strcmp(call->rest, "new") == 0) {
        console_answer(console, store_new_key(store, call->slot), "new key made", place_name(call));
        return;
    }
    if (strncmp(call->rest, "pkcs11:", 7) == 0) {
        const ccs_view_t name = {(const uint8_t *)call->rest, strlen(call->rest)};
        console_answer(console, store_set_key(store, call->slot, name, NULL), "key of a token set", place_name(call));
        return;
    }
    console_say(console, "ERROR new, or pkcs11:..., or nothing?");
}

static void pki_set(console_t *console, char *const *word, size_t words)
{
    call_t call;
    if (!console_may_write(console) || !read_call(console, word, words, &call)) {
        return;
    }
    if (!call.rest) {
        wait_for(console, &call);
    } else if (call.thing == THING_KEY) {
        set_key(console, &call);
    } else {
        console_say(console, "ERROR too many words: help lists the commands");
    }
}

void console_take(console_t *console)
{
    store_t *const store = console->config.store;
    const ccs_view_t octets = {console->config.memory, console->payload.length};
    const store_time_t time = utc_time(console->config.utc, console->now_ms);
    switch (console->waits) {
    case CONSOLE_CERTIFICATE:
        console_answer(console, store_set_chain(store, console->slot, octets, time), "certificates set",
                       store_slot_name(console->slot));
        return;
    case CONSOLE_KEY:
        console_answer(console, store_set_key(store, console->slot, octets, NULL), "key set", store_slot_name(console->slot));
        return;
    default:
        console_answer(console, store_set_roots(store, console->kind, octets), "roots set", store_kind_name(console->kind));
        return;
    }
}

/* [cert|key] [SLOT] [NAME] */
static void pki_csr(console_t *console, char *const *word, size_t words)
{
    store_slot_t slot = STORE_ISO2;
    thing_t thing = THING_KEY;
    size_t length = 0;
    if (words > 0 && find_thing(word[0], &thing)) {
        word++;
        words--;
    }
    if (thing == THING_CA || words > 2 || (words > 0 && !store_slot_find(word[0], &slot))) {
        console_say(console,
                    thing == THING_CA ? "ERROR a charger asks for no CA" : "ERROR no such slot: iso2, iso20 or iso20-ed448");
        return;
    }
    if (!console_may_write(console)) {
        return;
    }
    const char *const name = words == 2 ? word[1] : NULL;
    const store_answer_t answer = store_request(console->config.store, slot, name, console->config.memory, CONSOLE_MEMORY, &length);
    if (answer.fault == STORE_NONE) {
        console_show_pem(console, "CERTIFICATE REQUEST", (ccs_view_t){console->config.memory, length});
    }
    console_answer(console, answer, "certificate request made", store_slot_name(slot));
}

static int digit_of(char letter)
{
    const char *const digits = "0123456789abcdef0123456789ABCDEF";
    const char *const found = letter == '\0' ? NULL : strchr(digits, letter);
    return found ? (int)((found - digits) % 16) : -1;
}

/* "0A:1B:..." or "0a1b..." */
static bool read_print(const char *text, uint8_t sha256[PKI_SHA256_SIZE])
{
    for (size_t i = 0; i < PKI_SHA256_SIZE; i++) {
        text += i > 0 && *text == ':';
        const int high = digit_of(text[0]);
        const int low = high < 0 ? -1 : digit_of(text[1]);
        if (low < 0) {
            return false;
        }
        sha256[i] = (uint8_t)(high * 16 + low);
        text += 2;
    }
    return *text == '\0';
}

static void pki_drop(console_t *console, char *const *word, size_t words)
{
    call_t call;
    uint8_t sha256[PKI_SHA256_SIZE];
    store_t *const store = console->config.store;
    if (!console_may_write(console) || !read_call(console, word, words, &call)) {
        return;
    }
    if (call.thing == THING_CERT && words == 2) {
        console_answer(console, store_drop_old(store, call.slot), "old chain dropped", place_name(&call));
    } else if (call.thing == THING_CA && call.rest && read_print(call.rest, sha256)) {
        console_answer(console, store_drop_root(store, call.kind, sha256), "root dropped", place_name(&call));
    } else {
        console_say(console, "ERROR drop cert SLOT, or drop ca STORE FINGERPRINT");
    }
}

static const struct {
    const char *verb;
    void (*act)(console_t *console, char *const *word, size_t words);
} rows[] = {{"list", pki_list}, {"get", pki_get}, {"set", pki_set}, {"csr", pki_csr}, {"drop", pki_drop}};

void console_pki(console_t *console, char *const *word, size_t words)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && words > 0; i++) {
        if (strcmp(rows[i].verb, word[0]) == 0) {
            rows[i].act(console, word + 1, words - 1);
            return;
        }
    }
    console_say(console, "ERROR pki list, get, set, csr or drop?");
}
