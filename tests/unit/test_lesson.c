/* SPDX-License-Identifier: MIT */
/* The loop around a family: with a toy of a family and with mlp. Resuming has a test of its own. */
#include "toy_family.h"

#include "modelfile.h"
#include "predictor.h"

extern const struct model_kind model_mlp, model_baseline;

/* ---- halving, budgets ---- */

static void check_halving(void)
{
	struct fake *one = make(true), *other = make(true);
	struct source first, second;
	struct lesson *given_up, *goes_on;
	struct buffer have, want;

	TEST("halving: of two lessons one is given up, the other goes on for three more rounds");
	given_up = fake_open(one, &toy, "step=0.1", &first);
	goes_on = fake_open(other, &toy, "step=0.25", &second);
	CHECK(lesson_rounds(given_up, 1, &one->err) == 1 && lesson_rounds(goes_on, 1, &other->err) == 1);
	CHECK(goes_on->history.valid[0] < given_up->history.valid[0]);
	lesson_free(given_up);
	source_close(&first);
	CHECK(lesson_rounds(goes_on, 3, &other->err) == 1);
	CHECK(goes_on->history.n == 4 && goes_on->best == 4);
	have = finish(goes_on, &second, other);
	want = whole(one, &toy, "step=0.25 rounds=4");
	CHECK(have.size > 0 && want.size > 0 && memcmp(have.data, want.data, 9) == 0);  /* the number that it has come to */
	TEST("no more rounds than the parameters say, whatever is asked for");
	goes_on = fake_open(one, &toy, "rounds=3", &first);
	CHECK(lesson_rounds(goes_on, 2, &one->err) == 1 && lesson_rounds(goes_on, 2, &one->err) == 0 && lesson_rounds(goes_on, 1, &one->err) == 0);
	CHECK(goes_on->history.n == 3);
	lesson_free(goes_on);
	source_close(&first);
	buffer_free(&have);
	buffer_free(&want);
	fake_free(one);
	fake_free(other);
}

/* Models on the way: each is that of a lesson that ended there, and the lesson never notices. */
static void check_models(const struct model_kind *kind, const char *parameters, const char *rounds, bool valid)
{
	struct fake *fake = make(valid), *other = make(valid);
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);
	struct buffer have, want, on_the_way = BUFFER_INIT, alone = BUFFER_INIT;

	TEST("the model between rounds");
	for (int round = 1; round <= 4; round++) {
		char shorter[100];
		void *model, *ended;

		CHECK(lesson_rounds(lesson, 1, &fake->err) >= 0);
		model = lesson_model(lesson, &fake->err);
		snprintf(shorter, sizeof shorter, "%s %s=%d", parameters, rounds, round);
		ended = fake_fit(other, kind, shorter);
		CHECK(model && ended);
		buffer_clear(&on_the_way);
		buffer_clear(&alone);
		kind->save(model, &on_the_way);
		kind->save(ended, &alone);
		CHECK(same(&on_the_way, &alone));
		kind->free(model);
		kind->free(ended);
	}
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	have = finish(lesson, &source, fake);
	want = whole(other, kind, parameters);
	CHECK(same(&have, &want));
	buffer_free(&have);
	buffer_free(&want);
	buffer_free(&on_the_way);
	buffer_free(&alone);
	fake_free(fake);
	fake_free(other);
}

/* A family asks for the rows again, or these parameters do not: then nothing is kept of them. */
static void check_kept(void)
{
	struct fake *fake = make(false);
	const char *const answers[] = { "answer=mean", "answer=median" };

	TEST("rows are kept where they are wanted again");
	for (int i = 0; i < 2; i++) {
		struct source source;
		struct lesson *lesson = fake_open(fake, &model_baseline, answers[i], &source);

		CHECK(lesson && (lesson->kept != NULL) == (i == 1));
		CHECK(lesson && lesson_rounds(lesson, 1, &fake->err) == 0);
		lesson_free(lesson);
		source_close(&source);
	}
	fake_free(fake);
}

static void check_patience(void)
{
	struct fake *fake = make(true);
	struct source source;
	struct lesson *lesson = fake_open(fake, &toy, "step=1.75 patience=4", &source);
	struct toy *model;

	TEST("patience ends the lesson, and the best round is the model");
	for (size_t row = N; row < N + N_VALID; row++)
		y[row] += 3;            /* the valid rows lie higher: what goes too far is right by chance */
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	CHECK(lesson->best > 0 && lesson->history.n == lesson->best + 4);
	for (size_t i = 0; i < lesson->history.n; i++)
		CHECK(lesson->history.valid[i] >= lesson->history.valid[lesson->best - 1]);
	model = lesson_finish(lesson, &fake->err);
	CHECK(strstr(lesson->remarks.items[1], " is kept, the best on the valid rows") != NULL);
	toy.free(model);
	lesson_free(lesson);
	source_close(&source);
	for (size_t row = N; row < N + N_VALID; row++)
		y[row] -= 3;
	fake_free(fake);
}

/* ---- the watch ---- */

