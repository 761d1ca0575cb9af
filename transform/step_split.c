/* SPDX-License-Identifier: MIT */
/*
 * `split`: writes the mark train, valid or test of each row into the field _split,
 * which every later program honours. Nothing is thrown away.
 *
 *     test=P valid=P   by chance: a hash of the row's number (or, with by=, of its key's text) and the seed, as a
 *                      fraction, is below P. A mark depends on nothing else: more rows change no mark
 *     from=COLUMN      the marks stand in a text column already
 *     rows=FILE        the `_row` numbers of the test rows, one per line; valid=P goes by chance over the others
 *
 * The unit is never replayed. Its state holds the numbers of rows=FILE all the same, as differences in 7-bit groups
 * (about a byte a row), so that the lineage says which rows were held out, and nothing opens the file twice.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "cell.h"
#include "columns.h"
#include "memory.h"
#include "rng.h"
#include "row_numbers.h"
#include "step.h"
#include "text.h"

enum mark { MARK_TRAIN, MARK_VALID, MARK_TEST, N_MARKS, NO_MARK };

struct split_config { double test, valid; int64_t seed; const char *by, *from, *rows; bool replace; };

static const struct option_row split_options[] = {
	{ "test", 0, OPTION_REAL, offsetof(struct split_config, test), "P", NULL, 0, 1, "share of the rows that are held out for evaluation" },
	{ "valid", 0, OPTION_REAL, offsetof(struct split_config, valid), "P", NULL, 0, 1, "share of the rows that watch the training" },
	{ "seed", 0, OPTION_INT, offsetof(struct split_config, seed), "N", NULL, 0, 4294967295.0, "another choice by chance (default: --seed)" },
	{ "by", 0, OPTION_TEXT, offsetof(struct split_config, by), "COLUMN", NULL, 0, 0, "rows with the same value get the same mark" },
	{ "from", 0, OPTION_TEXT, offsetof(struct split_config, from), "COLUMN", NULL, 0, 0,
	  "a text column with the marks: train, valid, test (also training, val, validation, dev, testing)" },
	{ "rows", 0, OPTION_TEXT, offsetof(struct split_config, rows), "FILE", NULL, 0, 0,
	  "numbers of the test rows (0-based, as in the field _row), one per line" },
	{ "replace", 0, OPTION_FLAG, offsetof(struct split_config, replace), NULL, NULL, 0, 0, "the rows are split already: forget that" },
	OPTION_END
};

/* ---- binding ---- */

static bool is_given(const struct arguments *arguments, const char *key) { return arguments_key(arguments, key) != 0; }

static int check_config(const struct arguments *arguments, const struct split_config *config, struct error *err)
{
	bool test = is_given(arguments, "test");

	if ((test || is_given(arguments, "valid")) + (config->from != NULL) + (config->rows != NULL) == 0)
		return arguments_fail(arguments, strlen(arguments->line), err, "which rows? test=P valid=P, from=COLUMN or rows=FILE");
	if (config->from && (test || config->rows || config->by || is_given(arguments, "valid")))
		return arguments_fail(arguments, arguments_key(arguments, "from"), err, "from= tells all marks: nothing goes beside it");
	if (config->rows && (test || config->by))
		return arguments_fail(arguments, arguments_key(arguments, "rows"), err, "rows= tells the test rows: no test= or by= beside it");
	if (config->test + config->valid >= 1)
		return arguments_fail(arguments, arguments_key(arguments, test ? "test" : "valid"), err, "no row would be left to train on");
	return 0;
}

/* The name of the field that is written: an earlier mark that is replaced, or _split. */
static const char *mark_field(const struct binding *binding, const struct split_config *config, struct error *err)
{
	const struct schema *schema = binding->schema;
	int old = schema_find_role(schema, ROLE_SPLIT);

	if (old != NO_FIELD && !config->replace) {
		arguments_fail(binding->arguments, 0, err, "the rows are split already, by field '%s' (say replace to forget that)",
			schema->fields[old].name);
		return NULL;
	}
	if (old != NO_FIELD)
		return schema->fields[old].name;
	if (config->from && strcmp(config->from, "_split") == 0)
		return "_split";
	if (schema_check_generated(schema, "_split", err) != 0) {
		arguments_point(binding->arguments, 0, err);
		return NULL;
	}
	return "_split";
}

