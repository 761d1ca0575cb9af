/* SPDX-License-Identifier: MIT */
/*
 *     stored   u1 u2 u3 | u4 u5 u6 u7          (row parts aside)
 *     input    u1 u2 u3                        the same digests: the rest is due
 *
 * Of the rest those units stay whose results are needed, found from the last to
 * the first; what they read and do not make themselves must be in the input.
 */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "memory.h"
#include "ops.h"
#include "plan.h"

struct input {
	int col;                        /* in the input; NO_FIELD: all null */
	enum type from;                 /* its type there */
};

struct replay {
	struct lineage want;
	struct schema picked;           /* the input columns taken, with their stored types */
	struct schema given;            /* the same with the types that they come in */
	struct input *inputs;           /* by field of picked */
	struct schema out;
	struct lineage lineage;
	struct ops *ops;
	struct tally lost, counts;
	struct names extra;
};

/* ---- matching the two lists ---- */

/* The next unit from i on that is no row part. */
static const struct unit *column_unit(const struct lineage *lineage, size_t *i, const struct entry **entry, size_t *step)
{
	const struct unit *unit;

	while ((unit = lineage_unit(lineage, *i, entry, step)) && unit->rows)
		++*i;
	return unit;
}

/* *done: units of `want` that the input has behind it. */
static int match(const struct lineage *have, const struct lineage *want, size_t *done, struct error *err)
{
	const struct entry *mine, *stored;
	size_t i = 0, j = 0, step;
	const struct unit *a, *b;

	*done = 0;
	while ((a = column_unit(have, &i, &mine, &step))) {
		b = column_unit(want, &j, &stored, NULL);
		if (!b)
			return error_set(err, STATUS_REQUIREMENT, "step %zu '%s' of the input is not in what was trained on", step, mine->text);
		if (a->digest != b->digest && strcmp(mine->text, stored->text) == 0)
			return error_set(err, STATUS_REQUIREMENT,
				"step %zu '%s' of the input was fitted on other rows than the stored one (give raw records)", step, mine->text);
		if (a->digest != b->digest)
			return error_set(err, STATUS_REQUIREMENT, "step %zu of the input is '%s', the stored one '%s' (give raw records)",
				step, mine->text, stored->text);
		i++;
		*done = ++j;
	}
	return 0;
}

static bool have_row_unit(const struct lineage *have, const struct unit *unit)
{
	const struct unit *one;

	for (size_t i = 0; (one = lineage_unit(have, i, NULL, NULL)); i++)
		if (one->rows && one->digest == unit->digest)
			return true;
	return false;
}

/* ---- what is needed ---- */

static void names_remove(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->items[i], name) == 0) {
			free(names->items[i]);
			memmove(names->items + i, names->items + i + 1, (--names->n - i) * sizeof *names->items);
			return;
		}
}

/* Marks the units from `done` on that are to run; `need` becomes the names that the input must have. */
static void prune(const struct lineage *want, size_t done, bool all, struct names *need, bool *keep)
{
	for (size_t i = lineage_units(want); i-- > done;) {
		const struct unit *unit = lineage_unit(want, i, NULL, NULL);

		keep[i] = !unit->rows && !unit->foreign && (all || names_overlap(&unit->writes, need));
		if (!keep[i])
			continue;
		for (size_t w = 0; w < unit->writes.n; w++)
			names_remove(need, unit->writes.items[w]);
		for (size_t r = 0; r < unit->reads.n; r++)
			names_add_new(need, unit->reads.items[r]);
	}
}

/* The type in which a field was stored before any step; false: it is no input there. */
static bool stored_type(const struct lineage *want, const struct lineage *have, const char *name, struct field *field)
{
	int col = schema_find(&want->inputs, name);
	const struct unit *unit;

	for (size_t i = 0; (unit = lineage_unit(have, i, NULL, NULL)); i++)
		if (names_have(&unit->writes, name))
			return false;           /* made by a step that both have */
	if (col != NO_FIELD) {
		*field = want->inputs.fields[col];
		return true;
	}
	for (size_t i = 0; (unit = lineage_unit(want, i, NULL, NULL)); i++)
		if (unit->foreign && names_have(&unit->writes, name)) {
			struct error ignored = ERROR_INIT;
			struct unpacked state;
			bool found = false;

			if (unit_state(unit, &state, &ignored) == 0) {
				object type = map_get(&state.object, "type");

				*field = (struct field){.name = (char *)name};
				found = type && type->type == MSGPACK_OBJECT_STR && type_from_name(type->via.str.ptr, type->via.str.size, &field->type);
				unpacked_free(&state);
			}
			return found;
		}
	return false;
}

