/* SPDX-License-Identifier: MIT */
/*
 * The loop around a family: with a toy of a family, whose rounds each pass over the rows, and with mlp. Lessons that are
 * checkpointed, thrown away and resumed end with the bytes of those that were not.
 */
#include "fake_training.h"
#include "unit.h"

#include <pthread.h>
#include <xxhash.h>

#include "memory.h"
#include "modelfile.h"
#include "predictor.h"
#include "rng.h"

extern const struct model_kind model_mlp;

/* ---- the toy: a number that goes a step nearer to the mean of the target in each round ---- */

struct toy_config { struct pace pace; int64_t last; double step; };

struct toy { double value, answers; };

struct toy_fitting {
	const struct toy_config *config;
	const struct training *training;
	struct toy now, kept;
	uint64_t n_rounds;
	bool keeps;
	pthread_mutex_t lock;
	/* of a pass: order does not matter */
	uint64_t rows_hash, n_missing, first_hash;
	double sums[2], squares[2], weights[2];
};

static int toy_check(const void *config, const struct problem *problem, struct error *err)
{
	(void)config;
	return problem->task == TASK_REGRESSION ? 0 : error_set(err, STATUS_USAGE, "the toy is for numbers");
}

static size_t toy_outputs(const void *config, const struct problem *problem)
{
	(void)config, (void)problem;
	return 2;
}

static void toy_free(void *toy) { free(toy); }

static void toy_close(void *state)
{
	struct toy_fitting *toy = state;

	pthread_mutex_destroy(&toy->lock);
	free(toy);
}

static void *toy_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct toy_fitting *toy = mem_new(1, sizeof *toy);

	toy->config = config;
	toy->training = training;
	pthread_mutex_init(&toy->lock, NULL);
	if (checkpoint &&
	    (!object_real(map_get(checkpoint, "value"), &toy->now.value) || !object_uint(map_get(checkpoint, "rounds"), &toy->n_rounds) ||
	     !object_real(map_get(checkpoint, "kept"), &toy->kept.value) || !object_bool(map_get(checkpoint, "keeps"), &toy->keeps))) {
		error_set(err, STATUS_FAILED, "the toy's checkpoint is broken");
		toy_close(toy);
		return NULL;
	}
	return toy;
}

static void toy_checkpoint(const void *state, struct buffer *to)
{
	const struct toy_fitting *toy = state;

	pack_map(to, 4);
	pack_key_real(to, "value", toy->now.value);
	pack_key_int(to, "rounds", (int64_t)toy->n_rounds);
	pack_key_real(to, "kept", toy->kept.value);
	pack_text(to, "keeps");
	pack_bool(to, toy->keeps);
}

static int toy_take(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct toy_fitting *toy = state;
	uint64_t hash = XXH3_64bits_withSeed(panel->y, panel->n_rows * sizeof(double), panel->block * 2 + panel->part);

	(void)lane, (void)err;
	pthread_mutex_lock(&toy->lock);
	for (size_t col = 0; col < panel->n_features; col++) {
		hash = XXH3_64bits_withSeed(&panel->x[col * PANEL_ROWS], panel->n_rows * sizeof(double), hash);
		for (size_t row = 0; row < panel->n_rows; row++)
			toy->n_missing += isnan(panel->x[col * PANEL_ROWS + row]);
	}
	toy->rows_hash += hash;
	for (size_t row = 0; row < panel->n_rows; row++) {
		double off = panel->y[row] - toy->now.value;

		toy->sums[panel->part] += panel->y[row];
		toy->squares[panel->part] += off * off;
		toy->weights[panel->part]++;
	}
	pthread_mutex_unlock(&toy->lock);
	return 0;
}

