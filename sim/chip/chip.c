/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/chip/chip.h"

#include "base/assert.h"

#include <string.h>

enum { FRAMING = 10, FRAMING_FRONT = 8, OUTER = 4, MARK = 0xAA, END = 0x55, COMMAND_SIZE = 2, WORD_SIZE = 2, QUEUE_HEADER = 2 };
enum { GARBAGE = 0x5A5A, BOOT_MS = 60, SEND_MS = 1 };

static uint32_t draw(chip_t *chip)
{
    chip->seed ^= chip->seed << 13;
    chip->seed ^= chip->seed >> 17;
    chip->seed ^= chip->seed << 5;
    return chip->seed;
}

static void raise_cause(chip_t *chip, uint16_t cause)
{
    chip->cause |= chip->faults.silent_errors ? cause & (QCA_INTR_PKT_AVLBL | QCA_INTR_CPU_ON) : cause;
}

/* --- reset ----------------------------------------------------------------------------------------------------------------------
 */

static void begin_boot(chip_t *chip)
{
    chip->booting = true;
    chip->garbage = true;
    chip->ready_ms = chip->now_ms + chip->boot_ms;
    chip->sent_ms = INT64_MAX;
    chip->buffer_size = chip->config = chip->cause = chip->enable = 0;
    chip->received = chip->queued = chip->debited = 0;
}

void chip_reset(chip_t *chip)
{
    chip->stats.resets++;
    begin_boot(chip);
    line_reset(chip->line, chip->node, chip->now_ms);
    chip->line_resets = chip->line->node[chip->node].resets;
}

void chip_init(chip_t *chip, line_t *line, unsigned node, int64_t now_ms)
{
    memset(chip, 0, sizeof *chip);
    chip->line = line;
    chip->node = node;
    chip->now_ms = now_ms;
    chip->boot_ms = BOOT_MS;
    chip->send_ms = SEND_MS;
    chip->seed = 0x51CA7000 + node;
    begin_boot(chip);
    chip->line_resets = line->node[node].resets;
}

void chip_hold(chip_t *chip, bool hold)
{
    if (chip->held && !hold) {
        chip_reset(chip);
    }
    chip->held = hold;
}

static bool is_alive(const chip_t *chip)
{
    return !chip->booting && !chip->held && !chip->faults.absent;
}

/* --- receive buffer -------------------------------------------------------------------------------------------------------------
 */

static void append(chip_t *chip, const uint8_t *octets, size_t length)
{
    memcpy(chip->receive + chip->received, octets, length);
    chip->received += length;
}

void chip_inject(chip_t *chip, ccs_view_t octets)
{
    if (!is_alive(chip) || octets.length > sizeof chip->receive - chip->received) {
        chip->stats.dropped++;
        return;
    }
    append(chip, octets.at, octets.length);
    raise_cause(chip, QCA_INTR_PKT_AVLBL);
}

static bool is_nth(uint32_t number, uint16_t every)
{
    return every != 0 && number % every == 0;
}

void chip_receive(chip_t *chip, ccs_view_t frame)
{
    const size_t outer = frame.length + FRAMING;
    const uint8_t head[OUTER + FRAMING_FRONT] = {
        0, 0, (uint8_t)(outer >> 8), (uint8_t)outer, MARK, MARK, MARK, MARK, (uint8_t)frame.length, (uint8_t)(frame.length >> 8),
        0, 0};
    const uint8_t end[] = {END, END};
    if (!is_alive(chip) || outer + OUTER > sizeof chip->receive - chip->received) {
        chip->stats.dropped++;
        return;
    }
    uint8_t *const at = chip->receive + chip->received;
    append(chip, head, sizeof head);
    append(chip, frame.at, frame.length);
    append(chip, end, sizeof end);
    chip->packets++;
    chip->stats.frames_out++;
    at[2 + draw(chip) % 8] ^= is_nth(chip->packets, chip->faults.flip_header) ? 0x10 : 0;
    at[OUTER + outer - 1] ^= is_nth(chip->packets, chip->faults.flip_end) ? 0x10 : 0;
    raise_cause(chip, QCA_INTR_PKT_AVLBL);
}

