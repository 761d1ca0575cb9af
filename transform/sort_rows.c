/* SPDX-License-Identifier: MIT */
/*
 * A row becomes an item: 64 bits of its first key, of the same order as the values,
 * and where it lies. Most comparisons end there; where the bits agree the keys
 * themselves are compared, and at last the places.
 *
 * Rows that are held are sorted and become a run when they pass the memory; `fan` runs
 * of one level become one of the next. All that is given out, and all that is written
 * to a run, is picked row by row, from the items or from the heads of the runs, and
 * then gathered column by column.
 */
#include "sort_rows.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "gather.h"
#include "memory.h"
#include "narrow.h"
#include "order_key.h"
#include "text_builder.h"

enum {
	FAN = 8,                        /* runs that are merged at once, or fewer where a batch of each is much */
	FAN_SPARE = 8 * 1024 * 1024,    /* for them, beside the memory; */
	RUN_OPEN = 512 * 1024,          /* of one that is open, and */
	RUN_COLUMN = 256,               /* of each of its columns, values apart */
	OUT_BYTES = 4 * 1024 * 1024,    /* of a batch's rows that are given out, at most; of a single row, any */
	RUN_BYTES = 256 * 1024,         /* of a batch's rows in a run: one of each is held; or */
	RUN_ROWS = 16,                  /* so many where a row has thousands of columns, since each column of a batch costs more than a few values */
	ITEM_BYTES = 3 * 16,            /* of an item: there is a spare one, and a list of them doubles */
};

struct item { uint64_t bits; uint32_t batch, row; };

enum { NOT_NARROW = -1 };       /* as digits */

/* Sorted rows in a file, and the head of what is left of them. */
struct row_run { int fd; unsigned level; struct source rows; struct item head; bool ended; };

struct sorting {
	struct source in;               /* first: source_inner_cancel */
	struct end end;                 /* of what was read */
	const struct header *header;
	struct sort_key *keys;
	size_t n_keys;
	uint64_t memory, used;          /* used: by what is held and its items */
	const struct host *host;
	struct pool *pool;
	struct gather gather;           /* short batches, behind those that are held */
	bool *mixed, *words;            /* by column: what is said of it anywhere (batch.h); runs don't decide where */
	int *digits;                    /* by column: the most of a batch that came, while all are narrow (batch.h); it goes out so where it can */
	size_t width;                   /* of a row's values, texts aside */
	size_t fan;

	struct batch *held;             /* of `items`, or of the heads of the runs and of what was picked from them */
	size_t n_held, room_held;
	struct item *items, *spare;     /* the rows held; spare: for sorting */
	size_t n, room, at;             /* at: the next to be given out */

	struct row_run *runs;               /* in order of their rows */
	size_t n_runs, room_runs;
	size_t first, best;             /* those from `first` on are merged; the one whose head comes next */
	bool merging, sorted;
	uint64_t n_out;

	struct item *picked;            /* for a batch: BATCH_ROWS of them */
	struct text_builder *text;
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

/* ---- rows that are held ---- */

static void take_digits(int *digits, const struct column *column)
{
	if (column->encoding != ENCODED_NARROW)
		*digits = NOT_NARROW;
	else if (*digits != NOT_NARROW && column->digits > *digits)
		*digits = column->digits;
}

/* What is narrow and no key stays as it is. */
static int read_columns(const struct sorting *sorting, struct batch *batch, struct error *err)
{
	for (size_t i = 0; i < sorting->n_keys; i++)
		if (!column_read(batch, sorting->keys[i].col, err))
			return -1;
	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct column *column = column_check(batch, col, err);

		if (!column || (!column_is_narrow(column) && !column_read(batch, col, err)))
			return -1;
		take_digits(&sorting->digits[col], column);
		sorting->mixed[col] |= column->mixed;
		sorting->words[col] |= column->words;
	}
	return 0;
}

static struct item item_at(const struct sorting *sorting, size_t batch, size_t row)
{
	const struct sort_key *key = &sorting->keys[0];

	return (struct item){ bits_of(&sorting->held[batch].columns[key->col], key, row), (uint32_t)batch, (uint32_t)row };
}

