/* SPDX-License-Identifier: MIT */
/*
 * Unit tests: a program per module, linked with the libraries.
 *
 *     int main(void)
 *     {
 *             TEST("reads what it printed");
 *             CHECK(number_int("12", 2, &v) && v == 12);
 *             CHECK_NEAR(mean, 3.5, 1e-12);
 *             return unit_done();
 *     }
 *
 * It ends with "NAME: N passed, N failed" and status 1 if a test failed.
 */
#ifndef UNIT_H
#define UNIT_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *unit_name;
static int unit_passed, unit_failed;
static bool unit_broken;

static inline void unit_end(void)
{
	if (unit_name) {
		if (unit_broken)
			unit_failed++;
		else
			unit_passed++;
	}
	unit_broken = false;
}
static inline void unit_check(bool ok, const char *text, const char *file, int line)
{
	if (!ok) {
		printf("%s:%d: %s: %s\n", file, line, unit_name ? unit_name : "", text);
		unit_broken = true;
	}
}
static inline int unit_done(void)
{
	unit_end();
	printf("units: %d passed, %d failed\n", unit_passed, unit_failed);
	return unit_failed != 0;
}
#define TEST(name) (unit_end(), unit_name = (name))
#define CHECK(condition) unit_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_NEAR(a, b, tolerance) unit_check(fabs((double)(a) - (double)(b)) <= (tolerance), #a " near " #b, __FILE__, __LINE__)
#define CHECK_TEXT(a, b) unit_check(strcmp((a), (b)) == 0, #a " is " #b, __FILE__, __LINE__)

#endif
