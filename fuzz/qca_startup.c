/* The start-up of the modem against any answers at any time: it always ends, and sends frames of the right size.
 * Input: control octet (time passes, or a frame of so many octets follows).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "qca7000/startup.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void step(qca_startup_t *startup, qca_startup_event_t event)
{
    qca_startup_out_t out;
    qca_startup_step(startup, &event, &out);
    CCS_ASSERT(out.count <= QCA_STARTUP_FRAMES);
    CCS_ASSERT((startup->state == QCA_STARTUP_ASKING) == (qca_startup_deadline_ms(startup) < INT64_MAX));
    CCS_ASSERT(startup->step < QCA_STEP_COUNT && startup->modem.version[MME_VERSION_TEXT] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    qca_startup_t startup;
    int64_t now_ms = 0;
    const bool has_key = size > 0 && (data[0] & 1);
    const qca_startup_config_t config = {.mac = {2, 0, 0, 0, 0, 1}, .role = QCA_ROLE_EVSE, .has_key = has_key};
    qca_startup_init(&startup, &config);
    step(&startup, (qca_startup_event_t){.now_ms = now_ms, .type = QCA_STARTUP_ON_UP});
    for (size_t at = 1; at < size;) {
        const uint8_t control = data[at++];
        if (control < 0x20) {
            now_ms += control * 50;
            step(&startup, (qca_startup_event_t){.now_ms = now_ms, .type = QCA_STARTUP_ON_TIME});
            continue;
        }
        const size_t length = control < size - at ? control : size - at;
        step(&startup, (qca_startup_event_t){.now_ms = now_ms, .type = QCA_STARTUP_ON_FRAME, .frame = {data + at, length}});
        at += length;
    }
    for (int i = 0; i < 200 && startup.state == QCA_STARTUP_ASKING; i++) {
        now_ms = qca_startup_deadline_ms(&startup);
        step(&startup, (qca_startup_event_t){.now_ms = now_ms, .type = QCA_STARTUP_ON_TIME});
    }
    CCS_ASSERT(startup.state == QCA_STARTUP_READY || startup.state == QCA_STARTUP_FAILED);
    return 0;
}
