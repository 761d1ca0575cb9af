/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic. Ints stay ints under + - * // % and are lost on overflow; / and ^ are
 * always real. // and % are floored as Python's are, so that
 * x == (x // y) * y + x % y, and x % y has the sign of y: (-10) % 1440 is 1430.
 * Reals that come out as no number are taken away by who called.
 */
#include <math.h>

#include "expression_tree.h"

#define PI 3.14159265358979323846
#define EARTH_KM 6371.0088      /* mean radius of the GRS 80 ellipsoid (Moritz 2000) */

/* ---- ints: each may be lost ---- */

#define INT_CHECKED(name, builtin) \
	static void name(struct call *call) \
	{ \
		CALL_ARGUMENT(int64_t, 0); \
		CALL_ARGUMENT(int64_t, 1); \
		int64_t *values = call->values; \
		for (size_t row = 0; row < call->n; row++) \
			if (builtin(a_0[row & m_0], a_1[row & m_1], &values[row])) \
				call_lose(call, row); \
	}
INT_CHECKED(add_int, __builtin_add_overflow)
INT_CHECKED(subtract_int, __builtin_sub_overflow)
INT_CHECKED(multiply_int, __builtin_mul_overflow)

static void floor_divide_int(struct call *call)
{
	int64_t *values;

	CALL_ARGUMENT(int64_t, 0);
	CALL_ARGUMENT(int64_t, 1);
	values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		int64_t x = a_0[row & m_0], y = a_1[row & m_1];

		if (y == 0 || (y == -1 && x == INT64_MIN))
			call_lose(call, row);
		else
			values[row] = x / y - (x % y && (x < 0) != (y < 0));
	}
}

static void modulo_int(struct call *call)
{
	int64_t *values;

	CALL_ARGUMENT(int64_t, 0);
	CALL_ARGUMENT(int64_t, 1);
	values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		int64_t x = a_0[row & m_0], y = a_1[row & m_1], rest = y == 0 || y == -1 ? 0 : x % y;

		if (y == 0)
			call_lose(call, row);
		else
			values[row] = rest && (rest < 0) != (y < 0) ? rest + y : rest;
	}
}

static void negate_int(struct call *call)
{
	int64_t *values;

	CALL_ARGUMENT(int64_t, 0);
	values = call->values;

	for (size_t row = 0; row < call->n; row++)
		if (__builtin_sub_overflow(0, a_0[row & m_0], &values[row]))
			call_lose(call, row);
}

static void abs_int(struct call *call)
{
	int64_t *values;

	CALL_ARGUMENT(int64_t, 0);
	values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		values[row] = a_0[row & m_0];
		if (values[row] < 0 && __builtin_sub_overflow(0, values[row], &values[row]))
			call_lose(call, row);
	}
}

/* Towards zero, as everybody's int() does. */
static void int_of_real(struct call *call)
{
	int64_t *values;

	CALL_ARGUMENT(double, 0);
	values = call->values;

	for (size_t row = 0; row < call->n; row++) {
		double x = a_0[row & m_0];

		if (x >= -0x1p63 && x < 0x1p63)
			values[row] = (int64_t)x;
		else
			call_lose(call, row);
	}
}

/* ---- reals ---- */

