/* What the files of the modem driver share: the accesses to the chip, and what is done around them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_QCA7000_PRIVATE_H
#define CCS_QCA7000_PRIVATE_H

#include "qca7000/qca7000.h"

/* Every access to the chip: name, command, what is done when it has ended (value: of a register that was read).
 *   searching       WAKE (the first read after power-on is garbage) SIGNATURE QUIET FORGET (causes of the life before) CONFIG RESET
 *   booting         BOOT_CAUSE BOOT_ACK BOOT_WAKE (garbage again) BOOT_SIGNATURE BOOT_SPACE BOOT_ENABLE
 *   supervision     CHECK
 *   receiving       MASK CAUSE AVAILABLE READ_SIZE READ ACK AVAILABLE ... ENABLE
 *   sending         SPACE WRITE_SIZE WRITE */
#define QCA_ACCESSES(X)                                           \
    X(WAKE, GET | QCA_REG_SIGNATURE, on_wake)                     \
    X(SIGNATURE, GET | QCA_REG_SIGNATURE, on_signature)           \
    X(QUIET, SET | QCA_REG_INTR_ENABLE, on_quiet)                 \
    X(FORGET, SET | QCA_REG_INTR_CAUSE, on_forget)                \
    X(CONFIG, GET | QCA_REG_SPI_CONFIG, on_config)                \
    X(RESET, SET | QCA_REG_SPI_CONFIG, on_reset)                  \
    X(BOOT_CAUSE, GET | QCA_REG_INTR_CAUSE, on_boot_cause)        \
    X(BOOT_ACK, SET | QCA_REG_INTR_CAUSE, on_boot_ack)            \
    X(BOOT_WAKE, GET | QCA_REG_SIGNATURE, on_boot_wake)           \
    X(BOOT_SIGNATURE, GET | QCA_REG_SIGNATURE, on_boot_signature) \
    X(BOOT_SPACE, GET | QCA_REG_WRBUF_SPC_AVA, on_boot_space)     \
    X(BOOT_ENABLE, SET | QCA_REG_INTR_ENABLE, on_boot_enable)     \
    X(CHECK, GET | QCA_REG_SIGNATURE, on_check)                   \
    X(MASK, SET | QCA_REG_INTR_ENABLE, on_mask)                   \
    X(CAUSE, GET | QCA_REG_INTR_CAUSE, on_cause)                  \
    X(AVAILABLE, GET | QCA_REG_RDBUF_BYTE_AVA, on_available)      \
    X(READ_SIZE, SET | QCA_REG_BFR_SIZE, on_read_size)            \
    X(READ, READ, on_read)                                        \
    X(ACK, SET | QCA_REG_INTR_CAUSE, on_ack)                      \
    X(ENABLE, SET | QCA_REG_INTR_ENABLE, on_enable)               \
    X(SPACE, GET | QCA_REG_WRBUF_SPC_AVA, on_space)               \
    X(WRITE_SIZE, SET | QCA_REG_BFR_SIZE, on_write_size)          \
    X(WRITE, WRITE, on_write)

#define QCA_ACCESS_ENUMERATOR(name, command, done) ACCESS_##name,
#define QCA_ACCESS_PROTOTYPE(name, command, done)  void qca_##done(qca_t *qca, uint16_t value);
#define QCA_ACCESS_ROW(name, command, done)        [ACCESS_##name] = {command, qca_##done},

typedef enum qca_access { ACCESS_NONE, QCA_ACCESSES(QCA_ACCESS_ENUMERATOR) ACCESS_COUNT } qca_access_t;
QCA_ACCESSES(QCA_ACCESS_PROTOTYPE)

typedef struct qca_row {
    uint16_t command;
    void (*done)(qca_t *qca, uint16_t value);
} qca_row_t;

enum { QCA_FRAMING = 10, QCA_STUCK_HIGH = 0xFFFF }; /* octets around a frame, in BFR_SIZE; a register of a bus that nobody drives */

/* qca7000.c */
void qca_begin(qca_t *qca, qca_access_t access, uint8_t *octets, uint16_t length);
void qca_get(qca_t *qca, qca_access_t access);
void qca_set(qca_t *qca, qca_access_t access, uint16_t value);
bool qca_doubt(qca_t *qca, qca_access_t access); /* reads an impossible value once more; false: it has been */
void qca_work(qca_t *qca);                       /* whatever is to be done now, or nothing */

/* life.c */
void qca_notify(qca_t *qca, qca_notice_t notice, qca_why_t why);
void qca_lose(qca_t *qca, qca_why_t why);    /* what the machine knows of the chip holds no more */
void qca_go_down(qca_t *qca, qca_why_t why); /* while it ran: begin again at once */
void qca_fail(qca_t *qca, qca_why_t why);    /* while it started: begin again later */
void qca_release(qca_t *qca);                /* the reset line, when it was held long enough */

/* start.c */
void qca_look_for(qca_t *qca);
void qca_look_booted(qca_t *qca);
void qca_boot(qca_t *qca);

/* receive.c */
void qca_handle_interrupt(qca_t *qca);
void qca_receive_more(qca_t *qca);
bool qca_deliver(qca_t *qca); /* hands out one frame of the last transfer; false: there is none left in it */

/* send.c */
void qca_drop_queue(qca_t *qca);

#endif
