/* SupportedAppProtocol: which protocol is spoken on this link.
 *
 * Decided by what the link is (TLS version, peer authenticated), never by a port number: DIN 70121 only on plain TCP, ISO 15118-2
 * on both, ISO 15118-20 only on TLS 1.3 with a car that has shown its certificate [V2G20-2356].
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SECC_SAP_H
#define CCS_SECC_SAP_H

#include "ccs/errors.h"
#include "ccs/secc.h"

enum { SAP_OFFERS_MAX = 20 }; /* of the schema */

/* One entry of a car's list. */
typedef struct sap_offer {
    ccs_view_t name; /* the namespace: "urn:din:70121:2012:MsgDef" */
    uint32_t major, minor;
    uint8_t schema_id; /* any value is legal, 0 too */
    uint8_t priority;  /* 1 is best */
} sap_offer_t;

/* What the link is and what is built in. */
typedef struct sap_link {
    const bool *protocol; /* by ccs_protocol_t */
    uint8_t tls;          /* 0, 12, 13 */
    bool authenticated;
} sap_link_t;

typedef struct sap_choice {
    ccs_protocol_t protocol; /* NONE: no common protocol */
    bool minor_deviation;
    uint8_t schema_id;
} sap_choice_t;

/* The best by the car's priority among those that the link allows; of equals the first. Unknown namespaces are skipped: Tesla
 * offers its own before DIN. */
sap_choice_t sap_choose(const sap_offer_t *offers, size_t count, const sap_link_t *link);

/* Reads a request. offers: room for SAP_OFFERS_MAX; its names live in memory or in the frame. */
CCS_MUST_USE ccs_err_t sap_read(ccs_view_t exi, void *memory, size_t size, sap_offer_t *offers, size_t *count);

/* [V2G2-172] Failed_NoNegotiation without a SchemaID, or the SchemaID of the car's own entry, unchanged. */
CCS_MUST_USE ccs_err_t sap_write(const sap_choice_t *choice, uint8_t *exi, size_t size, size_t *length);

const char *sap_code_name(const sap_choice_t *choice);

#endif
