/* What a reason means, for people: apart from the names, so that firmware without a person in front of it leaves it out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki.h"

#define TEXT(name, text) text,

const char *pki_reason_text(pki_reason_t reason)
{
    static const char *const texts[] = {PKI_REASONS(TEXT)};
    return reason < PKI_REASONS_COUNT ? texts[reason] : "?";
}
