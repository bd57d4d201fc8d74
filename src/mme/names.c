/* What people call messages and their fields. A charger does not link it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "mme/rows.h"

#include <string.h>

/* Fields in the order of the row. */
static const struct {
    uint16_t type;
    const char *name, *fields;
} names[] = {
    {MME_CM_SET_KEY_REQ, "CM_SET_KEY.REQ", "key_type my_nonce your_nonce pid prn pmn cco_capability nid new_eks nmk"},
    {MME_CM_SET_KEY_CNF, "CM_SET_KEY.CNF", "result my_nonce your_nonce pid prn pmn cco_capability"},
    {MME_CM_GET_KEY_REQ, "CM_GET_KEY.REQ", "request key_type nid nonce pid prn pmn"},
    {MME_CM_GET_KEY_CNF, "CM_GET_KEY.CNF", "result key_type my_nonce your_nonce nid eks pid prn pmn nmk"},
    {MME_CM_AMP_MAP_REQ, "CM_AMP_MAP.REQ", "carriers"},
    {MME_CM_AMP_MAP_CNF, "CM_AMP_MAP.CNF", "result"},
    {MME_CM_NW_INFO_CNF, "CM_NW_INFO.CNF", "networks nid snid tei role cco_mac"},
    {MME_CM_SLAC_PARM_REQ, "CM_SLAC_PARM.REQ", "application security run_id"},
    {MME_CM_SLAC_PARM_CNF, "CM_SLAC_PARM.CNF",
     "sound_target num_sounds timeout_100ms resp_type forwarding_sta application security run_id"},
    {MME_CM_START_ATTEN_CHAR_IND, "CM_START_ATTEN_CHAR.IND",
     "application security num_sounds timeout_100ms resp_type forwarding_sta run_id"},
    {MME_CM_ATTEN_CHAR_IND, "CM_ATTEN_CHAR.IND",
     "application security source run_id source_id resp_id num_sounds groups attenuation_dB"},
    {MME_CM_ATTEN_CHAR_RSP, "CM_ATTEN_CHAR.RSP", "application security source run_id source_id resp_id result"},
    {MME_CM_MNBC_SOUND_IND, "CM_MNBC_SOUND.IND", "application security sender_id count run_id reserved random"},
    {MME_CM_VALIDATE_REQ, "CM_VALIDATE.REQ", "signal_type timer_100ms result"},
    {MME_CM_VALIDATE_CNF, "CM_VALIDATE.CNF", "signal_type toggles result"},
    {MME_CM_SLAC_MATCH_REQ, "CM_SLAC_MATCH.REQ", "application security mvf_length pev_id pev_mac evse_id evse_mac run_id reserved"},
    {MME_CM_SLAC_MATCH_CNF, "CM_SLAC_MATCH.CNF",
     "application security mvf_length pev_id pev_mac evse_id evse_mac run_id reserved nid reserved_nid nmk"},
    {MME_CM_ATTEN_PROFILE_IND, "CM_ATTEN_PROFILE.IND", "pev_mac groups reserved attenuation_dB"},
    {MME_VS_SW_VER_CNF, "VS_SW_VER.CNF", "oui status device length text"},
    {MME_VS_RS_DEV_CNF, "VS_RS_DEV.CNF", "oui status"},
    {MME_VS_RD_MOD_REQ, "VS_RD_MOD.REQ", "oui module reserved length offset"},
    {MME_VS_RD_MOD_CNF, "VS_RD_MOD.CNF", "oui status reserved module reserved_module length offset checksum"},
    {MME_VS_HST_ACTION_IND, "VS_HST_ACTION.IND", "oui action session version"},
    {MME_VS_HST_ACTION_RSP, "VS_HST_ACTION.RSP", "oui status action session version"},
    {MME_VS_PL_LINK_STATUS_CNF, "VS_PL_LINK_STATUS.CNF", "oui status link"},
    {MME_VS_ATTEN_IND, "VS_ATTEN.IND", "oui pev_mac groups reserved attenuation_dB"},
    {MME_CC_DISCOVER_LIST_REQ, "CC_DISCOVER_LIST.REQ", ""},
    {MME_CC_DISCOVER_LIST_CNF, "CC_DISCOVER_LIST.CNF", ""},
    {MME_CM_NW_INFO_REQ, "CM_NW_INFO.REQ", ""},
    {MME_CM_NW_STATS_REQ, "CM_NW_STATS.REQ", ""},
    {MME_CM_NW_STATS_CNF, "CM_NW_STATS.CNF", "stations"},
    {MME_VS_SW_VER_REQ, "VS_SW_VER.REQ", "oui"},
    {MME_VS_RS_DEV_REQ, "VS_RS_DEV.REQ", "oui"},
    {MME_VS_NW_INFO_REQ, "VS_NW_INFO.REQ", "oui"},
    {MME_VS_NW_INFO_CNF, "VS_NW_INFO.CNF", "oui"},
    {MME_VS_OP_ATTR_REQ, "VS_OP_ATTR.REQ", "oui"},
    {MME_VS_OP_ATTR_CNF, "VS_OP_ATTR.CNF", "oui"},
    {MME_VS_PL_LINK_STATUS_REQ, "VS_PL_LINK_STATUS.REQ", "oui"},
    {MME_VS_GET_PROPERTY_REQ, "VS_GET_PROPERTY.REQ", "oui"},
    {MME_VS_GET_PROPERTY_CNF, "VS_GET_PROPERTY.CNF", "oui"},
    {MME_VS_WR_MOD_REQ, "VS_WR_MOD.REQ", "oui"},
    {MME_VS_WR_MOD_CNF, "VS_WR_MOD.CNF", "oui"},
    {MME_VS_MOD_NVM_REQ, "VS_MOD_NVM.REQ", "oui"},
    {MME_VS_MOD_NVM_CNF, "VS_MOD_NVM.CNF", "oui"},
    {MME_VS_FAC_DEFAULTS_REQ, "VS_FAC_DEFAULTS.REQ", "oui"},
    {MME_VS_FAC_DEFAULTS_CNF, "VS_FAC_DEFAULTS.CNF", "oui"},
    {MME_VS_WRITE_EXECUTE_APPLET_REQ, "VS_WRITE_EXECUTE_APPLET.REQ", "oui"},
    {MME_VS_WRITE_EXECUTE_APPLET_CNF, "VS_WRITE_EXECUTE_APPLET.CNF", "oui"},
    {MME_VS_MODULE_OPERATION_REQ, "VS_MODULE_OPERATION.REQ", "oui"},
    {MME_VS_MODULE_OPERATION_CNF, "VS_MODULE_OPERATION.CNF", "oui"},
    {MME_VS_SET_PROPERTY_REQ, "VS_SET_PROPERTY.REQ", "oui"},
    {MME_VS_SET_PROPERTY_CNF, "VS_SET_PROPERTY.CNF", "oui"},
    {MME_NSCM_GET_VERSION_REQ, "NSCM_GET_VERSION.REQ", "oui"},
    {MME_NSCM_GET_VERSION_CNF, "NSCM_GET_VERSION.CNF", "oui"},
    {MME_NSCM_RESET_DEVICE_REQ, "NSCM_RESET_DEVICE.REQ", "oui"},
    {MME_NSCM_RESET_DEVICE_CNF, "NSCM_RESET_DEVICE.CNF", "oui"},
    {MME_NSCM_GET_D_LINK_STATUS_REQ, "NSCM_GET_D_LINK_STATUS.REQ", "oui"},
    {MME_NSCM_GET_D_LINK_STATUS_CNF, "NSCM_GET_D_LINK_STATUS.CNF", "oui"},
};

