/* SPDX-License-Identifier: MIT */
/*
 * Numbers are put where they stay: each column of a batch begins as a block as
 * long as a batch can be, and is handed over with what was filled of it. Texts
 * gather in text builders. A bit map is made at the first missing value.
 *
 * Texts have no part in how many rows a batch can have: it ends where its stretch (files.h) does.
 */
#include "build_parts.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "memory.h"
#include "null_words.h"
#include "text.h"
#include "text_builder.h"

/* Times of one strict form are written as it says. */
static bool may_be_mixed(const struct slot *slot)
{
	switch (slot->type) {
	case TYPE_REAL: return true;
	case TYPE_INT: return slot->marks.group;
	case TYPE_BOOL: return true;
	case TYPE_TIME: return slot->any_iso || !slot->form || strstr(slot->form, "%.f");
	default: return false;
	}
}

struct build *build_new(const struct slots *slots, const struct schema *schema, bool origin, struct pool *pool)
{
	struct build *build = mem_new(1, sizeof *build);
	size_t row_bytes;

	*build = (struct build){ .slots = slots, .schema = schema, .origin = origin, .pool = pool_use(pool) };
	build->stores = mem_new(slots->n, sizeof *build->stores);
	build->texts = mem_array(slots->n, sizeof *build->texts);
	build->formed = mem_array(slots->n, sizeof *build->formed);
	row_bytes = origin ? 1 + 8 + 8 : 0;
	for (size_t i = 0; i < slots->n; i++)
		row_bytes += slots->items[i].type == TYPE_TEXT ? 2 : type_width(slots->items[i].type);
	build->capacity = BATCH_BYTES / (row_bytes + 1) + 1;
	if (build->capacity > BATCH_ROWS)
		build->capacity = BATCH_ROWS;
	for (size_t i = 0; i < slots->n; i++) {
		const struct slot *slot = &slots->items[i];

		build->stores[i].written = written_of_form(slot->form);
		if (slot->type == TYPE_TEXT) {
			build->stores[i].text = text_builder_new();
			build->texts[build->n_texts++] = i;
		} else if (may_be_mixed(slot)) {
			build->formed[build->n_formed++] = i;
		}
	}
	return build;
}

void build_free(struct build *build)
{
	if (!build)
		return;
	for (size_t i = 0; i < build->slots->n; i++) {
		column_drop(&build->stores[i].fresh);
		text_builder_free(build->stores[i].text);
		free(build->stores[i].words);
	}
	column_drop(&build->file);
	column_drop(&build->line.fresh);
	column_drop(&build->number.fresh);
	pool_drop(build->pool);
	free(build->stores);
	free(build->texts);
	free(build->formed);
	free(build->taken);
	free(build->files);
	free(build);
}

void build_restart(struct build *build)
{
	for (size_t i = 0; i < build->slots->n; i++) {
		struct store *store = &build->stores[i];

		if (store->text)
			text_builder_clear(store->text);
		column_drop(&store->fresh);
		store->values.any = NULL;
		store->valid = NULL;
		store->written = written_of_form(build->slots->items[i].form);
		store->mixed = store->has_words = false;
	}
	column_drop(&build->file);
	column_drop(&build->line.fresh);
	column_drop(&build->number.fresh);
	build->line.values = build->number.values = NULL;
	build->n_rows = build->n_files = 0;
	build->begun = false;
}

/* Blocks for the columns of the next batch. */
void build_begin(struct build *build)
{
	for (size_t i = 0; i < build->slots->n; i++) {
		struct store *store = &build->stores[i];

		if (!store->text)
			store->values.any = column_new_values(&store->fresh, build->pool, build->slots->items[i].type, build->capacity);
	}
	if (build->origin)
		build->file_codes = column_new_codes(&build->file, build->pool, build->capacity);
	build->begun = true;
}

/* ---- a row is tried ---- */

void store_missing(struct build *build, struct store *store, size_t row)
{
	if (store->text)
		return;
	if (!store->valid)
		store->valid = column_new_valid(&store->fresh, build->pool, build->capacity, true);
	bit_clear(store->valid, row);
}

bool store_text_fits(const struct slot *slot, const struct cell *cell, bool ascii)
{
	if (slot->unseen && missing_word(cell, slot->words) == NO_MISSING_WORD)
		return false;
	return ascii || !cell_is_text(cell) || text_is_utf8(cell->as.text, cell->size);
}

static bool bool_fits(const struct slot *slot, const struct cell *cell, struct store *store, size_t row)
{
	union value value;

	if (!cell_fits(cell, TYPE_BOOL, NULL, slot->given, &value))
		return false;
	store->values.bools[row] = value.number != 0;
	return true;
}

