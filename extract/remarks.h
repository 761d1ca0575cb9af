/* SPDX-License-Identifier: MIT */
/*
 * What extract did to the cells, and what a person would want to know of the types
 * that it found: one line for each kind of thing, the columns with their counts in
 * it; -v names all of them. Words that were taken as null are counts of the stage, too.
 */
#ifndef REMARKS_H
#define REMARKS_H

#include "buffer.h"
#include "build.h"
#include "dates.h"
#include "host.h"
#include "names.h"
#include "tally.h"

enum remark {
	REMARK_WORDS,           /* words for missing values that are null now */
	REMARK_NEARLY,          /* columns that are text for a few cells */
	REMARK_PADDED,          /* columns that are text for blanks around their values */
	REMARK_COMMAS,          /* columns that are text for commas in their numbers, which may mean two things; */
	REMARK_DECIMAL, REMARK_THOUSANDS,       /* can only be decimal marks, or only stand between groups, but nobody said so; */
	REMARK_SPACES, REMARK_TICKS,            /* or for blanks or apostrophes between groups; */
	REMARK_POINTS,          /* or for points, which may stand between groups in a file with decimal commas */
	REMARK_OFFSETS,         /* columns that are text since their times have several offsets */
	REMARK_AMOUNTS,         /* columns that are text for a currency or a percent sign */
	REMARK_DATES, REMARK_DATE_STEPS,        /* columns of dates that are no times: read by types, and by steps; */
	REMARK_DAYS, REMARK_DAY_STEPS,          /* the same where day and month can't be told apart */
	REMARK_ZONES,           /* times that were converted to the zone of --like */
	N_REMARKS
};

struct remarks {
	bool all;               /* no column is left out */
	struct tally words;     /* all of them, for the stage's counts */
	const char *column;     /* of the last word; private, as is has_room: it is in the line */
	bool has_room;
	uint64_t n_footer;      /* the last lines of the file have all that makes text of a column, in one column at least: so many */
	uint64_t n_units, units_line;   /* columns whose only such cell stands above all others, in that line: in several it may be a second line of the header */
	bool date_texts, date_ints, short_years;        /* columns of dates: of text, of int, and open ones that have years of two digits */
	unsigned faults;        /* of all columns that are text for a few cells, */
	struct names odd_words; /* and what else these cells are, where it is few words: values, to be told where such may be */
	struct remark_line { struct buffer text; size_t n; } lines[N_REMARKS];
};

/* The words of a column come one after the other, with the same `column`. */
void remarks_word(struct remarks *remarks, const char *column, const char *word, uint64_t n);
void remarks_nearly(struct remarks *remarks, const char *column, const struct build_odd *odd, bool several_files);
void remarks_column(struct remarks *remarks, enum remark remark, const char *column);      /* its name is all that there is to say */
void remarks_offsets(struct remarks *remarks, const char *column, const char *form);
void remarks_amounts(struct remarks *remarks, const char *step);        /* which makes numbers of a column */
void remarks_dates(struct remarks *remarks, const char *column, enum type type, const struct dates *dates);
void remarks_zones(struct remarks *remarks, const char *column, uint64_t n);
void remarks_say(const struct remarks *remarks, const struct host *host);
void remarks_release(struct remarks *remarks);

#endif