static int pick(struct replay *replay, const struct header *have, const char *name, bool missing_null, struct buffer *missing)
{
	int col = schema_find(&have->schema, name);
	struct field field, given;
	bool stored = stored_type(&replay->want, &have->lineage, name, &field);
	struct input *input;

	if (col == NO_FIELD && !(missing_null && stored)) {
		buffer_format(missing, "%s'%s'", missing->size ? ", " : "", name);
		return 0;
	}
	given = col == NO_FIELD ? field : have->schema.fields[col];
	if (!stored)
		field = given;
	else if (col != NO_FIELD)
		field.role = given.role;
	if (field.type != given.type && !convert_possible(given.type, field.type))
		field = given;          /* the step that reads it says what is wrong */
	input = &replay->inputs[replay->picked.n_fields];
	*input = (struct input){.col = col, .from = given.type};
	schema_add_field(&replay->picked, &field);
	schema_add_field(&replay->given, &given);
	return 0;
}

/* The names in the order of the input (all of its fields, if everything passes), then of the stored inputs, then the rest. */
static void need_order(struct names *need, bool all, const struct schema *have, const struct schema *stored)
{
	struct names ordered = {.items = NULL};

	for (size_t col = 0; col < have->n_fields; col++)
		if (all || names_have(need, have->fields[col].name))
			names_add(&ordered, have->fields[col].name);
	for (size_t col = 0; col < stored->n_fields; col++)
		if (names_have(need, stored->fields[col].name) && schema_find(have, stored->fields[col].name) == NO_FIELD)
			names_add(&ordered, stored->fields[col].name);
	for (size_t i = 0; i < need->n; i++)
		if (schema_find(have, need->items[i]) == NO_FIELD && schema_find(stored, need->items[i]) == NO_FIELD)
			names_add(&ordered, need->items[i]);
	names_release(need);
	*need = ordered;
}

/* ---- making it ---- */

static int open_units(struct replay *replay, const struct lineage *have, size_t done, const bool *keep, struct error *err)
{
	size_t n = lineage_units(&replay->want), step, last_step = 0;
	struct entry *into = NULL;

	for (size_t i = done; i < n; i++) {
		const struct entry *entry;
		const struct unit *unit = lineage_unit(&replay->want, i, &entry, &step);
		const struct step_kind *kind = step_find(unit->kind);
		bool counts = unit->rows && kind && kind->counts_on_replay && !have_row_unit(have, unit);

		for (size_t r = 0; counts && r < unit->reads.n; r++)
			counts = schema_find(&replay->out, unit->reads.items[r]) != NO_FIELD;
		if (!keep[i] && !counts)
			continue;
		if (ops_add(replay->ops, unit, &replay->out, step - 1, err)) {
			if (err->code == STATUS_FAILED)
				err->code = STATUS_REQUIREMENT;
			return error_prefix(err, "step %zu '%s'", step, entry->text);
		}
		if (!keep[i])
			continue;
		if (!into || step != last_step)
			into = lineage_add(&replay->lineage, entry->text);
		last_step = step;
		array_grow(into->units, into->n_units, into->room);
		unit_copy(&into->units[into->n_units++], unit);
	}
	return 0;
}

static void find_extra(struct replay *replay, const struct header *have)
{
	for (size_t col = 0; col < have->schema.n_fields; col++) {
		const struct field *field = &have->schema.fields[col];
		const struct unit *unit;
		bool known = field->role == ROLE_ORIGIN || schema_find(&replay->want.inputs, field->name) != NO_FIELD;

		for (size_t i = 0; !known && (unit = lineage_unit(&replay->want, i, NULL, NULL)); i++)
			known = names_have(&unit->writes, field->name);
		if (!known)
			names_add(&replay->extra, field->name);
	}
}

int replay_new(struct replay **made, const struct header *have, const struct lineage *want, const struct names *needed,
               const struct replay_options *options, struct error *err)
{
	struct replay *replay = mem_new(1, sizeof *replay);
	struct names need = {.items = NULL};
	struct buffer missing = BUFFER_INIT;
	bool *keep = mem_new(lineage_units(want) + 1, sizeof *keep);
	size_t done = 0;
	int result;

	*made = replay;
	lineage_copy(&replay->want, want);
	lineage_copy(&replay->lineage, &have->lineage);
	replay->ops = ops_new(want->n_entries);
	result = match(&have->lineage, want, &done, err);
	if (result)
		goto out;
	if (needed)
		for (size_t i = 0; i < needed->n; i++)
			names_add_new(&need, needed->items[i]);
	prune(want, done, !needed, &need, keep);
	need_order(&need, !needed, &have->schema, &want->inputs);
	replay->inputs = mem_new(need.n, sizeof *replay->inputs);
	for (size_t i = 0; i < need.n; i++)
		pick(replay, have, need.items[i], options && options->missing_null, &missing);
	if (missing.size) {
		result = error_set(err, STATUS_REQUIREMENT, "columns are missing: %s (--missing null takes them as null)", buffer_text(&missing));
		goto out;
	}
	schema_copy(&replay->out, &replay->picked);
	find_extra(replay, have);
	result = open_units(replay, &have->lineage, done, keep, err);
out:
	names_release(&need);
	buffer_free(&missing);
	free(keep);
	if (result) {
		replay_free(replay);
		*made = NULL;
	}
	return result;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	ops_free(replay->ops);
	schema_release(&replay->picked);
	schema_release(&replay->given);
	schema_release(&replay->out);
	free(replay->inputs);
	lineage_release(&replay->lineage);
	lineage_release(&replay->want);
	tally_release(&replay->lost);
	tally_release(&replay->counts);
	names_release(&replay->extra);
	free(replay);
}

