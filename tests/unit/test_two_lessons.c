/* SPDX-License-Identifier: MIT */
/* Lessons led by threads of their own, at once: each ends as it does alone. (scripts/threads watches them, too.) */
#include "fake_training.h"
#include "unit.h"

#include <pthread.h>

#include "rng.h"

extern const struct model_kind model_mlp, model_baseline, model_linear;

enum { N = 2600, N_VALID = 700, P = 3, N_LESSONS = 7 };

static double x[(N + N_VALID) * P], y[N + N_VALID];

struct led {
	const struct model_kind *kind;
	const char *parameters;
	int threads;
	struct fake *fake;
	struct buffer bytes;            /* the model and its `training` */
};

static void *lead(void *state)
{
	struct led *led = state;
	struct source source = { .next = NULL };
	struct lesson *lesson = fake_open(led->fake, led->kind, led->parameters, &source);
	void *model = NULL;

	buffer_clear(&led->bytes);
	if (lesson && lesson_rounds(lesson, UINT64_MAX, &led->fake->err) == 0)
		model = lesson_finish(lesson, &led->fake->err);
	if (model) {
		led->kind->save(model, &led->bytes);
		lesson_pack(lesson, &led->bytes);
		led->kind->free(model);
	}
	lesson_free(lesson);
	source_close(&source);
	return NULL;
}

int main(void)
{
	struct led led[N_LESSONS] = {
		{ &model_mlp, "hidden=5 epochs=20 batch=100", 2, NULL, BUFFER_INIT },
		{ &model_mlp, "hidden=3 epochs=30", 1, NULL, BUFFER_INIT },
		{ &model_mlp, "epochs=20 batch=50", 2, NULL, BUFFER_INIT },
		{ &model_baseline, "answer=median", 1, NULL, BUFFER_INIT },
		{ &model_linear, "alpha=0", 2, NULL, BUFFER_INIT },
		{ &model_linear, "alpha=0", 1, NULL, BUFFER_INIT },
		{ &model_linear, "alpha=3", 1, NULL, BUFFER_INIT },
	};
	struct buffer alone[N_LESSONS] = { BUFFER_INIT };
	pthread_t threads[N_LESSONS];
	struct rng rng;

	rng_seed(&rng, 7);
	for (size_t i = 0; i < sizeof x / sizeof *x; i++)
		x[i] = 2 * rng_unit(&rng) - 1;
	for (size_t row = 0; row < N + N_VALID; row++)
		y[row] = x[row * P] - 2 * x[row * P + 1] * x[row * P + 2];

	TEST("lessons at once end as each alone");
	for (int i = 0; i < N_LESSONS; i++) {
		led[i].fake = fake_new(x, y, N, P, 0);
		led[i].fake->n_valid = N_VALID;
		led[i].fake->options.threads = led[i].threads;
		lead(&led[i]);
		CHECK(led[i].bytes.size > 0);
		buffer_add(&alone[i], led[i].bytes.data, led[i].bytes.size);
	}
	for (int i = 0; i < N_LESSONS; i++)
		CHECK(pthread_create(&threads[i], NULL, lead, &led[i]) == 0);
	for (int i = 0; i < N_LESSONS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK(led[i].bytes.size == alone[i].size && memcmp(led[i].bytes.data, alone[i].data, alone[i].size) == 0);
		buffer_free(&led[i].bytes);
		buffer_free(&alone[i]);
		fake_free(led[i].fake);
	}
	return unit_done();
}
