/* SPDX-License-Identifier: MIT */
/* predict: records and a model -> the records with predictions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classes.h"
#include "form.h"
#include "memory.h"
#include "modelfile.h"
#include "number.h"
#include "output.h"
#include "predictor.h"
#include "stages.h"
#include "text_builder.h"
#include "tool.h"

struct predict_config {
	struct common_config common;    /* operands: [MODEL] */
	const char *as, *reasons;
	int missing;
	bool probabilities;
};
enum { MISSING_FAIL, MISSING_NULL };
enum { NAMES_SHOWN = 8, REASON_DIGITS = 3, MOST_REASONS = 100 };        /* in a remark; of the numbers of a text, and how many */

#define MEMBER(name) offsetof(struct predict_config, name)
static const struct option_row options[] = {
	{ "as", 0, OPTION_TEXT, MEMBER(as), "NAME", NULL, 0, 0, "name of the new field (default prediction)" },
	{ "probabilities", 0, OPTION_FLAG, MEMBER(probabilities), NULL, NULL, 0, 0,
	  "for classes: a field probability_CLASS for each class instead of the one of the answer" },
	{ "reasons", 0, OPTION_TEXT, MEMBER(reasons), "N|all", NULL, 0, 0,
	  "why: a text of the N columns that add most to the answer, or for all a field reason_COLUMN each, and reasons_base" },
	{ "missing", 0, OPTION_CHOICE, MEMBER(missing), NULL, "fail|null", 0, 0,
	  "a needed column that the records lack is an error (default), or null in all rows" },
	OPTION_RECORDS, OPTION_SHOW_VALUES, OPTION_VERBOSE, OPTION_QUIET,
	OPTION_END
};

static const struct tool predict_tool = {
	.name = "predict",
	.operands = "[MODEL]",
	.summary = "Adds a model's answers to the records.",
	.details = "MODEL is a file that train wrote; without it the model stands at the head of the stream. The records may be raw:\n"
	           "what was done to the training data is in the model and is done again. A row that can't be answered gets null.",
	.options = options,
	.streams = true,
};

struct predict_run {
	const struct predict_config *config;
	struct source input;
	struct modelfile model;
	bool from_file;
	struct predictor *predictor;
	struct header header;           /* of what goes out */
	size_t n_in, n_classes;         /* fields that came; classes: 0 for regression */
	struct column classes;          /* their names, a dictionary for every batch */
	int64_t *class_values;          /* what they are of a target of numbers; NULL: of another one */
	uint32_t *best;                 /* the most probable class of each row */
	size_t room;                    /* of best */
	const struct reasons *reasons;  /* the predictor's; NULL: nobody asks */
	size_t n_shown, first_reason;   /* of the text, 0: all as fields; the first field of them */
	size_t *order;                  /* scratch: their names by size */
	struct text_builder *texts;
	struct output *output;
	uint64_t rows;
};

/* ---- the fields that are added ---- */

static int add_field(struct predict_run *run, const char *name, enum type type, enum role role, struct error *err)
{
	struct schema *schema = &run->header.schema;

	if (schema_find(schema, name) != NO_FIELD)
		return error_set(err, STATUS_FAILED, "the records have a field '%s' already (choose another name: --as NAME)", name);
	schema_add(schema, name, type, role);
	return 0;
}

/* prediction, probability; with --as NAME: NAME, NAME_probability. */
static char *probability_name(const struct predict_run *run, const char *class)
{
	const char *as = run->config->as;

	return mem_format("%s%sprobability%s%s", as ? as : "", as ? "_" : "", class ? "_" : "", class ? class : "");
}

static int add_distance(struct predict_run *run, struct error *err)
{
	const char *as = run->config->as;
	char *name = mem_format("%s%sdistance", as ? as : "", as ? "_" : "");
	int result = add_field(run, name, TYPE_REAL, ROLE_PREDICTION, err);

	free(name);
	return result;
}

