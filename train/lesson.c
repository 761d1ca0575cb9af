/* SPDX-License-Identifier: MIT */
#include "lesson.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "class_weights.h"
#include "lesson_state.h"
#include "levels_of.h"
#include "memory.h"
#include "target_sums.h"
#include "undo.h"

/* What one lane of the first pass sees. */
struct lesson_lane {
	struct target_sums sums;        /* of a regression in its own units */
	double *own;                    /* a panel's targets in these */
};

static const struct pace *pace_of(const struct lesson *lesson)
{
	static const struct pace once = { .rounds = 1 };

	return lesson->setup->kind->round_name ? lesson->setup->parameters : &once;
}

/* Whether fingerprints of the rows are wanted, for a checkpoint that was made or will be. */
static bool wants_fingerprint(const struct lesson *lesson)
{
	return lesson->setup->kind->checkpoint && (lesson->resumed || lesson->options.checkpoints || lesson->options.watch.checkpoint);
}

static bool wants_stop(const struct lesson *lesson)
{
	const struct lesson_watch *watch = &lesson->options.watch;

	return watch->stop && watch->stop(watch->state);
}

/* ---- what is learned from ---- */

static int find_features(struct lesson *lesson, const struct schema *schema, struct error *err)
{
	bool levels = model_wants(lesson->setup->kind, lesson->setup->parameters) & MODEL_LEVELS;

	for (size_t col = 0; col < schema->n_fields; col++) {
		const struct field *field = &schema->fields[col];

		if (field->role != ROLE_FEATURE || setup_is_target(lesson->setup, field->name) ||
		    (lesson->setup->by && strcmp(field->name, lesson->setup->by) == 0))
			continue;
		if (!type_is_number(field->type) && field->type != TYPE_BOOL) {
			error_set(err, STATUS_FAILED, "column '%s' is %s, models read numbers: %s or drop it", field->name, type_name(field->type),
			          field->type != TYPE_TEXT ? "use date" : levels ? "make levels of it" : "onehot it");
			return host_advise(lesson->setup->host, ADVICE_PREPARE, NULL, err);
		}
		names_add(&lesson->problem.features, field->name);
	}
	return lesson->problem.features.n > 0 ? 0 : setup_without_features(lesson->setup, err);
}

/* How much rows of each class count, where the parameters say so. */
static int find_factors(struct lesson *lesson, struct error *err)
{
	const char *text = lesson->setup->general.class_weight;

	if (!text)
		return 0;
	lesson->class_factors = mem_new(lesson->problem.classes.n + 1, sizeof *lesson->class_factors);
	return class_weights_read(text, &lesson->problem.classes, lesson->options.class_rows, lesson->class_factors, err);
}

/* Which features one unit of onehot made. */
static void find_sets(struct lesson *lesson)
{
	const struct lineage *lineage = lesson->lineage;
	uint32_t set = 0;

	lesson->set_of = mem_new(lesson->problem.features.n + 1, sizeof *lesson->set_of);
	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++) {
			const struct unit *unit = &lineage->entries[e].units[u];

			if (strcmp(unit->kind, "onehot") != 0)
				continue;
			set++;
			for (size_t w = 0; w < unit->writes.n; w++) {
				size_t feature = names_find(&lesson->problem.features, unit->writes.items[w]);

				if (feature != NO_NAME)
					lesson->set_of[feature] = set;
			}
		}
	lesson->training.set_of = lesson->set_of;
}

static void find_levels(struct lesson *lesson)
{
	lesson->levels_of = mem_new(lesson->problem.features.n + 1, sizeof *lesson->levels_of);
	levels_of(lesson->lineage, &lesson->problem.features, lesson->levels_of);
	lesson->training.levels_of = lesson->levels_of;
}

/* ---- the first pass: what the simplest predictor would say ---- */

static void start_baseline(struct lesson *lesson)
{
	lesson->lanes = mem_new(lesson->n_lanes, sizeof *lesson->lanes);
	for (size_t i = 0; i < lesson->n_lanes; i++) {
		struct lesson_lane *lane = &lesson->lanes[i];

		target_sums_init(&lane->sums, &lesson->problem);
		lane->own = mem_array(PANEL_ROWS, sizeof *lane->own);
	}
}

