/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "two_values.h"
#include "unit.h"

static struct two_values of(double a, size_t n_a, double b, size_t n_b)
{
	struct two_values two = { .n = 0 };

	for (size_t i = 0; i < n_a || i < n_b; i++) {
		if (i < n_a)
			two_values_add(&two, a);
		if (i < n_b)
			two_values_add(&two, b);
	}
	return two;
}

static bool classes(double a, size_t n_a, double b, size_t n_b)
{
	struct two_values two = of(a, n_a, b, n_b);

	return two_values_are_classes(&two);
}

int main(void)
{
	struct two_values a, b;

	TEST("two whole numbers in five rows each are classes");
	CHECK(classes(0, 5, 1, 5) && classes(1, 5, 0, 500) && classes(-1, 7, 1, 5) && classes(1, 5, 2, 5) && classes(1e9, 5, -3, 5));
	CHECK(!classes(0, 4, 1, 500) && !classes(0, 500, 1, 4) && !classes(0, 500, 0, 500) && !classes(0, 0, 0, 0));
	CHECK(!classes(0, 5, 0.5, 5) && !classes(0, 5, 0x1p54, 5) && !classes(0, 5, NAN, 1) && !classes(0, 5, INFINITY, 5));

	TEST("zeros of either sign are one value, a third value is too many");
	a = of(0., 3, -0., 2);
	CHECK(a.n == 1 && !a.others && a.counts[0] == 5 && !signbit(a.values[0]));
	a = of(0, 9, 1, 9);
	two_values_add(&a, 2);
	CHECK(!two_values_are_classes(&a));

	TEST("merged in any order");
	a = of(1, 3, 1, 0);
	b = of(0, 5, 1, 2);
	two_values_merge(&a, &b);
	CHECK(two_values_are_classes(&a) && a.values[0] == 0 && a.values[1] == 1 && a.counts[0] == 5 && a.counts[1] == 5);
	b = of(2, 1, 2, 0);
	two_values_merge(&b, &a);
	CHECK(!two_values_are_classes(&b));

	TEST("values within others");
	a = of(0, 5, 1, 5);
	b = of(1, 1, 1, 0);
	CHECK(two_values_within(&b, &a) && !two_values_within(&a, &b));
	b = of(0, 5, 2, 5);
	CHECK(!two_values_within(&b, &a));
	b = of(0, 5, 0.3, 5);
	CHECK(!two_values_within(&b, &a));
	return unit_done();
}
