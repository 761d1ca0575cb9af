/* SPDX-License-Identifier: MIT */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "form.h"
#include "memory.h"
#include "null_words.h"
#include "number.h"

enum { MANY_GROUPS = 100000, MANY_CLASSES = 1000, CLASS_BYTES = 1024, COUNTED_ROWS = 20, SIDE_SHARE = 4 /* of the memory */ };

/* Whether an int is the number of its row, but for an offset. */
struct counting { uint64_t offset; bool seen, broken; };

/* What one lane has seen. */
struct reading {
	uint64_t n_rows, n_train, n_valid, n_marked_valid, n_held, n_given, n_none, no_target;
	unsigned char *of_row;          /* marks of a batch, or a piece of one */
	uint64_t *train;                /* bit map: training rows with a target */
	size_t room;
	struct profile profile;
	struct target_look target;
	struct counting *counting;      /* by column of the profile */
	struct distinct classes;        /* given up once there are too many */
	struct distinct groups;         /* also given up */
	size_t n_checked;               /* of them */
	uint64_t *handed;               /* bit map: rows that will be handed on */
	struct batch side;              /* of these what is kept at the side */
};

struct intaking {
	struct intake *intake;
	struct spool *rows;             /* where they lie, once all are taken in */
	const struct setup *setup;
	struct reading *lanes;
	size_t *fields, n_fields;       /* of the input: those of the profile */
	size_t *cols, n_cols;           /* of the input, as pieces have them: the same but for texts, the target and the marks */
	int target;                     /* its place there, or NO_FIELD */
	struct marks marks;             /* as in pieces */
	bool classes;
};

/* target: NULL where there is none, and no row lacks it. */
static bool has_target(const struct column *target, size_t row) { return !target || column_valid(target, row); }

/* words: the marks are the stream's. */
static void count_rows(struct reading *reading, const struct batch *batch, const struct column *target, bool words)
{
	for (size_t row = 0; row < batch->n_rows; row++) {
		unsigned char mark = reading->of_row[row];
		bool has = has_target(target, row);

		reading->n_held += mark == MARK_TEST || mark == MARK_VALID;
		reading->n_given += mark == MARK_TEST || (mark == MARK_VALID && words);
		reading->n_none += mark == MARK_NONE;
		reading->no_target += (mark == MARK_TRAIN || mark == MARK_VALID) && !has;
		reading->n_valid += mark == MARK_VALID && has;
		reading->n_marked_valid += mark == MARK_VALID;
		reading->n_train += mark == MARK_TRAIN && has;
	}
	reading->n_rows += batch->n_rows;
}

static void look_for_counter(struct counting *counting, const struct column *column, uint64_t first_row, size_t n_rows)
{
	if (column->n_missing)
		counting->broken = true;
	for (size_t row = 0; row < n_rows && !counting->broken; row++) {
		uint64_t offset = (uint64_t)column_int(column, row) - (first_row + row);

		counting->broken = counting->seen && offset != counting->offset;
		counting->offset = offset;
		counting->seen = true;
	}
}

static void merge_counters(struct counting *to, const struct counting *from)
{
	if (!from->seen && !from->broken)
		return;
	to->broken = to->broken || from->broken || (to->seen && to->offset != from->offset);
	to->offset = from->offset;
	to->seen = true;
}

static void make_room(struct reading *reading, size_t n_rows)
{
	if (n_rows <= reading->room)
		return;
	reading->room = n_rows;
	reading->of_row = mem_resize(reading->of_row, n_rows, 1);
	reading->train = mem_resize(reading->train, bits_words(n_rows), sizeof *reading->train);
	reading->handed = mem_resize(reading->handed, bits_words(n_rows), sizeof *reading->handed);
}

/* Of classes that were not looked at yet. */
static int check_classes(struct reading *reading, const struct setup *setup, struct error *err)
{
	const struct distinct *classes = &reading->classes;

	for (; reading->n_checked < classes->n; reading->n_checked++)
		if (classes->items[reading->n_checked].size > CLASS_BYTES)
			return error_set(err, STATUS_FAILED, "the target '%s' has a text of more than %d bytes: is it a class? (choose another target)", setup->target,
			                 CLASS_BYTES);
	return 0;
}

