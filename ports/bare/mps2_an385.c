/* QEMU's MPS2 board with a Cortex-M3 (AN385): CMSDK UART and timer, SysTick, LAN9118 Ethernet.
 * Sources: Arm AN385, Cortex-M3 TRM, SMSC LAN9118 data sheet.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ports/bare/board.h"
#include "ports/bare/clock.h"
#include "ports/bare/console.h"
#include "ports/bare/start.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum { CLOCK_HZ = 25000000, TICKS_MS = CLOCK_HZ / 1000, ETHERNET_IRQ = 13, EXIT_FAULT = 5, EXIT_NO_ETHERNET = 4 };

#define TIMER_CONTROL   REGISTER(0x40000000u)
#define TIMER_VALUE     REGISTER(0x40000004u)
#define TIMER_RELOAD    REGISTER(0x40000008u)
#define UART_DATA       REGISTER(0x40004000u)
#define UART_STATE      REGISTER(0x40004004u)
#define UART_CONTROL    REGISTER(0x40004008u)
#define UART_DIVIDER    REGISTER(0x40004010u)
#define SYSTICK_CONTROL REGISTER(0xe000e010u)
#define SYSTICK_RELOAD  REGISTER(0xe000e014u)
#define SYSTICK_VALUE   REGISTER(0xe000e018u)
#define NVIC_ENABLE     REGISTER(0xe000e100u)
#define FAULT_STATUS    REGISTER(0xe000ed28u)
#define ETH_RX_DATA     REGISTER(0x40200000u)
#define ETH_TX_DATA     REGISTER(0x40200020u)
#define ETH_RX_STATUS   REGISTER(0x40200040u)
#define ETH_TX_STATUS   REGISTER(0x40200048u)
#define ETH_BYTE_TEST   REGISTER(0x40200064u)
#define ETH_IRQ_CONFIG  REGISTER(0x40200054u)
#define ETH_IRQ_STATUS  REGISTER(0x40200058u)
#define ETH_IRQ_ENABLE  REGISTER(0x4020005cu)
#define ETH_FIFO_LEVEL  REGISTER(0x40200068u)
#define ETH_TX_CONFIG   REGISTER(0x40200070u)
#define ETH_HW_CONFIG   REGISTER(0x40200074u)
#define ETH_RX_FIFO     REGISTER(0x4020007cu)
#define ETH_TX_FIFO     REGISTER(0x40200080u)
#define ETH_MAC_COMMAND REGISTER(0x402000a4u)
#define ETH_MAC_DATA    REGISTER(0x402000a8u)

static const uint32_t eth_busy = 1u << 31;

enum {
    ETH_RX_ERROR = 1 << 15,
    ETH_TX_FIRST = 1 << 13,
    ETH_TX_LAST = 1 << 12,
    ETH_IRQ_RX = 1 << 3,
    ETH_MAC_CONTROL = 1,
    ETH_MAC_HIGH = 2,
    ETH_MAC_LOW = 3,
    ETH_MAC_RUN = 1 << 2 | 1 << 3 | 1 << 18 | 1 << 20 /* receiver, transmitter, promiscuous, full duplex */
};

const char board_name[] = "mps2-an385 Cortex-M3";
const uint32_t board_ticks_hz = CLOCK_HZ;

static void (*tick_turn)(void);

uint32_t interrupts_off(void)
{
    uint32_t before;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(before)::"memory");
    return before;
}

void interrupts_restore(uint32_t before)
{
    __asm__ volatile("msr primask, %0" ::"r"(before) : "memory");
}

/* ---- time ---- */

uint32_t board_ticks(void)
{
    return ~TIMER_VALUE; /* it counts down */
}

static void on_tick(void)
{
    tick_turn();
}

void board_every_tick(void (*turn)(void))
{
    tick_turn = turn;
    SYSTICK_RELOAD = TICKS_MS * BOARD_TICK_MS - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7;
}

/* ---- Ethernet ---- */

static void mac_write(uint32_t index, uint32_t value)
{
    ETH_MAC_DATA = value;
    ETH_MAC_COMMAND = eth_busy | index;
    while ((ETH_MAC_COMMAND & eth_busy) != 0) {
    }
}

/* A frame waits: enough to wake; it stays masked until the next sleep. */
static void on_ethernet(void)
{
    ETH_IRQ_ENABLE = 0;
}

