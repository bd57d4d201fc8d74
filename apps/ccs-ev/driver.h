/* One car under Linux: sockets, body, logs, capture and control socket around one EVCC; session after session.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EV_DRIVER_H
#define CCS_EV_DRIVER_H

#include "apps/modem/modem.h"
#include "apps/secure/secure.h"
#include "body.h"
#include "ports/common/log/log.h"
#include "ports/common/message/message.h"
#include "ports/common/options/exits.h"
#include "ports/common/outlet/outlet.h"
#include "ports/common/outlet/recorder.h"
#include "ports/linux/cable.h"
#include "ports/linux/control_server.h"
#include "ports/linux/netwatch.h"
#include "ports/linux/port.h"
#include "ports/linux/sink.h"

enum { DRIVER_RX_SIZE = 8192, DRIVER_TX_SIZE = 8192, DRIVER_ARENA_WORDS = 4096, DRIVER_BODY_MS = 20 };

typedef struct driver {
    car_settings_t *settings;
    netif_t wire;  /* as named */
    netif_t netif; /* whose IPv6 is used: the same, but for a modelled modem */
    modem_t modem;
    netwatch_t watch;
    bool away; /* the interface cannot be used now */
    port_t port;
    tls_links_t tls; /* used where the settings say so */
    car_t car;
    uint8_t rx[DRIVER_RX_SIZE], tx[DRIVER_TX_SIZE];
    uint64_t arena[DRIVER_ARENA_WORDS];
    body_t body;
    int64_t body_at_ms;
    cable_t cable;
    recorder_t recorder;
    control_server_t control;
    sink_t text_sink, json_sink;
    log_t log;
    message_reader_t messages;
    int signals_fd;
    unsigned signals; /* SIGTERM or SIGINT so often */
    int32_t session;  /* 1 .. settings->sessions */
    bool plugged;     /* a session's time: between plug and the end */
    bool felt;        /* the car has felt its connector once: from then on pilot A means that it wants it out */
} driver_t;

exits_t driver_open(driver_t *driver, car_settings_t *settings, const char *interface);

/* All sessions; the exit code of the first one that went wrong. */
exits_t driver_run(driver_t *driver);
void driver_close(driver_t *driver);

/* The connector is pulled: no octet gets through from now on. */
void driver_unplug(driver_t *driver);

extern const control_row_t driver_commands[];
extern const size_t driver_commands_count;
cJSON *driver_status(const driver_t *driver);

/* A line to the control socket of a simulated charger, and its answer; false: no answer, error has the reason. */
bool plug_tell(const char *path, const char *command, char *error, size_t size);

#endif
