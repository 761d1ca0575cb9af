/* SPDX-License-Identifier: MIT */
/*
 * A node of the tree is the factor of its rows (linear_triangle.c). Lanes share the
 * tree; a node that a lane works on is out of it.
 */
#include "linear_qr.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "linear_triangle.h"
#include "memory.h"
#include "tree.h"

enum { PIECE = 1 << 20, MANY_BLOCKS = 4096 };     /* PIECE: numbers in a packed piece */

struct qr_lane { double *scratch; size_t room; };

struct qr {
	size_t n;                       /* columns: 1, X, y */
	struct qr_lane *lanes;
	size_t n_lanes;
	pthread_mutex_t lock;           /* of the tree */
	struct tree tree;               /* of struct triangle */
	double *r;                      /* finished */
	size_t n_rows;
	struct incoming { struct triangle node; struct tree_place place; size_t have; } incoming;       /* node.r NULL: none */
};

/* The lane's scratch; what was in it is lost. */
static double *scratch(struct qr_lane *lane, size_t room)
{
	if (room > lane->room) {
		free(lane->scratch);
		lane->scratch = mem_aligned(room * sizeof *lane->scratch);
		lane->room = room;
	}
	return lane->scratch;
}

/* The tree's own merges, while no lane adds. */
static void merge(void *left, void *right, void *state)
{
	struct qr *qr = state;

	triangle_merge(left, right, scratch(&qr->lanes[0], triangle_scratch(qr->n)));
}

struct qr *qr_new(size_t n_features, size_t n_lanes)
{
	struct qr *qr = mem_new(1, sizeof *qr);

	qr->n = n_features + 2;
	qr->n_lanes = n_lanes;
	qr->lanes = mem_new(n_lanes, sizeof *qr->lanes);
	pthread_mutex_init(&qr->lock, NULL);
	tree_init(&qr->tree, sizeof(struct triangle), merge, qr);
	return qr;
}

/* Bytes of a node of so many rows. */
static uint64_t node_bytes(uint64_t n_rows, uint64_t n) { return triangle_size((size_t)(n_rows < n ? n_rows : n), (size_t)n) * sizeof(double); }

/* Nodes at once, at most, as blocks come in order from one lane: those that wait, and two that are merged with what becomes of them. */
static uint64_t tree_memory(uint64_t n, uint64_t n_rows)
{
	uint64_t n_blocks = (n_rows + PANEL_ROWS - 1) / PANEL_ROWS, rows[TREE_LEVELS], waiting = 0, most = 0, extra = 0;
	size_t levels = 0;

	for (; n_blocks > MANY_BLOCKS; n_blocks /= 2)   /* nodes have n rows long before */
		extra += node_bytes(n_rows, n);
	for (uint64_t block = 0; block < n_blocks; block++) {
		uint64_t mine = block + 1 < n_blocks ? PANEL_ROWS : n_rows - block * PANEL_ROWS, now = waiting + node_bytes(mine, n);

		most = now > most ? now : most;
		for (uint64_t pairs = block; levels > 0 && (pairs % 2 == 1 || block + 1 == n_blocks); pairs /= 2) {
			uint64_t left = rows[--levels], both = left + mine;

			now = waiting + node_bytes(mine, n) + (left < n ? node_bytes(both, n) : 0);
			most = now > most ? now : most;
			waiting -= node_bytes(left, n);
			mine = both;
		}
		rows[levels++] = mine;
		waiting += node_bytes(mine, n);
	}
	return most + extra;
}

uint64_t qr_memory(size_t n_features, uint64_t n_rows, size_t n_lanes)
{
	uint64_t n = n_features + 2, panel = n_rows < PANEL_ROWS ? n_rows : PANEL_ROWS, levels = 1;

	for (uint64_t rows = panel; rows < n_rows && levels < 4; rows *= 2)
		levels++;
	return tree_memory(n, n_rows) + n_lanes * n * panel * sizeof(double) + (n_lanes - 1) * node_bytes(n_rows, n) * levels;
}

uint64_t qr_finish_memory(size_t n_features, uint64_t n_rows)
{
	uint64_t n = n_features + 2, rows = n_rows < n ? n_rows : n;

	return (triangle_size((size_t)rows, (size_t)n) + rows * n) * sizeof(double);
}

static const struct triangle *node(const struct qr *qr, size_t i)
{
	return tree_node(&qr->tree, i);
}

void qr_free(struct qr *qr)
{
	if (!qr)
		return;
	for (size_t i = 0; i < qr->n_lanes; i++)
		free(qr->lanes[i].scratch);
	for (size_t i = 0; i < qr->tree.n; i++)
		free(node(qr, i)->r);
	tree_release(&qr->tree);
	pthread_mutex_destroy(&qr->lock);
	free(qr->lanes);
	free(qr->r);
	free(qr->incoming.node.r);
	free(qr);
}

/* [1 | X | y] of the panel, each row times the root of its weight, in columns of `stride` rows. */
static void copy_panel(const struct panel *panel, size_t n, double *to, size_t stride)
{
	double root[PANEL_ROWS];

	for (size_t row = 0; row < panel->n_rows; row++)
		root[row] = panel->weight ? sqrt(panel->weight[row]) : 1;
	for (size_t col = 0; col < n; col++, to += stride) {
		const double *from = col == 0 ? root : col + 1 == n ? panel->y : &panel->x[(col - 1) * panel->stride];

		memcpy(to, from, panel->n_rows * sizeof *to);
		for (size_t row = 0; panel->weight && col > 0 && row < panel->n_rows; row++)
			to[row] *= root[row];
		memset(&to[panel->n_rows], 0, (stride - panel->n_rows) * sizeof *to);
	}
}

