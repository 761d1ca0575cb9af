/* SPDX-License-Identifier: MIT */
#include "tune_rows.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "distinct.h"
#include "leakage.h"
#include "memory.h"
#include "slices.h"
#include "tune_share.h"
#include "trainset.h"

enum {
	FOLDS = 5,
	MOST_DEALT = 1 << 20,           /* rows beyond which chance parts classes evenly enough */
	MOST_NUMBERS = 20,              /* different whole numbers that may be classes, as in train */
};
static const double MANY_CELLS = 2e6;           /* of the train rows: fitted five times they cost more than they tell */
static const uint64_t LONG_BATCH = 16;          /* a share of the memory */

static bool has_recipe(const struct tune_rows *rows) { return rows->options.recipe->n > 0; }
static const struct host *host_of(const struct tune_rows *rows) { return rows->options.words.host; }

/* ---- taking in ---- */

/* Of rows whose columns the recipe makes first: marks alone. */
static int set_up_raw(struct tune_rows *rows, struct error *err)
{
	static const struct text_list nothing = { .n = 0 };
	struct setup *setup = &rows->setup;
	struct setup_options words = rows->options.words;

	words.operands = words.features = &nothing;
	words.model = NULL;
	words.target_as = NULL;
	words.task = TASK_CLUSTERS;
	if (setup_init(setup, &words, rows->input->header, err) < 0)
		return -1;
	setup->n_cols = setup->marks.split != NO_FIELD;
	if (setup->n_cols > 0)
		setup->cols[0] = (size_t)setup->marks.split;
	return 0;
}

/* Of what a recipe makes nobody knows the columns yet: it is taken to be as many as come. */
static struct budget divide_memory(const struct tune_rows *rows)
{
	const struct rows_options *options = &rows->options;
	const struct schema *schema = &rows->input->header->schema;
	struct setup all = rows->setup;
	struct budget budget;

	if (!has_recipe(rows))
		return budget_of(options->memory, (size_t)options->threads, schema, &rows->setup);
	all.n_cols = schema->n_fields;
	all.cols = mem_array(all.n_cols + 1, sizeof *all.cols);
	for (size_t col = 0; col < all.n_cols; col++)
		all.cols[col] = col;
	budget = budget_of(options->memory, (size_t)options->threads, schema, &all);
	free(all.cols);
	return budget;
}

int rows_take(struct tune_rows *rows, struct source *input, const struct rows_options *options, struct error *err)
{
	struct setup *setup = &rows->setup;

	*rows = (struct tune_rows){ .options = *options, .input = input };
	if ((has_recipe(rows) ? set_up_raw(rows, err) : setup_init(setup, &rows->options.words, input->header, err)) < 0)
		return -1;
	rows->budget = divide_memory(rows);
	source_slice(input, rows->budget.memory / LONG_BATCH, host_of(rows));
	if ((!has_recipe(rows) && holdout_look(&rows->holdout, input, setup, rows->budget.rows, err) < 0) ||
	    intake_read(&rows->intake, input, setup, rows->budget.lanes, rows->budget.rows, err) < 0)
		return -1;
	if (has_recipe(rows))
		return 0;
	rows->options.words.task = rows->intake.classes.n > 0 ? TASK_CLASS : TASK_NUMBER;
	return setup_settle(setup, &rows->options.words, rows->intake.classes.n > 0, err);
}

void rows_release(struct tune_rows *rows)
{
	intake_release(&rows->intake);
	setup_release(&rows->setup);
	holdout_release(&rows->holdout);
	free(rows->fold_of);
	rows->fold_of = NULL;
}

/* ---- folds ---- */

/* Train rows, to be dealt to folds: those of a class one after the other, in the order of their keys. */
struct dealt { uint32_t class; uint64_t row, key; };

struct dealing_rows {
	struct tune_rows *rows;
	int target, group, fold;        /* columns, or NO_FIELD */
	struct distinct classes;        /* of the target; or groups, or the folds that the column names */
	struct dealt *dealt;
	size_t n, room;
	unsigned char *marks;
	uint64_t *bits;
	struct buffer cell;
};

