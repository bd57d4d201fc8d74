/* One walk over const rows reads and writes every message.
 * SPDX-License-Identifier: Apache-2.0 */
#include "mme/mme.h"

#include "base/bytes.h"
#include "mme/rows.h"

#include <string.h>

const uint8_t mme_broadcast[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
const uint8_t mme_local_modem[6] = {0x00, 0xB0, 0x52, 0x00, 0x00, 0x01};

const mme_row_t *mme_row(uint16_t type)
{
    for (size_t i = 0; i < mme_rows_count; i++) {
        if (mme_rows[i].type == type) {
            return &mme_rows[i];
        }
    }
    return type >= MME_VENDOR_FIRST ? &mme_any_vendor : NULL;
}

static uint8_t *at(mme_t *mme, const mme_field_t *field)
{
    return (uint8_t *)mme + field->offset;
}

static const uint8_t *at_const(const mme_t *mme, const mme_field_t *field)
{
    return (const uint8_t *)mme + field->offset;
}

/* The number of a counted field stands in the octet field before it. */
size_t mme_field_count(const mme_t *mme, const mme_field_t *field)
{
    const mme_field_t *const counter = field - field->counter_back;
    return *at_const(mme, counter);
}

/* A number of the wire, little-endian, becomes one of this machine, and back: the same both ways. */
static void turn(uint8_t *number, mme_field_kind_t kind)
{
    if (kind == MME_FIELD_U16) {
        const uint16_t value = (uint16_t)(number[0] | number[1] << 8);
        memcpy(number, &value, sizeof value);
    } else if (kind == MME_FIELD_U32) {
        const uint32_t value = number[0] | (uint32_t)number[1] << 8 | (uint32_t)number[2] << 16 | (uint32_t)number[3] << 24;
        memcpy(number, &value, sizeof value);
    }
}

/* Octets of a field on the wire; more than it has, if its count says so. */
static size_t size_of(const mme_t *mme, const mme_field_t *field)
{
    return field->kind == MME_FIELD_COUNTED ? mme_field_count(mme, field) : field->size;
}

static ccs_err_t get_field(bytes_in_t *in, mme_t *mme, const mme_field_t *field)
{
    size_t size = size_of(mme, field);
    if (size > field->size) {
        return CCS_ERR_RANGE;
    }
    if (field->kind == MME_FIELD_CUT && size > in->left) { /* the frame may end inside it */
        size = in->left;
    }
    bytes_get(in, at(mme, field), size);
    turn(at(mme, field), field->kind);
    return CCS_OK;
}

static bytes_in_t get_header(ccs_view_t frame, mme_t *out)
{
    bytes_in_t in = bytes_in(frame.at, frame.length);
    bytes_get(&in, out->destination, 6);
    bytes_get(&in, out->source, 6);
    if (bytes_get_u16be(&in) != MME_ETHERTYPE) {
        in.failed = true;
    }
    out->version = bytes_get_u8(&in);
    out->type = bytes_get_u16le(&in);
    if (out->version > 0) {
        bytes_get(&in, out->fragment, sizeof out->fragment);
    }
    return in;
}

ccs_err_t mme_decode(ccs_view_t frame, mme_t *out)
{
    memset(out, 0, sizeof *out);
    bytes_in_t in = get_header(frame, out);
    if (in.failed) {
        return CCS_ERR_HEADER;
    }
    if (out->version == 0 && out->type < MME_VENDOR_FIRST) {
        return CCS_ERR_UNSUPPORTED; /* it had no fragment octets: every field would be read two octets off */
    }
    const mme_row_t *const row = mme_row(out->type);
    for (size_t i = 0; row && i < row->fields; i++) {
        CCS_TRY(get_field(&in, out, &row->field[i]));
    }
    if (in.failed) {
        return CCS_ERR_TRUNCATED;
    }
    out->rest = (ccs_view_t){in.at, in.left};
    return CCS_OK;
}

static ccs_err_t put_field(bytes_out_t *out, const mme_t *mme, const mme_field_t *field)
{
    const size_t size = size_of(mme, field);
    if (size > field->size) {
        return CCS_ERR_RANGE;
    }
    uint8_t octets[MME_FIELD_MAX];
    memcpy(octets, at_const(mme, field), size);
    turn(octets, field->kind);
    bytes_put(out, octets, size);
    return CCS_OK;
}

static void put_header(bytes_out_t *out, const mme_t *mme)
{
    bytes_put(out, mme->destination, 6);
    bytes_put(out, mme->source, 6);
    bytes_put_u16be(out, MME_ETHERTYPE);
    bytes_put_u8(out, mme->version);
    bytes_put_u16le(out, mme->type);
    if (mme->version > 0) {
        bytes_put(out, mme->fragment, sizeof mme->fragment);
    }
}

ccs_err_t mme_encode(const mme_t *mme, uint8_t *frame, size_t size, size_t *length)
{
    bytes_out_t out = bytes_out(frame, size);
    put_header(&out, mme);
    const mme_row_t *const row = mme_row(mme->type);
    for (size_t i = 0; row && i < row->fields; i++) {
        CCS_TRY(put_field(&out, mme, &row->field[i]));
    }
    bytes_put(&out, mme->rest.at, mme->rest.length);
    if (out.written < MME_SIZE_MIN) {
        bytes_put_zeros(&out, MME_SIZE_MIN - out.written);
    }
    if (out.failed) {
        return CCS_ERR_SPACE;
    }
    *length = out.written;
    return CCS_OK;
}

void mme_init(mme_t *mme, mme_type_t type, const uint8_t destination[6], const uint8_t source[6])
{
    memset(mme, 0, sizeof *mme);
    memcpy(mme->destination, destination, 6);
    memcpy(mme->source, source, 6);
    mme->type = (uint16_t)type;
    const mme_row_t *const row = mme_row(mme->type);
    mme->version = row ? row->version : 1;
    if (mme->type >= MME_VENDOR_FIRST) {
        static const uint8_t qualcomm[3] = {0x00, 0xB0, 0x52};
        memcpy(mme->vendor.oui, qualcomm, sizeof qualcomm);
    }
}
