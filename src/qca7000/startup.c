/* SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/startup.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/trace.h"

#include <string.h>

enum { MODULE_PIB = 2, MODULE_PIB_ID = 0x7002, READ_MEMORY = 0, SPEC_SIZE = 18 };
enum { PIB_CCO = 0x00F4, PIB_SLAC = 0x1653, PIB_EV = 1, PIB_EVSE = 2 };
enum { KEY_TRIES = 3, NMK = 1, PID_HLE = 4, ACTION_BOOT = 0, ACTION_INIT = 4, OTHER_SIZE = 40 };

const qca_startup_rule_t qca_startup_rules[QCA_STEP_COUNT] = {
    [QCA_STEP_VERSION] = {CCS_TEXT("version"), MME_VS_SW_VER_CNF, 500, 10, CCS_TEXT("failed: silent")},
    [QCA_STEP_CCO] = {CCS_TEXT("coordinator"), MME_VS_RD_MOD_CNF, 500, 2, CCS_TEXT("ask by VS_MODULE_OPERATION")},
    [QCA_STEP_CCO_OTHER] = {CCS_TEXT("coordinator, newer firmware"), MME_VS_MODULE_OPERATION_CNF, 500, 2,
                            CCS_TEXT("role stays unknown")},
    [QCA_STEP_SLAC] = {CCS_TEXT("SLAC role"), MME_VS_RD_MOD_CNF, 500, 2, CCS_TEXT("ask by VS_MODULE_OPERATION")},
    [QCA_STEP_SLAC_OTHER] = {CCS_TEXT("SLAC role, newer firmware"), MME_VS_MODULE_OPERATION_CNF, 500, 2,
                             CCS_TEXT("role stays unknown")},
    [QCA_STEP_KEY] = {CCS_TEXT("key"), MME_CM_SET_KEY_CNF, 1000, 3, CCS_TEXT("failed: takes no keys")},
    [QCA_STEP_READ_KEY] = {CCS_TEXT("key read back"), MME_CM_GET_KEY_CNF, 500, 2, CCS_TEXT("compare the network id")},
    [QCA_STEP_NETWORK] = {CCS_TEXT("network id"), MME_CM_NW_INFO_CNF, 500, 2, CCS_TEXT("believe CM_SET_KEY.CNF")},
    [QCA_STEP_LINK] = {CCS_TEXT("link status"), MME_VS_PL_LINK_STATUS_CNF, 500, 2, CCS_TEXT("link is not polled")},
};

/* --- sending --------------------------------------------------------------------------------------------------------------------
 */

static void send(qca_startup_t *startup, const mme_t *mme)
{
    size_t length = 0;
    CCS_ASSERT(startup->out->count < QCA_STARTUP_FRAMES);
    const ccs_err_t err = mme_encode(mme, startup->out->frame[startup->out->count], MME_SIZE_MIN, &length);
    CCS_ASSERT(err == CCS_OK && length == MME_SIZE_MIN);
    startup->out->count++;
}

static void begin(const qca_startup_t *startup, mme_t *mme, mme_type_t type)
{
    mme_init(mme, type, startup->known ? startup->modem.mac : mme_local_modem, startup->config.mac);
}

static void ask_version(qca_startup_t *startup)
{
    mme_t mme;
    begin(startup, &mme, MME_VS_SW_VER_REQ);
    send(startup, &mme);
}

static void ask_pib(qca_startup_t *startup, uint16_t offset)
{
    mme_t mme;
    begin(startup, &mme, MME_VS_RD_MOD_REQ);
    mme.rd_mod_req.module = MODULE_PIB;
    mme.rd_mod_req.length = 1;
    mme.rd_mod_req.offset = offset;
    send(startup, &mme);
}

