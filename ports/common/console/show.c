/* What the console shows: certificates, fingerprints, time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/console/private.h"

#include <stdio.h>

enum { PRINT_TEXT = 3 * PKI_SHA256_SIZE, NAME_TEXT = 72, TIME_TEXT = 24, PEM_OCTETS = 48, DAY_S = 86400 };

/* ---- texts */

static void print_text(const uint8_t sha256[PKI_SHA256_SIZE], char text[PRINT_TEXT])
{
    for (size_t i = 0; i < PKI_SHA256_SIZE; i++) {
        (void)snprintf(text + 3 * i, PRINT_TEXT - 3 * i, i + 1 < PKI_SHA256_SIZE ? "%02X:" : "%02X", sha256[i]);
    }
}

/* "2030-01-31T12:00:00Z", by the calendar that begins its years in March, so that leap days come last. */
static void time_text(int64_t utc_s, char text[TIME_TEXT])
{
    const int64_t days = utc_s / DAY_S, rest = utc_s % DAY_S;
    const int64_t from_0000 = days + 719468; /* days since 0000-03-01 */
    const int64_t era = from_0000 / 146097, of_era = from_0000 % 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted = (5 * of_year + 2) / 153;
    const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    const int64_t year = era * 400 + year_of_era + (month <= 2);
    const int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
    (void)snprintf(text, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)(year % 10000), (unsigned)month, (unsigned)day,
                   (unsigned)(rest / 3600), (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
}

/* A name of others: nothing in it moves a terminal. */
static void name_text(const pki_certificate_t *certificate, char text[NAME_TEXT])
{
    ccs_view_t name = {NULL, 0};
    (void)pki_name_find(certificate->subject, PKI_COMMON_NAME, &name);
    const size_t length = name.length < NAME_TEXT ? name.length : NAME_TEXT - 1;
    for (size_t i = 0; i < length; i++) {
        text[i] = name.at[i] >= ' ' && name.at[i] < 127 ? (char)name.at[i] : '?';
    }
    text[length] = '\0';
}

/* ---- shows */

void console_show_pem(console_t *console, const char *label, ccs_view_t der)
{
    char line[PEM_OCTETS / 3 * 4 + 1];
    console_say(console, "-----BEGIN %s-----", label);
    for (size_t at = 0; at < der.length; at += PEM_OCTETS) {
        const size_t left = der.length - at;
        (void)payload_text(der.at + at, left < PEM_OCTETS ? left : PEM_OCTETS, line, sizeof line);
        console_say(console, "%s", line);
    }
    console_say(console, "-----END %s-----", label);
}

void console_show_print(console_t *console, const char *what, const uint8_t sha256[PKI_SHA256_SIZE])
{
    char text[PRINT_TEXT];
    print_text(sha256, text);
    console_say(console, "%s: SHA-256 %s", what, text);
}

void console_show_certificate(console_t *console, ccs_view_t der, const char *what, bool pem)
{
    pki_certificate_t certificate;
    pki_reason_t reason;
    const pki_crypto_t *const crypto = &console->config.store->config.crypto->pki;
    uint8_t sha256[PKI_SHA256_SIZE];
    char name[NAME_TEXT], from[TIME_TEXT], until[TIME_TEXT], print[PRINT_TEXT];
    if (!pki_read(der, &certificate, &reason)) {
        console_say(console, "%s: %s", what, pki_reason_text(reason));
        return;
    }
    crypto->sha256(crypto->ctx, der, sha256);
    name_text(&certificate, name);
    time_text(certificate.from_s, from);
    time_text(certificate.until_s, until);
    print_text(sha256, print);
    console_say(console, "%s: \"%s\", %s to %s, SHA-256 %s", what, name, from, until, print);
    if (pem) {
        console_show_pem(console, "CERTIFICATE", der);
    }
}

void console_show_time(console_t *console)
{
    const utc_keeper_t *const utc = console->config.utc;
    const store_time_t time = utc_time(utc, console->now_ms);
    char text[TIME_TEXT];
    time_text(time.newest_s, text);
    if (time.trusted_s != 0) {
        console_say(console, "OK %s, source %s", text, utc_source_name(utc->source));
    } else {
        console_say(console, "OK not known; it is %s or later; source none: no certificate is good", text);
    }
}
