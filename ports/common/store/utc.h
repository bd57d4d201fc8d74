/* What time it is, who says so, and how far that is to be trusted.
 *
 * Certificates are judged by a time that was told by somebody: a real-time clock with a battery, or the network. Nobody: no
 * certificate is good (src/pki). The newest time that was ever believed is on record in the store, and time never falls behind it:
 * a source that does is not believed, so that a clock set back does not bring an expired certificate back to life.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_STORE_UTC_H
#define CCS_STORE_UTC_H

#include "ports/common/store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Later ones are believed more: an RTC does not correct the network. */
typedef enum utc_source { UTC_NONE, UTC_RTC, UTC_NETWORK, UTC_SOURCES_COUNT } utc_source_t;

enum {
    UTC_SLACK_S = 300,   /* a source may be so much behind the record: ordinary corrections */
    UTC_RECORD_S = 3600, /* how often the newest time goes to the medium: flash wears */
    UTC_RETRY_MS = 60000
};
#define UTC_EARLIEST_S INT64_C(1735689600) /* 2025-01-01: no charger with this software is older */
#define UTC_LATEST_S   INT64_C(4102444800) /* 2100-01-01: no time but nonsense; it would spoil the record for ever */

typedef struct utc_keeper {
    const store_medium_t *medium;
    utc_source_t source;
    int64_t base_s, base_ms; /* it was base_s when the monotonic clock said base_ms */
    int64_t newest_s;        /* that was ever believed */
    int64_t recorded_s;      /* of it in the medium */
    int64_t retry_ms;        /* of a record that could not be written */
    uint32_t refused;        /* tellings that were not believed */
    uint32_t write_errors;
} utc_keeper_t;

const char *utc_source_name(utc_source_t source); /* "none", "rtc", "network" */

/* Reads the record. The source is NONE until one is told. */
CCS_MUST_USE ccs_err_t utc_init(utc_keeper_t *keeper, const store_medium_t *medium);

/* A source tells the time. False: not believed; its time lies behind the record, or far from any. A source that was believed and
 * now says such a thing is trusted no more. A lesser source than the present one changes nothing, and that is no refusal. */
bool utc_tell(utc_keeper_t *keeper, utc_source_t source, int64_t utc_s, int64_t now_ms);

/* The source is gone (its battery, its network) and with it the trust. */
void utc_lose(utc_keeper_t *keeper, int64_t now_ms);

/* Writes the record where it is due. */
void utc_tick(utc_keeper_t *keeper, int64_t now_ms);

/* For src/pki and the store. */
store_time_t utc_time(const utc_keeper_t *keeper, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
