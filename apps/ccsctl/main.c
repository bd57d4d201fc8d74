/* ccsctl: says one command to the control socket of ccs-evse or ccs-ev and prints the answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/common/options/options.h"

/* Told in ccsctl(1). */
enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NO_DAEMON = 3 };
enum { ANSWER_S = 5 };

typedef struct ctl {
    const char *socket;
    bool help, version;
} ctl_t;

static bool take(void *ctx, int letter, const char *argument, char error[SETTINGS_ERROR_SIZE])
{
    ctl_t *ctl = ctx;
    (void)error;
    ctl->socket = letter == 's' ? argument : ctl->socket;
    ctl->help = ctl->help || letter == 'h';
    ctl->version = ctl->version || letter == 'v';
    return true;
}

static const option_row_t rows[] = {
    {"socket", "PATH", NULL, 's', "control socket; else $CCS_CONTROL, else the only one in the runtime directory"},
    {"help", NULL, NULL, 'h', "this text"},
    {"version", NULL, NULL, 'v', "the version"},
};

/* The only control socket of the directory, if there is just one. */
static bool socket_search(const char *pattern, char *path, size_t size)
{
    glob_t found;
    bool only = false;
    if (glob(pattern, 0, NULL, &found) == 0) {
        only = found.gl_pathc == 1;
        snprintf(path, size, "%s", found.gl_pathv[0]);
    }
    globfree(&found);
    return only;
}

static bool socket_path(const ctl_t *ctl, char *path, size_t size)
{
    const char *given = ctl->socket != NULL ? ctl->socket : getenv("CCS_CONTROL");
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char pattern[256];
    if (given != NULL) {
        snprintf(path, size, "%s", given);
        return true;
    }
    if (socket_search("/run/ccs-*.sock", path, size)) {
        return true;
    }
    snprintf(pattern, sizeof pattern, "%s/ccs-*.sock", runtime == NULL ? "/nonexistent" : runtime);
    return socket_search(pattern, path, size);
}

static int socket_connect(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_S};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path));
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        const int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    return fd;
}

static bool command_text(int count, char **words, char *line, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        const int added = snprintf(line + length, size - length, "%s%s", i == 0 ? "" : " ", words[i]);
        if (added < 0 || (size_t)added >= size - length || strpbrk(words[i], "\r\n") != NULL) {
            return false;
        }
        length += (size_t)added;
    }
    line[length] = '\n';
    line[length + 1] = '\0';
    return true;
}

static bool answer_is_error(const char *line)
{
    cJSON *json = cJSON_Parse(line);
    const bool error = json == NULL || cJSON_HasObjectItem(json, "error");
    cJSON_Delete(json);
    return error;
}

/* Prints one line, or with watch every line until the daemon ends. */
static int print_answers(FILE *answers, bool watch)
{
    char *line = NULL;
    size_t size = 0;
    int result = EXIT_NO_DAEMON;
    while (getline(&line, &size, answers) > 0) {
        result = answer_is_error(line) ? EXIT_REFUSED : EXIT_DONE;
        fputs(line, stdout);
        fflush(stdout);
        if (!watch || result != EXIT_DONE) {
            break;
        }
    }
    free(line);
    return result;
}

static int run(const ctl_t *ctl, int count, char **words)
{
    char path[256], line[4096];
    if (!socket_path(ctl, path, sizeof path)) {
        fprintf(stderr, "ccsctl: no control socket found, or several; give one with --socket PATH\n");
        return EXIT_NO_DAEMON;
    }
    if (!command_text(count, words, line, sizeof line - 2)) {
        fprintf(stderr, "ccsctl: the command is too long or has a line break\n");
        return EXIT_USAGE;
    }
    const int fd = socket_connect(path);
    FILE *answers = fd < 0 ? NULL : fdopen(fd, "r");
    if (answers == NULL || send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
        fprintf(stderr, "ccsctl: %s: %s\n", path, strerror(errno));
        return EXIT_NO_DAEMON;
    }
    const char *command = count > 2 && strcmp(words[0], "outlet") == 0 ? words[2] : words[0];
    const int result = print_answers(answers, strcmp(command, "watch") == 0);
    if (result == EXIT_NO_DAEMON) {
        fprintf(stderr, "ccsctl: %s: no answer\n", path);
    }
    fclose(answers);
    return result;
}

int main(int argc, char **argv)
{
    ctl_t ctl = {0};
    option_assignments_t none = {0};
    char error[SETTINGS_ERROR_SIZE];
    int first = argc;
    const option_table_t table = {
        .program = "ccsctl",
        .synopsis = "[--socket PATH] COMMAND [ARGUMENT]...",
        .about = "Says one command to the control socket of ccs-evse or ccs-ev and prints the answer, a line of JSON.\n"
                 "'ccsctl help' lists the commands of the daemon that runs.",
        .row = rows,
        .count = sizeof rows / sizeof rows[0],
        .take = take,
        .ctx = &ctl,
    };
    if (options_read(&table, argc, argv, &none, &first, error) != OPTIONS_OK) {
        fprintf(stderr, "ccsctl: %s (--help lists them)\n", error);
        return EXIT_USAGE;
    }
    if (ctl.help) {
        options_help(&table, stdout);
        return EXIT_DONE;
    }
    if (ctl.version) {
        printf("ccsctl %s\n", CCS_VERSION);
        return EXIT_DONE;
    }
    if (first >= argc) {
        options_help(&table, stderr);
        return EXIT_USAGE;
    }
    return run(&ctl, argc - first, argv + first);
}
