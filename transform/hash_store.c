/* SPDX-License-Identifier: MIT */
/*
 * The table is filled up to 7/8 and grows by a quarter: 18 to 23 bytes for a hash. A hash lies near its fraction of the table by its
 * low half, so a larger table is filled from the old one front to back. Runs are in order of the high half, which begins with the user:
 * that many bits of a hash go, but only hashes of one user are ever compared, so that equal ones are no more likely by chance.
 */
#include "hash_store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"

enum {
	FIRST_SLOTS = 256,
	CHUNK = 16384,                  /* hashes that are looked up together */
	BLOCK = 512,                    /* hashes of a run that are read at once */
	STREAM = 16 * BLOCK,            /* and for merging */
};

struct hash_run {
	int fd;
	uint64_t n;
	XXH128_hash_t *firsts;          /* of each block */
};

struct asked { XXH128_hash_t hash; uint32_t at; bool known; };

struct hash_store {
	pthread_mutex_t lock;
	const struct host *host;
	uint64_t memory, written;
	size_t n_users, most_users;
	XXH128_hash_t *slots;           /* all zero: free */
	size_t n_slots, n_used;
	struct hash_run *runs;               /* the oldest and longest first */
	size_t n_runs, room_runs;
	struct asked *asked;            /* of a chunk: not in the table */
	XXH128_hash_t *block;
};

struct hash_store *hash_store_new(uint64_t memory, size_t n_users, const struct host *host)
{
	struct hash_store *store = mem_new(1, sizeof *store);

	pthread_mutex_init(&store->lock, NULL);
	store->host = host;
	store->most_users = n_users;
	store->memory = memory;
	store->n_slots = FIRST_SLOTS;
	store->slots = mem_new(FIRST_SLOTS, sizeof *store->slots);
	return store;
}

static void run_close(struct hash_run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	free(run->firsts);
}

void hash_store_free(struct hash_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->n_runs; i++)
		run_close(&store->runs[i]);
	free(store->runs);
	free(store->slots);
	free(store->asked);
	free(store->block);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

size_t hash_store_user(struct hash_store *store)
{
	assert(store->n_users < store->most_users);
	return store->n_users++;
}

XXH128_hash_t hash_store_own(const struct hash_store *store, size_t user, XXH128_hash_t hash)
{
	uint64_t slice = UINT64_MAX / store->most_users, place = hash.high64 / store->most_users;

	if (store->most_users == 1)
		return hash;
	hash.high64 = user * slice + (place < slice ? place : slice - 1);
	hash.low64 ^= user * UINT64_C(0x9e3779b97f4a7c15);      /* equal rows of all users lie apart in the table */
	return hash;
}

static size_t n_blocks(const struct hash_run *run) { return (size_t)((run->n + BLOCK - 1) / BLOCK); }

uint64_t hash_store_memory(const struct hash_store *store)
{
	uint64_t bytes = store->n_slots * sizeof *store->slots;

	for (size_t i = 0; i < store->n_runs; i++)
		bytes += n_blocks(&store->runs[i]) * sizeof *store->runs[i].firsts;
	return bytes;
}

uint64_t hash_store_written(const struct hash_store *store) { return store->written; }

/* ---- order ---- */

static int compare(XXH128_hash_t a, XXH128_hash_t b)
{
	if (a.high64 != b.high64)
		return a.high64 < b.high64 ? -1 : 1;
	return (a.low64 > b.low64) - (a.low64 < b.low64);
}

static int compare_asked(const void *a, const void *b)
{
	const struct asked *left = a, *right = b;
	int order = compare(left->hash, right->hash);

	return order ? order : (left->at > right->at) - (left->at < right->at);
}

/* ---- the table ---- */

static bool is_free(XXH128_hash_t hash) { return (hash.low64 | hash.high64) == 0; }
static bool is_equal(XXH128_hash_t a, XXH128_hash_t b) { return ((a.low64 ^ b.low64) | (a.high64 ^ b.high64)) == 0; }

/* Zero means a free slot: it counts as one. */
static XXH128_hash_t of_row(XXH128_hash_t hash)
{
	hash.low64 += is_free(hash);
	return hash;
}

static size_t slot_of(const struct hash_store *store, XXH128_hash_t hash)
{
	size_t at = (size_t)((hash.low64 >> 32) * store->n_slots >> 32);       /* its fraction of the table: up to 2^32 slots */

	while (!is_free(store->slots[at]) && !is_equal(store->slots[at], hash))
		if (++at == store->n_slots)
			at = 0;
	return at;
}

static void grow(struct hash_store *store)
{
	XXH128_hash_t *old = store->slots;
	size_t n = store->n_slots;

	store->n_slots += n / 4;
	store->slots = mem_new(store->n_slots, sizeof *store->slots);
	for (size_t i = 0; i < n; i++)
		if (!is_free(old[i]))
			store->slots[slot_of(store, old[i])] = old[i];
	free(old);
}

