/* Events and actions of a loop into a capture: fits outlet_hooks_t.event and .action.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_OUTLET_RECORDER_H
#define CCS_OUTLET_RECORDER_H

#include "ccs/event.h"
#include "ports/common/capture/capture.h"

enum { RECORDER_BACKLOG = 192, RECORDER_ENTRY_SIZE = 224 };

/* A note or a HomePlug frame of before the file was there. */
typedef struct recorder_entry {
    int64_t utc_us;
    bool note;
    uint16_t length;
    uint8_t octets[RECORDER_ENTRY_SIZE];
} recorder_entry_t;

/* A file starts with the first datagram or connection after the last one was closed, so that each holds one session from its SDP
 * request to its last FIN. What went before it, the match and the notes since the last file, is kept aside and comes first in it: a
 * neighbour's match alone makes no file. Network membership keys are masked. */
typedef struct recorder {
    capture_t capture;
    bool open;
    bool over;             /* the session has ended; the file closes with the last link */
    bool broken;           /* a file could not be opened: said once, not tried again before the next session */
    bool single;           /* path is one file for all sessions */
    char path[300];        /* directory, or that file */
    char file[400];        /* of the session; "" before the first */
    char name[96];         /* for files in the directory: NAME-20261124T080000Z-3.pcapng */
    char application[120]; /* kept in each file */
    uint64_t octets_max;   /* of a file; above CAPTURE_OVER_MAX; 0: no limit */
    void (*opened)(void *ctx, const char *file); /* a new file has been begun; may be NULL */
    void *opened_ctx;
    uint32_t files;
    ccs_endpoint_t us, us_datagram;
    struct {
        bool open;
        ccs_endpoint_t peer;
    } link[CCS_LINKS];
    int64_t (*utc_us)(void);
    recorder_entry_t backlog[RECORDER_BACKLOG]; /* a ring: the newest stay */
    size_t backlog_first, backlog_count;
} recorder_t;

/* Opens the file now, so that an error shows at once; else the first packet does. false: errno says why. */
bool recorder_open(recorder_t *recorder);

void recorder_event(recorder_t *recorder, const ccs_event_t *event);
void recorder_action(recorder_t *recorder, const ccs_action_t *action);
void recorder_note(recorder_t *recorder, const char *text);

/* The session is over: what follows goes into the next file (unless one file takes all). */
void recorder_end(recorder_t *recorder);
void recorder_close(recorder_t *recorder);

#endif
