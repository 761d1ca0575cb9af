/* SPDX-License-Identifier: MIT */
/*
 * Predictions that already stand in the records. Classes are told apart by their
 * text as it prints (1 and 1.0 are one class) and numbered as they come; when all
 * is read they are put into byte order. Only where predict left a probability for
 * every class (probability_CLASS) the classes are known before.
 *
 * What predict added is in the target's own units; if the records' target was
 * scaled before, its truth is taken back to them here.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "cell.h"
#include "distinct.h"
#include "memory.h"
#include "undo.h"

enum { MAX_CLASSES = 1000 };

struct fields_state {
	struct subject *subject;
	const struct header *have;
	int truth, prediction;                  /* columns */
	int *shares;                            /* columns of probabilities: none, one, or one for each class */
	size_t n_shares;
	bool undo;                              /* the truth is to be taken back to its own units */
	struct distinct classes;                /* as texts, numbered as they come */
	size_t most_classes;
	struct buffer text;
	size_t room;                            /* rows that the arrays hold */
	double *values[4];                      /* truth, answer, shares, share_of */
	uint64_t *missing[2];                   /* truth, answer */
};
enum { TRUTH, ANSWER, SHARE, SHARE_OF, N_VALUES };

/* ---- which fields ---- */

static int find_field(const struct schema *schema, const char *name, enum role role, const struct host *host, struct error *err)
{
	int col = name ? schema_require(schema, name, err) : schema_find_role(schema, role);

	if (col != NO_FIELD || name)
		return col;
	if (role == ROLE_PREDICTION) {
		error_set(err, STATUS_USAGE, "neither a model nor predictions in the input");
		host_advise(host, ADVICE_GIVE_ANSWERS, NULL, err);
	} else {
		error_set(err, STATUS_USAGE, "which field is the truth? (--truth NAME)");
	}
	return NO_FIELD;
}

/* The class of a field that predict --probabilities wrote; NULL: it is none. */
static const char *class_of(const struct field *field)
{
	const char *label = field->role == ROLE_PROBABILITY ? strstr(field->name, "probability_") : NULL;

	return label ? label + strlen("probability_") : NULL;
}

static int find_shares(struct fields_state *state, const char *name, struct error *err)
{
	const struct schema *schema = &state->have->schema;
	int only = name ? schema_require(schema, name, err) : schema_find_role(schema, ROLE_PROBABILITY);

	if (name && only == NO_FIELD)
		return -1;
	state->shares = mem_array(schema->n_fields, sizeof *state->shares);
	for (int col = 0; !name && col < (int)schema->n_fields; col++)
		if (class_of(&schema->fields[col]))
			state->shares[state->n_shares++] = col;
	if (state->n_shares < 2) {
		state->n_shares = only != NO_FIELD;
		state->shares[0] = only;
	}
	for (size_t i = 0; i < state->n_shares; i++) {
		const struct field *field = &schema->fields[state->shares[i]];

		if (!type_is_number(field->type))
			return error_set(err, STATUS_FAILED, "field '%s' is no probability: it is %s", field->name, type_name(field->type));
	}
	return 0;
}

static int find_fields(struct fields_state *state, const struct answer_fields *names, struct error *err)
{
	const struct schema *schema = &state->have->schema;

	state->prediction = find_field(schema, names->prediction, ROLE_PREDICTION, names->host, err);
	if (state->prediction == NO_FIELD)
		return -1;
	state->truth = find_field(schema, names->truth, ROLE_TARGET, names->host, err);
	if (state->truth == NO_FIELD)
		return -1;
	return find_shares(state, names->probability, err);
}

static bool is_class(enum type type)
{
	return type == TYPE_TEXT || type == TYPE_BOOL;
}

