/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/netif.h"

#include <linux/if_addr.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ports/linux/clock.h"

static bool interface_ask(const char *name, unsigned long request, struct ifreq *answer)
{
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    memset(answer, 0, sizeof *answer);
    snprintf(answer->ifr_name, sizeof answer->ifr_name, "%s", name);
    const bool done = ioctl(fd, request, answer) == 0;
    close(fd);
    return done;
}

static bool interface_up(const char *name)
{
    struct ifreq answer;
    return interface_ask(name, SIOCGIFFLAGS, &answer) && (answer.ifr_flags & IFF_UP) != 0;
}

static bool address_parse(const char *hex, uint8_t address[16])
{
    for (size_t i = 0; i < 16; i++) {
        char *end = NULL;
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        address[i] = (uint8_t)strtoul(digits, &end, 16);
        if (*end != '\0' || end == digits) {
            return false;
        }
    }
    return true;
}

/* One line of the kernel's list: address, index, prefix, scope, flags, name. */
typedef struct address_line {
    uint8_t address[16];
    unsigned index, flags;
} address_line_t;

static bool address_line(char *text, address_line_t *line)
{
    enum { ADDRESS, INDEX, PREFIX, SCOPE, FLAGS, COLUMNS };
    const char *column[COLUMNS];
    char *rest = NULL;
    for (size_t i = 0; i < COLUMNS; i++) {
        column[i] = strtok_r(i == 0 ? text : NULL, " \t\n", &rest);
        if (column[i] == NULL) {
            return false;
        }
    }
    line->index = (unsigned)strtoul(column[INDEX], NULL, 16);
    line->flags = (unsigned)strtoul(column[FLAGS], NULL, 16);
    return strlen(column[ADDRESS]) == 32 && address_parse(column[ADDRESS], line->address);
}

static bool is_link_local(const uint8_t address[16])
{
    return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* The kernel's own list says what getifaddrs() does not: whether an address is still tentative. */
static netif_result_t address_find(netif_t *netif)
{
    netif_result_t result = NETIF_NO_ADDRESS;
    char text[128];
    address_line_t line;
    FILE *list = fopen("/proc/self/net/if_inet6", "re");
    if (list == NULL) {
        return NETIF_NO_ADDRESS; /* a kernel without IPv6 */
    }
    while (result != NETIF_OK && fgets(text, sizeof text, list) != NULL) {
        if (!address_line(text, &line) || line.index != netif->index || !is_link_local(line.address)) {
            continue;
        }
        result = (line.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0 ? NETIF_TENTATIVE : NETIF_OK;
        memcpy(netif->address, line.address, sizeof netif->address);
    }
    fclose(list);
    return result;
}

static netif_result_t interface_look(netif_t *netif)
{
    netif->index = if_nametoindex(netif->name);
    if (netif->index == 0) {
        return NETIF_MISSING;
    }
    return interface_up(netif->name) ? address_find(netif) : NETIF_DOWN;
}

netif_result_t netif_look(const char *name, netif_t *netif)
{
    struct ifreq answer;
    memset(netif, 0, sizeof *netif);
    if (strlen(name) >= sizeof netif->name) {
        return NETIF_MISSING;
    }
    memcpy(netif->name, name, strlen(name));
    const netif_result_t result = interface_look(netif);
    if (result != NETIF_MISSING && interface_ask(name, SIOCGIFHWADDR, &answer)) {
        memcpy(netif->mac, answer.ifr_hwaddr.sa_data, sizeof netif->mac);
    }
    return result;
}

/* Switched off there by the administrator: no address will come. */
static bool ipv6_off(const char *name)
{
    char path[80];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%.15s/disable_ipv6", name);
    FILE *const file = fopen(path, "re");
    const bool off = file != NULL && fgetc(file) == '1';
    if (file != NULL) {
        fclose(file);
    }
    return off;
}

netif_result_t netif_open(const char *name, int wait_ms, netif_t *netif)
{
    static const struct timespec pause = {.tv_nsec = 20000000};
    const int64_t until_ms = clock_now_ms() + wait_ms;
    netif_result_t result = netif_look(name, netif);
    while ((result == NETIF_NO_ADDRESS || result == NETIF_TENTATIVE) && !ipv6_off(name) && clock_now_ms() < until_ms) {
        nanosleep(&pause, NULL);
        result = netif_look(name, netif);
    }
    return result;
}

netif_result_t netif_lock(const netif_t *netif, const char *kind)
{
    /* An abstract name: bound to the network namespace, gone with the process, in nobody's file system. */
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "%s/%s", kind, netif->name);
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&name, size) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return NETIF_TAKEN;
    }
    return NETIF_OK; /* kept open on purpose until the process ends */
}

void netif_explain(netif_result_t result, const char *name, char *text, unsigned size)
{
    static const char *const why[] = {
        [NETIF_OK] = "is usable",
        [NETIF_MISSING] = "does not exist",
        [NETIF_DOWN] = "is down",
        [NETIF_NO_ADDRESS] = "has no IPv6 link-local address",
        [NETIF_TENTATIVE] = "has a link-local address that is still tentative or in use by another host on the wire",
        [NETIF_TAKEN] = "is already served by another daemon",
    };
    if (result == NETIF_NO_ADDRESS && ipv6_off(name)) {
        snprintf(text, size, "IPv6 is switched off on '%s' (net.ipv6.conf.%s.disable_ipv6)", name, name);
        return;
    }
    snprintf(text, size, "interface '%s' %s", name, why[result]);
}
