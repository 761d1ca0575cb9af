/* SPDX-License-Identifier: MIT */
/*
 * Batches kept for another pass: in memory as long as they fit (blocks shared
 * with whoever made them), then as a stream in an unlinked temporary file. The
 * batches in memory come first, those in the file follow.
 */
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"
#include "stream.h"

struct spool {
	uint64_t memory, used, rows;
	struct batch *batches;
	size_t n_batches, room;
	int fd;                         /* -1: nothing spilled yet */
	struct writer *writer;          /* to fd */
	struct schema schema;           /* of the batches: their own may go before the spool does */
	bool has_schema, closed;        /* closed: the file has its end */
};

struct spool *spool_new(uint64_t memory)
{
	struct spool *spool = mem_new(1, sizeof *spool);

	spool->memory = memory;
	spool->fd = -1;
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	for (size_t i = 0; i < spool->n_batches; i++)
		batch_free(&spool->batches[i]);
	free(spool->batches);
	writer_free(spool->writer);
	if (spool->fd >= 0)
		close(spool->fd);
	schema_release(&spool->schema);
	free(spool);
}

static int spill_open(struct spool *spool, struct error *err)
{
	struct header header = {.schema = spool->schema};

	spool->fd = file_unnamed(err);
	if (spool->fd < 0)
		return -1;
	spool->writer = writer_new(spool->fd, 0);
	return writer_header(spool->writer, &header, err);
}

int spool_add(struct spool *spool, const struct batch *batch, struct error *err)
{
	size_t bytes = batch_bytes(batch);

	if (!spool->has_schema) {
		schema_copy(&spool->schema, batch->schema);
		spool->has_schema = true;
	}
	spool->rows += batch->n_rows;
	if (spool->fd < 0 && spool->used + bytes <= spool->memory) {
		struct batch *held;

		array_grow(spool->batches, spool->n_batches, spool->room);
		held = &spool->batches[spool->n_batches++];
		*held = (struct batch)BATCH_INIT;
		batch_hold(held, batch);
		held->schema = &spool->schema;
		spool->used += bytes;
		return 0;
	}
	if (spool->fd < 0 && spill_open(spool, err))
		return -1;
	if (writer_batch(spool->writer, batch, err))
		return error_prefix(err, "temporary file (TMPDIR)");
	return 0;
}

/* ---- reading again ---- */

struct spool_reader {
	struct spool *spool;
	const struct header *header;
	const struct end *end;
	struct end none;
	size_t next;
	bool drain;
	struct batch batch;             /* what the caller may change: a view of the held one, or itself */
	struct source file;
};

static int file_open(struct spool_reader *reader, struct error *err)
{
	struct spool *spool = reader->spool;
	const struct end none = END_INIT;

	if (!spool->closed && writer_end(spool->writer, &none, err))
		return error_prefix(err, "temporary file (TMPDIR)");
	spool->closed = true;
	if (lseek(spool->fd, 0, SEEK_SET) < 0)
		return error_errno(err, "temporary file");
	return reader_open(&reader->file, spool->fd, "temporary file", NULL, err);
}

static int next(void *state, struct batch **batch, struct error *err)
{
	struct spool_reader *reader = state;
	struct spool *spool = reader->spool;

	*batch = NULL;
	if (reader->next < spool->n_batches) {
		struct batch *held = &spool->batches[reader->next++];

		if (reader->drain) {
			batch_free(&reader->batch);
			reader->batch = *held;
			*held = (struct batch)BATCH_INIT;
		} else {
			batch_hold(&reader->batch, held);
		}
		reader->batch.schema = &reader->header->schema;
		*batch = &reader->batch;
		return 0;
	}
	if (spool->fd < 0)
		return 0;
	if (!reader->file.next && file_open(reader, err))
		return -1;
	if (source_next(&reader->file, batch, err))
		return -1;
	if (*batch)
		(*batch)->schema = &reader->header->schema;
	return 0;
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
	batch_free(&reader->batch);
	free(reader);
}

static void open_source(struct spool *spool, const struct header *header, const struct end *last, bool drain, struct source *source)
{
	struct spool_reader *reader = mem_new(1, sizeof *reader);

	reader->spool = spool;
	reader->header = header;
	reader->end = last;
	reader->drain = drain;
	*source = (struct source){header, next, end, close_reader, reader};
}

void spool_source(struct spool *spool, const struct header *header, const struct end *last, struct source *source)
{
	open_source(spool, header, last, false, source);
}

void spool_drain(struct spool *spool, const struct header *header, const struct end *last, struct source *source)
{
	open_source(spool, header, last, true, source);
}
