/* SPDX-License-Identifier: MIT */
#include "tune_board.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "memory.h"
#include "number.h"
#include "stream.h"
#include "table.h"
#include "text_builder.h"

enum { SHOWN = 5, DIGITS = 5 };
static const double EVERY = 0.2, FIRST = 0.5;   /* seconds: a short search shows nothing */

void board_metric(const struct criterion *scoring, struct buffer *to)
{
	buffer_add_text(to, scoring->kind->name);
	if (scoring->item)
		buffer_format(to, "[%s]", scoring->item);
}

static void print_words(const struct trial *trial, struct buffer *to)
{
	for (size_t i = 0; i < trial->words.n; i++)
		buffer_format(to, "%s%s", i ? " " : "", trial->words.items[i]);
}

void board_trial(const struct board *board, const struct trial *trial, struct buffer *to)
{
	buffer_add_text(to, board->space->families[trial->point.family].kind->name);
	if (trial->words.n > 0)
		buffer_add_byte(to, ' ');
	print_words(trial, to);
}

/* ---- for people ---- */

static bool any_spread(const struct trials *trials)
{
	for (size_t i = 0; i < trials->n; i++)
		if (!isnan(trials->items[i].spread))
			return true;
	return false;
}

static bool any_share(const struct trials *trials)
{
	for (size_t i = 0; i < trials->n; i++)
		if (trials->items[i].share < 1)
			return true;
	return false;
}

void board_print(const struct board *board, size_t n, size_t width, struct buffer *to)
{
	const struct trials *trials = board->trials;
	size_t *order = mem_array(n + 1, sizeof *order);
	bool spread = any_spread(trials), share = any_share(trials);
	struct buffer text = BUFFER_INIT;
	struct table *table = table_new();

	board_metric(board->scoring, &text);
	table_column(table, buffer_text(&text), true);
	if (spread)
		table_column(table, "spread", true);
	if (share)
		table_column(table, "rows", true);
	table_column(table, "seconds", true);
	table_column(table, "model", false);
	table_column(table, "parameters", false);
	table_wrap(table);
	n = trials_first(trials, board->scoring->kind, n, order);
	for (size_t i = 0; i < n; i++) {
		const struct trial *trial = &trials->items[order[i]];

		table_number(table, trial->score, DIGITS);
		if (spread)
			table_number(table, trial->spread, 2);
		if (share)
			table_format(table, "%.3g%%", 100 * trial->share);
		table_format(table, "%.3g", trial->seconds);
		table_format(table, "%s", board->space->families[trial->point.family].kind->name);
		buffer_clear(&text);
		print_words(trial, &text);
		table_cell(table, buffer_text(&text), text.size);
	}
	table_print(table, to, 0, width);
	table_free(table);
	buffer_free(&text);
	free(order);
}

