/* SPDX-License-Identifier: MIT */
/*
 * Rows into typed batches. A row is tried first: its numbers are put in place,
 * its texts looked at; only build_add makes it a row. So a row that is given up
 * halfway leaves no trace. A batch is full at a number of rows that hangs on the types alone: what its texts take
 * is for the caller to bound, who ends it where a stretch of text (files.h) ends.
 */
#ifndef BUILD_H
#define BUILD_H

#include "batch.h"
#include "cells.h"
#include "row.h"
#include "slots.h"

struct build;
/* Slots (settled) and schema are borrowed; the schema has a field for each slot, then _file, _line and _row if `origin`. Batches come out of
 * the pool, of which one count is taken. */
struct build *build_new(const struct slots *slots, const struct schema *schema, bool origin, struct pool *pool);
void build_free(struct build *build);
/* What was added and not finished is dropped. */
void build_restart(struct build *build);

/* Slots from `from` on (0: another row): gives the first whose cell can't stand there, or slots->n. A cell that was made null is tried again. */
size_t build_try(struct build *build, const struct row *row, size_t from);
/* The row that was tried is given up. */
void build_abandon(struct build *build);
/* The row that was tried, and fits, is there. number: its _row. file stays the caller's. */
void build_add(struct build *build, const struct row *row, const char *file, uint64_t number);

/* Rows of a block from cells->at on, column by column: as if each had been tried and added in turn until the builder was full, or the block came to
 * its end. Gives how many; cells->at stays. 0: a cell among them does not fit, and nothing was done. */
size_t build_cells(struct build *build, const struct cells *cells);

size_t build_rows(const struct build *build);
bool build_full(const struct build *build);
/* What was added becomes a batch (what was in it is dropped); the builder is empty again. */
void build_finish(struct build *build, struct batch *batch);
/* A batch of one file's rows, each with the number behind that of the one before: the first of them has this one. */
void build_renumber(const struct build *build, struct batch *batch, uint64_t number);

/* ---- what the rows were like, all that were added ---- */

/* How often a word for a missing value was taken as null in a slot. */
uint64_t build_words(const struct build *build, size_t slot, int word);
/* How many times of another zone were converted (any_zone). */
uint64_t build_converted(const struct build *build, size_t slot);
/* Words without a digit, of a few letters, each once; more: there were others, or what is no such word. */
enum { ODD_WORDS = 3, ODD_WORD_SIZE = 24 };
struct odd_words { size_t n; bool more; char texts[ODD_WORDS][ODD_WORD_SIZE]; };
/* Of a slot that is watched (nearly): its cells, those that are not like the others, and where the first of these stood, above all others (top)
 * or not; how many of them are words of a spreadsheet's faults, and which (null_words.h): a bit each; which words the rest are. */
struct build_odd { uint64_t n_cells, n_odd, n_faults, line; unsigned faults; bool top; const char *file; struct odd_words words; };
struct build_odd build_odd(const struct build *build, size_t slot);
/* What the rows of a builder of the same slots were like joins that, as if they had come behind; it begins anew. */
void build_join(struct build *build, struct build *later);
void build_disown(struct build *build);         /* it begins anew */

#endif
