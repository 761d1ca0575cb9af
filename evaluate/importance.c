/* SPDX-License-Identifier: MIT */
#include "importance.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "measure.h"
#include "memory.h"
#include "number.h"
#include "rng.h"
#include "table.h"
#include "text_builder.h"
#include "weights.h"

enum { REPEATS = 5, MOST_ROWS = 8192, LEAST_ROWS = 100, SHOWN = 20, SEED = 42 };
static const double MOST_CELLS = 4e8, MOST_SHARES = 1e6;        /* looked at by all answers together, about; in one answer to all rows */

struct importance {
	const struct modelfile *file;
	const struct header *header;
	const struct host *host;
	struct row_sampler *sampler;    /* NULL: too many columns */
};

/* A column's effect. */
struct effect_of { size_t col; double rise, deviation; };

struct importance *importance_new(const struct modelfile *file, struct source *input, const struct host *host)
{
	struct importance *importance = mem_new(1, sizeof *importance);
	double columns = (double)input->header->schema.n_fields, rows = fmin(MOST_CELLS / (REPEATS * columns * columns), MOST_SHARES / (double)file->n_outputs);

	*importance = (struct importance){ .file = file, .header = input->header, .host = host };
	if (rows >= LEAST_ROWS)
		importance->sampler = row_sampler_new(input, rows < MOST_ROWS ? (size_t)rows : MOST_ROWS);
	return importance;
}

void importance_free(struct importance *importance)
{
	if (!importance)
		return;
	row_sampler_free(importance->sampler);
	free(importance);
}

struct row_sampler *importance_sampler(struct importance *importance) { return importance->sampler; }

/* ---- measuring ---- */

/* What is the same for all columns. */
struct measuring {
	const struct importance *importance;
	struct answers answers;
	struct text_builder *texts;
	int weight_col;
	struct batch rows;
	uint32_t *order;
	/* of the last answers: rows that count, and their answers as bytes */
	double *truth, *answer, *shares, *weights;
	size_t n;
	uint64_t fingerprint;
};

/* Rows of the sample with a truth and an answer, to be judged. */
static int answer(struct measuring *measuring, struct batch *batch, struct judged *judged, struct error *err)
{
	struct answered rows;
	const struct subject *subject = &measuring->answers.subject;
	size_t n_shares = subject->n_shares;
	size_t n_classes = subject->task == TASK_CLUSTERING ? subject->classes.n : subject->task == TASK_CLASSIFICATION ? subject->n_trained : 0;
	bool weighted = measuring->weight_col != NO_FIELD;

	if (measuring->answers.read(measuring->answers.state, batch, &rows, err) < 0 ||
	    (weighted && weights_read(batch, measuring->weight_col, err) < 0))
		return -1;
	measuring->n = 0;
	measuring->fingerprint = 0;
	for (size_t row = 0; row < batch->n_rows; row++) {
		size_t to = measuring->n;

		if ((rows.no_truth && bit_is_set(rows.no_truth, row)) || bit_is_set(rows.no_answer, row))
			continue;
		measuring->truth[to] = rows.truth[row];
		measuring->answer[to] = rows.answer[row];
		if (subject->task == TASK_CLASSIFICATION && rows.truth[row] + 1 > (double)n_classes)
			n_classes = (size_t)rows.truth[row] + 1;
		if (rows.shares)
			memcpy(&measuring->shares[to * n_shares], &rows.shares[row * n_shares], n_shares * sizeof *rows.shares);
		if (weighted && weight_of_row(batch, measuring->weight_col, row, &measuring->weights[to], err) < 0)
			return -1;
		for (size_t k = 0; k < (rows.shares ? n_shares : 1); k++) {
			double value = rows.shares ? rows.shares[row * n_shares + k] : rows.answer[row];
			uint64_t bits;

			memcpy(&bits, &value, sizeof bits);
			measuring->fingerprint = hash_mix(measuring->fingerprint ^ bits) + row;
		}
		measuring->n++;
	}
	*judged = (struct judged){ .n_rows = measuring->n, .n_classes = n_classes, .truth = measuring->truth, .answer = measuring->answer,
	                           .n_shares = n_shares, .shares = rows.shares ? measuring->shares : NULL,
	                           .weight = weighted ? measuring->weights : NULL };
	return 0;
}

static const struct metric_kind *metric_for(const struct subject *subject)
{
	static const char *const names[N_TASKS] = { "rmse", "log_loss", "inertia" };
	struct error ignored = ERROR_INIT;

	return metric_require(subject->task == TASK_CLASSIFICATION && subject->n_shares == 0 ? "accuracy" : names[subject->task], &ignored);
}

