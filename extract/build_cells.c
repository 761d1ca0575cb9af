/* SPDX-License-Identifier: MIT */
/*
 * A block of rows goes in column by column: first all cells are tried, numbers written
 * behind those that are there, and what else they tell kept aside; when every column fits it is
 * made to count.
 */
#include <assert.h>
#include <string.h>

#include "build_parts.h"
#include "memory.h"
#include "null_words.h"
#include "plain_numbers.h"
#include "text.h"

/* Rows of a block: n of them from `from` on. */
struct part { const struct cells *cells; size_t from, n; bool utf8; };

/* ---- cells are tried ---- */

static bool try_texts(const struct slot *slot, const struct part *part)
{
	const struct cells *cells = part->cells;
	struct buffer text = BUFFER_INIT;
	bool fits = true;

	for (size_t row = 0; row < part->n && fits && (slot->unseen || !part->utf8); row++) {
		struct cell cell = cells_cell(cells, part->from + row, slot->cell, &text);

		fits = cell.kind == CELL_NULL || store_text_fits(slot, &cell, part->utf8);
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

/* Any cell of a column that is no text. No word is a value. */
static bool try_cell(struct build *build, size_t i, const struct cell *cell, size_t row)
{
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];
	int word;

	if (cell->kind == CELL_NULL) {
		store_missing(build, store, row);
		return true;
	}
	if (store_number_fits(slot, cell, store, row)) {
		try_written(slot, store, cell, row);
		return true;
	}
	word = missing_word(cell, slot->words);
	if (word == NO_MISSING_WORD)
		return false;
	store_missing(build, store, row);
	store->tried.n_words++;
	store->tried.words[word]++;
	return true;
}

/* How a column is read. */
struct trying { struct plain plain; struct plain_written written; struct time_reader times; bool has_times; };

/* Rows that are plain, behind `row` others of the part. */
static size_t try_plain(struct build *build, size_t i, struct trying *reading, size_t from, size_t row, size_t n, struct plain_run *run)
{
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];
	size_t at = build->n_rows + row, got = 0;

	run->n_missing = run->n_words = 0;
	run->trailing = false;
	switch (slot->type) {
	case TYPE_INT: got = plain_ints(&reading->plain, from, n, store->values.ints + at, run); break;
	case TYPE_REAL: got = plain_reals(&reading->plain, from, n, store->values.reals + at, &reading->written, run); break;
	case TYPE_BOOL: got = plain_bools(&reading->plain, from, n, slot->form, store->values.bools + at, run); break;
	case TYPE_TIME: got = reading->has_times ? plain_times(&reading->plain, from, n, &reading->times, store->values.ints + at, run) : 0; break;
	default: break;
	}
	if (reading->plain.marked)
		store->tried.written.bare |= slot->type == TYPE_REAL ? any_thousand_real(store->values.reals + at, got) : any_thousand_int(store->values.ints + at, got);
	for (size_t k = 0; k < run->n_missing; k++)
		store_missing(build, store, at + run->missing[k]);
	for (int word = 0; run->n_words && word < N_MISSING_WORDS; word++)
		store->tried.words[word] += run->words[word];
	store->tried.n_words += run->n_words;
	store->tried.mixed = store->tried.mixed || run->trailing;
	return got;
}

/* Runs of plain cells, and single ones that are not. */
static bool try_values(struct build *build, size_t i, const struct part *part)
{
	const struct slot *slot = &build->slots->items[i];
	struct tried *tried = &build->stores[i].tried;
	struct trying reading = { .plain = plain_column(part->cells, slot->cell, slot->words, slot_is_marked(slot) ? slot->marks : NUMBER_MARKS_PLAIN), .written = PLAIN_WRITTEN_INIT };
	struct buffer text = BUFFER_INIT;
	size_t row = 0;
	bool fits = true;

	reading.written.mixed = written_is_mixed(&tried->written);
	reading.has_times = slot->type == TYPE_TIME && slot->form && time_reader_set(&reading.times, slot->form);
	while (row < part->n && fits) {
		size_t wanted = part->n - row < PLAIN_ROWS ? part->n - row : PLAIN_ROWS;
		struct plain_run run;
		size_t got = try_plain(build, i, &reading, part->from + row, row, wanted, &run);
		struct cell cell;

		row += got;
		if (got == wanted)
			continue;
		cell = cells_cell(part->cells, part->from + row, slot->cell, &text);
		fits = try_cell(build, i, &cell, build->n_rows + row++);
	}
	plain_written_tell(&reading.written, false, &tried->written);
	buffer_free(&text);
	return fits;
}

