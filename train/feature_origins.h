/* SPDX-License-Identifier: MIT */
/*
 * Which columns of the records a model's features are made of, and why one is missing in a row: people know the columns that
 * they gave, not those that the preparation made of them.
 *
 *     feature_origins_new -> (feature_origins_batch -> feature_origins_why ...) ... -> feature_origins_free
 */
#ifndef FEATURE_ORIGINS_H
#define FEATURE_ORIGINS_H

#include "batch.h"
#include "lineage.h"

struct feature_origins;
/* lineage, have (of the records that come) and features outlive it. */
struct feature_origins *feature_origins_new(const struct lineage *lineage, const struct schema *have, const struct names *features);
/* The records that are asked about next; it stays as it is. */
void feature_origins_batch(struct feature_origins *origins, const struct batch *batch);
/* Of a feature that is missing in a row: what is to be said of which column, such as "is missing" of `signup`, "is not read as time", or
 * "gives no speed" of `km, minutes`. Both buffers are overwritten. Fails for broken input. */
int feature_origins_why(struct feature_origins *origins, size_t feature, size_t row, struct buffer *column, struct buffer *what,
                        struct error *err) MUST_CHECK;
/* The columns of the records that a feature is made of, as far as these go: where they hold the feature itself it is that. */
const struct names *feature_origins_raw(struct feature_origins *origins, size_t feature);
void feature_origins_free(struct feature_origins *origins);             /* NULL is fine */

#endif