/* --- transmit buffer ------------------------------------------------------------------------------------------------------------
 */

/* Length of the frame in what was written; 0: no frame as it must be. */
static size_t written_frame(const chip_t *chip, size_t length)
{
    static const uint8_t mark[4] = {MARK, MARK, MARK, MARK};
    const uint8_t *const at = chip->written;
    const size_t frame = length >= FRAMING ? (size_t)(at[4] | at[5] << 8) : 0;
    const bool fits = frame >= QCA_FRAME_MIN && frame <= QCA_FRAME_MAX && frame + FRAMING == length;
    return fits && memcmp(at, mark, 4) == 0 && at[6] == 0 && at[7] == 0 && at[length - 2] == END && at[length - 1] == END ? frame
                                                                                                                          : 0;
}

static void enqueue(chip_t *chip, size_t frame)
{
    uint8_t *const at = chip->queue + chip->queued;
    at[0] = (uint8_t)(frame >> 8);
    at[1] = (uint8_t)frame;
    memcpy(at + QUEUE_HEADER, chip->written + FRAMING_FRONT, frame);
    chip->queued += QUEUE_HEADER + frame;
    chip->debited += frame + QCA_SPACE_OVERHEAD;
    chip->stats.frames_in++;
    if (chip->sent_ms == INT64_MAX) {
        chip->sent_ms = chip->now_ms + chip->send_ms;
    }
}

/* Chip select rises behind an external write. */
static void end_write(chip_t *chip)
{
    const size_t length = chip->clocked - COMMAND_SIZE;
    const size_t frame = length <= sizeof chip->written ? written_frame(chip, length) : 0;
    if (length != chip->buffer_size) {
        chip->stats.wrong_sizes++;
        raise_cause(chip, QCA_INTR_WRBUF_ERR);
    } else if (chip->debited + length + OUTER > QCA_WRBUF_SIZE) {
        chip->stats.over_writes++;
        raise_cause(chip, QCA_INTR_WRBUF_ERR);
    } else if (frame == 0) {
        chip->stats.wrong_frames++;
        raise_cause(chip, QCA_INTR_WRBUF_ERR);
    } else {
        enqueue(chip, frame);
    }
    chip->buffer_size = 0;
}

static void send_first(chip_t *chip)
{
    const size_t frame = (size_t)(chip->queue[0] << 8 | chip->queue[1]);
    line_send(chip->line, chip->node, chip->now_ms, (ccs_view_t){chip->queue + QUEUE_HEADER, frame});
    chip->queued -= QUEUE_HEADER + frame;
    chip->debited -= frame + QCA_SPACE_OVERHEAD;
    memmove(chip->queue, chip->queue + QUEUE_HEADER + frame, chip->queued);
    chip->sent_ms = chip->queued > 0 ? chip->now_ms + chip->send_ms : INT64_MAX;
}

/* --- registers ------------------------------------------------------------------------------------------------------------------
 */

static uint16_t announced(const chip_t *chip)
{
    const uint16_t most = chip->faults.announce_most;
    return (uint16_t)(most != 0 && chip->received > most ? most : chip->received);
}

static uint16_t signature(chip_t *chip)
{
    if (chip->garbage || chip->faults.signature_wrong > 0) {
        chip->faults.signature_wrong = (uint8_t)(chip->faults.signature_wrong - !chip->garbage);
        chip->garbage = false;
        return GARBAGE;
    }
    return QCA_SIGNATURE;
}

static uint16_t read_register(chip_t *chip, uint16_t address)
{
    switch (address) {
    case QCA_REG_BFR_SIZE:
        return chip->buffer_size;
    case QCA_REG_WRBUF_SPC_AVA:
        return (uint16_t)(QCA_WRBUF_SIZE - chip->debited);
    case QCA_REG_RDBUF_BYTE_AVA:
        return announced(chip);
    case QCA_REG_SPI_CONFIG:
        return chip->config;
    case QCA_REG_INTR_CAUSE:
        return chip->cause;
    case QCA_REG_INTR_ENABLE:
        return chip->enable;
    case QCA_REG_SIGNATURE:
        return signature(chip);
    case QCA_REG_SPI_STATUS:
    case QCA_REG_RDBUF_WATERMARK:
    case QCA_REG_WRBUF_WATERMARK:
    case QCA_REG_ACTION_CTRL:
        return 0;
    default:
        chip->stats.wrong_addresses++;
        raise_cause(chip, QCA_INTR_ADDR_ERR);
        return 0;
    }
}

