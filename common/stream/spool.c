/* SPDX-License-Identifier: MIT */
/* Batches in memory keep their blocks as they are, unless these are mostly of columns that went. They come first; those in the file follow. */
#include "spool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "gather.h"
#include "memory.h"

struct spool {
	uint64_t memory, used;
	const struct host *host;
	struct batch *batches;
	size_t n_batches, room;
	int fd;                         /* -1: nothing spilled yet */
	struct writer *writer;          /* to fd */
	size_t *cols, n_cols;           /* that are kept; NULL: all */
	struct schema schema;           /* of the batches as they are kept: their own may go before the spool does */
	bool has_schema, closed;        /* closed: all were added, the file has its end */
	struct gather gather;           /* behind all of them: short batches */
	struct pool *pool;              /* of the batches: what is read again lies there too, where they left room */
};

struct spool *spool_new(uint64_t memory, const struct host *host)
{
	struct spool *spool = mem_new(1, sizeof *spool);

	spool->memory = memory;
	spool->host = host;
	spool->fd = -1;
	return spool;
}

struct spool *spool_new_of(uint64_t memory, const size_t *cols, size_t n_cols, const struct host *host)
{
	struct spool *spool = spool_new(memory, host);

	spool->cols = mem_array(n_cols + 1, sizeof *cols);
	memcpy(spool->cols, cols, n_cols * sizeof *cols);
	spool->n_cols = n_cols;
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	for (size_t i = 0; i < spool->n_batches; i++)
		batch_free(&spool->batches[i]);
	free(spool->batches);
	gather_release(&spool->gather);
	writer_free(spool->writer);
	if (spool->fd >= 0)
		close(spool->fd);
	schema_release(&spool->schema);
	pool_drop(spool->pool);
	free(spool->cols);
	free(spool);
}

static int spill_open(struct spool *spool, struct error *err)
{
	struct header header = { .schema = spool->schema };

	spool->fd = file_unnamed(spool->host, err);
	if (spool->fd < 0)
		return -1;
	spool->writer = writer_new(spool->fd, 0, spool->host);
	return writer_header(spool->writer, &header, err) < 0 ? file_unnamed_failed(spool->host, err) : 0;
}

/* To memory, or to the file. */
static int keep(struct spool *spool, struct batch *batch, struct error *err)
{
	uint64_t bytes;
	int result;

	if (spool->fd < 0) {
		if (!batch->compact)
			batch_compact(batch);
		bytes = batch_memory(batch);
		if (spool->used + bytes <= spool->memory) {
			array_grow(spool->batches, spool->n_batches, spool->room);
			spool->batches[spool->n_batches] = (struct batch)BATCH_INIT;
			batch_move(&spool->batches[spool->n_batches], batch);
			spool->batches[spool->n_batches++].schema = &spool->schema;
			spool->used += bytes;
			return 0;
		}
	}
	result = spool->fd < 0 ? spill_open(spool, err) : 0;
	if (result == 0 && (result = writer_batch(spool->writer, batch, err)) < 0)
		file_unnamed_failed(spool->host, err);
	batch_clear(batch);
	return result;
}

static int keep_gathered(struct spool *spool, struct error *err)
{
	struct batch gathered = BATCH_INIT;
	int result = 0;

	if (spool->gather.n > 0)
		result = gather_take(&spool->gather, &gathered, err) < 0 ? -1 : keep(spool, &gathered, err);
	batch_free(&gathered);
	return result;
}

/* The columns that are kept become all of the batch. */
static void leave_out(const struct spool *spool, struct batch *batch)
{
	struct batch part = BATCH_INIT;

	batch_view(&part, batch, &spool->schema, spool->cols);
	part.compact = batch->compact;
	batch_move(batch, &part);
	batch_free(&part);
}

