/* SPDX-License-Identifier: MIT */
/* The list of sources, in the order in which help and manual show them. A new source is its file and a line here. */
#ifndef SOURCES_H
#define SOURCES_H

#include "source.h"

#define SOURCES(REGISTER) \
	REGISTER(source, csv) \
	REGISTER(source, tsv) \
	REGISTER(source, msgpack)

const struct format *source_format(size_t i);   /* NULL behind the last: the list, for formats.h */
/* By -f, or else by the ending that all files share; csv if none is known. NULL and err: no such format, or two. */
const struct source_kind *source_find(const struct extract_config *config, struct error *err);

#endif
