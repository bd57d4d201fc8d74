/* What messages are made of, by the schema's names: for programs that print, parse, compare or make up messages of any set.
 *
 * Firmware needs none of this: the tables are a library of their own (ccs_names, generated into src/messages/names.c).
 *
 *     const exi_description_t *din = exi_describe(&exi_din);
 *     const exi_type_t *type = exi_root_type(din, message.root);
 *     exi_visit(type, message.at, &visitor);
 *
 * Messages with long lists are decoded with exi_options_t.whole_lists before they are visited: items still in the frame are not
 * seen. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_DESCRIBE_H
#define CCS_EXI_DESCRIBE_H

#include "exi/exi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum exi_kind {
    EXI_BOOL, /* bool */
    EXI_INT8, /* numbers: range low .. high */
    EXI_INT16,
    EXI_INT32,
    EXI_INT64,
    EXI_UINT8,
    EXI_UINT16,
    EXI_UINT32,
    EXI_UINT64,
    EXI_INTEGER, /* exi_integer_t */
    EXI_ENUM,    /* a generated enum: 0 .. high, see enumerators */
    EXI_TEXT,    /* ccs_view_t, UTF-8; low .. high characters */
    EXI_HEX,     /* ccs_view_t, low .. high octets, hexBinary */
    EXI_BASE64,  /* the same, base64Binary */
    EXI_STRUCT,  /* see type; size 0: an element without content */
    EXI_CHOICE,  /* one of the alternatives; at it lies which (one octet): 0 none, else the number of the alternative, from 1 */
    EXI_NEVER    /* an abstract element whose content is not known, or a wildcard: nobody may send it */
} exi_kind_t;

typedef enum exi_occurs {
    EXI_ONE,
    EXI_OPTIONAL, /* has_x at `has` */
    EXI_POINTER,  /* a pointer at `offset`, NULL: absent */
    EXI_LIST,     /* the first node's pointer at `offset` (a lazy list's exi_list_t begins with it) */
    EXI_LIST_SOME /* the same, at least one item */
} exi_occurs_t;

typedef struct exi_type exi_type_t;

/* An element, attribute ("@Id"), the text of an element with attributes ("#") or a choice. */
typedef struct exi_field {
    const char *name; /* of a choice: its field in C, or "" */
    uint8_t kind;     /* exi_kind_t */
    uint8_t occurs;   /* exi_occurs_t; EXI_ONE in alternatives */
    uint8_t count;    /* alternatives */
    bool abstract;    /* an element without content that some peers send, and nobody may */
    uint16_t offset;  /* from the start of the struct; of an alternative: from its which */
    uint16_t has;
    uint16_t size;       /* of the value, of one item in a list */
    uint16_t node, item; /* list: size of a node, offset of the item in it */
    uint16_t most;       /* list: items; 65535: any number */
    int64_t low;
    uint64_t high; /* length: 65535: any */
    const exi_type_t *type;
    const char *const *enumerators;
    const struct exi_field *alternatives;
    const char *along;     /* there if and only if that field is; NULL: no such rule */
    const char *otherwise; /* may be absent only if that field is there; NULL: no such rule */
} exi_field_t;

struct exi_type {
    const char *name;
    uint16_t size, count; /* count: fields */
    const exi_field_t *fields;
};

typedef struct exi_root_name {
    uint16_t root; /* as in exi_message_t */
    const char *name;
    const exi_type_t *type;
} exi_root_name_t;

typedef struct exi_description {
    const exi_set_t *set;
    const exi_root_name_t *roots; /* messages, then fragments */
    size_t count;
    const char *const *row_names; /* private to exi_fault_path() */
    const uint16_t *slot_names;
} exi_description_t;

/* Of one of the sets of src/messages. */
const exi_description_t *exi_describe(const exi_set_t *set);

/* NULL: the set has no such root. */
const exi_root_name_t *exi_root_find(const exi_description_t *description, uint16_t root);
const exi_root_name_t *exi_root_named(const exi_description_t *description, bool fragment, const char *name);

/* "V2G_Message/Body/PreChargeReq/EVTargetVoltage"; list items by number, the first is [1]. Cut off where size ends. Empty: before
 * the first element. */
void exi_fault_path(const exi_description_t *description, const exi_fault_t *fault, char *path, size_t size);

/* A field of a type, also one that is an alternative in one of its choices; then *choice is that choice, else NULL. NULL: none. */
const exi_field_t *exi_field_named(const exi_type_t *type, const char *name, const exi_field_t **choice);

/* Reading. A value that is there (not a list): its place; NULL: absent. */
const void *exi_value(const exi_field_t *field, const void *object);
const exi_node_t *exi_nodes(const exi_field_t *field, const void *object);
const void *exi_node_value(const exi_field_t *field, const exi_node_t *node);
/* The alternative chosen at a choice's value, and its place; NULL: none. */
const exi_field_t *exi_chosen(const exi_field_t *choice, const void *value, const void **at);

bool exi_is_signed(const exi_field_t *field);
int64_t exi_number(const exi_field_t *field, const void *at); /* bool, number or enumeration; uint64 as its two's complement */
ccs_view_t exi_octets(const void *at);                        /* text, hex, base64 */
const char *exi_enumerator(const exi_field_t *field, const void *at); /* NULL: outside the schema */

/* Writing. Objects begin all zero. Makes a value present and returns its place, zeroed; in a list one more item at its end. NULL:
 * the arena is full. Values live as long as the arena. */
void *exi_put(const exi_field_t *field, void *object, exi_arena_t *arena);
/* Makes a choice's value one of its alternatives and returns the place of that. */
void *exi_choose(const exi_field_t *choice, void *value, const exi_field_t *alternative);
/* False: the C type does not hold it. Ranges of the schema are exi_encode()'s to judge. */
bool exi_put_number(const exi_field_t *field, void *at, bool negative, uint64_t magnitude);
void exi_put_octets(void *at, ccs_view_t octets);
/* A zeroed struct of the arena; NULL: full. */
void *exi_arena_take(exi_arena_t *arena, size_t size);

/* A walk over everything that is there, in the order of the schema. Choices are passed over: their alternatives appear in their
 * place. begin_list() comes before the first item of a list that is not empty; items and values between have the same field. */
typedef struct exi_visitor {
    void *ctx;
    void (*begin)(void *ctx, const exi_field_t *field); /* a struct */
    void (*end)(void *ctx, const exi_field_t *field);
    void (*begin_list)(void *ctx, const exi_field_t *field);
    void (*end_list)(void *ctx, const exi_field_t *field);
    void (*value)(void *ctx, const exi_field_t *field, const void *at);
} exi_visitor_t;

void exi_visit(const exi_type_t *type, const void *object, const exi_visitor_t *visitor);

/* Same content? Octets and strings are compared, not where they lie. */
bool exi_equal(const exi_type_t *type, const void *a, const void *b);

/* Makes up a message that exi_encode() takes. */
typedef struct exi_fill {
    uint64_t random; /* state; any number but 0 */
    uint16_t items;  /* longest list, where the schema asks for no more; 65535: every list filled to its limit (any number: 100) */
    uint16_t length; /* longest string or octets, where the schema asks for no more; 65535: all to their limit (any: 300) */
    bool everything; /* optional fields are all there */
    exi_arena_t *arena; /* emptied first */
} exi_fill_t;

/* NULL: the arena is full. */
void *exi_fill(exi_fill_t *fill, const exi_type_t *type);

#ifdef __cplusplus
}
#endif
#endif
