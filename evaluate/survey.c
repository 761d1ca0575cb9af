/* SPDX-License-Identifier: MIT */
/*
 * One pass for everything but the quartiles of numbers with many different values; these
 * columns alone are spooled, from the batch on in which there were too many, and shown again
 * until every quartile is settled.
 */
#include "survey.h"

#include <stdlib.h>

#include "memory.h"
#include "spool.h"

enum { CAP = 1 << 20, MOST_ROOM = 1 << 20, LEAST_ROOM = 1 << 6, MOST_LEVELS = 10000, LEAST_LEVELS = 100, LEAST_LEVEL_BYTES = 1 << 10 };
/* Of the memory: what rows are spooled in; values that are kept for quartiles; different values. */
enum { SPOOL_SHARE = 2, VALUES_SHARE = 4, LEVELS_SHARE = 4 };
/* Measured over 10,000 to 80,000 columns of each type, with and without steps that made them: the program; what stands for a column in the
 * schema, the lineage, the statistics at their least, and in the text. */
enum { MIB = 1 << 20, PROGRAM = 8 * MIB, COLUMN = 3328, BESIDE = 64 * MIB, LEAST_MEMORY = MIB };

/* A share of `all` per column, so that wide tables stay small. */
static size_t share(uint64_t all, size_t n_columns, size_t least, size_t most)
{
	uint64_t one = all / (n_columns ? n_columns : 1);

	return one < least ? least : one > most ? most : (size_t)one;
}

static void start(struct survey *survey, const struct header *header, uint64_t memory)
{
	const struct schema *schema = &header->schema;
	struct stats_limits limits = {
		.room = share(memory / VALUES_SHARE / sizeof(double), schema->n_fields, LEAST_ROOM, MOST_ROOM),
		.levels = share(CAP, schema->n_fields, LEAST_LEVELS, MOST_LEVELS),
		.level_bytes = share(memory / LEVELS_SHARE, schema->n_fields, LEAST_LEVEL_BYTES, SIZE_MAX),
	};

	*survey = (struct survey){ .header = header, .columns = mem_new(schema->n_fields, sizeof *survey->columns) };
	for (size_t col = 0; col < schema->n_fields; col++)
		stats_start(&survey->columns[col], &schema->fields[col], col, &limits);
}

/* The columns of numbers, for the next pass: those that need none are holes. */
struct spooled {
	struct schema schema;
	size_t *cols;                   /* by field of it: that of the stream */
	struct spool *spool;
	uint64_t first_row;             /* of the spool, in the stream */
	bool any;
};

static void spooled_start(struct spooled *spooled, const struct header *header, uint64_t memory, const struct host *host)
{
	const struct schema *schema = &header->schema;

	*spooled = (struct spooled){ .cols = mem_array(schema->n_fields + 1, sizeof *spooled->cols), .spool = spool_new(memory, host) };
	for (size_t col = 0; col < schema->n_fields; col++) {
		if (!type_is_number(schema->fields[col].type))
			continue;
		spooled->cols[spooled->schema.n_fields] = col;
		schema_add_field(&spooled->schema, &schema->fields[col]);
	}
}

static void spooled_release(struct spooled *spooled)
{
	spool_free(spooled->spool);
	schema_release(&spooled->schema);
	free(spooled->cols);
}

/* A spool begins with the first batch that is wanted again. */
static int keep(struct spooled *spooled, const struct survey *survey, const struct batch *batch, struct error *err)
{
	struct batch view = BATCH_INIT;
	size_t n_wanted = 0;
	int result;

	for (size_t col = 0; col < spooled->schema.n_fields; col++)
		n_wanted += stats_wants_again(&survey->columns[spooled->cols[col]]);
	if (n_wanted == 0)
		return 0;
	if (!spooled->any)
		spooled->first_row = batch->first_row;
	spooled->any = true;
	batch_view(&view, batch, &spooled->schema, spooled->cols);
	for (size_t col = 0; col < spooled->schema.n_fields && batch->n_rows <= ENCODED_ROWS; col++)
		if (!stats_wants_again(&survey->columns[spooled->cols[col]]))
			batch_vacate(&view, col);
	result = spool_add(spooled->spool, &view, err);
	batch_free(&view);
	return result;
}

