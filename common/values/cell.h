/* SPDX-License-Identifier: MIT */
/* One value as text: what load, tables, rejects and messages print. */
#ifndef CELL_H
#define CELL_H

#include "batch.h"
#include "buffer.h"

/* Appends the value of a row (column_read first): ints in digits, reals, bools and times in their field's form (form.h), text as it
 * is. Missing: appends nothing and returns false. */
bool cell_print(const struct field *field, const struct column *column, size_t row, struct buffer *to);

/* The same text for equal values, however they were written: the shortest, of -0.0 that of 0.0. For keys and names of classes. */
bool cell_key(enum type type, const struct column *column, size_t row, struct buffer *to);

/* JSON: null, numbers, true/false, strings (control bytes, quotes and backslashes escaped; UTF-8 kept); time as text. */
void cell_print_json(const struct field *field, const struct column *column, size_t row, struct buffer *to);
void json_text(struct buffer *to, const char *bytes, size_t size);      /* with quotes; broken UTF-8 becomes U+FFFD */
void json_number(struct buffer *to, double value);      /* the shortest text that reads back the same; null where it is not finite */

/* Where a row came from, for messages: "deliveries.csv:17" out of the origin fields, or "row 16" (0-based index given). */
void cell_place(struct batch *batch, size_t row, uint64_t row_number, struct buffer *to);

#endif
