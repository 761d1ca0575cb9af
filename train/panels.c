/* SPDX-License-Identifier: MIT */
/*
 * A piece of the rows is looked at once: which row goes into which part, and its
 * target. Then block by block its rows are dealt to two panels, column by column;
 * where all rows are training rows that is a copy.
 */
#include "panels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "cell.h"
#include "classes.h"
#include "columns.h"
#include "marks.h"
#include "memory.h"
#include "pick.h"
#include "weights.h"

/* Bytes; features. What is held up stands beside the panel, and should take less than that. */
enum { LONG_BLOCK = 4 << 20, MOST_TOLD = LONG_BLOCK / (PANEL_ROWS * (int)sizeof(double)) };
enum { NO_PART = 2, STANDING = 1024, WAITING = 16 * 1024 };      /* bytes that stand for a column, about: in a batch, in those of a block */

/* What one lane works with. */
struct dealing {
	const struct panels *panels;
	size_t lane;
	struct filling { double *x, *y, *weight, *group, *time; size_t n; struct panel_runs runs; } parts[2];
	uint64_t block;                 /* that is being filled */
	struct batch *piece;            /* being dealt */
	unsigned char *part_of;         /* by row of the piece: a part, or NO_PART */
	uint64_t *rows_of[2];           /* the same, by part: a bit map */
	double *y_of, *group_of;
	size_t room;
	bool mostly_train;              /* of the piece's rows: its bytes are worth holding */
	uint32_t picked[PANEL_ROWS];    /* rows of the piece that go into a part, one by one (list_rows) */
	double spread[PANEL_ROWS + 64]; /* a column of a block's piece, and the rows before it in its first word */
	struct panel_rows rows;
};

struct panels_pass {
	const struct panels *panels;
	struct dealing *lanes;
	struct spool *keep;
	panel_taker *take;
	void *state;
};

static size_t n_features(const struct panels *panels) { return panels->no_x ? 0 : panels->problem->features.n; }

/* The column is taken into pieces, once; its place there. */
static int take_column(struct panels *panels, int col)
{
	for (size_t i = n_features(panels); i < panels->n_cols; i++)
		if (panels->cols[i] == (size_t)col)
			return (int)i;
	panels->cols[panels->n_cols++] = (size_t)col;
	return (int)panels->n_cols - 1;
}

int panels_open(struct panels *panels, const struct schema *schema, const struct problem *problem, const char *target, unsigned takes,
                const struct host *host, struct error *err)
{
	int weight, split = schema_find_role(schema, ROLE_SPLIT), col;

	*panels = (struct panels){ .host = host, .problem = problem, .missing = takes & MODEL_MISSING, .no_x = takes & MODEL_NO_X, .tells_runs = takes & MODEL_RUNS && problem->features.n <= MOST_TOLD,
	                           .most = PANEL_ROWS, .target = NO_FIELD, .weight = NO_FIELD, .split = NO_FIELD, .by = NO_FIELD,
	                           .time = NO_FIELD };
	panels->cols = mem_array(problem->features.n + 5, sizeof *panels->cols);
	for (size_t i = 0; i < n_features(panels); i++) {
		col = schema_require(schema, problem->features.items[i], err);
		if (col == NO_FIELD)
			return -1;
		take_column(panels, col);
	}
	if (target) {
		col = schema_require(schema, target, err);
		if (col == NO_FIELD)
			return -1;
		panels->target = take_column(panels, col);
	}
	if (problem->by) {
		col = schema_require(schema, problem->by, err);
		if (col == NO_FIELD)
			return -1;
		panels->by = take_column(panels, col);
	}
	col = schema_find_role(schema, ROLE_TIME);
	if (col != NO_FIELD)
		panels->time = take_column(panels, col);
	if (weights_find(schema, &weight, host, err) < 0)
		return -1;
	if (weight != NO_FIELD)
		panels->weight = take_column(panels, weight);
	if (split != NO_FIELD)
		panels->split = take_column(panels, split);
	return 0;
}

void panels_release(struct panels *panels)
{
	free(panels->cols);
	*panels = (struct panels){ .problem = NULL };
}

/* ---- a new piece: which row goes where, and its target ---- */