static int measure(struct measuring *measuring, struct batch *batch, double *value, struct error *err)
{
	const struct subject *subject = &measuring->answers.subject;
	struct judged judged;
	struct measured what = { .task = subject->task, .has_shares = subject->n_shares > 0, .only = metric_for(subject) };
	struct measures measures;
	struct sums sums;
	double *total;

	if (answer(measuring, batch, &judged, err) < 0)
		return -1;
	what.n_classes = judged.n_classes;
	measures_init(&measures, &what);
	sums_init(&sums, &measures);
	for (size_t row = 0; row < judged.n_rows; row += BLOCK_ROWS) {
		struct judged block = judged;

		block.n_rows = judged.n_rows - row < BLOCK_ROWS ? judged.n_rows - row : BLOCK_ROWS;
		block.truth += row;
		block.answer += row;
		block.shares = judged.shares ? judged.shares + row * judged.n_shares : NULL;
		block.weight = judged.weight ? judged.weight + row : NULL;
		sums_add(&sums, row / BLOCK_ROWS, &block, NULL);
	}
	total = mem_array(measures.size + 1, sizeof *total);
	sums_total(&sums, total);
	*value = judged.n_rows > 0 ? measures.kinds[0].kind->value(total + measures.kinds[0].first, measures.kinds[0].n_items, OVERALL) : NAN;
	free(total);
	sums_release(&sums);
	measures_release(&measures);
	return 0;
}

/* ---- shuffling ---- */

/* The column with its rows in another order. */
static void shuffle_column(struct measuring *measuring, const struct column *from, enum type type, struct column *to)
{
	size_t n = measuring->rows.n_rows, width = type_width(type);
	struct pool *pool = measuring->rows.pool;
	unsigned char *values;

	*to = (struct column)COLUMN_INIT;
	if (type == TYPE_TEXT) {
		for (size_t row = 0; row < n; row++) {
			size_t size;
			const char *text = column_text(from, measuring->order[row], &size);

			if (column_valid(from, measuring->order[row]))
				text_builder_add(measuring->texts, text, size);
			else
				text_builder_add_missing(measuring->texts);
		}
		text_builder_finish(measuring->texts, pool, to);
		return;
	}
	if (from->n_missing > 0) {
		uint64_t *valid = column_new_valid(to, pool, n, false);

		for (size_t row = 0; row < n; row++)
			if (column_valid(from, measuring->order[row]))
				bit_set(valid, row);
	}
	values = column_new_values(to, pool, type, n);
	for (size_t row = 0; row < n; row++)
		memcpy(values + row * width, (const unsigned char *)from->values + measuring->order[row] * width, width);
}

/* What shuffling a column costs; false: the answers do not hang on it. */
static int shuffle(struct measuring *measuring, size_t col, double base, struct effect_of *effect, bool *counts, struct error *err)
{
	enum type type = measuring->rows.schema->fields[col].type;
	const struct column *column = column_read(&measuring->rows, col, err);
	uint64_t fingerprint = measuring->fingerprint;
	double rises[REPEATS], mean = 0, squares = 0;
	struct rng rng;

	*counts = false;
	if (!column)
		return -1;
	rng_seed(&rng, SEED);
	for (int i = 0; i < REPEATS; i++) {
		struct batch batch = BATCH_INIT;
		struct column shuffled;
		double value;
		int result;

		rng_shuffle(&rng, measuring->order, measuring->rows.n_rows);
		shuffle_column(measuring, column, type, &shuffled);
		batch_share(&batch, &measuring->rows);
		batch_put(&batch, col, type, &shuffled);
		result = measure(measuring, &batch, &value, err);
		batch_free(&batch);
		if (result < 0 || host_interrupted(measuring->importance->host))
			return result < 0 ? -1 : error_set(err, STATUS_INTERRUPT, "interrupted");
		*counts = *counts || measuring->fingerprint != fingerprint;
		if (!*counts)
			return 0;
		rises[i] = metric_for(&measuring->answers.subject)->better == BETTER_HIGH ? base - value : value - base;
		mean += rises[i] / REPEATS;
	}
	for (int i = 0; i < REPEATS; i++)
		squares += (rises[i] - mean) * (rises[i] - mean) / REPEATS;
	*effect = (struct effect_of){ col, mean, sqrt(squares) };
	return 0;
}

static int by_rise(const void *a, const void *b)
{
	const struct effect_of *one = a, *other = b;

	if (one->rise != other->rise)
		return one->rise < other->rise ? 1 : -1;
	return one->col < other->col ? -1 : one->col > other->col;
}

