/* What the schema allows comes through to its limits, and what it forbids is refused: each field of each type of each set, one
 * after the other, in messages made up at random. SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/leaves.h"
#include "tests/exi/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20, UNBOUNDED = 65535, MANY = 200, LONG_MAX_OCTETS = 70000 };
enum { PURPOSE_LIST, PURPOSE_NUMBER, PURPOSE_LENGTH, PURPOSE_CHOICE, PURPOSE_SOFT };

/* The message at hand. */
typedef struct scene {
    const exi_set_t *set;
    const exi_root_name_t *root;
    void *message;
    unsigned tried;
} scene_t;

static ccs_err_t encode(const scene_t *scene, unsigned buffer, size_t *length, char path[PATH_SIZE])
{
    exi_fault_t fault;
    const ccs_err_t err = exi_encode(scene->set, scene->root->root, scene->message, octets_of(buffer), OCTETS_MAX, length, &fault);
    path[0] = '\0';
    if (err != CCS_OK) {
        exi_fault_path(exi_describe(scene->set), &fault, path, PATH_SIZE);
    }
    return err;
}

/* Is `path` the way to the leaf, or to the measured value (Multiplier, Unit, Value) that it is a part of? */
static bool leads_to(const char *path, const char *leaf)
{
    const size_t length = strlen(path);
    if (strncmp(path, leaf, length) != 0) {
        return false;
    }
    static const char *const parts[] = {"", "/Multiplier", "/Unit", "/Value", "/Exponent"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(leaf + length, parts[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void must_be_refused(scene_t *scene, const leaf_t *leaf, ccs_err_t expected)
{
    size_t length;
    char path[PATH_SIZE];
    const ccs_err_t err = encode(scene, 1, &length, path);
    if (err != expected || !leads_to(path, leaf->path)) {
        fail_msg("%s: %s instead of %s, at %s", leaf->path, ccs_err_name(err), ccs_err_name(expected), path);
    }
    assert_int_equal(length, 0);
    scene->tried++;
}

static void must_come_back(scene_t *scene, const leaf_t *leaf)
{
    size_t length;
    char path[PATH_SIZE];
    exi_message_t got;
    const ccs_err_t err = encode(scene, 0, &length, path);
    if (err != CCS_OK) {
        fail_msg("%s: %s at %s", leaf->path, ccs_err_name(err), path);
    }
    const bool fragment = (scene->root->root & EXI_FRAGMENT) != 0;
    assert_int_equal(decode_whole(scene->set, fragment, (ccs_view_t){octets_of(0), length}, &got), CCS_OK);
    assert_int_equal(got.soft, 0);
    assert_true(exi_equal(scene->root->type, scene->message, got.at));
    scene->tried++;
}

/* Calls each() for every leaf of random messages of every root of every set; `full`: optional fields are all there. */
static unsigned in_every_message(leaf_each_t *each, bool full)
{
    exi_fill_t fill = {.random = 17, .items = 2, .length = 8, .everything = full};
    unsigned tried = 0;
    for (size_t i = 0; i < SETS; i++) {
        const exi_description_t *description = exi_describe(sets[i]);
        for (size_t k = 0; k < description->count * ROUNDS; k++) {
            const exi_root_name_t *root = &description->roots[k % description->count];
            if (!can_be_sent(root)) {
                continue;
            }
            fill.arena = arena_of(1);
            scene_t scene = {.set = sets[i], .root = root, .message = exi_fill(&fill, root->type)};
            assert_non_null(scene.message);
            leaves_of(root, scene.message, each, &scene);
            tried += scene.tried;
        }
    }
    return tried;
}

/* ---------------------------------------------------------------- lists */

static bool is_list(const leaf_t *leaf)
{
    return leaf->object != NULL && (leaf->field->occurs == EXI_LIST || leaf->field->occurs == EXI_LIST_SOME);
}

static exi_node_t *last_node(const leaf_t *leaf, unsigned *count)
{
    exi_node_t *last = NULL;
    *count = 0;
    for (const exi_node_t *node = exi_nodes(leaf->field, leaf->object); node != NULL; node = node->next) {
        last = (exi_node_t *)(uintptr_t)node;
        ++*count;
    }
    return last;
}

/* Copies the last item until there are `count`. */
static void fill_list(const leaf_t *leaf, unsigned count)
{
    unsigned there;
    const exi_node_t *const last = last_node(leaf, &there);
    for (; there < count; there++) {
        void *const item = exi_put(leaf->field, leaf->object, arena_of_now(1));
        assert_non_null(item);
        memcpy(item, exi_node_value(leaf->field, last), leaf->field->size);
    }
}

static void set_pointer(void *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof pointer);
}

/* To its limit, one more, and, where one must be there, none; then as it was. */
static void try_list(const leaf_t *leaf, void *ctx)
{
    unsigned before;
    exi_node_t *const last = is_list(leaf) ? last_node(leaf, &before) : NULL;
    if (last == NULL || !leaves_is_new(leaf->field, PURPOSE_LIST)) {
        return;
    }
    const unsigned most = leaf->field->most;
    fill_list(leaf, most == UNBOUNDED ? MANY : most);
    must_come_back(ctx, leaf);
    if (most != UNBOUNDED) {
        fill_list(leaf, most + 1);
        char path[PATH_SIZE];
        size_t length;
        assert_int_equal(encode(ctx, 1, &length, path), CCS_ERR_LENGTH);
    }
    last->next = NULL;
    if (leaf->field->occurs == EXI_LIST_SOME && leaf->field->kind != EXI_CHOICE) {
        void *first;
        memcpy(&first, leaf->at, sizeof first);
        set_pointer(leaf->at, NULL);
        must_be_refused(ctx, leaf, CCS_ERR_MISSING);
        set_pointer(leaf->at, first);
    }
}

static void every_list_is_taken_to_its_limit_and_no_further(void **state)
{
    (void)state;
    assert_true(in_every_message(try_list, true) > 100);
}

/* ---------------------------------------------------------------- numbers and enumerations */

static bool is_number(const exi_field_t *field)
{
    return field->kind == EXI_ENUM || (field->kind >= EXI_INT8 && field->kind <= EXI_UINT64);
}

/* As exi_number() gives it: a uint64 as its two's complement. */
static void put_signed(const exi_field_t *field, void *at, int64_t value)
{
    const bool negative = value < 0 && exi_is_signed(field);
    assert_true(exi_put_number(field, at, negative, negative ? 0 - (uint64_t)value : (uint64_t)value));
}

static bool holds(const exi_field_t *field, int64_t value)
{
    uint64_t spare;
    return exi_put_number(field, &spare, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void try_number(const leaf_t *leaf, void *ctx)
{
    const exi_field_t *const field = leaf->field;
    if (is_list(leaf) || !is_number(field) || !leaves_is_new(field, PURPOSE_NUMBER)) {
        return;
    }
    const int64_t before = exi_number(field, leaf->at);
    put_signed(field, leaf->at, field->low);
    must_come_back(ctx, leaf);
    assert_true(exi_put_number(field, leaf->at, false, field->high));
    must_come_back(ctx, leaf);
    if (field->high < INT64_MAX && holds(field, (int64_t)field->high + 1)) {
        put_signed(field, leaf->at, (int64_t)field->high + 1);
        must_be_refused(ctx, leaf, CCS_ERR_RANGE);
    }
    if (field->low > INT64_MIN && holds(field, field->low - 1)) {
        put_signed(field, leaf->at, field->low - 1);
        must_be_refused(ctx, leaf, CCS_ERR_RANGE);
    }
    put_signed(field, leaf->at, before);
}

static void every_number_is_taken_to_its_limits_and_no_further(void **state)
{
    (void)state;
    assert_true(in_every_message(try_number, true) > 700);
}

/* ---------------------------------------------------------------- strings and octets */

static bool has_length(const exi_field_t *field)
{
    return field->kind == EXI_TEXT || field->kind == EXI_HEX || field->kind == EXI_BASE64;
}

/* So many characters of four octets in UTF-8, or so many octets. */
static ccs_view_t long_value(const exi_field_t *field, uint64_t length)
{
    static uint8_t octets[4 * LONG_MAX_OCTETS];
    assert_true(length <= LONG_MAX_OCTETS);
    if (field->kind != EXI_TEXT) {
        memset(octets, 0xC3, length);
        return (ccs_view_t){octets, length};
    }
    for (uint64_t i = 0; i < length; i++) {
        memcpy(octets + 4 * i, "\xF0\x9F\x9A\x97", 4);
    }
    return (ccs_view_t){octets, 4 * length};
}

static void try_length(const leaf_t *leaf, void *ctx)
{
    const exi_field_t *const field = leaf->field;
    if (is_list(leaf) || !has_length(field) || !leaves_is_new(field, PURPOSE_LENGTH)) {
        return;
    }
    const ccs_view_t before = exi_octets(leaf->at);
    exi_put_octets(leaf->at, long_value(field, field->high == UNBOUNDED ? LONG_MAX_OCTETS : field->high));
    must_come_back(ctx, leaf);
    if (field->high != UNBOUNDED) {
        exi_put_octets(leaf->at, long_value(field, field->high + 1));
        must_be_refused(ctx, leaf, CCS_ERR_LENGTH);
    }
    if (field->low > 0) {
        exi_put_octets(leaf->at, long_value(field, (uint64_t)field->low - 1));
        must_be_refused(ctx, leaf, CCS_ERR_LENGTH);
    }
    if (field->kind == EXI_TEXT) {
        exi_put_octets(leaf->at, (ccs_view_t){(const uint8_t *)"ab\xC3", 3});
        must_be_refused(ctx, leaf, CCS_ERR_TEXT);
    }
    exi_put_octets(leaf->at, before);
}

static void every_string_and_octets_are_taken_to_their_limits_and_no_further(void **state)
{
    (void)state;
    assert_true(in_every_message(try_length, true) > 300);
}

/* ---------------------------------------------------------------- choices */

static void try_choice(const leaf_t *leaf, void *ctx)
{
    const exi_field_t *const field = leaf->field;
    if (is_list(leaf) || field->kind != EXI_CHOICE || !leaves_is_new(field, PURPOSE_CHOICE)) {
        return;
    }
    uint8_t *const which = leaf->at;
    const uint8_t before = *which;
    size_t length;
    char path[PATH_SIZE];
    scene_t *const scene = ctx;
    for (uint8_t i = 0; i < field->count; i++) {
        if (field->alternatives[i].abstract || field->alternatives[i].kind == EXI_NEVER) {
            *which = (uint8_t)(i + 1);
            assert_int_equal(encode(scene, 1, &length, path), CCS_ERR_UNSUPPORTED);
            scene->tried++;
        }
    }
    *which = (uint8_t)(field->count + 1);
    assert_int_equal(encode(scene, 1, &length, path), CCS_ERR_RANGE);
    *which = 0;
    const ccs_err_t none = encode(scene, 1, &length, path);
    assert_int_equal(none, field->occurs == EXI_OPTIONAL ? CCS_OK : leaf->object == NULL ? CCS_ERR_RANGE : CCS_ERR_MISSING);
    *which = before;
    scene->tried++;
}

static void a_choice_without_one_of_its_alternatives_is_refused(void **state)
{
    (void)state;
    assert_true(in_every_message(try_choice, true) > 50);
}

/* ---------------------------------------------------------------- values out of range, read */

/* How many bits a number takes that has codes to spare, else 0. */
static unsigned spare_bits(const exi_field_t *field)
{
    const uint64_t span = field->high - (uint64_t)field->low;
    if (!is_number(field) || span >= 4096) {
        return 0;
    }
    unsigned bits = 0;
    while (span >> bits != 0) {
        bits++;
    }
    return span + 1 < (uint64_t)1 << bits ? bits : 0;
}

/* The one bit in which two frames of the same length differ. */
static size_t differing_bit(size_t length)
{
    size_t found = 0;
    unsigned count = 0;
    for (size_t bit = 0; bit < length * 8; bit++) {
        if (((octets_of(0)[bit / 8] ^ octets_of(1)[bit / 8]) & 0x80 >> bit % 8) != 0) {
            found = bit;
            count++;
        }
    }
    assert_int_equal(count, 1);
    return found;
}

typedef struct sought {
    const char *path;
    const exi_field_t *field;
    int64_t value;
    bool found;
} sought_t;

static void seek_value(const leaf_t *leaf, void *ctx)
{
    sought_t *const sought = ctx;
    if (leaf->field == sought->field && strcmp(leaf->path, sought->path) == 0) {
        sought->value = exi_number(leaf->field, leaf->at);
        sought->found = true;
    }
}

/* The highest code of the field, written bit by bit into a frame: it is read, counted and kept. */
static void try_soft(const leaf_t *leaf, void *ctx)
{
    const exi_field_t *const field = leaf->field;
    const unsigned bits = is_list(leaf) ? 0 : spare_bits(field);
    if (bits == 0 || !leaves_is_new(field, PURPOSE_SOFT)) {
        return;
    }
    scene_t *const scene = ctx;
    size_t length;
    char path[PATH_SIZE];
    exi_message_t got;
    const int64_t before = exi_number(field, leaf->at);
    put_signed(field, leaf->at, field->low);
    assert_int_equal(encode(scene, 1, &length, path), CCS_OK);
    put_signed(field, leaf->at, field->low + (1 << (bits - 1)));
    assert_int_equal(encode(scene, 0, &length, path), CCS_OK);
    const size_t first = differing_bit(length);
    for (size_t bit = first; bit < first + bits; bit++) {
        octets_of(0)[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    }
    const bool fragment = (scene->root->root & EXI_FRAGMENT) != 0;
    assert_int_equal(decode_whole(scene->set, fragment, (ccs_view_t){octets_of(0), length}, &got), CCS_OK);
    assert_int_equal(got.soft, 1);
    sought_t sought = {.path = leaf->path, .field = field};
    leaves_of(scene->root, got.at, seek_value, &sought);
    assert_true(sought.found);
    const int64_t highest = field->low + (1 << bits) - 1;
    assert_int_equal(sought.value, field->kind == EXI_UINT8 ? (uint8_t)highest : highest); /* 256 where 1 .. 255 are allowed: 0 */
    put_signed(field, leaf->at, before);
    scene->tried++;
}

static void every_number_of_n_bits_out_of_its_range_is_read_and_counted(void **state)
{
    (void)state;
    assert_true(in_every_message(try_soft, true) > 115);
}

/* ---------------------------------------------------------------- where a frame ends */

/* Cut inside the value: the fault names it, and the bit where the frame ends. */
static void cut_inside(const scene_t *scene, const leaf_t *leaf, size_t octets)
{
    exi_message_t got;
    char path[PATH_SIZE];
    const bool fragment = (scene->root->root & EXI_FRAGMENT) != 0;
    assert_int_equal(decode_whole(scene->set, fragment, (ccs_view_t){octets_of(0), octets}, &got), CCS_ERR_TRUNCATED);
    assert_int_equal(got.fault.bit, octets * 8);
    exi_fault_path(exi_describe(scene->set), &got.fault, path, sizeof path);
    if (!leads_to(path, leaf->path)) {
        fail_msg("cut in %s: %s", leaf->path, path);
    }
}

/* Two frames that differ in one value tell where it lies; wherever an octet begins in it, the frame is cut. */
static void try_cut(const leaf_t *leaf, void *ctx)
{
    const exi_field_t *const field = leaf->field;
    scene_t *const scene = ctx;
    size_t length;
    size_t other;
    char path[PATH_SIZE];
    if (is_list(leaf) || !is_number(field)) {
        return;
    }
    const int64_t before = exi_number(field, leaf->at);
    const uint64_t span = field->high - (uint64_t)field->low;
    put_signed(field, leaf->at, field->low < -1 ? -1 : field->low);
    assert_int_equal(encode(scene, 1, &other, path), CCS_OK);
    put_signed(field, leaf->at, span > 127 && field->low <= 0 ? 126 : (int64_t)field->high);
    assert_int_equal(encode(scene, 0, &length, path), CCS_OK);
    size_t first = SIZE_MAX;
    size_t last = 0;
    for (size_t bit = 0; length == other && bit < length * 8; bit++) {
        if (((octets_of(0)[bit / 8] ^ octets_of(1)[bit / 8]) & 0x80 >> bit % 8) != 0) {
            first = first == SIZE_MAX ? bit : first;
            last = bit;
        }
    }
    for (size_t octets = first == SIZE_MAX ? SIZE_MAX : first / 8 + 1; octets <= last / 8 && octets < length; octets++) {
        cut_inside(scene, leaf, octets);
        scene->tried++;
    }
    put_signed(field, leaf->at, before);
}

static void a_frame_that_ends_inside_a_value_says_so(void **state)
{
    (void)state;
    assert_true(in_every_message(try_cut, false) > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_is_taken_to_its_limit_and_no_further),
        cmocka_unit_test(every_number_is_taken_to_its_limits_and_no_further),
        cmocka_unit_test(every_string_and_octets_are_taken_to_their_limits_and_no_further),
        cmocka_unit_test(a_choice_without_one_of_its_alternatives_is_refused),
        cmocka_unit_test(every_number_of_n_bits_out_of_its_range_is_read_and_counted),
        cmocka_unit_test(a_frame_that_ends_inside_a_value_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
