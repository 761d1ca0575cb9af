/* SPDX-License-Identifier: MIT */
/*
 * A double becomes an unsigned key of the same order. A range is a run of keys
 * that holds a wanted order statistic; its keys are kept or, when they are too many,
 * counted in bins (key_range.h). At the end of a pass each wanted rank is looked up in
 * its range: among kept keys by counting, or in a bin whose keys are all the same. Otherwise the
 * keys that share the leading bits of the bin's smallest and largest become a range of the next pass.
 *
 * The first pass has one range, 2^64 wide, and counts by 16 bits if it must; each
 * later one refines by 12, so the fifth counts single values. Bins take no more than
 * the room for values, or 384 bytes where that is more: with little room, that of one of
 * thousands of columns, they are fewer, 4 bits at least, and passes more.
 */
#include "quantiles.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "key_range.h"
#include "memory.h"
#include "order_key.h"

enum { FIRST_BITS = 16, NEXT_BITS = 12, LEAST_BITS = 4 };

struct order { uint64_t rank, key; bool known; };      /* one wanted order statistic */

struct quantiles {
	double *p;
	size_t n_p, room;
	uint64_t n;                     /* all values; 0 in the first pass */
	struct range *ranges;           /* apart, ascending */
	size_t n_ranges;
	struct order *orders;           /* two for each p */
};

static void release_ranges(struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		range_release(&ranges[i]);
	free(ranges);
}

/* Of bins that count `width` bits of keys; `room`: values that could be kept instead. */
static int bits_of_room(uint64_t room, int most, int width)
{
	int bits = most;

	while (bits > LEAST_BITS && sizeof(struct bin) << bits > room * sizeof(uint64_t))
		bits--;
	return bits < width ? bits : width;
}

struct quantiles *quantiles_new(const double *p, size_t n_p, size_t room)
{
	int bits = bits_of_room(room, FIRST_BITS, 64);

	struct quantiles *quantiles = mem_new(1, sizeof *quantiles);

	quantiles->p = mem_array(n_p + 1, sizeof *p);
	memcpy(quantiles->p, p, n_p * sizeof *p);
	quantiles->n_p = n_p;
	quantiles->room = room;
	quantiles->orders = mem_new(2 * n_p + 1, sizeof *quantiles->orders);
	quantiles->ranges = mem_new(1, sizeof *quantiles->ranges);
	quantiles->n_ranges = 1;
	quantiles->ranges[0] = (struct range){ .last = UINT64_MAX, .limit = room, .bits = bits, .shift = 64 - bits };
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

/* NULL: the key is in none. */
static struct range *range_of(const struct quantiles *quantiles, uint64_t key)
{
	size_t low = 0, high = quantiles->n_ranges;

