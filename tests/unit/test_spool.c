/* SPDX-License-Identifier: MIT */
/* Rows that are kept for the next pass: in memory, in a file, out of short batches, by several at once; and long batches that are cut. */
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "slices.h"
#include "spool.h"
#include "unit.h"

#include "sample.h"

static void test_spool(void)
{
	struct buffer lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct header header;
	struct batch batch = BATCH_INIT;
	struct source source;
	struct spool *spool;
	struct error err = ERROR_INIT;
	static const uint64_t memories[] = { 1 << 20, 20000, 0, 1 << 20, 20000, 0, 1 << 20, 1 << 20, 0 };
	static const size_t steps[] = { 300, 300, 300, 1, 1, 1, 7, 1100, 1100 };       /* rows of a batch: short ones are joined */

	sample_header(&header);
	for (size_t i = 0; i < 6; i++) {
		sample_batch(&batch, &header.schema, i * 300, 300);
		CHECK(sample_print(&batch, &lines, &err) == 0);
	}
	for (size_t k = 0; k < sizeof memories / sizeof *memories; k++) {
		struct end end = { .rows = 1800 };

		spool = spool_new(memories[k], NULL);
		TEST(k % 3 == 0 ? "spool in memory" : k % 3 == 1 ? "spool in memory and a file" : "spool in a file");
		for (size_t row = 0; row < 1800; row += steps[k]) {
			sample_batch(&batch, &header.schema, row, row + steps[k] < 1800 ? steps[k] : 1800 - row);
			CHECK(spool_add(spool, &batch, &err) == 0 && batch.n_rows == 0);
		}
		CHECK(spool_close(spool, &err) == 0 && spool_close(spool, &err) == 0);
		CHECK(spool_memory(spool) <= memories[k]);
		for (int pass = 0; pass < 3; pass++) {
			buffer_clear(&rows);
			spool_source(spool, &header, pass ? &end : NULL, &source);
			CHECK(sample_read(&source, &rows, &err) == 0 && sample_same(&rows, &lines));
			CHECK(source.end(source.state)->rows == (pass ? 1800 : 0));
			source_close(&source);
		}
		spool_free(spool);
	}
	batch_free(&batch);
	header_release(&header);
	buffer_free(&lines);
	buffer_free(&rows);
}

enum { SHARED_ROWS = 40000, SHARED_STEP = 1100 };

/* A closed spool of SHARED_ROWS rows, the first of them in memory; lines: what they print as. */
static struct spool *shared_spool(const struct header *header, struct buffer *lines)
{
	struct spool *spool = spool_new(200000, NULL);
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;

	for (size_t row = 0; row < SHARED_ROWS; row += SHARED_STEP) {
		sample_batch(&batch, &header->schema, row, row + SHARED_STEP < SHARED_ROWS ? SHARED_STEP : SHARED_ROWS - row);
		CHECK(sample_print(&batch, lines, &err) == 0 && spool_add(spool, &batch, &err) == 0);
	}
	CHECK(spool_close(spool, &err) == 0 && spool_memory(spool) > 0);
	batch_free(&batch);
	return spool;
}

static void test_two_sources(void)
{
	struct buffer lines = BUFFER_INIT, rows[2] = { BUFFER_INIT, BUFFER_INIT };
	struct header header;
	struct spool *spool;
	struct batch batch = BATCH_INIT;
	struct source sources[2];
	struct error err = ERROR_INIT;
	int more = 3;

	TEST("two sources over one spool, in turns");
	sample_header(&header);
	spool = shared_spool(&header, &lines);
	for (int i = 0; i < 2; i++)
		spool_source(spool, &header, NULL, &sources[i]);
	for (int turn = 0; more; turn++) {      /* the second one is always some batches behind */
		int which = turn < 7 ? 0 : turn % 2, result = 0;

		if (more & 1 << which)
			result = source_next(&sources[which], &batch, false, &err);
		CHECK(result >= 0);
		if (result == 1)
			CHECK(sample_print(&batch, &rows[which], &err) == 0);
		else
			more &= ~(1 << which);
	}
	for (int i = 0; i < 2; i++) {
		CHECK(sample_same(&rows[i], &lines));
		source_close(&sources[i]);
		buffer_free(&rows[i]);
	}
	spool_free(spool);
	batch_free(&batch);
	header_release(&header);
	buffer_free(&lines);
}

