/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

enum { MARGIN = 4 };

report_t report(FILE *to, bool json)
{
    return (report_t){.to = to, .json = json};
}

static void begin_text(report_t *report, const report_head_t *head)
{
    const int64_t since_us = head->utc_us - report->first_us;
    fprintf(report->to, "%s#%" PRIu64 "  ", report->entries ? "\n" : "", head->number);
    report->out = json_out(report->to, JSON_COMPACT, 0);
    json_time(&report->out, since_us);
    fprintf(report->to, " s  %s > %s  %s", head->from, head->to, head->title);
    report->out = json_out(report->to, JSON_PLAIN, MARGIN - 2);
    report->out.depth = 1; /* the entry itself: values below are its members */
}

static void begin_json(report_t *report, const report_head_t *head)
{
    json_out_t *const out = &report->out;
    *out = json_out(report->to, JSON_COMPACT, 0);
    json_open(out, '{');
    json_key(out, "packet");
    json_unsigned(out, head->number);
    json_key(out, "time");
    json_time(out, head->utc_us);
    json_key(out, "from");
    json_string(out, head->from);
    json_key(out, "to");
    json_string(out, head->to);
    json_key(out, "kind");
    json_string(out, head->kind);
}

json_out_t *report_begin(report_t *report, const report_head_t *head)
{
    if (!report->started) {
        report->started = true;
        report->first_us = head->utc_us;
    }
    if (report->json) {
        begin_json(report, head);
    } else {
        begin_text(report, head);
    }
    report->entries++;
    return &report->out;
}

void report_end(report_t *report)
{
    if (report->json) {
        json_close(&report->out, '}');
    }
    fputc('\n', report->to);
}

void report_place(const ccs_endpoint_t *endpoint, char out[REPORT_PLACE_MAX])
{
    char address[INET6_ADDRSTRLEN] = "?";
    (void)inet_ntop(AF_INET6, endpoint->address, address, sizeof address);
    (void)snprintf(out, REPORT_PLACE_MAX, "[%s]:%u", address, endpoint->port);
}

void report_mac(const uint8_t mac[6], char out[REPORT_PLACE_MAX])
{
    (void)snprintf(out, REPORT_PLACE_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}
