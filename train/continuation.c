/* SPDX-License-Identifier: MIT */
#include "continuation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "classes.h"
#include "marks.h"
#include "memory.h"
#include "parameters.h"

enum { NAMES_SHOWN = 8, CLASSES_KEPT = 1000 };

/* ---- words ---- */

static const char *find_target(const struct text_list *operands)
{
	for (size_t i = 0; i < operands->n; i++)
		if (!parameter_key(operands->items[i]))
			return operands->items[i];
	return NULL;
}

static bool is_given(const struct text_list *operands, const char *key)
{
	for (size_t i = 0; i < operands->n; i++)
		if (parameter_is(operands->items[i], key))
			return true;
	return false;
}

static void add_operand(struct text_list *to, const char *text)
{
	array_grow(to->items, to->n, to->room);
	to->items[to->n++] = text;
}

/* What was given, then what the model was trained with. */
static void merge_operands(struct continuation *from, const struct text_list *given)
{
	object options = map_get(&from->file.training.object, "options");
	size_t n = options && options->type == MSGPACK_OBJECT_MAP ? options->via.map.size : 0;

	for (size_t i = 0; i < n; i++) {
		char *key = object_text(&options->via.map.ptr[i].key), *value = object_text(&options->via.map.ptr[i].val);

		if (key && value && !is_given(given, key))
			names_take(&from->made, mem_format("%s=%s", key, value));
		free(key);
		free(value);
	}
	for (size_t i = 0; i < given->n; i++)
		add_operand(&from->operands, given->items[i]);
	for (size_t i = 0; i < from->made.n; i++)
		add_operand(&from->operands, from->made.items[i]);
}

static int check_words(const struct continuation *from, const struct setup_options *words, struct error *err)
{
	const struct modelfile *file = &from->file;
	const char *target = find_target(words->operands), *kind = file->kind->name;
	enum task task = file->problem.task;
	static const struct { int word; const char *what; } tasks[N_TASKS] = {
		[TASK_REGRESSION] = { TASK_NUMBER, "numbers" }, [TASK_CLASSIFICATION] = { TASK_CLASS, "classes" }, [TASK_CLUSTERING] = { TASK_CLUSTERS, "clusters" },
	};

	if (!(file->kind->takes & MODEL_FROM))
		return error_set(err, STATUS_USAGE, "--continue: %s is of model '%s', a family that can't go on from a model", from->path, kind);
	if (words->model && strcmp(words->model, kind) != 0)
		return error_set(err, STATUS_USAGE, "--continue: %s is of model '%s', not '%s' (leave out --model)", from->path, kind, words->model);
	if (target && !file->target)
		return error_set(err, STATUS_USAGE, "--continue: %s makes clusters, without a target (leave '%s' out)", from->path, target);
	if (target && strcmp(target, file->target) != 0)
		return error_set(err, STATUS_USAGE, "--continue: %s predicts '%s', not '%s' (leave the target out)", from->path, file->target, target);
	if (words->task != TASK_AUTO && words->task != tasks[task].word)
		return error_set(err, STATUS_USAGE, "--continue: %s is for %s (leave out --task)", from->path, tasks[task].what);
	if (words->features->n > 0)
		return error_set(err, STATUS_USAGE, "--continue: features are the model's (leave out --features)");
	if (words->target_as)
		return error_set(err, STATUS_USAGE, "--continue: the target's scale is the model's (leave out --target-as)");
	return 0;
}

int continuation_open(struct continuation *from, const char *path, struct setup_options *words, struct error *err)
{
	*from = (struct continuation){ .path = path, .host = words->host };
	if (modelfile_open(&from->file, path, words->host, err) < 0 || check_words(from, words, err) < 0)
		return -1;
	merge_operands(from, words->operands);
	words->model = from->file.kind->name;
	words->operands = &from->operands;
	words->from = &from->file;
	words->reads = &from->reads;
	return setup_words(words, err);
}

void continuation_release(struct continuation *from)
{
	replay_free(from->replay);
	modelfile_release(&from->file);
	text_list_free(&from->operands);
	names_release(&from->made);
	names_release(&from->reads);
	*from = (struct continuation){ .path = NULL };
}

