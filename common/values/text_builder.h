/* SPDX-License-Identifier: MIT */
/*
 * A text builder makes a text column out of rows that come one by one: equal texts are
 * stored once while they are few, and the column has a dictionary when that is smaller.
 *
 *     text_builder_new -> ((text_builder_add | text_builder_add_missing) ... -> text_builder_finish) ... -> text_builder_free
 *
 * One builder serves column after column, and keeps its memory; what a column is hangs on its own rows only. Texts are
 * copied when they are added. The finished
 * column is the caller's, for batch_put or column_drop; it lies in the pool and outlives the builder.
 *
 * A missing row is not an empty text: it is cleared in the column's bit map. Nothing here fails; the
 * caller adds UTF-8, which is not looked at, and no more than 4 GiB of it for a column.
 */
#ifndef TEXT_BUILDER_H
#define TEXT_BUILDER_H

#include <stddef.h>

#include "batch.h"
#include "cpu.h"

struct text_builder;
struct text_builder *text_builder_new(void);
void text_builder_free(struct text_builder *builder);           /* NULL is fine */
void text_builder_clear(struct text_builder *builder);          /* the rows added since the last column are dropped */
void text_builder_add(struct text_builder *builder, const char *bytes, size_t size);
void text_builder_add_missing(struct text_builder *builder);
/*
 * Many rows as if one by one, each in its place in a run of bytes: the text of row i stands from begins[i * begin_step] + after up to
 * ends[i * end_step]. If it is empty the row is missing. If it begins with `quote` (-1: none does) it ends with it, too, and has those within
 * doubled: what counts is between them, which may be empty. TEXT_SLACK bytes behind the begin of each text, and behind its end, may be read.
 */
enum { TEXT_SLACK = 64 };
struct text_places { const char *bytes; const uint32_t *begins, *ends; size_t begin_step, end_step; uint32_t after; int quote; };
void text_builder_add_places(struct text_builder *builder, const struct text_places *places, size_t n);
void text_builder_set_lanes(struct text_builder *builder, enum cpu_lanes lanes);        /* from now on by fewer than cpu_lanes, which gives the same */
/* The column of all rows added, to be put; *column is overwritten, the builder is empty again. */
void text_builder_finish(struct text_builder *builder, struct pool *pool, struct column *column);

#endif
