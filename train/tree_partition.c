/* SPDX-License-Identifier: MIT */
/*
 * A leaf of a few rows is divided in place: what goes left moves up, what goes right
 * waits aside and is copied behind it. One of many rows is divided in parts by as many
 * threads, each into its part of the spare arrays, what goes right from the end; when all
 * know how many went left they copy it to where it belongs.
 *
 *     spare   [ left 0 > < right 0 | left 1 >   < right 1 | .. ]
 *     then    [ left 0  left 1 ..  right 0  right 1 ..         ]
 *
 * Each row is written to both sides, and counted on the one that it goes to: no branch
 * that a processor would guess wrong half of the time.
 */
#include "tree_partition.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { AHEAD = 32, ROWS_A_PART = 8192 };

void partitioner_open(struct partitioner *partitioner, struct workers *workers, int threads)
{
	*partitioner = (struct partitioner){ .workers = workers, .threads = (size_t)threads };
}

void partitioner_close(struct partitioner *partitioner)
{
	free(partitioner->lefts);
}

/* Which bins go left, as bytes: a look instead of a rule. */
struct sides { unsigned char right[MAX_BINS]; };

static void sides_of(struct sides *sides, const struct split *split)
{
	for (unsigned bin = 0; bin < MAX_BINS; bin++)
		sides->right[bin] = !split_goes_left(split, bin);
}

struct dividing {
	struct partitioner *partitioner;
	struct grower *grower;
	struct sides sides;
	struct bin_column column;
	size_t first, n, n_parts, n_left;
};

static size_t begin_of(const struct dividing *dividing, size_t part)
{
	return dividing->first + dividing->n * part / dividing->n_parts;
}

/* A few rows: left ones in place. */
static size_t divide_here(const struct dividing *dividing)
{
	struct grower *grower = dividing->grower;
	struct bin_column column = dividing->column;
	uint32_t *order = &grower->order[dividing->first], *words = &grower->words[dividing->first];
	size_t left = 0, right = 0;

	for (size_t i = 0; i < dividing->n; i++) {
		uint32_t row = order[i], word = words[i];
		unsigned char goes_right;

		if (i + AHEAD < dividing->n)
			__builtin_prefetch(column.bins + (size_t)order[i + AHEAD] * column.width);
		goes_right = dividing->sides.right[column.bins[(size_t)row * column.width]];
		order[left] = row;
		words[left] = word;
		grower->spare_order[right] = row;
		grower->spare_words[right] = word;
		left += !goes_right;
		right += goes_right;
	}
	memcpy(&order[left], grower->spare_order, right * sizeof *order);
	memcpy(&words[left], grower->spare_words, right * sizeof *words);
	return left;
}

static void divide_part(void *state, size_t part)
{
	struct dividing *dividing = state;
	struct grower *grower = dividing->grower;
	struct bin_column column = dividing->column;
	const uint32_t *from_order = grower->order, *from_words = grower->words;
	uint32_t *order = grower->spare_order, *words = grower->spare_words;
	size_t from = begin_of(dividing, part), to = begin_of(dividing, part + 1), left = from, right = to - 1;

	for (size_t i = from; i < to; i++) {
		uint32_t row = from_order[i], word = from_words[i];
		unsigned char goes_right;

		if (i + AHEAD < to)
			__builtin_prefetch(column.bins + (size_t)from_order[i + AHEAD] * column.width);
		goes_right = dividing->sides.right[column.bins[(size_t)row * column.width]];
		order[left] = order[right] = row;
		words[left] = words[right] = word;
		left += !goes_right;
		right -= goes_right;
	}
	dividing->partitioner->lefts[part] = left - from;
}

static void place_part(void *state, size_t part)
{
	const struct dividing *dividing = state;
	struct grower *grower = dividing->grower;
	size_t from = begin_of(dividing, part), to = begin_of(dividing, part + 1), n_left = dividing->partitioner->lefts[part], before = 0, at;

	for (size_t i = 0; i < part; i++)
		before += dividing->partitioner->lefts[i];
	at = dividing->first + before;
	memcpy(&grower->order[at], &grower->spare_order[from], n_left * sizeof *grower->order);
	memcpy(&grower->words[at], &grower->spare_words[from], n_left * sizeof *grower->words);
	at = dividing->first + dividing->n_left + (from - dividing->first - before);
	for (size_t i = to; i-- > from + n_left; at++) {
		grower->order[at] = grower->spare_order[i];
		grower->words[at] = grower->spare_words[i];
	}
}

size_t partition(struct partitioner *partitioner, const struct tree_rows *rows, struct grower *grower, size_t first, size_t n,
                 const struct split *split)
{
	struct dividing dividing = { .partitioner = partitioner, .grower = grower, .first = first, .n = n,
	                             .column = tree_rows_column(rows, split->feature) };

	sides_of(&dividing.sides, split);
	if (partitioner->threads == 1 || n < 2 * ROWS_A_PART)
		return divide_here(&dividing);
	dividing.n_parts = n / ROWS_A_PART;
	if (dividing.n_parts > partitioner->room) {
		partitioner->room = dividing.n_parts;
		partitioner->lefts = mem_resize(partitioner->lefts, partitioner->room, sizeof *partitioner->lefts);
	}
	workers_run(partitioner->workers, dividing.n_parts, divide_part, &dividing);
	for (size_t part = 0; part < dividing.n_parts; part++)
		dividing.n_left += partitioner->lefts[part];
	workers_run(partitioner->workers, dividing.n_parts, place_part, &dividing);
	return dividing.n_left;
}