/* Version 0, vendor specific, one operation: read so much of a module from memory. */
static void ask_pib_other(qca_startup_t *startup, uint16_t offset)
{
    uint8_t octets[OTHER_SIZE];
    mme_t mme;
    bytes_out_t out = bytes_out(octets, sizeof octets);
    bytes_put_u32le(&out, 0);
    bytes_put_u8(&out, 1);
    bytes_put_u16le(&out, READ_MEMORY);
    bytes_put_u16le(&out, SPEC_SIZE);
    bytes_put_u32le(&out, 0);
    bytes_put_u16le(&out, MODULE_PIB_ID);
    bytes_put_u16le(&out, 0);
    bytes_put_u16le(&out, 1);
    bytes_put_u32le(&out, offset);
    begin(startup, &mme, MME_VS_MODULE_OPERATION_REQ);
    mme.rest = (ccs_view_t){octets, out.written};
    send(startup, &mme);
}

static void ask_cco(qca_startup_t *startup)
{
    ask_pib(startup, PIB_CCO);
}

static void ask_cco_other(qca_startup_t *startup)
{
    ask_pib_other(startup, PIB_CCO);
}

static void ask_slac(qca_startup_t *startup)
{
    ask_pib(startup, PIB_SLAC);
}

static void ask_slac_other(qca_startup_t *startup)
{
    ask_pib_other(startup, PIB_SLAC);
}

static void ask_key(qca_startup_t *startup)
{
    mme_t mme;
    begin(startup, &mme, MME_CM_SET_KEY_REQ);
    mme.set_key_req.key_type = NMK;
    mme.set_key_req.pid = PID_HLE;
    mme.set_key_req.new_eks = 1;
    memcpy(mme.set_key_req.nid, startup->config.nid, sizeof mme.set_key_req.nid);
    memcpy(mme.set_key_req.nmk, startup->config.nmk, sizeof mme.set_key_req.nmk);
    send(startup, &mme);
}

static void ask_read_key(qca_startup_t *startup)
{
    mme_t mme;
    begin(startup, &mme, MME_CM_GET_KEY_REQ);
    mme.get_key_req.key_type = NMK;
    mme.get_key_req.pid = PID_HLE;
    memcpy(mme.get_key_req.nid, startup->config.nid, sizeof mme.get_key_req.nid);
    send(startup, &mme);
}

static void ask_network(qca_startup_t *startup)
{
    mme_t mme;
    begin(startup, &mme, MME_CM_NW_INFO_REQ);
    send(startup, &mme);
}

static void ask_link(qca_startup_t *startup)
{
    mme_t mme;
    begin(startup, &mme, MME_VS_PL_LINK_STATUS_REQ);
    send(startup, &mme);
}

/* --- steps ----------------------------------------------------------------------------------------------------------------------
 */

static void (*const asks[QCA_STEP_COUNT])(qca_startup_t *) = {
    [QCA_STEP_VERSION] = ask_version,
    [QCA_STEP_CCO] = ask_cco,
    [QCA_STEP_CCO_OTHER] = ask_cco_other,
    [QCA_STEP_SLAC] = ask_slac,
    [QCA_STEP_SLAC_OTHER] = ask_slac_other,
    [QCA_STEP_KEY] = ask_key,
    [QCA_STEP_READ_KEY] = ask_read_key,
    [QCA_STEP_NETWORK] = ask_network,
    [QCA_STEP_LINK] = ask_link,
};

static void note(const qca_startup_t *startup, ccs_level_t level, const char *event)
{
    const ccs_trace_record_t record = {.now_ms = startup->now_ms,
                                       .level = level,
                                       .room = "modem",
                                       .event = event,
                                       .fields = 3,
                                       .field = {{.name = "version", .text = startup->modem.version},
                                                 {.name = "role", .text = qca_role_name(startup->modem.role)},
                                                 {.name = "problem", .text = qca_problem_text(startup->problem)}}};
    trace_emit(&startup->config.trace, &record);
}

static void ask(qca_startup_t *startup)
{
    startup->tries++;
    startup->deadline_ms = startup->now_ms + qca_startup_rules[startup->step].timeout_ms;
    asks[startup->step](startup);
}

static void go(qca_startup_t *startup, qca_startup_step_t step)
{
    startup->step = step;
    startup->tries = 0;
    ask(startup);
}

