/* SPDX-License-Identifier: MIT */
/* Memory or a mapped file: who reads the rows can't tell. */
#include "matrix.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"

/* A mapped file without a name; the descriptor is not needed once it is mapped. */
static int map_file(struct matrix *matrix, struct error *err)
{
	int fd = file_unnamed(err), result = -1;

	if (fd < 0)
		return -1;
	/* posix_fallocate, not ftruncate: a full disk is an error here, not a SIGBUS later. */
	if (posix_fallocate(fd, 0, (off_t)matrix->size) != 0) {
		error_set(err, STATUS_FAILED, "temporary file in '%s': no room for %zu MiB (set TMPDIR, or raise --memory)",
		          file_temporary_folder(), matrix->size >> 20);
		goto out;
	}
	matrix->data = mmap(NULL, matrix->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (matrix->data == MAP_FAILED) {
		matrix->data = NULL;
		error_errno(err, "temporary file in '%s': mapping it", file_temporary_folder());
		goto out;
	}
	matrix->mapped = true;
	result = 0;
out:
	close(fd);
	return result;
}

int matrix_new(struct matrix *matrix, size_t n_features, uint64_t room, uint64_t memory, struct error *err)
{
	size_t width = n_features + 2;

	*matrix = (struct matrix){ .n_features = n_features, .width = width, .room = room };
	if (room > SIZE_MAX / sizeof(float) / width)
		return error_set(err, STATUS_FAILED, "too many rows");
	matrix->size = room * width * sizeof(float);
	if (matrix->size > memory)
		return map_file(matrix, err);
	matrix->data = mem_array(room * width + 1, sizeof(float));
	return 0;
}

void matrix_add(struct matrix *matrix, const struct panel *panel)
{
	assert(matrix->n_rows + panel->n_rows <= matrix->room);
	for (size_t row = 0; row < panel->n_rows; row++) {
		float *to = &matrix->data[(matrix->n_rows + row) * matrix->width];

		for (size_t col = 0; col < matrix->n_features; col++)
			to[col] = (float)panel->x[col * PANEL_ROWS + row];
		to[matrix->n_features] = (float)panel->y[row];
		to[matrix->n_features + 1] = panel->weight ? (float)panel->weight[row] : 1;
	}
	matrix->n_rows += panel->n_rows;
}

void matrix_free(struct matrix *matrix)
{
	if (matrix->mapped)
		munmap(matrix->data, matrix->size);
	else
		free(matrix->data);
	*matrix = (struct matrix){ .data = NULL };
}
