/* SPDX-License-Identifier: MIT */
/* A table of a thousand rows, and one step driven over it by hand: bind, fields, fit over batches of some size, open, apply. */
#ifndef STEP_RUN_H
#define STEP_RUN_H

#include <stdlib.h>

#include "memory.h"
#include "step.h"
#include "text_builder.h"
#include "unit.h"

enum { N_ROWS = 1000, X = 0, N = 1, CITY = 2, FLAG = 3, ROW = 4, N_FIELDS = 5, MAX_UNITS = 16 };

/* ---- the table ---- */

static inline bool has_x(size_t i) { return i % 11 != 3; }
static inline bool has_n(size_t i) { return i % 13 != 5; }

static inline void put_valid(struct batch *batch, struct column *fresh, size_t first, bool (*has)(size_t i))
{
	uint64_t *valid = column_new_valid(fresh, batch->pool, batch->n_rows, false);

	for (size_t row = 0; row < batch->n_rows; row++)
		valid[row / 64] |= (uint64_t)has(first + row) << row % 64;
}

/* Values under missing rows are put to 0. Of two batches the second has its ints narrow. */
static inline void put_numbers(struct batch *batch, size_t first)
{
	struct column fresh[N_FIELDS] = { COLUMN_INIT };
	double *x = column_new_values(&fresh[X], batch->pool, TYPE_REAL, batch->n_rows);
	int64_t *n = column_new_values(&fresh[N], batch->pool, TYPE_INT, batch->n_rows);
	uint8_t *flags = column_new_values(&fresh[FLAG], batch->pool, TYPE_BOOL, batch->n_rows);
	int64_t *numbers = column_new_values(&fresh[ROW], batch->pool, TYPE_INT, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t i = first + row;

		numbers[row] = (int64_t)i;
		flags[row] = i % 3 == 0;
		x[row] = (double)((i * 7919) % 1009) * 0.37 - 50;
		n[row] = (int64_t)((i * 31) % 17) - 5;
	}
	put_valid(batch, &fresh[X], first, has_x);
	put_valid(batch, &fresh[N], first, has_n);
	CHECK(first / batch->n_rows % 2 == 0 || (column_narrow_ints(&fresh[N], batch->n_rows) && column_narrow_ints(&fresh[ROW], batch->n_rows)));
	batch_put(batch, X, TYPE_REAL, &fresh[X]);
	batch_put(batch, N, TYPE_INT, &fresh[N]);
	batch_put(batch, FLAG, TYPE_BOOL, &fresh[FLAG]);
	batch_put(batch, ROW, TYPE_INT, &fresh[ROW]);
}

static inline const char *city_of(size_t i)
{
	static const char *const cities[] = { "Aarhus", "Bergen", "Cork", "Delft", "\xc3\x89vora" };

	return i % 17 == 9 ? NULL : cities[(i * i + i / 7) % 5];
}

static inline bool has_city(size_t i) { return city_of(i) != NULL; }

/* `plain`: the cities row by row, without a dictionary. */
static inline void put_cities(struct batch *batch, size_t first, bool plain)
{
	struct column fresh = COLUMN_INIT;

	if (!plain) {
		struct text_builder *builder = text_builder_new();

		for (size_t row = 0; row < batch->n_rows; row++) {
			const char *city = city_of(first + row);

			if (city)
				text_builder_add(builder, city, strlen(city));
			else
				text_builder_add_missing(builder);
		}
		text_builder_finish(builder, batch->pool, &fresh);
		text_builder_free(builder);
	} else {
		uint32_t *offsets = column_new_offsets(&fresh, batch->pool, batch->n_rows);
		char *bytes = column_new_bytes(&fresh, batch->pool, batch->n_rows * 8);

		offsets[0] = 0;
		for (size_t row = 0; row < batch->n_rows; row++) {
			const char *city = city_of(first + row);
			size_t size = city ? strlen(city) : 0;

			memcpy(bytes + offsets[row], city ? city : "", size);
			offsets[row + 1] = offsets[row] + (uint32_t)size;
		}
		fresh.bytes_size = offsets[batch->n_rows];
		put_valid(batch, &fresh, first, has_city);
	}
	batch_put(batch, CITY, TYPE_TEXT, &fresh);
}