static int toy_pass(struct toy_fitting *toy, struct error *err)
{
	toy->rows_hash = toy->n_missing = 0;
	memset(toy->sums, 0, sizeof toy->sums);
	memset(toy->squares, 0, sizeof toy->squares);
	memset(toy->weights, 0, sizeof toy->weights);
	if (toy->training->rows(toy->training->state, (size_t)toy->training->threads, toy_take, toy, err) < 0)
		return -1;
	if (!toy->first_hash)
		toy->first_hash = toy->rows_hash;
	return toy->first_hash == toy->rows_hash ? 0 : error_set(err, STATUS_FAILED, "the rows are others than in the first pass");
}

static int toy_round(void *state, struct round *told, struct error *err)
{
	struct toy_fitting *toy = state;

	if (told->number != ++toy->n_rounds)
		return error_set(err, STATUS_FAILED, "round %llu is said to be %llu", (unsigned long long)toy->n_rounds, (unsigned long long)told->number);
	if (toy_pass(toy, err) < 0)
		return -1;
	told->loss = toy->squares[PART_TRAIN] / toy->weights[PART_TRAIN];
	toy->now.value += toy->config->step * (toy->sums[PART_TRAIN] / toy->weights[PART_TRAIN] - toy->now.value);
	if (toy->weights[PART_VALID] > 0) {
		if (toy_pass(toy, err) < 0)
			return -1;
		told->valid = toy->squares[PART_VALID] / toy->weights[PART_VALID];
	}
	if (toy->n_rounds == 1) {
		char text[64];

		snprintf(text, sizeof text, "%llu missing", (unsigned long long)toy->n_missing);
		toy->training->remark(toy->training->state, text);
	}
	return !toy->config->last || toy->n_rounds < (uint64_t)toy->config->last;
}

static void toy_keep(void *state)
{
	struct toy_fitting *toy = state;

	toy->kept = toy->now;
	toy->keeps = true;
}

static void *toy_finish(void *state, struct error *err)
{
	const struct toy_fitting *toy = state;
	struct toy *model = mem_new(1, sizeof *model);

	(void)err;
	*model = toy->keeps ? toy->kept : toy->now;
	return model;
}

/* Two outputs: x0 and the number; none for rows with x0 = 1, and it fails for a panel with x0 = 2. */
static int toy_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	for (size_t row = 0; row < panel->n_rows; row++) {
		if (panel->x[row] == 2)
			return error_set(err, STATUS_FAILED, "two is too much");
		out[2 * row] = panel->x[row] == 1 ? NAN : panel->x[row];
		out[2 * row + 1] = ((const struct toy *)model)->value;
	}
	return 0;
}

static void toy_save(const void *model, struct buffer *params) { pack_real(params, ((const struct toy *)model)->value); }

static const struct toy_config toy_defaults = { .pace = { .rounds = 1000, .patience = 3 }, .step = 0.5 };

static const struct option_row toy_options[] = {
	PACE_ROUNDS("rounds", "at most"),
	PACE_PATIENCE("round"),
	{ "last", 0, OPTION_INT, offsetof(struct toy_config, last), "N", NULL, 0, 0, "the family is done then" },
	{ "step", 0, OPTION_REAL, offsetof(struct toy_config, step), "S", NULL, 0, 0, "of the way" },
	OPTION_END,
};

static const struct model_kind toy = {
	.name = "toy", .round_name = "round", .options = toy_options, .config_size = sizeof(struct toy_config), .defaults = &toy_defaults,
	.takes = MODEL_MISSING | MODEL_AGAIN, .check = toy_check, .outputs = toy_outputs, .begin = toy_begin, .round = toy_round,
	.keep = toy_keep, .checkpoint = toy_checkpoint, .finish = toy_finish, .close = toy_close, .predict = toy_predict, .save = toy_save,
	.free = toy_free,
};

/* ---- helpers ---- */

enum { N = 2600, N_VALID = 700, P = 3 };

static double x[(N + N_VALID) * P], y[N + N_VALID];

static struct fake *make(bool valid)
{
	struct fake *fake = fake_new(x, y, N, P, 0);

	fake->n_valid = valid ? N_VALID : 0;
	return fake;
}

