/* SPDX-License-Identifier: MIT */
/* Lessons that are checkpointed, thrown away and resumed end with the bytes of those that were not, or are refused. */
#include "toy_family.h"

extern const struct model_kind model_mlp, model_kmeans, model_linear;

/* Resumed at every round from 1 to `most`: the same as never stopped. */
static void check_resumed(struct fake *fake, const struct model_kind *kind, const char *parameters, uint64_t most)
{
	struct buffer want = whole(fake, kind, parameters);

	for (uint64_t n = 1; n <= most; n++) {
		struct buffer checkpoint = broken_off(fake, kind, parameters, n);

		resume_to(fake, kind, parameters, &checkpoint, &want);
		buffer_free(&checkpoint);
	}
	buffer_free(&want);
}

static void check_two_rounds(void)
{
	struct fake *fake = make(true);

	TEST("a family of two rounds, thrown away after the first and resumed");
	check_resumed(fake, &toy, "last=2", 2);
	fake->n_valid = 0;
	check_resumed(fake, &toy, "last=2", 2);
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

static void expect_resumed(struct fake *fake, const struct model_kind *kind, const char *parameters, const struct buffer *checkpoint)
{
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);

	CHECK(lesson_resume(lesson, checkpoint->data, checkpoint->size, &fake->err) == 0 && lesson_rounds(lesson, 1, &fake->err) >= 0);
	lesson_free(lesson);
	source_close(&source);
}

#define HOW " (give what it was begun with, or no --resume to begin anew)"

static void check_refused(void)
{
	static const char of_another[] = "the checkpoint is of another training: other ";
	struct fake *fake = make(true);
	struct buffer checkpoint = broken_off(fake, &toy, "step=0.25 last=9", 2);
	char want[200];

#define REFUSED(kind, parameters, what) (snprintf(want, sizeof want, "%s%s" HOW, of_another, what), \
	expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, want))
	TEST("a checkpoint of another training: all that is other is named");
	REFUSED(&toy, "step=0.25 last=8", "parameters");
	REFUSED(&model_mlp, "", "family, parameters");
	fake->options.seed = 1;
	REFUSED(&toy, "step=0.25 last=9", "seed");
	REFUSED(&toy, "last=9", "parameters, seed");
	fake->options.seed = 42;
	fake->n_features--;
	fake->problem.features.n--;
	REFUSED(&toy, "step=0.25 last=9", "features");
	fake->problem.features.n++;
	fake->n_features++;
	fake->setup.held_out = true;
	REFUSED(&toy, "step=0.25 last=9", "rows held out");
	fake->setup.held_out = false;
	fake->setup.marks.test = 0.25;
	REFUSED(&toy, "step=0.25 last=9", "rows held out");
	fake->setup.marks.test = 0;
	schema_add(&fake->header.lineage.inputs, "km", TYPE_REAL, ROLE_FEATURE);
	REFUSED(&toy, "step=0.25 last=9", "fields or steps");
	lineage_release(&fake->header.lineage);
	unit_seal(entry_add(lineage_add(&fake->header.lineage, "scale km"), "scale"));
	REFUSED(&toy, "step=0.25 last=9", "fields or steps");
	lineage_release(&fake->header.lineage);
#undef REFUSED
	TEST("parameters in another order, a default among them, other threads and memory: the same lesson");
	fake->options.threads = 3;
	fake->options.memory = 1000;
	expect_resumed(fake, &toy, "last=9 patience=3 step=0.25", &checkpoint);
	buffer_free(&checkpoint);
	fake_free(fake);
}

/* The classes are part of the target. */
static void check_refused_classes(void)
{
	struct fake *fake = fake_new(x, &x[1], 2, 1, 2);        /* never read but for the classes */
	struct buffer checkpoint;
	double classes[N];

	TEST("a checkpoint of a target with other classes");
	for (size_t row = 0; row < N; row++)
		classes[row] = (double)(row % 2);
	fake->y = classes;
	fake->n_rows = N;
	checkpoint = broken_off(fake, &model_mlp, "epochs=3", 1);
	expect_resumed(fake, &model_mlp, "epochs=3", &checkpoint);
	names_add(&fake->problem.classes, "c2");
	expect_refused(fake, &model_mlp, "epochs=3 loss=auto", checkpoint.data, checkpoint.size, "the checkpoint is of another training: other target" HOW);
	buffer_free(&checkpoint);
	fake_free(fake);
}

static void swap_rows(size_t one, size_t other)
{
	for (size_t col = 0; col <= P; col++) {
		double *a = col < P ? &x[one * P + col] : &y[one], *b = col < P ? &x[other * P + col] : &y[other], was = *a;

		*a = *b;
		*b = was;
	}
}

