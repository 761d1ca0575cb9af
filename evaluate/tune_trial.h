/* SPDX-License-Identifier: MIT */
/*
 * One configuration tried on one view: trained as train would, then judged on its valid rows.
 *
 * Everything but the answer lies in the view, which is only read: trials run side by
 * side in processes that were forked behind it (tune_crew.h).
 */
#ifndef TUNE_TRIAL_H
#define TUNE_TRIAL_H

#include "learned.h"
#include "metric.h"
#include "tune_rows.h"

/* By what configurations are judged. */
struct criterion {
	const struct metric_kind *kind;
	char *item;                     /* a class, or one of the kind's own; NULL: over all rows */
};
/* "rmse", "recall[yes]". Overwrites scoring; STATUS_USAGE. */
int scoring_read(struct criterion *scoring, const char *text, struct error *err) MUST_CHECK;
void scoring_release(struct criterion *scoring);

struct outcome {
	double score;                   /* NaN: the metric has no value there */
	uint64_t n_rounds;              /* that the model is made of; 0: the family has none */
	double seconds;
};

struct trial_options {
	const struct model_kind *kind;
	const struct names *words;      /* key=value */
	uint64_t memory;                /* for the lesson */
	int threads;
	const struct host *host;
	bool score;                     /* else outcome->score is NaN: there is nothing to be judged on */
	double beat;                    /* a trial that is judged, and comes out worse, makes no model file; NaN: any score will do */
	bool shares;                    /* what the view's trials have in common is taken (tune_share.h), where it was made with this memory */
	struct lesson_watch watch;
};

/* What a trial's lesson is opened with. All is borrowed: the view, its rows, the options and what parameters says. */
struct trial_lesson {
	struct setup setup;
	struct lesson_options options;
	struct source source;
};
void trial_lesson_open(struct trial_lesson *with, const struct view *view, struct view_rows *rows, const struct trial_options *trial,
                       void *parameters, const struct general_parameters *general);
void trial_lesson_close(struct trial_lesson *with);

/* learned: zeroed, and the model file where one is made; to be released in any case. NULL: nobody wants it. outcome is overwritten. -1 also
 * where the metric has no value. */
int trial_run(struct view *view, const struct trial_options *options, const struct criterion *scoring, struct outcome *outcome,
              struct learned *learned, struct error *err) MUST_CHECK;
/* The score of a model on the view's train rows, which it may have learned by heart. map: its message; words: the configuration's;
 * seen: overwritten, the view's rows that could be used; remarks: those of its lesson, appended. */
int trial_learned(struct view *view, const struct model_kind *kind, const struct names *words, const struct bytes *map, const struct criterion *scoring,
                  double *score, struct panel_rows *seen, struct names *remarks, struct error *err) MUST_CHECK;
/* The configuration's parameters as the family takes them: kind->config_size bytes, to be freed. NULL: it takes them not. */
void *trial_parameters(const struct model_kind *kind, const struct names *words, enum task task, struct general_parameters *general, struct error *err);

#endif
