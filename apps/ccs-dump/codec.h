/* The EXI sets by their names on the command line, and a message of any of them as a tree of names and values.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_CODEC_H
#define CCS_DUMP_CODEC_H

#include "ccs/errors.h"
#include "json_out.h"

typedef enum codec_set {
    CODEC_SAP,
    CODEC_DIN,
    CODEC_ISO2,
    CODEC_ISO20,
    CODEC_ISO20_DC,
    CODEC_XMLDSIG,
    CODEC_SETS,
    CODEC_SET_UNKNOWN = CODEC_SETS
} codec_set_t;

const char *codec_set_name(codec_set_t set); /* "iso20-dc" */
codec_set_t codec_set_find(const char *name, size_t length);

enum { CODEC_PATH_MAX = 400 };

typedef struct codec_fault {
    ccs_err_t err;
    size_t bit;                /* decode: where */
    char path[CODEC_PATH_MAX]; /* "V2G_Message/Body/PreChargeReq/EVTargetVoltage" */
    char what[120];            /* one line for people */
} codec_fault_t;

/* A decoded message: lives until the next codec_decode() or codec_parse(). */
typedef struct codec_message {
    codec_set_t set;
    bool fragment;
    unsigned root;
    const void *message;
    size_t octets;  /* of the EXI stream itself */
    size_t surplus; /* trailing octets behind it */
    unsigned soft;  /* n-bit values outside their range that were taken */
} codec_message_t;

/* octets must stay as they are for as long as the message is used. */
bool codec_decode(codec_set_t set, bool fragment, ccs_view_t octets, codec_message_t *out, codec_fault_t *fault);

/* "PreChargeReq": the name of the message (of the body, where there is one). "": an empty body. */
const char *codec_message_name(const codec_message_t *message);

/* One object: {"V2G_Message": {...}}. */
void codec_print(const codec_message_t *message, json_out_t *json);

bool codec_encode(const codec_message_t *message, uint8_t *out, size_t size, size_t *length, codec_fault_t *fault);

/* The inverse of codec_print(): refuses what the schema does not know, with its path. Strings of the message point into the JSON.
 */
bool codec_parse(codec_set_t set, bool fragment, const struct cJSON *json, codec_message_t *out, codec_fault_t *fault);

#endif
