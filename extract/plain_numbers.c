/* SPDX-License-Identifier: MIT */
/*
 * Nearly all numbers are short: short_numbers.h reads many of them at once, and only those that are odd to it are
 * looked at singly. What is read at once is little at first, so that where numbers and others take turns not much is read in vain.
 */
#include "plain_numbers.h"

#include <assert.h>

#include "number_plain.h"
#include "powers_of_ten.h"
#include "short_numbers.h"

enum { MOST_DIGITS = 15 /* exact, as a power of ten up to 10^15 is: the quotient is the nearest double (Clinger 1990) */ };

static_assert((int)PLAIN_ROWS <= (int)SHORT_NUMBERS && (int)NUMBER_PLAIN_SLACK <= (int)INPUT_SLACK && SHORT_BYTES + 1 <= (int)INPUT_SLACK, "a run is read at once, and what stands behind the input, too");

/* How many rows are read at once behind so many of a run. */
static inline size_t at_once(size_t row, size_t n)
{
	size_t most = row == 0 ? 8 : row == 8 ? 32 : SHORT_NUMBERS;

	return n - row < most ? n - row : most;
}

/* The cells' bytes. bare: no cell is a word of --null. */
static inline __attribute__((always_inline)) void gather(const struct plain *plain, size_t from, size_t n, struct short_numbers *numbers, bool bare, bool has_rest)
{
	struct plain column = *plain;           /* nothing else points to it, so that it stays in registers */

	if (bare)
		column.null_sizes = 0;
	for (size_t row = 0; row < n; row++) {
		size_t size;
		const char *at = plain_find(&column, from + row, &size);

		numbers->words[row] = load_eight(at);
		if (has_rest)
			numbers->rest[row] = load_eight(at + 8);
		numbers->sizes[row] = size;
	}
}

/* n cells from row `from` on. Whether some are long is known from those before them, or found out. */
static void read_cells(const struct plain *plain, size_t from, size_t n, char point, struct short_numbers *numbers)
{
	do {
		numbers->has_rest = numbers->any_long && plain->lanes >= CPU_AVX512;
		if (plain->null_sizes)
			gather(plain, from, n, numbers, false, true);
		else if (numbers->has_rest)
			gather(plain, from, n, numbers, true, true);
		else
			gather(plain, from, n, numbers, true, false);
		short_numbers_read(numbers, n, point, plain->lanes);
	} while (numbers->any_long && !numbers->has_rest && plain->lanes >= CPU_AVX512);
}

static inline bool is_missing(const struct short_numbers *numbers, size_t row) { return numbers->sizes[row] == 0; }

/* Lists the rows that are missing, `first` of the run and those behind it. */
static void list_missing(const struct short_numbers *numbers, size_t first, size_t n, struct plain_run *run)
{
	size_t n_missing = run->n_missing;

	for (size_t row = 0; row < n; row++) {
		run->missing[n_missing] = (uint16_t)(first + row);
		n_missing += is_missing(numbers, row);
	}
	run->n_missing = n_missing;
}

/* An odd cell that is no number: whether it is a word for a missing one. */
static bool take_word(const struct plain *plain, const char *at, size_t size, struct short_numbers *numbers, size_t row, struct plain_run *run)
{
	if (!plain_take_word(plain, at, size, run))
		return false;
	numbers->sizes[row] = 0;
	return true;
}

/* ---- ints ---- */

/* The ints that are not short ones; gives the first row that is none, or n. */
static size_t odd_ints(const struct plain *plain, size_t from, size_t n, struct short_numbers *numbers, int64_t *to, struct plain_run *run)
{
	for (size_t row = 0; row < n; row++) {
		const char *at;
		size_t size;

		if (!numbers->odd[row] && numbers->decimals[row] == 0)
			continue;
		at = plain_find(plain, from + row, &size);
		if (size < PLAIN_EMPTY && number_int(at, size, &to[row]))
			run->n_beyond += !int_is_exact(to[row]);
		else if (!take_word(plain, at, size, numbers, row, run))
			return row;
	}
	return n;
}

