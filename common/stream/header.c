/* SPDX-License-Identifier: MIT */
/* The header, the end and the error: structures, and their maps on the wire. */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void header_copy(struct header *to, const struct header *from)
{
	schema_copy(&to->schema, &from->schema);
	lineage_copy(&to->lineage, &from->lineage);
	to->source = mem_text(from->source);
}

void header_release(struct header *header)
{
	schema_release(&header->schema);
	lineage_release(&header->lineage);
	free(header->source);
	*header = (struct header)HEADER_INIT;
}

void header_pack(const struct header *header, struct buffer *to)
{
	size_t from = to->size;

	pack_map(to, 4u + (header->source != NULL));
	pack_key_int(to, "format", STREAM_FORMAT);
	pack_text(to, "fields");
	fields_pack(&header->schema, to);
	pack_text(to, "lineage");
	lineage_pack(&header->lineage, to);
	if (header->source)
		pack_key_text(to, "source", header->source);
	pack_key_check(to, from);
}

int header_read(struct header *header, object map, struct error *err)
{
	int64_t format;

	if (!object_int(map_get(map, "format"), &format))
		return error_set(err, STATUS_FAILED, "broken header: no format");
	if (format < STREAM_FORMAT)
		return error_set(err, STATUS_REQUIREMENT, "a stream of format %lld, from before the first release of Millrace: make it anew", (long long)format);
	if (format > STREAM_FORMAT)
		return error_set(err, STATUS_REQUIREMENT, "a stream of format %lld, made by a newer Millrace (this one reads format %d: update it)",
			(long long)format, STREAM_FORMAT);
	if (fields_read(&header->schema, map_get(map, "fields"), err) < 0 || lineage_read(&header->lineage, map_get(map, "lineage"), err) < 0)
		return -1;
	return object_text_if(map_get(map, "source"), &header->source) ? 0 : error_set(err, STATUS_FAILED, "broken header: a source that is no text");
}

/* ---- stages ---- */

void stage_release(struct stage *stage)
{
	free(stage->program);
	tally_release(&stage->dropped);
	tally_release(&stage->counts);
	*stage = (struct stage){ .program = NULL };
}

static void stage_copy(struct stage *to, const struct stage *from)
{
	*to = *from;
	to->program = mem_text(from->program);
	to->dropped = to->counts = (struct tally){ .items = NULL };
	tally_merge(&to->dropped, &from->dropped);
	tally_merge(&to->counts, &from->counts);
}

/* ---- bookmarks ---- */

const struct buffer *bookmarks_find(const struct bookmarks *bookmarks, const char *source)
{
	size_t at = names_find(&bookmarks->sources, source);

	return at == NO_NAME ? NULL : &bookmarks->values[at];
}

void bookmarks_set(struct bookmarks *bookmarks, const char *source, const void *value, size_t size)
{
	size_t at = names_find(&bookmarks->sources, source);

	if (at == NO_NAME) {
		at = bookmarks->sources.n;
		array_grow(bookmarks->values, at, bookmarks->room);
		bookmarks->values[at] = (struct buffer)BUFFER_INIT;
		names_add(&bookmarks->sources, source);
	}
	buffer_clear(&bookmarks->values[at]);
	buffer_add(&bookmarks->values[at], value, size);
}

static void bookmarks_join(struct bookmarks *to, const struct bookmarks *from)
{
	for (size_t i = 0; i < from->sources.n; i++)
		bookmarks_set(to, from->sources.items[i], from->values[i].data, from->values[i].size);
}

static void bookmarks_release(struct bookmarks *bookmarks)
{
	for (size_t i = 0; i < bookmarks->sources.n; i++)
		buffer_free(&bookmarks->values[i]);
	free(bookmarks->values);
	names_release(&bookmarks->sources);
	*bookmarks = (struct bookmarks){ .values = NULL };
}

static void bookmarks_pack(const struct bookmarks *bookmarks, struct buffer *to)
{
	pack_map(to, bookmarks->sources.n);
	for (size_t i = 0; i < bookmarks->sources.n; i++) {
		pack_text(to, bookmarks->sources.items[i]);
		buffer_add(to, bookmarks->values[i].data, bookmarks->values[i].size);
	}
}

static int bookmarks_read(struct bookmarks *bookmarks, object map, struct error *err)
{
	if (map->type != MSGPACK_OBJECT_MAP)
		return error_set(err, STATUS_UPSTREAM, "broken end: bookmarks that are no map");
	for (size_t i = 0; i < map->via.map.size; i++) {
		char *source = object_text(&map->via.map.ptr[i].key);
		struct buffer value = BUFFER_INIT;

		if (!source)
			return error_set(err, STATUS_UPSTREAM, "broken end: a bookmark without a source");
		pack_object(&value, &map->via.map.ptr[i].val);
		bookmarks_set(bookmarks, source, value.data, value.size);
		buffer_free(&value);
		free(source);
	}
	return 0;
}

/* ---- the end ---- */

void end_add_stage(struct end *end, const struct stage *stage)
{
	array_grow(end->stages, end->n_stages, end->room);
	stage_copy(&end->stages[end->n_stages++], stage);
}

