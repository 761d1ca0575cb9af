/* SPDX-License-Identifier: MIT */
/* How the columns of a file are named: by its first row, by --names, or c1, c2, ... */
#ifndef COLUMN_NAMES_H
#define COLUMN_NAMES_H

#include "cells_config.h"
#include "row.h"

/* From the header, a row of texts (NULL: the file ended before it, an error): names the columns or, if a file before did, compares. --names wins over the row. */
int columns_from_header(struct columns *columns, const struct row *header, const struct input *input,
                        const struct text_config *config, struct error *err) MUST_CHECK;
/* No header: from --names, else as many as the first row has cells. */
int columns_without_header(struct columns *columns, size_t n_cells, const struct input *input,
                           const struct text_config *config, struct error *err) MUST_CHECK;

/* "column 'km'", or "column 3" where it has no name. */
void column_label(const struct columns *columns, size_t col, struct buffer *to);

#endif