static int read_target(struct dealing *dealing, struct error *err)
{
	const struct panels *panels = dealing->panels;
	struct batch *batch = dealing->piece;
	const struct field *field = &batch->schema->fields[panels->target];
	const struct column *column = column_read(batch, (size_t)panels->target, err);

	if (!column)
		return error_prefix(err, "column '%s'", field->name);
	if (panels->problem->task == TASK_CLASSIFICATION)
		class_numbers(&panels->problem->classes, field, column, batch->n_rows, dealing->y_of);
	else
		for (size_t row = 0; row < batch->n_rows; row++)
			dealing->y_of[row] = column_number(column, field->type, row);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (!column_valid(column, row))
			dealing->part_of[row] = NO_PART;
	return 0;
}

static int read_groups(struct dealing *dealing, struct error *err)
{
	const struct panels *panels = dealing->panels;
	const struct field *field = &dealing->piece->schema->fields[panels->by];
	const struct column *column = column_read(dealing->piece, (size_t)panels->by, err);

	if (!column)
		return error_prefix(err, "column '%s'", field->name);
	class_numbers(&panels->problem->groups, field, column, dealing->piece->n_rows, dealing->group_of);
	return 0;
}

/* Puts before the message where the row came from. */
static int fail_row(const struct dealing *dealing, size_t row, struct error *err)
{
	const struct panels *panels = dealing->panels;
	uint64_t number = dealing->piece->first_row + row;
	struct error ignored = ERROR_INIT;
	struct buffer place = BUFFER_INIT;

	if (!panels->place || panels->place(panels->place_state, number, &place, &ignored) < 0 || place.size == 0) {
		buffer_clear(&place);
		cell_place(dealing->piece, row, number, &place);
	}
	error_prefix(err, "%s", buffer_text(&place));
	buffer_free(&place);
	return -1;
}

static int fail_missing(const struct dealing *dealing, const char *name, size_t row, struct error *err)
{
	error_set(err, STATUS_FAILED, "column '%s' is missing: impute it", name);
	host_advise(dealing->panels->host, ADVICE_PREPARE, NULL, err);
	return fail_row(dealing, row, err);
}

/* A bool that is nearly always the same, as onehot makes them, and of which nothing is missing: it is dealt as it stands. */
static bool is_mostly(const struct column *column, enum type type)
{
	return type == TYPE_BOOL && column->encoding == ENCODED_MOSTLY && column->checked && !column->values && !column->valid;
}

/* A missing feature, unless the family takes it, is an error in a training row; a valid row with one is left out. */
static int read_features(struct dealing *dealing, struct error *err)
{
	const struct panels *panels = dealing->panels;
	struct batch *batch = dealing->piece;

	for (size_t i = 0; i < n_features(panels); i++) {
		const struct column *column = &batch->columns[i];

		if (is_mostly(column, batch->schema->fields[i].type))
			continue;
		column = column_read(batch, i, err);
		if (!column)
			return error_prefix(err, "column '%s'", panels->problem->features.items[i]);
		for (size_t row = 0; !panels->missing && column->n_missing && row < batch->n_rows; row++) {
			if (dealing->part_of[row] == NO_PART || column_valid(column, row))
				continue;
			if (dealing->part_of[row] == PART_TRAIN)
				return fail_missing(dealing, panels->problem->features.items[i], row, err);
			dealing->part_of[row] = NO_PART;
			dealing->rows.valid_missing++;
		}
	}
	return 0;
}

static int read_weights(struct dealing *dealing, struct error *err)
{
	const struct panels *panels = dealing->panels;
	struct batch *batch = dealing->piece;
	double weight;

	if (weights_read(batch, panels->weight, err) < 0)
		return -1;
	for (size_t row = 0; row < batch->n_rows; row++)
		if (dealing->part_of[row] != NO_PART && weight_of_row(batch, panels->weight, row, &weight, err) < 0)
			return fail_row(dealing, row, err);
	return 0;
}

static void make_room(struct dealing *dealing, size_t n_rows)
{
	if (n_rows <= dealing->room)
		return;
	dealing->room = n_rows;
	dealing->part_of = mem_resize(dealing->part_of, n_rows, 1);
	for (int part = PART_TRAIN; part <= PART_VALID; part++)
		dealing->rows_of[part] = mem_resize(dealing->rows_of[part], bits_words(n_rows), sizeof *dealing->rows_of[part]);
	dealing->y_of = mem_resize(dealing->y_of, n_rows, sizeof *dealing->y_of);
	dealing->group_of = mem_resize(dealing->group_of, n_rows, sizeof *dealing->group_of);
}

