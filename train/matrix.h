/* SPDX-License-Identifier: MIT */
/*
 * Rows kept by a family that wants them more than once: float32, row by row, the
 * target behind each row's features. Beyond `memory` bytes they lie in an unlinked
 * temporary file (in the host's folder) and are read piece by piece, not mapped: what a
 * process maps counts as its memory. Weights stay in memory, where there are any.
 *
 *     matrix_new -> matrix_add..., from one thread -> matrix_read..., from any -> matrix_free
 *
 * A missing feature stays NaN. Weights are told in a unit of their own: only their
 * proportions within one matrix mean something.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct matrix {
	size_t n_features, width;       /* width: n_features, target */
	size_t n_rows, room;
	float *data;                    /* room x width; in a file: matrix_piece() rows, on their way there */
	float *weights;                 /* room; NULL: all 1. In units of 2^unit */
	int unit;
	bool has_unit;                  /* a weight above 0 has set it */
	bool in_file;
	const struct host *host;
	int fd;
};

/* Overwrites the matrix. room: rows that will be added, at most. host: borrowed. -1: no room for the file. After -1 of matrix_new or
 * matrix_add the matrix is only freed; one that is zeroed, or was freed, may be freed, too. */
int matrix_new(struct matrix *matrix, size_t n_features, uint64_t room, uint64_t memory, const struct host *host,
               struct error *err) MUST_CHECK;
int matrix_add(struct matrix *matrix, const struct panel *panel, struct error *err) MUST_CHECK;
/* Rows that go to a file, or come from there, at once: few of many features, up to MATRIX_PIECE bytes. */
enum { MATRIX_PIECE = 1 << 20 };
size_t matrix_piece(const struct matrix *matrix);
/* Rows row .. row + n - 1 of it: n x width. Where they lie, or, out of a file, in `space`, which has room for them. NULL and err; the
 * matrix is as it was. */
const float *matrix_read(const struct matrix *matrix, size_t row, size_t n, float *space, struct error *err) MUST_CHECK;
void matrix_free(struct matrix *matrix);

/* The row will be read soon: its way from memory may begin. */
static inline void matrix_fetch(const struct matrix *matrix, size_t row)
{
	const float *at = &matrix->data[row * matrix->width];

	for (size_t i = 0; !matrix->in_file && i < matrix->width; i += 16)
		__builtin_prefetch(&at[i]);
}

static inline float matrix_weight(const struct matrix *matrix, size_t row) { return matrix->weights ? matrix->weights[row] : 1; }

#endif
