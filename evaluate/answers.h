/* SPDX-License-Identifier: MIT */
/*
 * Where the truth and the answer of a row come from: a model that is run on the
 * records (answers_model.c), or fields that hold predictions (answers_fields.c).
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "predictor.h"
#include "score.h"

/* Of one batch; everything belongs to the answers until the next call. */
struct answered {
	const double *truth, *answer;           /* per row: value, or class number */
	const double *shares;                   /* n_rows x subject.n_shares */
	const double *share_of;                 /* one_share: number of the class that it is of */
	const uint64_t *no_truth, *no_answer;   /* bit maps: 1 = there is none */
	const double *points;                   /* of a clustering: n_rows x subject.n_features, as the model sees them */
};

struct answers {
	struct subject subject;
	bool held_out;                  /* rows without marks are those that training kept from the model */
	int (*read)(void *state, struct batch *batch, struct answered *rows, struct error *err);
	/* All is read: completes subject.classes, renumbering the scores. NULL: there is nothing to settle. */
	int (*settle)(void *state, struct scores *scores, struct error *err);
	/* What was noticed on the way, once all is read: "age: 3 could not be read". NULL: nothing ever is. */
	const struct tally *(*counts)(void *state);
	/* Lines on the same for people, before `counts`; all: columns, however many. NULL: never. */
	void (*remark)(void *state, bool all, struct names *lines);
	/* The source of the batches to come gives those that `read` makes much wider in slices. NULL: it makes none. */
	void (*slice)(const void *state, struct source *source);
	void (*free)(void *state);
	void *state;
};
void answers_release(struct answers *answers);
/* The subject's baseline as training left it (modelfile.h; of a clustering none); its task and the classes of the training are known. */
int baseline_read(struct subject *subject, object baseline, struct error *err) MUST_CHECK;

/* Both fill in a struct that must stay where it is, and is to be released also after a failure.
 * `have`: header of the records, raw or transformed; it and `file` must outlive the answers. */
int answers_model(struct answers *answers, const struct modelfile *file, const struct header *have, enum lacking lacking, const struct host *host,
                  struct error *err) MUST_CHECK;

struct answer_fields {
	const char *truth, *prediction;         /* NULL: the field with role target, prediction */
	const char *probability;                /* NULL: that with role probability, if any */
	const char *positive;                   /* the class that `probability` is of; NULL: that which was predicted */
	/* enum task; -1: what predict says, else classes if both are text, one is bool, or two_values.h says so. Of numbers that are text, cells that
	 * are none are missing: with -1 a few at most, else settle fails. */
	int task;
	const struct host *host;                /* may be NULL */
};
int answers_fields(struct answers *answers, const struct answer_fields *fields, const struct header *have, struct error *err) MUST_CHECK;

#endif
