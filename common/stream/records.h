/* SPDX-License-Identifier: MIT */
/*
 * Plain records: a row as one msgpack map, its keys the fields' names. --records and the sink msgpack
 * write them; a stream of them is read as if it came in batches.
 *
 *     records_new -> (records_add, until records_full or the end -> records_finish) ... -> records_free
 *
 * The schema outlives them. A map (an object of that type) is looked at while records_add runs, and not kept; the batch is
 * the caller's. A missing value is nil, or no key at all. Errors name the row and the field; after one
 * the records are only to be freed.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "buffer.h"
#include "pack.h"

/* Appends one map a row: ints, reals, bools, text as msgpack has them, times as its timestamp, missing as nil. Reads the columns: broken ones fail. */
int records_pack(struct batch *batch, struct buffer *to, struct error *err) MUST_CHECK;

struct records;
struct records *records_new(const struct schema *schema);
void records_free(struct records *records);                     /* NULL is fine */
bool records_full(const struct records *records);               /* a batch's worth */
/* A key that the schema lacks is an error. Values must fit the type: ints also in reals, integral reals in ints; times as
 * timestamp, microseconds or text in the field's form. row: for messages. */
int records_add(struct records *records, object map, uint64_t row, struct error *err) MUST_CHECK;
/* The rows added, as a batch; there are none then. */
void records_finish(struct records *records, struct pool *pool, struct batch *to);
/* Widens *type to what `value` needs for a field that no header describes; nil leaves it. *seen: whether a value came before. -1: nested. */
int records_widen(object value, enum type *type, bool *seen);

#endif
