/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "tune_run.h"
#include "tune_share.h"

enum {
	SETTLED = 8,                    /* trials at a time */
	RACED = 2,                      /* folds before a trial may be spared the others */
	AT_A_TIME = 64,                 /* trials that are prepared for before it is asked whether to stop */
};
static const double RESERVE = 1.3;              /* of what the best took, for its last fit */
static const double MAKING = 0.2;               /* of the time left, at most, for making the configurations of a generation */

/* One generation. */
struct tries {
	struct tune_run *run;
	struct view *views;             /* by fold; NULL: the run's own */
	size_t n_views, first;          /* n_views: folds that can be learned from; first: trial of the generation */
	double share;                   /* of the train rows that the views have; NaN: there are none yet */
	bool lacks_classes;             /* why views could not be opened */
	size_t *bests, n_looked_at;     /* bests: by family, of the generations before; NO_TRIAL: none */
	bool settles;                   /* trials whose score was a bound are tried again */
};

static struct view *view_of(struct tries *tries, unsigned view) { return tries->views ? &tries->views[view] : &tries->run->all; }

static const struct model_kind *kind_of(const struct tune_run *run, const struct trial *trial) { return run->space.families[trial->point.family].kind; }

/* ---- in a process of the crew ---- */

/* In a process of its own, beside others. */
static struct trial_options options_of(const struct tune_run *run, const struct trial *trial)
{
	return (struct trial_options){ .kind = kind_of(run, trial), .words = &trial->words, .memory = run->rows.trials / (uint64_t)run->config->common.threads, .threads = 1, .host = &run->quiet,
	                               .score = true, .shares = true };
}

static int work(void *state, const struct crew_job *job, double best, struct outcome *outcome, struct bytes **map, struct error *err)
{
	struct tries *tries = state;
	struct tune_run *run = tries->run;
	const struct trial *trial = &run->trials.items[job->trial];
	struct trial_options options = options_of(run, trial);
	struct learned learned = { .map = NULL };
	bool may = run->rows.by != BY_FOLDS && run->config->refit == REFIT_TRAIN && trial->share >= 1;  /* else the best is fitted anew */
	int result;

	options.beat = best;
	result = trial_run(view_of(tries, job->view), &options, &run->scoring, outcome, may ? &learned : NULL, err);
	if (learned.map)
		*map = bytes_use(learned.map);
	learned_release(&learned);
	return result;
}

/* ---- in the caller's ---- */