static void try_slot(struct build *build, size_t i, const struct part *part)
{
	const struct slot *slot = &build->slots->items[i];
	struct tried *tried = &build->stores[i].tried;

	*tried = (struct tried){ .written = build->stores[i].written };
	tried->fits = slot->type == TYPE_TEXT ? try_texts(slot, part) : try_values(build, i, part);
}

/* ---- and count ---- */

/* Texts that are null by their words, or that are watched, are looked at singly. */
static void add_texts_singly(const struct slot *slot, struct store *store, const struct part *part)
{
	const struct cells *cells = part->cells;
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

static_assert((int)TEXT_SLACK <= (int)INPUT_SLACK, "what stands behind the end of the input is read too");

static void add_texts(const struct slot *slot, struct store *store, const struct part *part)
{
	const struct plain plain = plain_column(part->cells, slot->cell, WORDS_NONE, NUMBER_MARKS_PLAIN);
	const struct text_places places = {
		.bytes = plain.bytes, .begins = plain.begins + part->from * plain.begin_step, .ends = plain.ends + part->from * plain.end_step,
		.begin_step = plain.begin_step, .end_step = plain.end_step, .after = plain.after, .quote = plain.quote,
	};

	text_builder_add_places(store->text, &places, part->n);
}

static void add_slot(struct build *build, size_t i, const struct part *part)
{
	const struct slot *slot = &build->slots->items[i];
	struct store *store = &build->stores[i];

	if (store->text && (slot->nearly >= 0 || part->cells->nulls))
		add_texts_singly(slot, store, part);
	else if (store->text)
		add_texts(slot, store, part);
	for (int word = 0; store->tried.n_words && word < N_MISSING_WORDS; word++)
		if (store->tried.words[word])
			store_words(store, word, store->tried.words[word]);
	store->written = store->tried.written;
	store->mixed |= store->tried.mixed;
	store->n_converted += store->tried.n_converted;
}

static void add_origin(struct build *build, const struct part *part)
{
	const struct cells *cells = part->cells;
	const uint32_t *lines = cells->lines + part->from;

	build_file(build, cells->file);
	for (size_t i = 0; i < part->n; i++)
		build->file_codes[build->n_rows + i] = (uint32_t)build->n_files - 1;
	count_add_run(&build->number, build, build->n_rows, part->n, (int64_t)(cells->in_file + part->from));
	if (lines[part->n] - lines[0] == part->n)       /* a line each */
		count_add_run(&build->line, build, build->n_rows, part->n, (int64_t)(cells->line + lines[0]));
	else
		for (size_t i = 0; i < part->n; i++)
			count_add(&build->line, build, build->n_rows + i, (int64_t)(cells->line + lines[i]));
}

/* What was tried is given up: the bit maps are as before. */
static void abandon(struct build *build, const struct part *part)
{
	for (size_t i = 0; i < build->slots->n; i++)
		for (size_t row = 0; row < part->n && build->stores[i].valid; row++)
			bit_set(build->stores[i].valid, build->n_rows + row);
}

size_t build_cells(struct build *build, const struct cells *cells)
{
	size_t room = build->capacity - build->n_rows, n = cells->n_rows - cells->at;
	struct part part = { .cells = cells, .from = cells->at, .n = n < room ? n : room };
	bool fits = true;

	part.utf8 = cells->ascii || build->n_texts == 0 || text_is_utf8(cells->bytes + cells->begins[part.from], cells->begins[part.from + part.n] - cells->begins[part.from]);
	if (!build->begun)
		build_begin(build);
	for (size_t i = 0; i < build->slots->n && fits; i++) {
		try_slot(build, i, &part);
		fits = build->stores[i].tried.fits;
	}
	if (!fits) {
		abandon(build, &part);
		return 0;
	}
	for (size_t i = 0; i < build->slots->n; i++)
		add_slot(build, i, &part);
	if (build->origin)
		add_origin(build, &part);
	build->n_rows += part.n;
	return part.n;
}
