/* SPDX-License-Identifier: MIT */
/*
 * As what `parse` would read a text column: the kind, with its options, that reads
 * most rows of what was seen.
 */
#ifndef TEXT_KIND_H
#define TEXT_KIND_H

#include <stdbool.h>

#include "buffer.h"
#include "distinct.h"

/*
 * Appends what stands behind `parse COLUMN as`: "money unit=$", "number decimal=comma", "date %d-%m-%Y"; of equals the plainer one. levels: texts
 * with their rows as counts. False, and nothing appended: no kind reads half of the rows, or the order of day and month can't be told.
 */
bool text_kind_find(const struct distinct *levels, struct buffer *to);

#endif
