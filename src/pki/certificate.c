/* One X.509 certificate: from octets to views.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pki/algorithm.h"
#include "pki/name.h"
#include "pki/oid.h"
#include "pki/pki.h"

typedef struct reader {
    pki_certificate_t *out;
    pki_reason_t reason; /* the first thing that is wrong beyond DER */
} reader_t;

static void refuse(reader_t *reader, pki_reason_t reason)
{
    if (reader->reason == PKI_GOOD) {
        reader->reason = reason;
    }
}

/* ---- algorithms and keys */

/* Octets of a point of each kind. */
static size_t point_length(pki_key_kind_t kind)
{
    switch (kind) {
    case PKI_P256:
        return 1 + 2 * 32;
    case PKI_P521:
        return 1 + 2 * 66;
    case PKI_ED448:
        return 57;
    default:
        return 0;
    }
}

static pki_key_kind_t read_key_kind(der_t *der)
{
    der_t inner = der_enter(der, DER_SEQUENCE);
    const unsigned algorithm = oid_value(oid_keys, der_oid(&inner));
    pki_key_kind_t kind = algorithm == OID_ED448 ? PKI_ED448 : PKI_KEY_OTHER;
    if (algorithm == OID_EC && der_peek(&inner) == DER_OID) {
        kind = (pki_key_kind_t)oid_value(oid_curves, der_oid(&inner));
    }
    if (kind == PKI_KEY_OTHER) {
        inner.left = inner.fault == DER_FINE ? 0 : inner.left;
    }
    der_leave(der, &inner);
    return kind;
}

static void read_key(reader_t *reader, der_t *der)
{
    unsigned unused;
    pki_certificate_t *const out = reader->out;
    der_t look = *der;
    der_take(&look, DER_SEQUENCE, &out->key_info);
    der_t inner = der_enter(der, DER_SEQUENCE);
    out->key.kind = read_key_kind(&inner);
    out->key.point = der_bits(&inner, &unused);
    der_leave(der, &inner);
    const bool compact = out->key.kind != PKI_ED448 && (out->key.point.length == 0 || out->key.point.at[0] != 0x04);
    if (out->key.kind != PKI_KEY_OTHER && (unused != 0 || out->key.point.length != point_length(out->key.kind) || compact)) {
        refuse(reader, PKI_KEY_FORMAT);
    }
}

/* ---- extensions */

static void read_constraints(reader_t *reader, der_t *der, bool critical)
{
    pki_certificate_t *const out = reader->out;
    der_t inner = der_enter(der, DER_SEQUENCE);
    out->has_constraints = true;
    out->constraints_critical = critical;
    if (der_peek(&inner) == DER_BOOLEAN) {
        out->is_ca = der_boolean(&inner);
        if (!out->is_ca) {
            refuse(reader, PKI_DER); /* the default is not written */
        }
    }
    if (der_peek(&inner) == DER_INTEGER) {
        const ccs_view_t length = der_integer(&inner);
        const bool fits = length.length == 1 && length.at[0] < 0x80 && out->is_ca;
        out->path_length = fits ? (int16_t)length.at[0] : 0;
        if (!fits) {
            refuse(reader, PKI_DER);
        }
    }
    der_leave(der, &inner);
}

static void read_usage(reader_t *reader, der_t *der, bool critical)
{
    reader->out->has_usage = true;
    reader->out->usage_critical = critical;
    reader->out->usage = der_names(der);
}

static void read_purposes(reader_t *reader, der_t *der, bool critical)
{
    (void)critical;
    der_t inner = der_enter(der, DER_SEQUENCE);
    reader->out->has_purposes = true;
    do {
        const unsigned purpose = oid_value(oid_purposes, der_oid(&inner));
        reader->out->purposes = (uint8_t)(reader->out->purposes | (purpose ? purpose : PKI_OTHER_PURPOSE));
    } while (der_peek(&inner) != DER_NO_TAG);
    der_leave(der, &inner);
}

static void read_subject_key_id(reader_t *reader, der_t *der, bool critical)
{
    (void)critical;
    reader->out->subject_key_id = der_take(der, DER_OCTET_STRING, NULL);
}

