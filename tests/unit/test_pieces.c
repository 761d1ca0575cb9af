/* SPDX-License-Identifier: MIT */
/* Headers and models that go over the wire in pieces: however they are cut, they come back; what is missing or lies is refused. */
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "message.h"
#include "unit.h"

#include "sample.h"

enum { ROWS = 5, BIG = 600 * 1000 * 1000 };

struct bench { FILE *file; int fd; };

static void bench_empty(struct bench *bench)
{
	CHECK(ftruncate(bench->fd, 0) == 0 && lseek(bench->fd, 0, SEEK_SET) == 0);
}

static void bench_give(struct bench *bench, const void *bytes, size_t size)
{
	bench_empty(bench);
	CHECK(pwrite(bench->fd, bytes, size, 0) == (ssize_t)size);
}

static void bench_take(struct bench *bench, struct buffer *bytes)
{
	off_t size = lseek(bench->fd, 0, SEEK_END);

	buffer_clear(bytes);
	buffer_reserve(bytes, (size_t)size);
	bytes->size = (size_t)pread(bench->fd, bytes->data, (size_t)size, 0);
}

static struct bytes *make_model(size_t size)
{
	struct buffer map = BUFFER_INIT;
	unsigned char *weights = mem_new(size, 1);

	pack_map(&map, 4);
	pack_key_int(&map, "format", MODEL_FORMAT);
	pack_key_text(&map, "kind", "linear");
	pack_text(&map, "weights");
	pack_bytes(&map, weights, size);
	pack_key_check(&map, 0);
	free(weights);
	return bytes_of(&map);
}

/* A model, if there is one, and the sample's records, in pieces of so many bytes; 0: as everybody writes them. */
static void write_stream(struct bench *bench, const struct bytes *model, size_t pieces, struct buffer *to)
{
	struct writer *writer;
	struct header header;
	struct batch batch = BATCH_INIT;
	const struct end end = END_INIT;
	struct error err = ERROR_INIT;

	bench_empty(bench);
	writer = writer_new(bench->fd, 0, NULL);
	if (pieces)
		writer_pieces(writer, pieces);
	sample_header(&header);
	sample_batch(&batch, &header.schema, 0, ROWS);
	CHECK(!model || writer_model(writer, model, &err) == 0);
	CHECK(writer_header(writer, &header, &err) == 0 && writer_batch(writer, &batch, &err) == 0 && writer_end(writer, &end, &err) == 0);
	bench_take(bench, to);
	writer_free(writer);
	batch_free(&batch);
	header_release(&header);
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a && b && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* The status of reading it all; the model, if wanted, must be this one. rows: as lines. */
static int read_stream(struct bench *bench, const struct buffer *bytes, size_t read_size, const struct bytes *model, struct buffer *rows,
                       struct error *err)
{
	struct reader_options options = { .read_size = read_size };
	struct source source;

	*err = (struct error)ERROR_INIT;
	buffer_clear(rows);
	bench_give(bench, bytes->data, bytes->size);
	if (reader_open(&source, bench->fd, "test", &options, err) == 0) {
		CHECK(!model || same(reader_model(&source), model));
		if (sample_read(&source, rows, err) == 0)
			CHECK(source.end(source.state)->rows % ROWS == 0);
		source_close(&source);
	}
	return err->code;
}

static void test_there_and_back(struct bench *bench)
{
	struct buffer whole = BUFFER_INIT, bytes = BUFFER_INIT, rows = BUFFER_INIT, expected = BUFFER_INIT, two = BUFFER_INIT;
	struct bytes *model = make_model(50);
	struct error err;

	TEST("short maps go out as one message");
	write_stream(bench, model, 0, &whole);
	CHECK(read_stream(bench, &whole, 0, model, &expected, &err) == 0 && expected.size);
	write_stream(bench, model, 1 << 20, &bytes);
	CHECK(sample_same(&bytes, &whole));

	TEST("pieces of any size, read in any portions");
	for (size_t pieces = 1; pieces < 500; pieces += pieces < 20 ? 1 : 37) {
		write_stream(bench, model, pieces, &bytes);
		CHECK(pieces > 400 || bytes.size > whole.size);
		CHECK(read_stream(bench, &bytes, 0, model, &rows, &err) == 0 && sample_same(&rows, &expected));
	}
	write_stream(bench, model, 33, &bytes);
	for (size_t read_size = 1; read_size <= bytes.size; read_size++)
		CHECK(read_stream(bench, &bytes, read_size, model, &rows, &err) == 0 && sample_same(&rows, &expected));

	TEST("streams behind each other may be cut differently");
	write_stream(bench, NULL, 20, &two);
	buffer_add(&bytes, two.data, two.size);
	write_stream(bench, NULL, 0, &two);
	buffer_add(&bytes, two.data, two.size);
	CHECK(read_stream(bench, &bytes, 0, model, &rows, &err) == 0 && rows.size == 3 * expected.size);
	bytes_drop(model);
	buffer_free(&whole);
	buffer_free(&bytes);
	buffer_free(&rows);
	buffer_free(&expected);
	buffer_free(&two);
}

static void test_damage(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT, part = BUFFER_INIT;
	struct bytes *model = make_model(50);
	struct error err;

	TEST("cut anywhere, also in a piece, it ended early");
	write_stream(bench, model, 33, &bytes);
	for (size_t size = 0; size < bytes.size; size++) {
		buffer_clear(&part);
		buffer_add(&part, bytes.data, size);
		CHECK(read_stream(bench, &part, 0, NULL, &rows, &err) == STATUS_UPSTREAM);
	}
	TEST("a flipped bit in the pieces of a header is found");
	write_stream(bench, NULL, 33, &bytes);
	for (size_t at = 0; at < bytes.size; at++)
		for (int bit = 0; bit < 8; bit++) {
			bytes.data[at] ^= (unsigned char)(1 << bit);
			CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) != STATUS_DONE);
			bytes.data[at] ^= (unsigned char)(1 << bit);
		}
	bytes_drop(model);
	buffer_free(&bytes);
	buffer_free(&rows);
	buffer_free(&part);
}

