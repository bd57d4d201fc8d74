/* SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <string.h>

bool power_open(power_t *power, const char *kind, const outlet_settings_t *settings, const sim_settings_t *sim, int64_t now_ms,
                char error[SETTINGS_ERROR_SIZE])
{
    memset(power, 0, sizeof *power);
    if (strcmp(kind, "sim") == 0) {
        power->kind = POWER_SIM;
        power->name = "sim";
        power->about = "simulated hardware: no energy flows, nothing is measured";
        hal_sim_open(&power->sim, settings, sim, now_ms, &power->hal);
        return true;
    }
    if (strcmp(kind, "control") == 0) {
        power->kind = POWER_CONTROL;
        power->name = "control";
        power->about = "an external controller on the control socket";
        hal_control_open(&power->control, &power->hal);
        return true;
    }
    power->kind = POWER_PLUGIN;
    power->about = kind;
    if (!hal_plugin_open(&power->plugin, kind, settings->hal_options, error)) {
        return false;
    }
    power->name = power->plugin.name;
    power->hal = power->plugin.hal;
    return true;
}

void power_close(power_t *power)
{
    if (power->kind == POWER_PLUGIN && power->plugin.close != NULL) {
        power->plugin.close(power->hal.ctx);
    }
}
