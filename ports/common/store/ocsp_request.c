/* OCSPRequest (RFC 6960 4.1.1), written from its inside out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "pki/der.h"
#include "ports/common/store/upkeep.h"

#include <string.h>

enum { NAME_MAX = 512, SHORT_MAX = 127 };

static const uint8_t sha256_algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};

/* The hash of a Name, of whose octets only the content is at hand. */
static bool hash_name(const pki_crypto_t *crypto, ccs_view_t content, uint8_t hash[PKI_SHA256_SIZE])
{
    uint8_t whole[NAME_MAX + 4];
    bytes_out_t out = bytes_out(whole, sizeof whole);
    bytes_put_u8(&out, DER_SEQUENCE);
    if (content.length > 0xFF) {
        bytes_put_u8(&out, 0x82);
        bytes_put_u16be(&out, (uint16_t)content.length);
    } else if (content.length > SHORT_MAX) {
        bytes_put_u8(&out, 0x81);
        bytes_put_u8(&out, (uint8_t)content.length);
    } else {
        bytes_put_u8(&out, (uint8_t)content.length);
    }
    bytes_put(&out, content.at, content.length);
    crypto->sha256(crypto->ctx, (ccs_view_t){whole, out.written}, hash);
    return !out.failed && content.length <= NAME_MAX;
}

/* Everything in it is shorter than 128 octets, so that each length is one octet: serial numbers have 20 at most. */
static void put_header(bytes_out_t *out, uint8_t tag, size_t length)
{
    out->failed = out->failed || length > SHORT_MAX;
    bytes_put_u8(out, tag);
    bytes_put_u8(out, (uint8_t)length);
}

static void put_octets(bytes_out_t *out, const uint8_t hash[PKI_SHA256_SIZE])
{
    put_header(out, DER_OCTET_STRING, PKI_SHA256_SIZE);
    bytes_put(out, hash, PKI_SHA256_SIZE);
}

size_t upkeep_request(const pki_crypto_t *crypto, ccs_view_t certificate, ccs_view_t issuer, uint8_t *to, size_t size)
{
    pki_certificate_t subject, signer;
    pki_reason_t reason;
    uint8_t name[PKI_SHA256_SIZE], key[PKI_SHA256_SIZE];
    if (!pki_read(certificate, &subject, &reason) || !pki_read(issuer, &signer, &reason) ||
        !hash_name(crypto, subject.issuer, name)) {
        return 0;
    }
    crypto->sha256(crypto->ctx, signer.key.point, key);
    const size_t sign = subject.serial.at[0] >> 7; /* a leading zero keeps it positive */
    const size_t id = sizeof sha256_algorithm + 2 * (2 + (size_t)PKI_SHA256_SIZE) + 2 + sign + subject.serial.length;
    bytes_out_t out = bytes_out(to, size);
    for (size_t depth = 5; depth > 0; depth--) { /* OCSPRequest, TBSRequest, requestList, Request, CertID */
        put_header(&out, DER_SEQUENCE, id + 2 * (depth - 1));
    }
    bytes_put(&out, sha256_algorithm, sizeof sha256_algorithm);
    put_octets(&out, name);
    put_octets(&out, key);
    put_header(&out, DER_INTEGER, sign + subject.serial.length);
    bytes_put_zeros(&out, sign);
    bytes_put(&out, subject.serial.at, subject.serial.length);
    return out.failed ? 0 : out.written;
}