static void end(qca_startup_t *startup, qca_problem_t problem)
{
    const bool good = problem == QCA_PROBLEM_NONE || (problem == QCA_PROBLEM_WRONG_ROLE && startup->config.any_role);
    startup->state = good ? QCA_STARTUP_READY : QCA_STARTUP_FAILED;
    startup->problem = problem;
    startup->deadline_ms = INT64_MAX;
    startup->out->finished = true;
    startup->out->restart = problem == QCA_PROBLEM_SILENT || problem == QCA_PROBLEM_KEY;
    note(startup, problem == QCA_PROBLEM_NONE ? CCS_LEVEL_INFO : CCS_LEVEL_ERROR, good ? "modem_ready" : "modem_failed");
}

/* The last step: a wrong role is told only when everything else is known. */
static void conclude(qca_startup_t *startup)
{
    const qca_role_t role = startup->modem.role;
    end(startup, role != QCA_ROLE_UNKNOWN && role != startup->config.role ? QCA_PROBLEM_WRONG_ROLE : QCA_PROBLEM_NONE);
}

static qca_role_t role_of(uint8_t cco, uint8_t slac)
{
    if (cco == 0 && slac == 0) {
        return QCA_ROLE_UNKNOWN;
    }
    if (slac == PIB_EVSE && (cco == PIB_EVSE || cco == 0)) {
        return QCA_ROLE_EVSE;
    }
    return slac == PIB_EV && (cco == PIB_EV || cco == 0) ? QCA_ROLE_EV : QCA_ROLE_MIXED;
}

static void go_behind_role(qca_startup_t *startup)
{
    startup->modem.role = role_of(startup->cco, startup->slac);
    go(startup, startup->config.has_key ? QCA_STEP_KEY : QCA_STEP_LINK);
}

/* The key is not the one that was set: once more, then it is a fault. */
static void key_wrong(qca_startup_t *startup)
{
    if (startup->keys < KEY_TRIES) {
        go(startup, QCA_STEP_KEY);
        return;
    }
    end(startup, QCA_PROBLEM_KEY);
}

static void key_good(qca_startup_t *startup, qca_key_t key)
{
    startup->modem.key = key;
    go(startup, QCA_STEP_LINK);
}

/* --- answers --------------------------------------------------------------------------------------------------------------------
 */

static void on_version(qca_startup_t *startup, const mme_t *mme)
{
    const mme_sw_ver_cnf_t *const told = &mme->sw_ver_cnf;
    memcpy(startup->modem.mac, mme->source, 6);
    startup->known = true;
    startup->modem.device = told->device;
    memset(startup->modem.version, 0, sizeof startup->modem.version);
    for (size_t i = 0; i < told->length && i < MME_VERSION_TEXT; i++) {
        startup->modem.version[i] = told->text[i] >= ' ' && told->text[i] <= '~' ? told->text[i] : '?';
    }
    go(startup, QCA_STEP_CCO);
}

/* The octet that was asked for; false: refused, or of another place. */
static bool module_octet(const mme_t *mme, uint16_t offset, uint8_t *octet)
{
    const mme_rd_mod_cnf_t *const told = &mme->rd_mod_cnf;
    if (told->status != 0 || told->module != MODULE_PIB || told->offset != offset || mme->rest.length == 0) {
        return false;
    }
    *octet = mme->rest.at[0];
    return true;
}

static bool module_octet_other(const mme_t *mme, uint16_t offset, uint8_t *octet)
{
    bytes_in_t in = bytes_in(mme->rest.at, mme->rest.length);
    const uint16_t status = bytes_get_u16le(&in);
    bytes_skip(&in, 2 + 4 + 1); /* error code, reserved, number of operations */
    bytes_skip(&in, 2 + 2 + 4); /* operation, its length, reserved */
    const uint16_t module = bytes_get_u16le(&in);
    bytes_skip(&in, 2 + 2); /* sub-module, length */
    const uint32_t place = bytes_get_u32le(&in);
    *octet = bytes_get_u8(&in);
    return !in.failed && status == 0 && module == MODULE_PIB_ID && place == offset;
}

static void on_cco(qca_startup_t *startup, const mme_t *mme)
{
    go(startup, module_octet(mme, PIB_CCO, &startup->cco) ? QCA_STEP_SLAC : QCA_STEP_CCO_OTHER);
}

