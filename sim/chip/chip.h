/* A QCA7000 as its host sees it: registers and packet buffers behind SPI, an interrupt pin, a reset line; on its other side a node
 * of sim/line, whose modem is this chip's firmware.
 *
 * Octet for octet what the bus carries, in virtual time; no allocation. Each fault that was seen in the field is a switch: all off
 * is a healthy chip. A wrong access is answered as the chip does, with a cause, never with an assertion: it is the driver that is
 * judged. SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SIM_CHIP_CHIP_H
#define CCS_SIM_CHIP_CHIP_H

#include "qca7000/qca7000.h"
#include "sim/line/line.h"

enum { CHIP_RECEIVED_SIZE = QCA_RDBUF_MAX, CHIP_QUEUE_SIZE = QCA_WRBUF_SIZE, CHIP_BUS_SIZE = QCA_RDBUF_MAX + 2 };

typedef struct chip_faults {
    bool absent;                /* nothing drives the bus: all ones */
    bool legacy;                /* strapped so that chip select must toggle each 16 bits: the second word is never given */
    bool never_boots;           /* stays in reset */
    bool no_cpu_on;             /* boots, but CPU_ON is not among the causes */
    bool interrupt_dead;        /* the pin never rises */
    bool transmit_stuck;        /* what is written stays in its buffer */
    bool stuck_low;             /* MISO is 0000 */
    bool stuck_high;            /* MISO is FFFF */
    bool silent_errors;         /* a wrong access is ignored without a cause */
    uint8_t signature_wrong;    /* the next so many reads of the signature */
    uint16_t announce_most;     /* RDBUF_BYTE_AVA tells at most so much, as if the rest came later: packets are split; 0: all */
    uint16_t reset_within;      /* resets itself when so many octets of packets were clocked; 0: never */
    uint16_t flip_header;       /* flips a bit in the header of each such received packet, every n-th; 0: never */
    uint16_t flip_end;          /* likewise in its end */
    uint32_t noise_in_million;  /* of the bits that the host reads */
    uint32_t noise_out_million; /* of the bits that it writes */
} chip_faults_t;

typedef struct chip_stats {
    uint32_t resets, frames_in, frames_out, dropped; /* in: written by the host; dropped: no room to receive */
    uint32_t wrong_frames, wrong_sizes, over_reads, over_writes, wrong_addresses, octets;
} chip_stats_t;

/* faults, stats, boot_ms and send_ms are for the owner; the rest is private. */
typedef struct chip {
    line_t *line;
    unsigned node;
    chip_faults_t faults;
    chip_stats_t stats;
    uint32_t boot_ms; /* from reset to CPU_ON */
    uint32_t send_ms; /* a frame takes so long to leave its buffer */
    uint32_t seed;
    int64_t now_ms, ready_ms, sent_ms;
    bool booting, garbage, selected, held;
    uint32_t line_resets;
    uint16_t buffer_size, config, cause, enable;
    uint16_t command;
    size_t clocked; /* octets since chip select fell */
    uint8_t word[2];
    size_t received;  /* octets that wait for the host */
    size_t queued;    /* octets that wait for the line: each frame with its length in front */
    size_t debited;   /* of WRBUF_SPC_AVA */
    uint32_t packets; /* received, for flip_header */
    uint8_t receive[CHIP_RECEIVED_SIZE], queue[CHIP_QUEUE_SIZE], written[CHIP_BUS_SIZE];
} chip_t;

/* Powers the chip of this node of the line. */
void chip_init(chip_t *chip, line_t *line, unsigned node, int64_t now_ms);

/* What the line delivers to this node: give it to the chip, not to the host. */
void chip_receive(chip_t *chip, ccs_view_t frame);

/* One bus transfer with chip select held: out and in are length octets each; in may be NULL. */
void chip_bus(chip_t *chip, const uint8_t *out, uint8_t *in, size_t length);

/* The same for a transfer of the driver; always true. For qca_io_t: ctx is the chip. */
bool chip_transfer(void *chip, const qca_transfer_t *transfer);

/* Interrupt pin. The driver wants its rising edges. */
bool chip_interrupt(const chip_t *chip);

/* Reset line, low active: held is the chip in reset. */
void chip_hold(chip_t *chip, bool hold);
void chip_reset(chip_t *chip); /* by itself: a brown-out, a watchdog */

/* Octets into its receive buffer as they are, framing included or not. */
void chip_inject(chip_t *chip, ccs_view_t octets);

/* Boots, sends. */
void chip_step(chip_t *chip, int64_t now_ms);
int64_t chip_deadline_ms(const chip_t *chip);

#endif
