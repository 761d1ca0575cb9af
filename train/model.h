/* SPDX-License-Identifier: MIT */
/*
 * A family of models: one file model_NAME.c ending in one `const struct model_kind`,
 * named once in models.h, a case in tests/cases/train that uses it, and its section in
 * train.1. The life of a fitting, which the lesson around it (lesson.h) leads, always in
 * this order and from one thread:
 *
 *     check        parameters and problem, before any row is read
 *     begin        -> fitting; from a checkpoint, where the same fitting left off
 *     round        an epoch, a tree, or all of it: 1 more may follow, 0 done, -1
 *     keep         what stands now is the best so far; between rounds
 *     checkpoint   everything that the rounds to come hang on, as bytes; between rounds
 *     finish       -> model: as last kept, or as it stands where nothing was kept; behind
 *                  it more rounds may follow, and another finish
 *     close        of every fitting, once
 *
 * The loop is none of the family's business: how many rounds, when to stop, which was
 * the best, what is said and when a checkpoint is written. A begin that gave NULL left
 * nothing behind; after a round that gave -1, or a finish that gave NULL, only close is
 * called.
 *
 * What a family sees of the rows are panels: the training or valid rows of one block
 * of rows of the stream (tree.h), whatever batches they came in; so sums over a tree
 * of blocks come out the same, bit by bit. y is the target in the model's
 * units, or for classes the class number, and NULL where there is no target: a family
 * that says MODEL_NO_TARGET sorts rows into clusters. A weight may be 0; that there is a
 * training row at all, and one that weighs, is seen to behind the first pass, which fails
 * else.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "buffer.h"
#include "error.h"
#include "host.h"
#include "lineage.h"
#include "pack.h"
#include "options.h"
#include "tree.h"

enum { PANEL_ROWS = BLOCK_ROWS };
enum task { TASK_REGRESSION, TASK_CLASSIFICATION, TASK_CLUSTERING, N_TASKS };
enum part { PART_TRAIN, PART_VALID };

/* What a family takes; the default preparation sees to the rest. */
enum {
	MODEL_SCALED = 1,               /* wants features, and the target of a regression, of about deviation 1 */
	MODEL_MISSING = 2,              /* x may be NaN: missing. Without it a training row with a missing feature is an error */
	MODEL_AGAIN = 4,                /* wants the rows again, any number of times */
	MODEL_NO_FEATURES = 8,          /* can do without any */
	MODEL_NO_TARGET = 16,           /* its task is TASK_CLUSTERING, and no other; without it that is never asked for */
	MODEL_FROM = 32,                /* can go on from a model of its own: training->from */
	MODEL_LEVELS = 64,              /* a feature may be the number of a level: training->levels_of */
	MODEL_TIME = 128,               /* wants to know when each training row was: the column with role time */
	MODEL_NO_X = 256,               /* looks at no feature: panels of a fitting have none, and x is NULL */
	MODEL_RUNS = 512,               /* keeps rows: panels say where their columns lie as they came */
};

enum { NO_GROUP = -1 };

/* Where columns of a panel lie in counted blocks, with the same values as in x, for who would else copy them. They stand there as long as he
 * holds a count on their blocks (block_use). */
enum { PANEL_RUNS = 4 };
struct panel_runs {
	size_t n;                       /* runs of rows, at most PANEL_RUNS */
	size_t ends[PANEL_RUNS];        /* by run: the row behind it */
	const double **values;          /* [feature * PANEL_RUNS + run]; NULL in one of the runs: the column lies nowhere else */
	struct block **blocks;          /* the same way */
};

struct panel {
	enum part part;
	uint64_t block;                 /* number, from 0, of the block of rows of the stream that its rows are of (tree.h): one for both parts */
	size_t n_rows, n_features;
	const double *x;                /* column by column: feature j of row r is x[j * stride + r]; with MODEL_NO_X there are none */
	size_t stride;                  /* n_rows at least, PANEL_ROWS at most */
	const double *y;                /* n_rows: value, or class number 0 .. n_classes - 1; NULL in predict, and without a target */
	const double *weight;           /* n_rows, >= 0; NULL: all 1 */
	const double *group;            /* n_rows: number of the row's group, or NO_GROUP where it has none that training knew; NULL: no groups */
	const double *time;             /* n_rows, NaN: not known; NULL: no such column, or in predict. Microseconds, or as the column counts */
	const struct panel_runs *runs;  /* NULL: it is not said where they lie; only with MODEL_RUNS */
};

