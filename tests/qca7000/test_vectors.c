/* Octets of the bus as the application note and captures give them: commands, a frame out, packets in, cut at every octet.
 * SPDX-License-Identifier: Apache-2.0 */
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

enum { TEXT_MAX = 1 << 21, OCTETS_MAX = 4096 };

typedef struct vectors {
    cJSON *line[512];
    size_t count;
} vectors_t;

static int read_vectors(void **state)
{
    static vectors_t vectors;
    static char text[TEXT_MAX];
    const char *const shared = getenv("CCS_SHARED");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/vectors/slac.jsonl", shared ? shared : CCS_SOURCE_DIR "/../shared");
    FILE *const file = fopen(path, "rb");
    if (file) {
        (void)fread(text, 1, sizeof text - 1, file);
        (void)fclose(file);
    }
    for (char *line = strtok(text, "\n"); line && vectors.count < 512; line = strtok(NULL, "\n")) {
        vectors.line[vectors.count++] = cJSON_Parse(line);
    }
    *state = &vectors;
    return 0;
}

static int free_vectors(void **state)
{
    vectors_t *const vectors = *state;
    for (size_t i = 0; i < vectors->count; i++) {
        cJSON_Delete(vectors->line[i]);
    }
    return 0;
}

/* Octets of the vector of this name. */
static size_t vector(void **state, const char *name, uint8_t octets[OCTETS_MAX])
{
    const vectors_t *const vectors = *state;
    if (vectors->count == 0) {
        print_message("SKIPPED: vectors/slac.jsonl is not at hand (CCS_SHARED)\n");
        skip();
    }
    for (size_t i = 0; i < vectors->count; i++) {
        const char *const found = cJSON_GetStringValue(cJSON_GetObjectItem(vectors->line[i], "name"));
        if (found && strcmp(found, name) == 0) {
            const char *const hex = cJSON_GetStringValue(cJSON_GetObjectItem(vectors->line[i], "hex"));
            size_t length = 0;
            for (unsigned value; sscanf(hex + 2 * length, "%2x", &value) == 1 && length < OCTETS_MAX; length++) {
                octets[length] = (uint8_t)value;
            }
            return length;
        }
    }
    fail_msg("no vector %s", name);
    return 0;
}

static void commands_are_those_of_the_application_note(void **state)
{
    static const struct {
        const char *name;
        uint16_t command;
    } rows[] = {
        {"spi_read_signature", QCA_READ | QCA_INTERNAL | QCA_REG_SIGNATURE},
        {"spi_write_bfr_size_70", QCA_WRITE | QCA_INTERNAL | QCA_REG_BFR_SIZE},
        {"spi_read_wrbuf", QCA_READ | QCA_INTERNAL | QCA_REG_WRBUF_SPC_AVA},
        {"spi_read_rdbuf", QCA_READ | QCA_INTERNAL | QCA_REG_RDBUF_BYTE_AVA},
        {"spi_read_intr_cause", QCA_READ | QCA_INTERNAL | QCA_REG_INTR_CAUSE},
        {"spi_intr_disable", QCA_WRITE | QCA_INTERNAL | QCA_REG_INTR_ENABLE},
        {"spi_intr_enable_cpuon_rderr_wrerr_pkt", QCA_WRITE | QCA_INTERNAL | QCA_REG_INTR_ENABLE},
        {"spi_ext_write_cmd", QCA_WRITE | QCA_EXTERNAL},
        {"spi_ext_read_cmd", QCA_READ | QCA_EXTERNAL},
    };
    uint8_t octets[OCTETS_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(vector(state, rows[i].name, octets) >= 2);
        assert_int_equal(octets[0] << 8 | octets[1], rows[i].command);
    }
    assert_int_equal(vector(state, "spi_intr_enable_cpuon_rderr_wrerr_pkt", octets), 4);
    assert_int_equal(octets[2] << 8 | octets[3], QCA_INTR_ENABLED);
}

static void a_real_frame_goes_out_framed_as_in_the_vector(void **state)
{
    uint8_t burst[OCTETS_MAX];
    static uint8_t rx[QCA_RX_SIZE_MIN], frame[QCA_FRAME_MAX], tx[QCA_TX_SIZE_MIN];
    const size_t length = vector(state, "spi_tx_slac_parm_req", burst);
    qca_t qca;
    qca_init(&qca, &(qca_config_t){.rx = rx, .rx_size = sizeof rx, .frame = frame, .tx = tx, .tx_size = sizeof tx}, 0);
    qca.state = QCA_STATE_READY;
    uint8_t *const to = qca_put(&qca, 27); /* without its padding */
    assert_non_null(to);
    memcpy(to, burst + 8, 27);
    assert_int_equal(qca.tx_used, length);
    assert_memory_equal(tx, burst, length);
}

static void packets_come_in_cut_at_every_octet(void **state)
{
    uint8_t octets[OCTETS_MAX], buffer[QCA_FRAME_MAX];
    const size_t length = vector(state, "spi_rx_two_packets_one_read", octets);
    for (size_t cut = 0; cut <= length; cut++) {
        qca_assembler_t assembler;
        unsigned frames = 0;
        qca_assembler_init(&assembler, buffer);
        for (int part = 0; part < 2; part++) {
            ccs_view_t left = part == 0 ? (ccs_view_t){octets, cut} : (ccs_view_t){octets + cut, length - cut}, frame;
            while (left.length > 0) {
                const size_t taken = qca_assembler_take(&assembler, left, &frame);
                left.at += taken;
                left.length -= taken;
                frames += frame.length == 60;
            }
        }
        assert_int_equal(frames, 2);
        assert_int_equal(assembler.garbage, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_those_of_the_application_note),
        cmocka_unit_test(a_real_frame_goes_out_framed_as_in_the_vector),
        cmocka_unit_test(packets_come_in_cut_at_every_octet),
    };
    return cmocka_run_group_tests(tests, read_vectors, free_vectors);
}
