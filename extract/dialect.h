/* SPDX-License-Identifier: MIT */
/*
 * What the lines of a text tell about how it was written, where rows and header do not
 * go together: another delimiter, lines before the header, a second table. It is for
 * advice: by what is proven sniff.h has the text read.
 */
#ifndef DIALECT_H
#define DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct columns;
struct names;
struct row;

enum { N_DELIMITERS = 4, DELIMITER_ROOM = 8 };

/* How often each usual delimiter stands in a line, outside of double quotes. */
struct delimiters { size_t n[N_DELIMITERS]; };

struct dialect {
	unsigned char delimiter;        /* that is used; 0: not a text, there is nothing to tell */
	bool given;                     /* by --delimiter, and not by --like: it is meant */
	struct delimiters header;       /* of the header, or of the first row where there is none */
	uint64_t header_line;           /* where the header seems to be; 0: not known, or not looked for */
	size_t n_cells;                 /* of all rows that were looked at for that; 0: they differ, or none was */
};

/* Rows from the first on, to find the header behind other lines: the last row of names before the first row of another kind, if both have
 * equally many cells. */
struct header_search { uint64_t line; size_t n_cells; bool begun, done; };
void header_search_add(struct header_search *search, const struct row *row, struct dialect *to);

/* Words between blanks, of rows of one column: the header (NULL: there is none) and all rows have equally many, and one of them is a number in
 * each row. n 0: it is not so. runs: several blanks stand together somewhere; edges: before the first word or behind the last. unnamed: the header
 * has one word less, and begins with a blank (indented): so pandas and R print the numbers of rows. */
enum { MOST_WORDS = 64 };
struct words { size_t n; bool begun, rows, runs, edges, indented, unnamed; uint64_t numbers; /* bit i: word i was a number in all rows */ };
void words_begin(struct words *words, const struct names *header);
void words_add(struct words *words, const struct row *row);
/* What to do about it; NULL: nothing. */
const char *words_advice(const struct words *words);

/* Rows from the first on, where the header is as titles are that a spreadsheet pads with delimiters: the first row that is not so, if it is
 * one of names. */
struct title_search { uint64_t line, names_line; size_t most; bool done, numbers; };
/* Of n cells, so many of them empty: one and empty ones behind it, or two empty ones and more, as a title has. One empty name of several is an index. */
static inline bool cells_are_title(size_t n, size_t n_empty, bool first_empty) { return n >= 2 && (n_empty >= 2 || (n_empty == n - 1 && !first_empty)); }
void title_search_begin(struct title_search *search, const struct names *header);
void title_search_add(struct title_search *search, const struct row *row);
uint64_t title_search_line(const struct title_search *search);          /* where the header may be; 0: nowhere */

void delimiters_count(const char *line, size_t size, struct delimiters *to);
void delimiters_drop(struct delimiters *from, char byte);       /* this one is text there */
/* Whether a header is words in quotes, two or more, with one blank between them. */
bool blanks_seem(const char *line, size_t size);
/* Whether all names stand between two of this byte: a quote that is not read as one. */
bool names_are_quoted(const struct names *names, char quote);
/* What to write behind --delimiter: one that the header has at least once, the row as often, and that gives more than n_columns. A NULL row:
 * the header alone tells. NULL: none. */
const char *delimiter_seems(const struct dialect *dialect, const struct delimiters *row, size_t n_columns);

/* The same of the header alone, whether the delimiter is meant or not, and what is written for the delimiter that is used. */
const char *delimiter_other(const struct dialect *dialect, size_t n_columns);
const char *delimiter_print(unsigned char delimiter, char room[DELIMITER_ROOM]);
/* The delimiter that a first line `sep=;` names, as Excel has it; 0: there is none, or a byte that can't be one. */
char delimiter_named(const char *line, size_t size);

/* All cells are numbers, or one has a decimal point: the first row of data, perhaps. */
bool row_is_data(const struct row *row);
/* How many cells behind the first n_columns the row has, if they are all empty; else 0. */
size_t row_excess(const struct row *row, size_t n_columns);

/* What to do about bytes that are no UTF-8, in brackets with others: 0x80 to 0x9F are letters and quotes in Windows-1252, but for five of them, control characters in
 * Latin-1; and where most of them stand together the letters are not Latin. */
const char *encoding_advice(const char *bytes, size_t size);

/* Whether all rows that were looked at have as many cells as this one, the first: the header is to blame, and none of them could be left out. */
bool dialect_all_rows(const struct row *row, const struct columns *columns);
/* What may be done about a row with too few or too many cells, without --on-bad-row: "--skip-lines 1: line 2 looks like the header". Adds
 * nothing if nothing seems to help. */
void dialect_advise(const struct row *row, const struct columns *columns, struct buffer *to);

#endif
