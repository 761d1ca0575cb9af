/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a feed (feed.h), in lines or as they come. They can be read again
 * from the beginning: always if the feed can be rewound, else as long as the input
 * was told to keep what it has read.
 *
 *     data      |  read, row unfinished  |  to be read  |  room  |
 *               0                        at             size     room
 *               mark ..
 *
 * The bytes lie in a counted block. Who takes a count on it (input_take) has what he took for as long as he likes:
 * what is read from then on goes into another block.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "error.h"
#include "feed.h"
#include "host.h"

enum { LINE_CAP = 64 * 1024 * 1024 };   /* the longest line, and the longest row of several lines */
enum { INPUT_SLACK = 64 };               /* bytes behind data[size] that may be read too, whatever they are */
enum { INPUT_KEPT = 8 * 1024 * 1024 };  /* what is no longer is rather kept than read again */
enum { INPUT_SILENT = 1 };      /* what a function gives, in a hurry, for which there is not enough yet: call it again */

struct input {
	const char *name;       /* for messages and _file; a path or "standard input". Not owned */
	struct feed feed;       /* where the bytes come from; owned */
	const struct host *host;        /* may be NULL */
	bool lone_cr;           /* a CR ends a line, with a LF behind it or not; otherwise only a LF does */
	bool keep;              /* what was read stays, so that a feed that can't rewind can be read again: clear it when that is no longer due */
	bool hurry;             /* rows that were read wait for those that come: who would wait for bytes asks input_silent first */
	uint64_t line;          /* of the line that input_line gave last, from 1 */
	uint64_t n_read;        /* bytes since the beginning */
	bool ended;             /* no more bytes come */
	struct error failed;    /* of input_fill_ahead */

	struct pool *pool;      /* where blocks come from; not owned, NULL: malloc's memory */
	struct block *block;
	unsigned char *data;    /* the block's; NULL: nothing was read */
	size_t at, mark, size, room;

	uint64_t n_lines;
	size_t lf, cr;          /* no LF (CR) between `at` and here; then there is one here, or the search goes on here */
	bool begun;             /* the feed was read from */
	bool whole;             /* data[0] is the input's first byte */
	bool mac;               /* the first line ended in a lone CR: so do the others */
};

/* Takes the feed over; name stays the caller's. */
void input_init(struct input *input, const char *name, const struct feed *feed, const struct host *host);
void input_release(struct input *input);
/* Whether it can be read again without being kept. Then it is no pipe whose writer may have failed or be slow, either. */
static inline bool input_rewinds(const struct input *input) { return input->feed.rewind != NULL; }
/* Begins at the first byte, also again. -1 and err if it can't be rewound and was not kept. */
int input_start(struct input *input, struct error *err) MUST_CHECK;
void input_stop(struct input *input);           /* drops what was read, unless it is kept */

/* More bytes behind data[size]: the number, 0 at the end, -1. data may move; so may at, mark and size. */
ptrdiff_t input_fill(struct input *input, struct error *err) MUST_CHECK;
/* What came of the encoding since the first byte. */
static inline struct decoded input_decoded(const struct input *input)
{
	return input->feed.decoded ? input->feed.decoded(input->feed.state) : (struct decoded){ 0 };
}
/* input_fill ahead of need, up to `most` bytes: whether some came. What fails is kept for the next input_fill, since what is there comes first. */
bool input_fill_ahead(struct input *input, size_t most);
/* How many bytes of the file were taken for what was read, for progress. */
static inline uint64_t input_taken(const struct input *input) { return input->feed.taken ? input->feed.taken(input->feed.state) : input->n_read; }
/* In a hurry, and neither bytes nor the end come within 2 ms. */
bool input_silent(const struct input *input);
/* The next line with its LF, CR or CRLF; *size 0 at the end. It stays, as does all from the mark on, until the next call.
 * INPUT_SILENT: nothing was taken. */
int input_line(struct input *input, const char **line, size_t *size, struct error *err) MUST_CHECK;
/* So many bytes and lines, which end in LF or CRLF, are taken at once. */
void input_skip(struct input *input, size_t size, uint64_t n_lines);
/* A row begins at data[at]: from here on bytes stay together. */
static inline void input_mark(struct input *input) { input->mark = input->at; }

/* Bytes that were taken, and stay while the count on their block is held; INPUT_SLACK behind them may be read too. */
struct input_part { struct block *block; const char *bytes; size_t size; };
/* As input_skip, and the bytes are the caller's, who drops the block. */
struct input_part input_take(struct input *input, size_t size, uint64_t n_lines);
/*
 * Back to where parts[0] begins, behind n_lines lines: all n of them were taken one behind the other, the last one just now. *before: where the input
 * stood, for input_resume, which is due.
 */
void input_return(struct input *input, const struct input_part *parts, size_t n, uint64_t n_lines, struct input *before);
/* Whether the input stands `left` bytes before where it stood, behind n_lines lines, and read nothing since: the way there can be spared. */
bool input_stands(const struct input *input, const struct input *before, size_t left, uint64_t n_lines);
/* there: it stands where it stood before; otherwise where it is. */
void input_resume(struct input *input, struct input *before, bool there);

/* An error if there is not a single byte: of a file unless it may be, of a pipe always (the stage before this one failed). Lines that were left out are its bytes, too: then it
 * is an error of the data. */
int input_expect(struct input *input, bool may_be_empty, struct error *err) MUST_CHECK;
/* At the beginning of a text: drops a byte order mark, skips lines. */
int input_start_text(struct input *input, int64_t skip_lines, struct error *err) MUST_CHECK;

#endif