/* Of rows few of which are kept the rest would be held, too. */
static void weigh_piece(struct dealing *dealing)
{
	size_t n_train = 0;

	for (size_t word = 0; word < bits_words(dealing->piece->n_rows); word++)
		n_train += bits_ones(dealing->rows_of[PART_TRAIN][word]);
	dealing->mostly_train = n_train >= dealing->piece->n_rows / 4 * 3;
}

/* A class that no training row has can't be learned from a valid row; who judges answers may want to know of it. */
static void sort_out_unknown(struct dealing *dealing)
{
	for (size_t row = 0; row < dealing->piece->n_rows; row++) {
		if (dealing->part_of[row] == NO_PART || dealing->y_of[row] != NO_CLASS)
			continue;
		if (dealing->panels->unknown && dealing->part_of[row] == PART_VALID)
			dealing->y_of[row] = (double)dealing->panels->problem->classes.n;
		else
			dealing->part_of[row] = NO_PART;
	}
}

/* The parts as bit maps. */
static void find_parts(struct dealing *dealing)
{
	size_t n_rows = dealing->piece->n_rows;

	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		uint64_t *rows = dealing->rows_of[part];

		for (size_t word = 0; word < bits_words(n_rows); word++) {
			size_t n = n_rows - word * 64 < 64 ? n_rows - word * 64 : 64;
			const unsigned char *parts = &dealing->part_of[word * 64];

			rows[word] = 0;
			for (size_t i = 0; i < n; i++)
				rows[word] |= (uint64_t)(parts[i] == part) << i;
		}
	}
}

static int look_at_piece(struct dealing *dealing, struct batch *piece, struct error *err)
{
	const struct panels *panels = dealing->panels;
	struct marks marks = { .split = panels->split };
	unsigned char *parts;

	make_room(dealing, piece->n_rows);
	dealing->piece = piece;
	dealing->mostly_train = false;
	if (marks_read(&marks, piece, dealing->part_of, err) < 0)
		return -1;
	parts = dealing->part_of;       /* which the compiler knows to be apart from all else */
	for (size_t row = 0; row < piece->n_rows; row++)
		parts[row] = parts[row] == MARK_TRAIN ? PART_TRAIN : parts[row] == MARK_VALID ? PART_VALID : NO_PART;
	if ((panels->target != NO_FIELD && read_target(dealing, err) < 0) || read_features(dealing, err) < 0)
		return -1;
	if (panels->weight != NO_FIELD && read_weights(dealing, err) < 0)
		return -1;
	if ((panels->by != NO_FIELD && read_groups(dealing, err) < 0) || (panels->time != NO_FIELD && !column_read(piece, (size_t)panels->time, err)))
		return -1;
	if (panels->problem->task == TASK_CLASSIFICATION)
		sort_out_unknown(dealing);
	find_parts(dealing);
	if (panels->tells_runs)
		weigh_piece(dealing);
	return 0;
}

/* ---- rows that are dealt ---- */

/* Rows of the piece that lie in one block, and of them the n that go into a part. */
struct part_rows { enum part part; size_t first, end, n; const uint64_t *rows; };

static uint64_t dealt_of_word(const struct part_rows *dealt, size_t word) { return dealt->rows[word] & bits_between(word, dealt->first, dealt->end); }

/* Of at least one. */
static size_t first_dealt(const struct part_rows *dealt)
{
	size_t word = dealt->first / 64;
	uint64_t bits;

	while (!(bits = dealt_of_word(dealt, word)))
		word++;
	return word * 64 + (size_t)__builtin_ctzll(bits);
}

static size_t behind_dealt(const struct part_rows *dealt)
{
	size_t word = (dealt->end - 1) / 64;
	uint64_t bits;

	while (!(bits = dealt_of_word(dealt, word)))
		word--;
	return word * 64 + 64 - (size_t)__builtin_clzll(bits);
}

/* ---- where columns lie ---- */

/* The block that holds the values; NULL: none of the column's. */
static struct block *block_of_values(const struct column *column)
{
	for (size_t i = 0; i < COLUMN_BLOCKS && column->blocks[i]; i++) {
		uintptr_t first = (uintptr_t)column->blocks[i]->data, at = (uintptr_t)column->values;

		if (at >= first && at < first + column->blocks[i]->size)
			return column->blocks[i];
	}
	return NULL;
}

