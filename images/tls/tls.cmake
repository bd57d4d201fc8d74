# The TLS port as an image, once for each choice of record buffers: the product's own, and the least that cars were seen to manage with.
# SPDX-License-Identifier: Apache-2.0
set(tls ${CMAKE_SOURCE_DIR}/ports/tls)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL lx106)
    set(vault_address 0x60700000u)
else()
    set(vault_address 0x003f0000u)
endif()

foreach(buffers 16384_6144 8192_8192)
    string(REPLACE "_" ";" sizes ${buffers})
    ccs_add_mbedtls(${CMAKE_CURRENT_SOURCE_DIR}/tls/mbedtls_config.h ${sizes})
    add_library(port_tls_${buffers} STATIC ${tls}/link.c ${tls}/server.c ${tls}/judge.c ${tls}/staple.c ${tls}/text.c ${tls}/mbedtls/config.c
        ${tls}/mbedtls/engine.c ${tls}/mbedtls/key.c ${tls}/mbedtls/pki_mbedtls.c)
    target_link_libraries(port_tls_${buffers} PUBLIC ccs_flags ccs_tls ccs_pki mbed_ssl_${buffers})
    ccs_image(tls_${buffers} SOURCES tls/main.c tls/library.c tls/vault.c tls/wire.c charger/hardware.c
        LINKS port_tls_${buffers} ccs_lwip ccs_guard ccs_sim)
    target_compile_definitions(tls_${buffers} PRIVATE VAULT_ADDRESS=${vault_address})
endforeach()
