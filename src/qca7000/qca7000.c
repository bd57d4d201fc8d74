/* Every access to the chip is a row: a command, and what is done when it has ended. Nothing waits: where nothing is to be done now,
 * the machine rests until its deadline or an interrupt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/qca7000.h"

#include "base/assert.h"
#include "base/trace.h"

#include <string.h>

enum { FRAMING = 10, FRAMING_FRONT = 8, MARK = 0xAA, END = 0x55, STUCK_HIGH = 0xFFFF };
enum { GRAVE = QCA_INTR_CPU_ON | QCA_INTR_RDBUF_ERR | QCA_INTR_WRBUF_ERR | QCA_INTR_ADDR_ERR };

typedef enum access {
    ACCESS_NONE,
    /* searching */
    ACCESS_WAKE,      /* the first read after power-on is garbage */
    ACCESS_SIGNATURE, /* the second counts */
    ACCESS_QUIET,
    ACCESS_FORGET, /* causes of the life before */
    ACCESS_CONFIG,
    ACCESS_RESET,
    /* booting */
    ACCESS_BOOT_CAUSE,
    ACCESS_BOOT_ACK,
    ACCESS_BOOT_WAKE, /* garbage again */
    ACCESS_BOOT_SIGNATURE,
    ACCESS_BOOT_SPACE,
    ACCESS_BOOT_ENABLE,
    /* ready: supervision, interrupt and receiving, sending */
    ACCESS_CHECK,
    ACCESS_MASK,
    ACCESS_CAUSE,
    ACCESS_AVAILABLE,
    ACCESS_READ_SIZE,
    ACCESS_READ,
    ACCESS_ACK,
    ACCESS_ENABLE,
    ACCESS_SPACE,
    ACCESS_WRITE_SIZE,
    ACCESS_WRITE,
    ACCESS_COUNT
} access_t;

typedef struct row {
    uint16_t command;
    void (*done)(qca_t *qca, uint16_t value); /* value: of a register that was read */
} row_t;

static const row_t *row_of(access_t access);
static void work(qca_t *qca);

/* --- accesses -------------------------------------------------------------------------------------------------------------------
 */

static void begin(qca_t *qca, access_t access, uint8_t *octets, uint16_t length)
{
    const uint16_t command = row_of(access)->command;
    const bool reads = (command & QCA_READ) != 0;
    qca->access = (uint8_t)access;
    qca->stats.transfers++;
    qca->out->again = true;
    qca->out->transfer =
        (qca_transfer_t){.command = command, .length = length, .tx = reads ? NULL : octets, .rx = reads ? octets : NULL};
}

static void get(qca_t *qca, access_t access)
{
    begin(qca, access, qca->word, 2);
}

static void set(qca_t *qca, access_t access, uint16_t value)
{
    qca->word[0] = (uint8_t)(value >> 8);
    qca->word[1] = (uint8_t)value;
    begin(qca, access, qca->word, 2);
}

/* An impossible value is read once more before it is believed. False: it has been. */
static bool doubt(qca_t *qca, access_t access)
{
    const bool first = !qca->doubted;
    qca->doubted = first;
    if (first) {
        qca->stats.noise++;
        get(qca, access);
    }
    return first;
}

/* --- up and down ----------------------------------------------------------------------------------------------------------------
 */

static void note(qca_t *qca, ccs_level_t level, const char *event, qca_why_t why)
{
    const ccs_trace_record_t record = {
        .now_ms = qca->now_ms,
        .level = level,
        .room = "qca7000",
        .event = event,
        .fields = 2,
        .field = {{.name = "state", .text = qca_state_name(qca->state)}, {.name = "why", .text = qca_why_text(why)}}};
    trace_emit(&qca->config.trace, &record);
}

static void notify(qca_t *qca, qca_notice_t notice, qca_why_t why)
{
    static const char *const events[] = {"", "up", "down", "absent"};
    qca->out->notice = notice;
    qca->out->why = why;
    note(qca, notice == QCA_NOTICE_UP ? CCS_LEVEL_INFO : CCS_LEVEL_ERROR, events[notice], why);
}

static uint16_t queued_length(const qca_t *qca, uint16_t at)
{
    return (uint16_t)(qca->config.tx[at + 4] | qca->config.tx[at + 5] << 8);
}

