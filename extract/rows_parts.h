/* SPDX-License-Identifier: MIT */
/*
 * What the reading of rows is made of: rows.c, which finds the types and is the source; rows_look.c and rows_build.c, which take
 * rows in turn, and stretches.c, which takes stretches of them side by side through the same two.
 *
 * A pass goes over all rows, stretch by stretch (files.h). In a pass that looks each says what it has to say of the types; in
 * one that builds they become batches. Whoever takes a stretch, its rows come out as if they had come one by one:
 *
 *     pass    stretches_next, as far as stretches can be cut -> a stretch in turn -> stretches_next ...
 *     in turn rows_cells, blocks of clean rows; and between them, or within one that is odd, rows_next_row
 */
#ifndef ROWS_PARTS_H
#define ROWS_PARTS_H

#include "build.h"
#include "cells_config.h"
#include "extraction.h"
#include "files.h"
#include "first_look.h"
#include "row_counts.h"

enum phase {
	PHASE_SAMPLE,           /* the first rows, of what is to come again */
	PHASE_LOOK,             /* all rows, for the types */
	PHASE_BUILD,            /* the types are settled */
};

struct rows {
	const struct extract_config *config;
	const struct rows_config *own;  /* what only rows of cells are asked */
	struct extraction all;
	struct files files;
	enum phase phase;
	bool typed;                     /* the files bring types and roles along, and _file, _line and _row if they have them */
	bool remarked;                  /* on the columns, at the end */
	bool reported;                  /* a whole pass has counted what was bad */
	uint64_t n_seen;                /* rows of that pass */
	uint64_t total_line;            /* of the last row of the last batch, if it seems to be a total; 0: it does not */
	uint64_t behind_title;          /* where the header seems to be if the first row is a title; 0: it is none */
	struct row_cut cut;
	struct row_counts counts;       /* columns without a name, of the pass that looks at all rows */
	size_t n_zones;                 /* columns given as time whose zone is known */
	struct build *build;

	/* Rows in turn. */
	struct cells cells;             /* the block that is taken */
	size_t step;                    /* so many of its rows are tried at once: few behind an odd one */
	size_t singly, odd_run;         /* rows that are taken singly first, and how many that were behind the last odd one, less those that went together since */
	uint64_t stretch_end;           /* of the stretch in which the last row began; 0: none was begun */
	bool ended;                     /* the pass has no more rows */

	struct stretches *stretches;    /* those that are on their way */
	struct batch_queue { struct batch *items; size_t n, at, room; } ready;      /* batches to be given out before all others */
};

/* From the first row again, for the next phase. */
void rows_restart(struct rows *rows, enum phase phase);
/* Where the next row begins, or what stands before it. */
uint64_t rows_at(const struct rows *rows);
uint64_t rows_given(const struct rows *rows);           /* rows of this pass that were handed out */
/* Whether the next rows stand in a block, from cells.at on, to be taken together; if none does, one is asked for: at most `most` rows, which
 * begin before rows->stretch_end. *part: a look at those that are to be tried now. */
bool rows_cells(struct rows *rows, uint64_t most, bool wait, struct cells *part);
/* n of them were taken; 0: one of them is odd, and none was. */
void rows_took(struct rows *rows, size_t n);
int rows_next_row(struct rows *rows, struct row **row, struct error *err) MUST_CHECK;
/* The stretch of the next row begins. */
void rows_begin_stretch(struct rows *rows);
const char *rows_slot_name(const struct rows *rows, const struct slot *slot);
/* Whether _file, _line and _row are added: typed rows have them, or not. */
bool rows_have_origin(const struct rows *rows);
void rows_tell_cut(const struct rows *rows);
/* Whether a row has the cells that it should. The first one tells whether there are empty ones behind them. */
enum verdict rows_judge(struct rows *rows, struct row *row, struct error *err) MUST_CHECK;

/* ---- rows_look.c ---- */

/* Cells that are at fault whatever the types will be: no value of a type that was given, or no UTF-8. */
enum verdict rows_judge_cells(struct rows *rows, struct row *row, struct error *err) MUST_CHECK;
/* Rows in turn say what they have to say of the types: up to the end of the stretch, or until `most` were given in this pass; the end sets rows->ended. */
int rows_look(struct rows *rows, uint64_t most, struct error *err) MUST_CHECK;
/* What is known of columns where a stretch ends. */
void rows_settle(struct rows *rows);
/* No type is open, and no zone: no more rows need to be waited for. */
bool rows_know_enough(const struct rows *rows);

/* ---- rows_build.c ---- */

/* The next batch of rows in turn: as many as go together, of one stretch. None: the stretch is over, or all rows are, rows->ended. */
int rows_build(struct rows *rows, struct batch *to, bool now, struct error *err) MUST_CHECK;
void rows_queue(struct rows *rows, struct batch *batch);        /* its rows become those that are ready, behind others */
bool rows_dequeue(struct rows *rows, struct batch *to);

#endif
