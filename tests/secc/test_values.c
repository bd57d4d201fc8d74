/* Numbers that cars send and that must not end a charge: each row a request as it comes, and what is made of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#define V  DIN_UNIT_SYMBOL_V
#define A  DIN_UNIT_SYMBOL_A
#define W_ DIN_UNIT_SYMBOL_W

static din_physical_value_t number(int8_t multiplier, int unit, int16_t value)
{
    return (din_physical_value_t){multiplier, unit >= 0, unit >= 0 ? (din_unit_symbol_t)unit : DIN_UNIT_SYMBOL_H, value};
}

enum { NONE = -1 };

/* --- in the loop
 * ------------------------------------------------------------------------------------------------------------------- */

typedef struct loop_row {
    const char *seen;
    din_physical_value_t target_V, target_A;
    int32_t target_mV, target_mA; /* what is asked of the guard; the car said 450 V, 150 A before */
} loop_row_t;

static void odd_targets_go_on(void **state)
{
    const loop_row_t rows[] = {
        {"as it should be", number(0, V, 400), number(0, A, 100), 400000, 100000},
        {"unit missing (VW, Opel)", number(-1, NONE, 4000), number(-1, NONE, 1000), 400000, 100000},
        {"unit of another quantity", number(0, W_, 400), number(0, V, 100), 400000, 100000},
        {"voltage below 0 (Skoda Enyaq #2)", number(0, V, -20), number(0, A, 100), 0, 100000},
        {"current below 0", number(0, V, 400), number(0, A, -100), 400000, 0},
        {"0 A", number(0, V, 400), number(0, A, 0), 400000, 0},
        {"0 V", number(0, V, 0), number(0, A, 100), 0, 100000},
        {"more than the car's own limits (#3)", number(0, V, 900), number(0, A, 700), 450000, 150000},
        {"out of all reason", number(3, V, 32767), number(3, A, 32767), 450000, 150000},
        {"out of all reason, downwards", number(3, V, -32768), number(3, A, -32768), 0, 0},
        {"in thousandths", number(-3, V, 32767), number(-3, A, 32767), 32767, 32767},
    };
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        demand.body.current_demand_req.ev_target_voltage = rows[i].target_V;
        demand.body.current_demand_req.ev_target_current = rows[i].target_A;
        world_request(w, &demand);
        world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
        assert_int_equal(rows[i].target_mV, w->out.want.target_mV);
        assert_int_equal(rows[i].target_mA, w->out.want.target_mA);
    }
}

typedef struct limit_row {
    const char *seen;
    din_physical_value_t V_max, A_max, W_max, full_s;
    int32_t target_mV, target_mA; /* with targets of 440 V and 140 A */
} limit_row_t;

static void odd_limits_in_the_loop_go_on(void **state)
{
    const limit_row_t rows[] = {
        {"lower ones", number(0, V, 420), number(0, A, 120), number(1, W_, 5000), number(0, DIN_UNIT_SYMBOL_S, 600), 420000,
         120000},
        {"0", number(0, V, 0), number(0, A, 0), number(0, W_, 0), number(0, DIN_UNIT_SYMBOL_S, 0), 440000, 140000},
        {"negative", number(0, V, -1), number(0, A, -1), number(0, W_, -1), number(0, DIN_UNIT_SYMBOL_S, -1), 440000, 140000},
        {"20 GW (#33)", number(0, V, 450), number(0, A, 150), number(3, W_, 20000), number(0, DIN_UNIT_SYMBOL_S, 600), 440000,
         140000},
        {"above what was told first", number(0, V, 800), number(0, A, 500), number(0, W_, 1), number(0, DIN_UNIT_SYMBOL_S, 1),
         440000, 140000},
        {"minutes (BYD)", number(0, V, 450), number(0, A, 150), number(1, W_, 5000), number(0, DIN_UNIT_SYMBOL_M, 90), 440000,
         140000},
        {"units missing", number(0, NONE, 430), number(0, NONE, 130), number(1, NONE, 5000), number(0, NONE, 600), 430000, 130000},
        {"power in volts", number(0, V, 450), number(0, A, 150), number(0, V, 400), number(0, V, 600), 440000, 140000},
    };
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_LOOP);
        din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
        din_current_demand_req_t *const req = &demand.body.current_demand_req;
        req->ev_target_voltage = number(0, V, 440);
        req->ev_target_current = number(0, A, 140);
        req->has_ev_maximum_voltage_limit = req->has_ev_maximum_current_limit = req->has_ev_maximum_power_limit = true;
        req->has_remaining_time_to_full_soc = req->has_remaining_time_to_bulk_soc = true;
        req->ev_maximum_voltage_limit = rows[i].V_max;
        req->ev_maximum_current_limit = rows[i].A_max;
        req->ev_maximum_power_limit = rows[i].W_max;
        req->remaining_time_to_full_soc = req->remaining_time_to_bulk_soc = rows[i].full_s;
        world_request(w, &demand);
        world_expect(w, DIN_BODY_CURRENT_DEMAND_RES, DIN_RESPONSE_CODE_OK);
        assert_int_equal(rows[i].target_mV, w->out.want.target_mV);
        assert_int_equal(rows[i].target_mA, w->out.want.target_mA);
        world_pass(w, 100);
        assert_true(w->link_open);
    }
}

