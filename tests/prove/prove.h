/* What every proof needs: any value, assumptions, claims. For CBMC only; see script/prove.
 *
 * A harness is a function harness_NAME() that makes any state the function under proof may meet (its documented invariant and
 * nothing more), calls it once, and claims what must hold after. CBMC checks every memory access, shift, division and signed
 * operation on the way by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_TESTS_PROVE_H
#define CCS_TESTS_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Functions of this prefix without a body give CBMC any value. */
#define any_u8   nondet_u8
#define any_u16  nondet_u16
#define any_u32  nondet_u32
#define any_u64  nondet_u64
#define any_size nondet_size
#define any_bool nondet_bool
uint8_t any_u8(void);
uint16_t any_u16(void);
uint32_t any_u32(void);
uint64_t any_u64(void);
size_t any_size(void);
bool any_bool(void);

#define assume(fact) __CPROVER_assume(fact)
#define claim(fact)  __CPROVER_assert(fact, #fact)

/* size octets of any content at an address of their own: an access beyond them is found. */
static inline uint8_t *any_octets(size_t size)
{
    uint8_t *const at = malloc(size);
    assume(at != NULL);
    return at;
}

/* The same within a block of a fixed size, at its end: an access beyond the last octet is found, and CBMC is much quicker. */
static inline uint8_t *any_octets_of(size_t block, size_t size)
{
    uint8_t *const at = malloc(block);
    assume(at != NULL && size <= block);
    return at + (block - size);
}

#endif