struct level_names;                     /* levels_of.h */

struct problem {
	enum task task;
	struct names features;          /* in the order of x's columns */
	struct names classes;           /* byte order; of a classification only */
	char *by;                       /* the column whose values are groups of rows; NULL: none */
	struct names groups;            /* of the training rows, in byte order */
	const struct level_names *levels;       /* by feature, borrowed; NULL but for `describe`, and there where nobody knows them */
};
const char *task_name(enum task task);          /* "regression": in models, headers and messages */
void problem_copy(struct problem *to, const struct problem *from);      /* `to` is overwritten, not released */
void problem_release(struct problem *problem);         /* fine on a zeroed one, and twice */

typedef int panel_taker(void *fitting, size_t lane, const struct panel *panel, struct error *err);

/* What is trained on; it stays where it is as long as the fitting. */
struct training {
	const struct problem *problem;
	const uint32_t *set_of;         /* by feature: the number, from 1 on, of the one-hot set that it was made in; 0: in none */
	/* By feature: how many levels it holds (levels_of.h), numbers from 0 on that are names and no amounts, 0 the rare ones and those that
	 * never came; 0: it is a number. What x holds there is read by level_number, in predict too: a model keeps the counts. */
	const uint32_t *levels_of;
	uint64_t n_rows, n_valid;       /* rows that will come, at most */
	bool weighted;                  /* they have weights of their own */
	uint32_t seed;
	int threads;
	void *shared;                   /* what a config that shares with this one made of the same rows (model_sharing); NULL: begin and round see to all themselves */
	/* With MODEL_FROM: a model of this family, for the same problem, whose parameters are where the fitting starts; begin fails
	 * (STATUS_USAGE) where config wants another shape. NULL: as ever. Behind a checkpoint it is the same one again. It outlives begin only. */
	const void *from;
	uint64_t memory;                /* bytes a family may hold before it takes a temporary file */
	const struct host *host;        /* for that; may be NULL */
	/* Whether somebody wants to end: what takes long asks within a round, from any thread, and gives up with STATUS_INTERRUPT. NULL: nobody does. */
	bool (*stopped)(void *state);
	/* All rows, as panels, each to `take`, which may keep nothing of it. lanes 1: in order of the blocks; more: from so many threads at
	 * once, one at a time for each lane, blocks in any order. They pass once in the life of a fitting; with MODEL_AGAIN as often as they
	 * are asked for, the same panels each time. A family that wants them again and has not said so keeps them (matrix.h). */
	int (*rows)(void *state, size_t lanes, panel_taker *take, void *fitting, struct error *err);
	void (*remark)(void *state, const char *text);  /* for people and for the model's `training`: "collinear columns: …" */
	void *state;
};

/* The level that a feature with n of them holds, which is not missing: what is no number of one is level 0. */
static inline uint32_t level_number(double x, uint32_t n)
{
	return x > 0 && x < n && x == (uint32_t)x ? (uint32_t)x : 0;
}

/* Rows of a panel, at most. */
static inline size_t training_panel_rows(const struct training *training)
{
	uint64_t n = training->n_rows > training->n_valid ? training->n_rows : training->n_valid;

	return n < PANEL_ROWS ? (size_t)n : PANEL_ROWS;
}

struct round {
	uint64_t number;                /* 1, 2, …: the lesson's, also behind a checkpoint */
	double loss, valid;             /* the family's: over the training rows, over the valid rows; NaN: none */
	double lr;                      /* the family's, if it has such a thing: the learning rate of the round's last step; NaN: none */
	double seconds;                 /* the lesson's: what the round took; NaN: nobody has a clock */
};

/*
 * The loop's parameters, for a family of many rounds: its config begins with them, and its options with the rows below, in which
 * `word` is what the family calls them ("epochs") and `one` what it calls one ("epoch", also its round_name). `preset` is the default of patience, in digits.
 */
