/* SPDX-License-Identifier: MIT */
#include "slices.h"

#include <stdlib.h>

#include "memory.h"

enum { LONG_BYTES = 4 << 20, SLICE_BYTES = 1 << 20, LEAST_ROWS = 1024 };

struct slicing {
	struct source in;
	const struct host *host;
	uint64_t memory;
	bool said;
	struct batch batch;             /* being cut; empty: none is */
	size_t at, n;                   /* its first row that is left; rows of a slice */
};

static int take_slice(struct slicing *slicing, struct batch *to, struct error *err)
{
	size_t left = slicing->batch.n_rows - slicing->at, n = left < slicing->n ? left : slicing->n;

	if (batch_slice(to, &slicing->batch, slicing->at, n, err) < 0)
		return -1;
	batch_compact(to);              /* a slice that waits must not hold the whole batch */
	slicing->at += n;
	if (slicing->at == slicing->batch.n_rows)
		batch_clear(&slicing->batch);
	return 1;
}

static int next(void *state, struct batch *to, bool now, struct error *err)
{
	struct slicing *slicing = state;
	size_t size;
	int result;

	if (slicing->batch.n_rows > 0)
		return take_slice(slicing, to, err);
	result = source_next(&slicing->in, to, now, err);
	if (result != 1 || to->n_rows <= LEAST_ROWS || (size = batch_bytes(to)) <= LONG_BYTES)
		return result;
	if (size > slicing->memory && !slicing->said)
		host_note(slicing->host, "--memory: the input has batches of %zu MiB, and one is held whole besides", (size + (1 << 20) - 1) >> 20);
	slicing->said |= size > slicing->memory;
	batch_move(&slicing->batch, to);
	slicing->at = 0;
	slicing->n = (size_t)((double)slicing->batch.n_rows * SLICE_BYTES / (double)size);
	if (slicing->n < LEAST_ROWS)
		slicing->n = LEAST_ROWS;
	return take_slice(slicing, to, err);
}

static const struct end *end(void *state)
{
	struct slicing *slicing = state;

	return slicing->in.end(slicing->in.state);
}

static void cancel(void *state) { source_cancel(&((struct slicing *)state)->in); }

static void close_slicing(void *state)
{
	struct slicing *slicing = state;

	batch_free(&slicing->batch);
	source_close(&slicing->in);
	free(slicing);
}

void source_slice(struct source *source, uint64_t memory, const struct host *host)
{
	struct slicing *slicing = mem_new(1, sizeof *slicing);

	*slicing = (struct slicing){ .in = *source, .host = host, .memory = memory };
	*source = (struct source){ .header = slicing->in.header, .next = next, .end = end, .close = close_slicing, .cancel = cancel, .state = slicing };
}
