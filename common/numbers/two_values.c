/* SPDX-License-Identifier: MIT */
#include "two_values.h"

#include <math.h>

static void add(struct two_values *two, double value, uint64_t count)
{
	size_t at = 0;

	while (at < two->n && two->values[at] < value)
		at++;
	if (at < two->n && two->values[at] == value) {
		two->counts[at] += count;
		return;
	}
	if (two->n == 2 || value != trunc(value) || !(fabs(value) <= 0x1p53)) {
		two->others = true;
		return;
	}
	if (at < two->n) {
		two->values[1] = two->values[0];
		two->counts[1] = two->counts[0];
	}
	two->values[at] = value == 0 ? 0 : value;
	two->counts[at] = count;
	two->n++;
}

void two_values_add(struct two_values *two, double value)
{
	if (!two->others)
		add(two, value, 1);
}

void two_values_merge(struct two_values *to, const struct two_values *from)
{
	to->others = to->others || from->others;
	for (size_t i = 0; i < from->n && !to->others; i++)
		add(to, from->values[i], from->counts[i]);
}

bool two_values_are_classes(const struct two_values *two)
{
	return !two->others && two->n == 2 && two->counts[0] >= TWO_VALUES_ROWS && two->counts[1] >= TWO_VALUES_ROWS;
}

bool two_values_within(const struct two_values *two, const struct two_values *others)
{
	struct two_values both = *others;

	two_values_merge(&both, two);
	return !both.others && both.n == others->n;
}
