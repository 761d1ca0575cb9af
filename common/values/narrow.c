/* SPDX-License-Identifier: MIT */
#include "narrow.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- making them ---- */

/* The nearest int of a double whose size is below 2^51: with this added, the low half. */
#define TO_INT 0x1.8p52

static inline int32_t nearest_int(double x)
{
	uint64_t bits;

	x += TO_INT;
	memcpy(&bits, &x, sizeof bits);
	return (int32_t)(uint32_t)bits;
}

/* n ints, made of what is wide, go to where that stood, at its begin, a few at once from elsewhere: so that a compiler sees that none is read after it was written. */
enum { AT_ONCE = 64 };
#define CUT(name, parameters, to, made) \
	static void name parameters \
	{ \
		to few[AT_ONCE]; \
\
		for (size_t first = 0; first < n; first += AT_ONCE) { \
			size_t part = n - first < AT_ONCE ? n - first : AT_ONCE; \
\
			for (size_t i = first; i < first + part; i++) \
				few[i - first] = (to)made; \
			memcpy((unsigned char *)wide + first * sizeof *few, few, part * sizeof *few); \
		} \
	}
CUT(cut_ints_to_1, (int32_t *wide, size_t n), int8_t, wide[i])
CUT(cut_ints_to_2, (int32_t *wide, size_t n), int16_t, wide[i])
CUT(cut_longs_to_1, (int64_t *wide, size_t n), int8_t, wide[i])
CUT(cut_longs_to_2, (int64_t *wide, size_t n), int16_t, wide[i])
CUT(cut_longs_to_4, (int64_t *wide, size_t n), int32_t, wide[i])
CUT(cut_reals_to_1, (double *wide, size_t n, double power), int8_t, nearest_int(wide[i] * power))
CUT(cut_reals_to_2, (double *wide, size_t n, double power), int16_t, nearest_int(wide[i] * power))
CUT(cut_reals_to_4, (double *wide, size_t n, double power), int32_t, nearest_int(wide[i] * power))

uint8_t narrow_ints(int32_t *ints, size_t n)
{
	uint32_t bits = 0;
	uint8_t width;

	for (size_t i = 0; i < n; i++)
		bits |= (uint32_t)(ints[i] ^ ints[i] >> 31);
	width = narrow_width(bits);
	switch (width) {
	case 1: cut_ints_to_1(ints, n); break;
	case 2: cut_ints_to_2(ints, n); break;
	default: break;
	}
	return width;
}

uint8_t narrow_longs(int64_t *longs, size_t n)
{
	uint64_t bits = 0;
	uint8_t width;

	for (size_t i = 0; i < n; i++)
		bits |= narrow_bits(longs[i]);
	width = narrow_width(bits);
	switch (width) {
	case 1: cut_longs_to_1(longs, n); break;
	case 2: cut_longs_to_2(longs, n); break;
	case 4: cut_longs_to_4(longs, n); break;
	default: break;
	}
	return width;
}

static inline uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* The int by `power` that is nearest to a real. *differs: bits are set unless it stands for it: to the last bit, so that there is no zero with a sign. */
static inline int32_t nearest(double real, double power, uint64_t *differs)
{
	int32_t k = nearest_int(real * power);

	*differs |= bits_of(k / power) ^ bits_of(real);
	return k;
}

bool narrow_of_real(double value, unsigned digits, int32_t *narrow)
{
	uint64_t differs = 0;

	*narrow = nearest(value, EXACT_POWERS[digits], &differs);
	return differs == 0;
}

/* Whether ints by `power` stand for all of the reals; they join `bits`. */
static inline bool stand_for(const double *reals, size_t n, double power, uint32_t *bits)
{
	uint64_t differs = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t k = nearest(reals[i], power, &differs);

		*bits |= (uint32_t)(k ^ k >> 31);
	}
	return differs == 0;
}

uint8_t narrow_reals(double *reals, size_t n, unsigned *digits)
{
	uint32_t bits = 0;
	size_t row = 0;
	uint8_t width;

	*digits = 0;
	while (row < n) {
		size_t part = n - row < AT_ONCE ? n - row : AT_ONCE;

		if (stand_for(reals + row, part, EXACT_POWERS[*digits], &bits)) {
			row += part;
			continue;
		}
		/* with more digits those before stand for theirs, too, where they still have room */
		row = 0;
		bits = 0;
		if (++*digits > NARROW_DIGITS)
			return 0;
	}
	width = narrow_width(bits);
	switch (width) {
	case 1: cut_reals_to_1(reals, n, EXACT_POWERS[*digits]); break;
	case 2: cut_reals_to_2(reals, n, EXACT_POWERS[*digits]); break;
	default: cut_reals_to_4(reals, n, EXACT_POWERS[*digits]);
	}
	return width;
}

/* ---- writing them out ---- */

#define WIDEN(name, from, to) \
	static void name(const from *narrow, size_t n, to *restrict wide) \
	{ \
		for (size_t i = 0; i < n; i++) \
			wide[i] = narrow[i]; \
	}
