/* SPDX-License-Identifier: MIT */
/*
 * `balance COLUMN under|over|weight`: evens the classes of a column among the rows to
 * train on, those that a split marked so. All others stay as they are, and so do rows
 * without a class.
 *
 *     under    rows of a class go, those with the smallest hashes (marks.h), until it has no more than the rarest
 *     over     rows of a class come again, right behind themselves, until it has as many as the most frequent: all equally
 *              often, but for the rest, which are those with the smallest hashes
 *     weight   rows of a class weigh (all rows) / (classes * its rows), times what they weighed before
 *
 * All rows are kept and counted before the first leaves (strata.h), as a row's lot
 * hangs on how many there are of its class, and on nothing else but its number. The
 * unit is a row part: new data are not balanced.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "memory.h"
#include "spool.h"
#include "step.h"
#include "strata.h"
#include "weights.h"

enum method { UNDER, OVER, WEIGHT };
static const char *const method_names[] = { "under", "over", "weight" };

struct balance_config { int method; double ratio; int64_t seed; };

static const struct option_row balance_options[] = {
	{ "method", '=', OPTION_CHOICE, offsetof(struct balance_config, method), NULL, "under|over|weight", 0, 0,
	  "rows of frequent classes go, rows of rare ones come again, or rows get weights (default under)" },
	{ "ratio", 0, OPTION_REAL, offsetof(struct balance_config, ratio), "R", NULL, 1e-9, 1,
	  "under, over: the rarest class has R times the rows of the most frequent (default 1: as many)" },
	{ "seed", 0, OPTION_INT, offsetof(struct balance_config, seed), "N", NULL, 0, 4294967295.0, "another choice by chance (default: --seed)" },
	OPTION_END
};

/* ---- binding ---- */

static int refuse_unmarked(const struct binding *binding, const char *column, struct error *err)
{
	return arguments_fail(binding->arguments, 0, err, "it balances rows to train on, and none are marked: put 'split test=0.2 stratify=%s' before it",
	                      column);
}

/* The field of the weights: what is there, or _weight. NULL and err. */
static const char *weight_field(const struct binding *binding, struct error *err)
{
	int col;

	if (weights_find(binding->schema, &col, binding->host, err) < 0)
		return NULL;
	if (col != NO_FIELD)
		return binding->schema->fields[col].name;
	return schema_check_generated(binding->schema, "_weight", err) < 0 ? NULL : "_weight";
}

static int balance_bind(struct binding *binding, struct error *err)
{
	struct balance_config config = { .method = UNDER, .ratio = 1, .seed = (int64_t)binding->seed };
	const struct arguments *arguments = binding->arguments;
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	const char *weight = NULL;
	struct unit *unit;
	int result = bind_columns(binding, balance_options, &config, &names, err);

	if (result != BIND_DONE)
		goto out;
	result = BIND_FAILED;
	if (names.n != 1)
		arguments_fail(arguments, arguments->words[1].at, err, "one column at a time: %zu match", names.n);
	else if (config.method == WEIGHT && arguments_key(arguments, "ratio"))
		arguments_fail(arguments, arguments_key(arguments, "ratio"), err, "ratio= goes with under and over");
	else if (schema_find_role(binding->schema, ROLE_SPLIT) == NO_FIELD)
		refuse_unmarked(binding, names.items[0], err);
	else if (config.method == WEIGHT && !(weight = weight_field(binding, err)))
		arguments_point(arguments, 0, err);
	else
		result = BIND_DONE;
	if (result != BIND_DONE)
		goto out;
	unit = entry_add(binding->entry, "balance");
	unit->acts = ACTS_ON_ROWS;
	unit->fitted = FITTED_TRAIN;    /* their counts say what comes of each */
	names_add(&unit->reads, names.items[0]);
	if (weight)
		names_add(&unit->writes, weight);
	pack_map(&state, 3);
	pack_key_text(&state, "method", method_names[config.method]);
	pack_key_real(&state, "ratio", config.ratio);
	pack_key_int(&state, "seed", config.seed);
	unit_set_state(unit, &state);
out:
	names_release(&names);
	return result;
}

