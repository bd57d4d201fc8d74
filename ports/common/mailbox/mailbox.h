/* A latest-value mailbox between two threads, or a thread and an interrupt: whole images, never waiting, never torn.
 *
 * One side puts, the other gets. Three slots: one belongs to the writer, one to the reader, one lies between; handing over is one
 * atomic exchange. A reader that is slow misses images, never the last one; a writer that is fast never waits. Lock-free with C11
 * atomics on every target that has an 8-bit exchange.
 *
 *     CCS_MAILBOX(ccs_want_t) want;
 *     const ccs_want_t nothing = {.phase = CCS_PHASE_OFF};
 *     mailbox_init(&want.box, want.slot, sizeof(want.slot[0]), &nothing);
 *     mailbox_put(&want.box, &image);          one thread
 *     fresh = mailbox_get(&want.box, &image);  the other
 *
 * For two readers or two writers take two mailboxes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_MAILBOX_H
#define CCS_PORTS_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAILBOX_SLOTS = 3 };

typedef struct mailbox {
    unsigned char *slots;
    size_t size;             /* of one image */
    uint8_t back, front;     /* the writer's slot, the reader's slot */
    _Atomic uint8_t between; /* the third, with a mark while nobody has seen it */
} mailbox_t;

/* A mailbox with the memory of its images. */
#define CCS_MAILBOX(type)         \
    struct {                      \
        mailbox_t box;            \
        type slot[MAILBOX_SLOTS]; \
    }

/* slots: three images of this size, the caller's, for the life of the mailbox. first: what get() gives before the first put(). Call
 * before the second thread starts. */
void mailbox_init(mailbox_t *mailbox, void *slots, size_t size, const void *first);

/* The whole image, from the one writer. */
void mailbox_put(mailbox_t *mailbox, const void *image);

/* The latest whole image, to the one reader; true: one that was not got before. */
bool mailbox_get(mailbox_t *mailbox, void *image);

#endif
