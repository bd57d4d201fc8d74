/* SPDX-License-Identifier: Apache-2.0 */
#include "json_in.h"

#include "json_out.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    ccs_view_t text;
    size_t i;
    json_value_t *free_value; /* the next one that is not used yet */
    char *free_text;
    int depth;
    const char *why;
} reader_t;

static bool read_value(reader_t *reader, json_value_t *value);

static bool refuse(reader_t *reader, const char *why)
{
    reader->why = why;
    return false;
}

/* -1: the text is over. */
static int peek(const reader_t *reader)
{
    return reader->i < reader->text.length ? reader->text.at[reader->i] : -1;
}

static bool take(reader_t *reader, int character)
{
    const bool there = peek(reader) == character;
    reader->i += there;
    return there;
}

static void skip_blanks(reader_t *reader)
{
    while (take(reader, ' ') || take(reader, '\t') || take(reader, '\n') || take(reader, '\r')) {
    }
}

static bool is_digit(int character)
{
    return character >= '0' && character <= '9';
}

/* ---- numbers and words */

static bool take_digits(reader_t *reader)
{
    const size_t from = reader->i;
    while (is_digit(peek(reader))) {
        reader->i++;
    }
    return reader->i > from;
}

static bool take_integer(reader_t *reader)
{
    (void)take(reader, '-');
    const bool zero = take(reader, '0');
    if (zero && is_digit(peek(reader))) {
        return refuse(reader, "a number with a zero in front");
    }
    return zero || take_digits(reader) || refuse(reader, "a digit is missing");
}

static bool take_fraction(reader_t *reader)
{
    return !take(reader, '.') || take_digits(reader) || refuse(reader, "a digit is missing behind the point");
}

static bool take_exponent(reader_t *reader)
{
    if (!take(reader, 'e') && !take(reader, 'E')) {
        return true;
    }
    if (!take(reader, '+')) {
        (void)take(reader, '-');
    }
    return take_digits(reader) || refuse(reader, "a digit is missing in the exponent");
}

static bool read_number(reader_t *reader, json_value_t *value)
{
    const size_t from = reader->i;
    value->kind = JSON_NUMBER;
    if (!take_integer(reader) || !take_fraction(reader) || !take_exponent(reader)) {
        return false;
    }
    value->text = (ccs_view_t){reader->text.at + from, reader->i - from};
    return true;
}

static bool read_word(reader_t *reader, json_value_t *value)
{
    static const struct {
        const char *word;
        json_kind_t kind;
        bool is_true;
    } words[] = {{"true", JSON_BOOL, true}, {"false", JSON_BOOL, false}, {"null", JSON_NULL, false}};
    const uint8_t *const at = reader->text.at + reader->i;
    const size_t left = reader->text.length - reader->i;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const size_t length = strlen(words[i].word);
        if (left >= length && memcmp(at, words[i].word, length) == 0) {
            value->kind = words[i].kind;
            value->is_true = words[i].is_true;
            reader->i += length;
            return true;
        }
    }
    return refuse(reader, reader->i < reader->text.length ? "no value begins so" : "the text ends where a value is due");
}

/* ---- strings */

static bool take_hex4(reader_t *reader, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, reader->i++) {
        const int letter = peek(reader) | 0x20;
        const bool high = letter >= 'a' && letter <= 'f';
        if (!high && !is_digit(peek(reader))) {
            return refuse(reader, "\\u needs four hexadecimal digits");
        }
        *code = *code << 4 | (uint32_t)(high ? letter - 'a' + 10 : letter - '0');
    }
    return true;
}

/* UTF-8 of a character; false: it is half of one. */
static bool put_code(reader_t *reader, uint32_t code)
{
    static const uint8_t first[] = {0, 0xC0, 0xE0, 0xF0};
    const int further = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    if (code >= 0xD800 && code <= 0xDFFF) {
        return refuse(reader, "half a character: \\uD800 to \\uDFFF stand in pairs");
    }
    *reader->free_text++ = (char)(first[further] | code >> (6 * further));
    for (int i = further - 1; i >= 0; i--) {
        *reader->free_text++ = (char)(0x80 | (code >> (6 * i) & 0x3F));
    }
    return true;
}

/* Behind \u: a character, or the first and second half of one. */
static bool read_code(reader_t *reader)
{
    uint32_t code, second;
    if (!take_hex4(reader, &code)) {
        return false;
    }
    if (code >> 10 == 0xD800 >> 10 && take(reader, '\\') && take(reader, 'u')) {
        if (!take_hex4(reader, &second)) {
            return false;
        }
        code = second >> 10 == 0xDC00 >> 10 ? 0x10000 + ((code & 0x3FF) << 10 | (second & 0x3FF)) : code;
    }
    return put_code(reader, code);
}

static bool read_escape(reader_t *reader)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const int letter = peek(reader);
    if (take(reader, 'u')) {
        return read_code(reader);
    }
    const char *const found = letter > 0 ? strchr(letters, letter) : NULL;
    if (!found) {
        return refuse(reader, "no character is written so behind \\");
    }
    *reader->free_text++ = meant[found - letters];
    reader->i++;
    return true;
}

