/* What was found in a capture, one entry after the other: as text for people or as one JSON object per line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_REPORT_H
#define CCS_DUMP_REPORT_H

#include "ccs/event.h"
#include "json_out.h"

enum { REPORT_PLACE_MAX = 64 };

/* All fields are private. */
typedef struct report {
    FILE *to;
    bool json;
    bool started;
    int64_t first_us;
    json_out_t out;
    uint64_t entries;
} report_t;

typedef struct report_head {
    uint64_t number; /* of the packet in the file */
    int64_t utc_us;
    char from[REPORT_PLACE_MAX], to[REPORT_PLACE_MAX];
    const char *kind;  /* JSON: "sdp", "exi", ... */
    const char *title; /* text: the rest of the first line */
} report_head_t;

report_t report(FILE *to, bool json);

/* Begins an entry. Text: its first line. JSON: packet, time, from, to, kind; add keys to the returned tree. */
json_out_t *report_begin(report_t *report, const report_head_t *head);
void report_end(report_t *report);

void report_place(const ccs_endpoint_t *endpoint, char out[REPORT_PLACE_MAX]); /* "[fe80::1]:15118" */
void report_mac(const uint8_t mac[6], char out[REPORT_PLACE_MAX]);

#endif
