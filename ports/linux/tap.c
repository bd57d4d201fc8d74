/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/linux/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESS_WAIT_MS = 3000 };

static struct ifreq request_of(const char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%.15s", name);
    return request;
}

/* Nobody else can have this address: the wire behind it is ours. Without the right to say so it only takes a second longer. */
static void duplicate_detection_off(const char *name)
{
    static const char *const keys[] = {"accept_dad", "dad_transmits"};
    char path[96];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%.15s/%s", name, keys[i]);
        const int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0) {
            (void)!write(fd, "0", 1);
            close(fd);
        }
    }
}

static bool configure(const char *name, const uint8_t mac[6], int mtu)
{
    struct ifreq request = request_of(name);
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(request.ifr_hwaddr.sa_data, mac, 6);
    bool done = fd >= 0 && ioctl(fd, SIOCSIFHWADDR, &request) == 0;
    request = request_of(name);
    request.ifr_mtu = mtu;
    done = done && ioctl(fd, SIOCSIFMTU, &request) == 0;
    duplicate_detection_off(name);
    request = request_of(name);
    done = done && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
    done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    const int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = why;
    return done;
}

int tap_open(const char *name, const uint8_t mac[6], int mtu, netif_t *netif)
{
    struct ifreq request = request_of(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0 && configure(request.ifr_name, mac, mtu)) {
        if (netif_open(request.ifr_name, ADDRESS_WAIT_MS, netif) == NETIF_OK) {
            return fd;
        }
        errno = EADDRNOTAVAIL;
    }
    const int why = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = why;
    return -1;
}