static void drop_runs(struct panel_runs *runs, size_t n_columns)
{
	size_t n = runs->n < PANEL_RUNS ? runs->n : PANEL_RUNS;

	for (size_t i = 0; i < n_columns; i++)
		for (size_t run = 0; run < n; run++)
			block_drop(runs->blocks[i * PANEL_RUNS + run]);
	runs->n = 0;
}

/* The rows that are dealt, if they are without a hole. A long block, which no batch of ours has, is not held
 * up: it would stay beside the next one. n beyond PANEL_RUNS: there are too many runs. */
static void add_run(const struct dealing *dealing, struct filling *filling, const struct part_rows *dealt)
{
	const struct panels *panels = dealing->panels;
	const struct batch *batch = dealing->piece;
	struct panel_runs *runs = &filling->runs;
	size_t run = runs->n, first;
	bool whole;

	runs->n += run <= PANEL_RUNS;
	if (run >= PANEL_RUNS)
		return;
	first = first_dealt(dealt);
	whole = dealing->mostly_train && behind_dealt(dealt) - first == dealt->n;
	runs->ends[run] = filling->n + dealt->n;
	for (size_t i = 0; i < n_features(panels); i++) {
		const struct column *column = &batch->columns[i];
		bool lies = whole && batch->schema->fields[i].type == TYPE_REAL && !column->n_missing;
		struct block *block = lies ? block_of_values(column) : NULL;

		block = block && block_memory(block) <= LONG_BLOCK ? block : NULL;
		runs->blocks[i * PANEL_RUNS + run] = block_use(block);
		runs->values[i * PANEL_RUNS + run] = block ? (const double *)column->values + first : NULL;
	}
}

/* ---- dealing ---- */

