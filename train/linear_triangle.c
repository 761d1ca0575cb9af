/* SPDX-License-Identifier: MIT */
/*
 * Columns are cleared by Householder reflections in blocks of four (compact WY,
 * Schreiber and Van Loan 1989):
 *
 *     H1 H2 H3 H4 = I - V T V'      V: rows x 4, T: 4 x 4 upper triangular
 *
 * so that a column behind the block is read and written once for four reflections.
 * All loops run over whole vectors: a block of a panel begins at row j0, a multiple
 * of four, with zeros above each diagonal.
 *
 * A triangle is merged into another one in bands of 256 rows, which begin where the
 * diagonal does:
 *
 *     left     x x x x x x        reflector j acts on row j of left and on rows
 *                x x x x x        0 .. j of the band: what it clears is a triangle,
 *                  x x x x        and stays one
 *     ----------------------
 *     band     o o o x x x        o: cleared
 *                o o x x x
 *
 * Reflectors are made for a tile of columns; then the columns behind, two or four at once, take
 * all of them in turn while they are in the nearest cache. If left has fewer rows than
 * columns, the band's rest is factored by itself and becomes left's next rows.
 */
#include "linear_triangle.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { BLOCK = 4, PANEL_TILE = 16, BAND = 256, TILE = 32 };     /* V of a tile: 128 KB and 64 KB */

/* Rows 4k .. 4k+3 of a block's V stand together, so that a loop over rows reads one run. */
struct quad { vec4d of[BLOCK]; };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t quads(size_t rows) { return (rows + 3) / 4; }

/* Where vectors may be of 64 bytes (`wide`) two of V's, or two rows of vectors, are taken at once: each number comes to the same bits. */
#define TWICE(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 0, 1, 2, 3)

/* s[4 i ..] = V' c over the vectors first .. end of column i of `n` (1, 2 or 4; constant, as is `wide`), which stand `stride` apart: V is read once. */
static INLINE void dots(const struct quad *v, const double *c, size_t stride, int n, bool wide, size_t first, size_t end, double *s)
{
	vec4d sums[4][BLOCK] = { { { 0 } } };
	vec8d pairs[4][BLOCK / 2] = { { { 0 } } };

	for (size_t k = first; k < end; k++)
		for (int i = 0; i < n; i++)
			if (wide) {
				vec4d once = *(const vec4d *)&c[(size_t)i * stride + 4 * k];
				vec8d x = TWICE(once);

				pairs[i][0] += *(const vec8d *)&v[k].of[0] * x;
				pairs[i][1] += *(const vec8d *)&v[k].of[2] * x;
			} else {
				vec4d x = *(const vec4d *)&c[(size_t)i * stride + 4 * k];

				sums[i][0] += v[k].of[0] * x;
				sums[i][1] += v[k].of[1] * x;
				sums[i][2] += v[k].of[2] * x;
				sums[i][3] += v[k].of[3] * x;
			}
	if (wide)
		memcpy(sums, pairs, sizeof sums);
	for (int i = 0; i < n; i++)
		for (int of = 0; of < BLOCK; of++)
			s[i * BLOCK + of] = sum4(&sums[i][of]);
}

/* One vector of c -= V s. */
static INLINE void subtract_one(const struct quad *v, double *c, const double *s)
{
	vec4d x = v->of[0] * s[0] + v->of[1] * s[1];
	vec4d y = v->of[2] * s[2] + v->of[3] * s[3];

	*(vec4d *)c -= x + y;
}

/* c -= V s, of the same columns. */
static INLINE void subtract(const struct quad *v, double *c, size_t stride, int n, bool wide, size_t first, size_t end, const double *s)
{
	size_t k = first;

	for (; wide && k + 2 <= end; k += 2) {
		vec8d a = *(const vec8d *)&v[k].of[0], b = *(const vec8d *)&v[k + 1].of[0];
		vec8d d = *(const vec8d *)&v[k].of[2], e = *(const vec8d *)&v[k + 1].of[2];
		vec8d v0 = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11), v1 = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
		vec8d v2 = __builtin_shufflevector(d, e, 0, 1, 2, 3, 8, 9, 10, 11), v3 = __builtin_shufflevector(d, e, 4, 5, 6, 7, 12, 13, 14, 15);

		for (int i = 0; i < n; i++) {
			const double *f = &s[i * BLOCK];

			*(vec8d *)&c[(size_t)i * stride + 4 * k] -= (v0 * f[0] + v1 * f[1]) + (v2 * f[2] + v3 * f[3]);
		}
	}
	for (; k < end; k++)
		for (int i = 0; i < n; i++)
			subtract_one(&v[k], &c[(size_t)i * stride + 4 * k], &s[i * BLOCK]);
}