static void write_register(chip_t *chip, uint16_t address, uint16_t value)
{
    switch (address) {
    case QCA_REG_BFR_SIZE:
        chip->buffer_size = value;
        return;
    case QCA_REG_INTR_CAUSE:
        chip->cause &= (uint16_t)~value;
        return;
    case QCA_REG_INTR_ENABLE:
        chip->enable = value;
        return;
    case QCA_REG_SPI_CONFIG:
        chip->config = value & (uint16_t)~QCA_CONFIG_RESET;
        if ((value & QCA_CONFIG_RESET) != 0) {
            chip_reset(chip);
        }
        return;
    case QCA_REG_RDBUF_WATERMARK:
    case QCA_REG_WRBUF_WATERMARK:
    case QCA_REG_ACTION_CTRL:
        return;
    default:
        chip->stats.wrong_addresses++;
        raise_cause(chip, QCA_INTR_ADDR_ERR);
    }
}

/* --- the bus, octet for octet ----------------------------------------------------------------------------------------------------
 */

static bool is_read(const chip_t *chip)
{
    return (chip->command & QCA_READ) != 0;
}

static bool is_internal(const chip_t *chip)
{
    return (chip->command & QCA_INTERNAL) != 0;
}

static uint16_t address_of(const chip_t *chip)
{
    return chip->command & (uint16_t) ~(QCA_READ | QCA_INTERNAL);
}

/* A packet octet passed: the chip may fall over in the middle. */
static void count_packet_octet(chip_t *chip)
{
    if (chip->faults.reset_within == 0) {
        return;
    }
    chip->faults.reset_within--;
    if (chip->faults.reset_within == 0) {
        chip_reset(chip);
    }
}

static uint8_t give_packet(chip_t *chip, size_t at)
{
    const uint8_t octet = at < chip->buffer_size && at < chip->received ? chip->receive[at] : 0;
    count_packet_octet(chip);
    return octet;
}

static void take_packet(chip_t *chip, size_t at, uint8_t octet)
{
    if (at < sizeof chip->written) {
        chip->written[at] = octet;
    }
    count_packet_octet(chip);
}

static void take_command(chip_t *chip, uint8_t octet)
{
    chip->command = (uint16_t)(chip->command << 8 | octet);
    if (chip->clocked + 1 == COMMAND_SIZE && is_internal(chip) && is_read(chip)) {
        const uint16_t value = read_register(chip, address_of(chip));
        chip->word[0] = (uint8_t)(value >> 8);
        chip->word[1] = (uint8_t)value;
    }
}

/* What the chip drives while this octet comes in. */
static uint8_t exchange(chip_t *chip, uint8_t octet)
{
    if (chip->clocked < COMMAND_SIZE) {
        take_command(chip, octet);
        return 0;
    }
    const size_t at = chip->clocked - COMMAND_SIZE;
    if (is_internal(chip)) {
        const uint8_t told = is_read(chip) && at < WORD_SIZE && !chip->faults.legacy ? chip->word[at] : 0;
        if (!is_read(chip) && at < WORD_SIZE) {
            chip->word[at] = octet;
        }
        return told;
    }
    if (is_read(chip)) {
        return give_packet(chip, at);
    }
    take_packet(chip, at, octet);
    return 0;
}

/* What was clocked is consumed; reading more than BFR_SIZE allows, or than there is, is an error. */
static void end_read(chip_t *chip)
{
    const size_t length = chip->clocked - COMMAND_SIZE;
    const size_t gone = length < chip->received ? length : chip->received;
    if (length > chip->buffer_size || length > chip->received) {
        chip->stats.over_reads++;
        raise_cause(chip, QCA_INTR_RDBUF_ERR);
    }
    chip->received -= gone;
    memmove(chip->receive, chip->receive + gone, chip->received);
    chip->buffer_size = 0;
}

