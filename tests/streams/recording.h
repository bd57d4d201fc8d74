/* Whole connections of real cars, as recorded: both directions, in order, with times.
 *
 * The recordings are not ours and not part of the repository: real_streams.jsonl of CCS_SHARED, one connection a line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_RECORDING_H
#define CCS_TESTS_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORDING_EXI_MAX = 512, RECORDING_NAME_MAX = 48 };

typedef struct recording_frame {
    int64_t at_ms;
    bool by_car;
    char name[RECORDING_NAME_MAX]; /* "CurrentDemandReq" */
    size_t length;
    uint8_t exi[RECORDING_EXI_MAX];
} recording_frame_t;

typedef struct recording {
    char id[160];
    char car[80];
    char protocol[8]; /* "din", "iso2" */
    size_t frames;
    recording_frame_t *frame;
    size_t left_out;   /* frames that the recording left out, in one place */
    size_t resumes_at; /* index of the first frame behind that place; 0: nothing was left out */
    size_t sdp_length; /* the car's SDP request, with its V2GTP header */
    uint8_t sdp[64];
} recording_t;

/* Every connection of the file; *count of them. NULL: no such file, or not what is described here. */
recording_t *recording_load(const char *path, size_t *count);
void recording_free(recording_t *recordings, size_t count);

#endif
