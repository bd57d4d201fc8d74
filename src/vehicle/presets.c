/* Cars as seen on the road, and the default car.
 *
 * Figures and habits were read from frames that these cars sent to public chargers (DIN 70121): limits from
 * ChargeParameterDiscoveryReq, voltages from PreChargeReq and CurrentDemandReq, optional elements as present or absent there.
 * Where a car showed no figure (capacity of most), it is a plausible one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vehicle/vehicle.h"

#include <string.h>

typedef struct preset {
    const char *name, *text;
    int32_t mV_max, mA_max, W_max, mV_target, pack_mV, capacity_Wh;
    int32_t precharge_first_mV, precharge_mA, profile_W;
    int16_t soc_begin_permille;
    uint8_t session_id_length, schema_id;
    ccs_ev_close_t close_on;
    uint16_t tells, habits;
} preset_t;

enum {
    CONDITIONING = CCS_EV_TELLS_CONDITIONING,
    POWER = CCS_EV_TELLS_POWER,
    CAPACITY = CCS_EV_TELLS_CAPACITY,
    REQUEST = CCS_EV_TELLS_REQUEST,
    SOC = CCS_EV_TELLS_SOC,
    BULK = CCS_EV_TELLS_BULK,
    FULL_TIME = CCS_EV_TELLS_FULL_TIME,
    BULK_TIME = CCS_EV_TELLS_BULK_TIME,
    LIMITS = CCS_EV_TELLS_LIMITS_IN_LOOP
};

static const preset_t presets[] = {
    {.name = "ioniq5",
     .text = "800 V car: 652 V battery, target is its limit of 774 V",
     .mV_max = 774000,
     .mA_max = 310000,
     .mV_target = 774000,
     .pack_mV = 651800,
     .capacity_Wh = 72600,
     .precharge_mA = 1000,
     .soc_begin_permille = 360,
     .session_id_length = 8,
     .tells = CONDITIONING | SOC | BULK | FULL_TIME | BULK_TIME | LIMITS},
    {.name = "ioniq",
     .text = "closes its contactors on the reported voltage",
     .mV_max = 413000,
     .mA_max = 200000,
     .mV_target = 413000,
     .pack_mV = 360000,
     .capacity_Wh = 28000,
     .precharge_mA = 1000,
     .soc_begin_permille = 400,
     .session_id_length = 8,
     .close_on = CCS_EV_CLOSE_ON_REPORTED,
     .tells = CONDITIONING | SOC | BULK | FULL_TIME | BULK_TIME | LIMITS},
    {.name = "kona",
     .text = "bulk complete from the start at 81 %",
     .mV_max = 421400,
     .mA_max = 200000,
     .mV_target = 421400,
     .pack_mV = 387300,
     .capacity_Wh = 64000,
     .precharge_mA = 1000,
     .soc_begin_permille = 810,
     .session_id_length = 8,
     .tells = CONDITIONING | SOC | BULK | FULL_TIME | BULK_TIME | LIMITS},
    {.name = "model-y",
     .text = "0 A in PreCharge, ready early, own namespace first, surplus octet",
     .mV_max = 423000,
     .mA_max = 799000,
     .W_max = 326000,
     .mV_target = 423000,
     .pack_mV = 361000,
     .capacity_Wh = 75000,
     .precharge_mA = 0,
     .soc_begin_permille = 510,
     .session_id_length = 8,
     .schema_id = 1,
     .tells = POWER | LIMITS,
     .habits = CCS_EV_READY_EARLY | CCS_EV_TRAILING_ZERO | CCS_EV_OWN_NAMESPACE},
    {.name = "id3",
     .text = "first PreCharge target 200 V, 0 A there",
     .mV_max = 413000,
     .mA_max = 350000,
     .mV_target = 413000,
     .pack_mV = 370000,
     .capacity_Wh = 58000,
     .precharge_first_mV = 200000,
     .precharge_mA = 0,
     .soc_begin_permille = 420,
     .session_id_length = 1,
     .tells = REQUEST | LIMITS},
    {.name = "id4",
     .text = "no unit in any value",
     .mV_max = 413000,
     .mA_max = 350000,
     .mV_target = 413000,
     .pack_mV = 379000,
     .capacity_Wh = 77000,
     .precharge_first_mV = 200000,
     .precharge_mA = 2000,
     .soc_begin_permille = 760,
     .session_id_length = 1,
     .tells = REQUEST | LIMITS,
     .habits = CCS_EV_NO_UNITS},
    {.name = "q4",
     .text = "stays in state C to the end",
     .mV_max = 408000,
     .mA_max = 500000,
     .mV_target = 408000,
     .pack_mV = 361000,
     .capacity_Wh = 77000,
     .precharge_mA = 2000,
     .soc_begin_permille = 370,
     .session_id_length = 1,
     .tells = REQUEST | LIMITS,
     .habits = CCS_EV_KEEPS_C},
    {.name = "atto3",
     .text = "remaining time in minutes, 0.1 A in PreCharge",
     .mV_max = 495100,
     .mA_max = 240000,
     .mV_target = 439000,
     .pack_mV = 414200,
     .capacity_Wh = 60500,
     .precharge_mA = 100,
     .soc_begin_permille = 530,
     .session_id_length = 1,
     .tells = SOC | BULK | FULL_TIME | LIMITS,
     .habits = CCS_EV_MINUTES},
    {.name = "ec4",
     .text = "capacity and request told, no remaining times",
     .mV_max = 470000,
     .mA_max = 250000,
     .W_max = 100000,
     .mV_target = 451400,
     .pack_mV = 405000,
     .capacity_Wh = 50000,
     .precharge_mA = 2000,
     .soc_begin_permille = 550,
     .session_id_length = 1,
     .tells = POWER | CAPACITY | REQUEST | SOC | BULK | LIMITS},
    {.name = "mokka",
     .text = "as ec4 without any unit, stops without a ramp of its own",
     .mV_max = 470000,
     .mA_max = 250000,
     .W_max = 100000,
     .mV_target = 451400,
     .pack_mV = 439000,
     .capacity_Wh = 50000,
     .precharge_mA = 2000,
     .soc_begin_permille = 910,
     .session_id_length = 1,
     .schema_id = 10,
     .tells = POWER | CAPACITY | REQUEST | SOC | BULK | LIMITS,
     .habits = CCS_EV_NO_UNITS | CCS_EV_ABRUPT_STOP},
    {.name = "ampera",
     .text = "0.3 A in PreCharge, 97 % full",
     .mV_max = 450000,
     .mA_max = 150000,
     .W_max = 60000,
     .mV_target = 430000,
     .pack_mV = 394200,
     .capacity_Wh = 60000,
     .precharge_mA = 300,
     .soc_begin_permille = 970,
     .session_id_length = 8,
     .tells = CONDITIONING | POWER | CAPACITY | REQUEST | SOC | BULK | FULL_TIME | BULK_TIME | LIMITS},
    {.name = "solterra",
     .text = "37 A car, empty session id",
     .mV_max = 408000,
     .mA_max = 37000,
     .W_max = 15000,
     .mV_target = 0,
     .pack_mV = 391000,
     .capacity_Wh = 71000,
     .precharge_mA = 1000,
     .soc_begin_permille = 930,
     .session_id_length = 0,
     .tells = POWER | SOC | BULK | LIMITS},
    {.name = "seres",
     .text = "six octets of session id, SchemaID 20, a charging profile",
     .mV_max = 420000,
     .mA_max = 250000,
     .mV_target = 420000,
     .pack_mV = 355000,
     .capacity_Wh = 53000,
     .precharge_mA = 1000,
     .soc_begin_permille = 450,
     .session_id_length = 6,
     .schema_id = 20,
     .profile_W = 4140, /* of a 100 kW charge: below what it then asks for */
     .tells = SOC | BULK | LIMITS},
};

