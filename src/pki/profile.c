/* The certificate profiles of ISO 15118-2 (annex F) and ISO 15118-20 (annex B), as tables.
 *
 * The sources, in short: reference numbers stand where a requirement is known to us. Extended key usage is judged on the leaf
 * alone, and on roots nothing that does not matter: roots of public PKIs carry extended key usages and stay good (seen in the
 * field). SPDX-License-Identifier: Apache-2.0 */
#include "pki/profile.h"
#include "pki/der.h"
#include "pki/name.h"

#include <string.h>

enum { V2G = 1 << PKI_STORE_V2G, OEM = 1 << PKI_STORE_OEM, MO = 1 << PKI_STORE_MO, SUBS = 2 /* [V2G2-656] */ };

static const profile_edition_t editions[PKI_EDITIONS_COUNT] = {
    [PKI_ISO2] = {.keys = PKI_P256,
                  .algorithms = PKI_ECDSA_SHA256,
                  .size_max = 800 /* what certificateType of the schema carries */},
    /* [V2G20-2674] [V2G20-2319] [V2G20-1667] */
    [PKI_ISO20] = {.keys = PKI_P521 | PKI_ED448, .algorithms = PKI_ECDSA_SHA512 | PKI_PURE_ED448, .size_max = 1600},
};

static const profile_role_t roles[PKI_ROLES_COUNT] = {
    [PKI_SECC] =
        {
            .stores = {V2G, V2G},
            .subs_max = SUBS,
            .size_is_soft = {true, false},
            .purposes = PKI_SERVER_AUTH,
            .subject = PKI_COMMON_NAME,
            .domain = "CPO",
            .subs_domains = {"V2G", "CPO"},
        },
    /* A private environment: the leaf directly below a root of its own [V2G2-872]. */
    [PKI_SECC_PRIVATE] =
        {
            .stores = {V2G, V2G},
            .size_is_soft = {true, false},
            .purposes = PKI_SERVER_AUTH,
            .subject = PKI_COMMON_NAME,
            .domain = "CPO",
        },
    /* Common name and organization, nothing else [V2G20-2339] [V2G20-2598]; below an OEM or a V2G root [V2G20-2331]; not the
     * provisioning certificate [V2G20-2342], which the extended key usage tells. */
    [PKI_VEHICLE] =
        {
            .stores = {0, OEM | V2G},
            .subs_max = SUBS,
            .purposes = PKI_CLIENT_AUTH,
            .purpose_needed = true,
            .subject = PKI_COMMON_NAME | PKI_ORGANIZATION,
            .subject_only = PKI_COMMON_NAME | PKI_ORGANIZATION,
            .subs_domains = {"OEM", "V2G"},
        },
    [PKI_OEM_PROVISIONING] =
        {
            .stores = {OEM | V2G, OEM | V2G},
            .subs_max = SUBS,
            .subject = PKI_COMMON_NAME,
            .domain = "OEM",
            .subs_domains = {"OEM", "V2G"},
        },
    [PKI_CONTRACT] =
        {
            .stores = {MO | V2G, MO | V2G},
            .subs_max = SUBS,
            .subject = PKI_COMMON_NAME,
            .domain = "MO",
            .subs_domains = {"MO", "V2G"},
        },
    [PKI_CPS] =
        {
            .stores = {V2G, V2G},
            .subs_max = SUBS,
            .subject = PKI_COMMON_NAME,
            .domain = "CPS",
            .subs_domains = {"V2G", "CPS"},
        },
};

profile_t profile_of(pki_role_t role, pki_edition_t edition)
{
    static const profile_role_t no_role = {0};
    static const profile_edition_t no_edition = {0};
    const bool known = role < PKI_ROLES_COUNT && edition < PKI_EDITIONS_COUNT;
    if (!known || roles[role].stores[edition] == 0) {
        return (profile_t){.role = &no_role, .edition = &no_edition};
    }
    return (profile_t){
        .role = &roles[role],
        .edition = &editions[edition],
        .stores = roles[role].stores[edition],
        .size_is_soft = roles[role].size_is_soft[edition],
    };
}