/* The columns that decide: BIND_DONE, BIND_WAIT or BIND_FAILED. */
static int bind_inputs(struct binding *binding, const struct split_config *config, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	int col, result = BIND_DONE;

	if (config->by)
		return bind_field(binding, "by", config->by, &col, err);
	if (config->rows) {
		col = schema_find(binding->schema, "_row");
		if (col == NO_FIELD || binding->schema->fields[col].type != TYPE_INT)
			return arguments_fail(arguments, arguments_key(arguments, "rows"), err,
				"needs the field _row, which extract adds (was it dropped or renamed?)");
	}
	if (config->from) {
		if ((result = bind_field(binding, "from", config->from, &col, err)) != BIND_DONE)
			return result;
		if (binding->schema->fields[col].type != TYPE_TEXT)
			return arguments_fail(arguments, arguments_key(arguments, "from"), err, "column '%s' is %s; marks are text",
				config->from, type_name(binding->schema->fields[col].type));
	}
	return result;
}

static int add_unit(struct binding *binding, const struct split_config *config, const char *field, struct error *err)
{
	struct row_numbers numbers = { .items = NULL };
	const char *read = config->by ? config->by : config->from ? config->from : config->rows ? "_row" : NULL;

	if (config->rows && row_numbers_read(&numbers, config->rows, err) != 0) {
		arguments_point(binding->arguments, arguments_key(binding->arguments, "rows"), err);
		row_numbers_release(&numbers);
		return BIND_FAILED;
	}
	struct unit *unit = entry_add(binding->entry, "split");
	struct buffer state = BUFFER_INIT;
	unit->acts = ACTS_ON_ROWS;
	if (read)
		names_add(&unit->reads, read);
	names_add(&unit->writes, field);
	pack_map(&state, 5);
	pack_key_text(&state, "how", config->by ? "by" : config->from ? "from" : config->rows ? "rows" : "chance");
	pack_key_real(&state, "test", config->test);
	pack_key_real(&state, "valid", config->valid);
	pack_key_int(&state, "seed", config->seed);
	pack_text(&state, "rows");
	row_numbers_pack(&state, &numbers);
	unit_set_state(unit, &state);
	row_numbers_release(&numbers);
	return BIND_DONE;
}

static int split_bind(struct binding *binding, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	struct split_config config = { .seed = (int64_t)binding->seed };
	struct selector_word *rest = mem_array(arguments->n_words, sizeof *rest);
	const char *field;
	size_t n;
	int result = BIND_FAILED;

	if (arguments_options(arguments, 1, split_options, &config, rest, &n, err) != 0)
		goto out;
	if (n) {
		arguments_fail(arguments, arguments->words[1].at, err, "takes only options (by=COLUMN, from=COLUMN)");
		goto out;
	}
	if (check_config(arguments, &config, err) != 0 || !(field = mark_field(binding, &config, err)))
		goto out;
	result = bind_inputs(binding, &config, err);
	if (result == BIND_DONE)
		result = add_unit(binding, &config, field, err);
out:
	free(rest);
	return result;
}

/* ---- applying ---- */

struct split {
	enum { BY_CHANCE, BY_KEY, BY_FIELD, BY_ROWS } how;
	double test, valid;
	uint64_t seed, n_rows;          /* n_rows: seen so far */
	size_t col, read;               /* col == n_columns of a batch: appended */
	int file;                       /* the field _file, for BY_ROWS; or NO_FIELD */
	struct buffer first_file;       /* all rows must be of this one */
	struct row_numbers numbers;
	struct buffer key;
};

static void split_close(void *op)
{
	struct split *split = op;

	if (!split)
		return;
	row_numbers_release(&split->numbers);
	buffer_free(&split->first_file);
	buffer_free(&split->key);
	free(split);
}

static int read_split(struct split *split, const struct unit *unit, struct error *err)
{
	struct unpacked state;
	int64_t seed;
	bool fine;

	if (unit_state(unit, &state, err) != 0)
		return -1;
	object how = map_get(&state.object, "how");
	split->how = object_is_text(how, "by") ? BY_KEY : object_is_text(how, "from") ? BY_FIELD
		: object_is_text(how, "rows") ? BY_ROWS : BY_CHANCE;
	fine = unit->writes.n == 1 && unit->reads.n == (split->how != BY_CHANCE)
		&& object_real(map_get(&state.object, "test"), &split->test)
		&& object_real(map_get(&state.object, "valid"), &split->valid)
		&& object_int(map_get(&state.object, "seed"), &seed)
		&& row_numbers_unpack(map_get(&state.object, "rows"), &split->numbers);
	unpacked_free(&state);
	if (!fine)
		return error_set(err, STATUS_FAILED, "broken state of 'split'");
	split->seed = (uint64_t)seed;
	return 0;
}