/* What a regression gives besides its answer, in the target's unit: prediction_q0.9. */
static int add_outputs(struct predict_run *run, struct error *err)
{
	struct buffer name = BUFFER_INIT;
	int result = 0;

	for (size_t i = 1; result == 0 && i < run->model.n_outputs; i++) {
		char *whole;

		run->model.kind->output_name(run->model.model, i, &name);
		whole = mem_format("%s_%s", run->config->as ? run->config->as : "prediction", buffer_text(&name));
		result = add_field(run, whole, TYPE_REAL, ROLE_PREDICTION, err);
		if (result == 0 && run->model.target_unit)
			schema_set_unit(&run->header.schema, run->header.schema.n_fields - 1, run->model.target_unit);
		free(whole);
	}
	buffer_free(&name);
	return result;
}

/* What evaluate needs to judge the answers as it does with the model (stream.5). */
static struct bytes *describe_answers(const struct predict_run *run)
{
	const struct modelfile *model = &run->model;
	const struct problem *problem = &model->problem;
	object baseline = map_get(&model->training.object, "baseline");
	bool classes = problem->task == TASK_CLASSIFICATION;
	struct buffer packed = BUFFER_INIT;

	pack_map(&packed, 2u + (model->target != NULL) + classes + (baseline != NULL));
	pack_key_text(&packed, "task", task_name(problem->task));
	if (model->target)
		pack_key_text(&packed, "target", model->target);
	pack_text(&packed, "held_out");
	pack_bool(&packed, !run->from_file);
	if (classes) {
		pack_text(&packed, "classes");
		pack_names(&packed, &problem->classes);
	}
	if (baseline) {
		pack_text(&packed, "baseline");
		pack_object(&packed, baseline);
	}
	return bytes_of(&packed);
}

/* The words of a bool, as its classes are named; NULL: true and false. */
static const char *form_of_classes(const struct names *classes)
{
	const char *first = classes->n ? classes->items[0] : "", *form = form_of_word(first, strlen(first), &(bool){ false });

	return form && strcmp(form_word(NULL, true), form_word(form, true)) == 0 ? NULL : form;
}

