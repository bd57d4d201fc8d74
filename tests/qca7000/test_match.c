/* From the plug to a private network through every octet of it: two matching machines, two drivers, two buses, two chips, one line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "qca7000/startup.h"
#include "slac/ev.h"
#include "slac/evse.h"
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

enum { PLUGS_MAX = 2, HOSTS_MAX = 2 * PLUGS_MAX };

struct site;

/* Even hosts are chargers, odd ones cars; plug i has charger 2i and car 2i + 1. */
typedef struct member {
    struct site *site;
    unsigned number;
    uint8_t mac[6];
    station_t station;
    qca_startup_t startup;
    unsigned ups, downs, ipv6;
    slac_evse_t evse;
    slac_ev_t ev;
    slac_evse_out_t evse_out;
    slac_ev_out_t ev_out;
    unsigned links, losses;
} member_t;

typedef struct site {
    line_t line;
    unsigned plugs;
    member_t member[HOSTS_MAX];
    ccs_slac_config_t charger[PLUGS_MAX];
    ccs_slac_ev_config_t car[PLUGS_MAX];
    ccs_trace_t trace;
    bool plugged[PLUGS_MAX], lit[PLUGS_MAX];
    int64_t now_ms;
    uint32_t seed;
} site_t;

static void sha256(const uint8_t *at, size_t length, uint8_t digest[32])
{
    (void)SHA256(at, length, digest);
}

static uint32_t draw(site_t *site)
{
    site->seed ^= site->seed << 13;
    site->seed ^= site->seed >> 17;
    site->seed ^= site->seed << 5;
    return site->seed;
}

static slac_event_t random_event(site_t *site)
{
    slac_event_t event = {.type = SLAC_ON_RANDOM};
    for (int i = 0; i < 16; i++) {
        event.random[i] = (uint8_t)(draw(site) >> 9);
    }
    return event;
}

static void send(member_t *member, const slac_out_frame_t *frame, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)station_send(&member->station, (ccs_view_t){frame[i].octets, frame[i].length});
    }
}

static void slac_step(member_t *member, slac_event_t event);

static void evse_step(member_t *member, const slac_event_t *event)
{
    slac_evse_out_t *const out = &member->evse_out;
    *out = (slac_evse_out_t){.count = 0};
    slac_evse_step(&member->evse, event, out);
    member->links += out->dlink == SLAC_DLINK_UP;
    member->losses += out->dlink == SLAC_DLINK_DOWN;
    send(member, out->frame, out->count);
    if (out->need_random) {
        slac_step(member, random_event(member->site));
    }
}

static void ev_step(member_t *member, const slac_event_t *event)
{
    slac_ev_out_t *const out = &member->ev_out;
    *out = (slac_ev_out_t){.count = 0};
    slac_ev_step(&member->ev, event, out);
    member->links += out->dlink == SLAC_DLINK_UP;
    send(member, out->frame, out->count);
    if (out->need_random) {
        slac_step(member, random_event(member->site));
    }
}

static void slac_step(member_t *member, slac_event_t event)
{
    event.now_ms = member->site->now_ms;
    if (member->number % 2 == 0) {
        evse_step(member, &event);
    } else if (event.type != SLAC_ON_MODEM) {
        ev_step(member, &event);
    }
}

static void startup_step(member_t *member, qca_startup_event_t event)
{
    qca_startup_out_t out;
    event.now_ms = member->site->now_ms;
    qca_startup_step(&member->startup, &event, &out);
    for (size_t i = 0; i < out.count; i++) {
        (void)station_send(&member->station, (ccs_view_t){out.frame[i], MME_SIZE_MIN});
    }
    if (out.finished && member->startup.state == QCA_STARTUP_READY) {
        slac_step(member, (slac_event_t){.type = SLAC_ON_MODEM, .up = true});
    } else if (out.restart) {
        qca_restart(&member->station.qca);
    }
}

static void on_frame(void *ctx, ccs_view_t frame)
{
    member_t *const member = ctx;
    if (frame.at[12] == 0x86 && frame.at[13] == 0xDD) {
        member->ipv6++;
        return;
    }
    startup_step(member, (qca_startup_event_t){.type = QCA_STARTUP_ON_FRAME, .frame = frame});
    slac_step(member, (slac_event_t){.type = SLAC_ON_FRAME, .frame = frame});
}

static void deliver(void *ctx, unsigned node, ccs_view_t frame)
{
    chip_receive(&((site_t *)ctx)->member[node].station.chip, frame);
}

