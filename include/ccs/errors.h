/* Errors of ccs2-dc: one list, zero is success, results must be used.
 *
 * A fault of the peer (a truncated frame, a value outside its schema, an unexpected request) is an error value and a counter.
 * A fault of our own is an assertion (CCS_ASSERT), never an error value.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_ERRORS_H
#define CCS_ERRORS_H

#ifdef __cplusplus
extern "C" {
#endif

#define CCS_ERRORS(X)                                                            \
    X(OK, "success")                                                             \
    X(TRUNCATED, "input ends inside a value")                                    \
    X(SPACE, "memory or buffer given by the caller is too small")                \
    X(HEADER, "not an EXI stream of this profile, or not a V2GTP header")        \
    X(EVENT, "event code that the grammar does not have here")                   \
    X(UNSUPPORTED, "legal, but outside what this codec takes")                   \
    X(RANGE, "value outside the range of its type")                              \
    X(LENGTH, "string, octets or list longer or shorter than the schema allows") \
    X(TEXT, "string that is not valid text")                                     \
    X(MISSING, "mandatory element or attribute is absent")                       \
    X(UNKNOWN, "name, number or message that is not known")                      \
    X(CONFIG, "configuration value outside its range")                           \
    X(IO, "the operating system or the device refused")

#define CCS_ERROR_ENUMERATOR(name, text) CCS_ERR_##name,
typedef enum ccs_err { CCS_ERRORS(CCS_ERROR_ENUMERATOR) CCS_ERRORS_COUNT } ccs_err_t;
#undef CCS_ERROR_ENUMERATOR
#define CCS_OK CCS_ERR_OK

#if defined(__GNUC__)
#define CCS_MUST_USE __attribute__((warn_unused_result))
#else
#define CCS_MUST_USE
#endif

/* Leaves the function with the error of EXPRESSION, if it has one. */
#define CCS_TRY(expression)                      \
    do {                                         \
        const ccs_err_t ccs_try_ = (expression); \
        if (ccs_try_ != CCS_OK) {                \
            return ccs_try_;                     \
        }                                        \
    } while (0)

/* The enumerator's name without its prefix ("TRUNCATED") and one line of text. Both live for ever; never NULL. */
const char *ccs_err_name(ccs_err_t err);
const char *ccs_err_text(ccs_err_t err);

#ifdef __cplusplus
}
#endif
#endif
