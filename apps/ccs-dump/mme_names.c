/* SPDX-License-Identifier: Apache-2.0 */
#include "mme_names.h"

#include <stdio.h>

static const struct {
    uint16_t base; /* mode bits zero */
    const char *name;
} names[] = {
    {0x0014, "CC_DISCOVER_LIST"},
    {0x6004, "CM_ENCRYPTED_PAYLOAD"},
    {0x6008, "CM_SET_KEY"},
    {0x600C, "CM_GET_KEY"},
    {0x601C, "CM_AMP_MAP"},
    {0x6020, "CM_BRG_INFO"},
    {0x6034, "CM_STA_CAP"},
    {0x6038, "CM_NW_INFO"},
    {0x6048, "CM_NW_STATS"},
    {0x6064, "CM_SLAC_PARM"},
    {0x6068, "CM_START_ATTEN_CHAR"},
    {0x606C, "CM_ATTEN_CHAR"},
    {0x6070, "CM_PKCS_CERT"},
    {0x6074, "CM_MNBC_SOUND"},
    {0x6078, "CM_VALIDATE"},
    {0x607C, "CM_SLAC_MATCH"},
    {0x6080, "CM_SLAC_USER_DATA"},
    {0x6084, "CM_ATTEN_PROFILE"},
    {0xA000, "VS_SW_VER"},
    {0xA01C, "VS_RS_DEV"},
    {0xA020, "VS_WR_MOD"},
    {0xA024, "VS_RD_MOD"},
    {0xA028, "VS_MOD_NVM"},
    {0xA038, "VS_NW_INFO"},
    {0xA060, "VS_HST_ACTION"},
    {0xA068, "VS_OP_ATTR"},
    {0xA07C, "VS_FAC_DEFAULTS"},
    {0xA098, "VS_WRITE_EXECUTE_APPLET"},
    {0xA0B0, "VS_MODULE_OPERATION"},
    {0xA0B8, "VS_PL_LINK_STATUS"},
    {0xA0F8, "VS_GET_PROPERTY"},
    {0xA100, "VS_SET_PROPERTY"},
    {0xA14C, "VS_ATTEN"},
};

void mme_name(uint16_t type, char *out, size_t size)
{
    static const char *const modes[] = {"REQ", "CNF", "IND", "RSP"};
    const uint16_t base = type & 0xFFFC;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].base == base) {
            (void)snprintf(out, size, "%s.%s", names[i].name, modes[type & 3]);
            return;
        }
    }
    (void)snprintf(out, size, "MME %04X.%s", base, modes[type & 3]);
}
