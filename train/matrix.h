/* SPDX-License-Identifier: MIT */
/*
 * Rows kept by a family that wants them more than once: float32, row by row, the
 * target behind each row's features. Beyond `memory` bytes they lie in an unlinked
 * temporary file (in the host's folder) and are read piece by piece, not mapped: what a
 * process maps counts as its memory. Weights stay in memory, where there are any.
 *
 *     matrix_new -> matrix_add... -> matrix_read..., from any thread -> matrix_free
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
	float *data;                    /* room x width; in a file: PANEL_ROWS x width, what is on its way there */
	float *weights;                 /* room; NULL: all 1 */
	bool in_file;
	const struct host *host;
	int fd;
};

/* room: rows that will be added, at most. -1: no room for the file. A matrix that failed, or is zeroed, may be freed. */
int matrix_new(struct matrix *matrix, size_t n_features, uint64_t room, uint64_t memory, const struct host *host,
               struct error *err) MUST_CHECK;
int matrix_add(struct matrix *matrix, const struct panel *panel, struct error *err) MUST_CHECK;
/* Rows row .. row + n - 1 of it: n x width. Where they lie, or, out of a file, in `space`, which has room for them. NULL and err. */
const float *matrix_read(const struct matrix *matrix, size_t row, size_t n, float *space, struct error *err) MUST_CHECK;
void matrix_free(struct matrix *matrix);

static inline float matrix_weight(const struct matrix *matrix, size_t row) { return matrix->weights ? matrix->weights[row] : 1; }

#endif
