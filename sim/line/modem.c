/* What the firmware of a modem answers to its own host.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim/line/line_private.h"

#include "base/bytes.h"

#include <string.h>

enum { MODULE_PIB_ID = 0x7002 };
enum { ACTION_BOOT = 0, ACTION_READY_TO_JOIN = 9 };
enum { MODULE_PIB = 2, STATION = 1, COORDINATOR = 2, REFUSED = 1, PIB_CHUNK_MAX = 1400, PIB_SIZE = 0x4000 };

static bool has_link(const line_t *line, unsigned node, int64_t now_ms)
{
    for (unsigned other = 0; other < line->nodes; other++) {
        if (line_linked(line, node, other, now_ms)) {
            return true;
        }
    }
    return false;
}

static void set_key(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)line;
    if (!node->forgets_key) {
        memcpy(node->nmk, request->set_key_req.nmk, sizeof node->nmk);
        memcpy(node->nid, request->set_key_req.nid, sizeof node->nid);
    }
    node->linked_from_ms = now_ms + node->key_busy_ms;
    answer->set_key_cnf.result = node->key_result;
    memcpy(answer->set_key_cnf.your_nonce, request->set_key_req.my_nonce, 4);
    answer->set_key_cnf.pid = 4;
    answer->set_key_cnf.pmn = 0xFF;
}

static void get_key(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)line, (void)now_ms;
    answer->get_key_cnf.key_type = request->get_key_req.key_type;
    memcpy(answer->get_key_cnf.your_nonce, request->get_key_req.nonce, 4);
    if (node->hides_key) {
        answer->get_key_cnf.result = REFUSED;
        return;
    }
    memcpy(answer->get_key_cnf.nid, node->nid, sizeof node->nid);
    memcpy(answer->get_key_cnf.nmk, node->nmk, sizeof node->nmk);
    answer->get_key_cnf.eks = 1;
    answer->get_key_cnf.pid = 4;
}

static void network_info(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)line, (void)now_ms, (void)request;
    answer->nw_info_cnf.networks = 1;
    memcpy(answer->nw_info_cnf.nid, node->nid, sizeof node->nid);
    answer->nw_info_cnf.tei = 1;
    answer->nw_info_cnf.role = node->charger ? COORDINATOR : 0;
    memcpy(answer->nw_info_cnf.cco_mac, node->modem, 6);
}

static void link_status(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)request;
    answer->pl_link_status_cnf.link = has_link(line, (unsigned)(node - line->node), now_ms);
}

static void software_version(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    static const char text[] = "MAC-QCA7005-1.1.0.730-04-20140815-CS";
    (void)line, (void)node, (void)now_ms, (void)request;
    answer->sw_ver_cnf.device = 0x22;
    answer->sw_ver_cnf.length = sizeof text - 1;
    memcpy(answer->sw_ver_cnf.text, text, sizeof text - 1);
}

/* The octets of the PIB that tell the role; the rest of it is zero here. */
static uint8_t pib_octet(const line_node_t *node, uint32_t offset)
{
    static const char *const names[] = {"PEV", "EVSE"};
    const char *const name = names[node->charger];
    if (offset == 0xF4 || offset == 0x1653) {
        return node->charger ? COORDINATOR : STATION;
    }
    return offset >= 0x74 && offset < 0x74 + strlen(name) ? (uint8_t)name[offset - 0x74] : 0;
}

static void read_module(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)line, (void)now_ms;
    const mme_rd_mod_req_t *const asked = &request->rd_mod_req;
    mme_rd_mod_cnf_t *const told = &answer->rd_mod_cnf;
    told->module = asked->module;
    told->offset = asked->offset;
    if (node->hides_pib || asked->module != MODULE_PIB || asked->length > PIB_CHUNK_MAX || asked->offset >= PIB_SIZE) {
        told->status = REFUSED;
        return;
    }
    told->length = asked->length;
    uint32_t words = 0;
    for (uint32_t i = 0; i < asked->length; i++) {
        words ^= (uint32_t)pib_octet(node, asked->offset + i) << (8 * (i % 4));
    }
    told->checksum = ~words;
}

/* Octets behind the fields: whoever is asked to show what it read. */
static ccs_view_t pib_octets(const line_node_t *node, uint32_t offset, uint16_t length, uint8_t *octets)
{
    for (uint32_t i = 0; i < length; i++) {
        octets[i] = pib_octet(node, offset + i);
    }
    return (ccs_view_t){octets, length};
}

static void host_action(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)line, (void)now_ms, (void)request, (void)answer;
    node->waits_for_host = false;
}

/* Not confirmed: behind SPI the chip is gone before it could. */
static void reset_device(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer)
{
    (void)request, (void)answer;
    line_reset(line, (unsigned)(node - line->node), now_ms);
}