static int compare_hashes(const void *a, const void *b) { return compare(*(const XXH128_hash_t *)a, *(const XXH128_hash_t *)b); }

/* The hashes of the table, ascending, from its front on. */
static void close_up(struct hash_store *store)
{
	size_t n = 0;

	for (size_t i = 0; i < store->n_slots; i++)
		if (!is_free(store->slots[i]))
			store->slots[n++] = store->slots[i];
	qsort(store->slots, n, sizeof *store->slots, compare_hashes);
}

/* ---- runs ---- */

/* Ascending hashes on their way to a run. */
struct hash_writer { struct hash_store *store; struct hash_run run; XXH128_hash_t *waiting; size_t n_waiting; };

static int writer_open(struct hash_writer *writer, struct hash_store *store, uint64_t n, struct error *err)
{
	*writer = (struct hash_writer){ .store = store, .run.fd = file_unnamed(store->host, err) };
	if (writer->run.fd < 0)
		return -1;
	writer->run.firsts = mem_array((size_t)(n / BLOCK + 1), sizeof *writer->run.firsts);
	writer->waiting = mem_array(STREAM, sizeof *writer->waiting);
	return 0;
}

static int writer_flush(struct hash_writer *writer, struct error *err)
{
	uint64_t at = (writer->run.n - writer->n_waiting) * sizeof *writer->waiting;
	size_t size = writer->n_waiting * sizeof *writer->waiting;

	writer->store->written += writer->n_waiting;
	writer->n_waiting = 0;
	return file_write_at(writer->run.fd, writer->waiting, size, at, writer->store->host, err);
}

static int write_hash(struct hash_writer *writer, XXH128_hash_t hash, struct error *err)
{
	if (writer->run.n % BLOCK == 0)
		writer->run.firsts[writer->run.n / BLOCK] = hash;
	writer->run.n++;
	writer->waiting[writer->n_waiting++] = hash;
	return writer->n_waiting < STREAM ? 0 : writer_flush(writer, err);
}

/* The run joins the store, where all went well. */
static int writer_close(struct hash_writer *writer, int result, struct error *err)
{
	struct hash_store *store = writer->store;

	if (result == 0)
		result = writer_flush(writer, err);
	free(writer->waiting);
	if (result < 0) {
		run_close(&writer->run);
		return -1;
	}
	array_grow(store->runs, store->n_runs, store->room_runs);
	store->runs[store->n_runs++] = writer->run;
	return 0;
}

struct hash_reader { const struct hash_store *store; const struct hash_run *run; XXH128_hash_t *read; uint64_t at; };

/* The hash at reader->at, NULL: there is none. */
static int reader_look(struct hash_reader *reader, const XXH128_hash_t **hash, struct error *err)
{
	uint64_t left = reader->run->n - reader->at, n = left < STREAM ? left : STREAM;

	*hash = NULL;
	if (left == 0)
		return 0;
	if (reader->at % STREAM == 0 && file_read_at(reader->run->fd, reader->read, (size_t)n * sizeof *reader->read,
	                                             reader->at * sizeof *reader->read, reader->store->host, err) < 0)
		return -1;
	*hash = &reader->read[reader->at % STREAM];
	return 0;
}

static int copy_sorted(struct hash_reader readers[2], struct hash_writer *to, struct error *err)
{
	const XXH128_hash_t *next[2];

	if (reader_look(&readers[0], &next[0], err) < 0 || reader_look(&readers[1], &next[1], err) < 0)
		return -1;
	while (next[0] || next[1]) {
		int i = !next[0] || (next[1] && compare(*next[1], *next[0]) < 0);

		if (write_hash(to, *next[i], err) < 0)
			return -1;
		readers[i].at++;
		if (reader_look(&readers[i], &next[i], err) < 0)
			return -1;
	}
	return 0;
}

/* The last two runs become one: they share no hash. */
static int merge_last(struct hash_store *store, struct error *err)
{
	struct hash_run *last = &store->runs[store->n_runs - 2], old[2] = { last[0], last[1] };
	struct hash_reader readers[2] = { { store, &old[0], mem_array(STREAM, sizeof(XXH128_hash_t)), 0 },
	                                 { store, &old[1], mem_array(STREAM, sizeof(XXH128_hash_t)), 0 } };
	struct hash_writer writer;
	int result = writer_open(&writer, store, old[0].n + old[1].n, err);

	if (result == 0) {
		result = copy_sorted(readers, &writer, err);
		store->n_runs -= 2;
		result = writer_close(&writer, result, err);
		run_close(&old[0]);
		run_close(&old[1]);
	}
	free(readers[0].read);
	free(readers[1].read);
	return result;
}

