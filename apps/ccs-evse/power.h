/* The hardware behind the guard: simulated, driven by an external controller, or loaded from a file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_EVSE_POWER_H
#define CCS_EVSE_POWER_H

#include "ccs/hal.h"
#include "ports/common/config/charger.h"
#include "ports/common/control/control.h"
#include "ports/common/mailbox/mailbox.h"
#include "sim/plant.h"

/* What the plant shall be like: a whole image from the control socket to the guard's thread, which alone touches the plant. */
typedef struct hal_sim_wishes {
    bool plugged;
    uint32_t unplugs;            /* pulled so often: an unplug and a plug between two ticks is still an unplug */
    ccs_pilot_state_t car_pilot; /* as the car tells over the cable (ports/linux/cable.h); UNKNOWN: it tells nothing */
    bool fault[SIM_FAULTS_COUNT];
    int32_t isolation_ohm;
    int32_t temperature_dC;
} hal_sim_wishes_t;

typedef struct hal_sim {
    sim_plant_t plant;
    ccs_hal_t plant_hal;
    uint32_t unplugs_done;
    int64_t replug_at_ms;
    int64_t settle_ms; /* until then nobody can say whether a car is plugged in: its first word on the cable may be on its way */

    /* of the communication's thread */
    hal_sim_wishes_t wishes;
    bool follow_wire;
    int64_t unplug_ms, heard_ms;
    CCS_MAILBOX(hal_sim_wishes_t) mailbox;
} hal_sim_t;

typedef struct hal_control {
    ccs_sample_t sample; /* as told so far, of the control socket's thread */
    int64_t heard_ms;    /* the last sample line; < 0: none yet */
    CCS_MAILBOX(ccs_sample_t) samples;
    CCS_MAILBOX(ccs_drive_t) drives;
} hal_control_t;

typedef enum power_kind { POWER_SIM, POWER_CONTROL, POWER_PLUGIN } power_kind_t;

typedef struct power {
    power_kind_t kind;
    const char *name;  /* "sim", "control", or what the plugin calls itself */
    const char *about; /* for the log's header */
    ccs_hal_t hal;
    hal_sim_t sim;
    hal_control_t control;
    ccs_hal_plugin_t plugin;
} power_t;

/* kind: "sim", "control" or the path of a shared object. false: error has one line. */
bool power_open(power_t *power, const char *kind, const outlet_settings_t *settings, const sim_settings_t *sim, int64_t now_ms,
                char error[SETTINGS_ERROR_SIZE]);
void power_close(power_t *power);

/* The commands `sim ...` and `sample ...`. */
cJSON *power_sim_command(power_t *power, const control_call_t *call);
cJSON *power_sample_command(power_t *power, const control_call_t *call, int64_t now_ms);

/* The car at the other end of the cable: there with this state of its pilot, or not there any more. */
void power_cable(power_t *power, bool there, ccs_pilot_state_t state);
void power_cable_lost(power_t *power, int64_t now_ms); /* the network under it is gone: nobody knows; guessed from now on */

/* With sim.follow_wire the network stands for the cable: a car that is heard is plugged in, one that falls silent outside a session
 * is pulled. busy: a session runs or a link is open. */
void power_heard(power_t *power, int64_t now_ms);
void power_mme(power_t *power, ccs_view_t frame, int64_t now_ms); /* likewise: a car that looks for a charger */
void power_tick(power_t *power, bool busy, int64_t now_ms);
int64_t power_deadline_ms(const power_t *power);

/* A view of the simulated world for `status`; NULL: real hardware. */
cJSON *power_sim_view(const power_t *power);

/* The parts, one file each. */
void hal_sim_open(hal_sim_t *sim, const outlet_settings_t *outlet, const sim_settings_t *settings, int64_t now_ms, ccs_hal_t *hal);
void hal_control_open(hal_control_t *control, ccs_hal_t *hal);
bool hal_plugin_open(ccs_hal_plugin_t *plugin, const char *path, const char *options, char error[SETTINGS_ERROR_SIZE]);

#endif
