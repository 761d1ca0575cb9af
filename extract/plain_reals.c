/* SPDX-License-Identifier: MIT */
/*
 * Digits first, then all divisions, which need not wait for each other: at most 15 digits and a power of ten up to 10^15 are
 * exact, so that the quotient is the nearest double (Clinger 1990).
 * Sixteen bytes at once with AVX2 (a shuffle, three multiplications) were not faster.
 */
#include "plain_reals.h"

#include <assert.h>
#include <string.h>

#include "number_plain.h"

enum { AT_ONCE = 256, MOST_DIGITS = 15 };

static_assert((int)NUMBER_PLAIN_SLACK <= (int)INPUT_SLACK, "a number at the end of the input is read with what stands behind it");

static const double powers[MOST_DIGITS + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

/* Digits of so many decimals that make less than 1e-4 are at most this. */
static const uint64_t small[MOST_DIGITS + 1] = {
	0, 0, 0, 0, 0, 9, 99, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999, 9999999999, 99999999999,
};

/* Of at most AT_ONCE rows. */
static void divide(double *to, const uint8_t *decimals, size_t n, uint32_t seen)
{
	if ((seen & (seen - 1)) == 0) {
		double power = n ? powers[decimals[0]] : 1;

		for (size_t i = 0; i < n; i++)
			to[i] /= power;
		return;
	}
	for (size_t i = 0; i < n; i++)
		to[i] /= powers[decimals[i]];
}

/* Signs come as they like: a branch would be wrong every second time. */
static inline double with_sign(uint64_t digits, bool minus)
{
	double value = (double)(int64_t)digits;
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	bits |= (uint64_t)minus << 63;
	memcpy(&value, &bits, sizeof bits);
	return value;
}

/* At most AT_ONCE rows. */
static size_t read_some(const struct cells *cells, size_t col, size_t from, size_t n, double *to, struct plain_written *written)
{
	struct plain_written here = PLAIN_WRITTEN_INIT;
	uint8_t decimals[AT_ONCE];
	size_t row = 0;

	for (; row < n; row++) {
		size_t size;
		const char *at = cells_find(cells, from + row, col, &size);
		struct number_plain number;

		if (size == 0 || !number_plain(at, size, &number) || number.n_digits > MOST_DIGITS || number.digits - 1 < small[number.decimals])
			break;
		if (number.digits == 0 && number.minus && number.decimals == 0)
			break;
		here.n_whole += number.decimals == 0;
		here.decimals |= UINT32_C(1) << number.decimals;
		here.zeros |= (uint32_t)(at[size - 1] == '0') << number.decimals;
		decimals[row] = (uint8_t)number.decimals;
		to[row] = with_sign(number.digits, number.minus);
	}
	divide(to, decimals, row, here.decimals);
	written->decimals |= here.decimals;
	written->zeros |= here.zeros;
	written->n_whole += here.n_whole;
	return row;
}

size_t plain_reals(const struct cells *cells, size_t col, size_t from, size_t n, double *to, struct plain_written *written)
{
	size_t done = 0, wanted, got;

	do {
		wanted = n - done < AT_ONCE ? n - done : AT_ONCE;
		got = read_some(cells, col, from + done, wanted, to + done, written);
		done += got;
	} while (got == wanted && done < n);
	return done;
}

void plain_written_tell(const struct plain_written *plain, bool points, struct written *to)
{
	for (int decimals = points; decimals <= MOST_DIGITS; decimals++)
		if (plain->decimals >> decimals & 1)
			written_add(to, (struct number_shape){ .decimals = decimals, .shortest = decimals == 1 || (decimals > 1 && !(plain->zeros >> decimals & 1)) });
}
