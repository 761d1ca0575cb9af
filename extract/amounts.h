/* SPDX-License-Identifier: MIT */
/*
 * Text columns that are amounts: money with its currency ($1,234.50, EUR 3, 12 €) or percentages (45%). They stay text,
 * since a number would lose what it is a number of; a step of recipe(5) makes numbers of them, and that is what is
 * said. A few texts of each batch are looked at, of those with a dictionary its words, and of many small batches few in
 * all, so that it costs nothing and does not hang on how the file was read.
 */
#ifndef AMOUNTS_H
#define AMOUNTS_H

#include "batch.h"
#include "buffer.h"

/* A column so far. kind: of the first amount; NULL: there was none. */
struct amounts {
	const char *kind, *unit;        /* unit: as `unit=` takes it, up to a '|'; "%" */
	size_t n, n_point, n_comma;     /* texts that are no words for a missing value; amounts of the kind with a decimal point, with a comma: many are both */
	size_t n_rows, n_looked;        /* of the batches so far; texts of theirs that were looked at */
};

/* column: of text, made by a program of ours, with n_rows rows. */
void amounts_add(struct amounts *amounts, const struct column *column, size_t n_rows);
void amounts_add_text(struct amounts *amounts, const char *text, size_t size);
/* Adds the step, "parse price as money unit=$"; false: nearly all (few_cells.h) would have to be amounts of one kind, and are not. */
bool amounts_step(const struct amounts *amounts, const char *name, struct buffer *to);

#endif
