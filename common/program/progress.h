/* SPDX-License-Identifier: MIT */
/*
 * A line on the terminal that says how far a program is, rewritten in place:
 *
 *     extract: scanning  1.2 M rows  48 %  3.1 M rows/s  0:02 left
 *
 * It is there only if somebody watches (host.h: shows_lines); who asks is told once
 * in any case.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

struct progress;
/* total: of what progress_rows counts as done; 0: not known. quiet: only who asks is told. */
struct progress *progress_new(uint64_t total, bool quiet, const struct host *host);
void progress_free(struct progress *progress);                 /* clears the line; NULL is fine */
/* What is being done ("scanning"); counts begin anew. The text stays the caller's. */
void progress_phase(struct progress *progress, const char *what);
/* Cheap enough for every thousandth row: prints at most five times a second. */
void progress_rows(struct progress *progress, uint64_t rows, uint64_t done);
void progress_clear(struct progress *progress);                /* before something else is printed */

#endif
