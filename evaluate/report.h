/* SPDX-License-Identifier: MIT */
/* What evaluate hands out: a report for people, or the metrics as records. */
#ifndef REPORT_H
#define REPORT_H

#include "output.h"
#include "score.h"

/* noticed: on the way, told beside the scores' own remarks; all: of each field by itself (tally_lines). width: of the terminal, 0: any. */
void report_print(const struct scores *scores, const struct tally *noticed, bool all, size_t width, struct buffer *to);

/*
 * Fields split, metric, class, value, baseline, rows; a value that there is none of is null. Behind the metrics of a split:
 *     predicted[LABEL]   class: the true label     the confusion matrix, a count for each pair
 *     worst              class: the row's place    its error
 * The header names the `source` of the rows. `end`: the stages before, and last this program's, whose rows_out is set here.
 */
int report_records(const struct scores *scores, const char *source, struct end *end, struct output *output, struct error *err) MUST_CHECK;

#endif
