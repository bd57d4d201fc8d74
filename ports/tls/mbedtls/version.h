/* Where Mbed TLS 2.28 (Debian 12, ESP-IDF 4.4) and 3.6 (Debian 13, ESP-IDF 5.5) differ: the only place that looks at the version.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TLS_MBEDTLS_VERSION_H
#define CCS_TLS_MBEDTLS_VERSION_H

#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include "ports/tls/backend.h"

#if MBEDTLS_VERSION_MAJOR >= 3
#define MBED_HAS_13 1
#else
#define MBED_HAS_13             0
#define MBEDTLS_PRIVATE(member) member
#endif

#if MBED_HAS_13 && defined(MBEDTLS_ECP_DP_CURVE448_ENABLED) /* a configuration of ours, and ESP-IDF's, have P-521 alone */
#define MBED_HAS_X448 1
#else
#define MBED_HAS_X448 0
#endif
#if defined(MBEDTLS_KEY_EXCHANGE_ECDH_ECDSA_ENABLED)
#define MBED_HAS_STATIC_ECDH 1
#else
#define MBED_HAS_STATIC_ECDH 0
#endif

static inline int mbed_random(void *ctx, unsigned char *to, size_t length)
{
    (void)ctx;
    return mbedtls_psa_get_random(MBEDTLS_PSA_RANDOM_STATE, to, length);
}

static inline int mbed_parse_key(mbedtls_pk_context *pk, ccs_view_t der)
{
#if MBED_HAS_13
    return mbedtls_pk_parse_key(pk, der.at, der.length, NULL, 0, mbed_random, NULL);
#else
    return mbedtls_pk_parse_key(pk, der.at, der.length, NULL, 0);
#endif
}

/* 0x04 x y. 0: no key of a curve, or no room. */
static inline size_t mbed_write_point(const mbedtls_pk_context *pk, uint8_t *point, size_t size)
{
    size_t length = 0;
    if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_ECKEY)) {
        return 0;
    }
    const mbedtls_ecp_keypair *const pair = mbedtls_pk_ec(*pk);
#if MBED_HAS_13
    const int error = mbedtls_ecp_write_public_key(pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &length, point, size);
#else
    const int error = mbedtls_ecp_point_write_binary(&pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &length, point, size);
#endif
    return error == 0 ? length : 0;
}

static inline uint8_t mbed_version_of(const mbedtls_ssl_context *ssl)
{
#if MBED_HAS_13
    return mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3 ? 13 : 12;
#else
    (void)ssl;
    return 12;
#endif
}

/* Lists end with 0. 2.28 knows groups by its own numbers and signs by hash alone: P-256 with SHA-256 is all that is needed there.
 */
static inline void mbed_set_algorithms(mbedtls_ssl_config *conf, bool v12, bool v13, const uint16_t *groups,
                                       const uint16_t *signatures)
{
#if MBED_HAS_13
    mbedtls_ssl_conf_min_tls_version(conf, v12 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_max_tls_version(conf, v13 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_groups(conf, groups);
    mbedtls_ssl_conf_sig_algs(conf, signatures);
    mbedtls_ssl_conf_tls13_key_exchange_modes(conf, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
#else
    static const mbedtls_ecp_group_id curves[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};
    (void)v12, (void)v13, (void)groups, (void)signatures;
    mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_curves(conf, curves);
    mbedtls_ssl_conf_sig_hashes(conf, hashes);
#endif
}

/* The alert's number: the library names only that there was one. */
static inline uint8_t mbed_alert_of(const mbedtls_ssl_context *ssl)
{
    return ssl->MBEDTLS_PRIVATE(in_msg)[1];
}

/* The handshake message that the library is at, as it came: of a chain it gives out only what it has understood. */
static inline ccs_view_t mbed_message_of(const mbedtls_ssl_context *ssl)
{
    const size_t length = ssl->MBEDTLS_PRIVATE(in_hslen);
    const bool is_message = ssl->MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_HANDSHAKE && length <= MBEDTLS_SSL_IN_CONTENT_LEN;
    return is_message ? (ccs_view_t){ssl->MBEDTLS_PRIVATE(in_msg), length} : (ccs_view_t){0};
}

static inline bool mbed_is_over(const mbedtls_ssl_context *ssl)
{
    return ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_HANDSHAKE_OVER;
}

/* A charger of TLS 1.3 has asked for a certificate, and the car's is next: read, not verified. Its signatures would be verified
 * twice (P-521: a third of a second each on a small target), and the library's opinion counts for nothing. Without this call it
 * refuses every chain, as it has no roots. */
static inline void mbed_leave_chain_to_us(mbedtls_ssl_context *ssl)
{
#if MBED_HAS_13
#if defined(MBEDTLS_SSL_SRV_C) && !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
#error "ports/tls/mbedtls needs MBEDTLS_SSL_SERVER_NAME_INDICATION, for mbedtls_ssl_set_hs_authmode()"
#endif
    if (ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CLIENT_CERTIFICATE && mbed_version_of(ssl) == 13) {
        mbedtls_ssl_set_hs_authmode(ssl, MBEDTLS_SSL_VERIFY_NONE);
    }
#else
    (void)ssl;
#endif
}

/* Of a peer's chain the library needs the leaf's key alone from here on; the rest is some kilobytes, and the judgement comes next.
 */
static inline void mbed_forget_issuers(mbedtls_ssl_context *ssl)
{
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    const mbedtls_ssl_session *const session = ssl->MBEDTLS_PRIVATE(session_negotiate);
    mbedtls_x509_crt *const leaf = session ? session->MBEDTLS_PRIVATE(peer_cert) : NULL;
    if (leaf && leaf->next) {
        mbedtls_x509_crt_free(leaf->next);
        mbedtls_free(leaf->next);
        leaf->next = NULL;
    }
#else
    (void)ssl;
#endif
}

static inline const char *mbed_text_of(int error)
{
#if defined(MBEDTLS_ERROR_C)
    return mbedtls_high_level_strerr(error);
#else
    (void)error;
    return NULL;
#endif
}

#endif
