/* SPDX-License-Identifier: MIT */
/*
 * `levels COLUMN...`: an int column COLUMN_level with the number of the row's level:
 * 1 is the most frequent one of the rows to learn from, and so on, ties in byte order; 0
 * is all other levels, rare or never seen in learning. The column itself gets role
 * source. All levels have numbers, unless
 *
 *     min=N     those with fewer rows are 0
 *     max=N     those behind the N most frequent are 0
 *     missing=other|own   nulls are 0, or a level of their own, the last number; else they stay null
 *     as=NAME   the column is called NAME
 *
 * For models that take levels as they are (model.h): the numbers are names, whose order
 * says nothing about the target.
 */
#include <stdlib.h>

#include "binding.h"
#include "columns.h"
#include "level_fit.h"
#include "memory.h"

enum missing { MISSING_NULL, MISSING_OTHER, MISSING_OWN };

struct levels_config { struct level_limits limits; int missing; const char *as; };

static const struct option_row levels_options[] = {
	{ "min", 0, OPTION_INT, offsetof(struct levels_config, limits.min), "N", NULL, 1, 1e15,
	  "levels with fewer rows than this are 0 (default 1)" },
	{ "max", 0, OPTION_INT, offsetof(struct levels_config, limits.max), "N", NULL, 1, 1e9,
	  "levels behind the N most frequent are 0 (default: none)" },
	{ "missing", 0, OPTION_CHOICE, offsetof(struct levels_config, missing), NULL, "null|other|own", 0, 0,
	  "what nulls are: null, 0, or a level of their own, the last number (default null)" },
	{ "as", 0, OPTION_TEXT, offsetof(struct levels_config, as), "NAME", NULL, 0, 0, "of one column: call its numbers NAME" },
	OPTION_END
};
static const char *const missing_names[] = { "null", "other", "own" };

/* chosen: NULL before the fit. */
static void levels_state(struct buffer *to, const struct levels_config *config, const struct chosen_levels *chosen)
{
	buffer_clear(to);
	pack_map(to, (uint32_t)(LEVEL_LIMITS_ENTRIES + 1 + known_levels_entries(chosen)));
	level_limits_pack(to, &config->limits);
	pack_key_text(to, "missing", missing_names[config->missing]);
	known_levels_pack(to, chosen);
}

static int levels_bind(struct binding *binding, struct error *err)
{
	struct levels_config config = { .limits.min = 1, .missing = MISSING_NULL };
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	int result = bind_level_columns(binding, levels_options, &config, &config.as, &names, err);

	if (result == BIND_DONE) {
		struct unit *units;

		levels_state(&state, &config, NULL);
		units = bind_units(binding, "levels", &names, false, &state);
		for (size_t i = 0; i < names.n; i++)
			names_take(&units[i].writes, config.as ? mem_text(config.as) : mem_format("%s_level", names.items[i]));
	}
	names_release(&names);
	return result;
}

/* Without `as`, which stands in the unit's writes. */
static int read_config(const struct unit *unit, const struct unpacked *state, struct levels_config *config, struct error *err)
{
	object missing = map_get(&state->object, "missing");

	for (config->missing = 0; config->missing <= MISSING_OWN; config->missing++)
		if (object_is_text(missing, missing_names[config->missing]))
			break;
	if (unit->reads.n != 1 || unit->writes.n != 1 || config->missing > MISSING_OWN || !level_limits_read(&config->limits, state))
		return error_set(err, STATUS_FAILED, "broken state of 'levels'");
	return 0;
}

/* ---- learning ---- */

struct levels_fit { struct level_fit levels; struct levels_config config; };

static void levels_fit_free(void *state)
{
	struct levels_fit *fit = state;

	if (!fit)
		return;
	level_fit_release(&fit->levels);
	free(fit);
}

static void *levels_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	struct levels_fit *fit = mem_new(1, sizeof *fit);
	struct unpacked state;
	int failed;

	if (unit_state(unit, &state, err) < 0)
		goto fail;
	failed = read_config(unit, &state, &fit->config, err);
	unpacked_free(&state);
	if (failed < 0 || level_fit_start(&fit->levels, unit, schema, limits, err) < 0)
		goto fail;
	fit->levels.limits = fit->config.limits;
	return fit;
fail:
	levels_fit_free(fit);
	return NULL;
}

static int levels_fit_finish(void *state, struct unit *unit, struct error *err)
{
	const struct levels_fit *fit = state;
	struct chosen_levels chosen = level_fit_choose(&fit->levels, LEVELS_BY_COUNT, NULL);
	struct buffer packed = BUFFER_INIT;

	(void)err;
	levels_state(&packed, &fit->config, &chosen);
	unit_set_state(unit, &packed);
	chosen_levels_release(&chosen);
	return FIT_DONE;
}

/* ---- applying ---- */

