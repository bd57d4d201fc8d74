/* What is asked of the modem's firmware before the matching machine may use it: which firmware it is, which role its parameters
 * (PIB) give it, whether it takes a key, whether it tells of its link. Same shape as the other rooms: events in, frames out, no
 * clock.
 *
 * Begin with QCA_STARTUP_ON_UP behind QCA_NOTICE_UP of the driver (or when a modem on Ethernet or USB appeared), give every
 * management message of the own modem, and time. In READY the matching machine takes over; this one goes on answering
 * VS_HST_ACTION.IND, without which some firmware does not start.
 *
 * Seen in the field: a charger with the PIB of a car gets no attenuation profiles, or its network has no coordinator; a QCA7005
 * without flash asks its host for a firmware; CM_SET_KEY.CNF says 1 for success on every Qualcomm chip, where the HomePlug text
 * says 0, so the key is read back; some firmware refuses that, then the network id is compared. SPDX-License-Identifier: Apache-2.0
 */
#ifndef CCS_QCA7000_STARTUP_H
#define CCS_QCA7000_STARTUP_H

#include "ccs/trace.h"
#include "mme/mme.h"

typedef enum qca_role {
    QCA_ROLE_UNKNOWN, /* the firmware does not let its PIB be read */
    QCA_ROLE_EVSE,
    QCA_ROLE_EV,
    QCA_ROLE_MIXED /* a PIB that is neither */
} qca_role_t;

typedef enum qca_key {
    QCA_KEY_NONE,     /* none was asked for */
    QCA_KEY_VERIFIED, /* read back, or the network id is the right one */
    QCA_KEY_BELIEVED  /* the modem says so, and refuses to prove it */
} qca_key_t;

typedef enum qca_problem {
    QCA_PROBLEM_NONE,
    QCA_PROBLEM_SILENT,         /* no answer to VS_SW_VER: restart the chip */
    QCA_PROBLEM_NEEDS_FIRMWARE, /* its flash is empty or absent: it waits for memory settings, PIB and firmware of its host */
    QCA_PROBLEM_WRONG_ROLE,     /* usable for nothing but repair: the PIB must be written with the vendor's tool */
    QCA_PROBLEM_KEY,            /* does not take keys */
    QCA_PROBLEM_COUNT
} qca_problem_t;

typedef enum qca_startup_state {
    QCA_STARTUP_DOWN,
    QCA_STARTUP_ASKING,
    QCA_STARTUP_READY,
    QCA_STARTUP_FAILED /* problem says why; stays until the next UP */
} qca_startup_state_t;

typedef enum qca_startup_step {
    QCA_STEP_VERSION,
    QCA_STEP_CCO,       /* PIB: always coordinator, or never */
    QCA_STEP_CCO_OTHER, /* the same by VS_MODULE_OPERATION, which newer firmware wants */
    QCA_STEP_SLAC,      /* PIB: SLAC as EVSE or as EV */
    QCA_STEP_SLAC_OTHER,
    QCA_STEP_KEY,
    QCA_STEP_READ_KEY,
    QCA_STEP_NETWORK,
    QCA_STEP_LINK,
    QCA_STEP_COUNT
} qca_startup_step_t;

/* What each step waits for, how long, how often, and what silence means; for documentation and tests. */
typedef struct qca_startup_rule {
    const char *step;
    uint16_t confirm; /* MMTYPE */
    uint16_t timeout_ms;
    uint8_t tries;
    const char *silence;
} qca_startup_rule_t;
extern const qca_startup_rule_t qca_startup_rules[QCA_STEP_COUNT];

typedef struct qca_startup_config {
    uint8_t mac[6];  /* ours */
    qca_role_t role; /* that the modem must have: EVSE or EV */
    bool any_role;   /* go on with a wrong one, for bench modems */
    bool has_key;    /* set this key and see that it was taken; afterwards the modem is alone in this network */
    uint8_t nmk[16], nid[7];
    ccs_trace_t trace;
} qca_startup_config_t;

/* What is known of the modem. */
typedef struct qca_modem {
    uint8_t mac[6]; /* nobody else speaks for it */
    uint8_t device; /* 0x22: QCA7000 or QCA7005 */
    char version[MME_VERSION_TEXT + 1];
    qca_role_t role;
    qca_key_t key;
    bool tells_link, linked; /* answers VS_PL_LINK_STATUS, and what */
} qca_modem_t;

typedef enum qca_startup_event_type {
    QCA_STARTUP_ON_UP,
    QCA_STARTUP_ON_DOWN,
    QCA_STARTUP_ON_TIME,
    QCA_STARTUP_ON_FRAME
} qca_startup_event_type_t;

typedef struct qca_startup_event {
    int64_t now_ms;
    qca_startup_event_type_t type;
    ccs_view_t frame;
} qca_startup_event_t;

enum { QCA_STARTUP_FRAMES = 2 };

typedef struct qca_startup_out {
    bool finished; /* reached READY or FAILED in this step */
    bool restart;  /* FAILED in a way that a restart may help: call qca_restart(); the start-up begins again with the next UP */
    size_t count;
    uint8_t frame[QCA_STARTUP_FRAMES][MME_SIZE_MIN]; /* each MME_SIZE_MIN octets, to the modem */
} qca_startup_out_t;

/* All fields are private but modem, state and problem. */
typedef struct qca_startup {
    qca_startup_state_t state;
    qca_problem_t problem;
    qca_startup_step_t step;
    uint8_t tries;
    bool known;    /* modem.mac */
    bool key_said; /* CM_SET_KEY.CNF said success */
    uint8_t keys;  /* times that the key was set */
    uint8_t cco;   /* octet of the PIB; 0: unknown */
    uint8_t slac;
    uint32_t host_actions;
    int64_t deadline_ms;
    int64_t now_ms;
    qca_startup_out_t *out;
    qca_startup_config_t config;
    qca_modem_t modem;
} qca_startup_t;

void qca_startup_init(qca_startup_t *startup, const qca_startup_config_t *config);
void qca_startup_step(qca_startup_t *startup, const qca_startup_event_t *event, qca_startup_out_t *out);
int64_t qca_startup_deadline_ms(const qca_startup_t *startup);

const char *qca_problem_text(qca_problem_t problem); /* one line for a person */
const char *qca_role_name(qca_role_t role);

#endif
