/* SPDX-License-Identifier: MIT */
/* Steps that change the texts of one column in place, as text and replace do. */
#ifndef TEXT_COLUMN_H
#define TEXT_COLUMN_H

#include "step.h"

/* The column that the unit writes, and its state, to be freed by unpacked_free; NO_FIELD and err: it is not there, or no text. */
int text_column_open(const struct unit *unit, const struct schema *before, struct unpacked *state, struct error *err);
/* A step_kind's: it is text of another form. */
int text_column_fields(const struct unit *unit, struct schema *schema, struct error *err);
/* edit: appends what a text becomes (column_edit.h). */
int text_column_apply(struct batch *batch, size_t col, void (*edit)(void *state, const char *bytes, size_t size, struct buffer *to), void *state,
                      struct error *err);

#endif
