/* QCA7000 and QCA7005 behind SPI: Ethernet frames to and from the power-line modem.
 *
 * Events in, one action out. The machine never touches a pin, a bus or a clock: a step may ask for one SPI transfer; whoever owns
 * the bus does it (blocking, or with DMA and a semaphore) and steps again with QCA_ON_DONE. qca_run() below is that loop for a
 * blocking bus, and the whole of what a board needs:
 *
 *     task:  for (;;) {
 *                const bool interrupt = ulTaskNotifyTake(pdTRUE, ticks_until(qca_deadline_ms(&qca))) > 0;
 *                qca_run(&qca, &io, now_ms(), interrupt);
 *            }
 *     isr:   vTaskNotifyGiveFromISR(...)   (rising edge; no SPI here)
 *     send:  uint8_t *to = qca_put(&qca, length); if (to) { copy the frame to it; wake the task }
 *
 * One task owns the instance, qca_put() included. Work in one qca_run() is bounded, whatever the chip says.
 *
 * Lost interrupts, noise, a chip that resets itself or is not there: the machine polls every 100 ms, checks the signature, starts
 * the chip again, tells what it did (notice and why) and counts it. After QCA_NOTICE_DOWN the chip has lost its key: the link is
 * gone, and with it a charge. After QCA_NOTICE_UP the modem starts fresh: see qca7000/startup.h, then the matching machine.
 *
 * SPI mode 3, most significant bit first, 1 .. 12 MHz, chip select held from the command to the last octet ("burst mode"). A chip
 * strapped to legacy mode (chip select toggles each 16 bits) never shows its signature this way: it is reported as absent.
 *
 * Facts: I2SE application note 4 rev. 5 and the behaviour of the Linux driver with its corrections up to 2024.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_QCA7000_QCA7000_H
#define CCS_QCA7000_QCA7000_H

#include "ccs/trace.h"
#include "ccs/view.h"
#include "qca7000/assembler.h"

#include <stdbool.h>

/* --- the bus --------------------------------------------------------------------------------------------------------------------
 */

/* Command word: direction, space, address. Sent most significant octet first, as is every register. */
enum {
    QCA_READ = 0x8000,
    QCA_WRITE = 0x0000,
    QCA_INTERNAL = 0x4000, /* a register of 16 bits */
    QCA_EXTERNAL = 0x0000  /* the packet buffers, address 0 */
};

typedef enum qca_register {
    QCA_REG_BFR_SIZE = 0x0100,       /* octets of the external transfer that follows */
    QCA_REG_WRBUF_SPC_AVA = 0x0200,  /* free in the chip's transmit buffer */
    QCA_REG_RDBUF_BYTE_AVA = 0x0300, /* waiting in its receive buffer */
    QCA_REG_SPI_CONFIG = 0x0400,     /* bit 6 resets the chip */
    QCA_REG_SPI_STATUS = 0x0500,
    QCA_REG_INTR_CAUSE = 0x0C00, /* writing a 1 clears */
    QCA_REG_INTR_ENABLE = 0x0D00,
    QCA_REG_RDBUF_WATERMARK = 0x1200,
    QCA_REG_WRBUF_WATERMARK = 0x1300,
    QCA_REG_SIGNATURE = 0x1A00,
    QCA_REG_ACTION_CTRL = 0x1B00
} qca_register_t;

enum {
    QCA_SIGNATURE = 0xAA55,
    QCA_CONFIG_RESET = 0x0040,
    QCA_WRBUF_SIZE = 0x0C5B, /* WRBUF_SPC_AVA when the buffer is empty: 3163 */
    QCA_RDBUF_MAX = 0x0C5F,  /* RDBUF_BYTE_AVA is never more; what is, is noise on the bus */
    QCA_INTR_PKT_AVLBL = 0x0001,
    QCA_INTR_RDBUF_ERR = 0x0002,
    QCA_INTR_WRBUF_ERR = 0x0004,
    QCA_INTR_ADDR_ERR = 0x0008,
    QCA_INTR_CPU_ON = 0x0040,
    QCA_INTR_WRBUF_BELOW_WM = 0x0400,
    QCA_INTR_KNOWN = 0x044F,
    QCA_INTR_ENABLED = 0x0047 /* what we ask for, as Linux does */
};

/* One transfer, chip select held throughout: the command word, most significant octet first, then length octets in one direction.
 * A register is 2 octets. What the other data line carries meanwhile is of no meaning. Buffers live until the next step; rx and tx
 * of packets begin at the start of the caller's own buffers, so that they are aligned as those are. */
