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

/* It has nothing of its own. */
static void *msgpack_printer(void *sink) { return sink; }
static void msgpack_printer_free(void *printer) { (void)printer; }

static int msgpack_print(void *printer, struct batch *batch, struct buffer *to, struct error *err)
{
	(void)printer;
	return records_pack(batch, to, err);
}

static int msgpack_write(void *sink, const struct buffer *bytes, struct error *err)
{
	return outlet_write(sink, bytes, err);
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
	.open = msgpack_open, .header = msgpack_header, .commit = msgpack_commit, .close = msgpack_close,
	.printer = msgpack_printer, .print = msgpack_print, .printer_free = msgpack_printer_free, .write = msgpack_write,
};
