/* SPDX-License-Identifier: MIT */
/*
 * `onehot COLUMN...`: a bool column COLUMN=LEVEL for each level that the rows to
 * learn from hold, appended in byte order of the levels; the column itself gets
 * role source. All levels are kept, unless
 *
 *     min=N     those with fewer rows are rare
 *     max=N     those behind the N most frequent are rare (ties: byte order)
 *     other     rare levels, and levels never seen in learning, are COLUMN=other;
 *               a level that is truly named "other" is one of them
 *     missing   nulls have the column COLUMN_missing, the last one: no level can be
 *               called so, for its column would have a =
 *     as=NAME   NAME=LEVEL and NAME_missing instead
 *
 * A null is no level: without `missing` all its columns are false. So are those of
 * a level that has no column, unless unknown=null (they are null: no prediction for
 * this row) or unknown=error says otherwise. Both are counted.
 *
 * Applying looks a dictionary up by its entries, then lists the rows of each level:
 * most columns are mostly false. All lists lie in one block, which the columns share.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "binding.h"
#include "bits.h"
#include "cell.h"
#include "columns.h"
#include "distinct.h"
#include "memory.h"
#include "step.h"

enum unknown { UNKNOWN_FALSE, UNKNOWN_NULL, UNKNOWN_ERROR };
enum { DEFAULT_LEVELS = 1000, TYPES_LEVELS = 1 << TYPE_INT | 1 << TYPE_BOOL | 1 << TYPE_TEXT };

struct onehot_config { int64_t min, max; bool other, missing; int unknown; const char *as; };

static const struct option_row onehot_options[] = {
	{ "min", 0, OPTION_INT, offsetof(struct onehot_config, min), "N", NULL, 1, 1e15,
	  "levels with fewer rows than this get no column of their own (default 1)" },
	{ "max", 0, OPTION_INT, offsetof(struct onehot_config, max), "N", NULL, 1, MAX_FIELDS,
	  "only the N most frequent levels get a column (default: all, and an error beyond 1000)" },
	{ "other", 0, OPTION_FLAG, offsetof(struct onehot_config, other), NULL, NULL, 0, 0,
	  "a column COLUMN=other for all levels without a column of their own" },
	{ "missing", 0, OPTION_FLAG, offsetof(struct onehot_config, missing), NULL, NULL, 0, 0, "a column COLUMN_missing for nulls" },
	{ "as", 0, OPTION_TEXT, offsetof(struct onehot_config, as), "NAME", NULL, 0, 0,
	  "of one column: call its columns NAME=LEVEL and NAME_missing" },
	{ "unknown", 0, OPTION_CHOICE, offsetof(struct onehot_config, unknown), NULL, "false|null|error", 0, 0,
	  "what a level without a column is in all columns, where there is no `other` (default false)" },
	OPTION_END
};
static const char *const unknown_names[] = { "false", "null", "error" };

/* Levels that were there and have no column: a sorted hash of each, so that later ones can be told that were not there. */
struct rare { uint64_t *hashes; size_t n; };
enum { MOST_RARE = 64 * 1024 };         /* of more nothing is kept */

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* `levels`: names in order; NULL before the fit. What is not asked for is not said. */
static void onehot_state(struct buffer *to, const struct onehot_config *config, const struct names *levels, const struct rare *rare)
{
	buffer_clear(to);
	pack_map(to, 5 + config->missing + (config->as != NULL) + (rare && rare->n));
	pack_key_int(to, "min", config->min);
	pack_key_int(to, "max", config->max);
	pack_text(to, "other");
	pack_bool(to, config->other);
	pack_key_text(to, "unknown", unknown_names[config->unknown]);
	if (config->missing) {
		pack_text(to, "missing");
		pack_bool(to, true);
	}
	if (config->as)
		pack_key_text(to, "as", config->as);
	if (rare && rare->n) {
		pack_text(to, "rare");
		if (rare->n <= MOST_RARE)
			pack_bytes(to, rare->hashes, rare->n * sizeof *rare->hashes);
		else
			pack_nil(to);
	}
	if (levels)
		state_names(to, "levels", levels);
	else
		pack_text(to, "levels"), pack_nil(to);
}

