/* SPDX-License-Identifier: MIT */
/* The list of sinks, in the order in which help and manual show them. A new sink is its file and a line here. */
#ifndef SINKS_H
#define SINKS_H

#include "sink.h"

#define SINKS(REGISTER) \
	REGISTER(sink, csv) \
	REGISTER(sink, tsv) \
	REGISTER(sink, jsonl) \
	REGISTER(sink, msgpack) \
	REGISTER(sink, table)

const struct format *sink_format(size_t i);     /* NULL behind the last: the list, for formats.h */
/* By -f, else by the ending of the file's name; without either csv, on a terminal table. path NULL: standard output. NULL and err: no
 * such format, or an ending that names none. */
const struct sink_kind *sink_find(const char *format, const char *path, const struct host *host, struct error *err);

#endif