/* A limit that is lowered and taken back. */
static void lowered_limit_comes_back(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
    demand.body.current_demand_req.has_ev_maximum_current_limit = true;
    demand.body.current_demand_req.ev_maximum_current_limit = number(0, A, 30);
    world_request(w, &demand);
    assert_int_equal(30000, w->out.want.target_mA);
    demand.body.current_demand_req.ev_maximum_current_limit = number(0, A, 140);
    world_request(w, &demand);
    assert_int_equal(100000, w->out.want.target_mA);
}

/* The car's own power limit of the loop is in the want of the same step; absent, the last one stands. */
static void power_limit_of_the_loop_counts_at_once(void **state)
{
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_LOOP);
    din_v2g_message_t demand = world_message(DIN_BODY_CURRENT_DEMAND_REQ);
    demand.body.current_demand_req.has_ev_maximum_power_limit = true;
    demand.body.current_demand_req.ev_maximum_power_limit = number(0, W_, 12000);
    world_request(w, &demand);
    assert_int_equal(12000, w->out.want.offer_W_max);
    demand.body.current_demand_req.has_ev_maximum_power_limit = false;
    world_request(w, &demand);
    assert_int_equal(12000, w->out.want.offer_W_max);
}

/* --- before it
 * ---------------------------------------------------------------------------------------------------------------------- */

typedef struct first_row {
    const char *seen;
    din_physical_value_t V_max, A_max, W_max;
    int32_t mV_max, mA_max;
    bool odd;
} first_row_t;

static void odd_limits_at_first_go_on(void **state)
{
    const first_row_t rows[] = {
        {"as it should be", number(0, V, 470), number(0, A, 250), number(1, W_, 10000), 470000, 250000, false},
        {"units missing (VW id.4, Opel Mokka)", number(-1, NONE, 4130), number(-1, NONE, 3500), number(1, NONE, 10000), 413000,
         350000, false},
        {"20 GW (#33)", number(0, V, 470), number(0, A, 250), number(3, W_, 20000), 470000, 250000, true},
        {"power 0", number(0, V, 470), number(0, A, 250), number(0, W_, 0), 470000, 250000, false},
        {"power negative", number(0, V, 470), number(0, A, 250), number(0, W_, -5), 470000, 250000, true},
        {"power in VA", number(0, V, 470), number(0, A, 250), number(1, DIN_UNIT_SYMBOL_VA, 9000), 470000, 250000, false},
        {"unit of another quantity", number(0, A, 470), number(0, V, 250), number(0, A, 9000), 470000, 250000, true},
        {"current 0: taken for not told", number(0, V, 470), number(0, A, 0), number(1, W_, 9000), 470000, 200000, true},
        {"1000 A and more", number(0, V, 920), number(1, A, 200), number(3, W_, 350), 920000, 2000000, false},
    };
    world_t *const w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(w);
        world_start(w);
        world_go(w, SESSION_WAIT_CHARGE_PARAMETERS);
        din_v2g_message_t message = world_message(DIN_BODY_CHARGE_PARAMETER_DISCOVERY_REQ);
        din_dc_ev_charge_parameter_t *const ev =
            &message.body.charge_parameter_discovery_req.ev_charge_parameter.dc_ev_charge_parameter;
        ev->ev_maximum_voltage_limit = rows[i].V_max;
        ev->ev_maximum_current_limit = rows[i].A_max;
        ev->has_ev_maximum_power_limit = true;
        ev->ev_maximum_power_limit = rows[i].W_max;
        world_request(w, &message);
        world_expect(w, DIN_BODY_CHARGE_PARAMETER_DISCOVERY_RES, DIN_RESPONSE_CODE_OK);
        assert_int_equal(rows[i].mV_max, w->out.want.car_mV_max);
        assert_int_equal(rows[i].mA_max, w->out.want.car_mA_max);
        assert_int_equal(rows[i].odd, world_stats(w)->values_odd > 0);
    }
}

/* The first targets of some cars are wrong, negative too; none is ever above what the car said it stands. */
static void odd_targets_in_precharge_go_on(void **state)
{
    const struct {
        din_physical_value_t target;
        int32_t target_mV;
    } rows[] = {{number(0, V, 200), 200000},      {number(0, V, -20), 0},     {number(0, V, 0), 0},
                {number(-1, NONE, 3610), 361000}, {number(3, V, 20), 450000}, {number(0, A, 380), 380000}};
    world_t *const w = *state;
    world_start(w);
    world_go(w, SESSION_WAIT_POWER_ON);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        din_v2g_message_t message = world_message(DIN_BODY_PRE_CHARGE_REQ);
        message.body.pre_charge_req.ev_target_voltage = rows[i].target;
        message.body.pre_charge_req.ev_target_current = number(3, A, -32768); /* not used */
        world_request(w, &message);
        world_expect(w, DIN_BODY_PRE_CHARGE_RES, DIN_RESPONSE_CODE_OK);
        assert_int_equal(rows[i].target_mV, w->out.want.target_mV);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(odd_targets_go_on),         world_test(odd_limits_in_the_loop_go_on),
        world_test(lowered_limit_comes_back),  world_test(power_limit_of_the_loop_counts_at_once),
        world_test(odd_limits_at_first_go_on), world_test(odd_targets_in_precharge_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
