/* SPDX-License-Identifier: MIT */
/*
 * Permutation importance (Breiman 2001, Random Forests): how much worse the answers to
 * rows that the model was not trained on get when one column of the records is shuffled
 * among them, and so tells nothing of its row any more.
 *
 *     importance_new -> all rows of importance_source are read -> importance_describe -> importance_free
 *
 * The rows are the test rows that come behind the model, the valid rows where there are
 * none, or all where there are no marks; of many a sample by the hash of their number, so
 * that the work is the same for any number of rows, and grows with the columns, not with
 * their square, and answers to all of them fit into 8 MB. A column is one of the records as they came, with role feature: what steps
 * make of it goes with it. What is measured is rmse, log_loss of classes, or inertia of
 * clusters, with the weights of the rows; REPEATS shuffles give a mean and a deviation.
 */
#ifndef IMPORTANCE_H
#define IMPORTANCE_H

#include "buffer.h"
#include "modelfile.h"

struct importance;
/* file and input, which is read through importance_source, outlive it. host: may be NULL. */
struct importance *importance_new(const struct modelfile *file, struct source *input, const struct host *host);
/* The same batches as the input's; it needs no closing. */
struct source importance_source(struct importance *importance);
/* Behind the last batch: a table, by size, of columns that the answers hang on; a line where nothing can be said: no rows with a truth, or
 * records that the model can't take. Ends with an empty line. -1: broken input, interrupted. */
int importance_describe(struct importance *importance, size_t width, struct buffer *to, struct error *err) MUST_CHECK;
void importance_free(struct importance *importance);            /* NULL is fine */

#endif
