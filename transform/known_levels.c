/* SPDX-License-Identifier: MIT */
#include "known_levels.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "cell.h"
#include "memory.h"

enum { MOST_RARE = 64 * 1024 };         /* of more nothing is kept */

/* ---- rare ones ---- */

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void rare_levels_hash(struct rare_levels *rare, const void *text, size_t size)
{
	rare->hashes[rare->n++] = XXH3_64bits(text, size);
}

void rare_levels_sort(struct rare_levels *rare)
{
	if (rare->n)
		qsort(rare->hashes, rare->n, sizeof *rare->hashes, compare_hashes);
}

static bool is_rare(const struct known_levels *known, const char *text, size_t size)
{
	uint64_t hash;

	if (known->rare.n == 0)
		return false;
	hash = XXH3_64bits(text, size);
	return bsearch(&hash, known->rare.hashes, known->rare.n, sizeof hash, compare_hashes);
}

/* ---- in a state ---- */

size_t known_levels_entries(const struct chosen_levels *chosen)
{
	return 1 + (chosen && chosen->rare.n > 0);
}

void known_levels_pack(struct buffer *to, const struct chosen_levels *chosen)
{
	struct buffer text = BUFFER_INIT;

	if (chosen && chosen->rare.n) {
		pack_text(to, "rare");
		if (chosen->rare.n <= MOST_RARE)
			pack_bytes(to, chosen->rare.hashes, chosen->rare.n * sizeof *chosen->rare.hashes);
		else
			pack_nil(to);
	}
	pack_text(to, "levels");
	if (chosen)
		pack_array(to, chosen->n);
	else
		pack_nil(to);
	for (size_t i = 0; chosen && i < chosen->n; i++) {
		buffer_clear(&text);
		distinct_print(chosen->all, chosen->numbers[i], &text);
		pack_text_n(to, buffer_text(&text), text.size);
	}
	buffer_free(&text);
}

static void read_rare(struct known_levels *known, object rare)
{
	known->many_rare = rare && rare->type == MSGPACK_OBJECT_NIL;
	if (!rare || rare->type != MSGPACK_OBJECT_BIN || rare->via.bin.size > MOST_RARE * sizeof *known->rare.hashes)
		return;
	known->rare.n = rare->via.bin.size / sizeof *known->rare.hashes;
	known->rare.hashes = mem_array(known->rare.n, sizeof *known->rare.hashes);
	memcpy(known->rare.hashes, rare->via.bin.ptr, known->rare.n * sizeof *known->rare.hashes);
}

int known_levels_read(struct known_levels *known, const struct unit *unit, enum type type, const struct unpacked *state, struct error *err)
{
	object levels = map_get(&state->object, "levels");

	distinct_start(&known->levels, type);
	read_rare(known, map_get(&state->object, "rare"));
	known->learned = levels && levels->type != MSGPACK_OBJECT_NIL;
	known->column = mem_text(unit->reads.items[0]);
	for (size_t i = 0; i < array_size(levels); i++) {
		object level = array_get(levels, i);

		if (level->type != MSGPACK_OBJECT_STR ||
		    !distinct_parse(&known->levels, level->via.str.ptr, level->via.str.size) || known->levels.n != i + 1)
			return error_set(err, STATUS_FAILED, "broken state of '%s': level %zu", unit->kind, i + 1);
	}
	return 0;
}

void known_levels_release(struct known_levels *known)
{
	distinct_release(&known->levels);
	free(known->rare.hashes);
	free(known->column);
	*known = (struct known_levels){ .learned = false };
}

/* ---- what training did not have ---- */

/* Of an entry of a dictionary, or a row without one. */
enum { NOT_LOOKED, WAS_RARE, WAS_NOT };

void known_levels_count_unseen(const struct known_levels *known, const struct batch *batch, size_t col, const uint32_t *numbers, bool nulls,
                               struct work *work)
{
	const struct field field = { .type = batch->schema->fields[col].type };
	const struct column *column = &batch->columns[col];
	uint8_t *looked = column->codes ? arena_new(&work->scratch, column->n_entries, 1) : NULL;
	struct buffer text = BUFFER_INIT;
	uint64_t n = 0;

	for (size_t row = 0; row < batch->n_rows && !known->many_rare; row++) {
		uint8_t mine = NOT_LOOKED, *entry = looked ? &looked[column->codes[row]] : &mine;

		if (numbers[row] != NO_VALUE || !column_valid(column, row))
			continue;
		if (*entry == NOT_LOOKED) {
			buffer_clear(&text);
			cell_print(&field, column, row, &text);
			*entry = is_rare(known, buffer_text(&text), text.size) ? WAS_RARE : WAS_NOT;
			if (*entry == WAS_NOT)
				unseen_show(work->unseen, known->column, buffer_text(&text), text.size);
		}
		n += *entry == WAS_NOT;
	}
	unseen_add(work->unseen, known->column, n, nulls ? column->n_missing : 0);
	buffer_free(&text);
}
