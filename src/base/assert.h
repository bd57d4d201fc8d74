/* Our own faults. CCS_ASSERT stays on in every build; a board may define CCS_ASSERT_FAILED to open contactors first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_BASE_ASSERT_H
#define CCS_BASE_ASSERT_H

#ifndef CCS_ASSERT_FAILED
#include <stdlib.h>
#define CCS_ASSERT_FAILED(text, file, line) abort()
#endif

#define CCS_ASSERT(fact) ((fact) ? (void)0 : CCS_ASSERT_FAILED(#fact, __FILE__, __LINE__))

#endif
