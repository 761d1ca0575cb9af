/* SPDX-License-Identifier: MIT */
/*
 * Predictions that already stand in the records. What predict says of them in the
 * header (stream.5) settles the task, the classes and the baseline; of others the
 * types do. Classes are told apart by their text as it prints (1 and 1.0 are one
 * class). Numbers beside numbers, of which nobody said what they are, may turn out
 * to be two classes (two_values.h): that is settled when all is read.
 *
 * Text beside numbers is numbers as well, but for a few cells (`inf`, `err`): one of
 * them must not make another task. Such cells are missing, and counted; where they
 * are more than a few, text was meant, and nobody knows which classes. Nor are texts
 * beside texts classes if the truth is such numbers (target_look.h): train refuses that
 * as a target, too.
 *
 * What predict added is in the target's own units; if the records' target was
 * scaled before, its truth is taken back to them here.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "bits.h"
#include "cell.h"
#include "few_cells.h"
#include "form.h"
#include "labels.h"
#include "memory.h"
#include "number.h"
#include "target_look.h"
#include "two_values.h"
#include "undo.h"

struct fields_state {
	struct subject *subject;
	const struct header *have;
	int truth, prediction;                  /* columns */
	struct unpacked said;                   /* by predict, of the prediction; an empty object: nothing */
	int *shares;                            /* columns of probabilities: none, one, or one for each class */
	size_t n_shares;
	bool undo;                              /* the truth is to be taken back to its own units */
	const struct host *host;
	bool by_texts;                          /* both are text, and nobody said that they are classes */
	struct target_look look;                /* of the truth, if so */
	unsigned char sides[2 * MOST_LABELS];   /* of each class: where it occurs, 1 << TRUTH | 1 << ANSWER */
	bool lenient;                           /* who calls wants numbers, however many cells are none */
	struct text_cells { uint64_t n, odd; } cells[2];        /* truth, answer, where numbers are text: that are there; that are no numbers */
	bool bad_share;                         /* while it is undecided whether they matter: one is missing or no probability */
	struct two_values found[2];             /* truth, answer: when it is decided what they are */
	struct labels labels;
	const char *words;                      /* where classes are those of a bool: how they are written (form.h) */
	struct buffer text;
	size_t room;                            /* rows that the arrays hold */
	double *values[4];                      /* truth, answer, shares, share_of */
	uint64_t *missing[2];                   /* truth, answer */
};
enum { TRUTH, ANSWER, SHARE, SHARE_OF, N_VALUES };

/* ---- which fields ---- */

/* The only column of answers that says what it answers, beside others that tell more of the same rows; NO_FIELD: none, or several. */
static int find_answers(const struct schema *schema)
{
	int found = NO_FIELD;

	for (size_t i = 0; i < schema->n_fields; i++)
		if (schema->fields[i].role == ROLE_PREDICTION && schema->fields[i].answers) {
			if (found != NO_FIELD)
				return NO_FIELD;
			found = (int)i;
		}
	return found;
}

static int find_prediction(struct fields_state *state, const char *name, const struct host *host, struct error *err)
{
	const struct schema *schema = &state->have->schema;
	const struct bytes *said;

	state->prediction = name ? NO_FIELD : find_answers(schema);
	if (name)
		state->prediction = schema_require(schema, name, err);
	else if (state->prediction == NO_FIELD && schema_find_only(schema, ROLE_PREDICTION, &state->prediction, host, err) < 0)
		return error_prefix(err, "which prediction (--prediction NAME)");
	if (state->prediction == NO_FIELD && !name) {
		error_set(err, STATUS_USAGE, "neither a model nor predictions in the input");
		host_advise(host, ADVICE_GIVE_ANSWERS, NULL, err);
	}
	if (state->prediction == NO_FIELD)
		return -1;
	said = schema->fields[state->prediction].answers;
	return said ? pack_read(&state->said, said->data, said->size, err) : 0;
}