int spool_add(struct spool *spool, struct batch *batch, struct error *err)
{
	bool is_short = gather_wants(batch);

	assert(!spool->closed);
	if (!spool->has_schema) {
		schema_copy(&spool->schema, batch->schema);
		if (spool->cols)
			schema_arrange(&spool->schema, spool->cols, spool->n_cols);
		spool->has_schema = true;
		spool->pool = pool_use(batch->pool);
	}
	if (batch->n_rows == 0) {
		batch_clear(batch);
		return 0;
	}
	if (spool->cols)
		leave_out(spool, batch);
	if (is_short) {
		batch->schema = &spool->schema;
		if (gather_add(&spool->gather, batch, err) < 0)
			return -1;
	}
	if ((!is_short || gather_full(&spool->gather)) && keep_gathered(spool, err) < 0) {
		batch_clear(batch);
		return -1;
	}
	return is_short ? 0 : keep(spool, batch, err);
}

int spool_close(struct spool *spool, struct error *err)
{
	const struct end none = END_INIT;

	if (spool->closed)
		return 0;
	if (keep_gathered(spool, err) < 0)
		return -1;
	if (spool->fd >= 0 && writer_end(spool->writer, &none, err) < 0)
		return file_unnamed_failed(spool->host, err);
	writer_free(spool->writer);     /* its room is not needed to read */
	spool->writer = NULL;
	spool->closed = true;
	return 0;
}

void spool_trim(const struct spool *spool) { pool_trim(spool->pool); }
uint64_t spool_memory(const struct spool *spool) { return spool->used; }

/* ---- reading again ---- */

struct spool_reader {
	struct spool *spool;
	const struct header *header;
	const struct end *end;
	struct end none;
	size_t next;
	uint64_t rows;
	bool drain;
	struct source file;
};

static int spill_read(struct spool_reader *reader, struct error *err)
{
	const struct spool *spool = reader->spool;
	const struct reader_options options = { .host = spool->host, .pool = spool->pool, .by_place = true };

	return reader_open(&reader->file, spool->fd, "temporary file", &options, err);
}

static int next(void *state, struct batch *to, bool now, struct error *err)
{
	struct spool_reader *reader = state;
	struct spool *spool = reader->spool;
	int result = 0;

	(void)now;
	batch_clear(to);
	if (host_interrupted(spool->host))      /* nothing is waited for here, and a pass may be long */
		return error_set(err, STATUS_INTERRUPT, "interrupted");
	if (reader->next < spool->n_batches) {
		struct batch *held = &spool->batches[reader->next++];

		if (reader->drain)
			batch_move(to, held);
		else
			batch_share(to, held);
		result = 1;
	} else if (spool->fd >= 0) {
		if (!reader->file.next && spill_read(reader, err) < 0)
			return -1;
		result = source_next(&reader->file, to, false, err);
	}
	if (result == 1) {
		if (spool->cols)
			batch_spread(to, &reader->header->schema, spool->cols);
		to->schema = &reader->header->schema;
		to->first_row = reader->rows;
		reader->rows += to->n_rows;
	}
	return result;
}

static const struct end *end(void *state)
{
	const struct spool_reader *reader = state;

	return reader->end ? reader->end : &reader->none;
}

static void close_reader(void *state)
{
	struct spool_reader *reader = state;

	source_close(&reader->file);
	free(reader);
}

static void open_source(struct spool *spool, const struct header *header, const struct end *last, bool drain, struct source *source)
{
	struct spool_reader *reader = mem_new(1, sizeof *reader);

	assert(spool->closed);
	reader->spool = spool;
	reader->header = header;
	reader->end = last;
	reader->drain = drain;
	*source = (struct source){ .header = header, .next = next, .end = end, .close = close_reader, .state = reader };
}

void spool_source(struct spool *spool, const struct header *header, const struct end *last, struct source *source)
{
	open_source(spool, header, last, false, source);
}

void spool_drain(struct spool *spool, const struct header *header, const struct end *last, struct source *source)
{
	open_source(spool, header, last, true, source);
}
