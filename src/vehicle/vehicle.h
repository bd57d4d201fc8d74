/* The car behind the inlet: its battery's wishes, its contactors and pilot, its reasons to stop. It knows no message.
 *
 * Three neighbours: the body (ccs_body_t: what the car's hardware measures), the protocol, which tells it what the charger said in
 * neutral words and asks it what to request next, and the want (ccs_ev_want_t: what the hardware shall do).
 * The car keeps its own safety, whatever a charger says: it closes only within 20 V, opens at 0 A unless it must at once, asks for
 * nothing beyond its limits, and ends the charge when its limits are passed, its pilot is lost or its link is gone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_VEHICLE_H
#define CCS_VEHICLE_H

#include "ccs/ev.h"

/* Why the car ends the charge. From VEHICLE_STOP_CHARGER_FAULT on it does so at once. A list, so that names cannot drift. */
#define VEHICLE_STOPS(X)                                            \
    X(NONE, "charging goes on")                                     \
    X(SOC, "state of charge reached")                               \
    X(ENERGY, "energy reached")                                     \
    X(DURATION, "time is up")                                       \
    X(USER, "the driver ends it")                                   \
    X(CHARGER, "the charger asks for the end")                      \
    X(CHARGER_FAULT, "the charger reports a fault")                 \
    X(CHARGER_SILENT, "the charger failed, fell silent or is gone") \
    X(PILOT, "no 5 % on the pilot any more")                        \
    X(FAULT, "fault of this car")                                   \
    X(UNPLUGGED, "the connector is out")

#define VEHICLE_STOP_ENUMERATOR(name, text) VEHICLE_STOP_##name,
typedef enum vehicle_stop { VEHICLE_STOPS(VEHICLE_STOP_ENUMERATOR) VEHICLE_STOPS_COUNT } vehicle_stop_t;
#undef VEHICLE_STOP_ENUMERATOR

/* DC_EVSEStatusCode in neutral words, in the order of the schemas. */
typedef enum vehicle_charger {
    VEHICLE_CHARGER_NOT_READY,
    VEHICLE_CHARGER_READY,
    VEHICLE_CHARGER_SHUTDOWN,
    VEHICLE_CHARGER_UTILITY,
    VEHICLE_CHARGER_CHECKING, /* isolation monitoring active */
    VEHICLE_CHARGER_EMERGENCY,
    VEHICLE_CHARGER_MALFUNCTION,
    VEHICLE_CHARGER_OTHER
} vehicle_charger_t;

/* What the charger told last. Fields that an answer does not carry keep their value. */
typedef struct vehicle_told {
    vehicle_charger_t charger;
    ccs_isolation_t isolation;
    bool stop; /* it asks for the end of the charge */
    int32_t present_mV, present_mA;
    int32_t mV_max, mA_max, W_max; /* 0: not told */
    uint16_t service_id;           /* of its charge service */
    bool core_only;                /* only DC over the core pins */
} vehicle_told_t;

/* Where the car's hands are. */
typedef enum vehicle_hands {
    VEHICLE_HANDS_PLUGGED, /* B, open */
    VEHICLE_HANDS_READY,   /* C, open */
    VEHICLE_HANDS_CLOSED,  /* C, closed */
    VEHICLE_HANDS_OPENING, /* waits for 0 A; at once after a fault */
    VEHICLE_HANDS_OPEN     /* B, open, for the rest of the session */
} vehicle_hands_t;

typedef struct vehicle_target {
    int32_t mV, mA;
} vehicle_target_t;

typedef struct vehicle {
    const ccs_ev_config_t *config; /* as long as the instance */
    ccs_body_t body;
    bool has_body;
    vehicle_told_t told;
    vehicle_hands_t hands;
    vehicle_stop_t stop;
    int64_t now_ms, stop_ms;                         /* stop_ms: since when a reason to stop stands */
    int64_t hands_ms;                                /* since when the hands are where they are */
    int64_t loop_ms;                                 /* first loop request; < 0: not yet */
    int64_t pilot_bad_ms, current_bad_ms, opened_ms; /* since when; < 0: not */
    int64_t energy_begin_Wh;
    vehicle_target_t asked; /* last told to the charger */
    uint32_t precharges;    /* PreChargeReq sent */
    int32_t precharge_mV;   /* target of the last one */
    uint8_t error;          /* ccs_ev_error_t, as told to the charger */
    bool not_ready;         /* EVReady is false by misbehaviour */
    bool pilot_forced;      /* S2 open by misbehaviour */
    bool unplugged;         /* pulled by misbehaviour */
    bool done;              /* session over: unlock */
} vehicle_t;

void vehicle_init(vehicle_t *vehicle, const ccs_ev_config_t *config, int64_t now_ms);

/* What the hardware measures; and the passing of time. Both judge the car's own limits and move its hands. */
void vehicle_feel(vehicle_t *vehicle, int64_t now_ms, const ccs_body_t *body);
void vehicle_turn(vehicle_t *vehicle, int64_t now_ms);
int64_t vehicle_deadline_ms(const vehicle_t *vehicle);
void vehicle_want(const vehicle_t *vehicle, ccs_ev_want_t *want);

/* The first reason to stop stands, unless a faster one comes. */
void vehicle_stop(vehicle_t *vehicle, vehicle_stop_t stop);
bool vehicle_stop_at_once(const vehicle_t *vehicle);

/* What the charger said has been written into vehicle->told: take it to heart. */
void vehicle_listen(vehicle_t *vehicle);

/* The charger's limits are known: can it charge this car at all? If not, the car stops: SYSTEM_INCOMPATIBILITY. */
void vehicle_match(vehicle_t *vehicle);

/* The hands, asked by the protocol. */
void vehicle_get_ready(vehicle_t *vehicle); /* state C */
void vehicle_close(vehicle_t *vehicle);
void vehicle_open(vehicle_t *vehicle); /* at 0 A, or at once where a reason says so; then state B */
bool vehicle_may_close(const vehicle_t *vehicle);
bool vehicle_is_closed(const vehicle_t *vehicle);
bool vehicle_is_open(const vehicle_t *vehicle); /* contactors open and state B (or a habit forbids B) */
void vehicle_leave(vehicle_t *vehicle);         /* the session is over */

/* What to request. */
vehicle_target_t vehicle_precharge(vehicle_t *vehicle); /* counts */
vehicle_target_t vehicle_demand(vehicle_t *vehicle);
bool vehicle_may_end_loop(const vehicle_t *vehicle); /* stop wanted and the current is down, or there is no time for that */
bool vehicle_is_ready(const vehicle_t *vehicle);     /* EVReady */
bool vehicle_bulk_complete(const vehicle_t *vehicle);
bool vehicle_complete(const vehicle_t *vehicle);
int32_t vehicle_soc_permille(const vehicle_t *vehicle);
int32_t vehicle_battery_mV(const vehicle_t *vehicle);
int64_t vehicle_request_Wh(const vehicle_t *vehicle);                       /* EVEnergyRequest: to full */
int32_t vehicle_seconds_to(const vehicle_t *vehicle, int32_t soc_permille); /* at the present power; at most a day */

void vehicle_trace(const vehicle_t *vehicle, ccs_level_t level, const char *event, const char *text);
const char *vehicle_stop_name(vehicle_stop_t stop);
const char *vehicle_stop_text(vehicle_stop_t stop);

#endif
