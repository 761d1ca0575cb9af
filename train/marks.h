/* SPDX-License-Identifier: MIT */
/* Which rows train sees as what: by the stream's own marks, or by chance (--holdout). */
#ifndef MARKS_H
#define MARKS_H

#include "batch.h"
#include "error.h"

enum mark { MARK_TRAIN, MARK_VALID, MARK_TEST };

struct marks {
	int split;                      /* column of the marks, or NO_FIELD */
	double holdout;                 /* without marks: the share of test rows */
	uint64_t seed;
	uint64_t row;                   /* rows seen so far: counted from the first of the stream */
};

/* One mark for each row of the next batch. The same rows are held out as by `split test=P seed=N`. */
int marks_read(struct marks *marks, struct batch *batch, unsigned char *to, struct error *err) MUST_CHECK;

#endif
