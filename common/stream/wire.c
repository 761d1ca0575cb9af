/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE         /* preadv */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "proof.h"

enum { READ_SIZE = 256 * 1024, HEAD_SLACK = 1024, TRIM_ROOM = 4 * READ_SIZE, MAX_PARTS = 64, SILENCE_MS = 2, LOOK_UP_MS = 100 };

void wire_open(struct wire *wire, int fd, const char *name, size_t read_size, const struct host *host)
{
	*wire = (struct wire){ .cancelled = false, .fd = fd, .host = host, .name = name, .read_size = read_size, .hash = mem_given(XXH3_createState()) };
}

void wire_close(struct wire *wire)
{
	buffer_free(&wire->in);
	XXH3_freeState(wire->hash);
}

/* Waits until there is something to read, also where a read would not (EAGAIN, see host_again_on), and looks up now and then: a signal interrupts another thread than the one that waits. */
static int wire_wait(struct wire *wire, struct error *err)
{
	struct pollfd poll_of = { .fd = wire->fd, .events = POLLIN };

	do {
		if (host_interrupted(wire->host) || atomic_load(&wire->cancelled))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		if (host_asked(wire->host))
			host_note(wire->host, "%llu rows read from %s in %.1f s", (unsigned long long)wire->rows, wire->name,
			          host_seconds(wire->host));
	} while (poll(&poll_of, 1, LOOK_UP_MS) <= 0);
	return 0;
}

static int wire_took(struct wire *wire, ssize_t n, size_t *got, struct error *err)
{
	if (n < 0)
		return error_errno(err, "%s: read failed", wire->name);
	wire->at_eof = n == 0;
	wire->bytes += (uint64_t)n;
	*got = (size_t)n;
	return 0;
}

