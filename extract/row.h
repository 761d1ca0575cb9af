/* SPDX-License-Identifier: MIT */
/*
 * A row as a format hands it out, before anybody knows what its columns are, and
 * the interface of such formats. CSV and TSV give CELL_TEXT, which may turn out
 * to be any type; a foreign msgpack record knows more.
 */
#ifndef ROW_H
#define ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "config.h"
#include "dialect.h"
#include "error.h"
#include "input.h"
#include "memory.h"
#include "names.h"
#include "number_marks.h"
#include "schema.h"
#include "sniff.h"

struct cells;
struct cut;

enum cell_kind {
	CELL_NULL,
	CELL_TEXT,              /* characters: a number, a time, a text */
	CELL_STRING,            /* a text that says of itself that it is one: "007" of a foreign record */
	CELL_INT, CELL_BOOL, CELL_TIME,         /* as.number: microseconds since 1970 for a time */
	CELL_REAL,                              /* as.real, finite */
};

struct cell {
	uint32_t kind, size;    /* size of text */
	union { const char *text; int64_t number; double real; } as;
};

struct row {
	struct cell *cells;     /* of the reader; there until its next call, and may be changed until then. Room for all columns */
	size_t n_cells;
	size_t room;            /* of cells; a row that is too long has n_cells > room: its last cells are only counted */
	uint64_t line;          /* where it begins, from 1; 0: where there are no lines */
	const char *file;       /* this and the next two by files_next */
	uint64_t in_file, number;       /* which row of its file, and of all files, from 0 */
	const char *raw;        /* as it stands in the file, with its line end; for rejects */
	size_t raw_size;
	const char *text;       /* texts of cells lie in raw or here */
	size_t text_size;
	bool behind_gap;        /* an empty line, which is no row, stands before it */
	bool ascii;             /* no byte of it is 0x80 or more: no text of it needs a look at its UTF-8 */
	void (*print_raw)(const struct row *row, struct buffer *to);    /* raw for people; NULL: it is text */
	const char *broken;     /* it is no row at all, for this reason ("a quote within a cell ..."); NULL: it is */
	const char *advice;     /* then: what to do about the cell behind the last of cells; NULL: no cell is to blame */
};

/* The first file's header in whose place --names stand: its cells as they stand. line 0: there is none. told: what it seems to be was said. */
struct replaced_header { struct names cells; uint64_t line; bool told; };

/* The columns that the files have, shared by their readers. */
struct columns {
	struct schema schema;   /* names; types and roles too, if typed */
	struct names header;    /* the cells of the header as they stand, empty ones too; none: the names came otherwise (column_names.h) */
	struct replaced_header replaced;
	const char *file;       /* which gave the names */
	bool named;             /* the names are known */
	struct dialect dialect;         /* of the file that gave them */
	const struct inherited *inherited;      /* how they are read by --like; NULL: not known */
	struct settled settled;         /* how they are read, once `looked`: as given, or found in the first of them */
	bool looked;
	struct number_marks marks;      /* of numbers in texts, set before the columns are named */
	struct names found, found_values;       /* the options that say what was found: as --like keeps them */
	bool told_escapes, told_quotes;         /* what a reader has to remark on cells of the files was said */
	size_t n_cut;           /* empty cells behind those of the header, in all rows, which are cut off (first_look.h) */
	bool growing;           /* a reader may still append: a record with a new field does */
};

/*
 * open, then start once for each time that the input is read from its beginning, then next until it gives NULL.
 * `start` reads what stands before the first row: it names the columns, or finds that they are those of the file before.
 * config: the format's own, which begins with a struct rows_config (cells_config.h).
 * `next` may also give INPUT_SILENT, where its input is in a hurry: then the row, or the end, is yet to come.
 *
 * `cells` may give the rows that come next, or the first of them, as a block (cells.h), at most `most`, out of the next `upto` bytes: between two
 * calls of `next`, which goes on behind them and has to give what they do not hold; so no rows is always an answer, and where reading
 * fails the rows before that, if any. wait: until there are many.
 *
 * `cut` may take the rows that begin within the next `upto` bytes all at once, unseen (cut.h), where the others may be called, too; false, and nothing is
 * taken, is always an answer. While it is called by one thread what it took may be split by others.
 */
struct row_format {
	bool typed;             /* its columns come with their types and roles, and nothing is added to them */
	bool text;              /* its config begins with a struct text_config, and its input is UTF-8 (encoding.h) */
	bool words;             /* a word in a column of numbers may stand for a missing value */
	int (*open)(void **reader, struct input *input, struct columns *columns, const void *config, struct error *err);
	int (*start)(void *reader, struct error *err);
	int (*next)(void *reader, struct row **row, struct error *err);
	void (*cells)(void *reader, struct cells *cells, size_t most, size_t upto, bool wait);        /* NULL, as cut: it has no blocks */
	bool (*cut)(void *reader, size_t upto, struct cut *cut);
	void (*close)(void *reader);
};

/* Room for more cells. */
static inline void row_grow(struct row *row)
{
	row->room = row->room ? 2 * row->room : 64;
	row->cells = mem_resize(row->cells, row->room, sizeof *row->cells);
}

static inline bool cell_is_text(const struct cell *cell) { return cell->kind == CELL_TEXT || cell->kind == CELL_STRING; }

#endif
