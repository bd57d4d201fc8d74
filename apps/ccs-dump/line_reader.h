/* Lines of any length from a file descriptor, and whether another one is there already.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_LINE_READER_H
#define CCS_DUMP_LINE_READER_H

#include "ccs/view.h"

#include <stdbool.h>

/* All fields are private. */
typedef struct line_reader {
    int fd;
    char *buffer;
    size_t size, begin, end;
    bool at_end, failed;
} line_reader_t;

line_reader_t line_reader(int fd);

/* The next line without its end; the last one may lack a line end. Lives until the next call. false: the input is over, or failed.
 */
bool line_next(line_reader_t *reader, ccs_view_t *line);

/* Would line_next() have to wait? */
bool line_must_wait(const line_reader_t *reader);

void line_reader_free(line_reader_t *reader);

#endif