static void drop_queue(qca_t *qca)
{
    for (uint16_t at = 0; at < qca->tx_used; at = (uint16_t)(at + queued_length(qca, at) + FRAMING)) {
        qca->stats.dropped_out++;
    }
    qca->tx_used = 0;
}

/* What the machine knows of the chip holds no more. */
static void lose(qca_t *qca, qca_why_t why)
{
    qca->stats.down[why]++;
    qca_assembler_reset(&qca->assembler);
    qca->unread = (ccs_view_t){NULL, 0};
    qca->available = 0;
    qca->handling = qca->doubted = qca->interrupt = qca->from_poll = false;
    drop_queue(qca);
    if (qca->told_up) {
        qca->told_up = false;
        notify(qca, QCA_NOTICE_DOWN, why);
    }
}

static void search(qca_t *qca, int64_t from_ms)
{
    qca->state = QCA_STATE_SEARCHING;
    qca->wake_ms = from_ms;
}

/* While it ran: begin again at once. */
static void go_down(qca_t *qca, qca_why_t why)
{
    lose(qca, why);
    search(qca, qca->now_ms);
    work(qca);
}

static int64_t retry_ms(const qca_t *qca)
{
    const int64_t wait_ms = (int64_t)QCA_RETRY_MS << (qca->failures < 6 ? qca->failures : 6);
    return qca->now_ms + (wait_ms < QCA_RETRY_MAX_MS ? wait_ms : QCA_RETRY_MAX_MS);
}

static void hold(qca_t *qca)
{
    qca->state = QCA_STATE_HELD;
    qca->line = true;
    qca->out->reset_line = true;
    qca->wake_ms = qca->now_ms + QCA_LINE_MS;
}

/* A start that failed: slower each time, the reset line after some, one notice per outage. */
static void fail(qca_t *qca, qca_why_t why)
{
    lose(qca, why);
    search(qca, retry_ms(qca));
    qca->failures = (uint8_t)(qca->failures < UINT8_MAX ? qca->failures + 1 : QCA_LINE_AFTER);
    if (qca->failures % QCA_LINE_AFTER == 0 && qca->config.has_reset_line) {
        hold(qca);
    }
    if (qca->failures >= QCA_LINE_AFTER && !qca->told_absent) {
        qca->told_absent = true;
        notify(qca, QCA_NOTICE_ABSENT, why);
    }
}

static void release(qca_t *qca)
{
    if (qca->now_ms < qca->wake_ms) {
        return;
    }
    qca->line = false;
    qca->out->reset_line = false;
    search(qca, retry_ms(qca));
}

/* --- searching ------------------------------------------------------------------------------------------------------------------
 */

static void look_for(qca_t *qca)
{
    if (qca->now_ms >= qca->wake_ms) {
        get(qca, ACCESS_WAKE);
    }
}

static void on_wake(qca_t *qca, uint16_t value)
{
    (void)value;
    get(qca, ACCESS_SIGNATURE);
}

static void on_signature(qca_t *qca, uint16_t value)
{
    if (value != QCA_SIGNATURE) {
        fail(qca, QCA_WHY_SIGNATURE);
        return;
    }
    set(qca, ACCESS_QUIET, 0);
}

static void on_quiet(qca_t *qca, uint16_t value)
{
    (void)value;
    set(qca, ACCESS_FORGET, QCA_INTR_KNOWN);
}

static void on_forget(qca_t *qca, uint16_t value)
{
    (void)value;
    get(qca, ACCESS_CONFIG);
}

static void on_config(qca_t *qca, uint16_t value)
{
    qca->stats.resets++;
    set(qca, ACCESS_RESET, value | QCA_CONFIG_RESET);
}

static void boot(qca_t *qca)
{
    qca->state = QCA_STATE_BOOTING;
    qca->tries = 0;
    qca->cpu_on = false;
    qca->interrupt = false;
    qca->wake_ms = qca->now_ms + QCA_RESET_POLL_MS;
    qca->step_ms = qca->now_ms + QCA_RESET_STEP_MS;
}

static void on_reset(qca_t *qca, uint16_t value)
{
    (void)value;
    boot(qca);
}

/* --- booting --------------------------------------------------------------------------------------------------------------------
 */

