/* SPDX-License-Identifier: MIT */
/*
 * A run of keys (order_key.h) of which order statistics are wanted; what quantiles.h is made of.
 *
 * Its keys are kept; when they are too many they are counted in bins of equal width, with
 * each bin's smallest and largest key. Where few of the first 32 Ki are different each is
 * counted by itself (key_counts.h), however many come.
 *
 *     a struct range with first, last, limit, bits and shift -> (range_add... | range_merge) -> bins, or range_select -> range_release
 */
#ifndef KEY_RANGE_H
#define KEY_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "key_counts.h"

struct bin { uint64_t count, min, max; };

/* Kept keys, in chunks, each larger than the one before: they grow and join without a copy. */
struct key_chunk { size_t n, room; uint64_t keys[]; };
struct kept { struct key_chunk **chunks; size_t n, room; };

struct range {
	uint64_t first, last;           /* keys */
	uint64_t below;                 /* how many values lie before it */
	uint64_t count;                 /* values seen in it in this pass */
	struct kept kept;               /* count keys, or */
	struct key_counts *few;         /* the same, few of them different, or */
	uint64_t limit;                 /* of kept: at most */
	struct bin *bins;               /* 2^bits, each 2^shift wide */
	int bits, shift;
};

void range_add(struct range *range, uint64_t key);
void range_add_times(struct range *range, uint64_t key, uint64_t times);        /* the same key so often */
void range_add_values(struct range *range, const double *values, size_t n);     /* their keys; all lie in the range */
void range_start_bins(struct range *range);                                     /* no key is kept any more */
void range_merge_bin(struct bin *to, const struct bin *from);
/* What `from` took; it is only to be released then. The range is the same, and of bins those with fewer bits count. */
void range_merge(struct range *to, struct range *from);
/* Without bins: the rank-th smallest key, from 0; the key behind that, which is `key`. */
uint64_t range_select(const struct range *range, uint64_t rank);
uint64_t range_behind(const struct range *range, uint64_t rank, uint64_t key);
void range_release(struct range *range);

#endif
