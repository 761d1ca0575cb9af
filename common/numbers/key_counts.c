/* SPDX-License-Identifier: MIT */
#include "key_counts.h"

#include <stdlib.h>

#include "memory.h"

static int by_key(const void *a, const void *b)
{
	uint64_t one = ((const struct key_count *)a)->key, other = ((const struct key_count *)b)->key;

	return (one > other) - (one < other);
}

uint64_t key_counts_select(const struct key_counts *counts, uint64_t rank)
{
	struct key_count *sorted = mem_array(counts->n, sizeof *sorted);
	size_t n = 0, at = 0;
	uint64_t key;

	for (size_t i = 0; i < KEY_SLOTS; i++)
		if (counts->slots[i].count)
			sorted[n++] = counts->slots[i];
	qsort(sorted, n, sizeof *sorted, by_key);
	while (rank >= sorted[at].count)
		rank -= sorted[at++].count;
	key = sorted[at].key;
	free(sorted);
	return key;
}
