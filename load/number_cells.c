/* SPDX-License-Identifier: MIT */
#include "number_cells.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "narrow.h"

enum { PLAIN_DECIMALS = 4 /* with these no real has an exponent */, MOST_SHORTEST = 6 /* decimals by which one is looked for */, FEW = 8 /* one in so many */ };

#define NO_INT INT32_MIN        /* of a real that is none by the power of ten */

void number_cells_init(struct number_cells *cells, enum type type, int form, struct number_marks marks, size_t n_rows, struct known_numbers *known)
{
	cells->type = type;
	cells->form = form;
	cells->marks = marks;
	cells->known = number_marks_are_plain(marks) ? known : NULL;
	cells->decimals = 1;
	cells->n_rows = n_rows;
	cells->ints = mem_array(n_rows, sizeof *cells->ints);
	cells->slots = mem_array(n_rows + CELL_SLACK / NUMBER_SLOT, NUMBER_SLOT);
}

void number_cells_release(struct number_cells *cells)
{
	free(cells->ints);
	free(cells->reals);
	free(cells->slots);
}

void number_cells_begin(struct number_cells *cells) { cells->odd = false; }

/* ---- numbers as ints ---- */

static bool ints_of_longs(const int64_t *values, size_t n, int32_t *ints)
{
	uint64_t differ = 0;

	for (size_t i = 0; i < n; i++) {
		ints[i] = (int32_t)(uint32_t)(uint64_t)values[i];
		differ |= (uint64_t)(values[i] ^ ints[i]);
	}
	return differ == 0;
}

/* The int of up to eight digits that is nearest to the real by a power of ten. */
static inline int32_t int_of_real(double value, double power)
{
	const double most = EIGHT_DIGITS - 1;
	double scaled = value * power;

	scaled = scaled < most ? scaled : most;
	scaled = scaled > -most ? scaled : -most;
	return (int32_t)(scaled + __builtin_copysign(0.5, scaled));
}

/* 0 if the int over the power reads as the real, as few_digits says of one; not if that is a zero with a sign. */
static inline uint64_t differs(int32_t whole, double power, double value)
{
	double back = whole / power;
	uint64_t was, is;

	memcpy(&was, &value, sizeof was);
	memcpy(&is, &back, sizeof is);
	return was ^ is;
}

/* Below which size, but for 0, the int of a real has an exponent in its shortest text. */
static uint32_t least_plain(const struct number_cells *cells, unsigned decimals)
{
	return cells->form < 0 && decimals > PLAIN_DECIMALS ? (uint32_t)EXACT_POWERS[decimals - PLAIN_DECIMALS] : 1;
}

static inline bool is_least(int32_t value, uint32_t least)
{
	uint32_t size = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;

	return size - 1 < least - 1;
}

/* How many of them are NO_INT: no such ints, or not printed as one. */
static size_t ints_of_reals(const struct number_cells *cells, const double *values, size_t n, unsigned decimals, int32_t *ints)
{
	const double power = EXACT_POWERS[decimals];
	uint32_t least = least_plain(cells, decimals);
	uint64_t others = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t whole = int_of_real(values[i], power);
		uint64_t differ = differs(whole, power, values[i]), other = (differ | (0 - differ)) >> 63;
		uint32_t mask = 0 - (uint32_t)other;

		ints[i] = (int32_t)(((uint32_t)whole & ~mask) | ((uint32_t)NO_INT & mask));
		others += other;
	}
	for (size_t i = 0; least > 1 && i < n; i++)
		if (is_least(ints[i], least)) {
			ints[i] = NO_INT;
			others++;
		}
	return others;
}

/* Whether nearly all print as ints by the form's decimals, or by so many as most of the batch have. */
static bool find_ints(struct number_cells *cells, const double *values, size_t n)
{
	unsigned decimals = cells->form >= 0 ? (unsigned)cells->form : cells->decimals, most = cells->form >= 0 ? decimals : MOST_SHORTEST;

	if (cells->odd || decimals < 1 || decimals > KNOWN_DECIMALS)
		return false;
	while (decimals <= most && ints_of_reals(cells, values, n, decimals, cells->ints) > n / FEW)
		decimals++;
	cells->odd = decimals > most;
	cells->decimals = cells->odd ? 1 : decimals;
	return !cells->odd;
}

/* ---- texts ---- */

static size_t print_real(const struct number_cells *cells, char *text, double value)
{
	size_t size = cells->form < 0 ? print_plain_real(text, value) : print_plain_decimals(text, value, (unsigned)cells->form);

	return size ? size : cells->form < 0 ? number_print_long_real(text, value) : form_print_real(text, value, cells->form);
}