static int onehot_bind(struct binding *binding, struct error *err)
{
	struct onehot_config config = { .min = 1, .unknown = UNKNOWN_FALSE };
	struct names names = { .items = NULL };
	int result = bind_columns(binding, onehot_options, &config, &names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_LEVELS, "levels are text, int or bool", err);
	if (result == BIND_DONE)
		result = bind_as(binding, config.as, names.n, err);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++) {
		struct unit *unit = entry_add(binding->entry, "onehot");
		struct buffer state = BUFFER_INIT;

		names_add(&unit->reads, names.items[i]);
		onehot_state(&state, &config, NULL, NULL);
		unit_set_state(unit, &state);
	}
	names_release(&names);
	return result;
}

/* Without `as`, which its caller copies. */
static int read_config(const struct unit *unit, const struct unpacked *state, struct onehot_config *config, struct error *err)
{
	object unknown = map_get(&state->object, "unknown"), missing = map_get(&state->object, "missing");

	for (config->unknown = 0; config->unknown <= UNKNOWN_ERROR; config->unknown++)
		if (object_is_text(unknown, unknown_names[config->unknown]))
			break;
	if (unit->reads.n != 1 || config->unknown > UNKNOWN_ERROR || !object_int(map_get(&state->object, "min"), &config->min) ||
	    !object_int(map_get(&state->object, "max"), &config->max) ||
	    !object_bool(map_get(&state->object, "other"), &config->other) || (missing && !object_bool(missing, &config->missing)))
		return error_set(err, STATUS_FAILED, "broken state of 'onehot'");
	return 0;
}

/* ---- learning ---- */

struct onehot_fit {
	struct onehot_config config;
	int col;
	struct distinct levels;
	uint64_t memory;
	char *name, *as;                /* as: of the new columns; NULL: the same */
};

static void onehot_fit_free(void *state)
{
	struct onehot_fit *fit = state;

	if (!fit)
		return;
	distinct_release(&fit->levels);
	free(fit->name);
	free(fit->as);
	free(fit);
}

static void *onehot_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	struct onehot_fit *fit = mem_new(1, sizeof *fit);
	struct unpacked state;
	int failed;

	if (unit_state(unit, &state, err) < 0)
		goto fail;
	failed = read_config(unit, &state, &fit->config, err);
	fit->config.as = fit->as = object_text(map_get(&state.object, "as"));
	unpacked_free(&state);
	if (failed < 0 || (fit->col = open_column(schema, unit->reads.items[0], TYPES_LEVELS, err)) == NO_FIELD)
		goto fail;
	fit->memory = limits->memory;
	fit->name = mem_text(unit->reads.items[0]);
	distinct_start(&fit->levels, schema->fields[fit->col].type);
	return fit;
fail:
	onehot_fit_free(fit);
	return NULL;
}

static int check_memory(const struct onehot_fit *fit, struct error *err)
{
	if (distinct_memory(&fit->levels) > fit->memory)
		return error_set(err, STATUS_FAILED, "column '%s': too many different values for --memory: are these levels? (drop it, or give it a role)", fit->name);
	return 0;
}

static int onehot_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct onehot_fit *fit = state;
	const struct column *column = column_read(batch, (size_t)fit->col, err);
	const uint32_t *numbers;

	if (!column)
		return -1;
	numbers = distinct_rows(&fit->levels, column, batch->n_rows, rows);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (numbers[row] != NO_VALUE)
			fit->levels.items[numbers[row]].count++;
	return check_memory(fit, err);
}

static int onehot_fit_merge(void *to, void *from, struct error *err)
{
	struct onehot_fit *fit = to;

	distinct_merge(&fit->levels, &((const struct onehot_fit *)from)->levels, NULL);
	return check_memory(fit, err);
}

static void onehot_fit_pack(const void *state, struct buffer *to)
{
	distinct_pack(&((const struct onehot_fit *)state)->levels, to);
}

static int onehot_fit_unpack(void *state, object from, struct error *err)
{
	struct onehot_fit *fit = state;

	if (!distinct_unpack(&fit->levels, from))
		return error_set(err, STATUS_FAILED, "broken fit of 'onehot'");
	return check_memory(fit, err);
}