static void add_time(struct buffer *to, double seconds)
{
	uint64_t s = seconds > 0 && seconds < 1e12 ? (uint64_t)(seconds + 0.5) : 0;

	buffer_format(to, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

void board_count(const struct board *board, struct buffer *to)
{
	buffer_format(to, "%" PRIu64, board->n_done);
	if (board->n_trials < UINT64_MAX)
		buffer_format(to, " of %" PRIu64, board->n_trials);
}

/* "37 of 420 tried, best accuracy 0.978, 0:12 left" */
static void add_status(const struct board *board, struct buffer *to)
{
	size_t best = trials_best(board->trials, board->scoring->kind);
	double now = host_seconds(board->host);
	char number[NUMBER_SIZE];

	board_count(board, to);
	buffer_add_text(to, " tried");
	if (best < board->trials->n) {
		buffer_add_text(to, ", best ");
		board_metric(board->scoring, to);
		number_print_short(number, board->trials->items[best].score, DIGITS);
		buffer_format(to, " %s", number);
	}
	if (isfinite(board->deadline)) {
		buffer_add_text(to, ", ");
		add_time(to, board->deadline - now);
		buffer_add_text(to, " left");
	} else if (board->n_done > 0 && board->n_trials < UINT64_MAX) {
		buffer_add_text(to, ", ");
		add_time(to, now / (double)board->n_done * (double)(board->n_trials - board->n_done));
		buffer_add_text(to, " left");
	}
}

void board_show(struct board *board)
{
	const struct host *host = board->host;
	double now = host_seconds(host);
	struct buffer text = BUFFER_INIT;

	if (host_asked(host)) {
		add_status(board, &text);
		host_line(host, buffer_text(&text), true);
	} else if (host->shows_lines && now >= FIRST && now - board->shown >= EVERY) {
		add_status(board, &text);
		buffer_add_byte(&text, '\n');
		board_print(board, SHOWN, host->err_width, &text);
		text.size -= text.size > 0 && text.data[text.size - 1] == '\n';
		host_line(host, buffer_text(&text), false);
		board->stands = true;
		board->shown = now;
	}
	buffer_free(&text);
}

void board_clear(struct board *board)
{
	if (board->stands)
		host_line(board->host, "", false);
	board->stands = false;
}

/* ---- as records ---- */

enum { RANK, MODEL, N_BEFORE };
enum { SCORE, SPREAD, SHARE, SECONDS, N_REALS };

struct writing {
	const struct board *board;
	struct names keys;              /* parameters that some family has more than one value of */
	struct header header;
	struct pool *pool;
	enum type *types;               /* of keys */
	struct text_builder *models, *failed, *values;
	double *reals[N_REALS];
	int64_t *ranks, *rounds, *folds;
	const size_t *order;
};

/* Of a parameter: the narrowest that all its values are, as they are written. */
static enum type type_of(const struct trials *trials, const char *key)
{
	bool ints = true, reals = true, any = false;

	for (size_t i = 0; i < trials->n && reals; i++) {
		const char *text = trial_value(&trials->items[i], key);
		int64_t whole;
		double real;

		if (!text)
			continue;
		any = true;
		ints = ints && number_int(text, strlen(text), &whole);
		reals = ints || number_real(text, strlen(text), &real);
	}
	return !any || !reals ? TYPE_TEXT : ints ? TYPE_INT : TYPE_REAL;
}

static void find_keys(struct writing *writing)
{
	const struct space *space = writing->board->space;

	for (size_t f = 0; f < space->n; f++)
		for (size_t a = 0; a < space->families[f].n_axes; a++)
			names_add_new(&writing->keys, space->families[f].axes[a].key);
	writing->types = mem_array(writing->keys.n + 1, sizeof *writing->types);
	for (size_t i = 0; i < writing->keys.n; i++)
		writing->types[i] = type_of(writing->board->trials, writing->keys.items[i]);
}

static void add_field(struct writing *writing, const char *name, enum type type)
{
	struct buffer free_name = BUFFER_INIT;

	buffer_add_text(&free_name, name);
	while (schema_find(&writing->header.schema, buffer_text(&free_name)) != NO_FIELD)
		buffer_add_byte(&free_name, '_');
	schema_add(&writing->header.schema, buffer_text(&free_name), type, ROLE_FEATURE);
	buffer_free(&free_name);
}

static void make_header(struct writing *writing)
{
	static const char *const reals[N_REALS] = { "score", "spread", "share", "seconds" };

	add_field(writing, "rank", TYPE_INT);
	add_field(writing, "model", TYPE_TEXT);
	for (size_t i = 0; i < N_REALS; i++)
		add_field(writing, reals[i], TYPE_REAL);
	add_field(writing, "rounds", TYPE_INT);
	add_field(writing, "folds", TYPE_INT);
	add_field(writing, "failed", TYPE_TEXT);
	for (size_t i = 0; i < writing->keys.n; i++)
		add_field(writing, writing->keys.items[i], writing->types[i]);
	schema_copy(&writing->header.lineage.inputs, &writing->header.schema);
	writing->header.source = mem_text(host_program(writing->board->host));
}

static void add_text(struct text_builder *builder, const char *text)
{
	if (text)
		text_builder_add(builder, text, strlen(text));
	else
		text_builder_add_missing(builder);
}

static void put_real(struct batch *batch, size_t col, const double *values)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);
	double *to = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		to[row] = isfinite(values[row]) ? values[row] : 0;
		if (isfinite(values[row]))
			bit_set(valid, row);
	}
	batch_put(batch, col, TYPE_REAL, &fresh);
}

/* 0 is none. */
static void put_int(struct batch *batch, size_t col, const int64_t *values)
{
	struct column fresh = COLUMN_INIT;
	uint64_t *valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);
	int64_t *to = column_new_values(&fresh, batch->pool, TYPE_INT, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		to[row] = values[row];
		if (values[row] > 0)
			bit_set(valid, row);
	}
	batch_put(batch, col, TYPE_INT, &fresh);
}

static void put_text(struct batch *batch, size_t col, struct text_builder *builder)
{
	struct column fresh = COLUMN_INIT;

	text_builder_finish(builder, batch->pool, &fresh);
	batch_put(batch, col, TYPE_TEXT, &fresh);
}

static const struct trial *trial_of_row(const struct writing *writing, size_t row)
{
	return &writing->board->trials->items[writing->order[row]];
}

