# The TLS port as an image, once for each choice of record buffers: the product's own, and the least that cars were seen to manage with.
# SPDX-License-Identifier: Apache-2.0
set(tls ${CMAKE_SOURCE_DIR}/ports/tls)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL lx106)
    set(vault_address 0x60700000u)
else()
    set(vault_address 0x003f0000u)
endif()

# The TLS of a charger is one program to the compiler; the image around it is not.
set(whole -flto -ffat-lto-objects)
target_compile_options(ccs_tls PRIVATE ${whole})
target_compile_options(ccs_pki PRIVATE ${whole})

foreach(buffers 16384_6144 8192_8192)
    string(REPLACE "_" ";" sizes ${buffers})
    ccs_add_mbedtls(${CMAKE_CURRENT_SOURCE_DIR}/tls/mbedtls_config.h ${sizes})
    add_library(port_tls_${buffers} STATIC ${tls}/link.c ${tls}/server.c ${tls}/judge.c ${tls}/staple.c ${tls}/text.c ${tls}/explain.c
        ${tls}/mbedtls/config.c ${tls}/mbedtls/engine.c ${tls}/mbedtls/key.c ${tls}/mbedtls/pki_mbedtls.c)
    target_compile_options(port_tls_${buffers} PRIVATE ${whole})
    target_link_libraries(port_tls_${buffers} PUBLIC ccs_flags ccs_tls ccs_pki mbed_ssl_${buffers})
    ccs_image(tls_${buffers} SOURCES tls/main.c tls/library.c tls/sha1.c tls/vault.c tls/wire.c charger/hardware.c
        LINKS port_tls_${buffers} ccs_lwip ccs_guard ccs_sim)
    target_link_options(tls_${buffers} PRIVATE -flto -flto-partition=one -Os -ffunction-sections -fdata-sections)
    target_compile_definitions(tls_${buffers} PRIVATE VAULT_ADDRESS=${vault_address})
endforeach()
