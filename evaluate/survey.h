/* SPDX-License-Identifier: MIT */
/* The statistics of all columns of a stream. */
#ifndef SURVEY_H
#define SURVEY_H

#include "column_stats.h"
#include "stream.h"

struct survey {
	const struct header *header;
	struct column_stats *columns;   /* header->schema.n_fields */
	uint64_t n_rows;                /* described; all, unless survey_read failed */
};

/*
 * Reads the source to its end. After a failure the survey is of the rows that came before it. memory: for rows that must be seen again,
 * and different values. With the columns it is kept to 64 MiB more, of which rows get less where columns are many; where these alone need
 * more, that is said to the host before it is taken, true within a quarter.
 */
int survey_read(struct survey *survey, struct source *source, uint64_t memory, const struct host *host, struct error *err) MUST_CHECK;
void survey_release(struct survey *survey);

#endif
