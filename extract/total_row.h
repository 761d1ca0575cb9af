/* SPDX-License-Identifier: MIT */
/*
 * A sum below a table looks like a row: where it breaks no column it would be learned as one. It shows by its first value, a word
 * for it (Total, Sum, Summe) that no other row has in that column.
 */
#ifndef TOTAL_ROW_H
#define TOTAL_ROW_H

#include "batch.h"

/* Whether the last row of a batch may be a total: of its first n_columns the first that is not missing is such a text, in no other row of the batch, and another
 * has a value, too. A batch of one row has none. 1, 0; -1: broken. */
int total_row(struct batch *batch, size_t n_columns, struct error *err) MUST_CHECK;

#endif