typedef struct modem_row {
    mme_type_t asked, told; /* told 0: no answer */
    uint8_t after_ms;
    void (*answer)(line_t *line, line_node_t *node, int64_t now_ms, const mme_t *request, mme_t *answer);
} modem_row_t;

static const modem_row_t *row_of(uint16_t type)
{
    static const modem_row_t rows[] = {
        {MME_CM_SET_KEY_REQ, MME_CM_SET_KEY_CNF, 2, set_key},
        {MME_CM_GET_KEY_REQ, MME_CM_GET_KEY_CNF, 1, get_key},
        {MME_CM_NW_INFO_REQ, MME_CM_NW_INFO_CNF, 1, network_info},
        {MME_VS_PL_LINK_STATUS_REQ, MME_VS_PL_LINK_STATUS_CNF, 1, link_status},
        {MME_VS_SW_VER_REQ, MME_VS_SW_VER_CNF, 1, software_version},
        {MME_VS_RD_MOD_REQ, MME_VS_RD_MOD_CNF, 1, read_module},
        {MME_VS_HST_ACTION_RSP, 0, 0, host_action},
        {MME_VS_RS_DEV_REQ, 0, 0, reset_device},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].asked == type) {
            return &rows[i];
        }
    }
    return NULL;
}

/* VS_MODULE_OPERATION: one operation, reading. */
static ccs_view_t operate_module(const line_node_t *node, const mme_t *request, uint8_t *octets, size_t size)
{
    enum { BEFORE_MODULE = 4 + 1 + 2 + 2 + 4 };
    bytes_in_t in = bytes_in(request->rest.at, request->rest.length);
    bytes_skip(&in, BEFORE_MODULE);
    const uint16_t module = bytes_get_u16le(&in);
    const uint16_t part = bytes_get_u16le(&in);
    const uint16_t length = bytes_get_u16le(&in);
    const uint32_t offset = bytes_get_u32le(&in);
    const bool refused = in.failed || node->hides_pib || module != MODULE_PIB_ID || length > PIB_CHUNK_MAX || offset >= PIB_SIZE;
    bytes_out_t out = bytes_out(octets, size);
    bytes_put_u16le(&out, refused);
    bytes_put_zeros(&out, 2);
    bytes_put(&out, request->rest.at, BEFORE_MODULE);
    bytes_put_u16le(&out, module);
    bytes_put_u16le(&out, part);
    bytes_put_u16le(&out, length);
    bytes_put_u32le(&out, offset);
    const ccs_view_t told = refused ? (ccs_view_t){NULL, 0} : pib_octets(node, offset, length, octets + out.written);
    return (ccs_view_t){octets, out.written + told.length};
}

static bool answers(const line_node_t *node, uint16_t type)
{
    const bool unknown = (node->newer && type == MME_VS_RD_MOD_REQ) || (node->silent_link && type == MME_VS_PL_LINK_STATUS_REQ);
    return !node->silent && !unknown && (!node->waits_for_host || type == MME_VS_HST_ACTION_RSP);
}

static void answer_operation(line_t *line, unsigned number, int64_t now_ms, const mme_t *request)
{
    uint8_t octets[PIB_CHUNK_MAX + 64];
    mme_t answer;
    const line_node_t *const node = &line->node[number];
    mme_init(&answer, MME_VS_MODULE_OPERATION_CNF, node->host, node->modem);
    answer.rest = operate_module(node, request, octets, sizeof octets);
    line_to_host(line, number, now_ms + 1, &answer);
}

void line_modem_answers(line_t *line, unsigned number, int64_t now_ms, const mme_t *request)
{
    uint8_t octets[PIB_CHUNK_MAX];
    mme_t answer;
    line_node_t *const node = &line->node[number];
    const modem_row_t *const row = row_of(request->type);
    if (!answers(node, request->type)) {
        return;
    }
    if (request->type == MME_VS_MODULE_OPERATION_REQ && request->rest.length >= 29) {
        answer_operation(line, number, now_ms, request);
    }
    if (!row) {
        return;
    }
    mme_init(&answer, row->told, node->host, node->modem);
    row->answer(line, node, now_ms, request, &answer);
    if (row->told == MME_VS_RD_MOD_CNF) {
        answer.rest = pib_octets(node, answer.rd_mod_cnf.offset, answer.rd_mod_cnf.length, octets);
    }
    if (row->told != 0) {
        line_to_host(line, number, now_ms + (node->instant ? 0 : row->after_ms), &answer);
    }
}

void line_ask_host(line_t *line, unsigned number, int64_t at_ms)
{
    line_node_t *const node = &line->node[number];
    mme_t mme;
    mme_init(&mme, MME_VS_HST_ACTION_IND, node->host, node->modem);
    mme.hst_action_ind.action = node->no_firmware ? ACTION_BOOT : ACTION_READY_TO_JOIN;
    node->waits_for_host = true;
    line_to_host(line, number, at_ms, &mme);
}
