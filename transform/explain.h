/* SPDX-License-Identifier: MIT */
/* A unit for people, as --explain shows it: what it acts on, reads and writes, each in one line. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "buffer.h"
#include "lineage.h"

/* A unit that is bound. The line ends with a newline. */
void explain_unit(struct buffer *to, const struct unit *unit);

#endif
