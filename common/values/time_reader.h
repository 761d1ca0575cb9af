/* SPDX-License-Identifier: MIT */
/*
 * A form of times made ready for a column: where its digits stand, so that a text is compared and converted
 * in words of eight bytes, or many at once with AVX2 and AVX-512 where the processor has them; all give the same.
 *
 *     struct time_reader reader;
 *     if (time_reader_set(&reader, "%Y-%m-%d %H:%M:%S"))
 *             time_reader_read(&reader, text, size, &micros, &trailing);
 *
 * What is read is what time_read says, strictly, and the text is one that prints back, unless *trailing was set.
 */
#ifndef TIME_READER_H
#define TIME_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

enum { TIME_READER_WORDS = 4, TIME_READER_BYTES = 8 * TIME_READER_WORDS, N_TIME_PLACES = 6 };
enum { TIME_READER_SLACK = TIME_READER_BYTES };         /* bytes behind a text that are read too, whatever they are */
enum { TIME_READER_ROWS = 64 };         /* at once, at most */

struct time_reader {
	uint64_t is[TIME_READER_WORDS];         /* what stands there: a literal, or '0' for a digit */
	uint64_t slack[TIME_READER_WORDS];      /* what makes bit 7 of each byte that does not fit, once added */
	uint64_t within[TIME_READER_WORDS];
	size_t size, tail_size;                 /* of the places, and of the literal behind a fraction of any length */
	size_t least_size, size_span;           /* of texts: how short, and by how much others are longer */
	uint64_t tail;
	bool any_fraction, short_year;
	unsigned char places[N_TIME_PLACES];    /* of year, month, day, hour, minute, second */
	unsigned char fraction, digits;         /* its place, and how many; 0: there is none */
	unsigned char order[TIME_READER_BYTES], fraction_order[TIME_READER_BYTES];      /* for either half of a text: places of digits in order; 0x80: it is in the other */
	uint16_t least[8], span[8];             /* of pairs of digits in order: the century, the year of it, month, day, hour, minute, second */
	uint32_t date;                          /* of parts that the form has not: 32 for the month, 1 for the day */
	int64_t offset;                         /* of the form's zone */
	enum cpu_lanes lanes;                   /* what the processor has; may be set lower, which is slower */
	size_t rows;                            /* that are best read at once: few where many were no times */
	char sample[2 * TIME_READER_BYTES];     /* a time of this form, of the least size */
};

/* False: its parts have no fixed places (names, one %I, ...); time_read has to be asked. form is valid. */
bool time_reader_set(struct time_reader *reader, const char *form);
/* False: no time of that form. *trailing becomes true where a fraction of any length ends in 0: such a text does not print back. */
bool time_reader_read(const struct time_reader *reader, const char *text, size_t size, int64_t *micros, bool *trailing);

/* n texts, at most TIME_READER_ROWS and best reader->rows, of sizes that times of the form have: how many are times before the first that is none.
 * micros: NULL if only that is asked, which is quicker; values behind those that were read mean nothing. */
size_t time_reader_read_all(struct time_reader *reader, const char *const *texts, const uint32_t *sizes, size_t n, int64_t *micros, bool *trailing);

/* Whether times of the form may have this size. */
static inline bool time_reader_has_size(const struct time_reader *reader, size_t size) { return size - reader->least_size <= reader->size_span; }

#endif
