/* What every cmocka program here includes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TRACE_TEST_H
#define CCS_TESTS_TRACE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#endif
