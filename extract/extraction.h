/* SPDX-License-Identifier: MIT */
/*
 * What every source of extract has, however it comes to its rows: what was asked of
 * its columns, what becomes of bad rows and cells, the header that leaves, the counts
 * and the end.
 */
#ifndef EXTRACTION_H
#define EXTRACTION_H

#include "amounts.h"
#include "bad.h"
#include "config.h"
#include "dates.h"
#include "names.h"
#include "remarks.h"
#include "slots.h"
#include "stream.h"

struct extraction {
	const struct extract_config *config;
	struct request request;
	struct slots slots;
	struct bad bad;
	struct pool *pool;
	struct stage stage;
	struct remarks remarks;
	struct amounts *amounts;        /* of each slot; NULL: no batch was given yet */
	struct dates *dates;            /* the same */
	struct header header;
	struct end end;
	uint64_t n_given;               /* rows given out */
};

/* rows: what only formats of rows and cells are asked, or NULL. config stays the caller's until extraction_close, which is due
 * also after a failure. */
int extraction_open(struct extraction *extraction, const struct extract_config *config, const struct rows_config *rows, struct error *err) MUST_CHECK;

/* The header's fields out of the slots, which are settled, and the origin fields behind them: `origin` names those that the source has,
 * NULL: none. source: for people. May be called again. */
enum { ORIGIN_FIELDS = 3 };
int extraction_header(struct extraction *extraction, const struct columns *columns, const char *const origin[ORIGIN_FIELDS], char *source,
                      struct error *err) MUST_CHECK;

void extraction_give(struct extraction *extraction, struct batch *batch);       /* numbers its rows: it leaves */
/* Whether the slot, of whose rows all were given, is one of dates that are no times, which extraction_finish will say. */
bool extraction_has_dates(const struct extraction *extraction, size_t slot);
/* All rows were given out, of n_rows that came: the stage joins the end, and what was bad is said, or is too much. */
int extraction_finish(struct extraction *extraction, uint64_t n_rows, struct error *err) MUST_CHECK;
void extraction_close(struct extraction *extraction);

#endif