/* Which rows are learned from, as a bit map. */
static void mark_rows(struct reading *reading, size_t n_rows, const struct column *target)
{
	(void)marks_pick(reading->of_row, n_rows, 1 << MARK_TRAIN, reading->train);
	for (size_t word = 0; target && target->valid && word < bits_words(n_rows); word++)
		reading->train[word] &= target->valid[word];
}

static void count_classes(struct distinct *classes, const struct column *target, size_t n_rows, const uint64_t *rows)
{
	const uint32_t *numbers = distinct_rows(classes, target, n_rows, rows);

	for (size_t row = 0; row < n_rows; row++)
		if (numbers[row] != NO_VALUE)
			classes->items[numbers[row]].count++;
}

/* of_row: the batch's marks; those with folds are read anew, into it. */
static int put_aside(const struct intaking *intaking, struct reading *reading, struct batch *batch, struct error *err)
{
	struct marks marks = intaking->setup->marks;
	size_t n;

	if (marks.n_folds > 0) {
		marks.n_folds = 0;
		if (marks_read(&marks, batch, reading->of_row, err) < 0)
			return -1;
	}
	n = handed_rows(&marks, reading->of_row, batch->n_rows, reading->handed);
	return side_columns_take(&intaking->intake->side, batch, reading->handed, n, &reading->side, err);
}

/* Texts and classes hang on no block of rows (blocks.h), and may be long: they are counted here. */
static int look_at_batch(void *state, size_t lane, struct batch *batch, struct error *err)
{
	struct intaking *intaking = state;
	const struct setup *setup = intaking->setup;
	struct reading *reading = &intaking->lanes[lane];
	const struct column *target = NULL;

	if (setup->target && !(target = column_read(batch, (size_t)setup->target_col, err)))
		return error_prefix(err, "column '%s'", setup->target);
	make_room(reading, batch->n_rows);
	if (marks_read(&setup->marks, batch, reading->of_row, err) < 0)
		return -1;
	count_rows(reading, batch, target, setup->marks.split != NO_FIELD && setup->marks.n_folds == 0);
	for (size_t i = 0; i < intaking->n_fields; i++) {
		size_t col = intaking->fields[i];
		const struct field *field = &batch->schema->fields[col];
		const struct column *column = field->type == TYPE_BOOL ? column_check(batch, col, err) : column_read(batch, col, err);

		if (!column)
			return error_prefix(err, "column '%s'", field->name);
		if (field->type == TYPE_INT && (int)col != setup->target_col)
			look_for_counter(&reading->counting[i], column, batch->first_row, batch->n_rows);
	}
	mark_rows(reading, batch->n_rows, target);
	profile_add_texts(&reading->profile, batch, intaking->fields, reading->train);
	if (setup->by && reading->groups.n <= MANY_GROUPS) {
		const struct column *by = column_read(batch, (size_t)setup->by_col, err);

		if (!by)
			return error_prefix(err, "column '%s'", setup->by);
		distinct_rows(&reading->groups, by, batch->n_rows, reading->train);
	}
	if (intaking->classes && reading->classes.n <= MANY_CLASSES) {
		count_classes(&reading->classes, target, batch->n_rows, reading->train);
		if (check_classes(reading, setup, err) < 0)
			return -1;
	}
	return intaking->intake->side.n_cols > 0 ? put_aside(intaking, reading, batch, err) : 0;
}

static int keep_batch(void *state, size_t lane, struct batch *batch, struct error *err)
{
	struct intaking *intaking = state;
	struct intake *intake = intaking->intake;

	if (intake->side.n_cols > 0 && side_columns_add(&intake->side, &intaking->lanes[lane].side, err) < 0)
		return -1;
	return spool_add(intake->spool, batch, err);
}

