/* SPDX-License-Identifier: MIT */
/*
 * From rows of cells to a source of typed batches: the types are found, bad rows
 * and cells are handled, _file, _line and _row are added. CSV, TSV and foreign
 * msgpack records come in this way; a source that knows its types by itself (a
 * database, Parquet) goes through columnar.h.
 */
#ifndef ROWS_H
#define ROWS_H

#include "config.h"
#include "row.h"
#include "stream.h"

/*
 * Reads the operands of the command line as far as it takes to know the types: the header is complete then. own: the format's config,
 * which begins with a struct rows_config (cells_config.h). Both configs stay the caller's until source_close. The end's stage counts
 * rows in, rejected and dropped.
 */
int rows_open(struct source *source, const struct row_format *format, const struct extract_config *config, const void *own,
              struct error *err) MUST_CHECK;

#endif
