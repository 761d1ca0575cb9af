/* SPDX-License-Identifier: MIT */
/* Lessons that go on from a model: they begin where its parameters are, for each family that says it can. */
#include "toy_family.h"

extern const struct model_kind model_mlp, model_logistic;

/* What the model says of the training rows, against their targets. */
static double mean_square(struct fake *fake, const struct model_kind *kind, const void *model)
{
	double out[PANEL_ROWS], sum = 0;

	for (size_t first = 0; first < fake->n_rows; first += PANEL_ROWS) {
		size_t n = fake->n_rows - first < PANEL_ROWS ? fake->n_rows - first : PANEL_ROWS;

		fake_predict(fake, kind, model, first, n, out);
		for (size_t row = 0; row < n; row++)
			sum += (out[row] - fake->y[first + row]) * (out[row] - fake->y[first + row]);
	}
	return sum / (double)fake->n_rows;
}

/* The first epoch's loss, before its update, is that of the model. */
static void check_mlp(const char *parameters)
{
	struct fake *fake = make(false);
	char words[200];
	void *model, *next;
	double before;

	TEST("mlp goes on from the weights of a model");
	snprintf(words, sizeof words, "%s epochs=20", parameters);
	model = fake_fit(fake, &model_mlp, words);
	CHECK(model);
	before = mean_square(fake, &model_mlp, model);
	fake->options.from = model;
	next = fake_fit(fake, &model_mlp, words);
	CHECK(next && fabs(fake->losses[1] - before) < 1e-5 * before && fake->losses[20] < before);
	model_mlp.free(next);
	model_mlp.free(model);
	fake_free(fake);
}

static void refuse(struct fake *fake, const char *parameters, const char *want)
{
	fake->quiet = true;
	CHECK(!fake_fit(fake, &model_mlp, parameters) && fake->err.code == STATUS_USAGE);
	CHECK_TEXT(fake->err.message, want);
}

static void check_shapes(void)
{
	struct fake *fake = make(false);
	void *model = fake_fit(fake, &model_mlp, "hidden=4 epochs=1");

	TEST("a net of another shape is refused");
	fake->options.from = model;
	refuse(fake, "hidden=5", "hidden= is other than in the model to go on from (leave it out)");
	refuse(fake, "hidden=4x4", "hidden= is other than in the model to go on from (leave it out)");
	refuse(fake, "hidden=4 activation=tanh", "activation= is other than in the model to go on from (leave it out)");
	refuse(fake, "hidden=4 loss=mae", "loss= is other than in the model to go on from (leave it out)");
	refuse(fake, "hidden=4 norm=batch", "norm= is other than in the model to go on from (leave it out)");
	model_mlp.free(model);
	fake_free(fake);
}

/* Classes by a noisy line, two or three of them. */
static struct fake *make_classes(size_t n)
{
	static double classes[N];
	struct fake *fake = fake_new(x, classes, N, P, n);

	for (size_t row = 0; row < N; row++) {
		double value = x[row * P] - x[row * P + 1] + (double)(row * 7 % 11) / 5 - 1;

		classes[row] = value > 0.7 && n > 2 ? 2 : value > 0;
	}
	return fake;
}

static void check_logistic(size_t n, const char *solver)
{
	struct fake *fake = make_classes(n);
	void *model = fake_fit(fake, &model_logistic, solver), *next;
	double first = fake->losses[1], last = fake->losses[fake->epochs], a[3 * PANEL_ROWS], b[3 * PANEL_ROWS];
	bool same_answers = true, exact = strcmp(solver, "solver=exact") == 0;

	TEST("logistic goes on from the coefficients of a model");
	CHECK(model);
	fake->options.from = model;
	next = fake_fit(fake, &model_logistic, solver);
	CHECK(next && (!exact || fake->epochs <= 2));
	CHECK(exact || (fake->losses[1] < first && fabs(fake->losses[1] - last) < 0.01 * last));
	fake_predict(fake, &model_logistic, model, 0, PANEL_ROWS, a);
	fake_predict(fake, &model_logistic, next, 0, PANEL_ROWS, b);
	for (size_t i = 0; exact && i < n * PANEL_ROWS; i++)
		same_answers = same_answers && fabs(a[i] - b[i]) < 1e-6;
	CHECK(same_answers);
	model_logistic.free(next);
	model_logistic.free(model);
	fake_free(fake);
}

/* Checkpoints of such a lesson: resumed to the same bytes, and refused for another model. */
static void check_checkpoints(void)
{
	static const char parameters[] = "hidden=3 epochs=5";
	struct fake *fake = make(true);
	void *model = fake_fit(fake, &model_mlp, parameters), *other = fake_fit(fake, &model_mlp, "hidden=3 epochs=2");
	struct buffer want, have, checkpoint;
	struct source source;
	struct lesson *lesson;

	TEST("a lesson that goes on from a model, broken off and resumed");
	fake->options.from = model;
	want = whole(fake, &model_mlp, parameters);
	checkpoint = broken_off(fake, &model_mlp, parameters, 2);
	lesson = fake_open(fake, &model_mlp, parameters, &source);
	CHECK(lesson && lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) == 0);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	have = finish(lesson, &source, fake);
	CHECK(same(&have, &want));
	TEST("and refused for another model, or none");
	for (int i = 0; i < 2; i++) {
		fake->options.from = i ? NULL : other;
		lesson = fake_open(fake, &model_mlp, parameters, &source);
		CHECK(lesson && lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) < 0 && fake->err.code == STATUS_REQUIREMENT);
		CHECK_TEXT(fake->err.message, "the checkpoint is of another training: other model to go on from (give what it was begun with, or no --resume to begin anew)");
		lesson_free(lesson);
		source_close(&source);
	}
	buffer_free(&want);
	buffer_free(&have);
	buffer_free(&checkpoint);
	model_mlp.free(model);
	model_mlp.free(other);
	fake_free(fake);
}

int main(void)
{
	fill_rows();
	check_mlp("batch=all hidden=6 lr=0.01");
	check_mlp("batch=all hidden=6x4 activation=tanh norm=layer lr=0.01");
	check_shapes();
	check_logistic(2, "solver=exact");
	check_logistic(3, "solver=exact");
	check_logistic(2, "solver=ftrl");
	check_logistic(3, "solver=sgd");
	check_checkpoints();
	return unit_done();
}