static void read_authority_key_id(reader_t *reader, der_t *der, bool critical)
{
    (void)critical;
    der_t inner = der_enter(der, DER_SEQUENCE);
    if (der_peek(&inner) == DER_CONTEXT) {
        reader->out->authority_key_id = der_take(&inner, DER_CONTEXT, NULL);
    }
    while (der_peek(&inner) != DER_NO_TAG) {
        der_take_any(&inner);
    }
    der_leave(der, &inner);
}

/* AuthorityInfoAccess: the first URI of an OCSP responder. */
static void read_access(reader_t *reader, der_t *der, bool critical)
{
    enum { URI = DER_CONTEXT + 6 };
    (void)critical;
    der_t list = der_enter(der, DER_SEQUENCE);
    while (der_peek(&list) != DER_NO_TAG) {
        der_t one = der_enter(&list, DER_SEQUENCE);
        const bool ocsp = oid_value(oid_accesses, der_oid(&one)) == OID_OCSP;
        if (ocsp && der_peek(&one) == URI && reader->out->ocsp.length == 0) {
            reader->out->ocsp = der_take(&one, URI, NULL);
        } else {
            der_take_any(&one);
        }
        der_leave(&list, &one);
    }
    der_leave(der, &list);
}

typedef struct extension {
    unsigned oid;
    void (*read)(reader_t *reader, der_t *der, bool critical);
} extension_t;

static const extension_t extensions[] = {
    {OID_BASIC_CONSTRAINTS, read_constraints},     {OID_KEY_USAGE, read_usage},
    {OID_EXTENDED_KEY_USAGE, read_purposes},       {OID_SUBJECT_KEY_ID, read_subject_key_id},
    {OID_AUTHORITY_KEY_ID, read_authority_key_id}, {OID_AUTHORITY_INFO_ACCESS, read_access},
};

static void read_extension_value(reader_t *reader, ccs_view_t oid, bool critical, ccs_view_t value, der_t *outer)
{
    const unsigned known = oid_value(oid_extensions, oid);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        if (extensions[i].oid == known) {
            der_t inner = der_in(value);
            extensions[i].read(reader, &inner, critical);
            der_leave(outer, &inner);
            return;
        }
    }
    reader->out->critical_unknown |= critical;
}

static ccs_view_t read_extension(reader_t *reader, der_t *list)
{
    der_t one = der_enter(list, DER_SEQUENCE);
    const ccs_view_t oid = der_oid(&one);
    bool critical = false;
    if (der_peek(&one) == DER_BOOLEAN) {
        critical = der_boolean(&one);
        if (!critical) {
            refuse(reader, PKI_DER); /* the default is not written */
        }
    }
    const ccs_view_t value = der_take(&one, DER_OCTET_STRING, NULL);
    if (one.fault == DER_FINE) {
        read_extension_value(reader, oid, critical, value, &one);
    }
    der_leave(list, &one);
    return oid;
}

static void read_extensions(reader_t *reader, der_t *der)
{
    ccs_view_t seen[PKI_EXTENSIONS_MAX];
    size_t count = 0;
    der_t tagged = der_enter(der, DER_CONTEXT_CONSTRUCTED + 3);
    der_t list = der_enter(&tagged, DER_SEQUENCE);
    do {
        const ccs_view_t oid = read_extension(reader, &list);
        for (size_t i = 0; i < count; i++) {
            if (der_equal(seen[i], oid)) {
                refuse(reader, PKI_EXTENSION_TWICE);
            }
        }
        if (count == PKI_EXTENSIONS_MAX) {
            refuse(reader, PKI_EXTENSIONS_MANY);
            list.left = 0;
            break;
        }
        seen[count++] = oid;
    } while (der_peek(&list) != DER_NO_TAG);
    der_leave(&tagged, &list);
    der_leave(der, &tagged);
}

/* ---- the certificate */

static void read_version(reader_t *reader, der_t *tbs)
{
    if (der_peek(tbs) != DER_CONTEXT_CONSTRUCTED) {
        refuse(reader, PKI_VERSION); /* none written: version 1 */
        return;
    }
    der_t inner = der_enter(tbs, DER_CONTEXT_CONSTRUCTED);
    const ccs_view_t version = der_integer(&inner);
    if (version.length != 1 || version.at[0] != 2) {
        refuse(reader, PKI_VERSION);
    }
    der_leave(tbs, &inner);
}

