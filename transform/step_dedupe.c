/* SPDX-License-Identifier: MIT */
/*
 * `dedupe [COLUMN...]`: of rows that agree in these columns (none named: in all
 * features, targets and ids) the first stays. Nulls agree with nulls.
 *
 * The cells of a row are packed one behind the other, text with its length, and a
 * 128-bit hash (XXH3) of that stands for the row. Among n distinct rows two share a
 * hash with a chance below n * n / 2^129: for a thousand million rows 2e-21, far
 * less than a bit flip in memory. (XXH3 can be fooled by who sets out to; so nobody
 * should dedupe what an enemy wrote.) The hashes of all such steps lie in one hash_store, within
 * --memory: a row leaves at once, however many came before it.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "bits.h"
#include "hash_store.h"
#include "memory.h"
#include "step.h"

enum { STRETCH_BYTES = 4 * 1024 * 1024 };       /* rows are packed that many bytes at a time: what dictionaries hold once comes out in each row */

struct dedupe {
	size_t *columns, n_columns;
	struct hash_store *seen;
	size_t user;                    /* of that */
};

/* Of a batch, in the arena of who works on it. */
struct judging {
	const struct dedupe *dedupe;
	struct batch *batch;
	unsigned char *cells;           /* of a stretch of rows, row after row */
	size_t *ends;                   /* of each row: the size of its cells, then where they end in its stretch */
};

static int dedupe_bind(struct binding *binding, struct error *err)
{
	struct names names = { .items = NULL };
	const struct schema *schema = binding->schema;
	int result = BIND_DONE;

	if (binding->arguments->n_words > 1) {
		result = bind_columns(binding, NULL, NULL, &names, err);
	} else if (binding->open) {     /* all features: also those to come */
		result = BIND_WAIT;
	} else {
		for (size_t col = 0; col < schema->n_fields; col++)
			if (schema->fields[col].role == ROLE_FEATURE || schema->fields[col].role == ROLE_TARGET ||
			    schema->fields[col].role == ROLE_ID)
				names_add(&names, schema->fields[col].name);
		if (names.n == 0)
			result = arguments_fail(binding->arguments, 0, err, "no feature, target or id to compare: name the columns");
	}
	if (result == BIND_DONE) {
		struct unit *unit = entry_add(binding->entry, "dedupe");

		unit->acts = ACTS_ON_ROWS;
		names_copy(&unit->reads, &names);
	}
	names_release(&names);
	return result;
}

static void dedupe_close(void *op)
{
	struct dedupe *dedupe = op;

	if (!dedupe)
		return;
	free(dedupe->columns);
	free(dedupe);
}

static void *dedupe_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct dedupe *dedupe = mem_new(1, sizeof *dedupe);

	dedupe->columns = mem_array(unit->reads.n, sizeof *dedupe->columns);
	dedupe->seen = limits->seen;
	if (dedupe->seen)
		dedupe->user = hash_store_user(dedupe->seen);
	for (; dedupe->n_columns < unit->reads.n; dedupe->n_columns++) {
		int col = schema_require(before, unit->reads.items[dedupe->n_columns], err);

		if (col == NO_FIELD) {
			dedupe_close(dedupe);
			return NULL;
		}
		dedupe->columns[dedupe->n_columns] = (size_t)col;
	}
	return dedupe;
}

/* ---- rows as bytes ---- */

/* A cell is a byte that says present, then its value: 8 bytes, 1, or a length of 4 and the text. */
static void add_sizes(const struct column *column, enum type type, size_t n_rows, size_t *sizes)
{
	size_t size;

	for (size_t row = 0; row < n_rows; row++) {
		if (!column_valid(column, row))
			sizes[row] += 1;
		else if (type != TYPE_TEXT)
			sizes[row] += type == TYPE_BOOL ? 2 : 9;
		else
			column_text(column, row, &size), sizes[row] += 5 + size;
	}
}

/* Puts the cell of each row from `first` to `end` at places[row], which moves behind it. */
static void add_cells(const struct column *column, enum type type, size_t first, size_t end, unsigned char *cells, size_t *places)
{
	for (size_t row = first; row < end; row++) {
		unsigned char *to = cells + places[row];

		*to++ = column_valid(column, row);
		if (!column_valid(column, row)) {
			places[row] += 1;
		} else if (type == TYPE_TEXT) {
			size_t size;
			const char *text = column_text(column, row, &size);
			uint32_t length = (uint32_t)size;

			memcpy(to, &length, sizeof length);
			if (size)
				memcpy(to + sizeof length, text, size);
			places[row] += 5 + size;
		} else if (type == TYPE_BOOL) {
			*to = column_bool(column, row);
			places[row] += 2;
		} else if (type == TYPE_REAL) {
			double real = column_real(column, row) + 0.0;   /* -0.0 is 0.0 */

			memcpy(to, &real, sizeof real);
			places[row] += 9;
		} else {
			memcpy(to, (const int64_t *)column->values + row, sizeof(int64_t));
			places[row] += 9;
		}
	}
}