struct frequent { uint64_t count; size_t place; };      /* place: in byte order */

static int compare_frequent(const void *a, const void *b)
{
	const struct frequent *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->place > right->place) - (left->place < right->place);
}

/* The levels, in byte order, that get a column; how many. `order` is changed in place. */
static size_t choose_levels(const struct onehot_fit *fit, uint32_t *order)
{
	const struct distinct *levels = &fit->levels;
	size_t n = 0, n_kept = 0;
	struct frequent *frequent = mem_array(levels->n, sizeof *frequent);
	bool *kept = mem_new(levels->n, sizeof *kept);

	for (size_t place = 0; place < levels->n; place++) {
		const struct distinct_value *level = &levels->items[order[place]];
		bool named_other = fit->config.other && levels->type == TYPE_TEXT && level->size == 5 &&
			memcmp(distinct_bytes(levels, order[place]), "other", 5) == 0;

		if (!named_other && level->count >= (uint64_t)fit->config.min)
			frequent[n++] = (struct frequent){ .count = level->count, .place = place };
	}
	if (fit->config.max && n > (size_t)fit->config.max) {
		qsort(frequent, n, sizeof *frequent, compare_frequent);
		n = (size_t)fit->config.max;
	}
	for (size_t i = 0; i < n; i++)
		kept[frequent[i].place] = true;
	for (size_t place = 0; place < levels->n; place++)
		if (kept[place])
			order[n_kept++] = order[place];
	free(frequent);
	free(kept);
	return n_kept;
}

static int add_name(const struct onehot_fit *fit, char sign, const char *bytes, size_t size, struct unit *unit, struct error *err)
{
	struct buffer name = BUFFER_INIT;
	int result;

	buffer_format(&name, "%s%c", fit->as ? fit->as : fit->name, sign);
	if (size)
		buffer_add(&name, bytes, size);
	result = schema_check_name(buffer_text(&name), name.size, err);
	if (result == 0)
		names_add(&unit->writes, buffer_text(&name));
	else
		error_prefix(err, "column '%s': a level makes no name of a column (replace it)", fit->name);
	buffer_free(&name);
	return result;
}

/* chosen: the first n_chosen of the levels in order, which have a column. */
static struct rare find_rare(const struct onehot_fit *fit, const uint32_t *chosen, size_t n_chosen)
{
	struct rare rare = { .hashes = mem_array(fit->levels.n, sizeof *rare.hashes) };
	bool *has_column = mem_new(fit->levels.n, sizeof *has_column);
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < n_chosen; i++)
		has_column[chosen[i]] = true;
	for (size_t i = 0; i < fit->levels.n; i++) {
		if (has_column[i])
			continue;
		buffer_clear(&text);
		distinct_print(&fit->levels, i, &text);
		rare.hashes[rare.n++] = XXH3_64bits(buffer_text(&text), text.size);
	}
	if (rare.n)
		qsort(rare.hashes, rare.n, sizeof *rare.hashes, compare_hashes);
	buffer_free(&text);
	free(has_column);
	return rare;
}

static int onehot_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct onehot_fit *fit = state;
	struct rare rare = { .n = 0 };
	struct names levels = { .items = NULL };
	struct buffer text = BUFFER_INIT, packed = BUFFER_INIT;
	uint32_t *order = distinct_order(&fit->levels);
	size_t n = choose_levels(fit, order);
	int result = FIT_FAILED;

	if (!fit->config.max && n > DEFAULT_LEVELS) {
		error_set(err, STATUS_FAILED, "column '%s' has %zu levels, more than %d columns: say max=N for the N most frequent, "
			"min=N for those with N rows, or leave it out", fit->name, n, DEFAULT_LEVELS);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		buffer_clear(&text);
		distinct_print(&fit->levels, order[i], &text);
		if (add_name(fit, '=', buffer_text(&text), text.size, unit, err) < 0)
			goto out;
		names_add(&levels, buffer_text(&text));
	}
	if ((fit->config.other && add_name(fit, '=', "other", strlen("other"), unit, err) < 0) ||
	    (fit->config.missing && add_name(fit, '_', "missing", strlen("missing"), unit, err) < 0))
		goto out;
	rare = find_rare(fit, order, n);
	onehot_state(&packed, &fit->config, &levels, &rare);
	unit_set_state(unit, &packed);
	result = FIT_DONE;
