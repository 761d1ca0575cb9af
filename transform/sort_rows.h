/* SPDX-License-Identifier: MIT */
/*
 * Rows in another order: the batches of a source are kept, and handed out anew row by
 * row. Past the memory they lie in temporary files, sorted, and are merged; what comes
 * out does not hang on that, nor, but for its bytes, on how the rows were divided into
 * batches: a column is narrow (batch.h) if it was so in all of them. Keys are compared
 * by value (text by bytes, false before true), one after the other; a missing key comes
 * last, whichever way it is sorted; rows that agree in all keys stay in the order in
 * which they came.
 */
#ifndef SORT_ROWS_H
#define SORT_ROWS_H

#include "step.h"

struct sort_key { size_t col; enum type type; bool descending; };

/* A source over all rows of `in`, sorted; takes `in` over, and closes it when it was read. header: of what comes out, with the fields of `in`; borrowed. The keys are
 * copied. limits: bytes of rows to hold (while files are merged, 2 MiB and what 16 long rows take, whatever it says), and the host. Nothing is
 * read before the first `next`, which fails where `in` or a temporary file does. */
void sort_rows(struct source *out, struct source *in, const struct header *header, const struct sort_key *keys, size_t n_keys,
               const struct step_limits *limits);

#endif
