/* SPDX-License-Identifier: MIT */
#include "partial.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "describe.h"
#include "memory.h"
#include "number.h"
#include "predictor.h"
#include "table.h"
#include "weights.h"

enum { MOST_ROWS = 8192, MOST_CELLS = 16 << 20, MOST_ANSWERS = 1 << 20, LEAST_ROWS = 100, FEW_VALUES = 20, QUANTILES = 19, CLASSES_SHOWN = 8, PLOT_WIDTH = 32 };

/* A column, its values by a row that has each, and what they give. */
struct dependence {
	size_t col;
	uint32_t rows[FEW_VALUES];
	size_t n;
	double *means;                  /* n x series */
	uint64_t counted[FEW_VALUES];   /* rows that have an answer */
};

struct partial {
	const struct modelfile *file;
	const struct header *header;
	const struct host *host;
	struct row_sampler *sampler;
	struct dependence *items;
	size_t n;
	size_t n_series;
	struct predictor *predictor;
	struct text_builder *texts;
	struct batch rows;
	double *weights;                /* NULL: all 1 */
};

static int find_columns(struct partial *partial, const char *columns, struct error *err)
{
	const struct schema *schema = &partial->header->schema;
	int result = 0;

	while (result == 0) {
		size_t size = strcspn(columns, ",");
		char *name = mem_text_n(columns, size);
		int col = schema_require(schema, name, err);

		free(name);
		if (col == NO_FIELD) {
			err->code = STATUS_USAGE;
			return -1;
		}
		for (size_t i = 0; i < partial->n && result == 0; i++)
			if (partial->items[i].col == (size_t)col)
				result = error_set(err, STATUS_USAGE, "--partial: '%s' comes twice", schema->fields[col].name);
		partial->items = mem_resize(partial->items, partial->n + 1, sizeof *partial->items);
		partial->items[partial->n++] = (struct dependence){ .col = (size_t)col };
		if (!columns[size])
			break;
		columns += size + 1;
	}
	return result;
}

struct partial *partial_new(const struct modelfile *file, struct source *input, const char *columns, const struct host *host, struct error *err)
{
	struct partial *partial;
	size_t cells = MOST_CELLS / (input->header->schema.n_fields + 1), answers = MOST_ANSWERS / file->n_outputs, rows = cells < answers ? cells : answers;

	if (file->problem.task == TASK_CLUSTERING) {
		error_set(err, STATUS_USAGE, "--partial is of answers that are numbers or classes, and the model gives clusters");
		return NULL;
	}
	partial = mem_new(1, sizeof *partial);
	*partial = (struct partial){ .file = file, .header = input->header, .host = host };
	partial->n_series = file->problem.task == TASK_REGRESSION ? 1 : file->problem.classes.n;
	partial->sampler = row_sampler_new(input, rows > MOST_ROWS ? MOST_ROWS : rows < LEAST_ROWS ? LEAST_ROWS : rows);
	if (find_columns(partial, columns, err) == 0)
		return partial;
	partial_free(partial);
	return NULL;
}

void partial_free(struct partial *partial)
{
	if (!partial)
		return;
	for (size_t i = 0; i < partial->n; i++)
		free(partial->items[i].means);
	free(partial->items);
	predictor_free(partial->predictor);
	text_builder_free(partial->texts);
	batch_free(&partial->rows);
	row_sampler_free(partial->sampler);
	free(partial->weights);
	free(partial);
}

struct row_sampler *partial_sampler(struct partial *partial) { return partial->sampler; }

/* ---- values ---- */

struct place { double number; const char *text; size_t size; uint64_t count; uint32_t row; };

static int by_value(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	size_t size = one->size < other->size ? one->size : other->size;
	int difference = size ? memcmp(one->text, other->text, size) : 0;

	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	if (difference || one->size != other->size)
		return difference ? difference : one->size < other->size ? -1 : 1;
	return one->row < other->row ? -1 : one->row > other->row;
}

static int by_count(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return by_value(a, b);
}

static bool same_value(const struct place *a, const struct place *b)
{
	return a->number == b->number && a->size == b->size && (a->size == 0 || memcmp(a->text, b->text, a->size) == 0);
}

static struct place place_of(const struct column *column, enum type type, uint32_t row)
{
	struct place place = { .row = row };

	if (type == TYPE_TEXT)
		place.text = column_text(column, row, &place.size);
	else
		place.number = type == TYPE_TIME ? (double)column_int(column, row) : column_number(column, type, row);
	return place;
}

