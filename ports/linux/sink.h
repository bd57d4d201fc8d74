/* A log file or standard error that never blocks the charger: a line that would wait is dropped, counted, and told about later.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_SINK_H
#define CCS_LINUX_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SINK_PATH_SIZE = 256 };

typedef struct sink {
    int fd;
    uint32_t dropped;     /* ever */
    uint32_t dropped_now; /* since the last line that went through */
    char path[SINK_PATH_SIZE];
    uint64_t octets, octets_max; /* of the file; 0: no limit */
    unsigned older;              /* files kept beside it */
} sink_t;

/* Appends to a file, which is made if it is not there; false: errno says why. */
bool sink_open(sink_t *sink, const char *path);

/* The file takes at most so much; then it becomes FILE.1, the former FILE.1 becomes FILE.2, and what would be FILE.(older + 1) is
 * gone. Where the folder does not allow that, the file begins anew. Only a regular file is bounded so. */
void sink_bound(sink_t *sink, uint64_t octets_max, unsigned older);

/* Fits log_sink_t.write. */
void sink_write(void *sink, const char *line, size_t length);

#endif