static int compare_dealt(const void *a, const void *b)
{
	const struct dealt *one = a, *other = b;

	if (one->class != other->class)
		return one->class < other->class ? -1 : 1;
	return one->key < other->key ? -1 : one->key > other->key;
}

/* Where there are too many rows to be dealt, a whole group goes where its key says. */
static void draw_groups(struct dealing_rows *dealing, struct batch *batch, const struct column *group)
{
	const struct tune_rows *rows = dealing->rows;
	enum type type = batch->schema->fields[dealing->group].type;

	for (size_t row = 0; row < batch->n_rows; row++) {
		buffer_clear(&dealing->cell);
		if (column_valid(group, row))
			cell_key(type, group, row, &dealing->cell);
		rows->fold_of[batch->first_row + row] = (uint8_t)((double)marks_key(&rows->setup.marks, dealing->cell.data, dealing->cell.size) * 0x1p-53 * rows->n_folds);
	}
}

/* A class, or group, beyond all, of rows without one. */
static void deal_rows(struct dealing_rows *dealing, const struct batch *batch, const uint32_t *numbers, const uint64_t *keys)
{
	for (size_t row = 0; row < batch->n_rows; row++) {
		if (dealing->marks[row] != MARK_TRAIN)
			continue;
		array_grow(dealing->dealt, dealing->n, dealing->room);
		dealing->dealt[dealing->n++] = (struct dealt){ numbers ? numbers[row] : 0, batch->first_row + row, keys[row] };
	}
}

/* Folds as the column names them, by their order of coming. */
static int take_folds(struct dealing_rows *dealing, const struct batch *batch, const uint32_t *numbers, struct error *err)
{
	const char *name = batch->schema->fields[dealing->fold].name;

	for (size_t row = 0; row < batch->n_rows; row++) {
		if (dealing->marks[row] == MARK_TRAIN && numbers[row] == NO_VALUE)
			return error_set(err, STATUS_FAILED, "row %llu: '%s' is missing, which says a row's fold", (unsigned long long)(batch->first_row + row), name);
		dealing->rows->fold_of[batch->first_row + row] = numbers[row] < MOST_FOLDS ? (uint8_t)numbers[row] : MOST_FOLDS;
	}
	if (dealing->classes.n > MOST_FOLDS)
		return error_set(err, STATUS_FAILED, "'%s' has role fold and more than %d values", name, MOST_FOLDS);
	return 0;
}

static int deal_batch(struct dealing_rows *dealing, struct batch *batch, uint64_t *keys, struct error *err)
{
	int by = dealing->fold != NO_FIELD ? dealing->fold : dealing->group != NO_FIELD ? dealing->group : dealing->target;
	const struct column *column = by == NO_FIELD ? NULL : column_read(batch, (size_t)by, err);
	const uint32_t *numbers = NULL;

	if (by != NO_FIELD && !column)
		return -1;
	dealing->marks = mem_resize(dealing->marks, batch->n_rows + 1, 1);
	if (marks_read(&dealing->rows->setup.marks, batch, dealing->marks, err) < 0)
		return -1;
	if (by == dealing->group && by != NO_FIELD && dealing->rows->intake.n_train > MOST_DEALT) {
		draw_groups(dealing, batch, column);
		return 0;
	}
	if (by != NO_FIELD) {
		dealing->bits = mem_resize(dealing->bits, bits_words(batch->n_rows) + 1, sizeof *dealing->bits);
		marks_pick(dealing->marks, batch->n_rows, 1 << MARK_TRAIN, dealing->bits);
		numbers = distinct_rows(&dealing->classes, column, batch->n_rows, dealing->bits);
	}
	if (by == dealing->fold && by != NO_FIELD)
		return take_folds(dealing, batch, numbers, err);
	marks_keys(&dealing->rows->setup.marks, batch, keys);
	deal_rows(dealing, batch, numbers, keys);
	return 0;
}

/* A group of so many rows. */
struct dealt_group { uint32_t number; uint64_t n, key; };