/* A parameter's values, in rows from `first` on. */
static void put_key(struct writing *writing, struct batch *batch, size_t col, size_t key, size_t first)
{
	const char *name = writing->keys.items[key];
	enum type type = writing->types[key];
	struct column fresh = COLUMN_INIT;
	uint64_t *valid;
	void *to;

	if (type == TYPE_TEXT) {
		for (size_t row = 0; row < batch->n_rows; row++)
			add_text(writing->values, trial_value(trial_of_row(writing, first + row), name));
		put_text(batch, col, writing->values);
		return;
	}
	valid = column_new_valid(&fresh, batch->pool, batch->n_rows, false);
	to = column_new_values(&fresh, batch->pool, type, batch->n_rows);
	memset(to, 0, batch->n_rows * sizeof(int64_t));
	for (size_t row = 0; row < batch->n_rows; row++) {
		const char *text = trial_value(trial_of_row(writing, first + row), name);

		if (text && (type == TYPE_INT ? number_int(text, strlen(text), (int64_t *)to + row) : number_real(text, strlen(text), (double *)to + row)))
			bit_set(valid, row);
	}
	batch_put(batch, col, type, &fresh);
}

static int write_rows(struct writing *writing, struct writer *writer, size_t first, size_t n, struct error *err)
{
	struct batch batch = BATCH_INIT;
	size_t col = N_BEFORE;
	int result;

	for (size_t row = 0; row < n; row++) {
		const struct trial *trial = trial_of_row(writing, first + row);

		writing->ranks[row] = isnan(trial->score) ? 0 : (int64_t)(first + row + 1);
		writing->rounds[row] = (int64_t)trial->n_rounds;
		writing->folds[row] = writing->board->folds ? (int64_t)trial->n_told : 0;
		writing->reals[SCORE][row] = trial->score;
		writing->reals[SPREAD][row] = trial->spread;
		writing->reals[SHARE][row] = trial->share;
		writing->reals[SECONDS][row] = trial->seconds;
		add_text(writing->models, writing->board->space->families[trial->point.family].kind->name);
		add_text(writing->failed, trial->why);
	}
	batch_start(&batch, writing->pool, &writing->header.schema, n);
	batch.first_row = first;
	put_int(&batch, RANK, writing->ranks);
	put_text(&batch, MODEL, writing->models);
	for (size_t i = 0; i < N_REALS; i++)
		put_real(&batch, col++, writing->reals[i]);
	put_int(&batch, col++, writing->rounds);
	put_int(&batch, col++, writing->folds);
	put_text(&batch, col++, writing->failed);
	for (size_t i = 0; i < writing->keys.n; i++)
		put_key(writing, &batch, col++, i, first);
	result = writer_batch(writer, &batch, err);
	batch_free(&batch);
	return result;
}

static int write_stream(struct writing *writing, struct writer *writer, struct error *err)
{
	size_t n = writing->board->trials->n;
	struct end end = END_INIT;
	int result = writer_header(writer, &writing->header, err);

	for (size_t first = 0; first < n && result >= 0; first += BATCH_ROWS)
		result = write_rows(writing, writer, first, n - first < BATCH_ROWS ? n - first : BATCH_ROWS, err);
	return result >= 0 ? writer_end(writer, &end, err) : -1;
}

int board_write(const struct board *board, struct file *file, struct error *err)
{
	size_t *order = trials_order(board->trials, board->scoring->kind);
	struct writing writing = { .board = board, .header = HEADER_INIT, .pool = pool_new(), .order = order };
	struct writer *writer = writer_new(file->fd, 0, board->host);
	int result;

	find_keys(&writing);
	make_header(&writing);
	writing.models = text_builder_new();
	writing.failed = text_builder_new();
	writing.values = text_builder_new();
	for (size_t i = 0; i < N_REALS; i++)
		writing.reals[i] = mem_array(BATCH_ROWS, sizeof **writing.reals);
	writing.ranks = mem_array(BATCH_ROWS, sizeof *writing.ranks);
	writing.rounds = mem_array(BATCH_ROWS, sizeof *writing.rounds);
	writing.folds = mem_array(BATCH_ROWS, sizeof *writing.folds);
	result = write_stream(&writing, writer, err);
	if (result < 0)
		error_prefix(err, "%s", file->path);
	else
		result = file_commit(file, err);
	writer_free(writer);
	text_builder_free(writing.models);
	text_builder_free(writing.failed);
	text_builder_free(writing.values);
	for (size_t i = 0; i < N_REALS; i++)
		free(writing.reals[i]);
	free(writing.types);
	free(writing.ranks);
	free(writing.rounds);
	free(writing.folds);
	names_release(&writing.keys);
	header_release(&writing.header);
	pool_drop(writing.pool);
	free(order);
	return result;
}
