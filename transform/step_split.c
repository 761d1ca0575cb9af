/* SPDX-License-Identifier: MIT */
/*
 * `split`: writes the mark train, valid, test or none of each row into the field _split,
 * which every later program honours, or its fold into the field _fold. Nothing is thrown away.
 *
 *     test=P valid=P   by chance: a hash of the row's number (or, with by=, of its key's text) and the seed, as a
 *                      fraction, is below P. A mark depends on nothing else: more rows change no mark
 *     stratify=COLUMN  shares, or folds, are exact in each class of the column, by the smallest of the same hashes
 *     folds=K          each row is of one fold, 0 .. K - 1: by chance, by=, or stratify=
 *     time=COLUMN      the last rows are held out, behind a gap
 *     from=COLUMN      the marks stand in a text column already
 *     rows=FILE        the `_row` numbers of the test rows, one per line; valid=P goes by chance over the others
 *
 * stratify= and time= see all rows before they mark one (split_fit.h). The unit is never replayed. Its state holds the numbers of rows=FILE all the same, as differences in 7-bit groups
 * (about a byte a row), so that the lineage says which rows were held out, and nothing opens the file twice.
 */
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "columns.h"
#include "marks.h"
#include "memory.h"
#include "number.h"
#include "parse_quantity.h"
#include "row_numbers.h"
#include "split_fit.h"
#include "step.h"
#include "text.h"

struct split_config { double test, valid; int64_t seed, folds; const char *by, *stratify, *time, *gap, *from, *rows; bool replace; };

static const struct option_row split_options[] = {
	{ "test", 0, OPTION_REAL, offsetof(struct split_config, test), "P", NULL, 0, 1, "share of the rows that are held out for evaluation" },
	{ "valid", 0, OPTION_REAL, offsetof(struct split_config, valid), "P", NULL, 0, 1, "share of the rows that watch the training" },
	{ "seed", 0, OPTION_INT, offsetof(struct split_config, seed), "N", NULL, 0, 4294967295.0, "another choice by chance (default: --seed)" },
	{ "by", 0, OPTION_TEXT, offsetof(struct split_config, by), "COLUMN", NULL, 0, 0, "rows with the same value get the same mark" },
	{ "stratify", 0, OPTION_TEXT, offsetof(struct split_config, stratify), "COLUMN", NULL, 0, 0, "these shares of each class of the column, to the row" },
	{ "folds", 0, OPTION_INT, offsetof(struct split_config, folds), "K", NULL, 2, MOST_FOLDS, "number the rows' folds in _fold, from 0, instead of marks" },
	{ "time", 0, OPTION_TEXT, offsetof(struct split_config, time), "COLUMN", NULL, 0, 0, "hold out the last rows by this time or number" },
	{ "gap", 0, OPTION_TEXT, offsetof(struct split_config, gap), "D", NULL, 0, 0,
	  "with time=: rows less than this before those held out are of no use (7d, 12h; of a number: a number)" },
	{ "from", 0, OPTION_TEXT, offsetof(struct split_config, from), "COLUMN", NULL, 0, 0,
	  "a text column with the marks: train, valid, test (also training, val, validation, dev, testing)" },
	{ "rows", 0, OPTION_TEXT, offsetof(struct split_config, rows), "FILE", NULL, 0, 0,
	  "numbers of the test rows (0-based, as in the field _row), one per line" },
	{ "replace", 0, OPTION_FLAG, offsetof(struct split_config, replace), NULL, NULL, 0, 0, "the rows are split already: forget that" },
	OPTION_END
};

/* ---- binding ---- */

static bool is_given(const struct arguments *arguments, const char *key) { return arguments_key(arguments, key) != 0; }

/* Of by=, stratify=, time=, from= and rows= there is one at the most. */
static int check_ways(const struct arguments *arguments, const struct split_config *config, struct error *err)
{
	static const char *const ways[] = { "by", "stratify", "time" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (is_given(arguments, ways[i]) && n++ > 0)
			return arguments_fail(arguments, arguments_key(arguments, ways[i]), err, "by=, stratify= and time= go one at a time");
		if (is_given(arguments, ways[i]) && (config->from || config->rows) && i > 0)
			return arguments_fail(arguments, arguments_key(arguments, ways[i]), err, "%s= goes with shares: test=P valid=P", ways[i]);
	}
	if (config->gap && !config->time)
		return arguments_fail(arguments, arguments_key(arguments, "gap"), err, "gap= goes with time=COLUMN");
	return 0;
}

