/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <stdlib.h>

#include "lanes.h"
#include "memory.h"
#include "progress.h"

struct printing { void *printer; struct column *room; };        /* of a lane */
struct printed_batch { struct buffer bytes; size_t n_rows; };         /* of a slot: what was made of its batch */

struct loading {
	const struct sink_kind *kind;
	void *sink;
	const struct selection *selection;
	struct printing *lanes;
	struct printed_batch *slots;
	struct progress *progress;
	uint64_t n_rows;                /* that the sink has */
};

static int print_batch(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	struct loading *loading = state;
	struct printing *mine = &loading->lanes[lane];
	struct printed_batch *to = &loading->slots[slot];
	int result = selection_apply(loading->selection, batch, loading->kind->narrow, mine->room, err);

	(void)turn;
	if (result < 0)
		return -1;
	to->n_rows = batch->n_rows;
	if (!loading->kind->print)
		return 0;
	buffer_clear(&to->bytes);
	result = loading->kind->print(mine->printer, batch, &to->bytes, err);
	batch_clear(batch);
	return result;
}

static int write_batch(void *state, size_t slot, struct batch *batch, bool failed, struct error *err)
{
	struct loading *loading = state;
	const struct printed_batch *of = &loading->slots[slot];
	int result;

	if (failed)
		return 0;
	result = loading->kind->print ? loading->kind->write(loading->sink, &of->bytes, err) : loading->kind->batch(loading->sink, batch, err);
	batch_clear(batch);
	if (result < 0)
		return -1;
	loading->n_rows += of->n_rows;
	progress_rows(loading->progress, loading->n_rows, loading->n_rows);
	return 0;
}

/* All records from the source into the sink. */
static int copy_rows(struct loading *loading, struct source *source, size_t n_threads, const struct host *host, struct error *err)
{
	const struct sink_kind *kind = loading->kind;
	const struct lanes_work work = { .work = print_batch, .give = write_batch, .state = loading, .host = host, .now = true };
	struct lanes *lanes = lanes_new(source, n_threads, &work);
	int result;

	loading->lanes = mem_new(n_threads, sizeof *loading->lanes);
	loading->slots = mem_new(lanes_slots(n_threads), sizeof *loading->slots);
	for (size_t i = 0; i < n_threads; i++) {
		loading->lanes[i].printer = kind->print ? kind->printer(loading->sink) : NULL;
		loading->lanes[i].room = mem_array(loading->selection->schema.n_fields, sizeof *loading->lanes[i].room);
	}
	loading->progress = progress_new(0, true, host);        /* load is never first: only SIGUSR1 asks */
	progress_phase(loading->progress, "loading");
	result = lanes_run(lanes, err);
	lanes_free(lanes);
	progress_free(loading->progress);
	for (size_t i = 0; i < n_threads; i++) {
		if (kind->print)
			kind->printer_free(loading->lanes[i].printer);
		free(loading->lanes[i].room);
	}
	for (size_t i = 0; i < lanes_slots(n_threads); i++)
		buffer_free(&loading->slots[i].bytes);
	free(loading->lanes);
	free(loading->slots);
	return result;
}

int sink_fill(const struct sink_kind *kind, void *sink, struct source *source, const struct selection_request *select, size_t n_threads,
              const struct host *host, uint64_t *n_rows, struct error *err)
{
	struct selection selection = { .columns = NULL };
	struct loading loading = { .kind = kind, .sink = sink, .selection = &selection };
	int result = -1;

	if (selection_make(&selection, select, &source->header->schema, err) == 0 &&
	    kind->header(sink, source->header, &selection.schema, err) == 0 &&
	    copy_rows(&loading, source, n_threads, host, err) == 0)
		result = kind->commit(sink, source->end(source->state), err);
	*n_rows = loading.n_rows;
	selection_release(&selection);
	return result;
}
