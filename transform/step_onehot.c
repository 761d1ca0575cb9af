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

#include "binding.h"
#include "bits.h"
#include "cell.h"
#include "columns.h"
#include "level_fit.h"
#include "memory.h"

enum unknown { UNKNOWN_FALSE, UNKNOWN_NULL, UNKNOWN_ERROR };
enum { DEFAULT_LEVELS = 1000 };

struct onehot_config { struct level_limits limits; bool other, missing; int unknown; const char *as; };

static const struct option_row onehot_options[] = {
	{ "min", 0, OPTION_INT, offsetof(struct onehot_config, limits.min), "N", NULL, 1, 1e15,
	  "levels with fewer rows than this get no column of their own (default 1)" },
	{ "max", 0, OPTION_INT, offsetof(struct onehot_config, limits.max), "N", NULL, 1, MAX_FIELDS,
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

/* chosen: NULL before the fit. What is not asked for is not said. */
static void onehot_state(struct buffer *to, const struct onehot_config *config, const struct chosen_levels *chosen)
{
	buffer_clear(to);
	pack_map(to, (uint32_t)(LEVEL_LIMITS_ENTRIES + 2 + config->missing + (config->as != NULL) + known_levels_entries(chosen)));
	level_limits_pack(to, &config->limits);
	pack_text(to, "other");
	pack_bool(to, config->other);
	pack_key_text(to, "unknown", unknown_names[config->unknown]);
	if (config->missing) {
		pack_text(to, "missing");
		pack_bool(to, true);
	}
	if (config->as)
		pack_key_text(to, "as", config->as);
	known_levels_pack(to, chosen);
}

static int onehot_bind(struct binding *binding, struct error *err)
{
	struct onehot_config config = { .limits.min = 1, .unknown = UNKNOWN_FALSE };
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	int result = bind_level_columns(binding, onehot_options, &config, &config.as, &names, err);

	if (result == BIND_DONE) {
		onehot_state(&state, &config, NULL);
		bind_units(binding, "onehot", &names, false, &state);
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
	if (unit->reads.n != 1 || config->unknown > UNKNOWN_ERROR || !level_limits_read(&config->limits, state) ||
	    !object_bool(map_get(&state->object, "other"), &config->other) || (missing && !object_bool(missing, &config->missing)))
		return error_set(err, STATUS_FAILED, "broken state of 'onehot'");
	return 0;
}

/* ---- learning ---- */

struct onehot_fit {
	struct level_fit levels;
	struct onehot_config config;
	char *as;                       /* of the new columns; NULL: as the column */
};

static void onehot_fit_free(void *state)
{
	struct onehot_fit *fit = state;

	if (!fit)
		return;
	level_fit_release(&fit->levels);
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
	if (failed < 0 || level_fit_start(&fit->levels, unit, schema, limits, err) < 0)
		goto fail;
	fit->levels.limits = fit->config.limits;
	return fit;
fail:
	onehot_fit_free(fit);
	return NULL;
}

static int add_name(const struct onehot_fit *fit, char sign, const char *bytes, size_t size, struct unit *unit, struct error *err)
{
	struct buffer name = BUFFER_INIT;
	int result;

	buffer_format(&name, "%s%c", fit->as ? fit->as : fit->levels.name, sign);
	if (size)
		buffer_add(&name, bytes, size);
	result = schema_check_name(buffer_text(&name), name.size, err);
	if (result == 0)
		names_add(&unit->writes, buffer_text(&name));
	else
		error_prefix(err, "column '%s': a level makes no name of a column (replace it)", fit->levels.name);
	buffer_free(&name);
	return result;
}

static int onehot_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct onehot_fit *fit = state;
	struct buffer text = BUFFER_INIT, packed = BUFFER_INIT;
	struct chosen_levels chosen = level_fit_choose(&fit->levels, LEVELS_BY_BYTES, fit->config.other ? "other" : NULL);
	int result = FIT_FAILED;

	if (!fit->config.limits.max && chosen.n > DEFAULT_LEVELS) {
		error_set(err, STATUS_FAILED, "column '%s' has %zu levels, more than %d columns: say max=N for the N most frequent, "
			"min=N for those with N rows, or leave it out", fit->levels.name, chosen.n, DEFAULT_LEVELS);
		goto out;
	}
	for (size_t i = 0; i < chosen.n; i++) {
		buffer_clear(&text);
		distinct_print(chosen.all, chosen.numbers[i], &text);
		if (add_name(fit, '=', buffer_text(&text), text.size, unit, err) < 0)
			goto out;
	}
	if ((fit->config.other && add_name(fit, '=', "other", strlen("other"), unit, err) < 0) ||
	    (fit->config.missing && add_name(fit, '_', "missing", strlen("missing"), unit, err) < 0))
		goto out;
	onehot_state(&packed, &fit->config, &chosen);
	unit_set_state(unit, &packed);
	result = FIT_DONE;
out:
	chosen_levels_release(&chosen);
	buffer_free(&text);
	return result;
}

/* ---- applying ---- */

struct onehot {
	struct onehot_config config;
	size_t col, first, n_columns;   /* the new columns are first .. first + n_columns - 1: levels, `other`, `missing` */
	struct known_levels known;
};

static void onehot_close(void *op)
{
	struct onehot *onehot = op;

	if (!onehot)
		return;
	known_levels_release(&onehot->known);
	free(onehot);
}

/* Not fitted yet: no columns. */
static int read_levels(struct onehot *onehot, const struct unit *unit, enum type type, const struct unpacked *state, struct error *err)
{
	struct known_levels *known = &onehot->known;

	if (known_levels_read(known, unit, type, state, err) < 0)
		return -1;
	onehot->n_columns = unit->writes.n;
	if (!known->learned)
		onehot->config.other = onehot->config.missing = false;
	if (known->levels.n + onehot->config.other + onehot->config.missing != onehot->n_columns)
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
		onehot->col = (size_t)col;
		onehot->first = before->n_fields;
		failed = read_levels(onehot, unit, before->fields[col].type, &state, err) < 0;
	}
	unpacked_free(&state);
out:
	if (failed) {
		onehot_close(onehot);
		return NULL;
	}
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

/* ---- which column ---- */

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
	numbers = distinct_look(&onehot->known.levels, column, batch->n_rows, NULL, &work->scratch);
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
			columns[row] = (uint32_t)onehot->known.levels.n;
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
		known_levels_count_unseen(&onehot->known, batch, onehot->col, numbers, !onehot->config.missing, work);
	tally_add(work->counts, "missing", onehot->known.column, column->n_missing);
	tally_add(work->counts, onehot->config.other ? "other" : "unknown", onehot->known.column, n_unknown);
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
	.fit_update = level_fit_update,
	.fit_merge = level_fit_merge,
	.fit_pack = level_fit_pack,
	.fit_unpack = level_fit_unpack,
	.fit_finish = onehot_fit_finish,
	.fit_free = onehot_fit_free,
	.fields = onehot_fields,
	.open = onehot_open,
	.apply = onehot_apply,
	.close = onehot_close,
	.adds = 1 << TYPE_BOOL,
};
