/* SPDX-License-Identifier: MIT */
/*
 * Blocks come in kinds of size, sixteen to a doubling but for small ones, one to a
 * doubling, each with a list of those that
 * nobody uses. What no list has is cut off the newest chunk; chunks double up to
 * 8 MiB, are mapped on their own, and ask for huge pages: one page fault for 2 MiB
 * instead of 512. Very large blocks, and those of no pool, are malloc's.
 *
 *     chunk   [ head | block | block | ...            | not cut yet ]
 *     block   [ struct block, 64 bytes | data, up to the size of its kind ]
 */
#define _GNU_SOURCE             /* MADV_HUGEPAGE */
#include "block.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "memory.h"

enum {
	HEAD = 64,
	LEAST_BITS = 7, SMALL_BITS = 10, MOST_BITS = 25,        /* blocks, heads included: 128 bytes, 1 KiB, 32 MiB; steps of 64 at least */
	STEPS = 16,                             /* kinds to a doubling, from 1 KiB on */
	N_SMALL = SMALL_BITS - LEAST_BITS,
	N_KINDS = N_SMALL + (MOST_BITS - SMALL_BITS) * STEPS + 1, NO_KIND = N_KINDS,
	LARGER = 3,                             /* kinds above the right one that will do */
	FIRST_CHUNK = 256 * 1024, LAST_CHUNK = 8 * 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024,
	PAGE = 4096, TRIMMED = 256 * 1024,
};

struct pool_chunk { struct pool_chunk *next; size_t size; void *mapped; size_t mapped_size; };

struct pool {
	_Atomic size_t users;           /* owners and blocks in use */
	pthread_mutex_t lock;
	struct pool_chunk *chunks;
	unsigned char *at;              /* of the newest chunk: what is not cut yet */
	size_t left;
	bool spares;                    /* no huge pages */
	struct block *idle[N_KINDS];
};

/* ---- kinds of sizes ---- */

static size_t kind_size(unsigned kind)
{
	unsigned bits;

	if (kind < N_SMALL)
		return (size_t)1 << (LEAST_BITS + kind);
	kind -= N_SMALL;
	bits = SMALL_BITS + kind / STEPS;
	return ((size_t)1 << bits) + ((size_t)(kind % STEPS) << bits) / STEPS;
}

/* The smallest kind that holds so many bytes. */
static unsigned kind_of(size_t size)
{
	unsigned bits, kind;

	for (kind = 0; kind <= N_SMALL; kind++)
		if (size <= kind_size(kind))
			return kind;
	bits = 63 - (unsigned)__builtin_clzll(size);
	if (bits >= MOST_BITS)
		return size == kind_size(N_KINDS - 1) ? N_KINDS - 1 : NO_KIND;
	kind = N_SMALL + (bits - SMALL_BITS) * STEPS;
	while (kind_size(kind) < size)
		kind++;
	return kind;
}

/* ---- the pool ---- */

struct pool *pool_new(void)
{
	struct pool *pool = mem_new(1, sizeof *pool);

	pool->users = 1;
	pthread_mutex_init(&pool->lock, NULL);
	return pool;
}

struct pool *pool_use(struct pool *pool)
{
	if (pool)
		atomic_fetch_add_explicit(&pool->users, 1, memory_order_relaxed);
	return pool;
}