static void ethernet_init(const uint8_t mac[6])
{
    ETH_HW_CONFIG = 1; /* soft reset */
    while ((ETH_HW_CONFIG & 1) != 0) {
    }
    if (ETH_BYTE_TEST != 0x87654321u) {
        console_text("no LAN9118\n");
        board_exit(EXIT_NO_ETHERNET);
    }
    ETH_HW_CONFIG = 5u << 16; /* FIFO split */
    ETH_FIFO_LEVEL = 0;       /* interrupt from the first frame on */
    ETH_IRQ_ENABLE = 0;
    ETH_IRQ_STATUS = 0xffffffffu;
    ETH_IRQ_CONFIG = 0x22000111u; /* enabled, push-pull, active high */
    mac_write(ETH_MAC_HIGH, (uint32_t)mac[4] | (uint32_t)mac[5] << 8);
    mac_write(ETH_MAC_LOW, (uint32_t)mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24);
    mac_write(ETH_MAC_CONTROL, ETH_MAC_RUN);
    ETH_TX_CONFIG = 2;
    NVIC_ENABLE = 1u << ETHERNET_IRQ;
}

static bool frame_waits(void)
{
    return (ETH_RX_FIFO >> 16 & 0xff) != 0;
}

size_t board_receive(uint8_t *frame)
{
    if (!frame_waits()) {
        return 0;
    }
    const uint32_t status = ETH_RX_STATUS;
    const size_t length = status >> 16 & 0x3fff; /* with FCS */
    for (size_t i = 0; i < length; i += 4) {
        const uint32_t word = ETH_RX_DATA;
        for (size_t k = 0; k < 4 && i + k < length; k++) {
            if (i + k < BOARD_FRAME_MAX) {
                frame[i + k] = (uint8_t)(word >> (8 * k));
            }
        }
    }
    return (status & ETH_RX_ERROR) != 0 || length < 18 || length > BOARD_FRAME_MAX ? 0 : length - 4;
}

void board_send(ccs_view_t frame)
{
    ETH_TX_DATA = (uint32_t)(ETH_TX_FIRST | ETH_TX_LAST) | (uint32_t)frame.length;
    ETH_TX_DATA = (uint32_t)frame.length;
    for (size_t i = 0; i < frame.length; i += 4) {
        uint32_t word = 0;
        for (size_t k = 0; k < 4 && i + k < frame.length; k++) {
            word |= (uint32_t)frame.at[i + k] << (8 * k);
        }
        ETH_TX_DATA = word;
    }
    while ((ETH_TX_FIFO >> 16 & 0xff) != 0) {
        (void)ETH_TX_STATUS;
    }
}

/* Masked while looking: an interrupt that comes in between still ends the wait. */
void board_sleep(void)
{
    const uint32_t before = interrupts_off();
    if (!frame_waits()) {
        ETH_IRQ_STATUS = ETH_IRQ_RX;
        ETH_IRQ_ENABLE = ETH_IRQ_RX;
        __asm__ volatile("wfi" ::: "memory");
    }
    interrupts_restore(before);
}

/* ---- console and end ---- */

void board_put(char character)
{
    while ((UART_STATE & 1) != 0) {
    }
    UART_DATA = (uint8_t)character;
}

void board_exit(int code)
{
    static const uint32_t application_exit = 0x20026, exit_extended = 0x20;
    const uint32_t block[2] = {application_exit, (uint32_t)code};
    __asm__ volatile("mov r0, %0\n\tmov r1, %1\n\tbkpt 0xab" ::"r"(exit_extended), "r"(block) : "r0", "r1", "memory");
    for (;;) {
    }
}

void board_init(const uint8_t mac[6])
{
    UART_DIVIDER = 16;
    UART_CONTROL = 1;
    TIMER_RELOAD = 0xffffffffu;
    TIMER_VALUE = 0xffffffffu;
    TIMER_CONTROL = 1;
    clock_start();
    ethernet_init(mac);
}

/* ---- reset ---- */

extern uint32_t data_begin[], data_end[], data_load[];

static void on_fault(void)
{
    const uint32_t status = FAULT_STATUS;
    console_text("fault status ");
    console_hex((const uint8_t *)&status, sizeof status);
    console_text("\n");
    board_exit(EXIT_FAULT);
}

void reset(void);

void reset(void)
{
    uint32_t *stack;
    __asm__ volatile("mov %0, sp" : "=r"(stack));
    const uint32_t *from = data_load;
    for (uint32_t *word = data_begin; word < data_end; word++) {
        *(volatile uint32_t *)word = *from++;
    }
    start_memory(stack);
    board_exit(main());
}

typedef union vector {
    void (*handler)(void);
    const uint32_t *stack;
} vector_t;

extern const vector_t vectors[16 + ETHERNET_IRQ + 1];
__attribute__((section(".vectors"), used)) const vector_t vectors[16 + ETHERNET_IRQ + 1] = {
    [0] = {.stack = stack_high}, [1] = {.handler = reset},    [2] = {.handler = on_fault},
    [3] = {.handler = on_fault}, [4] = {.handler = on_fault}, [5] = {.handler = on_fault},
    [6] = {.handler = on_fault}, [15] = {.handler = on_tick}, [16 + ETHERNET_IRQ] = {.handler = on_ethernet},
};
