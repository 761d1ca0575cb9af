/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	_Alignas(64) unsigned char data[];
};

enum { CHUNK = 512, LARGEST = 4 << 20, ALIGN = 16 };      /* chunks double: there may be many small arenas */

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 4)
		return mem_array(n, size);      /* dies there */
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	if (!arena->chunks || arena->chunks->size - arena->used < bytes) {
		size_t room = arena->chunks ? 2 * arena->chunks->size : CHUNK;
		struct arena_chunk *chunk;

		if (room > LARGEST)
			room = LARGEST;
		if (room < bytes)
			room = bytes;
		chunk = mem_aligned(sizeof *chunk + room);
		chunk->next = arena->chunks;
		chunk->size = room;
		arena->chunks = chunk;
		arena->used = 0;
	}
	memory = arena->chunks->data + arena->used;
	arena->used += bytes;
	return memory;
}

void *arena_new(struct arena *arena, size_t n, size_t size)
{
	void *memory = arena_array(arena, n, size);

	memset(memory, 0, n * size);
	return memory;
}

char *arena_text(struct arena *arena, const char *bytes, size_t size)
{
	char *copy = arena_array(arena, size + 1, 1);

	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

static void chunks_free(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void arena_clear(struct arena *arena)
{
	if (arena->chunks) {
		chunks_free(arena->chunks->next);       /* the newest is the largest: it stays */
		arena->chunks->next = NULL;
	}
	arena->used = 0;
}

void arena_free(struct arena *arena)
{
	chunks_free(arena->chunks);
	*arena = (struct arena)ARENA_INIT;
}
