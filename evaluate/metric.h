/* SPDX-License-Identifier: MIT */
/*
 * Metrics: how good answers are beside the truth, and beside the simplest
 * predictor that one could have used instead (the baseline: a constant).
 *
 * A metric is named `name` or `name[class]`: in records (fields `metric` and
 * `class`), in conditions (`--require 'recall[yes]>0.8'`) and in the tables of
 * kinds that --help prints. What stands in the brackets is a class, or for
 * `within` a tolerance. All functions here are pure: arrays in, values out; sums
 * have one fixed shape over blocks of 1,024 rows (common/numbers/tree.h).
 */
#ifndef METRIC_H
#define METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "model.h"
#include "names.h"

enum better { BETTER_LOW, BETTER_HIGH };
enum metric_unit { UNIT_TARGET, UNIT_SHARE, UNIT_PLAIN, UNIT_COUNT };   /* shares are 0 .. 1 and shown as per cent */

struct metric_kind {
	const char *name;               /* "mae" */
	const char *title;              /* in the report: "mean absolute error" */
	const char *help;               /* how it is computed */
	enum better better;
	enum metric_unit unit;
	bool overall;                   /* there is a `name` for all rows */
	const char *brackets;           /* there is a `name[...]`, of a "class", "tolerance" or "reason"; NULL: there is none */
};

struct metric {
	const struct metric_kind *kind;
	char *class;                    /* in brackets; NULL: over all rows */
	double value, baseline;         /* NaN: has no value (r2 of a constant truth, auc of one class) */
	uint64_t rows;                  /* on which it rests: for mape those with a truth other than 0, for a class its own */
};
struct metrics { struct metric *items; size_t n, room; };
void metrics_add(struct metrics *metrics, const struct metric_kind *kind, const char *class, double value, double baseline, uint64_t rows);
const struct metric *metrics_find(const struct metrics *metrics, const char *name, const char *class);  /* NULL: not there */
void metrics_release(struct metrics *metrics);

/* Those of any task: `rows` scored, and rows `left_out` by reason. */
void metrics_add_rows(struct metrics *metrics, uint64_t rows);
void metrics_add_left_out(struct metrics *metrics, const char *reason, uint64_t rows);

/* The i-th kind of a task in the order of the report; NULL behind the last. */
const struct metric_kind *metric_kind(enum task task, size_t i);
/* By name, over both tasks; an unknown name is a usage error ("did you mean"). */
const struct metric_kind *metric_find(const char *name, struct error *err);

/* ---- regression ---- */
struct tolerance { char *text; double value; bool relative; };  /* "5", "10%" */
struct tolerances { struct tolerance *items; size_t n, room; };
int tolerances_read(struct tolerances *to, const char *list, struct error *err) MUST_CHECK;     /* "5,10%"; one that is there is not added again */
void tolerances_release(struct tolerances *tolerances);

struct regressed {
	size_t n_rows;
	const double *truth, *answer;   /* n_rows each, finite */
	double baseline;                /* the constant to stand beside */
	const struct tolerances *within;
};
void regression_metrics(const struct regressed *rows, struct metrics *to);

/* ---- classification ---- */
struct classified {
	size_t n_rows, n_classes;
	const char *const *classes;     /* n_classes labels */
	const uint32_t *truth;          /* n_rows: class number; n_classes: a class that the model does not know (always wrong) */
	const uint32_t *answer;         /* n_rows: < n_classes */
	const double *shares;           /* n_rows x n_classes probabilities, row-major; NULL: not known, so no log loss and no AUC */
	uint32_t majority;              /* what the baseline always says */
	const double *prior;            /* n_classes: the probabilities that it gives */
};
/* confusion: (n_classes + 1) x n_classes counts, truth by answer, row-major; the last row is of unknown classes. */
void classification_metrics(const struct classified *rows, struct metrics *to, uint64_t *confusion);

#endif