/* Takes the batch over. */
static void hold(struct sorting *sorting, struct batch *batch)
{
	array_grow(sorting->held, sorting->n_held, sorting->room_held);
	sorting->held[sorting->n_held] = (struct batch)BATCH_INIT;
	batch_move(&sorting->held[sorting->n_held++], batch);
}

static int keep_batch(struct sorting *sorting, struct batch *batch, struct error *err)
{
	size_t n_rows = batch->n_rows;

	batch_compact(batch);
	if (read_columns(sorting, batch, err) < 0)
		return -1;
	sorting->used += batch_memory(batch) + n_rows * ITEM_BYTES;
	hold(sorting, batch);
	while (sorting->n + n_rows > sorting->room) {
		sorting->room = sorting->room ? 2 * sorting->room : 1024;
		sorting->items = mem_resize(sorting->items, sorting->room, sizeof *sorting->items);
	}
	for (size_t row = 0; row < n_rows; row++)
		sorting->items[sorting->n++] = item_at(sorting, sorting->n_held - 1, row);
	return 0;
}

static void drop_held(struct sorting *sorting)
{
	for (size_t i = 0; i < sorting->n_held; i++)
		batch_free(&sorting->held[i]);
	free(sorting->items);
	free(sorting->spare);
	sorting->items = sorting->spare = NULL;
	sorting->n_held = sorting->n = sorting->room = sorting->at = 0;
	sorting->used = 0;
}

static void sort_held(struct sorting *sorting)
{
	sorting->spare = mem_array(sorting->n + 1, sizeof *sorting->spare);
	sort_items(sorting);
	free(sorting->spare);
	sorting->spare = NULL;
}

/* ---- rows in order ---- */

/* The head of the run becomes its next row. */
static int run_next(struct sorting *sorting, struct row_run *run, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	if (run->rows.next && run->head.row + 1 < sorting->held[run->head.batch].n_rows) {
		run->head = item_at(sorting, run->head.batch, run->head.row + 1);
		return 0;
	}
	if (!run->rows.next) {
		const struct reader_options options = { .host = sorting->host, .pool = sorting->pool };

		if (lseek(run->fd, 0, SEEK_SET) < 0)
			return error_errno(err, "temporary file");
		if (reader_open(&run->rows, run->fd, "temporary file", &options, err) < 0)
			return -1;
	}
	result = source_next(&run->rows, &batch, false, err);
	if (result == 1 && (result = read_columns(sorting, &batch, err)) == 0) {
		hold(sorting, &batch);
		run->head = item_at(sorting, sorting->n_held - 1, 0);
	} else if (result == 0) {
		run->ended = true;
	}
	batch_free(&batch);
	return result < 0 ? -1 : 0;
}

/* The row that comes next; NULL: there is none. Of equal heads the first run's goes first. */
static const struct item *peek(struct sorting *sorting)
{
	const struct item *best = NULL;

	if (!sorting->merging)
		return sorting->at < sorting->n ? &sorting->items[sorting->at] : NULL;
	for (size_t i = sorting->first; i < sorting->n_runs; i++) {
		const struct row_run *run = &sorting->runs[i];

		if (run->ended || (best && !goes_before(sorting, &run->head, best)))
			continue;
		best = &run->head;
		sorting->best = i;
	}
	return best;
}

static size_t row_bytes(const struct sorting *sorting, const struct item *item)
{
	const struct schema *schema = &sorting->header->schema;
	size_t bytes = sorting->width, size;

	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].type == TYPE_TEXT) {
			(void)column_text(&sorting->held[item->batch].columns[col], item->row, &size);
			bytes += size;
		}
	return bytes;
}

/* The next rows, of `most` bytes, go to `picked`: *n of them. */
static int pick(struct sorting *sorting, size_t most, size_t *n, struct error *err)
{
	const struct item *item;
	size_t bytes = 0;

	for (*n = 0; *n < BATCH_ROWS && (item = peek(sorting)); ) {
		bytes += row_bytes(sorting, item);
		if (*n > 0 && bytes > most)
			break;
		sorting->picked[(*n)++] = *item;
		if (!sorting->merging)
			sorting->at++;
		else if (run_next(sorting, &sorting->runs[sorting->best], err) < 0)
			return -1;
	}
	return 0;
}

