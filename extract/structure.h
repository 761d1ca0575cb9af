/* SPDX-License-Identifier: MIT */
/*
 * Which bytes of a text part its cells and rows: for every 64 bytes four words, bit i
 * for byte i. It says nothing of quotes that hide them; cells.h does. With AVX2 where
 * the processor has it, and without: both give the same.
 */
#ifndef STRUCTURE_H
#define STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct structure { uint64_t delimiters, quotes, line_feeds, returns; };

/* Of n x 64 bytes, all of which may be read, to n structures. quote: a byte, or -1: none is one. True: a byte is 0x80 or more. */
bool structure_find(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to);
/* Only how many of n x 64 bytes are quotes and line feeds, which is quicker. */
struct structure_count { uint64_t quotes, line_feeds; };
struct structure_count structure_count(const char *bytes, size_t n, int quote);
bool structure_find_plainly(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to);     /* both without AVX2 */
struct structure_count structure_count_plainly(const char *bytes, size_t n, int quote);

#endif
