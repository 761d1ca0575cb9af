/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "narrow.h"
#include "pick.h"

/* Whether rows of it, at most n, can be told by their places. */
static bool stays_mostly(const struct column *column, enum type type, size_t n)
{
	return column->encoding == ENCODED_MOSTLY && !column->values && type == TYPE_BOOL && n <= ENCODED_ROWS;
}

/* ---- whole batches ---- */

void batch_set_columns(struct batch *batch, size_t n_columns)
{
	for (size_t col = n_columns; col < batch->n_columns; col++)
		column_drop(&batch->columns[col]);
	if (n_columns > batch->room) {
		batch->room = n_columns > 2 * batch->room ? n_columns : 2 * batch->room;
		batch->columns = mem_resize(batch->columns, batch->room, sizeof *batch->columns);
	}
	for (size_t col = batch->n_columns; col < n_columns; col++)
		batch->columns[col] = (struct column)COLUMN_INIT;
	batch->n_columns = n_columns;
}

enum { ROOM_KEPT = 1024 };      /* columns: more is no longer little beside what a batch holds, and many batches lie idle */

void batch_start(struct batch *batch, struct pool *pool, const struct schema *schema, size_t n_rows)
{
	pool_use(pool);                 /* it may be the one that goes */
	batch_clear(batch);
	batch->pool = pool;
	batch->schema = schema;
	batch->n_rows = n_rows;
	batch->first_row = 0;
	batch->compact = false;
	batch_set_columns(batch, schema->n_fields);
}

void batch_clear(struct batch *batch)
{
	batch_set_columns(batch, 0);
	batch->n_rows = 0;
	pool_drop(batch->pool);
	batch->pool = NULL;
	if (batch->room > ROOM_KEPT) {
		free(batch->columns);
		batch->columns = NULL;
		batch->room = 0;
	}
}

void batch_free(struct batch *batch)
{
	batch_clear(batch);
	free(batch->columns);
	*batch = (struct batch)BATCH_INIT;
}

void batch_move(struct batch *to, struct batch *from)
{
	struct batch old = *to;

	*to = *from;
	batch_clear(&old);
	*from = old;                    /* its room is of use there */
}

void batch_share(struct batch *to, const struct batch *from)
{
	batch_start(to, from->pool, from->schema, from->n_rows);
	to->first_row = from->first_row;
	batch_set_columns(to, from->n_columns);
	for (size_t col = 0; col < from->n_columns; col++)
		column_share(&to->columns[col], &from->columns[col]);
}

void batch_view(struct batch *to, const struct batch *from, const struct schema *schema, const size_t *cols)
{
	batch_start(to, from->pool, schema, from->n_rows);
	to->first_row = from->first_row;
	for (size_t i = 0; i < schema->n_fields; i++)
		column_share(&to->columns[i], &from->columns[cols[i]]);
}

void batch_spread(struct batch *batch, const struct schema *schema, const size_t *cols)
{
	struct batch spread = BATCH_INIT;

	batch_start(&spread, batch->pool, schema, batch->n_rows);
	spread.first_row = batch->first_row;
	spread.compact = batch->compact;
	for (size_t i = 0; i < batch->n_columns; i++) {
		spread.columns[cols[i]] = batch->columns[i];
		batch->columns[i] = (struct column)COLUMN_INIT;
	}
	for (size_t col = 0, i = 0; col < schema->n_fields; col++)
		if (i < batch->n_columns && cols[i] == col)
			i++;
		else
			batch_vacate(&spread, col);
	batch_move(batch, &spread);
	batch_free(&spread);
}

/* Bools that are all false, in no bytes: whoever takes all columns may take this one too. */
void batch_vacate(struct batch *batch, size_t col)
{
	struct column *column = &batch->columns[col];

	column_drop(column);
	column->encoding = ENCODED_MOSTLY;
	column->checked = true;
}

/* ---- runs of a column ---- */

enum { MAX_RUNS = 8 };

/* A run of a column: where its pointer stands, and its size. */
struct column_run { const void **at; size_t size; };

