/* SPDX-License-Identifier: MIT */
/* Metrics as records: gathered row by row into columns, a batch at a time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "bits.h"
#include "report.h"
#include "text_builder.h"

enum { SPLIT, METRIC, CLASS, VALUE, BASELINE, ROWS, N_FIELDS };

struct metric_rows {
	struct output *output;
	const struct header *header;
	const struct scores *scores;
	struct pool *pool;
	struct batch batch;
	struct text_builder *texts[3];          /* split, metric, class */
	size_t n;
	double values[2][BATCH_ROWS];           /* value, baseline */
	int64_t rows[BATCH_ROWS];
};

static void put_reals(struct batch *batch, size_t col, const double *values)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);

	memcpy(column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows), values, batch->n_rows * sizeof *values);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (isfinite(values[row]))
			bit_set(valid, row);
	batch_put(batch, col, TYPE_REAL, &fresh);
}

static int flush(struct metric_rows *rows, struct error *err)
{
	struct batch *batch = &rows->batch;
	struct column fresh = COLUMN_INIT;
	uint64_t first_row = batch->first_row + batch->n_rows;

	if (!rows->n)
		return 0;
	batch_start(batch, rows->pool, &rows->header->schema, rows->n);
	batch->first_row = first_row;
	for (size_t i = 0; i < 3; i++) {
		text_builder_finish(rows->texts[i], batch->pool, &fresh);
		batch_put(batch, SPLIT + i, TYPE_TEXT, &fresh);
	}
	put_reals(batch, VALUE, rows->values[0]);
	put_reals(batch, BASELINE, rows->values[1]);
	memcpy(column_new_values(&fresh, batch->pool, TYPE_INT, rows->n), rows->rows, rows->n * sizeof *rows->rows);
	batch_put(batch, ROWS, TYPE_INT, &fresh);
	rows->n = 0;
	return output_batch(rows->output, batch, err);
}

static int add(struct metric_rows *rows, enum split split, const char *metric, const char *class, double value, double baseline, uint64_t n,
               struct error *err)
{
	const char *name = split_name(split);

	if (rows->n == BATCH_ROWS && flush(rows, err) < 0)
		return -1;
	text_builder_add(rows->texts[SPLIT], name, strlen(name));
	text_builder_add(rows->texts[METRIC], metric, strlen(metric));
	if (class)
		text_builder_add(rows->texts[CLASS], class, strlen(class));
	else
		text_builder_add_missing(rows->texts[CLASS]);
	rows->values[0][rows->n] = value;
	rows->values[1][rows->n] = baseline;
	rows->rows[rows->n++] = (int64_t)n;
	return 0;
}

static int add_confusion(struct metric_rows *rows, enum split split, struct error *err)
{
	const struct names *classes = &rows->scores->subject->classes;
	const uint64_t *cells = rows->scores->splits[split].confusion;
	size_t n = classes->n;

	for (size_t truth = 0; truth < n; truth++) {
		uint64_t support = 0;

		for (size_t answer = 0; answer < n; answer++)
			support += cells[truth * n + answer];
		for (size_t answer = 0; answer < n; answer++) {
			char *metric;
			int failed;

			if (!scores_answers(rows->scores, split, answer))
				continue;
			metric = mem_format("predicted[%s]", classes->items[answer]);
			failed = add(rows, split, metric, classes->items[truth], (double)cells[truth * n + answer], NAN, support, err);

			free(metric);
			if (failed < 0)
				return -1;
		}
	}
	return 0;
}

static int add_split(struct metric_rows *rows, enum split split, struct error *err)
{
	const struct score *score = &rows->scores->splits[split];

	for (size_t i = 0; i < score->results.n; i++) {
		const struct result *result = &score->results.items[i];

		if (add(rows, split, result->kind->name, result->item, result->value, result->baseline, result->rows, err) < 0)
			return -1;
	}
	if (score->confusion && add_confusion(rows, split, err) < 0)
		return -1;
	for (size_t i = 0; i < score->worst.n; i++)
		if (add(rows, split, "worst", score->worst.rows[i].place, score->worst.rows[i].error, NAN, 1, err) < 0)
			return -1;
	return 0;
}

static void make_header(struct header *header, const char *source)
{
	struct schema *schema = &header->schema;

	schema_add(schema, "split", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "metric", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "class", TYPE_TEXT, ROLE_FEATURE);
	schema_add(schema, "value", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "baseline", TYPE_REAL, ROLE_FEATURE);
	schema_add(schema, "rows", TYPE_INT, ROLE_FEATURE);
	schema_copy(&header->lineage.inputs, schema);
	header->source = mem_text(source);
}

int report_records(const struct scores *scores, const char *source, struct end *end, struct output *output, struct error *err)
{
	struct header header = HEADER_INIT;
	struct metric_rows *rows = mem_new(1, sizeof *rows);
	int result;

	rows->pool = pool_new();
	rows->output = output;
	rows->header = &header;
	rows->scores = scores;
	for (size_t i = 0; i < 3; i++)
		rows->texts[i] = text_builder_new();
	make_header(&header, source);
	result = output_header(output, &header, err);
	for (enum split split = 0; split < N_SPLITS && result == 0; split++)
		if (scores->splits[split].n_rows)
			result = add_split(rows, split, err);
	if (result == 0)
		result = flush(rows, err);
	if (result == 0) {
		end->stages[end->n_stages - 1].rows_out = output_rows(output);
		result = output_end(output, end, err);
	}
	for (size_t i = 0; i < 3; i++)
		text_builder_free(rows->texts[i]);
	batch_free(&rows->batch);
	pool_drop(rows->pool);
	free(rows);
	header_release(&header);
	return result;
}