/* values: of reals, for those that are NO_INT; else NULL. */
static inline size_t print_any(struct number_cells *cells, const double *values, size_t n, unsigned decimals, struct cell_text *to, size_t stride)
{
	bool shortest = cells->form < 0;
	struct known_number *known = cells->known ? known_numbers_of(cells->known, decimals, shortest) : NULL;
	uint32_t n_known = known ? KNOWN_NUMBERS : 0;
	char *slot = cells->slots;
	size_t sizes = 0;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		int32_t value = cells->ints[i];
		uint32_t at = (uint32_t)value + KNOWN_BELOW;
		struct cell_text text;

		if (at < n_known) {
			if (!known[at].size)
				known_number_print(&known[at], value, decimals, shortest);
			text = (struct cell_text){ known[at].text, known[at].size };
		} else if (values && value == NO_INT) {
			text = (struct cell_text){ slot, print_real(cells, slot, values[i]) };
		} else {
			text = (struct cell_text){ slot, print_int_by(slot, value, decimals, shortest) };
		}
		to[i * stride] = text;
		sizes |= text.size;
	}
	return sizes;
}

static size_t print_longs(const struct number_cells *cells, const int64_t *values, size_t n, struct cell_text *to, size_t stride)
{
	char *slot = cells->slots;
	size_t sizes = 0;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		bool minus = values[i] < 0;
		size_t size = minus + print_digits(slot + minus, minus ? 0 - (uint64_t)values[i] : (uint64_t)values[i]);

		slot[0] = minus ? '-' : slot[0];
		to[i * stride] = (struct cell_text){ slot, size };
		sizes |= size;
	}
	return sizes;
}

static size_t print_reals(struct number_cells *cells, const double *values, size_t n, struct cell_text *to, size_t stride)
{
	char *slot = cells->slots;
	size_t sizes = 0;

	if (find_ints(cells, values, n))
		return print_any(cells, values, n, cells->decimals, to, stride);
	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		size_t size = print_real(cells, slot, values[i]);

		to[i * stride] = (struct cell_text){ slot, size };
		sizes |= size;
	}
	return sizes;
}

/* ---- columns that are narrow ---- */

static const void *narrow_from(const struct column *column, size_t row) { return (const char *)column->narrow + row * column->narrow_width; }

/* Whether they are ints of up to eight digits when they have `more` decimals. */
static bool ints_of_narrow(const struct column *column, size_t row, size_t n, unsigned more, int32_t *ints)
{
	const int64_t factor = (int64_t)EXACT_POWERS[more];
	bool inside = true;

	narrow_widen(narrow_from(column, row), column->narrow_width, n, sizeof *ints, ints);
	if (more == 0 && column->narrow_width < 4)
		return true;
	for (size_t i = 0; i < n; i++) {
		int64_t value = ints[i] * factor;

		inside &= value < EIGHT_DIGITS && value > -EIGHT_DIGITS;
		ints[i] = (int32_t)(uint32_t)(uint64_t)value;
	}
	return inside;
}

/* With how many decimals the reals of the column are ints that print; false: with none. */
static bool find_narrow(struct number_cells *cells, const struct column *column, size_t row, size_t n, unsigned *decimals)
{
	bool small = false;
	uint32_t least;

	*decimals = cells->form >= 0 ? (unsigned)cells->form : column->digits > 0 ? column->digits : 1;
	if (*decimals < 1 || *decimals > KNOWN_DECIMALS || *decimals < column->digits ||
	    !ints_of_narrow(column, row, n, *decimals - column->digits, cells->ints))
		return false;
	least = least_plain(cells, *decimals);
	for (size_t i = 0; least > 1 && i < n; i++)
		small |= is_least(cells->ints[i], least);
	return !small;
}

static size_t print_narrow_reals(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	unsigned decimals;

	if (find_narrow(cells, column, row, n, &decimals))
		return print_any(cells, NULL, n, decimals, to, stride);
	if (!cells->reals)
		cells->reals = mem_array(cells->n_rows, sizeof *cells->reals);
	narrow_to_reals(narrow_from(column, row), column->narrow_width, column->digits, n, cells->reals, cpu_lanes());
	return print_reals(cells, cells->reals, n, to, stride);
}

/* ---- a column ---- */

/* Those of an int column; false: not all have 32 bits. */
static bool find_column_ints(struct number_cells *cells, const struct column *column, size_t row, size_t n)
{
	if (column->encoding != ENCODED_NARROW)
		return ints_of_longs((const int64_t *)column->values + row, n, cells->ints);
	narrow_widen(narrow_from(column, row), column->narrow_width, n, sizeof *cells->ints, cells->ints);
	return true;
}

static size_t print_column(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	if (cells->type == TYPE_REAL && column->encoding == ENCODED_NARROW)
		return print_narrow_reals(cells, column, row, n, to, stride);
	if (cells->type == TYPE_REAL)
		return print_reals(cells, (const double *)column->values + row, n, to, stride);
	return find_column_ints(cells, column, row, n) ? print_any(cells, NULL, n, 0, to, stride)
		: print_longs(cells, (const int64_t *)column->values + row, n, to, stride);
}

size_t number_cells_print(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	size_t sizes = print_column(cells, column, row, n, to, stride);

	if (number_marks_are_plain(cells->marks))
		return sizes;
	for (size_t i = 0; i < n; i++) {
		to[i * stride].size = number_mark_text(cells->slots + i * NUMBER_SLOT, to[i * stride].size, cells->marks);
		sizes |= to[i * stride].size;
	}
	return sizes;
}
