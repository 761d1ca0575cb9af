/* SPDX-License-Identifier: MIT */
/* The rows of all files, one after the other, as often as it takes. */
#ifndef FILES_H
#define FILES_H

#include "cells.h"
#include "cut.h"
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
	bool few;                       /* bytes: they are kept rather than read again */
	size_t stretch;                 /* bytes; STRETCH_BYTES but for tests */
	struct pool *pool;              /* of what is read */
	struct progress *progress;
};

/*
 * The text of all files, as it is decoded, is counted in stretches of so many bytes. Rows of a batch begin in one stretch: so
 * batches are the same, whoever made them.
 */
enum { STRETCH_BYTES = 1024 * 1024 };

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

/* Where the next row of a reader begins, or what stands before it; and the stretch that it is in ends. */
uint64_t files_at(const struct files *files);
uint64_t files_stretch_end(const struct files *files, uint64_t at);
/* The rows that come next as a block, or none: then files_next has the next one. most, upto, wait: as in struct row_format. */
void files_cells(struct files *files, struct cells *cells, size_t most, size_t upto, bool wait);
/* The rows of the stretch that come next, of one file, as in struct row_format. Their numbers are not known then: they count once files_pass says how many
 * there were. */
bool files_cut(struct files *files, struct cut *cut);
void files_pass(struct files *files, uint64_t n_rows, uint64_t at);

bool files_rewind(const struct files *files);           /* all of them can be read again */
struct decoded files_decoded(const struct files *files);        /* what came of the encodings: in the pass of each file that was last */
uint64_t files_lines(const struct files *files);        /* of the only file, once it was read, and of its footer; 0: there are several, or none */

#endif