typedef struct qca_transfer {
    uint16_t command;
    uint16_t length;   /* octets behind the command; 0: no transfer is asked for */
    const uint8_t *tx; /* to write; NULL in a read */
    uint8_t *rx;       /* to be filled; NULL in a write */
} qca_transfer_t;

/* --- the machine ----------------------------------------------------------------------------------------------------------------
 */

enum {
    QCA_POLL_MS = 100,        /* supervision: signature, and whether an interrupt was lost */
    QCA_POLL_FAST_MS = 10,    /* after a poll found what no interrupt had told, until an interrupt comes */
    QCA_SPACE_POLL_MS = 5,    /* while the transmit buffer is full */
    QCA_STUCK_MS = 1000,      /* a transmit buffer that stays full so long: the chip hangs */
    QCA_RESET_POLL_MS = 20,   /* while the chip boots */
    QCA_RESET_STEP_MS = 1000, /* without CPU_ON for so long: an empty buffer and the signature count as well */
    QCA_RESET_TRIES = 10,     /* steps until the reset is begun again */
    QCA_RETRY_MS = 100,       /* after a signature that was not there; doubles up to */
    QCA_RETRY_MAX_MS = 3200,
    QCA_LINE_AFTER = 3,       /* starts in a row that failed, until the reset line is used */
    QCA_LINE_MS = 20,         /* reset line held low; then the chip boots */
    QCA_ROUNDS = 8,           /* receive transfers in one run */
    QCA_RX_SIZE_MIN = 64,     /* smaller receive buffers only cost more transfers */
    QCA_RX_SIZE_WHOLE = 3168, /* QCA_RDBUF_MAX rounded up: never more than one transfer */
    QCA_TX_OVERHEAD = 10,     /* of each waiting frame */
    QCA_TX_SIZE_MIN = 1532,   /* one frame */
    QCA_SPACE_OVERHEAD = 14   /* what the chip takes of its buffer beyond the frame */
};

typedef enum qca_state {
    QCA_STATE_SEARCHING, /* looks for the signature */
    QCA_STATE_BOOTING,   /* was reset, waits for CPU_ON */
    QCA_STATE_READY,
    QCA_STATE_HELD /* by its reset line */
} qca_state_t;

typedef enum qca_notice {
    QCA_NOTICE_NONE,
    QCA_NOTICE_UP,    /* frames pass; the modem has no key of ours yet */
    QCA_NOTICE_DOWN,  /* frames do not pass; everything that waited is dropped; the machine starts the chip again by itself */
    QCA_NOTICE_ABSENT /* said once per outage, when QCA_LINE_AFTER starts failed; the machine keeps trying, ever slower */
} qca_notice_t;

/* Why the chip went down, or why it does not come up. */
typedef enum qca_why {
    QCA_WHY_NONE,
    QCA_WHY_START,      /* first start, or qca_restart() */
    QCA_WHY_SELF_RESET, /* CPU_ON while running */
    QCA_WHY_SIGNATURE,  /* wrong twice in a row: no chip, no power, a bus stuck at 0000 or FFFF, or legacy mode */
    QCA_WHY_RDBUF_ERR,  /* the chip saw a read that its BFR_SIZE does not allow */
    QCA_WHY_WRBUF_ERR,  /* or a write */
    QCA_WHY_ADDR_ERR,   /* or an address that it has not */
    QCA_WHY_NOISE,      /* RDBUF_BYTE_AVA, WRBUF_SPC_AVA or INTR_CAUSE impossible, twice in a row */
    QCA_WHY_STUCK,      /* transmit buffer full for QCA_STUCK_MS */
    QCA_WHY_NO_CPU_ON,  /* did not come out of reset */
    QCA_WHY_BUS,        /* the transfer itself failed */
    QCA_WHY_COUNT
} qca_why_t;

typedef struct qca_config {
    uint8_t *rx; /* receive transfers: DMA-capable where the bus wants it */
    uint16_t rx_size;
    uint8_t *frame; /* QCA_FRAME_MAX octets: the frame being received */
    uint8_t *tx;    /* frames waiting, with framing: DMA-capable likewise */
    uint16_t tx_size;
    bool has_reset_line;
    ccs_trace_t trace;
} qca_config_t;

typedef enum qca_event_type {
    QCA_ON_TIME,      /* the deadline has come, or a frame was put */
    QCA_ON_INTERRUPT, /* the interrupt pin rose */
    QCA_ON_DONE       /* what the last step asked for is done */
} qca_event_type_t;

