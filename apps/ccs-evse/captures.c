/* Where a plug's captures go, and how many of them there may be.
 * SPDX-License-Identifier: Apache-2.0 */
#include "charger.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "ccs/version.h"
#include "ports/common/prune/prune.h"
#include "ports/linux/clock.h"

enum { KB = 1000 };

#define STEM   "ccs-evse-outlet"
#define ENDING ".pcapng"

static bool is_capture_file(const char *path)
{
    const size_t length = strlen(path), ending = strlen(ENDING);
    return length > ending && strcmp(path + length - ending, ENDING) == 0;
}

/* One file for all sessions is one file per outlet. */
static void capture_path(const plug_t *plug, char *path, size_t size)
{
    const charger_t *charger = plug->charger;
    const char *given = charger->settings->capture;
    if (given[0] == '\0') {
        snprintf(path, size, "%.280s/captures", charger->state);
    } else if (is_capture_file(given) && charger->several) {
        snprintf(path, size, "%.*s-outlet%u" ENDING, (int)(strlen(given) - strlen(ENDING)), given, plug->number);
    } else {
        snprintf(path, size, "%.280s", given);
    }
}

/* So that the folder stays within its limits when each outlet's file grows to its own. */
static void make_room(plug_t *plug)
{
    const charger_settings_t *settings = plug->charger->settings;
    const uint64_t reserved_kB = (uint64_t)settings->capture_kB_max * plug->charger->plugs;
    const prune_rule_t rule = {
        .begins = STEM,
        .ends = ENDING,
        .files_max = (size_t)settings->captures_max,
        .octets_max = ((uint64_t)settings->captures_kB_max - reserved_kB) * KB,
    };
    const prune_done_t done = prune_folder(plug->recorder.path, &rule);
    if (done.failed != 0) {
        charger_say(plug->charger, plug->number, CCS_LEVEL_ERROR, "captures_not_pruned", strerror(done.failed));
    } else if (done.removed > 0) {
        char text[80];
        snprintf(text, sizeof text, "%zu old captures removed", done.removed);
        charger_say(plug->charger, plug->number, CCS_LEVEL_INFO, "captures_pruned", text);
    }
}

static void let_go(plug_t *plug)
{
    if (plug->capture_hold >= 0) {
        close(plug->capture_hold);
    }
    plug->capture_hold = -1;
}

static void on_opened(void *ctx, const char *file)
{
    plug_t *plug = ctx;
    plug->capture_cut_said = false;
    let_go(plug);
    plug->capture_hold = prune_hold(file);
    if (!plug->recorder.single) {
        make_room(plug);
    }
}

static void fill_names(plug_t *plug)
{
    recorder_t *recorder = &plug->recorder;
    capture_path(plug, recorder->path, sizeof recorder->path);
    snprintf(recorder->name, sizeof recorder->name, STEM "%u", plug->number);
    snprintf(recorder->application, sizeof recorder->application, "ccs-evse %s, hal %.60s", CCS_VERSION, plug->power.name);
    memcpy(recorder->us.address, plug->netif.address, 16);
    recorder->us.port = plug->port.tcp_port;
    recorder->us_datagram = recorder->us;
    recorder->us_datagram.port = 15118;
}

exits_t captures_open(plug_t *plug)
{
    recorder_t *recorder = &plug->recorder;
    recorder->single = is_capture_file(plug->charger->settings->capture);
    recorder->utc_us = clock_utc_us;
    recorder->octets_max = (uint64_t)plug->charger->settings->capture_kB_max * KB;
    recorder->opened = on_opened;
    recorder->opened_ctx = plug;
    fill_names(plug);
    if (recorder->single) {
        return recorder_open(recorder) ? EXITS_OK : charger_refused(EXITS_STORAGE, "capture", recorder->path);
    }
    if (!storage_make(recorder->path) || access(recorder->path, W_OK) != 0) {
        return charger_refused(EXITS_STORAGE, "capture directory", recorder->path);
    }
    make_room(plug);
    return EXITS_OK;
}

uint32_t captures_left_out(const plug_t *plug)
{
    return plug->recorder.open ? capture_left_out(&plug->recorder.capture) : 0;
}

void captures_follow(plug_t *plug)
{
    char text[160];
    if (!plug->recorder.open || plug->capture_cut_said || !capture_is_cut(&plug->recorder.capture)) {
        return;
    }
    plug->capture_cut_said = true;
    snprintf(text, sizeof text,
             "the session's capture has reached %" PRId32 " kB: from here on notes, and its last packets at the end",
             plug->charger->settings->capture_kB_max);
    charger_say(plug->charger, plug->number, CCS_LEVEL_WARNING, "capture_full", text);
}

void captures_close(plug_t *plug)
{
    recorder_close(&plug->recorder);
    let_go(plug);
}
