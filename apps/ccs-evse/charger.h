/* A charger under Linux: its outlets, and what they share: journal, logs, control socket, signals, one loop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVSE_CHARGER_H
#define CCS_EVSE_CHARGER_H

#include "apps/credentials/credentials.h"
#include "keeper.h"
#include "plug.h"
#include "ports/common/journal/journal.h"
#include "ports/common/log/log.h"
#include "ports/common/message/message.h"
#include "ports/linux/control_server.h"
#include "ports/linux/sink.h"

/* How far a wish to end the program has come. */
typedef enum charger_stop { CHARGER_RUNS, CHARGER_STOP_ORDERLY, CHARGER_STOP_EMERGENCY, CHARGER_STOP_GIVES_UP } charger_stop_t;

struct charger {
    charger_settings_t *settings;
    const char *hal_kind;
    loop_t loop;
    plug_t plug[SETTING_OUTLETS_MAX]; /* plug[0 .. plugs - 1], in the order of their numbers */
    size_t plugs;
    bool several; /* outlets: then every line names its own */
    credentials_t credentials;
    bool has_credentials;
    tls_server_t *tls; /* what the next connection is shown; NULL: no TLS now */
    control_server_t control;
    journal_t journal;
    keeper_t keeper;
    sink_t text_sink, json_sink;
    log_t log;
    message_reader_t messages;
    char state[300];
    int signals_fd;
    charger_stop_t stop;
    int64_t stop_by_ms;
};

/* Opens everything; on failure one line has been printed, and the exit code says which kind it was. */
exits_t charger_open(charger_t *charger, charger_settings_t *settings, const char *hal_kind);

/* Until SIGTERM or SIGINT; running charges are ended first. */
exits_t charger_run(charger_t *charger);
void charger_close(charger_t *charger);

/* A line for people, with the outlet's number where there are several; number 0: of the charger. */
void charger_say(charger_t *charger, unsigned number, ccs_level_t level, const char *event, const char *text);

/* Prints a reason not to start. refused(): errno says why, and a missing right has its own code. */
exits_t charger_give_up(exits_t code, const char *why);
exits_t charger_refused(exits_t otherwise, const char *what, const char *path);

/* identity.c: certificates and keys, where a store is configured */
exits_t identity_open(charger_t *charger);
void identity_add_services(charger_t *charger);
void identity_close(charger_t *charger);
cJSON *identity_show(const control_call_t *call);   /* command pki */
cJSON *identity_answer(const control_call_t *call); /* command ocsp */

/* storage.c */
bool storage_make(const char *directory); /* with its parents; true if it is there afterwards */
bool storage_lock(const char *directory); /* for one daemon, until it ends; EWOULDBLOCK: another has it */
void storage_state(const charger_settings_t *settings, char *path, size_t size);
void storage_control(const charger_settings_t *settings, const char *interface, char *path, size_t size);
void storage_running(const char *state, unsigned outlet, char *path, size_t size); /* the file of the running session */
bool storage_latched(const char *state, unsigned outlet);
bool storage_latch(const char *state, unsigned outlet, bool latched);

/* commands.c, status.c */
extern const control_row_t charger_commands[];
extern const size_t charger_commands_count;
cJSON *charger_status(const charger_t *charger);

#endif
