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

/* How many of those that are left are read at once, behind so many of a run. */
static inline size_t at_once(size_t row, size_t left)
{
	size_t most = row == 0 ? 8 : row == 8 ? 32 : SHORT_NUMBERS;

	return left < most ? left : most;
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

/* A run in lots of rows that are read at once: next_lot, end_lot with how many of its rows were taken, and so on. */
struct lots {
	const struct plain *plain;
	struct plain_run *run;
	size_t from, end;               /* rows of the run that are left */
	size_t row, n, n_words;         /* the lot: which row of the run is its first, how many it has, and words of the run before it */
	struct short_numbers numbers;
};

static inline void begin_lots(struct lots *lots, const struct plain *plain, size_t from, size_t n, struct plain_run *run)
{
	lots->plain = plain;
	lots->run = run;
	lots->from = from;
	lots->end = from + n;
	lots->row = 0;
	lots->numbers.any_long = false;
	plain_run_begin(run);
}

static inline bool next_lot(struct lots *lots, char point)
{
	if (lots->from == lots->end)
		return false;
	lots->n = at_once(lots->row, lots->end - lots->from);
	lots->n_words = lots->run->n_words;
	read_cells(lots->plain, lots->from, lots->n, point, &lots->numbers);
	return true;
}

/* Lists the rows that are missing. */
static inline void end_lot(struct lots *lots, size_t taken)
{
	struct plain_run *run = lots->run;

	for (size_t i = 0, n = lots->numbers.n_missing || run->n_words > lots->n_words ? taken : 0; i < n; i++) {
		run->missing[run->n_missing] = (uint16_t)(lots->row + i);
		run->n_missing += lots->numbers.sizes[i] == 0;
	}
	lots->row += taken;
	lots->from += taken;
	if (taken < lots->n)
		lots->end = lots->from;
}

/* An odd cell that is no number: whether it is a word for a missing one. */
static bool take_word(struct lots *lots, size_t i, const char *at, size_t size)
{
	if (!plain_take_word(lots->plain, at, size, lots->run))
		return false;
	lots->numbers.sizes[i] = 0;
	return true;
}

/* ---- ints ---- */

/* The ints that are not short ones; gives the first row that is none, or all. */
static size_t odd_ints(struct lots *lots, int64_t *to)
{
	for (size_t i = 0; i < lots->n; i++) {
		const char *at;
		size_t size;

		if (!lots->numbers.odd[i] && lots->numbers.decimals[i] == 0)
			continue;
		at = plain_find(lots->plain, lots->from + i, &size);
		if (size < PLAIN_EMPTY && number_int(at, size, &to[i]))
			lots->run->n_beyond += !int_is_exact(to[i]);
		else if (!take_word(lots, i, at, size))
			return i;
	}
	return lots->n;
}

size_t plain_ints(const struct plain *plain, size_t from, size_t n, int64_t *to, struct plain_run *run)
{
	struct lots lots;

	begin_lots(&lots, plain, from, n, run);
	while (next_lot(&lots, '.')) {
		const struct short_numbers *numbers = &lots.numbers;
		int64_t *values = to + lots.row;

		for (size_t i = 0; i < lots.n; i++) {
			int64_t sign = -(int64_t)(numbers->minus[i] >> 63);

			values[i] = ((int64_t)numbers->digits[i] ^ sign) - sign;
		}
		end_lot(&lots, numbers->any_odd || numbers->seen > 1 ? odd_ints(&lots, values) : lots.n);
	}
	return lots.row;
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

/* The reals that are not short ones; gives the first row that is none, or all. to: or NULL. */
static size_t odd_reals(struct lots *lots, double *to, struct plain_written *written)
{
	const struct plain *plain = lots->plain;

	for (size_t i = 0; i < lots->n; i++) {
		const char *at;
		size_t size;
		double value = 0;

		if (!lots->numbers.odd[i])
			continue;
		at = plain_find(plain, lots->from + i, &size);
		if (!read_digits(at, size, plain->point, &value, written) &&
		    !(!plain->marked && (unsigned char)(*at - '-') <= '9' - '-' && read_other(at, size, &value, written)) &&
		    !take_word(lots, i, at, size))
			return i;
		if (to)
			to[i] = value;
	}
	return lots->n;
}

size_t plain_reals(const struct plain *plain, size_t from, size_t n, double *to, struct plain_written *written, struct plain_run *run)
{
	struct lots lots;

	begin_lots(&lots, plain, from, n, run);
	while (next_lot(&lots, plain->point)) {
		struct short_numbers *numbers = &lots.numbers;
		double *values = to ? to + lots.row : NULL;
		size_t taken = lots.n;

		if (values)
			short_numbers_reals(numbers, lots.n, values, plain->lanes);
		if (numbers->any_odd)
			taken = odd_reals(&lots, values, written);
		if (taken < lots.n)
			short_numbers_read(numbers, taken, plain->point, plain->lanes);         /* what stands behind has no part in it */
		written->decimals |= numbers->seen;
		written->zeros |= numbers->zeros;
		written->n_whole += numbers->n_whole;
		end_lot(&lots, taken);
	}
	return lots.row;
}

void plain_written_tell(const struct plain_written *plain, bool points, struct written *to)
{
	for (int decimals = points; decimals <= MOST_DIGITS; decimals++)
		if (plain->decimals >> decimals & 1)
			written_add(to, (struct number_shape){ .decimals = decimals, .shortest = decimals == 1 || (decimals > 1 && !(plain->zeros >> decimals & 1)) });
	written_merge(to, plain->others);
}
