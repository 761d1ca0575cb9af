/* SPDX-License-Identifier: MIT */
/* The rows of all files, one after the other, as often as it takes. */
#ifndef FILES_H
#define FILES_H

#include "cells.h"
#include "config.h"
#include "names.h"
#include "progress.h"
#include "row.h"

struct files {
	const struct row_format *format;
	const void *own;                /* the format's config */
	struct input *inputs;
	size_t n, at;                   /* at: which is being read; n behind the last */
	void *reader;                   /* of it; NULL: not open */
	struct columns columns;
	struct names nulls;             /* texts that mean null */
	uint64_t n_row;                 /* rows of this file so far */
	uint64_t n_rows;                /* rows of this pass so far */
	uint64_t n_bytes;               /* of the files before this one, in this pass */
	bool hurry;                     /* rows that were given wait for the next one: files_next may give INPUT_SILENT */
	struct progress *progress;
};

/* The operands of the command line; none: standard input. All are looked at before the first is read. */
int files_open(struct files *files, const struct row_format *format, const struct extract_config *config, const void *own,
               struct error *err) MUST_CHECK;
void files_close(struct files *files);
/* From the first row again. keep: what is read from now on stays, so that the next pass can have it from a pipe, too. */
void files_restart(struct files *files, bool keep, const char *what);
/* Opens the file that comes next, if none is open: after that `columns` are named. */
int files_start(struct files *files, struct error *err) MUST_CHECK;
/* NULL behind the last row of the last file. INPUT_SILENT, in a hurry: there is none yet, ask again. */
int files_next(struct files *files, struct row **row, struct error *err) MUST_CHECK;

/* Whether rows come in blocks, mostly. */
bool files_in_cells(const struct files *files);
/* The rows that come next as a block, at most `most`, or none: then files_next has the next one. wait: as in struct row_format. */
void files_cells(struct files *files, struct cells *cells, size_t most, bool wait);

bool files_rewind(const struct files *files);           /* all of them can be read again */
uint64_t files_replaced(const struct files *files);     /* sequences that were broken in their encoding: in the pass of each file that was last */
uint64_t files_bytes(const struct files *files);        /* read in this pass */

#endif
