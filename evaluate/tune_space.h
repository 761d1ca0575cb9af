/* SPDX-License-Identifier: MIT */
/*
 * What is searched: families, and for each parameter that is not left at its default the
 * values that it may have.
 *
 *     word     key=value | key=value,value,... | key=value|value|... | key=low..high
 *     key      a family's parameter, of every family that has it; or FAMILY.KEY, of this one
 *
 * A value that the family takes as it stands is one value, also with commas in it (alpha=0.1,0.9 of boost);
 * where `|` stands, it alone parts the values. A range is of numbers: drawn log-uniformly where low > 0,
 * else uniformly, and of whole numbers rounded.
 *
 *     space_read -> space_grid | space_draw | space_move -> point_words -> point_same -> ...
 *
 * A point is one configuration: for each axis of its family a place in 0 .. 1, of a list of n values
 * the value of place * n. So searches know nothing of parameters.
 */
#ifndef TUNE_SPACE_H
#define TUNE_SPACE_H

#include "model.h"
#include "names.h"
#include "options.h"
#include "parameters.h"
#include "rng.h"

struct dimension {
	char *key;
	struct names values;            /* as they are written; none: a range */
	double low, high;
	bool log, whole;
	bool own;                       /* the family's: nobody said it */
};

struct family {
	const struct model_kind *kind;
	struct dimension *axes;              /* of more than one value each */
	size_t n_axes, room;
	struct names fixed;             /* words "key=value" that all its points have */
	bool lists, ranges;             /* the words say several values for it */
};

struct space {
	struct family *families;
	size_t n;
	bool lists, ranges;             /* of any family */
};

struct point { size_t family; double *at; };            /* at: n_axes, the owner's */

struct space_options {
	const char *models;             /* "linear,boost": in this order; NULL: all that search by themselves for the task */
	const struct text_list *words;  /* operands: target and parameters */
	enum task task;
	uint64_t n_train;               /* rows; families that take too long for so many are searched if they are named; 0: not known */
	/* An axis for each parameter that a family would search if nobody said (model.h: search), where the words say nothing of it. */
	bool automatic;
};

/* Whether an operand is such a word; any other is the target. */
bool space_takes(const char *word);
/* Overwrites the space. STATUS_USAGE: a family that does not know the task or is not there, a word that no family takes, or an empty range. */
int space_read(struct space *space, const struct space_options *options, struct error *err) MUST_CHECK;
/* The same of words alone, before the task is known: whether they could be right for one, and each family takes some of what they say. The space
 * is that of this task. */
int space_words(struct space *space, const char *models, const struct text_list *words, struct error *err) MUST_CHECK;
void space_release(struct space *space);

/* Whether of classes any of the family's models votes (model.h). */
bool space_votes(const struct space *space, size_t family);

/* How many configurations lists alone give, of all families; UINT64_MAX: more than that. Those with ranges count once for each choice of the others. */
uint64_t space_size(const struct space *space);
/* Configuration i of them, families one after the other, the last axis first; ranges stand in their middle. */
struct point space_grid(const struct space *space, uint64_t i);
/* Where the family begins: each axis as it says (model.h: search_from), else at its default, or as near as it has. */
struct point space_default(const struct space *space, size_t family);
struct point space_draw(const struct space *space, size_t family, struct rng *rng);
struct point point_copy(const struct space *space, const struct point *point);
void point_release(struct point *point);

/* The configuration as words "key=value", those of all points first; `words` is overwritten. */
void point_words(const struct space *space, const struct point *point, struct names *words);
/* What a family is told by words, but for what has no say beside the rest: equal for equal configurations. Appended. -1: the family does not
 * take them. */
int words_settled(const struct model_kind *kind, const struct names *words, enum task task, struct buffer *to, struct error *err) MUST_CHECK;

#endif
