/* SPDX-License-Identifier: MIT */
#include "shuffle.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

int shuffle_new(struct shuffle *shuffle, const struct matrix *matrix, size_t batch, uint64_t memory, struct error *err)
{
	size_t row_size = matrix->width * sizeof(float) + (matrix->weights ? sizeof(float) : 0), room;

	*shuffle = (struct shuffle){ .matrix = matrix, .batch = batch };
	if (matrix->n_rows > UINT32_MAX)
		return error_set(err, STATUS_FAILED, "more than 4294967295 rows can't be shuffled (batch=all)");
	shuffle->place = mem_array(matrix->n_rows + 1, sizeof *shuffle->place);
	if (!matrix->in_file) {
		shuffle->order = mem_array(matrix->n_rows + 1, sizeof *shuffle->order);
		return 0;
	}
	room = memory / row_size / batch * batch;
	room = smaller(room > 0 ? room : batch, matrix->n_rows);
	shuffle->stretch = (struct matrix){ .n_features = matrix->n_features, .width = matrix->width, .room = room };
	shuffle->stretch.data = mem_array(room * matrix->width, sizeof(float));
	if (matrix->weights)
		shuffle->stretch.weights = mem_array(room, sizeof(float));
	shuffle->space = mem_array(matrix_piece(matrix) * matrix->width, sizeof(float));
	return 0;
}

void shuffle_free(struct shuffle *shuffle)
{
	free(shuffle->place);
	free(shuffle->order);
	free(shuffle->space);
	matrix_free(&shuffle->stretch);
	*shuffle = (struct shuffle){ .matrix = NULL };
}

void shuffle_start(struct shuffle *shuffle, uint32_t seed)
{
	size_t n = shuffle->matrix->n_rows;
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t row = 0; row < n; row++)
		shuffle->place[row] = (uint32_t)row;
	rng_shuffle(&rng, shuffle->place, n);
	for (size_t row = 0; shuffle->order && row < n; row++)
		shuffle->order[shuffle->place[row]] = (uint32_t)row;
	shuffle->stretch.n_rows = 0;
}

/* Rows row .. row + n - 1 of the file, as far as they belong to the stretch, to their places; read from the first to the last that do. */
static int gather(struct shuffle *shuffle, size_t row, size_t n, struct error *err)
{
	struct matrix *stretch = &shuffle->stretch;
	const uint32_t *place = &shuffle->place[row];
	size_t width = stretch->width, first = 0, end = n;

	while (first < n && place[first] - shuffle->first >= stretch->n_rows)
		first++;
	if (first == n)
		return 0;
	while (place[end - 1] - shuffle->first >= stretch->n_rows)
		end--;
	if (!matrix_read(shuffle->matrix, row + first, end - first, shuffle->space, err))
		return -1;
	for (size_t i = first; i < end; i++) {
		size_t to = place[i] - shuffle->first;

		if (to >= stretch->n_rows)
			continue;
		memcpy(&stretch->data[to * width], &shuffle->space[(i - first) * width], width * sizeof(float));
		if (stretch->weights)
			stretch->weights[to] = shuffle->matrix->weights[row + i];
	}
	return 0;
}

int shuffle_rows(struct shuffle *shuffle, size_t first, size_t n, const struct matrix **matrix, const uint32_t **order, size_t *at,
                 struct error *err)
{
	struct matrix *stretch = &shuffle->stretch;
	size_t n_rows = shuffle->matrix->n_rows, piece = matrix_piece(shuffle->matrix);

	*matrix = shuffle->order ? shuffle->matrix : stretch;
	*order = shuffle->order;
	*at = first;
	if (shuffle->order)
		return 0;
	if (stretch->n_rows == 0 || first + n > shuffle->first + stretch->n_rows) {
		shuffle->first = first;
		stretch->n_rows = smaller(stretch->room, n_rows - first);
		for (size_t row = 0; row < n_rows; row += piece)
			if (gather(shuffle, row, smaller(piece, n_rows - row), err) < 0)
				return -1;
	}
	*at = first - shuffle->first;
	return 0;
}
