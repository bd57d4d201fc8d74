/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "secc/sap.h"

typedef struct rule {
    ccs_protocol_t protocol;
    const char *name;
    uint32_t major, minor;
    uint8_t tls_min, tls_max;
    bool authenticated; /* the car must have shown a certificate */
} rule_t;

static const rule_t rules[] = {
    {CCS_PROTOCOL_DIN, "urn:din:70121:2012:MsgDef", 2, 0, 0, 0, false},
    {CCS_PROTOCOL_ISO2, "urn:iso:15118:2:2013:MsgDef", 2, 0, 0, 12, false},
    {CCS_PROTOCOL_ISO20_DC, "urn:iso:std:iso:15118:-20:DC", 1, 0, 13, 13, true},
};

static bool link_allows(const rule_t *rule, const sap_link_t *link)
{
    return link->protocol[rule->protocol] && link->tls >= rule->tls_min && link->tls <= rule->tls_max &&
           (link->authenticated || !rule->authenticated);
}

static const rule_t *find_rule(const sap_offer_t *offer, const sap_link_t *link)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (bytes_are_text(offer->name.at, offer->name.length, rules[i].name) && offer->major == rules[i].major &&
            link_allows(&rules[i], link)) {
            return &rules[i];
        }
    }
    return NULL;
}

sap_choice_t sap_choose(const sap_offer_t *offers, size_t count, const sap_link_t *link)
{
    sap_choice_t choice = {.protocol = CCS_PROTOCOL_NONE};
    unsigned best = 256;
    for (size_t i = 0; i < count; i++) {
        const rule_t *const rule = find_rule(&offers[i], link);
        if (rule && offers[i].priority < best) {
            best = offers[i].priority;
            choice = (sap_choice_t){rule->protocol, offers[i].minor != rule->minor, offers[i].schema_id};
        }
    }
    return choice;
}