static size_t column_runs(struct column *column, enum type type, size_t n_rows, struct column_run *runs)
{
	size_t n = 0;

	if (column->valid)
		runs[n++] = (struct column_run){ (const void **)&column->valid, bits_words(n_rows) * 8 };
	if (column->encoding == ENCODED_MOSTLY) {
		runs[n++] = (struct column_run){ (const void **)&column->at, column->n_odd * sizeof *column->at };
		if (column->odd)
			runs[n++] = (struct column_run){ &column->odd, column->n_odd * type_width(type) };
	}
	if (column_is_narrow(column))
		runs[n++] = (struct column_run){ &column->narrow, n_rows * column->narrow_width };
	if (type != TYPE_TEXT) {
		if (column->values)
			runs[n++] = (struct column_run){ &column->values, n_rows * type_width(type) };
		return n;
	}
	runs[n++] = (struct column_run){ (const void **)&column->offsets, ((size_t)column->n_entries + 1) * 4 };
	runs[n++] = (struct column_run){ (const void **)&column->bytes, column->bytes_size };
	if (column->wire_codes)
		runs[n++] = (struct column_run){ &column->wire_codes, n_rows * column->code_width };
	if (column->codes)
		runs[n++] = (struct column_run){ (const void **)&column->codes, n_rows * 4 };
	return n;
}

static bool lies_in(const struct block *block, const void *run)
{
	return (const unsigned char *)run >= block->data && (const unsigned char *)run <= block->data + block->size;
}

/* Counts on blocks that no run lies in any more are dropped. */
static void let_go(struct column *column, enum type type, size_t n_rows)
{
	struct column_run runs[MAX_RUNS];
	size_t n = column_runs(column, type, n_rows, runs), n_kept = 0;

	for (size_t i = 0; i < COLUMN_BLOCKS && column->blocks[i]; i++) {
		struct block *block = column->blocks[i];
		bool used = false;

		for (size_t k = 0; k < n && !used; k++)
			used = runs[k].size && lies_in(block, *runs[k].at);
		column->blocks[i] = NULL;
		if (used)
			column->blocks[n_kept++] = block;
		else
			block_drop(block);
	}
}

/* ---- text of some rows ---- */

static size_t text_bytes(const struct column *column, size_t first, size_t n)
{
	size_t sum = 0, size;

	for (size_t row = first; row < first + n; row++) {
		(void)column_text(column, row, &size);
		sum += size;
	}
	return sum;
}

/* Entries of their own for n rows: those of `kept`, or, NULL, those from `first` on. Together they have less than 4 GiB. */
static void write_texts(struct column *to, struct pool *pool, const struct column *from, const uint32_t *kept, size_t first, size_t n)
{
	uint32_t *offsets = column_new_offsets(to, pool, n);
	size_t size;
	char *bytes;

	offsets[0] = 0;
	for (size_t i = 0; i < n; i++) {
		size_t row = kept ? kept[i] : first + i;

		column_text(from, row, &size);
		offsets[i + 1] = offsets[i] + (column_valid(from, row) ? (uint32_t)size : 0);   /* entry 0 is a text, too */
	}
	bytes = column_new_bytes(to, pool, offsets[n]);
	for (size_t i = 0; i < n; i++) {
		const char *text = column_text(from, kept ? kept[i] : first + i, &size);

		memcpy(bytes + offsets[i], text, offsets[i + 1] - offsets[i]);
	}
}

/* ---- slices ---- */

static void slice_valid(struct column *to, struct pool *pool, const struct column *from, size_t first, size_t n)
{
	uint64_t *valid = column_new_valid(to, pool, n, false);
	size_t shift = first % 64, word = first / 64, last = (first + n - 1) / 64;

	for (size_t i = 0; i < bits_words(n); i++) {
		valid[i] = from->valid[word + i] >> shift;
		if (shift && word + i < last)
			valid[i] |= from->valid[word + i + 1] << (64 - shift);
	}
	if (n % 64)
		valid[n / 64] &= ~UINT64_C(0) >> (64 - n % 64);
}