/* The first of its places that is `row` or behind it. */
static size_t place_from(const struct column *column, size_t row)
{
	size_t low = 0, high = column->n_odd;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (column_place(column, middle) < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* All rows are written, and those of the part taken out of them. */
static void deal_mostly(struct dealing *dealing, const struct column *column, const struct part_rows *dealt, double *to)
{
	size_t before = dealt->first / 64 * 64, n = dealt->end - before, last = place_from(column, dealt->end);
	double most = column->first.number != 0, *spread = dealing->spread;

	for (size_t row = 0; row < n; row++)
		spread[row] = most;
	for (size_t i = place_from(column, dealt->first); i < last; i++)
		spread[column_place(column, i) - before] = 1 - most;
	pick_values(to, spread, sizeof *to, dealt->rows + before / 64, NULL, dealt->first - before, n, cpu_lanes());
}

/* Values of a column that is read. */
static void deal_numbers(const struct column *column, enum type type, const struct part_rows *dealt, double *to)
{
	uint8_t bools[PANEL_ROWS];
	int64_t value;

	if (type == TYPE_BOOL) {
		pick_values(bools, column->values, 1, dealt->rows, NULL, dealt->first, dealt->end, cpu_lanes());
		for (size_t k = 0; k < dealt->n; k++)
			to[k] = bools[k];
		return;
	}
	pick_values(to, column->values, sizeof *to, dealt->rows, NULL, dealt->first, dealt->end, cpu_lanes());
	for (size_t k = 0; type == TYPE_INT && k < dealt->n; k++) {
		memcpy(&value, &to[k], sizeof value);
		to[k] = (double)value;
	}
}

static void list_rows(const struct part_rows *dealt, uint32_t *picked)
{
	for (size_t word = dealt->first / 64; word * 64 < dealt->end; word++)
		for (uint64_t bits = dealt_of_word(dealt, word); bits; bits &= bits - 1)
			*picked++ = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
}

/* A part that has rows gets its panel: many streams have no valid ones. */
static void filling_init(struct filling *filling, const struct panels *panels)
{
	size_t n = n_features(panels), most = panels->most;

	filling->x = mem_aligned(n * most * sizeof *filling->x);
	filling->y = mem_aligned(most * sizeof *filling->y);
	filling->weight = mem_aligned(most * sizeof *filling->weight);
	filling->group = mem_aligned(most * sizeof *filling->group);
	filling->time = mem_aligned(most * sizeof *filling->time);
	if (panels->tells_runs) {
		filling->runs.values = mem_array(n * PANEL_RUNS + 1, sizeof *filling->runs.values);
		filling->runs.blocks = mem_array(n * PANEL_RUNS + 1, sizeof *filling->runs.blocks);
	}
}

/* What few tables have: what is missing, weights, groups, times. */
static void deal_others(struct dealing *dealing, const struct part_rows *dealt)
{
	struct filling *filling = &dealing->parts[dealt->part];
	const struct panels *panels = dealing->panels;
	const struct batch *batch = dealing->piece;
	const uint32_t *picked = dealing->picked;

	list_rows(dealt, dealing->picked);
	for (size_t i = 0; panels->missing && i < n_features(panels); i++)
		for (size_t k = 0; batch->columns[i].n_missing && k < dealt->n; k++)
			if (!column_valid(&batch->columns[i], picked[k]))
				filling->x[i * panels->most + filling->n + k] = NAN;
	for (size_t k = 0; panels->weight != NO_FIELD && k < dealt->n; k++)
		filling->weight[filling->n + k] = column_number(&batch->columns[panels->weight],
		                                                batch->schema->fields[panels->weight].type, picked[k]);
	for (size_t k = 0; panels->by != NO_FIELD && k < dealt->n; k++)
		filling->group[filling->n + k] = dealing->group_of[picked[k]];
	for (size_t k = 0; panels->time != NO_FIELD && k < dealt->n; k++) {
		const struct column *time = &batch->columns[panels->time];
		enum type type = batch->schema->fields[panels->time].type;

		filling->time[filling->n + k] = !column_valid(time, picked[k]) ? NAN : type == TYPE_TIME ? (double)column_int(time, picked[k])
		                                : column_number(time, type, picked[k]);
	}
}

/* Appends rows of the piece to a part. */
static void deal(struct dealing *dealing, const struct part_rows *dealt)
{
	struct filling *filling = &dealing->parts[dealt->part];
	const struct panels *panels = dealing->panels;
	const struct batch *batch = dealing->piece;

	if (!filling->y)
		filling_init(filling, panels);
	if (panels->tells_runs)
		add_run(dealing, filling, dealt);
	for (size_t i = 0; i < n_features(panels); i++) {
		const struct column *column = &batch->columns[i];
		enum type type = batch->schema->fields[i].type;
		double *to = &filling->x[i * panels->most + filling->n];

		if (is_mostly(column, type))
			deal_mostly(dealing, column, dealt, to);
		else
			deal_numbers(column, type, dealt, to);
	}
	if (panels->target != NO_FIELD)
		pick_values(&filling->y[filling->n], dealing->y_of, sizeof *filling->y, dealt->rows, NULL, dealt->first, dealt->end, cpu_lanes());
	if (panels->missing || panels->weight != NO_FIELD || panels->by != NO_FIELD || panels->time != NO_FIELD)
		deal_others(dealing, dealt);
	filling->n += dealt->n;
}

/* Rows first .. first + n - 1 of the piece, which lie in one block. */
static int deal_rows(struct dealing *dealing, size_t first, size_t n, struct error *err)
{
	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		struct part_rows dealt = { .part = (enum part)part, .first = first, .end = first + n, .rows = dealing->rows_of[part] };

		for (size_t word = first / 64; word * 64 < dealt.end; word++)
			dealt.n += bits_ones(dealt_of_word(&dealt, word));
		if (dealing->parts[part].n + dealt.n > dealing->panels->most)
			return error_set(err, STATUS_FAILED, "more rows come than were there before");
		if (dealt.n > 0)
			deal(dealing, &dealt);
	}
	return 0;
}

/* The panels of the block that was filled. */
static int hand_out(struct panels_pass *run, struct dealing *dealing, struct error *err)
{
	const struct panels *panels = dealing->panels;

	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		struct filling *filling = &dealing->parts[part];
		struct panel panel = { .part = (enum part)part, .block = dealing->block, .n_rows = filling->n,
		                       .n_features = n_features(panels), .x = panels->no_x ? NULL : filling->x, .y = panels->target == NO_FIELD ? NULL : filling->y,
		                       .stride = panels->most,
		                       .weight = panels->weight == NO_FIELD ? NULL : filling->weight,
		                       .group = panels->by == NO_FIELD ? NULL : filling->group,
		                       .time = panels->time == NO_FIELD ? NULL : filling->time,
		                       .runs = filling->runs.n > 0 && filling->runs.n <= PANEL_RUNS ? &filling->runs : NULL };
		int result;

		if (filling->n == 0)
			continue;
		*(part == PART_TRAIN ? &dealing->rows.n_train : &dealing->rows.n_valid) += filling->n;
		filling->n = 0;
		result = run->take(run->state, dealing->lane, &panel, err);
		drop_runs(&filling->runs, panels->tells_runs ? n_features(panels) : 0);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- the run ---- */

static int look_at_batch(void *state, size_t lane, struct batch *batch, struct error *err)
{
	const struct panels *panels = ((struct panels_pass *)state)->panels;

	(void)lane;
	for (size_t i = 0; i < panels->n_cols; i++)
		if (!column_check(batch, panels->cols[i], err))
			return error_prefix(err, "column '%s'", batch->schema->fields[panels->cols[i]].name);
	return 0;
}

static int take_piece(void *state, size_t lane, struct batch *piece, struct error *err)
{
	struct panels_pass *run = state;
	struct dealing *dealing = &run->lanes[lane];

	if (look_at_piece(dealing, piece, err) < 0)
		return -1;
	for (size_t row = 0, rest; row < piece->n_rows; row += rest) {
		uint64_t block = block_of(piece, row);

		rest = block_rest(piece, row);
		if (block != dealing->block && hand_out(run, dealing, err) < 0)
			return -1;
		dealing->block = block;
		if (deal_rows(dealing, row, rest, err) < 0)
			return -1;
	}
	return 0;
}

static int blocks_done(void *state, size_t lane, struct error *err)
{
	struct panels_pass *run = state;

	return hand_out(run, &run->lanes[lane], err);
}

static int keep_batch(void *state, size_t lane, struct batch *batch, struct error *err)
{
	(void)lane;
	return spool_add(((struct panels_pass *)state)->keep, batch, err);
}

static void dealing_init(struct dealing *dealing, const struct panels *panels, size_t lane)
{
	dealing->panels = panels;
	dealing->lane = lane;
}

static void dealing_release(struct dealing *dealing)
{
	for (int part = PART_TRAIN; part <= PART_VALID; part++) {
		free(dealing->parts[part].x);
		free(dealing->parts[part].y);
		free(dealing->parts[part].weight);
		free(dealing->parts[part].group);
		free(dealing->parts[part].time);
		drop_runs(&dealing->parts[part].runs, dealing->parts[part].runs.values ? n_features(dealing->panels) : 0);
		free(dealing->parts[part].runs.values);
		free(dealing->parts[part].runs.blocks);
	}
	free(dealing->part_of);
	free(dealing->rows_of[PART_TRAIN]);
	free(dealing->rows_of[PART_VALID]);
	free(dealing->y_of);
	free(dealing->group_of);
}

uint64_t panels_memory(size_t n_features, size_t most, size_t n_lanes, size_t n_parts)
{
	uint64_t panels = n_parts * most * sizeof(double), block = most * sizeof(double) + WAITING;

	return (uint64_t)(n_features + 2) * n_lanes * (panels + (n_lanes > 1 ? block : STANDING));
}

int panels_run(const struct panels *panels, struct source *source, struct spool *keep, size_t n_lanes, panel_taker *take, void *state,
               struct panel_rows *rows, struct error *err)
{
	struct panels_pass run = { .panels = panels, .lanes = mem_new(n_lanes, sizeof *run.lanes), .keep = keep, .take = take, .state = state };
	const struct block_work work = { .cols = panels->cols, .n_cols = panels->n_cols, .look = look_at_batch, .host = panels->host,
	                                 .keep = keep ? keep_batch : NULL, .piece = take_piece, .done = blocks_done, .state = &run };
	int result;

	for (size_t lane = 0; lane < n_lanes; lane++)
		dealing_init(&run.lanes[lane], panels, lane);
	result = blocks_run(source, n_lanes, &work, err);
	*rows = (struct panel_rows){ .n_train = 0 };
	for (size_t lane = 0; lane < n_lanes; lane++) {
		rows->n_train += run.lanes[lane].rows.n_train;
		rows->n_valid += run.lanes[lane].rows.n_valid;
		rows->valid_missing += run.lanes[lane].rows.valid_missing;
		dealing_release(&run.lanes[lane]);
	}
	free(run.lanes);
	return result;
}
