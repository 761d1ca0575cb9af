/* SPDX-License-Identifier: MIT */
/*
 * Messages out of the bytes of a wire. Small ones are gathered whole and
 * unpacked; of a batch only the head (read_batch.h). Every byte from the header on
 * is hashed as it is taken, up to the check's own value at the end. After an end
 * comes nothing, or another stream with an equal header (cat a.mp b.mp).
 */
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "memory.h"
#include "message.h"
#include "read_batch.h"
#include "records.h"

enum { LOOK_ROWS = 64 * 1024, LOOK_BYTES = 64 << 20, LOOK_TEXT = 64, PIECES_SIZE = 64, SMALL_CAP = 64 << 20 /* of an end or an error */ };

enum kind { KIND_HEADER, KIND_BATCH, KIND_END, KIND_ERROR, KIND_MODEL, KIND_PIECE, KIND_RECORD, KIND_NONE };

struct reader {
	struct wire wire;
	struct reader_options options;
	uint64_t rows;                  /* of the stream being read; those before it are in end */
	struct header header;
	struct bytes *model;
	struct end end;
	bool *reformed;                 /* by field: it had another form in the first stream; NULL: none had */
	bool begun, ended, batched, has_end;    /* begun: a message was taken; batched: rows of this stream came in batches */
	bool checked;                   /* the header had a check */
	struct records *records;
	struct unpacked record;
	struct pool *pool;
	struct batch_reader batches;
};

/* ---- which message comes next ---- */

static bool is_map(unsigned char first)
{
	return (first & 0xf0) == 0x80 || first == 0xde || first == 0xdf;
}

static int not_a_stream(struct reader *reader, struct error *err)
{
	const unsigned char *bytes;
	bool text = true;
	size_t n;

	while (wire_left(&reader->wire) < LOOK_TEXT && !reader->wire.at_eof)
		if (wire_fill(&reader->wire, err) < 0)
			return -1;
	bytes = wire_here(&reader->wire);
	n = wire_left(&reader->wire) < LOOK_TEXT ? wire_left(&reader->wire) : LOOK_TEXT;

	for (size_t i = 0; i < n; i++)
		text &= (bytes[i] >= 0x20 && bytes[i] < 0x7f) || (bytes[i] >= '\t' && bytes[i] <= '\r') || bytes[i] >= 0xc2;
	if (text && bytes[0] < 0x80) {
		error_set(err, STATUS_FAILED, "%s is not a stream, it looks like text", reader->wire.name);
		return host_advise(reader->options.host, ADVICE_READ_TEXT, NULL, err);
	}
	if (is_map(bytes[0])) {
		error_set(err, STATUS_FAILED, "%s holds records without a header", reader->wire.name);
		return host_advise(reader->options.host, ADVICE_READ_RECORDS, NULL, err);
	}
	return error_set(err, STATUS_FAILED, "%s is not a stream", reader->wire.name);
}

/* The kind of the message that begins at `offset`; *head: bytes of the array's head and the kind. */
static int peek(struct reader *reader, size_t offset, enum kind *kind, size_t *head, struct error *err)
{
	static const struct { const char *name; unsigned char n; enum kind kind; } kinds[] = {
		{ "header", 2, KIND_HEADER }, { "batch", 3, KIND_BATCH }, { "end", 2, KIND_END }, { "error", 2, KIND_ERROR }, { "model", 2, KIND_MODEL },
		{ "piece", 2, KIND_PIECE },
	};
	const unsigned char *bytes;
	size_t size;

	*kind = KIND_NONE;
	while (wire_left(&reader->wire) < offset + 8 && !reader->wire.at_eof)
		if (wire_fill(&reader->wire, err) < 0)
			return -1;
	if (wire_left(&reader->wire) <= offset)
		return 0;
	bytes = wire_here(&reader->wire) + offset;
	size = wire_left(&reader->wire) - offset;
	if (is_map(bytes[0])) {
		*kind = KIND_RECORD;
		return 0;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i].name);
		size_t most = length < size - 1 ? length : size - 1;

		if (bytes[0] != (0x90 | kinds[i].n))
			continue;
		if (size > 1 && bytes[1] != (0xa0 | length))
			continue;
		if (size > 2 && memcmp(bytes + 2, kinds[i].name, most < size - 2 ? most : size - 2) != 0)
			continue;
		if (size < 2 + length)
			return wire_cut(&reader->wire, err);
		*kind = kinds[i].kind;
		*head = 2 + length;
		return 0;
	}
	if (reader->begun)
		return error_set(err, STATUS_UPSTREAM, "%s: broken stream after %llu rows", reader->wire.name, (unsigned long long)reader->wire.rows);
	return not_a_stream(reader, err);
}

