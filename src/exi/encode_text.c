/* Values of any length: octets, strings, large integers. SPDX-License-Identifier: Apache-2.0 */
#include "exi/encode.h"
#include "exi/text.h"

static bool fits(const exi_encoder_t *e, uint64_t length)
{
    const exi_span_t *span = &e->tables->spans[e->m.row->m];
    return length >= span->least && (length <= span->most || span->most == EXI_UNBOUNDED);
}

static inline void put_uint(exi_encoder_t *e, uint64_t value)
{
    if (value < 128) {
        exi_out_put(&e->m.out, &e->sink, (uint32_t)value, e->m.bits + 8);
        return;
    }
    exi_out_put(&e->m.out, &e->sink, 0, e->m.bits);
    exi_out_uint(&e->m.out, &e->sink, value);
}

/* The value of the row; false: it says that there is something, but not where, or more than a frame holds. */
static inline bool get_view(const exi_encoder_t *e, ccs_view_t *view)
{
    memcpy(view, e->m.object + e->m.row->offset, sizeof *view);
    return view->length <= EXI_FRAME_MAX && (view->at != NULL || view->length == 0);
}

ccs_err_t exi_write_octets(exi_encoder_t *e)
{
    ccs_view_t view;
    if (!get_view(e, &view) || !fits(e, view.length)) {
        return CCS_ERR_LENGTH;
    }
    put_uint(e, view.length);
    exi_out_octets(&e->m.out, &e->sink, view.at, view.length);
    exi_write_next(&e->m, e->m.row + 1);
    return CCS_OK;
}

ccs_err_t exi_write_string(exi_encoder_t *e)
{
    ccs_view_t view;
    if (!get_view(e, &view)) {
        return CCS_ERR_LENGTH;
    }
    const int64_t characters = exi_text_count(view);
    if (characters < 0) {
        return CCS_ERR_TEXT;
    }
    if (!fits(e, (uint64_t)characters)) {
        return CCS_ERR_LENGTH;
    }
    put_uint(e, (uint64_t)characters + 2);
    if ((size_t)characters == view.length) { /* all below U+0080: octets as they are */
        exi_out_octets(&e->m.out, &e->sink, view.at, view.length);
    } else {
        for (size_t i = 0; i < view.length;) {
            exi_out_uint(&e->m.out, &e->sink, (uint64_t)exi_text_next(view, &i));
        }
    }
    exi_write_next(&e->m, e->m.row + 1);
    return CCS_OK;
}

/* ---------------------------------------------------------------- integers of any size */

/* Groups of 7 bits that a magnitude without leading zero octets takes. */
static size_t count_groups(ccs_view_t magnitude)
{
    size_t bits = magnitude.length * 8;
    for (unsigned mask = 128; bits > 0 && (magnitude.at[0] & mask) == 0; mask >>= 1) {
        bits--;
    }
    return bits == 0 ? 1 : (bits + 6) / 7;
}

/* The i-th group, counted from the least significant. */
static unsigned group_at(ccs_view_t magnitude, size_t i)
{
    const size_t octet = i * 7 / 8;
    const size_t left = magnitude.length > octet ? magnitude.length - octet : 0;
    const unsigned low = left > 0 ? magnitude.at[left - 1] : 0;
    const unsigned high = left > 1 ? magnitude.at[left - 2] : 0;
    return (high << 8 | low) >> (i * 7 % 8) & 127;
}

/* Writes a magnitude, least significant group first; `borrow` (0 or 1) is taken off it. */
static void write_magnitude(exi_encoder_t *e, ccs_view_t magnitude, unsigned borrow)
{
    const size_t groups = count_groups(magnitude);
    bool more = true;
    for (size_t i = 0; more; i++) {
        const unsigned group = group_at(magnitude, i);
        const unsigned digit = (group - borrow) & 127;
        borrow = group < borrow;
        const bool next_is_zero = i + 2 == groups && group_at(magnitude, i + 1) == borrow;
        more = i + 1 < groups && !next_is_zero;
        exi_out_put(&e->m.out, &e->sink, digit | (more ? 128u : 0u), 8);
    }
}

ccs_err_t exi_write_big(exi_encoder_t *e)
{
    exi_integer_t value;
    memcpy(&value, e->m.object + e->m.row->offset, sizeof value);
    ccs_view_t magnitude = value.magnitude;
    if (magnitude.length > EXI_FRAME_MAX || (magnitude.at == NULL && magnitude.length > 0)) {
        return CCS_ERR_LENGTH;
    }
    while (magnitude.length > 0 && magnitude.at[0] == 0) {
        magnitude.at++;
        magnitude.length--;
    }
    if (value.negative && magnitude.length == 0) {
        return CCS_ERR_RANGE; /* there is no -0 */
    }
    exi_out_put(&e->m.out, &e->sink, value.negative, e->m.bits + 1);
    write_magnitude(e, magnitude, value.negative);
    exi_write_next(&e->m, e->m.row + 1);
    return CCS_OK;
}
