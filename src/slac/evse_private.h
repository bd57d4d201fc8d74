/* What the files of the charger's matching machine share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_EVSE_PRIVATE_H
#define CCS_SLAC_EVSE_PRIVATE_H

#include "slac/evse.h"

/* evse.c: the outlet's own states */
void evse_matched_by(slac_evse_t *evse, const slac_session_t *session);
bool evse_restart(slac_evse_t *evse); /* the matched car begins again; false: it may not */

/* session.c: the matching sessions of cars */
void sessions_clear(slac_evse_t *evse);
void sessions_frame(slac_evse_t *evse, const mme_t *mme);
void sessions_time(slac_evse_t *evse);
void sessions_toggle(slac_evse_t *evse); /* the pilot made one B-C-B */
int64_t sessions_deadline_ms(const slac_evse_t *evse);
uint8_t session_mean_dB(const slac_evse_t *evse, const slac_session_t *session); /* told to the car */
bool session_match_fields_hold(const slac_evse_t *evse, const mme_t *mme);       /* of CM_SLAC_MATCH.REQ, but for its RunID */
void session_send_match(slac_evse_t *evse, const slac_session_t *session);

/* send.c */
bool evse_room(const slac_evse_t *evse); /* may another frame leave by time in this step? */
void evse_send(slac_evse_t *evse, const mme_t *mme);
void evse_trace_frame(slac_evse_t *evse, uint16_t type, ccs_view_t frame, uint8_t direction); /* direction: 'r', 's' */
void evse_trace(slac_evse_t *evse, ccs_level_t level, const char *event, const uint8_t mac[6]);

#endif
