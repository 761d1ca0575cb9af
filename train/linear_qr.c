/* SPDX-License-Identifier: MIT */
/*
 * Each panel is factored by Householder reflections in blocks of four (compact WY,
 * Schreiber and Van Loan 1989):
 *
 *     H1 H2 H3 H4 = I - V T V'      V: rows x 4, T: 4 x 4 upper triangular
 *
 * so that a column behind the block is read and written once for four reflections.
 * The block's V begins at row j0, a multiple of four, with zeros above each
 * diagonal: all loops then run over whole vectors. What LAPACK has for this calls
 * BLAS, which no two threads may (see lapack.h). The factor of a panel is merged
 * into the running one by LAPACK's dtpqrt (triangle on triangle).
 */
#include "linear_qr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lapack.h"
#include "memory.h"
#include "vector.h"
#include "workers.h"

enum { BLOCK = 4, MERGE_BLOCK = 32, ROUND = 8 };        /* ROUND: panels a thread factors before they are merged */

struct slot { double *a; size_t n_rows; };

struct qr {
	size_t n;                       /* columns: 1, X, y */
	struct workers *workers;
	struct slot *slots;
	size_t n_slots, n_used;
	double *r, *b;                  /* running factor, and the one to merge */
	double *t, *work;
	bool begun;
};

struct qr *qr_new(size_t n_features, int threads)
{
	struct qr *qr = mem_new(1, sizeof *qr);

	qr->n = n_features + 2;
	qr->workers = workers_new(threads);
	qr->n_slots = threads > 1 ? (size_t)threads * ROUND : 1;
	qr->slots = mem_new(qr->n_slots, sizeof *qr->slots);
	for (size_t i = 0; i < qr->n_slots; i++)
		qr->slots[i].a = mem_aligned(qr->n * PANEL_ROWS * sizeof(double));
	qr->r = mem_new(qr->n * qr->n, sizeof(double));
	qr->b = mem_new(qr->n * qr->n, sizeof(double));
	qr->t = mem_new(MERGE_BLOCK * qr->n, sizeof(double));
	qr->work = mem_new(MERGE_BLOCK * qr->n, sizeof(double));
	return qr;
}

void qr_free(struct qr *qr)
{
	if (!qr)
		return;
	workers_free(qr->workers);
	for (size_t i = 0; i < qr->n_slots; i++)
		free(qr->slots[i].a);
	free(qr->slots);
	free(qr->r);
	free(qr->b);
	free(qr->t);
	free(qr->work);
	free(qr);
}

/* V lies in vectors: rows 4k .. 4k+3 of its four columns stand together, so that a loop over rows reads one run. */
struct reflectors { vec4d of[PANEL_ROWS / 4][BLOCK]; };

/* s = V' c over the vectors first .. end of column c. */
static INLINE void dots(const struct reflectors *v, const double *c, size_t first, size_t end, double *s)
{
	vec4d s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };

	for (size_t k = first; k < end; k++) {
		vec4d x = *(const vec4d *)&c[4 * k];

		s0 += v->of[k][0] * x;
		s1 += v->of[k][1] * x;
		s2 += v->of[k][2] * x;
		s3 += v->of[k][3] * x;
	}
	s[0] = sum4(&s0);
	s[1] = sum4(&s1);
	s[2] = sum4(&s2);
	s[3] = sum4(&s3);
}

/* c -= V s */
static INLINE void subtract(const struct reflectors *v, double *c, size_t first, size_t end, const double *s)
{
	for (size_t k = first; k < end; k++) {
		vec4d x = v->of[k][0] * s[0] + v->of[k][1] * s[1];
		vec4d y = v->of[k][2] * s[2] + v->of[k][3] * s[3];

		*(vec4d *)&c[4 * k] -= x + y;
	}
}

/* Makes reflector i of the block, which clears column c below row j, with its leading 1. Returns tau (0: nothing to clear). */
static INLINE double reflect(double *c, size_t j, size_t end, struct reflectors *v, size_t i)
{
	vec4d squares = { 0 }, head = { 0 };
	double alpha = c[j], beta, rest;

	for (size_t row = j + 1; row < j / 4 * 4 + 4; row++)
		head[row % 4] = c[row];
	squares = head * head;
	for (size_t k = j / 4 + 1; k < end; k++)
		squares += *(const vec4d *)&c[4 * k] * *(const vec4d *)&c[4 * k];
	rest = sum4(&squares);
	if (rest == 0) {
		for (size_t k = j / 4; k < end; k++)
			v->of[k][i] = (vec4d){ 0 };
		return 0;
	}
	beta = -copysign(sqrt(alpha * alpha + rest), alpha);
	v->of[j / 4][i] = head * (1 / (alpha - beta));
	v->of[j / 4][i][j % 4] = 1;
	for (size_t k = j / 4 + 1; k < end; k++)
		v->of[k][i] = *(const vec4d *)&c[4 * k] * (1 / (alpha - beta));
	c[j] = beta;
	return (beta - alpha) / beta;
}

