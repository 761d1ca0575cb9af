/* SPDX-License-Identifier: MIT */
/*
 * One pass for everything but the quartiles of large columns; for these the rows
 * are spooled and shown again until every quartile is settled.
 */
#include "survey.h"

#include <stdlib.h>

#include "memory.h"

enum { ROOM = 16 << 20, CAP = 1 << 20, MOST_ROOM = 1 << 20, LEAST_ROOM = 1 << 10, MOST_LEVELS = 10000, LEAST_LEVELS = 100 };

/* A share of `all` per column, so that wide tables stay small. */
static size_t share(size_t all, size_t n_columns, size_t least, size_t most)
{
	size_t one = all / (n_columns ? n_columns : 1);
	return one < least ? least : one > most ? most : one;
}

static void start(struct survey *survey, const struct header *header)
{
	const struct schema *schema = &header->schema;
	size_t room = share(ROOM, schema->n_fields, LEAST_ROOM, MOST_ROOM), cap = share(CAP, schema->n_fields, LEAST_LEVELS, MOST_LEVELS);

	*survey = (struct survey){ .header = header, .columns = mem_new(schema->n_fields, sizeof *survey->columns) };
	for (size_t col = 0; col < schema->n_fields; col++)
		stats_start(&survey->columns[col], &schema->fields[col], col, room, cap);
}

static int first_pass(struct survey *survey, struct source *source, struct spool *spool, struct error *err)
{
	struct batch *batch;

	for (;;) {
		if (source_next(source, &batch, err))
			return -1;
		if (!batch)
			return 0;
		/* All columns are checked before one is counted: a survey of broken input is of whole batches. */
		for (size_t col = 0; col < survey->header->schema.n_fields; col++)
			if (!column_read(batch, col, err))
				return -1;
		if (spool_add(spool, batch, err))
			return -1;
		for (size_t col = 0; col < survey->header->schema.n_fields; col++)
			if (stats_update(&survey->columns[col], batch, err))
				return -1;
		survey->n_rows += batch->n_rows;
	}
}

static bool all_settled(struct survey *survey)
{
	bool settled = true;
	for (size_t col = 0; col < survey->header->schema.n_fields; col++)
		settled = stats_finish(&survey->columns[col]) && settled;
	return settled;
}

static int next_pass(struct survey *survey, struct spool *spool, struct error *err)
{
	struct source source = { .header = NULL };
	struct batch *batch;
	int result = 0;

	spool_source(spool, survey->header, NULL, &source);
	do {
		result = source_next(&source, &batch, err);
		for (size_t col = 0; !result && batch && col < survey->header->schema.n_fields; col++)
			if (!survey->columns[col].settled)
				result = stats_again(&survey->columns[col], batch, err);
	} while (!result && batch);
	source_close(&source);
	return result;
}

int survey_read(struct survey *survey, struct source *source, uint64_t memory, struct error *err)
{
	struct spool *spool = spool_new(memory);
	struct error again = ERROR_INIT;
	int result;

	start(survey, source->header);
	result = first_pass(survey, source, spool, err);
	while (!all_settled(survey))
		if (next_pass(survey, spool, &again)) {
			if (!result)
				*err = again;
			result = -1;
			break;
		}
	spool_free(spool);
	return result;
}

void survey_release(struct survey *survey)
{
	for (size_t col = 0; survey->columns && col < survey->header->schema.n_fields; col++)
		stats_release(&survey->columns[col]);
	free(survey->columns);
	survey->columns = NULL;
}
