/* SPDX-License-Identifier: MIT */
/*
 * Of the units that are due (overlap.h) those stay whose results are needed, found from the last to
 * the first; what they read and do not make themselves must be in the input.
 *
 * A name can stand for more than one column in turn: dropped, and made again. What
 * dropped it need not run, so the old column goes right before the unit that makes
 * the new one. Nobody reads it from there on, as nobody could where it was dropped.
 */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "column_edit.h"
#include "columns.h"
#include "convert.h"
#include "form.h"
#include "likeness.h"
#include "memory.h"
#include "null_words.h"
#include "ops.h"
#include "overlap.h"
#include "stored_times.h"
#include "timestamp.h"
#include "told.h"


struct replay_input {
	int col;                        /* in the input; NO_FIELD: all null */
	enum type from;                 /* its type there */
};

struct replay {
	struct lineage want;
	struct schema picked;           /* the input columns taken, with their stored types */
	struct schema given;            /* the same with the types that they come in */
	struct replay_input *inputs;           /* by field of picked */
	struct schema out;
	struct lineage lineage;
	struct ops *ops;
	struct unit **drops;            /* made here: see open_units */
	size_t n_drops, room_drops;
	struct work work;
	struct tallies tallies;
	struct tally lost, counts;
	struct names extra, remarks;
	uint64_t n_rows;                /* that came */
	const struct host *host;        /* may be NULL */
};

/* The two lists of units, and what is asked of them, while a replay is made. */
struct matching {
	struct overlap lists;
	struct likeness likeness;
	bool *keep;                     /* of want: to be run */
	struct names need;              /* what must be in the input; a name that was needed only further on keeps its place, */
	bool *needed;                   /* but not its mark */
	size_t room;
	struct names made;              /* what the units wrote that were done already */
	struct names foreign;           /* what scripts wrote: by foreign_units[i] */
	const struct unit **foreign_units;
	size_t room_foreign;
	uint64_t *row_digests;          /* row parts that the input passed, in ascending order */
	size_t n_row_digests;
};

/* A table step that is still due and makes fields: predict can't run it, as its rows would be no longer those that came in. */
static int check_tables(const struct matching *m, const struct host *host, struct error *err)
{
	for (size_t i = m->lists.n_want; i-- > m->lists.done;)
		if (m->lists.want[i].unit->acts == ACTS_ON_TABLE && m->lists.want[i].unit->writes.n) {
			error_set(err, STATUS_REQUIREMENT, "step %zu '%s' makes other rows out of the records: give records that passed it",
			          m->lists.want[i].step, m->lists.want[i].entry->text);
			return host_advise(host, ADVICE_PASS_TABLE, NULL, err);
		}
	return 0;
}