WIDEN(widen_1_to_2, int8_t, int16_t)
WIDEN(widen_1_to_4, int8_t, int32_t)
WIDEN(widen_2_to_4, int16_t, int32_t)
WIDEN(widen_1_to_8, int8_t, int64_t)
WIDEN(widen_2_to_8, int16_t, int64_t)
WIDEN(widen_4_to_8, int32_t, int64_t)

void narrow_widen(const void *narrow, uint8_t width, size_t n, uint8_t wanted, void *to)
{
	if (width == wanted) {
		if (n)
			memcpy(to, narrow, n * width);
	} else if (width == 1) {
		switch (wanted) {
		case 2: widen_1_to_2(narrow, n, to); break;
		case 4: widen_1_to_4(narrow, n, to); break;
		default: widen_1_to_8(narrow, n, to);
		}
	} else if (width == 2) {
		if (wanted == 4)
			widen_2_to_4(narrow, n, to);
		else
			widen_2_to_8(narrow, n, to);
	} else {
		widen_4_to_8(narrow, n, to);
	}
}

/* A division takes most of it: of eight doubles at once it takes as long as one of two. */
#define TO_REALS(name, from, target) \
	static target void name(const from *narrow, size_t n, double power, double *restrict to) \
	{ \
		for (size_t i = 0; i < n; i++) \
			to[i] = narrow[i] / power; \
	}
TO_REALS(reals_of_1, int8_t, )
TO_REALS(reals_of_2, int16_t, )
TO_REALS(reals_of_4, int32_t, )

#ifdef CPU_HAS_LANES
TO_REALS(reals_of_1_avx512, int8_t, AVX512)
TO_REALS(reals_of_2_avx512, int16_t, AVX512)
TO_REALS(reals_of_4_avx512, int32_t, AVX512)
#endif

void narrow_to_reals(const void *narrow, uint8_t width, unsigned digits, size_t n, double *to, enum cpu_lanes by)
{
	double power = EXACT_POWERS[digits];

	(void)by;               /* where there are no vectors */
#ifdef CPU_HAS_LANES
	if (by >= CPU_AVX512) {
		switch (width) {
		case 1: reals_of_1_avx512(narrow, n, power, to); break;
		case 2: reals_of_2_avx512(narrow, n, power, to); break;
		default: reals_of_4_avx512(narrow, n, power, to);
		}
		return;
	}
#endif
	switch (width) {
	case 1: reals_of_1(narrow, n, power, to); break;
	case 2: reals_of_2(narrow, n, power, to); break;
	default: reals_of_4(narrow, n, power, to);
	}
}

/* ---- those at a center and a scale ---- */

enum { TABLE = 4096, ENOUGH = 2 };      /* entries at most; rows for each, or it does not pay to make them */

/* Each of many rows takes what was made once of the few numbers that they can be. */
#define TO_SCALED(name, from) \
	static void name(const from *narrow, size_t n, double power, double center, double scale, double *restrict to) \
	{ \
		from low = narrow[0], high = low; \
		double made[TABLE]; \
\
		for (size_t i = 0; i < n; i++) { \
			low = narrow[i] < low ? narrow[i] : low; \
			high = narrow[i] > high ? narrow[i] : high; \
		} \
		if ((int64_t)high - low >= TABLE || (uint64_t)((int64_t)high - low) >= n / ENOUGH) { \
			for (size_t i = 0; i < n; i++) \
				to[i] = (narrow[i] / power - center) / scale; \
			return; \
		} \
		for (int64_t k = low; k <= high; k++) \
			made[k - low] = ((double)k / power - center) / scale; \
		for (size_t i = 0; i < n; i++) \
			to[i] = made[(int64_t)narrow[i] - low]; \
	}
TO_SCALED(scaled_of_1, int8_t)
TO_SCALED(scaled_of_2, int16_t)
TO_SCALED(scaled_of_4, int32_t)

void narrow_to_scaled(const void *narrow, uint8_t width, unsigned digits, double center, double scale, size_t n, double *to)
{
	double power = EXACT_POWERS[digits];

	if (n == 0)
		return;
	switch (width) {
	case 1: scaled_of_1(narrow, n, power, center, scale, to); break;
	case 2: scaled_of_2(narrow, n, power, center, scale, to); break;
	default: scaled_of_4(narrow, n, power, center, scale, to);
	}
}

bool narrow_may_scale(unsigned digits, double center, double scale)
{
	double most = 2147483648.0 / EXACT_POWERS[digits];

	return isfinite(center) && isfinite(scale) && scale != 0 && isfinite((most + fabs(center)) / scale);
}

/* ---- those that count ---- */

void narrow_to_counts(const void *narrow, uint8_t width, int64_t first, int64_t step, size_t n, int64_t *to)
{
	narrow_widen(narrow, width, n, sizeof *to, to);
	for (size_t i = 0; i < n; i++)
		to[i] = first + step * to[i];
}

bool narrow_may_count(int64_t first, int64_t step)
{
	int64_t low, high, sum;

	return step != 0 && !__builtin_mul_overflow(step, (int64_t)INT32_MIN, &low) && !__builtin_mul_overflow(step, (int64_t)INT32_MAX, &high) &&
	       !__builtin_add_overflow(first, low, &sum) && !__builtin_add_overflow(first, high, &sum);
}