static int add_to_baseline(const struct lesson *lesson, struct lesson_lane *mine, const struct panel *panel, struct error *err)
{
	bool numbers = lesson->problem.task == TASK_REGRESSION;

	if (numbers) {
		memcpy(mine->own, panel->y, panel->n_rows * sizeof *mine->own);
		if (undo_values(lesson->lineage, lesson->setup->target, mine->own, panel->n_rows, err) < 0)
			return -1;
	}
	target_sums_add(&mine->sums, panel, numbers ? mine->own : panel->y);
	return 0;
}

static void drop_lanes(struct lesson *lesson)
{
	for (size_t i = 0; lesson->lanes && i < lesson->n_lanes; i++) {
		target_sums_release(&lesson->lanes[i].sums);
		free(lesson->lanes[i].own);
	}
	free(lesson->lanes);
	lesson->lanes = NULL;
}

/* What the lanes saw becomes one; rows that nobody can learn from are refused here, once for all families. */
static int close_baseline(struct lesson *lesson, struct error *err)
{
	struct target_sums *all = &lesson->lanes[0].sums;
	int result = 0;

	for (size_t i = 1; i < lesson->n_lanes; i++)
		target_sums_merge(all, &lesson->lanes[i].sums);
	if (!target_sums_finish(all))
		result = error_set(err, STATUS_FAILED, "no rows to train on");
	else if (all->sums[all->n] == 0)
		result = error_set(err, STATUS_FAILED, "the weights of all training rows are 0");
	else if (!isfinite(all->numbers ? target_sums_mean(all) : all->sums[all->n]) || !isfinite(all->sums[all->n]))
		result = error_set(err, STATUS_FAILED, "the weights of the training rows, or the targets times these, are too large for a sum (scale them)");
	else if (all->numbers)
		lesson->target_mean = target_sums_mean(all);
	else
		memcpy(lesson->class_weights, all->sums, all->n * sizeof *all->sums);
	drop_lanes(lesson);
	return result;
}

/* ---- passes over the rows ---- */

struct lesson_taking { struct lesson *lesson; panel_taker *take; void *fitting; };

/* Of one panel; the sum over all, modulo 2^64, does not hang on their order, and so not on the lanes. */
static uint64_t panel_fingerprint(const struct panel *panel)
{
	size_t size = panel->n_rows * sizeof *panel->x;
	uint64_t hash = XXH3_64bits_withSeed(panel->y, panel->y ? size : 0, 2 * panel->block + panel->part);

	for (size_t i = 0; i < panel->n_features; i++)
		hash = XXH3_64bits_withSeed(&panel->x[i * panel->stride], size, hash);
	return panel->weight ? XXH3_64bits_withSeed(panel->weight, size, hash) : hash;
}

/* What the family sees as the rows' weights. */
static const double *weigh_classes(const double *factors, const struct panel *panel, double *weights)
{
	for (size_t row = 0; row < panel->n_rows; row++)
		weights[row] = factors[(size_t)panel->y[row]] * (panel->weight ? panel->weight[row] : 1);
	return weights;
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct lesson_taking *taking = state;
	struct lesson *lesson = taking->lesson;
	struct panel weighed = *panel;
	double weights[PANEL_ROWS];

	if ((lesson->history.n == 0 || lesson->n_passes == 1) && wants_stop(lesson))
		return error_set(err, STATUS_INTERRUPT, "interrupted");
	if (lesson->fingerprints)
		lesson->fingerprints[lane] += panel_fingerprint(panel);
	if (lesson->lanes && panel->part == PART_TRAIN && add_to_baseline(lesson, &lesson->lanes[lane], panel, err) < 0)
		return -1;
	if (!lesson->class_factors)
		return taking->take(taking->fitting, lane, panel, err);
	weighed.weight = weigh_classes(lesson->class_factors, panel, weights);
	return taking->take(taking->fitting, lane, &weighed, err);
}

/* The source of this pass. */
static int open_pass(struct lesson *lesson, struct source **source, struct error *err)
{
	const struct lesson_options *options = &lesson->options;

	*source = lesson->source;
	if (lesson->n_passes++ == 0)
		return 0;
	assert(model_wants(lesson->setup->kind, lesson->setup->parameters) & MODEL_AGAIN);
	source_close(&lesson->reopened);
	*source = &lesson->reopened;
	if (options->again)
		return options->again(options->again_state, &lesson->reopened, err);
	spool_source(lesson->kept, lesson->source->header, NULL, &lesson->reopened);
	return 0;
}

