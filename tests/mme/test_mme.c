/* HomePlug management messages: octet for octet, both directions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "mme/mme.h"
#include "mme/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

static const uint8_t ev[6] = {0x02, 0, 0, 0, 0, 0x0E};
static const uint8_t evse[6] = {0x02, 0, 0, 0, 0, 0x5E};

static size_t encode(const mme_t *mme, uint8_t *frame)
{
    size_t length = 0;
    assert_int_equal(mme_encode(mme, frame, MME_SIZE_MAX, &length), CCS_OK);
    return length;
}

static void every_message_has_its_exact_length(void **state)
{
    (void)state;
    static const struct {
        mme_type_t type;
        size_t length;
    } lengths[] = {
        {MME_CM_SLAC_PARM_REQ, 60},  {MME_CM_SLAC_PARM_CNF, 60},      {MME_CM_START_ATTEN_CHAR_IND, 60},
        {MME_CM_MNBC_SOUND_IND, 71}, {MME_CM_ATTEN_CHAR_RSP, 70},     {MME_CM_VALIDATE_REQ, 60},
        {MME_CM_VALIDATE_CNF, 60},   {MME_CM_SLAC_MATCH_REQ, 85},     {MME_CM_SLAC_MATCH_CNF, 109},
        {MME_CM_SET_KEY_REQ, 60},    {MME_CM_SET_KEY_CNF, 60},        {MME_CM_AMP_MAP_CNF, 60},
        {MME_VS_SW_VER_REQ, 60},     {MME_VS_PL_LINK_STATUS_REQ, 60},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        mme_t mme;
        uint8_t frame[MME_SIZE_MAX];
        mme_init(&mme, lengths[i].type, ev, evse);
        assert_int_equal(encode(&mme, frame), lengths[i].length);
    }
}

static void profiles_carry_58_groups(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[MME_SIZE_MAX];
    mme_init(&mme, MME_CM_ATTEN_CHAR_IND, ev, evse);
    mme.atten_char_ind.groups = MME_GROUPS;
    assert_int_equal(encode(&mme, frame), 129);
    mme_init(&mme, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, evse);
    mme.atten_profile_ind.groups = MME_GROUPS;
    assert_int_equal(encode(&mme, frame), 85);
}

static void more_than_58_groups_are_refused_both_ways(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[300] = {0};
    size_t length = 0;
    mme_init(&mme, MME_CM_ATTEN_PROFILE_IND, mme_broadcast, evse);
    mme.atten_profile_ind.groups = MME_GROUPS + 1;
    assert_int_equal(mme_encode(&mme, frame, sizeof frame, &length), CCS_ERR_RANGE);
    mme.atten_profile_ind.groups = 0;
    length = encode(&mme, frame);
    frame[25] = MME_GROUPS + 1;
    assert_int_equal(mme_decode((ccs_view_t){frame, sizeof frame}, &mme), CCS_ERR_RANGE);
}

/* open-plc-utils sends sounds of 64 octets: the random is cut. */
static void a_sound_of_64_octets_is_taken(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[MME_SIZE_MAX];
    mme_init(&mme, MME_CM_MNBC_SOUND_IND, mme_broadcast, ev);
    mme.mnbc_sound_ind.count = 9;
    memset(mme.mnbc_sound_ind.random, 0xAB, sizeof mme.mnbc_sound_ind.random);
    (void)encode(&mme, frame);
    assert_int_equal(mme_decode((ccs_view_t){frame, 64}, &mme), CCS_OK);
    assert_int_equal(mme.mnbc_sound_ind.count, 9);
    assert_int_equal(mme.mnbc_sound_ind.random[8], 0xAB);
    assert_int_equal(mme.mnbc_sound_ind.random[9], 0);
}

/* Every shorter frame of every message ends in an error or in a whole message, never beyond its octets. */
static void every_prefix_is_judged(void **state)
{
    (void)state;
    for (size_t row = 0; row < mme_rows_count; row++) {
        mme_t mme;
        uint8_t frame[MME_SIZE_MAX];
        mme_init(&mme, (mme_type_t)mme_rows[row].type, ev, evse);
        const size_t length = encode(&mme, frame);
        for (size_t cut = 0; cut <= length; cut++) {
            uint8_t *const exact = malloc(cut ? cut : 1);
            assert_non_null(exact);
            memcpy(exact, frame, cut);
            const ccs_err_t err = mme_decode((ccs_view_t){exact, cut}, &mme);
            assert_true(err == CCS_OK || err == CCS_ERR_HEADER || err == CCS_ERR_TRUNCATED);
            assert_true(cut < length || err == CCS_OK);
            free(exact);
        }
    }
}

