/* SPDX-License-Identifier: Apache-2.0 */
#include "exi.h"
#include "messages/iso2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_exi(&exi_iso2, data, size);
    return 0;
}
