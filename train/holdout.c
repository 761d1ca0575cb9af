/* SPDX-License-Identifier: MIT */
#include "holdout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "few_values.h"
#include "memory.h"

enum { MANY_CLASSES = 1000 };           /* more than a model takes (intake.c) */

struct looking {
	struct holdout *holdout;
	const struct setup *setup;
	const struct schema *schema;
	struct strata strata;
	struct few_values few;          /* of an open task */
	bool classes;                   /* so far they may be counted */
	bool words, valid;              /* marks are words; a row is marked valid */
	bool counts;                    /* training rows are, for whom to hold back; up to WATCH_FROM */
	uint64_t n_learned;             /* they, so far */
	uint64_t *keys;
	unsigned char *marks;
};

static int make_marks(const struct mark_maker *maker, struct batch *batch, size_t col, unsigned char *to, struct error *err)
{
	const struct holdout *holdout = maker->state;
	const struct column *column = column_read(batch, col, err);
	struct arena scratch = ARENA_INIT;
	uint64_t *keys;
	uint32_t *parts;

	if (!column)
		return -1;
	keys = arena_array(&scratch, batch->n_rows, sizeof *keys);
	parts = arena_array(&scratch, batch->n_rows, sizeof *parts);
	marks_keys(&holdout->keyed, batch, keys);
	cuts_of_rows(&holdout->cuts, column, batch->n_rows, keys, &scratch, parts);
	for (size_t row = 0; row < batch->n_rows; row++)
		to[row] = (unsigned char)share_mark(parts[row]);
	arena_free(&scratch);
	return 0;
}

/* ---- looking ---- */

static int look_at_target(struct looking *looking, struct batch *batch, struct error *err)
{
	const struct setup *setup = looking->setup;
	size_t col = (size_t)setup->target_col;
	enum type type = looking->schema->fields[col].type;
	const struct column *target = column_read(batch, col, err);

	if (!target)
		return error_prefix(err, "column '%s'", setup->target);
	if (setup->open)
		few_values_add(&looking->few, target, type, batch->n_rows, NULL);
	looking->classes = !looking->few.many && !looking->few.fractions && looking->strata.classes.n <= MANY_CLASSES;
	if (!looking->classes)
		return 0;
	looking->keys = mem_resize(looking->keys, batch->n_rows + 1, sizeof *looking->keys);
	marks_keys(&setup->marks, batch, looking->keys);
	return strata_add(&looking->strata, target, batch->n_rows, NULL, looking->keys, err);
}

