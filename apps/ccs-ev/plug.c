/* The connector of a simulated charger in another process: told over its control socket.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "driver.h"

static bool talk(int fd, const char *path, const char *command, char *answer, size_t size)
{
    const struct timeval patience = {.tv_sec = 2};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const size_t length = strlen(command);
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(name.sun_path, path, strlen(path));
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        connect(fd, (const struct sockaddr *)&name, sizeof name) != 0 ||
        send(fd, command, length, MSG_NOSIGNAL) != (ssize_t)length) {
        return false;
    }
    const ssize_t taken = recv(fd, answer, size - 1, 0);
    answer[taken > 0 ? taken : 0] = '\0';
    return taken > 0;
}

bool plug_tell(const char *path, const char *command, char *error, size_t size)
{
    char line[64], answer[512];
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(line, sizeof line, "%s\n", command);
    const bool answered = fd >= 0 && talk(fd, path, line, answer, sizeof answer);
    if (!answered) {
        snprintf(error, size, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    if (answered && strstr(answer, "\"error\"") != NULL) {
        answer[strcspn(answer, "\n")] = '\0';
        snprintf(error, size, "%s says %.300s", path, answer);
        return false;
    }
    return answered;
}
