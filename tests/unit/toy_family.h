/* SPDX-License-Identifier: MIT */
/*
 * A toy of a family, whose rounds each pass over the rows, some of them, and lessons with it: for unit tests of the loop
 * around a family. Its number goes a step nearer to the mean of the target in each round.
 */
#ifndef TOY_FAMILY_H
#define TOY_FAMILY_H

#include "fake_training.h"
#include "unit.h"

#include <pthread.h>
#include <xxhash.h>

#include "memory.h"
#include "rng.h"

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
		hash = XXH3_64bits_withSeed(&panel->x[col * panel->stride], panel->n_rows * sizeof(double), hash);
		for (size_t row = 0; row < panel->n_rows; row++)
			toy->n_missing += isnan(panel->x[col * panel->stride + row]);
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
	PACE_PATIENCE("round", "3"),
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

static inline void fill_rows(void)
{
	struct rng *rng = mem_new(1, sizeof *rng);

	rng_seed(rng, 5);
	for (size_t row = 0; row < N + N_VALID; row++) {
		for (size_t col = 0; col < P; col++)
			x[row * P + col] = rng_unit(rng) * 2 - 1;
		y[row] = 1 + x[row * P] - 2 * x[row * P + 1] * x[row * P + 2] + rng_unit(rng) / 4;
	}
	free(rng);
}

static inline struct fake *make(bool valid)
{
	struct fake *fake = fake_new(x, y, N, P, 0);

	fake->n_valid = valid ? N_VALID : 0;
	return fake;
}

/* What a finished lesson leaves: the model and its `training`. Frees it. */
static inline struct buffer finish(struct lesson *lesson, struct source *source, struct fake *fake)
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

static inline bool same(const struct buffer *a, const struct buffer *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static inline struct buffer whole(struct fake *fake, const struct model_kind *kind, const char *parameters)
{
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson && lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	return finish(lesson, &source, fake);
}

/* n rounds, then nothing is left but the checkpoint. */
static inline struct buffer broken_off(struct fake *fake, const struct model_kind *kind, const char *parameters, uint64_t n)
{
	struct buffer checkpoint = BUFFER_INIT;
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson && lesson_rounds(lesson, n, &fake->err) >= 0 && lesson_checkpoint(lesson, &checkpoint));
	lesson_free(lesson);
	source_close(&source);
	return checkpoint;
}

/* On from a checkpoint, which a lesson gives again at once: it ends as `want`. */
static inline void resume_to(struct fake *fake, const struct model_kind *kind, const char *parameters, const struct buffer *checkpoint,
                             const struct buffer *want)
{
	struct buffer again = BUFFER_INIT, have;
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson && lesson_resume(lesson, checkpoint->data, checkpoint->size, &fake->err) == 0);
	CHECK(lesson_checkpoint(lesson, &again) && same(&again, checkpoint));
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	have = finish(lesson, &source, fake);
	CHECK(same(&have, want));
	buffer_free(&again);
	buffer_free(&have);
}

#endif