static int check_folds(const struct arguments *arguments, const struct split_config *config, struct error *err)
{
	if (is_given(arguments, "test") || is_given(arguments, "valid"))
		return arguments_fail(arguments, arguments_key(arguments, "folds"), err, "folds= numbers all rows: shares are a split of their own (a step before this one)");
	if (config->from || config->rows || config->time)
		return arguments_fail(arguments, arguments_key(arguments, "folds"), err, "folds= goes with by= or stratify=, or alone");
	return 0;
}

static int check_config(const struct arguments *arguments, const struct split_config *config, struct error *err)
{
	bool test = is_given(arguments, "test");

	if (check_ways(arguments, config, err) < 0)
		return -1;
	if (config->folds)
		return check_folds(arguments, config, err);
	if ((test || is_given(arguments, "valid")) + (config->from != NULL) + (config->rows != NULL) == 0)
		return arguments_fail(arguments, strlen(arguments->line), err, "which rows? test=P valid=P, folds=K, from=COLUMN or rows=FILE");
	if (config->from && (test || config->rows || config->by || is_given(arguments, "valid")))
		return arguments_fail(arguments, arguments_key(arguments, "from"), err, "from= tells all marks: nothing goes beside it");
	if (config->rows && (test || config->by))
		return arguments_fail(arguments, arguments_key(arguments, "rows"), err, "rows= tells the test rows: no test= or by= beside it");
	if (config->test + config->valid >= 1)
		return arguments_fail(arguments, arguments_key(arguments, test ? "test" : "valid"), err, "no row would be left to train on");
	return 0;
}

/* Shares in words of their own, or of the rows to train on, are refused with the option that they mean. */
static int check_words(const struct arguments *arguments, struct error *err)
{
	for (size_t i = 1; i < arguments->n_words; i++) {
		const struct word *word = &arguments->words[i];
		const char *name = word->key;
		double share;

		if (!name && i > 1 && !arguments->words[i - 1].key)
			name = arguments->words[i - 1].text;
		if ((word->key && strcmp(word->key, "train") != 0) || !number_real(word->text, strlen(word->text), &share) || share <= 0 || share >= 1)
			continue;
		if (name && strcmp(name, "train") == 0)
			return arguments_fail(arguments, word->at, err, "say what is held out: test=%.6g (what is left is to train on)", 1 - share);
		if (name && strcmp(name, "valid") == 0)
			return arguments_fail(arguments, word->at, err, "write valid=%.6g", share);
		return arguments_fail(arguments, word->at, err, "write test=%.6g, the share that is held out", share > 0.5 ? 1 - share : share);
	}
	return 0;
}

/* The name of the field that is written: an earlier mark that is replaced, or _split. */
static const char *mark_field(const struct binding *binding, const struct split_config *config, struct error *err)
{
	const struct schema *schema = binding->schema;
	const char *name = config->folds ? "_fold" : "_split";
	int old = schema_find_role(schema, config->folds ? ROLE_FOLD : ROLE_SPLIT);

	if (old != NO_FIELD && !config->replace) {
		arguments_fail(binding->arguments, 0, err, "the rows are %s already, by field '%s' (say replace to forget that)",
			config->folds ? "in folds" : "split", schema->fields[old].name);
		return NULL;
	}
	if (old != NO_FIELD)
		return schema->fields[old].name;
	if (config->from && strcmp(config->from, "_split") == 0)
		return "_split";
	if (schema_check_generated(schema, name, err) < 0) {
		arguments_point(binding->arguments, 0, err);
		return NULL;
	}
	return name;
}

/* The gap in the column's numbers: of a time microseconds. */
static int read_gap(const struct binding *binding, const struct split_config *config, int col, double *gap, struct error *err)
{
	const struct field *field = &binding->schema->fields[col];
	const struct arguments *arguments = binding->arguments;
	struct quantity_unit second;
	bool is_time = field->type == TYPE_TIME;

	if (field->type != TYPE_TIME && field->type != TYPE_INT && field->type != TYPE_REAL)
		return arguments_fail(arguments, arguments_key(arguments, "time"), err, "column '%s' is %s; time= takes times and numbers", field->name,
		                      type_name(field->type));
	if (!config->gap)
		return 0;
	if (is_time ? !measure_find("s", FAMILY_TIME, &second) || !parse_duration(config->gap, strlen(config->gap), '.', &second, gap)
	            : !number_real(config->gap, strlen(config->gap), gap))
		return arguments_fail(arguments, arguments_key(arguments, "gap"), err, is_time ? "no duration (such as 7d, 12h, 30min)" :
		                      "no number, as column '%s' of time= has them (%s)", field->name, type_name(field->type));
	if (!(*gap >= 0 && *gap <= 1e15))
		return arguments_fail(arguments, arguments_key(arguments, "gap"), err, "a gap is 0 or more");
	*gap *= is_time ? 1e6 : 1;
	return 0;
}