static int read_config(const struct unit *unit, struct balance_config *config, struct error *err)
{
	struct unpacked state;
	bool fine;

	if (unit_state(unit, &state, err) < 0)
		return -1;
	*config = (struct balance_config){ .method = UNDER };
	while (config->method <= WEIGHT && !object_is_text(map_get(&state.object, "method"), method_names[config->method]))
		config->method++;
	fine = config->method <= WEIGHT && object_real(map_get(&state.object, "ratio"), &config->ratio) && config->ratio > 0 &&
		object_int(map_get(&state.object, "seed"), &config->seed) && unit->reads.n == 1 && unit->writes.n == (config->method == WEIGHT);
	unpacked_free(&state);
	return fine ? 0 : error_set(err, STATUS_FAILED, "broken state of 'balance'");
}

static int balance_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct balance_config config;
	int col;

	if (read_config(unit, &config, err) < 0 || open_column(schema, unit->reads.items[0], TYPES_ANY, err) == NO_FIELD)
		return -1;
	if (config.method != WEIGHT)
		return 0;
	col = schema_find(schema, unit->writes.items[0]);
	if (col == NO_FIELD)
		schema_add(schema, unit->writes.items[0], TYPE_REAL, ROLE_WEIGHT);
	else
		schema_set_type(schema, col, TYPE_REAL);
	return 0;
}

/* ---- over the rows ---- */

struct balancing {
	struct source in, rows;         /* in: first: source_inner_cancel; rows: those that were kept */
	struct header kept;             /* their fields */
	struct end end;                 /* of what was read */
	const struct header *header;
	const struct host *host;
	struct spool *spool;
	struct strata strata;
	struct cuts cuts;
	struct balance_config config;
	struct marks keyed;             /* whose hashes order the rows */
	size_t col, weight;             /* weight: n_fields of `in`: appended */
	bool counted;
	uint64_t goal;                  /* rows that a class has at the most, or at least */
	double n_train, n_classes;      /* rows with a class; of those that have any */
	struct arena scratch;
	struct batch batch;             /* over: being handed out, from `row` on, which was `copies` times already */
	uint32_t *times;                /* by row of it */
	uint32_t *picked;
	size_t row, room;
	uint32_t copies;
	uint64_t n_out;
};

/* Part 0 of a class: under, the rows that go; over, those that come once more than the others. */
static void goal_ranks(const struct cut_rule *rule, uint64_t before, uint64_t n, uint64_t *ranks)
{
	const struct balancing *balancing = rule->state;
	uint64_t goal = balancing->goal;

	(void)before;
	if (balancing->config.method == UNDER)
		ranks[0] = n > goal ? n - goal : 0;
	else
		ranks[0] = n > 0 && n < goal ? goal % n : 0;
}

static int count_batch(struct balancing *balancing, struct batch *batch, struct error *err)
{
	const struct column *column = column_read(batch, balancing->col, err);
	const uint64_t *rows;
	uint64_t *keys;
	int result = -1;

	if (column && marks_train_rows(batch, &balancing->scratch, &rows, err) == 0) {
		keys = arena_array(&balancing->scratch, batch->n_rows, sizeof *keys);
		marks_keys(&balancing->keyed, batch, keys);
		result = strata_add(&balancing->strata, column, batch->n_rows, rows, keys, err);
	}
	arena_clear(&balancing->scratch);
	return result;
}

static void set_goal(struct balancing *balancing)
{
	const struct distinct *classes = &balancing->strata.classes;
	uint64_t least = UINT64_MAX, most = 0;
	double goal;

	for (size_t i = 0; i < classes->n; i++) {
		uint64_t n = classes->items[i].count;

		least = n < least ? n : least;
		most = n > most ? n : most;
		balancing->n_train += (double)n;
	}
	balancing->n_classes = (double)classes->n;
	goal = balancing->config.method == UNDER ? (double)least / balancing->config.ratio : (double)most * balancing->config.ratio;
	balancing->goal = goal >= 1 ? goal < 0x1p62 ? (uint64_t)(goal + 0.5) : (uint64_t)1 << 62 : 1;
}

static int count_rows(struct balancing *balancing, struct error *err)
{
	const struct cut_rule rule = { 1, goal_ranks, balancing };
	struct batch batch = BATCH_INIT;
	int result;

	while ((result = source_next(&balancing->in, &batch, false, err)) == 1)
		if (count_batch(balancing, &batch, err) < 0 || spool_add(balancing->spool, &batch, err) < 0) {
			result = -1;
			break;
		}
	batch_free(&batch);
	if (result < 0 || spool_close(balancing->spool, err) < 0)
		return -1;
	end_copy(&balancing->end, balancing->in.end(balancing->in.state));
	source_close(&balancing->in);
	set_goal(balancing);
	if (strata_finish(&balancing->strata, &rule, &balancing->cuts, err) < 0)
		return -1;
	strata_release(&balancing->strata);
	spool_drain(balancing->spool, &balancing->kept, NULL, &balancing->rows);
	balancing->counted = true;
	return 0;
}

