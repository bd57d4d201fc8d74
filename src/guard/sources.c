/* Where figures and rules come from: for docs/SAFETY.md; no charger links it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "guard/lists.h"
#include "guard/rules.h"

#define FIGURE(field, value, least, most, mark, source) {#field, mark, source},
const guard_source_t guard_setting_sources[] = {GUARD_FIGURES(FIGURE)};

#define ISOLATION(year, fault_ohm, fault_ohm_per_V, warning_ohm_per_V, mark, source) [CCS_EDITION_##year] = {#year, mark, source},
const guard_source_t guard_isolation_sources[2] = {GUARD_ISOLATION_RULES(ISOLATION)};

#define RULE(cause, why, in_phase, pilot, latch, noticed_by, mark) [GUARD_CAUSE_##cause] = {#cause, mark, noticed_by},
const guard_source_t guard_rule_sources[GUARD_CAUSES] = {GUARD_RULES(RULE)};

static const char *const class_names[GUARD_CLASSES] = {"nothing", "block", "stop", "error", "emergency"};

const char *guard_class_name(guard_class_t class)
{
    return class < GUARD_CLASSES ? class_names[class] : "?";
}
