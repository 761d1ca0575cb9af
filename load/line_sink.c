/* SPDX-License-Identifier: MIT */
#include "line_sink.h"

#include <stdlib.h>

#include "memory.h"

struct line_printer { const struct line_sink *sink; struct lines *lines; };

void *line_sink_new(size_t size, const char *target, const struct host *host, struct error *err)
{
	struct line_sink *sink = mem_new(1, size);

	if (outlet_open(&sink->outlet, target, host, err) < 0) {
		free(sink);
		return NULL;
	}
	return sink;
}

int line_sink_header(struct line_sink *sink, const struct schema *chosen, struct error *err)
{
	sink->schema = chosen;
	return null_check_types(sink->null, chosen, err);
}

void *line_sink_printer(void *state)
{
	const struct line_sink *sink = state;
	struct line_printer *printer = mem_new(1, sizeof *printer);

	*printer = (struct line_printer){ sink, lines_new(&sink->style, sink->schema) };
	return printer;
}

int line_sink_print(void *state, struct batch *batch, struct buffer *to, struct error *err)
{
	struct line_printer *printer = state;

	if (null_check_texts(printer->sink->null, batch, err) < 0)
		return -1;
	lines_print(printer->lines, batch, to);
	return 0;
}

void line_sink_printer_free(void *state)
{
	lines_free(((struct line_printer *)state)->lines);
	free(state);
}

int line_sink_write(void *state, const struct buffer *bytes, struct error *err)
{
	return outlet_write(&((struct line_sink *)state)->outlet, bytes, err);
}

int line_sink_commit(void *state, const struct end *end, struct error *err)
{
	(void)end;
	return outlet_commit(&((struct line_sink *)state)->outlet, err);
}

void line_sink_close(void *state)
{
	struct line_sink *sink = state;

	outlet_close(&sink->outlet);
	free(sink);
}
