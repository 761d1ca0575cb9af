/* SPDX-License-Identifier: MIT */
/*
 * Tables as programs print them for people, with blanks between the columns (ps aux, df -h, ls -l), and records one below the other, as
 * mysql's \G has them: none of this is CSV, and as such it would be one column of text. Only what is sure is taken for such a table:
 *
 *     USER       PID %CPU %MEM COMMAND         names, three and more, none of which begins with a digit and is a number or size;
 *     root         1  0.0  0.1 /sbin/init x    rows with two words and more, at the same places in all, that are numbers or sizes (12G, 3%, 10:30),
 *     bob        200  0.0 12.5 sleep 5         and stand under their names, in half of the rows at least;
 *     ann      31415  2.5 11.0 vi              several blanks side by side in the names, and in half of the rows at least
 *
 * The last column may hold blanks. A file of sentences has none of it.
 */
#ifndef PRINTED_H
#define PRINTED_H

#include "input.h"

/* PRINTED_LIST: `total 4` stands before the rows, which have no names. n_cells: of the columns. */
enum printed_kind { PRINTED_NOT, PRINTED_TABLE, PRINTED_LIST, PRINTED_RECORDS };
struct printed_table { enum printed_kind kind; size_t n_cells; };
/* whole: there is no more of the text; else its last line is not looked at. Where rows and names have equally many words and real numbers the answer is PRINTED_NOT:
 * that is told by first_look.h. */
struct printed_table printed_find(const char *bytes, size_t size, bool whole);
/* The refusal, with the command that makes rows of it; always -1. */
int refuse_printed(const struct input *input, const struct printed_table *printed, struct error *err);

#endif