/* All columns are checked before one is counted: a survey of broken input is of whole batches. */
static int add_batch(struct survey *survey, struct batch *batch, struct error *err)
{
	for (size_t col = 0; col < survey->header->schema.n_fields; col++)
		if (!column_read(batch, col, err))
			return -1;
	for (size_t col = 0; col < survey->header->schema.n_fields; col++)
		if (stats_update(&survey->columns[col], batch, err) < 0)
			return -1;
	survey->n_rows += batch->n_rows;
	return 0;
}

/* *whole: `spooled` has all that is wanted again. */
static int first_pass(struct survey *survey, struct source *source, struct spooled *spooled, bool *whole, struct error *err)
{
	struct batch batch = BATCH_INIT;
	int result;

	*whole = true;
	while ((result = source_next(source, &batch, false, err)) == 1) {
		if ((result = add_batch(survey, &batch, err)) < 0)
			break;
		if ((result = keep(spooled, survey, &batch, err)) < 0) {
			*whole = false;
			break;
		}
	}
	batch_free(&batch);
	return result;
}

static bool all_settled(struct survey *survey)
{
	bool settled = true;

	for (size_t col = 0; col < survey->header->schema.n_fields; col++)
		settled = stats_finish(&survey->columns[col]) && settled;
	return settled;
}

static int next_pass(struct survey *survey, struct spooled *spooled, struct error *err)
{
	const struct header header = { .schema = spooled->schema };
	struct source source = { .header = NULL };
	struct batch batch = BATCH_INIT;
	int result;

	if (spool_close(spooled->spool, err) < 0)
		return -1;
	spool_source(spooled->spool, &header, NULL, &source);
	while ((result = source_next(&source, &batch, false, err)) == 1) {
		batch.first_row += spooled->first_row;
		for (size_t col = 0; result == 1 && col < spooled->schema.n_fields; col++) {
			struct column_stats *stats = &survey->columns[spooled->cols[col]];

			if (stats_wants_again(stats) && stats_again(stats, &batch, col, err) < 0)
				result = -1;
		}
		if (result < 0)
			break;
	}
	batch_free(&batch);
	source_close(&source);
	return result;
}

/* What columns leave for rows. */
static uint64_t memory_of_rows(size_t n_columns, uint64_t memory, const struct host *host)
{
	uint64_t columns = PROGRAM + (uint64_t)n_columns * COLUMN, left;

	if (columns <= BESIDE)
		return memory;
	left = BESIDE + memory > columns ? BESIDE + memory - columns : 0;
	if (left == 0)
		host_note(host, "--memory: %zu columns need more: about %llu MiB are taken in all", n_columns, (unsigned long long)(columns / MIB) + 1);
	left = left > LEAST_MEMORY ? left : LEAST_MEMORY;
	return left < memory ? left : memory;
}

int survey_read(struct survey *survey, struct source *source, uint64_t memory, const struct host *host, struct error *err)
{
	const uint64_t of_rows = memory_of_rows(source->header->schema.n_fields, memory, host);
	struct error again = ERROR_INIT;
	struct spooled spooled;
	bool whole;
	int result;

	start(survey, source->header, of_rows);
	spooled_start(&spooled, source->header, of_rows / SPOOL_SHARE, host);
	result = first_pass(survey, source, &spooled, &whole, err);
	while (!all_settled(survey) && whole)
		if (next_pass(survey, &spooled, &again) < 0) {
			if (result == 0)
				*err = again;
			result = -1;
			break;
		}
	spooled_release(&spooled);
	return result;
}

void survey_release(struct survey *survey)
{
	for (size_t col = 0; survey->columns && col < survey->header->schema.n_fields; col++)
		stats_release(&survey->columns[col]);
	free(survey->columns);
	survey->columns = NULL;
}
