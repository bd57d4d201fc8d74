/* The four things that ccs-dump does, and what they share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_DUMP_COMMANDS_H
#define CCS_DUMP_COMMANDS_H

#include "codec.h"

#include <stdio.h>

/* Exit codes. */
enum {
    EXIT_FINE = 0,
    EXIT_BAD_INPUT = 1, /* a message that does not decode or encode, a damaged capture */
    EXIT_USAGE = 2,
    EXIT_IO = 3 /* a file that cannot be opened, read or written */
};

typedef struct options {
    codec_set_t set; /* CODEC_SET_UNKNOWN: guess */
    bool fragment;
    bool compact;
    bool json;
    int count; /* arguments behind the options */
    char **arguments;
} options_t;

int command_decode(const options_t *options);
int command_encode(const options_t *options);
int command_roundtrip(const options_t *options);
int command_pcap(const options_t *options);

/* One line on stderr, "ccs-dump: ..."; returns code. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A whole file, or stdin for NULL and "-"; a zero octet follows its end. NULL: could not be read, and this was told. */
char *slurp(const char *path, size_t *length);

/* Octets of an EXI message from text: hexadecimal, with or without a V2GTP header. */
typedef struct message_hex {
    uint8_t *octets; /* to be freed */
    ccs_view_t exi;
    uint16_t type; /* of the V2GTP header; 0: there was none */
    char why[120]; /* "": it is fine */
} message_hex_t;

message_hex_t message_hex(ccs_view_t text);

/* Sets that a message can belong to: by V2GTP type, else all; then those that decode it without rest, else those that decode it at
 * all. Returns how many; in order of codec_set_t. */
size_t guess(const message_hex_t *hex, bool fragment, codec_set_t fits[CODEC_SETS]);

#endif
