/* SPDX-License-Identifier: MIT */
/*
 * A double as 64 bits of the same order: a < b just where key(a) < key(b). -0.0 is 0.0; infinities have their place at the ends, a
 * NaN has none. For radix sorts, and to look a value up digit by digit.
 */
#ifndef ORDER_KEY_H
#define ORDER_KEY_H

#include <stdint.h>
#include <string.h>

static inline uint64_t order_key(double value)
{
	uint64_t key;

	value += 0.0;
	memcpy(&key, &value, sizeof key);
	return key >> 63 ? ~key : key | UINT64_C(1) << 63;
}

static inline double order_value(uint64_t key)
{
	double value;

	key = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	memcpy(&value, &key, sizeof value);
	return value;
}

#endif
