/* SPDX-License-Identifier: MIT */
/*
 * Private to the reader: bytes of a file descriptor, waited for value by value.
 *
 *     in.data   [ taken | start ... in.size ]     bytes before start are hashed and done with
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/uio.h>
#include <xxhash.h>

#include "buffer.h"
#include "error.h"
#include "host.h"
#include "pack.h"

struct wire {
	int fd;
	const struct host *host;
	const char *name;               /* for messages; borrowed */
	size_t read_size;               /* at most so many bytes a read(); 0: as they come */
	bool by_place;                  /* a file, read from `bytes` on whatever fd's own place is */
	struct buffer in;
	size_t start;                   /* of what is not taken yet */
	size_t next_fill;               /* what the next wire_fill asks for; 0: much */
	bool at_eof;
	uint64_t bytes, rows;           /* read so far; rows: told by the reader, for messages */
	XXH3_state_t *hash;
	bool hashing;
	atomic_bool cancelled;          /* by another thread: no more waiting */
};

void wire_open(struct wire *wire, int fd, const char *name, size_t read_size, const struct host *host);
void wire_close(struct wire *wire);     /* fd stays open */

static inline const unsigned char *wire_here(const struct wire *wire) { return wire->in.data + wire->start; }
static inline size_t wire_left(const struct wire *wire) { return wire->in.size - wire->start; }

int wire_fill(struct wire *wire, struct error *err) MUST_CHECK;         /* more bytes into `in`; none: at_eof */
/* Behind long data another message like this one is likely, whose head has about so many bytes: what is read with it of its own long data
 * would have to be copied from `in`. */
void wire_expect(struct wire *wire, size_t head);
/* Fills the parts from what is in `in` and then in place, and hashes them; *parts are used up. */
int wire_read_parts(struct wire *wire, struct iovec *parts, size_t n, struct error *err) MUST_CHECK;
bool wire_silent(const struct wire *wire);      /* no byte comes within 2 ms (nor does the end) */
/* Waits until the value that begins `offset` bytes behind start, and has at most `most` bytes, is whole in `in`. 1: whole, 0: the input
 * ended at its first byte. */
int wire_whole(struct wire *wire, size_t offset, size_t most, size_t *size, struct error *err) MUST_CHECK;
/* The head of a bin there: 2, 3 or 5 bytes, and the size that it promises, at most MESSAGE_CAP. */
int wire_bin(struct wire *wire, size_t offset, uint64_t *data_size, size_t *head, struct error *err) MUST_CHECK;
void wire_hash(struct wire *wire, const void *bytes, size_t size);
void wire_take(struct wire *wire, size_t size);         /* hashes what is taken */
void wire_trim(struct wire *wire);      /* gives back the room that a long value took */
int wire_cut(struct wire *wire, struct error *err);     /* -1: the input ended where it should not */

#endif
