/* SPDX-License-Identifier: MIT */
/*
 * The QR factor R of [1 | X | y], rows scaled by the root of their weight, from
 * panels in one pass. A panel's factor is block number `panel->block` of a tree
 * (tree.h), so R has the same bits whichever lanes take the panels, in any order,
 * and on however many machines, if the rows are parted at multiples of 1,024.
 *
 * A lane is what one thread needs: a thread that adds panels uses one that no other
 * thread uses at the time. Lanes factor and merge side by side: a lock is held
 * while a node is put into the tree or a pair is taken out of it, never while
 * anything is computed. Who completes a pair merges it before he takes another panel:
 * nobody waits for a merge, and no more panels come in than can be merged.
 *
 * Memory, for n columns (features + 2), in numbers of 8 bytes:
 *
 *     node       n (n + 1) / 2, or m n - m (m - 1) / 2 for m < n rows
 *     lane       n times the rows of its longest panel (or 256, if it merges): scratch;
 *                and two nodes while it merges, three if the result is larger than they are
 *     tree       log2(b) nodes for b blocks that come in order from one lane; at most
 *                2 log2(b) more for each lane more, as nodes wait around what it has in hands
 *     R          n n, at the end, with the last node
 *
 * For n = 5,000: 100 MB a node, 41 MB of scratch a lane, 200 MB for R. 24 blocks took
 * 483 MB in all with one lane and 618 MB with two.
 */
#ifndef LINEAR_QR_H
#define LINEAR_QR_H

#include "model.h"

struct qr;
struct qr *qr_new(size_t n_features, size_t n_lanes);
void qr_free(struct qr *qr);
/* Bytes that it takes at once, about: the tree and the lanes' scratch; and, in qr_finish, R with the last node. */
uint64_t qr_memory(size_t n_features, uint64_t n_rows, size_t n_lanes);
uint64_t qr_finish_memory(size_t n_features, uint64_t n_rows);

/* From any thread, one at a time per lane. Each block comes once, or not at all, and has at most PANEL_ROWS rows. */
void qr_add(struct qr *qr, size_t lane, const struct panel *panel);

/* All that follows: from one thread, while no lane adds. */

/* R: *n_rows x (n_features + 2), by columns, zero below the diagonal; qr's own. *n_rows: as many as were seen, at most
 * n_features + 2. What was added is used up. */
const double *qr_finish(struct qr *qr, size_t *n_rows);

/*
 * A factor of part of the rows on its way to another machine, in pieces of a few MB: packed values
 *
 *     {"columns": n, "level": l, "number": k, "rows": m, "from": i, "numbers": bin}
 *
 * of which each holds `numbers` from i on of node (l, k), as linear_triangle.h orders them.
 */
bool qr_pack(const struct qr *qr, size_t piece, struct buffer *to);             /* false: there are no more than `piece` */
/* The pieces of one qr_pack, in their order, into a qr of the same columns, in which other rows may be already. */
int qr_unpack(struct qr *qr, object piece, struct error *err) MUST_CHECK;
/* Whether a node is still in pieces: the other side stopped early. */
bool qr_incomplete(const struct qr *qr);
/* What `from` has goes over to `to`. */
void qr_merge(struct qr *to, struct qr *from);

#endif
