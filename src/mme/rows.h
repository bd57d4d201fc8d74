/* The form of each message, as data.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_MME_ROWS_H
#define CCS_MME_ROWS_H

#include "mme/mme.h"

typedef enum mme_field_kind {
    MME_FIELD_U8,
    MME_FIELD_U16, /* little-endian */
    MME_FIELD_U32,
    MME_FIELD_OCTETS,
    MME_FIELD_CUT,    /* octets that a short frame may cut */
    MME_FIELD_COUNTED /* octets whose number stands in an earlier U8 field of the same message */
} mme_field_kind_t;

enum { MME_FIELD_MAX = 64 }; /* octets of the longest field */

typedef struct mme_field {
    uint8_t kind;         /* mme_field_kind_t */
    uint8_t size;         /* on the wire; COUNTED: at most */
    uint8_t counter_back; /* COUNTED: so many fields back stands the number */
    uint8_t offset;       /* in mme_t */
} mme_field_t;

typedef struct mme_row {
    uint16_t type;
    uint8_t version, fields;
    const mme_field_t *field;
} mme_row_t;

extern const mme_row_t mme_rows[];
extern const size_t mme_rows_count;
extern const mme_row_t mme_any_vendor; /* of a vendor's types without a row: the OUI, the rest as it is */

const mme_row_t *mme_row(uint16_t type);                            /* NULL: none */
size_t mme_field_count(const mme_t *mme, const mme_field_t *field); /* octets of a COUNTED field */
const char *mme_field_names(uint16_t type); /* of a row's fields, in their order, a blank between two; "": none */

#endif
