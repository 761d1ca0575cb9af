/* SPDX-License-Identifier: MIT */
/*
 * The first 128 bits of the powers of ten, for who turns decimals into doubles or
 * doubles into decimals: 10^k is (high 2^64 + low) 2^(power_of_ten_exponent(k)), cut
 * off below, exact for k of 0 to 55.
 */
#ifndef POWERS_OF_TEN_H
#define POWERS_OF_TEN_H

#include <stdint.h>

enum { LEAST_POWER_OF_TEN = -342, MOST_POWER_OF_TEN = 324, N_POWERS_OF_TEN = MOST_POWER_OF_TEN - LEAST_POWER_OF_TEN + 1 };

struct power_of_ten { uint64_t high, low; };
extern const struct power_of_ten POWERS_OF_TEN[N_POWERS_OF_TEN];        /* from 10^LEAST_POWER_OF_TEN on */

/* floor(log2(10^k)) - 127 */
static inline int power_of_ten_exponent(int k) { return (k * 1741647 >> 19) - 127; }

/* Those that doubles are exactly. */
enum { MOST_EXACT_POWER = 22 };
static const double EXACT_POWERS[MOST_EXACT_POWER + 1] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

#endif
