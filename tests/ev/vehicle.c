/* The car by itself: its hands, its limits, its reasons to stop.
 * SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "vehicle/mischief.h"

typedef struct car {
    ccs_ev_config_t config;
    vehicle_t vehicle;
    ccs_body_t body;
    int64_t now_ms;
} car_t;

static car_t plugged_car(void)
{
    car_t car = {.now_ms = 1000};
    ccs_ev_defaults(&car.config);
    car.body = (ccs_body_t){.battery_mV = 350000, .soc_permille = 500, .duty_permille = 50, .plugged = true, .locked = true};
    return car;
}

static void start(car_t *car)
{
    vehicle_init(&car->vehicle, &car->config, car->now_ms);
    vehicle_feel(&car->vehicle, car->now_ms, &car->body);
}

/* The hardware obeys within one step of 10 ms. */
static ccs_ev_want_t after(car_t *car, int64_t ms)
{
    ccs_ev_want_t want = {0};
    for (const int64_t until_ms = car->now_ms + ms; car->now_ms < until_ms;) {
        car->now_ms += 10;
        vehicle_feel(&car->vehicle, car->now_ms, &car->body);
        vehicle_want(&car->vehicle, &want);
        car->body.contactors_closed = want.close;
    }
    return want;
}

static void charge(car_t *car)
{
    start(car);
    vehicle_get_ready(&car->vehicle);
    (void)vehicle_precharge(&car->vehicle);
    car->body.inlet_mV = car->body.battery_mV;
    car->vehicle.told.present_mV = car->body.battery_mV;
    after(car, 10);
    assert_true(vehicle_may_close(&car->vehicle));
    vehicle_close(&car->vehicle);
    after(car, 20);
    assert_true(vehicle_is_closed(&car->vehicle));
    car->vehicle.told.charger = VEHICLE_CHARGER_READY;
    car->body.battery_mA = vehicle_demand(&car->vehicle).mA;
    car->vehicle.told.present_mA = car->body.battery_mA;
    after(car, 10);
}

static void pilot_is_b_until_ready_then_c(void **state)
{
    (void)state;
    car_t car = plugged_car();
    start(&car);
    assert_int_equal(after(&car, 20).pilot, CCS_PILOT_B);
    vehicle_get_ready(&car.vehicle);
    assert_int_equal(after(&car, 20).pilot, CCS_PILOT_C);
}