static int compare_groups(const void *a, const void *b)
{
	const struct dealt_group *one = a, *other = b;

	if (one->n != other->n)
		return one->n > other->n ? -1 : 1;
	return one->key < other->key ? -1 : one->key > other->key;
}

/* What to do about too few of them. */
static const char *fewer_folds(uint64_t n) { return n < 2 ? "" : " (--folds K)"; }

/* The largest group first, each to the fold that has fewest rows. */
static int deal_groups(struct dealing_rows *dealing, struct error *err)
{
	struct tune_rows *rows = dealing->rows;
	size_t n = dealing->classes.n, n_groups = n;
	struct dealt_group *groups = mem_new(n + 1, sizeof *groups);
	uint64_t n_rows[MOST_FOLDS] = { 0 };
	uint8_t *fold_of = mem_new(n + 1, 1);

	for (size_t i = 0; i <= n; i++)
		groups[i] = (struct dealt_group){ .number = (uint32_t)i, .key = i < n ? marks_key(&rows->setup.marks, distinct_bytes(&dealing->classes, i),
		                                                                                  dealing->classes.items[i].size) : 0 };
	for (size_t i = 0; i < dealing->n; i++) {
		if (dealing->dealt[i].class == NO_VALUE)
			dealing->dealt[i].class = (uint32_t)n;
		groups[dealing->dealt[i].class].n++;
	}
	n_groups += groups[n].n > 0;
	qsort(groups, n + 1, sizeof *groups, compare_groups);
	for (size_t i = 0; i < n_groups; i++) {
		unsigned least = 0;

		for (unsigned fold = 1; fold < rows->n_folds; fold++)
			least = n_rows[fold] < n_rows[least] ? fold : least;
		fold_of[groups[i].number] = (uint8_t)least;
		n_rows[least] += groups[i].n;
	}
	for (size_t i = 0; i < dealing->n; i++)
		rows->fold_of[dealing->dealt[i].row] = fold_of[dealing->dealt[i].class];
	free(fold_of);
	free(groups);
	if (n_groups >= rows->n_folds)
		return 0;
	return error_set(err, STATUS_FAILED, "'%s' has role group: %zu group%s of training rows %s too few for %u folds%s",
	                 rows->input->header->schema.fields[dealing->group].name, n_groups, n_groups == 1 ? "" : "s", n_groups == 1 ? "is" : "are",
	                 rows->n_folds, fewer_folds(n_groups));
}

/* Of whole numbers, behind which a recipe stands, nobody knows yet whether they are classes: few of them are parted as if they were. */
static void deal_classes(struct dealing_rows *dealing)
{
	bool numbers = dealing->target != NO_FIELD && dealing->classes.type == TYPE_INT && dealing->rows->options.words.task != TASK_CLASS;

	for (size_t i = 0; i < dealing->n && numbers && dealing->classes.n > MOST_NUMBERS; i++)
		dealing->dealt[i].class = 0;
	if (dealing->n > 0)
		qsort(dealing->dealt, dealing->n, sizeof *dealing->dealt, compare_dealt);
	for (size_t i = 0; i < dealing->n; i++)
		dealing->rows->fold_of[dealing->dealt[i].row] = (uint8_t)(i % dealing->rows->n_folds);
}

static int count_folds(struct dealing_rows *dealing, struct error *err)
{
	struct tune_rows *rows = dealing->rows;

	rows->n_folds = (unsigned)dealing->classes.n;
	if (rows->n_folds >= 2)
		return 0;
	return error_set(err, STATUS_FAILED, "'%s' has role fold and one value: there is nothing to hold out",
	                 rows->input->header->schema.fields[dealing->fold].name);
}