struct watcher { uint64_t stop_at, n_told, n_saved, round_fails; double now; bool asked, last, fails; struct buffer saved; };

static bool watch_stop(void *state)
{
	const struct watcher *watcher = state;

	return watcher->n_told >= watcher->stop_at;
}

/* The clock goes on with each round that is told, and in each. */
static int watch_round(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last, struct error *err)
{
	struct watcher *watcher = state;

	CHECK(strcmp(name, "round") == 0 && n_rounds == 1000 && round->number == ++watcher->n_told);
	CHECK(round->seconds == (watcher->asked ? 0.25 : 0) || (isnan(round->seconds) && !watcher->asked));
	CHECK(isnan(round->lr));
	watcher->last = last;
	watcher->now += 0.25;
	return watcher->n_told == watcher->round_fails ? error_set(err, STATUS_FAILED, "no room for the log") : 0;
}

static double watch_seconds(void *state)
{
	struct watcher *watcher = state;

	watcher->asked = true;
	return watcher->now += 0.25;
}

static int watch_save(void *state, const struct buffer *checkpoint, struct error *err)
{
	struct watcher *watcher = state;

	watcher->n_saved++;
	buffer_clear(&watcher->saved);
	buffer_add(&watcher->saved, checkpoint->data, checkpoint->size);
	return watcher->fails ? error_set(err, STATUS_FAILED, "no room for it") : 0;
}

static void watch(struct fake *fake, struct watcher *watcher)
{
	fake->options.watch = (struct lesson_watch){ .stop = watch_stop, .round = watch_round, .checkpoint = watch_save,
	                                             .seconds = watch_seconds, .every = 5, .state = watcher };
}

static void check_stop(void)
{
	struct fake *fake = make(false);
	struct watcher watcher = { .stop_at = 4 };
	struct source source;
	struct lesson *lesson;
	struct buffer want, have;

	TEST("an interrupt between rounds: what stands stays");
	want = whole(fake, &toy, "rounds=4");
	watch(fake, &watcher);
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0 && lesson->history.n == 4);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0 && lesson->history.n == 4);
	have = finish(lesson, &source, fake);
	CHECK(memcmp(have.data, want.data, 9) == 0);
	CHECK(watcher.n_told == 4);
	TEST("an interrupt before the first round is done: nothing");
	watcher = (struct watcher){ .stop_at = 0 };
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) < 0 && fake->err.code == STATUS_INTERRUPT);
	lesson_free(lesson);
	source_close(&source);
	buffer_free(&want);
	buffer_free(&have);
	buffer_free(&watcher.saved);
	fake_free(fake);
}

static void check_clock(void)
{
	struct fake *fake = make(true);
	struct watcher watcher = { .stop_at = UINT64_MAX };
	struct buffer want, have;
	struct source source;
	struct lesson *lesson;

	TEST("checkpoints by the clock, between rounds");
	want = whole(fake, &toy, "step=0.02 last=40");
	watch(fake, &watcher);
	have = whole(fake, &toy, "step=0.02 last=40");
	CHECK(same(&have, &want));
	CHECK(watcher.last && watcher.n_told == 40 && watcher.n_saved >= 5 && watcher.n_saved <= 8);
	buffer_free(&have);
	TEST("the last of them, resumed");
	watcher.n_told = 0;
	fake->options.watch = (struct lesson_watch){ .stop = NULL };
	lesson = fake_open(fake, &toy, "step=0.02 last=40", &source);
	CHECK(lesson_resume(lesson, watcher.saved.data, watcher.saved.size, &fake->err) == 0 && lesson->history.n > 25 && lesson->history.n < 40);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	have = finish(lesson, &source, fake);
	CHECK(same(&have, &want));
	buffer_free(&have);
	TEST("without a clock: after every round but the last");
	watcher.n_told = watcher.n_saved = 0;
	watcher.asked = false;
	watch(fake, &watcher);
	fake->options.watch.seconds = NULL;
	have = whole(fake, &toy, "step=0.02 last=40");
	CHECK(same(&have, &want) && watcher.n_told == 40 && watcher.n_saved == 39);
	buffer_free(&have);
	TEST("a round that can't be told ends the lesson");
	watcher.n_told = 0;
	watcher.round_fails = 3;
	watch(fake, &watcher);
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) < 0 && watcher.n_told == 3);
	CHECK_TEXT(fake->err.message, "no room for the log");
	lesson_free(lesson);
	source_close(&source);
	error_clear(&fake->err);
	watcher.round_fails = 0;
	TEST("one that can't be written ends the lesson");
	watcher.n_told = 0;
	watcher.fails = true;
	watch(fake, &watcher);
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) < 0);
	CHECK_TEXT(fake->err.message, "no room for it");
	lesson_free(lesson);
	source_close(&source);
	buffer_free(&want);
	buffer_free(&watcher.saved);
	fake_free(fake);
}

/* ---- the rows ---- */

