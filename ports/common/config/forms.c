/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/forms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ports/common/config/charger.h"
#include "ports/common/config/read.h"

enum { PACE_MS_MAX = 10000, RUN_ID_DIGITS = 16 };

/* Two letters, operator of three, 'E', then the outlet; '*' may stand between the parts. */
const char *form_evse_id(const char *id)
{
    static const char form[] = "it has the form DE*CCS*E0001*1";
    static const char outlet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*";
    size_t i = 0;
    for (size_t letters = 0; letters < 2; letters++, i++) {
        if (!isalpha((unsigned char)id[i])) {
            return form;
        }
    }
    i += id[i] == '*';
    for (size_t operator_id = 0; operator_id < 3; operator_id++, i++) {
        if (!isalnum((unsigned char)id[i])) {
            return form;
        }
    }
    i += id[i] == '*';
    if (id[i] != 'E' || id[i + 1] == '\0' || id[i + 1 + strspn(id + i + 1, outlet)] != '\0') {
        return form;
    }
    return NULL;
}

const char *form_interface(const char *text)
{
    const bool whole = text[strcspn(text, " \t/:")] == '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
    return whole ? NULL : "a name without blank, '/' and ':'";
}

const char *form_request(const char *text)
{
    const bool known = text[0] == '\0' || strcmp(text, "supportedAppProtocolReq") == 0 || read_is_request(text, strlen(text));
    return known ? NULL : "the name of a request, as in PreChargeReq";
}

const char *form_run_id(const char *text)
{
    const size_t digits = strlen(text);
    return digits == 0 || digits == RUN_ID_DIGITS ? NULL : "8 of them, or none";
}

static bool is_paced(const ccs_pace_t *pace, size_t count, const char *request)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pace[i].request, request) == 0) {
            return true;
        }
    }
    return false;
}

/* One word, NAME:MS, ended by a zero. */
static bool pace_word(char *word, ccs_pace_t *pace, size_t count)
{
    int64_t ms;
    char *const colon = strchr(word, ':');
    if (colon == NULL || !read_is_request(word, (size_t)(colon - word)) || !read_number(colon + 1, 0, PACE_MS_MAX, &ms)) {
        return false;
    }
    *colon = '\0';
    if (is_paced(pace, count, word)) {
        return false;
    }
    pace[count] = (ccs_pace_t){.request = word, .ms = (uint32_t)ms};
    return true;
}

bool form_pace_read(char *names, ccs_pace_t pace[CCS_PACES])
{
    const char *rest = names, *at;
    size_t count = 0;
    bool well = read_is_list(names);
    for (size_t length = read_word(&rest, &at); well && length > 0; length = read_word(&rest, &at)) {
        char *const word = names + (at - names);
        rest += *rest != '\0'; /* what ended the word becomes its zero */
        word[length] = '\0';
        well = count < CCS_PACES && pace_word(word, pace, count);
        count++;
    }
    for (size_t i = well ? count : 0; i < CCS_PACES; i++) {
        pace[i] = (ccs_pace_t){.request = NULL};
    }
    return well;
}

const char *form_pace(const char *text)
{
    char names[SETTING_PACE_SIZE];
    ccs_pace_t pace[CCS_PACES];
    const int length = snprintf(names, sizeof names, "%s", text);
    const bool well = length < (int)sizeof names && form_pace_read(names, pace);
    return well ? NULL
                : "up to four different requests of DIN 70121, each NAME:MS with at most 10000 ms, as in CurrentDemandReq:100";
}
