/* SPDX-License-Identifier: MIT */
/*
 * Bytes that come one after the other, and how to begin again. A file, a pipe and
 * standard input are feeds; a decompressor is one over another feed, which it reads
 * and, if that can be read again, rewinds: so what is above (input.h, and all
 * formats) sees no difference between a .gz and the file in it.
 *
 * Calls: read until it gives 0, or rewind at any time and read from the first byte
 * again; close once. One thread at a time.
 */
#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

/* How many broken sequences were replaced, and how many characters of Latin-1 became controls (U+0080 to U+009F), where Windows-1252 has
 * quotes, dashes and the euro; of these n_bare stand behind ASCII, as none does of a text that is UTF-8. */
struct decoded { uint64_t n_replaced, n_controls, n_bare; };

struct feed {
	/* As read(2): up to `size` bytes, 0 at the end, -1 and errno (EINTR: ask again). */
	ssize_t (*read)(void *state, void *to, size_t size);
	/* The next read gives the first byte. 0, or -1 and errno. NULL: what was read is gone. */
	int (*rewind)(void *state);
	/* Waits 2 ms at most: whether neither a byte nor the end came. NULL: `read` never has to wait long. */
	bool (*silent)(void *state);
	/* Once `read` gave 0 or failed: what was to be read is no longer what was there at first. NULL: it can't have changed. */
	bool (*changed)(void *state);
	/* Once `read` failed with EILSEQ: of which encoding the text is not, from byte *at on (0: the first of the file). NULL: it never fails so. */
	const char *(*broken)(void *state, uint64_t *at);
	struct decoded (*decoded)(void *state); /* what came of the encoding so far, since the first byte. NULL: nothing to tell, ever */
	void (*close)(void *state);             /* NULL: nothing to do */
	void *state;
	/* How many bytes of the file were taken so far, since the first byte, for what `read` gave and what it left out. NULL: as many as it gave. */
	uint64_t (*taken)(void *state);
	uint64_t total;                         /* how many bytes the file has, for progress; 0: not known */
};

/*
 * A path, or "-": standard input, from where it stands. It is looked at (is it there, is it no folder, may it be read), and opened by
 * the first read. path stays the caller's. A regular file can be rewound, and is read as long as it was when it was looked at: what is
 * appended to a log meanwhile is left for the next time. It has changed if it got shorter, was written to at the same length, or another
 * file stands at its path; then the reads end where that is seen, and none gives what came instead.
 */
int feed_open_file(struct feed *feed, const char *path, struct error *err) MUST_CHECK;
void feed_close(struct feed *feed);             /* fine on a zeroed feed, and twice */

#endif