static void deselect(chip_t *chip)
{
    if (chip->faults.legacy || chip->clocked <= COMMAND_SIZE) {
        return;
    }
    if (!is_internal(chip) && is_read(chip)) {
        end_read(chip);
    } else if (!is_internal(chip)) {
        end_write(chip);
    } else if (!is_read(chip) && chip->clocked == COMMAND_SIZE + WORD_SIZE) {
        write_register(chip, address_of(chip), (uint16_t)(chip->word[0] << 8 | chip->word[1]));
    }
}

static uint8_t with_noise(chip_t *chip, uint8_t octet, uint32_t in_million)
{
    return in_million > 0 && draw(chip) % 1000000 < 8 * in_million ? octet ^ (uint8_t)(1u << draw(chip) % 8) : octet;
}

static uint8_t on_wire(chip_t *chip, uint8_t octet)
{
    if (chip->faults.stuck_high || chip->faults.absent) {
        return 0xFF;
    }
    return chip->faults.stuck_low ? 0 : with_noise(chip, octet, chip->faults.noise_in_million);
}

void chip_bus(chip_t *chip, const uint8_t *out, uint8_t *in, size_t length)
{
    const bool alive = is_alive(chip);
    const uint32_t resets = chip->stats.resets;
    chip->clocked = 0;
    for (size_t i = 0; i < length; i++) {
        const bool hears = alive && chip->stats.resets == resets; /* a reset in the middle ends the transfer */
        const uint8_t told = hears ? exchange(chip, with_noise(chip, out[i], chip->faults.noise_out_million)) : 0;
        if (in) {
            in[i] = on_wire(chip, told);
        }
        chip->clocked++;
    }
    chip->stats.octets += (uint32_t)length;
    if (alive && chip->stats.resets == resets) {
        deselect(chip);
    }
}

bool chip_transfer(void *ctx, const qca_transfer_t *transfer)
{
    chip_t *const chip = ctx;
    uint8_t out[CHIP_BUS_SIZE], in[CHIP_BUS_SIZE];
    const size_t length = (size_t)transfer->length + COMMAND_SIZE;
    CCS_ASSERT(length <= sizeof out && (transfer->tx != NULL) != (transfer->rx != NULL));
    memset(out, 0, length);
    out[0] = (uint8_t)(transfer->command >> 8);
    out[1] = (uint8_t)transfer->command;
    if (transfer->tx) {
        memcpy(out + COMMAND_SIZE, transfer->tx, transfer->length);
    }
    chip_bus(chip, out, in, length);
    if (transfer->rx) {
        memcpy(transfer->rx, in + COMMAND_SIZE, transfer->length);
    }
    return true;
}

bool chip_interrupt(const chip_t *chip)
{
    return is_alive(chip) && !chip->faults.interrupt_dead && (chip->cause & chip->enable) != 0;
}

/* --- time -----------------------------------------------------------------------------------------------------------------------
 */

static void finish_boot(chip_t *chip)
{
    chip->booting = false;
    if (!chip->faults.no_cpu_on) {
        raise_cause(chip, QCA_INTR_CPU_ON);
    }
}

/* VS_RS_DEV: the host asked the firmware for a reset. */
static void follow_firmware(chip_t *chip)
{
    if (chip->line->node[chip->node].resets != chip->line_resets) {
        chip->line_resets = chip->line->node[chip->node].resets;
        chip->stats.resets++;
        begin_boot(chip);
    }
}

void chip_step(chip_t *chip, int64_t now_ms)
{
    chip->now_ms = now_ms;
    follow_firmware(chip);
    if (chip->booting && !chip->held && !chip->faults.never_boots && now_ms >= chip->ready_ms) {
        finish_boot(chip);
    }
    while (is_alive(chip) && chip->queued > 0 && !chip->faults.transmit_stuck && now_ms >= chip->sent_ms) {
        send_first(chip);
    }
    follow_firmware(chip);
}

int64_t chip_deadline_ms(const chip_t *chip)
{
    if (chip->booting) {
        return chip->held || chip->faults.never_boots ? INT64_MAX : chip->ready_ms;
    }
    return chip->faults.transmit_stuck || chip->queued == 0 ? INT64_MAX : chip->sent_ms;
}
