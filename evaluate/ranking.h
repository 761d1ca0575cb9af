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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "host.h"

struct ranking;
/* memory: bytes, beside those of a least run. host may be NULL, and outlives the ranking. */
struct ranking *ranking_new(uint64_t memory, const struct host *host);
void ranking_free(struct ranking *ranking);             /* NULL is fine */
/* key: no NaN. At most 2^32 rows, which are numbered as they come. */
int ranking_add(struct ranking *ranking, double key, double weight, bool own, struct error *err) MUST_CHECK;
struct ranked_row { uint64_t key; double weight; uint32_t row; uint32_t own; };         /* key: order_key.h */
/* The next n > 0 rows, at most `most`, the ranking's until the next call; 0: there are no more; -1. */
int ranking_next(struct ranking *ranking, size_t most, const struct ranked_row **rows, struct error *err) MUST_CHECK;
int ranking_rewind(struct ranking *ranking, struct error *err) MUST_CHECK;             /* ranking_next begins with the first row again */
size_t ranking_rows(const struct ranking *ranking);                                     /* that were added */

#endif