/* What the lanes of the first pass found, as one; later passes take none. */
static uint64_t close_fingerprints(struct lesson *lesson)
{
	uint64_t sum = 0;

	for (size_t i = 0; lesson->fingerprints && i < lesson->n_lanes; i++)
		sum += lesson->fingerprints[i];
	free(lesson->fingerprints);
	lesson->fingerprints = NULL;
	return sum;
}

/* Rows that pass where some are known already: by the first pass, or, in it, by a checkpoint. */
static int compare_rows(const struct lesson *lesson, const struct panel_rows *rows, bool first, uint64_t fingerprint, struct error *err)
{
	const struct panel_rows *known = &lesson->rows;
	bool as_many = memcmp(rows, known, sizeof *rows) == 0;

	if (as_many && (!first || fingerprint == lesson->fingerprint))
		return 0;
	if (!first)
		return error_set(err, STATUS_FAILED, "these are not the rows that were there before");
	if (as_many)
		return error_set(err, STATUS_REQUIREMENT, "the checkpoint is of other rows: as many, but with other values or in another order");
	return error_set(err, STATUS_REQUIREMENT, "the checkpoint is of other rows: of %" PRIu64 " training and %" PRIu64 " valid rows, here are %"
	                 PRIu64 " and %" PRIu64, known->n_train, known->n_valid, rows->n_train, rows->n_valid);
}

static int all_rows(void *state, size_t lanes, panel_taker *take, void *fitting, struct error *err)
{
	struct lesson *lesson = state;
	struct lesson_taking taking = { lesson, take, fitting };
	bool first = lesson->n_passes == 0;
	size_t n_lanes = lanes < lesson->n_lanes ? lanes : lesson->n_lanes;
	uint64_t fingerprint;
	struct panel_rows rows;
	struct source *source;

	if (open_pass(lesson, &source, err) < 0)
		return -1;
	if (!lesson->rows_known)
		start_baseline(lesson);
	if (first && wants_fingerprint(lesson))
		lesson->fingerprints = mem_new(lesson->n_lanes, sizeof *lesson->fingerprints);
	if (panels_run(&lesson->panels, source, first ? lesson->kept : NULL, n_lanes, take_panel, &taking, &rows, err) < 0)
		return -1;
	if (first && lesson->kept && spool_close(lesson->kept, err) < 0)
		return -1;
	fingerprint = close_fingerprints(lesson);
	if (lesson->rows_known)
		return compare_rows(lesson, &rows, first, fingerprint, err);
	lesson->rows = rows;
	lesson->fingerprint = fingerprint;
	lesson->rows_known = true;
	return close_baseline(lesson, err);
}

static bool is_stopped(void *state) { return wants_stop(state); }

static void take_remark(void *state, const char *text)
{
	names_add(&((struct lesson *)state)->remarks, text);
}

/* ---- the life of a lesson ---- */

static uint64_t family_needs(const struct lesson *lesson, size_t lanes, bool passing)
{
	const struct model_kind *kind = lesson->setup->kind;

	return kind->needs ? kind->needs(lesson->setup->parameters, &lesson->training, lanes, passing) : 0;
}

/* While rows pass, or between passes, whichever is more. */
static uint64_t needs(const struct lesson *lesson, size_t lanes)
{
	size_t n_features = lesson->panels.no_x ? 0 : lesson->problem.features.n;
	uint64_t between = family_needs(lesson, lanes, false);
	uint64_t passing = panels_memory(n_features, lesson->panels.most, lanes, lesson->training.n_valid > 0 ? 2 : 1) + family_needs(lesson, lanes, true);

	return passing > between ? passing : between;
}

/* Few rows need no whole panels, of many features above all. */
static size_t panel_rows(uint64_t n_rows)
{
	return n_rows < PANEL_ROWS ? ((size_t)n_rows + 7) / 8 * 8 : PANEL_ROWS;
}