/* Clusters are judged by their rows, as the model takes them. */
static int refuse_clusters(const struct header *have, const char *name, struct error *err)
{
	int result = 0;

	for (size_t col = 0; col < have->schema.n_fields && result == 0; col++) {
		const struct field *field = &have->schema.fields[col];
		struct unpacked said;

		if (!field->answers || (name ? strcmp(field->name, name) != 0 : field->role != ROLE_PREDICTION))
			continue;
		result = pack_read(&said, field->answers->data, field->answers->size, err);
		if (result == 0 && object_is_text(map_get(&said.object, "task"), task_name(TASK_CLUSTERING)))
			result = error_set(err, STATUS_USAGE, "'%s' holds clusters, which are judged by the records and their model: give its file", field->name);
		unpacked_free(&said);
	}
	return result;
}

static void no_truth(const char *target, const struct host *host, struct error *err)
{
	if (target) {
		error_set(err, STATUS_USAGE, "'%s', which is predicted, is not in these records as the model made it", target);
		host_advise(host, ADVICE_GIVE_TRUTH, NULL, err);
	} else {
		error_set(err, STATUS_USAGE, "which field is the truth? (--truth NAME)");
	}
}

/* The field with role target; of several that which the prediction is of. */
static int find_truth(struct fields_state *state, const char *name, const struct host *host, struct error *err)
{
	const struct schema *schema = &state->have->schema;
	char *target = object_text(map_get(&state->said.object, "target"));
	int col = target ? schema_find(schema, target) : NO_FIELD;

	if (name) {
		col = schema_require(schema, name, err);
	} else if (col == NO_FIELD || schema->fields[col].role != ROLE_TARGET) {
		if (schema_find_only(schema, ROLE_TARGET, &col, host, err) < 0)
			col = NO_FIELD;
		else if (col == NO_FIELD)
			no_truth(target, host, err);
	}
	free(target);
	state->truth = col;
	return col == NO_FIELD ? -1 : 0;
}

/* The class of a field that predict --probabilities wrote; NULL: it is none. */
static const char *class_of(const struct field *field)
{
	const char *label = field->role == ROLE_PROBABILITY ? strstr(field->name, "probability_") : NULL;

	return label ? label + strlen("probability_") : NULL;
}

struct share_field { const char *class; int col; };

static int compare_shares(const void *a, const void *b)
{
	const struct share_field *left = a, *right = b;
	int order = strcmp(left->class, right->class);

	return order ? order : left->col - right->col;
}

/* In the order of their classes; predict puts them right behind its answer, and where another one's stand there are others. */
static void find_class_shares(struct fields_state *state)
{
	const struct schema *schema = &state->have->schema;
	struct share_field *fields = mem_array(schema->n_fields, sizeof *fields);
	size_t first = (size_t)state->prediction + 1, n = 0;
	bool behind = first < schema->n_fields && class_of(&schema->fields[first]);

	for (size_t col = behind ? first : 0; col < schema->n_fields; col++) {
		const char *class = class_of(&schema->fields[col]);

		if (!class && behind)
			break;
		if (class)
			fields[n++] = (struct share_field){ class, (int)col };
	}
	if (n)
		qsort(fields, n, sizeof *fields, compare_shares);
	for (size_t i = 0; i < n; i++)
		state->shares[i] = fields[i].col;
	state->n_shares = n;
	free(fields);
}

