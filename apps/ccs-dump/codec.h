/* The EXI sets by their names on the command line, and a message of any of them as a tree of names and values.
 *
 * One message at a time: what codec_decode() and codec_parse() give lives in memory of this room until the next call of either.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_CODEC_H
#define CCS_DUMP_CODEC_H

#include "exi/describe.h"
#include "json_in.h"
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
    size_t bit;                /* decode: of the input; encode: of the output */
    char path[CODEC_PATH_MAX]; /* "V2G_Message/Body/PreChargeReq/EVTargetVoltage" */
    char what[120];            /* one line for people */
} codec_fault_t;

typedef struct codec_message {
    codec_set_t set;
    bool fragment;
    const exi_root_name_t *root;
    const void *message;
    size_t surplus; /* octets behind the EXI stream */
    unsigned soft;  /* values outside their range that were taken */
} codec_message_t;

/* octets must stay as they are for as long as the message is used. */
bool codec_decode(codec_set_t set, bool fragment, ccs_view_t octets, codec_message_t *out, codec_fault_t *fault);
bool codec_encode(const codec_message_t *message, uint8_t *out, size_t size, size_t *length, codec_fault_t *fault);

/* "PreChargeReq": the name of the message, of the body where there is one. "empty body": no message. */
const char *codec_message_name(const codec_message_t *message);

/* One object: {"V2G_Message": {...}}. */
void codec_print(const codec_message_t *message, json_out_t *json);

/* For people, into the open object of a tree of JSON_PLAIN: without the root's name, physical values as "402.5 V". */
void codec_print_plain(const codec_message_t *message, json_out_t *json);

/* The inverse of codec_print(): refuses what the schema does not know, with its path. Strings of the message point into the JSON.
 */
bool codec_parse(codec_set_t set, bool fragment, const json_value_t *json, codec_message_t *out, codec_fault_t *fault);

#endif
