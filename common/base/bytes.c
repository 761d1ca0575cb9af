/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <stdlib.h>

#include "memory.h"

struct bytes *bytes_of(struct buffer *buffer)
{
	struct bytes *bytes;

	if (buffer->size == 0) {
		buffer_free(buffer);
		return NULL;
	}
	bytes = mem_new(1, sizeof *bytes);
	atomic_init(&bytes->users, 1);
	bytes->size = buffer->size;
	bytes->data = mem_resize(buffer->data, buffer->size, 1);        /* room to spare goes back */
	*buffer = (struct buffer)BUFFER_INIT;
	return bytes;
}

struct bytes *bytes_new(const void *data, size_t size)
{
	struct buffer buffer = BUFFER_INIT;

	buffer_add(&buffer, data, size);
	return bytes_of(&buffer);
}

struct bytes *bytes_use(const struct bytes *bytes)
{
	struct bytes *mine = (struct bytes *)bytes;

	if (mine)
		atomic_fetch_add_explicit(&mine->users, 1, memory_order_relaxed);
	return mine;
}

void bytes_drop(struct bytes *bytes)
{
	if (!bytes || atomic_fetch_sub_explicit(&bytes->users, 1, memory_order_acq_rel) > 1)
		return;
	free(bytes->data);
	free(bytes);
}