static int find_shares(struct fields_state *state, const char *name, struct error *err)
{
	const struct schema *schema = &state->have->schema;
	int only = name ? schema_require(schema, name, err) : state->prediction + 1;

	if (name && only == NO_FIELD)
		return -1;
	if (!name && (only == (int)schema->n_fields || schema->fields[only].role != ROLE_PROBABILITY))
		only = schema_find_role(schema, ROLE_PROBABILITY);
	state->shares = mem_array(schema->n_fields, sizeof *state->shares);
	if (!name)
		find_class_shares(state);
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

/* What `wish` says, or predict, or the types; else numbers, for the time being. */
static enum task find_task(struct fields_state *state, int wish)
{
	const struct field *fields = state->have->schema.fields;
	object said = map_get(&state->said.object, "task");

	if (wish >= 0)
		return (enum task)wish;
	if (object_is_text(said, "classification"))
		return TASK_CLASSIFICATION;
	if (object_is_text(said, "regression"))
		return TASK_REGRESSION;
	state->by_texts = state->n_shares <= 1 && fields[state->truth].type == TYPE_TEXT && fields[state->prediction].type == TYPE_TEXT;
	if (state->n_shares > 1 || fields[state->truth].type == TYPE_BOOL || fields[state->prediction].type == TYPE_BOOL || state->by_texts)
		return TASK_CLASSIFICATION;
	state->subject->undecided = true;
	return TASK_REGRESSION;
}

static int settle_task(struct fields_state *state, int wish, struct error *err)
{
	const struct field *fields = state->have->schema.fields;
	const struct field *both[2] = { &fields[state->truth], &fields[state->prediction] };

	state->subject->task = find_task(state, wish);
	state->lenient = wish == TASK_REGRESSION;
	for (size_t i = 0; i < 2 && state->subject->task == TASK_REGRESSION; i++)
		if (!type_is_number(both[i]->type) && both[i]->type != TYPE_BOOL &&
		    !(both[i]->type == TYPE_TEXT && (state->lenient || type_is_number(both[1 - i]->type))))
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
			state->missing[i] = mem_resize(state->missing[i], bits_words(n_rows), sizeof(uint64_t));
	}
}

static void mark_missing(uint64_t *missing, const struct column *column, size_t n_rows)
{
	for (size_t word = 0; word < bits_words(n_rows); word++)
		missing[word] |= column->valid ? ~column->valid[word] : 0;
}

/* A class that training did not know by this text: the other word of a bool, an integral real without its `.0`. */
static void name_otherwise(struct fields_state *state, const struct field *field)
{
	struct buffer *text = &state->text;
	const char *form;
	bool value;

	if (field->type == TYPE_REAL && text->size > 2 && memcmp(text->data + text->size - 2, ".0", 2) == 0)
		text->size -= 2;
	form = state->subject->bools ? form_of_word(buffer_text(text), text->size, &value) : NULL;
	if (!form)
		return;
	buffer_clear(text);
	buffer_add_text(text, form_word(state->words, value));
}

/* The class's number: its text as it prints, unless training knew it by another. */
static int read_class(struct fields_state *state, const struct field *field, const struct column *column, size_t row, size_t which,
                      double *number, struct error *err)
{
	uint32_t label;

	buffer_clear(&state->text);
	cell_key(field->type, column, row, &state->text);
	label = distinct_find(&state->labels.all, buffer_text(&state->text), state->text.size);
	if (label == NO_VALUE || label >= state->subject->n_trained) {
		name_otherwise(state, field);
		label = labels_number(&state->labels, buffer_text(&state->text), state->text.size);
	}
	*number = label;
	if (label == NO_VALUE)
		return error_set(err, STATUS_FAILED, "field '%s' has more than %d classes (is it a number? --task regression)", field->name, MOST_LABELS);
	state->sides[label] |= 1u << which;
	if (label >= state->subject->n_trained && state->subject->n_shares > 1 && field == &state->have->schema.fields[state->prediction])
		return error_set(err, STATUS_FAILED, "field '%s' names a class that no probability is of", field->name);
	return 0;
}

static double read_number(const struct column *column, size_t row, struct text_cells *cells, uint64_t *missing)
{
	double number = 0;
	size_t size;
	const char *text;

	if (!column_valid(column, row))
		return NAN;
	text = column_text(column, row, &size);
	cells->n++;
	if (!number_real_rounded(text, size, &number)) {
		cells->odd++;
		bit_set(missing, row);
	}
	return number;
}

