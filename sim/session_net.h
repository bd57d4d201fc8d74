/* The network of sim/session.h: datagrams and one TCP connection between charger and car.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_SESSION_NET_H
#define CCS_SIM_SESSION_NET_H

#include "sim/session.h"

void sim_net_perform(sim_session_t *session, sim_side_t from, const ccs_action_t *action);
void sim_net_deliver(sim_session_t *session); /* everything due now */
int64_t sim_net_due_ms(const sim_session_t *session);
void sim_net_reset(sim_session_t *session); /* the charger's process has died */
void sim_net_clear(sim_session_t *session); /* all is lost, both ends closed without a word */

/* session.c */
void sim_secc_step(sim_session_t *session, const ccs_event_t *event);
void sim_ev_step(sim_session_t *session, const ccs_event_t *event);
uint64_t sim_random(sim_session_t *session);

#endif
