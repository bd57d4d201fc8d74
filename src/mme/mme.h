/* HomePlug management messages (Ethertype 0x88E1): octets <-> structs, both directions.
 *
 * Every message that SLAC, the key exchange with the own modem and the modem's upkeep need is known field by field; the rest is
 * recognised by type and kept as octets. Decoding judges the form only (long enough, group count that fits): whether a field's
 * value makes sense is the matching machine's business, because a wrong value is ignored there while timers run on.
 *
 * Multi-byte fields are little-endian; MACs, RunID, NID and NMK are strings of octets. Reserved octets are kept. Octets behind the
 * last known field stay in `rest`, so that a decoded frame encodes to the same octets.
 *
 * Seen in the field: modems pad to 60 and beyond; a sound of 64 octets (open-plc-utils) has its random cut; VS_NW_INFO is version 1
 * although vendor specific; some QCA7005 firmware sends OUI 00 00 00 in VS_ATTEN.IND; CM_AMP_MAP comes as version 1 or 2; a
 * QCA7420 answers CM_ATTEN_PROFILE with no groups.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_MME_MME_H
#define CCS_MME_MME_H

#include "ccs/errors.h"
#include "ccs/view.h"

#include <stdbool.h>

enum {
    MME_ETHERTYPE = 0x88E1,
    MME_SIZE_MIN = 60, /* of a frame without FCS */
    MME_SIZE_MAX = 1514,
    MME_GROUPS = 58,          /* carrier groups of an attenuation profile */
    MME_VENDOR_FIRST = 0xA000 /* types from here on are a vendor's: their first field is an OUI */
};

/* Operation, the two low bits of the type. */
enum { MME_REQ = 0, MME_CNF = 1, MME_IND = 2, MME_RSP = 3 };

typedef enum mme_type {
    MME_CC_DISCOVER_LIST_REQ = 0x0014,
    MME_CC_DISCOVER_LIST_CNF = 0x0015,
    MME_CM_SET_KEY_REQ = 0x6008,
    MME_CM_SET_KEY_CNF = 0x6009,
    MME_CM_GET_KEY_REQ = 0x600C,
    MME_CM_GET_KEY_CNF = 0x600D,
    MME_CM_AMP_MAP_REQ = 0x601C,
    MME_CM_AMP_MAP_CNF = 0x601D,
    MME_CM_NW_INFO_REQ = 0x6038,
    MME_CM_NW_INFO_CNF = 0x6039,
    MME_CM_NW_STATS_REQ = 0x6048,
    MME_CM_NW_STATS_CNF = 0x6049,
    MME_CM_SLAC_PARM_REQ = 0x6064,
    MME_CM_SLAC_PARM_CNF = 0x6065,
    MME_CM_START_ATTEN_CHAR_IND = 0x606A,
    MME_CM_ATTEN_CHAR_IND = 0x606E,
    MME_CM_ATTEN_CHAR_RSP = 0x606F,
    MME_CM_MNBC_SOUND_IND = 0x6076,
    MME_CM_VALIDATE_REQ = 0x6078,
    MME_CM_VALIDATE_CNF = 0x6079,
    MME_CM_SLAC_MATCH_REQ = 0x607C,
    MME_CM_SLAC_MATCH_CNF = 0x607D,
    MME_CM_ATTEN_PROFILE_IND = 0x6086,
    MME_VS_SW_VER_REQ = 0xA000,
    MME_VS_SW_VER_CNF = 0xA001,
    MME_VS_RS_DEV_REQ = 0xA01C,
    MME_VS_RS_DEV_CNF = 0xA01D,
    MME_VS_WR_MOD_REQ = 0xA020,
    MME_VS_WR_MOD_CNF = 0xA021,
    MME_VS_RD_MOD_REQ = 0xA024,
    MME_VS_RD_MOD_CNF = 0xA025,
    MME_VS_MOD_NVM_REQ = 0xA028,
    MME_VS_MOD_NVM_CNF = 0xA029,
    MME_VS_NW_INFO_REQ = 0xA038,
    MME_VS_NW_INFO_CNF = 0xA039,
    MME_VS_HST_ACTION_IND = 0xA062,
    MME_VS_HST_ACTION_RSP = 0xA063,
    MME_VS_OP_ATTR_REQ = 0xA068,
    MME_VS_OP_ATTR_CNF = 0xA069,
    MME_VS_FAC_DEFAULTS_REQ = 0xA07C,
    MME_VS_FAC_DEFAULTS_CNF = 0xA07D,
    MME_VS_WRITE_EXECUTE_APPLET_REQ = 0xA098,
    MME_VS_WRITE_EXECUTE_APPLET_CNF = 0xA099,
    MME_VS_MODULE_OPERATION_REQ = 0xA0B0,
    MME_VS_MODULE_OPERATION_CNF = 0xA0B1,
    MME_VS_PL_LINK_STATUS_REQ = 0xA0B8,
    MME_VS_PL_LINK_STATUS_CNF = 0xA0B9,
    MME_VS_GET_PROPERTY_REQ = 0xA0F8,
    MME_VS_GET_PROPERTY_CNF = 0xA0F9,
    MME_VS_SET_PROPERTY_REQ = 0xA100,
    MME_VS_SET_PROPERTY_CNF = 0xA101,
    MME_VS_ATTEN_IND = 0xA14E,
    MME_NSCM_GET_VERSION_REQ = 0xAC6C, /* Lumissil (OUI 00 16 E8), this and the next: recognised, not spoken */
    MME_NSCM_GET_VERSION_CNF = 0xAC6D,
    MME_NSCM_RESET_DEVICE_REQ = 0xAC70,
    MME_NSCM_RESET_DEVICE_CNF = 0xAC71,
    MME_NSCM_GET_D_LINK_STATUS_REQ = 0xAC9C,
    MME_NSCM_GET_D_LINK_STATUS_CNF = 0xAC9D
} mme_type_t;

