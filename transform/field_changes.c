/* SPDX-License-Identifier: MIT */
#include "field_changes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- views ---- */

static void make_room(struct field_view *view, size_t n)
{
	struct field *fields;
	size_t room = view->schema.room ? view->schema.room : 16;

	if (n <= view->schema.room)
		return;
	while (room < n)
		room += room / 2;
	fields = mem_array(room, sizeof *fields);
	if (view->schema.n_fields)
		memcpy(fields, view->schema.fields, view->schema.n_fields * sizeof *fields);
	free(view->schema.fields);
	free(view->spare);
	view->schema.fields = fields;
	view->schema.room = room;
	view->spare = NULL;
}

void view_start(struct field_view *view, const struct schema *schema)
{
	schema_drop_index(&view->schema);
	view->schema.n_fields = 0;
	make_room(view, schema->n_fields);
	if (schema->n_fields)
		memcpy(view->schema.fields, schema->fields, schema->n_fields * sizeof *schema->fields);
	view->schema.n_fields = schema->n_fields;
}

static void move_runs(struct field_view *view, const struct field_changes *changes)
{
	struct field *from;
	size_t n = 0;

	for (size_t i = 0; i < changes->n_runs; i++)
		n += changes->runs[i].n;
	make_room(view, n);
	if (!view->spare)
		view->spare = mem_array(view->schema.room, sizeof *view->spare);
	from = view->schema.fields;
	n = 0;
	for (size_t i = 0; i < changes->n_runs; i++) {
		const struct field_run *run = &changes->runs[i];

		if (run->from != NEW_FIELDS)
			memcpy(&view->spare[n], &from[run->from], run->n * sizeof *from);
		n += run->n;
	}
	view->schema.fields = view->spare;
	view->spare = from;
	view->schema.n_fields = n;
}

static void take_edit(struct field_view *view, const struct field_edit *edit)
{
	assert(edit->at <= view->schema.n_fields);
	make_room(view, edit->at + 1);
	view->schema.fields[edit->at] = edit->field;
	if (edit->at == view->schema.n_fields)
		view->schema.n_fields++;
}

void view_take(struct field_view *view, const struct field_changes *changes)
{
	if (!changes->runs && changes->n_edits == 0)
		return;
	schema_drop_index(&view->schema);
	if (changes->runs)
		move_runs(view, changes);
	for (size_t i = 0; i < changes->n_edits; i++)
		take_edit(view, &changes->edits[i]);
}

void view_release(struct field_view *view)
{
	schema_drop_index(&view->schema);
	free(view->schema.fields);
	free(view->spare);
	*view = (struct field_view){ .spare = NULL };
}

/* ---- changes ---- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_field(const struct field *a, const struct field *b)
{
	return a->type == b->type && a->role == b->role && a->as_real == b->as_real && a->answers == b->answers &&
	       strcmp(a->name, b->name) == 0 && same_text(a->unit, b->unit) && same_text(a->form, b->form);
}

static void add_run(struct field_changes *changes, size_t from, size_t n)
{
	array_grow_few(changes->runs, changes->n_runs, changes->room_runs);
	changes->runs[changes->n_runs++] = (struct field_run){ from, n };
}

static void add_edit(struct field_changes *changes, size_t at, const struct field *field)
{
	array_grow_few(changes->edits, changes->n_edits, changes->room_edits);
	changes->edits[changes->n_edits].at = at;
	field_copy(&changes->edits[changes->n_edits++].field, field);
}

/* Whether one that was there before stands elsewhere now, or has gone. */
static bool moved(const struct schema *before, const struct schema *after)
{
	if (after->n_fields < before->n_fields)
		return true;
	for (size_t col = 0; col < before->n_fields; col++)
		if (strcmp(before->fields[col].name, after->fields[col].name) != 0 && schema_find(before, after->fields[col].name) != NO_FIELD)
			return true;
	return false;
}

static void find_runs(struct field_changes *changes, const struct schema *before, const struct schema *after)
{
	size_t from = 0, n = 0;         /* the run so far */

	for (size_t col = 0; col < after->n_fields; col++) {
		const char *name = after->fields[col].name;
		size_t next = from == NEW_FIELDS ? before->n_fields : from + n;
		int found;

		if (next < before->n_fields && strcmp(before->fields[next].name, name) == 0) {
			n++;
			continue;
		}
		found = schema_find(before, name);
		if (found == NO_FIELD && from == NEW_FIELDS) {
			n++;
			continue;
		}
		if (n)
			add_run(changes, from, n);
		from = found == NO_FIELD ? NEW_FIELDS : (size_t)found;
		n = 1;
	}
	add_run(changes, from, n);
}

/* A change in a place of its own: the field that was there. */
static void find_edits(struct field_changes *changes, const struct schema *before, const struct schema *after)
{
	size_t col = 0;

	for (size_t i = 0; i < changes->n_runs; i++)
		for (size_t k = 0; k < changes->runs[i].n; k++, col++)
			if (changes->runs[i].from == NEW_FIELDS ||
			    !same_field(&before->fields[changes->runs[i].from + k], &after->fields[col]))
				add_edit(changes, col, &after->fields[col]);
}

void changes_find(struct field_changes *changes, struct field_view *view, const struct schema *after)
{
	const struct schema *before = &view->schema;

	if (moved(before, after)) {
		find_runs(changes, before, after);
		find_edits(changes, before, after);
	} else {
		for (size_t col = 0; col < after->n_fields; col++)
			if (col >= before->n_fields || !same_field(&before->fields[col], &after->fields[col]))
				add_edit(changes, col, &after->fields[col]);
	}
	view_take(view, changes);
}

/* From the n-th edit on, there are no runs. */
static void take_edits(struct field_view *view, const struct field_changes *changes, size_t n)
{
	schema_drop_index(&view->schema);
	for (; n < changes->n_edits; n++)
		take_edit(view, &changes->edits[n]);
}

void changes_find_at(struct field_changes *changes, struct field_view *view, const struct schema *after, size_t col)
{
	if (col >= view->schema.n_fields || same_field(&view->schema.fields[col], &after->fields[col]))
		return;
	add_edit(changes, col, &after->fields[col]);
	take_edits(view, changes, changes->n_edits - 1);
}

void changes_find_new(struct field_changes *changes, struct field_view *view, const struct schema *after)
{
	size_t n = changes->n_edits;

	for (size_t col = view->schema.n_fields; col < after->n_fields; col++)
		add_edit(changes, col, &after->fields[col]);
	take_edits(view, changes, n);
}

void changes_release(struct field_changes *changes)
{
	for (size_t i = 0; i < changes->n_edits; i++)
		field_release(&changes->edits[i].field);
	free(changes->edits);
	free(changes->runs);
	*changes = (struct field_changes){ .runs = NULL };
}
