/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one file or of standard input: in lines, or as they come. It can
 * be read again from its beginning: a regular file always, a pipe as long as it
 * was told to keep what it has read.
 *
 *     data      |  read, row unfinished  |  to be read  |  room  |
 *               0                        at             size     room
 *               mark ..
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

enum { LINE_CAP = 64 * 1024 * 1024 };   /* the longest line, and the longest row of several lines */
enum { INPUT_SILENT = 1 };      /* what a function gives, in a hurry, for which there is not enough yet: call it again */

struct input {
	const char *name;       /* for messages and _file; a path or "standard input". Not owned */
	bool standard;          /* standard input */
	bool lone_cr;           /* a CR ends a line, with a LF behind it or not; otherwise only a LF does */
	bool keep;              /* what was read stays, so that a pipe can be rewound: clear it when that is no longer due */
	bool regular;           /* a regular file: set by input_check */
	bool hurry;             /* rows that were read wait for those that come: who would wait for bytes asks input_silent first */
	uint64_t total;         /* bytes of a regular file */
	uint64_t line;          /* of the line that input_line gave last, from 1 */
	uint64_t n_read;        /* bytes since the beginning */
	bool ended;             /* no more bytes come */

	unsigned char *data;
	size_t at, mark, size, room;
	/* Instead of read(2) and poll(2): for tests. read: as read(2); errno. silent: NULL: never */
	ssize_t (*read)(void *state, void *to, size_t size);
	bool (*silent)(void *state);
	void *state;

	int fd;
	off_t start;            /* of standard input, where it stood when the program began */
	uint64_t n_lines;
	size_t lf, cr;          /* no LF (CR) between `at` and here; then there is one here, or the search goes on here */
	bool whole;             /* data[0] is the input's first byte */
	bool mac;               /* the first line ended in a lone CR: so do the others */
};

void input_init(struct input *input, const char *path);         /* "-" is standard input; path stays the caller's */
void input_release(struct input *input);
/* Whether it is there and no folder, before anything is read; sets regular and total. */
int input_check(struct input *input, struct error *err) MUST_CHECK;
/* Begins at the first byte, also again (a pipe must have been kept). */
int input_start(struct input *input, struct error *err) MUST_CHECK;
void input_stop(struct input *input);           /* closes the file; what is kept stays */

/* More bytes behind data[size]: the number, 0 at the end, -1. data may move; so may at, mark and size. */
ptrdiff_t input_fill(struct input *input, struct error *err) MUST_CHECK;
/* In a hurry, and neither bytes nor the end come within 2 ms. Never of a regular file. */
bool input_silent(const struct input *input);
/* The next line with its LF, CR or CRLF; *size 0 at the end. It stays, as does all from the mark on, until the next call.
 * INPUT_SILENT: nothing was taken. */
int input_line(struct input *input, const char **line, size_t *size, struct error *err) MUST_CHECK;
/* A row begins at data[at]: from here on bytes stay together. */
static inline void input_mark(struct input *input) { input->mark = input->at; }

/* An error if there is not a single byte: from a pipe always (the stage before this one failed), from a file unless it may be. */
int input_expect(struct input *input, bool may_be_empty, struct error *err) MUST_CHECK;
/* At the beginning of a text: drops a byte order mark, refuses UTF-16, skips lines. */
int input_start_text(struct input *input, int64_t skip_lines, struct error *err) MUST_CHECK;

#endif