/* The columns that decide: BIND_DONE, BIND_WAIT or BIND_FAILED. */
static int bind_inputs(struct binding *binding, const struct split_config *config, double *gap, struct error *err)
{
	const struct arguments *arguments = binding->arguments;
	int col, result = BIND_DONE;

	if (config->by)
		return bind_field(binding, "by", config->by, &col, err);
	if (config->stratify)
		return bind_field(binding, "stratify", config->stratify, &col, err);
	if (config->time && (result = bind_field(binding, "time", config->time, &col, err)) == BIND_DONE)
		result = read_gap(binding, config, col, gap, err);
	if (config->time)
		return result;
	if (config->rows) {
		col = schema_find(binding->schema, "_row");
		if (col == NO_FIELD || binding->schema->fields[col].type != TYPE_INT)
			return arguments_fail(arguments, arguments_key(arguments, "rows"), err,
				"needs the field _row, the number of each row in its file (was it dropped or renamed?)");
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

static int add_unit(struct binding *binding, const struct split_config *config, double gap, const char *field, struct error *err)
{
	const struct split_plan plan = { .how = config->by ? SPLIT_BY_KEY : config->stratify ? SPLIT_BY_CLASS : config->time ? SPLIT_BY_TIME
	                                      : config->from ? SPLIT_BY_FIELD : config->rows ? SPLIT_BY_ROWS : SPLIT_BY_CHANCE,
	                                 .marks = { .test = config->test, .valid = config->valid, .seed = (uint64_t)config->seed },
	                                 .n_folds = (uint64_t)config->folds, .gap = gap };
	struct row_numbers numbers = { .items = NULL };
	const char *const reads[] = { [SPLIT_BY_KEY] = config->by, [SPLIT_BY_CLASS] = config->stratify, [SPLIT_BY_TIME] = config->time,
	                              [SPLIT_BY_FIELD] = config->from, [SPLIT_BY_ROWS] = "_row" };
	struct buffer state = BUFFER_INIT;
	struct unit *unit;

	if (config->rows && row_numbers_read(&numbers, config->rows, binding->host, err) < 0) {
		if (err->code == STATUS_USAGE)
			arguments_point(binding->arguments, arguments_key(binding->arguments, "rows"), err);
		else                    /* the machine's fault, not the step's */
			error_prefix(err, "%s: step 'split'", binding->arguments->place);
		row_numbers_release(&numbers);
		return BIND_FAILED;
	}
	unit = entry_add(binding->entry, "split");
	unit->acts = ACTS_ON_ROWS;
	if (plan.how != SPLIT_BY_CHANCE)
		names_add(&unit->reads, reads[plan.how]);
	names_add(&unit->writes, field);
	split_plan_pack(&plan, 1, &state);
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
	double gap = 0;
	size_t n;
	int result = BIND_FAILED;

	if (check_words(arguments, err) < 0 || arguments_options(arguments, 1, split_options, &config, rest, &n, err) < 0)
		goto out;
	if (n) {
		arguments_fail(arguments, arguments->words[1].at, err, "takes only options (test=P, by=COLUMN, stratify=COLUMN, from=COLUMN)");
		goto out;
	}
	if (check_config(arguments, &config, err) < 0 || !(field = mark_field(binding, &config, err)))
		goto out;
	result = bind_inputs(binding, &config, &gap, err);
	if (result == BIND_DONE)
		result = add_unit(binding, &config, gap, field, err);
out:
	free(rest);
	return result;
}

/* ---- applying ---- */

struct split_op {
	const struct host *host;
	struct split_plan plan;
	struct split_learned learned;   /* by class and by time */
	size_t col, read;               /* col == n_columns of a batch: appended */
	int file;                       /* the field _file, for rows=; or NO_FIELD */
	struct row_numbers numbers;
	struct buffer first_file;       /* rows=: all rows must be of this one */
	bool has_file;                  /* once a row came */
};

static void split_close(void *op)
{
	struct split_op *split = op;

	if (!split)
		return;
	row_numbers_release(&split->numbers);
	split_learned_release(&split->learned);
	buffer_free(&split->first_file);
	free(split);
}

/* learned: whether what the rows said is needed. */
static int read_split(struct split_op *split, const struct unit *unit, bool learned, struct error *err)
{
	struct unpacked state;
	bool fine;

	if (unit_state(unit, &state, err) < 0)
		return -1;
	fine = split_plan_read(&split->plan, &state.object) && unit->writes.n == 1 && unit->reads.n == (split->plan.how != SPLIT_BY_CHANCE);
	if (fine && split->plan.how == SPLIT_BY_ROWS)
		fine = row_numbers_unpack(map_get(&state.object, "rows"), &split->numbers);
	if (fine && learned && (split->plan.how == SPLIT_BY_CLASS || split->plan.how == SPLIT_BY_TIME))
		fine = split_learned_read(&split->plan, &state.object, &split->learned);
	unpacked_free(&state);
	return fine ? 0 : error_set(err, STATUS_FAILED, "broken state of 'split'");
}

static struct split_op *open_split(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	static const unsigned types[] = { [SPLIT_BY_CHANCE] = TYPES_ANY, [SPLIT_BY_KEY] = TYPES_ANY, [SPLIT_BY_FIELD] = TYPES_TEXT, [SPLIT_BY_ROWS] = 1 << TYPE_INT,
	                                  [SPLIT_BY_CLASS] = TYPES_ANY, [SPLIT_BY_TIME] = TYPES_NUMBER | TYPES_TIME };
	struct split_op *split = mem_new(1, sizeof *split);
	int col, read = NO_FIELD;

	split->host = limits ? limits->host : NULL;
	if (read_split(split, unit, limits != NULL, err) < 0)
		goto fail;
	if (split->plan.how != SPLIT_BY_CHANCE && (read = open_column(before, unit->reads.items[0], types[split->plan.how], err)) == NO_FIELD)
		goto fail;
	split->read = (size_t)read;
	split->file = schema_find(before, "_file");
	if (split->file != NO_FIELD && before->fields[split->file].type != TYPE_TEXT)
		split->file = NO_FIELD;
	col = schema_find(before, unit->writes.items[0]);
	split->col = col == NO_FIELD ? before->n_fields : (size_t)col;
	return split;
fail:
	split_close(split);
	return NULL;
}

static void *split_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	return open_split(unit, before, limits, err);
}

static int split_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct split_op *split = open_split(unit, schema, NULL, err);
	enum type type;
	enum role role;

	if (!split)
		return -1;
	/* The marks replace the column that they came from: no model should ask for that. */
	type = split->plan.n_folds ? TYPE_INT : TYPE_TEXT;
	role = split->plan.n_folds ? ROLE_FOLD : ROLE_SPLIT;
	if (split->plan.how == SPLIT_BY_FIELD && schema->fields[split->read].role == ROLE_FEATURE)
		schema_set_role(schema, split->read, ROLE_SOURCE);
	if (split->col == schema->n_fields)
		schema_add(schema, unit->writes.items[0], type, role);
	schema_set_type(schema, split->col, type);
	schema_set_role(schema, split->col, role);
	split_close(split);
	return 0;
}

