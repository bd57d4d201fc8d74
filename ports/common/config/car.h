/* What a simulated car can be told: one struct, one table of keys (car.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_CONFIG_CAR_H
#define CCS_CONFIG_CAR_H

#include "ccs/ev.h"
#include "ports/common/config/settings.h"
#include "ports/common/config/tls_settings.h"

enum { CAR_PATH_SIZE = 256, CAR_SOCKET_SIZE = 100, CAR_MESSAGE_SIZE = 48 };

typedef struct car_settings {
    ccs_ev_config_t ev;
    uint8_t protocol; /* ccs_protocol_t */
    bool tells[9];    /* ccs_ev_tells_t, bit by bit */
    bool habits[7];   /* ccs_ev_habit_t, bit by bit */
    char misbehave_at[CAR_MESSAGE_SIZE];
    int32_t battery_mohm;
    int32_t sessions;
    int32_t pause_ms;
    int32_t again;
    uint8_t log_level;
    char log_json[CAR_PATH_SIZE];
    char capture[CAR_PATH_SIZE];
    int32_t log_lines_s;     /* of one kind; 0: no limit */
    int32_t log_json_kB_max; /* of the file */
    int32_t log_json_older;  /* files kept beside it */
    int32_t capture_kB_max;
    char control[CAR_SOCKET_SIZE];
    char plug[CAR_SOCKET_SIZE];
    bool cable;
    uint8_t modem; /* modem_kind_t of charger.h */
    uint8_t run_id[8], run_id_length;
    uint8_t slac_misbehave; /* ccs_slac_misbehave_t */
    tls_settings_t tls;
} car_settings_t;

extern const setting_t car_rows[];
extern const size_t car_rows_count;

void car_settings_defaults(car_settings_t *settings);

/* Takes over what a preset says. false: no such car. */
bool car_settings_preset(car_settings_t *settings, const char *name);

/* "NAME@MESSAGE" or "NAME@MESSAGE:n". */
settings_result_t car_settings_misbehave(car_settings_t *settings, const char *text, char error[SETTINGS_ERROR_SIZE]);

/* Checks what single keys cannot. Sets the core's pointers into *settings, which must not move afterwards. */
settings_result_t car_settings_finish(car_settings_t *settings, char error[SETTINGS_ERROR_SIZE]);

#endif