static int read_values(struct fields_state *state, struct batch *batch, int col, size_t which, struct error *err)
{
	double *values = state->values[which];
	uint64_t *missing = state->missing[which];
	const struct column *column = column_read(batch, (size_t)col, err);
	const struct field *field = &state->have->schema.fields[col];

	if (!column)
		return -1;
	mark_missing(missing, column, batch->n_rows);
	if (state->by_texts && which == TRUTH)
		target_look_add(&state->look, column, TYPE_TEXT, batch->n_rows, NULL);
	for (size_t row = 0; row < batch->n_rows; row++) {
		values[row] = 0;
		if (state->subject->task == TASK_REGRESSION && field->type == TYPE_TEXT)
			values[row] = read_number(column, row, &state->cells[which], missing);
		else if (state->subject->task == TASK_REGRESSION)
			values[row] = column_number(column, field->type, row);
		else if (column_valid(column, row) && read_class(state, field, column, row, which, &values[row], err) < 0)
			return -1;
	}
	return 0;
}

static int refuse_share(const struct field *field, struct error *err)
{
	return error_set(err, STATUS_FAILED, "field '%s' is no probability: it holds a value that is not within 0 and 1", field->name);
}

static int read_shares(struct fields_state *state, struct batch *batch, size_t i, struct error *err)
{
	const struct column *column = column_read(batch, (size_t)state->shares[i], err);
	const struct field *field = &state->have->schema.fields[state->shares[i]];

	if (!column)
		return -1;
	if (!state->subject->undecided)
		mark_missing(state->missing[1], column, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		double share = column_number(column, field->type, row);
		bool good = share >= 0 && share <= 1;

		state->values[SHARE][row * state->n_shares + i] = good ? share : 0;
		state->bad_share = state->bad_share || !good || (state->subject->undecided && !column_valid(column, row));
		if (!good && !state->subject->undecided)
			return refuse_share(field, err);
	}
	return 0;
}

/* Of which class a row's only probability is; while it is undecided whether it is one: of which value. */
static void mark_shares(struct fields_state *state, size_t n_rows)
{
	const char *positive = state->subject->positive;
	double of = NAN;

	if (positive && state->subject->undecided)
		of = strtod(positive, NULL);
	else if (positive)
		of = labels_number(&state->labels, positive, strlen(positive));
	for (size_t row = 0; row < n_rows; row++)
		state->values[SHARE_OF][row] = positive ? of : state->values[ANSWER][row];
}

static int read_fields(void *opaque, struct batch *batch, struct answered *rows, struct error *err)
{
	struct fields_state *state = opaque;
	const struct field *truth = &state->have->schema.fields[state->truth];
	size_t words = bits_words(batch->n_rows);

	make_room(state, batch->n_rows);
	for (size_t i = 0; i < 2 && words; i++)
		memset(state->missing[i], 0, words * sizeof(uint64_t));
	if (read_values(state, batch, state->truth, TRUTH, err) < 0 || read_values(state, batch, state->prediction, ANSWER, err) < 0)
		return -1;
	for (size_t i = 0; i < state->subject->n_shares; i++)
		if (read_shares(state, batch, i, err) < 0)
			return -1;
	mark_shares(state, batch->n_rows);
	if (state->undo && undo_values(&state->have->lineage, truth->name, state->values[TRUTH], batch->n_rows, err) < 0)
		return -1;
	*rows = (struct answered){ state->values[TRUTH], state->values[ANSWER], state->values[SHARE], state->values[SHARE_OF],
	                           state->missing[0], state->missing[1], NULL };
	return 0;
}

/* ---- the end ---- */

static int refuse_positive(const struct subject *subject, const char *class, enum status code, struct error *err)
{
	const char *close = closest_class(subject, class);

	return error_set(err, code, "--positive '%s' is none of the classes%s%s%s", class, close ? " (did you mean '" : "", close ? close : "",
	                 close ? "'?)" : "");
}

