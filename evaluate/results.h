/* SPDX-License-Identifier: MIT */
/* What metrics came to: the values that report, records and conditions know by name, `metric` or `metric[item]`. */
#ifndef RESULTS_H
#define RESULTS_H

#include "metric.h"

struct result {
	const struct metric_kind *kind;
	char *item;                     /* in brackets: a class, or one of the kind's own; NULL: over all rows */
	double value, baseline;         /* NaN: there is none */
	uint64_t rows;                  /* on which it rests: for mape those with a truth other than 0, for a class its own */
};
struct results { struct result *items; size_t n, room; };               /* zeroed: empty */
void results_add(struct results *results, const struct result *result);                                 /* copies item */
const struct result *results_find(const struct results *results, const char *name, const char *item);   /* NULL: not there */
void results_release(struct results *results);

#endif