static int take_piece(void *state, size_t lane, struct batch *piece, struct error *err)
{
	struct intaking *intaking = state;
	struct reading *reading = &intaking->lanes[lane];
	const struct column *target = NULL;

	make_room(reading, piece->n_rows);
	if ((intaking->target != NO_FIELD && !(target = column_read(piece, (size_t)intaking->target, err))) || marks_read(&intaking->marks, piece, reading->of_row, err) < 0)
		return -1;
	mark_rows(reading, piece->n_rows, target);
	profile_add(&reading->profile, piece, reading->train);
	if (target)
		target_look_add(&reading->target, target, piece->schema->fields[intaking->target].type, piece->n_rows, reading->train);
	return 0;
}

/* What the lanes have seen, in the first one and in the intake. */
static void merge_lanes(struct intaking *intaking, size_t n_lanes)
{
	struct intake *intake = intaking->intake;
	struct reading *first = &intaking->lanes[0];

	for (size_t lane = 0; lane < n_lanes; lane++) {
		struct reading *reading = &intaking->lanes[lane];

		intake->n_rows += reading->n_rows;
		intake->n_train += reading->n_train;
		intake->n_valid += reading->n_valid;
		intake->n_marked_valid += reading->n_marked_valid;
		intake->n_held += reading->n_held;
		intake->n_given += reading->n_given;
		intake->n_none += reading->n_none;
		intake->no_target += reading->no_target;
		if (lane == 0)
			continue;
		profile_merge(&first->profile, &reading->profile);
		target_look_merge(&first->target, &reading->target);
		for (size_t i = 0; i < intaking->n_fields; i++)
			merge_counters(&first->counting[i], &reading->counting[i]);
		if (intaking->classes)
			distinct_merge(&first->classes, &reading->classes, NULL);
		if (intaking->setup->by)
			distinct_merge(&first->groups, &reading->groups, NULL);
	}
	profile_close(&first->profile);
	intake->profile = first->profile;
	intake->target = first->target;
	first->profile = (struct profile){ .fields = NULL };
}

/* Few rows may count up by chance, or because that is what was measured. */
static void name_counters(struct intaking *intaking, const struct schema *schema)
{
	for (size_t i = 0; i < intaking->n_fields && intaking->intake->n_rows >= COUNTED_ROWS; i++) {
		const struct counting *counting = &intaking->lanes[0].counting[i];

		if (counting->seen && !counting->broken && (int)intaking->fields[i] != intaking->setup->by_col)
			names_add(&intaking->intake->counters, schema->fields[intaking->fields[i]].name);
	}
}

static void add_class(struct intake *intake, const char *name, uint64_t rows)
{
	if (names_add_new(&intake->classes, name)) {
		intake->class_rows = mem_resize(intake->class_rows, intake->classes.n, sizeof *intake->class_rows);
		intake->class_rows[intake->classes.n - 1] = 0;
	}
	intake->class_rows[names_find(&intake->classes, name)] += rows;
}

struct number_class { char name[NUMBER_SIZE]; uint64_t rows; };

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct number_class *)a)->name, ((const struct number_class *)b)->name);
}

/* Whole numbers as they print, an int or a real: the class of 1.0 is 1. */
static void name_numbers(struct intake *intake, const struct few_value *values, size_t n)
{
	struct number_class *sorted = mem_new(n + 1, sizeof *sorted);

	for (size_t i = 0; i < n; i++) {
		sorted[i].rows = values[i].rows;
		sorted[i].name[number_print_int(sorted[i].name, values[i].value)] = '\0';
	}
	qsort(sorted, n, sizeof *sorted, compare_names);
	for (size_t i = 0; i < n; i++)
		add_class(intake, sorted[i].name, sorted[i].rows);
	free(sorted);
}