/* Of what the runs held only the batches of their heads are needed on. */
static void drop_picked(struct sorting *sorting)
{
	size_t n_left = 0;

	for (size_t i = 0; i < sorting->n_held; i++) {
		struct row_run *run = NULL;

		for (size_t r = sorting->first; r < sorting->n_runs && !run; r++)
			if (!sorting->runs[r].ended && sorting->runs[r].head.batch == i)
				run = &sorting->runs[r];
		if (!run) {
			batch_clear(&sorting->held[i]);
			continue;
		}
		if (n_left != i)
			batch_move(&sorting->held[n_left], &sorting->held[i]);
		run->head.batch = (uint32_t)n_left++;
	}
	for (size_t i = n_left; i < sorting->n_held; i++)
		batch_free(&sorting->held[i]);
	sorting->n_held = n_left;
}

static void put_value(unsigned char *to, const struct column *from, enum type type, size_t row)
{
	size_t width = type_width(type);

	if (from->values)
		memcpy(to, (const unsigned char *)from->values + row * width, width);
	else
		column_narrow_value(from, type, row, to);
}

/* The rows picked, of a column that all batches have as narrow ints, by its most digits; false: these are too many for one of them. */
static bool gather_narrow(struct sorting *sorting, size_t n, size_t col, struct column *fresh)
{
	int64_t *longs = (int64_t *)fresh->values;
	unsigned digits = (unsigned)sorting->digits[col];
	bool fits = true;

	for (size_t i = 0; i < n; i++) {
		const struct item *item = &sorting->picked[i];
		const struct column *from = &sorting->held[item->batch].columns[col];

		fits &= narrow_rescale(narrow_at(from->narrow, from->narrow_width, item->row), from->digits, digits, &longs[i]);
	}
	if (!fits || !column_narrow_ints(fresh, n))
		return false;
	fresh->digits = (uint8_t)digits;
	return true;
}

/* Values of one column of the rows picked. */
static void gather_values(struct sorting *sorting, size_t n, size_t col, enum type type, struct batch *to)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, to->pool, n, true);
	unsigned char *values = column_new_values(&fresh, to->pool, type, n);
	bool narrow = sorting->digits[col] != NOT_NARROW && gather_narrow(sorting, n, col, &fresh);

	for (size_t i = 0; i < n; i++) {
		const struct item *item = &sorting->picked[i];
		const struct column *from = &sorting->held[item->batch].columns[col];

		if (!narrow)
			put_value(values + i * type_width(type), from, type, item->row);
		valid[i / 64] &= ~((uint64_t)!column_valid(from, item->row) << i % 64);
	}
	fresh.mixed = sorting->mixed[col];
	fresh.words = sorting->words[col];
	batch_put(to, col, type, &fresh);
}

static void gather_texts(struct sorting *sorting, size_t n, size_t col, struct batch *to)
{
	struct column fresh;

	for (size_t i = 0; i < n; i++) {
		const struct item *item = &sorting->picked[i];
		const struct column *from = &sorting->held[item->batch].columns[col];
		size_t size;
		const char *text = column_text(from, item->row, &size);

		if (column_valid(from, item->row))
			text_builder_add(sorting->text, text, size);
		else
			text_builder_add_missing(sorting->text);
	}
	text_builder_finish(sorting->text, to->pool, &fresh);
	batch_put(to, col, TYPE_TEXT, &fresh);
}

/* The next rows as a batch of `most` bytes: 1, 0, -1. */
static int next_batch(struct sorting *sorting, size_t most, struct batch *to, struct error *err)
{
	const struct schema *schema = &sorting->header->schema;
	size_t n;

	batch_clear(to);
	if (pick(sorting, most, &n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	batch_start(to, sorting->pool, schema, n);
	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].type == TYPE_TEXT)
			gather_texts(sorting, n, col, to);
		else
			gather_values(sorting, n, col, schema->fields[col].type, to);
	if (sorting->merging)
		drop_picked(sorting);
	return 1;
}