static void on_cco_other(qca_startup_t *startup, const mme_t *mme)
{
    if (!module_octet_other(mme, PIB_CCO, &startup->cco)) {
        startup->cco = 0;
        go_behind_role(startup);
        return;
    }
    go(startup, QCA_STEP_SLAC_OTHER);
}

static void on_slac(qca_startup_t *startup, const mme_t *mme)
{
    if (!module_octet(mme, PIB_SLAC, &startup->slac)) {
        go(startup, QCA_STEP_SLAC_OTHER);
        return;
    }
    go_behind_role(startup);
}

static void on_slac_other(qca_startup_t *startup, const mme_t *mme)
{
    if (!module_octet_other(mme, PIB_SLAC, &startup->slac)) {
        startup->slac = 0;
    }
    go_behind_role(startup);
}

static void on_key(qca_startup_t *startup, const mme_t *mme)
{
    startup->key_said = mme->set_key_cnf.result == 1;
    startup->keys++;
    go(startup, QCA_STEP_READ_KEY);
}

static void on_read_key(qca_startup_t *startup, const mme_t *mme)
{
    const mme_get_key_cnf_t *const told = &mme->get_key_cnf;
    if (told->result != 0) { /* refused */
        go(startup, QCA_STEP_NETWORK);
        return;
    }
    if (memcmp(told->nmk, startup->config.nmk, sizeof told->nmk) != 0) {
        key_wrong(startup);
        return;
    }
    key_good(startup, QCA_KEY_VERIFIED);
}

static void on_network(qca_startup_t *startup, const mme_t *mme)
{
    const mme_nw_info_cnf_t *const told = &mme->nw_info_cnf;
    if (told->networks == 0 || memcmp(told->nid, startup->config.nid, sizeof told->nid) != 0) {
        key_wrong(startup);
        return;
    }
    key_good(startup, QCA_KEY_VERIFIED);
}

static void on_link(qca_startup_t *startup, const mme_t *mme)
{
    startup->modem.tells_link = mme->pl_link_status_cnf.status == 0;
    startup->modem.linked = mme->pl_link_status_cnf.link != 0;
    conclude(startup);
}

static void (*const answers[QCA_STEP_COUNT])(qca_startup_t *, const mme_t *) = {
    [QCA_STEP_VERSION] = on_version,
    [QCA_STEP_CCO] = on_cco,
    [QCA_STEP_CCO_OTHER] = on_cco_other,
    [QCA_STEP_SLAC] = on_slac,
    [QCA_STEP_SLAC_OTHER] = on_slac_other,
    [QCA_STEP_KEY] = on_key,
    [QCA_STEP_READ_KEY] = on_read_key,
    [QCA_STEP_NETWORK] = on_network,
    [QCA_STEP_LINK] = on_link,
};

/* --- silence --------------------------------------------------------------------------------------------------------------------
 */

static void silent(qca_startup_t *startup)
{
    switch (startup->step) {
    case QCA_STEP_VERSION:
        end(startup, QCA_PROBLEM_SILENT);
        return;
    case QCA_STEP_CCO:
        go(startup, QCA_STEP_CCO_OTHER);
        return;
    case QCA_STEP_SLAC:
        go(startup, QCA_STEP_SLAC_OTHER);
        return;
    case QCA_STEP_CCO_OTHER:
    case QCA_STEP_SLAC_OTHER:
        go_behind_role(startup);
        return;
    case QCA_STEP_KEY:
        end(startup, QCA_PROBLEM_KEY);
        return;
    case QCA_STEP_READ_KEY:
        go(startup, QCA_STEP_NETWORK);
        return;
    case QCA_STEP_NETWORK:
        if (!startup->key_said) {
            key_wrong(startup);
            return;
        }
        key_good(startup, QCA_KEY_BELIEVED);
        return;
    default:
        conclude(startup);
    }
}

static void on_time(qca_startup_t *startup)
{
    if (startup->state != QCA_STARTUP_ASKING || startup->now_ms < startup->deadline_ms) {
        return;
    }
    if (startup->tries < qca_startup_rules[startup->step].tries) {
        ask(startup);
        return;
    }
    silent(startup);
}

/* --- the machine ----------------------------------------------------------------------------------------------------------------
 */

