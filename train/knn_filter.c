/* SPDX-License-Identifier: MIT */
/*
 * With rows y and a query q, both less the rows' means and in a unit in which no row
 * is larger than 1, |q - y|^2 <= worst says
 *
 *     q y - |y|^2 (1 - e) / 2  >=  (|q|^2 (1 - e) - worst) / 2
 *
 * where e is more than what rounding to float32 can do: a product of F terms is off by
 * at most (F + 2) 2^-24 |q| |y|, and |q| |y| <= (|q|^2 + |y|^2) / 2. The left side is
 * reckoned in float32 for 16 rows and 4 queries at once; what does not reach the right
 * side is out. About k log(n / k) rows do, and are measured in double.
 *
 * Of cosine rows and query have length 1 instead, and 1 - q y <= worst says q y >= 1 - worst - e.
 *
 * A product costs a multiplication and an addition in float32, where a distance in double takes
 * six times as long: four features of four rows, and a subtraction more.
 */
#include "knn.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { QUERIES = 4, HALVES = KNN_GROUP / 8 };
static const double LARGE = 1e30;       /* of squares in that unit: float32 has room for no more */

typedef int vec8m __attribute__((vector_size(32)));

/* The product of two squares has no room where that of their roots has. */
static double both_lengths(double a, double b)
{
	return a * b >= DBL_MIN && isfinite(a * b) ? sqrt(a * b) : sqrt(a) * sqrt(b);
}

static double distance(const struct knn_index *index, const double *query, double square, size_t row)
{
	const double *y = &index->rows[row * index->n_features];
	double sum = 0;

	if (index->metric == KNN_EUCLIDEAN) {
		for (size_t j = 0; j < index->n_features; j++)
			sum += (y[j] - query[j]) * (y[j] - query[j]);
		return sum;
	}
	for (size_t j = 0; j < index->n_features; j++)
		sum += y[j] * query[j];
	square = both_lengths(square, index->squares[row]);
	if (isinf(square))
		return INFINITY;
	sum = 1 - (square > 0 ? sum / square : 0);
	return sum < 0 ? 0 : sum > 2 ? 2 : sum;
}

/* One row, or query, as products see it: n numbers, `step` apart. Returns the sum of their squares. */
static double make_small(const struct knn_index *index, const double *from, size_t step, float *to)
{
	double square = 0, length = 0;

	if (index->metric == KNN_COSINE)
		for (size_t j = 0; j < index->n_features; j++)
			length += from[j] * from[j];
	for (size_t j = 0; j < index->n_features; j++) {
		double value = index->centre ? (from[j] - index->centre[j]) * index->unit : length > 0 ? from[j] / sqrt(length) : 0;

		to[j * step] = (float)value;
		square += value * value;
	}
	return square;
}

/* ---- rows ---- */

static void find_centre(struct knn_index *index)
{
	size_t n = index->n_features;
	double largest = 0, share = 1 / (double)index->n_rows;

	index->centre = mem_new(n, sizeof *index->centre);
	for (size_t row = 0; row < index->n_rows; row++)
		for (size_t j = 0; j < n; j++)
			index->centre[j] += index->rows[row * n + j] * share;
	for (size_t row = 0; row < index->n_rows; row++)
		for (size_t j = 0; j < n; j++)
			largest = fmax(largest, fabs(index->rows[row * n + j] - index->centre[j]));
	index->unit = largest > 0 && isfinite(1 / largest) ? 1 / largest : 1;
}

void knn_filter_build(struct knn_index *index)
{
	size_t n = index->n_features, n_places = (index->n_rows + KNN_GROUP - 1) / KNN_GROUP * KNN_GROUP;

	if (index->metric == KNN_EUCLIDEAN)
		find_centre(index);
	else
		index->squares = mem_new(index->n_rows, sizeof *index->squares);
	index->slack = 4 * ((double)n + 16) * 0x1p-24;
	index->small = mem_new(n_places * n, sizeof *index->small);
	index->halves = mem_new(n_places, sizeof *index->halves);
	for (size_t place = 0; place < n_places; place++) {
		float *to = &index->small[place / KNN_GROUP * n * KNN_GROUP + place % KNN_GROUP];
		double square;

		if (place >= index->n_rows) {
			index->halves[place] = INFINITY;
			continue;
		}
		square = make_small(index, &index->rows[place * n], KNN_GROUP, to);
		if (index->metric == KNN_EUCLIDEAN)
			index->halves[place] = (float)(square * (1 - index->slack) / 2);
		else
			for (size_t j = 0; j < n; j++)
				index->squares[place] += index->rows[place * n + j] * index->rows[place * n + j];
	}
}

