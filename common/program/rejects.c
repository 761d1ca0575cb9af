/* SPDX-License-Identifier: MIT */
/* Each record is one write() to a file opened with O_APPEND, so that several programs may share a file. */
#include "rejects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "cell.h"
#include "file.h"
#include "memory.h"
#include "stream.h"

struct rejects {
	int fd;
	char *path;
	const struct host *host;
	struct buffer record;
	struct buffer gathered;         /* of a part (fd -1): records as they will be written */
};

int rejects_open(struct rejects **rejects, const char *path, const struct host *host, struct error *err)
{
	int fd;

	*rejects = NULL;
	if (!path)
		return 0;
	fd = file_apart(path, host, err) < 0 ? -1 : file_open_append(path, host, err);
	if (fd < 0)
		return -1;
	*rejects = mem_new(1, sizeof **rejects);
	(*rejects)->fd = fd;
	(*rejects)->path = mem_text(path);
	(*rejects)->host = host;
	return 0;
}

/* {"program":..,"reason":.., */
static void begin_record(struct rejects *rejects, const char *reason)
{
	struct buffer *record = &rejects->record;
	const char *program = host_program(rejects->host);

	buffer_clear(record);
	buffer_add_text(record, "{\"program\":");
	json_text(record, program, strlen(program));
	buffer_add_text(record, ",\"reason\":");
	json_text(record, reason, strlen(reason));
}

/* Of what could not be written as a whole a part of a record may stand at the file's end, where the next one would go on: it is cut off,
 * unless another program has written behind it. */
static void cut_part(const struct rejects *rejects, const unsigned char *bytes, size_t n)
{
	off_t end = lseek(rejects->fd, 0, SEEK_CUR);    /* of O_APPEND: behind what was written last */
	size_t part = 0;
	struct stat file;

	while (part < n && bytes[n - 1 - part] != '\n')
		part++;
	if (part > 0 && end >= (off_t)part && fstat(rejects->fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size == end)
		(void)!ftruncate(rejects->fd, end - (off_t)part);
}

static int append(const struct rejects *rejects, const struct buffer *records, struct error *err)
{
	size_t n;

	if (write_counted(rejects->fd, records->data, records->size, rejects->host, &n, err) == 0)
		return 0;
	cut_part(rejects, records->data, n);
	if (err->code == STATUS_PIPE)           /* the output still has its reader, who is to know why it ends */
		err->code = STATUS_FAILED;
	return error_prefix(err, "%s", rejects->path);
}

static int write_record(struct rejects *rejects, struct error *err)
{
	buffer_add_text(&rejects->record, "}\n");
	if (rejects->fd < 0) {
		buffer_add(&rejects->gathered, rejects->record.data, rejects->record.size);
		return 0;
	}
	return append(rejects, &rejects->record, err);
}

/* `,"file":` and the value of the origin field _file, or null. */
static void add_origin(struct buffer *record, const char *key, const char *name, const struct batch *batch, size_t row)
{
	int col = schema_find(batch->schema, name);

	buffer_format(record, ",\"%s\":", key);
	if (col != NO_FIELD && batch->schema->fields[col].role == ROLE_ORIGIN)
		cell_print_json(&batch->schema->fields[col], &batch->columns[col], row, record);
	else
		buffer_add_text(record, "null");
}

int rejects_add(struct rejects *rejects, const char *reason, struct batch *batch, size_t row, struct error *err)
{
	const char *separator = "";
	struct buffer *record;

	if (!rejects)
		return 0;
	record = &rejects->record;
	for (size_t col = 0; col < batch->n_columns; col++)
		if (!column_read(batch, col, err))
			return -1;
	begin_record(rejects, reason);
	add_origin(record, "file", "_file", batch, row);
	add_origin(record, "line", "_line", batch, row);
	buffer_add_text(record, ",\"record\":{");
	for (size_t col = 0; col < batch->n_columns; col++) {
		const struct field *field = &batch->schema->fields[col];

		if (field->role == ROLE_ORIGIN)
			continue;
		buffer_add_text(record, separator);
		json_text(record, field->name, strlen(field->name));
		buffer_add_byte(record, ':');
		cell_print_json(field, &batch->columns[col], row, record);
		separator = ",";
	}
	buffer_add_byte(record, '}');
	return write_record(rejects, err);
}

int rejects_add_raw(struct rejects *rejects, const char *reason, const char *file, uint64_t line, uint64_t row, const char *raw, size_t size,
                    struct error *err)
{
	if (!rejects)
		return 0;
	begin_record(rejects, reason);
	buffer_add_text(&rejects->record, ",\"file\":");
	json_text(&rejects->record, file, strlen(file));
	if (line)
		buffer_format(&rejects->record, ",\"line\":%" PRIu64, line);
	else
		buffer_format(&rejects->record, ",\"line\":null,\"row\":%" PRIu64, row);
	buffer_add_text(&rejects->record, ",\"record\":");
	json_text(&rejects->record, raw, size);
	return write_record(rejects, err);
}

struct rejects *rejects_part(const struct rejects *of)
{
	struct rejects *part = of ? mem_new(1, sizeof *part) : NULL;

	if (part) {
		part->fd = -1;
		part->host = of->host;
	}
	return part;
}

int rejects_take(struct rejects *rejects, struct rejects *part, struct error *err)
{
	int result;

	if (!part || part->gathered.size == 0)
		return 0;
	result = append(rejects, &part->gathered, err);
	buffer_clear(&part->gathered);
	return result;
}

void rejects_clear(struct rejects *part)
{
	if (part)
		buffer_clear(&part->gathered);
}

int rejects_close(struct rejects *rejects, struct error *err)
{
	int result;

	if (!rejects)
		return 0;
	result = rejects->fd < 0 || close(rejects->fd) == 0 || errno == EINTR ? 0 : -1;         /* after EINTR it is closed */
	if (result < 0)
		error_errno(err, "%s", rejects->path);
	free(rejects->path);
	buffer_free(&rejects->record);
	buffer_free(&rejects->gathered);
	free(rejects);
	return result;
}