static void title(struct fields_state *state)
{
	const struct field *fields = state->have->schema.fields;
	struct subject *subject = state->subject;

	free(subject->title);
	subject->title = mem_format("%s of %s by '%s'", subject->task == TASK_REGRESSION ? "regression" : "classification",
	                            fields[state->truth].name, fields[state->prediction].name);
}

/* The two values as classes, in byte order. */
static void name_values(struct subject *subject, double *values)
{
	char *names[2];

	for (size_t i = 0; i < 2; i++)
		names[i] = mem_format("%" PRId64, (int64_t)values[i]);
	if (strcmp(names[0], names[1]) > 0) {
		char *name = names[0];
		double value = values[0];

		names[0] = names[1], values[0] = values[1];
		names[1] = name, values[1] = value;
	}
	names_take(&subject->classes, names[0]);
	names_take(&subject->classes, names[1]);
}

static void look_at_values(void *opaque, double truth, double answer)
{
	struct fields_state *state = opaque;

	two_values_add(&state->found[TRUTH], truth);
	two_values_add(&state->found[ANSWER], answer);
}

/* Numbers, or the two classes that they are. */
static int decide(struct fields_state *state, struct scores *scores, struct error *err)
{
	const struct field *fields = state->have->schema.fields;
	struct two_values *truths = &state->found[TRUTH], *answers = &state->found[ANSWER];

	for (enum split split = 0; split < N_SPLITS; split++)
		if (scores_look(scores, split, look_at_values, state, err) < 0)
			return -1;
	if (!two_values_are_classes(truths) || !two_values_within(answers, truths)) {
		scores_decide(scores, NULL);
		return 0;
	}
	if (state->bad_share)
		return refuse_share(&fields[state->shares[0]], err);
	state->subject->task = TASK_CLASSIFICATION;
	title(state);
	name_values(state->subject, truths->values);
	if (state->subject->positive && !names_have(&state->subject->classes, state->subject->positive))
		return refuse_positive(state->subject, state->subject->positive, STATUS_FAILED, err);
	scores_decide(scores, truths->values);
	names_take(&scores->remarks, mem_format("'%s' and '%s' hold two whole numbers only: judged as classes (--task regression: as numbers)",
	                                        fields[state->truth].name, fields[state->prediction].name));
	return 0;
}

/* Numbers beside bools are classes for want of anything better. */
static void remark_types(const struct fields_state *state, struct scores *scores)
{
	const struct field *truth = &state->have->schema.fields[state->truth], *answer = &state->have->schema.fields[state->prediction];

	if (type_is_number(truth->type) != type_is_number(answer->type) && !map_get(&state->said.object, "task"))
		names_take(&scores->remarks, mem_format("'%s' is %s and '%s' is %s: judged as classes", truth->name, type_name(truth->type),
		                                        answer->name, type_name(answer->type)));
}

static const char *are_none(uint64_t odd)
{
	return odd == 1 ? "is no number" : "are no numbers";
}

static int refuse_cells(const struct field *field, uint64_t odd, uint64_t n, struct error *err)
{
	return error_set(err, STATUS_FAILED, "%s: %" PRIu64 " of %" PRIu64 " cells %s (--task classification judges texts as classes%s)", field->name,
	                 odd, n, are_none(odd), odd < n ? ", --task regression leaves such rows out" : "");
}

/* Text that was read as numbers is numbers: a few cells that are none are said. */
static int check_cells(const struct fields_state *state, size_t which, struct scores *scores, struct error *err)
{
	const struct field *field = &state->have->schema.fields[which == TRUTH ? state->truth : state->prediction];
	const struct text_cells *cells = &state->cells[which];

	if (cells->odd == 0)
		return 0;
	if (state->lenient && cells->odd == cells->n)
		return error_set(err, STATUS_FAILED, "field '%s' is text, and regression takes numbers", field->name);
	if (!state->lenient && !few_cells(cells->odd, cells->n))
		return refuse_cells(field, cells->odd, cells->n, err);
	names_take(&scores->remarks, mem_format("%s: %" PRIu64 " of %" PRIu64 " cells %s", field->name, cells->odd, cells->n, are_none(cells->odd)));
	return 0;
}