/* Rows that hold the values; sorted: n places. */
static void choose_values(struct dependence *item, struct place *sorted, size_t n, bool text)
{
	struct place *different = mem_array(n + 1, sizeof *different);
	size_t n_different = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !same_value(&sorted[i], &sorted[i - 1]))
			different[n_different++] = sorted[i];
		different[n_different - 1].count++;
	}
	if (text)
		qsort(different, n_different, sizeof *different, by_count);
	if (text || n_different <= FEW_VALUES) {
		item->n = n_different < FEW_VALUES ? n_different : FEW_VALUES;
		for (size_t i = 0; i < item->n; i++)
			item->rows[i] = different[i].row;
	} else {
		for (size_t i = 1; i <= QUANTILES; i++) {
			const struct place *place = &sorted[(i * (n - 1) + (QUANTILES + 1) / 2) / (QUANTILES + 1)];

			if (item->n == 0 || item->rows[item->n - 1] != place->row)
				item->rows[item->n++] = place->row;
		}
	}
	free(different);
}

static int find_values(struct partial *partial, struct dependence *item, struct error *err)
{
	enum type type = partial->header->schema.fields[item->col].type;
	const struct column *column = column_read(&partial->rows, item->col, err);
	struct place *places;
	size_t n = 0;

	if (!column)
		return -1;
	places = mem_array(partial->rows.n_rows + 1, sizeof *places);
	for (size_t row = 0; row < partial->rows.n_rows; row++)
		if (column_valid(column, row))
			places[n++] = place_of(column, type, (uint32_t)row);
	qsort(places, n, sizeof *places, by_value);
	/* Equal values are one: each stands for all, by its first row. */
	for (size_t i = 1; i < n; i++)
		if (same_value(&places[i], &places[i - 1]))
			places[i].row = places[i - 1].row;
	choose_values(item, places, n, type == TYPE_TEXT);
	free(places);
	return 0;
}

/* ---- answers ---- */

/* A column that has the value of `row` in all rows. */
static void fill_column(const struct partial *partial, const struct column *from, enum type type, uint32_t row, struct column *to)
{
	size_t n = partial->rows.n_rows, width = type_width(type), size;
	unsigned char *values;
	const char *text;

	*to = (struct column)COLUMN_INIT;
	if (type == TYPE_TEXT) {
		text = column_text(from, row, &size);
		for (size_t i = 0; i < n; i++)
			text_builder_add(partial->texts, text, size);
		text_builder_finish(partial->texts, partial->rows.pool, to);
		return;
	}
	values = column_new_values(to, partial->rows.pool, type, n);
	for (size_t i = 0; i < n; i++)
		memcpy(values + i * width, (const unsigned char *)from->values + row * width, width);
}

/* The mean answers to a batch; 0 rows: none has one. */
static int mean_answers(const struct partial *partial, const struct batch *batch, double *means, uint64_t *counted, struct error *err)
{
	size_t n_outputs = partial->file->n_outputs;
	const double *out;
	const uint64_t *missing;
	double all = 0;

	if (predictor_run(partial->predictor, batch, &out, &missing, err) < 0)
		return -1;
	*counted = 0;
	memset(means, 0, partial->n_series * sizeof *means);
	for (size_t row = 0; row < batch->n_rows; row++) {
		double weight = partial->weights ? partial->weights[row] : 1;

		if (bit_is_set(missing, row))
			continue;
		++*counted;
		all += weight;
		for (size_t k = 0; k < partial->n_series; k++)
			means[k] += weight * out[row * n_outputs + k];
	}
	for (size_t k = 0; k < partial->n_series; k++)
		means[k] = all > 0 ? means[k] / all : NAN;
	return 0;
}