struct pace {
	int64_t rounds, patience;       /* rounds 0: nobody said */
	int64_t watched, alone;         /* then it is so many, with valid rows to find the best one, and without */
};
static inline int64_t pace_rounds(const struct pace *pace, bool watched)
{
	return pace->rounds ? pace->rounds : watched ? pace->watched : pace->alone;
}
#define PACE_ROUNDS(word, help) { word, 0, OPTION_INT, offsetof(struct pace, rounds), "N", NULL, 1, 1e9, help }
#define PACE_PATIENCE(one, preset) { "patience", 0, OPTION_INT, offsetof(struct pace, patience), "N", NULL, 0, 1e9, \
	"stop after so many " one "s without a better loss on the valid rows (without any: on a tenth of 1,000 training rows or more), 0: never (default " preset ")" }

/*
 * What fittings over the same rows have in common wherever their parameters agree in what it hangs on: bins, a factor, the matrix of a
 * kernel. It is made once, by passes over the rows and with all threads, and behind that only read, by any number of fittings at once, in
 * threads or behind a fork; it outlives them, and so no model points into it that does not count its users. A fitting that is handed it makes
 * fewer passes, or none, and fails where it would have failed, with the same words; the model has the same bytes with it and without.
 */
struct model_sharing {
	/* Whether both take the same one; of a config and itself: whether it takes one at all. */
	bool (*with)(const void *config, const void *other);
	uint64_t (*size)(const void *config, const struct training *training);          /* bytes that it holds, at most */
	/* training: as for begin, without `from`; it keeps nothing of it. */
	void *(*make)(const void *config, const struct training *training, struct error *err);
	void (*free)(void *shared);
};

/*
 * What is not said to be NULL where is never NULL. Of round_name, keep and checkpoint there are all or none: a fitting of many rounds
 * can be kept and goes on from a checkpoint. tests/unit/test_models.c holds every family to all of this.
 */
struct model_kind {
	const char *name;               /* "linear" */
	const char *summary;
	const char *round_name;         /* "epoch"; NULL: a fitting of one round, whose config has no pace */
	const struct option_row *options;       /* key=value parameters, members of config; NULL: none */
	size_t config_size;
	/* Sets to its default what has no say beside the rest of a config that was checked (the degree of a kernel that is no polynomial): configs that
	 * are equal behind it give the same model. NULL: all has a say. */
	void (*settle)(void *config);
	/* What a search tries where nobody says what, as words of tune ("lr=0.01..0.3"), NULL at the end. NULL: it is not tried unless it is named. */
	const char *const *search;
	const char *const *search_from;         /* where it begins, "hidden=64", but for parameters at their defaults; NULL: all are */
	uint64_t search_rows;           /* of more training rows it is not tried unless it is named, as it takes too long; 0: any */
	/* What makes its models simpler, for who overfits: "fewer leaves, a larger min_child_samples". Each ends in a parameter, and begins with "fewer" or
	 * "a smaller" where less of it is simpler. NULL: nothing does. */
	const char *simpler;
	const void *defaults;           /* config_size bytes, which check takes for a task at least */
	unsigned takes;                 /* MODEL_... */
	unsigned (*wants)(const void *config);  /* of `takes`: what these parameters make use of. NULL: all */

	/* The column that the parameters group rows by, or NULL; it is no feature then. NULL: never. */
	const char *(*by)(const void *config);
	/* Pure, before any work: parameters that do not go together, a task that it can't do. Features and classes may not be known yet. */
	int (*check)(const void *config, const struct problem *problem, struct error *err);
	/* How many numbers predict gives for a row of a regression. NULL: one. For classes it is a probability for each; of a clustering
	 * two: the cluster's number, from 0, and the distance from its centre, in the units of x. */
	size_t (*outputs)(const void *config, const struct problem *problem);
	size_t (*outputs_of)(const void *model);        /* the same of a model that was loaded; NULL if and only if `outputs` is */
	/* Of a regression, what further output i >= 1 is called behind the answer's name ("q0.9"), which `to` is overwritten with. NULL: only the answer is told. */
	void (*output_name)(const void *model, size_t i, struct buffer *to);
	size_t (*clusters)(const void *model);          /* how many there are, 1 at least; NULL if and only if the family takes a target */

