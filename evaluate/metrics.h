/* SPDX-License-Identifier: MIT */
/* Values that were measured, with their names. */
#ifndef METRICS_H
#define METRICS_H

#include "metric.h"

struct metric {
	const struct metric_kind *kind;
	char *class;                    /* in brackets; NULL: over all rows */
	double value, baseline;         /* NaN: there is none */
	uint64_t rows;                  /* on which it rests: for mape those with a truth other than 0, for a class its own */
};
struct metrics { struct metric *items; size_t n, room; };               /* zeroed: empty */
void metrics_add(struct metrics *metrics, const struct metric *metric);                                 /* copies class */
const struct metric *metrics_find(const struct metrics *metrics, const char *name, const char *class);  /* NULL: not there */
void metrics_release(struct metrics *metrics);

#endif
