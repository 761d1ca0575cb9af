/* SPDX-License-Identifier: MIT */
/*
 * Where the cells of a text end: at delimiters and line feeds outside of quotes, as far as nothing stands there that no
 * clean row (cells.h) has. Which of them belong to a row is not looked at. With AVX2 or AVX-512 where the processor has it, and
 * without: all give the same.
 *
 *     bytes   a,"b ""c"" d",\n,2,3\r\n"x"y,
 *     to       ^           ^^ ^ ^   ^             and then it is wrong, at y
 */
#ifndef STRUCTURE_H
#define STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

/* A text that is gone through from its first byte on, where a row begins, in any number of parts. */
struct structure {
	const char *bytes;
	unsigned char delimiter;
	int quote;                      /* a byte, or -1: none is one */
	uint32_t *to;                   /* where the ends go: room for as many as there are bytes, and 64 more */
	size_t n, n_line_feeds;         /* ends, and how many of these are line feeds */
	bool wrong;                     /* there are no ends from some byte on, which can't stand there; or the text ends where another has to */
	uint64_t quotes, within, high;  /* not 0: there were quotes; line feeds within them; a byte of 0x80 or more, perhaps just behind the text */
	uint64_t quoted, inside, ends, returns;         /* of the last 64 bytes, a bit each: what stands in quotes, and with these; ends; CRs outside of them */
};
#define STRUCTURE_INIT(bytes, delimiter, quote, to) { bytes, delimiter, quote, to, .ends = UINT64_C(1) << 63 }

/* The bytes from `from` on, which is behind what was gone through, up to `upto`: a multiple of 64 behind it unless the text ends there. 64 bytes behind
 * the text may be read, whatever they are. by: cpu_lanes, or less. */
void structure_find(struct structure *structure, size_t from, size_t upto, enum cpu_lanes by);

/* Only how many of n x 64 bytes are quotes and line feeds, which is quicker. */
struct structure_count { uint64_t quotes, line_feeds; };
struct structure_count structure_count(const char *bytes, size_t n, int quote, enum cpu_lanes by);

#endif
