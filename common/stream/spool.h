/* SPDX-License-Identifier: MIT */
/*
 * A spool keeps the batches of one pass for the next ones: in memory up to a bound, the rest
 * as a stream in an unlinked temporary file in the host's folder.
 *
 *     spool_new -> spool_add ... -> spool_close -> spool_source -> its next ... -> source_close, any number of times -> spool_free
 *                                                  or spool_drain, for the last time
 *
 * All batches are added before the first is read again (asserted). Of one spool any number of sources may be open at once, each
 * at a row of its own, also in threads or, opened behind a fork, in the children; but for one that drains, beside which there is
 * no other. The spool outlives its sources; header and end are borrowed as long as the source lives. Rows come back in the order
 * they were added in, numbered from 0, missing values as they were: a batch is kept, or written and read, as it stands, but for
 * short ones, which are joined (gather.h).
 *
 * Errors are those of the file: no room left, a folder that can't be written to. They name the
 * temporary file. A spool that fitted in memory has none. Short batches may wait for others, and fail with the next one or with
 * spool_close.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdint.h>

#include "stream.h"

struct spool;
/* memory: bytes of blocks that are kept; 0: all goes to the file. */
struct spool *spool_new(uint64_t memory, const struct host *host);
/* One that keeps only the columns `cols`, ascending, of what is added; those between them come back vacant (batch_spread). */
struct spool *spool_new_of(uint64_t memory, const size_t *cols, size_t n_cols, const struct host *host);
void spool_free(struct spool *spool);                   /* NULL is fine */
/* Takes the batch over (it is empty then, also after a failure), compacted. Its schema may differ between spools, not within one. */
int spool_add(struct spool *spool, struct batch *batch, struct error *err) MUST_CHECK;
/* All were added. Again it does nothing. */
int spool_close(struct spool *spool, struct error *err) MUST_CHECK;
/* Gives back what the batches left behind of their pool, between passes. */
void spool_trim(const struct spool *spool);
uint64_t spool_memory(const struct spool *spool);        /* bytes of blocks that it keeps */
/* A source over what was added, from the first row. header: of the batches' fields, which are then of its schema; end may be NULL: an empty one. */
void spool_source(struct spool *spool, const struct header *header, const struct end *end, struct source *source);
/* The same for the last time: what was handed out is gone, so that two spools of a pass need the memory of one. */
void spool_drain(struct spool *spool, const struct header *header, const struct end *end, struct source *source);

#endif
