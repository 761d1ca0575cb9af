/* SPDX-License-Identifier: MIT */
/*
 * From batches of columns that bring their types to the source that extract gives:
 * a columnar file, a database. Columns are chosen and put in order (--columns), made
 * of the types that are asked for (--types, --like: else their own) and null where
 * --null says so; a value that is none of its column's type is handled as --on-misfit
 * says, row by row, in the order of rows and columns, whatever the batches are;
 * _file and _row are added. There is no _line: rows have none.
 *
 * Values turn into other types by the rules of fit.h for a type that was given: an int
 * is a real, 0 and 1 are bools, a text is what it reads as, and everything is a text,
 * as load prints it. A column that stays as it is is passed on uncopied.
 */
#ifndef COLUMNAR_H
#define COLUMNAR_H

#include "config.h"
#include "stream.h"

/* What is opened. All of it outlives the reader. */
struct columnar_place {
	const char *operand;            /* as the command line has it; "-": standard input, also if there is none */
	const void *own;                /* the kind's config */
	const struct host *host;        /* may be NULL; a reader that waits for others asks it whether it is to end */
};

/*
 * What a kind of source gives. For each operand of the command line, one after the other: open, start, next until it gives 0,
 * bookmark; close at any time after open, once. All but close: -1 and err, which names the operand.
 */
struct columnar_format {
	/* Opens the place and tells its columns: names, types, roles, units, forms. `schema` is empty and becomes the caller's. Later operands
	 * must have the columns of the first. name: empty; what people read, and _file, the header and messages say, where that is not the
	 * operand itself: without a password, say. It stands as soon as open returns, also with -1; *reader stays NULL then. */
	int (*open)(void **reader, const struct columnar_place *place, struct buffer *name, struct schema *schema, struct error *err);
	/* Which of its columns are wanted: the others need not be read. */
	int (*start)(void *reader, const bool *wanted, struct error *err);
	/* 1: rows, over a schema like that of open, at most BATCH_ROWS; `to` is the caller's. Columns keep to what batch.h says of them (column_read
	 * is called), those that are not wanted may have no run. 0: there are no more. now: as in stream.h. */
	int (*next)(void *reader, struct batch *to, bool now, struct error *err);
	/* How far it was read: adds to the bookmarks of the end. NULL: it can't tell. */
	void (*bookmark)(void *reader, struct bookmarks *to);
	void (*close)(void *reader);
};

/* Opens the first operand: the header is complete then. Both configs stay the caller's until source_close. The end's stage counts rows
 * in and rejected, and values made null. */
int columnar_open(struct source *source, const struct columnar_format *format, const struct extract_config *config, const void *own,
                  struct error *err) MUST_CHECK;

#endif
