/* From the octets of the chip's receive buffer to Ethernet frames.
 *
 * What comes is, again and again:
 *     length + 10 (4 octets, most significant first) | AA AA AA AA | length (2, least significant first) | 00 00 | frame | 55 55
 * A transfer may hold several of these and end inside one; the state survives. Behind anything else the assembler hunts octet by
 * octet for the next header, also when the first two octets of the length in front are lost, as after a reset. A header counts only
 * if both lengths agree, so that a frame's content is not mistaken for one. A frame with a wrong end is dropped.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_QCA7000_ASSEMBLER_H
#define CCS_QCA7000_ASSEMBLER_H

#include "ccs/view.h"

#include <stdbool.h>

enum {
    QCA_FRAME_MIN = 60,
    QCA_FRAME_MAX = 1522, /* with a VLAN tag */
    QCA_HEADER_SIZE = 12
};

/* All fields are private but the counters. */
typedef struct qca_assembler {
    uint8_t *frame; /* QCA_FRAME_MAX octets of the caller */
    uint8_t head[QCA_HEADER_SIZE];
    uint8_t headed;  /* octets in head */
    uint8_t lent;    /* of these, zeros that never came */
    uint16_t length; /* of the frame; 0: still in the header */
    uint16_t filled; /* of frame and end */
    bool end_wrong;
    uint32_t frames, garbage, bad_ends; /* garbage: octets dropped */
} qca_assembler_t;

void qca_assembler_init(qca_assembler_t *assembler, uint8_t *frame);

/* Forgets what is under way, keeps the counters. */
void qca_assembler_reset(qca_assembler_t *assembler);

/* Takes octets until a frame is whole or none are left; returns how many. frame: length 0 if none; else lives until the next call.
 */
size_t qca_assembler_take(qca_assembler_t *assembler, ccs_view_t octets, ccs_view_t *frame);

#endif
