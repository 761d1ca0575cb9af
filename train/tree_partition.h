/* SPDX-License-Identifier: MIT */
/* The rows of a leaf divided by a split: those that go left before those that go right, both in the order that they had. */
#ifndef TREE_PARTITION_H
#define TREE_PARTITION_H

#include "tree_grow.h"

struct partitioner { struct workers *workers; size_t threads, room; size_t *lefts; };
void partitioner_open(struct partitioner *partitioner, struct workers *workers, int threads);
void partitioner_close(struct partitioner *partitioner);
/* order and words of places first .. first + n - 1; the grower's spare ones are written to. How many go left. */
size_t partition(struct partitioner *partitioner, const struct tree_rows *rows, struct grower *grower, size_t first, size_t n,
                 const struct split *split);

#endif
