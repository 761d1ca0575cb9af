/* SPDX-License-Identifier: MIT */
/*
 * Sums in one fixed shape. Block k holds the rows 1024 k .. 1024 k + 1023 of the
 * stream as it stands where the sum is taken (rows that are not used leave it
 * short, or empty). Blocks are merged as a binary tree over k:
 *
 *     level 2   [ 0                 ]
 *     level 1   [ 0     ] [ 1       ]      node (level, number) holds the blocks
 *     level 0   [0] [1]   [2]  [3]         number * 2^level .. (number + 1) * 2^level - 1
 *
 * A node whose neighbour holds nothing rises as it is. So the result hangs on the
 * blocks alone: threads and machines may take them in any order and merge what they
 * have whenever they like, and get the same bits.
 *
 * A block that comes in parts, because rows were divided elsewhere than between blocks,
 * is merged with its other part: the sum is of all rows then too, but its last bits
 * hang on the division.
 *
 * A tree keeps the nodes that have no pair yet, at most one merge of each pair is
 * ever made, and of n blocks that come in order log2(n) nodes are kept.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pack.h"

enum { BLOCK_ROWS = 1024, TREE_LEVELS = 54 };   /* 2^54 blocks of 2^10 rows */

struct tree_place { uint64_t first; unsigned level; };          /* of a node: its first block */

struct tree {
	size_t size;                                            /* bytes of a node */
	void (*merge)(void *left, void *right, void *state);    /* into left; what right owns is dropped */
	void *state;                                            /* of merge */
	struct tree_place *places;                              /* by node */
	unsigned char *nodes;
	size_t n, room;
	uint32_t *slots;                                        /* private: finds a place; node + 1, 0: free */
	size_t n_slots;
};

void tree_init(struct tree *tree, size_t size, void (*merge)(void *left, void *right, void *state), void *state);
/* Takes the node (its bytes are copied, what it owns is the tree's) and merges as far as there are pairs. level 0: a block. */
void tree_add(struct tree *tree, unsigned level, uint64_t number, const void *node);
/*
 * tree_add in steps, for those who put a lock around the tree but merge outside of it. If the neighbour of the node at `place`
 * stands in the tree it is taken out, `node` and `other` become the pair, left and right, and `place` that of their merge: true,
 * merge them into `node` and ask again. False: the node stands in the tree.
 *
 * What is in somebody's hands is missing from the tree until it is put back. If blocks come in order but for those in hands, at
 * most 2 log2(n) nodes wait between one of these and the next.
 */
bool tree_pair(struct tree *tree, struct tree_place *place, void *node, void *other);
/* Whether the node could not be added: a block of it is in a node here already, or there are no such blocks. For places that come
 * from elsewhere. */
bool tree_clashes(const struct tree *tree, unsigned level, uint64_t number);
/* Nodes of `from`, which is empty then. Both have the same kind of nodes. */
void tree_take(struct tree *to, struct tree *from);
/* The sum of all, which stays the tree's only node; false: no block came. */
bool tree_finish(struct tree *tree, void *node);
/* Node i of tree->n, for packing: its place and bytes. */
static inline const void *tree_node(const struct tree *tree, size_t i) { return tree->nodes + i * tree->size; }
static inline unsigned tree_level(const struct tree *tree, size_t i) { return tree->places[i].level; }
static inline uint64_t tree_number(const struct tree *tree, size_t i) { return tree->places[i].first >> tree->places[i].level; }
/* Whether packed nodes, arrays that begin with level and number, can all be added to an empty tree: there are such places, and no two
 * share a block, which would be counted twice. (So where parts of one block were merged, the sum may travel no further.) */
bool tree_places_sound(object nodes);
void tree_release(struct tree *tree);           /* what nodes own is the caller's to drop before */

#endif
