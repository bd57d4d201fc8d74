/* Division and 64-bit products for an lx106: the ESP8266 has them in its ROM, so Debian's libgcc for it leaves them out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

typedef unsigned int word_t;
typedef unsigned long long long_t;

word_t __udivsi3(word_t n, word_t d);
word_t __umodsi3(word_t n, word_t d);
int __divsi3(int n, int d);
int __modsi3(int n, int d);
long_t __udivdi3(long_t n, long_t d);
long_t __umoddi3(long_t n, long_t d);
long long __divdi3(long long n, long long d);
long long __moddi3(long long n, long long d);
long_t __umulsidi3(word_t a, word_t b);
long long __muldi3(long long a, long long b);

/* Restoring division; begins at the first digit that can be 1. */
static word_t divide(word_t n, word_t d, word_t *rest)
{
    word_t quotient = 0, bit = 1;
    while (d < n && (d & 0x80000000u) == 0) {
        d <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, d >>= 1) {
        if (n >= d) {
            n -= d;
            quotient |= bit;
        }
    }
    *rest = n;
    return quotient;
}

static long_t divide_long(long_t n, long_t d, long_t *rest)
{
    long_t quotient = 0, bit = 1;
    if ((n | d) >> 32 == 0) {
        word_t short_rest;
        quotient = divide((word_t)n, (word_t)d, &short_rest);
        *rest = short_rest;
        return quotient;
    }
    while (d < n && d >> 63 == 0) {
        d <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, d >>= 1) {
        if (n >= d) {
            n -= d;
            quotient |= bit;
        }
    }
    *rest = n;
    return quotient;
}

word_t __udivsi3(word_t n, word_t d)
{
    word_t rest;
    return divide(n, d, &rest);
}

word_t __umodsi3(word_t n, word_t d)
{
    word_t rest;
    (void)divide(n, d, &rest);
    return rest;
}

static word_t size_of(int n)
{
    return n < 0 ? 0u - (word_t)n : (word_t)n;
}

static long_t size_of_long(long long n)
{
    return n < 0 ? 0u - (long_t)n : (long_t)n;
}

int __divsi3(int n, int d)
{
    const word_t quotient = __udivsi3(size_of(n), size_of(d));
    return (int)((n < 0) != (d < 0) ? 0u - quotient : quotient);
}

int __modsi3(int n, int d)
{
    const word_t rest = __umodsi3(size_of(n), size_of(d));
    return (int)(n < 0 ? 0u - rest : rest);
}

long_t __udivdi3(long_t n, long_t d)
{
    long_t rest;
    return divide_long(n, d, &rest);
}

long_t __umoddi3(long_t n, long_t d)
{
    long_t rest;
    (void)divide_long(n, d, &rest);
    return rest;
}

long long __divdi3(long long n, long long d)
{
    const long_t quotient = __udivdi3(size_of_long(n), size_of_long(d));
    return (long long)((n < 0) != (d < 0) ? 0u - quotient : quotient);
}

long long __moddi3(long long n, long long d)
{
    const long_t rest = __umoddi3(size_of_long(n), size_of_long(d));
    return (long long)(n < 0 ? 0u - rest : rest);
}

/* The core multiplies 16 x 16 and 32 x 32 to the lower 32 bits. */
static void multiply(word_t a, word_t b, word_t *high, word_t *low)
{
    const word_t a0 = a & 0xffff, a1 = a >> 16, b0 = b & 0xffff, b1 = b >> 16;
    const word_t first = a0 * b0;
    const word_t second = a1 * b0 + (first >> 16);
    const word_t third = a0 * b1 + (second & 0xffff);
    *low = third << 16 | (first & 0xffff);
    *high = a1 * b1 + (second >> 16) + (third >> 16);
}

long long __muldi3(long long a, long long b)
{
    const union {
        long long whole;
        word_t half[2]; /* little-endian */
    } x = {.whole = a}, y = {.whole = b};
    union {
        long long whole;
        word_t half[2];
    } product;
    multiply(x.half[0], y.half[0], &product.half[1], &product.half[0]);
    product.half[1] += x.half[0] * y.half[1] + x.half[1] * y.half[0];
    return product.whole;
}

/* gcc 12 has no call of it; gcc 13 widens with it. A second caller of multiply() would keep it out of line, and an elliptic curve
 * is made of nothing else. */
long_t __umulsidi3(word_t a, word_t b)
{
    return (long_t)__muldi3(a, b);
}