static void print_table(const struct measuring *measuring, const struct effect_of *effects, size_t n, size_t width, struct buffer *to)
{
	struct table *table = table_new();

	table_column(table, "importance", false);
	table_column(table, metric_for(&measuring->answers.subject)->better == BETTER_HIGH ? "fall" : "rise", true);
	table_column(table, "+-", true);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		table_format(table, "%s", measuring->rows.schema->fields[effects[i].col].name);
		table_number(table, effects[i].rise, 4);
		table_number(table, effects[i].deviation, 2);
	}
	table_print(table, to, 0, width);
	if (n > SHOWN)
		buffer_format(to, "(and %zu columns more)\n", n - SHOWN);
	table_free(table);
}

static int measure_all(struct measuring *measuring, const char *which, uint64_t n_seen, size_t width, struct buffer *to, struct error *err)
{
	const struct schema *schema = measuring->rows.schema;
	const struct metric_kind *metric = metric_for(&measuring->answers.subject);
	const char *target = measuring->importance->file->target;
	struct effect_of *effects = mem_new(schema->n_fields + 1, sizeof *effects);
	size_t n = 0;
	char number[NUMBER_SIZE];
	double base;
	int result = measure(measuring, &measuring->rows, &base, err);
	uint64_t fingerprint = measuring->fingerprint;

	if (result == 0 && !isfinite(base)) {
		buffer_add_text(to, target ? "importance: no row has both a truth and an answer\n\n" : "importance: no row has an answer\n\n");
		goto out;
	}
	if (result == 0) {
		number_print_short(number, base, 5);
		buffer_format(to, "importance: how much %s (%s on %zu%s%s rows) %s when a column is shuffled\n\n", metric->name, number, measuring->n,
		              n_seen > measuring->rows.n_rows ? " sampled " : " ", which, metric->better == BETTER_HIGH ? "falls" : "rises");
	}
	for (size_t col = 0; col < schema->n_fields && result == 0; col++) {
		bool counts = false;

		if (schema->fields[col].role != ROLE_FEATURE || (target && strcmp(schema->fields[col].name, target) == 0))
			continue;
		measuring->fingerprint = fingerprint;
		result = shuffle(measuring, col, base, &effects[n], &counts, err);
		n += counts;
	}
	if (result == 0) {
		qsort(effects, n, sizeof *effects, by_rise);
		print_table(measuring, effects, n, width, to);
		buffer_add_text(to, "\n");
	}
out:
	free(effects);
	return result;
}

static void measuring_release(struct measuring *measuring)
{
	answers_release(&measuring->answers);
	text_builder_free(measuring->texts);
	batch_free(&measuring->rows);
	free(measuring->order);
	free(measuring->truth);
	free(measuring->answer);
	free(measuring->shares);
	free(measuring->weights);
}

int importance_describe(struct importance *importance, size_t width, struct buffer *to, struct error *err)
{
	const struct header *header = importance->header;
	struct measuring measuring = { .importance = importance };
	struct error why = ERROR_INIT;
	uint64_t n_seen;
	const char *which;
	size_t n;
	int result = -1;

	if (!importance->sampler) {
		buffer_format(to, "importance: not measured, %zu columns are too many\n\n", header->schema.n_fields);
		return 0;
	}
	which = row_sampler_which(importance->sampler, &n_seen);
	if (!which)
		return 0;
	if (answers_model(&measuring.answers, importance->file, header, LACKING_ALWAYS_FAILS, NULL, &why) < 0) {
		buffer_format(to, "importance: not measured: %s\n\n", why.message);
		measuring_release(&measuring);
		return 0;
	}
	measuring.texts = text_builder_new();
	if (weights_find(&header->schema, &measuring.weight_col, NULL, err) < 0 ||
	    row_sampler_join(importance->sampler, &measuring.rows, measuring.texts, err) < 0)
		goto out;
	n = measuring.rows.n_rows;
	measuring.order = mem_array(n, sizeof *measuring.order);
	for (size_t row = 0; row < n; row++)
		measuring.order[row] = (uint32_t)row;
	measuring.truth = mem_array(n, sizeof(double));
	measuring.answer = mem_array(n, sizeof(double));
	measuring.weights = mem_array(n, sizeof(double));
	measuring.shares = mem_array(n * measuring.answers.subject.n_shares + 1, sizeof(double));
	result = measure_all(&measuring, which, n_seen, width, to, err);
out:
	measuring_release(&measuring);
	return result;
}
