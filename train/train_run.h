/* SPDX-License-Identifier: MIT */
/*
 * One run of train, and who does what of it:
 *
 *     train.c           words, rows, preparation, the lesson; what is said of the rows
 *     continuation.c    the model to go on from
 *     train_watch.c     the line on the terminal, log, checkpoints
 *     train_give.c      the model and the held-out rows, to file and stream
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "budget.h"
#include "common_config.h"
#include "continuation.h"
#include "file.h"
#include "holdout.h"
#include "intake.h"
#include "lesson.h"
#include "modelfile.h"
#include "output.h"
#include "prepare.h"
#include "recipe.h"
#include "setup.h"
#include "train_watch.h"

struct train_config {
	struct common_config common;    /* operands: [TARGET] [key=value...] */
	const char *model, *output, *log, *checkpoint, *from;
	struct text_list features;
	int task, target_as;            /* target_as: -1: none */
	double holdout, valid, checkpoint_every;
	bool no_prepare, allow_leak, resume;
};

struct train_run {
	const struct train_config *config;
	const struct setup_options *words;
	struct continuation from;       /* --continue */
	struct source input;
	struct setup setup;
	struct budget budget;
	struct holdout holdout;         /* of the input, if it had to be looked at */
	struct intake intake;
	struct preparation preparation;
	struct recipe recipe;           /* of the preparation; none: the columns are taken as they come */
	struct source prepared;         /* the rows to learn from: a trainset over the spool, or a plan or a replay over one */
	struct lesson *lesson;
	struct train_watch watch;
	struct modelfile model;
	struct bytes *map;              /* the model's message */
	struct file file;               /* -o */
	struct output *output;
};

/* Before the work: a model that can't be kept is not learned. */
int train_give_open(struct train_run *run, struct error *err) MUST_CHECK;
/* The model to its file; then to the stream, with the held-out rows, or a report to the terminal. */
int train_give_out(struct train_run *run, struct error *err) MUST_CHECK;

#endif