static bool read_character(reader_t *reader)
{
    if (peek(reader) < 0x20) {
        return refuse(reader, peek(reader) < 0 ? "the text ends inside a string" : "a control character inside a string");
    }
    if (take(reader, '\\')) {
        return read_escape(reader);
    }
    const uint8_t *const at = reader->text.at + reader->i;
    const size_t length = json_character(at, reader->text.length - reader->i);
    if (length == 0) {
        return refuse(reader, "not UTF-8");
    }
    memcpy(reader->free_text, at, length);
    reader->free_text += length;
    reader->i += length;
    return true;
}

/* What is kept, the zero behind it included, is never longer than what was written, its quotes included. */
static bool read_string(reader_t *reader, ccs_view_t *out)
{
    const char *const from = reader->free_text;
    if (!take(reader, '"')) {
        return refuse(reader, "a name in quotes is due");
    }
    while (!take(reader, '"')) {
        if (!read_character(reader)) {
            return false;
        }
    }
    *out = (ccs_view_t){(const uint8_t *)from, (size_t)(reader->free_text - from)};
    *reader->free_text++ = 0;
    return true;
}

/* ---- arrays and objects */

static bool read_member(reader_t *reader, json_value_t *item)
{
    if (!read_string(reader, &item->name)) {
        return false;
    }
    skip_blanks(reader);
    if (!take(reader, ':')) {
        return refuse(reader, "a colon is due");
    }
    skip_blanks(reader);
    return read_value(reader, item);
}

static bool read_items(reader_t *reader, json_value_t *value, char end)
{
    const json_value_t **next = &value->first;
    const bool object = value->kind == JSON_OBJECT;
    skip_blanks(reader);
    if (take(reader, end)) {
        return true;
    }
    do {
        json_value_t *const item = reader->free_value++;
        skip_blanks(reader);
        if (!(object ? read_member : read_value)(reader, item)) {
            return false;
        }
        *next = item;
        next = &item->next;
        value->count++;
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, end) || refuse(reader, object ? "a comma or } is due" : "a comma or ] is due");
}

static bool read_container(reader_t *reader, json_value_t *value)
{
    value->kind = take(reader, '{') ? JSON_OBJECT : JSON_ARRAY;
    if (value->kind == JSON_ARRAY) {
        (void)take(reader, '[');
    }
    if (++reader->depth == JSON_DEPTH_MAX) {
        return refuse(reader, "nested too deep");
    }
    const bool good = read_items(reader, value, value->kind == JSON_OBJECT ? '}' : ']');
    reader->depth--;
    return good;
}

static bool read_value(reader_t *reader, json_value_t *value)
{
    const int first = peek(reader);
    if (first == '{' || first == '[') {
        return read_container(reader, value);
    }
    if (first == '"') {
        value->kind = JSON_STRING;
        return read_string(reader, &value->text);
    }
    return (is_digit(first) || first == '-' ? read_number : read_word)(reader, value);
}

static bool read_root(reader_t *reader, json_value_t *root)
{
    skip_blanks(reader);
    if (!read_value(reader, root)) {
        return false;
    }
    skip_blanks(reader);
    return reader->i == reader->text.length || refuse(reader, "text behind the document");
}

/* ---- */

static void locate(const reader_t *reader, json_fault_t *fault)
{
    *fault = (json_fault_t){.line = 1, .column = 1, .why = reader->why};
    for (size_t i = 0; i < reader->i; i++) {
        const bool line_end = reader->text.at[i] == '\n';
        fault->line += line_end;
        fault->column = line_end ? 1 : fault->column + 1;
    }
}

/* A value is the root, or behind one of these. */
static size_t values_at_most(ccs_view_t text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++) {
        count += text.at[i] == ',' || text.at[i] == '[' || text.at[i] == '{';
    }
    return count;
}

bool json_in_read(ccs_view_t text, json_document_t *out, json_fault_t *fault)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    *out = (json_document_t){.values = calloc(values_at_most(text), sizeof *out->values), .strings = malloc(text.length + 1)};
    reader_t reader = {.text = text, .free_value = out->values, .free_text = out->strings};
    if (!out->values || !out->strings) {
        reader.why = "out of memory";
    } else {
        reader.i = text.length >= sizeof mark && memcmp(text.at, mark, sizeof mark) == 0 ? sizeof mark : 0;
        out->root = reader.free_value++;
        (void)read_root(&reader, out->values);
    }
    if (!reader.why) {
        return true;
    }
    locate(&reader, fault);
    json_in_free(out);
    return false;
}

void json_in_free(json_document_t *document)
{
    free(document->values);
    free(document->strings);
    *document = (json_document_t){0};
}

static bool same(ccs_view_t a, ccs_view_t b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool json_in_is(ccs_view_t text, const char *word)
{
    return same(text, (ccs_view_t){(const uint8_t *)word, strlen(word)});
}

const json_value_t *json_in_member(const json_value_t *object, const char *name)
{
    const json_value_t *member = object->kind == JSON_OBJECT ? object->first : NULL;
    while (member && !json_in_is(member->name, name)) {
        member = member->next;
    }
    return member;
}

bool json_in_twice(const json_value_t *object, const json_value_t *member)
{
    const json_value_t *other = object->first;
    while (!same(other->name, member->name)) {
        other = other->next;
    }
    return other != member;
}
