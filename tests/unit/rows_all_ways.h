/* SPDX-License-Identifier: MIT */
/*
 * Texts as the batches that rows.h makes of them, in all ways in which that may be done: one row after the other, in blocks, in
 * stretches of any size by any number of threads, out of files and a pipe. Row by row is the way without any of the machinery.
 */
#ifndef ROWS_ALL_WAYS_H
#define ROWS_ALL_WAYS_H

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "column_names.h"
#include "memory.h"
#include "rows.h"
#include "source_csv.h"

enum { MOST_TEXTS = 3, PATH_ROOM = 32 };
enum way { WAY_ROWS, WAY_BLOCKS, WAY_STRETCHES };

struct text_file { const char *bytes; size_t size; int fd; char path[PATH_ROOM]; };

static inline void text_file_open(struct text_file *file, const char *bytes, size_t size)
{
	*file = (struct text_file){ .bytes = bytes, .size = size, .fd = memfd_create("text", 0) };
	if (file->fd < 0 || write(file->fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

static inline void text_file_close(struct text_file *file) { close(file->fd); }

static inline void note_to(void *state, const char *text)
{
	buffer_add_text(state, text);
	buffer_add_byte(state, '\n');
}

static inline void print_value(const struct column *column, enum type type, size_t row, struct buffer *to)
{
	size_t size;

	if (!column_valid(column, row)) {
		buffer_add_text(to, "|");
		return;
	}
	switch (type) {
	case TYPE_REAL: buffer_format(to, "|%.17g", column_real(column, row)); break;
	case TYPE_BOOL: buffer_format(to, "|%s", column_bool(column, row) ? "yes" : "no"); break;
	case TYPE_TEXT: {
		const char *text = column_text(column, row, &size);

		buffer_format(to, "|%zu:", size);
		buffer_add(to, text, size);
		break;
	}
	default: buffer_format(to, "|%lld", (long long)column_int(column, row));
	}
}

/* The rows, without _file; forms and cells that are not written so, too. */
static inline void print_batch(struct batch *batch, struct buffer *to)
{
	struct error err = ERROR_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		for (size_t col = 0; col < batch->n_columns; col++) {
			const struct column *column = column_read(batch, col, &err);

			if (!column)
				abort();
			if (strcmp(batch->schema->fields[col].name, "_file") != 0)
				print_value(column, batch->schema->fields[col].type, row, to);
		}
		buffer_add_byte(to, '\n');
	}
}

static inline void print_end(const struct source *source, struct buffer *to)
{
	const struct end *end = source->end(source->state);
	const struct stage *stage = &end->stages[end->n_stages - 1];

	buffer_format(to, "in %llu out %llu rejected %llu", (unsigned long long)stage->rows_in, (unsigned long long)stage->rows_out, (unsigned long long)stage->rejected);
	for (size_t i = 0; i < stage->counts.n; i++)
		buffer_format(to, "; %s %s: %llu", stage->counts.items[i].what, stage->counts.items[i].field, (unsigned long long)stage->counts.items[i].count);
	for (size_t i = 0; i < stage->dropped.n; i++)
		buffer_format(to, "; dropped %s: %llu", stage->dropped.items[i].what, (unsigned long long)stage->dropped.items[i].count);
	buffer_add_byte(to, '\n');
}

/* As on the wire, bytes and all, where `rows` is false; otherwise the rows, whatever the batches are. Remarks, errors and counts come behind. */
static inline void read_all(enum way way, const struct extract_config *config, const struct csv_config *own, bool rows, struct buffer *to)
{
	struct row_format format = csv_rows;
	struct buffer notes = BUFFER_INIT;
	struct host host = { .program = "extract", .note = note_to, .state = &notes };
	struct extract_config hosted = *config;
	struct source source = { .header = NULL };
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	int fd = memfd_create("wire", 0), result = -1;
	struct writer *writer = writer_new(fd, 0, NULL);
	char bytes[4096];
	ssize_t n;

	if (way < WAY_STRETCHES)
		format.cut = NULL;
	if (way < WAY_BLOCKS)
		format.cells = NULL;
	hosted.common.host = &host;
	buffer_clear(to);
	if (rows_open(&source, &format, &hosted, own, &err) == 0 && writer_header(writer, source.header, &err) == 0) {
		for (size_t i = 0; i < source.header->schema.n_fields; i++)
			buffer_format(to, "%s:%d:%d:%s ", source.header->schema.fields[i].name, source.header->schema.fields[i].type, source.header->schema.fields[i].role,
			              source.header->schema.fields[i].form ? source.header->schema.fields[i].form : "");
		while ((result = source_next(&source, &batch, true, &err)) == 1)
			if (rows)
				print_batch(&batch, to);
			else if (writer_batch(writer, &batch, &err) < 0)
				abort();
	}
	if (result < 0 && rows)
		buffer_clear(to);       /* which rows came before hangs on the batches */
	if (result == 0)
		print_end(&source, to);
	writer_free(writer);
	for (lseek(fd, 0, SEEK_SET); !rows && (n = read(fd, bytes, sizeof bytes)) > 0;)
		buffer_add(to, bytes, (size_t)n);
	close(fd);
	buffer_format(to, "\n%s\n%s", err.message, buffer_text(&notes));
	batch_free(&batch);
	source_close(&source);
	buffer_free(&notes);
}

#endif
