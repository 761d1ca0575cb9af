/* SPDX-License-Identifier: MIT */
#include "classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "form.h"
#include "memory.h"
#include "number.h"

/* Or NO_CLASS. */
static int class_find(const struct names *classes, const char *name, size_t size)
{
	size_t low = 0, high = classes->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2, length = strlen(classes->items[middle]);
		int order = memcmp(classes->items[middle], name, length < size ? length : size);

		if (order == 0)
			order = (length > size) - (length < size);
		if (order == 0)
			return (int)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NO_CLASS;
}

int class_of_bool(const struct names *classes, bool value)
{
	for (size_t i = 0; i < classes->n; i++) {
		bool is_true;

		if (form_of_word(classes->items[i], strlen(classes->items[i]), &is_true) && is_true == value)
			return (int)i;
	}
	return NO_CLASS;
}

static void bool_numbers(const struct names *classes, const struct column *column, size_t n_rows, double *to)
{
	int numbers[2] = { class_of_bool(classes, false), class_of_bool(classes, true) };

	for (size_t row = 0; row < n_rows; row++)
		to[row] = column_valid(column, row) ? numbers[column_bool(column, row)] : NO_CLASS;
}

static void text_numbers(const struct names *classes, const struct column *column, size_t n_rows, double *to)
{
	int *numbers = mem_array(column->n_entries + 1, sizeof *numbers);

	for (size_t entry = 0; entry < column->n_entries; entry++)
		numbers[entry] = class_find(classes, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);
	for (size_t row = 0; row < n_rows; row++)
		to[row] = column_valid(column, row) ? numbers[column_entry(column, row)] : NO_CLASS;
	free(numbers);
}

/* Classes of reals are whole numbers, named as ints print. */
static int number_class(const struct names *classes, double value)
{
	char text[NUMBER_SIZE];

	if (fabs(value) > 0x1p53 || trunc(value) != value)
		return NO_CLASS;
	return class_find(classes, text, number_print_int(text, (int64_t)value));
}

void class_numbers(const struct names *classes, const struct field *field, const struct column *column, size_t n_rows, double *to)
{
	struct buffer cell = BUFFER_INIT;

	if (field->type == TYPE_TEXT) {
		text_numbers(classes, column, n_rows, to);
		return;
	}
	if (field->type == TYPE_BOOL) {
		bool_numbers(classes, column, n_rows, to);
		return;
	}
	for (size_t row = 0; row < n_rows; row++) {
		buffer_clear(&cell);
		if (field->type == TYPE_REAL) {
			to[row] = column_valid(column, row) ? number_class(classes, column_real(column, row)) : NO_CLASS;
			continue;
		}
		to[row] = cell_key(field->type, column, row, &cell) ? class_find(classes, (const char *)cell.data, cell.size) : NO_CLASS;
	}
	buffer_free(&cell);
}

size_t most_probable(const double *shares, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (shares[i] > shares[best])
			best = i;
	return best;
}

void shares_of_logs(double *values, size_t n)
{
	double top = values[0], all = 0;

	for (size_t k = 1; k < n; k++)
		top = values[k] > top ? values[k] : top;
	for (size_t k = 0; k < n; k++)
		all += values[k] = exp(values[k] - top);
	for (size_t k = 0; k < n; k++)
		values[k] /= all;
}