enum { NAMES = sizeof names / sizeof names[0] };

static size_t find(uint16_t type)
{
    size_t i = 0;
    while (i < NAMES && names[i].type != type) {
        i++;
    }
    return i;
}

const char *mme_type_name(uint16_t type)
{
    const size_t i = find(type);
    return i < NAMES ? names[i].name : NULL;
}

const char *mme_field_names(uint16_t type)
{
    const size_t i = find(type);
    return i < NAMES ? names[i].fields : type >= MME_VENDOR_FIRST ? "oui" : "";
}

static mme_field_view_t view_of(const mme_t *mme, const mme_field_t *field)
{
    const uint8_t *const from = (const uint8_t *)mme + field->offset;
    mme_field_view_t view = {.octets = {from, field->size}};
    if (field->kind == MME_FIELD_U8) {
        view.is_number = true;
        view.number = *from;
    } else if (field->kind == MME_FIELD_U16) {
        uint16_t value;
        memcpy(&value, from, sizeof value);
        view.is_number = true;
        view.number = value;
    } else if (field->kind == MME_FIELD_U32) {
        view.is_number = true;
        memcpy(&view.number, from, sizeof view.number);
    } else if (field->kind == MME_FIELD_COUNTED) {
        view.octets.length = mme_field_count(mme, field);
    }
    return view;
}

/* The next word of a row's names. */
static const char *take_name(const char *words, char name[MME_FIELD_NAME])
{
    size_t length = 0;
    while (words[length] != ' ' && words[length] != '\0' && length < MME_FIELD_NAME - 1) {
        name[length] = words[length];
        length++;
    }
    name[length] = '\0';
    return words + length + (words[length] == ' ');
}

void mme_visit(const mme_t *mme, mme_visitor_t visitor, void *ctx)
{
    const mme_row_t *const row = mme_row(mme->type);
    const char *words = mme_field_names(mme->type);
    for (size_t i = 0; row && i < row->fields; i++) {
        mme_field_view_t view = view_of(mme, &row->field[i]);
        words = take_name(words, view.name);
        visitor(ctx, &view);
    }
}