bool store_number_fits(const struct slot *slot, const struct cell *cell, struct store *store, size_t row)
{
	union value value;

	switch (slot->type) {
	case TYPE_INT:
		if (!(cell->kind == CELL_TEXT && !slot_is_marked(slot) ? number_int(cell->as.text, cell->size, &value.number) : slot_fits(slot, cell, &value)))
			return false;
		store->values.ints[row] = value.number;
		return true;
	case TYPE_REAL:
		if (!slot_fits(slot, cell, &value))
			return false;
		store->values.reals[row] = value.real;
		return true;
	case TYPE_BOOL:
		return bool_fits(slot, cell, store, row);
	default:
		return slot_fits(slot, cell, &value) && ((store->values.ints[row] = value.number), true);
	}
}

/* Whether a cell that is no value of its slot's type is a word for a missing one: then it is null. */
static bool take_word(struct build *build, size_t i, const struct cell *cell)
{
	int word = missing_word(cell, build->slots->items[i].words);

	if (word == NO_MISSING_WORD)
		return false;
	array_grow(build->taken, build->n_taken, build->taken_room);
	build->taken[build->n_taken++] = (struct taken){ i, word };
	store_missing(build, &build->stores[i], build->n_rows);
	return true;
}

size_t build_try(struct build *build, const struct row *row, size_t from)
{
	const struct slots *slots = build->slots;

	if (!build->begun)
		build_begin(build);
	if (from == 0)
		build->n_taken = 0;
	for (size_t i = from; i < slots->n; i++) {
		const struct slot *slot = &slots->items[i];
		const struct cell *cell = &row->cells[slot->cell];
		struct store *store = &build->stores[i];

		if (cell->kind == CELL_NULL)
			store_missing(build, store, build->n_rows);
		else if (slot->type == TYPE_TEXT ? !store_text_fits(slot, cell, row->ascii)
						 : !store_number_fits(slot, cell, store, build->n_rows) && !take_word(build, i, cell))
			return i;
	}
	return slots->n;
}

void build_abandon(struct build *build)
{
	for (size_t i = 0; i < build->slots->n; i++)
		if (build->stores[i].valid)
			bit_set(build->stores[i].valid, build->n_rows);
}

/* ---- and is there ---- */

void count_add(struct count *count, struct build *build, size_t row, int64_t value)
{
	if (row == 0) {
		count->first = value;
		count->step = 1;
	} else if (row == 1) {
		count->step = value - count->first;
	} else if (!count->values && value != count->first + count->step * (int64_t)row) {
		count->values = column_new_values(&count->fresh, build->pool, TYPE_INT, build->capacity);
		for (size_t i = 0; i < row; i++)
			count->values[i] = count->first + count->step * (int64_t)i;
	}
	if (count->values)
		count->values[row] = value;
}

void count_add_run(struct count *count, struct build *build, size_t row, size_t n, int64_t first)
{
	size_t done = 0;

	for (; done < n && row + done < 2; done++)
		count_add(count, build, row + done, first + (int64_t)done);
	if (!count->values && count->step == 1 && first == count->first + (int64_t)row)
		return;
	for (; done < n; done++)
		count_add(count, build, row + done, first + (int64_t)done);
}

void build_file(struct build *build, const char *file)
{
	if (build->n_files > 0 && build->files[build->n_files - 1] == file)
		return;
	array_grow(build->files, build->n_files, build->files_room);
	build->files[build->n_files++] = file;
}

static void add_origin(struct build *build, const struct row *row, const char *file, uint64_t number)
{
	build_file(build, file);
	build->file_codes[build->n_rows] = (uint32_t)build->n_files - 1;
	count_add(&build->line, build, build->n_rows, (int64_t)row->line);
	count_add(&build->number, build, build->n_rows, (int64_t)number);
}

void store_words(struct store *store, int word, uint64_t n)
{
	if (!store->words)
		store->words = mem_new(N_MISSING_WORDS, sizeof *store->words);
	store->words[word] += n;
	store->has_words = true;
}

static void add_words(struct build *build)
{
	for (size_t i = 0; i < build->n_taken; i++)
		store_words(&build->stores[build->taken[i].slot], build->taken[i].word, 1);
	build->n_taken = 0;
}

/* Digits behind the last point, the last of them a 0. */
static bool ends_in_zero(const struct cell *cell)
{
	size_t at = cell->size;
	char last = 0;

	while (at > 0 && cell->as.text[at - 1] != '.')
		at--;
	for (; at > 0 && at < cell->size && cell->as.text[at] >= '0' && cell->as.text[at] <= '9'; at++)
		last = cell->as.text[at];
	return last == '0';
}

