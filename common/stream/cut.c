/* SPDX-License-Identifier: MIT */
#include "cut.h"

#include <stdlib.h>

#include "memory.h"

enum { LONG_BYTES = 4 << 20, SLICE_BYTES = 1 << 20, LEAST_ROWS = 1024 };

struct cut {
	struct source in;
	const struct host *host;
	uint64_t memory;
	bool said;
	struct batch batch;             /* being cut; empty: none is */
	size_t at, n;                   /* its first row that is left; rows of a slice */
};

static int take_slice(struct cut *cut, struct batch *to, struct error *err)
{
	size_t left = cut->batch.n_rows - cut->at, n = left < cut->n ? left : cut->n;

	if (batch_slice(to, &cut->batch, cut->at, n, err) < 0)
		return -1;
	batch_compact(to);              /* a slice that waits must not hold the whole batch */
	cut->at += n;
	if (cut->at == cut->batch.n_rows)
		batch_clear(&cut->batch);
	return 1;
}

static int next(void *state, struct batch *to, bool now, struct error *err)
{
	struct cut *cut = state;
	size_t size;
	int result;

	if (cut->batch.n_rows > 0)
		return take_slice(cut, to, err);
	result = source_next(&cut->in, to, now, err);
	if (result != 1 || to->n_rows <= LEAST_ROWS || (size = batch_bytes(to)) <= LONG_BYTES)
		return result;
	if (size > cut->memory && !cut->said)
		host_note(cut->host, "--memory: the input has batches of %zu MiB, and one is held whole besides", (size + (1 << 20) - 1) >> 20);
	cut->said |= size > cut->memory;
	batch_move(&cut->batch, to);
	cut->at = 0;
	cut->n = (size_t)((double)cut->batch.n_rows * SLICE_BYTES / (double)size);
	if (cut->n < LEAST_ROWS)
		cut->n = LEAST_ROWS;
	return take_slice(cut, to, err);
}

static const struct end *end(void *state)
{
	struct cut *cut = state;

	return cut->in.end(cut->in.state);
}

static void cancel(void *state) { source_cancel(&((struct cut *)state)->in); }

static void close_cut(void *state)
{
	struct cut *cut = state;

	batch_free(&cut->batch);
	source_close(&cut->in);
	free(cut);
}

void source_cut(struct source *source, uint64_t memory, const struct host *host)
{
	struct cut *cut = mem_new(1, sizeof *cut);

	*cut = (struct cut){ .in = *source, .host = host, .memory = memory };
	*source = (struct source){ .header = cut->in.header, .next = next, .end = end, .close = close_cut, .cancel = cancel, .state = cut };
}