size_t plain_ints(const struct plain *plain, size_t from, size_t n, int64_t *to, struct plain_run *run)
{
	struct short_numbers numbers;
	size_t row = 0, wanted, taken;

	plain_run_begin(run);
	numbers.any_long = false;
	do {
		size_t n_words = run->n_words;

		taken = wanted = at_once(row, n);
		read_cells(plain, from + row, wanted, '.', &numbers);
		for (size_t i = 0; i < wanted; i++) {
			int64_t sign = -(int64_t)(numbers.minus[i] >> 63);

			to[row + i] = ((int64_t)numbers.digits[i] ^ sign) - sign;
		}
		if (numbers.any_odd || numbers.seen > 1)
			taken = odd_ints(plain, from + row, wanted, &numbers, to + row, run);
		if (numbers.n_missing || run->n_words > n_words)
			list_missing(&numbers, row, taken, run);
		row += taken;
	} while (taken == wanted && row < n);
	return row;
}

/* ---- reals ---- */

/* Up to 15 digits. */
static bool read_digits(const char *at, size_t size, char point, double *value, struct plain_written *written)
{
	struct number_plain number;

	if (!number_plain_marked(at, size, point, &number) || number.n_digits > MOST_DIGITS || short_prints_otherwise(number.digits, number.decimals, number.minus))
		return false;
	*value = (double)(int64_t)number.digits / EXACT_POWERS[number.decimals];
	*value = number.minus ? -*value : *value;
	written->n_whole += number.decimals == 0;
	written->decimals |= UINT32_C(1) << number.decimals;
	written->zeros |= (uint32_t)(at[size - 1] == '0') << number.decimals;
	return true;
}

/* With more digits, or an exponent, or no digit before the point. */
static bool read_other(const char *at, size_t size, double *value, struct plain_written *written)
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

/* The reals that are not short ones; gives the first row that is none, or n. to: or NULL. */
static size_t odd_reals(const struct plain *plain, size_t from, size_t n, struct short_numbers *numbers, double *to, struct plain_written *written, struct plain_run *run)
{
	for (size_t row = 0; row < n; row++) {
		const char *at;
		size_t size;
		double value = 0;

		if (!numbers->odd[row])
			continue;
		at = plain_find(plain, from + row, &size);
		if (!read_digits(at, size, plain->point, &value, written) &&
		    !(!plain->marked && (unsigned char)(*at - '-') <= '9' - '-' && read_other(at, size, &value, written)) &&
		    !take_word(plain, at, size, numbers, row, run))
			return row;
		if (to)
			to[row] = value;
	}
	return n;
}

size_t plain_reals(const struct plain *plain, size_t from, size_t n, double *to, struct plain_written *written, struct plain_run *run)
{
	struct short_numbers numbers;
	size_t row = 0, wanted, taken;

	plain_run_begin(run);
	numbers.any_long = false;
	do {
		size_t n_words = run->n_words;

		taken = wanted = at_once(row, n);
		read_cells(plain, from + row, wanted, plain->point, &numbers);
		if (to)
			short_numbers_reals(&numbers, wanted, to + row, plain->lanes);
		if (numbers.any_odd)
			taken = odd_reals(plain, from + row, wanted, &numbers, to ? to + row : NULL, written, run);
		if (taken < wanted)
			short_numbers_read(&numbers, taken, plain->point, plain->lanes);  /* what stands behind has no part in it */
		if (numbers.n_missing || run->n_words > n_words)
			list_missing(&numbers, row, taken, run);
		written->decimals |= numbers.seen;
		written->zeros |= numbers.zeros;
		written->n_whole += numbers.n_whole;
		row += taken;
	} while (taken == wanted && row < n);
	return row;
}

void plain_written_tell(const struct plain_written *plain, bool points, struct written *to)
{
	for (int decimals = points; decimals <= MOST_DIGITS; decimals++)
		if (plain->decimals >> decimals & 1)
			written_add(to, (struct number_shape){ .decimals = decimals, .shortest = decimals == 1 || (decimals > 1 && !(plain->zeros >> decimals & 1)) });
	written_merge(to, plain->others);
}