/* Means over the views that were judged; one that failed fails the trial. */
static void settle(struct trial *trial)
{
	double sum = 0, squares = 0, rounds = 0;
	size_t n = trial->n_views;

	trial->seconds = 0;
	for (size_t i = 0; i < n; i++) {
		sum += trial->outcomes[i].score;
		rounds += (double)trial->outcomes[i].n_rounds;
		trial->seconds += trial->outcomes[i].seconds;
	}
	trial->n_rounds = (uint64_t)(rounds / (double)n + 0.5);
	trial->score = trial->failed ? NAN : sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (trial->outcomes[i].score - trial->score) * (trial->outcomes[i].score - trial->score);
	trial->spread = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

static bool stops_early(const struct tune_run *run, const struct trial *trial)
{
	const struct model_kind *kind = kind_of(run, trial);
	struct general_parameters general;
	struct error ignored = ERROR_INIT;
	void *parameters = trial_parameters(kind, &trial->words, run->task, &general, &ignored);
	bool stops = parameters && model_stops_early(kind, parameters);

	free(parameters);
	return stops;
}

/* In halving a configuration is tried again on more rows. */
static void count_done(struct tune_run *run, const struct trial *trial)
{
	run->board.n_done++;
	run->board.n_again += trial->share > run->trials.items[0].share;
}

/* Of equal ones the first that the search named, whichever was done first. */
static bool is_best(const struct tune_run *run, size_t trial)
{
	const struct trial *items = run->trials.items;

	if (isnan(items[trial].score) || run->best == NO_TRIAL)
		return !isnan(items[trial].score);
	return trial_is_better(&items[trial], &items[run->best], run->scoring.kind) ||
	       (trial < run->best && !trial_is_better(&items[run->best], &items[trial], run->scoring.kind));
}

static void told(void *state, const struct crew_job *job, const struct told *what, double *best)
{
	struct tries *tries = state;
	struct tune_run *run = tries->run;
	struct trial *trial = &run->trials.items[job->trial];

	trial->outcomes[job->view] = what->outcome;
	if (what->failed && !trial->failed) {
		trial->failed = true;
		trial->score = NAN;
		trial->why = mem_text(what->why);
	}
	if (++trial->n_told < trial->n_views)
		return;
	settle(trial);
	trial->bound = run->rows.by == BY_FOLDS && !tries->settles && stops_early(run, trial);
	if (!tries->settles)
		count_done(run, trial);
	if (trial->bound || !is_best(run, job->trial))
		return;
	run->best = job->trial;
	*best = trial->score;
	bytes_drop(run->map);
	run->map = what->map ? bytes_use(what->map) : NULL;
}

/* The last fit is part of the budget. */
static double deadline(const struct tune_run *run)
{
	const struct trial *best = run->best != NO_TRIAL ? &run->trials.items[run->best] : NULL;
	bool fits = best && (run->rows.by == BY_FOLDS || run->config->refit == REFIT_ALL);

	return fits ? run->end - RESERVE * best->seconds / (double)best->n_views : run->end;
}

static bool stop(void *state)
{
	const struct tries *tries = state;

	return tries->run->interrupted() || host_seconds(tries->run->host) >= deadline(tries->run);
}

static void tick(void *state) { board_show(&((struct tries *)state)->run->board); }

/* What the trials will read is there before the crew is. */
static void prepare_view(struct tries *tries, struct view *view)
{
	struct tune_run *run = tries->run;

	for (size_t i = tries->first; i < run->trials.n; i++) {
		const struct trial_options options = options_of(run, &run->trials.items[i]);

		if (i % AT_A_TIME == 0 && stop(tries))
			return;
		share_want(view, &options);
	}
	share_make(view, run->rows.budget.lanes, stop, tries);
	view_rest(view);
}

static void close_views(struct tries *tries)
{
	for (size_t v = 0; tries->views && v < tries->n_views; v++)
		view_close(&tries->views[v]);
	free(tries->views);
	tries->views = NULL;
	tries->n_views = 0;
}

static int open_one(struct tries *tries, struct view *view, unsigned fold, struct error *err)
{
	int result = view_open(view, &tries->run->rows, fold, tries->share, err);

	tries->lacks_classes = result < 0 && view_lacks_classes(view);
	if (result < 0)
		view_close(view);
	return result;
}

/* One by one, each prepared before the next. A fold without which all rows are of one class teaches nothing: the others judge, if these are two. */
static int open_folds(struct tries *tries, struct error *err)
{
	struct tune_run *run = tries->run;
	unsigned n = run->rows.n_folds;
	size_t n_left_out = 0;

	for (unsigned fold = 0; fold < n && !stop(tries); fold++) {
		struct view *view = &tries->views[tries->n_views];

		if (open_one(tries, view, fold, err) < 0) {
			if (!tries->lacks_classes || tries->share < 1 || ++n_left_out + 2 > n)
				return error_prefix(err, "fold %u of %u", fold + 1, n);
			error_clear(err);
			continue;
		}
		tries->n_views++;
		prepare_view(tries, view);
	}
	if (n_left_out > 0)
		host_note(run->host, "%zu of %u folds %s left out: without %s the training rows are of one class", n_left_out, n, n_left_out == 1 ? "is" : "are",
		          n_left_out == 1 ? "it" : "each of them");
	return 0;
}

/* Those of before, where the generation has the same share of the rows. */
static int prepare_views(struct tries *tries, double share, struct error *err)
{
	struct tune_run *run = tries->run;
	bool anew = share != tries->share, folds = run->rows.by == BY_FOLDS;

	if (anew) {
		close_views(tries);
		tries->share = share;
		tries->views = folds || share < 1 ? mem_new(folds ? run->rows.n_folds : 1, sizeof *tries->views) : NULL;
		if (folds)
			return open_folds(tries, err);
		if (tries->views && open_one(tries, &tries->views[0], NO_FOLD, err) < 0)
			return -1;
		tries->n_views = 1;
	}
	for (unsigned v = 0; v < tries->n_views; v++)
		prepare_view(tries, view_of(tries, v));
	return 0;
}

/* In halving, where the rows to begin with are of one class, and so teach nothing, with more of them. */
static int prepare_generation(struct tries *tries, struct error *err)
{
	struct tune_run *run = tries->run;
	const struct trial *first = &run->trials.items[tries->first];
	bool enlarged = false;

	while (prepare_views(tries, first->share, err) < 0) {
		if (!tries->lacks_classes || !search_enlarge(run->search, &run->trials))
			return -1;
		error_clear(err);
		enlarged = true;
	}
	if (enlarged)
		host_note(run->host, "--halving begins with %.3g%% of the training rows: fewer of them are of one class", 100 * first->share);
	return 0;
}

static const char *pace_word(const struct model_kind *kind, size_t member)
{
	for (const struct option_row *row = kind->options; row && row->name; row++)
		if (row->type == OPTION_INT && row->offset == member)
			return row->name;
	return NULL;
}

static void replace_word(struct names *words, const char *key, uint64_t value)
{
	struct names others = { .items = NULL };

	for (size_t i = 0; i < words->n; i++)
		if (!parameter_is(words->items[i], key))
			names_add(&others, words->items[i]);
	names_take(&others, mem_format("%s=%llu", key, (unsigned long long)value));
	names_release(words);
	*words = others;
}

/* As many as were the best, in the mean. */
static void fix_rounds(const struct model_kind *kind, struct trial *trial)
{
	if (trial->n_rounds == 0)
		return;
	replace_word(&trial->words, pace_word(kind, offsetof(struct pace, rounds)), trial->n_rounds);
	replace_word(&trial->words, pace_word(kind, offsetof(struct pace, patience)), 0);
}

static void begin_them(struct tries *tries, const size_t *trials, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct trial *trial = &tries->run->trials.items[trials[i]];

		trial->n_views = tries->n_views;
		trial->n_told = 0;
		trial->outcomes = mem_resize(trial->outcomes, tries->n_views, sizeof *trial->outcomes);
	}
}

