/* Octets of somebody else.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_VIEW_H
#define CCS_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* In an event: valid until the step returns. In an action: until the next step. In a job: until ANSWER or CANCEL. */
typedef struct ccs_view {
    const uint8_t *at;
    size_t length;
} ccs_view_t;

#endif