typedef struct qca_event {
    int64_t now_ms;
    qca_event_type_t type;
    bool failed; /* of QCA_ON_DONE: the bus refused the transfer */
} qca_event_t;

typedef struct qca_out {
    bool again;              /* do the transfer if there is one, then step with QCA_ON_DONE */
    qca_transfer_t transfer; /* length 0: none */
    ccs_view_t frame;        /* received, without FCS; length 0: none; lives until the next step */
    qca_notice_t notice;
    qca_why_t why;
    bool reset_line; /* hold the chip's reset line (low): whole, every step */
} qca_out_t;

/* For the journal and the statistics page; none of them ever wraps within the life of a charger at field rates. */
typedef struct qca_stats {
    uint32_t transfers, interrupts, polls;
    uint32_t frames_in, frames_out, octets_in, octets_out;
    uint32_t dropped_out;     /* waited when the chip went down */
    uint32_t refused_out;     /* qca_put(): not ready, no room, or no such length */
    uint32_t lost_interrupts; /* causes found by a poll */
    uint32_t spurious;        /* interrupts without a cause */
    uint32_t noise, signature_retries, resets, bus_failures;
    uint32_t down[QCA_WHY_COUNT];
} qca_stats_t;

/* All fields are private. */
typedef struct qca {
    qca_state_t state;
    uint8_t access;     /* under way: a row of qca7000.c */
    uint8_t word[4];    /* of a register transfer */
    uint16_t available; /* announced by the chip, not read yet */
    uint16_t piece;     /* octets of the packet transfer under way */
    uint16_t cause;
    uint16_t tx_used;  /* octets in config.tx */
    bool interrupt;    /* to be handled */
    bool handling;     /* interrupts are masked, receiving */
    bool acknowledged; /* in this handling */
    bool from_poll;    /* this handling was not asked for by the pin */
    bool edgeless;     /* interrupts do not come: poll fast */
    bool doubted;      /* the last value was impossible or grave: read it again */
    bool cpu_on;       /* came out of reset */
    bool restart, told_up, told_absent, line;
    uint8_t rounds, tries, failures;
    ccs_view_t unread; /* of the last receive transfer */
    qca_out_t *out;
    qca_config_t config;
    qca_assembler_t assembler;
    int64_t now_ms;
    int64_t wake_ms;  /* not ready: the next look */
    int64_t step_ms;  /* booting: the next try */
    int64_t poll_ms;  /* ready: supervision */
    int64_t space_ms; /* ready: the next look for room */
    int64_t stuck_ms; /* the chip's buffer is full: until then */
    qca_stats_t stats;
} qca_t;

/* config is copied; its buffers and pointers must live as long as the machine. The first step begins with the signature. */
void qca_init(qca_t *qca, const qca_config_t *config, int64_t now_ms);

/* QCA_ON_TIME and QCA_ON_INTERRUPT may come at any time, also while a transfer is under way: then nothing is asked for. */
void qca_step(qca_t *qca, const qca_event_t *event, qca_out_t *out);

/* Step with QCA_ON_TIME no later than then. */
int64_t qca_deadline_ms(const qca_t *qca);

/* Room for one Ethernet frame (without FCS) in the transmit queue: write exactly length octets to it before the next step. Shorter
 * frames are padded with zeros to 60. NULL, counted: the chip is not ready, the queue is full, or length is 0 or above 1522. */
uint8_t *qca_put(qca_t *qca, size_t length);

/* The modem's firmware does not answer any more: begin again from the signature. */
void qca_restart(qca_t *qca);

bool qca_is_ready(const qca_t *qca);
const char *qca_state_name(qca_state_t state);
const char *qca_why_text(qca_why_t why); /* one line for a person */

/* --- for a blocking bus ---------------------------------------------------------------------------------------------------------
 */

typedef struct qca_io {
    void *ctx;
    bool (*transfer)(void *ctx, const qca_transfer_t *transfer); /* false: the bus driver refused */
    void (*frame)(void *ctx, ccs_view_t frame);                  /* may call qca_put(), never qca_run() */
    void (*notice)(void *ctx, qca_notice_t notice, qca_why_t why);
    void (*reset_line)(void *ctx, bool hold); /* NULL: no line. Called when it changes */
} qca_io_t;

/* Steps until nothing is left to do now. */
void qca_run(qca_t *qca, const qca_io_t *io, int64_t now_ms, bool interrupt);

#endif
