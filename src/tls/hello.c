/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/hello.h"

#include <string.h>

#include "base/bytes.h"

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, RECORD_HANDSHAKE = 22, RECORD_MAX = 16384, CLIENT_HELLO = 1, VERSION_MAJOR = 3 };
enum { VERSION_12 = 0x0303, VERSION_13 = 0x0304 };
enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_TRUSTED_CA = 3,
    EXTENSION_STATUS = 5,
    EXTENSION_GROUPS = 10,
    EXTENSION_SIGNATURES = 13,
    EXTENSION_STATUS_V2 = 17,
    EXTENSION_TICKET = 35,
    EXTENSION_PSK = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_VERSIONS = 43,
    EXTENSION_AUTHORITIES = 47,
    EXTENSION_KEY_SHARE = 51,
    EXTENSION_KNOWN_MAX = 63
};

typedef struct code {
    uint16_t number, bit;
} code_t;

static const code_t suites[] = {
    {0xC023, TLS_SUITE_ECDHE_ECDSA_AES128_CBC_SHA256},
    {0xC025, TLS_SUITE_ECDH_ECDSA_AES128_CBC_SHA256},
    {0x1301, TLS_SUITE_AES128_GCM_SHA256},
    {0x1302, TLS_SUITE_AES256_GCM_SHA384},
    {0x1303, TLS_SUITE_CHACHA20_POLY1305_SHA256},
    {0, 0},
};
static const code_t groups[] = {{23, TLS_GROUP_P256}, {25, TLS_GROUP_P521}, {30, TLS_GROUP_X448}, {0, 0}};
static const code_t signatures[] = {
    {0x0403, TLS_SIGNATURE_P256_SHA256}, {0x0603, TLS_SIGNATURE_P521_SHA512}, {0x0808, TLS_SIGNATURE_ED448}, {0, 0}};
static const code_t versions[] = {{VERSION_12, 1}, {VERSION_13, 2}, {0, 0}};

static uint16_t bit_of(const code_t *table, uint16_t number)
{
    while (table->bit != 0 && table->number != number) {
        table++;
    }
    return table->bit;
}

/* A list of 16-bit numbers to bits. */
static uint16_t bits_of(const code_t *table, bytes_in_t list)
{
    uint16_t bits = 0;
    while (list.left >= 2) {
        bits |= bit_of(table, bytes_get_u16be(&list));
    }
    return bits;
}

static bytes_in_t take(bytes_in_t *in, size_t length)
{
    const bytes_in_t part = bytes_in(in->at, length);
    bytes_skip(in, length);
    return in->failed ? bytes_in(NULL, 0) : part;
}

static bytes_in_t take_u8_vector(bytes_in_t *in)
{
    const uint8_t length = bytes_get_u8(in);
    return take(in, length);
}

static bytes_in_t take_u16_vector(bytes_in_t *in)
{
    const uint16_t length = bytes_get_u16be(in);
    return take(in, length);
}

/* A handshake message as its records are walked. */
typedef struct message {
    uint8_t *to; /* NULL: only counted */
    size_t size, length;
    uint8_t head[MESSAGE_HEADER];
} message_t;

static void append(message_t *message, const uint8_t *from, size_t length)
{
    for (size_t i = 0; i < length && message->length + i < MESSAGE_HEADER; i++) {
        message->head[message->length + i] = from[i];
    }
    if (message->to && length > 0) {
        memmove(message->to + message->length, from, length);
    }
    message->length += length;
}