/* The fields of SLAC messages are named as everywhere in the field; times in 100 ms are so named. */
typedef struct mme_slac_parm_req {
    uint8_t application, security;
    uint8_t run_id[8];
} mme_slac_parm_req_t;

typedef struct mme_slac_parm_cnf {
    uint8_t sound_target[6];
    uint8_t num_sounds, timeout_100ms, resp_type;
    uint8_t forwarding_sta[6];
    uint8_t application, security;
    uint8_t run_id[8];
} mme_slac_parm_cnf_t;

typedef struct mme_start_atten_char_ind {
    uint8_t application, security;
    uint8_t num_sounds, timeout_100ms, resp_type;
    uint8_t forwarding_sta[6];
    uint8_t run_id[8];
} mme_start_atten_char_ind_t;

typedef struct mme_mnbc_sound_ind {
    uint8_t application, security;
    uint8_t sender_id[17];
    uint8_t count; /* of sounds still to come */
    uint8_t run_id[8];
    uint8_t reserved[8];
    uint8_t random[16]; /* the first of it; zero where the frame ends */
} mme_mnbc_sound_ind_t;

typedef struct mme_atten_profile_ind {
    uint8_t pev_mac[6];
    uint8_t groups, reserved;
    uint8_t attenuation_dB[MME_GROUPS];
} mme_atten_profile_ind_t;

typedef struct mme_atten_char_ind {
    uint8_t application, security;
    uint8_t source[6];
    uint8_t run_id[8];
    uint8_t source_id[17], resp_id[17];
    uint8_t num_sounds, groups;
    uint8_t attenuation_dB[MME_GROUPS];
} mme_atten_char_ind_t;

typedef struct mme_atten_char_rsp {
    uint8_t application, security;
    uint8_t source[6];
    uint8_t run_id[8];
    uint8_t source_id[17], resp_id[17];
    uint8_t result;
} mme_atten_char_rsp_t;

enum { MME_VALIDATE_NOT_READY, MME_VALIDATE_READY, MME_VALIDATE_SUCCESS, MME_VALIDATE_FAILURE, MME_VALIDATE_NOT_REQUIRED };

typedef struct mme_validate_req {
    uint8_t signal_type, timer_100ms, result; /* timer: n means (n + 1) x 100 ms */
} mme_validate_req_t;

typedef struct mme_validate_cnf {
    uint8_t signal_type, toggles, result;
} mme_validate_cnf_t;

enum { MME_MATCH_REQ_LENGTH = 0x3E, MME_MATCH_CNF_LENGTH = 0x56 }; /* mvf_length */

