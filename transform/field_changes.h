/* SPDX-License-Identifier: MIT */
/*
 * What a unit does to the fields, as no more than what differs: ten thousand units
 * must not cost ten thousand copies of ten thousand fields. Each worker has a view
 * of the fields, which takes one change after the other as a batch goes through.
 */
#ifndef FIELD_CHANGES_H
#define FIELD_CHANGES_H

#include <stdint.h>

#include "schema.h"

/* `field` stands at `at` from now on; owned. */
struct field_edit { size_t at; struct field field; };

/* The next n fields are those that stood from `from` on; NEW_FIELDS: edits give them. */
struct field_run { size_t from, n; };
#define NEW_FIELDS SIZE_MAX

/* First the runs, if fields moved or went; then the edits, in order: one may be right behind the last field. */
struct field_changes {
	struct field_run *runs;         /* NULL: all stay where they are */
	struct field_edit *edits;
	size_t n_runs, room_runs, n_edits, room_edits;
};

/* Fields whose texts belong to others: to the schema that the view began with and to the changes that it took. All zero is empty. */
struct field_view {
	struct schema schema;
	struct field *spare;            /* room for as many as schema.room; NULL: no fields moved so far */
};

void view_start(struct field_view *view, const struct schema *schema);
void view_take(struct field_view *view, const struct field_changes *changes);
void view_release(struct field_view *view);

/* What leads from the view to `after`; the view takes it. changes: empty. */
void changes_find(struct field_changes *changes, struct field_view *view, const struct schema *after);
/* The same bit by bit, where no field moved: one column, unless it is new; then all that are new behind those of the view. */
void changes_find_at(struct field_changes *changes, struct field_view *view, const struct schema *after, size_t col);
void changes_find_new(struct field_changes *changes, struct field_view *view, const struct schema *after);
void changes_release(struct field_changes *changes);

#endif