/* A block of reflectors. `heads` of them also act each on one row of left, below which stands V. */
struct reflectors {
	struct quad *v;
	size_t first, end;              /* vectors of V that are not zero */
	size_t heads;
	double t[BLOCK][BLOCK];
};

/* s, which is V' c, becomes T' (head + s), and head what is left of it. */
static INLINE void turn(const struct reflectors *block, double *head, double *s)
{
	double w[BLOCK] = { 0 };

	for (size_t i = 0; i < block->heads; i++)
		s[i] += head[i];
	for (int i = 0; i < BLOCK; i++)
		for (int k = 0; k <= i; k++)
			w[i] += block->t[k][i] * s[k];
	for (size_t i = 0; i < block->heads; i++)
		head[i] -= w[i];
	memcpy(s, w, sizeof w);
}

/* c -= V T' (V' c), of n columns (1, 2 or 4; constant), `stride` apart; heads: of each, those of the block. */
static INLINE void apply(const struct reflectors *block, double *const *heads, double *c, size_t stride, int n, bool wide)
{
	double s[4 * BLOCK];

	dots(block->v, c, stride, n, wide, block->first, block->end, s);
	for (int i = 0; i < n; i++)
		turn(block, heads ? heads[i] : NULL, &s[i * BLOCK]);
	subtract(block->v, c, stride, n, wide, block->first, block->end, s);
}

/*
 * Reflector i of the block brings *alpha to the length of itself and the numbers of column c from row `from`, in vectors up to
 * block->end. V gets what stands for those (for alpha: 1, not written). Returns tau (0: nothing to clear).
 */
static INLINE double reflect(double *alpha, const double *c, size_t from, struct reflectors *block, size_t i)
{
	vec4d squares, head = { 0 };
	size_t next = from / 4 + (from % 4 > 0);
	double beta, rest, scale;

	for (size_t row = from; row < 4 * next; row++)
		head[row % 4] = c[row];
	squares = head * head;
	for (size_t k = next; k < block->end; k++)
		squares += *(const vec4d *)&c[4 * k] * *(const vec4d *)&c[4 * k];
	rest = sum4(&squares);
	if (rest == 0)
		return 0;
	beta = -copysign(sqrt(*alpha * *alpha + rest), *alpha);
	scale = 1 / (*alpha - beta);
	if (from % 4 > 0)
		block->v[from / 4].of[i] = head * scale;
	for (size_t k = next; k < block->end; k++)
		block->v[k].of[i] = *(const vec4d *)&c[4 * k] * scale;
	rest = (beta - *alpha) / beta;
	*alpha = beta;
	return rest;
}

/* Column i of T out of those before it: T[0..i-1, i] = -tau T (V' v_i). Heads stand in rows of their own. */
static INLINE void extend_t(struct reflectors *block, size_t i, double tau, bool wide)
{
	vec4d sums[BLOCK] = { { 0 } };
	vec8d pairs[BLOCK / 2] = { { 0 } };
	double with[BLOCK];

	block->t[i][i] = tau;
	for (size_t k = block->first; i > 0 && k < block->end; k++)     /* all columns, so that no sum waits for another */
		if (wide) {
			vec8d x = TWICE(block->v[k].of[i]);

			pairs[0] += *(const vec8d *)&block->v[k].of[0] * x;
			pairs[1] += *(const vec8d *)&block->v[k].of[2] * x;
		} else {
			for (size_t col = 0; col < BLOCK - 1; col++)
				sums[col] += block->v[k].of[col] * block->v[k].of[i];
		}
	if (wide)
		memcpy(sums, pairs, sizeof sums);
	for (size_t col = 0; col < i; col++)
		with[col] = sum4(&sums[col]);
	for (size_t row = 0; row < i; row++) {
		double sum = 0;

		for (size_t k = row; k < i; k++)
			sum += block->t[row][k] * with[k];
		block->t[row][i] = -tau * sum;
	}
}

