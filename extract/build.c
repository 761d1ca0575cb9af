/* SPDX-License-Identifier: MIT */
/*
 * Numbers gather in arrays as long as a batch can be and are copied out of them
 * when it closes; texts in text builders. A missing value sets a bit (there are
 * few), which is turned around at the end.
 *
 * How many bytes a batch has is asked of the text builders seldom: `left` counts
 * down what the rows could add at most and asks again when it is used up.
 */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

struct store {
	union { int64_t *ints; double *reals; uint8_t *bools; void *any; } values;      /* capacity of them; NULL for text */
	uint64_t *missing;              /* not for text */
	bool some_missing;
	struct text_builder *text;
};

struct build {
	const struct slots *slots;
	const struct schema *schema;
	struct store *stores;           /* a slot each */
	size_t *texts;                  /* the slots that are text */
	size_t n_texts;
	size_t n_rows, capacity;
	size_t row_bytes;               /* of a row, without its texts */
	ptrdiff_t left;                 /* bytes until the size is looked at again */
	bool origin;
	uint32_t *file_codes;           /* of `files`, in which each stands once in a row */
	const char **files;
	size_t n_files, files_room;
	int64_t *lines, *numbers;
};

struct build *build_new(const struct slots *slots, const struct schema *schema, bool origin)
{
	struct build *build = mem_new(1, sizeof *build);
	*build = (struct build){ .slots = slots, .schema = schema, .origin = origin, .left = BATCH_BYTES };
	build->stores = mem_new(slots->n, sizeof *build->stores);
	build->texts = mem_array(slots->n, sizeof *build->texts);
	build->row_bytes = origin ? 1 + 8 + 8 : 0;
	for (size_t i = 0; i < slots->n; i++)
		build->row_bytes += slots->items[i].type == TYPE_TEXT ? 2 : type_width(slots->items[i].type);
	build->capacity = BATCH_BYTES / (build->row_bytes + 1) + 1;
	if (build->capacity > BATCH_ROWS)
		build->capacity = BATCH_ROWS;
	for (size_t i = 0; i < slots->n; i++) {
		struct store *store = &build->stores[i];
		if (slots->items[i].type == TYPE_TEXT) {
			store->text = text_builder_new();
			build->texts[build->n_texts++] = i;
		} else {
			store->values.any = mem_array(build->capacity, type_width(slots->items[i].type));
			store->missing = mem_new(build->capacity / 64 + 1, sizeof *store->missing);
		}
	}
	if (origin) {
		build->file_codes = mem_array(build->capacity, sizeof *build->file_codes);
		build->lines = mem_array(build->capacity, sizeof *build->lines);
		build->numbers = mem_array(build->capacity, sizeof *build->numbers);
	}
	return build;
}

void build_free(struct build *build)
{
	if (!build)
		return;
	for (size_t i = 0; i < build->slots->n; i++) {
		free(build->stores[i].values.any);
		free(build->stores[i].missing);
		text_builder_free(build->stores[i].text);
	}
	free(build->stores);
	free(build->texts);
	free(build->file_codes);
	free(build->files);
	free(build->lines);
	free(build->numbers);
	free(build);
}

static void set_missing(struct store *store, enum type type, size_t row)
{
	if (type == TYPE_TEXT)
		return;
	store->missing[row / 64] |= UINT64_C(1) << row % 64;
	store->some_missing = true;
	if (type == TYPE_BOOL)
		store->values.bools[row] = 0;
	else
		store->values.ints[row] = 0;
}

static bool text_fits(const struct slot *slot, const struct row *row, const struct cell *cell)
{
	return !slot->unseen && (row->ascii || !cell_is_text(cell) || text_is_utf8(cell->as.text, cell->size));
}

static bool number_fits(const struct slot *slot, const struct cell *cell, struct store *store, size_t row)
{
	union value value;
	switch (slot->type) {
	case TYPE_INT:
		if (!(cell->kind == CELL_TEXT ? number_int(cell->as.text, cell->size, &value.number)
					      : cell_fits(cell, TYPE_INT, NULL, slot->given, &value)))
			return false;
		store->values.ints[row] = value.number;
		return !(slot->widens && !int_is_exact(value.number));
	case TYPE_REAL:
		if (!cell_fits(cell, TYPE_REAL, NULL, slot->given, &value))
			return false;
		store->values.reals[row] = value.real;
		return true;
	case TYPE_BOOL:
		if (!cell_fits(cell, TYPE_BOOL, NULL, slot->given, &value))
			return false;
		store->values.bools[row] = value.number != 0;
		return true;
	default:
		return cell_fits(cell, slot->type, slot->form, slot->given, &value) && ((store->values.ints[row] = value.number), true);
	}
}

size_t build_try(struct build *build, const struct row *row, size_t from)
{
	const struct slots *slots = build->slots;
	for (size_t i = from; i < slots->n; i++) {
		const struct slot *slot = &slots->items[i];
		const struct cell *cell = &row->cells[slot->cell];
		struct store *store = &build->stores[i];
		if (cell->kind == CELL_NULL)
			set_missing(store, slot->type, build->n_rows);
		else if (slot->type == TYPE_TEXT ? !text_fits(slot, row, cell) : !number_fits(slot, cell, store, build->n_rows))
			return i;
	}
	return slots->n;
}