/* Batches of rows=FILE come in order: the first file is remembered. */
static bool split_ordered(const struct unit *unit)
{
	struct error err = ERROR_INIT;
	struct unpacked state;
	bool ordered;

	if (unit_state(unit, &state, &err) < 0)
		return false;                   /* open will tell */
	ordered = object_is_text(map_get(&state.object, "how"), "rows");
	unpacked_free(&state);
	return ordered;
}

static uint32_t fold_of_key(const struct split_op *split, uint64_t key) { return (uint32_t)(key * split->plan.n_folds / KEY_END); }

/* A mark, or a fold. */
static uint32_t mark_of_value(const struct split_op *split, const struct field *field, const struct column *column, size_t row, struct buffer *key)
{
	if (split->plan.how == SPLIT_BY_FIELD) {
		size_t size;
		const char *word = column_text(column, row, &size);

		return mark_of_synonym(word, size);
	}
	buffer_clear(key);
	cell_key(field->type, column, row, key);
	if (split->plan.n_folds)
		return fold_of_key(split, marks_key(&split->plan.marks, buffer_text(key), key->size));
	return mark_by_key(&split->plan.marks, buffer_text(key), key->size);
}

/* Marks by the values of a column, a dictionary by its entries; missing rows are left as they are. */
static void mark_by_values(const struct split_op *split, const struct batch *batch, const struct column *column, struct arena *scratch, uint32_t *marks)
{
	const struct field *field = &batch->schema->fields[split->read];
	size_t n_entries = column->codes ? column->n_entries : 0;
	uint32_t *known = arena_array(scratch, n_entries, sizeof *known);
	struct buffer key = BUFFER_INIT;

	memset(known, 0xff, n_entries * sizeof *known);
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (!column_valid(column, row))
			continue;
		if (column->codes && known[column->codes[row]] != UINT32_MAX) {
			marks[row] = known[column->codes[row]];
			continue;
		}
		marks[row] = mark_of_value(split, field, column, row, &key);
		if (column->codes)
			known[column->codes[row]] = marks[row];
	}
	buffer_free(&key);
}

