/* The form of each message: field for field, in the order of the wire.
 * SPDX-License-Identifier: Apache-2.0 */
#include "mme/rows.h"

_Static_assert(offsetof(mme_t, rest) <= UINT8_MAX, "every field lies within a row's offset");

#define AT(message, field)   (uint8_t) offsetof(mme_t, message.field)
#define SIZE(message, field) sizeof(((mme_t *)0)->message.field)
/* clang-format off */
#define U8(message, field) {MME_FIELD_U8, 1, 0, AT(message, field)}
#define U16(message, field) {MME_FIELD_U16, 2, 0, AT(message, field)}
#define U32(message, field) {MME_FIELD_U32, 4, 0, AT(message, field)}
#define OCTETS(message, field) {MME_FIELD_OCTETS, SIZE(message, field), 0, AT(message, field)}
#define CUT(message, field) {MME_FIELD_CUT, SIZE(message, field), 0, AT(message, field)}
#define COUNTED(message, field, back) {MME_FIELD_COUNTED, SIZE(message, field), back, AT(message, field)}
/* clang-format on */

static const mme_field_t set_key_req[] = {
    U8(set_key_req, key_type), OCTETS(set_key_req, my_nonce), OCTETS(set_key_req, your_nonce), U8(set_key_req, pid),
    U16(set_key_req, prn),     U8(set_key_req, pmn),          U8(set_key_req, cco_capability), OCTETS(set_key_req, nid),
    U8(set_key_req, new_eks),  OCTETS(set_key_req, nmk),
};

static const mme_field_t set_key_cnf[] = {
    U8(set_key_cnf, result), OCTETS(set_key_cnf, my_nonce), OCTETS(set_key_cnf, your_nonce), U8(set_key_cnf, pid),
    U16(set_key_cnf, prn),   U8(set_key_cnf, pmn),          U8(set_key_cnf, cco_capability),
};

static const mme_field_t get_key_req[] = {
    U8(get_key_req, request), U8(get_key_req, key_type), OCTETS(get_key_req, nid), OCTETS(get_key_req, nonce),
    U8(get_key_req, pid),     U16(get_key_req, prn),     U8(get_key_req, pmn),
};

static const mme_field_t get_key_cnf[] = {
    U8(get_key_cnf, result),  U8(get_key_cnf, key_type), OCTETS(get_key_cnf, my_nonce), OCTETS(get_key_cnf, your_nonce),
    OCTETS(get_key_cnf, nid), U8(get_key_cnf, eks),      U8(get_key_cnf, pid),          U16(get_key_cnf, prn),
    U8(get_key_cnf, pmn),     OCTETS(get_key_cnf, nmk),
};

static const mme_field_t amp_map_req[] = {
    U16(amp_map_req, carriers),
};

static const mme_field_t amp_map_cnf[] = {
    U8(amp_map_cnf, result),
};

static const mme_field_t nw_info_cnf[] = {
    U8(nw_info_cnf, networks), OCTETS(nw_info_cnf, nid), U8(nw_info_cnf, snid),
    U8(nw_info_cnf, tei),      U8(nw_info_cnf, role),    OCTETS(nw_info_cnf, cco_mac),
};

static const mme_field_t nw_stats_cnf[] = {
    U8(nw_stats_cnf, stations),
};

static const mme_field_t slac_parm_req[] = {
    U8(slac_parm_req, application),
    U8(slac_parm_req, security),
    OCTETS(slac_parm_req, run_id),
};

static const mme_field_t slac_parm_cnf[] = {
    OCTETS(slac_parm_cnf, sound_target), U8(slac_parm_cnf, num_sounds),         U8(slac_parm_cnf, timeout_100ms),
    U8(slac_parm_cnf, resp_type),        OCTETS(slac_parm_cnf, forwarding_sta), U8(slac_parm_cnf, application),
    U8(slac_parm_cnf, security),         OCTETS(slac_parm_cnf, run_id),
};

static const mme_field_t start_atten_char_ind[] = {
    U8(start_atten_char_ind, application),   U8(start_atten_char_ind, security),  U8(start_atten_char_ind, num_sounds),
    U8(start_atten_char_ind, timeout_100ms), U8(start_atten_char_ind, resp_type), OCTETS(start_atten_char_ind, forwarding_sta),
    OCTETS(start_atten_char_ind, run_id),
};