void ccs_ev_defaults(ccs_ev_config_t *config)
{
    *config = (ccs_ev_config_t){
        .evcc_id = {0x02, 0x00, 0x00, 0x00, 0x00, 0x01}, /* a locally administered MAC */
        .evcc_id_length = 6,
        .mV_max = 420000,
        .mA_max = 200000,
        .W_max = 80000,
        .capacity_Wh = 60000,
        .soc_stop_permille = 1000,
        .soc_bulk_permille = 800,
        .loop_ms = 50, /* cars ask 5 to 20 times a second */
        .poll_ms = 100,
        .weld_test = true,
        .pack_mV = 350000,
        .soc_begin_permille = 500,
        .precharge_mA = 1000,
        .session_id_length = 1, /* one octet 00: most cars */
        .tells = CCS_EV_TELLS_EVERYTHING,
        .misbehave_count = 1,
        .slac = {.direct_dB = 30, .indirect_dB = 45, .match_delay_ms = 500, .repetition_ms = 10000},
    };
}

static void apply(const preset_t *preset, ccs_ev_config_t *config)
{
    config->mV_max = preset->mV_max;
    config->mA_max = preset->mA_max;
    config->W_max = preset->W_max;
    config->mV_target = preset->mV_target;
    config->pack_mV = preset->pack_mV;
    config->capacity_Wh = preset->capacity_Wh;
    config->precharge_first_mV = preset->precharge_first_mV;
    config->precharge_mA = preset->precharge_mA;
    config->profile_W = preset->profile_W;
    config->soc_begin_permille = preset->soc_begin_permille;
    config->session_id_length = preset->session_id_length;
    config->schema_id = preset->schema_id;
    config->close_on = preset->close_on;
    config->tells = preset->tells;
    config->habits = preset->habits;
}

ccs_err_t ccs_ev_preset(ccs_ev_config_t *config, const char *name)
{
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            apply(&presets[i], config);
            return CCS_OK;
        }
    }
    return CCS_ERR_UNKNOWN;
}

const char *ccs_ev_preset_name(size_t index)
{
    return index < sizeof presets / sizeof presets[0] ? presets[index].name : NULL;
}

const char *ccs_ev_preset_text(size_t index)
{
    return index < sizeof presets / sizeof presets[0] ? presets[index].text : NULL;
}