	while (low < high) {            /* the first range that does not end before the key */
		size_t middle = (low + high) / 2;

		if (quantiles->ranges[middle].last < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < quantiles->n_ranges && quantiles->ranges[low].first <= key ? &quantiles->ranges[low] : NULL;
}

void quantiles_add(struct quantiles *quantiles, double value)
{
	uint64_t key = order_key(value);
	struct range *range = range_of(quantiles, key);

	if (range)
		range_add(range, key);
}

void quantiles_add_times(struct quantiles *quantiles, double value, uint64_t times)
{
	uint64_t key = order_key(value);
	struct range *range = range_of(quantiles, key);

	if (range)
		range_add_times(range, key, times);
}

void quantiles_add_all(struct quantiles *quantiles, const double *values, size_t n)
{
	if (quantiles->n_ranges == 1 && quantiles->ranges[0].first == 0 && quantiles->ranges[0].last == UINT64_MAX)
		range_add_values(&quantiles->ranges[0], values, n);
	else
		for (size_t i = 0; quantiles->n_ranges && i < n; i++)
			quantiles_add(quantiles, values[i]);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
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

/* Looks up one order statistic in the pass that ended; where it is not known yet, its bin joins `next`, unless it is there. neighbour: one
 * of the same range that was looked up before, or NULL. */
static void look_up(struct order *order, const struct order *neighbour, const struct range *range, struct range *next, size_t *n_next)
{
	uint64_t rank = order->rank - range->below, before;
	size_t i;
	const struct bin *bin;
	uint64_t first;
	int shift;

	order->known = true;
	if (!range->bins) {
		order->key = !neighbour || order->rank - neighbour->rank > 1 ? range_select(range, rank)
			: order->rank == neighbour->rank ? neighbour->key : range_behind(range, rank - 1, neighbour->key);
		return;
	}
	i = bin_of(range, rank, &before);
	bin = &range->bins[i];
	order->key = bin->min;
	if (bin->min == bin->max)
		return;
	order->known = false;
	shift = 64 - __builtin_clzll(bin->min ^ bin->max);
	first = bin->min >> shift << shift;
	for (size_t k = 0; k < *n_next; k++)
		if (next[k].first == first)
			return;
	next[(*n_next)++] = (struct range){
		.first = first, .last = first + (((uint64_t)1 << shift) - 1), .below = range->below + before,
		.limit = bin->count, .shift = shift,
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
	const struct order *last = NULL;
	size_t n_next = 0, range_of_last = 0;

	for (struct order *order = quantiles->orders; order < quantiles->orders + 2 * quantiles->n_p; order++) {
		size_t i = 0;

		while (i < quantiles->n_ranges && order->rank - quantiles->ranges[i].below >= quantiles->ranges[i].count)
			i++;
		if (order->known || i == quantiles->n_ranges)   /* there is no range only if other values came than in the pass before */
			continue;
		look_up(order, last && range_of_last == i ? last : NULL, &quantiles->ranges[i], next, &n_next);
		last = order;
		range_of_last = i;
	}
	/* A range is kept if it fits into its share of the room, else counted from its first value on. */
	qsort(next, n_next, sizeof *next, compare_ranges);
	for (size_t i = 0; i < n_next; i++) {
		next[i].bits = bits_of_room(quantiles->room / n_next, NEXT_BITS, next[i].shift);
		next[i].shift -= next[i].bits;
		if (next[i].limit > quantiles->room / n_next)
			next[i].limit = 0;
	}
	release_ranges(quantiles->ranges, quantiles->n_ranges);
	quantiles->ranges = mem_resize(next, n_next + 1, sizeof *next);
	quantiles->n_ranges = n_next;
	return n_next == 0;
}

/* numpy's: from the nearer end, so that t = 1 gives b exactly. */
static double between(double a, double b, double t)
{
	if (a == b)
		return a;               /* both may be infinite */
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

		results[i] = between(order_value(order[0].key), order_value(order[1].key), at - (double)order[0].rank);
	}
	return true;
}

/* ---- merging ---- */

bool quantiles_merge(struct quantiles *to, struct quantiles *from)
{
	if (to->n_p != from->n_p || (to->n_p && memcmp(to->p, from->p, to->n_p * sizeof *to->p) != 0) || to->n != from->n ||
	    to->n_ranges != from->n_ranges)
		return false;
	for (size_t i = 0; i < to->n_ranges; i++) {
		const struct range *one = &to->ranges[i], *other = &from->ranges[i];

		if (one->first != other->first || one->last != other->last || one->below != other->below)
			return false;
	}
	for (size_t i = 0; i < to->n_ranges; i++)
		range_merge(&to->ranges[i], &from->ranges[i]);
	return true;
}

/* ---- as bytes ---- */

/*
 *     [p, n, [rank, key, known]..., [first, shift, bits, below, limit, kept or nil, bins]...]
 *
 * in four arrays; p, kept and bins (index, count, min, max of those that hold something) are bins of 8 bytes each.
 */
enum { BIN_PARTS = 4, ORDER_PARTS = 3, RANGE_PARTS = 7 };

static void pack_range(const struct range *range, struct buffer *to);

/* Each of them as often as it came would be more than the room holds. */
static void pack_few_in_bins(const struct range *range, struct buffer *to)
{
	struct range binned = { .first = range->first, .last = range->last, .below = range->below, .limit = range->limit, .bits = range->bits,
	                        .shift = range->shift };

	range_start_bins(&binned);
	for (size_t i = 0; i < KEY_SLOTS; i++)
		range_add_times(&binned, range->few->slots[i].key, range->few->slots[i].count);
	pack_range(&binned, to);
	range_release(&binned);
}

static void pack_range(const struct range *range, struct buffer *to)
{
	struct buffer bins = BUFFER_INIT, keys = BUFFER_INIT;

	if (range->few && range->count > range->limit) {
		pack_few_in_bins(range, to);
		return;
	}
	for (size_t c = 0; c < range->kept.n; c++)
		buffer_add(&keys, range->kept.chunks[c]->keys, range->kept.chunks[c]->n * sizeof(uint64_t));
	for (size_t i = 0; range->few && i < KEY_SLOTS; i++)
		for (uint64_t k = 0; k < range->few->slots[i].count; k++)
			buffer_add(&keys, &range->few->slots[i].key, sizeof(uint64_t));
	for (uint64_t i = 0; range->bins && i < (uint64_t)1 << range->bits; i++) {
		const struct bin *bin = &range->bins[i];
		const uint64_t parts[BIN_PARTS] = { i, bin->count, bin->min, bin->max };

		if (bin->count)
			buffer_add(&bins, parts, sizeof parts);
	}
	pack_array(to, RANGE_PARTS);
	pack_uint(to, range->first);
	pack_uint(to, (uint64_t)range->shift);
	pack_uint(to, (uint64_t)range->bits);
	pack_uint(to, range->below);
	pack_uint(to, range->limit);
	pack_bytes(to, keys.data ? (const void *)keys.data : "", keys.size);
	pack_bytes(to, bins.data ? (const void *)bins.data : "", bins.size);
	buffer_free(&bins);
	buffer_free(&keys);
}

void quantiles_pack(const struct quantiles *quantiles, struct buffer *to)
{
	pack_array(to, 4);
	pack_reals(to, quantiles->p, quantiles->n_p);
	pack_uint(to, quantiles->n);
	pack_array(to, 2 * quantiles->n_p);
	for (size_t i = 0; i < 2 * quantiles->n_p; i++) {
		pack_array(to, ORDER_PARTS);
		pack_uint(to, quantiles->orders[i].rank);
		pack_uint(to, quantiles->orders[i].key);
		pack_bool(to, quantiles->orders[i].known);
	}
	pack_array(to, quantiles->n_ranges);
	for (size_t i = 0; i < quantiles->n_ranges; i++)
		pack_range(&quantiles->ranges[i], to);
}

/* The bytes of a bin of things of `size` bytes; NULL: it is none. */
static const char *bin_read(object from, size_t size, size_t *n)
{
	*n = 0;
	if (!from || from->type != MSGPACK_OBJECT_BIN || from->via.bin.size % size != 0)
		return NULL;
	*n = from->via.bin.size / size;
	return from->via.bin.ptr;
}

static bool unpack_bins(struct range *range, const char *bytes, size_t n)
{
	uint64_t parts[BIN_PARTS];

	if (!range->bins)
		range_start_bins(range);
	for (size_t i = 0; i < n; i++) {
		memcpy(parts, bytes + i * sizeof parts, sizeof parts);
		if (parts[0] >> range->bits || parts[1] == 0 || parts[2] > parts[3] || (parts[2] - range->first) >> range->shift != parts[0] ||
		    (parts[3] - range->first) >> range->shift != parts[0] || parts[1] > UINT64_MAX - range->count)
			return false;
		range_merge_bin(&range->bins[parts[0]], &(struct bin){ .count = parts[1], .min = parts[2], .max = parts[3] });
		range->count += parts[1];
	}
	return true;
}

/* Bins as passes make them: of a range that is a run of keys with the same leading bits. */
static bool is_range(uint64_t first, uint64_t shift, uint64_t bits)
{
	return bits >= 1 && bits <= FIRST_BITS && shift <= 64 - bits && (shift + bits == 64 ? first == 0 : first << (64 - shift - bits) == 0);
}

/* `most`: what the receiver would keep. */
static bool unpack_range(struct range *range, object from, uint64_t most)
{
	uint64_t shift, bits, key;
	size_t n_kept, n_bins;
	const char *kept = bin_read(array_get(from, 5), sizeof key, &n_kept);
	const char *bins = bin_read(array_get(from, 6), BIN_PARTS * sizeof key, &n_bins);

	if (array_size(from) != RANGE_PARTS || !kept || !bins || !object_uint(array_get(from, 0), &range->first) ||
	    !object_uint(array_get(from, 1), &shift) || !object_uint(array_get(from, 2), &bits) || !is_range(range->first, shift, bits) ||
	     !object_uint(array_get(from, 3), &range->below) || !object_uint(array_get(from, 4), &range->limit))
		return false;
	range->shift = (int)shift;
	range->bits = (int)bits;
	range->last = range->first + (shift + bits == 64 ? UINT64_MAX : (UINT64_C(1) << (shift + bits)) - 1);
	range->limit = range->limit < most ? range->limit : most;
	if (range->last < range->first)
		return false;
	for (size_t i = 0; i < n_kept; i++) {
		memcpy(&key, kept + i * sizeof key, sizeof key);
		if (key < range->first || key > range->last)
			return false;
		range_add(range, key);
	}
	return n_bins == 0 || unpack_bins(range, bins, n_bins);
}

static bool unpack_orders(struct quantiles *quantiles, object orders)
{
	if (array_size(orders) != 2 * quantiles->n_p)
		return false;
	for (size_t i = 0; i < 2 * quantiles->n_p; i++) {
		object from = array_get(orders, i);
		struct order *order = &quantiles->orders[i];

		if (array_size(from) != ORDER_PARTS || !object_uint(array_get(from, 0), &order->rank) || !object_uint(array_get(from, 1), &order->key) ||
		    !object_bool(array_get(from, 2), &order->known) || (quantiles->n && order->rank >= quantiles->n))
			return false;
	}
	return true;
}

bool quantiles_unpack(struct quantiles *quantiles, object from)
{
	object ranges = array_get(from, 3);
	double *p = mem_array(quantiles->n_p + 1, sizeof *p);
	bool fine = array_size(from) == 4 && object_reals(array_get(from, 0), p, quantiles->n_p) >= 0 &&
		(!quantiles->n_p || memcmp(p, quantiles->p, quantiles->n_p * sizeof *p) == 0) &&
		object_uint(array_get(from, 1), &quantiles->n) && unpack_orders(quantiles, array_get(from, 2)) &&
		array_size(ranges) <= 2 * quantiles->n_p + 1;
	size_t n = array_size(ranges);

	free(p);
	if (!fine)
		return false;
	release_ranges(quantiles->ranges, quantiles->n_ranges);
	quantiles->ranges = mem_new(n + 1, sizeof *quantiles->ranges);
	quantiles->n_ranges = n;
	for (size_t i = 0; fine && i < n; i++)
		fine = unpack_range(&quantiles->ranges[i], array_get(ranges, i), quantiles->room / (n ? n : 1)) &&
			(i == 0 || quantiles->ranges[i - 1].last < quantiles->ranges[i].first);
	return fine && (n > 0 || quantiles->n > 0);
}
