/* SPDX-License-Identifier: MIT */
#include "key_range.h"

#include <stdlib.h>

#include "memory.h"
#include "order_key.h"

enum { SELECT_BITS = 11, FIRST_KEYS = 64 - 2, CHUNK_KEYS = 8 * 1024 - 2, FEW_AT = 32 * 1024 /* so many are kept when it is seen whether they are few */ };

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

/* All keys that are in the range. */
void range_start_bins(struct range *range)
{
	range->bins = mem_new((size_t)1 << range->bits, sizeof *range->bins);
	for (size_t c = 0; c < range->kept.n; c++)
		for (size_t i = 0; i < range->kept.chunks[c]->n; i++)
			count_key(range, range->kept.chunks[c]->keys[i], 1);
	for (size_t i = 0; range->few && i < KEY_SLOTS; i++)
		if (range->few->slots[i].count)
			count_key(range, range->few->slots[i].key, range->few->slots[i].count);
	kept_release(&range->kept);
	free(range->few);
	range->few = NULL;
}

/* Kept keys of which few are different are counted from now on. */
static void try_few(struct range *range)
{
	struct key_counts *few = range->bins ? NULL : mem_new(1, sizeof *few);
	bool fits = few != NULL;

	for (size_t c = 0; c < range->kept.n; c++)
		for (size_t i = 0; fits && i < range->kept.chunks[c]->n; i++)
			fits = key_counts_add(few, range->kept.chunks[c]->keys[i], 1);
	if (fits) {
		kept_release(&range->kept);
		range->few = few;
	} else {
		free(few);
	}
}

/* They turned out to be many. */
static void give_up_few(struct range *range)
{
	struct key_counts *few = range->few;
	uint64_t left = range->limit;

	if (range->count > range->limit) {
		range_start_bins(range);
		return;
	}
	range->few = NULL;
	for (size_t i = 0; i < KEY_SLOTS; i++)
		for (uint64_t k = 0; k < few->slots[i].count; k++)
			kept_add(&range->kept, few->slots[i].key, left--);
	free(few);
}

void range_add(struct range *range, uint64_t key)
{
	if (range->few) {
		if (key_counts_add(range->few, key, 1)) {
			range->count++;
			return;
		}
		give_up_few(range);
	}
	if (!range->bins && range->count == range->limit)
		range_start_bins(range);
	if (range->bins)
		count_key(range, key, 1);
	else
		kept_add(&range->kept, key, range->limit - range->count);
	if (++range->count == FEW_AT)
		try_few(range);
}

void range_add_times(struct range *range, uint64_t key, uint64_t times)
{
	if (times == 0)
		return;
	if (range->few) {
		if (key_counts_add(range->few, key, times)) {
			range->count += times;
			return;
		}
		give_up_few(range);
	}
	if (!range->bins && (range->limit < range->count || times > range->limit - range->count))
		range_start_bins(range);
	if (range->bins) {
		count_key(range, key, times);
		range->count += times;
		return;
	}
	for (uint64_t i = 0; i < times; i++)
		range_add(range, key);
}

/* Many keys that are kept or in bins. */
static void add_others(struct range *range, const double *values, size_t n)
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
		range_start_bins(range);
	range->count += n - i;
	for (; i < n; i++)
		count_key(range, order_key(values[i]), 1);
}

/* Many keys; all lie in the range. */
void range_add_values(struct range *range, const double *values, size_t n)
{
	size_t i = 0, first;

	while (range->few && i < n && key_counts_add(range->few, order_key(values[i]), 1))
		i++;
	range->count += i;
	if (i == n)
		return;
	if (range->few)
		give_up_few(range);
	if (range->count < FEW_AT && n - i >= FEW_AT - range->count) {
		first = (size_t)(FEW_AT - range->count);
		add_others(range, values + i, first);
		try_few(range);
		range_add_values(range, values + i + first, n - i - first);
	} else {
		add_others(range, values + i, n - i);
	}
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
static uint64_t next_kept(const struct kept *kept, size_t rank, uint64_t key)
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

uint64_t range_select(const struct range *range, uint64_t rank)
{
	return range->few ? key_counts_select(range->few, rank) : select_key(&range->kept, (size_t)rank);
}

uint64_t range_behind(const struct range *range, uint64_t rank, uint64_t key)
{
	return range->few ? key_counts_select(range->few, rank + 1) : next_kept(&range->kept, (size_t)rank, key);
}

void range_merge_bin(struct bin *to, const struct bin *from)
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
		range_merge_bin(&range->bins[i >> fewer], &bin);
	}
	if (range->bins && fewer > 0)
		range->bins = mem_resize(range->bins, (size_t)1 << bits, sizeof *range->bins);
	range->bits = bits;
	range->shift += fewer;
}

void range_merge(struct range *to, struct range *from)
{
	for (size_t i = 0; from->few && i < KEY_SLOTS; i++)
		range_add_times(to, from->few->slots[i].key, from->few->slots[i].count);
	if (from->few)
		return;
	if (!from->bins && !to->bins && !to->few && from->count <= to->limit - to->count) {
		kept_take(&to->kept, &from->kept);
		to->count += from->count;
		return;
	}
	if (!from->bins) {
		for (size_t c = 0; c < from->kept.n; c++)
			for (size_t i = 0; i < from->kept.chunks[c]->n; i++)
				range_add(to, from->kept.chunks[c]->keys[i]);
		return;
	}
	coarsen(from->bits > to->bits ? from : to, from->bits < to->bits ? from->bits : to->bits);
	if (!to->bins)
		range_start_bins(to);
	to->count += from->count;
	for (size_t i = 0; i < (size_t)1 << to->bits; i++)
		range_merge_bin(&to->bins[i], &from->bins[i]);
}

void range_release(struct range *range)
{
	kept_release(&range->kept);
	free(range->few);
	free(range->bins);
}
