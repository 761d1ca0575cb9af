/* SPDX-License-Identifier: MIT */
/*
 * Both tails are the incomplete beta function I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2), by its continued
 * fraction (Abramowitz, Stegun 26.5.8, by Lentz's method) on that side where it converges fast.
 */
#include "student_t.h"

#include <float.h>
#include <math.h>

static const double TINY = 1e-300;

/* The fraction for I_x(a, b), x < (a + 1) / (a + b + 2); it takes some sqrt(max(a, b)) steps. */
static double fraction(double x, double a, double b)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1), value;

	d = 1 / (fabs(d) < TINY ? TINY : d);
	value = d;
	for (double m = 1; m < 1e6; m++) {
		const double steps[2] = { m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)) };
		double by = 1;

		for (int i = 0; i < 2; i++) {
			d = 1 + steps[i] * d;
			c = 1 + steps[i] / c;
			d = 1 / (fabs(d) < TINY ? TINY : d);
			c = fabs(c) < TINY ? TINY : c;
			by = c * d;
			value *= by;
		}
		if (fabs(by - 1) < DBL_EPSILON)
			break;
	}
	return value;
}

/* log of gamma(a + 1/2) / gamma(a): for large a as a series, since of two large logarithms little is left. */
static double log_half_step(double a)
{
	double a2 = a * a;

	if (a < 30)
		return lgamma(a + 0.5) - lgamma(a);
	return 0.5 * log(a) - 1 / (8 * a) + 1 / (192 * a * a2) - 1 / (640 * a2 * a2 * a) + 17 / (14336 * a2 * a2 * a2 * a);
}

double student_t_tails(double t, double freedom)
{
	double a = freedom / 2, square, x, rest, front;

	if (isnan(t))
		return t;
	square = t / freedom * t;
	if (square == 0)
		return 1;
	if (isinf(square))
		return 0;
	x = 1 / (1 + square);
	rest = square / (1 + square);
	/* x^a (1 - x)^(1/2) / B(a, 1/2); B has gamma(1/2) = sqrt(pi) in it */
	front = exp(-a * log1p(square) + log_half_step(a)) * sqrt(rest / 3.14159265358979323846);
	if (x < (a + 1) / (a + 2.5))
		return front * fraction(x, a, 0.5) / a;
	return 1 - front * fraction(rest, 0.5, a) / 0.5;
}
