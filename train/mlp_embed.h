/* SPDX-License-Identifier: MIT */
/*
 * Embeddings: features that hold levels (model.h) come into a net as vectors, one for
 * each level, which are learned with all else. It is a linear layer over one-hot columns
 * without the columns: a row reads one vector of each table, and only that one learns from it.
 *
 * Inputs of a net stand in order of the features: one of a number, `width` of an
 * embedded one. Tables stand in the net's params behind the layers, level by level.
 */
#ifndef MLP_EMBED_H
#define MLP_EMBED_H

#include "model.h"

struct embedded {
	size_t feature;                 /* number, of the problem */
	uint32_t levels;                /* at most MAX_EMBEDDED */
	size_t width;
	size_t input;                   /* the first of its inputs */
	size_t at;                      /* its table in params: levels x width */
};
struct embedding {
	struct embedded *items;         /* in order of the features */
	size_t n, n_features;           /* n 0: each feature is one input, and n_features is not set */
};

struct net;
struct workspace;
struct table;

enum { MAX_EMBEDDED = 1 << 24 };        /* levels: a float counts so far */
enum { EMBED_AUTO_MOST = 50 };
#define EMBED_NONE SIZE_MAX

/* The parameter embed=: the width of each embedding, 0: by its levels, half as many, 50 at most; EMBED_NONE: there are none. */
int embed_read(const char *text, size_t *width, struct error *err) MUST_CHECK;
/* Of the features that hold levels, where the text asks for it; `at` is left to net_init. Gives the number of inputs, 0: err says why. The
 * items are to be freed in any case. */
size_t embed_shape(const char *text, const struct training *training, struct embedding *embedding, struct error *err) MUST_CHECK;
bool embed_same(const struct embedding *one, const struct embedding *other);    /* the same features, levels and widths */
/* What comes in, as the rows have it; the net's widths[0] where nothing is embedded. */
size_t embed_features(const struct net *net);

/* One row of features becomes inputs: row `row` of space->values[0], and which levels they are of. */
void embed_row(const struct net *net, struct workspace *space, size_t row, const float *features);
/* n rows of deltas[0] by inputs: those of one level are added up, in order of the rows, in the first of them. */
void embed_fold(const struct net *net, struct workspace *space, size_t n);
/* Adds what embed_fold left to the gradient of the tables. */
void embed_merge(const struct net *net, const struct workspace *space, size_t n, double *gradient);

/* An entry of the model's map, "embedded": a list of maps of feature, levels, width and weight. */
void embed_save(const struct net *net, struct buffer *params);
/* false: broken, or of another shape than widths[0] and the problem say. Tables are held to the bytes that are there; `embedded` NULL: none. */
bool embed_load_shape(struct net *net, object embedded, const struct problem *problem) MUST_CHECK;
bool embed_load(struct net *net, object embedded) MUST_CHECK;           /* the tables, behind net_init */
void embed_describe(const struct net *net, const struct problem *problem, struct table *table);         /* rows of the table of layers */

#endif