static void look_booted(qca_t *qca)
{
    if (qca->now_ms >= qca->step_ms) {
        qca->step_ms = qca->now_ms + QCA_RESET_STEP_MS;
        qca->tries++;
    }
    if (qca->tries >= QCA_RESET_TRIES) {
        fail(qca, QCA_WHY_NO_CPU_ON);
        return;
    }
    if (qca->now_ms >= qca->wake_ms || qca->interrupt) {
        qca->interrupt = false;
        qca->wake_ms = qca->now_ms + QCA_RESET_POLL_MS;
        get(qca, ACCESS_BOOT_CAUSE);
    }
}

/* CPU_ON may have come and gone before we looked: after a step the rest counts without it. All ones is a bus that nobody drives. */
static void on_boot_cause(qca_t *qca, uint16_t value)
{
    if (value == STUCK_HIGH) {
        return;
    }
    if ((value & QCA_INTR_CPU_ON) != 0) {
        qca->cpu_on = true;
        set(qca, ACCESS_BOOT_ACK, value);
        return;
    }
    if (qca->cpu_on || qca->tries > 0) {
        get(qca, ACCESS_BOOT_WAKE);
    }
}

static void on_boot_ack(qca_t *qca, uint16_t value)
{
    (void)value;
    get(qca, ACCESS_BOOT_WAKE);
}

static void on_boot_wake(qca_t *qca, uint16_t value)
{
    (void)value;
    get(qca, ACCESS_BOOT_SIGNATURE);
}

static void on_boot_signature(qca_t *qca, uint16_t value)
{
    if (value == QCA_SIGNATURE) {
        get(qca, ACCESS_BOOT_SPACE);
    }
}

static void on_boot_space(qca_t *qca, uint16_t value)
{
    if (value == QCA_WRBUF_SIZE) {
        set(qca, ACCESS_BOOT_ENABLE, QCA_INTR_ENABLED);
    }
}

static void on_boot_enable(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->state = QCA_STATE_READY;
    qca->failures = 0;
    qca->told_absent = false;
    qca->told_up = true;
    qca->poll_ms = qca->now_ms; /* what came in meanwhile had no edge */
    qca->space_ms = qca->now_ms;
    qca->stuck_ms = INT64_MAX;
    notify(qca, QCA_NOTICE_UP, QCA_WHY_NONE);
    work(qca);
}

/* --- ready: supervision ---------------------------------------------------------------------------------------------------------
 */

static void on_check(qca_t *qca, uint16_t value)
{
    if (value != QCA_SIGNATURE) { /* seen once in a while when the chip is busy with SLAC */
        qca->stats.signature_retries += !qca->doubted;
        if (!doubt(qca, ACCESS_CHECK)) {
            go_down(qca, QCA_WHY_SIGNATURE);
        }
        return;
    }
    qca->doubted = false;
    qca->from_poll = !qca->interrupt;
    qca->interrupt = true;
    work(qca);
}

/* --- ready: interrupt and receiving ---------------------------------------------------------------------------------------------
 */

static void handle_interrupt(qca_t *qca)
{
    qca->interrupt = false;
    qca->handling = true;
    qca->acknowledged = false;
    set(qca, ACCESS_MASK, 0);
}

static void on_mask(qca_t *qca, uint16_t value)
{
    (void)value;
    get(qca, ACCESS_CAUSE);
}

/* The chip started again by itself: key and link are gone. */
static void self_reset(qca_t *qca, uint16_t cause)
{
    lose(qca, QCA_WHY_SELF_RESET);
    boot(qca);
    qca->cpu_on = true;
    set(qca, ACCESS_BOOT_ACK, cause);
}

static bool handle_grave(qca_t *qca, uint16_t cause)
{
    if (cause == STUCK_HIGH) {
        go_down(qca, QCA_WHY_NOISE);
    } else if ((cause & QCA_INTR_CPU_ON) != 0) {
        self_reset(qca, cause);
    } else if ((cause & QCA_INTR_RDBUF_ERR) != 0) {
        go_down(qca, QCA_WHY_RDBUF_ERR);
    } else if ((cause & QCA_INTR_WRBUF_ERR) != 0) {
        go_down(qca, QCA_WHY_WRBUF_ERR);
    } else if ((cause & QCA_INTR_ADDR_ERR) != 0) {
        go_down(qca, QCA_WHY_ADDR_ERR);
    } else {
        return false;
    }
    return true;
}

