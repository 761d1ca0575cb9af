/* SPDX-License-Identifier: MIT */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { MANY_CLASSES = 1000 };

struct reading {
	struct intake *intake;
	const struct setup *setup;
	struct marks marks;
	unsigned char *of_row;          /* marks of the batch */
	uint64_t *train;                /* bit map: training rows with a target */
	size_t room;
	struct distinct classes;
};

static void count_rows(struct reading *reading, const struct batch *batch, const struct column *target)
{
	struct intake *intake = reading->intake;

	memset(reading->train, 0, (batch->n_rows + 63) / 64 * sizeof *reading->train);
	for (size_t row = 0; row < batch->n_rows; row++) {
		unsigned char mark = reading->of_row[row];
		bool has_target = column_valid(target, row);

		intake->n_held += mark != MARK_TRAIN;
		intake->no_target += mark != MARK_TEST && !has_target;
		intake->n_valid += mark == MARK_VALID && has_target;
		if (mark == MARK_TRAIN && has_target) {
			reading->train[row / 64] |= UINT64_C(1) << row % 64;
			intake->n_train++;
		}
	}
	intake->n_rows += batch->n_rows;
}

static int read_batch(struct reading *reading, struct batch *batch, struct error *err)
{
	struct intake *intake = reading->intake;
	const struct column *target;

	if (batch->n_rows > reading->room) {
		reading->room = batch->n_rows;
		reading->of_row = mem_resize(reading->of_row, reading->room, 1);
		reading->train = mem_resize(reading->train, (reading->room + 63) / 64, sizeof *reading->train);
	}
	target = column_read(batch, reading->setup->target_col, err);
	if (!target)
		return error_prefix(err, "column '%s'", reading->setup->target);
	if (marks_read(&reading->marks, batch, reading->of_row, err) < 0)
		return -1;
	count_rows(reading, batch, target);
	if (profile_add(&intake->profile, batch, reading->train, err) < 0)
		return -1;
	if (reading->setup->task == TASK_CLASSIFICATION)
		distinct_rows(&reading->classes, target, batch->n_rows, reading->train);
	if (reading->classes.n > MANY_CLASSES)
		return error_set(err, STATUS_FAILED, "the target '%s' has more than %d classes", reading->setup->target, MANY_CLASSES);
	return spool_add(intake->spool, batch, err);
}

static int name_classes(struct reading *reading, struct error *err)
{
	uint32_t *order = distinct_order(&reading->classes);
	struct buffer text = BUFFER_INIT;
	int result = 0;

	for (size_t i = 0; i < reading->classes.n && result == 0; i++) {
		buffer_clear(&text);
		distinct_print(&reading->classes, order[i], &text);
		if (memchr(buffer_text(&text), '\0', text.size))
			result = error_set(err, STATUS_FAILED, "the target '%s': a class holds a NUL byte", reading->setup->target);
		else
			names_add(&reading->intake->classes, buffer_text(&text));
	}
	buffer_free(&text);
	free(order);
	if (result == 0 && reading->classes.n < 2)
		result = error_set(err, STATUS_FAILED, "the target '%s' has only one class in the training rows", reading->setup->target);
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

static size_t profile_cols(const struct setup *setup, const struct schema *schema, size_t *cols)
{
	size_t n = 0;

	for (size_t i = 0; i < setup->n_cols; i++) {
		enum role role = schema->fields[setup->cols[i]].role;

		if (setup->cols[i] == setup->target_col || role == ROLE_FEATURE)
			cols[n++] = setup->cols[i];
	}
	return n;
}

int intake_read(struct intake *intake, struct source *input, const struct setup *setup, uint64_t memory, struct error *err)
{
	struct reading reading = { .intake = intake, .setup = setup, .marks = setup->marks };
	const struct schema *schema = &input->header->schema;
	size_t *cols = mem_array(setup->n_cols, sizeof *cols), n;
	int result = -1;

	*intake = (struct intake){ .spool = spool_new(memory) };
	n = profile_cols(setup, schema, cols);
	profile_init(&intake->profile, schema, cols, n);
	if (setup->task == TASK_CLASSIFICATION)
		distinct_start(&reading.classes, schema->fields[setup->target_col].type);
	for (;;) {
		struct batch *batch;

		if (source_next(input, &batch, err) < 0 || (batch && read_batch(&reading, batch, err) < 0))
			goto out;
		if (!batch)
			break;
	}
	end_copy(&intake->end, input->end(input->state));
	if (check_rows(intake, setup, err) < 0)
		goto out;
	result = setup->task == TASK_CLASSIFICATION ? name_classes(&reading, err) : 0;
out:
	if (setup->task == TASK_CLASSIFICATION)
		distinct_release(&reading.classes);
	free(reading.of_row);
	free(reading.train);
	free(cols);
	return result;
}

void intake_release(struct intake *intake)
{
	spool_free(intake->spool);
	end_release(&intake->end);
	profile_release(&intake->profile);
	names_release(&intake->classes);
	*intake = (struct intake){ .spool = NULL };
}
