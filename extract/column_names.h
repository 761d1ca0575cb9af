/* SPDX-License-Identifier: MIT */
/*
 * How the columns of a file are named: by its first row, by --names, or c1, c2, ...
 *
 * Names of a header stand as they are. A column without one is called by its place, c3, and the second `x` x_2; where the
 * header has that name somewhere, too, the next free number is taken: x, x, x_2 are read as x, x_3, x_2.
 */
#ifndef COLUMN_NAMES_H
#define COLUMN_NAMES_H

#include "cells_config.h"
#include "row.h"

/* Looks at the first row (NULL: there is none) before it names the columns, for what is no row of this format at all: JSON, sep=;, another
 * delimiter, another encoding, lines that end in CR. It is an error that says what helps. */
int columns_look(struct columns *columns, const struct row *first, struct input *input, const char *delimiter,
                 const struct text_config *config, struct error *err) MUST_CHECK;
/* From the header, a row of texts (NULL: the file ended before it, an error): names the columns or, if a file before did, compares. --names wins over the row. */
int columns_from_header(struct columns *columns, const struct row *header, const struct input *input,
                        const struct text_config *config, struct error *err) MUST_CHECK;
/* No header: from --names, else as many as the first row has cells. */
int columns_without_header(struct columns *columns, size_t n_cells, const struct input *input,
                           const struct text_config *config, struct error *err) MUST_CHECK;

/* The column has no name in the header. */
static inline bool column_is_nameless(const struct columns *columns, size_t col) { return col < columns->header.n && !*columns->header.items[col]; }
/* Adds "1 column has no name and is read as 'c1'; ..." for all names that were made and are none of `known` (NULL: none is); nothing if there are none. */
void columns_tell(const struct columns *columns, const struct schema *known, struct buffer *to);
/* Adds where the lines left out come from, and the delimiter if `other` (what to write behind --delimiter) seems to be the one: "--skip-lines 3
 * comes from m.mp: --skip-lines 0 overrides". Nothing if they do not come from --like. */
void columns_tell_inherited(const struct columns *columns, const char *other, struct buffer *to);
/* Remarks, once, on a cell of the line that was read in quotes that are none in this format: `advice` takes them off. */
void columns_tell_quotes(struct columns *columns, size_t col, const struct input *input, const char *advice);
void columns_release(struct columns *columns);

/* "column 'km'", or "column 3" where it has no name. */
void column_label(const struct columns *columns, size_t col, struct buffer *to);

#endif