static int refuse_row(const struct split_op *split, struct batch *batch, size_t row, struct error *err)
{
	const struct column *column = &batch->columns[split->read];
	const char *name = batch->schema->fields[split->read].name;
	struct buffer place = BUFFER_INIT, value = BUFFER_INIT;
	size_t size;
	const char *text = column_text(column, row, &size);

	cell_place(batch, row, batch->first_row + row, &place);
	text_escape(&value, text, size, 40);
	if (!column_valid(column, row))
		error_set(err, STATUS_FAILED, "%s: '%s' is missing: no mark", buffer_text(&place), name);
	else if (host_shows_values(split->host))
		error_set(err, STATUS_FAILED, "%s: '%s' holds '%s', which is no mark (train, valid or test)", buffer_text(&place), name, buffer_text(&value));
	else
		error_set(err, STATUS_FAILED, "%s: '%s' holds no mark (train, valid or test; --show-values tells what)", buffer_text(&place), name);
	buffer_free(&place);
	buffer_free(&value);
	return -1;
}

/* Row numbers mean something within one file only. */
static int check_file(struct split_op *split, struct batch *batch, struct error *err)
{
	const struct column *file;

	if (split->file == NO_FIELD)
		return 0;
	file = column_read(batch, (size_t)split->file, err);
	if (!file)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t size;
		const char *name;

		if (row && file->codes && file->codes[row] == file->codes[row - 1])
			continue;
		name = column_text(file, row, &size);
		if (!split->has_file)
			buffer_add(&split->first_file, name, size);
		else if (size != split->first_file.size || (size && memcmp(name, split->first_file.data, size) != 0))
			return error_set(err, STATUS_FAILED, "rows= is for records of one file; here come those of a second (%.*s)", (int)size, name);
		split->has_file = true;
	}
	return 0;
}

static int mark_listed(struct split_op *split, struct batch *batch, uint32_t *marks, struct error *err)
{
	const struct column *numbers;

	if (check_file(split, batch, err) < 0 || !(numbers = column_read(batch, split->read, err)))
		return -1;
	for (size_t row = 0, at = 0; row < batch->n_rows; row++)
		if (column_valid(numbers, row) && row_numbers_have(&split->numbers, column_int(numbers, row), &at))
			marks[row] = MARK_TEST;
	return 0;
}

/* By the number of the row alone. */
static void mark_by_chance(const struct split_op *split, const struct batch *batch, struct arena *scratch, uint32_t *marks)
{
	unsigned char *bytes = arena_array(scratch, batch->n_rows, 1);
	uint64_t *keys;

	if (split->plan.n_folds == 0) {
		marks_by_chance(&split->plan.marks, batch, bytes);
		for (size_t row = 0; row < batch->n_rows; row++)
			marks[row] = bytes[row];
		return;
	}
	keys = arena_array(scratch, batch->n_rows, sizeof *keys);
	marks_keys(&split->plan.marks, batch, keys);
	for (size_t row = 0; row < batch->n_rows; row++)
		marks[row] = fold_of_key(split, keys[row]);
}

