/* SPDX-License-Identifier: MIT */
/* Plain msgpack: one map a row and nothing else, for any msgpack library. Times are msgpack's own timestamps. */
#include <stdlib.h>

#include "memory.h"
#include "outlet.h"
#include "sink.h"

static void *msgpack_open(const struct sink_request *request, struct error *err)
{
	struct outlet *outlet = mem_new(1, sizeof *outlet);
	if (outlet_open(outlet, request->path, err) != 0) {
		free(outlet);
		return NULL;
	}
	return outlet;
}

static int msgpack_header(void *sink, const struct schema *schema, struct error *err)
{
	(void)sink;
	(void)schema;
	(void)err;
	return 0;
}

static int msgpack_batch(void *sink, struct batch *batch, struct error *err)
{
	struct outlet *outlet = sink;
	return records_pack(batch, &outlet->bytes, err) == 0 ? outlet_flush(outlet, err) : -1;
}

static int msgpack_end(void *sink, struct error *err)
{
	return outlet_commit(sink, err);
}

static void msgpack_close(void *sink)
{
	outlet_close(sink);
	free(sink);
}

const struct sink_kind sink_msgpack = {
	.name = "msgpack",
	.summary = "a msgpack map a row, without header and end, for other programs",
	.extensions = ".msgpack",
	.open = msgpack_open, .header = msgpack_header, .batch = msgpack_batch, .end = msgpack_end, .close = msgpack_close,
};
