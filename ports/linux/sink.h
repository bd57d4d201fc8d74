/* A log file or standard error that never blocks the charger: a line that would wait is dropped, counted, and told about later.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_SINK_H
#define CCS_LINUX_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sink {
    int fd;
    uint32_t dropped;     /* ever */
    uint32_t dropped_now; /* since the last line that went through */
} sink_t;

/* Appends to a file, which is made if it is not there; false: errno says why. */
bool sink_open(sink_t *sink, const char *path);

/* Fits log_sink_t.write. */
void sink_write(void *sink, const char *line, size_t length);

#endif
