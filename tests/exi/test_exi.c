/* The codec alone: messages made up from the schema, there and back; damaged frames; what must be refused.
 *
 * `test_exi --write` prints the vectors of tests/exi/vectors.txt anew: one message for each root of each set.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/sets.h"

#include "messages/din.h"
#include "messages/iso20.h"
#include "messages/sap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_OCTETS = 1 << 16, ROUNDS = 40, SMALL = 300 };

static const char vectors[] = CCS_SOURCE_DIR "/tests/exi/vectors.txt";

/* Fills a root and encodes it into octets_of(0). NULL: the schema offers nothing that could be sent. */
static const void *make(const exi_set_t *set, const exi_root_name_t *root, exi_fill_t *fill, ccs_view_t *frame)
{
    fill->arena = arena_of(1);
    const void *message = exi_fill(fill, root->type);
    assert_non_null(message);
    exi_fault_t fault;
    size_t length;
    if (exi_encode(set, root->root, message, octets_of(0), OCTETS_MAX, &length, &fault) != CCS_OK) {
        char path[300];
        exi_fault_path(exi_describe(set), &fault, path, sizeof path);
        fail_msg("%s: %s at %s", root->name, ccs_err_name(fault.err), path);
    }
    *frame = (ccs_view_t){octets_of(0), length};
    return message;
}

static void there_and_back(const exi_set_t *set, const exi_root_name_t *root, exi_fill_t *fill)
{
    ccs_view_t frame;
    const void *sent = make(set, root, fill, &frame);
    exi_message_t got;
    assert_int_equal(decode_whole(set, (root->root & EXI_FRAGMENT) != 0, frame, &got), CCS_OK);
    assert_int_equal(got.root, root->root);
    assert_int_equal(got.soft, 0);
    assert_int_equal((got.bits + 7) / 8, frame.length);
    assert_true(exi_equal(root->type, sent, got.at));
}

static void for_each_root(exi_fill_t fill, unsigned rounds)
{
    for (size_t i = 0; i < SETS; i++) {
        const exi_description_t *description = exi_describe(sets[i]);
        for (size_t k = 0; k < description->count * rounds; k++) {
            const exi_root_name_t *root = &description->roots[k % description->count];
            if (can_be_sent(root)) {
                there_and_back(sets[i], root, &fill);
            }
        }
    }
}

static void random_messages_of_every_root_come_back_equal(void **state)
{
    (void)state;
    for_each_root((exi_fill_t){.random = 3, .items = 3, .length = 20}, ROUNDS);
}

static void every_string_filled_to_its_limit_comes_back_equal(void **state)
{
    (void)state;
    for_each_root((exi_fill_t){.random = 7, .items = 2, .length = 65535, .everything = true}, 2);
}

/* ---------------------------------------------------------------- damaged frames */

/* Any octets end in a message or in an error that says where. */
static ccs_err_t decode_damaged(const exi_set_t *set, bool fragment, ccs_view_t frame)
{
    exi_message_t message;
    const ccs_err_t err = decode_whole(set, fragment, frame, &message);
    assert_true((err == CCS_OK) == (message.at != NULL));
    assert_true(message.fault.err == err);
    if (err != CCS_OK) {
        char path[300];
        exi_fault_path(exi_describe(set), &message.fault, path, sizeof path);
        assert_true(message.fault.bit <= frame.length * 8);
        assert_true(message.fault.root == 0 || message.fault.depth == 0 || path[0] != '\0');
        assert_true(err != CCS_ERR_TRUNCATED || message.fault.bit == frame.length * 8);
    }
    return err;
}

static void damage(const exi_set_t *set, bool fragment, ccs_view_t frame)
{
    static uint8_t copy[OCTETS_MAX];
    memcpy(copy, frame.at, frame.length);
    for (size_t length = 0; length < frame.length; length++) {
        assert_int_equal(decode_damaged(set, fragment, (ccs_view_t){frame.at, length}), CCS_ERR_TRUNCATED);
    }
    for (size_t bit = 0; bit < frame.length * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
        (void)decode_damaged(set, fragment, (ccs_view_t){copy, frame.length});
        copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
    }
}

/* ---------------------------------------------------------------- our own vectors */

static void write_vectors(void)
{
    exi_fill_t fill = {.random = 11, .items = 2, .length = 12};
    for (size_t i = 0; i < SETS; i++) {
        const exi_description_t *description = exi_describe(sets[i]);
        for (size_t k = 0; k < description->count * 2; k++) {
            const exi_root_name_t *root = &description->roots[k % description->count];
            ccs_view_t frame;
            if (!can_be_sent(root)) {
                continue;
            }
            do {
                (void)make(sets[i], root, &fill, &frame);
            } while (frame.length > SMALL);
            printf("%s%s ", exi_set_name(sets[i]), root->root & EXI_FRAGMENT ? "-frag" : "");
            for (size_t at = 0; at < frame.length; at++) {
                printf("%02x", frame.at[at]);
            }
            putchar('\n');
        }
    }
}

/* Calls each() for every line of our vectors and returns how many there were. */
static unsigned with_vectors(void (*each)(const exi_set_t *set, bool fragment, ccs_view_t frame))
{
    static char line[LINE_OCTETS];
    FILE *from = fopen(vectors, "r");
    assert_non_null(from);
    unsigned count = 0;
    while (fgets(line, sizeof line, from) != NULL) {
        const size_t word = strcspn(line, " ");
        bool fragment;
        const exi_set_t *set = set_named(line, word, &fragment);
        if (line[0] != '#') {
            assert_non_null(set);
            each(set, fragment, octets_read(line + word + 1, 0));
            count++;
        }
    }
    (void)fclose(from);
    return count;
}

