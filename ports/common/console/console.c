/* Lines, and the commands that are not `pki`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/console/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SAID_MAX = 640, WORDS_MAX = 6, KEY_BREAK = 0x03, KEY_BACKSPACE = 0x08, KEY_DELETE = 0x7F };

/* ---- saying */

void console_say(console_t *console, const char *format, ...)
{
    char text[SAID_MAX];
    va_list arguments;
    va_start(arguments, format);
    const int wanted = vsnprintf(text, sizeof text - 2, format, arguments);
    va_end(arguments);
    size_t length = wanted < 0 ? 0 : (size_t)wanted < sizeof text - 2 ? (size_t)wanted : sizeof text - 3;
    text[length++] = '\r';
    text[length++] = '\n';
    console->config.print(console->config.ctx, text, length);
}

void console_note(console_t *console, const char *what, const char *where)
{
    char text[2 * SAID_MAX];
    (void)snprintf(text, sizeof text, "%s%s%s", where, where[0] == '\0' ? "" : ": ", what);
    if (console->config.note) {
        console->config.note(console->config.note_ctx, text);
    }
}

void console_answer(console_t *console, store_answer_t answer, const char *what, const char *where)
{
    char text[SAID_MAX / 2], both[SAID_MAX];
    if (answer.fault == STORE_NONE) {
        console_note(console, what, where);
        console_say(console, "OK %s: %s", where, what);
        return;
    }
    store_answer_text(answer, text, sizeof text);
    (void)snprintf(both, sizeof both, "not %s: %s", what, text);
    console_note(console, both, where);
    console_say(console, "ERROR %s", text);
}

bool console_may_write(console_t *console)
{
    if (gate_use(console->config.gate, console->now_ms)) {
        return true;
    }
    if (gate_is_provisioned(console->config.store->config.medium)) {
        console_say(console, "ERROR not authenticated: auth TOKEN");
    } else {
        console_say(console, "ERROR no token is set: nothing can be changed here before provisioning sets one");
    }
    return false;
}

/* ---- commands */

static const char *const help[] = {
    "auth TOKEN                        opens the session, which changes need",
    "pki list [cert|key|ca]            what is here",
    "pki get cert|key|ca [SLOT|STORE]  certificates in PEM; of a key the fingerprint of its public half",
    "pki set cert|key|ca [SLOT|STORE]  then Base64 or PEM, and a line with a single \".\"; \"!\" gives up",
    "pki set key SLOT new              makes a key here",
    "pki set key SLOT pkcs11:...       uses a key in a token",
    "pki csr [SLOT] [NAME]             certificate request for the key that waits, or a new one",
    "pki drop cert SLOT                the old chain of a renewal",
    "pki drop ca STORE FINGERPRINT",
    "time                              what time it is, and who says so",
    "logout                            ends the session",
    "SLOT: iso2 iso20 iso20-ed448; STORE: v2g oem mo",
};

static void command_help(console_t *console)
{
    for (size_t i = 0; i < sizeof help / sizeof help[0]; i++) {
        console_say(console, "%s", help[i]);
    }
    console_say(console, "OK");
}

static unsigned seconds_of(int64_t ms)
{
    return (unsigned)((ms + 999) / 1000);
}

/* The token is the rest of the line: it may have blanks. */
static void command_auth(console_t *console, const char *token)
{
    gate_t *const gate = console->config.gate;
    switch (gate_try(gate, (ccs_view_t){(const uint8_t *)token, strlen(token)}, console->now_ms)) {
    case GATE_OPENED:
        console_note(console, "session opened", "");
        console_say(console, "OK authenticated; ends after %u s without a command", seconds_of(GATE_IDLE_MS));
        return;
    case GATE_WRONG:
        console_note(console, "wrong token", "");
        console_say(console, "ERROR wrong token; next try in %u s", seconds_of(gate_wait_ms(gate, console->now_ms)));
        return;
    case GATE_LOCKED:
        console_note(console, "token tried while locked", "");
        console_say(console, "ERROR locked after wrong tokens; next try in %u s", seconds_of(gate_wait_ms(gate, console->now_ms)));
        return;
    case GATE_NO_TOKEN:
        console_say(console, "ERROR no token is set: nothing can be changed here before provisioning sets one");
        return;
    default:
        console_say(console, "ERROR the storage failed");
        return;
    }
}

static void command_logout(console_t *console)
{
    gate_shut(console->config.gate);
    console_say(console, "OK");
}

