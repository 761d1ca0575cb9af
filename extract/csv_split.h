/* SPDX-License-Identifier: MIT */
/*
 * Rows of CSV in dialects that libcsv does not know: delimiters of several bytes, a byte
 * that escapes quotes, delimiters and line ends, and quotes in the middle of a cell that stand
 * for inches and seconds (6'2", 37.8"N). It is fed line by line, as libcsv is (source_csv.c), and means the same
 * where libcsv knows the dialect, too.
 *
 *     csv_split_begin, then csv_split with each line until it gives no SPLIT_MORE; at the end of the file csv_split_end
 */
#ifndef CSV_SPLIT_H
#define CSV_SPLIT_H

#include "row.h"

/*
 * A quote within a cell that has none around it is text directly behind a digit, else, but for `lazy`, at fault. The escape takes a quote, delimiter,
 * line end or another escape behind it for text, in quotes or not; before any other byte it is one like others: \N stays \N.
 */
struct csv_dialect {
	const char *delimiter;          /* one byte or more, not owned */
	int quote, escape;              /* -1: none */
	bool trim, lazy;
};

enum split_state { SPLIT_START, SPLIT_BARE, SPLIT_QUOTED, SPLIT_CLOSED };
enum split_result { SPLIT_ROW, SPLIT_MORE, SPLIT_BROKEN };

struct csv_split {
	const struct csv_dialect *dialect;
	struct row *row;
	char *text;                     /* of the cells: the caller's, who moves it with them */
	size_t text_size, from;         /* from: where the unfinished cell begins */
	enum split_state state;
	bool quoted;                    /* the unfinished cell */
	const char *rest;               /* SPLIT_BROKEN: the byte that is at fault; state: SPLIT_BARE or SPLIT_CLOSED */
};

/* For a new row, whose n_cells is 0. Cells are added to it as long as it has room, and counted beyond MAX_COLUMNS. */
void csv_split_begin(struct csv_split *split, const struct csv_dialect *dialect, struct row *row);
/* A line with its end. split->text has room for as many bytes more. SPLIT_MORE: the row goes on with the next line. */
enum split_result csv_split(struct csv_split *split, const char *line, size_t size);
/* The file ended: false where a quote is open. */
bool csv_split_end(struct csv_split *split);

#endif
