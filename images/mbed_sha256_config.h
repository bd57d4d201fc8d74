/* Of Mbed TLS an image without TLS needs the hash that a network's id is derived with.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_IMAGES_MBED_SHA256_CONFIG_H
#define CCS_IMAGES_MBED_SHA256_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

#endif