/* The payload of the next record goes to the end of the message. TRUNCATED: it is not all here. */
static ccs_err_t append_record(bytes_in_t *stream, message_t *message)
{
    if (stream->left >= 1 && stream->at[0] != RECORD_HANDSHAKE) {
        return CCS_ERR_HEADER;
    }
    if (stream->left < RECORD_HEADER) {
        return CCS_ERR_TRUNCATED;
    }
    bytes_skip(stream, 1);
    const uint8_t major = bytes_get_u8(stream);
    bytes_skip(stream, 1);
    const size_t length = bytes_get_u16be(stream);
    if (major != VERSION_MAJOR || length == 0 || length > RECORD_MAX) {
        return CCS_ERR_HEADER;
    }
    if (length > message->size - message->length) {
        return CCS_ERR_SPACE;
    }
    const size_t here = length < stream->left ? length : stream->left;
    append(message, stream->at, here);
    bytes_skip(stream, here);
    return here == length ? CCS_OK : CCS_ERR_TRUNCATED;
}

static size_t length_of(const message_t *message)
{
    return (size_t)message->head[1] << 16 | (size_t)message->head[2] << 8 | message->head[3];
}

/* Puts the handshake message together. *record_octets: of the records that hold it. */
static ccs_err_t gather(ccs_view_t octets, message_t *message, size_t *record_octets)
{
    bytes_in_t stream = bytes_in(octets.at, octets.length);
    for (;;) {
        const ccs_err_t err = append_record(&stream, message);
        if (message->length >= 1 && message->head[0] != CLIENT_HELLO) {
            return CCS_ERR_HEADER;
        }
        if (message->length >= MESSAGE_HEADER) {
            const size_t length = length_of(message), here = message->length - MESSAGE_HEADER;
            if (length > message->size - MESSAGE_HEADER) {
                return CCS_ERR_SPACE;
            }
            if (err == CCS_OK && length < here) {
                return CCS_ERR_LENGTH; /* something stands behind the ClientHello, where nothing may */
            }
            if (err == CCS_OK && length == here) {
                *record_octets = octets.length - stream.left;
                return CCS_OK;
            }
        }
        CCS_TRY(err);
    }
}

static ccs_err_t read_versions(bytes_in_t in, tls_hello_t *out)
{
    const bytes_in_t list = take_u8_vector(&in);
    if (in.failed || in.left != 0 || list.left % 2 != 0) {
        return CCS_ERR_LENGTH;
    }
    const uint16_t bits = bits_of(versions, list);
    out->offers_12 = (bits & 1) != 0;
    out->offers_13 = (bits & 2) != 0;
    return CCS_OK;
}

static ccs_err_t read_list(bytes_in_t in, const code_t *table, uint16_t *bits)
{
    const bytes_in_t list = take_u16_vector(&in);
    if (in.failed || in.left != 0 || list.left % 2 != 0) {
        return CCS_ERR_LENGTH;
    }
    *bits = bits_of(table, list);
    return CCS_OK;
}

static ccs_err_t read_key_shares(bytes_in_t in, uint16_t *bits)
{
    bytes_in_t list = take_u16_vector(&in);
    if (in.failed || in.left != 0) {
        return CCS_ERR_LENGTH;
    }
    while (list.left > 0 && !list.failed) {
        *bits |= bit_of(groups, bytes_get_u16be(&list));
        take_u16_vector(&list);
    }
    return list.failed ? CCS_ERR_LENGTH : CCS_OK;
}

static ccs_view_t view_of(bytes_in_t in)
{
    return (ccs_view_t){in.at, in.left};
}

/* trusted_ca_keys, RFC 6066 6; or, seen from a car, its entries without the length in front. Never a reason to refuse. */
static void read_trusted_ca(bytes_in_t in, tls_hello_t *out)
{
    const ccs_view_t bare = view_of(in);
    const bytes_in_t list = take_u16_vector(&in);
    out->has_trusted_ca = true;
    out->trusted_ca_bare = in.failed || in.left != 0;
    out->trusted_ca = out->trusted_ca_bare ? bare : view_of(list);
}

static ccs_err_t read_authorities(bytes_in_t in, tls_hello_t *out)
{
    const bytes_in_t list = take_u16_vector(&in);
    if (in.failed || in.left != 0) {
        return CCS_ERR_LENGTH;
    }
    out->has_authorities = true;
    out->authorities = view_of(list);
    return CCS_OK;
}

