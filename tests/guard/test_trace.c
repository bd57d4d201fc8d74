/* Stories of the guard, compared with golden texts in tests/guard/golden.
 *
 *     test_guard_trace --write    writes them anew; read the difference before you commit it
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "story.h"
#include <stdio.h>
#include <string.h>

static void car_shows(story_t *story, ccs_pilot_state_t pilot, bool close)
{
    const ccs_ev_want_t want = {.pilot = pilot, .lock = pilot != CCS_PILOT_B, .close = close};
    sim_plant_car_want(&story->world.plant, &want);
}

static void ask(story_t *story, ccs_phase_t phase)
{
    const ccs_want_t before = story->world.want;
    story->world.want = sim_world_want(&story->world, phase);
    story->world.want.target_mV = before.target_mV;
}

static void charge_of_100_A(story_t *story, const ccs_guard_config_t *config)
{
    story_begin(story, config, NULL);
    story_says(story, "a car is plugged in and goes to state C");
    story_charge(story, 100000);
}

static void whole_charge(story_t *story)
{
    charge_of_100_A(story, NULL);
    story_says(story, "the car asks for the end");
    ask(story, CCS_PHASE_RAMP);
    story_hold(story, 1500);
    story_says(story, "the car goes to B and tests its contactors");
    car_shows(story, CCS_PILOT_B, false);
    story_hold(story, 200);
    ask(story, CCS_PHASE_WELD);
    story_hold(story, 1000);
    story_says(story, "the session has ended");
    ask(story, CCS_PHASE_OFF);
    story_hold(story, 2000);
    story_says(story, "the connector is pulled");
    sim_plant_unplug(&story->world.plant);
    story_hold(story, 200);
}

static void precharge_branch(story_t *story)
{
    ccs_guard_config_t config;
    ccs_guard_defaults(&config);
    config.topology = CCS_TOPOLOGY_PRECHARGE_BRANCH;
    charge_of_100_A(story, &config);
    story_says(story, "the communication asks for OFF");
    ask(story, CCS_PHASE_OFF);
    story_hold(story, 1500);
}

static void red_button(story_t *story)
{
    charge_of_100_A(story, NULL);
    story_says(story, "somebody presses the red button");
    story->world.plant.fault[SIM_EMERGENCY_STOP] = true;
    story_hold(story, 1000);
    story_says(story, "the communication has understood, and asks for OFF; the car goes to B");
    ask(story, CCS_PHASE_OFF);
    car_shows(story, CCS_PILOT_B, false);
    story_hold(story, 1000);
    story_says(story, "the button is released");
    story->world.plant.fault[SIM_EMERGENCY_STOP] = false;
    story_hold(story, 1000);
}

static void pulled_under_load(story_t *story)
{
    charge_of_100_A(story, NULL);
    story_says(story, "the connector is torn out under 100 A");
    sim_plant_unplug(&story->world.plant);
    story_hold(story, 1000);
    ask(story, CCS_PHASE_OFF);
    story_hold(story, 1000);
}

static void weld_of_ours(story_t *story)
{
    charge_of_100_A(story, NULL);
    story->world.plant.fault[SIM_MAIN_WELDED] = true;
    story_says(story, "the output contactor has welded; the communication asks for OFF");
    ask(story, CCS_PHASE_OFF);
    story_hold(story, 2500);
    story_says(story, "the car leaves C and opens, the session ends: X1 is wanted");
    car_shows(story, CCS_PILOT_B, false);
    story->world.want.pilot = CCS_PILOT_STEADY;
    story_hold(story, 1500);
    story_says(story, "service has replaced the contactor and resets the latch");
    story->world.plant.fault[SIM_MAIN_WELDED] = false;
    story_hold(story, 100);
    ccs_guard_service_reset(&story->world.guard);
    story_hold(story, 5000);
}

static void insulation_while_charging(story_t *story)
{
    charge_of_100_A(story, NULL);
    story_says(story, "insulation falls to 20 kOhm");
    story->world.plant.fault[SIM_ISOLATION_LOW] = true;
    story_hold(story, 2000);
}

static void silent_car(story_t *story)
{
    charge_of_100_A(story, NULL);
    story_says(story, "the car falls silent");
    story_run(story, 3000);
    story_says(story, "and asks again");
    story_hold(story, 1000);
}

static void insulation_at_the_cable_check(story_t *story)
{
    story_begin(story, NULL, NULL);
    story->world.plant.fault[SIM_ISOLATION_LOW] = true;
    story_says(story, "a car with bad insulation is plugged in and goes to state C");
    sim_plant_plug(&story->world.plant);
    car_shows(story, CCS_PILOT_C, false);
    story_run(story, 100);
    ask(story, CCS_PHASE_TEST);
    story_hold(story, 5000);
    story_says(story, "the communication asks for OFF");
    ask(story, CCS_PHASE_OFF);
    story_hold(story, 1500);
}

static const struct {
    const char *name;
    void (*tell)(story_t *story);
} stories[] = {
    {"whole_charge", whole_charge},
    {"precharge_branch", precharge_branch},
    {"red_button", red_button},
    {"pulled_under_load", pulled_under_load},
    {"weld_of_ours", weld_of_ours},
    {"insulation_while_charging", insulation_while_charging},
    {"insulation_at_the_cable_check", insulation_at_the_cable_check},
    {"silent_car", silent_car},
};
enum { STORIES = sizeof(stories) / sizeof(stories[0]) };

static void path_of(char *path, size_t size, const char *name)
{
    snprintf(path, size, CCS_SOURCE_DIR "/tests/guard/golden/%s.txt", name);
}

static void every_story_is_told_as_it_stands_in_its_golden_text(void **state)
{
    (void)state;
    static story_t story;
    static char golden[STORY_SIZE];
    for (size_t i = 0; i < STORIES; i++) {
        char path[512];
        stories[i].tell(&story);
        path_of(path, sizeof(path), stories[i].name);
        FILE *file = fopen(path, "r");
        const size_t length = file != NULL ? fread(golden, 1, sizeof(golden) - 1, file) : 0;
        golden[length] = 0;
        if (file != NULL) {
            fclose(file);
        }
        if (strcmp(golden, story.text) != 0) {
            fail_msg("%s differs from golden/%s.txt:\n%s", stories[i].name, stories[i].name, story.text);
        }
    }
}

static int write_all(void)
{
    static story_t story;
    for (size_t i = 0; i < STORIES; i++) {
        char path[512];
        stories[i].tell(&story);
        path_of(path, sizeof(path), stories[i].name);
        FILE *file = fopen(path, "w");
        if (file == NULL || fputs(story.text, file) < 0 || fclose(file) != 0) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        return write_all();
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_story_is_told_as_it_stands_in_its_golden_text)};
    return cmocka_run_group_tests_name("guard_trace", tests, NULL, NULL);
}
