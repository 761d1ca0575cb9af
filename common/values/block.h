/* SPDX-License-Identifier: MIT */
/*
 * Counted bytes, out of a pool. Every run of bytes that a column shows lies in a
 * block, and the column holds one count on it. Who asked for a block may write to
 * it until he hands it on; from then on its bytes never change.
 *
 * A pool keeps the blocks that are dropped for the next ones who ask, since fresh
 * pages cost more than most work on them. Whoever makes batches (a reader, extract)
 * has one, and whatever is made of its batches comes from there. It lives as long
 * as its last block. Pools and blocks may be used from several threads.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <stdatomic.h>
#include <stddef.h>

struct pool;

struct block {
	_Atomic size_t users;
	size_t size;                    /* bytes that were asked for */
	unsigned char *data;            /* aligned to 64 */
	struct pool *pool;              /* the rest is the pool's */
	struct block *next;
	unsigned kind;
};

struct pool *pool_new(void);                            /* one user, the caller */
struct pool *pool_use(struct pool *pool);               /* one more; NULL is fine in all three */
void pool_drop(struct pool *pool);
/* From now on it asks for no huge pages: slower, but pages that are not touched cost nothing. */
void pool_spare(struct pool *pool);
/* Gives the pages of large blocks that nobody uses back to the system, until somebody asks for such a block again, and of malloc's memory. */
void pool_trim(struct pool *pool);

struct block *block_new(struct pool *pool, size_t size);        /* one user; bytes are not set. pool NULL: malloc's memory */
struct block *block_use(struct block *block);                   /* one more; NULL is fine */
void block_drop(struct block *block);                           /* one less; NULL is fine */
size_t block_memory(const struct block *block);                 /* what it takes of the machine, at least its size */

#endif
