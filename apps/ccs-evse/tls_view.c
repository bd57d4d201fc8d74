/* TLS of a plug, for the control socket. SPDX-License-Identifier: Apache-2.0 */
#include "plug.h"

cJSON *plug_tls_view(const plug_t *plug)
{
    static const char *const policies[] = {[CCS_TLS_OFF] = "off", [CCS_TLS_ALLOW] = "allow", [CCS_TLS_REQUIRE] = "require"};
    const tls_links_stats_t *const stats = &plug->tls.stats;
    cJSON *view = cJSON_CreateObject();
    cJSON_AddStringToObject(view, "policy", policies[plug->settings->secc.tls]);
    cJSON_AddBoolToObject(view, "credentials", plug->tls.server != NULL);
    cJSON_AddNumberToObject(view, "tcp_port", plug->port.tcp_port_tls);
    cJSON_AddBoolToObject(view, "listening", plug->port.listening_tls);
    cJSON_AddNumberToObject(view, "handshakes", stats->handshakes);
    cJSON_AddNumberToObject(view, "refused", stats->refused);
    cJSON_AddNumberToObject(view, "ended", stats->ended);
    return view;
}