static void check_again(void)
{
	struct fake *fake = make(true);
	struct buffer first, have;

	TEST("rows that pass again are the same: kept in memory, in a file, asked for anew, by several threads");
	x[4] = x[P * 1500 + 1] = NAN;
	first = whole(fake, &toy, "last=3");
	fake->options.memory = 1000;
	have = whole(fake, &toy, "last=3");
	CHECK(same(&first, &have));
	buffer_free(&have);
	fake->options.again = fake_source;
	fake->options.again_state = fake;
	have = whole(fake, &toy, "last=3");
	CHECK(same(&first, &have));
	buffer_free(&have);
	for (fake->options.threads = 2; fake->options.threads <= 3; fake->options.threads++) {
		struct source source;
		struct lesson *lesson = fake_open(fake, &toy, "last=3", &source);

		CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
		CHECK_TEXT(lesson->remarks.items[0], "2 missing");
		lesson_free(lesson);
		source_close(&source);
	}
	x[4] = x[P * 1500 + 1] = 0;
	buffer_free(&first);
	fake_free(fake);
}

static void check_side_by_side(void)
{
	struct fake *one = make(true), *other = make(false);
	struct source first, second;
	struct lesson *a, *b;
	struct buffer want[2], have[2];

	TEST("two lessons in turn end as each alone");
	want[0] = whole(one, &model_mlp, "hidden=3 epochs=4");
	want[1] = whole(other, &model_mlp, "epochs=5 batch=50");
	a = fake_open(one, &model_mlp, "hidden=3 epochs=4", &first);
	b = fake_open(other, &model_mlp, "epochs=5 batch=50", &second);
	for (int i = 0; i < 5; i++)
		CHECK(lesson_rounds(a, 1, &one->err) == (i < 3) && lesson_rounds(b, 1, &other->err) == (i < 4));
	have[0] = finish(a, &first, one);
	have[1] = finish(b, &second, other);
	CHECK(same(&have[0], &want[0]) && same(&have[1], &want[1]));
	for (int i = 0; i < 2; i++) {
		buffer_free(&have[i]);
		buffer_free(&want[i]);
	}
	fake_free(one);
	fake_free(other);
}

/* ---- answers ---- */

/* x0 of the rows: from 3 on, then 1, none, and, at place `two`, 2. */
static void predict_rows(struct fake *fake, const struct modelfile *file, size_t two, struct error *err)
{
	struct predictor *predictor;
	struct source source;
	struct batch batch = BATCH_INIT;
	const uint64_t *missing;
	const double *out;
	int result;

	for (size_t row = 0; row < N; row++)
		x[row * P] = row == two ? 2 : row == 7 ? 1 : row == 8 ? NAN : (double)row + 3;
	fake->n_valid = 0;
	CHECK(fake_source(fake, &source, err) == 0 && predictor_new(&predictor, file, &fake->header, true, LACKING_FAILS, NULL, err) == 0);
	while ((result = source_next(&source, &batch, false, err)) == 1) {
		if (predictor_run(predictor, &batch, &out, &missing, err) < 0)
			break;
		for (size_t row = 0; row < batch.n_rows; row++) {
			bool none = batch.first_row == 0 && (row == 7 || row == 8);

			CHECK((missing[row / 64] >> row % 64 & 1) == none);
			CHECK(out[2 * row] == (none ? 0 : (double)(batch.first_row + row) + 3) && out[2 * row + 1] == (none ? 0 : 2.5));
		}
	}
	CHECK(two < N || tally_total(predictor_counts(predictor, false)) == 2);
	batch_free(&batch);
	source_close(&source);
	predictor_free(predictor);
}

static void check_predict(void)
{
	struct fake *fake = make(false);
	struct modelfile file = { .kind = &toy, .target_type = TYPE_REAL, .target = fake->target, .n_outputs = 2 };
	struct toy model = { .value = 2.5 };
	struct error err = ERROR_INIT;
	struct source source;
	struct lesson *lesson = fake_open(fake, &toy, "", &source);

	TEST("a model of two outputs; rows that it has no answer for");
	lesson_free(lesson);
	source_close(&source);
	file.model = &model;
	file.problem = fake->problem;
	for (size_t i = 0; i < P; i++)
		schema_add(&file.lineage.inputs, fake->problem.features.items[i], TYPE_REAL, ROLE_FEATURE);
	predict_rows(fake, &file, N, &err);
	CHECK(err.code == STATUS_DONE);
	TEST("a predict that fails gives its error");
	predict_rows(fake, &file, 2100, &err);
	CHECK(err.code == STATUS_FAILED);
	CHECK_TEXT(err.message, "model 'toy': two is too much");
	lineage_release(&file.lineage);
	fake_free(fake);
}

int main(void)
{
	fill_rows();
	check_halving();
	check_models(&toy, "step=0.3", "rounds", true);
	check_models(&model_mlp, "hidden=3 epochs=8", "epochs", false);
	check_models(&model_mlp, "hidden=3 lr=0.1 epochs=8", "epochs", true);
	check_kept();
	check_patience();
	check_stop();
	check_clock();
	check_again();
	check_side_by_side();
	check_predict();
	return unit_done();
}
