/* SPDX-License-Identifier: Apache-2.0 */
#include "ccs/errors.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,
static const char *const names[] = {CCS_ERRORS(NAME)};
static const char *const texts[] = {CCS_ERRORS(TEXT)};

const char *ccs_err_name(ccs_err_t err)
{
    return (unsigned)err < CCS_ERRORS_COUNT ? names[err] : "?";
}

const char *ccs_err_text(ccs_err_t err)
{
    return (unsigned)err < CCS_ERRORS_COUNT ? texts[err] : "unknown error";
}
