# Parts of Mbed TLS from Debian's source package (tools/get_source.sh mbedtls), for targets that have no library of it.
# SPDX-License-Identifier: Apache-2.0
set(CCS_MBEDTLS_SOURCE "${CMAKE_SOURCE_DIR}/build/source/mbedtls" CACHE PATH "Mbed TLS's source")

# ccs_add_mbed_sha256(): the static library mbed_sha256, compiled as it is, with images/mbed_sha256_config.h.
function(ccs_add_mbed_sha256)
    add_library(mbed_sha256 STATIC ${CCS_MBEDTLS_SOURCE}/library/sha256.c ${CCS_MBEDTLS_SOURCE}/library/platform_util.c)
    target_include_directories(mbed_sha256 SYSTEM PUBLIC ${CCS_MBEDTLS_SOURCE}/include ${CMAKE_SOURCE_DIR}/images)
    target_compile_definitions(mbed_sha256 PUBLIC MBEDTLS_CONFIG_FILE="mbed_sha256_config.h")
    target_compile_options(mbed_sha256 PRIVATE -w -ffunction-sections -fdata-sections)
endfunction()
