/* SPDX-License-Identifier: MIT */
/*
 * Digits first, then all divisions, which need not wait for each other: at most 15 digits and a power of ten up to 10^15 are
 * exact, so that the quotient is the nearest double (Clinger 1990).
 * Sixteen bytes at once with AVX2 (a shuffle, three multiplications) were not faster.
 */
#include "plain_reals.h"

#include <string.h>

#include "number_plain.h"
#include "powers_of_ten.h"

enum { MOST_DIGITS = 15, SMALL_DECIMALS = 4 /* make nothing below 1e-4 */ };

/* Digits of so many decimals that make less than 1e-4 are at most this. */
static const uint64_t small[MOST_DIGITS + 1] = {
	0, 0, 0, 0, 0, 9, 99, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999, 9999999999, 99999999999,
};

/* Of at most PLAIN_ROWS rows; seen: a bit for each number of decimals. */
static void divide(double *to, const uint8_t *decimals, size_t n, uint32_t seen)
{
	if ((seen & (seen - 1)) == 0) {
		double power = seen ? EXACT_POWERS[__builtin_ctz(seen)] : 1;

		for (size_t i = 0; i < n; i++)
			to[i] /= power;
		return;
	}
	for (size_t i = 0; i < n; i++)
		to[i] /= EXACT_POWERS[decimals[i]];
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

/* With more digits, or an exponent, or no digit before the point. */
static __attribute__((noinline)) bool read_other(const char *at, size_t size, double *value, struct plain_written *written)
{
	struct number_shape shape;
	struct number_plain number;

	if (number_plain_wide(at, size, &number) && number.digits > 0) {
		double positive = number_nearest(number.digits, -(int64_t)number.decimals);

		*value = number.minus ? -positive : positive;
		if (!written->mixed && !number_shape_of_digits(number.digits, (int)number.decimals, positive, &shape))
			shape = number_shape(at, size, *value);
	} else if (size >= PLAIN_EMPTY || !number_real_written(at, size, value, written->mixed ? NULL : &shape)) {
		return false;
	}
	if (!written->mixed)
		written_add(&written->others, shape);
	written->mixed = written->mixed || written_is_mixed(&written->others);
	return true;
}

/* to: NULL, and no value is made. */
static inline __attribute__((always_inline)) size_t read_run(const struct plain *plain, size_t from, size_t n, double *to, struct plain_written *written, struct plain_run *run)
{
	static const char zero[NUMBER_PLAIN_SLACK] = "0";
	const struct plain column = *plain;
	uint32_t decimals = 0, others = 0, zeros = written->zeros;
	uint8_t places[PLAIN_ROWS];
	size_t row = 0, n_whole = 0, n_missing = 0;
	double other;

	plain_run_begin(run);
	for (; row < n; row++) {
		size_t size;
		const char *at = plain_find(&column, from + row, &size);
		bool missing = size == 0;
		struct number_plain number;

		at = missing ? zero : at;       /* no branch: they come as they like */
		size += missing;
		if (to)
			places[row] = 0;
		if (number_plain_marked(at, size, column.point, &number) && number.n_digits <= MOST_DIGITS &&
		    (number.decimals <= SMALL_DECIMALS || number.digits - 1 >= small[number.decimals]) && !(number.decimals == 0 && number.minus && at[1] == '0')) {
			n_whole += number.decimals == 0 && !missing;
			decimals |= (uint32_t)!missing << number.decimals;
			zeros |= (uint32_t)(at[size - 1] == '0' && !missing) << number.decimals;
			if (to) {
				places[row] = (uint8_t)number.decimals;
				to[row] = with_sign(number.digits, number.minus);
			}
		} else if (!column.marked && (unsigned char)(*at - '-') <= '9' - '-' && read_other(at, size, to ? &to[row] : &other, written)) {
			others = 1;             /* is not divided */
		} else {
			missing = plain_take_word(plain, at, size, run);
			if (!missing)
				break;
			if (to)
				to[row] = 0;
		}
		run->missing[n_missing] = (uint16_t)row;
		n_missing += missing;
	}
	run->n_missing = n_missing;
	if (to)
		divide(to, places, row, decimals | others);
	written->decimals |= decimals;
	written->zeros = zeros;
	written->n_whole += n_whole;
	return row;
}

size_t plain_reals(const struct plain *plain, size_t from, size_t n, double *to, struct plain_written *written, struct plain_run *run)
{
	return read_run(plain, from, n, to, written, run);
}

size_t plain_reals_look(const struct plain *plain, size_t from, size_t n, struct plain_written *written, struct plain_run *run)
{
	return read_run(plain, from, n, NULL, written, run);
}

void plain_written_tell(const struct plain_written *plain, bool points, struct written *to)
{
	for (int decimals = points; decimals <= MOST_DIGITS; decimals++)
		if (plain->decimals >> decimals & 1)
			written_add(to, (struct number_shape){ .decimals = decimals, .shortest = decimals == 1 || (decimals > 1 && !(plain->zeros >> decimals & 1)) });
	written_merge(to, plain->others);
}