static size_t split(char *line, char *word[WORDS_MAX])
{
    size_t words = 0;
    while (*line != '\0') {
        line += strspn(line, " \t");
        if (*line == '\0' || words == WORDS_MAX) {
            return *line == '\0' ? words : WORDS_MAX + 1u;
        }
        word[words++] = line;
        line += strcspn(line, " \t");
        if (*line != '\0') {
            *line++ = '\0';
        }
    }
    return words;
}

static void run(console_t *console, char *line)
{
    char *word[WORDS_MAX];
    if (strncmp(line, "auth ", 5) == 0) {
        command_auth(console, line + 5);
        return;
    }
    const size_t words = split(line, word);
    if (words == 0) {
        return;
    }
    if (words > WORDS_MAX) {
        console_say(console, "ERROR too many words: help lists the commands");
    } else if (strcmp(word[0], "pki") == 0) {
        console_pki(console, word + 1, words - 1);
    } else if (strcmp(word[0], "help") == 0) {
        command_help(console);
    } else if (strcmp(word[0], "time") == 0) {
        console_show_time(console);
    } else if (strcmp(word[0], "logout") == 0) {
        command_logout(console);
    } else {
        console_say(console, "ERROR no such command: help lists them"); /* not which: a key may have been pasted here */
    }
}

/* ---- payloads */

static void give_up(console_t *console, const char *why)
{
    console->waits = CONSOLE_COMMAND;
    store_wipe(console->config.memory, CONSOLE_MEMORY);
    store_wipe(&console->payload, sizeof console->payload);
    console_say(console, "ERROR %s", why);
}

static void end_payload(console_t *console)
{
    const payload_fault_t fault = payload_end(&console->payload);
    if (fault != PAYLOAD_FINE) {
        give_up(console, payload_fault_text(fault));
        return;
    }
    if (!console_may_write(console)) { /* the session ended meanwhile */
        console->waits = CONSOLE_COMMAND;
    } else {
        console_take(console);
        console->waits = CONSOLE_COMMAND;
    }
    store_wipe(console->config.memory, CONSOLE_MEMORY);
    store_wipe(&console->payload, sizeof console->payload);
}

static void payload_add(console_t *console)
{
    if (strcmp(console->line, "!") == 0) {
        give_up(console, "given up");
    } else if (strcmp(console->line, ".") == 0) {
        end_payload(console);
    } else {
        (void)payload_line(&console->payload, console->line, console->length);
    }
}

/* ---- lines */

static void line_too_long(console_t *console)
{
    if (console->waits == CONSOLE_COMMAND) {
        console_say(console, "ERROR a line has at most %d characters", CONSOLE_LINE_MAX);
    } else {
        payload_spoil(&console->payload, PAYLOAD_LINE);
    }
}

static void end_line(console_t *console)
{
    console->line[console->length] = '\0';
    if (console->too_long) {
        line_too_long(console);
    } else if (console->waits != CONSOLE_COMMAND) {
        payload_add(console);
    } else {
        run(console, console->line);
    }
    store_wipe(console->line, sizeof console->line);
    console->length = 0;
    console->too_long = false;
}

static void break_off(console_t *console)
{
    console->length = 0;
    console->too_long = false;
    if (console->waits != CONSOLE_COMMAND) {
        give_up(console, "given up");
    }
}

static void take_octet(console_t *console, uint8_t octet)
{
    if (octet == '\r' || octet == '\n') {
        if (console->length > 0 || console->too_long) {
            end_line(console);
        }
    } else if (octet == KEY_BREAK) {
        break_off(console);
    } else if (octet == KEY_BACKSPACE || octet == KEY_DELETE) {
        console->length -= console->length > 0;
    } else if (console->length == CONSOLE_LINE_MAX) {
        console->too_long = true;
    } else {
        console->line[console->length++] = octet >= ' ' || octet == '\t' ? (char)octet : '?';
    }
}

void console_feed(console_t *console, const uint8_t *octets, size_t length, int64_t now_ms)
{
    console->now_ms = now_ms;
    for (size_t i = 0; i < length; i++) {
        take_octet(console, octets[i]);
    }
}

void console_leave(console_t *console)
{
    gate_shut(console->config.gate);
    store_wipe(console->line, sizeof console->line);
    store_wipe(console->config.memory, CONSOLE_MEMORY);
    store_wipe(&console->payload, sizeof console->payload);
    console->length = 0;
    console->too_long = false;
    console->waits = CONSOLE_COMMAND;
}

void console_init(console_t *console, const console_config_t *config)
{
    memset(console, 0, sizeof *console);
    console->config = *config;
}