/* ---- running it ---- */

static void put_null(struct batch *out, size_t col, enum type type)
{
	struct column column = {.valid = batch_bits(out)};

	if (type == TYPE_TEXT) {
		column.offsets = arena_new(&out->arena, 2, sizeof *column.offsets);
		column.n_entries = 1;
		column.bytes = "";
		column.codes = arena_new(&out->arena, out->n_rows, sizeof *column.codes);
	} else {
		column.values = batch_values(out, type);
	}
	batch_put_as(out, col, type, &column);
}

int replay_apply(struct replay *replay, struct batch *in, struct batch *out, struct error *err)
{
	bool stop;

	batch_start(out, &replay->given, in->n_rows);
	for (size_t i = 0; i < replay->picked.n_fields; i++) {
		const struct input *input = &replay->inputs[i];
		const struct field *field = &replay->picked.fields[i];
		struct column fresh;
		uint64_t n_lost = 0;

		if (input->col == NO_FIELD) {
			put_null(out, i, field->type);
			continue;
		}
		out->columns[i] = in->columns[input->col];
		block_use(out->columns[i].owner);
		if (field->type == input->from)
			continue;
		if (convert_column(out, i, field->type, field->form, &fresh, &n_lost, err))
			return -1;
		batch_put_as(out, i, field->type, &fresh);
		if (n_lost) {
			char *reason = mem_format("%s: not read as %s", field->name, type_name(field->type));

			tally_add(&replay->lost, reason, n_lost);
			free(reason);
		}
	}
	out->schema = &replay->picked;
	if (ops_run(replay->ops, out, false, NULL, &stop, err))
		return -1;
	out->schema = &replay->out;
	return 0;
}

const struct schema *replay_schema(const struct replay *replay) { return &replay->out; }
const struct lineage *replay_lineage(const struct replay *replay) { return &replay->lineage; }
const struct names *replay_extra(const struct replay *replay) { return &replay->extra; }

const struct tally *replay_lost(const struct replay *replay) { return &replay->lost; }

const struct tally *replay_counts(const struct replay *replay)
{
	struct replay *mine = (struct replay *)replay;          /* gathers what the ops counted since the last call */

	for (size_t i = 0; i < mine->ops->n_tallies; i++) {
		for (size_t j = 0; j < mine->ops->counts[i].n; j++) {
			char *reason = mem_format("step %zu '%s': %s", i + 1, mine->want.entries[i].text, mine->ops->counts[i].items[j].reason);

			tally_add(&mine->counts, reason, mine->ops->counts[i].items[j].count);
			free(reason);
		}
		tally_release(&mine->ops->counts[i]);
	}
	return &mine->counts;
}

/* ---- as a source ---- */

struct replay_source {
	struct replay *replay;
	struct source in;
	struct header header;
	struct batch batch;
};

static int replay_next(void *state, struct batch **batch, struct error *err)
{
	struct replay_source *source = state;

	if (source_next(&source->in, batch, err))
		return -1;
	if (!*batch)
		return 0;
	if (replay_apply(source->replay, *batch, &source->batch, err))
		return -1;
	*batch = &source->batch;
	return 0;
}

static const struct end *replay_end(void *state)
{
	struct replay_source *source = state;

	return source->in.end(source->in.state);
}

static void replay_close(void *state)
{
	struct replay_source *source = state;

	batch_free(&source->batch);
	replay_free(source->replay);
	source_close(&source->in);
	header_release(&source->header);
	free(source);
}

int replay_open(struct source *out, struct source *in, const struct lineage *want, const struct replay_options *options, struct error *err)
{
	struct replay_source *source = mem_new(1, sizeof *source);

	source->in = *in;
	*in = (struct source){NULL, NULL, NULL, NULL, NULL};
	*out = (struct source){&source->header, replay_next, replay_end, replay_close, source};
	if (replay_new(&source->replay, source->in.header, want, NULL, options, err)) {
		source_close(out);
		return -1;
	}
	schema_copy(&source->header.schema, replay_schema(source->replay));
	lineage_copy(&source->header.lineage, replay_lineage(source->replay));
	source->header.source = mem_text(source->in.header->source);
	return 0;
}

const struct replay *replay_of(const struct source *source)
{
	return ((const struct replay_source *)source->state)->replay;
}