static INLINE void begin(struct reflectors *block, struct quad *v, size_t first, size_t end, size_t heads)
{
	*block = (struct reflectors){ .v = v, .first = first, .end = end, .heads = heads };
	memset(v + first, 0, (end - first) * sizeof *v);
}

/* ---- a panel ---- */

/* The columns from .. end - 1, which stand behind n blocks, while V is near. */
static INLINE void apply_all(const struct reflectors *blocks, size_t n, double *a, size_t stride, size_t from, size_t end, bool wide)
{
	size_t col = from;

	for (; wide && col + 4 <= end; col += 4)
		for (size_t i = 0; i < n; i++)
			apply(&blocks[i], NULL, &a[col * stride], stride, 4, wide);
	for (; col + 2 <= end; col += 2)
		for (size_t i = 0; i < n; i++)
			apply(&blocks[i], NULL, &a[col * stride], stride, 2, wide);
	for (size_t i = 0; col < end && i < n; i++)
		apply(&blocks[i], NULL, &a[col * stride], stride, 1, wide);
}

static INLINE void factor(double *a, size_t stride, size_t m, size_t n, bool wide)
{
	struct quad v[PANEL_TILE / BLOCK][FACTOR_ROWS / 4];
	struct reflectors blocks[PANEL_TILE / BLOCK];
	size_t steps = smaller(m, n), last;

	for (size_t from = 0; from < steps; from = last) {
		size_t n_blocks = 0;

		last = smaller(from + PANEL_TILE, steps);
		for (size_t first = from; first < last; first += BLOCK, n_blocks++) {
			struct reflectors *block = &blocks[n_blocks];
			size_t end = smaller(first + BLOCK, last);

			begin(block, v[n_blocks], first / 4, quads(m), 0);
			for (size_t j = first; j < end; j++) {
				double *c = &a[j * stride], tau;

				if (j > first)
					apply(block, NULL, c, stride, 1, wide);
				tau = reflect(&c[j], c, j + 1, block, j - first);
				if (tau != 0)
					block->v[j / 4].of[j - first][j % 4] = 1;
				extend_t(block, j - first, tau, wide);
			}
			apply_all(block, 1, a, stride, end, last, wide);
		}
		apply_all(blocks, n_blocks, a, stride, last, n, wide);
	}
}

WIDE static void factor_plainly(double *a, size_t stride, size_t m, size_t n) { factor(a, stride, m, n, false); }

#ifdef HAS_AVX512
static AVX512 void factor_avx512(double *a, size_t stride, size_t m, size_t n) { factor(a, stride, m, n, true); }
#endif

void qr_factor(double *a, size_t stride, size_t m, size_t n, enum cpu_lanes by)
{
	(void)by;               /* where there are no vectors */
#ifdef HAS_AVX512
	if (by >= CPU_AVX512) {
		factor_avx512(a, stride, m, n);
		return;
	}
#endif
	factor_plainly(a, stride, m, n);
}

struct triangle triangle_new(const double *a, size_t stride, size_t m, size_t n)
{
	size_t rows = smaller(m, n);
	struct triangle triangle = { .r = mem_array(triangle_size(rows, n) + 1, sizeof(double)), .rows = rows, .n = n };

	for (size_t col = 0; col < n && rows > 0; col++)
		memcpy(&triangle.r[triangle_offset(rows, col)], &a[col * stride], smaller(col + 1, rows) * sizeof *a);
	return triangle;
}

void triangle_spread(const struct triangle *triangle, double *to)
{
	for (size_t col = 0; col < triangle->n; col++) {
		size_t filled = smaller(col + 1, triangle->rows);

		memcpy(&to[col * triangle->rows], &triangle->r[triangle_offset(triangle->rows, col)], filled * sizeof *to);
		memset(&to[col * triangle->rows + filled], 0, (triangle->rows - filled) * sizeof *to);
	}
}

/* ---- two triangles ---- */

/* Rows first .. first + rows - 1 of the factor being merged; column j of them at a[j * stride]. */
struct band { double *a; size_t first, rows, stride; };

size_t triangle_scratch(size_t n)
{
	return n * BAND;
}

/* Room for more rows, zero so far. */
static void grow(struct triangle *triangle, size_t rows)
{
	double *r = mem_array(triangle_size(rows, triangle->n) + 1, sizeof *r);

	for (size_t col = 0; col < triangle->n; col++) {
		size_t filled = smaller(col + 1, triangle->rows);
		double *to = &r[triangle_offset(rows, col)];

		memcpy(to, &triangle->r[triangle_offset(triangle->rows, col)], filled * sizeof *to);
		memset(to + filled, 0, (smaller(col + 1, rows) - filled) * sizeof *to);
	}
	free(triangle->r);
	triangle->r = r;
	triangle->rows = rows;
}