out:
	names_release(&levels);
	buffer_free(&text);
	free(rare.hashes);
	free(order);
	return result;
}

/* ---- applying ---- */

struct onehot {
	struct onehot_config config;
	size_t col, first, n_columns;   /* the new columns are first .. first + n_columns - 1: levels, `other`, `missing` */
	struct distinct levels;
	struct rare rare;
	bool many_rare;                 /* too many to tell what was not there */
	char *name;
};

static void onehot_close(void *op)
{
	struct onehot *onehot = op;

	if (!onehot)
		return;
	distinct_release(&onehot->levels);
	free(onehot->rare.hashes);
	free(onehot->name);
	free(onehot);
}

static int read_levels(struct onehot *onehot, const struct unit *unit, const struct unpacked *state, struct error *err)
{
	object levels = map_get(&state->object, "levels"), rare = map_get(&state->object, "rare");

	onehot->many_rare = rare && rare->type == MSGPACK_OBJECT_NIL;
	if (rare && rare->type == MSGPACK_OBJECT_BIN && rare->via.bin.size <= MOST_RARE * sizeof *onehot->rare.hashes) {
		onehot->rare.n = rare->via.bin.size / sizeof *onehot->rare.hashes;
		onehot->rare.hashes = mem_array(onehot->rare.n, sizeof *onehot->rare.hashes);
		memcpy(onehot->rare.hashes, rare->via.bin.ptr, onehot->rare.n * sizeof *onehot->rare.hashes);
	}
	onehot->n_columns = unit->writes.n;
	if (!levels || levels->type == MSGPACK_OBJECT_NIL) {    /* not fitted yet: no columns */
		onehot->config.other = onehot->config.missing = false;
		return unit->writes.n == 0 ? 0 : error_set(err, STATUS_FAILED, "broken state of 'onehot'");
	}
	for (size_t i = 0; i < array_size(levels); i++) {
		object level = array_get(levels, i);

		if (level->type != MSGPACK_OBJECT_STR ||
		    !distinct_parse(&onehot->levels, level->via.str.ptr, level->via.str.size) || onehot->levels.n != i + 1)
			return error_set(err, STATUS_FAILED, "broken state of 'onehot': level %zu", i + 1);
	}
	if (onehot->levels.n + onehot->config.other + onehot->config.missing != onehot->n_columns)
		return error_set(err, STATUS_FAILED, "broken state of 'onehot': not a column for each level");
	return 0;
}

static void *onehot_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct onehot *onehot = mem_new(1, sizeof *onehot);
	struct unpacked state;
	int col = NO_FIELD, failed = 1;

	(void)limits;
	if (unit_state(unit, &state, err) < 0)
		goto out;
	if (read_config(unit, &state, &onehot->config, err) == 0 &&
	    (col = open_column(before, unit->reads.items[0], TYPES_LEVELS, err)) != NO_FIELD) {
		distinct_start(&onehot->levels, before->fields[col].type);
		onehot->col = (size_t)col;
		onehot->first = before->n_fields;
		failed = read_levels(onehot, unit, &state, err) < 0;
	}
	unpacked_free(&state);
out:
	if (failed) {
		onehot_close(onehot);
		return NULL;
	}
	onehot->name = mem_text(unit->reads.items[0]);
	return onehot;
}

static int add_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	if (schema->n_fields - schema->n_holes + unit->writes.n > MAX_FIELDS)
		return error_set(err, STATUS_FAILED, "more than %d columns", MAX_FIELDS);
	for (size_t i = 0; i < unit->writes.n; i++) {
		if (schema_check_generated(schema, unit->writes.items[i], err) < 0)
			return -1;
		schema_add(schema, unit->writes.items[i], TYPE_BOOL, ROLE_FEATURE);
	}
	return 0;
}

static int onehot_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct onehot *onehot = onehot_open(unit, schema, NULL, err);
	int result = -1;

	if (!onehot)
		return -1;
	if (add_fields(unit, schema, err) == 0) {
		if (schema->fields[onehot->col].role == ROLE_FEATURE)
			schema_set_role(schema, onehot->col, ROLE_SOURCE);
		result = 0;
	}
	onehot_close(onehot);
	return result;
}

