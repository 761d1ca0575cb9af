/* SPDX-License-Identifier: MIT */
/*
 * The loops are written once, for vectors of 8 and of 4 doubles. Lanes do not meet in a sum,
 * so all come to the same: of each lane the largest so far is kept, with its number (as a
 * double), the later one of equals, and in the end the largest lane, with the highest number.
 */
#include "svm_steps.h"

#include <math.h>

#include "vector.h"

typedef double lanes_4d __attribute__((vector_size(32), aligned(8), may_alias));
typedef double lanes_8d __attribute__((vector_size(64), aligned(8), may_alias));
typedef long long lanes_4l __attribute__((vector_size(32)));
typedef long long lanes_8l __attribute__((vector_size(64)));
typedef float lanes_4f __attribute__((vector_size(16), aligned(4), may_alias));
typedef float lanes_8f __attribute__((vector_size(32), aligned(4), may_alias));

enum { MOST_LANES = 8 };

static INLINE void take_first(double value, size_t at, struct svm_first *first)
{
	if (value > -INFINITY && value >= first->value) {
		first->value = value;
		first->at = at;
	}
}

/* The largest lane, of equals that of the highest number. */
static INLINE size_t best_lane(const double *values, const double *at, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (values[i] > values[best] || (values[i] == values[best] && at[i] > at[best]))
			best = i;
	return best;
}

/* What the step with a variable wins; below 0: it is none to go with. */
static INLINE double gain_of(double f, double diagonal, float k_ij, const struct svm_second *second)
{
	double difference = second->first + f, slope = second->diagonal + diagonal - 2.0 * k_ij;

	return difference > 0 ? difference * difference / (slope > 0 ? slope : SVM_TAU) : -1;
}

static INLINE void take_second(double gain, size_t at, struct svm_second *second)
{
	if (gain >= 0 && (second->at == SVM_NONE || gain >= second->gain)) {
		second->gain = gain;
		second->at = at;
	}
}

#define CHOOSE(vecd, vecl, which, yes, no) ((vecd)(((which) & (vecl)(yes)) | (~(which) & (vecl)(no))))

#define LANES_TAKE(vecd, vecl, value) do { \
	vecl takes = (value) >= best; \
	best = CHOOSE(vecd, vecl, takes, value, best); \
	best_at = CHOOSE(vecd, vecl, takes, now_at, best_at); \
	now_at += n_lanes; \
} while (0)

#define LANES_START(vecd, least, from) \
	const double n_lanes = sizeof(vecd) / sizeof(double); \
	const size_t lanes = sizeof(vecd) / sizeof(double); \
	vecd best = (vecd){ 0 } + (least), best_at = { 0 }, now_at = { 0 }; \
	double bests[MOST_LANES], places[MOST_LANES]; \
	size_t k = 0, lane; \
	for (size_t i = 0; i < lanes; i++) \
		now_at[i] = (double)((from) + i)

/* All lanes stand behind what was taken before. */
#define LANES_END(vecd) do { \
	*(vecd *)bests = best; \
	*(vecd *)places = best_at; \
	lane = best_lane(bests, places, lanes); \
} while (0)

#define FIND_FIRST(name, target, vecd, vecl) \
target static void name(const double *f, const double *up, const double *side, size_t n, size_t from, struct svm_first *first) \
{ \
	LANES_START(vecd, -INFINITY, from); \
	for (; k + lanes <= n; k += lanes) { \
		vecd value = *(const vecd *)&up[k] - *(const vecd *)&f[k]; \
\
		if (side) \
			value += *(const vecd *)&side[k]; \
		LANES_TAKE(vecd, vecl, value); \
	} \
	LANES_END(vecd); \
	take_first(bests[lane], (size_t)places[lane], first); \
	for (; k < n; k++) \
		take_first(up[k] - f[k] + (side ? side[k] : 0), from + k, first); \
}

#define MOVE(name, target, vecd, vecl, vecf) \
target static void name(double *restrict f, const double *restrict up, const float *restrict row_i, const float *restrict row_j, double a, double b, size_t n, \
                        size_t from, struct svm_first *first) \
{ \
	LANES_START(vecd, -INFINITY, from); \
	for (; k + lanes <= n; k += lanes) { \
		vecd of_i = __builtin_convertvector(*(const vecf *)&row_i[k], vecd), of_j = __builtin_convertvector(*(const vecf *)&row_j[k], vecd); \
		vecd moved = *(const vecd *)&f[k] + (of_i * a + of_j * b), value = *(const vecd *)&up[k] - moved; \
\
		*(vecd *)&f[k] = moved; \
		LANES_TAKE(vecd, vecl, value); \
	} \
	LANES_END(vecd); \
	take_first(bests[lane], (size_t)places[lane], first); \
	for (; k < n; k++) { \
		f[k] += row_i[k] * a + row_j[k] * b; \
		take_first(up[k] - f[k], from + k, first); \
	} \
}