static void contactors_close_only_within_20_V_measured_and_reported(void **state)
{
    (void)state;
    car_t car = plugged_car();
    start(&car);
    vehicle_get_ready(&car.vehicle);
    (void)vehicle_precharge(&car.vehicle);
    const struct {
        int32_t inlet_mV, reported_mV;
        ccs_ev_close_t rule;
        bool may;
    } rows[] = {
        {330000, 330000, CCS_EV_CLOSE_ON_BOTH, true},  {370000, 370000, CCS_EV_CLOSE_ON_BOTH, true},
        {329999, 350000, CCS_EV_CLOSE_ON_BOTH, false}, {350000, 370001, CCS_EV_CLOSE_ON_BOTH, false},
        {0, 350000, CCS_EV_CLOSE_ON_REPORTED, true},   {350000, 0, CCS_EV_CLOSE_ON_REPORTED, false},
        {350000, 0, CCS_EV_CLOSE_ON_MEASURED, true},   {0, 350000, CCS_EV_CLOSE_ON_MEASURED, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        car.config.close_on = rows[i].rule;
        car.body.inlet_mV = rows[i].inlet_mV;
        car.vehicle.told.present_mV = rows[i].reported_mV;
        after(&car, 10);
        assert_int_equal(vehicle_may_close(&car.vehicle), rows[i].may);
    }
}

static void a_first_target_of_200_V_closes_nothing(void **state)
{
    (void)state;
    car_t car = plugged_car();
    car.config.precharge_first_mV = 200000;
    start(&car);
    vehicle_get_ready(&car.vehicle);
    assert_int_equal(vehicle_precharge(&car.vehicle).mV, 200000);
    car.body.inlet_mV = 350000;
    car.vehicle.told.present_mV = 350000;
    after(&car, 10);
    assert_false(vehicle_may_close(&car.vehicle));
    assert_int_equal(vehicle_precharge(&car.vehicle).mV, 350000);
    assert_true(vehicle_may_close(&car.vehicle));
}

static void precharge_current_never_exceeds_2_A(void **state)
{
    (void)state;
    car_t car = plugged_car();
    car.config.precharge_mA = 50000;
    start(&car);
    assert_int_equal(vehicle_precharge(&car.vehicle).mA, 2000);
}

static void demand_never_exceeds_the_least_of_all_limits(void **state)
{
    (void)state;
    const struct {
        int32_t mA_max, W_max, told_mA, battery_mV;
        int32_t mA;
    } rows[] = {
        {100000, 0, 0, 350000, 90000},      /* by state of charge: 50 % takes 90 % */
        {200000, 35000, 0, 350000, 100000}, /* by power */
        {200000, 0, 30000, 350000, 30000},  /* by the charger's word */
        {200000, 0, 0, 420000, 0},          /* the battery is at its limit */
        {200000, 0, 0, 415800, 90000},      /* half of the last 2 % */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        car_t car = plugged_car();
        car.config.mA_max = rows[i].mA_max;
        car.config.W_max = rows[i].W_max;
        car.body.battery_mV = rows[i].battery_mV;
        charge(&car);
        car.vehicle.told.mA_max = rows[i].told_mA;
        const vehicle_target_t target = vehicle_demand(&car.vehicle);
        assert_int_equal(target.mA, rows[i].mA);
        assert_true(target.mV <= car.config.mV_max);
    }
}

static void open_contactors_ask_for_no_current(void **state)
{
    (void)state;
    car_t car = plugged_car();
    start(&car);
    assert_int_equal(vehicle_demand(&car.vehicle).mA, 0);
}

static void soc_energy_and_duration_end_the_charge(void **state)
{
    (void)state;
    for (int reason = 0; reason < 3; reason++) {
        car_t car = plugged_car();
        car.config.soc_stop_permille = reason == 0 ? 600 : 1000;
        car.config.energy_stop_Wh = reason == 1 ? 500 : 0;
        car.config.duration_stop_ms = reason == 2 ? 5000 : 0;
        charge(&car);
        assert_int_equal(car.vehicle.stop, VEHICLE_STOP_NONE);
        car.body.soc_permille = 600;
        car.body.energy_Wh = 500;
        after(&car, 5000);
        assert_int_equal(vehicle_demand(&car.vehicle).mA, 0);
        assert_int_equal(car.vehicle.stop, VEHICLE_STOP_SOC + reason);
        assert_false(vehicle_may_end_loop(&car.vehicle)); /* the current still flows */
        car.vehicle.told.present_mA = 500;
        assert_true(vehicle_may_end_loop(&car.vehicle));
        assert_true(vehicle_complete(&car.vehicle));
    }
}

static void an_own_ramp_that_does_not_come_down_ends_after_3_s(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_USER);
    after(&car, 2990);
    assert_false(vehicle_may_end_loop(&car.vehicle));
    after(&car, 10);
    assert_true(vehicle_may_end_loop(&car.vehicle));
}

static void an_orderly_opening_waits_for_0_A(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_USER);
    vehicle_open(&car.vehicle);
    const ccs_ev_want_t held = after(&car, 1000);
    assert_true(held.close);
    assert_int_equal(held.pilot, CCS_PILOT_C);
    car.body.battery_mA = 900;
    const ccs_ev_want_t open = after(&car, 10);
    assert_false(open.close);
    assert_int_equal(open.pilot, CCS_PILOT_B);
}

static void a_fault_drops_the_pilot_at_once_and_opens_within_300_ms(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_CHARGER_FAULT);
    const ccs_ev_want_t first = after(&car, 10);
    assert_int_equal(first.pilot, CCS_PILOT_B);
    assert_true(first.close);
    assert_false(vehicle_is_ready(&car.vehicle));
    assert_true(after(&car, 280).close);
    assert_false(after(&car, 20).close);
}

static void limits_passed_are_a_fault_of_the_car(void **state)
{
    (void)state;
    car_t high = plugged_car();
    charge(&high);
    high.body.inlet_mV = high.config.mV_max + 20000;
    after(&high, 10);
    assert_int_equal(high.vehicle.stop, VEHICLE_STOP_FAULT);
    assert_int_equal(high.vehicle.error, CCS_EV_VOLTAGE_OUT_OF_RANGE);

    car_t strong = plugged_car();
    charge(&strong);
    strong.body.battery_mA = strong.config.mA_max * 2;
    after(&strong, 400);
    assert_int_equal(strong.vehicle.stop, VEHICLE_STOP_NONE);
    after(&strong, 200);
    assert_int_equal(strong.vehicle.error, CCS_EV_CURRENT_DIFFERENTIAL);
}