struct level_op { struct levels_config config; struct known_levels known; size_t col; };

static void levels_close(void *op)
{
	struct level_op *applied = op;

	if (!applied)
		return;
	known_levels_release(&applied->known);
	free(applied);
}

static void *levels_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct level_op *applied = mem_new(1, sizeof *applied);
	struct unpacked state;
	int col = NO_FIELD;
	bool failed = true;

	(void)limits;
	if (unit_state(unit, &state, err) == 0) {
		if (read_config(unit, &state, &applied->config, err) == 0)
			col = open_column(before, unit->reads.items[0], TYPES_LEVELS, err);
		failed = col == NO_FIELD || known_levels_read(&applied->known, unit, before->fields[col].type, &state, err) < 0;
		unpacked_free(&state);
	}
	if (failed) {
		levels_close(applied);
		return NULL;
	}
	applied->col = (size_t)col;
	return applied;
}

static int levels_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct level_op *applied = levels_open(unit, schema, NULL, err);
	int result = -1;

	if (!applied)
		return -1;
	if (schema_check_generated(schema, unit->writes.items[0], err) == 0) {
		if (schema->fields[applied->col].role == ROLE_FEATURE)
			schema_set_role(schema, applied->col, ROLE_SOURCE);
		schema_add(schema, unit->writes.items[0], TYPE_INT, ROLE_FEATURE);
		result = 0;
	}
	levels_close(applied);
	return result;
}

/* Level i of those that were learned has the number i + 1. */
static int levels_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct level_op *applied = op;
	const struct column *column = column_read(batch, applied->col, err);
	struct column fresh = COLUMN_INIT;
	const uint32_t *numbers;
	int64_t *values, for_null;
	uint64_t n_other = 0;

	if (!column)
		return -1;
	numbers = distinct_look(&applied->known.levels, column, batch->n_rows, NULL, &work->scratch);
	values = column_new_values(&fresh, batch->pool, TYPE_INT, batch->n_rows);
	for_null = applied->config.missing == MISSING_OWN ? (int64_t)applied->known.levels.n + 1 : 0;
	for (size_t row = 0; row < batch->n_rows; row++) {
		bool null = !column_valid(column, row);

		values[row] = null ? for_null : numbers[row] == NO_VALUE ? 0 : (int64_t)numbers[row] + 1;
		n_other += !null && numbers[row] == NO_VALUE;
	}
	if (applied->config.missing == MISSING_NULL)
		column_share_valid(&fresh, column);
	if (work->replay)
		known_levels_count_unseen(&applied->known, batch, applied->col, numbers, applied->config.missing != MISSING_OWN, work);
	tally_add(work->counts, "missing", applied->known.column, column->n_missing);
	tally_add(work->counts, "other", applied->known.column, n_other);
	batch_put(batch, batch->n_columns, TYPE_INT, &fresh);
	return 0;
}

/* Those that were learned, 0, and the nulls' own. */
static size_t levels_levels(const struct unit *unit, size_t before)
{
	struct levels_config config = { .missing = MISSING_NULL };
	struct unpacked state;
	struct error ignored = ERROR_INIT;
	size_t n = 0;

	(void)before;
	if (unit_state(unit, &state, &ignored) < 0)
		return 0;
	if (read_config(unit, &state, &config, &ignored) == 0)
		n = array_size(map_get(&state.object, "levels")) + 1 + (config.missing == MISSING_OWN);
	unpacked_free(&state);
	return n;
}

static void levels_names(const struct unit *unit, struct names *to)
{
	struct unpacked state;
	struct error ignored = ERROR_INIT;
	object levels;

	if (unit_state(unit, &state, &ignored) < 0)
		return;
	levels = map_get(&state.object, "levels");
	for (size_t i = 0; i < array_size(levels); i++) {
		object level = array_get(levels, i);
		bool text = level->type == MSGPACK_OBJECT_STR;

		names_take(to, mem_text_n(text ? level->via.str.ptr : "", text ? level->via.str.size : 0));
	}
	unpacked_free(&state);
}

const struct step_kind step_levels = {
	.name = "levels",
	.usage = "levels COLUMN... [min=N] [max=N] [missing=null|other|own] [as=NAME]",
	.summary = "levels of text, int or bool as numbers, the most frequent first",
	.example = "levels weather max=254",
	.options = levels_options,
	.also = "label_encode|factorize|ordinal",
	.bind = levels_bind,
	.fit_new = levels_fit_new,
	.fit_update = level_fit_update,
	.fit_merge = level_fit_merge,
	.fit_pack = level_fit_pack,
	.fit_unpack = level_fit_unpack,
	.fit_finish = levels_fit_finish,
	.fit_free = levels_fit_free,
	.fields = levels_fields,
	.open = levels_open,
	.apply = levels_apply,
	.close = levels_close,
	.levels = levels_levels,
	.level_names = levels_names,
};