static void put_head(struct buffer *to, const char *kind, uint64_t pieces, uint64_t size)
{
	buffer_clear(to);
	pack_array(to, 2);
	pack_text(to, kind);
	pack_map(to, 2);
	pack_text(to, "pieces");
	pack_uint(to, pieces);
	pack_text(to, "size");
	pack_uint(to, size);
}

static void put_piece(struct buffer *to, size_t size)
{
	pack_array(to, 2);
	pack_text(to, "piece");
	pack_bytes(to, "\x81\xa1""a\x01...", size);
}

static void test_lies(struct bench *bench)
{
	static const char *const kinds[] = { "model", "header" };
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT;
	struct error err;

	for (size_t i = 0; i < 2; i++) {
		struct error cause = ERROR_INIT;

		TEST("a head may claim what it wants: memory is for bytes that came");
		put_head(&bytes, kinds[i], UINT64_MAX, UINT64_MAX);
		put_piece(&bytes, 4);
		put_piece(&bytes, 4);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_UPSTREAM);
		TEST("pieces of more or fewer bytes than the head says");
		put_head(&bytes, kinds[i], 2, 6);
		put_piece(&bytes, 4);
		put_piece(&bytes, 4);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_FAILED);
		put_head(&bytes, kinds[i], 1, 6);
		put_piece(&bytes, 4);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_FAILED);
		put_head(&bytes, kinds[i], 2, 4);
		put_piece(&bytes, 4);
		put_piece(&bytes, 0);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_FAILED);
		put_head(&bytes, kinds[i], 0, 0);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_FAILED);
		TEST("pieces that are no map");
		put_head(&bytes, kinds[i], 1, 3);
		put_piece(&bytes, 3);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) != STATUS_DONE);
		TEST("something else where a piece should be");
		put_head(&bytes, kinds[i], 1, 4);
		put_head(&rows, "header", 1, 4);
		buffer_add(&bytes, rows.data, rows.size);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_UPSTREAM && !err.passed_on);
		TEST("the stage before failed between two pieces");
		error_set(&cause, STATUS_FAILED, "disk full");
		put_head(&bytes, kinds[i], 2, 8);
		put_piece(&bytes, 4);
		error_pack(&cause, "train", &bytes);
		CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_UPSTREAM && err.passed_on);
		CHECK_TEXT(err.message, "disk full");
	}
	TEST("a piece of nothing");
	buffer_clear(&bytes);
	put_piece(&bytes, 4);
	CHECK(read_stream(bench, &bytes, 0, NULL, &rows, &err) == STATUS_UPSTREAM);
	buffer_free(&bytes);
	buffer_free(&rows);
}

