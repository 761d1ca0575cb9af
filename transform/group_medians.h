/* SPDX-License-Identifier: MIT */
/*
 * Medians of groups and of all, exact, in one pass and in bounded memory. All values are
 * sorted beside the numbers of their groups (ranking.h: in memory, and beyond it in a
 * temporary file), and the values of each group counted. Then they come in order, and
 * of a group of n those that come as number (n - 1) / 2 and n / 2 are in its middle.
 *
 * Who wants something else than the middle takes the values in order. Values may be divided: merge before finish.
 *
 * Errors are those of the file.
 */
#ifndef GROUP_MEDIANS_H
#define GROUP_MEDIANS_H

#include "pack.h"
#include "ranking.h"

struct group_medians {
	uint64_t memory;
	const struct host *host;
	struct ranking_file *file;
	struct ranking *values;         /* NULL: none */
	uint64_t *counts;               /* values of each group */
	double *medians;                /* by group, from finish on */
	size_t n_groups;                /* room of both; zeroed */
	double of_all;                  /* from finish on */
};

#define NO_GROUP UINT32_MAX             /* of a value that counts among all */

/* memory: for values; what stands by group comes on top of it (group_medians_memory). host and file may be NULL. */
void group_medians_init(struct group_medians *medians, uint64_t memory, const struct host *host, struct ranking_file *file);
void group_medians_release(struct group_medians *medians);
void group_medians_room(struct group_medians *medians, size_t n_groups);        /* before groups up to there are added */
int group_medians_add(struct group_medians *medians, uint32_t group, double value, struct error *err) MUST_CHECK;
/* Counts and medians hold then (of groups with a count, and of all if there are any); it is only to be released behind. */
int group_medians_finish(struct group_medians *medians, size_t n_groups, struct error *err) MUST_CHECK;
/* Instead of finish, as often as wanted: all values in order, equal ones in any, with their groups. -1: the file's fault, or take's. */
int group_medians_in_order(struct group_medians *medians, int (*take)(void *state, uint32_t group, double value, struct error *err), void *state,
                           struct error *err) MUST_CHECK;
/* All that `from` took in; it is only to be released then. groups[i]: what group i of n is in `to`, which has room for it. */
int group_medians_merge(struct group_medians *to, struct group_medians *from, const uint32_t *groups, size_t n, struct error *err) MUST_CHECK;
/* One msgpack value. -1: values can't be read back from the file. */
int group_medians_pack(const struct group_medians *medians, struct buffer *to, struct error *err) MUST_CHECK;
int group_medians_unpack(struct group_medians *medians, size_t n_groups, object from, struct error *err) MUST_CHECK;    /* into a fresh one */
size_t group_medians_memory(const struct group_medians *medians);       /* without the values, which have their own limit */

#endif
