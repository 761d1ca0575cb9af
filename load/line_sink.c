/* SPDX-License-Identifier: MIT */
#include "line_sink.h"

#include <stdlib.h>

int line_sink_header(struct line_sink *sink, const struct schema *chosen, struct error *err)
{
	if (null_check_types(sink->null, chosen, err) < 0)
		return -1;
	sink->lines = lines_new(&sink->style, chosen);
	return 0;
}

int line_sink_batch(void *state, struct batch *batch, struct error *err)
{
	struct line_sink *sink = state;

	if (null_check_texts(sink->null, batch, err) < 0)
		return -1;
	lines_print(sink->lines, batch, &sink->outlet.bytes);
	return outlet_flush(&sink->outlet, err);
}

int line_sink_commit(void *state, const struct end *end, struct error *err)
{
	(void)end;
	return outlet_commit(&((struct line_sink *)state)->outlet, err);
}

void line_sink_close(void *state)
{
	struct line_sink *sink = state;

	lines_free(sink->lines);
	outlet_close(&sink->outlet);
	free(sink);
}
