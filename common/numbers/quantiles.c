/* SPDX-License-Identifier: MIT */
/*
 * A double becomes an unsigned key of the same order. A range is a run of keys
 * that holds a wanted order statistic; its keys are kept, or, when they are too
 * many, counted in bins of equal width with each bin's smallest and largest key.
 * At the end of a pass each wanted rank is looked up in its range: among kept
 * keys by counting (select_key), or in a bin whose keys are all the same. Otherwise the
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

#include "memory.h"
#include "order_key.h"

enum { FIRST_BITS = 16, NEXT_BITS = 12, LEAST_BITS = 4, SELECT_BITS = 11, FIRST_KEYS = 64 - 2, CHUNK_KEYS = 8 * 1024 - 2 };

struct bin { uint64_t count, min, max; };

/* Kept keys, in chunks, each larger than the one before: they grow and join without a copy. */
struct key_chunk { size_t n, room; uint64_t keys[]; };
struct kept { struct key_chunk **chunks; size_t n, room; };

struct range {
	uint64_t first, last;           /* keys */
	uint64_t below;                 /* how many values lie before it */
	uint64_t count;                 /* values seen in it in this pass */
	struct kept kept;               /* count keys, or */
	uint64_t limit;                 /* of kept: at most */
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

/* most: how many may come from this one on. */
static void kept_add(struct kept *kept, uint64_t key, uint64_t most)
{
	struct key_chunk *chunk = kept->n ? kept->chunks[kept->n - 1] : NULL;

	if (!chunk || chunk->n == chunk->room) {
		size_t room = !chunk ? FIRST_KEYS : 2 * chunk->room + 2 < CHUNK_KEYS ? 2 * chunk->room + 2 : CHUNK_KEYS;

		room = room < most ? room : (size_t)most;
		array_grow(kept->chunks, kept->n, kept->room);
		chunk = kept->chunks[kept->n++] = mem_array(1, sizeof *chunk + room * sizeof *chunk->keys);
		*chunk = (struct key_chunk){ .room = room };
	}
	chunk->keys[chunk->n++] = key;
}

static void kept_release(struct kept *kept)
{
	for (size_t i = 0; i < kept->n; i++)
		free(kept->chunks[i]);
	free(kept->chunks);
	*kept = (struct kept){ .chunks = NULL };
}

/* Those of `from`, which is empty then; the last chunk that is not full stays the last. */
static void kept_take(struct kept *to, struct kept *from)
{
	struct key_chunk *last = to->n ? to->chunks[to->n - 1] : NULL;

	if (!last) {
		*to = *from;
		*from = (struct kept){ .chunks = NULL };
		return;
	}
	to->n--;
	for (size_t i = 0; i < from->n; i++) {
		array_grow(to->chunks, to->n, to->room);
		to->chunks[to->n++] = from->chunks[i];
	}
	array_grow(to->chunks, to->n, to->room);
	to->chunks[to->n++] = last;
	from->n = 0;
	kept_release(from);
}

static inline void count_key(struct range *range, uint64_t key, uint64_t times)
{
	struct bin *bin = &range->bins[(key - range->first) >> range->shift];

	if (bin->count == 0)
		bin->min = bin->max = key;
	else if (key < bin->min)
		bin->min = key;
	else if (key > bin->max)
		bin->max = key;
	bin->count += times;
}

static void start_bins(struct range *range)
{
	range->bins = mem_new((size_t)1 << range->bits, sizeof *range->bins);
	for (size_t c = 0; c < range->kept.n; c++)
		for (size_t i = 0; i < range->kept.chunks[c]->n; i++)
			count_key(range, range->kept.chunks[c]->keys[i], 1);
	kept_release(&range->kept);
}

static void add_key(struct range *range, uint64_t key)
{
	if (!range->bins && range->count == range->limit)
		start_bins(range);
	if (range->bins)
		count_key(range, key, 1);
	else
		kept_add(&range->kept, key, range->limit - range->count);
	range->count++;
}

/* Many keys; all lie in the range. */
static void add_values(struct range *range, const double *values, size_t n)
{
	size_t i = 0, most = range->bins || range->limit < range->count ? 0 : n < range->limit - range->count ? n : (size_t)(range->limit - range->count);

	while (i < most) {
		struct key_chunk *chunk;
		size_t room;

		kept_add(&range->kept, order_key(values[i]), range->limit - range->count - i);
		i++;
		chunk = range->kept.chunks[range->kept.n - 1];
		room = chunk->room - chunk->n < most - i ? chunk->room - chunk->n : most - i;
		for (size_t end = i + room; i < end; i++)
			chunk->keys[chunk->n++] = order_key(values[i]);
	}
	range->count += most;
	if (i < n && !range->bins)
		start_bins(range);
	range->count += n - i;
	for (; i < n; i++)
		count_key(range, order_key(values[i]), 1);
}

static void release_ranges(struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		kept_release(&ranges[i].kept);
		free(ranges[i].bins);
	}
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
		add_key(range, key);
}

void quantiles_add_times(struct quantiles *quantiles, double value, uint64_t times)
{
	uint64_t key = order_key(value);
	struct range *range = times ? range_of(quantiles, key) : NULL;

	if (!range)
		return;
	if (!range->bins && (range->limit < range->count || times > range->limit - range->count))
		start_bins(range);
	if (range->bins) {
		count_key(range, key, times);
		range->count += times;
		return;
	}
	for (uint64_t i = 0; i < times; i++)
		add_key(range, key);
}