/* Places of a bool within the slice, counted from its first row. */
static void slice_places(struct column *to, struct pool *pool, const struct column *from, size_t first, size_t n)
{
	size_t begin = 0, end;
	struct block *block;

	while (begin < from->n_odd && column_place(from, begin) < first)
		begin++;
	for (end = begin; end < from->n_odd && column_place(from, end) < first + n;)
		end++;
	block = block_new(pool, (end - begin) * sizeof(uint16_t));
	for (size_t i = begin; i < end; i++)
		((uint16_t *)block->data)[i - begin] = (uint16_t)(column_place(from, i) - first);
	column_set_mostly(to, from->first.number != 0, (uint16_t *)block->data, end - begin, block);
	column_close(to, TYPE_BOOL, n);
}

static void slice_column(struct column *to, struct pool *pool, const struct column *from, enum type type, size_t first, size_t n)
{
	struct column whole;

	column_share(&whole, from);
	if (type == TYPE_TEXT && (!from->codes || (from->n_entries > n && text_bytes(from, first, n) <= from->bytes_size))) {
		write_texts(to, pool, from, NULL, first, n);
		column_drop(&whole);
	} else {
		*to = whole;
		to->wire_codes = NULL;
		to->valid = NULL;
		to->encoding = column_is_narrow(from) ? from->encoding : ENCODED_PLAIN;
		to->at = to->odd = NULL;
		if (type == TYPE_TEXT)
			to->codes = from->codes + first;
		else if (from->values)
			to->values = (const unsigned char *)from->values + first * type_width(type);
		if (column_is_narrow(to))
			to->narrow = (const unsigned char *)from->narrow + first * from->narrow_width;
	}
	let_go(to, type, n);            /* a slice of a slice of a slice needs room for its bit map, too */
	if (from->encoding == ENCODED_SEQUENCE) {
		to->encoding = ENCODED_SEQUENCE;
		to->first.number = from->first.number + from->step * (int64_t)first;
	}
	if (from->valid && n)
		slice_valid(to, pool, from, first, n);
	column_close(to, type, n);
}

int batch_slice(struct batch *to, struct batch *from, size_t first, size_t n, struct error *err)
{
	batch_start(to, from->pool, from->schema, n);
	to->first_row = from->first_row + first;
	batch_set_columns(to, from->n_columns);
	for (size_t col = 0; col < from->n_columns; col++) {
		enum type type = from->schema->fields[col].type;
		const struct column *column = column_check(from, col, err);

		if (column && stays_mostly(column, type, n)) {
			slice_places(&to->columns[col], from->pool, column, first, n);
			to->columns[col].mixed = column->mixed;
			to->columns[col].words = column->words;
			continue;
		}
		if (!column || (!column_is_narrow(column) && !column_read(from, col, err)))
			return -1;
		slice_column(&to->columns[col], from->pool, column, type, first, n);
		to->columns[col].mixed = column->mixed;
		to->columns[col].words = column->words;
	}
	return 0;
}

/* ---- keeping some rows ---- */

/* rows: the same as a bit map; NULL: they do not ascend. */
struct keeping { struct batch *batch; const uint64_t *rows; const uint32_t *kept; size_t n_kept; const uint16_t *ranks; };

static void keep_values(const struct keeping *keeping, void *to, const void *from, size_t width)
{
	const uint32_t *kept = keeping->kept;
	size_t n_kept = keeping->n_kept;

	if (keeping->rows) {
		pick_values(to, from, width, keeping->rows, NULL, 0, keeping->batch->n_rows, cpu_lanes());
		return;
	}
	switch (width) {
	case 1:
		for (size_t i = 0; i < n_kept; i++)
			((uint8_t *)to)[i] = ((const uint8_t *)from)[kept[i]];
		break;
	case 2:
		for (size_t i = 0; i < n_kept; i++)
			((uint16_t *)to)[i] = ((const uint16_t *)from)[kept[i]];
		break;
	case 4:
		for (size_t i = 0; i < n_kept; i++)
			((uint32_t *)to)[i] = ((const uint32_t *)from)[kept[i]];
		break;
	default:
		for (size_t i = 0; i < n_kept; i++)
			((uint64_t *)to)[i] = ((const uint64_t *)from)[kept[i]];
	}
}

/* What was as wide as it gets may need less now. */
static void keep_narrow(const struct keeping *keeping, struct column *fresh, const struct column *from)
{
	void *narrow = column_new_narrow(fresh, keeping->batch->pool, keeping->n_kept, from->narrow_width, from->digits);

	keep_values(keeping, narrow, from->narrow, from->narrow_width);
	if (from->narrow_width == sizeof(int32_t))
		fresh->narrow_width = narrow_ints(narrow, keeping->n_kept);
	column_place_narrow(fresh, from);
}