static double modulo(double x, double y)
{
	double rest = fmod(x, y);

	return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/* Halves away from zero. What scaling would take out of range has no digits there to round. */
static double round_to(double x, int64_t digits)
{
	double scale = pow(10, fabs((double)digits)), scaled = digits < 0 ? x / scale : x * scale;

	if (!isfinite(scale))
		return digits < 0 ? 0 : x;
	if (!isfinite(scaled))
		return x;
	return digits < 0 ? round(scaled) * scale : round(scaled) / scale;
}

/* Great circle on a sphere, degrees in, km out (Sinnott, Virtues of the haversine, 1984). */
static double haversine(double lat1, double lon1, double lat2, double lon2)
{
	double degree = PI / 180, dlat = sin((lat2 - lat1) * degree / 2), dlon = sin((lon2 - lon1) * degree / 2);
	double h = dlat * dlat + cos(lat1 * degree) * cos(lat2 * degree) * dlon * dlon;

	return 2 * EARTH_KM * asin(sqrt(h > 1 ? 1 : h));
}

static void haversine_run(struct call *call)
{
	double *values = call->values;

	for (size_t row = 0; row < call->n; row++)
		values[row] = haversine(vector_real(&call->args[0], row), vector_real(&call->args[1], row),
		                        vector_real(&call->args[2], row), vector_real(&call->args[3], row));
}

static void pi_run(struct call *call)
{
	*(double *)call->values = PI;   /* no argument: one row */
}

CALL_MAP_2(add, double, double, double, x + y)
CALL_MAP_2(subtract, double, double, double, x - y)
CALL_MAP_2(multiply, double, double, double, x * y)
CALL_MAP_2(divide, double, double, double, x / y)
CALL_MAP_2(floor_divide, double, double, double, floor(x / y))
CALL_MAP_2(modulo_run, double, double, double, modulo(x, y))
CALL_MAP_2(power, double, double, double, pow(x, y))
CALL_MAP_2(atan2_run, double, double, double, atan2(x, y))
CALL_MAP_2(round_digits, double, int64_t, double, round_to(x, y))
CALL_MAP(negate, double, double, -x)
CALL_MAP(abs_run, double, double, fabs(x))
CALL_MAP(sqrt_run, double, double, sqrt(x))
CALL_MAP(exp_run, double, double, exp(x))
CALL_MAP(log_run, double, double, log(x))
CALL_MAP(log2_run, double, double, log2(x))
CALL_MAP(log10_run, double, double, log10(x))
CALL_MAP(log1p_run, double, double, log1p(x))
CALL_MAP(expm1_run, double, double, expm1(x))
CALL_MAP(floor_run, double, double, floor(x))
CALL_MAP(ceil_run, double, double, ceil(x))
CALL_MAP(round_run, double, double, round(x))
CALL_MAP(sign_int, int64_t, int64_t, (x > 0) - (x < 0))
CALL_MAP(sign_run, double, int64_t, (x > 0) - (x < 0))
CALL_MAP(sin_run, double, double, sin(x))
CALL_MAP(cos_run, double, double, cos(x))
CALL_MAP(tan_run, double, double, tan(x))
CALL_MAP(same_int, int64_t, int64_t, x)
CALL_MAP(same, double, double, x)
CALL_MAP(int_of_bool, uint8_t, int64_t, x)
CALL_MAP(real_of_int, int64_t, double, x)

const struct function widen_bool = { .name = "int", .takes = "b", .gives = 'i', .run = int_of_bool };
const struct function widen_int = { .name = "number", .takes = "i", .gives = 'r', .run = real_of_int };

const struct function functions_number[] = {
	{ "+", "ii", 'i', .run = add_int, .usage = "a + b", .help = "sum; of ints an int; true counts as 1, false as 0" },
	{ "+", "rr", 'r', .run = add },
	{ "-", "ii", 'i', .run = subtract_int, .usage = "a - b, -a", .help = "difference; of ints an int" },
	{ "-", "rr", 'r', .run = subtract },
	{ "-", "i", 'i', .run = negate_int },
	{ "-", "r", 'r', .run = negate },
	{ "*", "ii", 'i', .run = multiply_int, .usage = "a * b", .help = "product; of ints an int" },
	{ "*", "rr", 'r', .run = multiply },
	{ "/", "rr", 'r', .run = divide, .usage = "a / b", .help = "quotient, always a real" },
	{ "//", "ii", 'i', .run = floor_divide_int, .usage = "a // b", .help = "quotient rounded down; of ints an int" },
	{ "//", "rr", 'r', .run = floor_divide },
	{ "%", "ii", 'i', .run = modulo_int, .usage = "a % b", .help = "what a // b leaves, with the sign of b" },
	{ "%", "rr", 'r', .run = modulo_run },
	{ "^", "rr", 'r', .run = power, .usage = "a ^ b", .help = "power, always a real; 2 ^ 3 ^ 2 is 2 ^ 9, -2 ^ 2 is -4" },
	{ "abs", "i", 'i', .run = abs_int, .usage = "abs(x)", .help = "without the sign" },
	{ "abs", "r", 'r', .run = abs_run },
	{ "sign", "i", 'i', .run = sign_int, .usage = "sign(x)", .help = "-1, 0 or 1" },
	{ "sign", "r", 'i', .run = sign_run },
	{ "floor", "r", 'r', .run = floor_run, .usage = "floor(x)", .help = "rounded down" },
	{ "ceil", "r", 'r', .run = ceil_run, .usage = "ceil(x)", .help = "rounded up" },
	{ "round", "r", 'r', .run = round_run, .usage = "round(x)", .help = "to the nearest whole number, halves away from zero" },
	{ "round", "ri", 'r', .run = round_digits, .usage = "round(x, digits)", .help = "to so many digits behind the point" },
	{ "int", "i", 'i', .run = same_int, .usage = "int(x)", .help = "an int: a real cut off towards zero, true as 1, text if it is one" },
	{ "int", "r", 'i', .run = int_of_real },
	{ "number", "r", 'r', .run = same, .usage = "number(x)", .help = "a real: of an int, of text if it is a number" },
	{ "sqrt", "r", 'r', .run = sqrt_run, .usage = "sqrt(x)", .help = "square root" },
	{ "exp", "r", 'r', .run = exp_run, .usage = "exp(x)", .help = "e to the x" },
	{ "expm1", "r", 'r', .run = expm1_run, .usage = "expm1(x)", .help = "exp(x) - 1, exact near 0" },
	{ "log", "r", 'r', .run = log_run, .usage = "log(x)", .help = "natural logarithm" },
	{ "log2", "r", 'r', .run = log2_run, .usage = "log2(x)", .help = "logarithm to base 2" },
	{ "log10", "r", 'r', .run = log10_run, .usage = "log10(x)", .help = "logarithm to base 10" },
	{ "log1p", "r", 'r', .run = log1p_run, .usage = "log1p(x)", .help = "log(1 + x), exact near 0" },
	{ "sin", "r", 'r', .run = sin_run, .usage = "sin(x)", .help = "sine, of radians" },
	{ "cos", "r", 'r', .run = cos_run, .usage = "cos(x)", .help = "cosine, of radians" },
	{ "tan", "r", 'r', .run = tan_run, .usage = "tan(x)", .help = "tangent, of radians" },
	{ "atan2", "rr", 'r', .run = atan2_run, .usage = "atan2(y, x)", .help = "angle of the point x, y in radians" },
	{ "pi", "", 'r', .run = pi_run, .usage = "pi()", .help = "3.14159..." },
	{ "haversine", "rrrr", 'r', .run = haversine_run, .unit = "km", .usage = "haversine(lat1, lon1, lat2, lon2)",
	 .help = "km between two places in degrees, on a sphere of radius 6371.0088 km" },
	{ .name = NULL },
};
