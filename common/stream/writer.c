/* SPDX-License-Identifier: MIT */
/*
 * Writes messages. A batch goes out by writev: its head, then every run of every
 * column from where it lies, padded to a multiple of 8. Short runs are copied
 * together first, so that many small columns do not become many small pieces.
 */
#define _GNU_SOURCE             /* F_SETPIPE_SZ */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#include "memory.h"
#include "message.h"
#include "proof.h"
#include "records.h"

enum { PIPE_SIZE = 1 << 20, COPY_BELOW = 4096, COPY_ALL = 1 << 20, COPY_THEN = 256, MAX_PIECES = 256 };       /* of thousands of columns a MiB is copied, then only what is tiny */

struct writer {
	int fd, flags;
	const struct host *host;
	XXH3_state_t *hash;
	bool begun;             /* the header is out */
	bool cut;               /* a write failed: what is out may end within a message, and nothing can follow it */
	uint64_t rows;
	struct buffer head;     /* the message's head */
	struct buffer small;    /* short runs and narrowed codes, copied */
	struct wire_piece *pieces;   /* in order of the wire */
	size_t n_pieces, room;
	struct pool *pool;      /* narrowed codes of a batch lie in blocks of it, */
	struct block **kept;    /* these */
	size_t n_kept, room_kept;
	size_t data_size;
	size_t piece_size;
};

/* Bytes where they lie; or, data NULL, at `at` in writer->small. */
struct wire_piece { const void *data; size_t at, size; };

void pipe_widen(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
}

static int write_interrupted(struct error *err) { return error_set(err, STATUS_INTERRUPT, "interrupted"); }

static int write_failed(struct error *err)
{
	if (errno == EPIPE)
		return error_set(err, STATUS_PIPE, "the reader went away");
	if (errno == EINTR)
		return write_interrupted(err);
	return error_errno(err, "write failed");
}

int write_counted(int fd, const void *bytes, size_t size, const struct host *host, size_t *n, struct error *err)
{
	const char *at = bytes;

	*n = 0;
	while (*n < size) {
		ssize_t done = write(fd, at + *n, size - *n);

		if (done < 0 && host_again_on(host, fd, POLLOUT))
			continue;
		if (done < 0)
			return write_failed(err);
		*n += (size_t)done;
		if (*n < size && host_interrupted(host))
			return write_interrupted(err);
	}
	return 0;
}

int write_all(int fd, const void *bytes, size_t size, const struct host *host, struct error *err)
{
	size_t n;

	return write_counted(fd, bytes, size, host, &n, err);
}

static int write_pieces(int fd, struct iovec *iov, int n, const struct host *host, struct error *err)
{
	while (n) {
		ssize_t done = writev(fd, iov, n);

		if (done < 0 && host_again_on(host, fd, POLLOUT))
			continue;
		if (done < 0)
			return write_failed(err);
		while (n && (size_t)done >= iov->iov_len) {
			done -= (ssize_t)iov->iov_len;
			iov++;
			n--;
		}
		if (n) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= (size_t)done;
		}
		if (n && host_interrupted(host))
			return write_interrupted(err);
	}
	return 0;
}

struct writer *writer_new(int fd, int flags, const struct host *host)
{
	struct writer *writer = mem_new(1, sizeof *writer);

	writer->fd = fd;
	writer->flags = flags;
	writer->host = host;
	writer->hash = mem_given(XXH3_createState());
	writer->pool = pool_new();
	writer->piece_size = PIECE_BYTES;
	XXH3_64bits_reset(writer->hash);
	pipe_widen(fd);
	return writer;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	buffer_free(&writer->head);
	buffer_free(&writer->small);
	free(writer->pieces);
	free(writer->kept);
	pool_drop(writer->pool);
	XXH3_freeState(writer->hash);
	free(writer);
}

void writer_pieces(struct writer *writer, size_t size)
{
	writer->piece_size = size;
}

uint64_t writer_rows(const struct writer *writer)
{
	return writer->rows;
}

/* `result` of a write. */
static int written(struct writer *writer, int result)
{
	writer->cut |= result < 0;
	return result;
}

static int put_head(struct writer *writer, struct error *err)
{
	return written(writer, write_all(writer->fd, writer->head.data, writer->head.size, writer->host, err));
}

/* The head alone: hashed and written. */
static int write_head(struct writer *writer, struct error *err)
{
	proof_add(writer->hash, writer->head.data, writer->head.size);
	return put_head(writer, err);
}