static int name_reals(struct intaking *intaking, struct error *err)
{
	const struct distinct *classes = &intaking->lanes[0].classes;
	struct few_value *values;

	if (intaking->intake->target.few.fractions)
		return error_set(err, STATUS_FAILED, "the target '%s' is real, and not all of its values are whole: classes are text, bool or whole numbers "
		                 "(cast it to text)", intaking->setup->target);
	values = mem_array(classes->n, sizeof *values);
	for (size_t i = 0; i < classes->n; i++) {
		double value;

		memcpy(&value, distinct_bytes(classes, i), sizeof value);
		values[i] = (struct few_value){ (int64_t)value, classes->items[i].count };
	}
	name_numbers(intaking->intake, values, classes->n);
	free(values);
	return 0;
}

/* Classes that only the rows could tell of: two, a few for who wants these, or none. */
static void find_classes(struct intake *intake, bool few)
{
	const struct few_values *seen = &intake->target.few;
	struct few_value values[2];

	if (few_values_classes(seen, values))
		name_numbers(intake, values, 2);
	else if (few && seen->n >= 2 && !seen->many && !seen->fractions)
		name_numbers(intake, seen->items, seen->n);
}

/* Classes of a bool are named as its cells were written. */
static int name_others(struct intaking *intaking, const struct field *target, struct error *err)
{
	const struct distinct *classes = &intaking->lanes[0].classes;
	uint32_t *order = distinct_order(classes);
	struct buffer text = BUFFER_INIT;
	int result = 0;

	for (size_t i = 0; i < classes->n && result == 0; i++) {
		buffer_clear(&text);
		if (target->type == TYPE_BOOL)
			buffer_add_text(&text, form_word(target->form, *(const uint8_t *)distinct_bytes(classes, order[i])));
		else
			distinct_print(classes, order[i], &text);
		if (memchr(buffer_text(&text), '\0', text.size))
			result = error_set(err, STATUS_FAILED, "the target '%s': a class holds a NUL byte", intaking->setup->target);
		else
			add_class(intaking->intake, buffer_text(&text), classes->items[order[i]].count);
	}
	buffer_free(&text);
	free(order);
	return result;
}

/* All classes are usual words for missing: a column of nothing else is text, and has no value. Unless who read it said that they are values. */
static bool are_missing_words(const struct distinct *classes, const struct header *header, enum type type)
{
	size_t n = 0;

	if (type != TYPE_TEXT || style_option(&header->lineage.style, "no-null-words"))
		return false;
	while (n < classes->n && null_word(distinct_bytes(classes, n), classes->items[n].size) != NO_NULL_WORD)
		n++;
	return n > 0 && n == classes->n;
}

/* The target's: it is one of the profile's fields. */
static const struct distinct *levels_of(const struct intake *intake, const char *target)
{
	const struct field_profile *field = intake->profile.fields;

	while (strcmp(field->field.name, target) != 0)
		field++;
	return &field->levels;
}