/* Column i of T out of those before it: T[0..i-1, i] = -tau T (V' v_i). */
static INLINE void extend_t(double t[BLOCK][BLOCK], const struct reflectors *v, size_t first, size_t end, int i, double tau)
{
	double with[BLOCK];

	t[i][i] = tau;
	for (int col = 0; col < i; col++) {
		vec4d sum = { 0 };

		for (size_t k = first; k < end; k++)
			sum += v->of[k][col] * v->of[k][i];
		with[col] = sum4(&sum);
	}
	for (int row = 0; row < i; row++) {
		double sum = 0;

		for (int k = row; k < i; k++)
			sum += t[row][k] * with[k];
		t[row][i] = -tau * sum;
	}
}

/* c -= V T' (V' c) */
static INLINE void apply_block(const struct reflectors *v, double t[BLOCK][BLOCK], double *c, size_t first, size_t end)
{
	double s[BLOCK], w[BLOCK] = { 0 };

	dots(v, c, first, end, s);
	for (int i = 0; i < BLOCK; i++)
		for (int k = 0; k <= i; k++)
			w[i] += t[k][i] * s[k];
	subtract(v, c, first, end, w);
}

/* What stands below the diagonal afterwards is of no use. */
WIDE void qr_factor(double *a, size_t m, size_t n)
{
	struct reflectors v;
	size_t end = (m + 3) / 4, steps = m < n ? m : n;

	for (size_t from = 0; from < steps; from += BLOCK) {
		size_t first = from / 4, last = from + BLOCK < steps ? from + BLOCK : steps;
		double t[BLOCK][BLOCK] = { { 0 } };

		memset(v.of[first], 0, (end - first) * sizeof v.of[0]);
		for (size_t j = from; j < last; j++) {
			double *c = &a[j * PANEL_ROWS], tau;

			if (j > from)
				apply_block(&v, t, c, first, end);
			tau = reflect(c, j, end, &v, j - from);
			extend_t(t, &v, first, end, (int)(j - from), tau);
		}
		for (size_t j = last; j < n; j++)
			apply_block(&v, t, &a[j * PANEL_ROWS], first, end);
	}
}

static void factor_slot(void *state, size_t i)
{
	struct qr *qr = state;

	qr_factor(qr->slots[i].a, qr->slots[i].n_rows, qr->n);
}

static void merge(struct qr *qr, const struct slot *slot)
{
	int n = (int)qr->n, rows = (int)(slot->n_rows < qr->n ? slot->n_rows : qr->n);
	int block = n < MERGE_BLOCK ? n : MERGE_BLOCK, info;
	double *to = qr->begun ? qr->b : qr->r;

	for (size_t col = 0; col < qr->n; col++) {
		size_t filled = col + 1 < (size_t)rows ? col + 1 : (size_t)rows;

		memcpy(&to[col * qr->n], &slot->a[col * PANEL_ROWS], filled * sizeof *to);
		memset(&to[col * qr->n + filled], 0, (qr->n - filled) * sizeof *to);
	}
	if (qr->begun)
		dtpqrt_(&rows, &n, &rows, &block, qr->r, &n, qr->b, &n, qr->t, &block, qr->work, &info);
	qr->begun = true;
}

static void flush(struct qr *qr)
{
	workers_run(qr->workers, qr->n_used, factor_slot, qr);
	for (size_t i = 0; i < qr->n_used; i++)
		merge(qr, &qr->slots[i]);
	qr->n_used = 0;
}

void qr_add(struct qr *qr, const struct panel *panel)
{
	struct slot *slot = &qr->slots[qr->n_used++];
	size_t padded = (panel->n_rows + 3) / 4 * 4;
	double root[PANEL_ROWS];

	slot->n_rows = panel->n_rows;
	for (size_t row = 0; row < panel->n_rows; row++)
		root[row] = panel->weight ? sqrt(panel->weight[row]) : 1;
	for (size_t col = 0; col < qr->n; col++) {
		double *to = &slot->a[col * PANEL_ROWS];
		const double *from = col == 0 ? root : col + 1 == qr->n ? panel->y : &panel->x[(col - 1) * PANEL_ROWS];

		memcpy(to, from, panel->n_rows * sizeof *to);
		for (size_t row = 0; panel->weight && col > 0 && row < panel->n_rows; row++)
			to[row] *= root[row];
		memset(&to[panel->n_rows], 0, (padded - panel->n_rows) * sizeof *to);
	}
	if (qr->n_used == qr->n_slots)
		flush(qr);
}

const double *qr_finish(struct qr *qr)
{
	flush(qr);
	return qr->r;
}
