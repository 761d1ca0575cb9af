/* SPDX-License-Identifier: MIT */
/* Every kind of source, once, in the order in which help lists them. */
#ifndef SOURCES_H
#define SOURCES_H

#include "source.h"

#define SOURCES(X) \
	X(csv) \
	X(tsv) \
	X(msgpack)

#define X(name) extern const struct source_kind source_##name;
SOURCES(X)
#undef X

/* By -f, or else by the ending that all files share; csv if none is known. NULL and err: no such format, or two. */
const struct source_kind *source_find(const struct extract_config *config, struct error *err);
size_t source_count(void);
const struct source_kind *source_at(size_t i);

#endif
