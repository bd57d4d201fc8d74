/* lwIP for one charging link: IPv6 only, raw API, no operating system, no fragments, nothing that a neighbour could turn against us
 * (no router advertisements, no redirects of the MTU). A program overrides a size with -D.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LWIP_LWIPOPTS_H
#define CCS_LWIP_LWIPOPTS_H

#include <stdint.h>

#define NO_SYS                1
#define SYS_LIGHTWEIGHT_PROT  0
#define LWIP_NETCONN          0
#define LWIP_SOCKET           0
#define LWIP_ERRNO_STDINCLUDE 1

#define LWIP_IPV4                       0
#define LWIP_ARP                        0
#define LWIP_ETHERNET                   1
#define LWIP_IPV6                       1
#define LWIP_IPV6_FRAG                  0
#define LWIP_IPV6_REASS                 0
#define LWIP_IPV6_FORWARD               0
#define LWIP_IPV6_AUTOCONFIG            0
#define LWIP_IPV6_DHCP6                 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT   0
#define LWIP_IPV6_MLD                   1
#define LWIP_IPV6_NUM_ADDRESSES         1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS   1
#define LWIP_ICMP6                      1
#define LWIP_ND6_ALLOW_RA_UPDATES       0
#define LWIP_ND6_TCP_REACHABILITY_HINTS 1
#define LWIP_ND6_QUEUEING               1
#define LWIP_ND6_NUM_NEIGHBORS          4
#define LWIP_ND6_NUM_DESTINATIONS       4
#define LWIP_ND6_NUM_PREFIXES           1
#define LWIP_ND6_NUM_ROUTERS            1
#define MEMP_NUM_ND6_QUEUE              4
#define MEMP_NUM_MLD6_GROUP             3

#define LWIP_RAW              0
#define LWIP_UDP              1
#define LWIP_TCP              1
#define LWIP_TCP_KEEPALIVE    0
#define LWIP_NETIF_LOOPBACK   0
#define LWIP_CHKSUM_ALGORITHM 3
#define IP_DEFAULT_TTL        255 /* hop limit: chargers and cars were seen to send 10 .. 255; at least 64 is asked for */

/* A whole V2G message is taken in one write (port.h), the largest response of a certificate installation is 5 kB. An EV that
 * offers an MSS of 350 (Hyundai Ioniq) cuts it into so many more segments. */
#define TCP_MSS                                                                      1440
#define TCP_WND                                                                      (4 * TCP_MSS)
#define TCP_SND_BUF                                                                  (6 * TCP_MSS)
#define TCP_SND_QUEUELEN                                                             56
#define TCP_LISTEN_BACKLOG                                                           0
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, options, options1, options2, packet) stack_segment(pcb)
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port)                    stack_random32()

/* Frames that came, as long as they are, and copies of what was sent: a full window and a full send buffer in segments of 350. */
#ifndef MEM_SIZE
#define MEM_SIZE (24 * 1024)
#endif
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1 /* they count the pool, which is not used */
#define PBUF_POOL_SIZE                 1
#define PBUF_POOL_BUFSIZE              128
#if UINTPTR_MAX > UINT32_MAX
#define MEM_ALIGNMENT 8
#else
#define MEM_ALIGNMENT 4
#endif
#define MEMP_NUM_UDP_PCB        1
#define MEMP_NUM_TCP_PCB        8 /* four links, and what still dies in TIME_WAIT */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG        64
#define MEMP_NUM_PBUF           32

#define LWIP_STATS         1
#define LWIP_STATS_DISPLAY 0
#define LINK_STATS         0
#define ETHARP_STATS       0
#define IP_STATS           0
#define IP6_STATS          0
#define ICMP6_STATS        0
#define ND6_STATS          0
#define MLD6_STATS         0
#define UDP_STATS          0
#define TCP_STATS          0
#define SYS_STATS          0
#define MEM_STATS          1
#define MEMP_STATS         1

#endif