static int settle_task(struct fields_state *state, int wish, struct error *err)
{
	const struct field *fields = state->have->schema.fields;
	const struct field *both[2] = { &fields[state->truth], &fields[state->prediction] };
	bool classes = wish < 0 ? is_class(both[0]->type) || is_class(both[1]->type) : wish == TASK_CLASSIFICATION;

	state->subject->task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION;
	if (!classes)
		for (size_t i = 0; i < 2; i++)
			if (!type_is_number(both[i]->type) && both[i]->type != TYPE_BOOL)
				return error_set(err, STATUS_FAILED, "field '%s' is %s, and regression takes numbers", both[i]->name, type_name(both[i]->type));
	return 0;
}

/* ---- a batch ---- */
static void make_room(struct fields_state *state, size_t n_rows)
{
	if (n_rows > state->room) {
		state->room = n_rows;
		for (size_t i = 0; i < N_VALUES; i++)
			state->values[i] = mem_resize(state->values[i], n_rows, (i == SHARE ? state->n_shares + 1 : 1) * sizeof(double));
		for (size_t i = 0; i < 2; i++)
			state->missing[i] = mem_resize(state->missing[i], (n_rows + 63) / 64, sizeof(uint64_t));
	}
}

static void mark_missing(uint64_t *missing, const struct column *column, size_t n_rows)
{
	for (size_t word = 0; word < (n_rows + 63) / 64; word++)
		missing[word] |= column->valid ? ~column->valid[word] : 0;
}

/* The class's number: its text as it prints, without the `.0` of an integral real. -1: not among the classes known before. */
static int read_class(struct fields_state *state, const struct field *field, const struct column *column, size_t row, double *number,
                      struct error *err)
{
	uint32_t level;

	buffer_clear(&state->text);
	cell_print(field, column, row, &state->text);
	if (field->type == TYPE_REAL && state->text.size > 2 && memcmp(state->text.data + state->text.size - 2, ".0", 2) == 0)
		state->text.size -= 2;
	level = distinct_add_within(&state->classes, buffer_text(&state->text), state->text.size, state->most_classes);
	*number = level == NO_VALUE ? -1 : (double)level;
	if (level == NO_VALUE && !state->subject->classes.n)
		return error_set(err, STATUS_FAILED, "field '%s' has more than %d classes (is it a number? --task regression)", field->name, MAX_CLASSES);
	if (level == NO_VALUE && field == &state->have->schema.fields[state->prediction])
		return error_set(err, STATUS_FAILED, "field '%s' names a class that no probability is of", field->name);
	return 0;
}

static int read_values(struct fields_state *state, struct batch *batch, int col, double *values, uint64_t *missing, struct error *err)
{
	const struct column *column = column_read(batch, (size_t)col, err);
	const struct field *field = &state->have->schema.fields[col];

	if (!column)
		return -1;
	mark_missing(missing, column, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		values[row] = 0;
		if (state->subject->task == TASK_REGRESSION)
			values[row] = column_number(column, field->type, row);
		else if (column_valid(column, row) && read_class(state, field, column, row, &values[row], err) < 0)
			return -1;
	}
	return 0;
}

static int read_shares(struct fields_state *state, struct batch *batch, size_t i, struct error *err)
{
	const struct column *column = column_read(batch, (size_t)state->shares[i], err);
	const struct field *field = &state->have->schema.fields[state->shares[i]];

	if (!column)
		return -1;
	mark_missing(state->missing[1], column, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		double share = column_number(column, field->type, row);

		if (!(share >= 0 && share <= 1))
			return error_set(err, STATUS_FAILED, "field '%s' is no probability: it holds a value that is not within 0 and 1", field->name);
		state->values[SHARE][row * state->n_shares + i] = share;
	}
	return 0;
}

/* Of which class a row's only probability is. */
static void mark_shares(struct fields_state *state, size_t n_rows)
{
	const char *positive = state->subject->positive;
	uint32_t of = positive ? distinct_add_within(&state->classes, positive, strlen(positive), state->most_classes) : 0;

	for (size_t row = 0; row < n_rows; row++)
		state->values[SHARE_OF][row] = positive ? of : state->values[ANSWER][row];
}