void pool_drop(struct pool *pool)
{
	if (!pool || atomic_fetch_sub_explicit(&pool->users, 1, memory_order_acq_rel) != 1)
		return;
	while (pool->chunks) {
		struct pool_chunk chunk = *pool->chunks;

		munmap(chunk.mapped, chunk.mapped_size);
		pool->chunks = chunk.next;
	}
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void pool_spare(struct pool *pool) { pool->spares = true; }

void pool_trim(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	for (unsigned kind = 0; kind < N_KINDS; kind++)
		for (struct block *block = pool->idle[kind]; kind_size(kind) >= TRIMMED && block; block = block->next) {
			uintptr_t begin = ((uintptr_t)block + HEAD + PAGE - 1) / PAGE * PAGE, end = ((uintptr_t)block + kind_size(kind)) / PAGE * PAGE;

			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);       /* a refusal only costs memory */
		}
	pthread_mutex_unlock(&pool->lock);
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

/* A new chunk with room for `size` bytes, begun at a huge page where it is worth one. */
static bool add_chunk(struct pool *pool, size_t size)
{
	size_t wanted = pool->chunks ? 2 * pool->chunks->size : FIRST_CHUNK, spare;
	unsigned char *mapped, *begin;
	struct pool_chunk *chunk;

	wanted = wanted > LAST_CHUNK ? LAST_CHUNK : wanted;
	while (wanted < size + HEAD)
		wanted *= 2;
	spare = wanted > HUGE_PAGE && !pool->spares ? HUGE_PAGE : 0;
	mapped = mmap(NULL, wanted + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return false;
	begin = spare ? (unsigned char *)(((uintptr_t)mapped + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE) : mapped;
	if (spare)
		(void)madvise(begin, wanted, MADV_HUGEPAGE);    /* a refusal only costs time */
	chunk = (struct pool_chunk *)begin;
	*chunk = (struct pool_chunk){ .next = pool->chunks, .size = wanted, .mapped = mapped, .mapped_size = wanted + spare };
	pool->chunks = chunk;
	pool->at = begin + HEAD;
	pool->left = wanted - HEAD;
	return true;
}

/* A block that nobody uses, or one cut off; NULL: the system gives no more. */
static struct block *take(struct pool *pool, unsigned kind)
{
	struct block *block;
	size_t size;

	for (unsigned larger = kind; larger < N_KINDS && larger <= kind + LARGER; larger++)
		if (pool->idle[larger]) {
			block = pool->idle[larger];
			pool->idle[larger] = block->next;
			return block;
		}
	size = kind_size(kind);
	while (size > pool->left) {
		/* The rest of a chunk is not lost: it is cut into blocks that others will ask for. */
		while (pool->left >= kind_size(0)) {
			unsigned rest = kind_of(pool->left);

			rest -= rest == NO_KIND || kind_size(rest) > pool->left;
			block = (struct block *)pool->at;
			block->kind = rest;
			block->next = pool->idle[rest];
			pool->idle[rest] = block;
			pool->at += kind_size(rest);
			pool->left -= kind_size(rest);
		}
		pool->left = 0;
		if (!add_chunk(pool, size))
			return NULL;
	}
	block = (struct block *)pool->at;
	block->kind = kind;
	pool->at += size;
	pool->left -= size;
	return block;
}

/* ---- blocks ---- */

/* Under AddressSanitizer each block is malloc's, so that it sees who uses one that was dropped. */
#ifdef __has_feature            /* clang's word for it */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { POOLED = 0 };
#else
enum { POOLED = 1 };
#endif

struct block *block_new(struct pool *pool, size_t size)
{
	unsigned kind = POOLED && pool && size < SIZE_MAX - HEAD ? kind_of(size + HEAD) : NO_KIND;
	struct block *block = NULL;

	if (kind != NO_KIND) {
		pthread_mutex_lock(&pool->lock);
		block = take(pool, kind);
		pthread_mutex_unlock(&pool->lock);
		kind = block ? block->kind : NO_KIND;
	}
	if (!block)
		block = mem_aligned(HEAD + size);
	*block = (struct block){ .users = 1, .size = size, .data = (unsigned char *)block + HEAD, .pool = pool_use(pool), .kind = kind };
	return block;
}

struct block *block_use(struct block *block)
{
	if (block)
		atomic_fetch_add_explicit(&block->users, 1, memory_order_relaxed);
	return block;
}

void block_drop(struct block *block)
{
	struct pool *pool;

	if (!block || atomic_fetch_sub_explicit(&block->users, 1, memory_order_acq_rel) != 1)
		return;
	pool = block->pool;
	if (block->kind == NO_KIND) {
		free(block);
	} else {
		pthread_mutex_lock(&pool->lock);
		block->next = pool->idle[block->kind];
		pool->idle[block->kind] = block;
		pthread_mutex_unlock(&pool->lock);
	}
	pool_drop(pool);
}

size_t block_memory(const struct block *block)
{
	return block->kind == NO_KIND ? HEAD + block->size : kind_size(block->kind);
}
