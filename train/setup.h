/* SPDX-License-Identifier: MIT */
/*
 * What is to be learned from what, and with what: the words of the command line
 * against the header of the records. Everything that can be refused before a row
 * is read is refused here.
 *
 *     setup_words -> setup_init -> (the training rows are looked at) setup_settle -> setup_release
 *
 * Whether a target of numbers is two classes the rows say (two_values.h), unless
 * --task does, a step on the target that can be undone (scale, log), or a family
 * that takes no classes with these parameters. Until then the task is open.
 *
 * A family that sorts rows into clusters has no target, nor --task clustering: none is
 * named then, and a column with role target is left aside.
 *
 * A setup may be released after any failure, twice, and where it is zeroed; so may all
 * structs of train/ that their holder releases.
 */
#ifndef SETUP_H
#define SETUP_H

#include <string.h>

#include "marks.h"
#include "model.h"
#include "modelfile.h"
#include "parameters.h"
#include "stream.h"

/* All of it is borrowed as long as the setup lives: texts among the parameters point into the operands. */
struct setup_options {
	const struct text_list *operands;       /* [TARGET] and key=value */
	const struct text_list *features;       /* selectors, parted by commas; none: all features */
	const char *model;              /* NULL: the first that can do the task */
	int task;                       /* TASK_AUTO, TASK_NUMBER, TASK_CLASS, TASK_CLUSTERS */
	double holdout, valid;          /* shares */
	const char *target_as;          /* the step that the target is to pass first, which can be undone (target_scale); NULL: none */
	/* The model to go on from: it says family, target, task and classes; `reads` are the columns that it takes of these records. NULL: none. */
	const struct modelfile *from;
	const struct names *reads;
	uint64_t seed;
	bool allow_leak;
	const struct host *host;        /* may be NULL */
};
enum { TASK_AUTO, TASK_NUMBER, TASK_CLASS, TASK_CLUSTERS };
#define TARGET_SCALES "log|log1p|sqrt"  /* the choices of --target-as */
const char *target_scale(int choice);   /* the step of that place; below 0: NULL */

struct setup {
	const struct host *host;
	const struct model_kind *kind;
	void *parameters;               /* kind->config_size bytes */
	struct general_parameters general;
	struct buffer given;            /* the parameters that were given, as a packed map of texts */
	enum task task;
	bool open;                      /* the rows say whether it is classes; until then task, kind and parameters are those for numbers */
	bool few;                       /* open, of a family that learns only classes: then all of a few whole numbers are some (few_values.h) */
	bool automatic;                 /* nobody said which task */
	bool numbers_due;               /* setup_init failed: the target is text. The rows may tell what reads it (target_advise) */
	char *target;                   /* NULL: there is none */
	int target_col;                 /* or NO_FIELD */
	char *by;                       /* what the family groups rows by; NULL: nothing */
	int by_col, time_col;           /* or NO_FIELD; time: where the family wants it */
	struct names features;          /* as they come */
	size_t *cols, n_cols;           /* of features, target, groups, time, weight and marks, ascending */
	struct marks marks;             /* holdout.h completes them */
	bool held_out;                  /* by marks, --holdout or --valid */
	const struct modelfile *from;   /* the options' */
};

/* No feature is left: 0 only where the family needs none. */
int setup_without_features(const struct setup *setup, struct error *err) MUST_CHECK;
static inline bool setup_is_target(const struct setup *setup, const char *name) { return setup->target && strcmp(setup->target, name) == 0; }

/* Usage errors that need no input, before it is waited for; makes nothing. */
int setup_words(const struct setup_options *options, struct error *err) MUST_CHECK;
/* Behind setup_words. Overwrites the setup; the header is only read. Leakage: STATUS_REQUIREMENT. */
int setup_init(struct setup *setup, const struct setup_options *options, const struct header *header, struct error *err) MUST_CHECK;
/* The task that the rows say, where it was open, and what hangs on it. classes: they show two of them. */
int setup_settle(struct setup *setup, const struct setup_options *options, bool classes, struct error *err) MUST_CHECK;
void setup_release(struct setup *setup);

#endif
