/* A build without a TLS library. SPDX-License-Identifier: Apache-2.0 */
#include "secure.h"

#include <stdio.h>

secure_result_t secure_car(const tls_settings_t *settings, tls_links_t *links, char text[SECURE_TEXT])
{
    (void)settings, (void)links;
    (void)snprintf(text, SECURE_TEXT, "TLS is not in this build: it needs the package libssl-dev");
    return SECURE_ABSENT;
}

void secure_car_close(tls_links_t *links)
{
    (void)links;
}