/* The first host_name; a list that cannot be read is none: nothing here depends on it. */
static void read_server_name(bytes_in_t in, tls_hello_t *out)
{
    bytes_in_t list = take_u16_vector(&in);
    const uint8_t type = bytes_get_u8(&list);
    const bytes_in_t name = take_u16_vector(&list);
    if (!list.failed && type == 0) {
        out->server_name = view_of(name);
    }
}

static ccs_err_t read_extension(uint16_t type, bytes_in_t in, tls_hello_t *out)
{
    switch (type) {
    case EXTENSION_VERSIONS:
        return read_versions(in, out);
    case EXTENSION_GROUPS:
        out->has_groups = true;
        return read_list(in, groups, &out->groups);
    case EXTENSION_SIGNATURES:
        out->has_signatures = true;
        return read_list(in, signatures, &out->signatures);
    case EXTENSION_KEY_SHARE:
        return read_key_shares(in, &out->key_shares);
    case EXTENSION_AUTHORITIES:
        return read_authorities(in, out);
    case EXTENSION_TRUSTED_CA:
        read_trusted_ca(in, out);
        return CCS_OK;
    case EXTENSION_SERVER_NAME:
        read_server_name(in, out);
        return CCS_OK;
    case EXTENSION_STATUS:
        out->status_request = true;
        return CCS_OK;
    case EXTENSION_STATUS_V2:
        out->status_request_v2 = true;
        return CCS_OK;
    case EXTENSION_TICKET:
        out->ticket = in.left > 0; /* empty: only says that the car knows tickets */
        return CCS_OK;
    case EXTENSION_PSK:
        out->psk = true;
        return CCS_OK;
    case EXTENSION_EARLY_DATA:
        out->early_data = true;
        return CCS_OK;
    default:
        return CCS_OK;
    }
}

static ccs_err_t read_extensions(bytes_in_t list, tls_hello_t *out)
{
    uint64_t seen = 0;
    while (list.left > 0) {
        const uint16_t type = bytes_get_u16be(&list);
        const bytes_in_t content = take_u16_vector(&list);
        if (list.failed) {
            return CCS_ERR_LENGTH;
        }
        const uint64_t bit = type <= EXTENSION_KNOWN_MAX ? UINT64_C(1) << type : 0;
        if ((seen & bit) != 0) {
            return CCS_ERR_LENGTH;
        }
        seen |= bit;
        CCS_TRY(read_extension(type, content, out));
    }
    return CCS_OK;
}

static bool holds(bytes_in_t list, uint8_t octet)
{
    return list.left > 0 && memchr(list.at, octet, list.left) != NULL;
}

static ccs_err_t read_body(bytes_in_t body, tls_hello_t *out)
{
    const uint16_t version = bytes_get_u16be(&body);
    out->offers_12 = version >= VERSION_12; /* supported_versions, if it is there, decides instead */
    bytes_skip(&body, 32);
    take_u8_vector(&body); /* session id */
    const bytes_in_t suite_list = take_u16_vector(&body);
    const bytes_in_t compressions = take_u8_vector(&body);
    if (body.failed || suite_list.left % 2 != 0) {
        return CCS_ERR_LENGTH;
    }
    if (version >> 8 != VERSION_MAJOR) {
        return CCS_ERR_HEADER;
    }
    if (suite_list.left == 0 || !holds(compressions, 0)) {
        return CCS_ERR_MISSING;
    }
    out->suites = bits_of(suites, suite_list);
    if (body.left == 0) {
        return CCS_OK;
    }
    const bytes_in_t extensions = take_u16_vector(&body);
    if (body.failed || body.left != 0) {
        return CCS_ERR_LENGTH;
    }
    return read_extensions(extensions, out);
}

