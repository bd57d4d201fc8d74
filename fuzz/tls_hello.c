/* Any stream, as the first octets of a TLS link: facts or a clear error, the same facts whatever came with them, and a policy that
 * never mixes versions. SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "tls/policy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_roots(const tls_hello_t *hello)
{
    size_t count = 0;
    ccs_view_t list = hello->trusted_ca;
    for (tls_trusted_ca_t entry; tls_trusted_ca_next(&list, &entry);) {
        count += 1 + entry.value.length;
    }
    list = hello->authorities;
    for (ccs_view_t name; tls_authority_next(&list, &name);) {
        count += 1 + name.length;
    }
    return count;
}

/* In place is the same. */
static void take_too(const uint8_t *data, size_t size)
{
    uint8_t stream[TLS_HELLO_SIZE], scratch[TLS_HELLO_SIZE];
    tls_hello_t read, taken;
    size_t length = size < sizeof stream ? size : sizeof stream;
    memcpy(stream, data, length);
    const size_t before = length, room = sizeof scratch - 5;
    const ccs_err_t err = tls_hello_read((ccs_view_t){data, length}, scratch, room, &read);
    CCS_ASSERT(tls_hello_take(stream, &length, sizeof stream, &taken) == err);
    CCS_ASSERT(length <= before && (err != CCS_OK || before - length == read.length - taken.length));
    CCS_ASSERT(err != CCS_ERR_TRUNCATED || memcmp(stream, data, before) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tls_site_t site = {.allows_12 = true, .allows_13 = true};
    uint8_t scratch[TLS_HELLO_SIZE];
    tls_hello_t hello;
    take_too(data, size);
    if (tls_hello_read((ccs_view_t){data, size}, scratch, sizeof scratch, &hello) != CCS_OK) {
        return 0;
    }
    CCS_ASSERT(hello.length <= size && count_roots(&hello) <= 2 * sizeof scratch);
    const tls_policy_t policy = tls_choose(&site, &hello, false);
    CCS_ASSERT((policy.version == 13) == policy.client_certificate);
    CCS_ASSERT((policy.version == 0) == (policy.alert != 0));
    CCS_ASSERT(policy.version != 12 || (policy.suites & ~TLS_SUITES_12) == 0);
    tls_hello_t again;
    CCS_ASSERT(tls_hello_read((ccs_view_t){data, hello.length - 1}, scratch, sizeof scratch, &again) == CCS_ERR_TRUNCATED);
    return 0;
}
