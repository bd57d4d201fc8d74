/* From packets to messages: SDP, TCP connections, V2GTP, SupportedAppProtocol and the EXI of the protocol that it chose.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_CONVERSATION_H
#define CCS_DUMP_CONVERSATION_H

#include "packet.h"
#include "report.h"

typedef struct conversation conversation_t;

/* NULL: out of memory. The report is used until conversation_end(). */
conversation_t *conversation_begin(report_t *report);
void conversation_packet(conversation_t *conversation, const packet_t *packet);

/* Gives what still waits and frees everything. */
void conversation_end(conversation_t *conversation);

#endif
