/* SPDX-License-Identifier: MIT */
/* Plain msgpack: one map a row and nothing else, for any msgpack library. Times are msgpack's own timestamps. */
#include <stdlib.h>

#include "memory.h"
#include "outlet.h"
#include "records.h"
#include "sink.h"

static void *msgpack_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	struct outlet *outlet = mem_new(1, sizeof *outlet);

	(void)config;
	if (outlet_open(outlet, target, host, err) < 0) {
		free(outlet);
		return NULL;
	}
	return outlet;
}

static int msgpack_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	(void)sink;
	(void)header;
	(void)chosen;
	(void)err;
	return 0;
}

static int msgpack_batch(void *sink, struct batch *batch, struct error *err)
{
	struct outlet *outlet = sink;

	return records_pack(batch, &outlet->bytes, err) < 0 ? -1 : outlet_flush(outlet, err);
}

static int msgpack_commit(void *sink, const struct end *end, struct error *err)
{
	(void)end;
	return outlet_commit(sink, err);
}

static void msgpack_close(void *sink)
{
	outlet_close(sink);
	free(sink);
}

const struct sink_kind sink_msgpack = {
	.format = {
		.name = "msgpack",
		.summary = "a msgpack map a row, without header and end, for other programs",
		.endings = ".msgpack",
	},
	.open = msgpack_open, .header = msgpack_header, .batch = msgpack_batch, .commit = msgpack_commit, .close = msgpack_close,
};
