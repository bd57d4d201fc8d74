/* A client that is none of ours: OpenSSL as an application uses it, with what a test wants to be different.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_TLS_STOCK_H
#define CCS_TESTS_TLS_STOCK_H

#include <openssl/ssl.h>

#include "world.h"

/* NULL and 0: as the library has it. */
typedef struct stock {
    int version_min, version_max;
    const char *suites, *ciphers, *groups, *signatures;
    SSL_SESSION *session;   /* to be resumed */
    const char *early_data; /* to be sent at once */
} stock_t;

typedef struct stock_client {
    SSL_CTX *ctx;
    SSL *ssl;
} stock_client_t;

/* Over the car's end of the pipes. prepare and start are its halves, for what a test sets in between. */
void stock_open(stock_client_t *client, const stock_t *stock);
void stock_prepare(stock_client_t *client, const stock_t *stock);
void stock_start(stock_client_t *client, const stock_t *stock);
void stock_free(stock_client_t *client);

/* Steps both until nothing moves. Returns true if the client's handshake is done. */
bool stock_talk(stock_client_t *client);

/* A session of a stock server that hands out tickets, as a car may bring one from elsewhere; early: octets of 0-RTT allowed. */
SSL_SESSION *stock_session(int version, uint32_t early);

#endif
