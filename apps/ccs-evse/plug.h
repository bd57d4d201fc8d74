/* One plug: everything that is there once per outlet. It knows the charger for logs, journal and settings, and no other plug.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVSE_PLUG_H
#define CCS_EVSE_PLUG_H

#include "apps/modem/modem.h"
#include "apps/secure/secure.h"
#include "ports/common/authorize/authorize.h"
#include "ports/common/config/charger.h"
#include "ports/common/journal/unfinished.h"
#include "ports/common/options/exits.h"
#include "ports/common/outlet/outlet.h"
#include "ports/common/outlet/recorder.h"
#include "ports/linux/cable.h"
#include "ports/linux/guard_thread.h"
#include "ports/linux/netwatch.h"
#include "ports/linux/port.h"
#include "power.h"

enum { PLUG_RX_SIZE = 8192, PLUG_TX_SIZE = 8192, PLUG_ARENA_WORDS = 4096, PLUG_EVENTS_PER_TURN = 64 };

typedef struct charger charger_t;

typedef struct plug {
    charger_t *charger;
    unsigned number;
    outlet_settings_t *settings;
    netif_t wire;  /* as named */
    netif_t netif; /* whose IPv6 is used: the same, but for a modelled modem */
    netwatch_t watch;
    modem_t modem;
    bool away;           /* the interface cannot be used now */
    int64_t retry_at_ms; /* of taking it up again */
    port_t port;
    tls_links_t tls;
    outlet_t loop;
    uint8_t rx[PLUG_RX_SIZE], tx[PLUG_TX_SIZE];
    uint64_t arena[PLUG_ARENA_WORDS];
    power_t power;
    guard_thread_t guard;
    cable_t cable;       /* simulated hardware only */
    ccs_report_t report; /* the newest */
    ccs_drive_t drive;   /* of the same turn */
    int64_t noted_ms;    /* the last note of pilot and power into the capture */
    int32_t noted_mV, noted_mA;
    bool has_report;
    int64_t begun_ms;    /* of the guard's first report */
    bool blind_untold;   /* the first measurements are awaited, and nobody has been warned yet */
    int64_t progress_ms; /* the last line about a charge that runs */
    bool linked;         /* the SECC has been told of its network */
    ccs_limits_t limits; /* as last told to the SECC */
    authorizer_t authorizer;
    recorder_t recorder;
    int capture_hold;      /* descriptor by which its newest file is held; -1: none */
    bool capture_cut_said; /* of that file */
    ccs_end_t last_end;
    uint32_t recorded;       /* number of the last session that the journal was given */
    uint32_t number_base;    /* sessions of earlier lives of the SECC in this process */
    unfinished_t unfinished; /* of the life before: given to the SECC at start */
    unfinished_t kept;       /* of the running session, as it is on the disk */
    int64_t kept_ms;
    bool latched;     /* as last written to the disk */
    bool stop_posted; /* the SECC has been told of the present stage of the charger's end */
} plug_t;

/* Opens everything; on failure one line has been printed, and the exit code says which kind it was. */
exits_t plug_open(plug_t *plug, charger_t *charger, unsigned number);
void plug_add_services(plug_t *plug);
void plug_header(plug_t *plug); /* what it is, into the log */

/* What the next car is shown; connections keep what they began with. NULL: no TLS now. */
void plug_show(plug_t *plug, tls_server_t *server);
void plug_close(plug_t *plug);

/* From the first connection until its record is in the journal. */
bool plug_session_runs(const plug_t *plug);

/* Off or in fault, open and below 60 V. */
bool plug_is_safe(const plug_t *plug);

/* Tells the SECC of the present stage of the charger's end, as soon as its queue has room. */
void plug_stop_tell(plug_t *plug);
bool plug_is_over(const plug_t *plug);

/* Once per turn of the loop: the simulated connector, the interface that is back. */
void plug_tick(plug_t *plug, int64_t now_ms);
int64_t plug_deadline_ms(const plug_t *plug);

/* witness.c: what the guard does, as the log and the capture tell it */
typedef enum witness { WITNESS_NOTHING, WITNESS_SWITCHED, WITNESS_STATE } witness_t;
witness_t witness_see(const plug_t *plug, const guard_image_t *image); /* what is new in a report, before it is taken */
void witness_tell(plug_t *plug, witness_t seen);                       /* ... and once it is */

/* A record of this plug's into the log; its ctx is the plug. */
void plug_trace(void *plug, const ccs_trace_record_t *record);

/* captures.c: the pcapng of each session, and how much of it there may be */
exits_t captures_open(plug_t *plug);
void captures_follow(plug_t *plug); /* once per turn: says when a file is full */
uint32_t captures_left_out(const plug_t *plug);
void captures_close(plug_t *plug);

const char *plug_pilot_drive(const plug_t *plug); /* what stands on the pilot: "steady", "5%", "negative" */
cJSON *plug_status(const plug_t *plug);           /* status.c */
cJSON *plug_tls_view(const plug_t *plug);         /* tls_view.c: policy, listener, counters */

#endif