static void *split_open(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct split *split = mem_new(1, sizeof *split);
	int col, read = NO_FIELD;

	if (read_split(split, unit, err) != 0)
		goto fail;
	if (split->how != BY_CHANCE && (read = open_column(schema, unit->reads.items[0],
	                                                   split->how == BY_ROWS ? 1u << TYPE_INT : split->how == BY_FIELD ? 1u << TYPE_TEXT
	                                                   : (unsigned)TYPES_ANY, err)) == NO_FIELD)
		goto fail;
	split->read = (size_t)read;
	split->file = schema_find(schema, "_file");
	if (split->file != NO_FIELD && schema->fields[split->file].type != TYPE_TEXT)
		split->file = NO_FIELD;
	/* The marks replace the column that they came from: no model should ask for that. */
	if (split->how == BY_FIELD && schema->fields[read].role == ROLE_FEATURE)
		schema->fields[read].role = ROLE_SOURCE;
	col = schema_find(schema, unit->writes.items[0]);
	if (col == NO_FIELD) {
		schema_add(schema, unit->writes.items[0], TYPE_TEXT, ROLE_SPLIT);
		col = (int)schema->n_fields - 1;
	}
	schema->fields[col].type = TYPE_TEXT;
	schema->fields[col].role = ROLE_SPLIT;
	split->col = (size_t)col;
	return split;
fail:
	split_close(split);
	return NULL;
}

static enum mark mark_of_hash(const struct split *split, uint64_t hash)
{
	double fraction = (double)(hash >> 11) * 0x1p-53;

	return fraction < split->test ? MARK_TEST : fraction < split->test + split->valid ? MARK_VALID : MARK_TRAIN;
}

static void mark_by_chance(struct split *split, size_t n_rows, uint32_t *marks)
{
	uint64_t start = hash_mix(split->seed + 1);

	for (size_t row = 0; row < n_rows; row++)
		marks[row] = mark_of_hash(split, hash_mix(start + (split->n_rows + row) * UINT64_C(0x9e3779b97f4a7c15)));
}

static enum mark mark_of_key(struct split *split, const struct field *field, const struct column *column, size_t row)
{
	buffer_clear(&split->key);
	cell_print(field, column, row, &split->key);
	return mark_of_hash(split, XXH3_64bits_withSeed(split->key.data, split->key.size, hash_mix(split->seed + 1)));
}

static const struct { const char *text; enum mark mark; } known_marks[] = {
	{ "train", MARK_TRAIN }, { "training", MARK_TRAIN }, { "valid", MARK_VALID }, { "val", MARK_VALID },
	{ "validation", MARK_VALID }, { "dev", MARK_VALID }, { "test", MARK_TEST }, { "testing", MARK_TEST },
};

static enum mark mark_of_text(struct split *split, const struct field *field, const struct column *column, size_t row)
{
	buffer_clear(&split->key);
	cell_print(field, column, row, &split->key);
	for (size_t i = 0; i < sizeof known_marks / sizeof known_marks[0]; i++)
		if (text_equal_nocase(buffer_text(&split->key), known_marks[i].text))
			return known_marks[i].mark;
	return NO_MARK;
}

/* Marks by the values of a column, a dictionary by its entries; missing rows are left as they are. */
static void mark_by_values(struct split *split, struct batch *batch, const struct column *column, uint32_t *marks)
{
	const struct field *field = &batch->schema->fields[split->read];
	size_t n_entries = column->codes ? column->n_entries : 0;
	uint8_t *known = arena_array(&batch->arena, n_entries, 1);

	memset(known, 0xff, n_entries);
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (!column_valid(column, row))
			continue;
		if (column->codes && known[column->codes[row]] != 0xff) {
			marks[row] = known[column->codes[row]];
			continue;
		}
		marks[row] = split->how == BY_KEY ? mark_of_key(split, field, column, row) : mark_of_text(split, field, column, row);
		if (column->codes)
			known[column->codes[row]] = (uint8_t)marks[row];
	}
}