/* ---- the small messages ---- */

/* Unpacks the map behind the message's head; its bytes stay in `in` until it is taken (size bytes from start). */
static int message_map(struct reader *reader, size_t head, struct unpacked *map, size_t *size, struct error *err)
{
	size_t map_size;
	int result = wire_whole(&reader->wire, head, SMALL_CAP, &map_size, err);

	map->zone = NULL;
	if (result <= 0)
		return result < 0 ? -1 : wire_cut(&reader->wire, err);
	*size = head + map_size;
	if (pack_read(map, wire_here(&reader->wire) + head, map_size, err) < 0)
		return error_prefix(err, "%s", reader->wire.name);
	return 0;
}

static int read_error(struct reader *reader, size_t head, struct error *err)
{
	struct unpacked map;
	size_t size = 0;

	if (message_map(reader, head, &map, &size, err) < 0)
		return -1;
	error_read(err, &map.object);
	unpacked_free(&map);
	return -1;
}

/* One piece behind the last: its bytes are gathered as they come, whatever the head promised. */
static int read_piece(struct reader *reader, uint64_t most, struct buffer *to, struct error *err)
{
	struct wire *wire = &reader->wire;
	enum kind kind;
	size_t head = 0, bin = 0;
	uint64_t left;

	if (peek(reader, 0, &kind, &head, err) < 0)
		return -1;
	if (kind == KIND_NONE)
		return wire_cut(wire, err);
	if (kind == KIND_ERROR)
		return read_error(reader, head, err);
	if (kind != KIND_PIECE)
		return error_set(err, STATUS_UPSTREAM, "%s: broken stream: a piece is missing", wire->name);
	if (wire_bin(wire, head, &left, &bin, err) < 0)
		return -1;
	if (left == 0 || left > most)
		return error_set(err, STATUS_FAILED, "%s: broken stream: a piece of another size than was said", wire->name);
	wire_take(wire, head + bin);
	while (left) {
		size_t here = wire_left(wire) < left ? wire_left(wire) : (size_t)left;

		buffer_add(to, wire_here(wire), here);
		wire_take(wire, here);
		left -= here;
		if (left && wire_fill(wire, err) < 0)
			return -1;
		if (left && wire->at_eof)
			return wire_cut(wire, err);
	}
	return 0;
}

/* Whether a short map stands for a long one: {pieces, size}. */
static bool in_pieces(const struct buffer *map, uint64_t *pieces, uint64_t *size)
{
	struct error ignored = ERROR_INIT;
	struct unpacked head;
	bool both;

	if (map->size > PIECES_SIZE || pack_read(&head, map->data, map->size, &ignored) < 0)
		return false;
	both = object_uint(map_get(&head.object, "pieces"), pieces) && object_uint(map_get(&head.object, "size"), size);
	unpacked_free(&head);
	return both;
}

/* The packed map of a header or a model, all its pieces joined; the message is taken. */
static int read_map(struct reader *reader, size_t head, struct buffer *to, struct error *err)
{
	size_t map_size;
	uint64_t pieces, size;
	int result = wire_whole(&reader->wire, head, MESSAGE_CAP, &map_size, err);

	if (result <= 0)
		return result < 0 ? -1 : wire_cut(&reader->wire, err);
	reader->begun = true;
	buffer_add(to, wire_here(&reader->wire) + head, map_size);
	wire_take(&reader->wire, head + map_size);
	if (!in_pieces(to, &pieces, &size)) {
		wire_trim(&reader->wire);
		return 0;
	}
	buffer_clear(to);
	for (uint64_t i = 0; i < pieces; i++)
		if (read_piece(reader, size - to->size, to, err) < 0)
			return -1;
	wire_trim(&reader->wire);
	if (to->size != size || size == 0)
		return error_set(err, STATUS_FAILED, "%s: broken stream: pieces of another size than was said", reader->wire.name);
	return 0;
}