/* Of ints that count up some, in order but with holes between them: how often the step was made since the first of them. */
static bool keep_counts(const struct keeping *keeping, struct column *fresh, const struct column *from)
{
	const uint32_t *kept = keeping->kept;
	size_t n = keeping->n_kept;
	int64_t first;
	bool is_short;
	void *counts;

	if (from->encoding != ENCODED_SEQUENCE || !keeping->rows || n == 0)
		return false;
	first = from->first.number + from->step * kept[0];
	if (!narrow_may_count(first, from->step))
		return false;
	is_short = kept[n - 1] - kept[0] <= INT16_MAX;
	counts = column_new_narrow(fresh, keeping->batch->pool, n, is_short ? 2 : 4, 0);
	for (size_t i = 0; i < n; i++)
		if (is_short)
			((int16_t *)counts)[i] = (int16_t)(kept[i] - kept[0]);
		else
			((int32_t *)counts)[i] = (int32_t)(kept[i] - kept[0]);
	fresh->encoding = ENCODED_PLACED;
	fresh->first.number = first;
	fresh->step = from->step;
	return true;
}

/* Few are missing: each by its rank among the rows that stay. */
static void keep_valid(const struct keeping *keeping, struct column *to, struct pool *pool, const uint64_t *from)
{
	uint64_t *valid = column_new_valid(to, pool, keeping->n_kept, true);
	size_t before = 0;

	if (!keeping->rows) {
		for (size_t i = 0; i < keeping->n_kept; i++)
			if (!bit_is_set(from, keeping->kept[i]))
				bit_clear(valid, i);
		return;
	}
	for (size_t word = 0; word < bits_words(keeping->batch->n_rows); word++) {
		uint64_t rows = keeping->rows[word];

		for (uint64_t missing = rows & ~from[word]; missing; missing &= missing - 1)
			bit_clear(valid, before + bits_ones(rows & (missing ^ (missing - 1)) >> 1));
		before += bits_ones(rows);
	}
}

/* Places of a bool that is mostly one value: those of rows that stay, by their rank among these. Whether one stays nobody could foretell. */
static void keep_places(const struct keeping *keeping, struct column *to, const struct column *from)
{
	struct block *block = block_new(keeping->batch->pool, (from->n_odd + 1) * sizeof(uint16_t));
	uint16_t *places = (uint16_t *)block->data;
	const uint16_t *ranks = keeping->ranks;
	size_t n = 0;

	for (size_t i = 0; i < from->n_odd; i++) {
		size_t row = column_place(from, i);

		places[n] = ranks[row];
		n += (uint16_t)(ranks[row + 1] - ranks[row]);
	}
	column_set_mostly(to, from->first.number != 0, places, n, block);
}

/* How many rows stay before each, and before the end; NULL: no column wants it. */
static uint16_t *rank_rows(const struct batch *batch, const uint64_t *rows)
{
	uint16_t *ranks, rank = 0;
	bool wanted = false;

	for (size_t col = 0; col < batch->n_columns; col++)
		wanted |= stays_mostly(&batch->columns[col], batch->schema->fields[col].type, 0);
	if (!wanted || batch->n_rows > ENCODED_ROWS)
		return NULL;
	ranks = mem_array(batch->n_rows + 1, sizeof *ranks);
	for (size_t row = 0; row < batch->n_rows; row++) {
		ranks[row] = rank;
		rank = (uint16_t)(rank + bit_is_set(rows, row));
	}
	ranks[batch->n_rows] = rank;
	return ranks;
}

/* Of a column that was checked; false: its values are to be kept. */
static bool keep_encoded(const struct keeping *keeping, struct column *fresh, const struct column *from, enum type type)
{
	const uint32_t *kept = keeping->kept;
	size_t n = keeping->n_kept;

	if (keeping->ranks && stays_mostly(from, type, n))
		keep_places(keeping, fresh, from);
	else if (column_is_narrow(from))
		keep_narrow(keeping, fresh, from);
	else if (from->encoding == ENCODED_SEQUENCE && keeping->rows && n > 0 && kept[n - 1] - kept[0] + 1 == n)
		column_set_sequence(fresh, from->first.number + from->step * kept[0], from->step);
	else
		return keep_counts(keeping, fresh, from);
	return true;
}