/* The head, and bytes behind it that stay where they lie. */
static int write_run(struct writer *writer, const unsigned char *bytes, size_t size, struct error *err)
{
	if (write_head(writer, err) < 0)
		return -1;
	proof_add(writer->hash, bytes, size);
	return written(writer, write_all(writer->fd, bytes, size, writer->host, err));
}

static void pack_bin_head(struct buffer *to, size_t size)
{
	unsigned char head[5] = { 0xc6, (unsigned char)(size >> 24), (unsigned char)(size >> 16), (unsigned char)(size >> 8), (unsigned char)size };

	buffer_add(to, head, sizeof head);
}

static void start_message(struct writer *writer, const char *kind)
{
	buffer_clear(&writer->head);
	pack_array(&writer->head, 2);
	pack_text(&writer->head, kind);
}

/* kind and map; a long map as ["kind", {pieces, size}] ["piece", bin] ["piece", bin] ... */
static int write_message(struct writer *writer, const char *kind, const unsigned char *map, size_t size, struct error *err)
{
	size_t most = writer->piece_size;

	start_message(writer, kind);
	if (size <= most)
		return write_run(writer, map, size, err);
	pack_map(&writer->head, 2);
	pack_text(&writer->head, "pieces");
	pack_uint(&writer->head, size / most + (size % most != 0));
	pack_text(&writer->head, "size");
	pack_uint(&writer->head, size);
	if (write_head(writer, err) < 0)
		return -1;
	for (size_t at = 0; at < size; at += most) {
		size_t length = size - at < most ? size - at : most;

		start_message(writer, "piece");
		pack_bin_head(&writer->head, length);
		if (write_run(writer, map + at, length, err) < 0)
			return -1;
	}
	return 0;
}

int writer_model(struct writer *writer, const struct bytes *map, struct error *err)
{
	if (!pack_sound(map->data, map->size))
		return error_set(err, STATUS_FAILED, "the model can't be written: a value in it has 4 GiB or more, or is nested deeper than %d levels", PACK_DEPTH);
	return write_message(writer, "model", map->data, map->size, err);
}

/* Why a header can't be written: the step whose state is too much for msgpack. */
static int unsound(const struct lineage *lineage, struct error *err)
{
	size_t n, i = 0;
	struct unit_place *places = lineage_places(lineage, &n);

	while (i < n && (!places[i].unit->state || pack_sound(places[i].unit->state->data, places[i].unit->state->size)))
		i++;
	error_set(err, STATUS_FAILED, "the header can't be written: a value in it has 4 GiB or more, or is nested deeper than %d levels", PACK_DEPTH);
	if (i < n)
		error_prefix(err, "step %zu '%s'", places[i].step, places[i].entry->text);
	free(places);
	return -1;
}

int writer_header(struct writer *writer, const struct header *header, struct error *err)
{
	struct buffer map = BUFFER_INIT;
	int result;

	if (header->schema.n_fields > MAX_FIELDS)
		return error_set(err, STATUS_FAILED, "%zu fields (a stream has at most %d)", header->schema.n_fields, MAX_FIELDS);
	header_pack(header, &map);
	if (!pack_sound(map.data, map.size)) {
		buffer_free(&map);
		return unsound(&header->lineage, err);
	}
	XXH3_64bits_reset(writer->hash);
	writer->begun = true;
	result = write_message(writer, "header", map.data, map.size, err);
	buffer_free(&map);
	return result;
}

/* ---- batches ---- */

/* A run on the wire: where it begins in the data (told to the head), its bytes, padding to 8 behind. */
static void add_run(struct writer *writer, const char *key, const void *data, size_t size)
{
	static const char zeros[8];
	size_t padding = (8 - size % 8) % 8;
	struct wire_piece *last;

	pack_text(&writer->head, key);
	pack_array(&writer->head, 2);
	pack_uint(&writer->head, writer->data_size);
	pack_uint(&writer->head, size);
	writer->data_size += size + padding;
	if (size >= (writer->small.size < COPY_ALL ? COPY_BELOW : COPY_THEN)) {
		array_grow(writer->pieces, writer->n_pieces, writer->room);
		writer->pieces[writer->n_pieces++] = (struct wire_piece){ data, 0, size };
		size = 0;
	}
	if (size + padding == 0)
		return;
	last = writer->n_pieces ? &writer->pieces[writer->n_pieces - 1] : NULL;
	if (!last || last->data) {
		array_grow(writer->pieces, writer->n_pieces, writer->room);
		last = &writer->pieces[writer->n_pieces++];
		*last = (struct wire_piece){ NULL, writer->small.size, 0 };
	}
	buffer_add(&writer->small, data, size);
	buffer_add(&writer->small, zeros, padding);
	last->size += size + padding;
}