typedef struct mme_slac_match_req {
    uint8_t application, security;
    uint16_t mvf_length;
    uint8_t pev_id[17], pev_mac[6], evse_id[17], evse_mac[6];
    uint8_t run_id[8];
    uint8_t reserved[8];
} mme_slac_match_req_t;

typedef struct mme_slac_match_cnf {
    uint8_t application, security;
    uint16_t mvf_length;
    uint8_t pev_id[17], pev_mac[6], evse_id[17], evse_mac[6];
    uint8_t run_id[8];
    uint8_t reserved[8];
    uint8_t nid[7];
    uint8_t reserved_nid;
    uint8_t nmk[16];
} mme_slac_match_cnf_t;

typedef struct mme_amp_map_req {
    uint16_t carriers; /* the map itself, two 4-bit entries an octet, is in rest */
} mme_amp_map_req_t;

typedef struct mme_result {
    uint8_t result;
} mme_result_t;

typedef struct mme_set_key_req {
    uint8_t key_type; /* 1: NMK */
    uint8_t my_nonce[4], your_nonce[4];
    uint8_t pid;
    uint16_t prn;
    uint8_t pmn, cco_capability;
    uint8_t nid[7];
    uint8_t new_eks;
    uint8_t nmk[16];
} mme_set_key_req_t;

typedef struct mme_set_key_cnf {
    uint8_t result; /* 1 is success on every Qualcomm chip seen; 0 must be verified (HomePlug text says the opposite) */
    uint8_t my_nonce[4], your_nonce[4];
    uint8_t pid;
    uint16_t prn;
    uint8_t pmn, cco_capability;
} mme_set_key_cnf_t;

typedef struct mme_get_key_req {
    uint8_t request, key_type;
    uint8_t nid[7];
    uint8_t nonce[4];
    uint8_t pid;
    uint16_t prn;
    uint8_t pmn;
} mme_get_key_req_t;

typedef struct mme_get_key_cnf {
    uint8_t result; /* 0: key returned, 1: refused (the opposite sense of CM_SET_KEY) */
    uint8_t key_type;
    uint8_t my_nonce[4], your_nonce[4];
    uint8_t nid[7];
    uint8_t eks, pid;
    uint16_t prn;
    uint8_t pmn;
    uint8_t nmk[16];
} mme_get_key_cnf_t;

typedef struct mme_nw_info_cnf { /* the first network; more of them are in rest */
    uint8_t networks;
    uint8_t nid[7];
    uint8_t snid, tei, role; /* role 2: CCo */
    uint8_t cco_mac[6];
} mme_nw_info_cnf_t;

typedef struct mme_vendor { /* vendor messages without known fields: only the OUI */
    uint8_t oui[3];
} mme_vendor_t;

enum { MME_VERSION_TEXT = 64 };
typedef struct mme_sw_ver_cnf {
    uint8_t oui[3];
    uint8_t status, device; /* 0x22: QCA7000 or QCA7005, 0x20: QCA7420 */
    uint8_t length;
    char text[MME_VERSION_TEXT]; /* "MAC-QCA7005-1.1.0.730-04-20140815-CS": length characters, not terminated */
} mme_sw_ver_cnf_t;

typedef struct mme_nw_stats_cnf { /* each with its MAC and rates, in rest */
    uint8_t stations;
} mme_nw_stats_cnf_t;

typedef struct mme_rs_dev_cnf {
    uint8_t oui[3];
    uint8_t status;
} mme_rs_dev_cnf_t;

typedef struct mme_hst_action_ind {
    uint8_t oui[3];
    uint8_t action, session, version;
} mme_hst_action_ind_t;

typedef struct mme_hst_action_rsp {
    uint8_t oui[3];
    uint8_t status, action, session, version;
} mme_hst_action_rsp_t;

typedef struct mme_rd_mod_req {
    uint8_t oui[3];
    uint8_t module, reserved; /* 2: PIB */
    uint16_t length;          /* <= 1400 */
    uint32_t offset;
} mme_rd_mod_req_t;

typedef struct mme_rd_mod_cnf { /* the octets themselves are in rest */
    uint8_t oui[3];
    uint8_t status;
    uint8_t reserved[3];
    uint8_t module, reserved_module;
    uint16_t length;
    uint32_t offset, checksum;
} mme_rd_mod_cnf_t;

