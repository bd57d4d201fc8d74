/* The ready-made loop around a SECC (a charger's outlet) and around an EVCC (a car): wait, step, show, perform.
 *
 * The same few lines serve Linux, an RTOS task and tests; what differs is the ccs_port_t beneath and the hooks beside. The want
 * goes to the guard before an octet leaves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_OUTLET_OUTLET_H
#define CCS_OUTLET_OUTLET_H

#include "ccs/ev.h"
#include "ccs/port.h"
#include "ccs/secc.h"

/* Called in this order within one turn; each may be NULL. */
typedef struct outlet_hooks {
    void *ctx;
    void (*event)(void *ctx, const ccs_event_t *event);                 /* what came in */
    void (*want)(void *ctx, const ccs_want_t *want);                    /* charger: for the guard, after every step */
    void (*body)(void *ctx, const ccs_ev_want_t *want, int64_t now_ms); /* car: for its hardware, after every step */
    void (*action)(void *ctx, const ccs_action_t *action);              /* what goes out, before it is performed */
    void (*record)(void *ctx, const ccs_record_t *record);              /* charger: a session is over */
} outlet_hooks_t;

typedef struct outlet {
    ccs_secc_t secc;
    ccs_outputs_t out;
    const ccs_port_t *port;
    outlet_hooks_t hooks;
    int64_t now_ms; /* of the last event */
} outlet_t;

/* One event, where the program waits by itself (several outlets in one loop). */
void outlet_step(outlet_t *outlet, const ccs_event_t *event);

/* Waits for one event, then steps. */
void outlet_turn(outlet_t *outlet);

/* ccs_secc_window() with an outlet_t as its ctx. */
size_t outlet_window(void *outlet, uint8_t link);

typedef struct car {
    ccs_ev_t ev;
    ccs_ev_outputs_t out;
    const ccs_port_t *port;
    outlet_hooks_t hooks;
    int64_t now_ms;
} car_t;

void car_turn(car_t *car);
size_t car_window(void *car, uint8_t link);

#endif
