/* SPDX-License-Identifier: MIT */
/*
 * As what `parse` would read a text column: the kind, with its options, that reads
 * most rows of what was seen.
 */
#ifndef TEXT_KIND_H
#define TEXT_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "distinct.h"

/*
 * Appends what stands behind `parse COLUMN as`: "money unit=$", "number decimal=comma", "date %d-%m-%Y"; of equals the plainer one; "date FORM"
 * where a date's day and month could be either way. levels: texts with their rows as counts. dates: looks for these alone. Returns how many
 * rows the kind reads; 0, and nothing appended: none reads half of them.
 */
uint64_t text_kind_find(const struct distinct *levels, bool dates, struct buffer *to);

#endif
