/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/store/utc.h"

#include "base/bytes.h"

static const char record_name[] = "time";
enum { RECORD_SIZE = 8 };

const char *utc_source_name(utc_source_t source)
{
    static const char *const names[] = {"none", "rtc", "network"};
    return (unsigned)source < UTC_SOURCES_COUNT ? names[source] : "none";
}

static bool is_a_time(int64_t utc_s)
{
    return utc_s >= UTC_EARLIEST_S && utc_s < UTC_LATEST_S;
}

ccs_err_t utc_init(utc_keeper_t *keeper, const store_medium_t *medium)
{
    uint8_t octets[RECORD_SIZE];
    size_t length = 0;
    *keeper = (utc_keeper_t){.medium = medium, .retry_ms = INT64_MIN, .newest_s = UTC_EARLIEST_S};
    const ccs_err_t err = medium->get(medium->ctx, record_name, octets, sizeof octets, &length);
    if (err != CCS_OK) {
        return err == CCS_ERR_MISSING ? CCS_OK : err;
    }
    bytes_in_t in = bytes_in(octets, length);
    const uint64_t high = bytes_get_u32be(&in);
    const int64_t recorded_s = (int64_t)(high << 32 | bytes_get_u32be(&in));
    if (!in.failed && is_a_time(recorded_s)) {
        keeper->newest_s = keeper->recorded_s = recorded_s;
    }
    return CCS_OK;
}

static int64_t counted_s(const utc_keeper_t *keeper, int64_t now_ms)
{
    return keeper->base_s + (now_ms - keeper->base_ms) / 1000;
}

static void advance(utc_keeper_t *keeper, int64_t now_ms)
{
    const int64_t counted = keeper->source == UTC_NONE ? 0 : counted_s(keeper, now_ms);
    keeper->newest_s = counted > keeper->newest_s ? counted : keeper->newest_s;
}

void utc_lose(utc_keeper_t *keeper, int64_t now_ms)
{
    advance(keeper, now_ms);
    keeper->source = UTC_NONE;
}

bool utc_tell(utc_keeper_t *keeper, utc_source_t source, int64_t utc_s, int64_t now_ms)
{
    advance(keeper, now_ms);
    if (source < keeper->source || source == UTC_NONE) {
        return true;
    }
    if (!is_a_time(utc_s) || utc_s < keeper->newest_s - UTC_SLACK_S) {
        keeper->refused++;
        if (source == keeper->source) {
            keeper->source = UTC_NONE;
        }
        return false;
    }
    keeper->source = source;
    keeper->base_s = utc_s;
    keeper->base_ms = now_ms;
    advance(keeper, now_ms);
    return true;
}

static void record(utc_keeper_t *keeper, int64_t now_ms)
{
    uint8_t octets[RECORD_SIZE];
    bytes_out_t out = bytes_out(octets, sizeof octets);
    bytes_put_u32be(&out, (uint32_t)(keeper->newest_s >> 32));
    bytes_put_u32be(&out, (uint32_t)keeper->newest_s);
    if (keeper->medium->set(keeper->medium->ctx, record_name, (ccs_view_t){octets, sizeof octets}) != CCS_OK) {
        keeper->write_errors++;
        keeper->retry_ms = now_ms + UTC_RETRY_MS;
        return;
    }
    keeper->recorded_s = keeper->newest_s;
}

void utc_tick(utc_keeper_t *keeper, int64_t now_ms)
{
    advance(keeper, now_ms);
    const bool due = keeper->source != UTC_NONE && keeper->newest_s >= keeper->recorded_s + UTC_RECORD_S;
    if (due && now_ms >= keeper->retry_ms) {
        record(keeper, now_ms);
    }
}

store_time_t utc_time(const utc_keeper_t *keeper, int64_t now_ms)
{
    const bool trusted = keeper->source != UTC_NONE;
    const int64_t counted = trusted ? counted_s(keeper, now_ms) : 0;
    const int64_t newest = counted > keeper->newest_s ? counted : keeper->newest_s;
    return (store_time_t){.trusted_s = trusted ? newest : 0, .newest_s = newest};
}
