/* SPDX-License-Identifier: MIT */
/* Amounts with commas between their thousands ($1,234.50) that have no quotes, so that commas can't part the cells. */
#ifndef SNIFF_AMOUNTS_H
#define SNIFF_AMOUNTS_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct row;
struct sniff_text;

/* Whether the lines of a text are one column of these: all in one currency, or in percent, commas in one of them, below a first line without a comma
 * (AMOUNTS_NAMED), or from the first one on (AMOUNTS_ALL), where another number of commas or a decimal point tells that they can't be two columns. */
enum sniff_amounts { AMOUNTS_NOT, AMOUNTS_NAMED, AMOUNTS_ALL };
enum sniff_amounts sniff_amounts(const struct sniff_text *text);

/* Whether the row as a whole is one such amount, or a number with such commas. */
bool amounts_are_parted(const struct row *row);
/* Whether a row has too many cells since commas part amounts of it: adds the command that puts quotes around such. */
bool amounts_advise(const struct row *row, size_t n_columns, struct buffer *to);

#endif