static int keep_column(const struct keeping *keeping, size_t col, struct error *err)
{
	struct batch *batch = keeping->batch;
	enum type type = batch->schema->fields[col].type;
	const struct column *from;
	struct pool *pool = batch->pool;
	struct column fresh = COLUMN_INIT;
	size_t n = keeping->n_kept;
	bool encoded;

	if (!(from = column_check(batch, col, err)))
		return -1;
	encoded = keep_encoded(keeping, &fresh, from, type);
	if (!encoded && !(from = column_read(batch, col, err)))
		return -1;
	if (!encoded && type == TYPE_TEXT && !from->codes) {
		write_texts(&fresh, pool, from, keeping->kept, 0, n);
	} else if (!encoded && type == TYPE_TEXT) {
		column_share_entries(&fresh, from);
		keep_values(keeping, column_new_codes(&fresh, pool, n), from->codes, sizeof *from->codes);
	} else if (!encoded) {
		keep_values(keeping, column_new_values(&fresh, pool, type, n), from->values, type_width(type));
	}
	if (from->valid)
		keep_valid(keeping, &fresh, pool, from->valid);
	fresh.mixed = from->mixed;
	fresh.words = from->words;
	column_close(&fresh, type, n);
	column_drop(&batch->columns[col]);
	batch->columns[col] = fresh;
	return 0;
}

int batch_keep(struct batch *batch, const uint64_t *rows, size_t n_kept, struct error *err)
{
	struct keeping keeping = { batch, rows, NULL, n_kept, NULL };
	uint16_t *ranks;
	uint32_t *kept;
	size_t n = 0;
	int result = 0;

	if (n_kept == batch->n_rows)
		return 0;
	kept = mem_array(n_kept + 1, sizeof *kept);
	for (size_t word = 0; word < bits_words(batch->n_rows); word++)
		for (uint64_t bits = rows[word]; bits; bits &= bits - 1)
			kept[n++] = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
	assert(n == n_kept);
	keeping.kept = kept;
	keeping.ranks = ranks = rank_rows(batch, rows);
	for (size_t col = 0; col < batch->n_columns && result == 0; col++)
		result = keep_column(&keeping, col, err);
	free(kept);
	free(ranks);
	batch->n_rows = n_kept;
	batch->compact = false;
	return result;
}

int batch_pick(struct batch *batch, const uint32_t *rows, size_t n, struct error *err)
{
	const struct keeping keeping = { batch, NULL, rows, n, NULL };
	int result = 0;

	for (size_t col = 0; col < batch->n_columns && result == 0; col++)
		result = keep_column(&keeping, col, err);
	batch->n_rows = n;
	batch->compact = false;
	return result;
}

/* ---- keeping a batch ---- */

enum { SMALL_BLOCK = 4096 };

/* What column_read can make again goes; codes are kept narrow. */
static void narrow(struct column *column, struct pool *pool, size_t n_rows)
{
	if (column->codes && !column->wire_codes) {
		struct column wire = COLUMN_INIT;
		uint8_t width = 0;
		unsigned char *codes = column_new_values(&wire, pool, TYPE_BOOL, n_rows * (column->n_entries <= 256 ? 1 : column->n_entries <= 65536 ? 2 : 4));

		codes_narrow(column, n_rows, codes, &width);
		column->wire_codes = codes;
		column->code_width = width;
		column->codes = NULL;
		let_go(column, TYPE_TEXT, n_rows);
		for (size_t i = 0; i < COLUMN_BLOCKS; i++)
			if (!column->blocks[i]) {
				column->blocks[i] = wire.blocks[0];
				break;
			}
	}
	column->codes = NULL;
	if (column->encoding != ENCODED_PLAIN)
		column->values = NULL;
}

/* How much of a block the columns of a batch show. */
struct share { struct block *block; size_t bytes; };

static int by_block(const void *a, const void *b)
{
	uintptr_t one = (uintptr_t)((const struct share *)a)->block, other = (uintptr_t)((const struct share *)b)->block;

	return (one > other) - (one < other);
}

