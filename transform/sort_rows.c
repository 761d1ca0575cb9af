/* SPDX-License-Identifier: MIT */
/*
 * A row becomes an item: 64 bits of its first key, of the same order as the values,
 * and where it lies. Most comparisons end there; where the bits agree the keys
 * themselves are compared, and at last the places.
 */
#include "sort_rows.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "order_key.h"
#include "text_builder.h"

enum { TEXT_BYTES = 32 * 1024 * 1024 };         /* of a batch's rows, at most; of a single row, any */

struct item { uint64_t bits; uint32_t batch, row; };

struct sorting {
	struct source in;
	const struct header *header;
	struct sort_key *keys;
	size_t n_keys;
	struct batch *held;
	size_t n_held, room_held;
	struct item *items, *spare;     /* all rows; spare: for merging */
	size_t n, room, at;             /* at: the next to be given out */
	struct text_builder *text;
	size_t longest;                 /* row: bytes of texts at most */
	bool sorted;
};

/* ---- order ---- */

#define LAST UINT64_MAX

static uint64_t bits_of(const struct column *column, const struct sort_key *key, size_t row)
{
	uint64_t bits = 0;
	const char *text;
	size_t size;

	if (!column_valid(column, row))
		return LAST;
	switch (key->type) {
	case TYPE_REAL:
		bits = order_key(column_real(column, row));
		break;
	case TYPE_BOOL:
		bits = column_bool(column, row);
		break;
	case TYPE_TEXT:
		text = column_text(column, row, &size);
		for (size_t i = 0; i < 8; i++)
			bits = bits << 8 | (i < size ? (unsigned char)text[i] : 0);
		break;
	default:
		bits = (uint64_t)column_int(column, row) ^ UINT64_C(1) << 63;
	}
	return key->descending ? ~bits : bits;
}

static int compare_texts(const struct column *a, size_t row_a, const struct column *b, size_t row_b)
{
	size_t size_a, size_b;
	const char *one = column_text(a, row_a, &size_a), *other = column_text(b, row_b, &size_b);
	int order = memcmp(one, other, size_a < size_b ? size_a : size_b);

	return order ? order : (size_a > size_b) - (size_a < size_b);
}

/* By one key of two rows. */
static int compare_key(const struct sort_key *key, const struct column *a, size_t row_a, const struct column *b, size_t row_b)
{
	bool has_a = column_valid(a, row_a), has_b = column_valid(b, row_b);
	int order;
	uint64_t one, other;

	if (!has_a || !has_b)
		return has_b - has_a;
	if (key->type == TYPE_TEXT) {
		order = compare_texts(a, row_a, b, row_b);
		return key->descending ? -order : order;
	}
	one = bits_of(a, key, row_a);
	other = bits_of(b, key, row_b);

	return (one > other) - (one < other);
}

static bool goes_before(const struct sorting *sorting, const struct item *a, const struct item *b)
{
	if (a->bits != b->bits)
		return a->bits < b->bits;
	for (size_t i = 0; i < sorting->n_keys; i++) {
		const struct sort_key *key = &sorting->keys[i];
		int order = compare_key(key, &sorting->held[a->batch].columns[key->col], a->row, &sorting->held[b->batch].columns[key->col], b->row);

		if (order)
			return order < 0;
	}
	return false;                   /* equal: the first stays first */
}

/* Merge sort from below: runs of `width` become runs of twice that. */
static void sort_items(struct sorting *sorting)
{
	for (size_t width = 1; width < sorting->n; width *= 2) {
		struct item *from = sorting->items, *to = sorting->spare;

		for (size_t first = 0; first < sorting->n; first += 2 * width) {
			size_t middle = first + width < sorting->n ? first + width : sorting->n;
			size_t end = middle + width < sorting->n ? middle + width : sorting->n, left = first, right = middle;

			for (size_t i = first; i < end; i++)
				to[i] = right == end || (left < middle && !goes_before(sorting, &from[right], &from[left])) ? from[left++] : from[right++];
		}
		sorting->items = to;
		sorting->spare = from;
	}
}

/* ---- rows in and out ---- */

static size_t longest_text(const struct column *column)
{
	size_t longest = 0;

	for (uint32_t entry = 0; entry < column->n_entries; entry++)
		if (column->offsets[entry + 1] - column->offsets[entry] > longest)
			longest = column->offsets[entry + 1] - column->offsets[entry];
	return longest;
}

static int keep_batch(struct sorting *sorting, struct batch *batch, struct error *err)
{
	struct batch *held;
	size_t longest = 0;

	array_grow(sorting->held, sorting->n_held, sorting->room_held);
	batch_compact(batch);
	held = &sorting->held[sorting->n_held];
	*held = (struct batch)BATCH_INIT;
	batch_move(held, batch);
	sorting->n_held++;
	for (size_t col = 0; col < held->n_columns; col++) {
		const struct column *column = column_read(held, col, err);

		if (!column)
			return -1;
		if (sorting->header->schema.fields[col].type == TYPE_TEXT)
			longest += longest_text(column);
	}
	if (longest > sorting->longest)
		sorting->longest = longest;
	while (sorting->n + held->n_rows > sorting->room) {
		sorting->room = sorting->room ? 2 * sorting->room : BATCH_ROWS;
		sorting->items = mem_resize(sorting->items, sorting->room, sizeof *sorting->items);
	}
	for (size_t row = 0; row < held->n_rows; row++)
		sorting->items[sorting->n++] = (struct item){ bits_of(&held->columns[sorting->keys[0].col], &sorting->keys[0], row),
		                                              (uint32_t)sorting->n_held - 1, (uint32_t)row };
	return 0;
}

