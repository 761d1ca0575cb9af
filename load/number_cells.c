/* SPDX-License-Identifier: MIT */
#include "number_cells.h"

#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "memory.h"
#include "narrow.h"
#include "number_digits.h"

enum { MOST_DECIMALS = 7 /* with which print_few prints */, PLAIN_DECIMALS = 4 /* with these no real has an exponent */, TEXT_ROOM = 32 };

void number_cells_init(struct number_cells *cells, enum type type, int form, struct number_marks marks, size_t n_rows, uint32_t n_known)
{
	cells->type = type;
	cells->form = form;
	cells->marks = marks;
	cells->n_rows = n_rows;
	cells->ints = mem_array(n_rows, sizeof *cells->ints);
	cells->slots = mem_array(n_rows + CELL_SLACK / NUMBER_SLOT, NUMBER_SLOT);
	cells->n_known = number_marks_are_plain(marks) ? n_known : 0;  /* marks are put into slots */
	number_cells_begin(cells);
}

void number_cells_release(struct number_cells *cells)
{
	free(cells->ints);
	free(cells->reals);
	free(cells->slots);
	free(cells->known);
}

void number_cells_begin(struct number_cells *cells) { cells->decimals = 1; }

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

/* Whether all are ints of up to eight digits by the power of ten, as few_digits says of one; not a zero with a sign. */
static bool ints_of_reals(const double *values, size_t n, unsigned decimals, int32_t *ints)
{
	const double power = EXACT_POWERS[decimals], most = EIGHT_DIGITS - 1;
	uint64_t differ = 0;

	for (size_t i = 0; i < n; i++) {
		double x = values[i], scaled = x * power, back;
		uint64_t was, is;

		scaled = scaled < most ? scaled : most;
		scaled = scaled > -most ? scaled : -most;
		ints[i] = (int32_t)(scaled + __builtin_copysign(0.5, scaled));
		back = ints[i] / power;
		memcpy(&was, &x, sizeof was);
		memcpy(&is, &back, sizeof is);
		differ |= was ^ is;
	}
	return differ == 0;
}

/* Whether none of them is so near 0 that its shortest text has an exponent. */
static bool print_with_point(const int32_t *ints, size_t n, unsigned decimals)
{
	uint32_t least = decimals > PLAIN_DECIMALS ? (uint32_t)EXACT_POWERS[decimals - PLAIN_DECIMALS] : 0;
	unsigned small = 0;

	for (size_t i = 0; decimals > PLAIN_DECIMALS && i < n; i++) {
		uint32_t size = ints[i] < 0 ? 0 - (uint32_t)ints[i] : (uint32_t)ints[i];

		small |= size - 1 < least - 1;
	}
	return !small;
}

/* The fewest decimals with which all of the batch so far are ints, and no more than suit the largest. */
static bool find_decimals(struct number_cells *cells, const double *values, size_t n)
{
	double most = 0;
	unsigned limit;

	if (ints_of_reals(values, n, cells->decimals, cells->ints))
		return print_with_point(cells->ints, n, cells->decimals);
	for (size_t i = 0; i < n; i++)
		most = __builtin_fabs(values[i]) > most ? __builtin_fabs(values[i]) : most;
	limit = few_decimals_of(most);
	while (cells->decimals < limit)
		if (ints_of_reals(values, n, ++cells->decimals, cells->ints))
			return print_with_point(cells->ints, n, cells->decimals);
	return false;
}

/* ---- ints as texts ---- */

/* An int without a point where there are no decimals. Writes up to 25 bytes. */
static inline size_t print_int(char *text, int32_t value, unsigned decimals, bool shortest)
{
	bool minus = value < 0;
	uint32_t size = minus ? 0 - (uint32_t)value : (uint32_t)value;

	if (decimals > 0)
		return print_few(text, minus, size, decimals, shortest);
	*text = '-';
	return minus + print_digits(text + minus, size);
}

static __attribute__((noinline)) void print_known(struct known_number *number, int32_t value, unsigned decimals, bool shortest)
{
	char text[TEXT_ROOM];

	number->size = (unsigned char)print_int(text, value, decimals, shortest);
	memcpy(number->text, text, sizeof number->text);
}

/* The table is for so many decimals from here on. */
static void know(struct number_cells *cells, unsigned decimals)
{
	const size_t slack = CELL_SLACK / sizeof *cells->known;

	if (!cells->known)
		cells->known = mem_new(cells->n_known + slack, sizeof *cells->known);
	else if (cells->known_decimals != decimals)
		memset(cells->known, 0, cells->n_known * sizeof *cells->known);
	cells->known_decimals = decimals;
}