typedef struct mme_pl_link_status_cnf {
    uint8_t oui[3];
    uint8_t status, link; /* link 1: up */
} mme_pl_link_status_cnf_t;

typedef struct mme_vs_atten_ind { /* what a Qualcomm modem says unasked for each sound; SLAC ignores it */
    uint8_t oui[3];
    uint8_t pev_mac[6];
    uint8_t groups;
    uint8_t reserved[9];
    uint8_t attenuation_dB[MME_GROUPS];
} mme_vs_atten_ind_t;

typedef struct mme {
    uint8_t destination[6], source[6];
    uint8_t version;     /* MMV: 1 with fragmentation octets, 0 for Qualcomm's own */
    uint16_t type;       /* mme_type_t, or one that is not in the list */
    uint8_t fragment[2]; /* MMV 1 and above: always 00 00 */
    union {
        mme_slac_parm_req_t slac_parm_req;
        mme_slac_parm_cnf_t slac_parm_cnf;
        mme_start_atten_char_ind_t start_atten_char_ind;
        mme_mnbc_sound_ind_t mnbc_sound_ind;
        mme_atten_profile_ind_t atten_profile_ind;
        mme_atten_char_ind_t atten_char_ind;
        mme_atten_char_rsp_t atten_char_rsp;
        mme_validate_req_t validate_req;
        mme_validate_cnf_t validate_cnf;
        mme_slac_match_req_t slac_match_req;
        mme_slac_match_cnf_t slac_match_cnf;
        mme_amp_map_req_t amp_map_req;
        mme_result_t amp_map_cnf;
        mme_set_key_req_t set_key_req;
        mme_set_key_cnf_t set_key_cnf;
        mme_get_key_req_t get_key_req;
        mme_get_key_cnf_t get_key_cnf;
        mme_nw_info_cnf_t nw_info_cnf;
        mme_vendor_t vendor;
        mme_sw_ver_cnf_t sw_ver_cnf;
        mme_nw_stats_cnf_t nw_stats_cnf;
        mme_rs_dev_cnf_t rs_dev_cnf;
        mme_hst_action_ind_t hst_action_ind;
        mme_hst_action_rsp_t hst_action_rsp;
        mme_rd_mod_req_t rd_mod_req;
        mme_rd_mod_cnf_t rd_mod_cnf;
        mme_pl_link_status_cnf_t pl_link_status_cnf;
        mme_vs_atten_ind_t vs_atten_ind;
    };
    ccs_view_t rest; /* octets behind the last known field, padding included; points into the decoded frame */
} mme_t;

/* frame: from the destination MAC on, without FCS. HEADER: not Ethertype 0x88E1. UNSUPPORTED: a standard message (type below
 * MME_VENDOR_FIRST) of version 0. TRUNCATED: shorter than the fields of its type. RANGE: more groups than a profile has. A type
 * that is not in the list decodes with all of its payload in rest, a vendor's with all behind its OUI. */
CCS_MUST_USE ccs_err_t mme_decode(ccs_view_t frame, mme_t *out);

/* Writes the frame: fields, then rest, then zeros up to the exact length that its type has (at least 60). SPACE: size too small. */
CCS_MUST_USE ccs_err_t mme_encode(const mme_t *mme, uint8_t *frame, size_t size, size_t *length);

/* An empty message of this type: right version, addresses given, every field zero but the OUI of vendor messages. */
void mme_init(mme_t *mme, mme_type_t type, const uint8_t destination[6], const uint8_t source[6]);

/* "CM_SLAC_PARM.REQ", or "0x6FFC.REQ" style names are not made up: NULL for a type that is not in the list. A constant. */
const char *mme_type_name(uint16_t type);

enum { MME_FIELD_NAME = 20 };

/* For printing: each known field in order. number: its value where it is at most 4 octets of number; else octets. */
typedef struct mme_field_view {
    char name[MME_FIELD_NAME];
    bool is_number;
    uint32_t number;
    ccs_view_t octets;
} mme_field_view_t;
typedef void (*mme_visitor_t)(void *ctx, const mme_field_view_t *field);
void mme_visit(const mme_t *mme, mme_visitor_t visitor, void *ctx);

extern const uint8_t mme_broadcast[6];
extern const uint8_t mme_local_modem[6]; /* 00:B0:52:00:00:01: every Qualcomm chip answers it from its own MAC */

#endif
