/* A folder that files are added to without end stays bounded: the oldest ones go.
 *
 * Oldest is by time of last change, then by name. A file that somebody holds (prune_hold(), also in another process) is running:
 * it is never removed, and its size does not count; whoever grows it has its own limit. Needs a heap, for the list of the folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PRUNE_PRUNE_H
#define CCS_PRUNE_PRUNE_H

#include <stddef.h>
#include <stdint.h>

typedef struct prune_rule {
    const char *begins, *ends; /* of a file's name; others are not looked at */
    size_t files_max;          /* all that are there, the held ones too */
    uint64_t octets_max;       /* of those that nobody holds */
} prune_rule_t;

typedef struct prune_done {
    size_t removed;
    int failed; /* errno of a file that could not be removed, or of the folder; 0: all went well */
} prune_done_t;

prune_done_t prune_folder(const char *folder, const prune_rule_t *rule);

/* Marks a file as running until the descriptor is closed; -1: errno says why. */
int prune_hold(const char *path);

#endif
