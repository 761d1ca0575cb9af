/* SPDX-License-Identifier: MIT */
#include "few_values.h"

#include <math.h>

#include "bits.h"
#include "two_values.h"

static void add_value(struct few_values *few, int64_t value, uint64_t rows)
{
	size_t i = 0;

	while (i < few->n && few->items[i].value != value)
		i++;
	if (i == FEW_VALUES) {
		few->many = true;
		return;
	}
	if (i == few->n)
		few->items[few->n++] = (struct few_value){ .value = value };
	few->items[i].rows += rows;
}

static void add_real(struct few_values *few, double value)
{
	if (fabs(value) <= 0x1p53 && trunc(value) == value)
		add_value(few, (int64_t)value, 1);
	else
		few->fractions = true;
}

void few_values_add(struct few_values *few, const struct column *column, enum type type, size_t n_rows, const uint64_t *rows)
{
	for (size_t row = 0; row < n_rows && !few->fractions && !(few->many && type == TYPE_INT); row++) {
		if ((rows && !bit_is_set(rows, row)) || !column_valid(column, row))
			continue;
		if (type == TYPE_INT)
			add_value(few, column_int(column, row), 1);
		else
			add_real(few, column_real(column, row));
	}
}

void few_values_merge(struct few_values *to, const struct few_values *from)
{
	to->many = to->many || from->many;
	to->fractions = to->fractions || from->fractions;
	for (size_t i = 0; i < from->n; i++)
		add_value(to, from->items[i].value, from->items[i].rows);
}

bool few_values_classes(const struct few_values *few, struct few_value classes[2])
{
	struct two_values two = { .others = few->n > 2 || few->many || few->fractions };

	for (size_t i = 0; i < few->n && !two.others; i++) {
		const struct two_values one = { .values = { (double)few->items[i].value }, .counts = { few->items[i].rows }, .n = 1 };

		two_values_merge(&two, &one);
	}
	if (!two_values_are_classes(&two))
		return false;
	for (size_t i = 0; i < 2; i++)
		classes[i] = (struct few_value){ (int64_t)two.values[i], two.counts[i] };
	return true;
}
