# lwIP from Debian's source package (tools/get_source.sh lwip); its options are ports/lwip/lwipopts.h.
# SPDX-License-Identifier: Apache-2.0
set(CCS_LWIP_SOURCE "${CMAKE_SOURCE_DIR}/build/source/lwip/src" CACHE PATH "src/ of lwIP's source")

# ccs_add_lwip(): the static library lwip, compiled as it is: without our warnings, its headers as a system's.
function(ccs_add_lwip)
    set(core def inet_chksum init ip mem memp netif pbuf stats sys tcp tcp_in tcp_out timeouts udp)
    set(ipv6 ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag mld6 nd6)
    list(TRANSFORM core REPLACE "(.+)" "${CCS_LWIP_SOURCE}/core/\\1.c")
    list(TRANSFORM ipv6 REPLACE "(.+)" "${CCS_LWIP_SOURCE}/core/ipv6/\\1.c")
    add_library(lwip STATIC ${core} ${ipv6} ${CCS_LWIP_SOURCE}/netif/ethernet.c)
    target_include_directories(lwip SYSTEM PUBLIC ${CCS_LWIP_SOURCE}/include ${CMAKE_SOURCE_DIR}/ports/lwip)
    target_compile_options(lwip PRIVATE -w -ffunction-sections -fdata-sections)
endfunction()