static int compare_digests(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* What is asked of the lists by name, or by digest, once for all. */
static void look_up(struct matching *m)
{
	m->row_digests = mem_array(m->lists.n_have, sizeof *m->row_digests);
	for (size_t i = 0; i < m->lists.n_have; i++) {
		const struct unit *unit = m->lists.have[i].unit;

		for (size_t w = 0; i >= m->lists.tail && w < unit->writes.n; w++)
			names_add_new(&m->made, unit->writes.items[w]);
		if (unit->acts == ACTS_ON_ROWS)
			m->row_digests[m->n_row_digests++] = unit->digest;
	}
	if (m->n_row_digests)
		qsort(m->row_digests, m->n_row_digests, sizeof *m->row_digests, compare_digests);
	for (size_t i = 0; i < m->lists.n_want; i++) {
		const struct unit *unit = m->lists.want[i].unit;

		for (size_t w = 0; unit->foreign && w < unit->writes.n; w++)
			if (names_add_new(&m->foreign, unit->writes.items[w])) {
				array_grow(m->foreign_units, m->foreign.n - 1, m->room_foreign);
				m->foreign_units[m->foreign.n - 1] = unit;
			}
	}
}

static bool have_row_unit(const struct matching *m, const struct unit *unit)
{
	return m->n_row_digests && bsearch(&unit->digest, m->row_digests, m->n_row_digests, sizeof *m->row_digests, compare_digests);
}

static void matching_release(struct matching *m)
{
	likeness_release(&m->likeness);
	overlap_release(&m->lists);
	free(m->keep);
	names_release(&m->need);
	free(m->needed);
	names_release(&m->made);
	names_release(&m->foreign);
	free(m->foreign_units);
	free(m->row_digests);
}

/* ---- what is needed ---- */

static void need(struct matching *m, const char *name)
{
	size_t at = names_find(&m->need, name);

	if (at == NO_NAME) {
		at = m->need.n;
		array_grow(m->needed, at, m->room);
		names_add(&m->need, name);
	}
	m->needed[at] = true;
}

static bool is_needed(const struct matching *m, const char *name)
{
	size_t at = names_find(&m->need, name);

	return at != NO_NAME && m->needed[at];
}

/* Marks the units from `done` on that are to run, and the names that the input must have. */
static void prune(struct matching *m, bool all)
{
	for (size_t i = m->lists.n_want; i-- > m->lists.done;) {
		const struct unit *unit = m->lists.want[i].unit;

		if (unit->acts != ACTS_ON_COLUMNS || unit->foreign)
			continue;
		m->keep[i] = all;
		for (size_t w = 0; w < unit->writes.n; w++) {
			size_t at = names_find(&m->need, unit->writes.items[w]);

			if (at == NO_NAME || !m->needed[at])
				continue;
			m->keep[i] = true;
			m->needed[at] = false;
		}
		for (size_t r = 0; m->keep[i] && r < unit->reads.n; r++)
			need(m, unit->reads.items[r]);
	}
}

/* The type of a field that a script added, out of its unit's state. */
static bool foreign_type(const struct unit *unit, const char *name, struct field *field)
{
	struct error ignored = ERROR_INIT;
	struct unpacked state;
	bool found;
	object type;

	if (unit_state(unit, &state, &ignored) < 0)
		return false;
	type = map_get(&state.object, "type");
	*field = (struct field){ .name = (char *)name };
	found = type && type->type == MSGPACK_OBJECT_STR && type_from_name(type->via.str.ptr, type->via.str.size, &field->type);
	unpacked_free(&state);
	return found;
}

/* The type in which a field was stored before any step; false: it is no input there, or made by a step that both have. */
static bool stored_type(const struct matching *m, const struct schema *inputs, const char *name, struct field *field)
{
	int col = schema_find(inputs, name);
	size_t foreign;

	if (names_have(&m->made, name))
		return false;
	if (col != NO_FIELD) {
		*field = inputs->fields[col];
		return true;
	}
	foreign = names_find(&m->foreign, name);
	return foreign != NO_NAME && foreign_type(m->foreign_units[foreign], name, field);
}

/* The type to which an input is brought. */
static enum type type_taken(const struct field *stored, const struct field *given)
{
	bool whole = given->type == TYPE_INT || given->type == TYPE_BOOL;

	return stored->as_real && !whole ? TYPE_REAL : stored->type;
}

struct picking { struct matching *m; const struct header *have; const struct host *host; bool missing_null; struct buffer missing; };

static int pick(struct replay *replay, struct picking *picking, const char *name, struct error *err)
{
	const struct schema *schema = &picking->have->schema;
	int col = schema_find(schema, name);
	struct field field, given;
	bool stored = stored_type(picking->m, &replay->want.inputs, name, &field);

	if (col == NO_FIELD && !(picking->missing_null && stored)) {
		buffer_format(&picking->missing, "%s'%s'", picking->missing.size ? ", " : "", name);
		return 0;
	}
	given = col == NO_FIELD ? field : schema->fields[col];
	if (!stored) {
		field = given;
	} else if (col != NO_FIELD) {
		if (likeness_check(&picking->m->likeness, &given, &field, picking->host, err) < 0)
			return -1;
		field.role = given.role;
		field.type = type_taken(&field, &given);
	}
	field.as_real = false;          /* that is said of stored inputs; a step may make a real of the column */
	replay->inputs[replay->picked.n_fields] = (struct replay_input){ .col = col, .from = given.type };
	schema_add_field(&replay->picked, &field);
	schema_add_field(&replay->given, &given);
	return 0;
}

/* The names in the order of the input (all of its fields, if everything passes), then of the stored inputs, then the rest. */
static int pick_all(struct replay *replay, struct picking *picking, bool all, struct error *err)
{
	const struct schema *schema = &picking->have->schema, *stored = &replay->want.inputs;
	const struct matching *m = picking->m;
	int result = 0;

	replay->inputs = mem_new(schema->n_fields + m->need.n, sizeof *replay->inputs);
	for (size_t col = 0; col < schema->n_fields && result == 0; col++)
		if (all || is_needed(m, schema->fields[col].name))
			result = pick(replay, picking, schema->fields[col].name, err);
	for (size_t col = 0; col < stored->n_fields && result == 0; col++)
		if (is_needed(m, stored->fields[col].name) && schema_find(schema, stored->fields[col].name) == NO_FIELD)
			result = pick(replay, picking, stored->fields[col].name, err);
	for (size_t i = 0; i < m->need.n && result == 0; i++)
		if (m->needed[i] && schema_find(schema, m->need.items[i]) == NO_FIELD && schema_find(stored, m->need.items[i]) == NO_FIELD)
			result = pick(replay, picking, m->need.items[i], err);
	return result;
}

static int pick_inputs(struct replay *replay, struct matching *m, const struct header *have, bool all, const struct replay_options *options,
                       struct error *err)
{
	struct picking picking = { .m = m, .have = have, .host = options ? options->host : NULL, .missing_null = options && options->missing_null };
	int result = pick_all(replay, &picking, all, err);

	if (result == 0 && picking.missing.size)
		result = error_set(err, STATUS_REQUIREMENT, "columns are missing: %s%s", buffer_text(&picking.missing),
		                   options && options->never_null ? "" : " (--missing null takes them as null)");
	if (result == 0)
		result = likeness_end(&m->likeness, picking.host, err);
	names_copy(&replay->remarks, &m->likeness.remarks);
	buffer_free(&picking.missing);
	return result;
}

/* ---- making it ---- */

static int add_unit(struct replay *replay, const struct unit *unit, const struct unit_place *place, struct error *err)
{
	if (ops_add(replay->ops, unit, &replay->out, place->step - 1, err) == 0)
		return 0;
	if (err->code == STATUS_FAILED)
		err->code = STATUS_REQUIREMENT;
	return error_prefix(err, "step %zu '%s'", place->step, place->entry->text);
}

/* Columns that stand where the unit makes new ones of the same name, unless it reads them. */
static int drop_stale(struct replay *replay, const struct unit_place *place, struct error *err)
{
	const struct unit *unit = place->unit;
	struct names stale = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	struct unit *drop;

	for (size_t w = 0; w < unit->writes.n; w++)
		if (!names_have(&unit->reads, unit->writes.items[w]) && schema_find(&replay->out, unit->writes.items[w]) != NO_FIELD)
			names_add(&stale, unit->writes.items[w]);
	if (stale.n == 0)
		return 0;
	array_grow(replay->drops, replay->n_drops, replay->room_drops);
	drop = replay->drops[replay->n_drops++] = mem_new(1, sizeof *drop);
	drop->kind = mem_text("drop");
	pack_map(&state, 1);
	state_names(&state, "columns", &stale);
	unit_set_state(drop, &state);
	names_release(&stale);
	return add_unit(replay, drop, place, err);
}

/* pruned: units that drop columns were left out. */
static int open_units(struct replay *replay, const struct matching *m, bool pruned, struct error *err)
{
	size_t last_step = 0;
	struct entry *into = NULL;

	for (size_t i = m->lists.done; i < m->lists.n_want; i++) {
		const struct unit_place *place = &m->lists.want[i];
		const struct unit *unit = place->unit;
		bool counts = unit_counts_on_replay(unit) && !have_row_unit(m, unit);

		for (size_t r = 0; counts && r < unit->reads.n; r++)
			counts = schema_find(&replay->out, unit->reads.items[r]) != NO_FIELD;
		if (!m->keep[i] && !counts)
			continue;
		if ((m->keep[i] && pruned && drop_stale(replay, place, err) < 0) || add_unit(replay, unit, place, err) < 0)
			return -1;
		if (!m->keep[i])
			continue;
		if (!into || place->step != last_step)
			into = lineage_add(&replay->lineage, place->entry->text);
		last_step = place->step;
		entry_add_copy(into, unit);
	}
	ops_settle(replay->ops, &replay->out);
	return 0;
}

static void find_extra(struct replay *replay, const struct matching *m, const struct schema *schema)
{
	struct names written = { .items = NULL };

	for (size_t i = 0; i < m->lists.n_want; i++)
		for (size_t w = 0; w < m->lists.want[i].unit->writes.n; w++)
			names_add_new(&written, m->lists.want[i].unit->writes.items[w]);
	for (size_t col = 0; col < schema->n_fields; col++) {
		const struct field *field = &schema->fields[col];

		if (field->role != ROLE_ORIGIN && schema_find(&replay->want.inputs, field->name) == NO_FIELD && !names_have(&written, field->name))
			names_add(&replay->extra, field->name);
	}
	names_release(&written);
}

static int make(struct replay *replay, struct matching *m, const struct header *have, const struct names *needed,
                const struct replay_options *options, struct error *err)
{
	if (needed && check_tables(m, options ? options->host : NULL, err) < 0)
		return -1;
	look_up(m);
	likeness_init(&m->likeness, have, &replay->want, &m->lists);
	for (size_t i = 0; needed && i < needed->n; i++)
		need(m, needed->items[i]);
	prune(m, !needed);
	if (pick_inputs(replay, m, have, !needed, options, err) < 0)
		return -1;
	schema_copy(&replay->out, &replay->picked);
	find_extra(replay, m, &have->schema);
	return open_units(replay, m, needed != NULL, err);
}

int replay_new(struct replay **made, const struct header *have, const struct lineage *want, const struct names *needed,
               const struct replay_options *options, struct error *err)
{
	struct replay *replay = mem_new(1, sizeof *replay);
	struct matching m = { .keep = NULL };
	int result;

	*made = replay;
	replay->host = options ? options->host : NULL;
	lineage_copy(&replay->want, want);
	lineage_copy(&replay->lineage, &have->lineage);
	replay->ops = ops_new(true);
	tallies_init(&replay->tallies, want->n_entries);
	result = overlap_find(&m.lists, &have->lineage, &replay->want, !needed, err);
	m.keep = mem_new(m.lists.n_want + 1, sizeof *m.keep);
	if (result == 0)
		result = make(replay, &m, have, needed, options, err);
	matching_release(&m);
	if (result < 0) {
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
	for (size_t i = 0; i < replay->n_drops; i++) {
		unit_release(replay->drops[i]);
		free(replay->drops[i]);
	}
	free(replay->drops);
	work_release(&replay->work);
	tallies_release(&replay->tallies);
	schema_release(&replay->picked);
	schema_release(&replay->given);
	schema_release(&replay->out);
	free(replay->inputs);
	lineage_release(&replay->lineage);
	lineage_release(&replay->want);
	tally_release(&replay->lost);
	tally_release(&replay->counts);
	names_release(&replay->extra);
	names_release(&replay->remarks);
	free(replay);
}

/* ---- running it ---- */

static void put_null(struct batch *out, size_t col, enum type type)
{
	struct column column = COLUMN_INIT;

	column_new_valid(&column, out->pool, out->n_rows, false);
	if (type == TYPE_TEXT) {
		memset(column_new_offsets(&column, out->pool, 1), 0, 2 * sizeof(uint32_t));
		column_new_bytes(&column, out->pool, 0);
		column_new_codes(&column, out->pool, out->n_rows);      /* zeroed as they are put */
	} else {
		column_new_values(&column, out->pool, type, out->n_rows);
	}
	batch_put(out, col, type, &column);
}

/* The cells of a column that are missing now: `fresh`, or all of them (NULL). */
static void show_lost(struct replay *replay, const struct batch *batch, size_t col, const struct column *fresh)
{
	const struct column *from = &batch->columns[col];
	struct buffer text = BUFFER_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		if (!column_valid(from, row) || (fresh && column_valid(fresh, row)))
			continue;
		buffer_clear(&text);
		cell_print(&replay->given.fields[col], from, row, &text);
		unseen_show_lost(&replay->tallies.unseen, replay->picked.fields[col].name, buffer_text(&text), text.size);
	}
	buffer_free(&text);
}

/* Before the converted column takes the place of that which came. */
static void count_lost(struct replay *replay, const struct batch *batch, size_t col, const struct column *fresh, uint64_t n)
{
	const struct field *field = &replay->picked.fields[col];
	char *what = n ? mem_format("not read as %s", type_name(field->type)) : NULL;

	if (n == 0)
		return;
	tally_add(&replay->lost, what, field->name, n);
	unseen_lose(&replay->tallies.unseen, field->name, type_name(field->type), n);
	if (host_shows_values(replay->host))
		show_lost(replay, batch, col, fresh);
	free(what);
}

static bool is_null_word(void *state, const char *text, size_t size)
{
	(void)state;
	return null_word(text, size) != NO_NULL_WORD;
}

/* Where other values than texts were stored, a usual word for missing is no value that could not be read. */
static int forget_words(struct replay *replay, struct batch *out, size_t col, struct error *err)
{
	const struct column *from = column_read(out, col, err);
	uint64_t *rows = arena_new(&replay->work.scratch, bits_words(out->n_rows), sizeof *rows), n_words;
	struct column fresh;

	if (!from)
		return -1;
	column_find_texts(out, &replay->work.scratch, from, is_null_word, NULL, rows);
	column_forget(out, from, TYPE_TEXT, rows, &fresh, &n_words);
	batch_put(out, col, TYPE_TEXT, &fresh);
	return 0;
}

/* Where text was stored, a word that was taken as missing may have been a level. */
static int check_words(const struct replay *replay, struct batch *out, size_t col, struct error *err)
{
	const struct column *column = column_read(out, col, err);

	if (!column)
		return -1;
	if (column->n_missing == 0)     /* the rows are gone */
		return 0;
	error_set(err, STATUS_REQUIREMENT, "column '%s' is %s here, and words such as NA were taken as missing; the stored one is text",
	          replay->picked.fields[col].name, type_name(replay->inputs[col].from));
	return host_advise(replay->host, ADVICE_READ_ALIKE, NULL, err);
}

/* In the stored type: an own reading of times, of each text by itself. */
static int convert(struct replay *replay, struct batch *out, size_t i, struct column *fresh, struct error *err)
{
	const struct field *field = &replay->picked.fields[i];
	uint64_t n_lost = 0, n_moved = 0;

	if (field->type == TYPE_TIME) {
		const struct column *from = column_read(out, i, err);

		if (!from)
			return -1;
		stored_times(out, &replay->work.scratch, from, field->form, fresh, &n_lost, &n_moved);
		unseen_move(&replay->tallies.unseen, field->name, time_form_zone(field->form), n_moved);
	} else if (convert_column(out, &replay->work.scratch, i, field->type, field->form, fresh, &n_lost, err) < 0) {
		return -1;
	}
	count_lost(replay, out, i, fresh, n_lost);
	return 0;
}

static int take_column(struct replay *replay, const struct batch *in, struct batch *out, size_t i, struct error *err)
{
	const struct replay_input *input = &replay->inputs[i];
	const struct field *field = &replay->picked.fields[i];
	struct column fresh = COLUMN_INIT;

	if (input->col == NO_FIELD) {
		put_null(out, i, field->type);
		return 0;
	}
	column_share(&out->columns[i], &in->columns[input->col]);
	/* What stored steps make a text of has the stored form, however its cells were written. */
	if (field->type != TYPE_TEXT)
		out->columns[i].mixed = false;
	if (field->type == input->from)
		return 0;
	if (field->type == TYPE_TEXT && !form_writes_back(&replay->given.fields[i], out->columns[i].mixed)) {
		form_refuse(field, "", err);
		return host_advise(replay->host, ADVICE_READ_ALIKE, NULL, err);
	}
	if (field->type == TYPE_TEXT && out->columns[i].words && check_words(replay, out, i, err) < 0)
		return -1;
	if (input->from == TYPE_TEXT && !style_option(&replay->want.style, "no-null-words") && forget_words(replay, out, i, err) < 0)
		return -1;
	if (!convert_possible(input->from, field->type)) {
		const struct column *from = column_read(out, i, err);

		if (!from)
			return -1;
		count_lost(replay, out, i, NULL, out->n_rows - from->n_missing);
		put_null(out, i, field->type);
		return 0;
	}
	if (convert(replay, out, i, &fresh, err) < 0)
		return -1;
	batch_put(out, i, field->type, &fresh);
	arena_clear(&replay->work.scratch);
	return 0;
}

int replay_apply(struct replay *replay, const struct batch *in, struct batch *out, struct error *err)
{
	batch_start(out, in->pool, &replay->given, in->n_rows);
	out->first_row = in->first_row;
	replay->n_rows += in->n_rows;
	for (size_t i = 0; i < replay->picked.n_fields; i++)
		if (take_column(replay, in, out, i, err) < 0)
			return -1;
	out->schema = &replay->picked;
	if (ops_run(replay->ops, out, NULL, &replay->work, &replay->tallies, err) < 0)
		return -1;
	out->schema = &replay->out;
	return 0;
}

const struct schema *replay_inputs(const struct replay *replay) { return &replay->picked; }
void replay_slice(const struct replay *replay, struct source *source) { ops_slice(replay->ops, source); }
const struct schema *replay_schema(const struct replay *replay) { return &replay->out; }
const struct lineage *replay_lineage(const struct replay *replay) { return &replay->lineage; }
const struct names *replay_extra(const struct replay *replay) { return &replay->extra; }
const struct names *replay_remarks(const struct replay *replay) { return &replay->remarks; }

/* A name for people: "step 4 'expect km < 60 else drop'". To be freed. */
static char *step_shown(const struct replay *replay, size_t i)
{
	char *name = recipe_step_name(replay->want.entries[i].text, i + 1), *shown = mem_format("step %zu '%s'", i + 1, name);

	free(name);
	return shown;
}

static void print_rules(const struct replay *replay, bool all, struct buffer *to)
{
	struct tally told = { .items = NULL };

	for (size_t i = 0; i < replay->tallies.n; i++) {
		const struct entry *entry = &replay->want.entries[i];
		char *step = recipe_step_name(entry->text, i + 1);

		if (entry->n_units)
			told_add(&told, step_find(entry->units[0].kind), step, NULL, &replay->tallies.counts[i], true);
		free(step);
	}
	told_print(&told, replay->n_rows, all, to);
	tally_release(&told);
}

void replay_tell(const struct replay *replay, bool all, bool rules, struct names *lines)
{
	struct buffer line = BUFFER_INIT, advice = BUFFER_INIT;

	unseen_print(&replay->tallies.unseen, replay->n_rows, host_shows_values(replay->host), all, &line);
	if (unseen_lost(&replay->tallies.unseen, type_name(TYPE_TIME)) && host_advice(replay->host, ADVICE_NAME_UNREAD, NULL, &advice))
		buffer_format(&line, "; %s", buffer_text(&advice));
	if (line.size)
		names_add(lines, buffer_text(&line));
	buffer_clear(&line);
	if (rules)
		print_rules(replay, all, &line);
	if (line.size)
		names_add(lines, buffer_text(&line));
	buffer_free(&advice);
	buffer_free(&line);
}

const struct tally *replay_lost(const struct replay *replay) { return &replay->lost; }

const struct tally *replay_counts(const struct replay *replay)
{
	struct replay *mine = (struct replay *)replay;          /* gathers what the ops counted since the last call */

	for (size_t i = 0; i < mine->tallies.n; i++) {
		char *step = step_shown(mine, i);

		tally_merge_as(&mine->counts, &mine->tallies.counts[i], step);
		tally_release(&mine->tallies.counts[i]);
		free(step);
	}
	return &mine->counts;
}