static void count_cause(qca_t *qca)
{
    if (qca->from_poll && qca->cause != 0) {
        qca->stats.lost_interrupts++;
        qca->edgeless = true;
        qca->poll_ms = qca->now_ms + QCA_POLL_FAST_MS;
    }
    qca->stats.spurious += !qca->from_poll && qca->cause == 0;
    qca->from_poll = false;
}

/* Causes are latched: one that ends a charge must stand there twice, so that a flipped bit on the bus does not. */
static void on_cause(qca_t *qca, uint16_t value)
{
    if ((value & GRAVE) != 0 && !qca->doubted) {
        qca->doubted = true;
        qca->cause = value;
        get(qca, ACCESS_CAUSE);
        return;
    }
    if (qca->doubted) {
        qca->doubted = false;
        const uint16_t both = value & qca->cause;
        if (handle_grave(qca, both)) {
            return;
        }
        qca->stats.noise++;
    }
    qca->cause = value & (uint16_t)~GRAVE;
    count_cause(qca);
    if ((qca->cause & QCA_INTR_PKT_AVLBL) != 0) {
        get(qca, ACCESS_AVAILABLE);
        return;
    }
    set(qca, ACCESS_ACK, qca->cause);
}

static void read_piece(qca_t *qca)
{
    qca->piece = qca->available < qca->config.rx_size ? qca->available : qca->config.rx_size;
    set(qca, ACCESS_READ_SIZE, qca->piece);
}

/* Acknowledged after reading, and looked at once more before interrupts are let in again: nothing falls into the gap. */
static void receive_more(qca_t *qca)
{
    if (qca->available > 0 && qca->rounds < QCA_ROUNDS) {
        read_piece(qca);
    } else if (!qca->acknowledged) {
        set(qca, ACCESS_ACK, qca->cause);
    } else if (qca->rounds < QCA_ROUNDS) {
        get(qca, ACCESS_AVAILABLE);
    } else {
        qca->interrupt = true; /* there may be more: in the next run */
        set(qca, ACCESS_ENABLE, QCA_INTR_ENABLED);
    }
}

static void on_available(qca_t *qca, uint16_t value)
{
    if (value > QCA_RDBUF_MAX) {
        if (!doubt(qca, ACCESS_AVAILABLE)) {
            go_down(qca, QCA_WHY_NOISE);
        }
        return;
    }
    qca->doubted = false;
    qca->available = value;
    if (value == 0 && qca->acknowledged) {
        set(qca, ACCESS_ENABLE, QCA_INTR_ENABLED);
        return;
    }
    receive_more(qca);
}

static void on_read_size(qca_t *qca, uint16_t value)
{
    (void)value;
    begin(qca, ACCESS_READ, qca->config.rx, qca->piece);
}

static void on_read(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->rounds++;
    qca->available = (uint16_t)(qca->available - qca->piece);
    qca->unread = (ccs_view_t){qca->config.rx, qca->piece};
    work(qca);
}

static void on_ack(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->acknowledged = true;
    qca->available = 0; /* ask anew */
    receive_more(qca);
}

static void on_enable(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->handling = false;
    work(qca);
}

/* Hands out one frame of the last transfer; false: there is none left in it. */
static bool deliver(qca_t *qca)
{
    if (qca->unread.length == 0) {
        return false;
    }
    ccs_view_t *const frame = &qca->out->frame;
    const size_t taken = qca_assembler_take(&qca->assembler, qca->unread, frame);
    qca->unread.at += taken;
    qca->unread.length -= taken;
    if (frame->length == 0) {
        return false;
    }
    qca->stats.frames_in++;
    qca->stats.octets_in += (uint32_t)frame->length;
    qca->out->again = true;
    return true;
}

/* --- ready: sending -------------------------------------------------------------------------------------------------------------
 */

static void wait_for_space(qca_t *qca)
{
    if (qca->stuck_ms == INT64_MAX) {
        qca->stuck_ms = qca->now_ms + QCA_STUCK_MS;
    }
    if (qca->now_ms >= qca->stuck_ms) {
        go_down(qca, QCA_WHY_STUCK);
        return;
    }
    qca->space_ms = qca->now_ms + QCA_SPACE_POLL_MS;
    work(qca);
}

