/* Names of settings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/slac.h"

#define NAME(name, text) #name,
static const char *const misbehaviours[] = {CCS_SLAC_MISBEHAVIOURS(NAME)};

const char *ccs_slac_misbehave_name(ccs_slac_misbehave_t misbehave)
{
    return (unsigned)misbehave < CCS_SLAC_MIS_COUNT ? misbehaviours[misbehave] : "?";
}

const char *ccs_slac_mode_name(ccs_slac_mode_t mode)
{
    static const char *const names[] = {"off", "field", "strict"};
    return (unsigned)mode < sizeof names / sizeof *names ? names[mode] : "?";
}
