/* SPDX-License-Identifier: MIT */
/*
 * All rows of the input, kept, and what the training rows among them are like.
 *
 *     intake_read -> a trainset over the spool (trainset.h), any number of times -> intake_release
 *
 * A row without a target is kept too, and counted; a missing feature is one for the profile. A mark
 * that is missing or no mark fails (marks.h). Where nothing is the target no row lacks it.
 * Where the setup leaves the task open, `classes` says it: two, or none for numbers.
 * Of a model to go on from the classes are its own, and their rows 0: its steps may make them (continuation.h).
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "profile.h"
#include "setup.h"
#include "side_columns.h"
#include "target_look.h"

struct intake {
	struct spool *spool;
	struct side_columns side;       /* what the spool lacks; without columns: nothing */
	struct end end;
	struct profile profile;         /* of the features, the target and the column of groups, if any, over the training rows */
	struct target_look target;      /* in the training rows */
	struct names counters;          /* int features that count the rows: one more in each, over all rows */
	struct names classes;           /* of the training rows, in byte order; classification only */
	uint64_t *class_rows;           /* by class: training rows */
	struct names groups;            /* of the training rows, in byte order, where the setup says by what */
	uint64_t n_rows, n_train, n_valid, n_held;      /* train, valid: with a target; held: test and valid rows */
	uint64_t n_marked_valid;        /* valid, whether they have a target or not */
	uint64_t n_given;               /* those of them that are handed out: test rows, and what a mark says is valid */
	uint64_t n_none;                /* neither trained on nor held out, by their mark */
	uint64_t no_target;             /* train and valid rows without one */
};

/* Overwrites the intake, reads the input to its end. memory: of the spool that keeps the rows. The input's header outlives the intake: the profile names its
 * fields. -1 also if nothing is left to train on. To be released, also after -1. */
int intake_read(struct intake *intake, struct source *input, const struct setup *setup, size_t n_lanes, uint64_t memory,
                struct error *err) MUST_CHECK;
/* The same, and columns that nothing learns from are kept at the side: in the spool they are vacant. */
int intake_read_apart(struct intake *intake, struct source *input, const struct setup *setup, size_t n_lanes, uint64_t memory,
                      struct error *err) MUST_CHECK;
/* The same of rows that are kept already, with this header, and stay where they are: the intake's spool is NULL. */
int intake_look(struct intake *intake, struct spool *rows, const struct header *header, const struct setup *setup, size_t n_lanes,
                struct error *err) MUST_CHECK;
uint64_t intake_memory(const struct intake *intake);      /* bytes of blocks that the rows take */
void intake_release(struct intake *intake);

#endif
