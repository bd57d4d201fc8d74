/* The port on a bench: a modem of two queues, a virtual clock, one car that resolves and acknowledges like a car, and neighbours.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_LWIP_BENCH_H
#define CCS_TESTS_LWIP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ports/lwip/port.h"
#include "tests/lwip/wire.h"

enum { BENCH_QUEUE = 128, BENCH_PORT = 61341, BENCH_CAR_PORT = 50001, BENCH_STREAM = 32768 };

typedef struct bench_queue {
    size_t first, count;
    wire_frame_t frame[BENCH_QUEUE];
} bench_queue_t;

typedef struct bench {
    lwip_port_t port;
    int64_t now_ms;
    wire_station_t us, car, neighbour;
    bench_queue_t in, out; /* in: for the charger */
    wire_frame_t in_hand;
    size_t window;      /* that the core would tell */
    bool modem_is_full; /* send() refuses */
    uint32_t lose;      /* so many of the next frames of ours */
    /* the car's end of its connection */
    uint16_t car_port;
    uint32_t sequence, acknowledge;
    uint16_t mss;
    bool deaf; /* does not acknowledge */
    size_t received, largest;
    uint8_t stream[BENCH_STREAM];
    bool fin, reset;
    uint32_t mallocs; /* lwIP's heap at the begin */
} bench_t;

int bench_open(void **state);  /* link up, listener open as it is without SLAC, nobody admitted yet */
int bench_close(void **state); /* everything that lwIP lent is back */

void bench_in(bench_t *bench, const wire_frame_t *frame);

/* The next event within so many ms of virtual time; TIME: none. */
ccs_event_t bench_event(bench_t *bench, int64_t ms);

/* The next event of this type; others are passed over. Fails after 5 s. */
ccs_event_t bench_until(bench_t *bench, ccs_event_type_t type);

/* Takes frames of ours: the first that fits is given, those before it are dropped. */
typedef bool (*bench_fits_t)(const wire_frame_t *frame);
bool bench_out(bench_t *bench, bench_fits_t fits, wire_frame_t *frame);
size_t bench_count(const bench_t *bench, bench_fits_t fits);
void bench_forget(bench_t *bench); /* what we have sent so far */

/* The car answers what we ask and acknowledges what we send, for so long. Events are left alone. */
void bench_car(bench_t *bench, int64_t ms);

void bench_admit(bench_t *bench, bool car);       /* the car, or nobody: as after its SDP request, or before */
void bench_connect(bench_t *bench, uint16_t mss); /* the car is admitted and connects, up to SECURED */
void bench_car_sends(bench_t *bench, uint8_t flags, ccs_view_t data);
void bench_send(bench_t *bench, ccs_view_t header, ccs_view_t payload);

bool bench_is_advertisement(const wire_frame_t *frame);
bool bench_is_solicitation(const wire_frame_t *frame);
bool bench_is_tcp(const wire_frame_t *frame);
bool bench_is_udp(const wire_frame_t *frame);

#endif
