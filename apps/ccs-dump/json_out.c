/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"

#include "base/assert.h"

#include <inttypes.h>
#include <string.h>

json_out_t json_out(FILE *to, json_style_t style, int margin)
{
    return (json_out_t){.to = to, .style = style, .margin = margin};
}

static void new_line(json_out_t *json)
{
    if (json->style != JSON_COMPACT) {
        fprintf(json->to, "\n%*s", json->margin + json->depth * 2, "");
    }
}

/* What stands before a value or a key: comma, line. */
static void next_member(json_out_t *json)
{
    if (json->depth == 0) {
        return;
    }
    if (json->filled[json->depth] && json->style != JSON_PLAIN) {
        fputc(',', json->to);
    }
    json->filled[json->depth] = true;
    new_line(json);
}

static void next_value(json_out_t *json, const char *gap)
{
    const bool plain = json->style == JSON_PLAIN;
    const bool item = !json->after_key && json->array[json->depth];
    if (!json->after_key) {
        next_member(json);
    }
    if (plain && item) {
        fputc('-', json->to);
    }
    if (plain && (item || json->after_key)) {
        fputs(gap, json->to);
    }
    json->after_key = false;
}

void json_open(json_out_t *json, char bracket)
{
    CCS_ASSERT(json->depth + 1 < JSON_DEPTH_MAX);
    next_value(json, "");
    if (json->style != JSON_PLAIN) {
        fputc(bracket, json->to);
    }
    json->depth++;
    json->filled[json->depth] = false;
    json->array[json->depth] = bracket == '[';
}

void json_close(json_out_t *json, char bracket)
{
    const bool filled = json->filled[json->depth--];
    if (json->style == JSON_PLAIN) {
        return;
    }
    if (filled) {
        new_line(json);
    }
    fputc(bracket, json->to);
}

size_t json_character(const uint8_t *at, size_t left)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = at[0] < 0x80 ? 1 : at[0] >> 5 == 0x06 ? 2 : at[0] >> 4 == 0x0E ? 3 : at[0] >> 3 == 0x1E ? 4 : 0;
    if (length <= 1) {
        return length;
    }
    if (length > left) {
        return 0;
    }
    uint32_t code = at[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3F);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code >= lowest[length] && code <= 0x10FFFF && !surrogate ? length : 0;
}

static void put_ascii(FILE *to, uint8_t octet, bool quoted)
{
    if (quoted && (octet == '"' || octet == '\\')) {
        fprintf(to, "\\%c", octet);
    } else if (octet < 0x20 || octet == 0x7F) {
        fprintf(to, "\\u%04x", octet);
    } else {
        fputc(octet, to);
    }
}

static void quote(json_out_t *json)
{
    if (json->style != JSON_PLAIN) {
        fputc('"', json->to);
    }
}

static void put_text(json_out_t *json, ccs_view_t text)
{
    FILE *const to = json->to;
    quote(json);
    for (size_t i = 0; i < text.length;) {
        const size_t length = json_character(text.at + i, text.length - i);
        if (length == 0) {
            fputs("\xEF\xBF\xBD", to);
        } else if (length == 1) {
            put_ascii(to, text.at[i], json->style != JSON_PLAIN);
        } else {
            fwrite(text.at + i, 1, length, to);
        }
        i += length ? length : 1;
    }
    quote(json);
}

void json_text(json_out_t *json, ccs_view_t text)
{
    next_value(json, " ");
    put_text(json, text);
}

void json_string(json_out_t *json, const char *text)
{
    json_text(json, (ccs_view_t){(const uint8_t *)text, strlen(text)});
}

void json_key(json_out_t *json, const char *key)
{
    next_member(json);
    put_text(json, (ccs_view_t){(const uint8_t *)key, strlen(key)});
    fputs(json->style == JSON_INDENTED ? ": " : ":", json->to);
    json->after_key = true;
}

void json_int(json_out_t *json, int64_t value)
{
    next_value(json, " ");
    fprintf(json->to, "%" PRId64, value);
}

void json_unsigned(json_out_t *json, uint64_t value)
{
    next_value(json, " ");
    fprintf(json->to, "%" PRIu64, value);
}

void json_digits(json_out_t *json, const char *number)
{
    next_value(json, " ");
    fputs(number, json->to);
}

void json_bool(json_out_t *json, bool value)
{
    next_value(json, " ");
    fputs(value ? "true" : "false", json->to);
}

void json_hex(json_out_t *json, ccs_view_t octets)
{
    next_value(json, " ");
    quote(json);
    for (size_t i = 0; i < octets.length; i++) {
        fprintf(json->to, "%02X", octets.at[i]);
    }
    quote(json);
}

void json_base64(json_out_t *json, ccs_view_t octets)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    next_value(json, " ");
    quote(json);
    for (size_t i = 0; i < octets.length; i += 3) {
        const size_t have = octets.length - i < 3 ? octets.length - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) {
            bits = bits << 8 | (k < have ? octets.at[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            fputc(k <= have ? letters[bits >> (18 - 6 * k) & 63] : '=', json->to);
        }
    }
    quote(json);
}

void json_time(json_out_t *json, int64_t us)
{
    next_value(json, " ");
    const uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    fprintf(json->to, "%s%" PRIu64 ".%06d", us < 0 ? "-" : "", size / 1000000, (int)(size % 1000000));
}
