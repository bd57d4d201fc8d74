/* pcapng files whose interfaces differ in link type or snap length: libpcap refuses them, and dumpcap writes them.
 *
 * Section headers, interfaces, enhanced and simple packets of either byte order; every other block is passed over.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_PCAPNG_IN_H
#define CCS_DUMP_PCAPNG_IN_H

#include "ccs/view.h"

#include <stdbool.h>
#include <stdio.h>

enum { PCAPNG_INTERFACES_MAX = 64 };

/* All fields are private. */
typedef struct pcapng_in {
    FILE *file;
    uint8_t *block;
    size_t size;
    bool swapped; /* big-endian */
    size_t interfaces;
    struct {
        int link_type;
        uint64_t ticks; /* per second */
        int64_t offset_s;
    } interface[PCAPNG_INTERFACES_MAX];
} pcapng_in_t;

typedef struct pcapng_frame {
    int link_type; /* DLT_... of libpcap */
    int64_t utc_us;
    size_t whole;     /* length on the wire */
    ccs_view_t frame; /* lives until the next call */
} pcapng_frame_t;

typedef enum pcapng_got { PCAPNG_FRAME, PCAPNG_END, PCAPNG_DAMAGED } pcapng_got_t;

pcapng_in_t pcapng_in(FILE *file); /* from its start; the file stays the caller's */
pcapng_got_t pcapng_in_next(pcapng_in_t *in, pcapng_frame_t *out);
void pcapng_in_free(pcapng_in_t *in);

#endif
