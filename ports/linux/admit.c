/* Who may connect: a filter on the listener, and a neighbour entry that stands.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/sockets.h"

/* ---- the filter ---- */

enum { WORDS = 4, STEPS_MAX = 2 * WORDS + 4 + 2, IPV6_SOURCE_AT = 8, ETHERNET_SOURCE_AT = 6 };

typedef struct program {
    struct sock_filter step[STEPS_MAX];
    unsigned short length;
} program_t;

/* "This field is this value, or drop": the drop is the last step of all. */
static void must_be(program_t *program, uint16_t size, uint32_t at, uint32_t value)
{
    program->step[program->length++] = (struct sock_filter)BPF_STMT(BPF_LD | size | BPF_ABS, at);
    program->step[program->length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0);
}

static uint32_t word_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void program_end(program_t *program)
{
    program->step[program->length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    program->step[program->length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    for (unsigned short i = 0; i < program->length; i++) {
        if (BPF_CLASS(program->step[i].code) == BPF_JMP) {
            program->step[i].jf = (uint8_t)(program->length - 2 - i);
        }
    }
}

static bool mac_known(const uint8_t mac[6])
{
    static const uint8_t zero[6] = {0};
    return memcmp(mac, zero, 6) != 0;
}

bool socket_admit(int fd, const ccs_admit_t *who)
{
    program_t program = {.length = 0};
    if (!who->only) {
        (void)setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)); /* fails if there was none */
        return true;
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        must_be(&program, BPF_W, (uint32_t)SKF_NET_OFF + IPV6_SOURCE_AT + 4 * i, word_at(who->address + 4 * i));
    }
    if (mac_known(who->mac)) {
        must_be(&program, BPF_W, (uint32_t)SKF_LL_OFF + ETHERNET_SOURCE_AT, word_at(who->mac));
        must_be(&program, BPF_H, (uint32_t)SKF_LL_OFF + ETHERNET_SOURCE_AT + 4, (uint32_t)who->mac[4] << 8 | who->mac[5]);
    }
    program_end(&program);
    const struct sock_fprog filter = {.len = program.length, .filter = program.step};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

/* ---- the neighbour entry ---- */

typedef struct entry {
    struct nlmsghdr header;
    struct ndmsg neighbour;
    struct rtattr address_attribute;
    uint8_t address[16];
    struct rtattr mac_attribute;
    uint8_t mac[8]; /* 6, padded */
} entry_t;

static void neighbour_say(const netif_t *netif, const ccs_admit_t *who, uint16_t type, uint16_t flags)
{
    entry_t entry = {
        .header = {.nlmsg_len = sizeof entry, .nlmsg_type = type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
        .neighbour = {.ndm_family = AF_INET6, .ndm_ifindex = (int)netif->index, .ndm_state = NUD_PERMANENT},
        .address_attribute = {.rta_len = RTA_LENGTH(16), .rta_type = NDA_DST},
        .mac_attribute = {.rta_len = RTA_LENGTH(6), .rta_type = NDA_LLADDR},
    };
    memcpy(entry.address, who->address, 16);
    memcpy(entry.mac, who->mac, 6);
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd >= 0) {
        (void)!sendto(fd, &entry, sizeof entry, MSG_DONTWAIT, (const struct sockaddr *)&kernel, sizeof kernel);
        close(fd);
    }
}

void socket_pin(const netif_t *netif, ccs_admit_t *pinned, const ccs_admit_t *who)
{
    if (pinned->only && mac_known(pinned->mac)) {
        neighbour_say(netif, pinned, RTM_DELNEIGH, 0);
    }
    *pinned = *who;
    if (who->only && mac_known(who->mac)) {
        neighbour_say(netif, who, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
    }
}
