/* SPDX-License-Identifier: MIT */
/*
 * Rows and cells that are not as they should be: what --on-bad-row, --on-misfit,
 * --rejects and --max-bad say is done here, and counted. Files may be passed more
 * than once; `report` is set for the one pass that counts.
 *
 * Who leaves out over half of the rows does not have the file that he takes it for:
 * from the twentieth row on, and at the end, that fails, unless --max-bad says how many
 * may be bad.
 */
#ifndef BAD_H
#define BAD_H

#include "cells_config.h"
#include "config.h"
#include "rejects.h"
#include "row.h"
#include "slots.h"
#include "stream.h"

struct bad {
	const struct extract_config *config;
	int on_bad_row;                 /* enum bad_row */
	bool fixed;                     /* the types came with the rows and can't be asked to be others: set by who knows */
	struct rejects *rejects;
	struct stage *stage;            /* rejected, dropped and counts go there; borrowed */
	bool report;
	uint64_t most;                  /* --max-bad N */
	double share;                   /* --max-bad P%; below 0: not given */
	uint64_t n_bad;
	uint64_t n_gone;                /* of them, rows that were left out: not those that were padded, or got a null */
	char *first;                    /* where the first of these was, what was wrong and what may help; NULL: there was none */
	uint64_t last;                  /* the row that was counted last, + 1: a row counts once */
};

enum verdict { ROW_STAYS, ROW_GOES, ROW_FAILS };

/* rows: of formats of rows and cells, or NULL. */
int bad_open(struct bad *bad, const struct extract_config *config, const struct rows_config *rows, struct stage *stage, struct error *err) MUST_CHECK;

/* A row with broken quotes, or too few or too many cells. Rows that stay got nulls for missing cells, or lost empty ones. */
enum verdict bad_row(struct bad *bad, struct row *row, const struct columns *columns, struct error *err) MUST_CHECK;
/* A cell that is no value of its column's type, or no UTF-8. If the row stays the cell became null. */
enum verdict bad_cell(struct bad *bad, struct row *row, const struct slot *slot, const char *name, struct error *err) MUST_CHECK;
/* After the last row: whether --max-bad P% was kept to, or not over half of the rows are gone. */
int bad_finish(const struct bad *bad, uint64_t n_rows, struct error *err) MUST_CHECK;
/* One line for people, if anything was bad. */
void bad_say(const struct bad *bad, uint64_t n_rows);
int bad_close(struct bad *bad, struct error *err) MUST_CHECK;

#endif