/* How many classes occur on each side, and on both. */
static void count_sides(const struct fields_state *state, size_t n[2], size_t *both)
{
	n[TRUTH] = n[ANSWER] = *both = 0;
	for (size_t class = 0; class < state->labels.all.n; class++) {
		n[TRUTH] += state->sides[class] >> TRUTH & 1u;
		n[ANSWER] += state->sides[class] >> ANSWER & 1u;
		*both += state->sides[class] == (1u << TRUTH | 1u << ANSWER);
	}
}

/* What reads the texts of the truth, each once. */
static int advise_truth(const struct fields_state *state, const char *name, struct error *err)
{
	const struct distinct *all = &state->labels.all;
	struct distinct truths;

	distinct_start(&truths, TYPE_TEXT);
	for (size_t class = 0; class < all->n; class++)
		if (state->sides[class] & 1u << TRUTH) {
			uint32_t number = distinct_add(&truths, distinct_bytes(all, class), all->items[class].size);

			truths.items[number].count = 1;
		}
	target_advise_levels(&truths, name, state->host, err);
	distinct_release(&truths);
	return -1;
}

/* Texts that nobody called classes may be numbers with a few others, or with units; and those of two sources may be spelt otherwise. */
static int check_classes(const struct fields_state *state, struct scores *scores, struct error *err)
{
	const struct field *truth = &state->have->schema.fields[state->truth], *answer = &state->have->schema.fields[state->prediction];
	const struct target_look *look = &state->look;
	size_t n[2], both;
	enum target_text is;

	count_sides(state, n, &both);
	is = target_text_is(look, n[TRUTH]);
	if (is != TEXT_OF_CLASSES && look->numbers == look->n)
		return error_set(err, STATUS_FAILED, "the truth '%s' is text, and all of its cells are numbers: --task classification judges them as classes, "
		                 "--task regression as numbers", truth->name);
	if (is == TEXT_NEARLY_NUMBERS)
		return refuse_cells(truth, look->n - look->numbers, look->n, err);
	if (is == TEXT_WITH_NUMBERS) {
		error_set(err, STATUS_FAILED, "the truth '%s' is text with numbers in it: --task classification judges it as classes", truth->name);
		return advise_truth(state, truth->name, err);
	}
	if (both == 0 && n[TRUTH] && n[ANSWER] && !map_get(&state->said.object, "task"))
		names_take(&scores->remarks, mem_format("'%s' and '%s' have no class in common: is one written otherwise than the other?",
		                                        truth->name, answer->name));
	return 0;
}

static int settle_fields(void *opaque, struct scores *scores, struct error *err)
{
	struct fields_state *state = opaque;

	if (state->subject->task == TASK_REGRESSION && (check_cells(state, TRUTH, scores, err) < 0 || check_cells(state, ANSWER, scores, err) < 0))
		return -1;
	if (state->subject->undecided)
		return decide(state, scores, err);
	if (state->subject->task == TASK_CLASSIFICATION) {
		if (check_classes(state, scores, err) < 0)
			return -1;
		labels_settle(&state->labels, scores);
		remark_types(state, scores);
	}
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
	labels_release(&state->labels);
	unpacked_free(&state->said);
	buffer_free(&state->text);
	free(state);
}

