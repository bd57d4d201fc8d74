/* Where the charger keeps what must outlive it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool storage_make(const char *directory)
{
    char path[300];
    const size_t length = strlen(directory);
    if (length == 0 || length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(path, directory, length + 1);
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0750);
            *at = '/';
        }
    }
    struct stat facts;
    (void)mkdir(path, 0750);
    const int why = errno;
    const bool there = stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
    errno = why;
    return there;
}

/* Journal, latches and running sessions are one daemon's: a service reset of one must not clear the fault of another. */
bool storage_lock(const char *directory)
{
    char path[340];
    snprintf(path, sizeof path, "%.280s/lock", directory);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return true; /* kept open on purpose until the process ends */
    }
    const int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = why;
    return false;
}

void storage_state(const charger_settings_t *settings, char *path, size_t size)
{
    const char *home = getenv("HOME");
    const char *own = getenv("XDG_STATE_HOME");
    if (settings->state[0] != '\0') {
        snprintf(path, size, "%s", settings->state);
    } else if (geteuid() == 0) {
        snprintf(path, size, "/var/lib/ccs-evse");
    } else if (own != NULL) {
        snprintf(path, size, "%s/ccs-evse", own);
    } else {
        snprintf(path, size, "%s/.local/state/ccs-evse", home == NULL ? "." : home);
    }
}

void storage_control(const charger_settings_t *settings, const char *interface, char *path, size_t size)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (settings->control[0] != '\0') {
        snprintf(path, size, "%s", settings->control);
        return;
    }
    snprintf(path, size, "%s/ccs-evse-%s.sock", geteuid() == 0 || runtime == NULL ? "/run" : runtime, interface);
}

void storage_running(const char *state, unsigned outlet, char *path, size_t size)
{
    snprintf(path, size, "%.280s/outlet-%u.running", state, outlet);
}

static void latch_path(const char *state, unsigned outlet, char *path, size_t size)
{
    snprintf(path, size, "%s/outlet-%u.latched", state, outlet);
}

bool storage_latched(const char *state, unsigned outlet)
{
    char path[340];
    latch_path(state, outlet, path, sizeof path);
    return access(path, F_OK) == 0;
}

bool storage_latch(const char *state, unsigned outlet, bool latched)
{
    char path[340];
    latch_path(state, outlet, path, sizeof path);
    if (!latched) {
        return unlink(path) == 0 || errno == ENOENT;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    const int directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = fd >= 0 && fsync(fd) == 0 && directory >= 0 && fsync(directory) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (directory >= 0) {
        close(directory);
    }
    return done;
}