void quantiles_add_all(struct quantiles *quantiles, const double *values, size_t n)
{
	if (quantiles->n_ranges == 1 && quantiles->ranges[0].first == 0 && quantiles->ranges[0].last == UINT64_MAX)
		add_values(&quantiles->ranges[0], values, n);
	else
		for (size_t i = 0; quantiles->n_ranges && i < n; i++)
			quantiles_add(quantiles, values[i]);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The rank-th smallest of the keys: they are counted in bins between the smallest and the largest, and those of one bin looked at again. */
static uint64_t select_key(const struct kept *kept, size_t rank)
{
	struct kept mine = { .chunks = NULL };
	uint64_t first, last;

	for (;;) {
		uint32_t counts[1 << SELECT_BITS] = { 0 };
		struct kept next = { .chunks = NULL };
		uint64_t bin = 0;
		int bits, shift;

		first = last = kept->chunks[0]->keys[0];
		for (size_t c = 0; c < kept->n; c++)
			for (size_t i = 0; i < kept->chunks[c]->n; i++) {
				uint64_t key = kept->chunks[c]->keys[i];

				first = key < first ? key : first;
				last = key > last ? key : last;
			}
		if (first == last)
			break;
		bits = 64 - __builtin_clzll(last - first);
		shift = bits > SELECT_BITS ? bits - SELECT_BITS : 0;
		for (size_t c = 0; c < kept->n; c++)
			for (size_t i = 0; i < kept->chunks[c]->n; i++)
				counts[(kept->chunks[c]->keys[i] - first) >> shift]++;
		while (rank >= counts[bin])
			rank -= counts[bin++];
		if (shift == 0) {
			first += bin;
			break;
		}
		for (size_t c = 0; c < kept->n; c++)
			for (size_t i = 0; i < kept->chunks[c]->n; i++)
				if ((kept->chunks[c]->keys[i] - first) >> shift == bin)
					kept_add(&next, kept->chunks[c]->keys[i], UINT64_MAX);
		kept_release(&mine);
		mine = next;
		kept = &mine;
	}
	kept_release(&mine);
	return first;
}

/* The key behind the rank-th smallest, which is `key`. */
static uint64_t next_key(const struct kept *kept, size_t rank, uint64_t key)
{
	uint64_t next = UINT64_MAX;
	size_t n = 0;                   /* up to `key` */

	for (size_t c = 0; c < kept->n; c++)
		for (size_t i = 0; i < kept->chunks[c]->n; i++) {
			uint64_t one = kept->chunks[c]->keys[i];

			n += one <= key;
			next = one > key && one < next ? one : next;
		}
	return n > rank + 1 ? key : next;
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
		order->key = !neighbour || order->rank - neighbour->rank > 1 ? select_key(&range->kept, (size_t)rank)
			: order->rank == neighbour->rank ? neighbour->key : next_key(&range->kept, (size_t)rank - 1, neighbour->key);
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

static void merge_bin(struct bin *to, const struct bin *from)
{
	if (from->count == 0)
		return;
	if (to->count == 0) {
		*to = *from;
		return;
	}
	to->count += from->count;
	to->min = from->min < to->min ? from->min : to->min;
	to->max = from->max > to->max ? from->max : to->max;
}

/* Fewer bins, each of several neighbours. */
static void coarsen(struct range *range, int bits)
{
	int fewer = range->bits - bits;

	for (uint64_t i = 0; range->bins && fewer > 0 && i < (uint64_t)1 << range->bits; i++) {
		struct bin bin = range->bins[i];

		range->bins[i].count = 0;
		merge_bin(&range->bins[i >> fewer], &bin);
	}
	if (range->bins && fewer > 0)
		range->bins = mem_resize(range->bins, (size_t)1 << bits, sizeof *range->bins);
	range->bits = bits;
	range->shift += fewer;
}

static void merge_range(struct range *to, struct range *from)
{
	if (!from->bins && !to->bins && from->count <= to->limit - to->count) {
		kept_take(&to->kept, &from->kept);
		to->count += from->count;
		return;
	}
	if (!from->bins) {
		for (size_t c = 0; c < from->kept.n; c++)
			for (size_t i = 0; i < from->kept.chunks[c]->n; i++)
				add_key(to, from->kept.chunks[c]->keys[i]);
		return;
	}
	coarsen(from->bits > to->bits ? from : to, from->bits < to->bits ? from->bits : to->bits);
	if (!to->bins)
		start_bins(to);
	to->count += from->count;
	for (size_t i = 0; i < (size_t)1 << to->bits; i++)
		merge_bin(&to->bins[i], &from->bins[i]);
}

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
		merge_range(&to->ranges[i], &from->ranges[i]);
	return true;
}

/* ---- as bytes ---- */

/*
 *     [p, n, [rank, key, known]..., [first, shift, bits, below, limit, kept or nil, bins]...]
 *
 * in four arrays; p, kept and bins (index, count, min, max of those that hold something) are bins of 8 bytes each.
 */
enum { BIN_PARTS = 4, ORDER_PARTS = 3, RANGE_PARTS = 7 };

static void pack_range(const struct range *range, struct buffer *to)
{
	struct buffer bins = BUFFER_INIT, keys = BUFFER_INIT;

	for (size_t c = 0; c < range->kept.n; c++)
		buffer_add(&keys, range->kept.chunks[c]->keys, range->kept.chunks[c]->n * sizeof(uint64_t));
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
		start_bins(range);
	for (size_t i = 0; i < n; i++) {
		memcpy(parts, bytes + i * sizeof parts, sizeof parts);
		if (parts[0] >> range->bits || parts[1] == 0 || parts[2] > parts[3] || (parts[2] - range->first) >> range->shift != parts[0] ||
		    (parts[3] - range->first) >> range->shift != parts[0] || parts[1] > UINT64_MAX - range->count)
			return false;
		merge_bin(&range->bins[parts[0]], &(struct bin){ .count = parts[1], .min = parts[2], .max = parts[3] });
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
		add_key(range, key);
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
