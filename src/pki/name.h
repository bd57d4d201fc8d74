/* Distinguished names. Private to src/pki.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PKI_NAME_H
#define CCS_PKI_NAME_H

#include "pki/pki.h"

/* Can it be walked to its end, within PKI_NAME_PARTS_MAX attributes? Any other name has no attributes and equals nothing. */
bool pki_name_is_whole(ccs_view_t name);

/* Two texts without regard to case and to '-': eMAID, EVCCID. */
bool pki_id_equal(ccs_view_t a, ccs_view_t b);

#endif
