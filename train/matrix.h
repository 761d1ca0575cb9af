/* SPDX-License-Identifier: MIT */
/*
 * Rows kept by a family that wants them more than once: float32, row by row, a
 * target and a weight beside each row's features. Beyond `memory` bytes they lie in
 * an unlinked temporary file (TMPDIR, or /tmp) that is mapped.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct matrix {
	size_t n_features, width;       /* width: n_features, target, weight */
	size_t n_rows, room;
	float *data;
	size_t size;
	bool mapped;
};

int matrix_new(struct matrix *matrix, size_t n_features, uint64_t room, uint64_t memory, struct error *err) MUST_CHECK;
void matrix_add(struct matrix *matrix, const struct panel *panel);      /* room must suffice */
void matrix_free(struct matrix *matrix);

static inline const float *matrix_row(const struct matrix *matrix, size_t row) { return &matrix->data[row * matrix->width]; }
static inline float matrix_y(const struct matrix *matrix, size_t row) { return matrix_row(matrix, row)[matrix->n_features]; }
static inline float matrix_weight(const struct matrix *matrix, size_t row) { return matrix_row(matrix, row)[matrix->n_features + 1]; }

#endif