static size_t print_ints(struct number_cells *cells, size_t n, unsigned decimals, struct cell_text *to, size_t stride)
{
	bool shortest = cells->form < 0;
	uint32_t n_known = cells->n_known, before = n_known / 8;
	char *slot = cells->slots;
	size_t sizes = 0;

	know(cells, decimals);
	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		int32_t value = cells->ints[i];
		uint32_t at = (uint32_t)value + before;
		struct known_number *number = &cells->known[at];
		struct cell_text text;

		if (at < n_known) {
			if (!number->size)
				print_known(number, value, decimals, shortest);
			text = (struct cell_text){ number->text, number->size };
		} else {
			text = (struct cell_text){ slot, print_int(slot, value, decimals, shortest) };
		}
		to[i * stride] = text;
		sizes |= text.size;
	}
	return sizes;
}

/* ---- what is no such int ---- */

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

static size_t print_reals(const struct number_cells *cells, const double *values, size_t n, struct cell_text *to, size_t stride)
{
	char *slot = cells->slots;
	size_t sizes = 0;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		size_t size = print_plain_real(slot, values[i]);

		size = size ? size : number_print_long_real(slot, values[i]);
		to[i * stride] = (struct cell_text){ slot, size };
		sizes |= size;
	}
	return sizes;
}

static size_t print_decimals(const struct number_cells *cells, const double *values, size_t n, struct cell_text *to, size_t stride)
{
	char *slot = cells->slots;
	size_t sizes = 0;

	for (size_t i = 0; i < n; i++, slot += NUMBER_SLOT) {
		size_t size = print_plain_decimals(slot, values[i], (unsigned)cells->form);

		size = size ? size : form_print_real(slot, values[i], cells->form);
		to[i * stride] = (struct cell_text){ slot, size };
		sizes |= size;
	}
	return sizes;
}

/* ---- columns that are narrow ---- */

static void widen(const void *narrow, uint8_t width, size_t row, size_t n, int32_t *to)
{
	const int8_t *bytes = (const int8_t *)narrow + row;
	const int16_t *shorts = (const int16_t *)narrow + row;

	switch (width) {
	case 1:
		for (size_t i = 0; i < n; i++)
			to[i] = bytes[i];
		break;
	case 2:
		for (size_t i = 0; i < n; i++)
			to[i] = shorts[i];
		break;
	default: memcpy(to, (const int32_t *)narrow + row, n * sizeof *to);
	}
}

/* Whether they are ints of up to eight digits when they have `more` decimals. */
static bool ints_of_narrow(const struct column *column, size_t row, size_t n, unsigned more, int32_t *ints)
{
	const int64_t factor = (int64_t)EXACT_POWERS[more];
	bool inside = true;

	widen(column->narrow, column->narrow_width, row, n, ints);
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
static bool narrow_decimals(const struct number_cells *cells, const struct column *column, unsigned *decimals)
{
	*decimals = cells->form >= 0 ? (unsigned)cells->form : column->digits > 0 ? column->digits : 1;
	return *decimals >= 1 && *decimals <= MOST_DECIMALS && *decimals >= column->digits;
}

/* ---- a column ---- */

static size_t print_column_of_reals(struct number_cells *cells, const double *values, size_t n, struct cell_text *to, size_t stride)
{
	bool fixed = cells->form >= 0;

	if (!fixed && find_decimals(cells, values, n))
		return print_ints(cells, n, cells->decimals, to, stride);
	if (!fixed)
		return print_reals(cells, values, n, to, stride);
	if (cells->form >= 1 && cells->form <= MOST_DECIMALS && ints_of_reals(values, n, (unsigned)cells->form, cells->ints))
		return print_ints(cells, n, (unsigned)cells->form, to, stride);
	return print_decimals(cells, values, n, to, stride);
}

static size_t print_narrow_reals(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	unsigned decimals;

	if (narrow_decimals(cells, column, &decimals) && ints_of_narrow(column, row, n, decimals - column->digits, cells->ints) &&
	    (cells->form >= 0 || print_with_point(cells->ints, n, decimals)))
		return print_ints(cells, n, decimals, to, stride);
	if (!cells->reals)
		cells->reals = mem_array(cells->n_rows, sizeof *cells->reals);
	narrow_to_reals((const char *)column->narrow + row * column->narrow_width, column->narrow_width, column->digits, n, cells->reals);
	return print_column_of_reals(cells, cells->reals, n, to, stride);
}

static size_t print_column_of_ints(struct number_cells *cells, const int64_t *values, size_t n, struct cell_text *to, size_t stride)
{
	return ints_of_longs(values, n, cells->ints) ? print_ints(cells, n, 0, to, stride) : print_longs(cells, values, n, to, stride);
}

static size_t print_narrow_ints(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	widen(column->narrow, column->narrow_width, row, n, cells->ints);
	return print_ints(cells, n, 0, to, stride);
}

static size_t print_column(struct number_cells *cells, const struct column *column, size_t row, size_t n, struct cell_text *to, size_t stride)
{
	bool narrow = column->encoding == ENCODED_NARROW;

	if (cells->type == TYPE_REAL)
		return narrow ? print_narrow_reals(cells, column, row, n, to, stride) : print_column_of_reals(cells, (const double *)column->values + row, n, to, stride);
	return narrow ? print_narrow_ints(cells, column, row, n, to, stride) : print_column_of_ints(cells, (const int64_t *)column->values + row, n, to, stride);
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
