/* What the charge asks of the guard: never more than the least of what car, site and hardware allow.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "charge/charge.h"

static ccs_secc_config_t config;
static ccs_secc_stats_t stats;
static charge_t charge;

/* In the loop, with the limits that the car told at first. */
static void begin(int32_t mV_max, int32_t mA_max, int32_t W_max)
{
    config = (ccs_secc_config_t){.limits = {.mV_max = 1000000, .charge_mA_max = 200000, .power_W_max = 150000}, .lease_ms = 1000};
    charge_init(&charge, &config, &stats);
    charge_at(&charge, 1000, 0);
    charge_begin(&charge);
    assert_true(charge_car_limits(&charge, mV_max, mA_max, W_max));
    assert_int_equal(charge_demand(&charge, 400000, 180000), CHARGE_GRANTED);
}

static ccs_want_t want(void)
{
    return charge_want(&charge, CCS_PILOT_5_PERCENT);
}

/* EVMaximumPowerLimit of real cars: 15 kW (Solterra) to 326 kW (Model Y), absent, and 0. */
static void the_cars_own_power_limit_counts_where_it_told_one(void **state)
{
    (void)state;
    begin(450000, 200000, 15000);
    assert_int_equal(want().offer_W_max, 15000);
    begin(450000, 200000, 326000);
    assert_int_equal(want().offer_W_max, 150000);
    begin(450000, 200000, 0);
    assert_int_equal(want().offer_W_max, 150000);
    begin(450000, 200000, INT32_MAX); /* 20 GW has been seen: nothing that a car can mean */
    assert_int_equal(want().offer_W_max, 150000);
}

/* EVMaximumPowerLimit of CurrentDemandReq: lowered and taken back in the loop, never above the first one. */
static void a_power_limit_of_the_loop_counts_at_once(void **state)
{
    (void)state;
    begin(450000, 200000, 60000);
    charge_car_limits_now(&charge, 0, 0, 20000);
    assert_int_equal(want().offer_W_max, 20000);
    charge_car_limits_now(&charge, 0, 0, 0); /* not told: the last one stands */
    assert_int_equal(want().offer_W_max, 20000);
    charge_car_limits_now(&charge, 0, 0, 326000);
    assert_int_equal(want().offer_W_max, 60000);
    charge_car_limits_now(&charge, 0, 0, INT32_MAX);
    assert_int_equal(want().offer_W_max, 60000);
    begin(450000, 200000, 0); /* none before the loop */
    charge_car_limits_now(&charge, 0, 0, 40000);
    assert_int_equal(want().offer_W_max, 40000);
    charge_car_limits_now(&charge, 0, 0, 326000);
    assert_int_equal(want().offer_W_max, 150000);
}

static void current_and_voltage_are_the_least_of_target_car_and_site(void **state)
{
    (void)state;
    begin(390000, 100000, 0);
    assert_int_equal(want().target_mV, 390000);
    assert_int_equal(want().target_mA, 100000);
    charge_car_limits_now(&charge, 380000, 50000, 0);
    assert_int_equal(want().target_mV, 380000);
    assert_int_equal(want().target_mA, 50000);
    const ccs_limits_t less = {.mV_max = 350000, .charge_mA_max = 20000, .power_W_max = -5};
    charge_limits(&charge, &less);
    assert_int_equal(want().target_mV, 350000);
    assert_int_equal(want().target_mA, 20000);
    assert_int_equal(want().offer_W_max, 0);
    assert_int_equal(charge_offer(&charge).power_W_max, 0); /* what the car is told: never less than nothing */
    charge_car_limits_now(&charge, 900000, 900000, 0);      /* never above what the cable was tested for */
    assert_int_equal(want().car_mV_max, 390000);
    assert_int_equal(want().car_mA_max, 100000);
}

/* A charge-only product: a target below 0 is 0. */
static void a_negative_target_is_none(void **state)
{
    (void)state;
    begin(450000, 200000, 0);
    assert_int_equal(charge_demand(&charge, -1, -50000), CHARGE_GRANTED);
    assert_int_equal(want().target_mV, 0);
    assert_int_equal(want().target_mA, 0);
}

static void only_requests_renew_the_lease(void **state)
{
    (void)state;
    begin(450000, 200000, 0);
    assert_int_equal(want().lease_until_ms, 2000);
    charge_at(&charge, 1500, 0);
    const ccs_report_t report = {.at_ms = 1500, .phase = CCS_PHASE_LIVE, .pilot = CCS_PILOT_C, .settled = true};
    charge_report(&charge, &report);
    assert_int_equal(want().lease_until_ms, 2000);
    assert_int_equal(charge_demand(&charge, 400000, 180000), CHARGE_GRANTED);
    assert_int_equal(want().lease_until_ms, 2500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cars_own_power_limit_counts_where_it_told_one),
        cmocka_unit_test(a_power_limit_of_the_loop_counts_at_once),
        cmocka_unit_test(current_and_voltage_are_the_least_of_target_car_and_site),
        cmocka_unit_test(a_negative_target_is_none),
        cmocka_unit_test(only_requests_renew_the_lease),
    };
    return cmocka_run_group_tests_name("guard_want", tests, NULL, NULL);
}
