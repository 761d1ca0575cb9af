/* SPDX-License-Identifier: MIT */
/* What trials share: made when two want the same, within its memory, which comes back; and a trial's outcome is the same with it. And what views keep. */
#include <math.h>

#include "fake_training.h"
#include "memory.h"
#include "rng.h"
#include "tune_share.h"
#include "unit.h"

enum { N = 1500, N_VALID = 500, P = 3, MANY = 70 };

static double x[(N + N_VALID) * P], y[N + N_VALID];
static double no_clock(void *state) { (void)state; return 0; }
static const struct host host = { .program = "toy", .seconds = no_clock };
static const struct recipe recipe = RECIPE_INIT;

struct setting {
	struct fake *fake;
	struct source source;
	struct tune_rows rows;
	struct view view;
	const char *target;
	struct text_list operands, features;
};

static void set_up(struct setting *setting, uint64_t memory)
{
	struct rows_options options = { .recipe = &recipe, .threads = 2, .memory = memory };
	struct error err = ERROR_INIT;
	struct lesson *lesson;

	*setting = (struct setting){ .fake = fake_new(x, y, N, P, 0), .target = "y" };
	setting->operands = (struct text_list){ .items = &setting->target, .n = 1 };
	options.words = (struct setup_options){ .operands = &setting->operands, .features = &setting->features, .seed = 42, .host = &host };
	setting->fake->n_valid = N_VALID;
	setting->fake->options.checkpoints = false;
	lesson = fake_open(setting->fake, model_find("linear"), "alpha=1", &setting->source);   /* for its header */
	lesson_free(lesson);
	CHECK(rows_take(&setting->rows, &setting->source, &options, &err) == 0);
	CHECK(rows_part(&setting->rows, 0, &err) == 0);
	CHECK(view_open(&setting->view, &setting->rows, NO_FOLD, 1, &err) == 0);
	if (*err.message)
		printf("%s\n", err.message);
}

static void take_down(struct setting *setting)
{
	uint64_t all = setting->rows.budget.rows / 4;

	view_close(&setting->view);
	CHECK(setting->rows.share_left == all);
	rows_release(&setting->rows);
	source_close(&setting->source);
	fake_free(setting->fake);
}

static struct trial_options trial_of(const struct setting *setting, const char *kind, const struct names *words, bool shares)
{
	return (struct trial_options){ .kind = model_find(kind), .words = words, .memory = setting->rows.trials / 2, .threads = 1, .host = &host, .score = true,
	                               .shares = shares };
}

static void want(struct setting *setting, const char *kind, const char *word)
{
	struct names words = { .items = NULL };
	struct trial_options trial;

	names_add(&words, word);
	trial = trial_of(setting, kind, &words, true);
	share_want(&setting->view, &trial);
	names_release(&words);          /* what was wanted does not hang on them */
}

/* What a trial with these words would be handed. */
static const struct lesson_shared *found(struct setting *setting, const char *kind, const char *word)
{
	struct names words = { .items = NULL };
	struct general_parameters general;
	struct error err = ERROR_INIT;
	const struct lesson_shared *shared;
	struct view_rows *rows;
	void *parameters;

	names_add(&words, word);
	parameters = trial_parameters(model_find(kind), &words, TASK_REGRESSION, &general, &err);
	rows = view_rows(&setting->view, model_find(kind), parameters, &err);
	shared = rows ? share_find(rows, model_find(kind), parameters, &general) : NULL;
	free(parameters);
	names_release(&words);
	return shared;
}

static double score_of(struct setting *setting, const char *kind, const char *word, bool shares)
{
	struct criterion scoring = { .kind = NULL };
	struct names words = { .items = NULL };
	struct error err = ERROR_INIT;
	struct trial_options trial;
	struct outcome outcome;

	names_add(&words, word);
	trial = trial_of(setting, kind, &words, shares);
	CHECK(scoring_read(&scoring, "rmse", &err) == 0);
	CHECK(trial_run(&setting->view, &trial, &scoring, &outcome, NULL, &err) == 0);
	scoring_release(&scoring);
	names_release(&words);
	return outcome.score;
}

static bool stop_at_once(void *state)
{
	(void)state;
	return true;
}

static void check_wanted(void)
{
	struct setting with, alone;
	uint64_t before;

	TEST("what one trial wants is not made");
	set_up(&with, 64 << 20);
	set_up(&alone, 64 << 20);
	want(&with, "boost", "leaves=7");
	want(&with, "boost", "max_bins=15");
	share_make(&with.view, 2, NULL, NULL);
	CHECK(!found(&with, "boost", "leaves=7") && !found(&with, "boost", "max_bins=15"));
	TEST("what two want is made, once, for these and others");
	before = with.rows.share_left;
	want(&with, "boost", "leaves=15");
	share_make(&with.view, 2, stop_at_once, NULL);
	CHECK(!found(&with, "boost", "leaves=7"));
	share_make(&with.view, 2, NULL, NULL);
	CHECK(found(&with, "boost", "leaves=7") && found(&with, "boost", "leaves=99") == found(&with, "boost", "leaves=7"));
	CHECK(!found(&with, "boost", "max_bins=15") && !found(&with, "tree", "leaves=7"));
	CHECK(before - with.rows.share_left == found(&with, "boost", "leaves=7")->size);
	before = with.rows.share_left;
	want(&with, "boost", "lr=0.2");
	share_make(&with.view, 2, NULL, NULL);
	CHECK(with.rows.share_left == before);
	TEST("scores are the same with and without");
	CHECK(score_of(&with, "boost", "leaves=7", true) == score_of(&alone, "boost", "leaves=7", false));
	CHECK(score_of(&with, "boost", "leaves=7", true) == score_of(&with, "boost", "leaves=7", false));
	CHECK(score_of(&with, "linear", "alpha=7", true) == score_of(&alone, "linear", "alpha=7", true));
	want(&with, "linear", "alpha=0.5");
	want(&with, "linear", "alpha=7");
	share_make(&with.view, 2, NULL, NULL);
	CHECK(found(&with, "linear", "alpha=7"));
	CHECK(score_of(&with, "linear", "alpha=7", true) == score_of(&alone, "linear", "alpha=7", true));
	take_down(&with);
	take_down(&alone);
}