/* The jobs of some trials in some views. 1: all were done; 0: not all; -1. */
static int try_them(struct tries *tries, const size_t *trials, size_t n, unsigned first, size_t end, struct error *err)
{
	struct tune_run *run = tries->run;
	struct crew crew = { .n_processes = (size_t)run->config->common.threads, .host = run->host, .deadline = run->end, .stop = stop, .work = work,
	                     .told = told, .tick = tick, .state = tries };
	struct crew_job *jobs = mem_array(n * tries->n_views + 1, sizeof *jobs);
	size_t n_jobs = 0;
	int result;

	for (size_t i = 0; i < n; i++)
		for (unsigned v = first; v < end; v++)
			jobs[n_jobs++] = (struct crew_job){ trials[i], v };
	result = crew_run(&crew, jobs, n_jobs, err);
	free(jobs);
	return result;
}

/* By family, of the generations before: each trial is looked at once. */
static void find_bests(struct tries *tries)
{
	const struct tune_run *run = tries->run;
	const struct trial *items = run->trials.items;

	if (!tries->bests) {
		tries->bests = mem_array(run->space.n + 1, sizeof *tries->bests);
		for (size_t f = 0; f < run->space.n; f++)
			tries->bests[f] = NO_TRIAL;
	}
	for (; tries->n_looked_at < tries->first; tries->n_looked_at++) {
		size_t *best = &tries->bests[items[tries->n_looked_at].point.family];

		if (!isnan(items[tries->n_looked_at].score) && (*best == NO_TRIAL || trial_is_better(&items[tries->n_looked_at], &items[*best], run->scoring.kind)))
			*best = tries->n_looked_at;
	}
}

/* Whether it did worse than the other in each of the views that it was tried in. behind: how much, in the mean. */
static bool is_behind(const struct tune_run *run, const struct trial *trial, const struct trial *other, double *behind)
{
	*behind = 0;
	for (size_t v = 0; v < trial->n_told; v++) {
		if (!(metric_gain(run->scoring.kind->better, trial->outcomes[v].score, other->outcomes[v].score) < 0))
			return false;
		*behind += (trial->outcomes[v].score - other->outcomes[v].score) / (double)trial->n_told;
	}
	return true;
}

static void spare(struct tune_run *run, struct trial *trial, double score)
{
	trial->n_views = trial->n_told;
	settle(trial);
	trial->bound = false;
	trial->spared = true;
	trial->score = score;
	count_done(run, trial);
}

/* Those of a generation that go on behind the first views; the others have their score. */
static size_t race(struct tries *tries, size_t *trials, size_t n)
{
	struct tune_run *run = tries->run;
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct trial *trial = &run->trials.items[trials[i]];
		size_t family_best = tries->bests[trial->point.family];
		const struct trial *best = family_best != NO_TRIAL ? &run->trials.items[family_best] : NULL;
		double behind;

		if (trial->failed)
			spare(run, trial, NAN);
		else if (best && is_behind(run, trial, best, &behind))
			spare(run, trial, best->score + behind);
		else
			trials[left++] = trials[i];
	}
	return left;
}