/* ---- searching ---- */

struct filtered {
	const double *query;
	double square;                  /* of the query, and as products see it */
	double small;
	float reach;                    /* what a product must reach */
};

/* As far as the k-th nearest so far allows; everything goes where float32 has no room. */
static void set_reach(const struct knn_index *index, struct filtered *filtered, double worst)
{
	double reach;

	if (index->metric == KNN_EUCLIDEAN) {
		worst *= index->unit * index->unit;
		reach = (filtered->small * (1 - index->slack) - worst * (1 + index->slack)) / 2;
	} else {
		reach = 1 - worst - index->slack;
	}
	filtered->reach = filtered->small < LARGE && reach > -LARGE ? (float)(reach - fabs(reach) * 0x1p-22 - 0x1p-100) : -INFINITY;
}

/* Products of 16 rows and 4 queries, less the rows' halves. small: a group; packed: of each feature the four queries. */
static INLINE void multiply(const float *small, const float *halves, const float *packed, size_t n_features, vec8f products[QUERIES][HALVES])
{
	for (size_t q = 0; q < QUERIES; q++)
		for (size_t h = 0; h < HALVES; h++)
			products[q][h] = -*(const vec8f *)&halves[8 * h];
	for (size_t j = 0; j < n_features; j++, small += KNN_GROUP, packed += QUERIES)
		for (size_t q = 0; q < QUERIES; q++)
			for (size_t h = 0; h < HALVES; h++)
				products[q][h] += *(const vec8f *)&small[8 * h] * packed[q];
}

static void measure(const struct knn_index *index, const vec8f *products, size_t first, struct filtered *filtered, struct nearest *nearest)
{
	for (size_t i = 0; i < KNN_GROUP && first + i < index->n_rows; i++)
		if (!(products[i / 8][i % 8] < filtered->reach)) {
			nearest_offer(nearest, distance(index, filtered->query, filtered->square, first + i), (uint32_t)(first + i));
			set_reach(index, filtered, nearest->worst);
		}
}

WIDE static void pass(const struct knn_index *index, const float *packed, struct filtered *filtered, size_t n, struct nearest *nearest)
{
	size_t n_features = index->n_features;

	for (size_t first = 0; first < index->n_rows; first += KNN_GROUP)
		for (size_t i = 0; i < n; i += QUERIES) {
			vec8f products[QUERIES][HALVES];

			multiply(&index->small[first * n_features], &index->halves[first], &packed[i * n_features], n_features, products);
			for (size_t q = 0; q < QUERIES && i + q < n; q++) {
				vec8m out = (products[q][0] < filtered[i + q].reach) & (products[q][1] < filtered[i + q].reach);
				vec4l both = (vec4l)out;

				if ((both[0] & both[1] & both[2] & both[3]) != -1)
					measure(index, products[q], first, &filtered[i + q], &nearest[i + q]);
			}
		}
}

void knn_filter_search(const struct knn_index *index, const double *queries, size_t n, struct nearest *nearest)
{
	size_t n_features = index->n_features;
	float *packed = mem_new((n + QUERIES) * n_features + 1, sizeof *packed);
	struct filtered *filtered = mem_new(n + 1, sizeof *filtered);

	for (size_t i = 0; i < n; i++) {
		filtered[i].query = &queries[i * n_features];
		filtered[i].small = make_small(index, filtered[i].query, QUERIES, &packed[i / QUERIES * QUERIES * n_features + i % QUERIES]);
		for (size_t j = 0; j < n_features; j++)
			filtered[i].square += filtered[i].query[j] * filtered[i].query[j];
		set_reach(index, &filtered[i], INFINITY);
	}
	pass(index, packed, filtered, n, nearest);
	free(packed);
	free(filtered);
}
