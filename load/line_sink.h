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
	const struct schema *schema;
};

/* A state of so many bytes, zeroed but for the outlet, which is open. NULL and err. */
void *line_sink_new(size_t size, const char *target, const struct host *host, struct error *err);
/* The fields are known, and the style. */
int line_sink_header(struct line_sink *sink, const struct schema *chosen, struct error *err) MUST_CHECK;
void *line_sink_printer(void *sink);
int line_sink_print(void *printer, struct batch *batch, struct buffer *to, struct error *err);
void line_sink_printer_free(void *printer);
int line_sink_write(void *sink, const struct buffer *bytes, struct error *err);
int line_sink_commit(void *sink, const struct end *end, struct error *err);
void line_sink_close(void *sink);                       /* frees the state */

#define LINE_SINK_PRINTS .narrow = true, .printer = line_sink_printer, .print = line_sink_print, .printer_free = line_sink_printer_free, .write = line_sink_write

#endif