void end_copy(struct end *to, const struct end *from)
{
	*to = (struct end){ .rows = from->rows, .partial = from->partial };
	for (size_t i = 0; i < from->n_stages; i++)
		end_add_stage(to, &from->stages[i]);
	if (!from->partial)
		bookmarks_join(&to->bookmarks, &from->bookmarks);
}

/* Concatenated streams went through the same stages, by lineage: the k-th stage adds up with the k-th if the program agrees. */
void end_merge(struct end *to, const struct end *from)
{
	to->rows += from->rows;
	to->partial |= from->partial;
	for (size_t i = 0; i < from->n_stages; i++) {
		const struct stage *more = &from->stages[i];
		struct stage *stage = i < to->n_stages ? &to->stages[i] : NULL;

		if (!stage || strcmp(stage->program, more->program) != 0) {
			end_add_stage(to, more);
			continue;
		}
		stage->rows_in += more->rows_in;
		stage->rows_out += more->rows_out;
		stage->rejected += more->rejected;
		stage->seconds += more->seconds;
		tally_merge(&stage->dropped, &more->dropped);
		tally_merge(&stage->counts, &more->counts);
	}
	if (to->partial)
		bookmarks_release(&to->bookmarks);
	else
		bookmarks_join(&to->bookmarks, &from->bookmarks);
}

void end_release(struct end *end)
{
	for (size_t i = 0; i < end->n_stages; i++)
		stage_release(&end->stages[i]);
	free(end->stages);
	bookmarks_release(&end->bookmarks);
	*end = (struct end)END_INIT;
}

void end_pack(const struct end *end, struct buffer *to)
{
	bool marked = end->bookmarks.sources.n > 0 && !end->partial;

	pack_array(to, 2);
	pack_text(to, "end");
	pack_map(to, 3u + end->partial + marked);
	pack_text(to, "rows");
	pack_uint(to, end->rows);
	if (end->partial) {
		pack_text(to, "partial");
		pack_bool(to, true);
	}
	pack_text(to, "stages");
	pack_array(to, end->n_stages);
	for (size_t i = 0; i < end->n_stages; i++) {
		const struct stage *stage = &end->stages[i];

		pack_map(to, 7);
		pack_key_text(to, "program", stage->program);
		pack_text(to, "rows_in");
		pack_uint(to, stage->rows_in);
		pack_text(to, "rows_out");
		pack_uint(to, stage->rows_out);
		pack_text(to, "dropped");
		tally_pack(&stage->dropped, to);
		pack_text(to, "rejected");
		pack_uint(to, stage->rejected);
		pack_text(to, "counts");
		tally_pack(&stage->counts, to);
		pack_key_real(to, "seconds", stage->seconds);
	}
	if (marked) {
		pack_text(to, "bookmark");
		bookmarks_pack(&end->bookmarks, to);
	}
	pack_text(to, "check");
}

int end_read(struct end *end, object map, enum end_check *has, uint64_t *check, struct error *err)
{
	object given = map_get(map, "check"), stages = map_get(map, "stages"), bookmark = map_get(map, "bookmark");

	*end = (struct end)END_INIT;
	if (!object_uint(map_get(map, "rows"), &end->rows))
		return error_set(err, STATUS_UPSTREAM, "broken end: no count of rows");
	object_bool(map_get(map, "partial"), &end->partial);
	for (size_t i = 0; i < array_size(stages); i++) {
		object one = array_get(stages, i);
		struct stage stage = { .program = object_text(map_get(one, "program")) };

		if (!stage.program)
			return error_set(err, STATUS_UPSTREAM, "broken end: a stage without a program");
		object_uint(map_get(one, "rows_in"), &stage.rows_in);
		object_uint(map_get(one, "rows_out"), &stage.rows_out);
		object_uint(map_get(one, "rejected"), &stage.rejected);
		object_real(map_get(one, "seconds"), &stage.seconds);
		tally_read(&stage.dropped, map_get(one, "dropped"));
		tally_read(&stage.counts, map_get(one, "counts"));
		end_add_stage(end, &stage);
		stage_release(&stage);
	}
	if (bookmark && !end->partial && bookmarks_read(&end->bookmarks, bookmark, err) < 0)
		return -1;
	*has = !given ? END_SILENT : given->type == MSGPACK_OBJECT_NIL ? END_UNPROVEN : END_PROVEN;
	if (*has == END_PROVEN && !object_uint(given, check))
		return error_set(err, STATUS_UPSTREAM, "broken end: a check that is no number");
	return 0;
}

/* ---- the error ---- */

void error_pack(const struct error *err, const char *program, struct buffer *to)
{
	pack_array(to, 2);
	pack_text(to, "error");
	pack_map(to, 3);
	pack_key_text(to, "program", err->passed_on ? err->program : program);
	pack_key_text(to, "message", err->message);
	pack_key_int(to, "code", err->code);
}

int error_read(struct error *err, object map)
{
	char *program = object_text(map_get(map, "program")), *message = object_text(map_get(map, "message"));

	error_set(err, STATUS_UPSTREAM, "%s", message && *message ? message : "failed");
	err->passed_on = true;
	snprintf(err->program, sizeof err->program, "%s", program && *program ? program : "a stage before this one");
	free(program);
	free(message);
	return -1;
}
