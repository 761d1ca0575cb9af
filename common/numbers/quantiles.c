/* SPDX-License-Identifier: MIT */
/*
 * A double becomes an unsigned key of the same order. A range is a run of keys
 * that holds a wanted order statistic; its keys are kept, or, when they are too
 * many, counted in bins of equal width with each bin's smallest and largest key.
 * At the end of a pass each wanted rank is looked up in its range: among kept
 * keys by quickselect (Hoare 1961), or in a bin whose keys are all the same. Otherwise that bin
 * becomes a range of the next pass.
 *
 * The first pass has one range, 2^64 wide, and counts by 16 bits if it must; each
 * later one refines by 12, so the fifth counts single values.
 */
#include "quantiles.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { FIRST_BITS = 16, NEXT_BITS = 12, MAX_ROUNDS = 100 };

struct bin { uint64_t count, min, max; };

struct range {
	uint64_t first, last;           /* keys */
	uint64_t below;                 /* how many values lie before it */
	uint64_t count;                 /* values seen in it in this pass */
	uint64_t *kept;                 /* count keys, or */
	size_t room, limit;             /* of kept: now, at most */
	struct bin *bins;               /* 2^bits, each 2^shift wide */
	int bits, shift;
};

struct order { uint64_t rank, key; bool known; };      /* one wanted order statistic */

struct quantiles {
	double *p;
	size_t n_p, room;
	uint64_t n;                     /* all values; 0 in the first pass */
	struct range *ranges;           /* apart, ascending */
	size_t n_ranges;
	struct order *orders;           /* two for each p */
};

static uint64_t key_of(double value)
{
	uint64_t key;
	value += 0.0;                   /* -0.0 and 0.0 are one value */
	memcpy(&key, &value, sizeof key);
	return key >> 63 ? ~key : key | (uint64_t)1 << 63;
}

static double value_of(uint64_t key)
{
	double value;
	key = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
	memcpy(&value, &key, sizeof value);
	return value;
}

static void count_key(struct range *range, uint64_t key)
{
	struct bin *bin = &range->bins[(key - range->first) >> range->shift];
	if (bin->count++ == 0)
		bin->min = bin->max = key;
	else if (key < bin->min)
		bin->min = key;
	else if (key > bin->max)
		bin->max = key;
}

static void start_bins(struct range *range)
{
	range->bins = mem_new((size_t)1 << range->bits, sizeof *range->bins);
	for (uint64_t i = 0; i < range->count; i++)
		count_key(range, range->kept[i]);
	free(range->kept);
	range->kept = NULL;
}

static void add_key(struct range *range, uint64_t key)
{
	if (!range->bins && range->count == range->limit)
		start_bins(range);
	if (range->bins) {
		count_key(range, key);
	} else {
		array_grow(range->kept, range->count, range->room);
		range->kept[range->count] = key;
	}
	range->count++;
}

static void release_ranges(struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(ranges[i].kept);
		free(ranges[i].bins);
	}
	free(ranges);
}

struct quantiles *quantiles_new(const double *p, size_t n_p, size_t room)
{
	struct quantiles *quantiles = mem_new(1, sizeof *quantiles);
	quantiles->p = mem_array(n_p + 1, sizeof *p);
	memcpy(quantiles->p, p, n_p * sizeof *p);
	quantiles->n_p = n_p;
	quantiles->room = room;
	quantiles->orders = mem_new(2 * n_p + 1, sizeof *quantiles->orders);
	quantiles->ranges = mem_new(1, sizeof *quantiles->ranges);
	quantiles->n_ranges = 1;
	quantiles->ranges[0] = (struct range){ .last = UINT64_MAX, .limit = room, .bits = FIRST_BITS, .shift = 64 - FIRST_BITS };
	return quantiles;
}

void quantiles_free(struct quantiles *quantiles)
{
	if (!quantiles)
		return;
	release_ranges(quantiles->ranges, quantiles->n_ranges);
	free(quantiles->orders);
	free(quantiles->p);
	free(quantiles);
}

