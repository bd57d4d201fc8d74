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

# ccs_add_mbedtls(CONFIG IN OUT): the static libraries mbed_crypto, mbed_x509 and mbed_ssl_IN_OUT of a TLS server, compiled as they are,
# with the header CONFIG and record buffers of IN and OUT octets.
function(ccs_add_mbedtls config in out)
    set(crypto aes asn1parse asn1write bignum bignum_core bignum_mod bignum_mod_raw block_cipher chacha20 chachapoly cipher cipher_wrap
        constant_time ctr_drbg ecdh ecdsa ecp ecp_curves ecp_curves_new entropy gcm hkdf hmac_drbg md memory_buffer_alloc oid pk pk_ecc
        pk_wrap pkparse pkwrite platform platform_util poly1305 psa_crypto psa_crypto_aead psa_crypto_cipher psa_crypto_client
        psa_crypto_driver_wrappers_no_static psa_crypto_ecp psa_crypto_hash psa_crypto_mac psa_crypto_random psa_crypto_slot_management psa_util sha1
        sha256 sha512)
    set(x509 x509 x509_crt)
    set(ssl ssl_ciphersuites ssl_msg ssl_tls ssl_tls12_server ssl_tls13_generic ssl_tls13_keys ssl_tls13_server)
    foreach(part crypto x509)
        if(NOT TARGET mbed_${part})
            ccs_mbedtls_part(mbed_${part} ${config} ${${part}})
        endif()
    endforeach()
    set(name mbed_ssl_${in}_${out})
    ccs_mbedtls_part(${name} ${config} ${ssl})
    target_compile_definitions(${name} PUBLIC TLS_IN_SIZE=${in} TLS_OUT_SIZE=${out})
    # The loops that all curve arithmetic ends in: 580 octets more than with -Os, 4 % fewer instructions of a handshake.
    set_source_files_properties(${CCS_MBEDTLS_SOURCE}/library/bignum_core.c PROPERTIES COMPILE_OPTIONS -O1)
    target_link_libraries(mbed_x509 PUBLIC mbed_crypto)
    target_link_libraries(${name} PUBLIC mbed_x509)
endfunction()

# For a link with -flto, or without. What is called once stays a function: inlined, its stack would lie below all that the caller calls.
function(ccs_mbedtls_part name config)
    set(sources ${ARGN})
    list(TRANSFORM sources REPLACE "(.+)" "${CCS_MBEDTLS_SOURCE}/library/\\1.c")
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} SYSTEM PUBLIC ${CCS_MBEDTLS_SOURCE}/include)
    target_compile_definitions(${name} PUBLIC MBEDTLS_CONFIG_FILE="${config}")
    target_compile_options(${name} PRIVATE -w -ffunction-sections -fdata-sections -flto -ffat-lto-objects -fno-inline-functions-called-once)
endfunction()
