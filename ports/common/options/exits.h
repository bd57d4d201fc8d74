/* Exit codes of ccs-evse and ccs-ev; told in their man pages.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_OPTIONS_EXITS_H
#define CCS_OPTIONS_EXITS_H

typedef enum exits {
    EXITS_OK = 0,
    EXITS_FAILED = 1,     /* gave up while running: could not be made safe in time, or ran out of memory */
    EXITS_USAGE = 2,      /* command line */
    EXITS_CONFIG = 3,     /* configuration file or --set */
    EXITS_INTERFACE = 4,  /* no such interface, or it is down */
    EXITS_NO_ADDRESS = 5, /* no usable IPv6 link-local address */
    EXITS_SECOND = 6,     /* another daemon serves this interface, or uses this state directory */
    EXITS_NO_RIGHT = 7,   /* a missing right */
    EXITS_ABSENT = 8,     /* a protocol or feature that this release does not have */
    EXITS_HARDWARE = 9,   /* Power HAL cannot be opened */
    EXITS_BUSY = 10,      /* a port or path is in use */
    EXITS_STORAGE = 11,   /* journal, log or capture cannot be written */
    EXITS_CAR_FIRST = 20  /* ccs-ev: 20 + how the session went, see its man page */
} exits_t;

#endif
