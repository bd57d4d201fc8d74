/* SPDX-License-Identifier: Apache-2.0 */
#include "ccs/secc.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,

const char *ccs_end_name(ccs_end_t end)
{
    static const char *const names[] = {CCS_ENDS(NAME)};
    return end < CCS_ENDS_COUNT ? names[end] : "?";
}

const char *ccs_end_text(ccs_end_t end)
{
    static const char *const texts[] = {CCS_ENDS(TEXT)};
    return end < CCS_ENDS_COUNT ? texts[end] : "?";
}

const char *ccs_protocol_name(ccs_protocol_t protocol)
{
    static const char *const names[CCS_PROTOCOLS_COUNT] = {"none", "DIN 70121", "ISO 15118-2", "ISO 15118-20 DC"};
    return protocol < CCS_PROTOCOLS_COUNT ? names[protocol] : "?";
}