static const mme_field_t atten_char_ind[] = {
    U8(atten_char_ind, application), U8(atten_char_ind, security),      OCTETS(atten_char_ind, source),
    OCTETS(atten_char_ind, run_id),  OCTETS(atten_char_ind, source_id), OCTETS(atten_char_ind, resp_id),
    U8(atten_char_ind, num_sounds),  U8(atten_char_ind, groups),        COUNTED(atten_char_ind, attenuation_dB, 1),
};

static const mme_field_t atten_char_rsp[] = {
    U8(atten_char_rsp, application), U8(atten_char_rsp, security),      OCTETS(atten_char_rsp, source),
    OCTETS(atten_char_rsp, run_id),  OCTETS(atten_char_rsp, source_id), OCTETS(atten_char_rsp, resp_id),
    U8(atten_char_rsp, result),
};

static const mme_field_t mnbc_sound_ind[] = {
    U8(mnbc_sound_ind, application), U8(mnbc_sound_ind, security),     OCTETS(mnbc_sound_ind, sender_id), U8(mnbc_sound_ind, count),
    OCTETS(mnbc_sound_ind, run_id),  OCTETS(mnbc_sound_ind, reserved), CUT(mnbc_sound_ind, random),
};

static const mme_field_t validate_req[] = {
    U8(validate_req, signal_type),
    U8(validate_req, timer_100ms),
    U8(validate_req, result),
};

static const mme_field_t validate_cnf[] = {
    U8(validate_cnf, signal_type),
    U8(validate_cnf, toggles),
    U8(validate_cnf, result),
};

static const mme_field_t slac_match_req[] = {
    U8(slac_match_req, application),  U8(slac_match_req, security),    U16(slac_match_req, mvf_length),
    OCTETS(slac_match_req, pev_id),   OCTETS(slac_match_req, pev_mac), OCTETS(slac_match_req, evse_id),
    OCTETS(slac_match_req, evse_mac), OCTETS(slac_match_req, run_id),  OCTETS(slac_match_req, reserved),
};

static const mme_field_t slac_match_cnf[] = {
    U8(slac_match_cnf, application),  U8(slac_match_cnf, security),     U16(slac_match_cnf, mvf_length),
    OCTETS(slac_match_cnf, pev_id),   OCTETS(slac_match_cnf, pev_mac),  OCTETS(slac_match_cnf, evse_id),
    OCTETS(slac_match_cnf, evse_mac), OCTETS(slac_match_cnf, run_id),   OCTETS(slac_match_cnf, reserved),
    OCTETS(slac_match_cnf, nid),      U8(slac_match_cnf, reserved_nid), OCTETS(slac_match_cnf, nmk),
};

static const mme_field_t atten_profile_ind[] = {
    OCTETS(atten_profile_ind, pev_mac),
    U8(atten_profile_ind, groups),
    U8(atten_profile_ind, reserved),
    COUNTED(atten_profile_ind, attenuation_dB, 2),
};

static const mme_field_t sw_ver_cnf[] = {
    OCTETS(sw_ver_cnf, oui), U8(sw_ver_cnf, status), U8(sw_ver_cnf, device), U8(sw_ver_cnf, length), COUNTED(sw_ver_cnf, text, 1),
};

static const mme_field_t rs_dev_cnf[] = {
    OCTETS(rs_dev_cnf, oui),
    U8(rs_dev_cnf, status),
};

static const mme_field_t rd_mod_req[] = {
    OCTETS(rd_mod_req, oui), U8(rd_mod_req, module), U8(rd_mod_req, reserved), U16(rd_mod_req, length), U32(rd_mod_req, offset),
};

static const mme_field_t rd_mod_cnf[] = {
    OCTETS(rd_mod_cnf, oui),         U8(rd_mod_cnf, status),  OCTETS(rd_mod_cnf, reserved), U8(rd_mod_cnf, module),
    U8(rd_mod_cnf, reserved_module), U16(rd_mod_cnf, length), U32(rd_mod_cnf, offset),      U32(rd_mod_cnf, checksum),
};