/* The map of a column: so many pairs come. */
static void start_map(struct writer *writer, uint32_t n, const struct column *column)
{
	pack_map(&writer->head, n + column->mixed + column->words);
	if (column->mixed) {
		pack_text(&writer->head, "mixed");
		pack_bool(&writer->head, true);
	}
	if (column->words) {
		pack_text(&writer->head, "words");
		pack_bool(&writer->head, true);
	}
}

static void add_encoded(struct writer *writer, const struct column *column, enum type type)
{
	if (column->encoding == ENCODED_SEQUENCE) {
		start_map(writer, 2, column);
		pack_key_int(&writer->head, "first", column->first.number);
		pack_key_int(&writer->head, "step", column->step);
		return;
	}
	start_map(writer, type == TYPE_BOOL ? 2 : 3, column);
	pack_text(&writer->head, "most");
	if (type == TYPE_BOOL)
		pack_bool(&writer->head, column->first.number != 0);
	else if (type == TYPE_REAL)
		pack_real(&writer->head, column->first.real);
	else
		pack_int(&writer->head, column->first.number);
	add_run(writer, "at", column->at, column->n_odd * sizeof *column->at);
	if (type != TYPE_BOOL)
		add_run(writer, "odd", column->odd, column->n_odd * type_width(type));
}

static void add_narrow(struct writer *writer, const struct column *column, enum type type, size_t n_rows)
{
	add_run(writer, "values", column->narrow, n_rows * column->narrow_width);
	pack_text(&writer->head, "width");
	pack_uint(&writer->head, column->narrow_width);
	if (type != TYPE_REAL) {
		if (column->encoding == ENCODED_PLACED) {
			pack_key_int(&writer->head, "base", column->first.number);
			pack_key_int(&writer->head, "step", column->step);
		}
		return;
	}
	pack_text(&writer->head, "digits");
	pack_uint(&writer->head, column->digits);
	if (column->encoding != ENCODED_PLACED)
		return;
	pack_key_real(&writer->head, "center", column->center);
	pack_key_real(&writer->head, "scale", column->scale);
}

static void add_text(struct writer *writer, const struct column *column, size_t n_rows)
{
	const void *codes = column->wire_codes;
	uint8_t width = column->code_width;

	add_run(writer, "offsets", column->offsets, ((size_t)column->n_entries + 1) * 4);
	add_run(writer, "bytes", column->bytes, column->bytes_size);
	if (!column->has_codes)
		return;
	if (!codes) {
		struct column narrow = COLUMN_INIT;     /* keeps them until the batch is out */
		uint32_t *room = column_new_codes(&narrow, writer->pool, n_rows);

		codes_narrow(column, n_rows, room, &width);
		codes = room;
		array_grow(writer->kept, writer->n_kept, writer->room_kept);
		writer->kept[writer->n_kept++] = narrow.blocks[0];
	}
	add_run(writer, "codes", codes, n_rows * width);
	pack_text(&writer->head, "width");
	pack_uint(&writer->head, width);
}

static uint32_t pairs_of(const struct column *column, enum type type)
{
	if (column_is_narrow(column))
		return (type == TYPE_REAL ? 3 : 2) + (column->encoding == ENCODED_PLACED ? 2 : 0);
	if (type != TYPE_TEXT)
		return 1;
	return column->has_codes ? 4 : 2;
}

static void add_column(struct writer *writer, const struct column *column, enum type type, size_t n_rows)
{
	if (column->encoding == ENCODED_SEQUENCE || column->encoding == ENCODED_MOSTLY) {
		add_encoded(writer, column, type);
		return;
	}
	start_map(writer, pairs_of(column, type) + (column->valid != NULL), column);
	if (column->valid)
		add_run(writer, "valid", column->valid, bits_words(n_rows) * 8);
	if (type == TYPE_TEXT)
		add_text(writer, column, n_rows);
	else if (column_is_narrow(column))
		add_narrow(writer, column, type, n_rows);
	else
		add_run(writer, "values", column->values, n_rows * type_width(type));
}

