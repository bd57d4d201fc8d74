/* The store's records as files of one directory.
 *
 * The directory is 0700 and of this user, each file 0600: what is looser is refused, not mended, because somebody may have read it
 * already. A record is written beside its place, flushed, renamed over it, and the directory flushed: whenever the power goes, the
 * old or the new one is there whole. What such a moment leaves beside is removed at the next start.
 * One program at a time: the directory is locked as long as it is open.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_LINUX_FILE_STORE_H
#define CCS_LINUX_FILE_STORE_H

#include "ports/common/store/store.h"

/* The moments of a write at which the power may go; for tests. */
typedef enum file_store_moment {
    FILE_STORE_CREATED,
    FILE_STORE_HALF_WRITTEN,
    FILE_STORE_WRITTEN,
    FILE_STORE_FLUSHED,
    FILE_STORE_RENAMED,
    FILE_STORE_DONE,
    FILE_STORE_MOMENTS
} file_store_moment_t;

typedef struct file_store {
    int directory, lock;
    int last_errno;
    void (*moment)(file_store_moment_t moment); /* NULL but in tests */
} file_store_t;

typedef enum file_store_opened {
    FILE_STORE_OPEN,
    FILE_STORE_LOOSE, /* others can read or write it, or it is another user's: path says which file */
    FILE_STORE_IN_USE,
    FILE_STORE_FAILED /* errno says why */
} file_store_opened_t;

enum { FILE_STORE_PATH_SIZE = 300 };

/* Makes the directory where it is not there (its parent is). path: what is wrong, on LOOSE. */
file_store_opened_t file_store_open(file_store_t *files, const char *directory, char path[FILE_STORE_PATH_SIZE]);
void file_store_close(file_store_t *files);

/* Lives as long as files. */
store_medium_t file_store_medium(file_store_t *files);

#endif