static void on_space(qca_t *qca, uint16_t value)
{
    if (value > QCA_WRBUF_SIZE) {
        if (!doubt(qca, ACCESS_SPACE)) {
            go_down(qca, QCA_WHY_NOISE);
        }
        return;
    }
    qca->doubted = false;
    const uint16_t length = queued_length(qca, 0);
    if (value < length + QCA_SPACE_OVERHEAD) {
        wait_for_space(qca);
        return;
    }
    qca->stuck_ms = INT64_MAX;
    qca->piece = (uint16_t)(length + FRAMING);
    set(qca, ACCESS_WRITE_SIZE, qca->piece);
}

static void on_write_size(qca_t *qca, uint16_t value)
{
    (void)value;
    begin(qca, ACCESS_WRITE, qca->config.tx, qca->piece);
}

static void on_write(qca_t *qca, uint16_t value)
{
    (void)value;
    qca->stats.frames_out++;
    qca->stats.octets_out += (uint32_t)(qca->piece - FRAMING);
    qca->tx_used = (uint16_t)(qca->tx_used - qca->piece);
    memmove(qca->config.tx, qca->config.tx + qca->piece, qca->tx_used);
    work(qca);
}

uint8_t *qca_put(qca_t *qca, size_t length)
{
    const size_t padded = length < QCA_FRAME_MIN ? QCA_FRAME_MIN : length;
    const size_t room = (size_t)(qca->config.tx_size - qca->tx_used);
    if (qca->state != QCA_STATE_READY || length == 0 || length > QCA_FRAME_MAX || padded + FRAMING > room) {
        qca->stats.refused_out++;
        return NULL;
    }
    uint8_t *const at = qca->config.tx + qca->tx_used;
    memset(at, MARK, 4);
    at[4] = (uint8_t)padded;
    at[5] = (uint8_t)(padded >> 8);
    memset(at + 6, 0, padded + 2);
    memset(at + FRAMING_FRONT + padded, END, 2);
    qca->tx_used = (uint16_t)(qca->tx_used + padded + FRAMING);
    return at + FRAMING_FRONT;
}

/* --- the machine ----------------------------------------------------------------------------------------------------------------
 */

static void serve(qca_t *qca)
{
    if (qca->now_ms >= qca->poll_ms) {
        qca->stats.polls++;
        qca->poll_ms = qca->now_ms + (qca->edgeless ? QCA_POLL_FAST_MS : QCA_POLL_MS);
        get(qca, ACCESS_CHECK);
    } else if (qca->interrupt && qca->rounds < QCA_ROUNDS) {
        handle_interrupt(qca);
    } else if (qca->tx_used > 0 && qca->now_ms >= qca->space_ms) {
        get(qca, ACCESS_SPACE);
    }
}

static void work(qca_t *qca)
{
    static void (*const rests[])(qca_t *) = {
        [QCA_STATE_SEARCHING] = look_for,
        [QCA_STATE_BOOTING] = look_booted,
        [QCA_STATE_READY] = serve,
        [QCA_STATE_HELD] = release,
    };
    if (deliver(qca)) {
        return;
    }
    if (qca->handling) {
        receive_more(qca);
        return;
    }
    rests[qca->state](qca);
}