static void foreign_ethertype_is_refused(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[60] = {[12] = 0x86, [13] = 0xDD};
    assert_int_equal(mme_decode((ccs_view_t){frame, sizeof frame}, &mme), CCS_ERR_HEADER);
}

static void an_unknown_type_keeps_its_octets(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[60] = {[12] = 0x88, [13] = 0xE1, [14] = 1, [15] = 0xFC, [16] = 0x6F, [19] = 7, [59] = 9};
    uint8_t again[60];
    size_t length = 0;
    assert_int_equal(mme_decode((ccs_view_t){frame, sizeof frame}, &mme), CCS_OK);
    assert_null(mme_type_name(mme.type));
    assert_int_equal(mme.rest.length, 41);
    assert_int_equal(mme_encode(&mme, again, sizeof again, &length), CCS_OK);
    assert_memory_equal(frame, again, sizeof frame);
}

/* All that were seen between hosts, modems and cars: each is told by its name, and goes through unchanged. */
static void every_message_in_use_has_a_name_and_passes_both_ways(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *name;
    } known[] = {
        {0x0014, "CC_DISCOVER_LIST.REQ"},
        {0x0015, "CC_DISCOVER_LIST.CNF"},
        {0x6008, "CM_SET_KEY.REQ"},
        {0x6009, "CM_SET_KEY.CNF"},
        {0x601C, "CM_AMP_MAP.REQ"},
        {0x601D, "CM_AMP_MAP.CNF"},
        {0x6038, "CM_NW_INFO.REQ"},
        {0x6039, "CM_NW_INFO.CNF"},
        {0x6048, "CM_NW_STATS.REQ"},
        {0x6049, "CM_NW_STATS.CNF"},
        {0x6064, "CM_SLAC_PARM.REQ"},
        {0x6065, "CM_SLAC_PARM.CNF"},
        {0x606A, "CM_START_ATTEN_CHAR.IND"},
        {0x606E, "CM_ATTEN_CHAR.IND"},
        {0x606F, "CM_ATTEN_CHAR.RSP"},
        {0x6076, "CM_MNBC_SOUND.IND"},
        {0x6078, "CM_VALIDATE.REQ"},
        {0x6079, "CM_VALIDATE.CNF"},
        {0x607C, "CM_SLAC_MATCH.REQ"},
        {0x607D, "CM_SLAC_MATCH.CNF"},
        {0x6086, "CM_ATTEN_PROFILE.IND"},
        {0xA000, "VS_SW_VER.REQ"},
        {0xA001, "VS_SW_VER.CNF"},
        {0xA01C, "VS_RS_DEV.REQ"},
        {0xA01D, "VS_RS_DEV.CNF"},
        {0xA020, "VS_WR_MOD.REQ"},
        {0xA024, "VS_RD_MOD.REQ"},
        {0xA028, "VS_MOD_NVM.REQ"},
        {0xA038, "VS_NW_INFO.REQ"},
        {0xA062, "VS_HST_ACTION.IND"},
        {0xA063, "VS_HST_ACTION.RSP"},
        {0xA068, "VS_OP_ATTR.REQ"},
        {0xA07C, "VS_FAC_DEFAULTS.REQ"},
        {0xA098, "VS_WRITE_EXECUTE_APPLET.REQ"},
        {0xA0B0, "VS_MODULE_OPERATION.REQ"},
        {0xA0B8, "VS_PL_LINK_STATUS.REQ"},
        {0xA0B9, "VS_PL_LINK_STATUS.CNF"},
        {0xA0F8, "VS_GET_PROPERTY.REQ"},
        {0xA100, "VS_SET_PROPERTY.REQ"},
        {0xA14E, "VS_ATTEN.IND"},
        {0xAC6C, "NSCM_GET_VERSION.REQ"},
        {0xAC70, "NSCM_RESET_DEVICE.REQ"},
        {0xAC9C, "NSCM_GET_D_LINK_STATUS.REQ"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        mme_t mme;
        uint8_t frame[MME_SIZE_MAX], again[MME_SIZE_MAX];
        size_t length = 0;
        assert_string_equal(mme_type_name(known[i].type), known[i].name);
        mme_init(&mme, (mme_type_t)known[i].type, ev, evse);
        const size_t first = encode(&mme, frame) + 5; /* octets behind the last field stay */
        memset(frame + first - 5, 0xA5, 5);
        assert_int_equal(mme_decode((ccs_view_t){frame, first}, &mme), CCS_OK);
        assert_int_equal(mme_encode(&mme, again, sizeof again, &length), CCS_OK);
        assert_int_equal(length, first);
        assert_memory_equal(frame, again, first);
    }
}

