/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a stream. The first says how: portions of a few bytes or all at once, and whether the check at the end is
 * set right, so that what stands behind it can be reached. The outcome must not depend on the portions, columns must be
 * sound once they were read, and a stream that was read to its end comes back the same through a writer.
 */
#define _GNU_SOURCE             /* memfd_create */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "cell.h"
#include "memory.h"
#include "message.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_bytes(const void *bytes, size_t size)
{
	int fd = memfd_create("fuzz", 0);

	assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void check_column(const struct batch *batch, size_t col)
{
	const struct column *column = &batch->columns[col];
	bool is_text = batch->schema->fields[col].type == TYPE_TEXT;
	size_t n_missing = 0, size = 0;

	for (size_t row = 0; row < batch->n_rows; row++) {
		n_missing += !column_valid(column, row);
		if (is_text) {
			const char *text = column_text(column, row, &size);

			assert(text_is_utf8(text, size));
		}
	}
	assert(n_missing == column->n_missing);
}

/* A batch as text, its columns checked; the writer gets it too, if there is one. */
static int read_batch(struct batch *batch, struct writer *writer, struct buffer *to, struct error *err)
{
	for (size_t col = 0; col < batch->n_columns; col++) {
		if (!column_read(batch, col, err))
			return -1;
		check_column(batch, col);
	}
	for (size_t row = 0; row < batch->n_rows && row < 100; row++)
		for (size_t col = 0; col < batch->n_columns; col++) {
			cell_print_json(&batch->schema->fields[col], &batch->columns[col], row, to);
			buffer_add_byte(to, ' ');
		}
	return writer ? writer_batch(writer, batch, err) : 0;
}

/* Appends header, rows and end as text, or the error behind what came before it. `writer` gets all of it too, if there is one. */
static int read_all(struct source *source, struct writer *writer, struct buffer *to, struct error *err)
{
	const struct schema *schema = &source->header->schema;
	struct batch batch = BATCH_INIT;
	uint64_t n_rows = 0;
	int result;
	const struct end *end;

	for (size_t col = 0; col < schema->n_fields; col++)
		buffer_format(to, "%s %s %s\n", schema->fields[col].name, type_name(schema->fields[col].type), role_name(schema->fields[col].role));
	lineage_pack(&source->header->lineage, to);
	if (writer && writer_header(writer, source->header, err) < 0)
		return -1;
	while ((result = source_next(source, &batch, false, err)) == 1) {
		assert(batch.n_rows > 0 && batch.n_columns == schema->n_fields && batch.first_row == n_rows);
		n_rows += batch.n_rows;
		result = read_batch(&batch, writer, to, err);
		if (result < 0)
			break;
	}
	batch_free(&batch);
	if (result < 0)
		return -1;
	end = source->end(source->state);
	buffer_format(to, "end %llu", (unsigned long long)end->rows);
	return writer ? writer_end(writer, end, err) : 0;
}

static bool read_bytes(const void *bytes, size_t size, size_t read_size, int write_to, struct buffer *to)
{
	struct reader_options options = { .read_size = read_size };
	struct writer *writer = write_to >= 0 ? writer_new(write_to, 0, NULL) : NULL;
	struct source source = { .header = NULL };
	struct error err = ERROR_INIT;
	int fd = open_bytes(bytes, size), result = reader_open(&source, fd, "input", &options, &err);

	if (result == 0)
		result = read_all(&source, writer, to, &err);
	assert((result == 0) == (err.code == STATUS_DONE) && (result == 0 || err.message[0]));
	buffer_format(to, "%d %s %s", err.code, err.program, err.message);
	source_close(&source);
	writer_free(writer);
	close(fd);
	return result == 0;
}

/* Sets the check of a stream that has no model before it. */
static void repair(unsigned char *bytes, size_t size)
{
	uint64_t check;

	if (size <= CHECK_SIZE || bytes[size - CHECK_SIZE] != 0xcf)
		return;
	check = XXH3_64bits(bytes, size - CHECK_SIZE);
	for (int i = 0; i < 8; i++)
		bytes[size - 8 + (size_t)i] = (unsigned char)(check >> (56 - 8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole = BUFFER_INIT, portions = BUFFER_INIT, again = BUFFER_INIT, written = BUFFER_INIT;
	unsigned char how, *bytes;
	int copy;
	bool sound;

	if (size < 1)
		return 0;
	how = data[0];
	bytes = mem_array(size - 1, 1);
	size--;
	memcpy(bytes, data + 1, size);
	if (how & 1)
		repair(bytes, size);
	copy = memfd_create("copy", 0);
	assert(copy >= 0);
	sound = read_bytes(bytes, size, 0, copy, &whole);
	read_bytes(bytes, size, 1 + (how >> 1), -1, &portions);
	assert(whole.size == portions.size && memcmp(whole.data, portions.data, whole.size) == 0);
	if (sound) {
		off_t copied = lseek(copy, 0, SEEK_END);

		buffer_reserve(&written, (size_t)copied);
		assert(pread(copy, written.data, (size_t)copied, 0) == copied);
		read_bytes(written.data, (size_t)copied, 0, -1, &again);
		assert(whole.size == again.size && memcmp(whole.data, again.data, whole.size) == 0);
	}
	close(copy);
	buffer_free(&whole);
	buffer_free(&portions);
	buffer_free(&again);
	buffer_free(&written);
	free(bytes);
	return 0;
}
