/* SPDX-License-Identifier: MIT */
/*
 * One run of train, and who does what of it:
 *
 *     train.c           words, rows, preparation, the lesson; what is said of the rows
 *     continuation.c    the model to go on from
 *     train_watch.c     the line on the terminal, log, checkpoints
 *     prepared.c        the default preparation
 *     learned.c         the model file
 *     giving.c          the model and the held-out rows, to file and stream
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "budget.h"
#include "common_config.h"
#include "continuation.h"
#include "giving.h"
#include "holdout.h"
#include "intake.h"
#include "learned.h"
#include "lesson.h"
#include "prepared.h"
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
	struct prepared prepared;       /* the rows to learn from; with --continue its source is a replay, and it has no steps of its own */
	struct lesson *lesson;
	struct train_watch watch;
	struct learned learned;
	struct giving giving;
};

#endif
