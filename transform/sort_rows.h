/* SPDX-License-Identifier: MIT */
/*
 * Rows in another order: the batches of a source are kept, and handed out anew row
 * by row. Keys are compared by value (text by bytes, false before true), one after
 * the other; a missing key comes last, whichever way it is sorted; rows that agree in
 * all keys stay in the order in which they came.
 */
#ifndef SORT_ROWS_H
#define SORT_ROWS_H

#include "stream.h"

struct sort_key { size_t col; enum type type; bool descending; };

/* A source over all rows of `in`, sorted, in memory; takes `in` over. header: of what comes out, with the fields of `in`; borrowed. The keys
 * are copied. Nothing is read before the first `next`. */
void sort_rows(struct source *out, struct source *in, const struct header *header, const struct sort_key *keys, size_t n_keys);

#endif
