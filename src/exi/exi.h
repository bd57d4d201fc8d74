/* EXI: V2G messages between octets and C structs.
 *
 * One interpreter over const rows (src/messages, generated from schema/) for every message of every set. It takes the profile that
 * all V2G protocols use: schema-informed, not strict, bit-packed, no options, value partitions of capacity 0. No allocation, no
 * recursion, no state between calls; callers in several threads need nothing more than arenas of their own.
 *
 *     uint64_t memory[256];
 *     exi_arena_t arena = {.at = memory, .size = sizeof memory};
 *     exi_message_t message;
 *     CCS_TRY(exi_decode(&exi_din, frame, &arena, &message));
 *     const din_v2g_message_t *v2g = message.at;
 *     if (v2g->body.which == DIN_BODY_PRE_CHARGE_REQ) { use(&v2g->body.pre_charge_req); }
 *
 * Decoded strings and octets are views: into the frame where the value lies on an octet boundary, else into the arena. They live as
 * long as both do. The frame is never written to, so that a request can be decoded again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EXI_EXI_H
#define CCS_EXI_EXI_H

#include "ccs/errors.h"
#include "ccs/view.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    EXI_DEPTH = 12,           /* nested types of a message; the generator proves that no grammar goes deeper */
    EXI_FRAME_MAX = 1u << 24, /* octets of a frame, so that a bit position fits 32 bits */
    EXI_FRAGMENT = 0x8000     /* in a root: not a message document but a fragment, the input of a signature */
};

/* A set is a grammar of its own: exi_sap, exi_din, exi_iso2, exi_iso20, exi_iso20_dc, exi_xmldsig in src/messages. */
typedef struct exi_set exi_set_t;

/* Where decoded structs, list nodes and unaligned strings go. What lies before the first multiple of 8 is not
 * used; used starts anew at each exi_decode(). */
typedef struct exi_arena {
    void *at;
    size_t size, used;
} exi_arena_t;

/* xs:integer of any size: an X.509 serial number. magnitude is big-endian, without leading zeros (empty: zero). */
typedef struct exi_integer {
    ccs_view_t magnitude;
    bool negative;
} exi_integer_t;

/* Every list is a chain of nodes, NULL after the last; the generated types (din_service_node_t) begin like this. */
typedef struct exi_node {
    struct exi_node *next;
} exi_node_t;

/* A long list (marked lazy in schema/): nodes when encoding and after EXI_WHOLE_LISTS, else it stays in the frame, already checked,
 * and is read item by item with exi_list_first() and exi_list_next(). All zero: no item. */
typedef struct exi_list {
    exi_node_t *nodes;
    uint32_t bit;   /* nodes == NULL: where the first item starts in the frame */
    uint16_t count; /* nodes == NULL: how many there are */
    uint16_t row;   /* of the interpreter */
} exi_list_t;

/* Where an input or a message goes against its schema. */
typedef struct exi_fault {
    ccs_err_t err;
    uint32_t bit; /* of the frame read or written */
    uint16_t root;
    uint8_t
        depth; /* of trail; exi_fault_path() in exi_names.h turns it into "V2G_Message/Body/PreChargeReq/EVTargetVoltage/Value" */
    struct {
        uint16_t row, item;
    } trail[EXI_DEPTH + 1];
} exi_fault_t;

typedef struct exi_message {
    uint16_t root; /* an enumerator of the set: DIN_V2G_MESSAGE, ISO20_SESSION_SETUP_REQ, ISO2_FRAGMENT_SIGNED_INFO */
    uint16_t soft; /* what the schema forbids and was taken nevertheless: n-bit numbers and enumerations out of range, too short
                      strings, abstract elements without content */
    uint32_t bits; /* read; octets after them are ignored: some cars append one */
    void *at;      /* the root's struct in the arena, NULL after an error */
    exi_fault_t fault;
} exi_message_t;

/* A string of the frame that was read before, for exi_options_t. */
typedef struct exi_string {
    ccs_view_t text;
    uint8_t name;
} exi_string_t;

/* Strings as a peer with default options keeps them to refer to them again. Without it such a reference is CCS_ERR_UNSUPPORTED. */
typedef struct exi_strings {
    exi_string_t *at;
    size_t size, count; /* entries; count returns to 0 at each exi_decode_with() */
} exi_strings_t;

typedef struct exi_options {
    bool fragment;          /* the frame is a fragment */
    bool whole_lists;       /* lazy lists become nodes as well */
    exi_strings_t *strings; /* NULL: none */
} exi_options_t;

/* Decodes one message document. Errors: HEADER, EVENT (a code the grammar does not have), UNSUPPORTED (wildcards, untyped content,
 * abstract elements with content, a global element that is no message), RANGE (an integer too large), LENGTH, TEXT, TRUNCATED,
 * SPACE (arena or strings full). After an error message->fault says where and message->at is NULL: the first bit of the row that is
 * wrong (the zero bits before a value belong to it); after TRUNCATED, the end of the frame and the element that it cuts. */
CCS_MUST_USE ccs_err_t exi_decode(const exi_set_t *set, ccs_view_t frame, exi_arena_t *arena, exi_message_t *message);
CCS_MUST_USE ccs_err_t exi_decode_with(const exi_set_t *set, ccs_view_t frame, const exi_options_t *options, exi_arena_t *arena,
                                       exi_message_t *message);

/* Encodes the struct of a root. Refuses what the schema forbids: RANGE, LENGTH, TEXT (not UTF-8, or a character XML does not have),
 * MISSING, UNSUPPORTED (abstract elements, a lazy list that still lies in a frame), SPACE (buffer full). *length: octets written.
 * fault may be NULL. Reads nothing beyond the struct and what it points to; writes nothing beyond buffer + size. */
CCS_MUST_USE ccs_err_t exi_encode(const exi_set_t *set, uint16_t root, const void *message, uint8_t *buffer, size_t size,
                                  size_t *length, exi_fault_t *fault);

/* Reads a list, whole or lazy, item by item. frame is the one that the message was decoded from; arena holds one item at a time,
 * and its content of before is lost at the next call. *item: NULL after the last one.
 *
 *     exi_cursor_t cursor;
 *     exi_list_first(&cursor, &exi_iso20, frame, &profile->ev_power_profile_entry);
 *     for (;;) {
 *         const void *at;
 *         CCS_TRY(exi_list_next(&cursor, &scratch, &at));
 *         if (at == NULL) { break; }
 *         const iso20_power_schedule_entry_t *entry = at;
 *     } */
typedef struct exi_cursor {
    const exi_set_t *set;
    ccs_view_t frame;
    const exi_node_t *nodes; /* next node */
    uint32_t bit;            /* next item */
    uint16_t left;
    uint16_t row;
} exi_cursor_t;

void exi_list_first(exi_cursor_t *cursor, const exi_set_t *set, ccs_view_t frame, const exi_list_t *list);
CCS_MUST_USE ccs_err_t exi_list_next(exi_cursor_t *cursor, exi_arena_t *scratch, const void **item);

/* "din"; lives for ever. */
const char *exi_set_name(const exi_set_t *set);

#ifdef __cplusplus
}
#endif
#endif