/* ---- runs ---- */

static void run_close(struct row_run *run)
{
	source_close(&run->rows);
	if (run->fd >= 0)
		close(run->fd);
}

/* Of a batch in a run. */
static size_t run_bytes(const struct sorting *sorting)
{
	return sorting->width * RUN_ROWS > RUN_BYTES ? sorting->width * RUN_ROWS : RUN_BYTES;
}

static size_t choose_fan(const struct sorting *sorting)
{
	uint64_t each = run_bytes(sorting) + RUN_OPEN + (uint64_t)sorting->header->schema.n_fields * RUN_COLUMN, n = (sorting->memory + FAN_SPARE) / each;

	return n < 2 ? 2 : n < FAN ? (size_t)n : FAN;
}

static int write_rows(struct sorting *sorting, struct writer *writer, struct error *err)
{
	const struct header header = { .schema = sorting->header->schema };
	const struct end none = END_INIT;
	struct batch batch = BATCH_INIT;
	int result = writer_header(writer, &header, err);

	while (result == 0 && (result = next_batch(sorting, run_bytes(sorting), &batch, err)) == 1)
		result = writer_batch(writer, &batch, err);
	batch_free(&batch);
	return result < 0 ? -1 : writer_end(writer, &none, err);
}

/* All rows that come next, as a run. */
static int write_run(struct sorting *sorting, unsigned level, struct row_run *run, struct error *err)
{
	struct writer *writer;
	int result;

	*run = (struct row_run){ .fd = file_unnamed(sorting->host, err), .level = level };
	if (run->fd < 0)
		return -1;
	writer = writer_new(run->fd, 0, sorting->host);
	result = write_rows(sorting, writer, err);
	writer_free(writer);
	if (result == 0)
		return 0;
	run_close(run);
	return file_unnamed_failed(sorting->host, err);
}

static void add_run(struct sorting *sorting, const struct row_run *run)
{
	array_grow(sorting->runs, sorting->n_runs, sorting->room_runs);
	sorting->runs[sorting->n_runs++] = *run;
}

/* From here on rows are those of the runs from `first` on. */
static int start_merge(struct sorting *sorting, size_t first, struct error *err)
{
	drop_held(sorting);
	sorting->first = first;
	sorting->merging = true;
	for (size_t i = first; i < sorting->n_runs; i++)
		if (run_next(sorting, &sorting->runs[i], err) < 0)
			return -1;
	return 0;
}

/* The last n runs become one. */
static int merge_last(struct sorting *sorting, size_t n, struct error *err)
{
	size_t first = sorting->n_runs - n;
	struct row_run merged;

	if (start_merge(sorting, first, err) < 0 || write_run(sorting, sorting->runs[first].level + 1, &merged, err) < 0)
		return -1;
	while (sorting->n_runs > first)
		run_close(&sorting->runs[--sorting->n_runs]);
	drop_held(sorting);
	sorting->merging = false;
	add_run(sorting, &merged);
	return 0;
}

/* What is held becomes a run. */
static int spill(struct sorting *sorting, struct error *err)
{
	struct row_run run;

	sort_held(sorting);
	if (write_run(sorting, 0, &run, err) < 0)
		return -1;
	add_run(sorting, &run);
	drop_held(sorting);
	while (sorting->n_runs >= sorting->fan && sorting->runs[sorting->n_runs - sorting->fan].level == sorting->runs[sorting->n_runs - 1].level)
		if (merge_last(sorting, sorting->fan, err) < 0)
			return -1;
	return 0;
}

/* ---- all of it ---- */

static int take_batch(struct sorting *sorting, struct batch *batch, struct error *err)
{
	if (sorting->n > 0 && sorting->used + batch_memory(batch) + batch->n_rows * ITEM_BYTES > sorting->memory && spill(sorting, err) < 0)
		return -1;
	return keep_batch(sorting, batch, err);
}

