/* SPDX-License-Identifier: MIT */
/*
 * Permutation importance (Breiman 2001, Random Forests): how much worse the answers to
 * rows that the model was not trained on get when one column of the records is shuffled
 * among them, and so tells nothing of its row any more.
 *
 *     importance_new -> all rows of the sampler's source are read -> importance_describe -> importance_free
 *
 * The rows are those of row_sample.h, so many that the work grows with the columns, not
 * with their square, and answers to all of them fit into 8 MB. A column is one of the records as they came, with role feature: what steps
 * make of it goes with it. What is measured is rmse, log_loss of classes (accuracy
 * where they come without probabilities), or inertia of clusters, with the weights of the rows; REPEATS shuffles give a mean and a deviation.
 */
#ifndef IMPORTANCE_H
#define IMPORTANCE_H

#include "buffer.h"
#include "modelfile.h"
#include "row_sample.h"

struct importance;
/* file and input, which is read through the sampler, outlive it. host: may be NULL. */
struct importance *importance_new(const struct modelfile *file, struct source *input, const struct host *host);
/* NULL: there are too many columns, and it will say so. */
struct row_sampler *importance_sampler(struct importance *importance);
/* Behind the last batch: a table, by size, of columns that the answers hang on; a line where nothing can be said: no rows with a truth, or
 * records that the model can't take. Ends with an empty line. -1: broken input, interrupted. */
int importance_describe(struct importance *importance, size_t width, struct buffer *to, struct error *err) MUST_CHECK;
void importance_free(struct importance *importance);            /* NULL is fine */

#endif