static int read_model(struct reader *reader, size_t head, struct error *err)
{
	struct buffer map = BUFFER_INIT;
	int result = read_map(reader, head, &map, err);

	reader->model = bytes_of(&map);
	if (result < 0)
		return -1;
	return model_prove(reader->model, err) < 0 ? error_prefix(err, "%s", reader->wire.name) : 0;
}

int model_prove(const struct bytes *map, struct error *err)
{
	enum pack_proof proof = pack_proof(map->data, map->size);
	int64_t format;

	/* Newer formats may end in something else than a check, so the format comes first. */
	if (!pack_first_int(map->data, map->size, "format", &format) || format < 1)
		return error_set(err, STATUS_FAILED, "broken model: no format");
	if (format > MODEL_FORMAT)
		return error_set(err, STATUS_REQUIREMENT, "the model was made by a newer Millrace: format %lld, this one reads up to %d (update it)",
		                 (long long)format, MODEL_FORMAT);
	if (format < MODEL_FORMAT)
		return error_set(err, STATUS_REQUIREMENT, "the model is of format %lld, which was never released (make it anew)", (long long)format);
	if (proof == PROOF_NONE)
		return error_set(err, STATUS_FAILED, "broken model: no check");
	return proof == PROOF_RIGHT ? 0 : error_set(err, STATUS_FAILED, "broken model: its check differs: bytes were changed");
}

/* Before a word of it is used; but for another format, which header_read refuses. */
static int prove_header(struct reader *reader, const struct buffer *map, struct error *err)
{
	enum pack_proof proof = pack_proof(map->data, map->size);
	int64_t format;

	reader->checked = proof != PROOF_NONE;
	if (proof == PROOF_RIGHT || (pack_first_int(map->data, map->size, "format", &format) && format != STREAM_FORMAT))
		return 0;
	if (proof == PROOF_WRONG)
		return error_set(err, STATUS_UPSTREAM, "the check of the header differs: bytes were changed (a script that changes a header leaves its check out)");
	if (!reader->options.head_only)
		return 0;
	error_set(err, STATUS_FAILED, "a header without a check, and the rest is not read");
	return host_advise(reader->options.host, ADVICE_PROVE_HEADER, NULL, err);
}

/* Streams are joined whatever their forms: a column that was written in another one than the first stream's is mixed. */
static void compare_forms(struct reader *reader, const struct schema *schema)
{
	const struct schema *first = &reader->header.schema;

	free(reader->reformed);
	reader->reformed = mem_new(schema->n_fields, sizeof *reader->reformed);
	for (size_t col = 0; col < schema->n_fields; col++) {
		const char *form = schema->fields[col].form, *firsts = first->fields[col].form;

		reader->reformed[col] = schema->fields[col].type != TYPE_TEXT && form != firsts && (!form || !firsts || strcmp(form, firsts) != 0);
	}
}

static int read_header(struct reader *reader, size_t head, struct error *err)
{
	struct header again = HEADER_INIT, *header = reader->has_end ? &again : &reader->header;
	struct buffer bytes = BUFFER_INIT;
	struct unpacked map;
	int result;

	XXH3_64bits_reset(reader->wire.hash);
	reader->wire.hashing = true;
	if (read_map(reader, head, &bytes, err) < 0) {
		buffer_free(&bytes);
		return -1;
	}
	result = prove_header(reader, &bytes, err);
	if (result == 0)
		result = pack_read(&map, bytes.data, bytes.size, err);
	if (result == 0) {
		result = header_read(header, &map.object, err);
		unpacked_free(&map);
	}
	buffer_free(&bytes);
	if (result < 0) {
		error_prefix(err, "%s", reader->wire.name);
	} else if (reader->has_end) {
		if (schema_compare(&reader->header.schema, &again.schema, err) < 0 || lineage_compare(&reader->header.lineage, &again.lineage, err) < 0)
			result = error_prefix(err, "%s: the streams do not continue each other", reader->wire.name);
		else
			compare_forms(reader, &again.schema);
	}
	header_release(&again);         /* empty, unless a second stream began */
	reader->rows = 0;
	reader->ended = reader->batched = false;
	return result;
}