static void a_pilot_without_5_percent_ends_it_at_once(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    car.body.duty_permille = 1000;
    after(&car, 90);
    assert_int_equal(car.vehicle.stop, VEHICLE_STOP_NONE);
    after(&car, 20);
    assert_int_equal(car.vehicle.stop, VEHICLE_STOP_PILOT);
}

static void contactors_that_do_not_close_are_a_fault(void **state)
{
    (void)state;
    car_t car = plugged_car();
    start(&car);
    vehicle_get_ready(&car.vehicle);
    vehicle_close(&car.vehicle);
    for (int i = 0; i < 101; i++) {
        car.body.contactors_closed = false;
        after(&car, 10);
        car.body.contactors_closed = false;
    }
    assert_int_equal(car.vehicle.error, CCS_EV_RESS_MALFUNCTION);
}

static void what_the_charger_says_means(void **state)
{
    (void)state;
    const struct {
        vehicle_charger_t charger;
        ccs_isolation_t isolation;
        bool stop;
        vehicle_stop_t then;
    } rows[] = {
        {VEHICLE_CHARGER_READY, CCS_ISOLATION_VALID, false, VEHICLE_STOP_NONE},
        {VEHICLE_CHARGER_READY, CCS_ISOLATION_WARNING, false, VEHICLE_STOP_NONE},
        {VEHICLE_CHARGER_READY, CCS_ISOLATION_FAULT, false, VEHICLE_STOP_CHARGER_FAULT},
        {VEHICLE_CHARGER_READY, CCS_ISOLATION_VALID, true, VEHICLE_STOP_CHARGER},
        {VEHICLE_CHARGER_NOT_READY, CCS_ISOLATION_VALID, false, VEHICLE_STOP_CHARGER},
        {VEHICLE_CHARGER_SHUTDOWN, CCS_ISOLATION_VALID, false, VEHICLE_STOP_CHARGER},
        {VEHICLE_CHARGER_UTILITY, CCS_ISOLATION_VALID, false, VEHICLE_STOP_CHARGER},
        {VEHICLE_CHARGER_CHECKING, CCS_ISOLATION_VALID, false, VEHICLE_STOP_NONE},
        {VEHICLE_CHARGER_EMERGENCY, CCS_ISOLATION_VALID, false, VEHICLE_STOP_CHARGER_FAULT},
        {VEHICLE_CHARGER_MALFUNCTION, CCS_ISOLATION_VALID, false, VEHICLE_STOP_CHARGER_FAULT},
        {VEHICLE_CHARGER_OTHER, CCS_ISOLATION_VALID, false, VEHICLE_STOP_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        car_t car = plugged_car();
        charge(&car);
        car.vehicle.told.charger = rows[i].charger;
        car.vehicle.told.isolation = rows[i].isolation;
        car.vehicle.told.stop = rows[i].stop;
        vehicle_listen(&car.vehicle);
        assert_int_equal(car.vehicle.stop, rows[i].then);
    }
}

static void the_first_reason_stays_unless_a_faster_one_comes(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_SOC);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_CHARGER);
    assert_int_equal(car.vehicle.stop, VEHICLE_STOP_SOC);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_CHARGER_FAULT);
    vehicle_stop(&car.vehicle, VEHICLE_STOP_USER);
    assert_int_equal(car.vehicle.stop, VEHICLE_STOP_CHARGER_FAULT);
}

static void the_inlet_stays_locked_until_it_is_dead(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    car.body.battery_mA = 0;
    vehicle_leave(&car.vehicle);
    assert_true(after(&car, 20).lock);
    car.body.inlet_mV = 59000;
    assert_false(after(&car, 20).lock);
}

static void remaining_time_follows_the_power(void **state)
{
    (void)state;
    car_t car = plugged_car();
    charge(&car);
    car.vehicle.told.present_mV = 400000;
    car.vehicle.told.present_mA = 150000;
    assert_int_equal(vehicle_seconds_to(&car.vehicle, 1000), 1800); /* 30 kWh at 60 kW */
    assert_int_equal(vehicle_seconds_to(&car.vehicle, 400), 0);
    car.vehicle.told.present_mA = 0;
    assert_int_equal(vehicle_seconds_to(&car.vehicle, 1000), 86400);
}

