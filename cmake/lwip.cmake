# lwIP from Debian's source package (tools/get_lwip.sh); its options are ports/lwip/lwipopts.h. CCS_LWIP is its src/ folder, or empty.
# SPDX-License-Identifier: Apache-2.0
set(CCS_LWIP "${CMAKE_SOURCE_DIR}/build/lwip-source/src" CACHE PATH "src/ of lwIP's source")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CCS_LWIP}/include/lwip/init.h)

# ccs_add_lwip(): the static library lwip, compiled as it is: without our warnings, its headers as a system's.
function(ccs_add_lwip)
    set(core def inet_chksum init ip mem memp netif pbuf stats sys tcp tcp_in tcp_out timeouts udp)
    set(ipv6 ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag mld6 nd6)
    list(TRANSFORM core REPLACE "(.+)" "${CCS_LWIP}/core/\\1.c")
    list(TRANSFORM ipv6 REPLACE "(.+)" "${CCS_LWIP}/core/ipv6/\\1.c")
    add_library(lwip STATIC ${core} ${ipv6} ${CCS_LWIP}/netif/ethernet.c)
    target_include_directories(lwip SYSTEM PUBLIC ${CCS_LWIP}/include ${CMAKE_SOURCE_DIR}/ports/lwip)
    target_compile_options(lwip PRIVATE -w -ffunction-sections -fdata-sections)
endfunction()
