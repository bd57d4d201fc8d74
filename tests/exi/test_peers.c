/* What peers write that this codec never does: frames composed bit by bit.
 *
 * supportedAppProtocolReq is the message at hand: SE(AppProtocol) is one zero bit, later ones a code of two; each simple element
 * takes a zero bit for its SE, one for its CH and one for its EE. SPDX-License-Identifier: Apache-2.0 */
#include "tests/exi/sets.h"

#include "messages/din.h"
#include "messages/sap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { FRAME_OCTETS = 4096, BITS_OF_ROOT = 2 };

static const char din_namespace[] = "urn:din:70121:2012:MsgDef";
static const char iso_namespace[] = "urn:iso:15118:2:2013:MsgDef";

/* ---------------------------------------------------------------- composing */

typedef struct frame {
    uint8_t octets[FRAME_OCTETS];
    size_t bits;
} frame_t;

static void put(frame_t *frame, uint32_t value, unsigned bits)
{
    for (unsigned i = bits; i > 0; i--) {
        const bool bit = (value >> (i - 1) & 1) != 0;
        frame->octets[frame->bits / 8] |= (uint8_t)(bit ? 0x80 >> frame->bits % 8 : 0);
        frame->bits++;
    }
}

static void put_characters(frame_t *frame, const char *text)
{
    put(frame, (uint32_t)strlen(text) + 2, 8);
    for (; *text != '\0'; text++) {
        put(frame, (uint8_t)*text, 8);
    }
}

/* EXI header and the root; the first offer's SE follows. */
static void begin(frame_t *frame)
{
    *frame = (frame_t){.bits = 0};
    put(frame, 0x80, 8);
    put(frame, 0, BITS_OF_ROOT);
    put(frame, 0, 1);
}

static void put_another(frame_t *frame)
{
    put(frame, 0, 2);
}

/* SE and CH of ProtocolNamespace. */
static void begin_namespace(frame_t *frame)
{
    put(frame, 0, 2);
}

/* The rest of an offer, from the EE of ProtocolNamespace to its own. */
static void put_rest(frame_t *frame, unsigned schema_id, unsigned priority_code)
{
    put(frame, 0, 1 + 2);
    put(frame, 2, 8);
    put(frame, 0, 1 + 2);
    put(frame, 0, 8);
    put(frame, 0, 1 + 2);
    put(frame, schema_id, 8);
    put(frame, 0, 1 + 2);
    put(frame, priority_code, 5);
    put(frame, 0, 1 + 1);
}

static void put_offer(frame_t *frame, const char *name, unsigned schema_id)
{
    begin_namespace(frame);
    put_characters(frame, name);
    put_rest(frame, schema_id, 0);
}

/* No further offer; EE of the root is the same code. */
static void end(frame_t *frame)
{
    put(frame, 1, 2);
}

/* ---------------------------------------------------------------- reading */

static const sap_supported_app_protocol_req_t *read_whole(const frame_t *frame, exi_message_t *message)
{
    const ccs_view_t view = {frame->octets, (frame->bits + 7) / 8};
    assert_int_equal(decode_whole(&exi_sap, false, view, message), CCS_OK);
    assert_int_equal(message->bits, frame->bits);
    return message->at;
}

static void must_say(const sap_app_protocol_node_t *node, const char *name, unsigned schema_id)
{
    assert_non_null(node);
    assert_int_equal(node->item.protocol_namespace.length, strlen(name));
    assert_memory_equal(node->item.protocol_namespace.at, name, strlen(name));
    assert_int_equal(node->item.schema_id, schema_id);
}

static void the_composer_writes_what_the_encoder_writes(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    size_t length;
    begin(&frame);
    put_offer(&frame, din_namespace, 1);
    end(&frame);
    const void *const req = read_whole(&frame, &message);
    assert_int_equal(exi_encode(&exi_sap, message.root, req, octets_of(1), OCTETS_MAX, &length, NULL), CCS_OK);
    assert_int_equal(length, (frame.bits + 7) / 8);
    assert_memory_equal(octets_of(1), frame.octets, length);
}

/* ---------------------------------------------------------------- strings of before */

/* 0: one of this name; so many bits as tell them apart: the first reference needs none. */
static void a_string_of_the_same_element_may_be_referred_to(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    put_offer(&frame, din_namespace, 1);
    put_another(&frame);
    begin_namespace(&frame);
    put(&frame, 0, 8);
    put_rest(&frame, 2, 1);
    put_another(&frame);
    put_offer(&frame, iso_namespace, 3);
    put_another(&frame);
    begin_namespace(&frame);
    put(&frame, 0, 8);
    put(&frame, 1, 1);
    put_rest(&frame, 4, 3);
    end(&frame);
    const sap_app_protocol_node_t *const first = read_whole(&frame, &message)->app_protocol;
    must_say(first, din_namespace, 1);
    must_say(first->next, din_namespace, 2);
    must_say(first->next->next, iso_namespace, 3);
    must_say(first->next->next->next, iso_namespace, 4);
    assert_int_equal(message.soft, 0);
}

