/* A power line: several hosts, a modem each, and what lies between them.
 *
 * Management messages reach every node that is not too far away, as on a real site where every charger hears every car; IPv6 passes
 * only between nodes whose modems hold the same network membership key. A modem of a charger answers each sound with
 * CM_ATTEN_PROFILE.IND to its own host. What a Qualcomm chip's firmware answers itself is answered here (modem.c): keys, network,
 * link, version, octets of its PIB, host action. Frames are lost by chance, from a seed. The chip behind SPI is sim/chip.
 *
 * Virtual time; no allocation. A delivery may send at once.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_LINE_LINE_H
#define CCS_SIM_LINE_LINE_H

#include "mme/mme.h"

enum { LINE_NODES = 12, LINE_IN_FLIGHT = 192, LINE_FRAME_SIZE = 1522, LINE_DEAF_dB = 90 };

/* What is false or 0 here is a healthy QCA7000 or QCA7005. */
typedef struct line_node {
    uint8_t host[6], modem[6];
    bool charger;           /* role in the modem's PIB: measures sounds */
    bool measures_nothing;  /* profiles without groups, as a QCA7420 sends */
    bool tells_attenuation; /* VS_ATTEN.IND as well, for each sound */
    bool silent;            /* the modem answers nothing */
    bool asks_host;         /* VS_HST_ACTION.IND when it has booted; nothing else works until it is answered */
    bool no_firmware;       /* only its boot loader runs: asks its host for a firmware, and nothing else */
    bool hides_key;         /* refuses CM_GET_KEY */
    bool hides_pib;         /* refuses to tell octets of its PIB */
    bool newer;             /* tells them by VS_MODULE_OPERATION, and knows no VS_RD_MOD */
    bool silent_link;       /* knows no VS_PL_LINK_STATUS */
    bool forgets_key;       /* confirms CM_SET_KEY and does not take the key */
    bool instant;           /* its own answers take no time, unlike those of a chip: 1 ms, a key 2 ms */
    uint8_t key_result;     /* told in CM_SET_KEY.CNF; 1: success */
    uint32_t key_busy_ms;   /* the link is down for so long after a new key */
    uint32_t boot_ms;       /* after a reset it hears and says nothing for so long */
    uint8_t nmk[16], nid[7];
    uint8_t own_nmk[16];    /* in force after a reset: alone */
    int64_t linked_from_ms; /* key in force from then on */
    int64_t awake_from_ms;
    bool waits_for_host;
    uint32_t resets; /* so many: by line_reset() or VS_RS_DEV.REQ, which is never confirmed */
} line_node_t;

typedef struct line_frame {
    int64_t at_ms;
    uint64_t order;
    uint8_t to; /* node */
    uint16_t length;
    uint8_t octets[LINE_FRAME_SIZE];
} line_frame_t;

typedef void (*line_deliver_fn)(void *ctx, unsigned node, ccs_view_t frame);

typedef struct line {
    size_t nodes;
    line_node_t node[LINE_NODES];
    uint8_t attenuation_dB[LINE_NODES][LINE_NODES];      /* mean, between two nodes; LINE_DEAF_dB and more: not heard */
    int8_t shape_dB[LINE_NODES][LINE_NODES][MME_GROUPS]; /* added per carrier group, between two nodes */
    uint16_t loss_permille;                              /* of each frame at each receiver */
    uint32_t delay_ms;
    uint32_t seed; /* xorshift; never 0 */
    line_deliver_fn deliver;
    void *ctx;
    size_t in_flight;
    uint64_t order;
    line_frame_t frame[LINE_IN_FLIGHT];
    uint32_t lost, overflowed, carried;
} line_t;

void line_init(line_t *line, uint32_t seed, line_deliver_fn deliver, void *ctx);

/* Returns the node's number. Its key is one of its own, so that it is alone. */
unsigned line_add(line_t *line, const uint8_t host[6], const uint8_t modem[6], bool charger);
void line_attenuate(line_t *line, unsigned a, unsigned b, uint8_t dB);                    /* both ways */
void line_shape(line_t *line, unsigned a, unsigned b, const int8_t shape_dB[MME_GROUPS]); /* ... per carrier group, added to it */

/* The modem loses its key and boots. */
void line_reset(line_t *line, unsigned node, int64_t now_ms);

/* The host of this node sends a frame to its modem. */
void line_send(line_t *line, unsigned node, int64_t now_ms, ccs_view_t frame);

/* Delivers what is due. */
void line_step(line_t *line, int64_t now_ms);
int64_t line_deadline_ms(const line_t *line);

bool line_linked(const line_t *line, unsigned a, unsigned b, int64_t now_ms);

#endif
