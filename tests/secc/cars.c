/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/cars.h"

#include <string.h>

enum { SOUNDS = 2 };

const uint8_t cars_charger[6] = {0x02, 0, 0, 0, 0, 0x5E};
const uint8_t cars_modem[6] = {0x00, 0xB0, 0x52, 0, 0, 0x77};

const uint16_t cars_match[CARS_MATCH] = {MME_CM_SLAC_PARM_REQ,     MME_CM_START_ATTEN_CHAR_IND, MME_CM_MNBC_SOUND_IND,
                                         MME_CM_ATTEN_PROFILE_IND, MME_CM_ATTEN_PROFILE_IND,    MME_CM_ATTEN_CHAR_RSP,
                                         MME_CM_SLAC_MATCH_REQ};

void cars_fill(mme_t *mme, const uint8_t mac[6], const uint8_t run_id[8], uint8_t number)
{
    switch (mme->type) {
    case MME_CM_SLAC_PARM_REQ:
        memcpy(mme->slac_parm_req.run_id, run_id, 8);
        break;
    case MME_CM_START_ATTEN_CHAR_IND:
        mme->start_atten_char_ind.num_sounds = number ? number : SOUNDS;
        mme->start_atten_char_ind.timeout_100ms = 6;
        mme->start_atten_char_ind.resp_type = 1;
        memcpy(mme->start_atten_char_ind.forwarding_sta, mac, 6);
        memcpy(mme->start_atten_char_ind.run_id, run_id, 8);
        break;
    case MME_CM_MNBC_SOUND_IND:
        mme->mnbc_sound_ind.count = number;
        memcpy(mme->mnbc_sound_ind.run_id, run_id, 8);
        break;
    case MME_CM_ATTEN_PROFILE_IND:
        memcpy(mme->source, cars_modem, 6);
        memcpy(mme->atten_profile_ind.pev_mac, mac, 6);
        mme->atten_profile_ind.groups = MME_GROUPS;
        memset(mme->atten_profile_ind.attenuation_dB, number, MME_GROUPS);
        break;
    case MME_CM_ATTEN_CHAR_RSP:
        memcpy(mme->atten_char_rsp.source, mac, 6);
        memcpy(mme->atten_char_rsp.run_id, run_id, 8);
        break;
    case MME_CM_SLAC_MATCH_REQ:
        mme->slac_match_req.mvf_length = MME_MATCH_REQ_LENGTH;
        memcpy(mme->slac_match_req.pev_mac, mac, 6);
        memcpy(mme->slac_match_req.evse_mac, cars_charger, 6);
        memcpy(mme->slac_match_req.run_id, run_id, 8);
        break;
    case MME_CM_VALIDATE_REQ:
        mme->validate_req.timer_100ms = number;
        mme->validate_req.result = MME_VALIDATE_READY;
        break;
    case MME_CM_AMP_MAP_REQ:
        mme->amp_map_req.carriers = number;
        break;
    case MME_VS_PL_LINK_STATUS_CNF:
        memcpy(mme->source, cars_modem, 6);
        mme->pl_link_status_cnf.link = !number;
        break;
    case MME_CM_SET_KEY_CNF:
        memcpy(mme->source, cars_modem, 6);
        mme->set_key_cnf.result = number;
        break;
    default:
        break;
    }
}

void cars_sum(const uint8_t *octets, size_t length, uint8_t digest[32])
{
    memset(digest, 0x5A, 32);
    for (size_t i = 0; i < length; i++) {
        digest[i % 32] = (uint8_t)(digest[i % 32] * 31U + octets[i] + i);
    }
}
