/* Values of any length: octets, strings, large integers. They become views: of the frame where they lie on its octets, else of the
 * arena. SPDX-License-Identifier: Apache-2.0 */
#include "exi/decode.h"
#include "exi/strings.h"
#include <string.h>

/* Room for octets, in whole words: the next struct finds itself aligned again. */
uint8_t *exi_take_octets(exi_arena_t *arena, size_t length)
{
    const size_t padded = (length + 7) & ~(size_t)7;
    if (padded > arena->size - arena->used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)arena->at + arena->used;
    arena->used += padded;
    return at;
}

/* ---------------------------------------------------------------- lengths */

ccs_err_t exi_read_number(exi_decoder_t *d, ccs_err_t too_large, uint32_t *value)
{
    const exi_uint_t number = exi_read_uint(d->at, d->m.pos);
    if (number.end == 0 || number.value > EXI_FRAME_MAX) {
        return too_large;
    }
    *value = (uint32_t)number.value;
    d->m.pos = number.end;
    return CCS_OK;
}

static ccs_err_t check_length(exi_decoder_t *d, uint32_t length, const exi_row_t *row)
{
    const exi_span_t *span = &d->tables->spans[row->m];
    if (length > span->most && span->most != EXI_UNBOUNDED) {
        return CCS_ERR_LENGTH;
    }
    d->soft += length < span->least;
    return CCS_OK;
}

/* `length` octets at the machine: *at is where they begin in the frame, *shift in which bit of that. */
static inline ccs_err_t find_octets(exi_decoder_t *d, uint32_t length, const uint8_t **at, unsigned *shift)
{
    const uint32_t bit = exi_position(d, d->m.pos);
    if (bit + length * 8 > exi_frame_bits(d)) {
        return CCS_ERR_TRUNCATED;
    }
    *at = d->frame.at + bit / 8;
    *shift = bit % 8;
    d->m.pos += length * 8;
    return CCS_OK;
}

/* ---------------------------------------------------------------- before and after a value */

/* Zero bits and a number of several octets. Or what SAX-fed encoders write instead of an empty value: the escape code 1, then 000,
 * a second-level EE; its last zero serves as the EE bit of the value. [exi.md b.7] */
static ccs_err_t read_unusual_head(exi_decoder_t *d, uint32_t none, uint32_t *number)
{
    const uint32_t head = exi_peek(d->at, d->m.pos, d->m.bits);
    d->m.pos += d->m.bits;
    if (head == 0) {
        return exi_read_number(d, CCS_ERR_LENGTH, number);
    }
    if (head != 1) {
        return CCS_ERR_EVENT;
    }
    if (exi_peek(d->at, d->m.pos, 3) != 0) {
        return CCS_ERR_UNSUPPORTED;
    }
    d->m.pos += 2;
    *number = none;
    return CCS_OK;
}

/* Zero bits and the number that says how long the value is, mostly of one octet; `none` for an empty one. */
static inline ccs_err_t read_head(exi_decoder_t *d, uint32_t none, uint32_t *number)
{
    *number = exi_first(d->m.window, d->m.bits + 8);
    if (*number > 127) {
        return read_unusual_head(d, none, number);
    }
    d->m.pos += d->m.bits + 8;
    return CCS_OK;
}

static inline void put_view(exi_decoder_t *d, ccs_view_t view)
{
    const exi_row_t *row = d->m.row;
    memcpy(d->m.object + row->offset, &view, sizeof view);
    exi_go_to(&d->m, row + 1);
}

/* ---------------------------------------------------------------- octets */

ccs_err_t exi_step_octets(exi_decoder_t *d)
{
    uint32_t length;
    ccs_view_t view;
    unsigned shift;
    CCS_TRY(read_head(d, 0, &length));
    CCS_TRY(check_length(d, length, d->m.row));
    CCS_TRY(find_octets(d, length, &view.at, &shift));
    view.length = length;
    if (shift != 0) {
        uint8_t *to = exi_take_octets(d->arena, view.length);
        if (to == NULL) {
            return CCS_ERR_SPACE;
        }
        exi_copy_octets(to, view.at, shift, view.length);
        view.at = to;
    }
    put_view(d, view);
    return CCS_OK;
}

/* ---------------------------------------------------------------- strings */