static int deal(struct dealing_rows *dealing, struct error *err)
{
	struct tune_rows *rows = dealing->rows;
	struct source source = { .next = NULL };
	struct batch batch = BATCH_INIT;
	uint64_t *keys = NULL;
	int result;

	rows->fold_of = mem_new(rows->intake.n_rows + 1, 1);
	spool_source(rows->intake.spool, rows->input->header, NULL, &source);
	while ((result = source_next(&source, &batch, false, err)) == 1) {
		keys = mem_resize(keys, batch.n_rows + 1, sizeof *keys);
		if ((result = deal_batch(dealing, &batch, keys, err)) < 0)
			break;
	}
	free(keys);
	batch_free(&batch);
	source_close(&source);
	if (result < 0)
		return -1;
	if (dealing->fold != NO_FIELD)
		return count_folds(dealing, err);
	if (dealing->group != NO_FIELD)
		return rows->intake.n_train > MOST_DEALT ? 0 : deal_groups(dealing, err);
	deal_classes(dealing);
	return 0;
}

/* The target as it came, where it is there and has classes, or may have some. */
static int classes_col(const struct tune_rows *rows)
{
	const struct schema *schema = &rows->input->header->schema;
	const struct setup_options *words = &rows->options.words;
	int col;

	if (!has_recipe(rows))
		return rows->setup.task == TASK_CLASSIFICATION ? rows->setup.target_col : NO_FIELD;
	col = words->operands->n > 0 ? schema_find(schema, words->operands->items[0]) : schema_find_role(schema, ROLE_TARGET);
	if (col == NO_FIELD || words->task == TASK_NUMBER)
		return NO_FIELD;
	return words->task == TASK_CLASS || schema->fields[col].type == TYPE_TEXT || schema->fields[col].type == TYPE_BOOL || schema->fields[col].type == TYPE_INT ?
	       col : NO_FIELD;
}

static int part_in_folds(struct tune_rows *rows, struct error *err)
{
	const struct schema *schema = &rows->input->header->schema;
	struct dealing_rows dealing = { .rows = rows, .target = classes_col(rows), .group = schema_find_role(schema, ROLE_GROUP), .fold = schema_find_role(schema, ROLE_FOLD) };
	int by, result;

	rows->by = BY_FOLDS;
	if (rows->n_folds > 0)
		dealing.fold = NO_FIELD;
	if (dealing.fold == NO_FIELD && dealing.group == NO_FIELD && rows->intake.n_train > MOST_DEALT)
		return 0;
	if (rows->intake.n_train < rows->n_folds)
		return error_set(err, STATUS_FAILED, "%llu training row%s too few for %u folds%s", (unsigned long long)rows->intake.n_train,
		                 rows->intake.n_train == 1 ? " is" : "s are", rows->n_folds, fewer_folds(rows->intake.n_train));
	by = dealing.fold != NO_FIELD ? dealing.fold : dealing.group != NO_FIELD ? dealing.group : dealing.target;
	if (by != NO_FIELD)
		distinct_start(&dealing.classes, schema->fields[by].type);
	result = deal(&dealing, err);
	if (by != NO_FIELD)
		distinct_release(&dealing.classes);
	free(dealing.dealt);
	free(dealing.marks);
	free(dealing.bits);
	buffer_free(&dealing.cell);
	return result;
}

/* Steps that came with the stream and learned something. With a recipe any field may be used. */
static int check_fits(const struct tune_rows *rows, struct error *err)
{
	const struct header *header = rows->input->header;
	int weight = schema_find_role(&header->schema, ROLE_WEIGHT);
	struct names used = { .items = NULL };
	int result;

	if (has_recipe(rows)) {
		for (size_t col = 0; col < header->schema.n_fields; col++)
			names_add(&used, header->schema.fields[col].name);
	} else {
		names_copy(&used, &rows->setup.features);
		if (weight != NO_FIELD)
			names_add_new(&used, header->schema.fields[weight].name);
	}
	result = leak_check_folds(&header->lineage, &used, rows->setup.target, err);
	names_release(&used);
	return result;
}

