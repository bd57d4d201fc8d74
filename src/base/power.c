/* Names of the power vocabulary.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/power.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,
#define COUNT(list)      (sizeof(list) / sizeof((list)[0]))
static const char *const why_names[] = {CCS_WHYS(NAME)};
static const char *const why_texts[] = {CCS_WHYS(TEXT)};
static const char *const phases[] = {"OFF", "TEST", "PRECHARGE", "LIVE", "RAMP", "DISCHARGE", "WELD", "FAULT"};
static const char *const pilots[] = {"?", "A", "B", "C", "D", "E", "F"};
static const char *const isolations[] = {"INVALID", "VALID", "WARNING", "FAULT"};

const char *ccs_phase_name(ccs_phase_t phase)
{
    return (unsigned)phase < COUNT(phases) ? phases[phase] : "?";
}

const char *ccs_pilot_state_name(ccs_pilot_state_t state)
{
    return (unsigned)state < COUNT(pilots) ? pilots[state] : "?";
}

const char *ccs_why_name(ccs_why_t why)
{
    return (unsigned)why < CCS_WHYS_COUNT ? why_names[why] : "?";
}

const char *ccs_why_text(ccs_why_t why)
{
    return (unsigned)why < CCS_WHYS_COUNT ? why_texts[why] : "?";
}

const char *ccs_isolation_name(ccs_isolation_t isolation)
{
    return (unsigned)isolation < COUNT(isolations) ? isolations[isolation] : "?";
}