	/* Bytes that a fitting with so many lanes holds at once, at most, besides the rows that it keeps within training->memory: while rows
	 * pass, beside the panels, or, not `passing`, between passes, with the model and its bytes. They are told where --memory is less, so
	 * they are to be true within a quarter. NULL: next to nothing. training: memory and threads are not settled yet. */
	uint64_t (*needs)(const void *config, const struct training *training, size_t lanes, bool passing);
	const struct model_sharing *sharing;            /* NULL: fittings share nothing. Never together with a checkpoint, or a model to go on from */
	/* config and training outlive the fitting, the model keeps neither. checkpoint: what `checkpoint` packed in a lesson over the same
	 * rows, parameters and seed (the lesson sees to that, and to nothing else: the bytes may be broken); NULL: from the start. */
	void *(*begin)(const void *config, const struct training *training, object checkpoint, struct error *err);
	int (*round)(void *fitting, struct round *told, struct error *err);
	void (*keep)(void *fitting);                                    /* NULL if and only if round_name is */
	void (*checkpoint)(const void *fitting, struct buffer *to);     /* appends one packed value; NULL if and only if round_name is */
	/* The model is the caller's, freed with `free`. A fitting of many rounds keeps all that it needs to go on; one of one round is asked
	 * once, after it. */
	void *(*finish)(void *fitting, struct error *err);
	void (*close)(void *fitting);

	/* out: n_rows x outputs, row by row; for a regression values in the model's units, the first the answer. A row's numbers do not
	 * depend on the other rows; one that has no answer gets NaN. -1: there are none for any row, err says why. From any thread,
	 * several at once on one model: no BLAS, no LAPACK. */
	int (*predict)(const void *model, const struct panel *panel, double *out, struct error *err);
	/* Of classes: whether what predict gives is a vote, 1 for the class that is answered and 0 for others, and no probability: nobody takes it for
	 * such. NULL: never. */
	bool (*votes)(const void *model);
	bool (*votes_with)(const void *config);         /* the same of a model of these parameters; NULL if and only if `votes` is */
	/* Why: for each output n_rows x (n_features + 1), row by row, what each feature adds, then what stands without them. They sum to what
	 * predict gives or, where reasons_log says so, to its logarithm: of a log link, of classes that are a softmax, there up to a number that
	 * a row's classes have in common, so that differences are log-odds. What stands may be -INFINITY, of a class that is never answered.
	 * Threads as for predict. NULL: the family can't say. */
	int (*reasons)(const void *model, const struct panel *panel, double *out, struct error *err);
	bool (*reasons_log)(const void *model);         /* NULL: never */

	/* params: one packed map, numbers as bin. load: NULL if they are broken or do not fit the problem; the model keeps neither. */
	void (*save)(const void *model, struct buffer *params);         /* appends it */
	void *(*load)(object params, const struct problem *problem, struct error *err);
	void (*free)(void *model);      /* NULL is fine */
	/* For people: parameters as lines of name and value ("distance_km  5.01"), by size; `describe` prints it. */
	void (*describe)(const void *model, const struct problem *problem, struct buffer *to);
};

/* Features by size, the largest first, and equal ones as they come: for `describe`. */
struct effect { size_t feature; double size; };
void effects_sort(struct effect *effects, size_t n);

const struct model_kind *model_find(const char *name);          /* NULL: none */
const struct model_kind *model_require(const char *name, struct error *err);    /* NULL and err: "did you mean", or what others call so */
const struct model_kind *const *model_list(size_t *n);
static inline bool model_clusters(const struct model_kind *kind) { return kind->takes & MODEL_NO_TARGET; }
/* The first of the list that can do the task: what is taken where nobody chose. There is one for each. */
const struct model_kind *model_for(enum task task);
/* Whether a lesson may end before its number of rounds, for want of a better loss on the valid rows. */
bool model_stops_early(const struct model_kind *kind, const void *config);
unsigned model_wants(const struct model_kind *kind, const void *config);        /* wants, also where the kind says nothing */
/* outputs, also where the kind says nothing. */
size_t model_outputs(const struct model_kind *kind, const void *config, const struct problem *problem);

#endif