/* What a finished lesson leaves: the model and its `training`. Frees it. */
static struct buffer finish(struct lesson *lesson, struct source *source, struct fake *fake)
{
	struct buffer bytes = BUFFER_INIT;
	void *model = lesson_finish(lesson, &fake->err);

	CHECK(model);
	if (model) {
		lesson->setup->kind->save(model, &bytes);
		lesson_pack(lesson, &bytes);
		lesson->setup->kind->free(model);
	}
	lesson_free(lesson);
	source_close(source);
	return bytes;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static struct buffer whole(struct fake *fake, const struct model_kind *kind, const char *parameters)
{
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson && lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	return finish(lesson, &source, fake);
}

/* n rounds, then nothing is left but the checkpoint. */
static struct buffer broken_off(struct fake *fake, const struct model_kind *kind, const char *parameters, uint64_t n)
{
	struct buffer checkpoint = BUFFER_INIT;
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson && lesson_rounds(lesson, n, &fake->err) >= 0 && lesson_checkpoint(lesson, &checkpoint));
	lesson_free(lesson);
	source_close(&source);
	return checkpoint;
}

/* Resumed at every round from 1 to `most`: the same as never stopped. */
static void check_resumed(struct fake *fake, const struct model_kind *kind, const char *parameters, uint64_t most)
{
	struct buffer want = whole(fake, kind, parameters);

	for (uint64_t n = 1; n <= most; n++) {
		struct buffer checkpoint = broken_off(fake, kind, parameters, n), have, again = BUFFER_INIT;
		struct source source;
		struct lesson *lesson = fake_open(fake, kind, parameters, &source);

		CHECK(lesson && lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) == 0);
		CHECK(lesson_checkpoint(lesson, &again) && same(&again, &checkpoint));
		CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
		have = finish(lesson, &source, fake);
		CHECK(same(&have, &want));
		buffer_free(&checkpoint);
		buffer_free(&again);
		buffer_free(&have);
	}
	buffer_free(&want);
}

/* ---- two rounds, halving, budgets ---- */

static void check_two_rounds(void)
{
	struct fake *fake = make(true);

	TEST("a family of two rounds, thrown away after the first and resumed");
	check_resumed(fake, &toy, "last=2", 2);
	fake->n_valid = 0;
	check_resumed(fake, &toy, "last=2", 2);
	fake_free(fake);
}

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

struct watcher { uint64_t stop_at, n_told, n_saved; double now; bool last, fails; struct buffer saved; };

static bool watch_stop(void *state)
{
	const struct watcher *watcher = state;

	return watcher->n_told >= watcher->stop_at;
}

static void watch_round(void *state, const char *name, uint64_t n_rounds, const struct round *round, bool last)
{
	struct watcher *watcher = state;

	CHECK(strcmp(name, "round") == 0 && n_rounds == 1000 && round->number == ++watcher->n_told);
	watcher->last = last;
}

static double watch_seconds(void *state) { return ((struct watcher *)state)->now += 1; }

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
	TEST("one that can't be written ends the lesson");
	watcher.fails = true;
	watch(fake, &watcher);
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) < 0);
	CHECK_TEXT(fake->err.message, "no room for it");
	lesson_free(lesson);
	source_close(&source);
	buffer_free(&want);
	buffer_free(&have);
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

/* ---- checkpoints that do not fit ---- */

static void expect_refused(struct fake *fake, const struct model_kind *kind, const char *parameters, const void *bytes, size_t size,
                           const char *want)
{
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);
	int result = lesson_resume(lesson, bytes, size, &fake->err);

	/* The toy reads its rows in a round. */
	if (result == 0)
		result = lesson_rounds(lesson, 1, &fake->err);
	CHECK(result < 0);
	CHECK_TEXT(fake->err.message, want);
	lesson_free(lesson);
	source_close(&source);
}