static inline void table_schema(struct schema *schema)
{
	*schema = (struct schema)SCHEMA_INIT;
	schema_add(schema, "x", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "n", TYPE_INT, ROLE_FEATURE);
	schema_add(schema, "city", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "flag", TYPE_BOOL, ROLE_FEATURE);
	schema_add(schema, "_row", TYPE_INT, ROLE_ORIGIN);
}

/* ---- one step over the table ---- */

struct run {
	struct schema before, after;
	struct recipe recipe;
	struct entry entry;
	struct batch whole;             /* all rows in one batch, after the step */
	struct tally counts, dropped;
	struct buffer states;           /* of all units, one behind the other */
	struct buffer texts;            /* of column `watched`, with its nulls, as the small batches gave it */
	const char *watched;
	unsigned passes;
	bool stopped;
	struct error err;
};

static inline void run_release(struct run *run)
{
	batch_free(&run->whole);
	entry_release(&run->entry);
	recipe_release(&run->recipe);
	schema_release(&run->before);
	schema_release(&run->after);
	tally_release(&run->counts);
	tally_release(&run->dropped);
	buffer_free(&run->states);
	buffer_free(&run->texts);
	*run = (struct run){ .passes = 0 };
}

static inline void fill_batch(struct run *run, struct batch *batch, size_t first, size_t n, bool plain)
{
	struct pool *pool = pool_new();

	batch_start(batch, pool, &run->before, n);
	pool_drop(pool);
	batch->first_row = first;
	put_numbers(batch, first);
	put_cities(batch, first, plain);
}

static inline int fit_unit(struct run *run, const struct step_kind *kind, struct unit *unit, size_t size, bool train_only, uint64_t memory)
{
	struct step_limits limits = { .memory = memory };
	void *fit = kind->fit_new(unit, &run->before, &limits, &run->err);
	struct batch batch = BATCH_INIT;
	int result = fit ? FIT_AGAIN : FIT_FAILED;

	for (run->passes = 0; result == FIT_AGAIN; run->passes++) {
		result = FIT_DONE;
		for (size_t first = 0; result == FIT_DONE && first < N_ROWS; first += size) {
			size_t n = first + size < N_ROWS ? size : N_ROWS - first;
			uint64_t rows[(N_ROWS + 63) / 64] = { 0 };

			fill_batch(run, &batch, first, n, first / size % 2);
			for (size_t row = 0; row < n; row++)
				rows[row / 64] |= (uint64_t)((first + row) % 5 != 0) << row % 64;
			result = kind->fit_update(fit, &batch, train_only ? rows : NULL, &run->err);
		}
		if (result == FIT_DONE)
			result = kind->fit_finish(fit, unit, &run->err);
	}
	kind->fit_free(fit);
	batch_free(&batch);
	return result;
}

/* The units of one step, opened. */
struct opened {
	const struct step_kind *kind;
	void *ops[MAX_UNITS];
	struct schema after[MAX_UNITS];         /* the fields behind each */
	uint64_t n_rows[MAX_UNITS];             /* that came out of each so far */
	size_t n;
	struct hash_store *seen;
	struct work work;
};

