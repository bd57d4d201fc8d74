/* One charger under Linux: sockets, guard, hardware, journal, captures, logs and the control socket around one SECC.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVSE_CHARGER_H
#define CCS_EVSE_CHARGER_H

#include "ports/common/authorize/authorize.h"
#include "ports/common/config/charger.h"
#include "ports/common/journal/journal.h"
#include "ports/common/log/log.h"
#include "ports/common/message/message.h"
#include "ports/common/options/exits.h"
#include "ports/common/outlet/outlet.h"
#include "ports/common/outlet/recorder.h"
#include "ports/linux/cable.h"
#include "ports/linux/control_server.h"
#include "ports/linux/guard_thread.h"
#include "ports/linux/port.h"
#include "ports/linux/sink.h"
#include "power.h"

enum { CHARGER_RX_SIZE = 8192, CHARGER_TX_SIZE = 8192, CHARGER_ARENA_WORDS = 4096 };

/* How far a wish to end the program has come. */
typedef enum charger_stop { CHARGER_RUNS, CHARGER_STOP_ORDERLY, CHARGER_STOP_EMERGENCY, CHARGER_STOP_GIVES_UP } charger_stop_t;

/* One plug: everything that is there once per outlet. */
typedef struct charger_outlet {
    unsigned number;
    outlet_t loop;
    uint8_t rx[CHARGER_RX_SIZE], tx[CHARGER_TX_SIZE];
    uint64_t arena[CHARGER_ARENA_WORDS];
    power_t power;
    guard_thread_t guard;
    cable_t cable;       /* simulated hardware only */
    ccs_report_t report; /* the newest */
    bool has_report;
    bool linked;         /* the SECC has been told of its network */
    ccs_limits_t limits; /* as last told to the SECC */
    authorizer_t authorizer;
    recorder_t recorder;
    ccs_end_t last_end;
    uint32_t recorded; /* number of the last session that the journal was given */
    bool latched;      /* as last written to the disk */
} charger_outlet_t;

typedef struct charger {
    charger_settings_t *settings;
    const char *hal_kind;
    netif_t netif;
    port_t port;
    charger_outlet_t outlet;
    control_server_t control;
    journal_t journal;
    sink_t text_sink, json_sink;
    log_t log;
    message_reader_t messages;
    char state[300];
    int signals_fd;
    charger_stop_t stop;
    bool stop_posted; /* the SECC has been told of the present stage */
    int64_t stop_by_ms;
} charger_t;

/* Opens everything; on failure one line has been printed, and the exit code says which kind it was. */
exits_t charger_open(charger_t *charger, charger_settings_t *settings, const char *interface, const char *hal_kind);

/* Until SIGTERM or SIGINT; a running charge is ended first. */
exits_t charger_run(charger_t *charger);
void charger_close(charger_t *charger);

/* From the first connection until its record is in the journal. */
bool charger_session_runs(const charger_t *charger);

/* storage.c */
bool storage_make(const char *directory); /* with its parents; true if it is there afterwards */
void storage_state(const charger_settings_t *settings, char *path, size_t size);
void storage_control(const charger_settings_t *settings, const char *interface, char *path, size_t size);
bool storage_latched(const char *state, unsigned outlet);
bool storage_latch(const char *state, unsigned outlet, bool latched);

/* commands.c, status.c */
extern const control_row_t charger_commands[];
extern const size_t charger_commands_count;
cJSON *charger_status(const charger_t *charger);

#endif