/* ---- the columns ---- */

/* Of what is asked for besides the target, if there is one: features, where they are wanted; weights and marks, where they are. */
static int open_replay(const struct continuation *from, const struct header *have, bool features, struct replay **replay, struct error *err)
{
	const struct replay_options options = { .never_null = true, .host = from->host };
	static const enum role others[] = { ROLE_WEIGHT, ROLE_SPLIT };
	struct names needed = { .items = NULL };
	int result;

	if (features)
		names_copy(&needed, &from->file.problem.features);
	if (from->file.target)
		names_add_new(&needed, from->file.target);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		int col = schema_find_role(&have->schema, others[i]);

		if (col != NO_FIELD)
			names_add_new(&needed, have->schema.fields[col].name);
	}
	result = replay_new(replay, have, &from->file.lineage, &needed, &options, err);
	names_release(&needed);
	return result < 0 ? error_prefix(err, "--continue %s", from->path) : 0;
}

int continuation_match(struct continuation *from, const struct header *header, struct error *err)
{
	const struct schema *inputs;
	struct replay *replay;

	if (open_replay(from, header, true, &replay, err) < 0)
		return -1;
	inputs = replay_inputs(replay);
	for (size_t i = 0; i < inputs->n_fields; i++)
		names_add(&from->reads, inputs->fields[i].name);
	for (size_t i = 0; i < replay_remarks(replay)->n; i++)
		host_note(from->host, "%s", replay_remarks(replay)->items[i]);
	replay_free(replay);
	return 0;
}

/* ---- classes ---- */

/* Of the rows that were replayed. strangers: classes that the model does not know. */
static int count_classes(const struct continuation *from, const struct schema *schema, struct batch *batch, uint64_t *rows, struct names *strangers,
                         struct error *err)
{
	size_t target = (size_t)schema_find(schema, from->file.target);
	int split = schema_find_role(schema, ROLE_SPLIT);
	const struct marks marks = { .split = split };
	const struct column *column = column_read(batch, target, err);
	double *numbers = mem_array(batch->n_rows + 1, sizeof *numbers);
	unsigned char *of_row = mem_array(batch->n_rows + 1, 1);
	struct buffer name = BUFFER_INIT;
	int result = column ? marks_read(&marks, batch, of_row, err) : -1;

	if (result >= 0)
		class_numbers(&from->file.problem.classes, &schema->fields[target], column, batch->n_rows, numbers);
	for (size_t row = 0; result >= 0 && row < batch->n_rows; row++) {
		if (of_row[row] != MARK_TRAIN || !column_valid(column, row))
			continue;
		if (numbers[row] != NO_CLASS) {
			rows[(size_t)numbers[row]]++;
			continue;
		}
		buffer_clear(&name);
		cell_print(&schema->fields[target], column, row, &name);
		if (strangers->n < CLASSES_KEPT)
			names_add_new(strangers, buffer_text(&name));
	}
	buffer_free(&name);
	free(numbers);
	free(of_row);
	return result;
}

static int refuse_strangers(const struct continuation *from, const struct names *strangers, struct error *err)
{
	struct buffer named = BUFFER_INIT;

	if (strangers->n == 0)
		return 0;
	names_print(strangers, NAMES_SHOWN, &named);
	error_set(err, STATUS_REQUIREMENT, "--continue: the target '%s' has classes here that %s does not know: %s (a model of all rows, old and new, would)",
	          from->file.target, from->path, buffer_text(&named));
	buffer_free(&named);
	return -1;
}

int continuation_classes(const struct continuation *from, struct source *in, uint64_t *rows, struct error *err)
{
	struct batch batch = BATCH_INIT, out = BATCH_INIT;
	struct names strangers = { .items = NULL };
	struct replay *replay;
	int result = open_replay(from, in->header, false, &replay, err);

	while (result >= 0 && (result = source_next(in, &batch, false, err)) == 1)
		if ((result = replay_apply(replay, &batch, &out, err)) < 0 ||
		    (result = count_classes(from, replay_schema(replay), &out, rows, &strangers, err)) < 0)
			break;
	if (result >= 0)
		result = refuse_strangers(from, &strangers, err);
	for (size_t i = 0; i < from->file.problem.classes.n; i++)
		rows[i] += rows[i] == 0;        /* a class without rows has a weight, too (class_weights.h) */
	names_release(&strangers);
	batch_free(&out);
	batch_free(&batch);
	replay_free(replay);
	source_close(in);
	return result;
}

