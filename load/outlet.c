/* SPDX-License-Identifier: MIT */
#include "outlet.h"

#include <unistd.h>

#include "stream.h"

int outlet_open(struct outlet *outlet, const char *path, const struct host *host, struct error *err)
{
	*outlet = (struct outlet){ .fd = STDOUT_FILENO, .name = path ? path : "standard output", .host = host };
	if (!path) {
		pipe_widen(outlet->fd);
		return 0;
	}
	if (file_create(&outlet->file, path, host, err) < 0)
		return -1;
	outlet->fd = outlet->file.fd;
	return 0;
}

int outlet_write(struct outlet *outlet, const struct buffer *bytes, struct error *err)
{
	int result = write_all(outlet->fd, bytes->data, bytes->size, outlet->host, err);

	if (result < 0)
		return outlet->file.temporary ? -1 : error_prefix(err, "%s", outlet->name);
	outlet->n_written += bytes->size;
	file_push(&outlet->file, outlet->n_written);
	return 0;
}

int outlet_flush(struct outlet *outlet, struct error *err)
{
	int result = outlet_write(outlet, &outlet->bytes, err);

	buffer_clear(&outlet->bytes);
	return result;
}

int outlet_commit(struct outlet *outlet, struct error *err)
{
	if (outlet_flush(outlet, err) < 0)
		return -1;
	return outlet->file.path ? file_commit(&outlet->file, err) : 0;
}

void outlet_close(struct outlet *outlet)
{
	file_abandon(&outlet->file);
	buffer_free(&outlet->bytes);
}
