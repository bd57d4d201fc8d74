/* Names; what a reason means is in explain.c. SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki.h"

#define NAME(name, text) #name,

const char *pki_reason_name(pki_reason_t reason)
{
    static const char *const names[] = {PKI_REASONS(NAME)};
    return reason < PKI_REASONS_COUNT ? names[reason] : "?";
}

const char *pki_role_name(pki_role_t role)
{
    static const char *const names[] = {"secc", "secc-private", "vehicle", "oem-provisioning", "contract", "cps"};
    return role < PKI_ROLES_COUNT ? names[role] : "?";
}

const char *pki_edition_name(pki_edition_t edition)
{
    static const char *const names[] = {"ISO 15118-2", "ISO 15118-20"};
    return edition < PKI_EDITIONS_COUNT ? names[edition] : "?";
}