static void fill_band(struct band *band, const struct triangle *from)
{
	for (size_t col = band->first; col < from->n; col++) {
		const double *column = &from->r[triangle_offset(from->rows, col)];
		double *to = &band->a[col * band->stride];
		size_t filled = smaller(col + 1 - band->first, band->rows);

		memcpy(to, column + band->first, filled * sizeof *to);
		memset(to + filled, 0, (band->stride - filled) * sizeof *to);
	}
}

/* Clears columns from .. last - 1 of the band, at most TILE. Returns the number of blocks. */
static INLINE size_t clear_tile(struct triangle *left, const struct band *band, size_t from, size_t last, struct reflectors *blocks,
                                struct quad v[][BAND / 4])
{
	size_t n = 0;

	for (size_t first = from; first < last; first += BLOCK, n++) {
		struct reflectors *block = &blocks[n];
		size_t end = smaller(first + BLOCK, last);

		begin(block, v[n], 0, quads(smaller(end - band->first, band->rows)), 0);
		for (size_t j = first; j < end; j++) {
			double *c = &band->a[j * band->stride], *head = &left->r[triangle_offset(left->rows, j)];

			block->heads = j - first;
			if (j > first)
				apply(block, &(double *){ head + first }, c, 0, 1, false);
			extend_t(block, j - first, reflect(head + j, c, 0, block, j - first), false);
		}
		block->heads = end - first;
		for (size_t j = end; j < last; j++)
			apply(block, &(double *){ &left->r[triangle_offset(left->rows, j) + first] }, &band->a[j * band->stride], 0, 1, false);
	}
	return n;
}

/* The band into left's rows before `filled`; what is left of it into the rows from there on, of which there are as many as it takes. */
static WIDE void add_band(struct triangle *left, const struct band *band, size_t filled)
{
	struct quad v[TILE / BLOCK][BAND / 4];
	struct reflectors blocks[TILE / BLOCK];
	size_t n = left->n, n_blocks, last, col;

	for (size_t from = band->first; from < filled; from = last) {
		last = smaller(from + TILE, filled);
		n_blocks = clear_tile(left, band, from, last, blocks, v);
		for (col = last; col + 1 < n; col += 2) {
			double *head = &left->r[triangle_offset(left->rows, col) + from];
			double *other_head = &left->r[triangle_offset(left->rows, col + 1) + from];

			for (size_t i = 0; i < n_blocks; i++) {
				double *heads[2] = { head + i * BLOCK, other_head + i * BLOCK };

				apply(&blocks[i], heads, &band->a[col * band->stride], band->stride, 2, false);
			}
		}
		for (size_t i = 0; col < n && i < n_blocks; i++)
			apply(&blocks[i], &(double *){ &left->r[triangle_offset(left->rows, col) + from + i * BLOCK] }, &band->a[col * band->stride], 0, 1, false);
	}
}

/* Returns how many rows of left are filled then. */
static size_t add_rest(struct triangle *left, const struct band *band, size_t filled)
{
	size_t n = left->n - filled, rows = smaller(band->rows, n);
	double *rest = &band->a[filled * band->stride];

	qr_factor(rest, band->stride, band->rows, n, cpu_lanes());
	for (size_t col = 0; col < n; col++)
		memcpy(&left->r[triangle_offset(left->rows, filled + col) + filled], &rest[col * band->stride],
		       smaller(col + 1, rows) * sizeof *rest);
	return filled + rows;
}

void triangle_merge(struct triangle *left, struct triangle *right, double *scratch)
{
	size_t filled = left->rows, rows = smaller(left->rows + right->rows, left->n);

	if (rows > filled)
		grow(left, rows);
	for (size_t first = 0; first < right->rows; first += BAND) {
		struct band band = { .a = scratch, .first = first, .rows = smaller(BAND, right->rows - first) };

		band.stride = 4 * quads(band.rows);
		fill_band(&band, right);
		add_band(left, &band, filled);
		if (filled < left->n)
			filled = add_rest(left, &band, filled);
	}
	free(right->r);
	right->r = NULL;
}