static void reencode(const exi_set_t *set, bool fragment, ccs_view_t frame)
{
    exi_message_t message;
    size_t length;
    assert_int_equal(decode_whole(set, fragment, frame, &message), CCS_OK);
    assert_int_equal(exi_encode(set, message.root, message.at, octets_of(1), OCTETS_MAX, &length, NULL), CCS_OK);
    assert_int_equal(length, frame.length);
    assert_memory_equal(octets_of(1), frame.at, length);
}

static void our_vectors_are_octet_exact(void **state)
{
    (void)state;
    assert_true(with_vectors(reencode) > 200);
}

static void every_prefix_and_one_bit_flip_ends_in_a_message_or_an_error(void **state)
{
    (void)state;
    assert_true(with_vectors(damage) > 200);
}

/* ---------------------------------------------------------------- single rules */

static const char cable_check_req[] = "809a02069cb777a1d56c7c9011400940";

static void octets_behind_a_message_are_ignored(void **state)
{
    (void)state;
    exi_message_t message;
    ccs_view_t frame = octets_read(cable_check_req, 0);
    octets_of(0)[frame.length++] = 0xA5;
    assert_int_equal(decode_whole(&exi_din, false, frame, &message), CCS_OK);
    assert_int_equal((message.bits + 7) / 8, frame.length - 1);
}

static ccs_err_t encode(const exi_set_t *set, uint16_t root, const void *message, char path[100])
{
    exi_fault_t fault;
    size_t length;
    const ccs_err_t err = exi_encode(set, root, message, octets_of(1), OCTETS_MAX, &length, &fault);
    exi_fault_path(exi_describe(set), &fault, path, 100);
    return err;
}

static void twenty_offers_are_taken_and_twenty_one_refused(void **state)
{
    (void)state;
    char path[100];
    sap_app_protocol_node_t nodes[21] = {0};
    for (size_t i = 0; i < 21; i++) {
        nodes[i].item.priority = 1;
        nodes[i].next = i == 20 ? NULL : &nodes[i + 1];
    }
    sap_supported_app_protocol_req_t req = {.app_protocol = nodes + 1};
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_OK);
    req.app_protocol = nodes;
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_ERR_LENGTH);
}

static void what_the_schema_forbids_is_not_written(void **state)
{
    (void)state;
    char path[100];
    static const uint8_t long_text[101] = {[0] = 'a'};
    static const uint8_t broken[] = {'a', 0xC3};
    sap_app_protocol_node_t node = {.item = {.priority = 21}};
    sap_supported_app_protocol_req_t req = {.app_protocol = NULL};
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_ERR_MISSING);
    req.app_protocol = &node;
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_ERR_RANGE);
    assert_string_equal(path, "supportedAppProtocolReq/AppProtocol[1]/Priority");
    node.item.protocol_namespace = (ccs_view_t){broken, sizeof broken};
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_ERR_TEXT);
    uint8_t spaces[sizeof long_text];
    memset(spaces, ' ', sizeof spaces);
    node.item.protocol_namespace = (ccs_view_t){spaces, sizeof spaces};
    assert_int_equal(encode(&exi_sap, SAP_SUPPORTED_APP_PROTOCOL_REQ, &req, path), CCS_ERR_LENGTH);
    assert_string_equal(path, "supportedAppProtocolReq/AppProtocol[1]/ProtocolNamespace");
}

static void a_body_element_that_is_abstract_is_not_written(void **state)
{
    (void)state;
    char path[100];
    din_v2g_message_t message = {.body = {.which = 1}};
    assert_int_equal(encode(&exi_din, DIN_V2G_MESSAGE, &message, path), CCS_ERR_UNSUPPORTED);
    message.body.which = 200;
    assert_int_equal(encode(&exi_din, DIN_V2G_MESSAGE, &message, path), CCS_ERR_RANGE);
}

static void nothing_is_written_behind_the_buffer(void **state)
{
    (void)state;
    exi_fill_t fill = {.random = 13, .items = 2, .length = 12};
    ccs_view_t frame;
    const void *message = make(&exi_din, exi_root_find(exi_describe(&exi_din), DIN_V2G_MESSAGE), &fill, &frame);
    const size_t whole = frame.length;
    for (size_t size = 0; size < whole; size++) {
        size_t length;
        memset(octets_of(1), 0xEE, whole + 16);
        assert_int_equal(exi_encode(&exi_din, DIN_V2G_MESSAGE, message, octets_of(1), size, &length, NULL), CCS_ERR_SPACE);
        for (size_t i = size; i < whole + 16; i++) {
            assert_int_equal(octets_of(1)[i], 0xEE);
        }
    }
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--write") == 0) {
        write_vectors();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_messages_of_every_root_come_back_equal),
        cmocka_unit_test(every_string_filled_to_its_limit_comes_back_equal),
        cmocka_unit_test(our_vectors_are_octet_exact),
        cmocka_unit_test(every_prefix_and_one_bit_flip_ends_in_a_message_or_an_error),
        cmocka_unit_test(octets_behind_a_message_are_ignored),
        cmocka_unit_test(twenty_offers_are_taken_and_twenty_one_refused),
        cmocka_unit_test(what_the_schema_forbids_is_not_written),
        cmocka_unit_test(a_body_element_that_is_abstract_is_not_written),
        cmocka_unit_test(nothing_is_written_behind_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
