/* What a charger can be told: one struct, one table of keys (charger.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_CHARGER_H
#define CCS_CONFIG_CHARGER_H

#include "ccs/guard.h"
#include "ccs/secc.h"
#include "ports/common/authorize/authorize.h"
#include "ports/common/config/settings.h"

enum { SETTING_PATH_SIZE = 256, SETTING_SOCKET_SIZE = 100, SETTING_PACE_SIZE = 160, SETTING_OUTLETS_MAX = 8 };

/* What stands between the outlet and the car's network. */
typedef enum modem_kind {
    MODEM_NONE,     /* the interface is the link, and it is there */
    MODEM_LINUX,    /* a real PLC modem whose power line is bridged to the interface: SLAC over AF_PACKET */
    MODEM_SPI_MODEL /* a modelled QCA7000 behind our driver; its power line is the interface */
} modem_kind_t;

/* One plug. The core's own configurations are held whole, so that a key means the field that it names. */
typedef struct outlet_settings {
    char interface[16];
    uint8_t modem;       /* modem_kind_t */
    uint8_t slac_strict; /* with a modem: 0 field mode, 1 conformance mode */
    int32_t offset_dB;   /* of the receive path, for all carrier groups */
    ccs_secc_config_t secc;
    ccs_guard_config_t guard;
    bool lacks[5]; /* ccs_lack_t, bit by bit */
    char evse_id[38];
    char meter_id[33];
    char hal_options[SETTING_PATH_SIZE];
} outlet_settings_t;

typedef struct sim_settings {
    bool plugged;      /* a car stands there from the start */
    bool follow_wire;  /* else the connector follows what is heard on the wire */
    int32_t unplug_ms; /* the wire is silent for so long outside a session: pulled */
    bool foreign_car;  /* the car's battery is in another process: take the PreCharge target at closing */
    int32_t battery_mV;
    int32_t capacity_Wh;
    int32_t soc_permille;
    int32_t output_mV; /* stands at the source and in the cable at the start */
} sim_settings_t;

/* Keys and certificates; docs/CERTIFICATES.md. */
typedef struct pki_settings {
    char store[SETTING_PATH_SIZE]; /* "": none, and then no TLS */
    char console[SETTING_SOCKET_SIZE];
    char hook[SETTING_PATH_SIZE];
    bool compat;
} pki_settings_t;

typedef struct charger_settings {
    uint8_t authorize; /* authorize_policy_t */
    int32_t token_s;
    char state[SETTING_PATH_SIZE];
    char control[SETTING_SOCKET_SIZE];
    uint8_t log_level; /* ccs_level_t */
    char log_json[SETTING_PATH_SIZE];
    char capture[SETTING_PATH_SIZE];
    int32_t log_lines_s;     /* of one kind; 0: no limit */
    int32_t log_json_kB_max; /* of the file */
    int32_t log_json_older;  /* files kept beside it */
    int32_t capture_kB_max;  /* of a file */
    int32_t captures_kB_max; /* of a folder */
    int32_t captures_max;    /* files in it */
    int32_t stop_s;
    char pace[SETTING_PACE_SIZE];
    char pace_names[SETTING_PACE_SIZE];            /* the same, cut into names that the core points to */
    outlet_settings_t outlet[SETTING_OUTLETS_MAX]; /* [outlet.1] ... */
    bool present[SETTING_OUTLETS_MAX];             /* which of them there are; the first always */
    pki_settings_t pki;
    sim_settings_t sim;
} charger_settings_t;

extern const setting_t charger_rows[];
extern const size_t charger_rows_count;

/* The table over settings. */
settings_t charger_settings_table(charger_settings_t *settings);

/* Fills the defaults of the core and of the program. */
void charger_settings_defaults(charger_settings_t *settings);

/* Checks what single keys cannot: the identifiers' form, limits against each other. Gives all outlets what [evse] says. Sets the
 * core's pointers into *settings, which must not move afterwards. */
settings_result_t charger_settings_finish(charger_settings_t *settings, char error[SETTINGS_ERROR_SIZE]);

/* DIN SPEC 70121 wants octets (DIN 91286): derived from the ISO identifier where the file gives none. */
void charger_evse_id_din(const char *evse_id, uint8_t octets[32], uint8_t *length);

#endif