/* The table becomes a run. */
static int spill(struct hash_store *store, struct error *err)
{
	struct hash_writer writer;
	int result = writer_open(&writer, store, store->n_used, err);

	if (result < 0)
		return -1;
	close_up(store);
	for (size_t i = 0; i < store->n_used && result == 0; i++)
		result = write_hash(&writer, store->slots[i], err);
	result = writer_close(&writer, result, err);
	memset(store->slots, 0, store->n_slots * sizeof *store->slots);
	store->n_used = 0;
	while (result == 0 && store->n_runs > 1 && store->runs[store->n_runs - 1].n > store->runs[store->n_runs - 2].n / 2)
		result = merge_last(store, err);
	return result;
}

/* A hash that is neither in the table nor in a run. A larger table is made beside the old one: both count. */
static int insert(struct hash_store *store, XXH128_hash_t hash, struct error *err)
{
	store->slots[slot_of(store, hash)] = hash;
	if (++store->n_used <= store->n_slots / 8 * 7)
		return 0;
	if ((store->n_slots * 2 + store->n_slots / 4) * sizeof *store->slots > store->memory)
		return spill(store, err);
	grow(store);
	return 0;
}

/* ---- looking up ---- */

/* The last block that may hold the hash, from `block` on. */
static size_t block_of(const struct hash_run *run, size_t block, XXH128_hash_t hash)
{
	size_t end = n_blocks(run);

	while (end - block > 1) {
		size_t middle = block + (end - block) / 2;

		if (compare(run->firsts[middle], hash) <= 0)
			block = middle;
		else
			end = middle;
	}
	return block;
}

static bool has_hash(const XXH128_hash_t *hashes, size_t n, XXH128_hash_t hash)
{
	size_t first = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (compare(hashes[first + half], hash) < 0) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return is_equal(hashes[first], hash);
}

/* Marks those of n ascending hashes that the run holds. */
static int look_in(struct hash_store *store, const struct hash_run *run, size_t n, struct error *err)
{
	size_t block = 0, n_read = 0;

	for (size_t i = 0; i < n; i++) {
		struct asked *asked = &store->asked[i];
		size_t at;

		if (asked->known)
			continue;
		at = block_of(run, block, asked->hash);
		if (at != block || n_read == 0) {
			uint64_t left = run->n - (uint64_t)at * BLOCK;

			block = at;
			n_read = left < BLOCK ? (size_t)left : BLOCK;
			if (file_read_at(run->fd, store->block, n_read * sizeof *store->block, (uint64_t)at * BLOCK * sizeof *store->block,
			                 store->host, err) < 0)
				return -1;
			store->block[n_read] = (XXH128_hash_t){ 0, 0 };         /* has_hash may look behind the last */
		}
		asked->known = has_hash(store->block, n_read, asked->hash);
	}
	return 0;
}

/* Those of a chunk that are not in the table: equal ones once, then in all runs. They are added as they came: a part of them in order
 * would crowd one end of the table. */
static int settle(struct hash_store *store, size_t n, const XXH128_hash_t *hashes, size_t n_hashes, bool *fresh, struct error *err)
{
	struct asked *asked = store->asked;
	size_t n_left = 0, first = asked[0].at;

	qsort(asked, n, sizeof *asked, compare_asked);
	for (size_t i = 0; i < n; i++)
		if (n_left == 0 || !is_equal(asked[n_left - 1].hash, asked[i].hash))
			asked[n_left++] = asked[i];
	for (size_t i = 0; i < store->n_runs; i++)
		if (look_in(store, &store->runs[i], n_left, err) < 0)
			return -1;
	for (size_t i = 0; i < n_left; i++)
		fresh[asked[i].at] = !asked[i].known;
	for (size_t i = first; i < n_hashes; i++)
		if (fresh[i] && insert(store, of_row(hashes[i]), err) < 0)
			return -1;
	return 0;
}

static int add_chunk(struct hash_store *store, const XXH128_hash_t *hashes, size_t n, bool *fresh, struct error *err)
{
	size_t n_asked = 0;

	for (size_t i = 0; i < n; i++) {
		XXH128_hash_t hash = of_row(hashes[i]);

		fresh[i] = false;
		if (!is_free(store->slots[slot_of(store, hash)]))
			continue;
		if (store->n_runs > 0) {
			store->asked[n_asked++] = (struct asked){ .hash = hash, .at = (uint32_t)i };
			continue;
		}
		fresh[i] = true;
		if (insert(store, hash, err) < 0)
			return -1;
	}
	return n_asked > 0 ? settle(store, n_asked, hashes, n, fresh, err) : 0;
}

int hash_store_add(struct hash_store *store, const XXH128_hash_t *hashes, size_t n, bool *fresh, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&store->lock);
	if (!store->asked) {
		store->asked = mem_array(CHUNK, sizeof *store->asked);
		store->block = mem_array(BLOCK + 1, sizeof *store->block);
	}
	for (size_t first = 0; first < n && result == 0; first += CHUNK)
		result = add_chunk(store, hashes + first, n - first < CHUNK ? n - first : CHUNK, fresh + first, err);
	pthread_mutex_unlock(&store->lock);
	return result;
}
