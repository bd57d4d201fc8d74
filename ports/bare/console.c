/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/bare/console.h"

#include "ports/bare/board.h"

void console_text(const char *text)
{
    while (*text != '\0') {
        board_put(*text++);
    }
}

void console_number(int64_t number)
{
    char digits[20];
    size_t count = 0;
    uint64_t left = number < 0 ? 0u - (uint64_t)number : (uint64_t)number;
    if (number < 0) {
        board_put('-');
    }
    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    while (count > 0) {
        board_put(digits[--count]);
    }
}

void console_hex(const uint8_t *octets, size_t length)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        board_put(digit[octets[i] >> 4]);
        board_put(digit[octets[i] & 15]);
    }
}

void console_field(const char *name, int64_t number)
{
    board_put(' ');
    console_text(name);
    board_put(' ');
    console_number(number);
}