static void read_serial(reader_t *reader, der_t *tbs)
{
    enum { SERIAL_MAX = 20 }; /* RFC 5280 4.1.2.2 */
    ccs_view_t serial = der_integer(tbs);
    const bool negative = serial.length > 0 && serial.at[0] >= 0x80;
    serial = der_magnitude(serial);
    const bool zero = serial.length == 1 && serial.at[0] == 0;
    if (tbs->fault == DER_FINE && (negative || zero || serial.length > SERIAL_MAX)) {
        refuse(reader, PKI_SERIAL);
    }
    reader->out->serial = serial;
}

static void read_validity(reader_t *reader, der_t *tbs)
{
    der_t inner = der_enter(tbs, DER_SEQUENCE);
    reader->out->from_s = der_time(&inner);
    reader->out->until_s = der_time(&inner);
    if (inner.fault == DER_FINE && reader->out->until_s < reader->out->from_s) {
        refuse(reader, PKI_DATES);
    }
    der_leave(tbs, &inner);
}

static void read_tbs(reader_t *reader, der_t *certificate, ccs_view_t *algorithm)
{
    pki_certificate_t *const out = reader->out;
    der_t look = *certificate;
    der_take(&look, DER_SEQUENCE, &out->tbs);
    der_t tbs = der_enter(certificate, DER_SEQUENCE);
    read_version(reader, &tbs);
    read_serial(reader, &tbs);
    *algorithm = der_take(&tbs, DER_SEQUENCE, NULL);
    out->issuer = der_take(&tbs, DER_SEQUENCE, NULL);
    read_validity(reader, &tbs);
    out->subject = der_take(&tbs, DER_SEQUENCE, NULL);
    read_key(reader, &tbs);
    if (der_peek(&tbs) == DER_CONTEXT_CONSTRUCTED + 3) {
        read_extensions(reader, &tbs);
    }
    der_leave(certificate, &tbs);
}

/* r and s of an ECDSA signature, in strict DER as well: there is one way to write a signature. */
static bool signature_is_whole(const pki_certificate_t *out)
{
    if (out->algorithm != PKI_ECDSA_SHA256 && out->algorithm != PKI_ECDSA_SHA512) {
        return true;
    }
    der_t der = der_in(out->signature);
    der_t pair = der_enter(&der, DER_SEQUENCE);
    (void)der_integer(&pair);
    (void)der_integer(&pair);
    der_leave(&der, &pair);
    der_end(&der);
    return der.fault == DER_FINE;
}

static void read_signature(reader_t *reader, der_t *certificate, ccs_view_t inside)
{
    pki_certificate_t *const out = reader->out;
    unsigned unused;
    der_t look = *certificate;
    const ccs_view_t outside = der_take(&look, DER_SEQUENCE, NULL);
    out->algorithm = algorithm_read(certificate);
    out->signature = der_bits(certificate, &unused);
    if (certificate->fault == DER_FINE && !der_equal(inside, outside)) {
        refuse(reader, PKI_ALGORITHMS_DIFFER);
    }
    if (unused != 0 || !signature_is_whole(out)) {
        refuse(reader, PKI_DER);
    }
}

static pki_reason_t reason_of(der_fault_t fault)
{
    static const pki_reason_t reasons[] = {PKI_GOOD, PKI_DER, PKI_TRAILING, PKI_DATES};
    return reasons[fault];
}

bool pki_read(ccs_view_t octets, pki_certificate_t *out, pki_reason_t *reason)
{
    reader_t reader = {.out = out, .reason = PKI_GOOD};
    ccs_view_t algorithm;
    *out = (pki_certificate_t){.path_length = -1};
    der_t der = der_in(octets);
    der_t look = der;
    der_take(&look, DER_SEQUENCE, &out->whole);
    der_t certificate = der_enter(&der, DER_SEQUENCE);
    read_tbs(&reader, &certificate, &algorithm);
    read_signature(&reader, &certificate, algorithm);
    der_leave(&der, &certificate);
    der_end(&der);
    *reason = der.fault != DER_FINE ? reason_of(der.fault) : reader.reason;
    if (*reason == PKI_GOOD && !(pki_name_is_whole(out->issuer) && pki_name_is_whole(out->subject))) {
        *reason = PKI_DER;
    }
    return *reason == PKI_GOOD;
}
