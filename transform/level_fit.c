/* SPDX-License-Identifier: MIT */
#include "level_fit.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "memory.h"

void level_limits_pack(struct buffer *to, const struct level_limits *limits)
{
	pack_key_int(to, "min", limits->min);
	pack_key_int(to, "max", limits->max);
}

bool level_limits_read(struct level_limits *limits, const struct unpacked *state)
{
	return object_int(map_get(&state->object, "min"), &limits->min) && object_int(map_get(&state->object, "max"), &limits->max);
}

int level_fit_start(struct level_fit *fit, const struct unit *unit, const struct schema *schema, const struct step_limits *limits,
                    struct error *err)
{
	int col = open_column(schema, unit->reads.items[0], TYPES_LEVELS, err);

	if (col == NO_FIELD)
		return -1;
	fit->col = (size_t)col;
	fit->memory = limits->memory;
	fit->name = mem_text(unit->reads.items[0]);
	distinct_start(&fit->levels, schema->fields[col].type);
	return 0;
}

void level_fit_release(struct level_fit *fit)
{
	distinct_release(&fit->levels);
	free(fit->name);
	free(fit->counts);
	fit->name = NULL;
	fit->counts = NULL;
}

static int check_memory(const struct level_fit *fit, struct error *err)
{
	if (distinct_memory(&fit->levels) > fit->memory)
		return error_set(err, STATUS_FAILED, "column '%s': too many different values for --memory: are these levels? (drop it, or give it a role)", fit->name);
	return 0;
}

/* Of a dictionary each text that some row shows is looked for once. */
static void count_entries(struct level_fit *fit, const struct column *column, size_t n_rows, const uint64_t *rows)
{
	if (column->n_entries > fit->room)
		fit->counts = mem_resize(fit->counts, fit->room = column->n_entries, sizeof *fit->counts);
	column_count_entries(column, n_rows, rows, fit->counts);
	for (uint32_t entry = 0; entry < column->n_entries; entry++)
		if (fit->counts[entry]) {
			uint32_t number = distinct_add(&fit->levels, column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);

			fit->levels.items[number].count += fit->counts[entry];
		}
}

int level_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct level_fit *fit = state;
	const struct column *column = column_read(batch, fit->col, err);
	const uint32_t *numbers;

	if (!column)
		return -1;
	if (column->codes && column->n_entries <= batch->n_rows) {
		count_entries(fit, column, batch->n_rows, rows);
		return check_memory(fit, err);
	}
	numbers = distinct_rows(&fit->levels, column, batch->n_rows, rows);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (numbers[row] != NO_VALUE)
			fit->levels.items[numbers[row]].count++;
	return check_memory(fit, err);
}

int level_fit_merge(void *to, void *from, struct error *err)
{
	struct level_fit *fit = to;

	distinct_merge(&fit->levels, &((const struct level_fit *)from)->levels, NULL);
	return check_memory(fit, err);
}

int level_fit_pack(const void *state, struct buffer *to, struct error *err)
{
	(void)err;
	distinct_pack(&((const struct level_fit *)state)->levels, to);
	return 0;
}

int level_fit_unpack(void *state, object from, struct error *err)
{
	struct level_fit *fit = state;

	if (!distinct_unpack(&fit->levels, from))
		return error_set(err, STATUS_FAILED, "broken fit of levels");
	return check_memory(fit, err);
}

/* ---- what is told apart ---- */

struct frequent { uint64_t count; size_t place; };      /* place: in byte order */

static int compare_frequent(const void *a, const void *b)
{
	const struct frequent *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->place > right->place) - (left->place < right->place);
}

static int compare_places(const void *a, const void *b)
{
	const struct frequent *left = a, *right = b;

	return (left->place > right->place) - (left->place < right->place);
}

/* The `max` most frequent of n, which come in byte order; how many they are. */
static size_t keep_frequent(struct frequent *frequent, size_t n, size_t max, enum level_order order)
{
	size_t n_kept = n < max ? n : max;

	if (n > 0 && (order == LEVELS_BY_COUNT || n > max))
		qsort(frequent, n, sizeof *frequent, compare_frequent);
	if (order == LEVELS_BY_BYTES && n > max)
		qsort(frequent, n_kept, sizeof *frequent, compare_places);
	return n_kept;
}

static struct rare_levels find_rare(const struct chosen_levels *chosen)
{
	const struct distinct *all = chosen->all;
	struct rare_levels rare = { .hashes = mem_array(all->n, sizeof *rare.hashes) };
	bool *is_chosen = mem_new(all->n, sizeof *is_chosen);
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < chosen->n; i++)
		is_chosen[chosen->numbers[i]] = true;
	for (size_t i = 0; i < all->n; i++) {
		if (is_chosen[i])
			continue;
		buffer_clear(&text);
		distinct_print(all, i, &text);
		rare_levels_hash(&rare, buffer_text(&text), text.size);
	}
	rare_levels_sort(&rare);
	buffer_free(&text);
	free(is_chosen);
	return rare;
}

struct chosen_levels level_fit_choose(const struct level_fit *fit, enum level_order order, const char *rest)
{
	const struct distinct *all = &fit->levels;
	struct chosen_levels chosen = { .all = all };
	uint32_t *by_bytes = distinct_order(all);
	struct frequent *frequent = mem_array(all->n, sizeof *frequent);
	size_t rest_size = rest ? strlen(rest) : 0;

	for (size_t place = 0; place < all->n; place++) {
		const struct distinct_value *level = &all->items[by_bytes[place]];
		bool is_rest = rest && all->type == TYPE_TEXT && level->size == rest_size &&
			memcmp(distinct_bytes(all, by_bytes[place]), rest, rest_size) == 0;

		if (!is_rest && level->count >= (uint64_t)fit->limits.min)
			frequent[chosen.n++] = (struct frequent){ .count = level->count, .place = place };
	}
	chosen.n = keep_frequent(frequent, chosen.n, fit->limits.max ? (size_t)fit->limits.max : SIZE_MAX, order);
	chosen.numbers = mem_array(chosen.n, sizeof *chosen.numbers);
	for (size_t i = 0; i < chosen.n; i++)
		chosen.numbers[i] = by_bytes[frequent[i].place];
	free(frequent);
	free(by_bytes);
	chosen.rare = find_rare(&chosen);
	return chosen;
}

void chosen_levels_release(struct chosen_levels *chosen)
{
	free(chosen->numbers);
	free(chosen->rare.hashes);
	*chosen = (struct chosen_levels){ .n = 0 };
}