/* Of an end without a check. Batches are proven or worthless, and so is a file of which the head is used; plain records may have passed a
 * script that dropped some. Where no row came nothing shows that they were plain, so the end must say so. */
static int unproven_end(const struct reader *reader, enum end_check has, struct error *err)
{
	if (!reader->batched && !reader->options.file_head && (reader->rows || !reader->checked || has == END_UNPROVEN))
		return 0;
	error_set(err, STATUS_UPSTREAM, "%s: an end without a check", reader->wire.name);
	return reader->options.file_head ? host_advise(reader->options.host, ADVICE_PROVE_HEADER, NULL, err) : -1;
}

static int read_end(struct reader *reader, size_t head, struct error *err)
{
	struct end end;
	struct unpacked map;
	uint64_t check = 0;
	enum end_check has;
	size_t size = 0;
	int result;

	if (message_map(reader, head, &map, &size, err) < 0)
		return -1;
	result = end_read(&end, &map.object, &has, &check, err);
	unpacked_free(&map);
	if (result < 0) {
		end_release(&end);
		return error_prefix(err, "%s", reader->wire.name);
	}
	if (has == END_PROVEN) {
		wire_take(&reader->wire, size - CHECK_SIZE);
		if (XXH3_64bits_digest(reader->wire.hash) != check)
			result = error_set(err, STATUS_UPSTREAM, "%s: the check at the end differs: bytes were changed or lost on the way", reader->wire.name);
		else if (reader->rows != end.rows)
			result = error_set(err, STATUS_UPSTREAM, "%s: the end counts %llu rows, %llu came", reader->wire.name,
				(unsigned long long)end.rows, (unsigned long long)reader->rows);
		reader->wire.start += CHECK_SIZE;
	} else {
		result = unproven_end(reader, has, err);
		wire_take(&reader->wire, size);
	}
	end.rows = reader->rows;
	reader->rows = 0;
	if (reader->has_end) {
		end_merge(&reader->end, &end);
		end_release(&end);
	} else {
		reader->end = end;
	}
	reader->has_end = reader->ended = true;
	reader->wire.hashing = false;
	return result;
}

/* ---- plain records ---- */

