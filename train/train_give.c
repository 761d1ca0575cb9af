/* SPDX-License-Identifier: MIT */
#include "train_run.h"

#include <stdlib.h>

#include "lanes.h"
#include "memory.h"
#include "train_report.h"

int train_give_open(struct train_run *run, struct error *err)
{
	const char *path = run->config->output;

	if (!path)
		return 0;
	return file_apart(path, run->config->common.host, err) < 0 ? -1 : file_create(&run->file, path, run->config->common.host, err);
}

static int write_file(struct train_run *run, struct error *err)
{
	struct writer *writer;
	int result;

	if (!run->file.path)
		return 0;
	writer = writer_new(run->file.fd, 0, run->config->common.host);
	result = writer_model(writer, run->map, err);
	if (result < 0)
		error_prefix(err, "%s", run->config->output);
	else
		result = file_commit(&run->file, err);
	writer_free(writer);
	return result;
}

/* Only test rows and those marked valid stay, as they came; without any the batch is empty, and its columns were not looked at. Valid rows
 * that train chose itself stay here: nothing would tell them from test rows. */
static int keep_held(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	const struct train_run *run = state;
	struct marks marks = run->setup.marks;
	bool words = marks.split != NO_FIELD;
	unsigned char *of_row = mem_array(batch->n_rows, 1);
	uint64_t *rows = mem_array(bits_words(batch->n_rows), sizeof *rows);
	size_t n_kept = 0;
	int result;

	(void)lane, (void)slot, (void)turn;
	marks.n_folds = 0;
	result = marks_read(&marks, batch, of_row, err);
	if (result == 0)
		n_kept = marks_pick(of_row, batch->n_rows, words ? 1 << MARK_VALID | 1 << MARK_TEST : 1 << MARK_TEST, rows);
	if (result == 0 && n_kept > 0)
		result = batch_keep(batch, rows, n_kept, err);
	else
		batch_clear(batch);
	free(of_row);
	free(rows);
	return result;
}

/* Nobody reads the spool after this. */
static int write_held(struct train_run *run, struct error *err)
{
	const struct lanes_work work = { .work = keep_held, .state = run, .host = run->config->common.host };
	struct source rows = { .next = NULL };
	struct batch batch = BATCH_INIT;
	struct lanes *lanes;
	int result;

	if (run->intake.n_given == 0)
		return 0;
	spool_drain(run->intake.spool, run->input.header, NULL, &rows);
	lanes = lanes_new(&rows, run->budget.lanes, &work);
	while ((result = lanes_next(lanes, &batch, false, err)) == 1)
		if ((result = output_batch(run->output, &batch, err)) < 0)
			break;
	lanes_free(lanes);
	batch_free(&batch);
	source_close(&rows);
	return result;
}

static int write_stream(struct train_run *run, struct error *err)
{
	const struct host *host = run->config->common.host;
	struct stage stage = { .program = (char *)host->program, .rows_in = run->intake.n_rows, .rows_out = run->intake.n_given };
	struct end end = END_INIT;
	int result;

	end_copy(&end, &run->intake.end);
	tally_add(&stage.dropped, "learned from", NULL, run->lesson->rows.n_train);
	tally_add(&stage.dropped, lesson_watched(run->lesson) ? "watched the training" : "valid, and not looked at", NULL, run->intake.n_held - run->intake.n_given);
	tally_add(&stage.dropped, "marked none", NULL, run->intake.n_none);
	tally_add(&stage.dropped, "no target", NULL, run->intake.n_rows - run->intake.n_held - run->intake.n_none - run->lesson->rows.n_train);
	if (output_model(run->output, run->map, err) < 0 || output_header(run->output, run->input.header, err) < 0 ||
	    write_held(run, err) < 0) {
		result = -1;
	} else {
		stage.seconds = host_seconds(host);
		end_add_stage(&end, &stage);
		result = output_end(run->output, &end, err);
	}
	if (result == 0 && run->config->common.verbose)
		output_stages(&end);
	tally_release(&stage.dropped);
	end_release(&end);
	return result;
}

int train_give_out(struct train_run *run, struct error *err)
{
	if (write_file(run, err) < 0)
		return -1;
	if (run->output)
		return write_stream(run, err);
	return train_report(run->lesson, &run->intake, &run->model, run->config->output, err);
}
