/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/prune/prune.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct entry {
    char name[256];
    struct timespec changed;
    uint64_t octets;
    bool held;
} entry_t;

typedef struct list {
    entry_t *at;
    size_t count, room;
    uint64_t octets; /* of those that nobody holds */
} list_t;

int prune_hold(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0) {
        const int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static bool fits(const char *name, const prune_rule_t *rule)
{
    const size_t length = strlen(name), head = strlen(rule->begins), end = strlen(rule->ends);
    return length >= head + end && length < sizeof((entry_t *)0)->name && memcmp(name, rule->begins, head) == 0 &&
           memcmp(name + length - end, rule->ends, end) == 0;
}

static bool is_held(int folder, const char *name)
{
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (fd >= 0) {
        close(fd);
    }
    return held;
}

/* false: no memory. */
static bool list_add(list_t *list, int folder, const char *name)
{
    struct stat facts;
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) {
        return true;
    }
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 64 : 2 * list->room;
        entry_t *const more = realloc(list->at, room * sizeof *more);
        if (!more) {
            return false;
        }
        list->at = more;
        list->room = room;
    }
    entry_t *const entry = &list->at[list->count++];
    *entry = (entry_t){.changed = facts.st_mtim, .octets = (uint64_t)facts.st_size, .held = is_held(folder, name)};
    memcpy(entry->name, name, strlen(name) + 1);
    list->octets += entry->held ? 0 : entry->octets;
    return true;
}

static int older_first(const void *left, const void *right)
{
    const entry_t *const a = left, *const b = right;
    if (a->changed.tv_sec != b->changed.tv_sec) {
        return a->changed.tv_sec < b->changed.tv_sec ? -1 : 1;
    }
    if (a->changed.tv_nsec != b->changed.tv_nsec) {
        return a->changed.tv_nsec < b->changed.tv_nsec ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

static prune_done_t remove_oldest(list_t *list, int folder, const prune_rule_t *rule)
{
    prune_done_t done = {0};
    size_t files = list->count;
    qsort(list->at, list->count, sizeof *list->at, older_first);
    for (size_t i = 0; i < list->count && (files > rule->files_max || list->octets > rule->octets_max); i++) {
        const entry_t *const entry = &list->at[i];
        if (entry->held) {
            continue;
        }
        if (unlinkat(folder, entry->name, 0) != 0) {
            done.failed = errno;
            continue;
        }
        done.removed++;
        files--;
        list->octets -= entry->octets;
    }
    return done;
}

prune_done_t prune_folder(const char *folder, const prune_rule_t *rule)
{
    list_t list = {0};
    bool whole = true;
    DIR *const directory = opendir(folder);
    if (!directory) {
        return (prune_done_t){.failed = errno};
    }
    for (const struct dirent *entry = readdir(directory); entry && whole; entry = readdir(directory)) {
        whole = !fits(entry->d_name, rule) || list_add(&list, dirfd(directory), entry->d_name);
    }
    const prune_done_t done =
        whole && list.count > 0 ? remove_oldest(&list, dirfd(directory), rule) : (prune_done_t){.failed = whole ? 0 : ENOMEM};
    free(list.at);
    closedir(directory);
    return done;
}