int rows_part(struct tune_rows *rows, unsigned n_folds, struct error *err)
{
	const struct schema *schema = &rows->input->header->schema;
	size_t n_features = has_recipe(rows) ? schema->n_fields : rows->setup.features.n;
	bool many = (double)rows->intake.n_train * (double)n_features > MANY_CELLS, said = n_folds > 0 || schema_find_role(schema, ROLE_FOLD) != NO_FIELD;
	struct error fits = ERROR_INIT;

	rows->n_folds = n_folds;
	rows->folds_asked = n_folds > 0;
	rows->views_left = rows->budget.rows - (spool_memory(rows->intake.spool) < rows->budget.rows ? spool_memory(rows->intake.spool) : rows->budget.rows);
	rows->share_left = rows->budget.rows / 4;
	rows->trials = rows->budget.rows - rows->share_left;
	if (said && !rows->options.words.allow_leak && check_fits(rows, err) < 0)
		return -1;
	if (said)
		return part_in_folds(rows, err);
	rows->by = BY_VALID;
	if (rows->intake.n_marked_valid > 0)
		return 0;
	if (rows->options.words.valid > 0)
		return error_set(err, STATUS_FAILED, "--valid %g: chance draws none of %llu rows (a larger share, or --folds K)", rows->options.words.valid,
		                 (unsigned long long)rows->intake.n_rows);
	if (!many && (rows->options.words.allow_leak || check_fits(rows, &fits) == 0)) {
		rows->n_folds = FOLDS;
		host_note(host_of(rows), "no row is marked valid: configurations are judged by %d folds of the training rows", FOLDS);
		return part_in_folds(rows, err);
	}
	rows->by = BY_TENTH;
	host_note(host_of(rows), "no row is marked valid: configurations are judged by a tenth of the training rows%s", many ? " (--folds N takes them all)" :
	          ", as steps have learned from all of them (--folds and -f RECIPE fit them anew)");
	return 0;
}

/* ---- views ---- */

static struct marks marks_of(const struct tune_rows *rows, unsigned fold, double share)
{
	struct marks marks = rows->setup.marks;

	if (fold == ALL_TRAIN) {
		marks.valid_rows = VALID_TRAINS;
	} else if (fold != NO_FOLD) {
		marks.n_folds = rows->n_folds;
		marks.fold = fold;
		marks.fold_of = rows->fold_of;
		marks.of_fold = MARK_VALID;
		marks.valid_rows = VALID_NONE;
	} else if (rows->by == BY_TENTH) {
		marks.n_folds = WATCH_FOLDS;
		marks.fold = 0;
		marks.of_fold = MARK_VALID;
	}
	marks.share = share < 1 ? share : 0;
	return marks;
}

static struct plan_options plan_of(const struct tune_rows *rows)
{
	const struct host *host = host_of(rows);

	return (struct plan_options){ .memory = rows->budget.rows / 2, .seed = rows->options.words.seed, .threads = (int)rows->budget.lanes,
	                              .fit_memory = rows->budget.memory / 4, .lane_memory = UINT64_MAX, .program = host->program, .host = host };
}

/* All rows of a source, which is closed. */
static struct spool *keep_rows(struct tune_rows *rows, struct source *source, struct error *err)
{
	struct spool *spool = spool_new(rows->views_left, host_of(rows));
	struct batch batch = BATCH_INIT;
	int result;

	while ((result = source_next(source, &batch, false, err)) == 1)
		if ((result = spool_add(spool, &batch, err)) < 0)
			break;
	batch_free(&batch);
	if (result < 0 || spool_close(spool, err) < 0) {
		spool_free(spool);
		return NULL;
	}
	spool_trim(spool);
	rows->views_left -= spool_memory(spool);
	return spool;
}

static void drop_rows(struct tune_rows *rows, struct spool *spool)
{
	if (spool)
		rows->views_left += spool_memory(spool);
	spool_free(spool);
}

/* Marks are words of a column here, whoever says them. */
static int check_marks(const struct schema *before, const struct schema *made, struct error *err)
{
	int split = schema_find_role(before, ROLE_SPLIT);

	if (split == NO_FIELD || schema_find_role(made, ROLE_SPLIT) != NO_FIELD)
		return 0;
	return error_set(err, STATUS_USAGE, "the recipe drops or changes '%s', which says which rows are held out: leave that step out", before->fields[split].name);
}

