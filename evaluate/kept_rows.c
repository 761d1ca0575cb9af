/* SPDX-License-Identifier: MIT */
#include "kept_rows.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"

enum { FEWEST_ROWS = 1024, STRETCH = 1 << 20 };         /* STRETCH: bytes that are written at once */

void kept_init(struct kept_rows *kept, size_t width, uint64_t memory, const struct host *host)
{
	*kept = (struct kept_rows){ .width = width, .memory = memory, .host = host, .fd = -1 };
}

/* All that lies in memory goes to the file; from then on a stretch is enough. */
static int write_out(struct kept_rows *kept, struct error *err)
{
	size_t n = kept->n - kept->n_filed, row = kept->width * sizeof *kept->data;

	if (kept->fd < 0 && (kept->fd = file_unnamed(kept->host, err)) < 0)
		return -1;
	if (file_write_at(kept->fd, kept->data, n * row, kept->n_filed * row, kept->host, err) < 0)
		return -1;
	kept->n_filed = kept->n;
	kept->room = STRETCH / row > FEWEST_ROWS ? STRETCH / row : FEWEST_ROWS;
	free(kept->data);
	kept->data = mem_array(kept->room, row);
	return 0;
}

static int make_room(struct kept_rows *kept, struct error *err)
{
	size_t row = kept->width * sizeof *kept->data, room = kept->room ? 2 * kept->room : FEWEST_ROWS;

	if (kept->n - kept->n_filed < kept->room)
		return 0;
	if (kept->fd >= 0 || (kept->room > 0 && room > kept->memory / row))
		return write_out(kept, err);
	kept->room = room;
	kept->data = mem_resize(kept->data, room, row);
	return 0;
}

int kept_add(struct kept_rows *kept, const double *row, struct error *err)
{
	if (make_room(kept, err) < 0)
		return -1;
	memcpy(kept->data + (kept->n - kept->n_filed) * kept->width, row, kept->width * sizeof *row);
	kept->n++;
	return 0;
}

const double *kept_read(const struct kept_rows *kept, size_t first, size_t n, double *space, struct error *err)
{
	size_t row = kept->width * sizeof *kept->data, filed = first >= kept->n_filed ? 0 : kept->n_filed - first < n ? kept->n_filed - first : n;

	if (filed == 0)
		return kept->data + (first - kept->n_filed) * kept->width;
	if (file_read_at(kept->fd, space, filed * row, first * row, kept->host, err) < 0)
		return NULL;
	memcpy(space + filed * kept->width, kept->data, (n - filed) * row);
	return space;
}

void kept_clear(struct kept_rows *kept)
{
	kept->n = kept->n_filed = 0;
}

void kept_release(struct kept_rows *kept)
{
	if (kept->width && kept->fd >= 0)
		close(kept->fd);
	free(kept->data);
	*kept = (struct kept_rows){ .data = NULL };
}