static void check_bounds(void)
{
	struct setting with;
	char word[32];

	TEST("without memory nothing is shared");
	set_up(&with, 64 << 10);
	want(&with, "boost", "leaves=7");
	want(&with, "boost", "leaves=15");
	share_make(&with.view, 2, NULL, NULL);
	CHECK(!found(&with, "boost", "leaves=7") && score_of(&with, "boost", "leaves=7", true) > 0);
	take_down(&with);
	TEST("of very many things that are wanted once the oldest make way, and what is there stays");
	set_up(&with, 64 << 20);
	want(&with, "boost", "max_bins=7");
	want(&with, "boost", "max_bins=7");
	share_make(&with.view, 1, NULL, NULL);
	for (int i = 0; i < MANY; i++) {
		snprintf(word, sizeof word, "max_bins=%d", 10 + i);
		want(&with, "boost", word);
	}
	want(&with, "boost", "max_bins=10");
	want(&with, "boost", word);
	share_make(&with.view, 1, NULL, NULL);
	CHECK(found(&with, "boost", "max_bins=7") && found(&with, "boost", word) && !found(&with, "boost", "max_bins=10"));
	TEST("words that no family takes want nothing");
	want(&with, "boost", "leaves=-1");
	take_down(&with);
}

/* Rows that views keep for a family that wants them scaled. */
static void check_kept(void)
{
	struct view views[MANY];
	struct setting with;
	uint64_t kept = 0, before;

	TEST("what many views keep lies in memory as far as the rows as they came leave room, and gives it back");
	set_up(&with, UINT64_C(16) << 20);
	before = with.rows.views_left;
	CHECK(before + spool_memory(with.rows.intake.spool) == with.rows.budget.rows);
	for (size_t i = 0; i < MANY; i++) {
		struct error err = ERROR_INIT;
		const struct view_rows *rows;

		CHECK(view_open(&views[i], &with.rows, NO_FOLD, 0.9 + 0.001 * (double)i, &err) == 0);
		rows = view_rows(&views[i], model_find("mlp"), model_find("mlp")->defaults, &err);
		CHECK(rows);
		kept += rows ? spool_memory(rows->spool) : 0;
	}
	CHECK(kept > 0 && kept <= before && with.rows.views_left == before - kept);
	for (size_t i = 0; i < MANY; i++)
		view_close(&views[i]);
	CHECK(with.rows.views_left == before);
	take_down(&with);
}

static void open_fold(struct setting *setting)
{
	struct error err = ERROR_INIT;

	set_up(setting, 64 << 20);
	view_close(&setting->view);
	CHECK(rows_part(&setting->rows, 3, &err) == 0);
	CHECK(view_open(&setting->view, &setting->rows, 1, 1, &err) == 0);
}

/* What a fold's rows are made by goes, and comes again for families that take them otherwise. */
static void check_rest(void)
{
	struct setting rested, awake;
	double score;

	TEST("a fold that rests keeps its rows, and looks again for a family that takes them otherwise");
	open_fold(&rested);
	open_fold(&awake);
	score = score_of(&rested, "linear", "alpha=1", false);
	CHECK(rested.view.own_look.profile.fields != NULL);
	view_rest(&rested.view);
	CHECK(rested.view.own_look.profile.fields == NULL && rested.view.n_kept == 1);
	CHECK(score_of(&rested, "linear", "alpha=1", false) == score && rested.view.own_look.profile.fields == NULL);
	CHECK(score_of(&rested, "tree", "leaves=4", false) == score_of(&awake, "tree", "leaves=4", false));
	CHECK(rested.view.n_kept == 2 && rested.view.own_look.profile.fields != NULL && !isnan(score));
	take_down(&rested);
	take_down(&awake);
}

int main(void)
{
	struct rng rng;

	rng_seed(&rng, 11);
	for (size_t row = 0; row < N + N_VALID; row++) {
		for (size_t col = 0; col < P; col++)
			x[row * P + col] = rng_unit(&rng) * 2 - 1;
		y[row] = x[row * P] * x[row * P + 1] + rng_unit(&rng) / 4;
	}
	check_wanted();
	check_bounds();
	check_kept();
	check_rest();
	return unit_done();
}