/* Past `in`, which is empty. */
static int wire_read(struct wire *wire, void *to, size_t size, size_t *got, struct error *err)
{
	ssize_t n;

	if (wire->read_size && size > wire->read_size)
		size = wire->read_size;
	do {
		if (wire_wait(wire, err) < 0)
			return -1;
		n = wire->by_place ? pread(wire->fd, to, size, (off_t)wire->bytes) : read(wire->fd, to, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return wire_took(wire, n, got, err);
}

int wire_fill(struct wire *wire, struct error *err)
{
	size_t size = wire->next_fill ? wire->next_fill : READ_SIZE, got = 0;

	wire->next_fill = 0;
	if (wire->start && (wire->start == wire->in.size || wire->start > READ_SIZE)) {
		memmove(wire->in.data, wire->in.data + wire->start, wire->in.size - wire->start);
		wire->in.size -= wire->start;
		wire->start = 0;
	}
	buffer_reserve(&wire->in, READ_SIZE);
	if (wire_read(wire, wire->in.data + wire->in.size, size, &got, err) < 0)
		return -1;
	wire->in.size += got;
	return 0;
}

void wire_expect(struct wire *wire, size_t head)
{
	wire->next_fill = head < READ_SIZE / 2 ? head + head / 2 + HEAD_SLACK : 0;
}

/* Reads into the first parts that have room; *got bytes. */
static int read_some(struct wire *wire, const struct iovec *parts, size_t n, size_t *got, struct error *err)
{
	int n_parts = (int)(n < MAX_PARTS ? n : MAX_PARTS);
	ssize_t done;

	if (wire->read_size || n == 1)
		return wire_read(wire, parts->iov_base, parts->iov_len, got, err);
	do {
		if (wire_wait(wire, err) < 0)
			return -1;
		done = wire->by_place ? preadv(wire->fd, parts, n_parts, (off_t)wire->bytes) : readv(wire->fd, parts, n_parts);
	} while (done < 0 && (errno == EINTR || errno == EAGAIN));
	return wire_took(wire, done, got, err);
}

int wire_read_parts(struct wire *wire, struct iovec *parts, size_t n, struct error *err)
{
	while (n) {
		size_t got = 0, left = wire_left(wire);

		if (left) {
			got = left < parts->iov_len ? left : parts->iov_len;
			memcpy(parts->iov_base, wire_here(wire), got);
			wire->start += got;
		} else if (parts->iov_len == 0) {
			got = 0;
		} else if (read_some(wire, parts, n, &got, err) < 0) {
			return -1;
		} else if (got == 0) {
			return wire_cut(wire, err);
		}
		do {
			size_t here = got < parts->iov_len ? got : parts->iov_len;

			wire_hash(wire, parts->iov_base, here);
			parts->iov_base = (unsigned char *)parts->iov_base + here;
			parts->iov_len -= here;
			got -= here;
			if (parts->iov_len == 0)
				parts++, n--;
		} while (got);
	}
	return 0;
}

bool wire_silent(const struct wire *wire)
{
	struct pollfd poll_of = { .fd = wire->fd, .events = POLLIN };

	return poll(&poll_of, 1, SILENCE_MS) == 0;
}

void wire_hash(struct wire *wire, const void *bytes, size_t size)
{
	if (wire->hashing && size)
		proof_add(wire->hash, bytes, size);
}

void wire_take(struct wire *wire, size_t size)
{
	wire_hash(wire, wire_here(wire), size);
	wire->start += size;
}

void wire_trim(struct wire *wire)
{
	struct buffer rest = BUFFER_INIT;

	if (wire->in.room <= TRIM_ROOM)
		return;
	buffer_add(&rest, wire_here(wire), wire_left(wire));
	buffer_free(&wire->in);
	wire->in = rest;
	wire->start = 0;
}

/* A file of its own has no stage before it. */
int wire_cut(struct wire *wire, struct error *err)
{
	if (wire->fd != STDIN_FILENO && wire->bytes == 0)
		return error_set(err, STATUS_UPSTREAM, "%s is empty: was it written?", wire->name);
	if (wire->fd != STDIN_FILENO && wire->rows == 0)
		return error_set(err, STATUS_UPSTREAM, "%s ends early: was it written whole?", wire->name);
	if (wire->fd != STDIN_FILENO)
		return error_set(err, STATUS_UPSTREAM, "%s ends early, after %llu rows: was it written whole?", wire->name,
			(unsigned long long)wire->rows);
	if (wire->bytes == 0)
		return error_set(err, STATUS_UPSTREAM, "no input on %s: did the stage before this one fail?", wire->name);
	return error_set(err, STATUS_UPSTREAM, "input ended early after %llu rows: did the stage before this one fail?",
		(unsigned long long)wire->rows);
}

int wire_whole(struct wire *wire, size_t offset, size_t most, size_t *size, struct error *err)
{
	struct pack_scan scan = { .cap = most };

	for (;;) {
		enum pack_result result = PACK_MORE;

		if (wire_left(wire) > offset)
			result = pack_scan(&scan, wire_here(wire) + offset, wire_left(wire) - offset);
		*size = scan.at;
		if (result == PACK_WHOLE)
			return 1;
		if (result == PACK_DEEP)
			return error_set(err, STATUS_FAILED, "%s: broken stream: nested deeper than %d levels", wire->name, PACK_DEPTH);
		if (result == PACK_DENSE)
			return error_set(err, STATUS_FAILED, "%s: broken stream: too many small values", wire->name);
		if (result == PACK_BROKEN || wire_left(wire) - offset > most)
			return error_set(err, STATUS_FAILED, "%s: broken stream: no msgpack, or a message of more than %zu MiB", wire->name, most >> 20);
		if (wire->at_eof)
			return wire_left(wire) > offset ? wire_cut(wire, err) : 0;
		if (wire_fill(wire, err) < 0)
			return -1;
	}
}

int wire_bin(struct wire *wire, size_t offset, uint64_t *data_size, size_t *head, struct error *err)
{
	static const size_t heads[3] = { 2, 3, 5 };
	const unsigned char *bytes;

	while (wire_left(wire) < offset + 5 && !wire->at_eof)
		if (wire_fill(wire, err) < 0)
			return -1;
	bytes = wire_here(wire) + offset;
	if (wire_left(wire) <= offset || wire_left(wire) - offset < (bytes[0] >= 0xc4 && bytes[0] <= 0xc6 ? heads[bytes[0] - 0xc4] : 1))
		return wire_cut(wire, err);
	if (bytes[0] < 0xc4 || bytes[0] > 0xc6)
		return error_set(err, STATUS_FAILED, "%s: broken stream: no data", wire->name);
	*head = heads[bytes[0] - 0xc4];
	*data_size = 0;
	for (size_t i = 1; i < *head; i++)
		*data_size = *data_size << 8 | bytes[i];
	if (*data_size > MESSAGE_CAP)
		return error_set(err, STATUS_FAILED, "%s: broken stream: data of more than %d MiB", wire->name, MESSAGE_CAP >> 20);
	return 0;
}
