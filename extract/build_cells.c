/* SPDX-License-Identifier: MIT */
/*
 * A block of rows goes in column by column: first all cells are tried, numbers written
 * behind those that are there, and what else they tell kept aside; when every column fits it is
 * made to count. How many rows a batch takes is settled before: as many as
 * if they had come one by one.
 */
#include <assert.h>
#include <string.h>

#include "build_parts.h"
#include "memory.h"
#include "null_words.h"
#include "number_plain.h"
#include "plain_reals.h"

static_assert((int)NUMBER_PLAIN_SLACK <= (int)INPUT_SLACK, "a number at the end of the input is read with what stands behind it");

/* Rows of a block: n of them from `from` on. */
struct part { const struct cells *cells; size_t from, n; };

/* ---- how many ---- */

/* Until the builder is full, or has to look at its size again. *bytes: what they add to it. */
static size_t count_rows(const struct build *build, const struct cells *cells, ptrdiff_t *bytes)
{
	size_t room = build->capacity - build->n_rows, n = cells->n_rows - cells->at;
	ptrdiff_t left = build->left;
	struct buffer text = BUFFER_INIT;
	size_t row = 0;

	*bytes = 0;
	n = n < room ? n : room;
	if (build->origin && (build->n_files == 0 || build->files[build->n_files - 1] != cells->file))
		left -= (ptrdiff_t)strlen(cells->file);
	while (row < n && *bytes < left) {
		*bytes += (ptrdiff_t)(build->row_bytes + 2 * build->n_texts);
		for (size_t i = 0; i < build->n_texts; i++) {
			size_t col = build->slots->items[build->texts[i]].cell, size;
			const char *at = cells_find(cells, cells->at + row, col, &size);

			if ((size && (unsigned char)*at == cells->quote) || cells->nulls) {
				struct cell cell = cells_cell(cells, cells->at + row, col, &text);

				size = cell.kind == CELL_NULL ? 0 : cell.size;
			}
			*bytes += (ptrdiff_t)size;
		}
		row++;
	}
	buffer_free(&text);
	return row;
}

/* ---- cells are tried ---- */

static bool try_texts(const struct slot *slot, const struct part *part)
{
	const struct cells *cells = part->cells;
	struct buffer text = BUFFER_INIT;
	bool fits = true;

	for (size_t row = 0; row < part->n && fits && (slot->unseen || !cells->ascii); row++) {
		struct cell cell = cells_cell(cells, part->from + row, slot->cell, &text);

		fits = cell.kind == CELL_NULL || store_text_fits(slot, &cell, cells->ascii);
	}
	buffer_free(&text);
	return fits;
}

/* How the cell that fits is written, as build.c has it of rows. */
static void try_written(const struct slot *slot, struct store *store, const struct cell *cell, size_t row)
{
	struct tried *tried = &store->tried;

	if (slot->type == TYPE_REAL || slot_is_marked(slot)) {
		slot_written(slot, cell, slot->type == TYPE_REAL ? store->values.reals[row] : 0, &tried->written);
	} else if (slot->type == TYPE_BOOL) {
		tried->mixed = tried->mixed || bool_is_mixed(slot, cell);
	} else if (slot->type == TYPE_TIME && time_is_mixed(slot, cell, store->values.ints[row])) {
		tried->mixed = true;
		tried->n_converted += slot_converts(slot, cell);
	}
}

/* Any cell of a column that is no text. */
static bool try_cell(struct build *build, size_t i, const struct cell *cell, size_t row)
{
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];

	if (cell->kind == CELL_NULL) {
		store_missing(build, store, row);
		return true;
	}
	if (store_number_fits(slot, cell, store, row)) {
		try_written(slot, store, cell, row);
		return true;
	}
	if (missing_word(cell, slot->words) == NO_MISSING_WORD)
		return false;
	store_missing(build, store, row);
	store->tried.words = true;
	return true;
}

static bool try_others(struct build *build, size_t i, const struct part *part)
{
	struct buffer text = BUFFER_INIT;
	bool fits = true;

	for (size_t row = 0; row < part->n && fits; row++) {
		struct cell cell = cells_cell(part->cells, part->from + row, build->slots->items[i].cell, &text);

		fits = try_cell(build, i, &cell, build->n_rows + row);
	}
	buffer_free(&text);
	return fits;
}

static __attribute__((noinline)) bool try_ints(struct build *build, size_t i, const struct part *part)
{
	const struct cells *cells = part->cells;
	size_t col = build->slots->items[i].cell, size;
	int64_t *to = build->stores[i].values.ints + build->n_rows;
	struct buffer text = BUFFER_INIT;
	bool fits = true;

	for (size_t row = 0; row < part->n && fits; row++) {
		const char *at = cells_find(cells, part->from + row, col, &size);
		struct number_plain number;

		if (size && !cells->nulls && number_plain(at, size, &number) && number.decimals == 0 && !(number.minus && number.digits == 0)) {
			to[row] = number.minus ? -(int64_t)number.digits : (int64_t)number.digits;
		} else {
			struct cell cell = cells_cell(cells, part->from + row, col, &text);

			fits = try_cell(build, i, &cell, build->n_rows + row);
		}
	}
	buffer_free(&text);
	return fits;
}

