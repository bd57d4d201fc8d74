/* What the car's control socket takes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include "ports/linux/clock.h"

cJSON *driver_status(const driver_t *driver)
{
    const ccs_ev_status_t *told = ccs_ev_status(&driver->car.ev);
    const ccs_ev_want_t *want = &driver->car.out.want;
    const ccs_body_t *body = &driver->body.now;
    cJSON *status = cJSON_CreateObject();
    cJSON_AddNumberToObject(status, "ms", (double)clock_now_ms());
    cJSON_AddNumberToObject(status, "session", driver->session);
    cJSON_AddNumberToObject(status, "sessions", driver->settings->sessions);
    cJSON_AddStringToObject(status, "wait", ccs_ev_wait_name(&driver->car.ev));
    cJSON_AddStringToObject(status, "result", ccs_ev_result_name(told->result));
    cJSON_AddStringToObject(status, "failed_at", told->failed_at == NULL ? "" : told->failed_at);
    cJSON_AddStringToObject(status, "response", told->response == NULL ? "" : told->response);
    cJSON_AddBoolToObject(status, "plugged", body->plugged);
    cJSON_AddStringToObject(status, "pilot", ccs_pilot_state_name(body->plugged ? want->pilot : CCS_PILOT_A));
    cJSON_AddBoolToObject(status, "closed", body->contactors_closed);
    cJSON_AddStringToObject(status, "slac", ccs_ev_slac_state(&driver->car.ev));
    cJSON_AddNumberToObject(status, "present_mV", told->present_mV);
    cJSON_AddNumberToObject(status, "present_mA", told->present_mA);
    cJSON_AddNumberToObject(status, "battery_mV", body->battery_mV);
    cJSON_AddNumberToObject(status, "target_mV", want->target_mV);
    cJSON_AddNumberToObject(status, "target_mA", want->target_mA);
    cJSON_AddNumberToObject(status, "energy_Wh", (double)body->energy_Wh);
    cJSON_AddNumberToObject(status, "soc_permille", body->soc_permille);
    cJSON_AddNumberToObject(status, "requests", told->requests);
    cJSON_AddNumberToObject(status, "answer_ms_max", told->answer_ms_max);
    cJSON_AddStringToObject(status, "capture", driver->recorder.file);
    cJSON_AddStringToObject(status, "interface", driver->wire.name);
    return status;
}

static cJSON *do_status(const control_call_t *call)
{
    return driver_status(call->ctx);
}

static cJSON *do_watch(const control_call_t *call)
{
    int64_t ms = 500;
    if (call->words > 1 && !control_number(call->word[1], CONTROL_WATCH_MS_MIN, 60000, &ms)) {
        return control_error("watch [MS]: %d .. 60000", CONTROL_WATCH_MS_MIN);
    }
    call->watch->ms = (uint32_t)ms;
    return driver_status(call->ctx);
}

static cJSON *do_stop(const control_call_t *call)
{
    driver_t *driver = call->ctx;
    const ccs_event_t event = {.type = CCS_ON_STOP, .stop = CCS_STOP_USER};
    return port_post(&driver->port, &event) ? control_ok() : control_error("too many commands at once; try again");
}

static cJSON *do_unplug(const control_call_t *call)
{
    driver_unplug(call->ctx);
    return control_ok();
}

const control_row_t driver_commands[] = {
    {"status", "", "the state of the car", do_status},
    {"watch", "[MS]", "the state now and every MS milliseconds (500), until the connection is closed", do_watch},
    {"stop", "", "the driver ends the charge in order", do_stop},
    {"unplug", "", "the connector is pulled", do_unplug},
};
const size_t driver_commands_count = sizeof driver_commands / sizeof driver_commands[0];
