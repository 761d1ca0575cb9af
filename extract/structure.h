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
bool structure_find_plainly(const char *bytes, size_t n, unsigned char delimiter, int quote, struct structure *to);     /* without AVX2 */

#endif
