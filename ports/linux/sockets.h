/* The socket calls behind port.c: IPv6 link-local only, never blocking.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_SOCKETS_H
#define CCS_LINUX_SOCKETS_H

#include <sys/types.h>

#include "ports/linux/port.h"

bool socket_would_block(void); /* what errno says */

/* UDP port, member of ff02::1 on the interface, shared with sockets of other interfaces. */
port_result_t socket_group(const netif_t *netif, uint16_t port, int *fd, char *error, size_t size);

/* SDP server: UDP 15118, member of ff02::1 on the interface, hears nothing from elsewhere. */
port_result_t socket_sdp_server(const netif_t *netif, int *fd, char *error, size_t size);
port_result_t socket_sdp_client(const netif_t *netif, int *fd, char *error, size_t size);

/* Bound to the link-local address; refuses connections until socket_listen(). *tcp_port 0: a free one of 49152 .. 65535. */
port_result_t socket_listener(const netif_t *netif, uint16_t *tcp_port, int *fd, char *error, size_t size);
bool socket_listen(int fd);   /* both: true when done */
bool socket_unlisten(int fd); /* stays bound, so that the port cannot be taken meanwhile */

/* Puts a filter on the listener: a segment of anybody else is dropped before TCP sees it, so that a SYN gets neither SYN-ACK nor
 * RST. What is accepted keeps it. true when done. */
bool socket_admit(int fd, const ccs_admit_t *who);

/* The kernel's neighbour entry of the admitted peer is made permanent, so that a forged advertisement cannot lead our segments
 * elsewhere; the one that was pinned before is let go. Needs CAP_NET_ADMIN, and does without where it is missing. */
void socket_pin(const netif_t *netif, ccs_admit_t *pinned, const ccs_admit_t *who);

int socket_accept(int listener_fd, ccs_endpoint_t *from);           /* -1: nobody there any more */
int socket_connect(const netif_t *netif, const ccs_endpoint_t *to); /* -1: failed at once */
bool socket_connected(int fd);

bool socket_receive(int fd, unsigned interface_index, uint8_t *to, size_t size, size_t *length, ccs_endpoint_t *from,
                    uint32_t *elsewhere);
void socket_send_datagram(int fd, const netif_t *netif, const ccs_endpoint_t *to, const ccs_view_t *bytes);

/* Packet sockets (packet.c). Bound to the one interface and type; -1: errno says why. */
int socket_packet(const netif_t *netif, uint16_t ethertype);
int socket_packet_head(const netif_t *netif); /* the heads of Neighbour Discovery and SDP alone: SOCKET_HEAD_SIZE octets */
enum { SOCKET_HEAD_SIZE = 14 + 40 + 8 };

/* false: nothing waits. What this machine sent comes back to a packet socket, too, and has length 0 here. */
bool socket_packet_read(int fd, uint8_t *to, size_t size, size_t *length);

/* One write of both views; false: not taken whole. */
bool socket_send(int fd, const ccs_view_t *head, const ccs_view_t *body);
ssize_t socket_peek(int fd, uint8_t *octet);

void socket_finish(int fd); /* what was sent goes out, then FIN */
void socket_abort(int fd);  /* RST; -1 is allowed */

#endif
