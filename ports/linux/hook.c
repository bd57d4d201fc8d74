/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REAP_MS = 20 };

void hook_init(hook_t *hook, const char *path, void (*done)(void *ctx, uint32_t id, ccs_view_t response, int64_t now_ms), void *ctx)
{
    memset(hook, 0, sizeof *hook);
    (void)snprintf(hook->path, sizeof hook->path, "%s", path);
    hook->done = done;
    hook->ctx = ctx;
    hook->in = hook->out = -1;
}

/* A URI of a certificate is somebody else's text: printable, or not told. */
static void copy_text(char *to, size_t size, ccs_view_t from)
{
    to[0] = '\0';
    for (size_t i = 0; i < from.length; i++) {
        if (from.at[i] <= ' ' || from.at[i] >= 127) {
            return;
        }
    }
    if (from.length > 0 && from.length < size) {
        memcpy(to, from.at, from.length);
        to[from.length] = '\0';
    }
}

bool hook_ask(hook_t *hook, const upkeep_job_t *job)
{
    if (hook->jobs == HOOK_JOBS || job->request.length > UPKEEP_REQUEST_MAX) {
        return false;
    }
    hook_job_t *const to = &hook->job[hook->jobs++];
    to->id = job->id;
    to->length = job->request.length;
    memcpy(to->request, job->request.at, job->request.length);
    copy_text(to->uri, sizeof to->uri, job->uri);
    (void)snprintf(to->name, sizeof to->name, "%s", job->name);
    return true;
}

void hook_forget(hook_t *hook, uint32_t id)
{
    for (size_t i = hook->pid > 0; i < hook->jobs; i++) {
        if (hook->job[i].id == id) {
            hook->jobs--;
            memmove(&hook->job[i], &hook->job[i + 1], (hook->jobs - i) * sizeof hook->job[0]);
            return;
        }
    }
}

/* ---- the child */

/* Not fork(): the guard's thread shall not meet pages that were made copy-on-write. */
static pid_t spawn(const hook_t *hook, int in, int out, char *const environment[])
{
    char *const argv[] = {(char *)(uintptr_t)hook->path, (char *)(uintptr_t) "ocsp", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    pid_t pid = 0;
    sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&how);
    const bool set = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO) == 0 &&
                     posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
                     posix_spawn_file_actions_addclosefrom_np(&files, 3) == 0 && posix_spawnattr_setsigmask(&how, &none) == 0 &&
                     posix_spawnattr_setpgroup(&how, 0) == 0 &&
                     posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK) == 0;
    if (!set || posix_spawn(&pid, hook->path, &files, &how, argv, environment) != 0) {
        pid = 0;
    }
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&how);
    return pid;
}

static pid_t start_child(const hook_t *hook, int in, int out)
{
    char uri[HOOK_URI_SIZE + 32], name[UPKEEP_NAME_SIZE + 32], path[600];
    const char *const search = getenv("PATH");
    (void)snprintf(uri, sizeof uri, "CCS_OCSP_URI=%s", hook->job[0].uri);
    (void)snprintf(name, sizeof name, "CCS_CERTIFICATE=%s", hook->job[0].name);
    (void)snprintf(path, sizeof path, "PATH=%s", search ? search : "/usr/bin:/bin");
    char *const environment[] = {uri, name, path, NULL};
    return spawn(hook, in, out, environment);
}

static void close_one(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void start(hook_t *hook)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    hook->sent = hook->length = 0;
    hook->killed = false;
    hook->until_ms = hook->now_ms + HOOK_MS;
    /* Its input is a socket: one that does not read it does not cost us a SIGPIPE. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) == 0 && pipe2(out, O_CLOEXEC) == 0) {
        hook->pid = start_child(hook, in[0], out[1]);
        (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
    }
    close_one(&in[0]);
    close_one(&out[1]);
    hook->in = in[1];
    hook->out = out[0];
}

/* ---- its end */

static void finish(hook_t *hook, bool good)
{
    const uint32_t id = hook->job[0].id;
    const ccs_view_t response = {hook->response, good && hook->length <= HOOK_RESPONSE_MAX ? hook->length : 0};
    close_one(&hook->in);
    close_one(&hook->out);
    hook->pid = 0;
    hook->jobs--;
    memmove(hook->job, hook->job + 1, hook->jobs * sizeof hook->job[0]);
    hook->done(hook->ctx, id, response, hook->now_ms);
}

static void kill_child(hook_t *hook)
{
    (void)kill(-hook->pid, SIGKILL); /* with its children */
    (void)kill(hook->pid, SIGKILL);
    hook->killed = true;
    close_one(&hook->in);
    close_one(&hook->out);
}

static void reap(hook_t *hook)
{
    int status = 0;
    const pid_t ended = waitpid(hook->pid, &status, WNOHANG);
    if (ended == hook->pid) {
        finish(hook, !hook->killed && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    } else if (ended < 0) {
        finish(hook, false);
    } else {
        hook->look_ms = hook->now_ms + REAP_MS;
    }
}

/* ---- its pipes */

static void give(hook_t *hook)
{
    const hook_job_t *const job = &hook->job[0];
    const ssize_t count = send(hook->in, job->request + hook->sent, job->length - hook->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
        hook->sent += (size_t)count;
    }
    if (hook->sent == job->length || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        close_one(&hook->in);
    }
}

static void take(hook_t *hook)
{
    const ssize_t count = read(hook->out, hook->response + hook->length, sizeof hook->response - hook->length);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count > 0) {
        hook->length += (size_t)count;
        if (hook->length == sizeof hook->response) {
            kill_child(hook);
        }
        return;
    }
    close_one(&hook->out);
    hook->look_ms = hook->now_ms;
}

static size_t service_fds(void *ctx, struct pollfd *to, size_t room)
{
    const hook_t *const hook = ctx;
    size_t count = 0;
    if (hook->in >= 0 && count < room) {
        to[count++] = (struct pollfd){.fd = hook->in, .events = POLLOUT};
    }
    if (hook->out >= 0 && count < room) {
        to[count++] = (struct pollfd){.fd = hook->out, .events = POLLIN};
    }
    return count;
}

static void service_ready(void *ctx, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    hook_t *const hook = ctx;
    hook->now_ms = now_ms;
    for (size_t i = 0; i < count; i++) {
        if (fds[i].revents != 0 && fds[i].fd == hook->in) {
            give(hook);
        } else if (fds[i].revents != 0 && fds[i].fd == hook->out) {
            take(hook);
        }
    }
    if (hook->pid > 0 && !hook->killed && now_ms >= hook->until_ms) {
        kill_child(hook);
    }
    if (hook->pid > 0 && hook->out < 0) {
        reap(hook);
    }
    if (hook->pid == 0 && hook->jobs > 0) {
        start(hook);
        if (hook->pid <= 0) {
            finish(hook, false);
        }
    }
}

static int64_t service_deadline(void *ctx)
{
    const hook_t *const hook = ctx;
    if (hook->pid > 0) {
        return hook->out < 0 ? hook->look_ms : hook->until_ms;
    }
    return hook->jobs > 0 ? 0 : INT64_MAX;
}

loop_service_t hook_service(hook_t *hook)
{
    return (loop_service_t){.ctx = hook, .fds = service_fds, .ready = service_ready, .deadline_ms = service_deadline};
}

void hook_close(hook_t *hook)
{
    if (hook->pid > 0) {
        kill_child(hook);
        (void)waitpid(hook->pid, NULL, 0);
        hook->pid = 0;
    }
    hook->jobs = 0;
}
