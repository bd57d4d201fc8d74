/* TCP connections of port.h. Between the two files of the port.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_LINKS_H
#define CCS_LWIP_LINKS_H

#include "ports/lwip/port.h"

void links_init(lwip_port_t *port);
void links_end(lwip_port_t *port);
void links_listen(lwip_port_t *port, bool listen);

/* The next octets or the end of a link as an event. The octets live until links_taken(). */
bool links_take(lwip_port_t *port, ccs_event_t *out);
void links_taken(lwip_port_t *port);

void links_accept(lwip_port_t *port, uint8_t link);
void links_send(lwip_port_t *port, const ccs_action_t *action);
void links_close(lwip_port_t *port, const ccs_action_t *action);

void links_overdue(lwip_port_t *port, int64_t now_ms);
int64_t links_deadline_ms(const lwip_port_t *port);

#endif