/* What the recipe makes of the rows that are not held out. */
static int run_recipe(struct view *view, struct error *err)
{
	struct tune_rows *rows = view->rows;
	size_t n = rows->input->header->schema.n_fields, *cols = mem_array(n + 1, sizeof *cols);
	struct plan_options plan = plan_of(rows);
	struct source marked = { .next = NULL }, made = { .next = NULL };
	struct schema before = { .fields = NULL };
	int result;

	for (size_t col = 0; col < n; col++)
		cols[col] = col;
	result = trainset_open(&marked, rows->intake.spool, rows->input->header, &view->marks, cols, n, NO_FIELD, true, err);
	if (result >= 0) {
		schema_copy(&before, &marked.header->schema);
		result = plan_open(&made, &marked, rows->options.recipe, &plan, err);
	}
	if (result >= 0 && check_marks(&before, &made.header->schema, err) >= 0 && (view->own = keep_rows(rows, &made, err)))
		header_copy(&view->own_header, made.header);
	schema_release(&before);
	source_close(&made);
	source_close(&marked);
	free(cols);
	return view->own ? 0 : -1;
}

/* Marks are the view's, or, of what a recipe made, words of its own. */
static int set_up(const struct view *view, const struct model_kind *kind, const struct text_list *operands, struct setup *setup, struct error *err)
{
	const struct tune_rows *rows = view->rows;
	struct setup_options words = rows->options.words;

	words.operands = operands;
	if (kind)
		words.model = kind->name;
	words.host = NULL;
	if (has_recipe(rows))
		words.holdout = words.valid = 0;
	if (setup_init(setup, &words, view->header, err) < 0)
		return -1;
	if (!has_recipe(rows))
		setup->marks = view->marks;
	setup->host = host_of(rows);
	return 0;
}

/* The profile and the classes of the view's own train rows. */
static int look_anew(struct view *view, struct error *err)
{
	struct tune_rows *rows = view->rows;
	struct setup setup;
	int result = set_up(view, NULL, rows->options.words.operands, &setup, err);

	if (result >= 0) {
		setup.automatic = setup.automatic && has_recipe(rows);
		view->look = &view->own_look;
		result = intake_look(view->look, view->spool, view->header, &setup, rows->budget.lanes, err);
		if (result >= 0)
			rows->options.words.task = view->look->classes.n > 0 ? TASK_CLASS : TASK_NUMBER;
	}
	setup_release(&setup);
	return result;
}

/* A group that the recipe makes comes too late to keep its rows in one fold; a fold, unless their number is asked for, to be one. */
static int check_roles(const struct view *view, struct error *err)
{
	const struct tune_rows *rows = view->rows;
	const struct schema *made = &view->own_header.schema, *before = &rows->input->header->schema;
	int group = schema_find_role(made, ROLE_GROUP), fold = schema_find_role(made, ROLE_FOLD);

	if (group != NO_FIELD && rows->by == BY_FOLDS && schema_find_role(before, ROLE_GROUP) == NO_FIELD)
		return error_set(err, STATUS_USAGE, "'%s' gets role group by the recipe, too late for its rows to stay in one fold: that step stands before, as split does",
		                 made->fields[group].name);
	if (fold != NO_FIELD && !rows->folds_asked && schema_find_role(before, ROLE_FOLD) == NO_FIELD)
		return error_set(err, STATUS_USAGE, "'%s' gets role fold by the recipe, too late to part the rows: that step stands before, as split does (or --folds K)",
		                 made->fields[fold].name);
	return 0;
}

int view_open(struct view *view, struct tune_rows *rows, unsigned fold, double share, struct error *err)
{
	bool whole = fold == NO_FOLD && share >= 1 && rows->by != BY_TENTH && !has_recipe(rows);

	*view = (struct view){ .rows = rows, .fold = fold, .share = share, .marks = marks_of(rows, fold, share), .header = rows->input->header,
	                       .spool = rows->intake.spool, .look = &rows->intake };
	if (whole)
		return 0;
	if (has_recipe(rows)) {
		if (run_recipe(view, err) < 0 || check_roles(view, err) < 0)
			return -1;
		view->header = &view->own_header;
		view->spool = view->own;
	}
	return look_anew(view, err);
}

