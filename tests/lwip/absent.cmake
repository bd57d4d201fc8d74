# SPDX-License-Identifier: Apache-2.0
ccs_script_test(lwip COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/absent.sh LABELS once network)