/* `10:00:00.50` where the form would print `10:00:00.5`; where any ISO form is taken, what prints in another one. */
bool time_is_mixed(const struct slot *slot, const struct cell *cell, int64_t micros)
{
	char text[TIME_TEXT_SIZE];

	if (cell->kind != CELL_TEXT || (!slot->any_iso && slot->form && !ends_in_zero(cell)))
		return false;
	return time_print(text, micros, slot->form) != cell->size || memcmp(text, cell->as.text, cell->size) != 0;
}

bool bool_is_mixed(const struct slot *slot, const struct cell *cell)
{
	bool yes;
	const char *form;

	if (!cell_is_text(cell))
		return false;
	form = form_of_word(cell->as.text, cell->size, &yes);
	return !form || form_word(form, true) != form_word(slot->form, true);
}

/* How the row's cells were written. */
static void add_written(struct build *build, const struct row *row)
{
	for (size_t i = 0; i < build->n_formed; i++) {
		const struct slot *slot = &build->slots->items[build->formed[i]];
		const struct cell *cell = &row->cells[slot->cell];
		struct store *store = &build->stores[build->formed[i]];

		if (cell->kind == CELL_NULL || (store->valid && !bit_is_set(store->valid, build->n_rows)))
			continue;
		if (slot->type == TYPE_TIME && (!store->mixed || slot->any_zone) && time_is_mixed(slot, cell, store->values.ints[build->n_rows])) {
			store->mixed = true;
			store->n_converted += slot_converts(slot, cell);
		}
		if (slot->type == TYPE_TIME)
			continue;
		if (slot->type == TYPE_BOOL)
			store->mixed = store->mixed || bool_is_mixed(slot, cell);
		else if (cell_is_text(cell))
			slot_written(slot, cell, slot->type == TYPE_REAL ? store->values.reals[build->n_rows] : 0, &store->written);
	}
}

static void add_odd_word(struct odd_words *words, const char *text, size_t size)
{
	bool is_word = size > 0 && size < ODD_WORD_SIZE;

	for (size_t i = 0; i < size && is_word; i++)
		is_word = text[i] && (text[i] < '0' || text[i] > '9');
	if (!is_word) {
		words->more = true;
		return;
	}
	for (size_t i = 0; i < words->n; i++)
		if (strlen(words->texts[i]) == size && memcmp(words->texts[i], text, size) == 0)
			return;
	words->more |= words->n == ODD_WORDS;
	if (words->more)
		return;
	memcpy(words->texts[words->n], text, size);
	words->texts[words->n++][size] = 0;
}

/* A cell of a text column most of whose cells are something else. */
void store_watch(const struct slot *slot, uint64_t line, const struct cell *cell, const char *file, struct build_odd *odd)
{
	int word;

	if (missing_word(cell, slot->words) != NO_MISSING_WORD)
		return;
	odd->n_cells++;
	if (infer_is_like(&slot->infer, slot->nearly, cell))
		return;
	if (odd->n_odd++ == 0) {
		odd->line = line;
		odd->file = file;
		odd->top = odd->n_cells == 1;
	}
	word = cell_is_text(cell) ? fault_word(cell->as.text, cell->size) : NO_FAULT_WORD;
	if (word == NO_FAULT_WORD) {
		add_odd_word(&odd->words, cell_is_text(cell) ? cell->as.text : "", cell_is_text(cell) ? cell->size : 0);
		return;
	}
	odd->n_faults++;
	odd->faults |= 1u << word;
}

void build_add(struct build *build, const struct row *row, const char *file, uint64_t number)
{
	if (build->n_taken)
		add_words(build);
	add_written(build, row);
	for (size_t i = 0; i < build->n_texts; i++) {
		const struct slot *slot = &build->slots->items[build->texts[i]];
		const struct cell *cell = &row->cells[slot->cell];
		struct text_builder *text = build->stores[build->texts[i]].text;

		if (slot->nearly >= 0 && cell->kind != CELL_NULL)
			store_watch(slot, row->line, cell, file, &build->stores[build->texts[i]].odd);
		if (cell->kind == CELL_NULL) {
			text_builder_add_missing(text);
		} else if (cell_is_text(cell)) {
			text_builder_add(text, cell->as.text, cell->size);
		} else {
			char room[TIME_TEXT_SIZE];
			size_t size;
			const char *printed = cell_text(cell, room, &size);

			text_builder_add(text, printed, size);
		}
	}
	if (build->origin)
		add_origin(build, row, file, number);
	build->n_rows++;
}

size_t build_rows(const struct build *build)
{
	return build->n_rows;
}

bool build_full(const struct build *build)
{
	return build->n_rows == build->capacity;
}

/* ---- the batch ---- */

/* Whether a cell of this batch was not written as the slot's form says; the next batch begins anew. */
static bool is_mixed(const struct slot *slot, struct store *store)
{
	struct written written = written_of_form(slot->form);
	bool mixed = store->mixed;

	if (slot->type == TYPE_REAL || slot->marks.group) {
		mixed |= written_is_mixed(&store->written) && !written_is_mixed(&written);
		store->written = written;
	}
	store->mixed = false;
	return mixed;
}