static int flush_pieces(struct writer *writer, struct error *err)
{
	struct iovec iov[MAX_PIECES];
	int n = 1;

	iov[0] = (struct iovec){ writer->head.data, writer->head.size };
	proof_add(writer->hash, writer->head.data, writer->head.size);
	for (size_t i = 0; i < writer->n_pieces; i++) {
		const struct wire_piece *piece = &writer->pieces[i];
		const void *data = piece->data ? piece->data : writer->small.data + piece->at;

		proof_add(writer->hash, data, piece->size);
		iov[n++] = (struct iovec){ (void *)data, piece->size };
		if (n == MAX_PIECES) {
			if (written(writer, write_pieces(writer->fd, iov, n, writer->host, err)) < 0)
				return -1;
			n = 0;
		}
	}
	return written(writer, write_pieces(writer->fd, iov, n, writer->host, err));
}

static int write_plain(struct writer *writer, struct batch *batch, struct error *err)
{
	buffer_clear(&writer->head);
	if (records_pack(batch, &writer->head, err) < 0)
		return -1;
	return write_head(writer, err);
}

static int write_columns(struct writer *writer, struct batch *batch, struct error *err);

/* Half of it, and the other half: a batch that steps made too wide for a message. */
static int write_halves(struct writer *writer, struct batch *batch, struct error *err)
{
	struct batch half = BATCH_INIT;
	size_t middle = batch->n_rows / 2;
	int result = batch_slice(&half, batch, 0, middle, err);

	if (result == 0)
		result = write_columns(writer, &half, err);
	if (result == 0)
		result = batch_slice(&half, batch, middle, batch->n_rows - middle, err);
	if (result == 0)
		result = write_columns(writer, &half, err);
	batch_free(&half);
	return result;
}

static int write_columns(struct writer *writer, struct batch *batch, struct error *err)
{
	const struct schema *schema = batch->schema;
	int result = -1;

	if (batch_bytes(batch) > MESSAGE_CAP / 2 && batch->n_rows > 1)
		return write_halves(writer, batch, err);
	buffer_clear(&writer->head);
	buffer_clear(&writer->small);
	writer->n_pieces = writer->data_size = 0;
	pack_array(&writer->head, 3);
	pack_text(&writer->head, "batch");
	pack_map(&writer->head, 2);
	pack_text(&writer->head, "rows");
	pack_uint(&writer->head, batch->n_rows);
	pack_text(&writer->head, "columns");
	pack_array(&writer->head, batch->n_columns);
	for (size_t col = 0; col < batch->n_columns; col++)
		add_column(writer, &batch->columns[col], schema->fields[col].type, batch->n_rows);
	if (writer->data_size > MESSAGE_CAP) {
		error_set(err, STATUS_FAILED, "a row of more than %d MiB", MESSAGE_CAP >> 20);
	} else {
		pack_bin_head(&writer->head, writer->data_size);
		result = flush_pieces(writer, err);
	}
	while (writer->n_kept)
		block_drop(writer->kept[--writer->n_kept]);
	return result;
}

int writer_batch(struct writer *writer, struct batch *batch, struct error *err)
{
	if (batch->n_rows == 0)
		return 0;
	writer->rows += batch->n_rows;
	return writer->flags & WRITE_RECORDS ? write_plain(writer, batch, err) : write_columns(writer, batch, err);
}

int writer_end(struct writer *writer, const struct end *end, struct error *err)
{
	struct end mine = *end;
	bool check = !(writer->flags & WRITE_RECORDS);

	mine.rows = writer->rows;
	buffer_clear(&writer->head);
	end_pack(&mine, &writer->head);
	proof_add(writer->hash, writer->head.data, writer->head.size);
	if (check)
		pack_uint_whole(&writer->head, XXH3_64bits_digest(writer->hash));
	else
		pack_nil(&writer->head);
	return put_head(writer, err);
}

void writer_fail(struct writer *writer, const struct error *err)
{
	struct error ignored = ERROR_INIT;

	if (err->code == STATUS_PIPE || err->code == STATUS_INTERRUPT || writer->cut)
		return;
	buffer_clear(&writer->head);
	error_pack(err, host_program(writer->host), &writer->head);
	(void)!put_head(writer, &ignored);
}