/* So many characters: one octet each, or else *view is left without a place. */
static inline ccs_err_t read_ascii(exi_decoder_t *d, uint32_t characters, ccs_view_t *view)
{
    unsigned shift;
    CCS_TRY(find_octets(d, characters, &view->at, &shift));
    view->length = characters;
    if (shift == 0) {
        view->at = exi_is_ascii(view->at, view->length) ? view->at : NULL;
        return CCS_OK;
    }
    const size_t used = d->arena->used;
    uint8_t *to = exi_take_octets(d->arena, view->length);
    if (to == NULL) {
        return CCS_ERR_SPACE;
    }
    if (exi_copy_ascii(to, view->at, shift, view->length)) {
        view->at = to;
        return CCS_OK;
    }
    d->arena->used = used;
    view->at = NULL;
    return CCS_OK;
}

static ccs_err_t read_characters(exi_decoder_t *d, uint32_t characters, ccs_view_t *view)
{
    const uint32_t start = d->m.pos;
    CCS_TRY(check_length(d, characters, d->m.row));
    CCS_TRY(read_ascii(d, characters, view));
    if (view->at == NULL) {
        d->m.pos = start;
        CCS_TRY(exi_read_wide(d, characters, view));
    }
    return d->options->strings == NULL ? CCS_OK : exi_strings_add(d->options->strings, d->m.row->n, *view);
}

/* A string: characters + 2, then the characters. */
ccs_err_t exi_step_string(exi_decoder_t *d)
{
    uint32_t number;
    ccs_view_t view;
    CCS_TRY(read_head(d, 2, &number));
    if (number < 2) {
        CCS_TRY(exi_read_reference(d, d->m.row, number == 1, &view));
    } else {
        CCS_TRY(read_characters(d, number - 2, &view));
    }
    put_view(d, view);
    return CCS_OK;
}

/* ---------------------------------------------------------------- integers of any size */

/* The octet at any bit of the frame that is wholly inside it. */
static unsigned frame_octet(const exi_decoder_t *d, uint32_t bit)
{
    const uint8_t *at = d->frame.at + bit / 8;
    return bit % 8 == 0 ? at[0] : ((unsigned)at[0] << 8 | at[1]) >> (8 - bit % 8) & 0xFF;
}

/* How many groups of 7 bits the integer at bit has; 0: the frame ends before. */
static size_t count_groups(const exi_decoder_t *d, uint32_t bit)
{
    for (size_t groups = 1; bit + 8 <= exi_frame_bits(d); groups++) {
        if (frame_octet(d, bit) < 128) {
            return groups;
        }
        bit += 8;
    }
    return 0;
}

/* Writes the big-endian magnitude of these groups so that it ends at `end`; returns its first octet. */
static uint8_t *put_magnitude(const exi_decoder_t *d, uint32_t bit, size_t groups, uint8_t *end)
{
    uint8_t *at = end;
    uint32_t waiting = 0;
    unsigned count = 0;
    for (size_t i = 0; i < groups; i++) {
        waiting |= (uint32_t)(frame_octet(d, bit + (uint32_t)i * 8) & 127) << count;
        count += 7;
        if (count >= 8) {
            *--at = (uint8_t)waiting;
            waiting >>= 8;
            count -= 8;
        }
    }
    if (count > 0) {
        *--at = (uint8_t)waiting;
    }
    while (at < end && *at == 0) {
        at++;
    }
    return at;
}

/* -(v + 1) of the wire becomes the magnitude of v. There is an octet before `at` for a carry. */
static uint8_t *add_one(uint8_t *at, uint8_t *end)
{
    for (uint8_t *digit = end; digit > at;) {
        digit--;
        (*digit)++;
        if (*digit != 0) {
            return at;
        }
    }
    *--at = 1;
    return at;
}

ccs_err_t exi_step_big(exi_decoder_t *d)
{
    exi_machine_t *m = &d->m;
    const exi_row_t *row = m->row;
    const uint32_t head = exi_peek(d->at, m->pos, m->bits + 1);
    if (head > 1) {
        return CCS_ERR_EVENT;
    }
    m->pos += m->bits + 1;
    const uint32_t bit = exi_position(d, m->pos);
    const size_t groups = count_groups(d, bit);
    if (groups == 0) {
        return CCS_ERR_TRUNCATED;
    }
    uint8_t *to = exi_take_octets(d->arena, groups + 1);
    if (to == NULL) {
        return CCS_ERR_SPACE;
    }
    uint8_t *end = to + groups + 1;
    uint8_t *at = put_magnitude(d, bit, groups, end);
    at = head != 0 ? add_one(at, end) : at;
    const exi_integer_t value = {.magnitude = {.at = at, .length = (size_t)(end - at)}, .negative = head != 0};
    memcpy(m->object + row->offset, &value, sizeof value);
    m->pos += (uint32_t)groups * 8;
    exi_go_to(m, row + 1);
    return CCS_OK;
}