/* ---- what holds for leaf and sub-CA */

bool profile_takes_key(const profile_t *profile, const pki_request_t *request, pki_key_kind_t kind)
{
    const unsigned keys = profile->edition->keys | (request->compat ? PKI_P256 : 0u);
    return ((unsigned)kind & keys) != 0;
}

static pki_reason_t judge_key(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *certificate)
{
    const unsigned algorithms = profile->edition->algorithms | (request->compat ? PKI_ECDSA_SHA256 : 0u);
    if (certificate->key.kind == PKI_KEY_OTHER) {
        return PKI_KEY_TYPE;
    }
    if (!profile_takes_key(profile, request, certificate->key.kind)) {
        return PKI_KEY_NOT_ALLOWED;
    }
    return certificate->algorithm & algorithms ? PKI_GOOD : PKI_SIGNATURE_ALGORITHM;
}

static pki_reason_t judge_size(const profile_t *profile, const pki_certificate_t *certificate)
{
    return certificate->whole.length > profile->edition->size_max && !profile->size_is_soft ? PKI_SIZE : PKI_GOOD;
}

static pki_reason_t judge_usage(const pki_certificate_t *certificate, unsigned needed, unsigned forbidden)
{
    if (!certificate->has_usage) {
        return PKI_USAGE_MISSING;
    }
    if (!certificate->usage_critical) {
        return PKI_USAGE_NOT_CRITICAL;
    }
    return (certificate->usage & needed) == needed && !(certificate->usage & forbidden) ? PKI_GOOD : PKI_USAGE;
}

static bool is_word(ccs_view_t text, const char *word)
{
    return word && text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

static pki_reason_t first_of(const pki_reason_t *reasons, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (reasons[i] != PKI_GOOD) {
            return reasons[i];
        }
    }
    return PKI_GOOD;
}

/* ---- leaf */

static pki_reason_t leaf_constraints(const pki_certificate_t *leaf)
{
    if (leaf->is_ca) {
        return PKI_LEAF_IS_CA;
    }
    return leaf->has_constraints && !leaf->constraints_critical ? PKI_CONSTRAINTS_NOT_CRITICAL : PKI_GOOD;
}

static pki_reason_t leaf_purpose(const profile_t *profile, const pki_certificate_t *leaf)
{
    if (!leaf->has_purposes) {
        return profile->role->purpose_needed ? PKI_PURPOSE_MISSING : PKI_GOOD;
    }
    const unsigned tls = PKI_SERVER_AUTH | PKI_CLIENT_AUTH | PKI_ANY_PURPOSE;
    const bool fits = profile->role->purposes ? leaf->purposes & profile->role->purposes : !(leaf->purposes & tls);
    return fits ? PKI_GOOD : PKI_PURPOSE;
}

static pki_reason_t leaf_domain(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *leaf)
{
    ccs_view_t value = {NULL, 0};
    const unsigned count = pki_name_find(leaf->subject, PKI_DOMAIN_COMPONENT, &value);
    if (!profile->role->domain) {
        const bool own = count == 1 && request->compat && is_word(value, profile->role->subs_domains[0]);
        return count == 0 || own ? PKI_GOOD : PKI_DOMAIN;
    }
    return count == 1 && is_word(value, profile->role->domain) ? PKI_GOOD : PKI_DOMAIN;
}

static pki_reason_t leaf_subject(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *leaf)
{
    const unsigned attributes = pki_name_attributes(leaf->subject);
    const unsigned only = profile->role->subject_only && !request->compat ? profile->role->subject_only : ~0u;
    const bool one_name = pki_name_find(leaf->subject, PKI_COMMON_NAME, NULL) == 1;
    const bool fits = (attributes & profile->role->subject) == profile->role->subject && !(attributes & ~only);
    return one_name && fits ? PKI_GOOD : PKI_SUBJECT;
}

