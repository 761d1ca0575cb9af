/* SPDX-License-Identifier: MIT */
/* A region: many small allocations that go at once. Memory is aligned to 16 and not zeroed unless said. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks;     /* newest first */
	size_t used;                    /* of the newest */
};
#define ARENA_INIT { .chunks = 0 }

void *arena_array(struct arena *arena, size_t n, size_t size);
void *arena_new(struct arena *arena, size_t n, size_t size);      /* zeroed */
char *arena_text(struct arena *arena, const char *bytes, size_t size);  /* copy with a final NUL */
void arena_clear(struct arena *arena);        /* keeps one chunk for reuse */
void arena_free(struct arena *arena);

#endif
