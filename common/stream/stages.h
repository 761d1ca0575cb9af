/* SPDX-License-Identifier: MIT */
/* What the programs of a pipe did, for people: what -v on its last one shows. */
#ifndef STAGES_H
#define STAGES_H

#include "buffer.h"
#include "stream.h"

/* A table with a row per program, and below it what was dropped and counted by reason. max_width as in table.h. */
void stages_print(const struct end *end, size_t max_width, struct buffer *to);
/* Its lines (tally_lines) as remarks. */
void note_tally(const struct tally *tally, bool all, const struct host *host);

#endif