/* Version 0 has no fragment octets: read as version 1, a request would have its RunID two octets off, and be answered so. */
static void a_standard_message_of_version_0_is_refused(void **state)
{
    (void)state;
    mme_t mme;
    uint8_t frame[MME_SIZE_MAX];
    mme_init(&mme, MME_CM_SLAC_PARM_REQ, mme_broadcast, ev);
    const size_t length = encode(&mme, frame);
    for (uint8_t version = 0; version < 3; version++) {
        frame[14] = version;
        assert_int_equal(mme_decode((ccs_view_t){frame, length}, &mme), version ? CCS_OK : CCS_ERR_UNSUPPORTED);
    }
}

static void types_stand_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < mme_rows_count; i++) {
        for (size_t j = i + 1; j < mme_rows_count; j++) {
            assert_int_not_equal(mme_rows[i].type, mme_rows[j].type);
        }
    }
}

static void count_names(void *ctx, const mme_field_view_t *field)
{
    size_t *const named = ctx;
    *named += field->name[0] != '\0';
}

static void each_message_and_each_field_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < mme_rows_count; i++) {
        mme_t mme;
        size_t named = 0, words = mme_rows[i].fields > 0;
        mme_init(&mme, (mme_type_t)mme_rows[i].type, ev, evse);
        mme_visit(&mme, count_names, &named);
        for (const char *c = mme_field_names(mme.type); *c; c++) {
            words += *c == ' ';
        }
        assert_non_null(mme_type_name(mme.type));
        assert_int_equal(named, mme_rows[i].fields);
        assert_int_equal(words, mme_rows[i].fields);
        for (size_t field = 0; field < mme_rows[i].fields; field++) {
            assert_true(mme_rows[i].field[field].size <= MME_FIELD_MAX);
        }
    }
}

static char *read_shared(const char *name)
{
    const char *const shared = getenv("CCS_SHARED");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", shared ? shared : CCS_SOURCE_DIR "/../shared", name);
    FILE *const file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    (void)fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    char *const text = calloc(1, (size_t)size + 1);
    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    return text;
}

static size_t unhex(const char *hex, uint8_t *out, size_t size)
{
    size_t n = 0;
    unsigned value = 0;
    for (; n < size && sscanf(hex + 2 * n, "%2x", &value) == 1; n++) {
        out[n] = (uint8_t)value;
    }
    return n;
}

static unsigned round_trip(const char *hex)
{
    uint8_t frame[MME_SIZE_MAX], again[MME_SIZE_MAX];
    const size_t n = unhex(hex, frame, sizeof frame);
    if (n < 14 || frame[12] != 0x88 || frame[13] != 0xE1) {
        return 0;
    }
    mme_t mme;
    size_t length = 0;
    assert_int_equal(mme_decode((ccs_view_t){frame, n}, &mme), CCS_OK);
    assert_non_null(mme_type_name(mme.type));
    assert_int_equal(mme_encode(&mme, again, sizeof again, &length), CCS_OK);
    assert_int_equal(length, n);
    assert_memory_equal(frame, again, n);
    return 1;
}

static void real_frames_decode_and_encode_to_the_same_octets(void **state)
{
    (void)state;
    char *const text = read_shared("vectors/slac.jsonl");
    if (!text) {
        print_message("SKIPPED: vectors/slac.jsonl is not at hand (CCS_SHARED)\n");
        skip();
    }
    unsigned frames = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *const json = cJSON_Parse(line);
        const cJSON *const hex = cJSON_GetObjectItem(json, "hex");
        frames += cJSON_IsString(hex) ? round_trip(hex->valuestring) : 0;
        cJSON_Delete(json);
    }
    free(text);
    print_message("%u frames\n", frames);
    assert_true(frames > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_exact_length),
        cmocka_unit_test(profiles_carry_58_groups),
        cmocka_unit_test(more_than_58_groups_are_refused_both_ways),
        cmocka_unit_test(a_sound_of_64_octets_is_taken),
        cmocka_unit_test(every_prefix_is_judged),
        cmocka_unit_test(foreign_ethertype_is_refused),
        cmocka_unit_test(an_unknown_type_keeps_its_octets),
        cmocka_unit_test(every_message_in_use_has_a_name_and_passes_both_ways),
        cmocka_unit_test(a_standard_message_of_version_0_is_refused),
        cmocka_unit_test(types_stand_once),
        cmocka_unit_test(each_message_and_each_field_has_a_name),
        cmocka_unit_test(real_frames_decode_and_encode_to_the_same_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
