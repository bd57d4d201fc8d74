/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exi/describe.h"
#include "messages/din.h"

#define DIGITS "0123456789"
#define BLANKS " \t"

bool read_number(const char *text, int64_t min, int64_t max, int64_t *value)
{
    const char *const digits = text + (min < 0 && text[0] == '-');
    if (digits[0] == '\0' || digits[strspn(digits, DIGITS)] != '\0') {
        return false;
    }
    errno = 0;
    const long long number = strtoll(text, NULL, 10);
    if (errno != 0 || number < min || number > max) {
        return false;
    }
    *value = number;
    return true;
}

/* Octets that follow the first one of a character; -1: it begins none. Overlong forms and surrogates are left to the receiver. */
static int followers(unsigned char first)
{
    return first < 0x80 ? 0 : first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
}

bool read_is_text(const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char first = (unsigned char)*text;
        int more = followers(first);
        if (first < 0x20 || first == 0x7F || more < 0) {
            return false;
        }
        for (; more > 0; more--) {
            if (((unsigned char)*++text & 0xC0) != 0x80) {
                return false; /* the end of the text, too */
            }
        }
    }
    return true;
}

bool read_is_list(const char *text)
{
    bool word = false, comma = false;
    for (; *text != '\0'; text++) {
        if (strchr(BLANKS, *text) != NULL) {
            continue;
        }
        if (*text == ',' && (!word || comma)) {
            return false;
        }
        comma = *text == ',';
        word = true;
    }
    return !comma;
}

size_t read_word(const char **text, const char **word)
{
    *word = *text + strspn(*text, "," BLANKS);
    const size_t length = strcspn(*word, "," BLANKS);
    *text = *word + length;
    return length;
}

/* The choice of messages in the body of V2G_Message. */
static const exi_field_t *body_choice(void)
{
    const exi_root_name_t *const root = exi_root_named(exi_describe(&exi_din), false, "V2G_Message");
    const exi_field_t *choice = NULL;
    const exi_field_t *const body = root == NULL ? NULL : exi_field_named(root->type, "Body", &choice);
    if (body != NULL) {
        (void)exi_field_named(body->type, "SessionSetupReq", &choice);
    }
    return choice;
}

bool read_is_request(const char *name, size_t length)
{
    const exi_field_t *const choice = body_choice();
    if (choice == NULL || length < 3 || strncmp(name + length - 3, "Req", 3) != 0) {
        return false;
    }
    for (unsigned i = 0; i < choice->count; i++) {
        const char *const known = choice->alternatives[i].name;
        if (strlen(known) == length && strncmp(known, name, length) == 0) {
            return true;
        }
    }
    return false;
}
