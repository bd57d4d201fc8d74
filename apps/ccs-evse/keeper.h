/* Writes the running sessions to the disk, in a thread of its own: a slow disk holds up nobody.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVSE_KEEPER_H
#define CCS_EVSE_KEEPER_H

#include <pthread.h>

#include "ports/common/config/charger.h"
#include "ports/common/journal/unfinished.h"

typedef struct keeper_slot {
    char path[340];
    unfinished_t image;
    bool dirty, gone;
} keeper_slot_t;

typedef struct keeper {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool running, stop;
    keeper_slot_t slot[SETTING_OUTLETS_MAX];
    int last_errno; /* of a write; 0: none failed */
} keeper_t;

bool keeper_start(keeper_t *keeper);
void keeper_stop(keeper_t *keeper); /* what was given is on the disk afterwards */

/* The newest image replaces one that is not written yet. */
void keeper_keep(keeper_t *keeper, size_t slot, const char *path, const unfinished_t *image);

/* The session is in the journal: its file goes. */
void keeper_forget(keeper_t *keeper, size_t slot, const char *path);

#endif