static int refuse_row(const struct split *split, struct batch *batch, const struct column *column, size_t row, struct error *err)
{
	const char *name = batch->schema->fields[split->read].name;
	struct buffer place = BUFFER_INIT, value = BUFFER_INIT;
	size_t size;
	const char *text = column_text(column, row, &size);

	cell_place(batch, row, split->n_rows + row, &place);
	text_escape(&value, text, size, 40);
	if (!column_valid(column, row))
		error_set(err, STATUS_FAILED, "%s: '%s' is missing: no mark", buffer_text(&place), name);
	else if (tool_values_shown())
		error_set(err, STATUS_FAILED, "%s: '%s' holds '%s', which is no mark (train, valid or test)", buffer_text(&place), name, buffer_text(&value));
	else
		error_set(err, STATUS_FAILED, "%s: '%s' holds no mark (train, valid or test; --show-values tells what)", buffer_text(&place), name);
	buffer_free(&place);
	buffer_free(&value);
	return -1;
}

/* Row numbers mean something within one file only. */
static int check_file(struct split *split, struct batch *batch, struct error *err)
{
	if (split->file == NO_FIELD)
		return 0;
	const struct column *file = column_read(batch, (size_t)split->file, err);
	if (!file)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size;
		if (row && file->codes && file->codes[row] == file->codes[row - 1])
			continue;
		const char *name = column_text(file, row, &size);
		if (split->n_rows + row == 0)
			buffer_add(&split->first_file, name, size);
		else if (size != split->first_file.size || (size && memcmp(name, split->first_file.data, size) != 0))
			return error_set(err, STATUS_FAILED, "rows= is for records of one file; here come those of a second (%.*s)", (int)size, name);
	}
	return 0;
}

static int mark_rows(struct split *split, struct batch *batch, uint32_t *marks, struct tally *counts, struct error *err)
{
	const struct column *column;

	if (split->how == BY_FIELD)
		for (size_t row = 0; row < batch->n_rows; row++)
			marks[row] = NO_MARK;
	else    /* rows=: the rows that are not listed; by=: rows without a key */
		mark_by_chance(split, batch->n_rows, marks);
	if (split->how == BY_CHANCE)
		return 0;
	if (!(column = column_read(batch, split->read, err)))
		return -1;
	if (split->how == BY_ROWS) {
		if (check_file(split, batch, err) != 0)
			return -1;
		for (size_t row = 0, at = 0; row < batch->n_rows; row++)
			if (column_valid(column, row) && row_numbers_have(&split->numbers, column_int(column, row), &at))
				marks[row] = MARK_TEST;
		return 0;
	}
	mark_by_values(split, batch, column, marks);
	if (split->how == BY_KEY) {
		tally_add(counts, "without a key", NULL, column->n_missing);
		return 0;
	}
	for (size_t row = 0; row < batch->n_rows; row++)
		if (marks[row] == NO_MARK)
			return refuse_row(split, batch, column, row, err);
	return 0;
}

static const char *const mark_names[N_MARKS] = { "train", "valid", "test" };

static int split_apply(void *op, struct batch *batch, struct tally *counts, struct error *err)
{
	const uint32_t offsets[] = { 0, 5, 10, 14 };    /* of the three names */
	struct split *split = op;
	uint32_t *marks = arena_array(&batch->arena, batch->n_rows, sizeof *marks);
	uint64_t n[N_MARKS] = { 0 };

	if (mark_rows(split, batch, marks, counts, err) != 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		n[marks[row]]++;
	for (int mark = 0; mark < N_MARKS; mark++)
		tally_add(counts, mark_names[mark], NULL, n[mark]);
	uint32_t *own = arena_array(&batch->arena, 4, sizeof *own);
	memcpy(own, offsets, sizeof offsets);
	batch_put_as(batch, split->col, TYPE_TEXT, &(struct column){ .codes = marks, .offsets = own,
		.bytes = arena_text(&batch->arena, "trainvalidtest", 14), .bytes_size = 14, .n_entries = N_MARKS });
	split->n_rows += batch->n_rows;
	return 0;
}

const struct step_kind step_split = {
	.name = "split",
	.usage = "split test=P [valid=P] [seed=N] [by=COLUMN] [replace] | from=COLUMN | rows=FILE [valid=P]",
	.summary = "mark rows as train, valid or test",
	.example = "split test=0.2 by=order_id",
	.options = split_options,
	.bind = split_bind,
	.open = split_open,
	.apply = split_apply,
	.close = split_close,
};
