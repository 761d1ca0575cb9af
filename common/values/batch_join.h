/* SPDX-License-Identifier: MIT */
/*
 * Batches of one schema and pool, one behind the other, as one: for who gathers rows
 * that come in small lots, or wants rows of two batches side by side.
 */
#ifndef BATCH_JOIN_H
#define BATCH_JOIN_H

#include "batch.h"

struct text_builder;

/*
 * All rows of n batches (1 or more), in order; these stay the caller's, and their columns are read: -1 where one is broken, and `to` is as it was. Texts are
 * gathered anew by `texts`. An encoding is written out; but what is narrow in all of them is so in `to`, if 4 bytes hold all numbers by the most digits of
 * one, and is read there if it was in the first.
 */
int batch_join(struct batch *to, struct batch *from, size_t n, struct text_builder *texts, struct error *err) MUST_CHECK;

#endif