bool view_lacks_classes(const struct view *view) { return view->look == &view->own_look && view->own_look.classes.n == 1; }

static int prepare_rows(struct view *view, struct view_rows *kept, struct error *err)
{
	struct tune_rows *rows = view->rows;
	const struct rows_wanted what = { .setup = &kept->setup, .profile = &kept->look->profile, .spool = view->spool, .header = view->header,
	                                  .target_as = rows->options.words.target_as, .no_prepare = rows->options.no_prepare, .plan = plan_of(rows) };
	struct prepared prepared;
	int result = prepared_find(&prepared, &what, err);

	names_copy(&kept->shown, &prepared.shown);
	if (result >= 0 && (result = prepared_open(&prepared, &what, err)) >= 0 && (kept->spool = keep_rows(rows, &prepared.source, err)))
		header_copy(&kept->header, prepared.source.header);
	prepared_release(&prepared);
	return kept->spool ? 0 : -1;
}

/* Looks again at what view_rest let go. */
static int wake(struct view *view, struct error *err)
{
	if (!view->rests)
		return 0;
	view->rests = false;
	intake_release(&view->own_look);
	return look_anew(view, err);
}

void view_rest(struct view *view)
{
	if (view->fold >= ALL_TRAIN)
		return;
	profile_release(&view->own_look.profile);
	view->rests = true;
}

static int open_rows(struct view *view, const struct model_kind *kind, struct view_rows *kept, struct error *err)
{
	struct setup_options words = view->rows->options.words;
	int result;

	for (size_t i = 0; i < words.operands->n; i++)
		kept->operands[kept->words.n++] = words.operands->items[i];
	if (kept->by)
		kept->operands[kept->words.n++] = kept->by;
	kept->words.items = kept->operands;
	words.operands = &kept->words;
	if (wake(view, err) < 0 || set_up(view, kind, &kept->words, &kept->setup, err) < 0 || setup_settle(&kept->setup, &words, view->look->classes.n > 0, err) < 0)
		return -1;
	kept->look = view->look;
	if (kept->by) {
		if (intake_look(&kept->own_look, view->spool, view->header, &kept->setup, view->rows->budget.lanes, err) < 0)
			return -1;
		kept->look = &kept->own_look;
	}
	result = prepare_rows(view, kept, err);
	profile_release(&kept->own_look.profile);
	return result;
}

static bool groups_by(const struct view_rows *kept, const char *by)
{
	return by && kept->by ? strcmp(kept->by + strlen("by="), by) == 0 : !by && !kept->by;
}

struct view_rows *view_rows(struct view *view, const struct model_kind *kind, const void *parameters, struct error *err)
{
	unsigned takes = model_wants(kind, parameters);
	const char *by = kind->by ? kind->by(parameters) : NULL;
	struct view_rows *kept = NULL;

	for (size_t i = 0; i < view->n_kept && !kept; i++)
		if (view->kept[i]->takes == takes && groups_by(view->kept[i], by))
			kept = view->kept[i];
	if (!kept) {
		kept = mem_new(1, sizeof *kept);
		kept->takes = takes;
		kept->by = by ? mem_format("by=%s", by) : NULL;
		array_grow(view->kept, view->n_kept, view->room);
		view->kept[view->n_kept++] = kept;
		kept->failed = open_rows(view, kind, kept, &kept->why) < 0;
	}
	if (kept->failed)
		*err = kept->why;
	return kept->failed ? NULL : kept;
}

void view_close(struct view *view)
{
	for (size_t i = 0; i < view->n_kept; i++) {
		struct view_rows *kept = view->kept[i];

		in_common_free(view->rows, kept->in_common);
		setup_release(&kept->setup);
		if (kept->spool)
			header_release(&kept->header);
		drop_rows(view->rows, kept->spool);
		names_release(&kept->shown);
		intake_release(&kept->own_look);
		free(kept->by);
		free(kept);
	}
	free(view->kept);
	intake_release(&view->own_look);
	if (view->own)
		header_release(&view->own_header);
	drop_rows(view->rows, view->own);
	*view = (struct view){ .rows = NULL };
}