static const mme_field_t hst_action_ind[] = {
    OCTETS(hst_action_ind, oui),
    U8(hst_action_ind, action),
    U8(hst_action_ind, session),
    U8(hst_action_ind, version),
};

static const mme_field_t hst_action_rsp[] = {
    OCTETS(hst_action_rsp, oui), U8(hst_action_rsp, status),  U8(hst_action_rsp, action),
    U8(hst_action_rsp, session), U8(hst_action_rsp, version),
};

static const mme_field_t pl_link_status_cnf[] = {
    OCTETS(pl_link_status_cnf, oui),
    U8(pl_link_status_cnf, status),
    U8(pl_link_status_cnf, link),
};

static const mme_field_t vs_atten_ind[] = {
    OCTETS(vs_atten_ind, oui),
    OCTETS(vs_atten_ind, pev_mac),
    U8(vs_atten_ind, groups),
    OCTETS(vs_atten_ind, reserved),
    COUNTED(vs_atten_ind, attenuation_dB, 2),
};

static const mme_field_t vendor[] = {OCTETS(vendor, oui)};

#define FIELDS(list) sizeof(list) / sizeof((list)[0]), list

const mme_row_t mme_rows[] = {
    {MME_CM_SET_KEY_REQ, 1, FIELDS(set_key_req)},
    {MME_CM_SET_KEY_CNF, 1, FIELDS(set_key_cnf)},
    {MME_CM_GET_KEY_REQ, 1, FIELDS(get_key_req)},
    {MME_CM_GET_KEY_CNF, 1, FIELDS(get_key_cnf)},
    {MME_CM_AMP_MAP_REQ, 1, FIELDS(amp_map_req)},
    {MME_CM_AMP_MAP_CNF, 1, FIELDS(amp_map_cnf)},
    {MME_CM_NW_INFO_CNF, 1, FIELDS(nw_info_cnf)},
    {MME_CM_SLAC_PARM_REQ, 1, FIELDS(slac_parm_req)},
    {MME_CM_SLAC_PARM_CNF, 1, FIELDS(slac_parm_cnf)},
    {MME_CM_START_ATTEN_CHAR_IND, 1, FIELDS(start_atten_char_ind)},
    {MME_CM_ATTEN_CHAR_IND, 1, FIELDS(atten_char_ind)},
    {MME_CM_ATTEN_CHAR_RSP, 1, FIELDS(atten_char_rsp)},
    {MME_CM_MNBC_SOUND_IND, 1, FIELDS(mnbc_sound_ind)},
    {MME_CM_VALIDATE_REQ, 1, FIELDS(validate_req)},
    {MME_CM_VALIDATE_CNF, 1, FIELDS(validate_cnf)},
    {MME_CM_SLAC_MATCH_REQ, 1, FIELDS(slac_match_req)},
    {MME_CM_SLAC_MATCH_CNF, 1, FIELDS(slac_match_cnf)},
    {MME_CM_ATTEN_PROFILE_IND, 1, FIELDS(atten_profile_ind)},
    {MME_VS_SW_VER_CNF, 0, FIELDS(sw_ver_cnf)},
    {MME_VS_RS_DEV_CNF, 0, FIELDS(rs_dev_cnf)},
    {MME_VS_RD_MOD_REQ, 0, FIELDS(rd_mod_req)},
    {MME_VS_RD_MOD_CNF, 0, FIELDS(rd_mod_cnf)},
    {MME_VS_HST_ACTION_IND, 0, FIELDS(hst_action_ind)},
    {MME_VS_HST_ACTION_RSP, 0, FIELDS(hst_action_rsp)},
    {MME_VS_PL_LINK_STATUS_CNF, 0, FIELDS(pl_link_status_cnf)},
    {MME_VS_ATTEN_IND, 0, FIELDS(vs_atten_ind)},
    {MME_CM_NW_STATS_CNF, 1, FIELDS(nw_stats_cnf)},
    {MME_VS_NW_INFO_REQ, 1, FIELDS(vendor)},
    {MME_VS_NW_INFO_CNF, 1, FIELDS(vendor)},
};

const mme_row_t mme_any_vendor = {0, 0, FIELDS(vendor)};

const size_t mme_rows_count = sizeof mme_rows / sizeof mme_rows[0];
