/* Any datagram, to the server and to the car: an answer is only given to what reads as a request, an offer only taken if it is
 * usable. SPDX-License-Identifier: Apache-2.0 */
#include "sdp/sdp.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sdp_site_t site = {.tls = CCS_TLS_ALLOW, .port = 1, .port_tls = 2};
    const ccs_view_t datagram = {data, size};
    sdp_message_t message;
    const ccs_err_t err = sdp_message_read(datagram, &message);
    const sdp_verdict_t verdict = sdp_serve(&site, datagram);
    CCS_ASSERT(!verdict.answer || (err == CCS_OK && !message.response && verdict.port != 0));
    const sdp_offer_t offer = sdp_offer_read(datagram, true);
    CCS_ASSERT(!offer.usable || (err == CCS_OK && message.response && offer.endpoint.port != 0));
    return 0;
}
