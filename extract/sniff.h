/* SPDX-License-Identifier: MIT */
/*
 * The dialect of a CSV file, as far as nobody said it, from its first bytes: the
 * delimiter, the quotes, the lines above the header, and whether there is a header.
 * The plain dialect (commas, double quotes, a header in the first line) stands unless
 * the rows prove another one:
 *
 *     delimiter    one of ; tab | with which nearly all rows have as many cells as the header, two or more, while commas part fewer of them so,
 *                  or only without the first line, or into fewer cells that are no numbers;
 *                  one blank between words, numbers among them, where nothing else is a delimiter, or, as logs of servers have it, where nothing else
 *                  makes rows of the lines and each has some in quotes;
 *                  one of : ^ ~ where nothing else is, all rows have equally many, a column of numbers among them, and it is none of times
 *                  (12:30), ratios, addresses, prose (a: b) or paths
 *                  ; where all lines are one amount of money or percent, commas between its thousands ($1,234.50), so that it is one column
 *     quote        ' around cells in half of the rows, never where it means something else, and no cell in "
 *     escape       a backslash, where rows are broken, or have other numbers of cells, unless it takes quotes and delimiters for text
 *     blanks       around cells are dropped where a quote stands behind one, which is in the wrong place else
 *     numbers      the decimal mark is a comma where the delimiter is none, and a column is numbers with one that is no mark between
 *                  groups of three digits (12,5; 0,123; 1.234,56); that mark is found where it can be nothing else: beside
 *                  the decimal mark in one number (1.234,56), a comma twice behind one digit or two (6,000,000), or
 *                  twenty times and more throughout: a blank or ', and, where commas part the cells and no column has a decimal comma, a comma
 *     lines        above the header: sep=; in the first line; comments (#), and titles, where the header is one of names above a column of numbers ("9,443" in quotes, too)
 *     no header    numbers in the first row, as in the columns below, one of them twice, with a point or a sign, or two texts that stand below again,
 *                  each in its column: names are not so; nor is \N, a null, or a day (2024-05-01, alone or with a time) above days
 *
 * What is not proven is left to those who judge rows, and tell what helps (dialect.h).
 */
#ifndef SNIFF_H
#define SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lists.h"
#include "names.h"
#include "number_marks.h"

enum { SNIFF_SIZE = 64 * 1024, SNIFF_LINES = 5, SNIFF_MOST = 16 << 20 };        /* as much is looked at; where it has fewer lines, more, up to the last */

/* How a file is read, as given or found. hint: where nothing is proven, but most lines have as many cells, three or more, from some line on:
 * what may be advised; n_cells 0: nothing. names_again: names of the header stand below again, as values do, and no types tell it from data.
 * wrapped: each line is one cell in quotes, and without these they are a table of several, names above numbers. one_column: no delimiter parts the lines, if it was looked for. */
struct settled {
	char delimiter[DELIMITER_SIZE];
	int quote, escape;              /* -1: none */
	int comment;                    /* -1: none */
	int64_t skip_lines;             /* from the first line on */
	bool no_header, trim, names_again, wrapped, one_column;
	struct number_marks marks;
	struct sniff_hint { char delimiter; int64_t skip_lines; size_t n_cells; } hint;
};

/* What is to be found; what is not stands in the struct settled. */
struct sought { bool delimiter, quote, lines, header, escape, trim, decimal, thousands; };

/* bytes: a text from its first line on, or from behind the lines that are left out if these are not sought. whole: there are no more. */
void sniff(const char *bytes, size_t size, bool whole, const struct sought *sought, struct settled *settled);
/* Whether a first line, which is complete, leaves nothing to be looked for: it is names between commas, or one name; or between the delimiter that was
 * given, where the marks of numbers were given, too. Without types nobody knows; with them the marks that commas in quotes may have are not looked for. */
bool sniff_is_plain(const char *line, size_t size, const struct sought *sought, const struct settled *given);
/* Where the first line does not: the same of the first lines, whole ones, two or more. What more of them could prove is excluded: they have equally many cells
 * between the commas, or the delimiter given, no other delimiter, ' or backslash, and the header is known: there is none, as in sniff(), or names stand above numbers or days, or
 * above two rows of texts. false: they do not tell, and nothing is settled. */
bool sniff_early(const char *lines, size_t size, const struct sought *sought, struct settled *settled);
/* The options that say what `found` has and `plain` has not: names and values, as --like keeps them. */
void sniff_options(const struct settled *plain, const struct settled *found, struct names *options, struct names *values);

#endif