/* Adds the keys that no field has; widens the types of those added. seen[i]: whether field n_known + i had a value so far. */
static int foreign_keys(struct reader *reader, object map, size_t n_known, struct buffer *seen, struct error *err)
{
	struct schema *schema = &reader->header.schema;

	for (uint32_t i = 0; i < map->via.map.size; i++) {
		char *key = object_text(&map->via.map.ptr[i].key);
		int col, result = 0;
		bool was;

		if (!key)
			return error_set(err, STATUS_FAILED, "%s: a record with a key that is no text", reader->wire.name);
		col = schema_find(schema, key);
		if (col == NO_FIELD) {
			result = schema->n_fields == MAX_FIELDS ? error_set(err, STATUS_FAILED, "%s: more than %d fields", reader->wire.name, MAX_FIELDS)
				: schema_check_name(key, strlen(key), err);
			if (result == 0) {
				schema_add(schema, key, TYPE_TEXT, ROLE_FEATURE);
				buffer_add_byte(seen, false);
				col = (int)schema->n_fields - 1;
			}
		}
		if (result == 0 && (size_t)col >= n_known) {
			was = seen->data[(size_t)col - n_known];
			if (records_widen(&map->via.map.ptr[i].val, &schema->fields[col].type, &was))
				result = error_set(err, STATUS_FAILED, "%s: field '%s' holds a list or a map", reader->wire.name, key);
			seen->data[(size_t)col - n_known] = was;
		}
		free(key);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* Looks through the first records, without taking them, for fields that a script added: they must stand in the header. */
static int look_ahead(struct reader *reader, struct error *err)
{
	struct schema *schema = &reader->header.schema;
	size_t n_known = schema->n_fields, offset = 0, size;
	struct unpacked record = { .zone = NULL };
	struct buffer seen = BUFFER_INIT;
	enum kind kind = KIND_RECORD;
	int result = 0;

	for (size_t row = 0; row < LOOK_ROWS && offset < LOOK_BYTES && result == 0; row++) {
		size_t head;

		result = peek(reader, offset, &kind, &head, err);
		if (result < 0 || kind != KIND_RECORD)
			break;
		result = wire_whole(&reader->wire, offset, MESSAGE_CAP, &size, err) == 1 ? 0 : -1;
		if (result == 0)
			result = pack_read_again(&record, wire_here(&reader->wire) + offset, size, err);
		if (result == 0)
			result = foreign_keys(reader, &record.object, n_known, &seen, err);
		offset += size;
	}
	if (result == 0 && schema->n_fields > n_known) {
		struct entry *entry = lineage_add(&reader->header.lineage, "(fields that a script added)");

		for (size_t col = n_known; col < schema->n_fields; col++) {
			struct unit *unit = entry_add(entry, "foreign");
			struct buffer state = BUFFER_INIT;

			names_add(&unit->writes, schema->fields[col].name);
			unit->foreign = true;
			pack_map(&state, 1);
			pack_key_text(&state, "type", type_name(schema->fields[col].type));
			unit_set_state(unit, &state);
			unit_seal(unit);
		}
	}
	unpacked_free(&record);
	buffer_free(&seen);
	return result;
}

/* Records up to the next message of another kind or a full batch; `now`: or until none comes for a while. */
static int read_records(struct reader *reader, struct batch *to, bool now, struct error *err)
{
	uint64_t first_row = reader->wire.rows;
	enum kind kind = KIND_RECORD;
	size_t head, size;

	if (!reader->records)
		reader->records = records_new(&reader->header.schema);
	while (kind == KIND_RECORD && !records_full(reader->records)) {
		if (wire_whole(&reader->wire, 0, MESSAGE_CAP, &size, err) != 1 || pack_read_again(&reader->record, wire_here(&reader->wire), size, err) < 0 ||
		    records_add(reader->records, &reader->record.object, reader->rows, err) < 0)
			return error_prefix(err, "%s", reader->wire.name);
		reader->rows++;
		reader->wire.rows++;
		wire_take(&reader->wire, size);
		if (now && wire_left(&reader->wire) == 0 && wire_silent(&reader->wire))
			break;
		if (peek(reader, 0, &kind, &head, err) < 0)
			return -1;
	}
	records_finish(reader->records, reader->pool, to);
	to->first_row = first_row;
	return 0;
}

/* ---- the source ---- */

static int read_columns(struct reader *reader, size_t head, struct batch *to, struct error *err)
{
	if (batch_read(&reader->batches, &reader->header.schema, head, to, err) < 0)
		return -1;
	for (size_t col = 0; reader->reformed && col < to->n_columns; col++)
		to->columns[col].mixed |= reader->reformed[col];
	reader->batched |= to->n_rows > 0;
	reader->rows += to->n_rows;
	reader->wire.rows += to->n_rows;
	return 0;
}

static int reader_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct reader *reader = state;
	enum kind kind;
	size_t head = 0;

	for (;;) {
		batch_clear(to);
		if (peek(reader, 0, &kind, &head, err) < 0)
			return -1;
		if (kind == KIND_NONE)
			return reader->ended ? 0 : wire_cut(&reader->wire, err);
		if (kind == KIND_ERROR)
			return read_error(reader, head, err);
		if (reader->ended != (kind == KIND_HEADER) || kind == KIND_MODEL || kind == KIND_PIECE)
			return error_set(err, STATUS_UPSTREAM, "%s: broken stream: a message out of order after %llu rows", reader->wire.name,
				(unsigned long long)reader->wire.rows);
		if (kind == KIND_HEADER) {
			if (read_header(reader, head, err) < 0)
				return -1;
		} else if (kind == KIND_END) {
			if (read_end(reader, head, err) < 0)
				return -1;
		} else {
			if (kind == KIND_BATCH ? read_columns(reader, head, to, err) : read_records(reader, to, now, err))
				return -1;
			if (to->n_rows)
				return marks_check(to, err) < 0 ? -1 : 1;
		}
	}
}

static const struct end *reader_end(void *state)
{
	return &((struct reader *)state)->end;
}

static void reader_cancel(void *state)
{
	atomic_store(&((struct reader *)state)->wire.cancelled, true);
}

static void reader_close(void *state)
{
	struct reader *reader = state;

	free(reader->reformed);
	records_free(reader->records);
	unpacked_free(&reader->record);
	batch_reader_release(&reader->batches);
	pool_drop(reader->pool);
	bytes_drop(reader->model);
	end_release(&reader->end);
	header_release(&reader->header);
	wire_close(&reader->wire);
	free(reader);
}

/* The rest of a file of which only the head is used. */
static int read_out(struct reader *reader, struct error *err)
{
	struct batch rows = BATCH_INIT;
	int result;

	do
		result = reader_next(reader, &rows, false, err);
	while (result == 1);
	batch_free(&rows);
	return result;
}

static int open_messages(struct reader *reader, struct error *err)
{
	enum kind kind;
	size_t head = 0;

	if (peek(reader, 0, &kind, &head, err) < 0)
		return -1;
	if (kind == KIND_MODEL) {
		if (read_model(reader, head, err) < 0 || peek(reader, 0, &kind, &head, err) < 0)
			return -1;
		if (kind == KIND_NONE && (reader->options.model_alone || reader->options.file_head))
			return 0;
	}
	if (kind == KIND_NONE)
		return wire_cut(&reader->wire, err);
	if (kind == KIND_ERROR)
		return read_error(reader, head, err);
	if (kind == KIND_RECORD && !reader->model)
		return not_a_stream(reader, err);
	if (kind != KIND_HEADER && reader->model)
		return error_set(err, STATUS_UPSTREAM, "%s: what stands behind the model is no stream", reader->wire.name);
	if (kind != KIND_HEADER)
		return error_set(err, STATUS_UPSTREAM, "%s: a stream that does not begin with its header", reader->wire.name);
	if (read_header(reader, head, err) < 0 || look_ahead(reader, err) < 0)
		return -1;
	return reader->options.file_head ? read_out(reader, err) : 0;
}

int reader_open(struct source *source, int fd, const char *name, const struct reader_options *options, struct error *err)
{
	struct reader *reader = mem_new(1, sizeof *reader);

	if (options)
		reader->options = *options;
	reader->pool = reader->options.pool ? pool_use(reader->options.pool) : pool_new();
	if (reader->options.spare)
		pool_spare(reader->pool);
	wire_open(&reader->wire, fd, name, reader->options.read_size, reader->options.host);
	reader->wire.by_place = reader->options.by_place;
	reader->batches = (struct batch_reader){ .wire = &reader->wire, .pool = reader->pool };
	pipe_widen(fd);
	*source = (struct source){ &reader->header, reader_next, reader_end, reader_close, reader_cancel, reader };
	if (open_messages(reader, err) < 0) {
		/* In a pipe the program that failed has said so itself; of a file nobody remembers. */
		if (err->passed_on && reader->options.file_head) {
			err->passed_on = false;
			error_prefix(err, "%s: %s failed", name, err->program);
		}
		source_close(source);
		return -1;
	}
	return 0;
}

const struct bytes *reader_model(const struct source *source)
{
	return ((const struct reader *)source->state)->model;
}

int reader_lineage(const struct source *source, struct lineage *lineage, struct error *err)
{
	const struct bytes *model = reader_model(source);
	struct unpacked map;
	int result;

	if (!model) {
		lineage_copy(lineage, &source->header->lineage);
		return 0;
	}
	if (pack_read(&map, model->data, model->size, err) < 0)
		return -1;
	result = lineage_read(lineage, map_get(&map.object, "lineage"), err);
	unpacked_free(&map);
	return result;
}

bool reader_has_header(const struct source *source)
{
	return ((const struct reader *)source->state)->wire.hashing || ((const struct reader *)source->state)->has_end;
}

int source_next(struct source *source, struct batch *to, bool now, struct error *err)
{
	return source->next(source->state, to, now, err);
}

void source_cancel(struct source *source)
{
	if (source->cancel)
		source->cancel(source->state);
}

const struct end *source_inner_end(void *state)
{
	const struct source *inner = state;

	return inner->end(inner->state);
}

void source_inner_cancel(void *state)
{
	source_cancel(state);
}

void source_close(struct source *source)
{
	if (source->close)
		source->close(source->state);
	*source = (struct source){ .state = NULL };
}
