/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/payload.h"

#include <string.h>

static const char begin_words[] = "-----BEGIN ";
static const char end_words[] = "-----END ";
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { NO_DIGIT = 64 };

const char *payload_fault_text(payload_fault_t fault)
{
    static const char *const texts[PAYLOAD_FAULTS] = {
        "fine",
        "neither Base64 nor PEM",
        "ends in the middle",
        "more octets than it may have",
        "a key with a password: without one, please, or by ccs-pki load",
        "empty",
        "a line is too long",
    };
    return (unsigned)fault < PAYLOAD_FAULTS ? texts[fault] : "unknown";
}

void payload_begin(payload_t *payload, uint8_t *to, size_t size)
{
    *payload = (payload_t){.to = to, .size = size};
}

static payload_fault_t blame(payload_t *payload, payload_fault_t fault)
{
    if (payload->fault == PAYLOAD_FINE) {
        payload->fault = fault;
    }
    return payload->fault;
}

void payload_spoil(payload_t *payload, payload_fault_t fault)
{
    (void)blame(payload, fault);
}

/* ---- Base64 */

static unsigned digit_of(char letter)
{
    const char *const found = letter == '\0' ? NULL : strchr(digits, letter);
    return found ? (unsigned)(found - digits) : NO_DIGIT;
}

static void put_group(payload_t *payload)
{
    const size_t octets = 3u - payload->padding;
    const uint32_t rest = payload->bits & (payload->padding == 0 ? 0 : payload->padding == 1 ? 0xFFu : 0xFFFFu);
    if (rest != 0) {
        (void)blame(payload, PAYLOAD_NOT_BASE64);
        return;
    }
    if (payload->size - payload->length < octets) {
        (void)blame(payload, PAYLOAD_LONG);
        return;
    }
    for (size_t i = 0; i < octets; i++, payload->bits <<= 8) {
        payload->to[payload->length++] = (uint8_t)(payload->bits >> 16);
    }
    payload->ended = payload->padding > 0;
    payload->bits = 0;
    payload->held = payload->padding = 0;
}

static void take_letter(payload_t *payload, char letter)
{
    const bool pads = letter == '=' && payload->held >= 2;
    const unsigned digit = pads ? 0 : digit_of(letter);
    if (payload->ended || digit == NO_DIGIT || (payload->padding > 0 && !pads)) {
        (void)blame(payload, PAYLOAD_NOT_BASE64);
        return;
    }
    payload->bits = payload->bits << 6 | digit;
    payload->held++;
    payload->padding = (uint8_t)(payload->padding + pads);
    if (payload->held == 4) {
        put_group(payload);
    }
}

/* ---- PEM */

static bool begins(const char *line, size_t length, const char *words)
{
    return length >= strlen(words) && memcmp(line, words, strlen(words)) == 0;
}

static bool holds(const char *line, size_t length, const char *words)
{
    for (size_t i = 0; i + strlen(words) <= length; i++) {
        if (memcmp(line + i, words, strlen(words)) == 0) {
            return true;
        }
    }
    return false;
}

static payload_fault_t begin_block(payload_t *payload, const char *line, size_t length)
{
    if (payload->in_block || payload->held > 0 || (!payload->pem && payload->length > 0)) {
        return blame(payload, PAYLOAD_CUT);
    }
    if (holds(line, length, "ENCRYPTED")) {
        return blame(payload, PAYLOAD_ENCRYPTED);
    }
    payload->pem = payload->in_block = true;
    payload->ended = false;
    payload->skips = holds(line, length, "EC PARAMETERS");
    return payload->fault;
}

static payload_fault_t end_block(payload_t *payload)
{
    if (!payload->in_block || payload->held > 0) {
        return blame(payload, PAYLOAD_CUT);
    }
    payload->in_block = payload->skips = false;
    return payload->fault;
}

payload_fault_t payload_line(payload_t *payload, const char *line, size_t length)
{
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t')) {
        length--;
    }
    if (payload->fault != PAYLOAD_FINE || length == 0) {
        return payload->fault;
    }
    if (begins(line, length, begin_words)) {
        return begin_block(payload, line, length);
    }
    if (begins(line, length, end_words)) {
        return end_block(payload);
    }
    if (payload->in_block && memchr(line, ':', length)) {
        return blame(payload, holds(line, length, "ENCRYPTED") ? PAYLOAD_ENCRYPTED : PAYLOAD_NOT_BASE64);
    }
    if (payload->skips || (payload->pem && !payload->in_block)) {
        return payload->fault;
    }
    for (size_t i = 0; i < length && payload->fault == PAYLOAD_FINE; i++) {
        take_letter(payload, line[i]);
    }
    return payload->fault;
}

payload_fault_t payload_end(payload_t *payload)
{
    if (payload->in_block || payload->held > 0) {
        return blame(payload, PAYLOAD_CUT);
    }
    return payload->length == 0 ? blame(payload, PAYLOAD_EMPTY) : payload->fault;
}

/* ---- the other way */

size_t payload_text(const uint8_t *octets, size_t length, char *text, size_t size)
{
    const size_t letters = (length + 2) / 3 * 4;
    if (size <= letters) {
        return 0;
    }
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        const uint32_t bits =
            (uint32_t)octets[i] << 16 | (left > 1 ? (uint32_t)octets[i + 1] << 8 : 0) | (left > 2 ? octets[i + 2] : 0);
        char *const to = text + i / 3 * 4;
        to[0] = digits[bits >> 18];
        to[1] = digits[bits >> 12 & 63];
        to[2] = '=';
        to[3] = '=';
        if (left > 1) {
            to[2] = digits[bits >> 6 & 63];
        }
        if (left > 2) {
            to[3] = digits[bits & 63];
        }
    }
    text[letters] = '\0';
    return letters;
}