static void check_refused_rows(const struct model_kind *kind, const char *parameters, int threads)
{
	static const char others[] = "the checkpoint is of other rows: as many, but with other values or in another order";
	struct fake *fake = make(true);
	double weights[N + N_VALID], was;
	struct buffer checkpoint;

	fake->weight = weights;
	fake->options.threads = threads;
	for (size_t row = 0; row < N + N_VALID; row++)
		weights[row] = 1;
	checkpoint = broken_off(fake, kind, parameters, 2);
	for (size_t other = 1; other < N; other += 1100) {      /* in the same block, and in others */
		swap_rows(0, other);
		expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, others);
		swap_rows(0, other);
	}
	for (int back = 0; back < 2; back++) {                  /* two blocks as a whole */
		for (size_t row = 0; row < PANEL_ROWS; row++)
			swap_rows(row, row + PANEL_ROWS);
		if (!back)
			expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, others);
	}
	was = x[P * (N + 5) + 1];
	x[P * (N + 5) + 1] = nextafter(was, 2);                 /* of a valid row */
	expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, others);
	x[P * (N + 5) + 1] = was;
	was = y[1500];
	y[1500] = nextafter(was, 9);
	expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, others);
	y[1500] = was;
	weights[7] = 2;
	expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size, others);
	weights[7] = 1;
	fake->n_rows--;
	expect_refused(fake, kind, parameters, checkpoint.data, checkpoint.size,
	               "the checkpoint is of other rows: of 2600 training and 700 valid rows, here are 2599 and 700");
	fake->n_rows++;
	fake->options.threads = 2;
	expect_resumed(fake, kind, parameters, &checkpoint);
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
	TEST("mlp, resumed: norms, dropout, schedules");
	check_resumed(fake, &model_mlp, "hidden=7x5 epochs=6 batch=100 norm=batch dropout=0.3 schedule=plateau step=1 gamma=0.5 lr=0.1 warmup=2", 5);
	check_resumed(fake, &model_mlp, "hidden=7x5 epochs=5 batch=100 norm=layer dropout=0.1 schedule=onecycle optimizer=rmsprop momentum=0.5", 5);
	check_resumed(fake, &model_mlp, "hidden=7 epochs=5 batch=100 warmup=1 schedule=cosine optimizer=adagrad clip=0.1", 5);
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

/* ---- kmeans ---- */

static void check_kmeans(void)
{
	struct fake *fake = fake_new(x, NULL, N, P, 0);

	TEST("kmeans, which has no target, resumed at each iteration of several starts, of which some are over sooner");
	check_resumed(fake, &model_kmeans, "k=3 n_init=3 tol=0.01", 5);
	fake->options.memory = 1 << 12;
	fake->options.threads = 2;
	check_resumed(fake, &model_kmeans, "k=5 init=random max_iter=6", 6);
	fake_free(fake);
}

/* ---- interrupts ---- */

struct stopper { int n_asked, after; };

/* The lesson of one thread is asked; true from the call after `after` on. */
static bool stops(void *state)
{
	struct stopper *stopper = state;

	return stopper->n_asked++ >= stopper->after;
}

static void expect_interrupted(struct fake *fake, struct source *source, struct lesson *lesson, int result)
{
	CHECK(result < 0 && fake->err.code == STATUS_INTERRUPT);
	lesson_free(lesson);
	source_close(source);
}

static void check_interrupted(void)
{
	struct fake *fake = make(true);
	struct buffer of_toy = broken_off(fake, &toy, "", 2), of_mlp = broken_off(fake, &model_mlp, "", 2), have, want;
	struct stopper stopper = { .after = 0 };
	struct source source;
	struct lesson *lesson;

	TEST("an interrupt right behind resume: the best so far");
	want = whole(fake, &toy, "rounds=2");
	fake->options.watch = (struct lesson_watch){ .stop = stops, .state = &stopper };
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_resume(lesson, of_toy.data, of_toy.size, &fake->err) == 0 && lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	CHECK(lesson->history.n == 2 && stopper.n_asked == 1);
	have = finish(lesson, &source, fake);
	CHECK(memcmp(have.data, want.data, 9) == 0);
	TEST("an interrupt in the first pass of a lesson that goes on ends it");
	stopper = (struct stopper){ .after = 2 };
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_resume(lesson, of_toy.data, of_toy.size, &fake->err) == 0);
	expect_interrupted(fake, &source, lesson, lesson_rounds(lesson, UINT64_MAX, &fake->err));
	CHECK(stopper.n_asked == 3);
	stopper = (struct stopper){ .after = 1 };
	lesson = fake_open(fake, &model_mlp, "", &source);
	expect_interrupted(fake, &source, lesson, lesson_resume(lesson, of_mlp.data, of_mlp.size, &fake->err));
	TEST("later passes are not asked in");
	stopper = (struct stopper){ .after = 9 };               /* between rounds, in 7 panels of a pass, between rounds; not in the second pass */
	lesson = fake_open(fake, &toy, "", &source);
	CHECK(lesson_resume(lesson, of_toy.data, of_toy.size, &fake->err) == 0 && lesson_rounds(lesson, 1, &fake->err) == 1);
	CHECK(stopper.n_asked == 1 + N / PANEL_ROWS + 1 + 2);   /* the valid rows lie in two blocks */
	lesson_free(lesson);
	source_close(&source);
	buffer_free(&of_toy);
	buffer_free(&of_mlp);
	buffer_free(&have);
	buffer_free(&want);
	fake_free(fake);
}

int main(void)
{
	fill_rows();
	check_two_rounds();
	check_refused();
	check_refused_classes();
	TEST("a checkpoint of other rows: another order, one value, one weight, fewer");
	check_refused_rows(&toy, "last=9", 1);
	check_refused_rows(&toy, "last=9", 3);
	check_refused_rows(&model_mlp, "epochs=5 batch=100", 1);
	check_interrupted();
	TEST("a checkpoint that is cut or changed breaks nothing");
	check_damage(&toy, "last=9");
	check_damage(&model_mlp, "epochs=4 batch=10");
	check_damage(&model_linear, "loss=huber alpha=1");
	check_damage(&model_linear, "loss=quantile alpha=0.1");
	check_mlp();
	check_kmeans();
	return unit_done();
}