static int name_classes(struct intaking *intaking, const struct header *header, struct error *err)
{
	const struct setup *setup = intaking->setup;
	struct intake *intake = intaking->intake;
	size_t n = intaking->lanes[0].classes.n;
	enum type type = header->schema.fields[setup->target_col].type;

	if (setup->automatic && type == TYPE_TEXT && target_check_text(&intake->target, n, levels_of(intake, setup->target), intaking->rows,
	                                                               &setup->marks, header, setup->target_col, setup->host, err) < 0)
		return -1;
	if (n > MANY_CLASSES)
		return error_set(err, STATUS_FAILED, "the target '%s' has more than %d classes (%s)", setup->target, MANY_CLASSES,
		                 type == TYPE_INT || type == TYPE_REAL ? "--task regression takes it as a number"
		                 : "give rare ones one name, or leave them out");
	if ((type == TYPE_REAL ? name_reals(intaking, err) : name_others(intaking, &header->schema.fields[setup->target_col], err)) < 0)
		return -1;
	if (are_missing_words(&intaking->lanes[0].classes, header, type))
		return error_set(err, STATUS_FAILED, "the target '%s' is missing in all training rows: they hold %s'%s'", setup->target,
		                 intake->classes.n > 1 ? "words such as " : "", intake->classes.items[0]);
	if (intake->classes.n < 2)
		return error_set(err, STATUS_FAILED, "the target '%s' has only one class in the training rows", setup->target);
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order in which class_numbers finds them. */
static int name_groups(struct intaking *intaking, const struct field *by, struct error *err)
{
	const struct distinct *groups = &intaking->lanes[0].groups;
	char **texts;
	int result = 0;

	if (groups->n > MANY_GROUPS)
		return error_set(err, STATUS_FAILED, "by=%s: it has more than %d groups", by->name, MANY_GROUPS);
	texts = mem_array(groups->n + 1, sizeof *texts);
	for (size_t i = 0; i < groups->n; i++) {
		struct buffer text = BUFFER_INIT;

		if (by->type == TYPE_BOOL)
			buffer_add_text(&text, form_word(by->form, *(const uint8_t *)distinct_bytes(groups, i)));
		else
			distinct_print(groups, i, &text);
		if (memchr(buffer_text(&text), '\0', text.size))
			result = error_set(err, STATUS_FAILED, "by=%s: a group holds a NUL byte", by->name);
		texts[i] = mem_text(buffer_text(&text));
		buffer_free(&text);
	}
	if (groups->n > 0)
		qsort(texts, groups->n, sizeof *texts, compare_texts);
	for (size_t i = 0; i < groups->n; i++)
		names_take(&intaking->intake->groups, texts[i]);
	free(texts);
	return result;
}

static int check_rows(const struct intake *intake, const struct setup *setup, struct error *err)
{
	if (intake->n_train > 0)
		return 0;
	if (intake->n_rows == 0)
		return error_set(err, STATUS_FAILED, "no rows to train on");
	if (intake->no_target > 0)
		return error_set(err, STATUS_FAILED, "no rows to train on: the target '%s' is missing in all of them", setup->target);
	return error_set(err, STATUS_FAILED, "no rows to train on: all %llu are held out", (unsigned long long)intake->n_rows);
}

/* The columns of the profile, and those of pieces. */
static void choose_columns(struct intaking *intaking, const struct schema *schema)
{
	const struct setup *setup = intaking->setup;

	for (size_t i = 0; i < setup->n_cols; i++) {
		size_t col = setup->cols[i];
		const struct field *field = &schema->fields[col];

		if ((int)col != setup->target_col && (int)col != setup->by_col && field->role != ROLE_FEATURE)
			continue;
		intaking->fields[intaking->n_fields++] = col;
		if (field->type == TYPE_TEXT)
			continue;
		if ((int)col == setup->target_col)
			intaking->target = (int)intaking->n_cols;
		intaking->cols[intaking->n_cols++] = col;
	}
	if (setup->target && schema->fields[setup->target_col].type == TYPE_TEXT) {
		intaking->target = (int)intaking->n_cols;
		intaking->cols[intaking->n_cols++] = (size_t)setup->target_col;
	}
	intaking->marks = setup->marks;
	intaking->marks.maker_col = intaking->target;
	if (setup->marks.split != NO_FIELD) {
		intaking->marks.split = (int)intaking->n_cols;
		intaking->cols[intaking->n_cols++] = (size_t)setup->marks.split;
	}
}

static void intaking_release(struct intaking *intaking, size_t n_lanes)
{
	for (size_t lane = 0; lane < n_lanes; lane++) {
		struct reading *reading = &intaking->lanes[lane];

		profile_release(&reading->profile);
		if (intaking->classes)
			distinct_release(&reading->classes);
		if (intaking->setup->by)
			distinct_release(&reading->groups);
		free(reading->counting);
		free(reading->of_row);
		free(reading->train);
		free(reading->handed);
		batch_free(&reading->side);
	}
	free(intaking->lanes);
	free(intaking->fields);
	free(intaking->cols);
}

static int take_in(struct intake *intake, struct source *input, struct spool *rows, const struct setup *setup, size_t n_lanes, struct error *err)
{
	const struct schema *schema = &input->header->schema;
	struct intaking intaking = { .intake = intake, .rows = rows, .setup = setup, .lanes = mem_new(n_lanes, sizeof *intaking.lanes),
	                             .fields = mem_array(setup->n_cols + 1, sizeof *intaking.fields),
	                             .cols = mem_array(setup->n_cols + 2, sizeof *intaking.cols), .target = NO_FIELD,
	                             .classes = setup->task == TASK_CLASSIFICATION && !setup->from };
	struct block_work work = { .look = look_at_batch, .keep = intake->spool ? keep_batch : NULL, .piece = take_piece, .state = &intaking,
	                           .host = setup->host };
	int result = -1;

	choose_columns(&intaking, schema);
	for (size_t lane = 0; lane < n_lanes; lane++) {
		profile_init(&intaking.lanes[lane].profile, schema, intaking.fields, intaking.n_fields);
		intaking.lanes[lane].counting = mem_new(intaking.n_fields, sizeof *intaking.lanes[lane].counting);
		if (intaking.classes)
			distinct_start(&intaking.lanes[lane].classes, schema->fields[setup->target_col].type);
		if (setup->by)
			distinct_start(&intaking.lanes[lane].groups, schema->fields[setup->by_col].type);
	}
	work.cols = intaking.cols;
	work.n_cols = intaking.n_cols;
	if (blocks_run(input, n_lanes, &work, err) < 0 || (intake->spool && spool_close(intake->spool, err) < 0) ||
	    (intake->side.n_cols > 0 && side_columns_close(&intake->side, err) < 0))
		goto out;
	merge_lanes(&intaking, n_lanes);
	name_counters(&intaking, schema);
	if (intake->spool)
		spool_trim(intake->spool);
	end_copy(&intake->end, input->end(input->state));
	if (check_rows(intake, setup, err) < 0)
		goto out;
	result = intaking.classes ? name_classes(&intaking, input->header, err) : 0;
	if (setup->from) {
		names_copy(&intake->classes, &setup->from->problem.classes);
		intake->class_rows = mem_new(intake->classes.n + 1, sizeof *intake->class_rows);
	}
	if (setup->open)
		find_classes(intake, setup->few);
	if (setup->by && result == 0)
		result = name_groups(&intaking, &schema->fields[setup->by_col], err);
out:
	intaking_release(&intaking, n_lanes);
	return result;
}

int intake_look(struct intake *intake, struct spool *rows, const struct header *header, const struct setup *setup, size_t n_lanes, struct error *err)
{
	struct source source = { .next = NULL };
	int result;

	*intake = (struct intake){ .spool = NULL };
	spool_source(rows, header, NULL, &source);
	result = take_in(intake, &source, rows, setup, n_lanes, err);
	source_close(&source);
	return result;
}

int intake_read(struct intake *intake, struct source *input, const struct setup *setup, size_t n_lanes, uint64_t memory, struct error *err)
{
	*intake = (struct intake){ .spool = spool_new(memory, setup->host) };
	return take_in(intake, input, intake->spool, setup, n_lanes, err);
}

int intake_read_apart(struct intake *intake, struct source *input, const struct setup *setup, size_t n_lanes, uint64_t memory, struct error *err)
{
	uint64_t at_side = memory / SIDE_SHARE;

	*intake = (struct intake){ .spool = NULL };
	side_columns_init(&intake->side, &input->header->schema, setup, at_side);
	if (intake->side.n_cols > 0)
		intake->spool = spool_new_of(memory - at_side, intake->side.kept, intake->side.n_kept, setup->host);
	else
		intake->spool = spool_new(memory, setup->host);
	return take_in(intake, input, intake->spool, setup, n_lanes, err);
}

uint64_t intake_memory(const struct intake *intake)
{
	return spool_memory(intake->spool) + (intake->side.n_cols > 0 ? spool_memory(intake->side.spool) : 0);
}

void intake_release(struct intake *intake)
{
	spool_free(intake->spool);
	side_columns_release(&intake->side);
	end_release(&intake->end);
	profile_release(&intake->profile);
	names_release(&intake->classes);
	free(intake->class_rows);
	names_release(&intake->counters);
	names_release(&intake->groups);
	*intake = (struct intake){ .spool = NULL };
}
