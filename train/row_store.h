/* SPDX-License-Identifier: MIT */
/*
 * Rows kept by a family that passes over them again and again in double: the panels of
 * one part of the rows, as they came, block by block and in it column by column. A
 * column of a block that holds only 0 and 1, and few of one of them, as onehot makes
 * them, is kept as the places of these few, two bytes each: so a table of levels takes
 * a tenth of the space, and of the time of a pass.
 *
 *     row_store_init -> row_store_add..., from any lane -> row_store_close -> row_store_read..., from any thread -> row_store_free
 *
 * Columns that came in counted blocks (panel->runs) stay there, with a count on these, while they
 * may lie in memory: what is not copied needs no fresh pages, which cost more than the copy. Others lie
 * in huge pages where there are any: of 40 MB, 25 ms went into the faults of
 * small ones. Sums of a column are made as it is added, since it is at hand then.
 *
 * Blocks come in any order and are told in that of their numbers. Beyond `memory` bytes
 * they lie in an unlinked temporary file in the host's folder, and nothing of them stays
 * in memory but two sums of each column. Values stay as they are, a missing one NaN.
 */
#ifndef ROW_STORE_H
#define ROW_STORE_H

#include <pthread.h>

#include "kept_block.h"
#include "model.h"

struct row_store {
	size_t n_features, n_rows, n_blocks;
	double weight;                  /* of all rows */
	/* private */
	struct kept_place *places;      /* by block */
	size_t room;
	struct pool *pool;
	uint64_t memory, held;          /* bytes that may lie in memory; that do, up to a fifth of a block more. A block of the panels' counts whole, once */
	const struct block *counted[16];        /* those that were counted last */
	size_t n_counted;
	size_t longest;                 /* bytes of a block */
	const struct host *host;
	int fd;                         /* -1: no file */
	uint64_t file_size;
	bool open;
	pthread_mutex_t lock;
};

/* Overwrites the store. host: borrowed, may be NULL. */
void row_store_init(struct row_store *store, size_t n_features, uint64_t memory, const struct host *host);
/* Bytes of one block, as it is added and as it is read. panel_rows: of a panel, at most. */
uint64_t row_store_block_memory(size_t n_features, size_t panel_rows);
/* One panel; each block comes once, or not at all. */
int row_store_add(struct row_store *store, const struct panel *panel, struct error *err) MUST_CHECK;
void row_store_close(struct row_store *store);          /* behind the last panel; sums up */
/* All of these in one pass: the training rows, within training->memory. Overwrites the store, to be freed also after -1. */
int row_store_fill(struct row_store *store, const struct training *training, struct error *err) MUST_CHECK;
/* The same for many fittings, which only read it (model_sharing): as `size`, `make` and `free` of that. */
uint64_t row_store_shared_size(const void *config, const struct training *training);
struct row_store *row_store_share(const struct training *training, struct error *err);
void row_store_unshare(void *store);    /* NULL is fine */
void row_store_free(struct row_store *store);           /* fine on a zeroed one, and twice */
/* Of all rows, by their weights, behind row_store_close: each column's mean, and the sum of its squared deviations from it; n_features. */
void row_store_moments(const struct row_store *store, double *means, double *squares);

/* Block i of n_blocks. The block is the caller's, zeroed before its first use, and read into again and again: what it says holds until then. */
int row_store_read(const struct row_store *store, size_t i, struct kept_block *block, struct error *err) MUST_CHECK;
/* The same of one in memory; of one in the file n_rows is 0. */
void row_store_show(const struct row_store *store, size_t i, struct kept_block *block);

#endif
