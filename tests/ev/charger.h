/* A charger that answers what a test tells it to: for ccs_ev alone, without any charger of ours.
 *
 * Time runs in steps of 10 ms; the car's body obeys its want at the next step. Answers are built as structs and encoded with the
 * codec, so a test bends one value and leaves the rest.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_EV_CHARGER_H
#define CCS_TESTS_EV_CHARGER_H

#include "test.h"

#include "ccs/ev.h"
#include "messages/din.h"
#include "messages/sap.h"

enum { STEP_MS = 10, FRAME_MAX = 512 };

typedef struct charger {
    ccs_ev_config_t config;
    ccs_ev_t ev;
    ccs_ev_outputs_t out;
    ccs_body_t body;
    int64_t now_ms;
    /* what the car has done */
    uint8_t sent[FRAME_MAX]; /* last request, V2GTP header included */
    size_t sent_length;
    char request[64]; /* its name; "" before the first */
    uint32_t requests, datagrams, connects, closes;
    bool reset; /* the last close was a reset */
    bool linked;
    bool want_was_closed;
    int32_t opened_at_mA; /* battery current at the moment the contactors were told to open */
    /* memory */
    uint8_t rx[1024], tx[1024], exi[FRAME_MAX];
    uint64_t arena[256], decoded[256];
    struct {
        din_payment_option_node_t payment;
        din_sa_schedule_tuple_node_t tuple;
        din_p_max_schedule_entry_node_t entry;
    } nodes;
} charger_t;

/* A plugged 350 V car, 5 % on the pilot, no network yet. config may be changed before begin(). */
void charger_init(charger_t *charger);
void charger_begin(charger_t *charger); /* init of the car, network up: it sends SDP */

void charger_step(charger_t *charger, const ccs_event_t *event);
void charger_wait(charger_t *charger, int64_t ms); /* in steps */

/* Discovery and link in order: afterwards supportedAppProtocolReq is out. */
void charger_connect(charger_t *charger);

/* The good answer to the last request, in the message it takes. */
din_v2g_message_t charger_good(charger_t *charger);
void charger_send_din(charger_t *charger, const din_v2g_message_t *message);
void charger_send_sap(charger_t *charger, sap_response_code_t code, int schema_id); /* schema_id < 0: none */
void charger_send_bytes(charger_t *charger, const uint8_t *bytes, size_t length);   /* as the network brings them */
size_t charger_encode(charger_t *charger, const din_v2g_message_t *message, uint8_t *out, size_t size); /* V2GTP frame */
void charger_answer(charger_t *charger); /* good, whatever was asked; then waits until the car asks again or is done */

/* Answers until this request is out for the n-th time; fails the test if the car never gets there. */
void charger_reach(charger_t *charger, const char *request, uint32_t nth);

/* The request as the charger reads it; valid until the next one. */
const din_v2g_message_t *charger_request(charger_t *charger);

#endif
