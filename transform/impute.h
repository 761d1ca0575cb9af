/* SPDX-License-Identifier: MIT */
/* What the two halves of the step `impute` share: step_impute.c binds and applies, impute_fit.c learns. */
#ifndef IMPUTE_H
#define IMPUTE_H

#include "arena.h"
#include "distinct.h"
#include "step.h"

enum impute_method { IMPUTE_MEAN, IMPUTE_MEDIAN, IMPUTE_MODE, IMPUTE_CONSTANT, N_IMPUTE_METHODS };

/* A value to fill in; which member: by the type of the result. */
union filling {
	int64_t integer;                /* int, time, bool */
	double real;
	struct { const char *bytes; uint32_t size; } text;
};

/* A unit's state, read. */
struct imputation {
	enum impute_method method;
	const char *column, *by;        /* unit->reads; by may be NULL */
	bool indicator;
	enum type type;                 /* of the result */
	bool known;                     /* there is a value: learned, or given */
	union filling value;
	struct distinct groups;         /* of the type of `by`; empty without it */
	union filling *group_values;    /* one for each group */
	struct arena arena;             /* texts */
};

/* `schema`: the fields at this place. Released by imputation_release, also after an error. */
int imputation_read(struct imputation *imputation, const struct unit *unit, const struct schema *schema, struct error *err) MUST_CHECK;
void imputation_release(struct imputation *imputation);
/* Writes the state: `value` where known, the groups in the order given. */
void imputation_pack(const struct imputation *imputation, const uint32_t *order, size_t n_groups, struct buffer *to);

bool impute_learns(const struct unit *unit);
void *impute_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err);
int impute_fit_update(void *fit, struct batch *batch, const uint64_t *rows, struct error *err);
int impute_fit_finish(void *fit, struct unit *unit, struct error *err);
int impute_fit_merge(void *fit, void *other, struct error *err);
int impute_fit_pack(const void *fit, struct buffer *to, struct error *err);
int impute_fit_unpack(void *fit, object from, struct error *err);
void impute_fit_free(void *fit);

#endif
