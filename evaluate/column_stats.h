/* SPDX-License-Identifier: MIT */
/*
 * Statistics of one column, over any number of batches:
 *
 *     stats_start -> stats_update ... -> stats_finish -> (stats_again ... -> stats_finish)*
 *
 * Everything is exact: different values up to a cap; quartiles by the counts of these, and
 * of a column that has more by showing the rows behind them again where there are more than
 * fit (stats_finish gives false until it is done).
 * That is what sets it apart from what train keeps of a field (train/profile.h); the
 * parts are the same: distinct.h, moments.h, columns.h.
 *
 * Batches come in order, and know their first_row. Missing values are counted and are no level. Broken
 * input is the only error.
 */
#ifndef COLUMN_STATS_H
#define COLUMN_STATS_H

#include "batch.h"
#include "distinct.h"
#include "moments.h"
#include "quantiles.h"

enum { N_QUARTILES = 3 };

struct column_stats {
	const struct field *field;
	size_t col;
	uint64_t count, missing;        /* count: values that are there */
	struct distinct levels;         /* the different values, at most cap; if there are more, of numbers those of the rows before `beyond`, else none */
	size_t cap, cap_bytes;
	bool many;                      /* there are more of them */
	uint64_t beyond;                /* number, many: the first row that is not in levels */
	struct moment_sum sum;          /* int, real */
	struct moments moments;         /* of them, once settled */
	struct quantiles *quantiles;    /* int, real, many */
	size_t room;                    /* of them */
	bool settled;                   /* quartiles hold; they are NaN before */
	double quartiles[N_QUARTILES];
	int64_t first, last;            /* time, int: exact extremes */
};

struct stats_limits {
	size_t room;                    /* values kept for the quartiles */
	size_t levels, level_bytes;     /* different values told apart, and what they take: whichever comes first */
};
/* `field` must outlive it. */
void stats_start(struct column_stats *stats, const struct field *field, size_t col, const struct stats_limits *limits);
int stats_update(struct column_stats *stats, struct batch *batch, struct error *err) MUST_CHECK;
bool stats_finish(struct column_stats *stats);
static inline bool stats_numeric(const struct column_stats *stats) { return type_is_number(stats->field->type); }        /* it has moments and quartiles */
static inline bool stats_wants_again(const struct column_stats *stats) { return stats->quantiles != NULL; }      /* the rows of this batch, and all behind it, if it is not settled then */
/* The column stands at `col` of these batches. Rows before stats->beyond may be among them or not. */
int stats_again(struct column_stats *stats, struct batch *batch, size_t col, struct error *err) MUST_CHECK;
void stats_release(struct column_stats *stats);

#endif
