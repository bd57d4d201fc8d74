/* QEMU's LX60 board without MMU and with an lx106 core: 16550 UART, OpenCores Ethernet, CCOUNT and CCOMPARE0, SIMCALL.
 * Sources: Xtensa ISA reference manual, OpenCores Ethernet MAC specification.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ports/bare/board.h"
#include "ports/bare/clock.h"
#include "ports/bare/console.h"
#include "ports/bare/start.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum {
    CLOCK_HZ = 40000000,
    TICKS_MS = CLOCK_HZ / 1000,
    TIMER_INTERRUPT = 6,
    ETHERNET_INTERRUPT = 1,
    BUFFERS = 8,
    BUFFER_SIZE = 1536,
    SIMCALL_EXIT = 1,
    EXIT_FAULT = 5,
    CAUSE_INTERRUPT = 4
};

#define UART_DATA      REGISTER(0x9d050020u)
#define UART_STATE     REGISTER(0x9d050034u)
#define ETH_MODE       REGISTER(0x9d030000u)
#define ETH_IRQ_SOURCE REGISTER(0x9d030004u)
#define ETH_IRQ_MASK   REGISTER(0x9d030008u)
#define ETH_LENGTHS    REGISTER(0x9d030018u)
#define ETH_TX_BUFFERS REGISTER(0x9d030020u)
#define ETH_MAC_LOW    REGISTER(0x9d030040u)
#define ETH_MAC_HIGH   REGISTER(0x9d030044u)
#define ETH_STATE(i)   REGISTER(0x9d030400u + 8u * (uint32_t)(i))
#define ETH_POINTER(i) REGISTER(0x9d030404u + 8u * (uint32_t)(i))

enum {
    ETH_RUN = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 10 | 1 << 13 | 1 << 15, /* RX, TX, promiscuous, full duplex, CRC, padding */
    ETH_EMPTY = 1 << 15,                                              /* receive: the MAC may fill it; send: it shall leave */
    ETH_IRQ = 1 << 14,
    ETH_WRAP = 1 << 13,
    ETH_PAD_CRC = 1 << 12 | 1 << 11,
    ETH_IRQ_RX = 1 << 2
};

const char board_name[] = "lx60 Xtensa lx106";
const uint32_t board_ticks_hz = CLOCK_HZ;

static void (*tick_turn)(void);
static uint32_t next_tick;
static uint8_t rx_buffer[BUFFERS][BUFFER_SIZE] __attribute__((aligned(4)));
static uint8_t tx_buffer[BUFFER_SIZE] __attribute__((aligned(4)));
static unsigned rx_next;

/* start_lx106.S */
int board_simcall(int operation, int a, int b, int c);

uint32_t interrupts_off(void)
{
    uint32_t before;
    __asm__ volatile("rsil %0, 15" : "=a"(before)::"memory");
    return before;
}

void interrupts_restore(uint32_t before)
{
    __asm__ volatile("wsr %0, ps\n\trsync" ::"a"(before) : "memory");
}

/* The core has no exclusive access; one core, so masking is enough. The compiler calls it for C11 atomics (mailbox). */
uint8_t __atomic_exchange_1(volatile void *at, uint8_t value, int order);

uint8_t __atomic_exchange_1(volatile void *at, uint8_t value, int order)
{
    volatile uint8_t *octet = at;
    (void)order;
    const uint32_t before = interrupts_off();
    const uint8_t old = *octet;
    *octet = value;
    interrupts_restore(before);
    return old;
}

/* ---- time ---- */

uint32_t board_ticks(void)
{
    uint32_t now;
    __asm__ volatile("rsr %0, ccount" : "=a"(now));
    return now;
}

static void compare_set(uint32_t at)
{
    __asm__ volatile("wsr %0, ccompare0\n\tesync" ::"a"(at));
}

static void interrupts_enable(uint32_t mask)
{
    __asm__ volatile("wsr %0, intenable\n\trsync" ::"a"(mask));
}

void board_every_tick(void (*turn)(void))
{
    tick_turn = turn;
    next_tick = board_ticks() + TICKS_MS * BOARD_TICK_MS;
    compare_set(next_tick);
    interrupts_enable(1u << TIMER_INTERRUPT | 1u << ETHERNET_INTERRUPT);
    interrupts_restore(0);
}

