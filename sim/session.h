/* A whole charge in one process on a virtual clock: charger (communication and guard), car, plant, and the network between.
 *
 * Deterministic: the same settings and calls give the same story. Time moves only in sim_session_run() and sim_session_until(); in
 * between, a scenario plugs, unplugs, throws faults of the plant, stops, lowers limits or cuts the link. Plant and guard are a
 * sim_world_t, which checks every invariant in every step and keeps the first violation.
 *
 * The network is a link-local segment of its own: datagrams, one TCP connection, latency, segment size; `cut` loses everything.
 * It is given matching_ms after 5 %; or, where the settings of charger and car have SLAC, a modem hangs at each end of a power line
 * (sim/line), and the segment carries only while both hold the same key.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_SESSION_H
#define CCS_SIM_SESSION_H

#include "ccs/ev.h"
#include "ccs/guard.h"
#include "ccs/secc.h"
#include "sim/line/line.h"
#include "sim/world.h"

enum { SIM_PACKETS = 96, SIM_PACKET_SIZE = 1500, SIM_STREAM_SIZE = 16384, SIM_FRAME_SIZE = 4096 };

/* What the port answers when the charger asks for authorization. */
typedef struct sim_authorize {
    ccs_verdict_t verdict; /* GRANTED, DENIED; NOT_YET: nobody ever decides */
    uint32_t after_ms;     /* a person needs time */
} sim_authorize_t;

typedef struct sim_session_config {
    ccs_secc_config_t secc;
    ccs_guard_config_t guard;
    ccs_ev_config_t ev;
    sim_plant_config_t plant;
    sim_authorize_t authorize;
    uint32_t matching_ms;   /* from 5 % at a plugged car to the private network */
    uint32_t latency_ms;    /* one way */
    uint32_t jitter_ms;     /* up to so much more, by seed */
    size_t segment;         /* TCP segments of at most so many octets; 0: whole writes */
    uint64_t seed;          /* session ids, jitter, keys, noise */
    uint8_t attenuation_dB; /* with SLAC: between the two modems */
    uint16_t loss_permille; /* with SLAC: of frames of both on the line */
} sim_session_config_t;

typedef enum sim_side { SIM_CHARGER, SIM_CAR } sim_side_t;

/* Random octets: a session id and a key of the charger, a RunID of the car. */
enum { SIM_RANDOM_SESSION, SIM_RANDOM_KEY, SIM_RANDOM_RUN, SIM_RANDOM_JOBS };

typedef enum sim_packet_kind {
    SIM_DATAGRAM,
    SIM_SYN,
    SIM_SECURED,
    SIM_ACCEPTED,
    SIM_REFUSED,
    SIM_DATA,
    SIM_FIN,
    SIM_RESET
} sim_packet_kind_t;

typedef struct sim_packet {
    int64_t due_ms;
    uint64_t order;
    sim_side_t to;
    sim_packet_kind_t kind;
    bool used;
    size_t length;
    uint8_t octets[SIM_PACKET_SIZE];
} sim_packet_t;

/* What has arrived at one end and was not taken yet. */
typedef struct sim_stream {
    bool open;
    bool fin; /* the other end has closed: CLOSED once everything is taken */
    uint8_t octets[SIM_STREAM_SIZE];
    size_t length;
    int64_t last_due_ms; /* segments keep their order */
} sim_stream_t;

typedef struct sim_session {
    sim_session_config_t config;
    int64_t now_ms;
    sim_world_t world;
    ccs_secc_t secc;
    ccs_ev_t ev;
    bool car; /* a car instance exists: since the first plug */
    ccs_outputs_t secc_out;
    ccs_ev_outputs_t ev_out;
    int64_t tick_ms;    /* next guard tick and car body */
    int64_t stalled_ms; /* the guard is not called before then; set by a scenario */
    sim_packet_t packet[SIM_PACKETS];
    uint64_t order, random;
    sim_stream_t stream[2]; /* by side */
    bool cut;               /* nothing gets through; set by a scenario */
    bool dlink;
    int64_t matched_ms;        /* the private network comes up; < 0: not on its way */
    int64_t lost_ms;           /* since when it cannot work any more; < 0: it can */
    uint32_t authorization_id; /* job that waits for a person; 0: none */
    int64_t authorize_ms;
    struct {
        uint32_t id; /* job that waits for random octets; 0: none */
        size_t length;
    } random_job[SIM_RANDOM_JOBS];
    line_t line; /* with SLAC */
    bool told_neighbour;
    uint32_t records;    /* record_ready seen */
    ccs_record_t record; /* the last one */
    uint8_t secc_rx[SIM_FRAME_SIZE], secc_tx[SIM_FRAME_SIZE], ev_rx[SIM_FRAME_SIZE], ev_tx[SIM_FRAME_SIZE];
    uint64_t secc_arena[SIM_FRAME_SIZE / 8], ev_arena[SIM_FRAME_SIZE / 8];
} sim_session_t;

/* A free charger of 1000 V and 200 A and the default car, matched in 0.5 s, 2 ms apart. */
void sim_session_defaults(sim_session_config_t *config);
/* The battery of the plant becomes the one of config->ev: voltage, capacity and state of charge at plug-in. */
void sim_session_fit_battery(sim_session_config_t *config);

/* The charger starts; no car is there. Large: keep it static or on the heap of a test. */
CCS_MUST_USE ccs_err_t sim_session_init(sim_session_t *session, const sim_session_config_t *config);

/* A new car (config->ev, as it stands in session->config) is plugged in; the one before must be unplugged. */
CCS_MUST_USE ccs_err_t sim_session_plug(sim_session_t *session);
/* The car that is plugged in, and done with its session, begins anew, as after a while or at its driver's wish. */
CCS_MUST_USE ccs_err_t sim_session_car_again(sim_session_t *session);
void sim_session_unplug(sim_session_t *session);

void sim_session_stop(sim_session_t *session, ccs_stop_t stop);     /* at the charger */
void sim_session_car_stop(sim_session_t *session, ccs_stop_t stop); /* in the car */
void sim_session_reset(sim_session_t *session);                     /* after an emergency somebody frees the outlet */
void sim_session_limits(sim_session_t *session, const ccs_limits_t *limits);

/* Runs for so long. */
void sim_session_run(sim_session_t *session, int64_t ms);

/* Runs until the condition holds, at most for so long; whether it did. */
typedef bool (*sim_condition_t)(const sim_session_t *session, const void *context);
bool sim_session_until(sim_session_t *session, sim_condition_t condition, const void *context, int64_t ms_max);

/* The charger's process dies and starts again: its memory is gone, its hardware has opened by itself, the car stays as it is.
 * unfinished: what it had kept of a running session, or NULL. */
CCS_MUST_USE ccs_err_t sim_session_restart(sim_session_t *session, const ccs_record_t *unfinished);

/* With SLAC for both, FIELD. sha256: the charger's. */
void sim_session_with_slac(sim_session_config_t *config, ccs_sha256_t sha256);

/* Conditions. */
bool sim_car_asks(const sim_session_t *session, const void *request_name); /* the car is at this request */
bool sim_car_done(const sim_session_t *session, const void *unused);
bool sim_recorded(const sim_session_t *session, const void *count);  /* const uint32_t *: so many records */
bool sim_charging(const sim_session_t *session, const void *unused); /* LIVE and more than 1 A into the battery */
bool sim_matched(const sim_session_t *session, const void *unused);  /* both ends hold the same key, or the network is given */
bool sim_quiet(const sim_session_t *session, const void *unused);    /* guard OFF and settled, charger idle */

#endif
