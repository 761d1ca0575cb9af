/* SPDX-License-Identifier: MIT */
/*
 * Random forests (Breiman 2001) and extremely randomized trees (Geurts et al. 2006): the
 * mean of trees, each grown over rows drawn by chance, whose splits look at a few features
 * by chance (tree_look.h). A leaf answers with the weighted mean of its rows' targets, or
 * the shares of their classes.
 *
 * How often a tree has drawn a row is a number by chance of Poisson's distribution with
 * mean max_samples, from a hash of seed, tree and row: what drawing with replacement comes
 * to where rows are many (Oza and Russell 2001), and it needs no order, so any tree can be
 * grown at any time by any thread, and who was not in it is known without being kept.
 *
 * Trees are grown side by side, one by each thread, and handed over one a round in their
 * order: so the model is the same for any number of threads, and a checkpoint holds just
 * the trees that were handed over. Those drawn ahead are grown anew behind it.
 *
 * The rows that a tree has not drawn judge it: the mean of those trees, for each row, is its
 * answer out of bag, and the loss of a round is theirs.
 *
 * Memory: a byte a value and 4 bytes a row (8 with weights), 8 more of numbers; 4 bytes and
 * 8 for each output a row for answers out of bag, as many for valid rows. For each tree at
 * work 16 bytes a row and 300 for each of its leaves. For each leaf of all trees 48 bytes and
 * 8 for each output, twice while a model is made of them.
 *
 * Processor time beside scikit-learn 1.9.1 on two cores, a whole training here, the fit alone
 * there, same rows, features a split and rows a leaf: california 0.8 and 3.6 seconds, adult 0.5
 * and 1.6; with its own defaults for numbers (all features at each split) twice that and more.
 * On five tables defaults of half the features for numbers and 5 rows a leaf for classes were
 * the best or near it on rows held out.
 */
#ifndef FOREST_H
#define FOREST_H

#include "tree_grow.h"
#include "tree_read.h"

/* How rows are answered that had no part in it: their number, and of numbers r2 and the root of the mean squared error, of classes
 * accuracy and log loss. */
struct forest_score { uint64_t n_rows; double first, second; };

/* A model: the mean of its trees. The family of single trees is a forest of one. */
struct forest {
	size_t n_classes;               /* 0: numbers */
	struct trees trees;             /* of two classes the share of the second; of more one number for each */
	struct forest_score score;      /* n_rows 0: there is none */
};
static inline size_t forest_classes(const struct problem *problem) { return problem->task == TASK_CLASSIFICATION ? problem->classes.n : 0; }
static inline size_t forest_outputs(size_t n_classes) { return n_classes > 2 ? n_classes : 1; }         /* numbers of a leaf */
void forest_release(struct forest *forest);             /* fine on a zeroed one, and twice */
/* Of model.h, for both families. */
int forest_predict(const void *model, const struct panel *panel, double *out, struct error *err);
int forest_reasons(const void *model, const struct panel *panel, double *out, struct error *err);
void forest_save(const void *model, struct buffer *params);
void *forest_load(object params, const struct problem *problem, struct error *err);
void forest_free(void *model);
void forest_score_pack(const struct forest_score *score, struct buffer *to);           /* a value; read: false, it is none */
/* Trees that were unpacked: a leaf has a number for each output, and of classes shares, which sum to 1 but for rounding where they are several. */
bool forest_answers_fit(const struct trees *trees, size_t n_classes);
bool forest_score_read(struct forest_score *score, object from);
/* "r2 0.81, rmse 48000 (16512 rows)"; nothing where there is no score. */
void forest_score_tell(const struct forest *forest, struct buffer *to);

/* What the rows of each leaf of the last grow answer, from exact targets, or those of each node; n_classes as in struct forest. The
 * caller's: n_leaves, or n_nodes, x forest_outputs. */
double *forest_values(const struct grower *grower, const struct tree_read *read, size_t n_classes);
double *forest_node_values(const struct grower *grower, const struct tree_read *read, size_t n_classes);

/* Both passes of a fitting of either family; as tree_read_look. */
int forest_read(struct tree_read *read, size_t max_bins, const struct training *training, struct workers *workers, struct error *err) MUST_CHECK;
/* The same for all fittings with the same max_bins (model_sharing): tree_read_unshare frees it. And the bytes that it holds. */
struct tree_read *forest_share(size_t max_bins, const struct training *training, struct error *err);
uint64_t forest_shared_size(const void *config, const struct training *training);

struct forest_options {
	struct grow_rules rules;        /* with look */
	size_t n_trees, n_classes, max_bins;
	bool bootstrap;                 /* rows are drawn */
	double max_samples;             /* of the rows, how many are drawn on average */
};
struct foresting;
/* options outlive the fitting. checkpoint: foresting_checkpoint's, or NULL. */
struct foresting *foresting_new(const struct forest_options *options, const struct training *training, object checkpoint, struct error *err);
uint64_t foresting_size(const struct forest_options *options, const struct training *training, size_t lanes, bool passing);
int foresting_round(struct foresting *foresting, struct round *told, struct error *err) MUST_CHECK;     /* as model.h: 1, 0, -1 */
void foresting_keep(struct foresting *foresting);
void foresting_checkpoint(const struct foresting *foresting, struct buffer *to);
void foresting_model(const struct foresting *foresting, struct forest *forest);        /* as last kept, or as it stands; overwritten */
void foresting_free(struct foresting *foresting);       /* NULL is fine */

#endif