/* Rows of each row's class; 0: it has none, or is not to train on. parts: of cuts_of_rows. */
static int look_at_rows(struct balancing *balancing, struct batch *batch, uint64_t **n_of, uint32_t **parts, struct error *err)
{
	const struct column *column = column_read(batch, balancing->col, err);
	struct arena *scratch = &balancing->scratch;
	const uint32_t *classes;
	const uint64_t *rows;
	uint64_t *keys;

	if (!column || marks_train_rows(batch, scratch, &rows, err) < 0)
		return -1;
	keys = arena_array(scratch, batch->n_rows, sizeof *keys);
	*n_of = arena_array(scratch, batch->n_rows, sizeof **n_of);
	*parts = arena_array(scratch, batch->n_rows, sizeof **parts);
	marks_keys(&balancing->keyed, batch, keys);
	cuts_of_rows(&balancing->cuts, column, batch->n_rows, keys, scratch, *parts);
	classes = distinct_look(&balancing->cuts.classes, column, batch->n_rows, rows, scratch);
	for (size_t row = 0; row < batch->n_rows; row++)
		(*n_of)[row] = classes[row] == NO_VALUE ? 0 : balancing->cuts.classes.items[classes[row]].count;
	return 0;
}

static int drop_rows(struct balancing *balancing, struct batch *batch, struct error *err)
{
	uint64_t *n_of, *kept = arena_new(&balancing->scratch, bits_words(batch->n_rows), sizeof *kept);
	uint32_t *parts;
	size_t n = 0;

	if (look_at_rows(balancing, batch, &n_of, &parts, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		if (n_of[row] <= balancing->goal || parts[row] != 0) {
			bit_set(kept, row);
			n++;
		}
	return batch_keep(batch, kept, n, err);
}

static int put_weights(struct balancing *balancing, struct batch *batch, struct error *err)
{
	bool is_there = balancing->weight < batch->n_columns;
	enum type type = is_there ? batch->schema->fields[balancing->weight].type : TYPE_REAL;
	const struct column *old = is_there ? column_read(batch, balancing->weight, err) : NULL;
	struct column fresh = COLUMN_INIT;
	uint64_t *n_of;
	uint32_t *parts;
	double *weights;

	if ((is_there && !old) || look_at_rows(balancing, batch, &n_of, &parts, err) < 0)
		return -1;
	weights = column_new_values(&fresh, batch->pool, TYPE_REAL, batch->n_rows);
	for (size_t row = 0; row < batch->n_rows; row++) {
		weights[row] = old ? column_number(old, type, row) : 1;
		if (n_of[row] > 0)
			weights[row] *= balancing->n_train / (balancing->n_classes * (double)n_of[row]);
		if (!isfinite(weights[row])) {
			column_drop(&fresh);
			return error_set(err, STATUS_FAILED, "'%s': a row's new weight is more than a real holds (%g times what it weighed)",
			                 balancing->header->schema.fields[balancing->weight].name, balancing->n_train / (balancing->n_classes * (double)n_of[row]));
		}
	}
	if (old)
		column_share_valid(&fresh, old);
	batch_put(batch, balancing->weight, TYPE_REAL, &fresh);
	return 0;
}

/* How often each row comes. */
static int set_times(struct balancing *balancing, struct error *err)
{
	struct batch *batch = &balancing->batch;
	uint64_t *n_of;
	uint32_t *parts;

	if (look_at_rows(balancing, batch, &n_of, &parts, err) < 0)
		return -1;
	balancing->times = mem_resize(balancing->times, batch->n_rows + 1, sizeof *balancing->times);
	for (size_t row = 0; row < batch->n_rows; row++) {
		uint64_t times = n_of[row] > 0 && n_of[row] < balancing->goal ? balancing->goal / n_of[row] + (parts[row] == 0) : 1;

		balancing->times[row] = times < UINT32_MAX ? (uint32_t)times : UINT32_MAX;
	}
	for (size_t col = 0; col < batch->n_columns; col++)
		if (!column_read(batch, col, err))
			return -1;
	balancing->row = 0;
	balancing->copies = 0;
	return 0;
}

static size_t text_bytes(const struct batch *batch, size_t row)
{
	size_t bytes = 0, size;

	for (size_t col = 0; col < batch->n_columns; col++)
		if (batch->schema->fields[col].type == TYPE_TEXT) {
			(void)column_text(&batch->columns[col], row, &size);
			bytes += size;
		}
	return bytes;
}

/* The next rows of the batch in hand, a batch's worth. */
static int repeat_rows(struct balancing *balancing, struct batch *to, struct error *err)
{
	const struct batch *from = &balancing->batch;
	size_t n = 0, bytes = 0;

	for (; n < BATCH_ROWS && balancing->row < from->n_rows && bytes < 4 * BATCH_BYTES; n++) {
		bytes += text_bytes(from, balancing->row);
		balancing->picked[n] = (uint32_t)balancing->row;
		if (++balancing->copies < balancing->times[balancing->row])
			continue;
		balancing->row++;
		balancing->copies = 0;
	}
	batch_share(to, from);
	return batch_pick(to, balancing->picked, n, err);
}

static int next_of_over(struct balancing *balancing, struct batch *to, bool now, struct error *err)
{
	int result = 1;

	while (result == 1 && balancing->row >= balancing->batch.n_rows)
		if ((result = source_next(&balancing->rows, &balancing->batch, now, err)) == 1 && set_times(balancing, err) < 0)
			result = -1;
	if (result == 1)
		result = repeat_rows(balancing, to, err) < 0 ? -1 : 1;
	return result;
}

static int balancing_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct balancing *balancing = state;
	int result;

	batch_clear(to);
	if (!balancing->counted && count_rows(balancing, err) < 0)
		return -1;
	do {
		if (balancing->config.method == OVER)
			result = next_of_over(balancing, to, now, err);
		else if ((result = source_next(&balancing->rows, to, now, err)) == 1 &&
		         (balancing->config.method == UNDER ? drop_rows(balancing, to, err) : put_weights(balancing, to, err)) < 0)
			result = -1;
		arena_clear(&balancing->scratch);
	} while (result == 1 && to->n_rows == 0);
	if (result == 1) {
		to->schema = &balancing->header->schema;
		to->first_row = balancing->n_out;
		balancing->n_out += to->n_rows;
	}
	return result;
}

static const struct end *balancing_end(void *state)
{
	return &((struct balancing *)state)->end;
}

static void balancing_close(void *state)
{
	struct balancing *balancing = state;

	batch_free(&balancing->batch);
	source_close(&balancing->rows);
	spool_free(balancing->spool);
	strata_release(&balancing->strata);
	cuts_release(&balancing->cuts);
	arena_free(&balancing->scratch);
	free(balancing->times);
	free(balancing->picked);
	source_close(&balancing->in);
	header_release(&balancing->kept);
	end_release(&balancing->end);
	free(balancing);
}

static int balance_over(const struct unit *unit, struct source *out, struct source *in, const struct header *behind,
                        const struct step_limits *limits, struct error *err)
{
	const struct schema *schema = &in->header->schema;
	struct balance_config config;
	struct balancing *balancing;
	int col, weight = NO_FIELD;

	if (read_config(unit, &config, err) < 0 || (col = open_column(schema, unit->reads.items[0], TYPES_ANY, err)) == NO_FIELD)
		return -1;
	if (config.method == WEIGHT)
		weight = schema_find(schema, unit->writes.items[0]);
	balancing = mem_new(1, sizeof *balancing);
	*balancing = (struct balancing){ .in = *in, .header = behind, .config = config, .col = (size_t)col, .keyed = { .seed = (uint64_t)config.seed },
	                                 .weight = weight == NO_FIELD ? schema->n_fields : (size_t)weight, .scratch = ARENA_INIT, .batch = BATCH_INIT,
	                                 .spool = spool_new(limits->memory / 2, limits->host), .picked = mem_array(BATCH_ROWS, sizeof *balancing->picked) };
	*in = (struct source){ .state = NULL };
	schema_copy(&balancing->kept.schema, schema);
	strata_init(&balancing->strata, schema->fields[col].type, limits->memory / 2, limits->host, NULL);
	*out = (struct source){ .header = behind, .next = balancing_next, .end = balancing_end, .close = balancing_close, .cancel = source_inner_cancel,
	                        .state = balancing };
	return 0;
}

const struct step_kind step_balance = {
	.name = "balance",
	.usage = "balance COLUMN under|over|weight [ratio=R] [seed=N]",
	.summary = "even the classes of a column among the rows to train on, by rows or by weights",
	.example = "balance city over",
	.options = balance_options,
	.also = "oversample|undersample|resample",
	.bind = balance_bind,
	.fields = balance_fields,
	.over = balance_over,
};
