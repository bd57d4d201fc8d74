/* The forms of texts that are more than characters. Each fits setting_t.form: NULL, or what it would have to be.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_FORMS_H
#define CCS_CONFIG_FORMS_H

#include "ccs/secc.h"

const char *form_evse_id(const char *text);   /* of ISO 15118-2 */
const char *form_interface(const char *text); /* as Linux takes one; empty: not told yet */
const char *form_pace(const char *text);      /* "CurrentDemandReq:100, PreChargeReq:50" */
const char *form_request(const char *text);   /* a request that a car may send; empty: none */
const char *form_run_id(const char *text);    /* 8 octets in hex, or none */

/* What form_pace() found well. names is cut into the names that pace points to; what is left of pace is cleared. */
bool form_pace_read(char *names, ccs_pace_t pace[CCS_PACES]);

#endif
