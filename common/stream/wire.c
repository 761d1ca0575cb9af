/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { READ_SIZE = 256 * 1024 };

void wire_open(struct wire *wire, int fd, const char *name, size_t read_size)
{
	*wire = (struct wire){.fd = fd, .name = name, .read_size = read_size, .hash = XXH3_createState()};
}

void wire_close(struct wire *wire)
{
	buffer_free(&wire->in);
	XXH3_freeState(wire->hash);
}

int wire_read(struct wire *wire, void *to, size_t size, size_t *got, struct error *err)
{
	ssize_t n;

	if (wire->read_size && size > wire->read_size)
		size = wire->read_size;
	do {
		if (tool_interrupted())
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		if (tool_status_wanted())
			tool_note("%llu rows read from %s in %.1f s", (unsigned long long)wire->rows, wire->name, tool_seconds());
		n = read(wire->fd, to, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(err, "%s: read failed", wire->name);
	wire->at_eof = n == 0;
	wire->bytes += (uint64_t)n;
	*got = (size_t)n;
	return 0;
}

int wire_fill(struct wire *wire, struct error *err)
{
	size_t got;

	if (wire->start && (wire->start == wire->in.size || wire->start > READ_SIZE)) {
		memmove(wire->in.data, wire->in.data + wire->start, wire->in.size - wire->start);
		wire->in.size -= wire->start;
		wire->start = 0;
	}
	buffer_reserve(&wire->in, READ_SIZE);
	if (wire_read(wire, wire->in.data + wire->in.size, READ_SIZE, &got, err))
		return -1;
	wire->in.size += got;
	return 0;
}

void wire_hash(struct wire *wire, const void *bytes, size_t size)
{
	if (wire->hashing && size)
		XXH3_64bits_update(wire->hash, bytes, size);
}

void wire_take(struct wire *wire, size_t size)
{
	wire_hash(wire, wire_here(wire), size);
	wire->start += size;
}

int wire_cut(struct wire *wire, struct error *err)
{
	if (wire->bytes == 0)
		return error_set(err, STATUS_UPSTREAM, "no input on %s: did the stage before this one fail?", wire->name);
	return error_set(err, STATUS_UPSTREAM, "input ended early after %llu rows: did the stage before this one fail?",
		(unsigned long long)wire->rows);
}

int wire_whole(struct wire *wire, size_t offset, size_t *size, struct error *err)
{
	struct pack_scan scan = {0};

	for (;;) {
		enum pack_result result = PACK_MORE;

		if (wire_left(wire) > offset)
			result = pack_scan(&scan, wire_here(wire) + offset, wire_left(wire) - offset);
		*size = scan.at;
		if (result == PACK_WHOLE)
			return 1;
		if (result == PACK_DEEP)
			return error_set(err, STATUS_FAILED, "%s: broken stream: nested deeper than %d levels", wire->name, PACK_DEPTH);
		if (result == PACK_BROKEN || wire_left(wire) - offset > MESSAGE_CAP)
			return error_set(err, STATUS_FAILED, "%s: broken stream: no msgpack, or a message of more than %d MiB",
				wire->name, MESSAGE_CAP >> 20);
		if (wire->at_eof)
			return wire_left(wire) > offset ? wire_cut(wire, err) : 0;
		if (wire_fill(wire, err))
			return -1;
	}
}
