/* SPDX-License-Identifier: MIT */
/* Balanced weights are scikit-learn's 1.9.1: compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*1 + [1]*3 + [2]*6). */
#include "class_weights.h"

#include <math.h>

#include "unit.h"

static struct names classes;
static const uint64_t rows[] = { 1, 3, 6 };
static double factors[3];

static bool reads(const char *text)
{
	struct error err = ERROR_INIT;

	return class_weights_check(text, &err) == 0 && class_weights_read(text, &classes, rows, factors, &err) == 0;
}

static bool fails(const char *text, const char *with)
{
	struct error err = ERROR_INIT;

	return (class_weights_check(text, &err) < 0 || class_weights_read(text, &classes, rows, factors, &err) < 0) && strstr(err.message, with) &&
	       err.code == STATUS_USAGE;
}

int main(void)
{
	names_add(&classes, "a,`b");
	names_add(&classes, "no:1");
	names_add(&classes, "yes");
	TEST("class weights");
	CHECK(reads("balanced") && fabs(factors[0] - 3.3333333333333335) < 1e-15 && fabs(factors[1] - 1.1111111111111112) < 1e-15 &&
	      fabs(factors[2] - 0.5555555555555556) < 1e-15);
	CHECK(reads("yes:5") && factors[0] == 1 && factors[1] == 1 && factors[2] == 5);
	CHECK(reads("no:1:0.25,yes:2e3") && factors[0] == 1 && factors[1] == 0.25 && factors[2] == 2000);
	CHECK(reads("`a,``b`:3,`no:1`:0") && factors[0] == 3 && factors[1] == 0 && factors[2] == 1);
	CHECK(fails("", "such as") && fails("yes", "such as") && fails("yes:", "such as") && fails("yes:x", "such as") && fails(":2", "such as"));
	CHECK(fails("yes:1,", "such as") && fails("yes:-1", "such as") && fails("yes:inf", "such as") && fails("`yes:1", "such as"));
	CHECK(fails("yes:1,yes:2", "twice") && fails("yse:1", "did you mean 'yes'") && fails("yes:0,no:1:0,`a,``b`:0", "all classes are 0"));
	names_release(&classes);
	return unit_done();
}