/* ---- the rows ---- */

struct replayed {
	struct source in;               /* first: source_inner_end */
	struct replay *replay;          /* borrowed */
	struct header header;
	size_t *cols;                   /* by field of the header, of what replay gives */
	struct batch batch, out;
};

static int replayed_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct replayed *replayed = state;
	int result = source_next(&replayed->in, &replayed->batch, now, err);

	if (result != 1)
		return result;
	if (replay_apply(replayed->replay, &replayed->batch, &replayed->out, err) < 0)
		return -1;
	batch_view(to, &replayed->out, &replayed->header.schema, replayed->cols);
	return 1;
}

static void replayed_close(void *state)
{
	struct replayed *replayed = state;

	batch_free(&replayed->batch);
	batch_free(&replayed->out);
	source_close(&replayed->in);
	header_release(&replayed->header);
	free(replayed->cols);
	free(replayed);
}

/* The column of that name becomes the next field, in this role. */
static int add_field(struct replayed *replayed, const char *name, enum role role, struct error *err)
{
	const struct schema *schema = replay_schema(replayed->replay);
	int col = schema_require(schema, name, err);
	struct field field;

	if (col == NO_FIELD) {
		err->code = STATUS_REQUIREMENT;
		return -1;
	}
	if (schema_find(&replayed->header.schema, name) != NO_FIELD)
		return error_set(err, STATUS_REQUIREMENT, "column '%s' has role %s here, and is a feature of the model", name, role_name(role));
	field = schema->fields[col];
	field.role = role;
	replayed->cols[replayed->header.schema.n_fields] = (size_t)col;
	schema_add_field(&replayed->header.schema, &field);
	return 0;
}

/* The features in the model's order. */
static int arrange(struct replayed *replayed, const struct modelfile *file, struct error *err)
{
	const struct schema *given = &replayed->in.header->schema;
	const struct names *features = &file->problem.features;
	static const enum role others[] = { ROLE_WEIGHT, ROLE_SPLIT };

	header_copy(&replayed->header, replayed->in.header);
	schema_release(&replayed->header.schema);
	replayed->header.schema = (struct schema)SCHEMA_INIT;
	lineage_release(&replayed->header.lineage);
	lineage_copy(&replayed->header.lineage, &file->lineage);
	replayed->cols = mem_array(features->n + 3, sizeof *replayed->cols);
	for (size_t i = 0; i < features->n; i++)
		if (add_field(replayed, features->items[i], ROLE_FEATURE, err) < 0)
			return -1;
	if (file->target && add_field(replayed, file->target, ROLE_TARGET, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		int col = schema_find_role(given, others[i]);

		if (col != NO_FIELD && add_field(replayed, given->fields[col].name, others[i], err) < 0)
			return -1;
	}
	return 0;
}

int continuation_source(struct continuation *from, struct source *out, struct source *in, struct error *err)
{
	struct replayed *replayed = mem_new(1, sizeof *replayed);
	int result;

	*replayed = (struct replayed){ .in = *in, .batch = BATCH_INIT, .out = BATCH_INIT };
	*in = (struct source){ .next = NULL };
	result = open_replay(from, replayed->in.header, true, &from->replay, err);
	replayed->replay = from->replay;
	if (result >= 0)
		result = arrange(replayed, &from->file, err);
	*out = (struct source){ .header = &replayed->header, .next = replayed_next, .end = source_inner_end, .close = replayed_close,
	                       .cancel = source_inner_cancel, .state = replayed };
	return result;
}

void continuation_tell(const struct continuation *from, bool all)
{
	struct names lines = { .items = NULL };

	if (from->replay)
		replay_tell(from->replay, all, true, &lines);
	for (size_t i = 0; i < lines.n; i++)
		host_note(from->host, "%s", lines.items[i]);
	names_release(&lines);
}
