/* SPDX-License-Identifier: MIT */
/*
 * What formats of rows and cells are asked alike. A format's own config begins with
 * the struct that it has in common with others, and its table with their rows.
 */
#ifndef CELLS_CONFIG_H
#define CELLS_CONFIG_H

#include "options.h"

/* ---- of all that go through rows.h ---- */

enum bad_row { BAD_ROW_FAIL, BAD_ROW_SKIP, BAD_ROW_PAD, BAD_ROW_REJECT };

enum { TYPES_ROWS = 64 * 1024 };        /* rows that tell the types where not all can be seen */

struct rows_config {
	int64_t types_rows;             /* 0: not given */
	int on_bad_row;                 /* enum bad_row */
	bool no_null_words;             /* of texts in lines */
};

#define ROWS_OPTIONS \
	{ "types-rows", 0, OPTION_INT, offsetof(struct rows_config, types_rows), "N", NULL, 1, 1e12, \
	  "types from the first N rows (default: from all rows of a regular file, from the first 65536 of a pipe)" }, \
	{ "on-bad-row", 0, OPTION_CHOICE, offsetof(struct rows_config, on_bad_row), NULL, "fail|skip|pad|reject", 0, 0, \
	  "a row with too many or too few cells or a quote in the wrong place: fail (default), skip it, reject it, or pad: fill up a short one with nulls and cut empty cells off a long one" }

/* ---- of texts in lines ---- */

struct text_config {
	struct rows_config rows;
	const char *delimiter;          /* NULL: the format's */
	const char *encoding;           /* NULL: UTF-8, or by its mark */
	struct text_list names;         /* comma lists */
	const char *comment;            /* NULL: there are none */
	const char *decimal, *thousands;        /* NULL: a point; none */
	int64_t skip_lines, skip_footer;
	int on_bad_utf8;                /* enum bad_utf8 */
	bool no_header, trim;
};

#define TEXT_ROW(name, type, member, argument, most, help) \
	{ name, 0, type, offsetof(struct text_config, member), argument, NULL, 0, most, help }
#define TEXT_NOT(name, of, help) { name, 0, OPTION_NOT, 0, NULL, of, 0, 0, help }
#define TEXT_OPTIONS \
	TEXT_ROW("encoding", OPTION_TEXT, encoding, "NAME", 0, \
	         "the encoding of the files: latin-1, windows-1252, utf-16, shift_jis, or any other that iconv -l lists (default: UTF-8; UTF-16 and UTF-32 by their marks)"), \
	{ "on-bad-utf8", 0, OPTION_CHOICE, offsetof(struct text_config, on_bad_utf8), NULL, "fail|replace", 0, 0, \
	  "bytes that are no UTF-8, or none of --encoding: fail (default; of UTF-8 --on-misfit counts), or replace by U+FFFD" }, \
	TEXT_ROW("delimiter", OPTION_TEXT, delimiter, "C", 0, "what stands between cells, a byte or comma, tab, semicolon, pipe, space; csv: or several bytes (found by looking, else comma)"), \
	TEXT_ROW("decimal", OPTION_TEXT, decimal, "C", 0, "the decimal mark of numbers: comma or point (csv: a comma is found by looking, else point)"), \
	TEXT_ROW("thousands", OPTION_TEXT, thousands, "C", 0, "the mark between groups of three digits: comma, point, space, ' or _, or none (csv: found where it can be nothing else, else none)"), \
	TEXT_ROW("no-header", OPTION_FLAG, no_header, NULL, 0, "the first line is data; the columns are named c1, c2, ... or by --names"), \
	TEXT_NOT("header", "no-header", "the first line is the header (default; csv: unless it is plainly data)"), \
	TEXT_ROW("names", OPTION_LIST, names, "NAME,...", 0, "names of the columns, instead of those in the header"), \
	TEXT_NOT("no-names", "names", "the names in the header, or c1, c2, ... (default)"), \
	TEXT_ROW("skip-lines", OPTION_INT, skip_lines, "N", 1e9, "leave out the first N lines of each file, which stand before its header (csv: else found by looking)"), \
	TEXT_ROW("skip-footer", OPTION_INT, skip_footer, "N", 1e6, "leave out the last N lines of each file, which stand below its rows: sums, sources"), \
	TEXT_ROW("comment", OPTION_TEXT, comment, "C", 0, "leave out lines that begin with this byte, where a row would begin ('': none, the default)"), \
	TEXT_ROW("no-null-words", OPTION_FLAG, rows.no_null_words, NULL, 0, "NA, ?, NULL and the like are text, and so is a column that has one"), \
	TEXT_NOT("null-words", "no-null-words", "they are null in columns that are otherwise numbers, times or bools (default)"), \
	TEXT_ROW("trim", OPTION_FLAG, trim, NULL, 0, "drop blanks and tabs around cells that have no quotes; one of nothing else is null"), \
	TEXT_NOT("no-trim", "trim", "such blanks are part of the cell (default)"), \
	ROWS_OPTIONS

#endif