/* As many threads as memory allows; what is left of it is for rows. */
static void share_memory(struct lesson *lesson, bool keeps)
{
	const struct lesson_options *options = &lesson->options;
	uint64_t all = options->memory + options->working, need = needs(lesson, lesson->n_lanes), left;
	size_t wanted = lesson->n_lanes;

	while (lesson->n_lanes > 1 && need > all)
		need = needs(lesson, --lesson->n_lanes);
	if (need > all)
		host_note(lesson->setup->host, "--memory: %s with %zu features needs %llu MiB for its work: about %llu MiB are taken in all",
		          lesson->setup->kind->name, lesson->problem.features.n, (unsigned long long)(need >> 20) + 1,
		          (unsigned long long)((options->beside + need) >> 20) + 1);
	else if (lesson->n_lanes < wanted)
		host_note(lesson->setup->host, "--memory: %s with %zu features: %zu of %zu threads %s used", lesson->setup->kind->name,
		          lesson->problem.features.n, lesson->n_lanes, wanted, lesson->n_lanes == 1 ? "is" : "are");
	left = need > all ? 0 : all - need;
	left = left < options->memory ? left : options->memory;
	lesson->training.threads = (int)lesson->n_lanes;
	lesson->training.memory = keeps ? left / 2 : left;
	if (keeps)
		lesson->kept = spool_new(left / 2, lesson->setup->host);
}

/* Which model a fitting goes on from. */
static uint64_t hash_model(const struct model_kind *kind, const void *model)
{
	struct buffer params = BUFFER_INIT;
	uint64_t hash;

	if (!model)
		return 0;
	kind->save(model, &params);
	hash = XXH3_64bits(params.data, params.size);
	buffer_free(&params);
	return hash;
}

/* The first pass was made by another. */
static void take_shared(struct lesson *lesson)
{
	const struct lesson_shared *shared = lesson->options.shared;

	assert(shared->kind == lesson->setup->kind && !lesson->options.from && !wants_fingerprint(lesson));
	lesson->training.shared = shared->part;
	lesson->rows = shared->rows;
	lesson->rows_known = true;
	lesson->target_mean = shared->target_mean;
	memcpy(lesson->class_weights, shared->class_weights, lesson->problem.classes.n * sizeof *lesson->class_weights);
}

struct lesson *lesson_open(const struct setup *setup, struct source *source, const struct names *classes, const struct lesson_options *options,
                           struct error *err)
{
	struct lesson *lesson = mem_new(1, sizeof *lesson);
	bool keeps = model_wants(setup->kind, setup->parameters) & MODEL_AGAIN && !options->again;

	*lesson = (struct lesson){ .setup = setup, .options = *options, .lineage = &source->header->lineage, .source = source,
	                           .n_lanes = options->threads > 1 ? (size_t)options->threads : 1 };
	lesson->problem.task = setup->task;
	names_copy(&lesson->problem.classes, classes);
	if (setup->by) {
		lesson->problem.by = mem_text(setup->by);
		names_copy(&lesson->problem.groups, options->groups);
	}
	lesson->class_weights = mem_new(classes->n + 1, sizeof *lesson->class_weights);
	lesson->training = (struct training){ .problem = &lesson->problem, .n_rows = options->n_train, .n_valid = options->n_valid,
	                                      .seed = (uint32_t)options->seed, .from = options->from, .host = setup->host, .rows = all_rows,
	                                      .remark = take_remark, .stopped = is_stopped, .state = lesson };
	assert(!options->from || setup->kind->takes & MODEL_FROM);
	lesson->from_hash = hash_model(setup->kind, options->from);
	if (find_features(lesson, &source->header->schema, err) < 0 || find_factors(lesson, err) < 0 ||
	    setup->kind->check(setup->parameters, &lesson->problem, err) < 0 ||
	    panels_open(&lesson->panels, &source->header->schema, &lesson->problem, setup->target, setup->kind->takes, setup->host,
	                err) < 0) {
		lesson_free(lesson);
		return NULL;
	}
	lesson->panels.most = panel_rows(options->n_train > options->n_valid ? options->n_train : options->n_valid);
	lesson->panels.place = options->place;
	lesson->panels.place_state = options->place_state;
	lesson->training.weighted = lesson->panels.weight != NO_FIELD || lesson->class_factors;
	find_sets(lesson);
	find_levels(lesson);
	share_memory(lesson, keeps);
	if (options->shared)
		take_shared(lesson);
	return lesson;
}

