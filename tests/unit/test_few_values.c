/* SPDX-License-Identifier: MIT */
/* What is expected was counted by hand. */
#include "few_values.h"

#include "unit.h"

static struct few_values of_ints(const int64_t *values, size_t n, const uint64_t *rows)
{
	const struct column column = { .values = values };
	struct few_values few = FEW_VALUES_INIT;

	few_values_add(&few, &column, TYPE_INT, n, rows);
	return few;
}

static struct few_values of_reals(const double *values, size_t n)
{
	const struct column column = { .values = values };
	struct few_values few = FEW_VALUES_INIT;

	few_values_add(&few, &column, TYPE_REAL, n, NULL);
	return few;
}

static bool are(const struct few_values *few, int64_t low, int64_t high)
{
	struct few_value classes[2];

	return few_values_classes(few, classes) && classes[0].value == low && classes[1].value == high;
}

static void ints(void)
{
	const int64_t signs[] = { 1, -1, 1, -1, 1, -1, 1, -1, 1, -1 }, rare[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1 };
	const int64_t three[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2 }, large[] = { INT64_MAX, INT64_MIN };
	const uint64_t but_the_last = 0x3ff;
	struct few_values few = of_ints(signs, 10, NULL), other;
	struct few_value classes[2];
	int64_t many[FEW_VALUES + 1];

	CHECK(are(&few, -1, 1));
	few = of_ints(rare, 10, NULL);
	CHECK(!few_values_classes(&few, classes) && few.n == 2 && !few.many);       /* four rows with a 1 */
	other = of_ints(rare + 9, 1, NULL);
	few_values_merge(&few, &other);
	CHECK(are(&few, 0, 1));
	few = of_ints(three, 11, NULL);
	CHECK(!few_values_classes(&few, classes) && few.n == 3);
	few = of_ints(three, 11, &but_the_last);
	CHECK(are(&few, 0, 1));
	few = of_ints(large, 2, NULL);
	for (int i = 0; i < 4; i++) {
		other = of_ints(large, 2, NULL);
		few_values_merge(&few, &other);
	}
	CHECK(!few_values_classes(&few, classes));      /* nobody could tell them, as reals, from their neighbours */
	for (int i = 0; i <= FEW_VALUES; i++)
		many[i] = i;
	few = of_ints(many, FEW_VALUES, NULL);
	CHECK(few.n == FEW_VALUES && !few.many);
	other = of_ints(many + FEW_VALUES, 1, NULL);
	few_values_merge(&few, &other);
	CHECK(few.many && !few.fractions);
	few = of_ints(many, FEW_VALUES + 1, NULL);
	CHECK(few.many);
}

static void reals(void)
{
	const double whole[] = { 0.0, -0.0, 0, 0, 0, 1, 1, 1, 1, 1, 0.5, 0x1p54 };
	struct few_values few = of_reals(whole, 10);
	struct few_value classes[2];

	CHECK(are(&few, 0, 1));
	few = of_reals(whole, 11);
	CHECK(!few_values_classes(&few, classes) && few.fractions);
	few = of_reals(whole + 11, 1);
	CHECK(few.fractions && few.n == 0);
}

static void missing(void)
{
	const int64_t values[] = { 5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 0 };
	const uint64_t valid = 0x3ff;
	const struct column column = { .values = values, .valid = &valid, .n_missing = 1 };
	struct few_values few = FEW_VALUES_INIT;

	few_values_add(&few, &column, TYPE_INT, 11, NULL);
	CHECK(are(&few, 5, 7));
}

int main(void)
{
	TEST("ints");
	ints();
	TEST("reals");
	reals();
	TEST("missing");
	missing();
	return unit_done();
}
