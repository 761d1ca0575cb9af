/* SPDX-License-Identifier: MIT */
/*
 * A form of times made ready for a column: where its digits stand, so that a text is compared and
 * converted in words of eight bytes, and its month's first day is looked up where a row before it had the
 * same month.
 *
 *     struct time_reader reader;
 *     if (time_reader_set(&reader, "%Y-%m-%d %H:%M:%S"))
 *             time_reader_read(&reader, text, size, &micros);
 *
 * What is read is what time_read says, strictly, and the text is one that prints back, unless *trailing was set.
 */
#ifndef TIME_READER_H
#define TIME_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIME_READER_SLACK = 8 };         /* bytes behind a text that are read too, whatever they are */
enum { TIME_READER_WORDS = 4, TIME_READER_MONTHS = 64, N_TIME_PLACES = 6 };

struct time_reader {
	uint64_t is[TIME_READER_WORDS];         /* what stands there: a literal, or 0 for a digit */
	uint64_t slack[TIME_READER_WORDS];      /* what makes bit 7 of each byte that does not fit, once added */
	uint64_t within[TIME_READER_WORDS];
	size_t size, tail_size;                 /* of the places, and of the literal behind a fraction of any length */
	uint64_t tail;
	bool any_fraction, short_year;
	unsigned char places[N_TIME_PLACES];    /* of year, month, day, hour, minute, second */
	unsigned char fraction, digits;         /* its place, and how many; 0: there is none */
	int64_t offset;                         /* of the form's zone */
	struct time_month { int32_t key, first, days; } months[TIME_READER_MONTHS];
};

/* False: its parts have no fixed places (names, one %I, ...); time_read has to be asked. form is valid. */
bool time_reader_set(struct time_reader *reader, const char *form);
/* False: no time of that form. *trailing becomes true where a fraction of any length ends in 0: such a text does not print back. */
bool time_reader_read(struct time_reader *reader, const char *text, size_t size, int64_t *micros, bool *trailing);

#endif
