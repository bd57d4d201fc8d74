/* SPDX-License-Identifier: Apache-2.0 */
#include "exi.h"
#include "messages/din.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_exi(&exi_din, data, size);
    return 0;
}