/* Runs of plain ones, and cells that are not. */
static bool try_reals(struct build *build, size_t i, const struct part *part)
{
	const struct cells *cells = part->cells;
	size_t col = build->slots->items[i].cell, row = 0;
	struct plain_written plain = PLAIN_WRITTEN_INIT;
	double *to = build->stores[i].values.reals + build->n_rows;
	struct buffer text = BUFFER_INIT;
	bool fits = true;

	while (row < part->n && fits) {
		struct cell cell;

		if (!cells->nulls)
			row += plain_reals(cells, col, part->from + row, part->n - row, to + row, &plain);
		if (row == part->n)
			break;
		cell = cells_cell(cells, part->from + row, col, &text);
		fits = try_cell(build, i, &cell, build->n_rows + row++);
	}
	plain_written_tell(&plain, false, &build->stores[i].tried.written);
	buffer_free(&text);
	return fits;
}

static void try_slot(struct build *build, size_t i, const struct part *part)
{
	const struct slot *slot = &build->slots->items[i];
	struct tried *tried = &build->stores[i].tried;

	*tried = (struct tried){ .written = build->stores[i].written };
	if (slot_is_marked(slot)) {
		tried->fits = try_others(build, i, part);
		return;
	}
	switch (slot->type) {
	case TYPE_TEXT: tried->fits = try_texts(slot, part); break;
	case TYPE_INT: tried->fits = try_ints(build, i, part); break;
	case TYPE_REAL: tried->fits = try_reals(build, i, part); break;
	default: tried->fits = try_others(build, i, part);
	}
}

/* ---- and count ---- */

static void add_texts(struct build *build, size_t i, const struct part *part)
{
	const struct cells *cells = part->cells;
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];
	struct buffer text = BUFFER_INIT;

	for (size_t row = part->from; row < part->from + part->n; row++) {
		struct cell cell = cells_cell(cells, row, slot->cell, &text);

		if (cell.kind == CELL_NULL) {
			text_builder_add_missing(store->text);
			continue;
		}
		if (slot->nearly >= 0)
			store_watch(slot, cells->line + cells->lines[row], &cell, cells->file, &store->odd);
		text_builder_add(store->text, cell.as.text, cell.size);
	}
	buffer_free(&text);
}

/* The words that are taken as null. */
static void add_words(struct build *build, size_t i, const struct part *part)
{
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];
	struct buffer text = BUFFER_INIT;

	for (size_t row = 0; row < part->n; row++) {
		struct cell cell;

		if (bit_is_set(store->valid, build->n_rows + row))
			continue;
		cell = cells_cell(part->cells, part->from + row, slot->cell, &text);
		if (cell.kind != CELL_NULL)
			store_word(store, missing_word(&cell, slot->words));
	}
	buffer_free(&text);
}

static void add_slot(struct build *build, size_t i, const struct part *part)
{
	struct store *store = &build->stores[i];

	if (store->text)
		add_texts(build, i, part);
	if (store->tried.words)
		add_words(build, i, part);
	store->written = store->tried.written;
	store->mixed |= store->tried.mixed;
	store->n_converted += store->tried.n_converted;
}

static void add_origin(struct build *build, const struct part *part)
{
	const struct cells *cells = part->cells;

	build_file(build, cells->file);
	for (size_t i = 0; i < part->n; i++) {
		size_t row = build->n_rows + i;

		build->file_codes[row] = (uint32_t)build->n_files - 1;
		count_add(&build->line, build, row, (int64_t)(cells->line + cells->lines[part->from + i]));
		count_add(&build->number, build, row, (int64_t)(cells->in_file + part->from + i));
	}
}

/* What was tried is given up: the bit maps are as before. */
static void abandon(struct build *build, const struct part *part)
{
	for (size_t i = 0; i < build->slots->n; i++)
		for (size_t row = 0; row < part->n && build->stores[i].valid; row++)
			bit_set(build->stores[i].valid, build->n_rows + row);
}

struct columns_task { struct build *build; struct part part; const struct beside *beside; };

static void try_task(void *state, size_t i)
{
	struct columns_task *task = state;

	if (!task->beside)
		try_slot(task->build, i, &task->part);
	else if (i > 0)
		try_slot(task->build, i - 1, &task->part);
	else
		task->beside->work(task->beside->state);        /* first, since it takes longest */
}

static void add_task(void *state, size_t i)
{
	struct columns_task *task = state;

	add_slot(task->build, i, &task->part);
}

size_t build_cells(struct build *build, const struct cells *cells, struct workers *workers, const struct beside *beside)
{
	ptrdiff_t bytes;
	struct part part = { .cells = cells, .from = cells->at, .n = count_rows(build, cells, &bytes) };
	struct columns_task task = { build, part, beside };
	size_t n = build->slots->n;
	bool fits = true;

	if (!build->begun)
		build_begin(build);
	workers_run(workers, n + (beside != NULL), try_task, &task);
	for (size_t i = 0; i < n; i++)
		fits &= build->stores[i].tried.fits;
	if (!fits) {
		abandon(build, &part);
		return 0;
	}
	if (build->n_texts > 1)
		workers_run(workers, n, add_task, &task);
	else
		for (size_t i = 0; i < n; i++)
			add_slot(build, i, &part);
	if (build->origin)
		add_origin(build, &part);
	build->left -= bytes;
	build->n_rows += part.n;
	return part.n;
}