static int measure_rows(struct judging *judging, struct error *err)
{
	const struct dedupe *dedupe = judging->dedupe;
	struct batch *batch = judging->batch;

	for (size_t i = 0; i < dedupe->n_columns; i++) {
		const struct column *column = column_read(batch, dedupe->columns[i], err);

		if (!column)
			return -1;
		add_sizes(column, batch->schema->fields[dedupe->columns[i]].type, batch->n_rows, judging->ends);
	}
	return 0;
}

/* The row behind a stretch that begins at `first`: one row or more. *total: the bytes of its cells. */
static size_t stretch_end(const struct judging *judging, size_t first, size_t *total)
{
	size_t end = first;

	*total = 0;
	while (end < judging->batch->n_rows && (end == first || *total + judging->ends[end] <= STRETCH_BYTES))
		*total += judging->ends[end++];
	return end;
}

/* Room for the cells of any stretch. */
static size_t longest_stretch(const struct judging *judging)
{
	size_t longest = 0, total;

	for (size_t first = 0; first < judging->batch->n_rows; longest = total > longest ? total : longest)
		first = stretch_end(judging, first, &total);
	return longest;
}

/* Packs a stretch; the row behind it. */
static size_t pack_stretch(struct judging *judging, size_t first)
{
	const struct batch *batch = judging->batch;
	size_t total, at = 0, end = stretch_end(judging, first, &total);

	for (size_t row = first; row < end; row++) {
		size_t size = judging->ends[row];

		judging->ends[row] = at;        /* add_cells moves it */
		at += size;
	}
	for (size_t i = 0; i < judging->dedupe->n_columns; i++) {
		size_t col = judging->dedupe->columns[i];

		add_cells(&batch->columns[col], batch->schema->fields[col].type, first, end, judging->cells, judging->ends);
	}
	return end;
}

/* The hashes of the rows that are still there, in order: so many. */
static size_t hash_rows(struct judging *judging, const uint64_t *keep, XXH128_hash_t *hashes)
{
	const struct dedupe *dedupe = judging->dedupe;
	size_t n = 0;

	for (size_t first = 0, end; first < judging->batch->n_rows; first = end) {
		size_t at = 0;

		end = pack_stretch(judging, first);
		for (size_t row = first; row < end; at = judging->ends[row++])
			if (bit_is_set(keep, row))
				hashes[n++] = hash_store_own(dedupe->seen, dedupe->user, XXH3_128bits(judging->cells + at, judging->ends[row] - at));
	}
	return n;
}

/* The first of equal rows is the first of the stream. */
static bool dedupe_ordered(const struct unit *unit)
{
	(void)unit;
	return true;
}

static int dedupe_judge(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err)
{
	const struct dedupe *dedupe = op;
	struct arena *scratch = &work->scratch;
	struct judging judging = { dedupe, batch, NULL, arena_new(scratch, batch->n_rows, sizeof *judging.ends) };
	XXH128_hash_t *hashes = arena_array(scratch, batch->n_rows, sizeof *hashes);
	bool *fresh = arena_array(scratch, batch->n_rows, sizeof *fresh);
	uint64_t n_dropped = 0;
	size_t at = 0;

	if (measure_rows(&judging, err) < 0)
		return -1;
	judging.cells = arena_array(scratch, longest_stretch(&judging), 1);
	if (hash_store_add(dedupe->seen, hashes, hash_rows(&judging, keep, hashes), fresh, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (!bit_is_set(keep, row) || fresh[at++])
			continue;
		bit_clear(keep, row);
		n_dropped++;
	}
	tally_add(work->dropped, "duplicate", NULL, n_dropped);
	return 0;
}

const struct step_kind step_dedupe = {
	.name = "dedupe",
	.usage = "dedupe [COLUMN...]",
	.summary = "keep the first of rows that agree in these columns, or in all features, targets and ids",
	.example = "dedupe order_id",
	.also = "distinct|unique|drop_duplicates",
	.bind = dedupe_bind,
	.open = dedupe_open,
	.judge = dedupe_judge,
	.close = dedupe_close,
	.ordered = dedupe_ordered,
	.remembers = true,
};
