/* SPDX-License-Identifier: MIT */
/*
 * Counts and sums of values by group, in the fixed shape of tree.h: a node is the
 * list of the groups that occur in its rows. Within a block each group is a
 * compensated sum (Neumaier 1974) in the order of the rows.
 */
#ifndef GROUP_SUMS_H
#define GROUP_SUMS_H

#include "pack.h"
#include "tree.h"

struct group_sum { uint64_t n; double sum; uint32_t group; };

struct group_sums {
	struct tree tree;               /* of struct group_node */
	uint64_t block;                 /* the open leaf's */
	size_t n_open;
	struct group_sum *open;         /* its groups as they came: room for BLOCK_ROWS, or NULL */
	double *lost;                   /* low bits that did not fit into their sums */
	uint32_t *places;               /* by group: place in open + 1, 0: none */
	size_t n_places;
};

void group_sums_init(struct group_sums *sums);
void group_sums_release(struct group_sums *sums);
/* A value of a row of `block`. Blocks come as moment_sum_add (moments.h) wants them. */
void group_sums_add(struct group_sums *sums, uint64_t block, uint32_t group, double value);
/* What `from` holds; it is empty then. groups[i]: what group i of `from` is in `to`. */
void group_sums_merge(struct group_sums *to, struct group_sums *from, const uint32_t *groups);
/* The groups that have a value, ascending: n of them, of the struct. */
const struct group_sum *group_sums_finish(struct group_sums *sums, size_t *n);
void group_sums_pack(const struct group_sums *sums, struct buffer *to);         /* one msgpack value */
bool group_sums_unpack(struct group_sums *sums, size_t n_groups, object from);  /* into an empty one; false: broken, or a group >= n_groups */
/* What the lists of all nodes of n groups take at the most, about: which nodes stand, and for how long, hangs on who is faster. */
size_t group_sums_memory(size_t n_groups);

#endif