/* ---- what training did not have ---- */

static bool is_rare(const struct onehot *onehot, const char *text, size_t size)
{
	uint64_t hash;

	if (onehot->rare.n == 0)
		return false;
	hash = XXH3_64bits(text, size);
	return bsearch(&hash, onehot->rare.hashes, onehot->rare.n, sizeof hash, compare_hashes);
}

/* Of an entry of a dictionary, or a row without one. */
enum { NOT_LOOKED, WAS_RARE, WAS_NOT };

static void count_unseen(const struct onehot *onehot, const struct batch *batch, const struct column *column, const uint32_t *numbers,
                         struct work *work)
{
	const struct field field = { .type = batch->schema->fields[onehot->col].type };
	uint8_t *known = column->codes ? arena_new(&work->scratch, column->n_entries, 1) : NULL;
	struct buffer text = BUFFER_INIT;
	uint64_t n = 0;

	for (size_t row = 0; row < batch->n_rows && !onehot->many_rare; row++) {
		uint8_t mine = NOT_LOOKED, *entry = known ? &known[column->codes[row]] : &mine;

		if (numbers[row] != NO_VALUE || !column_valid(column, row))
			continue;
		if (*entry == NOT_LOOKED) {
			buffer_clear(&text);
			cell_print(&field, column, row, &text);
			*entry = is_rare(onehot, buffer_text(&text), text.size) ? WAS_RARE : WAS_NOT;
			if (*entry == WAS_NOT)
				unseen_show(work->unseen, onehot->name, buffer_text(&text), text.size);
		}
		n += *entry == WAS_NOT;
	}
	unseen_add(work->unseen, onehot->name, n, onehot->config.missing ? 0 : column->n_missing);
	buffer_free(&text);
}

static int refuse_unknown(const struct onehot *onehot, struct batch *batch, size_t row, struct error *err)
{
	struct buffer place = BUFFER_INIT;

	cell_place(batch, row, batch->first_row + row, &place);
	error_set(err, STATUS_FAILED, "%s: column '%s': a level that was not learned", buffer_text(&place),
		batch->schema->fields[onehot->col].name);
	buffer_free(&place);
	return -1;
}

/* Which of the new columns is true in each row, NO_VALUE: none. nulls->valid: rows where all are null; NULL if there are none. */
static const uint32_t *find_columns(const struct onehot *onehot, struct batch *batch, struct work *work, struct column *nulls, struct error *err)
{
	const struct column *column = column_read(batch, onehot->col, err);
	uint32_t *columns = arena_array(&work->scratch, batch->n_rows, sizeof *columns);
	uint64_t *valid = NULL, n_unknown = 0;
	const uint32_t *numbers;

	if (!column)
		return NULL;
	numbers = distinct_look(&onehot->levels, column, batch->n_rows, NULL, &work->scratch);
	for (size_t row = 0; row < batch->n_rows; row++) {
		columns[row] = numbers[row];
		if (numbers[row] != NO_VALUE)
			continue;
		if (!column_valid(column, row)) {
			if (onehot->config.missing)
				columns[row] = (uint32_t)onehot->n_columns - 1;
			continue;
		}
		n_unknown++;
		if (onehot->config.other) {
			columns[row] = (uint32_t)onehot->levels.n;
		} else if (onehot->config.unknown == UNKNOWN_ERROR) {
			refuse_unknown(onehot, batch, row, err);
			return NULL;
		} else if (onehot->config.unknown == UNKNOWN_NULL) {
			if (!valid)
				valid = column_new_valid(nulls, batch->pool, batch->n_rows, true);
			bit_clear(valid, row);
		}
	}
	if (work->replay)
		count_unseen(onehot, batch, column, numbers, work);
	tally_add(work->counts, "missing", onehot->name, column->n_missing);
	tally_add(work->counts, onehot->config.other ? "other" : "unknown", onehot->name, n_unknown);
	return columns;
}

