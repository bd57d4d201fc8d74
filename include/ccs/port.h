/* What a platform gives to the outlet loop (ports/common/outlet.c).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORT_H
#define CCS_PORT_H

#include "ccs/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ccs_port {
    void *ctx;
    /* Waits until an event is there or until_ms has come (then CCS_ON_TIME). Views in the event live until the next wait. */
    void (*wait)(void *ctx, int64_t until_ms, ccs_event_t *out);
    /* Does one action. Failure of a link comes back as CCS_ON_CLOSED. */
    void (*perform)(void *ctx, const ccs_action_t *action);
    /* Who may connect from now on: a filter on the listeners, in force before listen() opens them. NULL: the port has none, and
     * the SECC alone refuses. The same value again costs nothing. */
    void (*admit)(void *ctx, const ccs_admit_t *admit);
    /* Opens and closes the two listeners. */
    void (*listen)(void *ctx, bool plain, bool tls);
} ccs_port_t;

#ifdef __cplusplus
}
#endif
#endif
