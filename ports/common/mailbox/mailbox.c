/* Triple buffer: see mailbox.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/mailbox/mailbox.h"
#include <string.h>

enum { SLOT = 3, FRESH = 4 };

void mailbox_init(mailbox_t *mailbox, void *slots, size_t size, const void *first)
{
    mailbox->slots = slots;
    mailbox->size = size;
    mailbox->back = 0;
    mailbox->front = 1;
    for (size_t i = 0; i < MAILBOX_SLOTS; i++) {
        memcpy(mailbox->slots + i * size, first, size);
    }
    atomic_init(&mailbox->between, 2);
}

/* Release: the image is there before the slot is; acquire: the reader has left the slot that comes back. */
void mailbox_put(mailbox_t *mailbox, const void *image)
{
    memcpy(mailbox->slots + mailbox->back * mailbox->size, image, mailbox->size);
    const uint8_t given = (uint8_t)(mailbox->back | FRESH);
    mailbox->back = atomic_exchange_explicit(&mailbox->between, given, memory_order_acq_rel) & SLOT;
}

bool mailbox_get(mailbox_t *mailbox, void *image)
{
    const bool fresh = (atomic_load_explicit(&mailbox->between, memory_order_relaxed) & FRESH) != 0;
    if (fresh) {
        mailbox->front = atomic_exchange_explicit(&mailbox->between, mailbox->front, memory_order_acq_rel) & SLOT;
    }
    memcpy(image, mailbox->slots + mailbox->front * mailbox->size, mailbox->size);
    return fresh;
}