void qr_add(struct qr *qr, size_t lane, const struct panel *panel)
{
	size_t stride = (panel->n_rows + 3) / 4 * 4;
	struct tree_place place = { .first = panel->block };
	struct triangle mine, other;
	double *space;
	bool pair;

	static_assert((int)FACTOR_ROWS == (int)PANEL_ROWS, "a panel is factored as a whole");

	assert(lane < qr->n_lanes && panel->n_rows <= PANEL_ROWS && panel->n_features + 2 == qr->n && !qr->r);
	if (panel->n_rows == 0)
		return;
	space = scratch(&qr->lanes[lane], qr->n * stride);
	copy_panel(panel, qr->n, space, stride);
	qr_factor(space, stride, panel->n_rows, qr->n, cpu_lanes());
	mine = triangle_new(space, stride, panel->n_rows, qr->n);
	for (;;) {
		pthread_mutex_lock(&qr->lock);
		pair = tree_pair(&qr->tree, &place, &mine, &other);
		pthread_mutex_unlock(&qr->lock);
		if (!pair)
			break;
		triangle_merge(&mine, &other, scratch(&qr->lanes[lane], triangle_scratch(qr->n)));
	}
}

const double *qr_finish(struct qr *qr, size_t *n_rows)
{
	struct triangle all;

	if (!qr->r) {
		if (!tree_finish(&qr->tree, &all))
			all = triangle_new(NULL, 0, 0, qr->n);
		tree_release(&qr->tree);
		for (size_t i = 0; i < qr->n_lanes; i++) {
			free(qr->lanes[i].scratch);
			qr->lanes[i] = (struct qr_lane){ .room = 0 };
		}
		qr->n_rows = all.rows;
		qr->r = mem_array(all.rows * qr->n + 1, sizeof *qr->r);
		triangle_spread(&all, qr->r);
		free(all.r);
	}
	*n_rows = qr->n_rows;
	return qr->r;
}

/* ---- to and from other machines ---- */

void qr_merge(struct qr *to, struct qr *from)
{
	assert(to->n == from->n && !to->r && !from->r && !qr_incomplete(from));
	tree_take(&to->tree, &from->tree);
}

bool qr_pack(const struct qr *qr, size_t piece, struct buffer *to)
{
	for (size_t i = 0; i < qr->tree.n; i++) {
		const struct triangle *triangle = node(qr, i);
		size_t size = triangle_size(triangle->rows, triangle->n), n_pieces = (size + PIECE - 1) / PIECE, from = piece * PIECE;

		if (piece >= n_pieces) {
			piece -= n_pieces;
			continue;
		}
		pack_map(to, 6);
		pack_key_int(to, "columns", (int64_t)triangle->n);
		pack_key_int(to, "level", tree_level(&qr->tree, i));
		pack_key_int(to, "number", (int64_t)tree_number(&qr->tree, i));
		pack_key_int(to, "rows", (int64_t)triangle->rows);
		pack_key_int(to, "from", (int64_t)from);
		pack_text(to, "numbers");
		pack_reals(to, triangle->r + from, size - from < PIECE ? size - from : PIECE);
		return true;
	}
	return false;
}

bool qr_incomplete(const struct qr *qr)
{
	return qr->incoming.node.r != NULL;
}

static int fail_broken(struct error *err)
{
	return error_set(err, STATUS_FAILED, "a part of the factor is broken, or came twice");
}

int qr_unpack(struct qr *qr, object piece, struct error *err)
{
	struct incoming *incoming = &qr->incoming;
	uint64_t columns, level, number, rows, from;
	size_t size, part;

	if (!object_uint(map_get(piece, "columns"), &columns) || !object_uint(map_get(piece, "level"), &level) ||
	    !object_uint(map_get(piece, "number"), &number) || !object_uint(map_get(piece, "rows"), &rows) ||
	    !object_uint(map_get(piece, "from"), &from))
		return fail_broken(err);
	if (columns != qr->n)
		return error_set(err, STATUS_FAILED, "a part of the factor has %llu columns, not %zu", (unsigned long long)columns, qr->n);
	if (rows == 0 || rows > qr->n || level > TREE_LEVELS || qr->r)
		return fail_broken(err);
	size = triangle_size(rows, qr->n);
	if (!incoming->node.r) {
		if (tree_clashes(&qr->tree, (unsigned)level, number))
			return fail_broken(err);
		*incoming = (struct incoming){ .node = { mem_array(size, sizeof(double)), rows, qr->n },
		                               .place = { number << level, (unsigned)level } };
	}
	part = size - incoming->have < PIECE ? size - incoming->have : PIECE;
	if (from != incoming->have || rows != incoming->node.rows || level != incoming->place.level ||
	    number != incoming->place.first >> level ||
	    object_reals(map_get(piece, "numbers"), incoming->node.r + incoming->have, part) < 0)
		return fail_broken(err);
	incoming->have += part;
	if (incoming->have == size) {
		tree_add(&qr->tree, (unsigned)level, number, &incoming->node);
		*incoming = (struct incoming){ .have = 0 };
	}
	return 0;
}