#define FIND_SECOND(name, target, vecd, vecl, vecf) \
target static void name(const double *f, const double *low, const double *side, const double *diagonals, const float *row, size_t n, size_t from, \
                        struct svm_second *second) \
{ \
	vecd most = (vecd){ 0 } - INFINITY, tau = (vecd){ 0 } + SVM_TAU, none = (vecd){ 0 } - 1; \
	double largest[MOST_LANES]; \
	LANES_START(vecd, -0.5, from); \
\
	for (; k + lanes <= n; k += lanes) { \
		vecd at = *(const vecd *)&f[k] + *(const vecd *)&low[k] + (side ? *(const vecd *)&side[k] : (vecd){ 0 }), difference = second->first + at; \
		vecd slope = second->diagonal + *(const vecd *)&diagonals[k] - 2 * __builtin_convertvector(*(const vecf *)&row[k], vecd), gain; \
		vecl larger = at >= most, steep = slope > 0, goes = difference > 0; \
\
		most = CHOOSE(vecd, vecl, larger, at, most); \
		slope = CHOOSE(vecd, vecl, steep, slope, tau); \
		gain = difference * difference / slope; \
		gain = CHOOSE(vecd, vecl, goes, gain, none); \
		LANES_TAKE(vecd, vecl, gain); \
	} \
	LANES_END(vecd); \
	take_second(bests[lane], (size_t)places[lane], second); \
	*(vecd *)largest = most; \
	for (size_t i = 0; i < lanes; i++) \
		second->most = largest[i] > second->most ? largest[i] : second->most; \
	for (; k < n; k++) { \
		double at = f[k] + low[k] + (side ? side[k] : 0); \
\
		second->most = at > second->most ? at : second->most; \
		take_second(gain_of(at, diagonals[k], row[k], second), from + k, second); \
	} \
}

FIND_FIRST(find_first_2, , lanes_4d, lanes_4l)
MOVE(move_2, , lanes_4d, lanes_4l, lanes_4f)
FIND_SECOND(find_second_2, , lanes_4d, lanes_4l, lanes_4f)
#ifdef HAS_AVX512
FIND_FIRST(find_first_4, AVX2, lanes_4d, lanes_4l)
MOVE(move_4, AVX2, lanes_4d, lanes_4l, lanes_4f)
FIND_SECOND(find_second_4, AVX2, lanes_4d, lanes_4l, lanes_4f)
FIND_FIRST(find_first_8, AVX512, lanes_8d, lanes_8l)
MOVE(move_8, AVX512, lanes_8d, lanes_8l, lanes_8f)
FIND_SECOND(find_second_8, AVX512, lanes_8d, lanes_8l, lanes_8f)
#define DISPATCH(name, ...) do { \
	if (cpu_lanes() >= CPU_AVX512) \
		name##_8(__VA_ARGS__); \
	else if (cpu_lanes() >= CPU_AVX2) \
		name##_4(__VA_ARGS__); \
	else \
		name##_2(__VA_ARGS__); \
} while (0)
#else
#define DISPATCH(name, ...) name##_2(__VA_ARGS__)
#endif

void svm_find_first(const double *f, const double *up, const double *side, size_t n, size_t from, struct svm_first *first)
{
	DISPATCH(find_first, f, up, side, n, from, first);
}

void svm_move(double *f, const double *up, const float *row_i, const float *row_j, double a, double b, size_t n, size_t from, struct svm_first *first)
{
	DISPATCH(move, f, up, row_i, row_j, a, b, n, from, first);
}

void svm_find_second(const double *f, const double *low, const double *side, const double *diagonals, const float *row, size_t n, size_t from,
                     struct svm_second *second)
{
	DISPATCH(find_second, f, low, side, diagonals, row, n, from, second);
}

WIDEST void svm_add(double *restrict to, const float *restrict row, double a, size_t n)
{
	for (size_t k = 0; k < n; k++)
		to[k] += a * row[k];
}

WIDEST void svm_gather(const float *restrict row, const int32_t *restrict columns, size_t n, float *restrict to)
{
	for (size_t k = 0; k < n; k++)
		to[k] = row[columns[k]];
}