static inline int open_units(struct run *run, const struct step_kind *kind, struct opened *opened)
{
	struct step_limits limits = { .seen = hash_store_new(1 << 20, MAX_UNITS, NULL) };

	*opened = (struct opened){ .kind = kind, .seen = limits.seen, .work = { .scratch = ARENA_INIT, .counts = &run->counts, .dropped = &run->dropped } };
	while (opened->n < run->entry.n_units && opened->n < MAX_UNITS) {
		const struct unit *unit = &run->entry.units[opened->n];
		struct schema *after = &opened->after[opened->n];

		schema_copy(after, opened->n ? after - 1 : &run->before);
		if (kind->open)
			opened->ops[opened->n] = kind->open(unit, after, &limits, &run->err);
		opened->n++;
		if (run->err.code != STATUS_DONE || (kind->fields && kind->fields(unit, after, &run->err) < 0))
			return -1;
	}
	return 0;
}

static inline void close_units(struct opened *opened)
{
	for (size_t i = 0; i < opened->n; i++) {
		if (opened->kind->close)
			opened->kind->close(opened->ops[i]);
		schema_release(&opened->after[i]);
	}
	hash_store_free(opened->seen);
	arena_free(&opened->work.scratch);
}

static inline int judge_batch(struct run *run, struct opened *opened, size_t i, struct batch *batch)
{
	uint64_t keep[(N_ROWS + 63) / 64] = { 0 };
	size_t n = 0;

	for (size_t row = 0; row < batch->n_rows; row++)
		keep[row / 64] |= UINT64_C(1) << row % 64;
	if (opened->kind->judge(opened->ops[i], batch, keep, &opened->work, &run->err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		n += keep[row / 64] >> row % 64 & 1;
	if (batch_keep(batch, keep, n, &run->err) < 0)
		return -1;
	batch->first_row = opened->n_rows[i];
	return 0;
}

static inline int apply_batch(struct run *run, struct opened *opened, struct batch *batch)
{
	for (size_t i = 0; i < opened->n; i++) {
		if (opened->kind->apply && opened->kind->apply(opened->ops[i], batch, &opened->work, &run->err) < 0)
			return -1;
		CHECK(batch->n_columns == opened->after[i].n_fields);
		batch->schema = &opened->after[i];
		if (opened->kind->judge && judge_batch(run, opened, i, batch) != 0)
			return -1;
		opened->n_rows[i] += batch->n_rows;
		arena_clear(&opened->work.scratch);
	}
	return 0;
}

static inline void watch(struct run *run, struct batch *batch)
{
	int col = run->watched ? schema_find(&run->after, run->watched) : NO_FIELD;
	const struct column *column;

	if (col == NO_FIELD)
		return;
	column = column_read(batch, (size_t)col, &run->err);
	for (size_t row = 0; column && row < batch->n_rows; row++) {
		size_t size = 0;

		if (run->after.fields[col].type == TYPE_TEXT && column_valid(column, row)) {
			const char *text = column_text(column, row, &size);

			buffer_add(&run->texts, text, size);
		} else if (run->after.fields[col].type == TYPE_INT) {
			buffer_format(&run->texts, "%lld", (long long)column_int(column, row));
		}
		buffer_add_text(&run->texts, column_valid(column, row) ? " " : "- ");
	}
}

/* All units opened, over batches of `size`, then over the whole table at once. */
static inline int apply_units(struct run *run, const struct step_kind *kind, size_t size)
{
	struct batch batch = BATCH_INIT;
	int result = 0;

	for (int whole = 0; whole < 2 && result == 0; whole++) {
		struct opened opened;
		size_t step = whole ? N_ROWS : size;

		tally_release(&run->counts);
		tally_release(&run->dropped);
		result = open_units(run, kind, &opened);
		schema_release(&run->after);
		schema_copy(&run->after, opened.n ? &opened.after[opened.n - 1] : &run->before);
		for (size_t first = 0; result == 0 && first < N_ROWS && !opened.work.stop; first += step) {
			struct batch *to = whole ? &run->whole : &batch;

			fill_batch(run, to, first, first + step < N_ROWS ? step : N_ROWS - first, !whole && first / step % 2);
			result = apply_batch(run, &opened, to);
			to->schema = &run->after;
			if (result == 0 && !whole)
				watch(run, to);
		}
		run->stopped = opened.work.stop;
		close_units(&opened);
	}
	batch_free(&batch);
	return result;
}

/* Whether the fields behind are known before the fit, too. */
static inline bool known_fields(struct run *run, const struct step_kind *kind)
{
	struct schema known;
	bool fine = true;

	schema_copy(&known, &run->before);
	for (size_t i = 0; fine && kind->fields && i < run->entry.n_units; i++)
		fine = kind->fields(&run->entry.units[i], &known, &run->err) == 0;
	schema_release(&known);
	return fine;
}

/* 0, or -1 with run->err. train_only: learns from rows whose number is no multiple of 5. */
static inline int run_step(struct run *run, const char *line, size_t size, bool train_only, uint64_t memory)
{
	const char *watched = run->watched;
	const struct arguments *arguments;
	const struct step_kind *kind;
	struct binding binding;

	run_release(run);
	run->watched = watched;
	table_schema(&run->before);
	if (recipe_add(&run->recipe, line, "argument 1", &run->err) < 0)
		return -1;
	arguments = &run->recipe.steps[0];
	kind = step_require(arguments, &run->err);
	binding = (struct binding) { .arguments = arguments, .schema = &run->before, .seed = 42, .entry = &run->entry };
	if (!kind || kind->bind(&binding, &run->err) != BIND_DONE)
		return -1;
	if (!known_fields(run, kind))
		return -1;
	for (size_t i = 0; i < run->entry.n_units; i++) {
		struct unit *unit = &run->entry.units[i];

		if (kind->fit_new && (!kind->learns || kind->learns(unit)) && fit_unit(run, kind, unit, size, train_only, memory) != FIT_DONE)
			return -1;
		if (unit->state)
			buffer_add(&run->states, unit->state->data, unit->state->size);
	}
	return apply_units(run, kind, size);
}

static inline uint64_t counted(const struct tally *tally, const char *reason)
{
	uint64_t count = 0;

	for (size_t i = 0; i < tally->n; i++) {
		struct buffer text = BUFFER_INIT;

		tally_item_print_within(&tally->items[i], &text);
		if (strcmp(buffer_text(&text), reason) == 0)
			count = tally->items[i].count;
		buffer_free(&text);
	}
	return count;
}

/* The value in a row of the whole table, after the step; NaN: missing. */
static inline double value_at(struct run *run, const char *name, size_t row)
{
	int col = schema_find(&run->after, name);
	const struct column *column = col == NO_FIELD ? NULL : column_read(&run->whole, (size_t)col, &run->err);

	if (!column || !column_valid(column, row))
		return NAN;
	return column_number(column, run->after.fields[col].type, row);
}

static inline enum type type_of(const struct run *run, const char *name)
{
	return run->after.fields[schema_find(&run->after, name)].type;
}

/* States and watched texts come out the same for any batch size, with memory for all values and for few; again: in more passes then. */
static inline void check_sizes(const char *line, const char *watched, uint64_t little, bool again)
{
	const size_t sizes[] = { 1, 7, 64, 333 };
	struct run whole = { .watched = watched }, parts = { .watched = watched };

	TEST(line);
	CHECK(run_step(&whole, line, N_ROWS, true, 1 << 20) == 0);
	for (size_t i = 0; i < 4; i++) {
		CHECK(run_step(&parts, line, sizes[i], true, little && i % 2 ? little : 1 << 20) == 0);
		CHECK(parts.states.size == whole.states.size &&
			(whole.states.size == 0 || memcmp(parts.states.data, whole.states.data, whole.states.size) == 0));
		CHECK_TEXT(buffer_text(&parts.texts), buffer_text(&whole.texts));
		if (little && i % 2)
			CHECK((parts.passes > 1) == again);
	}
	run_release(&whole);
	run_release(&parts);
}

#endif
