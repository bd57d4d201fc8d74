# How rooms, programs and tests are built.
# SPDX-License-Identifier: Apache-2.0
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# Kinds of build. Release keeps every CCS_ASSERT: a charger that finds itself wrong must stop.
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")
set(CMAKE_C_FLAGS_SANITIZE "-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all")

option(CCS_CAR "The car's side: rooms ev and vehicle, and what other rooms have for it; a charger's firmware needs none of it" ON)
option(CCS_LTO "Optimise over all rooms when linking with -flto; objects serve a link without it as well" OFF)
option(CCS_TRACE "Trace records, with their names and texts; without it a charger is silent and smaller" ON)

add_library(ccs_flags INTERFACE)
if(CCS_LTO)
    target_compile_options(ccs_flags INTERFACE -flto -ffat-lto-objects)
endif()
if(CMAKE_BUILD_TYPE STREQUAL MinSizeRel AND CMAKE_C_COMPILER_ID STREQUAL GNU) # what -Os does although it makes code larger
    target_compile_options(ccs_flags INTERFACE -fno-reorder-blocks -fno-inline-small-functions -fno-tree-dominator-opts)
endif()
target_compile_definitions(ccs_flags INTERFACE $<$<NOT:$<BOOL:${CCS_TRACE}>>:CCS_TRACE=0>)
target_include_directories(ccs_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_compile_options(ccs_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-align
    -Wwrite-strings -Wvla -Werror -fno-common -ffunction-sections -fdata-sections)
# Under UBSan gcc no longer sees that (a << 8 | b) of two octets fits 16 bits: the other builds judge conversions.
if(NOT CMAKE_BUILD_TYPE STREQUAL Sanitize)
    target_compile_options(ccs_flags INTERFACE -Wconversion -Wsign-conversion)
endif()

# ccs_room(NAME [rooms it stands on ...]): the static library ccs_NAME from every .c file of the calling folder.
function(ccs_room name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    if(NOT CCS_CAR)
        list(FILTER sources EXCLUDE REGEX "/src/[a-z0-9]+/(ev|ev_[a-z_]+|ask)\\.c$")
    endif()
    if(NOT sources) # headers only
        add_library(ccs_${name} INTERFACE)
        target_link_libraries(ccs_${name} INTERFACE ccs_flags)
        return()
    endif()
    add_library(ccs_${name} STATIC ${sources})
    target_link_libraries(ccs_${name} PUBLIC ccs_flags)
    foreach(below IN LISTS ARGN)
        if(CCS_CAR OR NOT below STREQUAL vehicle)
            target_link_libraries(ccs_${name} PUBLIC ccs_${below})
        endif()
    endforeach()
endfunction()

# ccs_program(NAME SOURCES ... LINKS ...): a program in build/PRESET/bin.
function(ccs_program name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ccs_flags ${arg_LINKS})
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
endfunction()

# ccs_test(NAME SOURCES ... LINKS ... [LABELS ...] [ARGS ...]): a cmocka program that CTest runs, limited to 120 s.
# Labels that script/test knows: once (release only), network (needs a package registry: a skip is a failure in CI), bench.
function(ccs_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS;LABELS;ARGS" ${ARGN})
    add_executable(test_${name} ${arg_SOURCES})
    target_link_libraries(test_${name} PRIVATE ccs_flags ${arg_LINKS} cmocka)
    target_compile_definitions(test_${name} PRIVATE _GNU_SOURCE CCS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND test_${name} ${arg_ARGS})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 77 LABELS "${arg_LABELS}")
endfunction()

# ccs_script_test(NAME COMMAND ... [LABELS ...] [TIMEOUT seconds]): a suite that is a script; exit 77 is a skip, with its reason as
# the last line it prints.
function(ccs_script_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77 LABELS "${arg_LABELS}"
        ENVIRONMENT "CCS_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()