/* Nothing is written that can't be read. */
static void test_too_long(struct bench *bench)
{
	struct writer *writer;
	struct buffer map = BUFFER_INIT;
	struct header header;
	struct error err = ERROR_INIT;
	struct bytes *model;

	bench_empty(bench);
	writer = writer_new(bench->fd, 0, NULL);
	TEST("a value of 4 GiB in a model");
	pack_map(&map, 1);
	pack_text(&map, "weights");
	pack_bytes(&map, "", (size_t)UINT32_MAX + 1);
	model = bytes_of(&map);
	CHECK(writer_model(writer, model, &err) < 0 && err.code == STATUS_FAILED);
	bytes_drop(model);
	TEST("a value of 4 GiB in the state of a step, which is named");
	sample_header(&header);
	pack_map(&map, 1);
	pack_text(&map, "table");
	pack_bytes(&map, "", (size_t)UINT32_MAX + 1);
	unit_set_state(&header.lineage.entries[0].units[0], &map);
	error_clear(&err);
	CHECK(writer_header(writer, &header, &err) < 0 && err.code == STATUS_FAILED);
	CHECK(strncmp(err.message, "step 1 'scale km': the header can't be written: a value in it has 4 GiB", 70) == 0);
	CHECK(lseek(bench->fd, 0, SEEK_END) == 0);
	header_release(&header);
	writer_free(writer);
}

#ifndef __SANITIZE_ADDRESS__
static void test_big(struct bench *bench)
{
	struct reader_options only = { .file_head = true };
	struct bytes *model = make_model(BIG);
	size_t size = model->size;
	struct writer *writer;
	struct source source;
	struct unpacked map;
	struct error err = ERROR_INIT;
	const struct bytes *back;
	object weights;

	TEST("a model of 600 MB");
	bench_empty(bench);
	writer = writer_new(bench->fd, 0, NULL);
	CHECK(writer_model(writer, model, &err) == 0);
	bytes_drop(model);
	writer_free(writer);
	CHECK(lseek(bench->fd, 0, SEEK_SET) == 0);
	CHECK(reader_open(&source, bench->fd, "test", &only, &err) == 0);
	back = reader_model(&source);
	CHECK(back && back->size == size && pack_read(&map, back->data, back->size, &err) == 0);
	weights = map_get(&map.object, "weights");
	CHECK(weights && weights->type == MSGPACK_OBJECT_BIN && weights->via.bin.size == BIG && weights->via.bin.ptr[BIG - 1] == 0);
	unpacked_free(&map);
	source_close(&source);
}
#endif

int main(void)
{
	struct bench bench = { .file = tmpfile() };

	if (!bench.file) {
		perror("tmpfile");
		return 1;
	}
	bench.fd = fileno(bench.file);
	test_there_and_back(&bench);
	test_damage(&bench);
	test_lies(&bench);
	test_too_long(&bench);
#ifndef __SANITIZE_ADDRESS__
	test_big(&bench);
#endif
	fclose(bench.file);
	return unit_done();
}