/* Each block once, in order of their addresses, with all bytes that are shown of it; how many. The caller frees *shares. */
static size_t count_shares(const struct batch *batch, struct share **shares)
{
	size_t n = 0, n_blocks = 0;
	struct share *all = mem_array(batch->n_columns * COLUMN_BLOCKS + 1, sizeof *all);

	for (size_t col = 0; col < batch->n_columns; col++) {
		struct column view = batch->columns[col];
		struct column_run runs[MAX_RUNS];
		size_t n_runs = column_runs(&view, batch->schema->fields[col].type, batch->n_rows, runs);

		for (size_t i = 0; i < COLUMN_BLOCKS && view.blocks[i]; i++) {
			all[n] = (struct share){ view.blocks[i], 0 };
			for (size_t k = 0; k < n_runs; k++)
				if (lies_in(view.blocks[i], *runs[k].at))
					all[n].bytes += runs[k].size;
			n++;
		}
	}
	qsort(all, n, sizeof *all, by_block);
	for (size_t i = 0; i < n; i++)
		if (n_blocks && all[n_blocks - 1].block == all[i].block)
			all[n_blocks - 1].bytes += all[i].bytes;
		else
			all[n_blocks++] = all[i];
	*shares = all;
	return n_blocks;
}

static size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

/* The runs that lie in the block, in one of their own. */
static void move_runs(struct column *column, struct pool *pool, enum type type, size_t n_rows, struct block *from, size_t place)
{
	struct column_run runs[MAX_RUNS];
	size_t n = column_runs(column, type, n_rows, runs), size = 0, at = 0;
	struct block *to;

	for (size_t i = 0; i < n; i++)
		size += lies_in(from, *runs[i].at) ? aligned(runs[i].size) : 0;
	to = block_new(pool, size);
	for (size_t i = 0; i < n; i++) {
		if (!lies_in(from, *runs[i].at))
			continue;
		if (runs[i].size)
			memcpy(to->data + at, *runs[i].at, runs[i].size);
		*runs[i].at = to->data + at;
		at += aligned(runs[i].size);
	}
	column->blocks[place] = to;
	block_drop(from);
}

void batch_detach(struct batch *batch)
{
	struct share *shares, key;
	size_t n;

	n = count_shares(batch, &shares);
	for (size_t col = 0; col < batch->n_columns; col++) {
		struct column *column = &batch->columns[col];

		for (size_t i = 0; i < COLUMN_BLOCKS && column->blocks[i]; i++) {
			const struct share *share;

			key.block = column->blocks[i];

			share = bsearch(&key, shares, n, sizeof *shares, by_block);
			/* One that was made meanwhile is not among them. */
			if (share && block_memory(share->block) > SMALL_BLOCK && 4 * share->bytes < 3 * block_memory(share->block))
				move_runs(column, batch->pool, batch->schema->fields[col].type, batch->n_rows, column->blocks[i], i);
		}
	}
	free(shares);
}

void batch_compact(struct batch *batch)
{
	for (size_t col = 0; col < batch->n_columns; col++) {
		struct column *column = &batch->columns[col];

		narrow(column, batch->pool, batch->n_rows);
		let_go(column, batch->schema->fields[col].type, batch->n_rows);
	}
	batch_detach(batch);
	batch->compact = true;
}

size_t batch_memory(const struct batch *batch)
{
	size_t size = batch->n_columns * sizeof *batch->columns, n;
	struct share *shares;

	n = count_shares(batch, &shares);
	for (size_t i = 0; i < n; i++)
		size += block_memory(shares[i].block);
	free(shares);
	return size;
}

size_t batch_bytes(const struct batch *batch)
{
	size_t size = 0;

	for (size_t col = 0; col < batch->n_columns; col++) {
		struct column view = batch->columns[col];
		struct column_run runs[MAX_RUNS];

		if (view.wire_codes)
			view.codes = NULL;
		if (view.encoding != ENCODED_PLAIN && !view.values)
			size += batch->n_rows * type_width(batch->schema->fields[col].type);
		for (size_t i = column_runs(&view, batch->schema->fields[col].type, batch->n_rows, runs); i-- > 0;)
			size += runs[i].size;
	}
	return size;
}
