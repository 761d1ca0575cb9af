/* SPDX-License-Identifier: MIT */
/*
 * Partial dependence (Friedman 2001), by brute force: the mean answer of a model where a
 * column of the records has one value in all rows, for value after value. All else of a
 * row stays as it is; what steps make of the column is made anew.
 *
 *     partial_new -> all rows of its sampler's source are read -> partial_describe or partial_records -> partial_free
 *
 * Rows are those of row_sample.h, at most 8,192, weighted as their role says; those
 * without an answer count nothing. Values are those of the rows: all, where they are few;
 * of numbers and times else 19 that occur, nearest to the quantiles 0.05, 0.10, ... 0.95; of
 * texts the 20 most frequent. So a column takes 20 times 8,192 answers at most. Memory is
 * that of the rows: fewer, though 100, where they are more than 16 million cells, or more than
 * a million answers of many classes. For classes the mean is of their probabilities.
 */
#ifndef PARTIAL_H
#define PARTIAL_H

#include "modelfile.h"
#include "output.h"
#include "row_sample.h"

struct partial;
/* columns: "km,city". file and input, which is read through the sampler, outlive it. NULL: a column that is not there, or comes twice; a model of
 * clusters (STATUS_USAGE). */
struct partial *partial_new(const struct modelfile *file, struct source *input, const char *columns, const struct host *host, struct error *err);
struct row_sampler *partial_sampler(struct partial *partial);
/* Behind the last batch. A table for each column, answers beside a plot where there is one answer for a value. Ends with an empty line. */
int partial_describe(struct partial *partial, size_t width, struct buffer *to, struct error *err) MUST_CHECK;
/* Records: column, value (as its field prints it), class (of a classification), answer, rows; the end of the input behind them. */
int partial_records(struct partial *partial, const struct end *end, struct output *output, struct error *err) MUST_CHECK;
void partial_free(struct partial *partial);             /* NULL is fine */

#endif