static void member_init(site_t *site, unsigned number)
{
    member_t *const member = &site->member[number];
    const unsigned plug = number / 2;
    const bool charger = number % 2 == 0;
    const uint8_t mac[6] = {0x02, 0, 0, 0, charger ? 0x5E : 0xCA, (uint8_t)plug}, modem[6] = {0, 0xB0, 0x52, 0, 1, (uint8_t)number};
    qca_startup_config_t startup = {.role = charger ? QCA_ROLE_EVSE : QCA_ROLE_EV};
    memcpy(member->mac, mac, 6);
    memcpy(startup.mac, mac, 6);
    member->site = site;
    member->number = number;
    (void)line_add(&site->line, mac, modem, charger);
    site->line.node[number].tells_attenuation = true;
    station_init(&member->station, &site->line, number, QCA_RX_SIZE_WHOLE, false);
    member->station.on_frame = on_frame;
    member->station.ctx = member;
    qca_startup_init(&member->startup, &startup);
    memcpy(charger ? site->charger[plug].mac : site->car[plug].mac, mac, 6);
    slac_evse_init(&member->evse, &site->charger[plug], &site->trace, 0);
    slac_ev_init(&member->ev, &site->car[plug], &site->trace, 0);
}

static site_t *site_make(unsigned plugs)
{
    site_t *const site = calloc(1, sizeof *site);
    assert_non_null(site);
    site->plugs = plugs;
    site->seed = 9;
    line_init(&site->line, 5, deliver, site);
    for (unsigned i = 0; i < plugs; i++) {
        site->charger[i] = (ccs_slac_config_t){
            .mode = CCS_SLAC_FIELD, .sha256 = sha256, .init_ms = SLAC_EVSE_INIT_MS, .tries = SLAC_SEQUENCE_RETRIES};
        site->car[i] = (ccs_slac_ev_config_t){
            .direct_dB = 25, .indirect_dB = 40, .match_delay_ms = SLAC_EV_MATCH_SESSION_MS, .repetition_ms = SLAC_EV_REPETITION_MS};
        member_init(site, 2 * i);
        member_init(site, 2 * i + 1);
    }
    for (unsigned a = 0; a < 2 * plugs; a++) {
        for (unsigned b = 0; b < a; b++) {
            line_attenuate(&site->line, a, b, a / 2 == b / 2 ? 15 : 45);
        }
    }
    return site;
}