static void mark_by_class(const struct split_op *split, const struct batch *batch, const struct column *column, struct arena *scratch, uint32_t *marks)
{
	uint64_t *keys = arena_array(scratch, batch->n_rows, sizeof *keys);

	marks_keys(&split->plan.marks, batch, keys);
	cuts_of_rows(&split->learned.cuts, column, batch->n_rows, keys, scratch, marks);
	for (size_t row = 0; split->plan.n_folds == 0 && row < batch->n_rows; row++)
		marks[row] = share_mark(marks[row]);
}

static void mark_by_time(const struct split_op *split, const struct batch *batch, const struct column *column, uint32_t *marks)
{
	bool real = batch->schema->fields[split->read].type == TYPE_REAL;

	for (size_t row = 0; row < batch->n_rows; row++)
		marks[row] = !column_valid(column, row) ? MARK_NONE
			: split_time_mark(&split->learned.times, split->plan.gap, real ? column_real(column, row) : (double)column_int(column, row));
}

/* Marks, or folds. */
static int mark_rows(struct split_op *split, struct batch *batch, struct work *work, uint32_t *marks, struct error *err)
{
	enum split_how how = split->plan.how;
	const struct column *column;

	if (how == SPLIT_BY_FIELD)
		for (size_t row = 0; row < batch->n_rows; row++)
			marks[row] = NO_MARK;
	else if (how != SPLIT_BY_CLASS && how != SPLIT_BY_TIME)         /* rows=: the rows that are not listed; by=: rows without a key */
		mark_by_chance(split, batch, &work->scratch, marks);
	if (how == SPLIT_BY_CHANCE)
		return 0;
	if (how == SPLIT_BY_ROWS)
		return mark_listed(split, batch, marks, err);
	if (!(column = column_read(batch, split->read, err)))
		return -1;
	if (how == SPLIT_BY_CLASS)
		mark_by_class(split, batch, column, &work->scratch, marks);
	else if (how == SPLIT_BY_TIME)
		mark_by_time(split, batch, column, marks);
	else
		mark_by_values(split, batch, column, &work->scratch, marks);
	if (how != SPLIT_BY_FIELD) {
		tally_add(work->counts, how == SPLIT_BY_KEY ? "without a key" : how == SPLIT_BY_CLASS ? "without a class" : "without a time", NULL,
		          column->n_missing);
		return 0;
	}
	for (size_t row = 0; row < batch->n_rows; row++)
		if (marks[row] == NO_MARK)
			return refuse_row(split, batch, row, err);
	return 0;
}

static void put_folds(struct batch *batch, size_t col, const uint32_t *folds)
{
	struct column fresh = COLUMN_INIT;
	int64_t *values = column_new_values(&fresh, batch->pool, TYPE_INT, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++)
		values[row] = folds[row];
	batch_put(batch, col, TYPE_INT, &fresh);
}

static int split_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	struct split_op *split = op;
	uint32_t *marks = arena_array(&work->scratch, batch->n_rows, sizeof *marks);
	unsigned char *bytes = arena_array(&work->scratch, batch->n_rows, 1);
	uint64_t n[N_MARKS] = { 0 };

	if (mark_rows(split, batch, work, marks, err) < 0)
		return -1;
	if (split->plan.n_folds) {
		put_folds(batch, split->col, marks);
		return 0;
	}
	for (size_t row = 0; row < batch->n_rows; row++) {
		bytes[row] = (unsigned char)marks[row];
		n[marks[row]]++;
	}
	for (enum mark mark = 0; mark < N_MARKS; mark++)
		tally_add(work->counts, mark_word(mark), NULL, n[mark]);
	marks_put(batch, split->col, bytes);
	return 0;
}

const struct step_kind step_split = {
	.name = "split",
	.usage = "split test=P [valid=P] [seed=N] [by=COLUMN | stratify=COLUMN | time=COLUMN [gap=D]] [replace] | folds=K [by=COLUMN | stratify=COLUMN] | from=COLUMN | rows=FILE [valid=P]",
	.summary = "mark rows as train, valid or test, or number their folds",
	.example = "split test=0.2 by=order_id",
	.options = split_options,
	.bind = split_bind,
	.learns = split_learns,
	.fit_new = split_fit_new,
	.fit_update = split_fit_update,
	.fit_finish = split_fit_finish,
	.fit_free = split_fit_free,
	.fit_merge = split_fit_merge,
	.fit_pack = split_fit_pack,
	.fit_unpack = split_fit_unpack,
	.fields = split_fields,
	.open = split_open,
	.apply = split_apply,
	.close = split_close,
	.ordered = split_ordered,
};
