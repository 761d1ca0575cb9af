/* SPDX-License-Identifier: MIT */
/* Bytes in memory as a feed (extract/feed.h), in reads of any size, with or without a silence before each, rewindable or not. */
#ifndef MEMORY_FEED_H
#define MEMORY_FEED_H

#include <errno.h>
#include <string.h>

#include "feed.h"

struct memory_feed { const char *bytes; size_t size, at, most; bool spoke, fails; int n_rewinds; };       /* fails: at the end */

static inline ssize_t memory_read(void *state, void *to, size_t size)
{
	struct memory_feed *memory = state;
	size_t n = memory->size - memory->at;

	if (n == 0 && memory->fails) {
		errno = EIO;
		return -1;
	}
	n = n < memory->most ? n : memory->most;
	n = n < size ? n : size;
	memcpy(to, memory->bytes + memory->at, n);
	memory->at += n;
	return (ssize_t)n;
}

static inline int memory_rewind(void *state)
{
	struct memory_feed *memory = state;

	memory->at = 0;
	memory->n_rewinds++;
	return 0;
}

/* Each time that it is asked anew. */
static inline bool memory_silent(void *state)
{
	struct memory_feed *memory = state;

	memory->spoke = !memory->spoke;
	return memory->spoke;
}

static inline struct feed memory_feed(struct memory_feed *memory, bool rewinds, bool silences)
{
	return (struct feed){
		.read = memory_read, .rewind = rewinds ? memory_rewind : NULL, .silent = silences ? memory_silent : NULL,
		.state = memory, .total = memory->size,
	};
}

#endif
