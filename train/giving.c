/* SPDX-License-Identifier: MIT */
#include "giving.h"

#include <stdlib.h>

#include "lanes.h"
#include "memory.h"
#include "stages.h"

int giving_open(struct giving *giving, const char *path, struct error *err)
{
	giving->path = path;
	if (!path)
		return 0;
	return file_apart(path, giving->host, err) < 0 ? -1 : file_create(&giving->file, path, giving->host, err);
}

int giving_file(struct giving *giving, const struct handed *what, struct error *err)
{
	struct writer *writer;
	int result;

	if (!giving->file.path)
		return 0;
	writer = writer_new(giving->file.fd, 0, giving->host);
	result = writer_model(writer, what->map, err);
	if (result < 0)
		error_prefix(err, "%s", giving->path);
	else
		result = file_commit(&giving->file, err);
	writer_free(writer);
	return result;
}

/* Only test rows and those marked valid stay, as they came, without what is kept at the side; without any the batch is empty, and its columns were not looked at. Valid rows
 * that the program chose itself stay here: nothing would tell them from test rows. */
static int keep_held(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	const struct handed *what = state;
	const struct side_columns *side = &what->intake->side;
	struct marks marks = *what->marks;
	struct batch kept = BATCH_INIT;
	unsigned char *of_row = mem_array(batch->n_rows, 1);
	uint64_t *rows = mem_array(bits_words(batch->n_rows), sizeof *rows);
	size_t n_kept = 0;
	int result;

	(void)lane, (void)slot, (void)turn;
	marks.n_folds = 0;
	result = marks_read(&marks, batch, of_row, err);
	if (result == 0)
		n_kept = handed_rows(&marks, of_row, batch->n_rows, rows);
	if (side->n_cols > 0) {
		batch_view(&kept, batch, &side->kept_schema, side->kept);
		batch_move(batch, &kept);
		batch_free(&kept);
	}
	if (result == 0 && n_kept > 0)
		result = batch_keep(batch, rows, n_kept, err);
	else
		batch_clear(batch);
	free(of_row);
	free(rows);
	return result;
}

/* Nobody reads the spool after this. */
static int write_held(const struct giving *giving, const struct handed *what, struct error *err)
{
	const struct lanes_work work = { .work = keep_held, .state = (void *)what, .host = giving->host };
	struct side_columns *side = &what->intake->side;
	struct source rows = { .next = NULL };
	struct batch batch = BATCH_INIT;
	struct lanes *lanes;
	int result;

	if (what->intake->n_given == 0)
		return 0;
	spool_drain(what->intake->spool, what->header, NULL, &rows);
	lanes = lanes_new(&rows, what->n_lanes, &work);
	if (side->n_cols > 0)
		side_columns_open(side);
	while ((result = lanes_next(lanes, &batch, false, err)) == 1) {
		if (side->n_cols > 0)
			result = side_columns_join(side, &batch, &what->header->schema, err);
		if (result < 0 || (result = output_batch(giving->output, &batch, err)) < 0)
			break;
	}
	lanes_free(lanes);
	batch_free(&batch);
	source_close(&rows);
	return result;
}

int giving_stream(struct giving *giving, const struct handed *what, struct error *err)
{
	const struct intake *intake = what->intake;
	struct stage stage = { .program = (char *)giving->host->program, .rows_in = intake->n_rows, .rows_out = intake->n_given };
	struct end end = END_INIT;
	int result;

	end_copy(&end, &intake->end);
	tally_add(&stage.dropped, "learned from", NULL, what->rows->n_train);
	tally_add(&stage.dropped, what->watched ? "watched the training" : "valid, and not looked at", NULL, intake->n_held - intake->n_given);
	tally_add(&stage.dropped, "marked none", NULL, intake->n_none);
	tally_add(&stage.dropped, "no target", NULL, intake->n_rows - intake->n_held - intake->n_none - what->rows->n_train);
	if (output_model(giving->output, what->map, err) < 0 || output_header(giving->output, what->header, err) < 0 ||
	    write_held(giving, what, err) < 0) {
		result = -1;
	} else {
		stage.seconds = host_seconds(giving->host);
		end_add_stage(&end, &stage);
		result = output_end(giving->output, &end, err);
	}
	if (result == 0 && what->verbose)
		output_stages(&end);
	tally_release(&stage.dropped);
	end_release(&end);
	return result;
}

void giving_say(const struct giving *giving, struct error *err)
{
	if (giving->path && err->code != STATUS_PIPE && (err->passed_on || err->code == STATUS_UPSTREAM))
		error_own(err, "%s is not written", giving->path);
}

void giving_release(struct giving *giving)
{
	file_abandon(&giving->file);
	output_free(giving->output);
	giving->output = NULL;
}
