/* SPDX-License-Identifier: MIT */
/*
 * Rows in the order of a number, equal ones as they came, any number of them: sorted
 * in memory up to a bound, beyond it in runs that lie in an unlinked temporary file
 * and are merged.
 *
 *     ranking_new -> ranking_add... -> ranking_next... until 0 -> (ranking_rewind -> ranking_next...)... -> ranking_free
 *
 * Errors are those of the file.
 */
#ifndef RANKING_H
#define RANKING_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "host.h"

/* Where runs lie of many rankings, also in several threads: it outlives them. It is made when the first run comes. */
struct ranking_file { const struct host *host; int fd; uint64_t n_rows; pthread_mutex_t lock; };
void ranking_file_init(struct ranking_file *file, const struct host *host);
void ranking_file_release(struct ranking_file *file);

struct ranking;
/* memory: bytes, beside those of a least run. host may be NULL, and outlives the ranking. file: NULL: one of its own. */
struct ranking *ranking_new(uint64_t memory, const struct host *host, struct ranking_file *file);
void ranking_free(struct ranking *ranking);             /* NULL is fine */
/* key: no NaN; mark: the caller's. All rows come before the first is handed out. */
int ranking_add(struct ranking *ranking, double key, double weight, uint32_t mark, struct error *err) MUST_CHECK;
struct ranked_row { uint64_t key; double weight; uint32_t row; uint32_t mark; };        /* key: order_key.h; row: their number as they came, modulo 2^32 */
/* All rows that were added, in any order, before the first is handed out; -1: the file can't be read, or `see` gave -1. */
int ranking_look(struct ranking *ranking, int (*see)(void *state, const struct ranked_row *row, struct error *err), void *state, struct error *err) MUST_CHECK;
/* The next n > 0 rows, at most `most`, the ranking's until the next call; 0: there are no more; -1. */
int ranking_next(struct ranking *ranking, size_t most, const struct ranked_row **rows, struct error *err) MUST_CHECK;
int ranking_rewind(struct ranking *ranking, struct error *err) MUST_CHECK;             /* ranking_next begins with the first row again */
uint64_t ranking_rows(const struct ranking *ranking);                                   /* that were added */

#endif