/* The classes of the training, as predict tells them, or as the probabilities' fields are named. */
static int know_classes(struct fields_state *state, struct error *err)
{
	struct names classes = { .items = NULL };
	object said = map_get(&state->said.object, "classes");
	size_t n = state->n_shares > 1 ? state->n_shares : 0;
	int result = 0;

	if (!object_names(said, &classes))
		result = error_set(err, STATUS_FAILED, "broken header: the classes of a prediction are no texts");
	for (size_t i = 0; i < n && result == 0; i++) {
		const struct field *field = &state->have->schema.fields[state->shares[i]];

		if (!said)
			names_add(&classes, class_of(field));
		else if (classes.n != n || strcmp(classes.items[i], class_of(field)) != 0)
			result = error_set(err, STATUS_FAILED, "field '%s' is of no class that was predicted, or others are missing", field->name);
	}
	if (result == 0 && (result = labels_start(&state->labels, state->subject, &classes, err)) < 0)
		error_prefix(err, "field '%s'", state->have->schema.fields[state->prediction].name);
	names_release(&classes);
	return result;
}

/* Whether the classes are those of a bool, and in which words: as training knew them, else as the truth is written. */
static void know_words(struct fields_state *state)
{
	const struct field *truth = &state->have->schema.fields[state->truth], *answer = &state->have->schema.fields[state->prediction];
	const struct names *classes = &state->subject->classes;

	state->subject->bools = truth->type == TYPE_BOOL || answer->type == TYPE_BOOL;
	state->words = truth->type == TYPE_BOOL ? truth->form : answer->form;
	for (size_t i = 0; i < classes->n && state->subject->bools; i++) {
		const char *form = form_of_word(classes->items[i], strlen(classes->items[i]), &(bool){ false });

		state->words = form ? form : state->words;
	}
}

/* `positive` as classes are named (read_class). One that training did not know is a slip. */
static int know_positive(struct fields_state *state, const char *positive, struct error *err)
{
	struct subject *subject = state->subject;
	size_t size = strlen(positive);
	bool number = subject->undecided || type_is_number(state->have->schema.fields[state->truth].type), value;

	if (!names_have(&subject->classes, positive) && number && size > 2 && strcmp(positive + size - 2, ".0") == 0)
		subject->positive = mem_text_n(positive, size - 2);
	else if (subject->bools && !names_have(&subject->classes, positive) && form_of_word(positive, size, &value))
		subject->positive = mem_text(form_word(state->words, value));
	else
		subject->positive = mem_text(positive);
	return subject->n_trained && !names_have(&subject->classes, subject->positive) ? refuse_positive(subject, positive, STATUS_USAGE, err) : 0;
}

int answers_fields(struct answers *answers, const struct answer_fields *names, const struct header *have, struct error *err)
{
	struct fields_state *state = mem_new(1, sizeof *state);
	struct subject *subject = &answers->subject;
	const struct field *fields = have->schema.fields;
	bool numbers;

	*answers = (struct answers){ .read = read_fields, .settle = settle_fields, .free = free_fields, .state = state };
	*state = (struct fields_state){ .subject = subject, .have = have, .host = names->host };
	if (refuse_clusters(have, names->prediction, err) < 0 || find_prediction(state, names->prediction, names->host, err) < 0 ||
	    find_truth(state, names->truth, names->host, err) < 0 ||
	    find_shares(state, names->probability, err) < 0 || settle_task(state, names->task, err) < 0)
		return -1;
	numbers = subject->task == TASK_REGRESSION;
	title(state);
	if (numbers) {
		state->undo = fields[state->prediction].role == ROLE_PREDICTION && undo_count(&have->lineage, fields[state->truth].name) > 0;
		subject->unit = mem_text(fields[state->truth].unit);
	}
	if (!numbers || subject->undecided) {
		subject->n_shares = state->n_shares;
		subject->one_share = state->n_shares == 1;
	}
	if (!numbers && know_classes(state, err) < 0)
		return -1;
	if (!numbers)
		know_words(state);
	if (subject->one_share && names->positive && know_positive(state, names->positive, err) < 0)
		return -1;
	object_bool(map_get(&state->said.object, "held_out"), &answers->held_out);
	if (object_is_text(map_get(&state->said.object, "task"), numbers ? "regression" : "classification") && map_get(&state->said.object, "baseline"))
		return baseline_read(subject, map_get(&state->said.object, "baseline"), err);
	return 0;
}