/* A byte for each row. */
static void put_bytes(const struct onehot *onehot, struct batch *batch, const uint32_t *columns, const struct column *nulls, struct arena *scratch)
{
	struct column *fresh = arena_new(scratch, onehot->n_columns, sizeof *fresh);
	uint8_t **bytes = arena_array(scratch, onehot->n_columns, sizeof *bytes);

	for (size_t i = 0; i < onehot->n_columns; i++) {
		bytes[i] = column_new_values(&fresh[i], batch->pool, TYPE_BOOL, batch->n_rows);
		memset(bytes[i], 0, batch->n_rows);
		column_share_valid(&fresh[i], nulls);
	}
	for (size_t row = 0; row < batch->n_rows; row++)
		if (columns[row] != NO_VALUE)
			bytes[columns[row]][row] = 1;
	for (size_t i = 0; i < onehot->n_columns; i++)
		batch_put(batch, onehot->first + i, TYPE_BOOL, &fresh[i]);
}

/*
 * The rows where each column is not what it mostly is: of a column that is true in most rows (there is one at most) those
 * where it is false. So a place takes 2 bytes, and there are fewer than one for two rows.
 */
static void put_places(const struct onehot *onehot, struct batch *batch, const uint32_t *columns, struct arena *scratch)
{
	size_t n_columns = onehot->n_columns, n_rows = batch->n_rows, n = 0;
	size_t *counts = arena_new(scratch, n_columns, sizeof *counts);
	uint16_t **places = arena_array(scratch, n_columns, sizeof *places), **next = arena_array(scratch, n_columns, sizeof *next), *at;
	uint32_t most = NO_VALUE;
	struct block *block;

	for (size_t row = 0; row < n_rows; row++)
		if (columns[row] != NO_VALUE)
			counts[columns[row]]++;
	for (size_t i = 0; i < n_columns; i++) {
		if (2 * counts[i] > n_rows) {
			most = (uint32_t)i;
			counts[i] = n_rows - counts[i];
		}
		n += counts[i];
	}
	block = block_new(batch->pool, n * sizeof *at);
	at = (uint16_t *)block->data;
	for (size_t i = 0; i < n_columns; at += counts[i++])
		places[i] = next[i] = at;
	for (size_t row = 0; row < n_rows; row++) {
		if (columns[row] != NO_VALUE && columns[row] != most)
			*next[columns[row]]++ = (uint16_t)row;
		if (most != NO_VALUE && columns[row] != most)
			*next[most]++ = (uint16_t)row;
	}
	for (size_t i = 0; i < n_columns; i++) {
		struct column fresh = COLUMN_INIT;

		column_set_mostly(&fresh, i == most, places[i], counts[i], block_use(block));
		batch_put(batch, onehot->first + i, TYPE_BOOL, &fresh);
	}
	block_drop(block);
}

static int onehot_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct onehot *onehot = op;
	struct column nulls = COLUMN_INIT;
	const uint32_t *columns = find_columns(onehot, batch, work, &nulls, err);

	if (columns) {
		batch_set_columns(batch, onehot->first + onehot->n_columns);
		if (nulls.valid || batch->n_rows > ENCODED_ROWS)
			put_bytes(onehot, batch, columns, &nulls, &work->scratch);
		else
			put_places(onehot, batch, columns, &work->scratch);
	}
	column_drop(&nulls);
	return columns ? 0 : -1;
}

const struct step_kind step_onehot = {
	.name = "onehot",
	.usage = "onehot COLUMN... [min=N] [max=N] [other] [missing] [as=NAME] [unknown=false|null|error]",
	.summary = "a true-or-false column for each level of text, int or bool",
	.example = "onehot weather min=10 other",
	.options = onehot_options,
	.also = "dummies|get_dummies|encode|categorical",
	.bind = onehot_bind,
	.fit_new = onehot_fit_new,
	.fit_update = onehot_fit_update,
	.fit_merge = onehot_fit_merge,
	.fit_pack = onehot_fit_pack,
	.fit_unpack = onehot_fit_unpack,
	.fit_finish = onehot_fit_finish,
	.fit_free = onehot_fit_free,
	.fields = onehot_fields,
	.open = onehot_open,
	.apply = onehot_apply,
	.close = onehot_close,
	.adds = 1 << TYPE_BOOL,
};
