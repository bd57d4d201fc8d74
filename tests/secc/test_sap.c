/* Which protocol on which link: the rule for all protocols, tested now, whether their rooms stand or not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/secc/world.h"

#include <string.h>

#include "secc/sap.h"

#define DIN   "urn:din:70121:2012:MsgDef"
#define ISO2  "urn:iso:15118:2:2013:MsgDef"
#define ISO20 "urn:iso:std:iso:15118:-20:DC"
#define TESLA "urn:tesla:din:2018:MsgDef"

static const bool all[CCS_PROTOCOLS_COUNT] = {false, true, true, true};

static sap_offer_t offer(const char *name, uint32_t major, uint32_t minor, uint8_t id, uint8_t priority)
{
    return (sap_offer_t){{(const uint8_t *)name, strlen(name)}, major, minor, id, priority};
}

static sap_choice_t choose(const sap_offer_t *offers, size_t count, uint8_t tls, bool authenticated)
{
    const sap_link_t link = {all, tls, authenticated};
    return sap_choose(offers, count, &link);
}

static void v2g20_2356_protocol_follows_from_the_link(void **state)
{
    static const struct {
        uint8_t tls;
        bool authenticated;
        bool din, iso2, iso20;
    } rows[] = {
        {0, false, true, true, false},  {0, true, true, true, false},     {12, false, false, true, false},
        {12, true, false, true, false}, {13, false, false, false, false}, {13, true, false, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const sap_offer_t din = offer(DIN, 2, 0, 1, 1);
        const sap_offer_t iso2 = offer(ISO2, 2, 0, 2, 1);
        const sap_offer_t iso20 = offer(ISO20, 1, 0, 3, 1);
        assert_int_equal(rows[i].din, choose(&din, 1, rows[i].tls, rows[i].authenticated).protocol == CCS_PROTOCOL_DIN);
        assert_int_equal(rows[i].iso2, choose(&iso2, 1, rows[i].tls, rows[i].authenticated).protocol == CCS_PROTOCOL_ISO2);
        assert_int_equal(rows[i].iso20, choose(&iso20, 1, rows[i].tls, rows[i].authenticated).protocol == CCS_PROTOCOL_ISO20_DC);
    }
}

static void best_priority_wins_whatever_the_order(void **state)
{
    (void)state;
    const sap_offer_t offers[] = {offer(DIN, 2, 0, 10, 2), offer(ISO2, 2, 0, 20, 1)};
    const sap_offer_t turned[] = {offers[1], offers[0]};
    assert_int_equal(CCS_PROTOCOL_ISO2, choose(offers, 2, 0, false).protocol);
    assert_int_equal(CCS_PROTOCOL_ISO2, choose(turned, 2, 0, false).protocol);
    assert_int_equal(20, choose(turned, 2, 0, false).schema_id);
}

static void of_equal_priorities_the_first(void **state)
{
    (void)state;
    const sap_offer_t offers[] = {offer(DIN, 2, 0, 1, 3), offer(ISO2, 2, 0, 2, 3)};
    assert_int_equal(CCS_PROTOCOL_DIN, choose(offers, 2, 0, false).protocol);
}

/* #19: order, SchemaID and priority disagree, and the best is a namespace of its own. */
static void tesla_gets_din(void **state)
{
    (void)state;
    const sap_offer_t offers[] = {offer(DIN, 2, 0, 1, 2), offer(TESLA, 2, 0, 0, 1)};
    const sap_choice_t choice = choose(offers, 2, 0, false);
    assert_int_equal(CCS_PROTOCOL_DIN, choice.protocol);
    assert_int_equal(1, choice.schema_id);
}

static void major_must_match_minor_is_told(void **state)
{
    (void)state;
    const sap_offer_t offers[] = {offer(DIN, 3, 0, 1, 1), offer(DIN, 2, 7, 2, 2)};
    const sap_choice_t choice = choose(offers, 2, 0, false);
    assert_int_equal(CCS_PROTOCOL_DIN, choice.protocol);
    assert_int_equal(2, choice.schema_id);
    assert_true(choice.minor_deviation);
}

static void what_is_not_built_in_is_not_chosen(void **state)
{
    (void)state;
    const bool only_din[CCS_PROTOCOLS_COUNT] = {false, true, false, false};
    const sap_link_t link = {only_din, 0, false};
    const sap_offer_t offers[] = {offer(ISO2, 2, 0, 1, 1), offer(DIN, 2, 0, 2, 2)};
    assert_int_equal(CCS_PROTOCOL_DIN, sap_choose(offers, 2, &link).protocol);
    assert_int_equal(CCS_PROTOCOL_NONE, sap_choose(offers, 1, &link).protocol);
}

static void empty_list_and_names_that_only_begin_alike(void **state)
{
    (void)state;
    const sap_offer_t offers[] = {offer("urn:din:70121:2012:MsgDe", 2, 0, 1, 1), offer("urn:din:70121:2012:MsgDef2", 2, 0, 1, 1)};
    assert_int_equal(CCS_PROTOCOL_NONE, choose(offers, 0, 0, false).protocol); /* #32 */
    assert_int_equal(CCS_PROTOCOL_NONE, choose(offers, 2, 0, false).protocol);
}

static void twenty_offers(void **state)
{
    (void)state;
    sap_offer_t offers[SAP_OFFERS_MAX];
    for (size_t i = 0; i < SAP_OFFERS_MAX; i++) {
        offers[i] = offer(TESLA, 2, 0, (uint8_t)i, (uint8_t)(i + 1));
    }
    offers[SAP_OFFERS_MAX - 1] = offer(DIN, 2, 0, 77, 20);
    assert_int_equal(77, choose(offers, SAP_OFFERS_MAX, 0, false).schema_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v2g20_2356_protocol_follows_from_the_link),
        cmocka_unit_test(best_priority_wins_whatever_the_order),
        cmocka_unit_test(of_equal_priorities_the_first),
        cmocka_unit_test(tesla_gets_din),
        cmocka_unit_test(major_must_match_minor_is_told),
        cmocka_unit_test(what_is_not_built_in_is_not_chosen),
        cmocka_unit_test(empty_list_and_names_that_only_begin_alike),
        cmocka_unit_test(twenty_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
