/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static keeper_slot_t *slot_due(keeper_t *keeper)
{
    for (size_t i = 0; i < SETTING_OUTLETS_MAX; i++) {
        if (keeper->slot[i].dirty || keeper->slot[i].gone) {
            return &keeper->slot[i];
        }
    }
    return NULL;
}

/* With the mutex held; given back for the time of the disk. */
static void slot_write(keeper_t *keeper, keeper_slot_t *slot)
{
    const keeper_slot_t due = *slot;
    int why = 0;
    slot->dirty = slot->gone = false;
    pthread_mutex_unlock(&keeper->mutex);
    if (due.gone) {
        (void)unlink(due.path);
    } else if (!unfinished_write(due.path, &due.image)) {
        why = errno;
    }
    pthread_mutex_lock(&keeper->mutex);
    keeper->last_errno = why;
}

static void *run(void *ctx)
{
    keeper_t *keeper = ctx;
    pthread_mutex_lock(&keeper->mutex);
    for (;;) {
        keeper_slot_t *slot = slot_due(keeper);
        if (slot != NULL) {
            slot_write(keeper, slot);
        } else if (keeper->stop) {
            break;
        } else {
            pthread_cond_wait(&keeper->wake, &keeper->mutex);
        }
    }
    pthread_mutex_unlock(&keeper->mutex);
    return NULL;
}

bool keeper_start(keeper_t *keeper)
{
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_cond_init(&keeper->wake, NULL);
    keeper->running = pthread_create(&keeper->thread, NULL, run, keeper) == 0;
    return keeper->running;
}

void keeper_stop(keeper_t *keeper)
{
    if (!keeper->running) {
        return;
    }
    pthread_mutex_lock(&keeper->mutex);
    keeper->stop = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);
    keeper->running = false;
}

static void hand_over(keeper_t *keeper, size_t slot, const char *path, const unfinished_t *image)
{
    keeper_slot_t *to = &keeper->slot[slot];
    pthread_mutex_lock(&keeper->mutex);
    snprintf(to->path, sizeof to->path, "%s", path);
    to->dirty = image != NULL;
    to->gone = image == NULL;
    if (image != NULL) {
        to->image = *image;
    }
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_keep(keeper_t *keeper, size_t slot, const char *path, const unfinished_t *image)
{
    hand_over(keeper, slot, path, image);
}

void keeper_forget(keeper_t *keeper, size_t slot, const char *path)
{
    hand_over(keeper, slot, path, NULL);
}