/* 1: one of all names. */
static void a_string_of_any_element_may_be_referred_to(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    put_offer(&frame, din_namespace, 1);
    put_another(&frame);
    put_offer(&frame, iso_namespace, 2);
    put_another(&frame);
    begin_namespace(&frame);
    put(&frame, 1, 8);
    put(&frame, 0, 1);
    put_rest(&frame, 3, 1);
    end(&frame);
    const sap_app_protocol_node_t *const first = read_whole(&frame, &message)->app_protocol;
    must_say(first->next->next, din_namespace, 3);
}

static void a_reference_to_nothing_or_without_a_table_is_refused(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    begin_namespace(&frame);
    put(&frame, 0, 8);
    put_rest(&frame, 1, 1);
    end(&frame);
    const ccs_view_t view = {frame.octets, (frame.bits + 7) / 8};
    assert_int_equal(decode_whole(&exi_sap, false, view, &message), CCS_ERR_RANGE);
    assert_int_equal(exi_decode(&exi_sap, view, arena_of(0), &message), CCS_ERR_UNSUPPORTED);
}

/* The table is the caller's, and may be full. */
static void strings_beyond_the_table_are_an_error(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    exi_string_t entry;
    exi_strings_t strings = {.at = &entry, .size = 1};
    const exi_options_t options = {.strings = &strings};
    begin(&frame);
    put_offer(&frame, din_namespace, 1);
    put_another(&frame);
    put_offer(&frame, iso_namespace, 2);
    end(&frame);
    const ccs_view_t view = {frame.octets, (frame.bits + 7) / 8};
    assert_int_equal(exi_decode_with(&exi_sap, view, &options, arena_of(0), &message), CCS_ERR_SPACE);
    assert_int_equal(exi_decode(&exi_sap, view, arena_of(0), &message), CCS_OK);
}

/* ---------------------------------------------------------------- faults in wide strings */

/* So many characters of two octets, and a last one of three. The string reaches into the end of the frame, which is read elsewhere.
 */
static ccs_view_t put_wide(frame_t *frame, uint32_t characters, uint32_t last)
{
    begin(frame);
    begin_namespace(frame);
    put(frame, characters + 1 + 2, 8);
    for (uint32_t i = 0; i < characters; i++) {
        put(frame, 0xE901, 16); /* U+00E9 */
    }
    put(frame, (0x80 | (last & 0x7F)) << 16 | (0x80 | (last >> 7 & 0x7F)) << 8 | last >> 14, 24);
    put_rest(frame, 1, 1);
    end(frame);
    return (ccs_view_t){frame->octets, (frame->bits + 7) / 8};
}

static void a_fault_in_a_wide_string_stands_where_its_row_begins(void **state)
{
    enum { ROW = 8 + BITS_OF_ROOT + 1, CHARACTERS = 60, ROOM = 700 };
    (void)state;
    frame_t frame;
    exi_message_t message;
    unsigned full = 0;
    assert_int_equal(exi_decode(&exi_sap, put_wide(&frame, CHARACTERS, 0x20AC), arena_of(0), &message), CCS_OK);
    ccs_view_t view = put_wide(&frame, CHARACTERS, 0x110000);
    assert_int_equal(exi_decode(&exi_sap, view, arena_of(0), &message), CCS_ERR_TEXT); /* the frame goes on behind it */
    assert_int_equal(message.fault.bit, ROW);
    view = put_wide(&frame, CHARACTERS, 0x20AC);
    for (size_t size = 0; size < ROOM; size++) {
        exi_arena_t small = {.at = arena_of(0)->at, .size = size};
        if (exi_decode(&exi_sap, view, &small, &message) != CCS_OK) {
            assert_int_equal(message.fault.err, CCS_ERR_SPACE);
            assert_true(message.fault.bit <= ROW);
            full++;
        }
    }
    assert_true(full > 0 && full < ROOM);
}

/* ---------------------------------------------------------------- empty values */

/* Instead of CH the escape, then 000: the end of the element. */
static void an_end_in_place_of_an_empty_value_is_read(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    put(&frame, 0, 1);
    put(&frame, 1, 1);
    put(&frame, 0, 3);
    frame.bits--; /* the last zero is the EE that put_rest() begins with */
    put_rest(&frame, 7, 1);
    end(&frame);
    const sap_app_protocol_node_t *const first = read_whole(&frame, &message)->app_protocol;
    must_say(first, "", 7);
    assert_int_equal(first->item.priority, 2);
}

static void any_other_escape_is_refused(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    for (uint32_t code = 1; code < 8; code++) {
        begin(&frame);
        put(&frame, 0, 1);
        put(&frame, 1, 1);
        put(&frame, code, 3);
        put_rest(&frame, 7, 1);
        end(&frame);
        const ccs_view_t view = {frame.octets, (frame.bits + 7) / 8};
        assert_int_equal(decode_whole(&exi_sap, false, view, &message), CCS_ERR_UNSUPPORTED);
    }
}

/* ---------------------------------------------------------------- characters */

static void put_character(frame_t *frame, uint32_t character)
{
    for (; character > 127; character >>= 7) {
        put(frame, (character & 127) | 128, 8);
    }
    put(frame, character, 8);
}

