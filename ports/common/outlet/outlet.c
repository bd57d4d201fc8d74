/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/outlet/outlet.h"

static void show_event(const outlet_hooks_t *hooks, const ccs_event_t *event)
{
    if (hooks->event != NULL) {
        hooks->event(hooks->ctx, event);
    }
}

static void perform_all(const ccs_port_t *port, const outlet_hooks_t *hooks, const ccs_action_t *action, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hooks->action != NULL) {
            hooks->action(hooks->ctx, &action[i]);
        }
        port->perform(port->ctx, &action[i]);
    }
}

void outlet_step(outlet_t *outlet, const ccs_event_t *event)
{
    outlet->now_ms = event->now_ms;
    show_event(&outlet->hooks, event);
    ccs_secc_step(&outlet->secc, event, &outlet->out);
    if (outlet->hooks.want != NULL) {
        outlet->hooks.want(outlet->hooks.ctx, &outlet->out.want);
    }
    if (outlet->port->admit != NULL) {
        outlet->port->admit(outlet->port->ctx, &outlet->out.admit);
    }
    outlet->port->listen(outlet->port->ctx, outlet->out.listen, outlet->out.listen_tls);
    perform_all(outlet->port, &outlet->hooks, outlet->out.action, outlet->out.count);
    if (outlet->out.record_ready && outlet->hooks.record != NULL) {
        outlet->hooks.record(outlet->hooks.ctx, ccs_secc_record(&outlet->secc));
    }
}

void outlet_turn(outlet_t *outlet)
{
    ccs_event_t event;
    outlet->port->wait(outlet->port->ctx, ccs_secc_deadline_ms(&outlet->secc), &event);
    outlet_step(outlet, &event);
}

size_t outlet_window(void *ctx, uint8_t link)
{
    const outlet_t *outlet = ctx;
    return ccs_secc_window(&outlet->secc, link);
}

void car_turn(car_t *car)
{
    ccs_event_t event;
    car->port->wait(car->port->ctx, ccs_ev_deadline_ms(&car->ev), &event);
    car->now_ms = event.now_ms;
    show_event(&car->hooks, &event);
    ccs_ev_step(&car->ev, &event, &car->out);
    if (car->hooks.body != NULL) {
        car->hooks.body(car->hooks.ctx, &car->out.want, event.now_ms);
    }
    perform_all(car->port, &car->hooks, car->out.action, car->out.count);
}

size_t car_window(void *ctx, uint8_t link)
{
    const car_t *car = ctx;
    return ccs_ev_window(&car->ev, link);
}
