/* SPDX-License-Identifier: MIT */
/*
 * Private to the reader: a batch out of its message. The head is unpacked; the data
 * go straight into blocks that the columns then point into, one for each column
 * unless it is small: so a column that a step drops leaves its memory to the next.
 */
#ifndef READ_BATCH_H
#define READ_BATCH_H

#include "batch.h"
#include "wire.h"

struct batch_reader {
	struct wire *wire;              /* borrowed, as is the pool */
	struct pool *pool;
	/* Where the runs of a batch stand in its data, and the blocks that take these; ascending, a part ends where the next begins. */
	struct part { uint64_t offset; struct block *block; } *parts;
	size_t n_parts, room;
	struct iovec *iov;
	size_t iov_room;
};

void batch_reader_release(struct batch_reader *reader);
/* The batch whose map begins `head` bytes behind the wire's start. Values are not looked at yet (column_read). */
int batch_read(struct batch_reader *reader, const struct schema *schema, size_t head, struct batch *to, struct error *err) MUST_CHECK;

#endif