static void finish_numbers(const struct build *build, struct store *store, struct batch *batch, size_t col)
{
	enum type type = build->slots->items[col].type;
	size_t spare = build->n_rows % 64;

	if (store->valid && spare)
		store->valid[build->n_rows / 64] &= (UINT64_C(1) << spare) - 1;
	store->fresh.mixed = is_mixed(&build->slots->items[col], store);
	store->fresh.words = store->has_words;
	store->has_words = false;
	/* as narrow as they allow */
	if (type == TYPE_INT)
		column_narrow_ints(&store->fresh, build->n_rows);
	else if (type == TYPE_REAL)
		column_narrow_reals(&store->fresh, build->n_rows);
	batch_put(batch, col, type, &store->fresh);
	store->values.any = NULL;
	store->valid = NULL;
}

static void finish_count(struct count *count, struct batch *batch, size_t col)
{
	if (!count->values)
		column_set_sequence(&count->fresh, count->first, count->step);
	batch_put(batch, col, TYPE_INT, &count->fresh);
	count->values = NULL;
}

static void finish_files(struct build *build, struct batch *batch, size_t col)
{
	struct column *file = &build->file;
	uint32_t *offsets = column_new_offsets(file, build->pool, build->n_files);
	char *bytes;

	offsets[0] = 0;
	for (size_t i = 0; i < build->n_files; i++)
		offsets[i + 1] = offsets[i] + (uint32_t)strlen(build->files[i]);
	bytes = column_new_bytes(file, build->pool, offsets[build->n_files]);
	for (size_t i = 0; i < build->n_files; i++)
		memcpy(bytes + offsets[i], build->files[i], offsets[i + 1] - offsets[i]);
	batch_put(batch, col, TYPE_TEXT, file);
	build->n_files = 0;
}

void build_finish(struct build *build, struct batch *batch)
{
	const struct slots *slots = build->slots;

	batch_start(batch, build->pool, build->schema, build->n_rows);
	for (size_t i = 0; i < slots->n; i++) {
		struct store *store = &build->stores[i];

		if (store->text) {
			text_builder_finish(store->text, build->pool, &store->fresh);
			batch_put(batch, i, TYPE_TEXT, &store->fresh);
		} else {
			finish_numbers(build, store, batch, i);
		}
	}
	if (build->origin) {
		finish_files(build, batch, slots->n);
		finish_count(&build->line, batch, slots->n + 1);
		finish_count(&build->number, batch, slots->n + 2);
	}
	build->n_rows = 0;
	build->begun = false;
}

void build_renumber(const struct build *build, struct batch *batch, uint64_t number)
{
	if (build->origin)
		batch->columns[build->slots->n + 2].first.number = (int64_t)number;
}

/* ---- what the rows were like ---- */

uint64_t build_words(const struct build *build, size_t slot, int word)
{
	return build->stores[slot].words ? build->stores[slot].words[word] : 0;
}

uint64_t build_converted(const struct build *build, size_t slot) { return build->stores[slot].n_converted; }

struct build_odd build_odd(const struct build *build, size_t slot)
{
	return build->stores[slot].odd;
}

void build_disown(struct build *build)
{
	for (size_t i = 0; i < build->slots->n; i++) {
		struct store *store = &build->stores[i];

		if (store->words)
			memset(store->words, 0, N_MISSING_WORDS * sizeof *store->words);
		store->n_converted = 0;
		store->odd = (struct build_odd){ .n_cells = 0 };
	}
}

static void join_odd(struct build_odd *odd, const struct build_odd *later)
{
	if (odd->n_odd == 0) {
		odd->line = later->line;
		odd->file = later->file;
		odd->top = later->top && odd->n_cells == 0;
	}
	odd->n_cells += later->n_cells;
	odd->n_odd += later->n_odd;
	odd->n_faults += later->n_faults;
	odd->words.more |= later->words.more;
	for (size_t i = 0; i < later->words.n; i++)
		add_odd_word(&odd->words, later->words.texts[i], strlen(later->words.texts[i]));
	odd->faults |= later->faults;
}

void build_join(struct build *build, struct build *later)
{
	for (size_t i = 0; i < build->slots->n; i++) {
		struct store *store = &build->stores[i], *from = &later->stores[i];

		if (from->words && !store->words)
			store->words = mem_new(N_MISSING_WORDS, sizeof *store->words);
		for (int word = 0; from->words && word < N_MISSING_WORDS; word++)
			store->words[word] += from->words[word];
		store->n_converted += from->n_converted;
		join_odd(&store->odd, &from->odd);
	}
	build_disown(later);
}
