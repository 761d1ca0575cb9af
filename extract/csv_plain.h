/* SPDX-License-Identifier: MIT */
/*
 * The CSV that nearly every line is: a whole row on one line, cells without
 * quotes, and cells in quotes from delimiter to delimiter. It is split at once,
 * and its cells stay where they lie but for those with doubled quotes. Anything
 * else is left to libcsv, which gives the same cells for a plain line, too.
 */
#ifndef CSV_PLAIN_H
#define CSV_PLAIN_H

#include "row.h"

enum { NO_QUOTE = -1 };         /* for `quote`: no byte is one, so that every line is plain */

/*
 * Fills row->cells (as many as there is room for) and row->n_cells from a line with its line end. Texts with doubled quotes
 * are copied to *text, which has room for `size` bytes and is moved behind them. False: the line is not plain, or has more
 * cells than row->room; row->n_cells and *text are as they were.
 */
bool csv_split_plain(const char *line, size_t size, char delimiter, int quote, struct row *row, char **text);

#endif