static void every_preset_is_a_car_that_fits_itself(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char *name; (name = ccs_ev_preset_name(count)) != NULL; count++) {
        ccs_ev_config_t config;
        ccs_ev_defaults(&config);
        assert_int_equal(ccs_ev_preset(&config, name), CCS_OK);
        assert_non_null(ccs_ev_preset_text(count));
        assert_true(config.pack_mV < config.mV_max && config.precharge_mA <= 2000 && config.capacity_Wh > 0);
        assert_true(config.session_id_length <= 8 && config.mA_max > 0);
        assert_true(config.mV_target == 0 || config.mV_target > config.pack_mV);
    }
    assert_true(count >= 10);
    ccs_ev_config_t untouched, config;
    ccs_ev_defaults(&config);
    memcpy(&untouched, &config, sizeof untouched); /* octet for octet: a struct's padding is nobody's value */
    assert_int_equal(ccs_ev_preset(&config, "trabant"), CCS_ERR_UNKNOWN);
    assert_memory_equal(&config, &untouched, sizeof config);
}

static void a_misbehaviour_acts_at_the_nth_request_of_its_name(void **state)
{
    (void)state;
    ccs_ev_config_t config;
    ccs_ev_defaults(&config);
    config.misbehave = CCS_MIS_REPEAT;
    config.misbehave_at = "PreChargeReq";
    config.misbehave_count = 2;
    mischief_t mischief;
    mischief_init(&mischief, &config);
    assert_int_equal(mischief_judge(&mischief, "CableCheckReq").kind, CCS_MIS_NONE);
    assert_int_equal(mischief_judge(&mischief, "PreChargeReq").kind, CCS_MIS_NONE);
    const mischief_verdict_t verdict = mischief_judge(&mischief, "PreChargeReq");
    assert_int_equal(verdict.kind, CCS_MIS_REPEAT);
    assert_true(verdict.first);
    assert_int_equal(mischief_judge(&mischief, "PreChargeReq").kind, CCS_MIS_NONE);
}

static void silence_and_split_last(void **state)
{
    (void)state;
    ccs_ev_config_t config;
    ccs_ev_defaults(&config);
    config.misbehave = CCS_MIS_SPLIT;
    config.misbehave_at = "PreChargeReq";
    mischief_t mischief;
    mischief_init(&mischief, &config);
    assert_true(mischief_judge(&mischief, "PreChargeReq").first);
    const mischief_verdict_t later = mischief_judge(&mischief, "CurrentDemandReq");
    assert_int_equal(later.kind, CCS_MIS_SPLIT);
    assert_false(later.first);
}

static void a_flipped_bit_is_one_bit_of_the_body(void **state)
{
    (void)state;
    ccs_ev_config_t config;
    ccs_ev_defaults(&config);
    config.misbehave = CCS_MIS_BAD_EXI;
    mischief_t mischief;
    mischief_init(&mischief, &config);
    for (uint32_t bit = 0; bit < 300; bit++) {
        uint8_t message[40] = {0};
        config.misbehave_value = bit;
        mischief_flip(&mischief, message, sizeof message);
        int ones = 0;
        for (size_t i = 0; i < sizeof message * 8; i++) {
            ones += message[i / 8] >> (i % 8) & 1;
        }
        assert_int_equal(ones, 1);
        assert_true(message[0] == 0 && message[7] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pilot_is_b_until_ready_then_c),
        cmocka_unit_test(contactors_close_only_within_20_V_measured_and_reported),
        cmocka_unit_test(a_first_target_of_200_V_closes_nothing),
        cmocka_unit_test(precharge_current_never_exceeds_2_A),
        cmocka_unit_test(demand_never_exceeds_the_least_of_all_limits),
        cmocka_unit_test(open_contactors_ask_for_no_current),
        cmocka_unit_test(soc_energy_and_duration_end_the_charge),
        cmocka_unit_test(an_own_ramp_that_does_not_come_down_ends_after_3_s),
        cmocka_unit_test(an_orderly_opening_waits_for_0_A),
        cmocka_unit_test(a_fault_drops_the_pilot_at_once_and_opens_within_300_ms),
        cmocka_unit_test(limits_passed_are_a_fault_of_the_car),
        cmocka_unit_test(a_pilot_without_5_percent_ends_it_at_once),
        cmocka_unit_test(contactors_that_do_not_close_are_a_fault),
        cmocka_unit_test(what_the_charger_says_means),
        cmocka_unit_test(the_first_reason_stays_unless_a_faster_one_comes),
        cmocka_unit_test(the_inlet_stays_locked_until_it_is_dead),
        cmocka_unit_test(remaining_time_follows_the_power),
        cmocka_unit_test(every_preset_is_a_car_that_fits_itself),
        cmocka_unit_test(a_misbehaviour_acts_at_the_nth_request_of_its_name),
        cmocka_unit_test(silence_and_split_last),
        cmocka_unit_test(a_flipped_bit_is_one_bit_of_the_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
