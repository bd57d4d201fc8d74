/* docs/SAFETY.md, written from the guard's tables and from measured reactions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_GUARD_SAFETY_DOC_H
#define CCS_TESTS_GUARD_SAFETY_DOC_H

/* The whole text; free() it. */
char *safety_doc(void);

#endif
