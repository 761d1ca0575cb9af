/* SPDX-License-Identifier: MIT */
/*
 * A set of 128-bit hashes within a bound of memory: which of many rows came before.
 *
 * New hashes go to a table in memory. When that is full they are sorted and become a
 * run: a temporary file of ascending hashes, of which every 512th is kept in memory.
 * Two runs are merged when the later one is more than half as long: so a hash is
 * written once for each time that the set doubled, and there are few runs to look in.
 *
 *     table (memory)  |  run  |    run    |         run         | ...
 *
 * Many users may share one, so that all of them stay within one bound: each has a
 * slice of the order of his own, so that what he looks for in a run lies together.
 * Calls may come from several threads.
 *
 * What is in the set hangs on what was added, and neither on the memory nor on how
 * the hashes were divided into calls. It takes the memory given, 1 byte more for 32
 * hashes in runs, and 1 MB for what passes through.
 *
 * Errors are those of the temporary files.
 */
#ifndef HASH_STORE_H
#define HASH_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

#include "error.h"
#include "host.h"

struct hash_store;
/* memory: of the table, at least 64 KiB; host: whose folder the runs lie in, outlives the store, may be NULL. */
struct hash_store *hash_store_new(uint64_t memory, size_t n_users, const struct host *host);
void hash_store_free(struct hash_store *store);         /* NULL is fine */
/* The number of one more user, n_users of them at the most; and what he adds and looks up instead of his hash: he alone. */
size_t hash_store_user(struct hash_store *store);
XXH128_hash_t hash_store_own(const struct hash_store *store, size_t user, XXH128_hash_t hash);
/* Adds n hashes, one after the other; fresh[i]: the i-th was not there before. */
int hash_store_add(struct hash_store *store, const XXH128_hash_t *hashes, size_t n, bool *fresh, struct error *err) MUST_CHECK;
uint64_t hash_store_memory(const struct hash_store *store);     /* bytes of table and runs now */
uint64_t hash_store_written(const struct hash_store *store);    /* hashes that went to a file so far, as often as they did */

#endif
