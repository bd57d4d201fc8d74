/* What the rows that drive the EXI interpreter must be like for it to be safe. The proofs assume it of any row; test_sound.c walks
 * the generated tables and checks it of each of theirs. So the two together say: these tables, this interpreter, any frame.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_SOUND_H
#define CCS_TESTS_SOUND_H

#include "exi/rows.h"

/* How many there are of what rows refer to. */
typedef struct sound_counts {
    size_t rows, slots, spans, limits;
} sound_counts_t;

/* Octets that a row writes at its offset. */
static inline size_t sound_width(const exi_row_t *row)
{
    switch ((exi_row_kind_t)row->kind) {
    case ROW_N8:
    case ROW_N8_MORE:
    case ROW_OPTION:
    case ROW_CHOICE:
        return 1;
    case ROW_ENUM:
    case ROW_ENUM_MORE:
        return sizeof(exi_enum_t);
    case ROW_N16:
    case ROW_INT16:
    case ROW_UINT16:
        return 2;
    case ROW_PHYSICAL:
        return sizeof(exi_physical_t);
    case ROW_PHYSICAL_OPTIONAL:
        return sizeof(exi_physical_optional_t);
    case ROW_RATIONAL:
        return sizeof(exi_rational_t);
    case ROW_INT32:
    case ROW_UINT32:
        return 4;
    case ROW_INT64:
    case ROW_UINT64:
        return 8;
    case ROW_OCTETS:
    case ROW_STRING:
        return sizeof(ccs_view_t);
    case ROW_INTEGER:
        return sizeof(exi_integer_t);
    case ROW_LAZY_FIRST:
        return sizeof(exi_list_t);
    case ROW_POINTER:
    case ROW_LIST:
    case ROW_LIST_FIRST:
    case ROW_CHOICES:
        return sizeof(void *);
    case ROW_LAZY_NEXT:
        return sizeof(exi_list_t);
    default:
        return 0;
    }
}

/* The most bits of a row: 25 are what a window of 32 bits holds from any bit, together with what a step takes at once. */
static inline unsigned sound_bits_max(const exi_row_t *row)
{
    switch ((exi_row_kind_t)row->kind) {
    case ROW_PHYSICAL:
    case ROW_PHYSICAL_OPTIONAL:
        return 17; /* Multiplier and Unit are read in one */
    case ROW_INT16:
        return 15; /* sign and first octet are read in one, sign and two octets written in one */
    case ROW_INT32:
    case ROW_INT64:
        return 16; /* sign and first octet are written in one */
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
    case ROW_OCTETS:
    case ROW_STRING:
        return 17; /* the first octet as well */
    case ROW_INTEGER:
        return 24; /* the sign as well */
    default:
        return 25;
    }
}

/* The least: a row that takes the first bits of a window takes some. */
static inline unsigned sound_bits_least(const exi_row_t *row)
{
    switch ((exi_row_kind_t)row->kind) {
    case ROW_N8:
    case ROW_N8_MORE:
    case ROW_ENUM:
    case ROW_ENUM_MORE:
    case ROW_N16:
    case ROW_PHYSICAL:
    case ROW_PHYSICAL_OPTIONAL:
    case ROW_RATIONAL:
    case ROW_LITERAL:
        return 1;
    default:
        return exi_row_is_state(row) ? 1 : 0;
    }
}

/* Does m refer to something that exists? */
static inline bool sound_reference(const exi_row_t *row, const sound_counts_t *counts)
{
    switch ((exi_row_kind_t)row->kind) {
    case ROW_OCTETS:
    case ROW_STRING:
        return row->m < counts->spans;
    case ROW_INT32:
    case ROW_INT64:
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
        return row->m < counts->limits;
    case ROW_TYPE:
    case ROW_POINTER:
    case ROW_LIST:
    case ROW_LIST_FIRST:
    case ROW_LIST_NEXT:
    case ROW_LAZY_FIRST:
    case ROW_LAZY_NEXT:
        return row->m < counts->slots;
    case ROW_CHOICE:
        return (size_t)row->m + row->k <= counts->slots;
    case ROW_CHOICES:
    case ROW_CHOICES_NEXT:
        return (size_t)row->m + 1 + row->k <= counts->slots;
    default:
        return true;
    }
}

/* A row of a run whose struct has `size` octets. */
static inline bool sound_row(const exi_row_t *row, size_t size, const sound_counts_t *counts)
{
    return row->kind <= ROW_ANY && row->bits <= sound_bits_max(row) && row->bits >= sound_bits_least(row) &&
           row->offset + sound_width(row) <= size && sound_reference(row, counts);
}

/* Bits that a row takes of its window, or, where it is of any length, as if it did: those begin where at most 25 are used. */
static inline unsigned sound_window(const exi_row_t *row)
{
    switch ((exi_row_kind_t)row->kind) {
    case ROW_PHYSICAL:
        return row->bits + 6u + 12 + 8;
    case ROW_PHYSICAL_OPTIONAL:
        return row->bits + 3u + 5 + 12 + 8;
    case ROW_RATIONAL:
        return row->bits + 12u + 8;
    case ROW_INT16:
        return row->bits + 9u + 8;
    case ROW_INT32:
    case ROW_INT64:
    case ROW_UINT16:
    case ROW_UINT32:
    case ROW_UINT64:
    case ROW_OCTETS:
    case ROW_STRING:
    case ROW_INTEGER:
        return row->bits + 57u - 25;
    default:
        return row->bits;
    }
}

#endif
