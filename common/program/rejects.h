/* SPDX-License-Identifier: MIT */
/*
 * Rows that were refused, kept for people and for a second try: JSON lines
 * {"program","reason","file","line","record"} appended to a file as they occur, each whole, also where the disk is full. They stay when the run fails.
 * A NULL `rejects` (no --rejects given) takes everything and keeps nothing.
 */
#ifndef REJECTS_H
#define REJECTS_H

#include "batch.h"
#include "error.h"
#include "host.h"

struct rejects;
int rejects_open(struct rejects **rejects, const char *path, const struct host *host, struct error *err) MUST_CHECK;     /* path NULL: *rejects is NULL */
/* "record" is an object of all fields but the origin ones, which give file and line. */
int rejects_add(struct rejects *rejects, const char *reason, struct batch *batch, size_t row, struct error *err) MUST_CHECK;
/* "record" is the raw text. line 0: where there are no lines; then "row" tells the row of its file, from 0. */
int rejects_add_raw(struct rejects *rejects, const char *reason, const char *file, uint64_t line, uint64_t row, const char *raw, size_t size,
                    struct error *err) MUST_CHECK;
/* What a batch rejects while others are at work: gathered in memory, written by rejects_take in its turn. NULL of NULL. */
struct rejects *rejects_part(const struct rejects *of);
int rejects_take(struct rejects *rejects, struct rejects *part, struct error *err) MUST_CHECK;  /* empties the part */
void rejects_clear(struct rejects *part);       /* what it gathered is not wanted; NULL is fine */
int rejects_close(struct rejects *rejects, struct error *err) MUST_CHECK;                       /* NULL is fine */

#endif