void build_abandon(struct build *build)
{
	for (size_t i = 0; i < build->slots->n; i++)
		if (build->stores[i].missing)
			build->stores[i].missing[build->n_rows / 64] &= ~(UINT64_C(1) << build->n_rows % 64);
}

static void add_origin(struct build *build, const struct row *row, const char *file, uint64_t number)
{
	size_t n = build->n_files;
	if (n == 0 || build->files[n - 1] != file) {
		array_grow(build->files, build->n_files, build->files_room);
		build->files[build->n_files++] = file;
		build->left -= (ptrdiff_t)strlen(file);
	}
	build->file_codes[build->n_rows] = (uint32_t)build->n_files - 1;
	build->lines[build->n_rows] = (int64_t)row->line;
	build->numbers[build->n_rows] = (int64_t)number;
}

void build_add(struct build *build, const struct row *row, const char *file, uint64_t number)
{
	for (size_t i = 0; i < build->n_texts; i++) {
		const struct cell *cell = &row->cells[build->slots->items[build->texts[i]].cell];
		struct text_builder *text = build->stores[build->texts[i]].text;
		if (cell->kind == CELL_NULL) {
			text_builder_add_missing(text);
		} else if (cell_is_text(cell)) {
			text_builder_add(text, cell->as.text, cell->size);
			build->left -= cell->size;
		} else {
			char room[TIME_TEXT_SIZE];
			size_t size;
			const char *printed = cell_text(cell, room, &size);
			text_builder_add(text, printed, size);
			build->left -= (ptrdiff_t)size;
		}
	}
	if (build->origin)
		add_origin(build, row, file, number);
	build->left -= (ptrdiff_t)(build->row_bytes + 2 * build->n_texts);
	build->n_rows++;
}

size_t build_rows(const struct build *build)
{
	return build->n_rows;
}

bool build_full(struct build *build)
{
	if (build->n_rows == build->capacity)
		return true;
	if (build->left > 0)
		return false;
	size_t bytes = build->n_rows * build->row_bytes;
	for (size_t i = 0; i < build->n_texts; i++)
		bytes += text_builder_bytes(build->stores[build->texts[i]].text);
	build->left = (ptrdiff_t)BATCH_BYTES - (ptrdiff_t)bytes;
	return build->left <= BATCH_BYTES / 64;
}

static void finish_numbers(const struct build *build, struct store *store, enum type type, struct batch *batch, size_t col)
{
	size_t n_words = (build->n_rows + 63) / 64, spare = build->n_rows % 64;
	void *values = batch_values(batch, type);
	struct column column = { .values = memcpy(values, store->values.any, build->n_rows * type_width(type)) };
	if (store->some_missing) {
		uint64_t *valid = batch_bits(batch);
		for (size_t word = 0; word < n_words; word++)
			valid[word] = ~store->missing[word];
		if (spare)
			valid[n_words - 1] &= (UINT64_C(1) << spare) - 1;
		column.valid = valid;
		memset(store->missing, 0, n_words * sizeof *store->missing);
		store->some_missing = false;
	}
	batch_put(batch, col, &column);
}

static void finish_origin(struct build *build, struct batch *batch, size_t col)
{
	size_t n = build->n_rows, size = 0;
	uint32_t *offsets = arena_array(&batch->arena, build->n_files + 1, sizeof *offsets);
	for (size_t i = 0; i < build->n_files; i++)
		size += strlen(build->files[i]);
	char *bytes = arena_array(&batch->arena, size + 1, 1);
	offsets[0] = 0;
	for (size_t i = 0; i < build->n_files; i++) {
		size_t length = strlen(build->files[i]);
		memcpy(bytes + offsets[i], build->files[i], length);
		offsets[i + 1] = offsets[i] + (uint32_t)length;
	}
	uint32_t *codes = arena_array(&batch->arena, n, sizeof *codes);
	memcpy(codes, build->file_codes, n * sizeof *codes);
	struct column file = { .offsets = offsets, .bytes = bytes, .bytes_size = size, .codes = codes, .n_entries = (uint32_t)build->n_files };
	batch_put(batch, col, &file);
	struct column line = { .values = memcpy(batch_values(batch, TYPE_INT), build->lines, n * 8) };
	batch_put(batch, col + 1, &line);
	struct column number = { .values = memcpy(batch_values(batch, TYPE_INT), build->numbers, n * 8) };
	batch_put(batch, col + 2, &number);
	build->n_files = 0;
}

void build_finish(struct build *build, struct batch *batch)
{
	const struct slots *slots = build->slots;
	batch_start(batch, build->schema, build->n_rows);
	for (size_t i = 0; i < slots->n; i++) {
		struct store *store = &build->stores[i];
		struct column column;
		if (store->text) {
			text_builder_finish(store->text, &batch->arena, &column);
			batch_put(batch, i, &column);
		} else {
			finish_numbers(build, store, slots->items[i].type, batch, i);
		}
	}
	if (build->origin)
		finish_origin(build, batch, slots->n);
	build->n_rows = 0;
	build->left = BATCH_BYTES;
}