static pki_reason_t leaf_name(const pki_request_t *request, const pki_certificate_t *leaf)
{
    ccs_view_t name = {NULL, 0};
    pki_name_find(leaf->subject, PKI_COMMON_NAME, &name);
    if (request->name.length > 0 && !pki_id_equal(request->name, name)) {
        return PKI_NAME;
    }
    return request->own_key.length > 0 && !der_equal(request->own_key, leaf->key.point) ? PKI_OWN_KEY : PKI_GOOD;
}

pki_reason_t profile_leaf(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *leaf)
{
    const pki_reason_t reasons[] = {
        leaf->critical_unknown ? PKI_EXTENSION_CRITICAL : PKI_GOOD,
        judge_size(profile, leaf),
        judge_key(profile, request, leaf),
        leaf_constraints(leaf),
        judge_usage(leaf, PKI_DIGITAL_SIGNATURE, PKI_CERT_SIGN | PKI_CRL_SIGN),
        leaf_purpose(profile, leaf),
        leaf_domain(profile, request, leaf),
        leaf_subject(profile, request, leaf),
        leaf_name(request, leaf),
    };
    return first_of(reasons, sizeof reasons / sizeof reasons[0]);
}

/* ---- sub-CAs and roots */

static pki_reason_t sub_constraints(const pki_certificate_t *sub, unsigned below)
{
    if (!sub->has_constraints) {
        return sub->has_usage && sub->usage & PKI_CERT_SIGN ? PKI_CONSTRAINTS_MISSING : PKI_NOT_A_CA;
    }
    if (!sub->is_ca) {
        return PKI_NOT_A_CA;
    }
    if (!sub->constraints_critical) {
        return PKI_CONSTRAINTS_NOT_CRITICAL;
    }
    if (sub->path_length < 0) {
        return PKI_PATH_LENGTH_MISSING;
    }
    return (unsigned)sub->path_length >= below ? PKI_GOOD : PKI_PATH_LENGTH;
}

static pki_reason_t sub_domain(const profile_t *profile, const pki_certificate_t *sub)
{
    ccs_view_t value = {NULL, 0};
    const unsigned count = pki_name_find(sub->subject, PKI_DOMAIN_COMPONENT, &value);
    const bool fits = is_word(value, profile->role->subs_domains[0]) || is_word(value, profile->role->subs_domains[1]);
    return count == 0 || (count == 1 && fits) ? PKI_GOOD : PKI_DOMAIN;
}

pki_reason_t profile_sub(const profile_t *profile, const pki_request_t *request, const pki_certificate_t *sub, unsigned below)
{
    const pki_reason_t reasons[] = {
        sub->critical_unknown ? PKI_EXTENSION_CRITICAL : PKI_GOOD,
        judge_size(profile, sub),
        judge_key(profile, request, sub),
        sub_constraints(sub, below),
        judge_usage(sub, PKI_CERT_SIGN, 0),
        sub_domain(profile, sub),
    };
    return first_of(reasons, sizeof reasons / sizeof reasons[0]);
}

pki_reason_t profile_root(const pki_certificate_t *root, unsigned below)
{
    if (root->critical_unknown) {
        return PKI_EXTENSION_CRITICAL;
    }
    if (root->key.kind == PKI_KEY_OTHER) {
        return PKI_KEY_TYPE;
    }
    if (!root->has_constraints || !root->is_ca) {
        return root->has_constraints ? PKI_NOT_A_CA : PKI_CONSTRAINTS_MISSING;
    }
    if (root->has_usage && !(root->usage & PKI_CERT_SIGN)) {
        return PKI_USAGE;
    }
    return root->path_length >= 0 && (unsigned)root->path_length < below ? PKI_PATH_LENGTH : PKI_GOOD;
}