static void notices(member_t *member)
{
    if (member->downs != member->station.downs) {
        member->downs = member->station.downs;
        startup_step(member, (qca_startup_event_t){.type = QCA_STARTUP_ON_DOWN});
        slac_step(member, (slac_event_t){.type = SLAC_ON_MODEM, .up = false});
    }
    if (member->ups != member->station.ups) {
        member->ups = member->station.ups;
        startup_step(member, (qca_startup_event_t){.type = QCA_STARTUP_ON_UP});
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t machine_deadline_ms(const member_t *member)
{
    return member->number % 2 == 0 ? slac_evse_deadline_ms(&member->evse) : slac_ev_deadline_ms(&member->ev);
}

static int64_t member_deadline_ms(const member_t *member)
{
    return least(machine_deadline_ms(member),
                 least(qca_startup_deadline_ms(&member->startup), station_deadline_ms(&member->station)));
}

static void serve(member_t *member)
{
    const int64_t now_ms = member->site->now_ms;
    station_serve(&member->station, now_ms);
    notices(member);
    if (now_ms >= qca_startup_deadline_ms(&member->startup)) {
        startup_step(member, (qca_startup_event_t){.type = QCA_STARTUP_ON_TIME});
    }
    if (now_ms >= machine_deadline_ms(member)) {
        slac_step(member, (slac_event_t){.type = SLAC_ON_TIME});
    }
    station_serve(&member->station, now_ms);
}

static void pilot_wire(site_t *site, unsigned plug)
{
    const bool lit = site->plugged[plug] && site->member[2 * plug].evse_out.pilot == CCS_PILOT_5_PERCENT;
    if (lit != site->lit[plug]) {
        site->lit[plug] = lit;
        slac_step(&site->member[2 * plug + 1],
                  (slac_event_t){.type = SLAC_ON_ORDER, .order = lit ? SLAC_ORDER_WAKE : SLAC_ORDER_TERMINATE});
    }
}

/* The rule that no test may break: who has the same key hangs on the same plug. */
static void no_wrong_match(const site_t *site)
{
    for (unsigned a = 0; a < 2 * site->plugs; a++) {
        for (unsigned b = 0; b < a; b++) {
            assert_true(a / 2 == b / 2 || !line_linked(&site->line, a, b, site->now_ms));
        }
    }
}

static void run(site_t *site, int64_t ms)
{
    const int64_t until_ms = site->now_ms + ms;
    while (site->now_ms < until_ms) {
        int64_t next_ms = until_ms;
        line_step(&site->line, site->now_ms);
        for (unsigned i = 0; i < 2 * site->plugs; i++) {
            serve(&site->member[i]);
        }
        for (unsigned i = 0; i < site->plugs; i++) {
            pilot_wire(site, i);
        }
        for (unsigned i = 0; i < 2 * site->plugs; i++) {
            next_ms = least(next_ms, member_deadline_ms(&site->member[i]));
        }
        next_ms = least(next_ms, line_deadline_ms(&site->line));
        no_wrong_match(site);
        site->now_ms = next_ms > site->now_ms ? next_ms : site->now_ms + 1;
    }
}

static void plug(site_t *site, unsigned plug, bool in)
{
    site->plugged[plug] = in;
    slac_step(&site->member[2 * plug], (slac_event_t){.type = SLAC_ON_PILOT, .pilot = in ? CCS_PILOT_B : CCS_PILOT_A});
    pilot_wire(site, plug);
}

static bool matched(const site_t *site, unsigned plug)
{
    return site->member[2 * plug].evse.state == SLAC_EVSE_MATCHED && site->member[2 * plug + 1].ev.state == SLAC_EV_MATCHED &&
           line_linked(&site->line, 2 * plug, 2 * plug + 1, site->now_ms);
}

static void send_ipv6(site_t *site, unsigned from, const uint8_t to[6])
{
    uint8_t octets[80] = {0};
    memcpy(octets, to, 6);
    memcpy(octets + 6, site->member[from].mac, 6);
    octets[12] = 0x86;
    octets[13] = 0xDD;
    assert_true(station_send(&site->member[from].station, (ccs_view_t){octets, sizeof octets}));
    run(site, 20);
}

/* The same least time as between the machines alone, and what the buses take. */
static void a_match_through_spi_takes_the_norms_least_time(void **state)
{
    (void)state;
    site_t *const site = site_make(1);
    run(site, 2000);
    assert_int_equal(site->member[0].startup.state, QCA_STARTUP_READY);
    assert_int_equal(site->member[0].evse.state, SLAC_EVSE_IDLE);
    plug(site, 0, true);
    run(site, 1500);
    assert_true(matched(site, 0));
    assert_int_equal(site->member[0].links, 1);
    assert_int_equal(site->member[1].links, 1);
    assert_int_equal(site->member[0].station.chip.stats.wrong_frames + site->member[1].station.chip.stats.wrong_frames, 0);
    free(site);
}

static void ipv6_passes_only_after_the_match_and_only_at_the_own_plug(void **state)
{
    (void)state;
    static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};
    site_t *const site = site_make(2);
    run(site, 2000);
    send_ipv6(site, 1, all_nodes);
    assert_int_equal(site->member[0].ipv6, 0);
    plug(site, 0, true);
    plug(site, 1, true);
    run(site, 4000);
    assert_true(matched(site, 0) && matched(site, 1));
    send_ipv6(site, 1, all_nodes);
    send_ipv6(site, 0, site->member[1].mac);
    assert_int_equal(site->member[0].ipv6, 1);
    assert_int_equal(site->member[1].ipv6, 1);
    assert_int_equal(site->member[2].ipv6 + site->member[3].ipv6, 0);
    free(site);
}

/* The chip of a charging outlet falls over: told at once, a fresh key, the pilot shows the end, and the car is matched again. */
static void a_modem_that_resets_in_a_charge_is_a_lost_link_and_a_new_match(void **state)
{
    (void)state;
    site_t *const site = site_make(1);
    uint8_t before[16];
    run(site, 2000);
    plug(site, 0, true);
    run(site, 2000);
    assert_true(matched(site, 0));
    memcpy(before, site->line.node[0].nmk, 16);
    chip_reset(&site->member[0].station.chip);
    run(site, QCA_POLL_MS + 5);
    assert_int_equal(site->member[0].losses, 1);
    run(site, 30000);
    assert_true(matched(site, 0));
    assert_memory_not_equal(before, site->line.node[0].nmk, 16);
    free(site);
}

static void a_broken_interrupt_trace_still_matches(void **state)
{
    (void)state;
    for (unsigned who = 0; who < 2; who++) {
        site_t *const site = site_make(1);
        site->member[who].station.chip.faults.interrupt_dead = true;
        run(site, 3000);
        plug(site, 0, true);
        run(site, 2500);
        assert_true(matched(site, 0));
        assert_true(site->member[who].station.qca.stats.lost_interrupts > 5);
        free(site);
    }
}

/* An AR7420 needs more than five seconds behind CM_SET_KEY until its link is up. */
static void a_modem_that_joins_slowly_after_its_key_is_waited_for(void **state)
{
    (void)state;
    site_t *const site = site_make(1);
    site->line.node[0].key_busy_ms = 3000;
    site->line.node[1].key_busy_ms = 7000;
    run(site, 6000);
    plug(site, 0, true);
    run(site, 6000);
    assert_false(matched(site, 0));
    run(site, 4000);
    assert_true(matched(site, 0));
    free(site);
}

/* A charger with the PIB of a car: told by the start-up, never shows 5 %. */
static void a_charger_with_the_pib_of_a_car_never_begins(void **state)
{
    (void)state;
    site_t *const site = site_make(1);
    site->line.node[0].charger = false;
    run(site, 2000);
    assert_int_equal(site->member[0].startup.problem, QCA_PROBLEM_WRONG_ROLE);
    plug(site, 0, true);
    run(site, 20000);
    assert_false(site->lit[0]);
    assert_int_equal(site->member[0].evse.stats.matches, 0);
    free(site);
}

/* Packets cut anywhere, a small receive buffer, a slow line: the machines never know. */
static void packets_in_pieces_still_match(void **state)
{
    (void)state;
    site_t *const site = site_make(1);
    site->member[0].station.chip.faults.announce_most = 9;
    site->member[1].station.chip.faults.announce_most = 41;
    run(site, 2000);
    plug(site, 0, true);
    run(site, 2500);
    assert_true(matched(site, 0));
    free(site);
}

/* Two plugs side by side, cars come and go, frames get lost, bits flip, chips fall over: not one wrong match, and in the end all
 * work. */
static void hundreds_of_matches_on_bad_buses_and_not_one_wrong(void **state)
{
    (void)state;
    site_t *const site = site_make(2);
    unsigned done = 0;
    site->line.loss_permille = 10;
    for (unsigned i = 0; i < 4; i++) {
        site->member[i].station.chip.faults.noise_in_million = 2;
        site->member[i].station.chip.faults.noise_out_million = 2;
    }
    run(site, 2000);
    for (unsigned turn = 0; turn < 500; turn++) {
        for (unsigned i = 0; i < 2; i++) {
            if (site->plugged[i] && draw(site) % 3 == 0) {
                done += matched(site, i);
                plug(site, i, false);
            } else if (!site->plugged[i] && draw(site) % 2 == 0) {
                plug(site, i, true);
            }
        }
        if (draw(site) % 20 == 0) {
            chip_reset(&site->member[draw(site) % 4].station.chip);
        }
        run(site, 500 + draw(site) % 6000);
    }
    print_message("%u matches in %lld s of virtual time\n", done, (long long)(site->now_ms / 1000));
    assert_true(done > 100);
    for (unsigned i = 0; i < 4; i++) {
        site->member[i].station.chip.faults = (chip_faults_t){.absent = false};
        plug(site, i / 2, false);
    }
    run(site, 20000);
    plug(site, 0, true);
    plug(site, 1, true);
    run(site, 30000);
    assert_true(matched(site, 0) && matched(site, 1));
    free(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_through_spi_takes_the_norms_least_time),
        cmocka_unit_test(ipv6_passes_only_after_the_match_and_only_at_the_own_plug),
        cmocka_unit_test(a_modem_that_resets_in_a_charge_is_a_lost_link_and_a_new_match),
        cmocka_unit_test(a_broken_interrupt_trace_still_matches),
        cmocka_unit_test(a_modem_that_joins_slowly_after_its_key_is_waited_for),
        cmocka_unit_test(a_charger_with_the_pib_of_a_car_never_begins),
        cmocka_unit_test(packets_in_pieces_still_match),
        cmocka_unit_test(hundreds_of_matches_on_bad_buses_and_not_one_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