/* Some firmware waits for the answer before it goes on. One that asks for memory settings or a firmware has none of its own. */
static void on_host_action(qca_startup_t *startup, const mme_t *asked)
{
    mme_t mme;
    const uint8_t action = asked->hst_action_ind.action;
    mme_init(&mme, MME_VS_HST_ACTION_RSP, asked->source, startup->config.mac);
    mme.hst_action_rsp.action = action;
    mme.hst_action_rsp.session = asked->hst_action_ind.session;
    mme.hst_action_rsp.version = asked->hst_action_ind.version;
    startup->host_actions++;
    send(startup, &mme);
    if ((action == ACTION_BOOT || action == ACTION_INIT) && startup->state == QCA_STARTUP_ASKING) {
        end(startup, QCA_PROBLEM_NEEDS_FIRMWARE);
    }
}

static bool is_own_modem(const qca_startup_t *startup, const mme_t *mme)
{
    const bool to_us = memcmp(mme->destination, startup->config.mac, 6) == 0 || memcmp(mme->destination, mme_broadcast, 6) == 0;
    return to_us && (!startup->known || memcmp(mme->source, startup->modem.mac, 6) == 0);
}

static void on_frame(qca_startup_t *startup, ccs_view_t frame)
{
    mme_t mme;
    if (startup->state == QCA_STARTUP_DOWN || mme_decode(frame, &mme) != CCS_OK || !is_own_modem(startup, &mme)) {
        return;
    }
    if (mme.type == MME_VS_HST_ACTION_IND) {
        on_host_action(startup, &mme);
    } else if (startup->state == QCA_STARTUP_ASKING && mme.type == qca_startup_rules[startup->step].confirm) {
        answers[startup->step](startup, &mme);
    }
}

static void on_up(qca_startup_t *startup)
{
    const qca_startup_config_t config = startup->config;
    qca_startup_out_t *const out = startup->out;
    const int64_t now_ms = startup->now_ms;
    qca_startup_init(startup, &config);
    startup->out = out;
    startup->now_ms = now_ms;
    startup->state = QCA_STARTUP_ASKING;
    go(startup, QCA_STEP_VERSION);
}

void qca_startup_init(qca_startup_t *startup, const qca_startup_config_t *config)
{
    *startup = (qca_startup_t){.config = *config, .state = QCA_STARTUP_DOWN, .deadline_ms = INT64_MAX};
}

void qca_startup_step(qca_startup_t *startup, const qca_startup_event_t *event, qca_startup_out_t *out)
{
    out->finished = out->restart = false;
    out->count = 0;
    startup->out = out;
    startup->now_ms = event->now_ms;
    switch (event->type) {
    case QCA_STARTUP_ON_UP:
        on_up(startup);
        break;
    case QCA_STARTUP_ON_DOWN:
        startup->state = QCA_STARTUP_DOWN;
        startup->deadline_ms = INT64_MAX;
        break;
    case QCA_STARTUP_ON_FRAME:
        on_frame(startup, event->frame);
        break;
    case QCA_STARTUP_ON_TIME:
        break;
    }
    on_time(startup);
    startup->out = NULL;
}

int64_t qca_startup_deadline_ms(const qca_startup_t *startup)
{
    return startup->deadline_ms;
}

const char *qca_problem_text(qca_problem_t problem)
{
    static const char *const texts[QCA_PROBLEM_COUNT] = {
        [QCA_PROBLEM_NONE] = "",
        [QCA_PROBLEM_SILENT] = "the modem's firmware does not answer",
        [QCA_PROBLEM_NEEDS_FIRMWARE] = "the modem has no firmware and asks its host for one",
        [QCA_PROBLEM_WRONG_ROLE] = "the modem's parameters (PIB) are for the other side of the cable",
        [QCA_PROBLEM_KEY] = "the modem does not take keys",
    };
    return problem < QCA_PROBLEM_COUNT ? texts[problem] : "unknown";
}

const char *qca_role_name(qca_role_t role)
{
    static const char *const names[] = {"unknown", "EVSE", "EV", "mixed"};
    return role <= QCA_ROLE_MIXED ? names[role] : "unknown";
}