ccs_err_t tls_hello_read(ccs_view_t stream, uint8_t *scratch, size_t scratch_size, tls_hello_t *out)
{
    message_t message = {.to = scratch, .size = scratch_size};
    size_t octets;
    *out = (tls_hello_t){0};
    if (scratch_size < MESSAGE_HEADER) {
        return CCS_ERR_SPACE;
    }
    CCS_TRY(gather(stream, &message, &octets));
    out->length = octets;
    return read_body(bytes_in(scratch + MESSAGE_HEADER, message.length - MESSAGE_HEADER), out);
}

/* Looked at first, and only moved once it is whole: a piece that is still to come finds its record as it was. */
ccs_err_t tls_hello_take(uint8_t *stream, size_t *length, size_t size, tls_hello_t *out)
{
    message_t seen = {.size = size - RECORD_HEADER}, joined = {.to = stream + RECORD_HEADER, .size = size - RECORD_HEADER};
    size_t octets;
    *out = (tls_hello_t){0};
    CCS_TRY(gather((ccs_view_t){stream, *length}, &seen, &octets));
    CCS_TRY(gather((ccs_view_t){stream, octets}, &joined, &octets));
    stream[3] = (uint8_t)(joined.length >> 8);
    stream[4] = (uint8_t)(joined.length & 0xFF);
    out->length = RECORD_HEADER + joined.length;
    memmove(stream + out->length, stream + octets, *length - octets);
    *length -= octets - out->length;
    return read_body(bytes_in(stream + RECORD_HEADER + MESSAGE_HEADER, joined.length - MESSAGE_HEADER), out);
}

bool tls_trusted_ca_next(ccs_view_t *list, tls_trusted_ca_t *out)
{
    bytes_in_t in = bytes_in(list->at, list->length);
    const uint8_t kind = bytes_get_u8(&in);
    if (in.failed || kind > TLS_CA_CERTIFICATE_SHA1) {
        return false;
    }
    out->kind = (tls_trusted_ca_kind_t)kind;
    switch (out->kind) {
    case TLS_CA_PRE_AGREED:
        out->value = (ccs_view_t){0};
        break;
    case TLS_CA_NAME:
        out->value = view_of(take_u16_vector(&in));
        break;
    case TLS_CA_KEY_SHA1:
    case TLS_CA_CERTIFICATE_SHA1:
        out->value = view_of(take(&in, 20));
        break;
    }
    *list = view_of(in);
    return !in.failed;
}

bool tls_authority_next(ccs_view_t *list, ccs_view_t *name)
{
    bytes_in_t in = bytes_in(list->at, list->length);
    *name = view_of(take_u16_vector(&in));
    *list = view_of(in);
    return !in.failed;
}

static bool same(ccs_view_t a, const void *b, size_t length)
{
    return a.length == length && length != 0 && memcmp(a.at, b, length) == 0;
}

static bool names(const tls_trusted_ca_t *entry, const tls_root_t *root)
{
    switch (entry->kind) {
    case TLS_CA_NAME:
        return same(entry->value, root->name.at, root->name.length);
    case TLS_CA_KEY_SHA1:
        return same(entry->value, root->key_sha1, sizeof root->key_sha1);
    case TLS_CA_CERTIFICATE_SHA1:
        return same(entry->value, root->certificate_sha1, sizeof root->certificate_sha1);
    case TLS_CA_PRE_AGREED:
        break;
    }
    return false;
}

bool tls_hello_trusts(const tls_hello_t *hello, const tls_root_t *root)
{
    ccs_view_t list = hello->trusted_ca;
    tls_trusted_ca_t entry;
    while (tls_trusted_ca_next(&list, &entry)) {
        if (names(&entry, root)) {
            return true;
        }
    }
    list = hello->authorities;
    ccs_view_t name;
    while (tls_authority_next(&list, &name)) {
        if (same(name, root->name.at, root->name.length)) {
            return true;
        }
    }
    return false;
}
