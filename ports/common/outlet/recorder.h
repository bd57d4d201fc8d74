/* Events and actions of a loop into a capture: fits outlet_hooks_t.event and .action.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_OUTLET_RECORDER_H
#define CCS_OUTLET_RECORDER_H

#include "ccs/event.h"
#include "ports/common/capture/capture.h"

/* A file starts with the first datagram or connection after the last one was closed, so that each holds one session from its SDP
 * request to its last FIN. */
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
    uint32_t files;
    ccs_endpoint_t us, us_datagram;
    struct {
        bool open;
        ccs_endpoint_t peer;
    } link[CCS_LINKS];
    int64_t (*utc_us)(void);
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