static int read_fields(void *opaque, struct batch *batch, struct answered *rows, struct error *err)
{
	struct fields_state *state = opaque;
	const struct field *truth = &state->have->schema.fields[state->truth];
	size_t words = (batch->n_rows + 63) / 64;

	make_room(state, batch->n_rows);
	for (size_t i = 0; i < 2 && words; i++)
		memset(state->missing[i], 0, words * sizeof(uint64_t));
	if (read_values(state, batch, state->truth, state->values[TRUTH], state->missing[0], err) < 0 ||
	    read_values(state, batch, state->prediction, state->values[ANSWER], state->missing[1], err) < 0)
		return -1;
	for (size_t i = 0; i < state->subject->n_shares; i++)
		if (read_shares(state, batch, i, err) < 0)
			return -1;
	mark_shares(state, batch->n_rows);
	if (state->undo && undo_values(&state->have->lineage, truth->name, state->values[TRUTH], batch->n_rows, err) < 0)
		return -1;
	*rows = (struct answered){ state->values[TRUTH], state->values[ANSWER], state->values[SHARE], state->values[SHARE_OF],
	                           state->missing[0], state->missing[1] };
	return 0;
}

static int settle_classes(void *opaque, struct scores *scores, struct error *err)
{
	struct fields_state *state = opaque;
	const struct distinct *classes = &state->classes;
	uint32_t *order = distinct_order(classes), *to = mem_array(classes->n, sizeof *to);

	(void)err;
	for (uint32_t i = 0; i < classes->n; i++) {
		to[order[i]] = i;
		buffer_clear(&state->text);
		distinct_print(classes, order[i], &state->text);
		names_add(&state->subject->classes, buffer_text(&state->text));
	}
	scores_renumber(scores, to);
	free(order);
	free(to);
	return 0;
}

/* ---- life ---- */
static void free_fields(void *opaque)
{
	struct fields_state *state = opaque;

	for (size_t i = 0; i < N_VALUES; i++)
		free(state->values[i]);
	free(state->missing[0]);
	free(state->missing[1]);
	free(state->shares);
	distinct_release(&state->classes);
	buffer_free(&state->text);
	free(state);
}

/* The probabilities' fields name the classes, in byte order as predict wrote them; no others are let in. */
static void know_classes(struct fields_state *state, struct answers *answers)
{
	for (size_t i = 0; i < state->n_shares; i++) {
		const char *class = class_of(&state->have->schema.fields[state->shares[i]]);

		names_add(&state->subject->classes, class);
		distinct_add(&state->classes, class, strlen(class));
	}
	state->most_classes = state->n_shares;
	answers->settle = NULL;
}

int answers_fields(struct answers *answers, const struct answer_fields *names, const struct header *have, struct error *err)
{
	struct fields_state *state = mem_new(1, sizeof *state);
	struct subject *subject = &answers->subject;
	const struct field *fields = have->schema.fields;

	*answers = (struct answers){ .read = read_fields, .settle = settle_classes, .free = free_fields, .state = state };
	*state = (struct fields_state){ .subject = subject, .have = have };
	distinct_start(&state->classes, TYPE_TEXT);
	state->most_classes = MAX_CLASSES;
	if (find_fields(state, names, err) < 0 || settle_task(state, names->task, err) < 0)
		return -1;
	if (subject->task == TASK_REGRESSION) {
		answers->settle = NULL;
		state->undo = fields[state->prediction].role == ROLE_PREDICTION && undo_count(&have->lineage, fields[state->truth].name) > 0;
		subject->unit = mem_text(fields[state->truth].unit);
	} else {
		subject->n_shares = state->n_shares;
		subject->positive = mem_text(names->positive);
		if (state->n_shares > 1)
			know_classes(state, answers);
	}
	subject->title = mem_format("%s of %s by '%s'", subject->task == TASK_REGRESSION ? "regression" : "classification",
	                            fields[state->truth].name, fields[state->prediction].name);
	return 0;
}
