/* SPDX-License-Identifier: MIT */
/*
 * Conditions on metrics, for cron and CI: `--require 'r2>=0.59, valid.mae<5, recall[yes]>80%'`.
 *
 *     conditions  condition ("," condition)*
 *     condition   (split ".")? metric ("[" class "]")? (">=" | "<=" | ">" | "<" | "==") number "%"?
 *
 * Without a split a condition is about the headline.
 */
#ifndef REQUIREMENT_H
#define REQUIREMENT_H

#include "error.h"
#include "metric.h"
#include "score.h"

enum comparison { AT_LEAST, AT_MOST, ABOVE, BELOW, EQUAL, N_COMPARISONS };
struct requirement {
	char *text;                     /* as written */
	enum split split;               /* N_SPLITS: the headline */
	const struct metric_kind *kind;
	char *item;                     /* in brackets; NULL: over all rows */
	enum comparison comparison;
	double bound;
};
struct requirements { struct requirement *items; size_t n, room; };

/* STATUS_USAGE: an unknown metric or split ("did you mean"), a class where there is none, no number, per cent of
 * what is no share (a count, or in the target's unit), a bound above all values ("accuracy>70"). */
int requirements_read(struct requirements *to, const char *conditions, struct error *err) MUST_CHECK;
/* The items of metrics that have their own, such as the tolerance of `within[5]`, join those that are measured. */
int requirements_items(const struct requirements *requirements, struct item_lists *to, struct error *err) MUST_CHECK;
/* 0; or STATUS_REQUIREMENT, naming each condition that is not met with its value, and the classes of the training that a mean over classes
 * knows nothing of (scores_absent: such a condition is never met). A metric that is not there is a usage error if it never can be, of the other task
 * or of a class that training did not know; if it is for what rows came, it has no value, and the condition is not met. */
int requirements_check(const struct requirements *requirements, const struct scores *scores, struct error *err) MUST_CHECK;
void requirements_release(struct requirements *requirements);

#endif
