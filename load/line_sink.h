/* SPDX-License-Identifier: MIT */
/*
 * What the sinks that print a row as a line have in common. Their state begins with a struct line_sink, and these are functions of
 * their struct sink_kind, or the part of them that is alike.
 */
#ifndef LINE_SINK_H
#define LINE_SINK_H

#include "lines.h"
#include "outlet.h"
#include "sink.h"

struct line_sink {
	struct outlet outlet;
	struct line_style style;
	const char *null;               /* what --null says, which no value may be; NULL: it was not given */
	struct lines *lines;
};

/* The fields are known, and the style. */
int line_sink_header(struct line_sink *sink, const struct schema *chosen, struct error *err) MUST_CHECK;
int line_sink_batch(void *sink, struct batch *batch, struct error *err);
int line_sink_commit(void *sink, const struct end *end, struct error *err);
void line_sink_close(void *sink);                       /* frees the state */

#endif
