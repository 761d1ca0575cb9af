/* SPDX-License-Identifier: MIT */
/* A file that a stream is written to and read from, and streams of the sample in it. */
#ifndef STREAM_BENCH_H
#define STREAM_BENCH_H

#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "message.h"
#include "sample.h"
#include "unit.h"

/* ---- bytes to read from, bytes that were written ---- */

struct bench { FILE *file; int fd; };

static inline struct bench bench_new(void)
{
	struct bench bench = { .file = tmpfile() };

	if (!bench.file) {
		perror("tmpfile");
		exit(1);
	}
	bench.fd = fileno(bench.file);
	return bench;
}

static inline struct writer *bench_writer(struct bench *bench, int flags)
{
	CHECK(ftruncate(bench->fd, 0) == 0 && lseek(bench->fd, 0, SEEK_SET) == 0);
	return writer_new(bench->fd, flags, NULL);
}

/* What was written so far; the file is empty again. */
static inline void bench_take(struct bench *bench, struct buffer *bytes)
{
	off_t size = lseek(bench->fd, 0, SEEK_END);

	buffer_clear(bytes);
	buffer_reserve(bytes, (size_t)size);
	bytes->size = (size_t)pread(bench->fd, bytes->data, (size_t)size, 0);
	CHECK(ftruncate(bench->fd, 0) == 0 && lseek(bench->fd, 0, SEEK_SET) == 0);
}

static inline void bench_give(struct bench *bench, const void *bytes, size_t size)
{
	CHECK(ftruncate(bench->fd, 0) == 0 && pwrite(bench->fd, bytes, size, 0) == (ssize_t)size && lseek(bench->fd, 0, SEEK_SET) == 0);
}

/* Reads all of `size` bytes as a stream; rows as lines into `lines`. */
static inline int read_bytes(struct bench *bench, const void *bytes, size_t size, size_t read_size, struct buffer *lines, struct error *err)
{
	struct reader_options options = { .read_size = read_size };
	struct source source;
	int result;

	error_clear(err);
	buffer_clear(lines);
	bench_give(bench, bytes, size);
	result = reader_open(&source, bench->fd, "test", &options, err);
	if (result == 0) {
		result = sample_read(&source, lines, err);
		source_close(&source);
	}
	return result;
}

static inline void sample_stage(struct end *end)
{
	struct stage stage = { .program = mem_text("extract"), .rows_in = 50, .rows_out = 48, .rejected = 1, .seconds = 0.25 };

	tally_add(&stage.dropped, "broken row", NULL, 2);
	tally_add_as(&stage.counts, "impute km median", "filled", "km", 3);
	tally_add_as(&stage.counts, "impute km median", "filled", "km", 4);
	tally_add(&stage.counts, "filled", "km", 1);
	end_add_stage(end, &stage);
	stage_release(&stage);
}

/* Batches of n rows, n_batches of them, as one stream; its rows as lines. */
static inline void write_sample(struct bench *bench, int flags, size_t n, size_t n_batches, struct buffer *bytes, struct buffer *lines)
{
	struct writer *writer = bench_writer(bench, flags);
	struct header header;
	struct batch batch = BATCH_INIT;
	struct end end = END_INIT;
	struct error err = ERROR_INIT;

	sample_header(&header);
	sample_stage(&end);
	CHECK(writer_header(writer, &header, &err) == 0);
	for (size_t i = 0; i < n_batches; i++) {
		sample_batch(&batch, &header.schema, i * n, n);
		CHECK(sample_print(&batch, lines, &err) == 0);
		CHECK(writer_batch(writer, &batch, &err) == 0);
	}
	CHECK(writer_end(writer, &end, &err) == 0);
	CHECK(writer_rows(writer) == n * n_batches);
	bench_take(bench, bytes);
	batch_free(&batch);
	end_release(&end);
	header_release(&header);
	writer_free(writer);
}

/* ---- messages that other programs write ---- */

/* The sample's header with one more field for each given: `type` is its wire name. */
static inline void put_header(struct buffer *to)
{
	struct header header;

	sample_header(&header);
	pack_array(to, 2);
	pack_text(to, "header");
	header_pack(&header, to);
	header_release(&header);
}

/* A stream of one column `x` up to its batch's map of that column, which is to have so many pairs. */
static inline void put_one_column(struct buffer *to, enum type type, uint64_t rows, size_t n_pairs)
{
	struct header header = HEADER_INIT;

	buffer_clear(to);
	schema_add(&header.schema, "x", type, ROLE_FEATURE);
	pack_array(to, 2);
	pack_text(to, "header");
	header_pack(&header, to);
	header_release(&header);
	pack_array(to, 3);
	pack_text(to, "batch");
	pack_map(to, 2);
	pack_key_int(to, "rows", (int64_t)rows);
	pack_text(to, "columns");
	pack_array(to, 1);
	pack_map(to, n_pairs);
}

static inline void put_end(struct buffer *to, uint64_t rows)
{
	struct end end = { .rows = rows };

	end_pack(&end, to);
	pack_nil(to);
}

static inline void refuse(struct bench *bench, const struct buffer *bytes, int code, const char *message)
{
	struct buffer rows = BUFFER_INIT;
	struct error err = ERROR_INIT;

	CHECK(read_bytes(bench, bytes->data, bytes->size, 0, &rows, &err) < 0);
	CHECK(err.code == code);
	CHECK_TEXT(err.message, message);
	buffer_free(&rows);
}

#endif
