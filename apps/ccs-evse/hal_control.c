/* --hal control: an external controller tells samples and gets drives, one line each, over the control socket.
 *
 * Every `sample` line is a heartbeat. What it names is measured now; what it does not name keeps its old time. When lines stop, the
 * readings age, the guard calls them stale and ends the charge; the controller has the drive's end of validity and opens by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <string.h>

static const struct {
    const char *name;
    size_t offset;
} readings[] = {
    {"pilot_high_mV", offsetof(ccs_sample_t, pilot_high_mV)},
    {"pilot_low_mV", offsetof(ccs_sample_t, pilot_low_mV)},
    {"output_mV", offsetof(ccs_sample_t, output_mV)},
    {"car_mV", offsetof(ccs_sample_t, car_mV)},
    {"output_mA", offsetof(ccs_sample_t, output_mA)},
    {"isolation_ohm", offsetof(ccs_sample_t, isolation_ohm)},
    {"main_closed", offsetof(ccs_sample_t, main_closed)},
    {"precharge_closed", offsetof(ccs_sample_t, precharge_closed)},
    {"locked", offsetof(ccs_sample_t, locked)},
    {"temperature_dC", offsetof(ccs_sample_t, temperature_dC)},
    {"alarms", offsetof(ccs_sample_t, alarms)},
};
enum { READINGS = sizeof readings / sizeof readings[0] };

static ccs_reading_t *reading_of(ccs_sample_t *sample, size_t row)
{
    return (ccs_reading_t *)(void *)((char *)sample + readings[row].offset);
}

static void sample_unknown(ccs_sample_t *sample)
{
    memset(sample, 0, sizeof *sample);
    for (size_t i = 0; i < READINGS; i++) {
        reading_of(sample, i)->at_ms = -1;
    }
    sample->meter.at_ms = -1;
}

static void hal_sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    hal_control_t *control = ctx;
    (void)now_ms;
    mailbox_get(&control->samples.box, out);
}

static void hal_apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    hal_control_t *control = ctx;
    (void)now_ms;
    mailbox_put(&control->drives.box, drive);
}

void hal_control_open(hal_control_t *control, ccs_hal_t *hal)
{
    const ccs_drive_t safe = {.valid_until_ms = 0};
    control->heard_ms = -1;
    sample_unknown(&control->sample);
    mailbox_init(&control->samples.box, control->samples.slot, sizeof control->sample, &control->sample);
    mailbox_init(&control->drives.box, control->drives.slot, sizeof safe, &safe);
    *hal = (ccs_hal_t){.ctx = control, .sample = hal_sample, .apply = hal_apply};
}

static bool word_take(ccs_sample_t *sample, const char *word, int64_t now_ms)
{
    int64_t value;
    for (size_t i = 0; i < READINGS; i++) {
        if (control_named(word, readings[i].name, INT32_MIN, INT32_MAX, &value)) {
            *reading_of(sample, i) = (ccs_reading_t){.at_ms = now_ms, .value = (int32_t)value};
            return true;
        }
    }
    if (control_named(word, "energy_Wh", 0, INT64_MAX / 2, &value)) {
        sample->meter = (ccs_meter_t){.at_ms = now_ms, .energy_Wh = value};
        return true;
    }
    return false;
}

static cJSON *drive_json(const ccs_drive_t *drive, int64_t now_ms)
{
    static const char *const pilots[] = {
        [CCS_PILOT_STEADY] = "steady", [CCS_PILOT_5_PERCENT] = "5%", [CCS_PILOT_NEGATIVE] = "negative"};
    const int64_t left_ms = drive->valid_until_ms - now_ms;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "valid_ms", left_ms > 0 ? (double)left_ms : 0.0);
    cJSON_AddStringToObject(json, "phase", ccs_phase_name(drive->phase));
    cJSON_AddBoolToObject(json, "enable", drive->enable && left_ms > 0);
    cJSON_AddNumberToObject(json, "output_mV", drive->output_mV);
    cJSON_AddNumberToObject(json, "output_mA", drive->output_mA);
    cJSON_AddNumberToObject(json, "trip_mV", drive->trip_mV);
    cJSON_AddStringToObject(json, "pilot", pilots[drive->pilot]);
    cJSON_AddBoolToObject(json, "main_close", drive->main_close && left_ms > 0);
    cJSON_AddBoolToObject(json, "precharge_close", drive->precharge_close && left_ms > 0);
    cJSON_AddBoolToObject(json, "lock", drive->lock);
    cJSON_AddBoolToObject(json, "discharge", drive->discharge);
    cJSON_AddBoolToObject(json, "test_isolation", drive->test_isolation);
    return json;
}

cJSON *power_sample_command(power_t *power, const control_call_t *call, int64_t now_ms)
{
    hal_control_t *control = &power->control;
    ccs_sample_t sample = control->sample;
    ccs_drive_t drive;
    if (power->kind != POWER_CONTROL) {
        return control_error("samples are taken with --hal control only");
    }
    for (size_t i = 1; i < call->words; i++) {
        if (!word_take(&sample, call->word[i], now_ms)) {
            return control_error("'%.60s' is no reading=number; nothing of this line was taken", call->word[i]);
        }
    }
    control->sample = sample;
    control->heard_ms = now_ms;
    mailbox_put(&control->samples.box, &sample);
    mailbox_get(&control->drives.box, &drive);
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "drive", drive_json(&drive, now_ms));
    return answer;
}
