/* SPDX-License-Identifier: MIT */
/*
 * A table for people: cells of text, columns aligned (numbers to the right),
 * cells beyond 60 places cut, control bytes escaped. Used by every report and by load -f table.
 *
 *     name      rows    mean
 *     ────────  ────  ──────
 *     distance   100   8.113
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct table;

struct table *table_new(void);
void table_free(struct table *table);
void table_column(struct table *table, const char *title, bool right);         /* all columns before the first cell */
void table_limit(struct table *table, size_t max_cell);                        /* where cells of the last column are cut (60 unless said) */
void table_keep(struct table *table);                                          /* the last column stays where others are cut for the width */
void table_wrap(struct table *table);                                          /* the last column's cells go on in lines below where the width ends (table_print) */
void table_cell(struct table *table, const char *text, size_t size);           /* copies; a row is full after n_columns cells */
void table_format(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_number(struct table *table, double value, int digits);              /* number_print_short */
/* Lines indented by `indent`; wider than max_width (0: any): columns at the right that are not kept are cut (kept ones only where they
 * do not fit themselves, beside the first column if one of them does), and the last line says how many. */
void table_print(const struct table *table, struct buffer *to, size_t indent, size_t max_width);
/* The same for a table that is too long to hold: appends the rows added since the last call, which are then forgotten, the
 * titles the first time only. Widths stay those of the first call: wider text is cut, wider numbers push their row. */
void table_flow(struct table *table, struct buffer *to, size_t max_width);
/* The last line of a table_flow whose columns were cut; nothing otherwise. */
void table_flow_end(struct table *table, struct buffer *to);

#endif
