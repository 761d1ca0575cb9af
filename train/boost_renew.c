/* SPDX-License-Identifier: MIT */
#include "boost_renew.h"

#include <math.h>
#include <stdlib.h>

/* Pairs in ascending order of value, by Hoare's partition, as far as the wanted place asks: the part that does not hold it is left as it is.
 * `weight` may be NULL. Behind it values[k] is the k-th, what is less lies before it, what is more behind. */
static void swap(float *values, float *weight, size_t a, size_t b)
{
	float value = values[a];

	values[a] = values[b];
	values[b] = value;
	if (weight) {
		value = weight[a];
		weight[a] = weight[b];
		weight[b] = value;
	}
}

static float middle_of(float a, float b, float c)
{
	float low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

/* values[from .. to): those up to `mid` lie before it, those above behind, at least one on each side. */
static size_t divide(float *values, float *weight, size_t from, size_t to)
{
	float pivot = middle_of(values[from], values[from + (to - from) / 2], values[to - 1]);
	size_t low = from, high = to - 1;

	for (;;) {
		while (values[low] < pivot)
			low++;
		while (values[high] > pivot)
			high--;
		if (low >= high)
			return low == from ? from + 1 : low;
		swap(values, weight, low, high);
		low++;
		high--;
	}
}

static float kth(float *values, size_t n, size_t k)
{
	size_t from = 0, to = n;

	while (to - from > 1) {
		size_t mid = divide(values, NULL, from, to);

		if (k < mid)
			to = mid;
		else
			from = mid;
	}
	return values[k];
}

/* Halves the range until one value is left, with what weighs less before it. */
static float by_weight(float *values, float *weight, size_t n, double wanted)
{
	size_t from = 0, to = n;
	double before = 0;

	while (to - from > 1) {
		size_t mid = divide(values, weight, from, to);
		double part = 0;

		for (size_t i = from; i < mid; i++)
			part += weight[i];
		if (before + part >= wanted) {
			to = mid;
		} else {
			before += part;
			from = mid;
		}
	}
	return values[from];
}

double residual_quantile(double alpha, const uint32_t *rows, size_t n, const float *y, const float *scores, const float *weight, float *space,
                         float *space_weight)
{
	double all = 0, place = alpha * (double)(n - 1), low;
	size_t k = (size_t)place;
	float next;

	for (size_t i = 0; i < n; i++) {
		size_t row = rows ? rows[i] : i;

		space[i] = scores ? y[row] - scores[row] : y[row];
		if (weight) {
			space_weight[i] = weight[row];
			all += weight[row];
		}
	}
	if (weight)
		return by_weight(space, space_weight, n, alpha * all);
	low = kth(space, n, k);
	if (k + 1 >= n || place == (double)k)
		return low;
	next = INFINITY;
	for (size_t i = k + 1; i < n; i++)
		next = space[i] < next ? space[i] : next;
	return low + (place - (double)k) * (next - low);
}
