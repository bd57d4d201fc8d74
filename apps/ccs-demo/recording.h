/* The messages of the simulated link as a pcapng per session.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DEMO_RECORDING_H
#define CCS_DEMO_RECORDING_H

#include "ccs/trace.h"
#include "ports/common/capture/capture.h"

typedef struct recording {
    char directory[300]; /* empty: nothing is recorded */
    char file[400];      /* of the last session; "" before the first */
    capture_t capture;
    bool open, connected;
    uint32_t files;
    int64_t utc_us_at_zero; /* Unix time of the simulated clock's zero */
    ccs_endpoint_t charger, car;
} recording_t;

/* false: the directory's name is too long. */
bool recording_init(recording_t *recording, const char *directory, int64_t utc_us_at_zero);

/* The charger's trace: every record with octets goes into the file of the session; the first one opens it. */
ccs_trace_t recording_trace(recording_t *recording);

/* The session is over. */
void recording_end(recording_t *recording, int64_t now_ms, const char *why);

#endif
