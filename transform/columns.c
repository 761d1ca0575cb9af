/* SPDX-License-Identifier: MIT */
/* One loop per type, written so that the common case, a word of 64 rows that are all there, is a straight copy. */
#include "columns.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "memory.h"
#include "number.h"
#include "pick.h"

size_t bits_count(const uint64_t *bits, size_t n_rows)
{
	size_t n = 0;

	if (!bits)
		return n_rows;
	for (size_t word = 0; word < bits_words(n_rows); word++)
		n += bits_ones(bits_word(bits, word, n_rows));
	return n;
}

const double *column_reals(struct arena *scratch, const struct column *column, enum type type, size_t n_rows)
{
	double *reals;

	if (type == TYPE_REAL)
		return column->values;
	reals = arena_array(scratch, n_rows, sizeof *reals);
	if (type == TYPE_INT)
		for (size_t row = 0; row < n_rows; row++)
			reals[row] = (double)((const int64_t *)column->values)[row];
	else
		for (size_t row = 0; row < n_rows; row++)
			reals[row] = ((const uint8_t *)column->values)[row];
	return reals;
}

bool column_beyond_reals(const struct column *column, const uint64_t *rows, size_t n_rows)
{
	const int64_t *values = column->values;
	uint64_t beyond = 0;

	for (size_t row = 0; row < n_rows; row++)       /* 0 where missing */
		beyond |= (uint64_t)(values[row] > NUMBER_EXACT) | (uint64_t)(values[row] < -NUMBER_EXACT);
	for (size_t row = 0; row < n_rows && beyond && rows; row++)
		if ((values[row] > NUMBER_EXACT || values[row] < -NUMBER_EXACT) && bit_is_set(rows, row))
			return true;
	return beyond && !rows;
}

static inline double number_of(const struct column *column, enum type type, size_t row)
{
	return type == TYPE_BOOL ? column_bool(column, row) : (double)column_int(column, row);
}

enum { DENSE = 32 };            /* of 64 rows */

/* Ints and bools, with a constant type, one loop each. Many of a word are written one by one, each on the place of the one before if that is not wanted: nobody
 * could foretell a branch. */
static inline size_t gather(const struct column *column, enum type type, const uint64_t *rows, size_t first, size_t end, double *to)
{
	uint64_t from = ~UINT64_C(0) << first % 64;
	size_t n = 0;

	for (size_t word = first / 64; word < bits_words(end); word++, from = ~UINT64_C(0)) {
		uint64_t bits = bits_word(rows, word, end) & bits_word(column->valid, word, end) & from;
		size_t row = word * 64;

		if (bits == ~UINT64_C(0)) {
			for (size_t i = 0; i < 64; i++)
				to[n + i] = number_of(column, type, row + i);
			n += 64;
		} else if (bits_ones(bits) >= DENSE) {
			for (row += (size_t)__builtin_ctzll(bits), bits >>= __builtin_ctzll(bits); bits; bits >>= 1, row++) {
				to[n] = number_of(column, type, row);
				n += bits & 1;
			}
		} else {
			for (; bits; bits &= bits - 1)
				to[n++] = number_of(column, type, row + (size_t)__builtin_ctzll(bits));
		}
	}
	return n;
}

size_t column_gather(const struct column *column, enum type type, const uint64_t *rows, size_t first, size_t n, double *to)
{
	switch (type) {
	case TYPE_REAL: return pick_values(to, column->values, sizeof *to, rows, column->valid, first, first + n, cpu_lanes());
	case TYPE_BOOL: return gather(column, TYPE_BOOL, rows, first, first + n, to);
	default: return gather(column, TYPE_INT, rows, first, first + n, to);
	}
}

enum { FEW_ENTRIES = 64, PARTS = 4 };

/* Rows in turn count for each part, so that the same entry twice does not wait for its own number; those that are not wanted count 0, since
 * nobody could foretell which these are. */
static void count_few_entries(const struct column *column, size_t n_rows, const uint64_t *rows, uint32_t *counts)
{
	uint32_t parts[FEW_ENTRIES][PARTS] = { { 0 } };

	for (size_t word = 0; word < bits_words(n_rows); word++) {
		uint64_t bits = bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows);
		const uint32_t *codes = column->codes + word * 64;
		size_t n = n_rows - word * 64 < 64 ? n_rows - word * 64 : 64;

		for (size_t i = 0; i < n; i++)
			parts[codes[i]][i % PARTS] += bits >> i & 1;
	}
	for (size_t entry = 0; entry < column->n_entries; entry++)
		counts[entry] = parts[entry][0] + parts[entry][1] + parts[entry][2] + parts[entry][3];
}

void column_count_entries(const struct column *column, size_t n_rows, const uint64_t *rows, uint32_t *counts)
{
	if (column->n_entries <= FEW_ENTRIES) {
		count_few_entries(column, n_rows, rows, counts);
		return;
	}
	memset(counts, 0, column->n_entries * sizeof *counts);
	for (size_t word = 0; word < bits_words(n_rows); word++)
		for (uint64_t bits = bits_word(rows, word, n_rows) & bits_word(column->valid, word, n_rows); bits; bits &= bits - 1)
			counts[column->codes[word * 64 + (size_t)__builtin_ctzll(bits)]]++;
}

/* Columns that stay in order are moved within the batch, those before the first that goes not at all. */
static void close_ranks(struct batch *batch, const size_t *kept, size_t n)
{
	size_t next = 0;

	for (size_t i = 0; i < n; i++) {
		for (; next < kept[i]; next++)
			column_drop(&batch->columns[next]);
		if (next != i) {
			batch->columns[i] = batch->columns[next];
			batch->columns[next] = (struct column)COLUMN_INIT;
		}
		next++;
	}
	batch_set_columns(batch, n);
}

void batch_arrange(struct batch *batch, const size_t *kept, size_t n)
{
	struct column *moved;
	bool in_order = true;

	for (size_t i = 1; i < n; i++)
		in_order &= kept[i] > kept[i - 1];
	if (in_order) {
		close_ranks(batch, kept, n);
		return;
	}
	moved = mem_array(n, sizeof *moved);

	for (size_t i = 0; i < n; i++) {
		moved[i] = batch->columns[kept[i]];
		batch->columns[kept[i]] = (struct column)COLUMN_INIT;
	}
	batch_set_columns(batch, 0);            /* drops the others */
	free(batch->columns);
	batch->columns = moved;
	batch->n_columns = batch->room = n;
}