static int try_generation(struct tries *tries, size_t *trials, size_t n, struct error *err)
{
	int result;

	begin_them(tries, trials, n);
	if (!tries->run->races || tries->first == 0 || tries->n_views <= RACED)
		return try_them(tries, trials, n, 0, tries->n_views, err);
	result = try_them(tries, trials, n, 0, RACED, err);
	if (result != 1)
		return result;
	find_bests(tries);
	n = race(tries, trials, n);
	return n > 0 ? try_them(tries, trials, n, RACED, tries->n_views, err) : 1;
}

/* Trials whose bound is better than the best score, the best first. Of the generation: those before were settled, or are no better. */
static size_t find_bounds(const struct tries *tries, size_t *found)
{
	const struct tune_run *run = tries->run;
	struct trials last = { .items = run->trials.items + tries->first, .n = run->trials.n - tries->first };
	size_t first[SETTLED], n_first = trials_first(&last, run->scoring.kind, SETTLED, first), n = 0;

	for (size_t i = 0; i < n_first; i++)
		if (last.items[first[i]].bound &&
		    (run->best == NO_TRIAL || trial_is_better(&last.items[first[i]], &run->trials.items[run->best], run->scoring.kind)))
			found[n++] = tries->first + first[i];
	return n;
}

/* Where folds chose their rounds themselves, on the rows that judge them: those that may be the best are tried again with one number of
 * rounds for all, the mean. So the best is one whose score owes nothing to that; others can't be better. */
static int settle_bounds(struct tries *tries, struct error *err)
{
	struct tune_run *run = tries->run;
	size_t found[SETTLED], n;
	int result = 1;

	tries->settles = true;
	while (result == 1 && (n = find_bounds(tries, found)) > 0) {
		for (size_t i = 0; i < n; i++)
			fix_rounds(kind_of(run, &run->trials.items[found[i]]), &run->trials.items[found[i]]);
		begin_them(tries, found, n);
		result = try_them(tries, found, n, 0, tries->n_views, err);
	}
	tries->settles = false;
	return result;
}

/* 1: all were tried; 0: not all; -1. */
static int run_generation(struct tries *tries, struct error *err)
{
	struct tune_run *run = tries->run;
	size_t n = run->trials.n - tries->first, *trials = mem_array(n + 1, sizeof *trials);
	int result;

	for (size_t i = 0; i < n; i++)
		trials[i] = tries->first + i;
	result = try_generation(tries, trials, n, err);
	free(trials);
	return result == 1 ? settle_bounds(tries, err) : result;
}

/* Where none was settled in time, the best bound, else no bound stands before what was. What has no valid rows to watch it in its last fit is told how many rounds are best. */
static void take_best(struct tune_run *run)
{
	size_t best = run->best != NO_TRIAL ? run->best : trials_best(&run->trials, run->scoring.kind);
	struct trial *trial = best < run->trials.n ? &run->trials.items[best] : NULL;

	for (size_t i = 0; i < run->trials.n && run->best != NO_TRIAL; i++)
		if (run->trials.items[i].bound && trial_is_better(&run->trials.items[i], trial, run->scoring.kind)) {
			run->trials.items[i].score = run->trials.items[i].spread = NAN;
			free(run->trials.items[i].why);
			run->trials.items[i].why = mem_text("the search ended before one number of rounds was tried in all folds");
		}
	run->best = trial ? best : NO_TRIAL;
	if (trial && (trial->bound || (run->config->refit == REFIT_ALL && stops_early(run, trial))))
		fix_rounds(kind_of(run, trial), trial);
}

int tries_run(struct tune_run *run, struct error *err)
{
	struct tries tries = { .run = run, .share = NAN };
	int result = 1;

	run->best = NO_TRIAL;
	while (result == 1) {
		double now = host_seconds(run->host);

		tries.first = run->trials.n;
		run->made_by = now + MAKING * (run->end - now);
		if (search_next(run->search, &run->trials) == 0) {
			if (!search_stopped(run->search))
				break;
			run->board.n_trials = search_size(run->search);
			result = !stop(&tries);         /* a long way with nothing new goes on */
			continue;
		}
		if (!stop(&tries) && prepare_generation(&tries, err) < 0) {
			result = -1;
			break;
		}
		run->board.n_trials = search_size(run->search);
		result = stop(&tries) ? 0 : run_generation(&tries, err);
	}
	take_best(run);
	close_views(&tries);
	free(tries.bests);
	board_clear(&run->board);
	run->cut = result == 0;
	return result < 0 ? -1 : 0;
}