int lesson_share(const struct setup *setup, struct source *source, const struct names *classes, const struct lesson_options *options, size_t threads,
                 uint64_t most, struct lesson_shared *shared, struct error *err)
{
	const struct model_sharing *sharing = setup->kind->sharing;
	struct lesson *lesson;

	*shared = (struct lesson_shared){ .kind = setup->kind };
	if (!sharing || !sharing->with(setup->parameters, setup->parameters))
		return 0;
	lesson = lesson_open(setup, source, classes, options, err);
	if (!lesson)
		return -1;
	shared->size = sharing->size(setup->parameters, &lesson->training);
	if (shared->size > most) {
		lesson_free(lesson);
		return 0;
	}
	if (lesson->n_lanes < threads)          /* memory stays as each lesson will have it */
		lesson->n_lanes = threads;
	lesson->training.threads = (int)lesson->n_lanes;
	shared->part = sharing->make(setup->parameters, &lesson->training, err);
	if (shared->part) {
		assert(lesson->rows_known);
		shared->rows = lesson->rows;
		shared->target_mean = lesson->target_mean;
		shared->class_weights = lesson->class_weights;
		lesson->class_weights = NULL;
	}
	lesson_free(lesson);
	return shared->part ? 1 : -1;
}

void lesson_unshare(struct lesson_shared *shared)
{
	if (shared->part)
		shared->kind->sharing->free(shared->part);
	free(shared->class_weights);
	*shared = (struct lesson_shared){ .part = NULL };
}

static int begin_fitting(struct lesson *lesson, object checkpoint, struct error *err)
{
	const struct lesson_watch *watch = &lesson->options.watch;

	lesson->fitting = lesson->setup->kind->begin(lesson->setup->parameters, &lesson->training, checkpoint, err);
	if (lesson->fitting && watch->checkpoint && watch->seconds)
		lesson->saved = watch->seconds(watch->state);
	lesson->ended = !lesson->fitting;
	return lesson->fitting ? 0 : -1;
}

int lesson_resume(struct lesson *lesson, const void *bytes, size_t size, struct error *err)
{
	struct unpacked map;
	object fitting;
	int result = -1;

	assert(!lesson->fitting && !lesson->ended);
	lesson->ended = lesson->resumed = true;
	if (pack_read(&map, bytes, size, err) < 0)
		return error_prefix(err, "the checkpoint");
	fitting = lesson_state_read(lesson, &map.object, err);
	if (fitting)
		result = begin_fitting(lesson, fitting, err);
	unpacked_free(&map);
	return result;
}

static void add_to_history(struct history *history, const struct round *round)
{
	if (history->n == history->room) {
		history->room = history->room ? 2 * history->room : 128;
		history->loss = mem_resize(history->loss, history->room, sizeof *history->loss);
		history->valid = mem_resize(history->valid, history->room, sizeof *history->valid);
	}
	history->loss[history->n] = round->loss;
	history->valid[history->n++] = round->valid;
}

/* A round was done, and the family says whether more may follow. */
static int settle_round(struct lesson *lesson, const struct round *round, bool more, struct error *err)
{
	const struct model_kind *kind = lesson->setup->kind;
	const struct pace *pace = pace_of(lesson);
	const struct lesson_watch *watch = &lesson->options.watch;
	const struct history *history = &lesson->history;
	uint64_t n_rounds = (uint64_t)pace_rounds(pace, !isnan(round->valid));

	add_to_history(&lesson->history, round);
	if (kind->keep && round->valid < (lesson->best ? history->valid[lesson->best - 1] : INFINITY)) {
		lesson->best = round->number;
		kind->keep(lesson->fitting);
	}
	lesson->over = !more || round->number >= n_rounds ||
	               (!isnan(round->valid) && pace->patience && round->number - lesson->best >= (uint64_t)pace->patience);
	if (!watch->round)
		return 0;
	return watch->round(watch->state, kind->round_name ? kind->round_name : "round", n_rounds, round, lesson->over, err);
}