/* 0: a source over the spool gives these lines. */
static int read_all(struct spool *spool, const struct header *header, const struct buffer *lines)
{
	struct buffer rows = BUFFER_INIT;
	struct source source;
	struct error err = ERROR_INIT;
	bool same;

	spool_source(spool, header, NULL, &source);
	same = sample_read(&source, &rows, &err) == 0 && sample_same(&rows, lines);
	source_close(&source);
	buffer_free(&rows);
	return same ? 0 : 1;
}

static void test_children(void)
{
	struct buffer lines = BUFFER_INIT;
	struct header header;
	struct spool *spool;
	pid_t children[4];

	TEST("children of a fork read one spool, at once");
	sample_header(&header);
	spool = shared_spool(&header, &lines);
	fflush(stdout);
	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(read_all(spool, &header, &lines) || read_all(spool, &header, &lines));
		CHECK(children[i] > 0);
	}
	CHECK(read_all(spool, &header, &lines) == 0);
	for (int i = 0; i < 4; i++) {
		int status = -1;

		CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
	}
	spool_free(spool);
	header_release(&header);
	buffer_free(&lines);
}

static void test_cut(void)
{
	enum { LONG_ROWS = 90000 };
	struct buffer lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct spool *spool = spool_new(64 << 20, NULL);
	struct header header;
	struct batch batch = BATCH_INIT;
	struct source source;
	struct error err = ERROR_INIT;
	size_t n = 0, most = 0;

	TEST("a long batch leaves in slices");
	sample_header(&header);
	for (int i = 0; i < 2; i++) {
		sample_batch(&batch, &header.schema, i ? LONG_ROWS : 0, i ? 2000 : LONG_ROWS);
		CHECK(sample_print(&batch, &lines, &err) == 0 && (batch_bytes(&batch) > 4 << 20) == (i == 0));
		CHECK(spool_add(spool, &batch, &err) == 0);
	}
	CHECK(spool_close(spool, &err) == 0);
	spool_source(spool, &header, NULL, &source);
	source_slice(&source, UINT64_MAX, NULL);
	CHECK(sample_read(&source, &rows, &err) == 0 && sample_same(&rows, &lines));
	source_close(&source);
	spool_source(spool, &header, NULL, &source);
	source_slice(&source, UINT64_MAX, NULL);
	for (size_t row = 0; source_next(&source, &batch, false, &err) == 1; row += batch.n_rows) {
		CHECK(batch.first_row == row && batch_bytes(&batch) < 2 << 20);
		most = batch.n_rows > most ? batch.n_rows : most;
		n++;
	}
	CHECK(n > 4 && most < LONG_ROWS / 3 && batch.n_rows == 0);
	source_close(&source);
	spool_free(spool);
	batch_free(&batch);
	header_release(&header);
	buffer_free(&lines);
	buffer_free(&rows);
}

static bool always(void *state)
{
	(void)state;
	return true;
}

static void test_interrupted(void)
{
	static const struct host host = { .interrupted = always };
	struct spool *spool = spool_new(1 << 20, &host);
	struct header header;
	struct batch batch = BATCH_INIT;
	struct source source;
	struct error err = ERROR_INIT;

	TEST("who interrupts a pass over a spool does not wait for its end");
	sample_header(&header);
	sample_batch(&batch, &header.schema, 0, 300);
	CHECK(spool_add(spool, &batch, &err) == 0);
	CHECK(spool_close(spool, &err) == 0);
	spool_source(spool, &header, NULL, &source);
	CHECK(source_next(&source, &batch, false, &err) < 0 && err.code == STATUS_INTERRUPT);
	source_close(&source);
	spool_free(spool);
	batch_free(&batch);
	header_release(&header);
}

int main(void)
{
	test_spool();
	test_two_sources();
	test_children();
	test_cut();
	test_interrupted();
	return unit_done();
}