/* Rows that are learned from. Of classes that are parted exactly it is told from their cuts instead. */
static int look_at_marks(struct looking *looking, struct batch *batch, struct error *err)
{
	const struct column *target = column_read(batch, (size_t)looking->setup->target_col, err);

	if (!target)
		return error_prefix(err, "column '%s'", looking->setup->target);
	looking->marks = mem_resize(looking->marks, batch->n_rows + 1, 1);
	if (marks_read(&looking->setup->marks, batch, looking->marks, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		looking->n_learned += looking->marks[row] == MARK_TRAIN && column_valid(target, row);
	looking->valid = memchr(looking->marks, MARK_VALID, batch->n_rows) != NULL;
	return 0;
}

/* Whether the next rows may say something new. */
static bool goes_on(const struct looking *looking)
{
	bool few = looking->counts && looking->n_learned < WATCH_FROM;

	return looking->words ? !looking->valid : looking->classes || few;
}

/* To the end, or as far as there is something to find out. */
static int read_rows(struct looking *looking, struct source *input, struct error *err)
{
	struct holdout *holdout = looking->holdout;
	struct batch batch = BATCH_INIT;
	int result = 0;

	while (result == 0 && !holdout->input_ended && goes_on(looking)) {
		result = source_next(input, &batch, false, err);
		holdout->input_ended = result == 0;
		if (result == 1)
			result = looking->counts ? look_at_marks(looking, &batch, err) : 0;
		if (result == 0 && !holdout->input_ended && looking->classes)
			result = look_at_target(looking, &batch, err);
		if (result == 0 && !holdout->input_ended)
			result = spool_add(holdout->spool, &batch, err);
	}
	batch_free(&batch);
	return result < 0 ? -1 : spool_close(holdout->spool, err);
}

/* ---- handing on: what was read, then the rest ---- */

static int holdout_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct holdout *holdout = state;
	int result = holdout->read.next ? source_next(&holdout->read, to, now, err) : 0;

	if (result != 0 || holdout->input_ended)
		return result;
	source_close(&holdout->read);
	return source_next(&holdout->input, to, now, err);
}

static void holdout_close(void *state)
{
	struct holdout *holdout = state;

	source_close(&holdout->read);
	source_close(&holdout->input);
}

static void hand_on(struct holdout *holdout, struct source *input)
{
	holdout->input = *input;
	spool_drain(holdout->spool, input->header, NULL, &holdout->read);
	*input = (struct source){ .header = input->header, .next = holdout_next, .end = source_inner_end, .close = holdout_close, .cancel = source_inner_cancel,
	                          .state = holdout };
}

/* ---- the marks ---- */

static int stratify(struct looking *looking, struct setup *setup, struct error *err)
{
	struct holdout *holdout = looking->holdout;
	const struct shares shares = { setup->marks.test, setup->marks.valid };
	const struct cut_rule rule = shares_rule(&shares);
	struct few_value two[2];
	struct buffer line = BUFFER_INIT;

	if (!looking->classes || (setup->open && !few_values_classes(&looking->few, two)))
		return 0;
	if (strata_finish(&looking->strata, &rule, &holdout->cuts, err) < 0)
		return -1;
	looking->n_learned = 0;
	for (size_t c = 0; c < holdout->cuts.classes.n; c++) {
		uint64_t n = holdout->cuts.classes.items[c].count, ranks[2];

		rule.ranks(&rule, 0, n, ranks);
		looking->n_learned += n - ranks[1];
	}
	holdout->keyed = setup->marks;
	holdout->maker = (struct mark_maker){ .make = make_marks, .state = holdout };
	setup->marks.maker = &holdout->maker;
	setup->marks.maker_col = (size_t)setup->target_col;
	if (shares_rare(&holdout->cuts, &shares, setup->target, true, &line))
		holdout->rare = mem_text(buffer_text(&line));
	buffer_free(&line);
	return 0;
}

static void hold_back(struct looking *looking, struct setup *setup)
{
	struct holdout *holdout = looking->holdout;

	holdout->few = looking->n_learned < WATCH_FROM;
	if (holdout->few)
		return;
	holdout->watched = true;
	setup->marks.n_folds = WATCH_FOLDS;
	setup->marks.fold = 0;
	setup->marks.of_fold = MARK_VALID;
}

int holdout_look(struct holdout *holdout, struct source *input, struct setup *setup, uint64_t memory, struct error *err)
{
	const struct marks *marks = &setup->marks;
	bool stops = model_stops_early(setup->kind, setup->parameters), words = marks->split != NO_FIELD;
	struct looking looking = { .holdout = holdout, .setup = setup, .schema = &input->header->schema, .few = FEW_VALUES_INIT, .words = words,
	                           .counts = stops && marks->valid == 0 };
	int result = 0;

	*holdout = (struct holdout){ .spool = NULL };
	looking.classes = !words && marks->test + marks->valid > 0 && (setup->open || setup->task == TASK_CLASSIFICATION);
	if (looking.classes || looking.counts) {
		holdout->spool = spool_new(memory / 4 * 3, setup->host);
		strata_init(&looking.strata, setup->target ? looking.schema->fields[setup->target_col].type : TYPE_INT, memory / 4, setup->host, NULL);
		looking.strata.memory = UINT64_MAX;     /* they are few, or given up */
		result = read_rows(&looking, input, err);
		if (result == 0)
			result = stratify(&looking, setup, err);
		if (result == 0)
			hand_on(holdout, input);
		strata_release(&looking.strata);
		free(looking.keys);
		free(looking.marks);
	}
	if (result == 0 && looking.counts && !looking.valid)
		hold_back(&looking, setup);
	return result;
}

void holdout_release(struct holdout *holdout)
{
	holdout_close(holdout);
	spool_free(holdout->spool);
	cuts_release(&holdout->cuts);
	free(holdout->rare);
	*holdout = (struct holdout){ .spool = NULL };
}
