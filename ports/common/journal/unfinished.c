/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/journal/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the same machine and the same release: a struct as it lies in memory, behind a head that tells anything else. */
typedef struct image {
    char mark[8];
    uint32_t size, sum;
    unfinished_t body;
} image_t;

static const char mark[8] = {'C', 'C', 'S', 'R', 'U', 'N', '0', '1'};

/* FNV-1a */
static uint32_t sum_of(const unfinished_t *body)
{
    const uint8_t *octet = (const uint8_t *)body;
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < sizeof *body; i++) {
        sum = (sum ^ octet[i]) * 16777619u;
    }
    return sum;
}

void unfinished_fill(unfinished_t *unfinished, const ccs_record_t *record, const char *capture)
{
    memset(unfinished, 0, sizeof *unfinished);
    unfinished->record = *record;
    unfinished->record.last_request = NULL;
    snprintf(unfinished->last_request, sizeof unfinished->last_request, "%s",
             record->last_request == NULL ? "" : record->last_request);
    snprintf(unfinished->capture, sizeof unfinished->capture, "%s", capture);
}

static bool file_write(const char *path, const image_t *image)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) {
        return false;
    }
    const bool done = write(fd, image, sizeof *image) == (ssize_t)sizeof *image && fdatasync(fd) == 0;
    const int why = errno;
    close(fd);
    errno = why;
    return done;
}

bool unfinished_write(const char *path, const unfinished_t *unfinished)
{
    char beside[400];
    image_t image;
    memset(&image, 0, sizeof image);
    memcpy(image.mark, mark, sizeof mark);
    image.size = sizeof image;
    image.body = *unfinished;
    image.sum = sum_of(&image.body);
    snprintf(beside, sizeof beside, "%.380s.new", path);
    return file_write(beside, &image) && rename(beside, path) == 0;
}

static bool image_good(const image_t *image)
{
    return memcmp(image->mark, mark, sizeof mark) == 0 && image->size == sizeof *image && image->sum == sum_of(&image->body) &&
           memchr(image->body.last_request, '\0', UNFINISHED_REQUEST_SIZE) != NULL &&
           memchr(image->body.capture, '\0', UNFINISHED_CAPTURE_SIZE) != NULL;
}

bool unfinished_read(const char *path, unfinished_t *unfinished)
{
    image_t image;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool whole = read(fd, &image, sizeof image) == (ssize_t)sizeof image;
    close(fd);
    if (!whole || !image_good(&image)) {
        return false;
    }
    *unfinished = image.body;
    unfinished->record.last_request = unfinished->last_request;
    return true;
}
