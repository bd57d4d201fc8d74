/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/file_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lock_name[] = ".lock";
static const char new_name[] = ".new";

/* ---- names: what could leave the directory, or is one of ours, is no record */

static bool is_record(const char *name)
{
    const size_t length = strlen(name);
    static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    return length > 0 && length < STORE_NAME_SIZE && name[0] != '.' && strspn(name, good) == length;
}

static ccs_err_t failed(file_store_t *files)
{
    files->last_errno = errno;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? CCS_ERR_SPACE : CCS_ERR_IO;
}

static void pass(const file_store_t *files, file_store_moment_t moment)
{
    if (files->moment) {
        files->moment(moment);
    }
}

/* ---- reading */

static bool is_tight(int fd, mode_t loose, mode_t kind)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && (facts.st_mode & S_IFMT) == kind && facts.st_uid == geteuid() && (facts.st_mode & loose) == 0;
}

static ccs_err_t read_all(file_store_t *files, int fd, uint8_t *to, size_t size, size_t *length)
{
    *length = 0;
    while (*length < size) {
        const ssize_t count = read(fd, to + *length, size - *length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed(files);
        }
        if (count == 0) {
            return CCS_OK;
        }
        *length += (size_t)count;
    }
    uint8_t more;
    return read(fd, &more, 1) == 0 ? CCS_OK : CCS_ERR_SPACE;
}

static ccs_err_t files_get(void *ctx, const char *name, uint8_t *to, size_t size, size_t *length)
{
    file_store_t *const files = ctx;
    if (!is_record(name)) {
        return CCS_ERR_MISSING;
    }
    const int fd = openat(files->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? CCS_ERR_MISSING : failed(files);
    }
    errno = EACCES; /* loosened while we run */
    const ccs_err_t err = is_tight(fd, 0177, S_IFREG) ? read_all(files, fd, to, size, length) : failed(files);
    close(fd);
    return err;
}

static ccs_err_t files_list(void *ctx, void (*each)(void *to, const char *name), void *to)
{
    file_store_t *const files = ctx;
    const int fd = openat(files->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        const ccs_err_t err = failed(files);
        if (fd >= 0) {
            close(fd);
        }
        return err;
    }
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (is_record(entry->d_name)) {
            each(to, entry->d_name);
        }
    }
    const ccs_err_t err = errno == 0 ? CCS_OK : failed(files);
    closedir(directory);
    return err;
}

/* ---- writing */

static bool write_all(int fd, const uint8_t *from, size_t length)
{
    while (length > 0) {
        const ssize_t count = write(fd, from, length);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        if (count > 0) {
            from += count;
            length -= (size_t)count;
        }
    }
    return true;
}

static bool write_new(const file_store_t *files, int fd, ccs_view_t record)
{
    const size_t half = record.length / 2;
    pass(files, FILE_STORE_CREATED);
    if (!write_all(fd, record.at, half)) {
        return false;
    }
    pass(files, FILE_STORE_HALF_WRITTEN);
    if (!write_all(fd, record.at + half, record.length - half)) {
        return false;
    }
    pass(files, FILE_STORE_WRITTEN);
    if (fsync(fd) != 0) {
        return false;
    }
    pass(files, FILE_STORE_FLUSHED);
    return true;
}

static bool put_in_place(const file_store_t *files, const char *name)
{
    if (renameat(files->directory, new_name, files->directory, name) != 0) {
        return false;
    }
    pass(files, FILE_STORE_RENAMED);
    if (fsync(files->directory) != 0) {
        return false;
    }
    pass(files, FILE_STORE_DONE);
    return true;
}

static ccs_err_t files_set(void *ctx, const char *name, ccs_view_t record)
{
    file_store_t *const files = ctx;
    if (!is_record(name) || record.length > STORE_RECORD_MAX) {
        return CCS_ERR_SPACE;
    }
    (void)unlinkat(files->directory, new_name, 0);
    const int fd = openat(files->directory, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return failed(files);
    }
    bool done = write_new(files, fd, record);
    const int why = errno;
    done = close(fd) == 0 && done && put_in_place(files, name);
    errno = done ? 0 : why;
    const ccs_err_t err = done ? CCS_OK : failed(files);
    if (!done) {
        (void)unlinkat(files->directory, new_name, 0);
    }
    return err;
}

static ccs_err_t files_erase(void *ctx, const char *name)
{
    file_store_t *const files = ctx;
    if (!is_record(name)) {
        return CCS_OK;
    }
    if (unlinkat(files->directory, name, 0) != 0) {
        return errno == ENOENT ? CCS_OK : failed(files);
    }
    return fsync(files->directory) == 0 ? CCS_OK : failed(files);
}

/* ---- life */

typedef struct look {
    const file_store_t *files;
    const char *directory;
    char *path;
    bool tight;
} look_t;

static void look_at(void *to, const char *name)
{
    look_t *const look = to;
    struct stat facts;
    const bool tight = fstatat(look->files->directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
                       facts.st_uid == geteuid() && (facts.st_mode & 0177) == 0;
    if (look->tight && !tight) {
        look->tight = false;
        (void)snprintf(look->path, FILE_STORE_PATH_SIZE, "%s/%s", look->directory, name);
    }
}

static file_store_opened_t check_files(file_store_t *files, const char *directory, char path[FILE_STORE_PATH_SIZE])
{
    look_t look = {.files = files, .directory = directory, .path = path, .tight = true};
    if (files_list(files, look_at, &look) != CCS_OK) {
        return FILE_STORE_FAILED;
    }
    return look.tight ? FILE_STORE_OPEN : FILE_STORE_LOOSE;
}

static file_store_opened_t take_lock(file_store_t *files)
{
    files->lock = openat(files->directory, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (files->lock < 0) {
        return FILE_STORE_FAILED;
    }
    if (flock(files->lock, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? FILE_STORE_IN_USE : FILE_STORE_FAILED;
    }
    return FILE_STORE_OPEN;
}

static file_store_opened_t open_directory(file_store_t *files, const char *directory, char path[FILE_STORE_PATH_SIZE])
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return FILE_STORE_FAILED;
    }
    files->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->directory < 0) {
        return FILE_STORE_FAILED;
    }
    if (!is_tight(files->directory, 0077, S_IFDIR)) {
        (void)snprintf(path, FILE_STORE_PATH_SIZE, "%s", directory);
        return FILE_STORE_LOOSE;
    }
    const file_store_opened_t locked = take_lock(files);
    return locked == FILE_STORE_OPEN ? check_files(files, directory, path) : locked;
}

file_store_opened_t file_store_open(file_store_t *files, const char *directory, char path[FILE_STORE_PATH_SIZE])
{
    *files = (file_store_t){.directory = -1, .lock = -1};
    path[0] = '\0';
    const file_store_opened_t opened = open_directory(files, directory, path);
    const int why = errno;
    if (opened == FILE_STORE_OPEN) {
        (void)unlinkat(files->directory, new_name, 0);
    } else {
        file_store_close(files);
    }
    errno = why;
    return opened;
}

void file_store_close(file_store_t *files)
{
    if (files->lock >= 0) {
        close(files->lock);
    }
    if (files->directory >= 0) {
        close(files->directory);
    }
    files->lock = files->directory = -1;
}

store_medium_t file_store_medium(file_store_t *files)
{
    return (store_medium_t){.ctx = files, .get = files_get, .set = files_set, .erase = files_erase, .list = files_list};
}
