/* SPDX-License-Identifier: MIT */
/*
 * Rows behind a model that it can be looked at by: the test rows, the valid rows where
 * there are none, or all where there are no marks; of many a sample by the hash of their
 * number, the same for the same rows.
 *
 *     row_sampler_new -> all rows of row_sampler_source are read -> row_sampler_which -> row_sampler_join -> row_sampler_free
 *
 * It holds most_rows of either mark, and while it reads a batch more.
 */
#ifndef ROW_SAMPLE_H
#define ROW_SAMPLE_H

#include "stream.h"
#include "text_builder.h"

struct row_sampler;
struct row_sampler *row_sampler_new(struct source *input, size_t most_rows);    /* input outlives it */
/* The same batches as the input's; it needs no closing. */
struct source row_sampler_source(struct row_sampler *sampler);
/* "test", "valid", "held-out" (no marks); NULL: there are no rows. n_seen: how many there were, of which those that are kept are a sample. */
const char *row_sampler_which(const struct row_sampler *sampler, uint64_t *n_seen);
/* Them as one batch; the sampler is empty then. Fails for broken input. */
int row_sampler_join(struct row_sampler *sampler, struct batch *rows, struct text_builder *texts, struct error *err) MUST_CHECK;
void row_sampler_free(struct row_sampler *sampler);             /* NULL is fine */

#endif