static const row_t *row_of(access_t access)
{
    enum { GET = QCA_READ | QCA_INTERNAL, SET = QCA_WRITE | QCA_INTERNAL };
    static const row_t rows[ACCESS_COUNT] = {
        [ACCESS_WAKE] = {GET | QCA_REG_SIGNATURE, on_wake},
        [ACCESS_SIGNATURE] = {GET | QCA_REG_SIGNATURE, on_signature},
        [ACCESS_QUIET] = {SET | QCA_REG_INTR_ENABLE, on_quiet},
        [ACCESS_FORGET] = {SET | QCA_REG_INTR_CAUSE, on_forget},
        [ACCESS_CONFIG] = {GET | QCA_REG_SPI_CONFIG, on_config},
        [ACCESS_RESET] = {SET | QCA_REG_SPI_CONFIG, on_reset},
        [ACCESS_BOOT_CAUSE] = {GET | QCA_REG_INTR_CAUSE, on_boot_cause},
        [ACCESS_BOOT_ACK] = {SET | QCA_REG_INTR_CAUSE, on_boot_ack},
        [ACCESS_BOOT_WAKE] = {GET | QCA_REG_SIGNATURE, on_boot_wake},
        [ACCESS_BOOT_SIGNATURE] = {GET | QCA_REG_SIGNATURE, on_boot_signature},
        [ACCESS_BOOT_SPACE] = {GET | QCA_REG_WRBUF_SPC_AVA, on_boot_space},
        [ACCESS_BOOT_ENABLE] = {SET | QCA_REG_INTR_ENABLE, on_boot_enable},
        [ACCESS_CHECK] = {GET | QCA_REG_SIGNATURE, on_check},
        [ACCESS_MASK] = {SET | QCA_REG_INTR_ENABLE, on_mask},
        [ACCESS_CAUSE] = {GET | QCA_REG_INTR_CAUSE, on_cause},
        [ACCESS_AVAILABLE] = {GET | QCA_REG_RDBUF_BYTE_AVA, on_available},
        [ACCESS_READ_SIZE] = {SET | QCA_REG_BFR_SIZE, on_read_size},
        [ACCESS_READ] = {QCA_READ | QCA_EXTERNAL, on_read},
        [ACCESS_ACK] = {SET | QCA_REG_INTR_CAUSE, on_ack},
        [ACCESS_ENABLE] = {SET | QCA_REG_INTR_ENABLE, on_enable},
        [ACCESS_SPACE] = {GET | QCA_REG_WRBUF_SPC_AVA, on_space},
        [ACCESS_WRITE_SIZE] = {SET | QCA_REG_BFR_SIZE, on_write_size},
        [ACCESS_WRITE] = {QCA_WRITE | QCA_EXTERNAL, on_write},
    };
    return &rows[access];
}

void qca_init(qca_t *qca, const qca_config_t *config, int64_t now_ms)
{
    CCS_ASSERT(config->rx && config->rx_size >= QCA_RX_SIZE_MIN && config->frame);
    CCS_ASSERT(config->tx && config->tx_size >= QCA_TX_SIZE_MIN);
    *qca = (qca_t){.config = *config, .now_ms = now_ms, .wake_ms = now_ms, .stuck_ms = INT64_MAX};
    qca_assembler_init(&qca->assembler, config->frame);
}

void qca_restart(qca_t *qca)
{
    qca->restart = true;
}

static void end_access(qca_t *qca, const qca_event_t *event)
{
    const row_t *const row = row_of((access_t)qca->access);
    CCS_ASSERT(row->done);
    qca->access = ACCESS_NONE;
    if (event->failed) {
        qca->stats.bus_failures++;
        fail(qca, QCA_WHY_BUS);
        return;
    }
    row->done(qca, (uint16_t)(qca->word[0] << 8 | qca->word[1]));
}

static void take_event(qca_t *qca, const qca_event_t *event)
{
    if (event->type == QCA_ON_INTERRUPT) {
        qca->interrupt = true;
        qca->edgeless = false;
        qca->stats.interrupts++;
    }
    if (qca->access != ACCESS_NONE) {
        if (event->type == QCA_ON_DONE) {
            end_access(qca, event);
        }
        return;
    }
    if (qca->restart) {
        qca->restart = false;
        go_down(qca, QCA_WHY_START);
        return;
    }
    if (event->type != QCA_ON_DONE) {
        qca->rounds = 0;
    }
    work(qca);
}

void qca_step(qca_t *qca, const qca_event_t *event, qca_out_t *out)
{
    *out = (qca_out_t){.reset_line = qca->line};
    qca->now_ms = event->now_ms;
    qca->out = out;
    take_event(qca, event);
    qca->out = NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t qca_deadline_ms(const qca_t *qca)
{
    if (qca->access != ACCESS_NONE) {
        return INT64_MAX; /* the owner of the bus steps next */
    }
    if (qca->restart || qca->handling || qca->unread.length > 0 || (qca->interrupt && qca->state == QCA_STATE_READY)) {
        return qca->now_ms;
    }
    if (qca->state == QCA_STATE_READY) {
        return earlier(qca->poll_ms, qca->tx_used > 0 ? qca->space_ms : INT64_MAX);
    }
    return qca->state == QCA_STATE_BOOTING ? earlier(qca->wake_ms, qca->step_ms) : qca->wake_ms;
}

bool qca_is_ready(const qca_t *qca)
{
    return qca->state == QCA_STATE_READY;
}