static int watch_clock(struct lesson *lesson, struct error *err)
{
	const struct lesson_watch *watch = &lesson->options.watch;
	struct buffer checkpoint = BUFFER_INIT;
	int result = 0;

	if (!watch->checkpoint || (watch->seconds && watch->seconds(watch->state) - lesson->saved < watch->every))
		return 0;
	if (lesson_checkpoint(lesson, &checkpoint))
		result = watch->checkpoint(watch->state, &checkpoint, err);
	if (watch->seconds)
		lesson->saved = watch->seconds(watch->state);
	buffer_free(&checkpoint);
	return result;
}

/* 1 more round. -1: the lesson is given up. */
static int do_round(struct lesson *lesson, struct error *err)
{
	const struct lesson_watch *watch = &lesson->options.watch;
	struct round round = { .number = lesson->history.n + 1, .loss = NAN, .valid = NAN, .lr = NAN, .seconds = NAN };
	double began = watch->seconds ? watch->seconds(watch->state) : 0;
	int more = lesson->setup->kind->round(lesson->fitting, &round, err);

	if (more < 0)
		return -1;
	if (watch->seconds)
		round.seconds = watch->seconds(watch->state) - began;
	if (settle_round(lesson, &round, more > 0, err) < 0)
		return -1;
	return lesson->over ? 0 : watch_clock(lesson, err);
}

int lesson_rounds(struct lesson *lesson, uint64_t n, struct error *err)
{
	assert(!lesson->ended);
	if (!lesson->fitting && begin_fitting(lesson, NULL, err) < 0)
		return -1;
	for (; n > 0 && !lesson->over; n--) {
		if (lesson->history.n > 0 && wants_stop(lesson)) {
			lesson->over = lesson->stopped = true;
			break;
		}
		if (do_round(lesson, err) < 0) {
			lesson->ended = true;
			return -1;
		}
	}
	return lesson->over ? 0 : 1;
}

int lesson_explain(const struct lesson *lesson, const char *target_as, struct error *err)
{
	if (target_as && lesson->rows_known && lesson->rows.n_train == 0)
		error_prefix(err, "--target-as %s: '%s' has no answer in any training row", target_as, lesson->setup->target);
	return -1;
}

bool lesson_checkpoint(const struct lesson *lesson, struct buffer *to)
{
	if (!lesson->setup->kind->checkpoint)
		return false;
	assert(lesson->fitting && lesson->history.n > 0 && !lesson->ended && wants_fingerprint(lesson));
	lesson_state_pack(lesson, to);
	return true;
}

static void add_remark(struct lesson *lesson, char *text)
{
	names_take(&lesson->remarks, text);
}

void *lesson_model(const struct lesson *lesson, struct error *err)
{
	assert(lesson->setup->kind->round_name && lesson->fitting && lesson->history.n > 0 && !lesson->ended);
	return lesson->setup->kind->finish(lesson->fitting, err);
}

void *lesson_finish(struct lesson *lesson, struct error *err)
{
	const struct model_kind *kind = lesson->setup->kind;
	void *model;

	assert(lesson->fitting && lesson->history.n > 0 && !lesson->ended);
	lesson->ended = true;
	model = kind->finish(lesson->fitting, err);
	kind->close(lesson->fitting);
	lesson->fitting = NULL;
	if (lesson->best)
		add_remark(lesson, mem_format("%s %" PRIu64 " is kept, the best on the valid rows", kind->round_name, lesson->best));
	if (lesson->stopped)
		add_remark(lesson, lesson->best ? mem_text("interrupted: the best so far is kept")
		                                : mem_format("interrupted: the last %s is kept", kind->round_name ? kind->round_name : "round"));
	if (lesson->rows.valid_missing > 0)
		add_remark(lesson, mem_format("%" PRIu64 " valid rows with a missing feature are not used", lesson->rows.valid_missing));
	return model;
}

void lesson_free(struct lesson *lesson)
{
	if (!lesson)
		return;
	if (lesson->fitting)
		lesson->setup->kind->close(lesson->fitting);
	source_close(&lesson->reopened);
	spool_free(lesson->kept);
	panels_release(&lesson->panels);
	drop_lanes(lesson);
	problem_release(&lesson->problem);
	names_release(&lesson->remarks);
	free(lesson->history.loss);
	free(lesson->history.valid);
	free(lesson->class_weights);
	free(lesson->class_factors);
	free(lesson->fingerprints);
	free(lesson->set_of);
	free(lesson->levels_of);
	free(lesson);
}
