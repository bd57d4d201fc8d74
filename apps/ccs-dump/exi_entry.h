/* The EXI message inside a V2GTP message of a connection, as an entry of the report.
 *
 * Which set it belongs to follows from the payload type and, for 0x8001, from what SupportedAppProtocol chose on this connection. A
 * capture that begins later is guessed: the sets that share 0x8001 differ in their first bits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_EXI_ENTRY_H
#define CCS_DUMP_EXI_ENTRY_H

#include "codec.h"
#include "report.h"
#include "v2gtp/v2gtp.h"

enum { EXI_TALK_OFFERS_MAX = 20 }; /* of supportedAppProtocolReq */

/* What is known of one connection. All fields are private. */
typedef struct exi_talk {
    codec_set_t chosen; /* for 0x8001; CODEC_SET_UNKNOWN: nothing yet */
    size_t offers;
    struct {
        uint8_t schema_id;
        codec_set_t set;
    } offer[EXI_TALK_OFFERS_MAX];
} exi_talk_t;

void exi_talk_begin(exi_talk_t *talk);
void exi_entry(report_t *report, exi_talk_t *talk, report_head_t head, const v2gtp_message_t *message);

#endif