/* Writing CCOMPARE0 ends the interrupt. A tick that is already past would wait for a whole turn of the counter. */
static void on_timer(void)
{
    next_tick += TICKS_MS * BOARD_TICK_MS;
    if ((int32_t)(next_tick - board_ticks()) <= 0) {
        next_tick = board_ticks() + TICKS_MS;
    }
    compare_set(next_tick);
    tick_turn();
}

/* Called by start_lx106.S with all registers saved. */
void board_exception(uint32_t cause, uint32_t at, uint32_t address);

void board_exception(uint32_t cause, uint32_t at, uint32_t address)
{
    uint32_t pending;
    if (cause != CAUSE_INTERRUPT) {
        console_text("fault");
        console_field("cause", (int64_t)cause);
        console_field("at", (int64_t)at);
        console_field("address", (int64_t)address);
        console_text("\n");
        board_exit(EXIT_FAULT);
    }
    __asm__ volatile("rsr %0, interrupt" : "=a"(pending));
    ETH_IRQ_MASK = 0; /* a frame waits: enough to wake; masked until the next sleep */
    if ((pending & 1u << TIMER_INTERRUPT) != 0) {
        on_timer();
    }
}

/* ---- Ethernet ---- */

static void rx_release(unsigned index)
{
    ETH_STATE(1 + index) = ETH_EMPTY | ETH_IRQ | (index == BUFFERS - 1 ? (uint32_t)ETH_WRAP : 0);
}

static void ethernet_init(const uint8_t mac[6])
{
    ETH_MODE = 0;
    ETH_IRQ_MASK = 0;
    ETH_TX_BUFFERS = 1;
    ETH_LENGTHS = 60u << 16 | BUFFER_SIZE;
    ETH_MAC_HIGH = (uint32_t)mac[0] << 8 | mac[1];
    ETH_MAC_LOW = (uint32_t)mac[2] << 24 | (uint32_t)mac[3] << 16 | (uint32_t)mac[4] << 8 | mac[5];
    for (unsigned i = 0; i < BUFFERS; i++) {
        ETH_POINTER(1 + i) = (uint32_t)(uintptr_t)rx_buffer[i];
        rx_release(i);
    }
    ETH_MODE = ETH_RUN;
}

static bool frame_waits(void)
{
    return (ETH_STATE(1 + rx_next) & ETH_EMPTY) == 0;
}

size_t board_receive(uint8_t *frame)
{
    if (!frame_waits()) {
        return 0;
    }
    const size_t length = ETH_STATE(1 + rx_next) >> 16; /* with FCS */
    const bool good = length >= 18 && length <= BOARD_FRAME_MAX + 4;
    if (good) {
        memcpy(frame, rx_buffer[rx_next], length - 4);
    }
    rx_release(rx_next);
    rx_next = (rx_next + 1) % BUFFERS;
    return good ? length - 4 : 0;
}

void board_send(ccs_view_t frame)
{
    memcpy(tx_buffer, frame.at, frame.length);
    ETH_POINTER(0) = (uint32_t)(uintptr_t)tx_buffer;
    ETH_STATE(0) = (uint32_t)frame.length << 16 | ETH_EMPTY | ETH_WRAP | ETH_PAD_CRC;
    while ((ETH_STATE(0) & ETH_EMPTY) != 0) {
    }
}

/* WAITI opens the mask in the same instruction: an interrupt that comes in between still ends the wait. */
void board_sleep(void)
{
    const uint32_t before = interrupts_off();
    if (!frame_waits()) {
        ETH_IRQ_SOURCE = 0xffffffffu;
        ETH_IRQ_MASK = ETH_IRQ_RX;
        __asm__ volatile("waiti 0" ::: "memory");
    }
    interrupts_restore(before);
}

/* ---- console and end ---- */

void board_put(char character)
{
    while ((UART_STATE & 0x20) == 0) {
    }
    UART_DATA = (uint8_t)character;
}

void board_exit(int code)
{
    (void)board_simcall(SIMCALL_EXIT, code, 0, 0);
    for (;;) {
    }
}

void board_init(const uint8_t mac[6])
{
    clock_start();
    ethernet_init(mac);
}

void board_start(uint32_t *stack);

void board_start(uint32_t *stack)
{
    start_memory(stack);
    board_exit(main());
}
