/* What a failure means, for people: apart from the names, so that firmware without a person in front of it leaves it out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/tls/tls.h"

#define TEXT(name, text) text,

const char *tls_failure_text(tls_failure_t failure)
{
    static const char *const texts[] = {TLS_FAILURES(TEXT)};
    return (unsigned)failure < TLS_FAILURES_COUNT ? texts[failure] : "?";
}
