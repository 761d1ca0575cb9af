/* SPDX-License-Identifier: MIT */
/*
 * Numbers of few bytes, many at once: what number_plain.h says of each of
 * them, in the lanes of vectors (cpu.h).
 *
 * Who has the texts sets what goes in, of each the first bytes and the size, minus and
 * all; short_numbers_read sets what comes out.
 */
#ifndef SHORT_NUMBERS_H
#define SHORT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

enum { SHORT_NUMBERS = 256, SHORT_BYTES = 16 };
#define MINUS_BIT (UINT64_C(1) << 63)

struct short_numbers {
	/* in */
	_Alignas(64) uint64_t words[SHORT_NUMBERS];     /* the first eight bytes, the first one lowest; those behind the text may be anything */
	uint64_t rest[SHORT_NUMBERS];           /* the next eight, if has_rest */
	uint64_t sizes[SHORT_NUMBERS];          /* how many the text has, its minus too; 0: there is none. Those behind the last text are overwritten */
	/* out: digits / 10^decimals, both 0 where there is no text; decimals 0: there is no point. Of an odd one
	 * digits are 0; its decimals, 15 at most, and its minus mean nothing */
	uint64_t digits[SHORT_NUMBERS];
	uint64_t decimals[SHORT_NUMBERS];
	uint64_t minus[SHORT_NUMBERS];          /* MINUS_BIT, or 0 */
	uint64_t odd[SHORT_NUMBERS];            /* not 0: not plain, of more than 15 digits, a whole -0, or a real that prints with an exponent */
	/* in: else, and without AVX-512, what is longer than eight bytes is odd; what is longer than SHORT_BYTES is always */
	bool has_rest;
	/* out: of all together */
	size_t n_missing;                       /* without a text */
	bool any_odd, any_long;                 /* of more than eight bytes */
	/* of those that are there and not odd */
	uint32_t seen, zeros;                   /* a bit for each number of decimals; those where the last digit is a 0 */
	size_t n_whole;                         /* without a point */
};

/* By decimals the most digits of a real below 1e-4, but for 0: it prints with an exponent. */
extern const uint64_t SHORT_SMALL[SHORT_BYTES];
/* Whether a number is odd that is plain: such a real, or a whole -0, whose sign would be lost. */
static inline bool short_prints_otherwise(uint64_t digits, uint64_t decimals, bool minus)
{
	return digits - 1 < SHORT_SMALL[decimals] || (decimals == 0 && digits == 0 && minus);
}

/* The first n of them, at most SHORT_NUMBERS. point: the decimal mark. by: cpu_lanes, or less. */
void short_numbers_read(struct short_numbers *numbers, size_t n, char point, enum cpu_lanes by);
/* The doubles that they are; of odd ones anything. */
void short_numbers_reals(const struct short_numbers *numbers, size_t n, double *to, enum cpu_lanes by);

#endif
