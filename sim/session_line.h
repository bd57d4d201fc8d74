/* The power line of sim/session.h: a modem at each end of the cable.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_SESSION_LINE_H
#define CCS_SIM_SESSION_LINE_H

#include "sim/session.h"

void sim_line_begin(sim_session_t *session);            /* modems, if the settings have SLAC; tells the charger of its own */
void sim_line_modem(sim_session_t *session, bool up);   /* tells the charger */
void sim_line_new_car(sim_session_t *session);          /* plugged in: another MAC may hang on the line */
void sim_line_plugged(sim_session_t *session, bool in); /* is there a wire? */
void sim_line_send(sim_session_t *session, sim_side_t from, ccs_view_t frame);
void sim_line_tell_neighbour(sim_session_t *session, const uint8_t address[16]); /* the car's address to the charger, once */
bool sim_line_is_there(const sim_session_t *session);
bool sim_line_carries(const sim_session_t *session); /* IPv6 passes */

#endif
