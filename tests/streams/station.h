/* One charger in a process: SECC, guard and plant on a virtual clock, and one car's connection to it.
 *
 * The octets of the car come from a test; its pilot, contactors and battery are the plant's foreign car. Two decisions that the
 * octets depend on are the test's: when a person says yes, and when the cable check may be reported as done.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_STATION_H
#define CCS_TESTS_STATION_H

#include "ccs/secc.h"
#include "sim/world.h"

enum { STATION_FRAME_MAX = 4096, STATION_ANSWER_MS = 5000 };

typedef struct station {
    ccs_secc_t secc;
    sim_world_t world; /* guard and plant, every invariant checked in every step */
    uint8_t rx[STATION_FRAME_MAX], tx[STATION_FRAME_MAX];
    uint64_t arena[STATION_FRAME_MAX / sizeof(uint64_t)];
    int64_t now_ms, tick_ms;
    ccs_outputs_t out;

    bool authorized; /* the test's: a person has said yes */
    bool hold_test;  /* the test's: the cable check is reported as still running */

    uint32_t random_job, random_length, authorization_job; /* open jobs; 0: none */
    bool accepted;   /* the charger took the connection, and does not know yet that it stands */
    bool open;       /* the connection stands */
    bool recorded;   /* the session's record is ready */
    size_t answered; /* octets of the last answer, V2GTP header included */
    uint8_t answer[STATION_FRAME_MAX];
    size_t datagram_length; /* the last SDP answer */
    uint8_t datagram[64];
    int32_t mA_max;  /* largest current that flowed */
    unsigned unsafe; /* steps in which voltage or current stood where none may */
} station_t;

/* A charger of 1000 V, 500 A, 200 kW with a car plugged in and the network up. */
void station_init(station_t *station);

/* Lets time pass. */
void station_run(station_t *station, int64_t until_ms);

/* The car's SDP request; true: it was answered. */
bool station_discover(station_t *station, ccs_view_t datagram);

/* The car's TCP connection; true: it was taken. */
bool station_connect(station_t *station);

/* One EXI message of the car; waits for the answer at most STATION_ANSWER_MS. true: *answer is an EXI message. It lives until the
 * next call. */
bool station_ask(station_t *station, ccs_view_t exi, ccs_view_t *answer);

/* The car closes its connection. */
void station_hang_up(station_t *station);

/* A person at the charger ends the charge. */
void station_stop(station_t *station);

#endif