static void check_refused(void)
{
	static const char other[] = "the checkpoint is of another lesson: other features, parameters or seed";
	struct fake *fake = make(true);
	struct buffer checkpoint = broken_off(fake, &toy, "last=9", 2);

	TEST("a checkpoint of other parameters, another family, another seed, other rows");
	expect_refused(fake, &toy, "last=8", checkpoint.data, checkpoint.size, other);
	expect_refused(fake, &model_mlp, "", checkpoint.data, checkpoint.size, other);
	fake->options.seed = 1;
	expect_refused(fake, &toy, "last=9", checkpoint.data, checkpoint.size, other);
	fake->options.seed = 42;
	fake->n_rows--;
	expect_refused(fake, &toy, "last=9", checkpoint.data, checkpoint.size, "these are not the rows that were there before");
	buffer_free(&checkpoint);
	fake_free(fake);
}

/* Whatever is wrong with the bytes: an error, or a lesson that goes on. */
static void check_damage(const struct model_kind *kind, const char *parameters)
{
	struct fake *fake = fake_new(x, y, 40, P, 0);
	struct buffer checkpoint;

	fake->n_valid = 10;
	checkpoint = broken_off(fake, kind, parameters, 2);
	for (size_t at = 0; at < checkpoint.size; at++) {
		struct source source;
		struct lesson *lesson = fake_open(fake, kind, parameters, &source);
		struct bytes *cut = bytes_new(checkpoint.data, at);

		CHECK(lesson_resume(lesson, cut ? cut->data : NULL, at, &fake->err) < 0);
		bytes_drop(cut);
		lesson_free(lesson);
		source_close(&source);
		lesson = fake_open(fake, kind, parameters, &source);
		checkpoint.data[at] ^= (unsigned char)(1 + at % 255);
		if (lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) == 0 && lesson_rounds(lesson, 1, &fake->err) >= 0)
			kind->free(lesson_finish(lesson, &fake->err));
		checkpoint.data[at] ^= (unsigned char)(1 + at % 255);
		lesson_free(lesson);
		source_close(&source);
	}
	buffer_free(&checkpoint);
	fake_free(fake);
}

/* ---- mlp ---- */

static void check_mlp(void)
{
	struct fake *fake = make(true);

	TEST("mlp, resumed at each of its epochs: with valid rows and patience");
	check_resumed(fake, &model_mlp, "hidden=7 epochs=6 batch=100", 6);
	check_resumed(fake, &model_mlp, "hidden=5 epochs=40 batch=300 lr=0.3 patience=2", 5);
	TEST("mlp, resumed: without valid rows, each optimizer, all rows at once");
	fake->n_valid = 0;
	check_resumed(fake, &model_mlp, "hidden=7 epochs=5", 5);
	check_resumed(fake, &model_mlp, "epochs=5 optimizer=sgd momentum=0.9 batch=64", 5);
	check_resumed(fake, &model_mlp, "hidden=4 epochs=5 optimizer=sgd batch=all", 5);
	TEST("mlp, resumed: rows in a file, two threads, weights");
	fake->options.memory = 1 << 15;
	fake->options.threads = 2;
	fake->weight = &x[100];
	for (size_t i = 100; i < 100 + N; i++)
		x[i] = fabs(x[i]);
	check_resumed(fake, &model_mlp, "epochs=4 batch=100", 4);
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
	CHECK(fake_source(fake, &source, err) == 0 && predictor_new(&predictor, file, &fake->header, false, NULL, err) == 0);
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
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, 5);
	for (size_t row = 0; row < N + N_VALID; row++) {
		for (size_t col = 0; col < P; col++)
			x[row * P + col] = rng_unit(rng) * 2 - 1;
		y[row] = 1 + x[row * P] - 2 * x[row * P + 1] * x[row * P + 2] + rng_unit(rng) / 4;
	}
	free(rng);
	check_two_rounds();
	check_halving();
	check_patience();
	check_stop();
	check_clock();
	check_again();
	check_refused();
	TEST("a checkpoint that is cut or changed breaks nothing");
	check_damage(&toy, "last=9");
	check_damage(&model_mlp, "epochs=4 batch=10");
	check_mlp();
	check_side_by_side();
	check_predict();
	return unit_done();
}
