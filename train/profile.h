/* SPDX-License-Identifier: MIT */
/*
 * What the training rows' fields are like, as they came: what the default
 * preparation decides by, and what a model keeps for drift checks. One pass in
 * bounded memory; the same bits for any batch size.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "batch.h"
#include "buffer.h"
#include "distinct.h"
#include "schema.h"

enum { PROFILE_LEVELS = 50, PROFILE_DECILES = 11 };

struct field_profile {
	size_t col;
	struct field field;             /* borrowed from the schema */
	uint64_t count, missing;
	/* int, real, bool, time (microseconds); a bool has no sample */
	double min, max;
	double first, sum, squares;     /* of differences from the first value: no loss where values are large and close */
	double *sample;                 /* every stride-th value, for the deciles */
	size_t n_sample, room;
	uint64_t stride;
	uint64_t n_true;                /* bool */
	/* text, int */
	struct distinct levels;
	bool many;                      /* there are too many to count: given up at the first that was too much, */
	uint64_t n_leveled;             /* after so many values */
};

struct profile { struct field_profile *fields; size_t n; };

void profile_init(struct profile *profile, const struct schema *schema, const size_t *cols, size_t n);
/* rows: bit map of those to look at. The columns are read. */
int profile_add(struct profile *profile, struct batch *batch, const uint64_t *rows, struct error *err) MUST_CHECK;
void profile_release(struct profile *profile);

double field_mean(const struct field_profile *field);
double field_deviation(const struct field_profile *field);     /* with n */
bool field_constant(const struct field_profile *field);         /* at most one value, and no row without it (or only such rows) */
bool field_distinct(const struct field_profile *field);         /* of text: more than half of the values differ from all others before */
void profile_pack(const struct profile *profile, struct buffer *to);

#endif