void quantiles_add(struct quantiles *quantiles, double value)
{
	uint64_t key = key_of(value);
	size_t low = 0, high = quantiles->n_ranges;
	while (low < high) {            /* the first range that does not end before the key */
		size_t middle = (low + high) / 2;
		if (quantiles->ranges[middle].last < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < quantiles->n_ranges && quantiles->ranges[low].first <= key)
		add_key(&quantiles->ranges[low], key);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t middle_of(uint64_t a, uint64_t b, uint64_t c)
{
	if (a > b)
		return a < c ? a : b > c ? b : c;
	return b < c ? b : a > c ? a : c;
}

/* The rank-th smallest of n keys, which are moved about. Should the pivots be bad all the time, what is left is sorted. */
static uint64_t select_key(uint64_t *keys, size_t n, size_t rank)
{
	size_t low = 0, high = n - 1;
	for (int round = 0; low < high; round++) {
		uint64_t pivot = middle_of(keys[low], keys[low + (high - low) / 2], keys[high]);
		size_t i = low, j = high;
		if (round == MAX_ROUNDS) {
			qsort(keys + low, high - low + 1, sizeof *keys, compare_keys);
			break;
		}
		for (;; i++, j--) {
			while (keys[i] < pivot)
				i++;
			while (keys[j] > pivot)
				j--;
			if (i >= j)
				break;
			uint64_t swap = keys[i];
			keys[i] = keys[j];
			keys[j] = swap;
		}
		/* Up to j nothing is above the pivot, from i on nothing below; if they met, it is at its place. */
		if (i == j && rank == i)
			break;
		if (rank < i)
			high = i - 1;
		else
			low = i == j ? i + 1 : i;
	}
	return keys[rank];
}

/* The bin in which the rank-th value of the range lies; *before: how many values of the range lie before that bin. */
static size_t bin_of(const struct range *range, uint64_t rank, uint64_t *before)
{
	size_t i = 0;
	*before = 0;
	while (*before + range->bins[i].count <= rank)
		*before += range->bins[i++].count;
	return i;
}

/* Looks up one order statistic in the pass that ended; where it is not known yet, its bin joins `next`, unless it is there. */
static void look_up(struct order *order, const struct range *range, struct range *next, size_t *n_next)
{
	uint64_t rank = order->rank - range->below, before;
	order->known = true;
	if (!range->bins) {
		order->key = select_key(range->kept, range->count, rank);
		return;
	}
	size_t i = bin_of(range, rank, &before);
	const struct bin *bin = &range->bins[i];
	order->key = bin->min;
	if (bin->min == bin->max)
		return;
	order->known = false;
	uint64_t first = range->first + ((uint64_t)i << range->shift);
	for (size_t k = 0; k < *n_next; k++)
		if (next[k].first == first)
			return;
	next[(*n_next)++] = (struct range){
		.first = first, .last = first + (((uint64_t)1 << range->shift) - 1), .below = range->below + before,
		.limit = bin->count, .bits = NEXT_BITS, .shift = range->shift - NEXT_BITS,
	};
}

static int compare_ranges(const void *a, const void *b)
{
	return compare_keys(&((const struct range *)a)->first, &((const struct range *)b)->first);
}

/* Looks every order statistic up; the ranges of the next pass replace those of this one. True if none is needed. */
static bool next_ranges(struct quantiles *quantiles)
{
	struct range *next = mem_new(2 * quantiles->n_p + 1, sizeof *next);
	size_t n_next = 0;
	for (struct order *order = quantiles->orders; order < quantiles->orders + 2 * quantiles->n_p; order++) {
		const struct range *range = quantiles->ranges;
		while (!order->known && order->rank - range->below >= range->count)
			range++;
		if (!order->known)
			look_up(order, range, next, &n_next);
	}
	/* A range is kept if it fits into its share of the room, else counted from its first value on. */
	qsort(next, n_next, sizeof *next, compare_ranges);
	for (size_t i = 0; i < n_next; i++)
		if (next[i].limit > quantiles->room / n_next)
			next[i].limit = 0;
	release_ranges(quantiles->ranges, quantiles->n_ranges);
	quantiles->ranges = next;
	quantiles->n_ranges = n_next;
	return n_next == 0;
}

/* numpy's: from the nearer end, so that t = 1 gives b exactly. */
static double between(double a, double b, double t)
{
	return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

bool quantiles_finish(struct quantiles *quantiles, double *results)
{
	if (quantiles->n == 0) {
		quantiles->n = quantiles->ranges[0].count;
		if (quantiles->n == 0) {
			for (size_t i = 0; i < quantiles->n_p; i++)
				results[i] = NAN;
			return true;
		}
		for (size_t i = 0; i < quantiles->n_p; i++) {
			uint64_t rank = (uint64_t)(quantiles->p[i] * (double)(quantiles->n - 1));
			quantiles->orders[2 * i].rank = rank;
			quantiles->orders[2 * i + 1].rank = rank + (rank + 1 < quantiles->n);
		}
	}
	if (!next_ranges(quantiles))
		return false;
	for (size_t i = 0; i < quantiles->n_p; i++) {
		const struct order *order = &quantiles->orders[2 * i];
		double at = quantiles->p[i] * (double)(quantiles->n - 1);
		results[i] = between(value_of(order[0].key), value_of(order[1].key), at - (double)order[0].rank);
	}
	return true;
}
