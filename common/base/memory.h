/* SPDX-License-Identifier: MIT */
/*
 * Checked allocation: failure ends the program in one place with one line, which names it.
 * Sizes that come from input are compared with a cap and with the bytes left
 * before they come here; products go through `n * size` checked here.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

void *mem_new(size_t n, size_t size);                   /* n * size bytes, zeroed */
void *mem_array(size_t n, size_t size);                 /* not zeroed */
void *mem_resize(void *old, size_t n, size_t size);
void *mem_aligned(size_t size);                         /* at a multiple of 64, not zeroed; free() */
void *mem_given(void *memory);                          /* what a library allocated: as it is; NULL ends the program */
void mem_can_map(size_t size);                          /* ends the program if such a mapping can't be had now; none is left: for a library that never gives up */
char *mem_text(const char *text);                       /* copy; NULL gives NULL */
char *mem_text_n(const char *bytes, size_t size);       /* copy with a final NUL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make room for one more: items grows by doubling. `array_grow(list->items, list->n, list->room)` */
#define array_grow(items, n, room) \
	((n) < (room) ? (void)0 \
	: (void)((room) = (room) ? 2 * (room) : 8, (items) = mem_resize((items), (room), sizeof *(items))))
/* The same from one on: for lists that there are many of, mostly of one item. */
#define array_grow_few(items, n, room) \
	((n) < (room) ? (void)0 \
	: (void)((room) = (room) ? 2 * (room) : 1, (items) = mem_resize((items), (room), sizeof *(items))))

#endif
