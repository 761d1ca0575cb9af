/* SPDX-License-Identifier: MIT */
#include "matrix.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"

enum { HEADROOM = 32 };

/* A full disk is an error here, not after an hour. Some file systems can't say. */
static int take_room(const struct matrix *matrix, size_t size)
{
	do
		errno = posix_fallocate(matrix->fd, 0, (off_t)size);
	while (errno && host_again(matrix->host));
	return errno == 0 || errno == EOPNOTSUPP || errno == EINVAL ? 0 : -1;
}

static int open_file(struct matrix *matrix, size_t size, struct error *err)
{
	matrix->fd = file_unnamed(matrix->host, err);
	if (matrix->fd < 0)
		return -1;
	matrix->in_file = true;
	matrix->data = mem_array(matrix_piece(matrix) * matrix->width, sizeof(float));
	if (take_room(matrix, size) == 0)
		return 0;
	error_errno(err, "no room for %zu KiB", size >> 10);
	return file_unnamed_failed(matrix->host, err);
}

size_t matrix_piece(const struct matrix *matrix)
{
	size_t n = MATRIX_PIECE / (matrix->width * sizeof(float));

	return n < 1 ? 1 : n < PANEL_ROWS ? n : PANEL_ROWS;
}

int matrix_new(struct matrix *matrix, size_t n_features, uint64_t room, uint64_t memory, const struct host *host, struct error *err)
{
	size_t width = n_features + 1;

	*matrix = (struct matrix){ .n_features = n_features, .width = width, .room = room, .host = host };
	if (room > SIZE_MAX / sizeof(float) / (width + 1))
		return error_set(err, STATUS_FAILED, "too many rows");
	if (room * width * sizeof(float) > memory)
		return open_file(matrix, room * width * sizeof(float), err);
	matrix->data = mem_array(room * width + 1, sizeof(float));
	return 0;
}

static int write_rows(const struct matrix *matrix, size_t row, size_t n, struct error *err)
{
	size_t size = matrix->width * sizeof(float);

	return file_write_at(matrix->fd, matrix->data, n * size, row * size, matrix->host, err);
}

/*
 * Weights in units of a power of two that is near the largest: so all fit into float32, and those that count keep their digits. A
 * larger one changes the unit, and what is there already; seldom, since it may be 2^HEADROOM of these.
 */
static void add_weights(struct matrix *matrix, const struct panel *panel)
{
	double largest = 0;

	if (!matrix->weights)
		matrix->weights = mem_array(matrix->room, sizeof(float));
	for (size_t row = 0; row < panel->n_rows; row++)
		largest = panel->weight[row] > largest ? panel->weight[row] : largest;
	if (largest > 0 && (!matrix->has_unit || ilogb(largest) - matrix->unit > HEADROOM)) {
		int unit = ilogb(largest);

		for (size_t row = 0; matrix->has_unit && row < matrix->n_rows; row++)
			matrix->weights[row] = ldexpf(matrix->weights[row], matrix->unit - unit);
		matrix->unit = unit;
		matrix->has_unit = true;
	}
	for (size_t row = 0; row < panel->n_rows; row++)
		matrix->weights[matrix->n_rows + row] = (float)ldexp(panel->weight[row], -matrix->unit);
}

/* Rows first .. first + n - 1 of the panel. */
static void copy_rows(const struct matrix *matrix, const struct panel *panel, size_t first, size_t n, float *to)
{
	for (size_t row = first; row < first + n; row++, to += matrix->width) {
		for (size_t col = 0; col < matrix->n_features; col++)
			to[col] = (float)panel->x[col * panel->stride + row];
		to[matrix->n_features] = (float)panel->y[row];
	}
}

int matrix_add(struct matrix *matrix, const struct panel *panel, struct error *err)
{
	size_t first = matrix->n_rows, piece = matrix_piece(matrix);

	assert(first + panel->n_rows <= matrix->room);
	if (panel->weight)
		add_weights(matrix, panel);
	matrix->n_rows += panel->n_rows;
	if (!matrix->in_file)
		copy_rows(matrix, panel, 0, panel->n_rows, &matrix->data[first * matrix->width]);
	for (size_t row = 0; matrix->in_file && row < panel->n_rows; row += piece) {
		size_t n = panel->n_rows - row < piece ? panel->n_rows - row : piece;

		copy_rows(matrix, panel, row, n, matrix->data);
		if (write_rows(matrix, first + row, n, err) < 0)
			return -1;
	}
	return 0;
}

const float *matrix_read(const struct matrix *matrix, size_t row, size_t n, float *space, struct error *err)
{
	size_t size = matrix->width * sizeof(float);

	if (!matrix->in_file)
		return &matrix->data[row * matrix->width];
	return file_read_at(matrix->fd, space, n * size, row * size, matrix->host, err) < 0 ? NULL : space;
}

void matrix_free(struct matrix *matrix)
{
	if (matrix->in_file)
		close(matrix->fd);
	free(matrix->data);
	free(matrix->weights);
	*matrix = (struct matrix){ .data = NULL };
}
