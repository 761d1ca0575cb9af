/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include "progress.h"

/* All records from the source into the sink. */
static int copy_rows(const struct sink_kind *kind, void *sink, struct source *source, struct selection *selection,
                     const struct host *host, uint64_t *n_rows, struct error *err)
{
	struct progress *progress = progress_new(0, true, host);      /* load is never first: only SIGUSR1 asks */
	struct batch batch = BATCH_INIT;
	int result;

	progress_phase(progress, "loading");
	while ((result = source_next(source, &batch, true, err)) == 1) {
		if (selection_apply(selection, &batch, err) < 0 || kind->batch(sink, &batch, err) < 0) {
			result = -1;
			break;
		}
		*n_rows += batch.n_rows;
		progress_rows(progress, *n_rows, *n_rows);
	}
	batch_free(&batch);
	progress_free(progress);
	return result;
}

int sink_fill(const struct sink_kind *kind, void *sink, struct source *source, const struct selection_request *select,
              const struct host *host, uint64_t *n_rows, struct error *err)
{
	struct selection selection = { .columns = NULL };
	int result = -1;

	*n_rows = 0;
	if (selection_make(&selection, select, &source->header->schema, err) == 0 &&
	    kind->header(sink, source->header, &selection.schema, err) == 0 &&
	    copy_rows(kind, sink, source, &selection, host, n_rows, err) == 0)
		result = kind->commit(sink, source->end(source->state), err);
	selection_release(&selection);
	return result;
}