static void characters_of_every_width_become_utf8(void **state)
{
    (void)state;
    static const char text[] = "a\xC2\x80\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBD\xF0\x9F\x9A\x97\xF4\x8F\xBF\xBF";
    static const uint32_t characters[] = {'a', 0x80, 0xE9, 0x20AC, 0xFFFD, 0x1F697, 0x10FFFF};
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    begin_namespace(&frame);
    put(&frame, 7 + 2, 8);
    for (size_t i = 0; i < 7; i++) {
        put_character(&frame, characters[i]);
    }
    put_rest(&frame, 9, 1);
    end(&frame);
    must_say(read_whole(&frame, &message)->app_protocol, text, 9);
}

static void what_is_no_character_is_refused(void **state)
{
    (void)state;
    static const uint32_t none[] = {0xD800, 0xDFFF, 0x110000, 0x1FFFFF};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        frame_t frame;
        exi_message_t message;
        begin(&frame);
        begin_namespace(&frame);
        put(&frame, 1 + 2, 8);
        put_character(&frame, none[i]);
        put_rest(&frame, 9, 1);
        end(&frame);
        const ccs_view_t view = {frame.octets, (frame.bits + 7) / 8};
        assert_int_equal(decode_whole(&exi_sap, false, view, &message), CCS_ERR_TEXT);
    }
}

/* ---------------------------------------------------------------- numbers and lists */

static void a_priority_beyond_twenty_is_read_and_counted(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    begin_namespace(&frame);
    put_characters(&frame, din_namespace);
    put_rest(&frame, 1, 31);
    end(&frame);
    assert_int_equal(read_whole(&frame, &message)->app_protocol->item.priority, 32);
    assert_int_equal(message.soft, 1);
}

/* After the twentieth the grammar has no other choice than the end of the root: one zero bit. */
static void twenty_offers_are_read(void **state)
{
    (void)state;
    frame_t frame;
    exi_message_t message;
    begin(&frame);
    for (unsigned i = 1; i <= 20; i++) {
        put_offer(&frame, i % 2 == 0 ? din_namespace : iso_namespace, i);
        if (i < 20) {
            put_another(&frame);
        }
    }
    put(&frame, 0, 1);
    unsigned count = 0;
    for (const sap_app_protocol_node_t *node = read_whole(&frame, &message)->app_protocol; node != NULL; node = node->next) {
        count++;
        must_say(node, count % 2 == 0 ? din_namespace : iso_namespace, count);
    }
    assert_int_equal(count, 20);
}

/* ---------------------------------------------------------------- abstract elements */

/* V2G_Message of DIN with a body whose BodyElement is the abstract one: its code is the first of the 35. */
static void an_abstract_element_without_content_is_read_and_counted(void **state)
{
    (void)state;
    frame_t frame = {.bits = 0};
    exi_message_t message;
    put(&frame, 0x80, 8);
    put(&frame, DIN_V2G_MESSAGE, 7);
    put(&frame, 0, 3); /* SE(Header), SE(SessionID), CH */
    put(&frame, 1, 8);
    put(&frame, 0xA5, 8);
    put(&frame, 0, 1);                         /* EE of SessionID */
    put(&frame, 2, 2);                         /* neither Notification nor Signature: EE of Header */
    put(&frame, 0, 1);                         /* SE(Body) */
    put(&frame, DIN_BODY_BODY_ELEMENT - 1, 6); /* SE(BodyElement) */
    put(&frame, 0, 3);                         /* EE of BodyElement, Body and V2G_Message */
    const ccs_view_t view = {frame.octets, (frame.bits + 7) / 8};
    assert_int_equal(decode_whole(&exi_din, false, view, &message), CCS_OK);
    assert_int_equal(message.bits, frame.bits);
    assert_int_equal(message.soft, 1);
    const din_v2g_message_t *const v2g = message.at;
    assert_int_equal(v2g->body.which, DIN_BODY_BODY_ELEMENT);
    size_t length;
    exi_fault_t fault;
    assert_int_equal(exi_encode(&exi_din, message.root, v2g, octets_of(1), OCTETS_MAX, &length, &fault), CCS_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_composer_writes_what_the_encoder_writes),
        cmocka_unit_test(a_string_of_the_same_element_may_be_referred_to),
        cmocka_unit_test(a_string_of_any_element_may_be_referred_to),
        cmocka_unit_test(a_reference_to_nothing_or_without_a_table_is_refused),
        cmocka_unit_test(strings_beyond_the_table_are_an_error),
        cmocka_unit_test(a_fault_in_a_wide_string_stands_where_its_row_begins),
        cmocka_unit_test(an_end_in_place_of_an_empty_value_is_read),
        cmocka_unit_test(any_other_escape_is_refused),
        cmocka_unit_test(characters_of_every_width_become_utf8),
        cmocka_unit_test(what_is_no_character_is_refused),
        cmocka_unit_test(a_priority_beyond_twenty_is_read_and_counted),
        cmocka_unit_test(twenty_offers_are_read),
        cmocka_unit_test(an_abstract_element_without_content_is_read_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
