/* SPDX-License-Identifier: Apache-2.0 */
#include "exi_entry.h"

#include "messages/sap.h"

#include <string.h>

/* Namespaces begin so; what follows is an edition's own. */
static const struct {
    const char *begins;
    codec_set_t set;
} namespaces[] = {
    {"urn:din:70121:", CODEC_DIN},
    {"urn:iso:15118:2:2013:", CODEC_ISO2},
    {"urn:iso:std:iso:15118:-20:", CODEC_ISO20},
};

/* What a payload type carries, most likely first. */
static const struct {
    uint16_t type;
    codec_set_t sets[3];
    size_t count;
} carried[] = {
    {V2GTP_EXI, {CODEC_SAP, CODEC_DIN, CODEC_ISO2}, 3},
    {V2GTP_ISO20_MAIN, {CODEC_ISO20}, 1},
    {V2GTP_ISO20_DC, {CODEC_ISO20_DC}, 1},
    {V2GTP_ISO20_SCHEDULE_RENEGOTIATION, {CODEC_ISO20}, 1},
    {V2GTP_ISO20_METERING_CONFIRMATION, {CODEC_ISO20}, 1},
};

void exi_talk_begin(exi_talk_t *talk)
{
    *talk = (exi_talk_t){.chosen = CODEC_SET_UNKNOWN};
}

static codec_set_t set_of_namespace(ccs_view_t name)
{
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
        const size_t length = strlen(namespaces[i].begins);
        if (name.length >= length && memcmp(name.at, namespaces[i].begins, length) == 0) {
            return namespaces[i].set;
        }
    }
    return CODEC_SET_UNKNOWN;
}

static void remember_offers(exi_talk_t *talk, const sap_supported_app_protocol_req_t *req)
{
    talk->offers = 0;
    for (const sap_app_protocol_node_t *node = req->app_protocol; node && talk->offers < EXI_TALK_OFFERS_MAX; node = node->next) {
        talk->offer[talk->offers].schema_id = node->item.schema_id;
        talk->offer[talk->offers].set = set_of_namespace(node->item.protocol_namespace);
        talk->offers++;
    }
}

static void remember_choice(exi_talk_t *talk, const sap_supported_app_protocol_res_t *res)
{
    for (size_t i = 0; res->has_schema_id && i < talk->offers; i++) {
        if (talk->offer[i].schema_id == res->schema_id) {
            talk->chosen = talk->offer[i].set;
        }
    }
}

static void learn(exi_talk_t *talk, const codec_message_t *message)
{
    if (message->set != CODEC_SAP) {
        return;
    }
    if (message->root->root == SAP_SUPPORTED_APP_PROTOCOL_REQ) {
        remember_offers(talk, message->message);
    } else {
        remember_choice(talk, message->message);
    }
}

/* Tries what was chosen, then what the payload type may carry; the fault is that of the most likely set. */
static bool decode(const exi_talk_t *talk, const v2gtp_message_t *v2gtp, codec_message_t *message, codec_fault_t *fault)
{
    const bool chosen = v2gtp->type == V2GTP_EXI && (talk->chosen == CODEC_DIN || talk->chosen == CODEC_ISO2);
    bool tried = chosen;
    codec_fault_t other;
    if (chosen && codec_decode(talk->chosen, false, v2gtp->payload, message, fault)) {
        return true;
    }
    for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
        for (size_t k = 0; carried[i].type == v2gtp->type && k < carried[i].count; k++) {
            if (codec_decode(carried[i].sets[k], false, v2gtp->payload, message, tried ? &other : fault)) {
                return true;
            }
            tried = true;
        }
    }
    if (!tried) {
        *fault = (codec_fault_t){.err = CCS_ERR_UNSUPPORTED};
        (void)snprintf(fault->what, sizeof fault->what, "no codec for this payload type");
    }
    return false;
}

static void put_head(json_out_t *out, const v2gtp_message_t *v2gtp)
{
    json_key(out, "type");
    json_hex(out, (ccs_view_t){(const uint8_t[]){(uint8_t)(v2gtp->type >> 8), (uint8_t)v2gtp->type}, 2});
}

static void put_octets(json_out_t *out, const v2gtp_message_t *v2gtp)
{
    json_key(out, "exi");
    json_hex(out, v2gtp->payload);
}

static void show_message(report_t *report, report_head_t head, const v2gtp_message_t *v2gtp, const codec_message_t *message)
{
    char title[100];
    (void)snprintf(title, sizeof title, "%s %s%s%s", codec_set_name(message->set), codec_message_name(message),
                   message->soft ? " (values outside their range)" : "", message->surplus ? " (octets behind the message)" : "");
    head.title = title;
    json_out_t *const out = report_begin(report, &head);
    if (!report->json) {
        codec_print_plain(message, out);
        report_end(report);
        return;
    }
    put_head(out, v2gtp);
    json_key(out, "set");
    json_string(out, codec_set_name(message->set));
    json_key(out, "message");
    json_string(out, codec_message_name(message));
    if (message->soft) {
        json_key(out, "soft");
        json_unsigned(out, message->soft);
    }
    if (message->surplus) {
        json_key(out, "surplus");
        json_unsigned(out, message->surplus);
    }
    put_octets(out, v2gtp);
    json_key(out, "content");
    codec_print(message, out);
    report_end(report);
}

static void show_fault(report_t *report, report_head_t head, const v2gtp_message_t *v2gtp, const codec_fault_t *fault)
{
    const char *const type = v2gtp_type_name(v2gtp->type);
    char title[100];
    (void)snprintf(title, sizeof title, "%s message that cannot be decoded", type ? type : "V2GTP");
    head.title = title;
    json_out_t *const out = report_begin(report, &head);
    if (report->json) {
        put_head(out, v2gtp);
    }
    json_key(out, "error");
    json_string(out, fault->what);
    json_key(out, "bit");
    json_unsigned(out, fault->bit);
    json_key(out, "path");
    json_string(out, fault->path);
    put_octets(out, v2gtp);
    report_end(report);
}

void exi_entry(report_t *report, exi_talk_t *talk, report_head_t head, const v2gtp_message_t *v2gtp)
{
    codec_message_t message;
    codec_fault_t fault;
    if (!decode(talk, v2gtp, &message, &fault)) {
        show_fault(report, head, v2gtp, &fault);
        return;
    }
    learn(talk, &message);
    show_message(report, head, v2gtp, &message);
}
