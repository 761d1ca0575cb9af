/* SPDX-License-Identifier: MIT */
/*
 * Numbers as narrow ints. Most columns of numbers have few digits: 12.50, -1.2345, 4.6,
 * 7. What stands for one of 8 bytes is an int k of 1, 2 or 4 bytes; the digits behind
 * the point are the column's:
 *
 *     int    k
 *     real   k / 10^digits, the quotient of two doubles: the double that is nearest to
 *            the decimal number, since both are exact (Clinger 1990, "How to read
 *            floating point numbers accurately")
 *
 * There is no zero with a sign among them. A real may stand at a center and a scale
 * that a step learned, and says both: what it was, less the center, over the scale,
 *
 *     real   (k / 10^digits - center) / scale
 *
 * each operation rounded as doubles are, so that it is what the step would have made.
 * Ints that counted up before some of their rows went say so: first + step k.
 */
#ifndef NARROW_H
#define NARROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"
#include "powers_of_ten.h"

enum { NARROW_DIGITS = 15 };    /* the most; a column has 0 to so many */

/* How wide ints are, put together with |: */
static inline uint64_t narrow_bits(int64_t value) { return (uint64_t)(value ^ value >> 63); }
/* the fewest bytes that hold all of them, 1, 2 or 4; 0: these do not. */
static inline uint8_t narrow_width(uint64_t bits) { return bits >> 7 == 0 ? 1 : bits >> 15 == 0 ? 2 : bits >> 31 == 0 ? 4 : 0; }

/* Makes n ints as narrow as they all allow, in place, and gives the width. 0: 4 bytes do not do, and they stay as they are. */
uint8_t narrow_ints(int32_t *ints, size_t n);   /* never 0 */
uint8_t narrow_longs(int64_t *longs, size_t n);
/* n reals become the ints that stand for them, in place, by the fewest digits that all of them allow. 0: there are no such ints, and they stay as they are. */
uint8_t narrow_reals(double *reals, size_t n, unsigned *digits);

/* The one of a row. */
static inline int32_t narrow_at(const void *narrow, uint8_t width, size_t row)
{
	switch (width) {
	case 1: return ((const int8_t *)narrow)[row];
	case 2: return ((const int16_t *)narrow)[row];
	default: return ((const int32_t *)narrow)[row];
	}
}
/* The same number by more digits; false: 64 bits don't hold it. */
static inline bool narrow_rescale(int32_t narrow, unsigned digits, unsigned wanted, int64_t *to)
{
	return !__builtin_mul_overflow((int64_t)narrow, (int64_t)EXACT_POWERS[wanted - digits], to);
}

/* n of them in as many bytes or more, up to 8: those of an int are its values then. */
void narrow_widen(const void *narrow, uint8_t width, size_t n, uint8_t wanted, void *to);
/* The ints that they are with a first and a step; whether none of 4 bytes can be beyond 64 bits with these. */
void narrow_to_counts(const void *narrow, uint8_t width, int64_t first, int64_t step, size_t n, int64_t *to);
bool narrow_may_count(int64_t first, int64_t step);
/* The reals that n of them stand for. by: cpu_lanes, or less. */
void narrow_to_reals(const void *narrow, uint8_t width, unsigned digits, size_t n, double *to, enum cpu_lanes by);
/* The same less a center, over a scale. */
void narrow_to_scaled(const void *narrow, uint8_t width, unsigned digits, double center, double scale, size_t n, double *to);
/* Whether a center and a scale are numbers with which no int of 4 bytes becomes an infinity, and the scale is not 0. */
bool narrow_may_scale(unsigned digits, double center, double scale);
/* The int of at most 4 bytes that stands for a real, by the rule of narrow_reals; false: there is none, and *narrow is anything. */
bool narrow_of_real(double value, unsigned digits, int32_t *narrow);

#endif