static int add_fields(struct predict_run *run, struct error *err)
{
	const struct problem *problem = &run->model.problem;
	const enum type types[N_TASKS] = { TYPE_REAL, run->model.target_type, TYPE_INT };
	enum type type = types[problem->task];
	size_t n = problem->task != TASK_CLASSIFICATION || modelfile_votes(&run->model) ? 0 : run->config->probabilities ? problem->classes.n : 1;

	if (run->config->probabilities && modelfile_votes(&run->model))
		return error_set(err, STATUS_USAGE, "--probabilities: the model answers with a class alone (%strain --model %s probability=yes makes one that has them)",
		                 tool_prefix(), run->model.kind->name);

	header_copy(&run->header, run->input.header);
	run->n_in = run->header.schema.n_fields;
	run->n_classes = problem->classes.n;
	if (add_field(run, run->config->as ? run->config->as : "prediction", type, ROLE_PREDICTION, err) < 0)
		return -1;
	if (type == TYPE_BOOL)
		schema_set_form(&run->header.schema, run->n_in, form_of_classes(&problem->classes));
	schema_set_answers(&run->header.schema, run->n_in, describe_answers(run));
	if (problem->task == TASK_REGRESSION && run->model.target_unit)
		schema_set_unit(&run->header.schema, run->n_in, run->model.target_unit);
	if (problem->task == TASK_CLUSTERING)
		return add_distance(run, err);
	if (problem->task == TASK_REGRESSION && run->model.kind->output_name && add_outputs(run, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char *name = probability_name(run, run->config->probabilities ? problem->classes.items[i] : NULL);
		int result = add_field(run, name, TYPE_REAL, ROLE_PROBABILITY, err);

		free(name);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* NAME_reason_km, or reason_km. */
static int add_reason(struct predict_run *run, const char *word, const char *column, enum type type, struct error *err)
{
	const char *as = run->config->as, *unit = run->model.target_unit;
	char *name = mem_format("%s%s%s%s", as ? as : "", as ? "_" : "", word, column);
	int result = add_field(run, name, type, ROLE_REASON, err);

	if (result == 0 && type == TYPE_REAL && unit && reasons_in_units(run->reasons))
		schema_set_unit(&run->header.schema, run->header.schema.n_fields - 1, unit);
	free(name);
	return result;
}

/* "all", or how many. */
static int read_reasons(const struct predict_config *config, size_t *n_shown, struct error *err)
{
	const char *text = config->reasons;
	int64_t n;

	*n_shown = 0;
	if (!text || strcmp(text, "all") == 0)
		return 0;
	if (!number_int(text, strlen(text), &n) || n < 1 || n > MOST_REASONS)
		return error_set(err, STATUS_USAGE, "--reasons: '%s' is no number from 1 to %d, and not all", text, MOST_REASONS);
	*n_shown = (size_t)n;
	return 0;
}

/* The answer's fields are there, and the predictor. */
static int add_reasons(struct predict_run *run, struct error *err)
{
	const struct names *names;

	if (!run->config->reasons)
		return 0;
	run->reasons = predictor_explain(run->predictor, err);
	if (!run->reasons)
		return -1;
	names = reasons_names(run->reasons);
	run->first_reason = run->header.schema.n_fields;
	run->order = mem_array(names->n + 1, sizeof *run->order);
	run->texts = text_builder_new();
	if (reasons_of_what(run->reasons))
		host_note(run->config->common.host, "reasons sum to %s", reasons_of_what(run->reasons));
	if (run->n_shown > 0)
		return add_reason(run, "reasons", "", TYPE_TEXT, err);
	if (run->first_reason + names->n >= MAX_FIELDS)
		return error_set(err, STATUS_FAILED, "a field for each of %zu reasons is more than a stream can have (--reasons 10)", names->n);
	for (size_t i = 0; i < names->n; i++)
		if (add_reason(run, "reason_", names->items[i], TYPE_REAL, err) < 0)
			return -1;
	return add_reason(run, "reasons_base", "", TYPE_REAL, err);
}

/* ---- filling them ---- */

/* Class names as a dictionary. */
static void name_classes(struct predict_run *run)
{
	const struct names *classes = &run->model.problem.classes;
	uint32_t *offsets = column_new_offsets(&run->classes, NULL, classes->n);
	char *bytes;

	offsets[0] = 0;
	for (size_t i = 0; i < classes->n; i++)
		offsets[i + 1] = offsets[i] + (uint32_t)strlen(classes->items[i]);
	bytes = column_new_bytes(&run->classes, NULL, offsets[classes->n]);
	for (size_t i = 0; i < classes->n; i++)
		memcpy(bytes + offsets[i], classes->items[i], offsets[i + 1] - offsets[i]);
}

/* Classes of numbers are whole, and named as ints print. */
static int read_class_values(struct predict_run *run, struct error *err)
{
	const struct names *classes = &run->model.problem.classes;

	if (classes->n == 0 || !type_is_number(run->model.target_type))
		return 0;
	run->class_values = mem_array(classes->n, sizeof *run->class_values);
	for (size_t i = 0; i < classes->n; i++)
		if (!number_int(classes->items[i], strlen(classes->items[i]), &run->class_values[i]))
			return error_set(err, STATUS_FAILED, "broken model: a class of '%s' is no whole number", run->model.target);
	return 0;
}

/* A column of nothing but the bits of the rows that have an answer: those that are added share it. */
static void mark_answered(struct column *answered, const struct batch *batch, const uint64_t *missing)
{
	uint64_t *valid = column_new_valid(answered, batch->pool, batch->n_rows, true);

	for (size_t word = 0; word < bits_words(batch->n_rows); word++)
		valid[word] &= ~missing[word];
}

/* Column `from` of the model's outputs, or, where `best` is not NULL, that which it names. */
static void put_real(const struct predict_run *run, struct batch *batch, size_t col, const struct column *answered, const double *out, size_t from,
                     const uint32_t *best)
{
	struct column fresh = COLUMN_INIT;
	double *values = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	size_t n = run->model.n_outputs;

	column_share_valid(&fresh, answered);
	for (size_t row = 0; row < batch->n_rows; row++)
		values[row] = out[row * n + (best ? best[row] : from)];
	batch_put(batch, col, TYPE_REAL, &fresh);
}

/* The most probable class of each row, the first among equals. */
static void find_best(struct predict_run *run, const struct batch *batch, const double *out)
{
	if (batch->n_rows > run->room) {
		run->room = batch->n_rows;
		run->best = mem_resize(run->best, run->room, sizeof *run->best);
	}
	for (size_t row = 0; row < batch->n_rows; row++)
		run->best[row] = (uint32_t)most_probable(&out[row * run->n_classes], run->n_classes);
}

/* The classes as values of an int or a real column. */
static void put_numbers(const struct predict_run *run, struct column *fresh, enum type type, struct batch *batch)
{
	void *values = column_new_values(fresh, batch->pool, type, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		int64_t value = run->class_values[run->best[row]];

		if (type == TYPE_INT)
			((int64_t *)values)[row] = value;
		else
			((double *)values)[row] = (double)value;
	}
}

/* In the target's type: codes of class names, true and false, or numbers. */
static void put_class(const struct predict_run *run, struct batch *batch, size_t col, const struct column *answered)
{
	enum type type = run->header.schema.fields[col].type;
	struct column fresh = COLUMN_INIT;

	column_share_valid(&fresh, answered);
	if (type == TYPE_BOOL) {
		uint8_t *flags = column_new_values(&fresh, batch->pool, TYPE_BOOL, batch->n_rows);
		int yes = class_of_bool(&run->model.problem.classes, true);

		for (size_t row = 0; row < batch->n_rows; row++)
			flags[row] = (int)run->best[row] == yes;
	} else if (type_is_number(type)) {
		put_numbers(run, &fresh, type, batch);
	} else {
		column_share_entries(&fresh, &run->classes);
		memcpy(column_new_codes(&fresh, batch->pool, batch->n_rows), run->best, batch->n_rows * sizeof *run->best);
	}
	batch_put(batch, col, type, &fresh);
}

/* Outputs are the cluster and the row's distance from it. */
static void put_cluster(const struct predict_run *run, struct batch *batch, const struct column *answered, const double *out)
{
	struct column fresh = COLUMN_INIT;
	int64_t *values = column_new_values(&fresh, batch->pool, TYPE_INT, batch->n_rows);

	column_share_valid(&fresh, answered);
	for (size_t row = 0; row < batch->n_rows; row++)
		values[row] = (int64_t)out[2 * row];
	batch_put(batch, run->n_in, TYPE_INT, &fresh);
	put_real(run, batch, run->n_in + 1, answered, out, 1, NULL);
}

static void put_reason(const struct predict_run *run, struct batch *batch, size_t i, const struct column *answered)
{
	size_t step = reasons_names(run->reasons)->n + 1;
	const double *why = predictor_why(run->predictor) + i;
	struct column fresh = COLUMN_INIT;
	double *values = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	uint64_t *valid = column_copy_valid(&fresh, batch->pool, batch->n_rows, answered);

	for (size_t row = 0; row < batch->n_rows; row++) {
		values[row] = why[row * step];
		if (!isfinite(values[row]))
			bit_clear(valid, row);
	}
	batch_put(batch, run->first_reason + i, TYPE_REAL, &fresh);
}

static double size_of(double adds) { return isfinite(adds) ? fabs(adds) : 0; }

/* The largest of n sizes to the front, as many as wanted, and equal ones as they come. */
static void find_largest(const double *why, size_t n, size_t *order, size_t n_wanted)
{
	size_t n_found = 0;

	for (size_t i = 0; i < n; i++) {
		size_t to = n_found < n_wanted ? n_found++ : n_wanted;

		if (to == n_wanted && !(size_of(why[i]) > size_of(why[order[to - 1]])))
			continue;
		to -= to == n_wanted;
		for (; to > 0 && size_of(why[i]) > size_of(why[order[to - 1]]); to--)
			order[to] = order[to - 1];
		order[to] = i;
	}
}

/* "km +3.2, rush_hour -1.1"; null where nothing adds anything. */
static void put_reasons(const struct predict_run *run, struct batch *batch, const struct column *answered)
{
	const struct names *names = reasons_names(run->reasons);
	size_t n_wanted = run->n_shown < names->n ? run->n_shown : names->n;
	struct buffer text = BUFFER_INIT;
	struct column fresh = COLUMN_INIT;
	char number[NUMBER_SIZE];

	for (size_t row = 0; row < batch->n_rows; row++) {
		const double *why = predictor_why(run->predictor) + row * (names->n + 1);

		buffer_clear(&text);
		if (column_valid(answered, row))
			find_largest(why, names->n, run->order, n_wanted);
		for (size_t i = 0; column_valid(answered, row) && i < n_wanted; i++) {
			double adds = why[run->order[i]];

			if (!isfinite(adds) || adds == 0)
				continue;
			number_print_short(number, adds, REASON_DIGITS);
			buffer_format(&text, "%s%s %s%s", text.size ? ", " : "", names->items[run->order[i]], adds > 0 ? "+" : "", number);
		}
		if (text.size > 0)
			text_builder_add(run->texts, (const char *)text.data, text.size);
		else
			text_builder_add_missing(run->texts);
	}
	text_builder_finish(run->texts, batch->pool, &fresh);
	batch_put(batch, run->first_reason, TYPE_TEXT, &fresh);
	buffer_free(&text);
}

static int answer_batch(struct predict_run *run, struct batch *batch, struct error *err)
{
	struct column answered = COLUMN_INIT;
	const double *out;
	const uint64_t *missing;

	if (predictor_run(run->predictor, batch, &out, &missing, err) < 0)
		return -1;
	batch_set_columns(batch, run->header.schema.n_fields);
	batch->schema = &run->header.schema;
	mark_answered(&answered, batch, missing);
	if (run->model.problem.task == TASK_CLUSTERING) {
		put_cluster(run, batch, &answered, out);
	} else if (run->n_classes == 0) {
		for (size_t i = 0; i < (run->model.kind->output_name ? run->model.n_outputs : 1); i++)
			put_real(run, batch, run->n_in + i, &answered, out, i, NULL);
	} else {
		find_best(run, batch, out);
		put_class(run, batch, run->n_in, &answered);
		for (size_t i = 0; run->config->probabilities && i < run->n_classes; i++)
			put_real(run, batch, run->n_in + 1 + i, &answered, out, i, NULL);
		if (!run->config->probabilities && !modelfile_votes(&run->model))
			put_real(run, batch, run->n_in + 1, &answered, out, 0, run->best);
	}
	if (run->reasons && run->n_shown > 0)
		put_reasons(run, batch, &answered);
	for (size_t i = 0; run->reasons && run->n_shown == 0 && i <= reasons_names(run->reasons)->n; i++)
		put_reason(run, batch, i, &answered);
	column_drop(&answered);
	run->rows += batch->n_rows;
	return output_batch(run->output, batch, err);
}

/* ---- the run ---- */

static int open_model(struct predict_run *run, struct error *err)
{
	const struct text_list *operands = &run->config->common.operands;
	const struct bytes *head;

	run->from_file = operands->n > 0;
	if (operands->n > 1)
		return error_set(err, STATUS_USAGE, "one MODEL at most (records come on standard input)");
	if (run->from_file && modelfile_open(&run->model, operands->items[0], run->config->common.host, err) < 0)
		return -1;
	if (reader_open(&run->input, STDIN_FILENO, "standard input", &(struct reader_options){ .host = run->config->common.host }, err) < 0)
		return -1;
	head = reader_model(&run->input);
	if (run->from_file)
		return head ? output_model(run->output, head, err) : 0;
	if (!head)
		return error_set(err, STATUS_USAGE, "no model: give its file (%spredict MODEL), or put %strain before", tool_prefix(), tool_prefix());
	return modelfile_read(&run->model, head, err);
}

static int write_end(struct predict_run *run, struct error *err)
{
	const struct host *host = run->config->common.host;
	const struct tally *counts;
	struct stage stage = { .program = (char *)host->program, .rows_in = run->rows, .rows_out = run->rows, .seconds = host_seconds(host) };
	struct names lines = { .items = NULL };
	struct end end = END_INIT;
	int result;

	predictor_tell(run->predictor, run->config->common.verbose, !run->config->common.verbose, &lines);
	for (size_t i = 0; i < lines.n; i++)
		host_note(host, "%s", lines.items[i]);
	names_release(&lines);
	counts = predictor_counts(run->predictor, run->config->common.verbose);
	note_tally(counts, run->config->common.verbose, host);
	tally_merge(&stage.counts, predictor_counts(run->predictor, true));
	end_copy(&end, run->input.end(run->input.state));
	end_add_stage(&end, &stage);
	result = output_end(run->output, &end, err);
	if (result == 0 && run->config->common.verbose)
		output_stages(&end);
	tally_release(&stage.counts);
	end_release(&end);
	return result;
}

static int write_records(struct predict_run *run, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	if (output_header(run->output, &run->header, err) < 0)
		return -1;
	while ((result = source_next(&run->input, &batch, true, err)) == 1)
		if ((result = answer_batch(run, &batch, err)) < 0)
			break;
	batch_free(&batch);
	return result < 0 ? -1 : write_end(run, err);
}

static void note_extra(const struct predict_run *run)
{
	const struct names *extra = predictor_extra(run->predictor);
	struct buffer names = BUFFER_INIT;

	names_print(extra, run->config->common.verbose ? SIZE_MAX : NAMES_SHOWN, &names);
	if (extra->n > 0)
		host_note(run->config->common.host, "the model does not know %s (passed on)", buffer_text(&names));
	buffer_free(&names);
}

static int predict(const struct predict_config *config, struct error *err)
{
	struct predict_run run = { .config = config };
	int result = -1;

	run.output = output_new(config->common.records);
	if (read_reasons(config, &run.n_shown, err) < 0 || open_model(&run, err) < 0 || add_fields(&run, err) < 0 ||
	    predictor_new(&run.predictor, &run.model, run.input.header, false, config->missing == MISSING_NULL ? LACKING_NULL : LACKING_FAILS, config->common.host, err) < 0 ||
	    read_class_values(&run, err) < 0 || add_reasons(&run, err) < 0)
		goto out;
	if (run.model.target && predictor_has_truth(run.predictor, run.input.header))
		run.header.schema.fields[schema_find(&run.header.schema, run.model.target)].role = ROLE_TARGET;
	name_classes(&run);
	predictor_slice(run.predictor, &run.input);
	note_extra(&run);
	result = write_records(&run, err);
out:
	if (result < 0)
		output_fail(run.output, err, err);
	predictor_free(run.predictor);
	source_close(&run.input);
	header_release(&run.header);
	modelfile_release(&run.model);
	column_drop(&run.classes);
	free(run.best);
	free(run.order);
	text_builder_free(run.texts);
	free(run.class_values);
	output_free(run.output);
	return result;
}

int main(int argc, char **argv)
{
	struct predict_config config = { .common = COMMON_DEFAULTS };
	struct error err = ERROR_INIT;

	tool_start(argc, argv, &predict_tool, &config);
	return tool_finish(predict(&config, &err), &err);
}
