/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include "batch_join.h"

enum { SHORT_ROWS = 1024, SHORT_BYTES = 256 * 1024 };   /* batches below both are gathered until they are not */

bool gather_wants(const struct batch *batch)
{
	return batch->n_rows < SHORT_ROWS && batch_bytes(batch) < SHORT_BYTES;
}

bool gather_full(const struct gather *gather)
{
	return gather->n_rows >= SHORT_ROWS || gather->bytes >= SHORT_BYTES;
}

/* The items from `first` on become one. */
static int join(struct gather *gather, size_t first, struct error *err)
{
	struct batch joined = BATCH_INIT;
	int result;

	if (!gather->texts)
		gather->texts = text_builder_new();
	result = batch_join(&joined, &gather->items[first], gather->n - first, gather->texts, err);
	batch_compact(&joined);
	for (size_t i = first; i < gather->n; i++)
		batch_free(&gather->items[i]);
	gather->items[first] = joined;
	gather->n = first + 1;
	return result;
}

int gather_add(struct gather *gather, struct batch *batch, struct error *err)
{
	size_t run = 1;
	unsigned level = 0;

	gather->n_rows += batch->n_rows;
	gather->bytes += batch_bytes(batch);
	gather->items[gather->n] = (struct batch)BATCH_INIT;
	batch_move(&gather->items[gather->n], batch);
	gather->levels[gather->n++] = 0;
	/* The last level has room for all that is left. */
	while (level + 1 < GATHER_LEVELS) {
		for (run = 0; run < gather->n && gather->levels[gather->n - 1 - run] == level;)
			run++;
		if (run < GATHER_RUN)
			break;
		if (join(gather, gather->n - run, err) < 0)
			return -1;
		gather->levels[gather->n - 1] = (unsigned char)++level;
	}
	return 0;
}

int gather_take(struct gather *gather, struct batch *to, struct error *err)
{
	if (gather->n > 1 && join(gather, 0, err) < 0)
		return -1;
	batch_move(to, &gather->items[0]);
	batch_free(&gather->items[0]);
	gather->n = gather->n_rows = gather->bytes = 0;
	return 0;
}

void gather_release(struct gather *gather)
{
	for (size_t i = 0; i < gather->n; i++)
		batch_free(&gather->items[i]);
	text_builder_free(gather->texts);
	gather->n = 0;
	gather->texts = NULL;
}
