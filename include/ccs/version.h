/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_VERSION_H
#define CCS_VERSION_H
#define CCS_VERSION       "0.1.0"
#define CCS_VERSION_MAJOR 0
#define CCS_VERSION_MINOR 1
#define CCS_VERSION_PATCH 0
#endif
