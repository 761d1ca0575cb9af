/* SPDX-License-Identifier: MIT */
/*
 * Rows parted within each class at exact ranks: of the rows of a class, ordered by a
 * key of each (the hash of marks.h), the first so many are of part 0, the next of part
 * 1, and so on. What part a row is of hangs on its key, its class and how many rows
 * the class has: not on the order of the rows, on batches or on who took them in.
 *
 *     strata_init -> strata_add..., strata_merge... -> strata_finish -> cuts -> strata_release
 *     cuts_of_rows, as often as wanted, side by side -> cuts_release
 *
 * Rows without a class are a class of their own, the last one; the others stand in
 * byte order of what they print. Keys lie in memory up to a bound, then in a temporary
 * file (ranking.h); the classes themselves must fit: 100,000 take about 10 MB.
 *
 * Two rows of a class share a key with a chance of 2^-53; a cut between them falls before both.
 */
#ifndef STRATA_H
#define STRATA_H

#include "distinct.h"
#include "group_medians.h"
#include "marks.h"

struct strata {
	struct distinct classes;
	struct group_medians keys;      /* by class */
	uint64_t n_missing;             /* rows without a class */
	uint64_t memory;
};

/* memory: of the classes and of the keys that lie in memory, in all; host and file may be NULL. */
void strata_init(struct strata *strata, enum type type, uint64_t memory, const struct host *host, struct ranking_file *file);
void strata_release(struct strata *strata);
/* The rows of a column that was read, those in `rows` (NULL: all); keys: by row, below KEY_END. -1: too many classes for the memory, or
 * the file's fault. */
int strata_add(struct strata *strata, const struct column *column, size_t n_rows, const uint64_t *rows, const uint64_t *keys, struct error *err) MUST_CHECK;
/* All that `from`, of the same type, took in; it is only to be released then. */
int strata_merge(struct strata *to, struct strata *from, struct error *err) MUST_CHECK;
int strata_pack(const struct strata *strata, struct buffer *to, struct error *err) MUST_CHECK;        /* one msgpack value; -1: as group_medians_pack */
int strata_unpack(struct strata *strata, object from, struct error *err) MUST_CHECK;    /* into a fresh one of the same type */

struct cuts {
	struct distinct classes;        /* in byte order, with their rows as counts */
	uint64_t n_missing;
	size_t n_cuts;
	uint64_t *keys;                 /* of class c (n: the missing one) from c * n_cuts on, ascending: a key below the first is of part 0 */
};
/* How many rows stand before each cut of a class of n rows, ascending, n_cuts of them in `ranks`; before: rows of the classes before it. */
struct cut_rule { size_t n_cuts; void (*ranks)(const struct cut_rule *rule, uint64_t before, uint64_t n, uint64_t *ranks); const void *state; };
/* Overwrites `to`, which is to be released, also after -1. */
int strata_finish(struct strata *strata, const struct cut_rule *rule, struct cuts *to, struct error *err) MUST_CHECK;
void cuts_release(struct cuts *cuts);
/* The part of each row: how many cuts its key is not below. A class that is not there is of the last one. */
void cuts_of_rows(const struct cuts *cuts, const struct column *column, size_t n_rows, const uint64_t *keys, struct arena *scratch, uint32_t *parts);
void cuts_pack(const struct cuts *cuts, struct buffer *to);             /* one msgpack value */
bool cuts_unpack(struct cuts *cuts, object from);       /* overwrites it, to be released in any case; false: broken */

/* ---- shares of each class, held out ---- */

/*
 * round(test * n) rows of a class of n, half up (of the share as it is written in decimals), are part 0, test rows; round(valid * n) part
 * 1, valid rows; the rest part 2. At least one row of each class is left for that.
 */
struct shares { double test, valid; };
struct cut_rule shares_rule(const struct shares *shares);       /* borrows them */
enum mark share_mark(uint32_t part);    /* of part 0, 1 and 2 */
/* "2 of 5 classes of 'kind' have too few rows to be tested: owl 1, fox 2"; false: none, and nothing is appended. named: say which, and
 * not only how many rows they have at the most. */
bool shares_rare(const struct cuts *cuts, const struct shares *shares, const char *column, bool named, struct buffer *to);
/* round(share * n), half up. */
uint64_t share_of(double share, uint64_t n);

#endif
