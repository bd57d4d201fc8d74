/* A Power HAL in a file of its own: ccs-evse --hal build/release/lib/hal_example.so
 *
 * It stands for a board on a bench: instead of registers and a fieldbus it has a few numbers that behave like a source, two
 * contactors, an insulation monitor and a car that is always plugged in. Take the shape, put your board behind it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ccs/hal.h"

#include <string.h>

enum {
    SOURCE_MV_MS = 2000, /* how fast the output rises */
    BLEED_PERMILLE = 20, /* of the voltage per ms with the discharge on */
    LEAK_PERMILLE = 1,   /* without it */
    READY_MS = 300,      /* the car goes to state C so long after it was locked */
    IMD_MS = 600,        /* self-test and first verdict */
    METER_MS = 1000,
    GOOD_OHM = 5000000
};

typedef struct board {
    ccs_drive_t drive;
    int64_t now_ms;
    int32_t source_mV, car_mV, pack_mV, current_mA;
    bool main_closed, locked;
    int64_t locked_ms, imd_ms, isolation_ms, meter_ms;
    int64_t energy_mWms; /* mW x ms */
} board_t;

static ccs_reading_t read_now(const board_t *board, int32_t value)
{
    return (ccs_reading_t){.at_ms = board->now_ms, .value = value};
}

/* The end of validity: a real board has a hardware timer for this. */
static bool is_driven(const board_t *board)
{
    return board->now_ms < board->drive.valid_until_ms;
}

static int32_t bled(int32_t mV, bool discharge)
{
    return mV - (int32_t)((int64_t)mV * (discharge ? BLEED_PERMILLE : LEAK_PERMILLE) / 1000);
}

/* One millisecond of the world. */
static void step(board_t *board)
{
    const ccs_drive_t *drive = &board->drive;
    const bool on = is_driven(board) && drive->enable;
    board->main_closed = is_driven(board) && drive->main_close;
    if (!on) {
        board->source_mV = bled(board->source_mV, drive->discharge);
    } else if (board->source_mV < drive->output_mV - SOURCE_MV_MS) {
        board->source_mV += SOURCE_MV_MS;
    } else {
        board->source_mV = drive->output_mV;
    }
    if (drive->phase == CCS_PHASE_PRECHARGE) { /* of the bench's car, not of the board: it closes at what it was given */
        board->pack_mV = drive->output_mV;
    }
    const bool charging = on && board->main_closed && drive->phase == CCS_PHASE_LIVE;
    if (charging && board->source_mV > board->pack_mV) {
        board->source_mV = board->pack_mV;
    }
    board->current_mA = charging ? drive->output_mA : 0;
    board->car_mV = board->main_closed ? board->source_mV : bled(board->car_mV, true);
    board->energy_mWms += (int64_t)board->source_mV * board->current_mA / 1000;
}

static void look(board_t *board)
{
    const ccs_drive_t *drive = &board->drive;
    if (drive->lock != board->locked) {
        board->locked = drive->lock;
        board->locked_ms = board->now_ms;
    }
    if (!drive->test_isolation) {
        board->imd_ms = board->now_ms;
    } else if (board->now_ms - board->imd_ms >= IMD_MS) {
        board->isolation_ms = board->now_ms;
    }
    if (board->now_ms - board->meter_ms >= METER_MS) {
        board->meter_ms = board->now_ms;
    }
}

static int32_t pilot_high_mV(const board_t *board)
{
    const bool ready = board->locked && board->now_ms - board->locked_ms >= READY_MS;
    return board->drive.pilot == CCS_PILOT_NEGATIVE ? -12000 : ready ? 6000 : 9000;
}

/* The car's diode keeps the lower level at -12 V while the oscillator runs. */
static int32_t pilot_low_mV(const board_t *board)
{
    return board->drive.pilot == CCS_PILOT_STEADY ? pilot_high_mV(board) : -12000;
}

static void sample(void *ctx, int64_t now_ms, ccs_sample_t *out)
{
    board_t *board = ctx;
    while (board->now_ms < now_ms) {
        board->now_ms++;
        step(board);
    }
    look(board);
    memset(out, 0, sizeof *out);
    out->pilot_high_mV = read_now(board, pilot_high_mV(board));
    out->pilot_low_mV = read_now(board, pilot_low_mV(board));
    out->output_mV = read_now(board, board->source_mV);
    out->car_mV = read_now(board, board->car_mV);
    out->output_mA = read_now(board, board->current_mA);
    out->isolation_ohm = (ccs_reading_t){.at_ms = board->isolation_ms, .value = GOOD_OHM};
    out->main_closed = read_now(board, board->main_closed);
    out->precharge_closed.at_ms = -1; /* this board has no such branch */
    out->locked = read_now(board, board->locked);
    out->temperature_dC = read_now(board, 250);
    out->alarms = read_now(board, 0);
    out->meter = (ccs_meter_t){.at_ms = board->meter_ms, .energy_Wh = board->energy_mWms / INT64_C(3600000000)};
}

static void apply(void *ctx, int64_t now_ms, const ccs_drive_t *drive)
{
    board_t *board = ctx;
    (void)now_ms;
    board->drive = *drive;
}

const char *ccs_hal_open(const char *options, ccs_hal_plugin_t *plugin);

const char *ccs_hal_open(const char *options, ccs_hal_plugin_t *plugin)
{
    static board_t board = {.isolation_ms = -1, .meter_ms = -1, .imd_ms = -1};
    if (strcmp(options, "") != 0 && strcmp(options, "bench") != 0) {
        return "the option is 'bench' or nothing";
    }
    *plugin = (ccs_hal_plugin_t){.abi = CCS_HAL_ABI, .name = "example", .hal = {.ctx = &board, .sample = sample, .apply = apply}};
    return NULL;
}