static int find_dependence(struct partial *partial, struct dependence *item, struct error *err)
{
	enum type type = partial->header->schema.fields[item->col].type;

	if (find_values(partial, item, err) < 0)
		return -1;
	item->means = mem_array(item->n * partial->n_series + 1, sizeof *item->means);
	for (size_t i = 0; i < item->n; i++) {
		struct batch batch = BATCH_INIT;
		struct column filled;
		int result;

		if (host_interrupted(partial->host))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		fill_column(partial, &partial->rows.columns[item->col], type, item->rows[i], &filled);
		batch_share(&batch, &partial->rows);
		batch_put(&batch, item->col, type, &filled);
		result = mean_answers(partial, &batch, &item->means[i * partial->n_series], &item->counted[i], err);
		batch_free(&batch);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int read_weights(struct partial *partial, struct error *err)
{
	int col;

	if (weights_find(&partial->header->schema, &col, partial->host, err) < 0)
		return -1;
	if (col == NO_FIELD)
		return 0;
	if (weights_read(&partial->rows, col, err) < 0)
		return -1;
	partial->weights = mem_array(partial->rows.n_rows + 1, sizeof *partial->weights);
	for (size_t row = 0; row < partial->rows.n_rows; row++)
		if (weight_of_row(&partial->rows, col, row, &partial->weights[row], err) < 0)
			return -1;
	return 0;
}

/* All columns; which, n_seen: of the rows. */
static int find_all(struct partial *partial, const char **which, uint64_t *n_seen, struct error *err)
{
	*which = row_sampler_which(partial->sampler, n_seen);
	if (!*which)
		return error_set(err, STATUS_FAILED, "no rows behind the model to look at it by (--partial)");
	partial->texts = text_builder_new();
	if (predictor_new(&partial->predictor, partial->file, partial->header, false, LACKING_ALWAYS_FAILS, partial->host, err) < 0 ||
	    row_sampler_join(partial->sampler, &partial->rows, partial->texts, err) < 0 || read_weights(partial, err) < 0)
		return -1;
	for (size_t i = 0; i < partial->n; i++)
		if (find_dependence(partial, &partial->items[i], err) < 0)
			return -1;
	return 0;
}

static bool print_value(const struct partial *partial, const struct dependence *item, size_t i, struct buffer *to)
{
	buffer_clear(to);
	return cell_print(&partial->header->schema.fields[item->col], &partial->rows.columns[item->col], item->rows[i], to);
}

/* ---- for people ---- */

struct extent { double low, high; };

static void add_scale(struct table *table, const struct extent *extent)
{
	char low[NUMBER_SIZE], high[NUMBER_SIZE];
	struct buffer title = BUFFER_INIT;
	int room;

	number_print_short(low, extent->low, 4);
	number_print_short(high, extent->high, 4);
	room = PLOT_WIDTH - (int)strlen(low);
	buffer_format(&title, "%s", low);
	if (extent->high > extent->low)
		buffer_format(&title, "%*s", room > (int)strlen(high) ? room : (int)strlen(high) + 1, high);
	table_column(table, buffer_text(&title), false);
	buffer_free(&title);
}

static void add_point(struct table *table, const struct extent *extent, double value)
{
	double share = extent->high > extent->low ? (value - extent->low) / (extent->high - extent->low) : 0;

	table_format(table, "%*s%s", isfinite(value) ? (int)lround(share * (PLOT_WIDTH - 1)) : 0, "", isfinite(value) ? "•" : "");
}

/* One answer a value: of two classes that for the last. */
static void print_item(const struct partial *partial, const struct dependence *item, size_t width, struct buffer *to)
{
	const struct field *field = &partial->header->schema.fields[item->col];
	const struct names *classes = &partial->file->problem.classes;
	size_t n = partial->n_series, first = n == 2, end = n > CLASSES_SHOWN ? CLASSES_SHOWN : n;
	bool plotted = n <= 2;
	struct table *table = table_new();
	struct extent extent = { INFINITY, -INFINITY };
	struct buffer value = BUFFER_INIT;

	for (size_t i = 0; i < item->n && plotted; i++) {
		extent.low = fmin(extent.low, item->means[i * n + first]);
		extent.high = fmax(extent.high, item->means[i * n + first]);
	}
	table_column(table, field->name, type_is_number(field->type));
	for (size_t k = first; k < end; k++)
		table_column(table, classes->n ? classes->items[k] : partial->file->target, true);
	if (plotted)
		add_scale(table, &extent);
	for (size_t i = 0; i < item->n; i++) {
		print_value(partial, item, i, &value);
		table_cell(table, buffer_text(&value), value.size);
		for (size_t k = first; k < end; k++)
			table_number(table, item->means[i * n + k], 5);
		if (plotted)
			add_point(table, &extent, item->means[i * n + first]);
	}
	table_print(table, to, 0, width);
	if (end < n)
		buffer_format(to, "(and %zu classes more)\n", n - end);
	buffer_add_text(to, "\n");
	table_free(table);
	buffer_free(&value);
}

int partial_describe(struct partial *partial, size_t width, struct buffer *to, struct error *err)
{
	bool classes = partial->file->problem.task == TASK_CLASSIFICATION;
	const char *which;
	uint64_t n_seen;

	if (find_all(partial, &which, &n_seen, err) < 0)
		return -1;
	buffer_format(to, "partial dependence: the %s over %zu%s%s rows, where all have this value\n\n",
	              !classes ? "mean answer" : modelfile_votes(partial->file) ? "share of a class among the answers" : "mean probability",
	              partial->rows.n_rows, n_seen > partial->rows.n_rows ? " sampled " : " ", which);
	for (size_t i = 0; i < partial->n; i++)
		if (partial->items[i].n > 0)
			print_item(partial, &partial->items[i], width, to);
		else
			buffer_format(to, "%s: no row has a value\n\n", partial->header->schema.fields[partial->items[i].col].name);
	return 0;
}

/* ---- records ---- */

/* A record's place: a value of a column, and a series. */
struct record { const struct dependence *item; size_t value, series; };

static void put_texts(const struct partial *partial, struct batch *batch, size_t col, const struct record *records, size_t which)
{
	struct buffer text = BUFFER_INIT;
	struct column fresh = COLUMN_INIT;

	for (size_t row = 0; row < batch->n_rows; row++) {
		const struct record *record = &records[row];

		buffer_clear(&text);
		if (which == 0)
			buffer_add_text(&text, partial->header->schema.fields[record->item->col].name);
		else if (which == 1)
			print_value(partial, record->item, record->value, &text);
		else
			buffer_add_text(&text, partial->file->problem.classes.items[record->series]);
		text_builder_add(partial->texts, (const char *)text.data, text.size);
	}
	text_builder_finish(partial->texts, batch->pool, &fresh);
	batch_put(batch, col, TYPE_TEXT, &fresh);
	buffer_free(&text);
}

static void put_answers(const struct partial *partial, struct batch *batch, size_t col, const struct record *records)
{
	struct column answers = COLUMN_INIT, rows = COLUMN_INIT;
	double *values = column_new_values(&answers, batch->pool, TYPE_REAL, batch->n_rows);
	uint64_t *valid = column_new_valid(&answers, batch->pool, batch->n_rows, false);
	int64_t *counts = column_new_values(&rows, batch->pool, TYPE_INT, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		const struct record *record = &records[row];

		values[row] = record->item->means[record->value * partial->n_series + record->series];
		counts[row] = (int64_t)record->item->counted[record->value];
		if (isfinite(values[row]))
			bit_set(valid, row);
	}
	batch_put(batch, col, TYPE_REAL, &answers);
	batch_put(batch, col + 1, TYPE_INT, &rows);
}

static int write_records(const struct partial *partial, const struct schema *schema, struct output *output, struct error *err)
{
	bool classes = partial->file->problem.task == TASK_CLASSIFICATION;
	struct record *records = mem_array(FEW_VALUES * partial->n_series, sizeof *records);
	struct pool *pool = pool_new();
	struct batch batch = BATCH_INIT;
	uint64_t n_written = 0;
	int result = 0;

	for (size_t i = 0; i < partial->n && result == 0; i++) {
		const struct dependence *item = &partial->items[i];
		size_t n = 0;

		for (size_t value = 0; value < item->n; value++)
			for (size_t k = 0; k < partial->n_series; k++)
				records[n++] = (struct record){ item, value, k };
		for (size_t from = 0; from < n && result == 0; from += BATCH_ROWS) {
			batch_start(&batch, pool, schema, n - from < BATCH_ROWS ? n - from : BATCH_ROWS);
			batch.first_row = n_written;
			n_written += batch.n_rows;
			put_texts(partial, &batch, 0, &records[from], 0);
			put_texts(partial, &batch, 1, &records[from], 1);
			if (classes)
				put_texts(partial, &batch, 2, &records[from], 2);
			put_answers(partial, &batch, 2 + classes, &records[from]);
			result = output_batch(output, &batch, err);
		}
	}
	batch_free(&batch);
	pool_drop(pool);
	free(records);
	return result;
}

int partial_records(struct partial *partial, const struct end *upstream, struct output *output, struct error *err)
{
	struct header header = HEADER_INIT;
	const char *which;
	uint64_t n_seen;
	int result = -1;

	if (find_all(partial, &which, &n_seen, err) < 0)
		return -1;
	schema_add(&header.schema, "column", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&header.schema, "value", TYPE_TEXT, ROLE_FEATURE);
	if (partial->file->problem.task == TASK_CLASSIFICATION)
		schema_add(&header.schema, "class", TYPE_TEXT, ROLE_FEATURE);
	schema_add(&header.schema, "answer", TYPE_REAL, ROLE_FEATURE);
	if (partial->file->target_unit && partial->file->problem.task == TASK_REGRESSION)
		schema_set_unit(&header.schema, header.schema.n_fields - 1, partial->file->target_unit);
	schema_add(&header.schema, "rows", TYPE_INT, ROLE_FEATURE);
	schema_copy(&header.lineage.inputs, &header.schema);
	header.source = mem_text(partial->header->source);
	if (output_header(output, &header, err) == 0 && write_records(partial, &header.schema, output, err) == 0)
		result = describe_end(upstream, n_seen, output, partial->host, err);
	header_release(&header);
	return result;
}