static int read_all(struct sorting *sorting, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	while ((result = source_next(&sorting->in, &batch, false, err)) == 1)
		if ((result = keep_batch(sorting, &batch, err)) < 0)
			break;
	batch_free(&batch);
	if (result < 0)
		return -1;
	sorting->spare = mem_array(sorting->n + 1, sizeof *sorting->spare);
	sort_items(sorting);
	sorting->sorted = true;
	return 0;
}

/* Values of one column of the rows that `items` name. */
static void gather(struct sorting *sorting, const struct item *items, size_t n, size_t col, enum type type, struct batch *to)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, to->pool, n, true);
	size_t width = type_width(type);
	unsigned char *values = column_new_values(&fresh, to->pool, type, n);

	for (size_t i = 0; i < n; i++) {
		const struct column *from = &sorting->held[items[i].batch].columns[col];

		memcpy(values + i * width, (const unsigned char *)from->values + items[i].row * width, width);
		valid[i / 64] &= ~((uint64_t)!column_valid(from, items[i].row) << i % 64);
		fresh.mixed |= from->mixed;
		fresh.words |= from->words;
	}
	batch_put(to, col, type, &fresh);
}

static void gather_texts(struct sorting *sorting, const struct item *items, size_t n, size_t col, struct batch *to)
{
	struct column fresh;

	for (size_t i = 0; i < n; i++) {
		const struct column *from = &sorting->held[items[i].batch].columns[col];
		size_t size;
		const char *text = column_text(from, items[i].row, &size);

		if (column_valid(from, items[i].row))
			text_builder_add(sorting->text, text, size);
		else
			text_builder_add_missing(sorting->text);
	}
	text_builder_finish(sorting->text, to->pool, &fresh);
	batch_put(to, col, TYPE_TEXT, &fresh);
}

static size_t text_bytes(const struct sorting *sorting, const struct item *item)
{
	const struct schema *schema = &sorting->header->schema;
	size_t bytes = 0, size;

	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].type == TYPE_TEXT) {
			(void)column_text(&sorting->held[item->batch].columns[col], item->row, &size);
			bytes += size;
		}
	return bytes;
}

/* How many of the next rows make a batch: texts that lay once in a dictionary may come out once a row. */
static size_t batch_rows(const struct sorting *sorting)
{
	size_t n = sorting->n - sorting->at < BATCH_ROWS ? sorting->n - sorting->at : BATCH_ROWS, bytes = 0;

	if (sorting->longest <= TEXT_BYTES / BATCH_ROWS)
		return n;
	for (size_t i = 0; i < n; i++)
		if ((bytes += text_bytes(sorting, &sorting->items[sorting->at + i])) > TEXT_BYTES)
			return i ? i : 1;
	return n;
}

static int sorting_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct sorting *sorting = state;
	const struct schema *schema = &sorting->header->schema;
	const struct item *items;
	size_t n;

	(void)now;
	batch_clear(to);
	if (!sorting->sorted && read_all(sorting, err) < 0)
		return -1;
	items = sorting->items + sorting->at;
	n = batch_rows(sorting);
	if (n == 0)
		return 0;
	batch_start(to, sorting->held[0].pool, schema, n);
	to->first_row = sorting->at;
	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].type == TYPE_TEXT)
			gather_texts(sorting, items, n, col, to);
		else
			gather(sorting, items, n, col, schema->fields[col].type, to);
	sorting->at += n;
	return 1;
}

static const struct end *sorting_end(void *state)
{
	struct sorting *sorting = state;

	return sorting->in.end(sorting->in.state);
}

static void sorting_cancel(void *state) { source_cancel(&((struct sorting *)state)->in); }

static void sorting_close(void *state)
{
	struct sorting *sorting = state;

	for (size_t i = 0; i < sorting->n_held; i++)
		batch_free(&sorting->held[i]);
	free(sorting->held);
	free(sorting->items);
	free(sorting->spare);
	free(sorting->keys);
	text_builder_free(sorting->text);
	source_close(&sorting->in);
	free(sorting);
}

void sort_rows(struct source *out, struct source *in, const struct header *header, const struct sort_key *keys, size_t n_keys)
{
	struct sorting *sorting = mem_new(1, sizeof *sorting);

	sorting->in = *in;
	*in = (struct source){ .state = NULL };
	sorting->header = header;
	sorting->keys = mem_array(n_keys, sizeof *keys);
	memcpy(sorting->keys, keys, n_keys * sizeof *keys);
	sorting->n_keys = n_keys;
	sorting->text = text_builder_new();
	*out = (struct source){ .header = header, .next = sorting_next, .end = sorting_end, .close = sorting_close, .cancel = sorting_cancel,
	                        .state = sorting };
}