static int take_gathered(struct sorting *sorting, struct error *err)
{
	struct batch gathered = BATCH_INIT;
	int result = 0;

	if (sorting->gather.n > 0)
		result = gather_take(&sorting->gather, &gathered, err) < 0 ? -1 : take_batch(sorting, &gathered, err);
	batch_free(&gathered);
	return result;
}

static int add_batch(struct sorting *sorting, struct batch *batch, struct error *err)
{
	bool is_short = gather_wants(batch);

	if (!sorting->pool)
		sorting->pool = pool_use(batch->pool);
	batch->schema = &sorting->header->schema;
	if (is_short && gather_add(&sorting->gather, batch, err) < 0)
		return -1;
	if ((!is_short || gather_full(&sorting->gather)) && take_gathered(sorting, err) < 0)
		return -1;
	return is_short ? 0 : take_batch(sorting, batch, err);
}

static int read_all(struct sorting *sorting, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	while ((result = source_next(&sorting->in, &batch, false, err)) == 1)
		if ((result = add_batch(sorting, &batch, err)) < 0)
			break;
	batch_free(&batch);
	if (result < 0 || take_gathered(sorting, err) < 0)
		return -1;
	sorting->sorted = true;
	end_copy(&sorting->end, sorting->in.end(sorting->in.state));
	source_close(&sorting->in);
	if (sorting->n_runs == 0) {
		sort_held(sorting);
		return 0;
	}
	if (spill(sorting, err) < 0)
		return -1;
	while (sorting->n_runs > sorting->fan)
		if (merge_last(sorting, sorting->fan, err) < 0)
			return -1;
	return start_merge(sorting, 0, err);
}

static int sorting_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct sorting *sorting = state;
	int result;

	(void)now;
	batch_clear(to);
	if (!sorting->sorted && read_all(sorting, err) < 0)
		return -1;
	result = next_batch(sorting, OUT_BYTES, to, err);
	if (result == 0)
		drop_held(sorting);
	if (result != 1)
		return result;
	to->first_row = sorting->n_out;
	sorting->n_out += to->n_rows;
	return 1;
}

static const struct end *sorting_end(void *state)
{
	return &((struct sorting *)state)->end;
}

static void sorting_close(void *state)
{
	struct sorting *sorting = state;

	drop_held(sorting);
	for (size_t i = 0; i < sorting->n_runs; i++)
		run_close(&sorting->runs[i]);
	free(sorting->runs);
	free(sorting->held);
	free(sorting->keys);
	free(sorting->mixed);
	free(sorting->words);
	free(sorting->digits);
	free(sorting->picked);
	gather_release(&sorting->gather);
	text_builder_free(sorting->text);
	pool_drop(sorting->pool);
	source_close(&sorting->in);
	end_release(&sorting->end);
	free(sorting);
}

void sort_rows(struct source *out, struct source *in, const struct header *header, const struct sort_key *keys, size_t n_keys,
               const struct step_limits *limits)
{
	struct sorting *sorting = mem_new(1, sizeof *sorting);
	const struct schema *schema = &header->schema;

	sorting->in = *in;
	*in = (struct source){ .state = NULL };
	sorting->header = header;
	sorting->keys = mem_array(n_keys, sizeof *keys);
	memcpy(sorting->keys, keys, n_keys * sizeof *keys);
	sorting->n_keys = n_keys;
	sorting->memory = limits->memory;
	sorting->host = limits->host;
	sorting->mixed = mem_new(schema->n_fields + 1, sizeof *sorting->mixed);
	sorting->words = mem_new(schema->n_fields + 1, sizeof *sorting->words);
	sorting->digits = mem_new(schema->n_fields + 1, sizeof *sorting->digits);
	for (size_t col = 0; col < schema->n_fields; col++)
		sorting->width += schema->fields[col].type == TYPE_TEXT ? sizeof(uint32_t) : type_width(schema->fields[col].type);
	sorting->fan = choose_fan(sorting);
	sorting->picked = mem_array(BATCH_ROWS, sizeof *sorting->picked);
	sorting->text = text_builder_new();
	*out = (struct source){ .header = header, .next = sorting_next, .end = sorting_end, .close = sorting_close, .cancel = source_inner_cancel,
	                        .state = sorting };
}
