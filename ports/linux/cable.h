/* The charging cable between two simulations that share only a network: control pilot and proximity, told as datagrams or frames.
 *
 * A real charger and a real car are joined by a pilot wire besides the network; two simulated ones in different processes are not.
 * So a simulated car tells everybody what it puts on the pilot, and a simulated charger what it shows there, at every change and
 * ten times a second. An end that falls silent for CABLE_SILENT_MS is not there any more. For simulations alone: nobody opens this
 * with real hardware, and nothing but the simulated plant believes it.
 *
 * Told is "CCSCABLE", version 1, end, state: 11 octets. Over IPv6 on UDP port CABLE_PORT of ff02::1; where IPv6 passes only after a
 * match, which the pilot has to come before, in broadcast frames of type CABLE_ETHERTYPE (needs CAP_NET_RAW; a real power line does
 * not carry them, a modelled one does, as the pilot wire that lies beside it).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_CABLE_H
#define CCS_LINUX_CABLE_H

#include "ccs/power.h"
#include "ports/linux/port.h"

enum {
    CABLE_ETHERTYPE = 0x88B6, /* IEEE 802 local experimental 2 */
    CABLE_PORT = 15117,
    CABLE_SAY_MS = 100,
    CABLE_SILENT_MS = 1500,
    CABLE_SETTLE_MS = 600,
    CABLE_REPEATS = 3
};

typedef enum cable_end { CABLE_CAR = 'C', CABLE_CHARGER = 'S' } cable_end_t;

typedef struct cable {
    int fd;   /* -1: not open */
    bool raw; /* frames; else datagrams */
    netif_t netif;
    cable_end_t end;
    bool shows; /* something is to be told */
    uint8_t state;
    int repeats; /* < 0: for ever; else so many more times */
    int64_t say_at_ms, silent_at_ms;
    bool heard;
    uint8_t heard_state;
    int64_t settle_ms; /* car: what a charger shows before it can have heard of the car counts only if it lasts until then */
    bool told;
    uint8_t told_state;
    uint32_t elsewhere;
    void (*changed)(void *ctx, bool there, uint8_t state); /* of the other end; there false: it fell silent */
    void *ctx;
} cable_t;

/* Takes the port, or with raw the frames; false: the system refused (errno), and the cable stays closed, which every other call
 * takes. */
bool cable_open(cable_t *cable, const netif_t *netif, cable_end_t end, bool raw,
                void (*changed)(void *ctx, bool there, uint8_t state), void *ctx);
void cable_close(cable_t *cable);

/* What our end shows from now on: a car its ccs_pilot_state_t (A: pulled, told a few times, then silence), a charger its
 * ccs_pilot_drive_t. */
void cable_show(cable_t *cable, uint8_t state);

port_service_t cable_service(cable_t *cable);

#endif
