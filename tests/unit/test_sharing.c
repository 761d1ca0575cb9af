/* SPDX-License-Identifier: MIT */
/* Lessons that share what they have in common give the bytes of those that do not, from any number of threads, and make no pass. */
#include "fake_training.h"
#include "memory.h"
#include "rng.h"
#include "unit.h"

enum { N = 2600, N_VALID = 700, P = 4 };

static double x[(N + N_VALID) * P], numbers[N + N_VALID], classes[N + N_VALID], weights[N + N_VALID];

static void fill_rows(void)
{
	struct rng rng;

	rng_seed(&rng, 7);
	for (size_t row = 0; row < N + N_VALID; row++) {
		for (size_t col = 0; col < P; col++)
			x[row * P + col] = col == 3 ? (double)(row % 3) : rng_unit(&rng) * 2 - 1;
		numbers[row] = 3 + x[row * P] - 2 * x[row * P + 1] * x[row * P + 2] + rng_unit(&rng) / 4;
		classes[row] = numbers[row] < 2.5 ? 0 : numbers[row] < 3.5 ? 1 : 2;
		weights[row] = row % 11 == 0 ? 0 : 0.5 + rng_unit(&rng);
	}
}

/* A family, and parameters that share with the first of them. */
static const struct sharing_case { const char *kind; enum task task; const char *parameters[5]; } cases[] = {
	{ "linear", TASK_REGRESSION, { "alpha=0", "alpha=0.5", "alpha=0.01 l1_ratio=1", "alpha=0.1 l1_ratio=0.5" } },
	{ "linear", TASK_REGRESSION, { "loss=huber alpha=0.1", "loss=quantile alpha=0.01", "loss=poisson alpha=1", "loss=tweedie" } },
	{ "logistic", TASK_CLASSIFICATION, { "C=1", "C=0.01", "C=0.1 l1_ratio=1" } },
	{ "boost", TASK_REGRESSION, { "rounds=12", "rounds=9 leaves=7 lr=0.2", "rounds=9 loss=quantile alpha=0.1,0.9", "rounds=9 loss=huber subsample=0.5", "rounds=5 colsample=0.5" } },
	{ "boost", TASK_REGRESSION, { "loss=gamma rounds=9", "loss=poisson rounds=9", "loss=tweedie rounds=9 power=1.2" } },
	{ "boost", TASK_CLASSIFICATION, { "rounds=9", "rounds=5 leaves=4 min_child_samples=50" } },
	{ "boost", TASK_CLASSIFICATION, { "max_bins=15 rounds=9", "rounds=5 max_bins=15" } },
	{ "forest", TASK_REGRESSION, { "trees=7", "trees=5 extra=yes", "trees=5 max_features=all min_samples_leaf=9" } },
	{ "forest", TASK_CLASSIFICATION, { "trees=7", "trees=5 extra=yes", "trees=5 max_features=all min_samples_leaf=9" } },
	{ "tree", TASK_REGRESSION, { "leaves=32", "leaves=8", "ccp_alpha=0.01" } },
	{ "tree", TASK_CLASSIFICATION, { "leaves=32", "leaves=8" } },
	{ "knn", TASK_REGRESSION, { "n_neighbors=5", "n_neighbors=2000", "n_neighbors=40 weights=distance" } },
	{ "svm", TASK_REGRESSION, { "C=1 kernel=rbf", "C=0.1 epsilon=0.3", "C=2 max_iter=40 degree=5", "nu=0.4 C=0.5" } },
	{ "svm", TASK_CLASSIFICATION, { "kernel=poly degree=2", "C=0.2 kernel=poly degree=2", "nu=0.2 kernel=poly degree=2", "probability=yes degree=2 kernel=poly max_iter=300" } },
	{ "svm", TASK_CLASSIFICATION, { "kernel=linear C=0.1", "C=0.2 kernel=linear coef0=3 max_iter=100" } },
	{ "knn", TASK_CLASSIFICATION, { "metric=cosine", "metric=cosine n_neighbors=9" } },
};

static struct fake *make(enum task task, bool valid, bool weighted)
{
	struct fake *fake = fake_new(x, task == TASK_CLASSIFICATION ? classes : numbers, N, P, task == TASK_CLASSIFICATION ? 3 : 0);

	fake->n_valid = valid ? N_VALID : 0;
	fake->weight = weighted ? weights : NULL;
	fake->options.checkpoints = false;
	return fake;
}

/* The model and its `training`; passes: that were made. */
static struct buffer teach(struct fake *fake, const struct model_kind *kind, const char *parameters, uint64_t *passes)
{
	struct buffer bytes = BUFFER_INIT;
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);
	void *model = NULL;

	CHECK(lesson && lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0 && (model = lesson_finish(lesson, &fake->err)));
	if (model) {
		kind->save(model, &bytes);
		lesson_pack(lesson, &bytes);
		kind->free(model);
		*passes = lesson->n_passes;
	} else {
		printf("%s %s: %s\n", kind->name, parameters, fake->err.message);
	}
	lesson_free(lesson);
	source_close(&source);
	return bytes;
}

/* As lesson_share; the setup is that of a lesson. */
static int share(struct fake *fake, const struct model_kind *kind, const char *parameters, size_t threads, uint64_t most, struct lesson_shared *shared)
{
	struct source source;
	struct lesson *lesson = fake_open(fake, kind, parameters, &source);
	int result;

	lesson_free(lesson);
	result = lesson_share(&fake->setup, &source, &fake->problem.classes, &fake->options, threads, most, shared, &fake->err);
	source_close(&source);
	return result;
}

static void check_case(const struct sharing_case *one, bool valid, bool weighted, size_t threads)
{
	const struct model_kind *kind = model_find(one->kind);
	struct fake *fake = make(one->task, valid, weighted);
	struct lesson_shared shared;

	CHECK(share(fake, kind, one->parameters[0], threads, UINT64_MAX, &shared) == 1);
	CHECK(shared.size > 0);
	for (size_t i = 0; i < 5 && one->parameters[i]; i++) {
		struct buffer alone, with;
		uint64_t passes = 0;

		fake->options.threads = (int)threads;
		alone = teach(fake, kind, one->parameters[i], &passes);
		CHECK(passes > 0);
		fake->options.shared = &shared;
		fake->options.threads = 1;
		with = teach(fake, kind, one->parameters[i], &passes);
		CHECK(passes == 0);
		CHECK(alone.size > 0 && with.size == alone.size && memcmp(with.data, alone.data, alone.size) == 0);
		fake->options.shared = NULL;
		buffer_free(&alone);
		buffer_free(&with);
	}
	lesson_unshare(&shared);
	lesson_unshare(&shared);
	fake_free(fake);
}

/* Parameters that share nothing with each other, though each shares with others. */
static void check_apart(void)
{
	static const struct { const char *kind, *one, *other; } pairs[] = {
		{ "linear", "alpha=1", "loss=huber" }, { "boost", "max_bins=15", "max_bins=16" }, { "boost", "loss=gamma", "loss=squared" },
		{ "forest", "max_bins=15", "max_bins=16" }, { "tree", "max_bins=15", "max_bins=16" }, { "knn", "metric=euclidean", "metric=manhattan" },
		{ "knn", "metric=minkowski p=3", "metric=minkowski p=4" }, { "knn", "algorithm=brute", "algorithm=kd_tree" }, { "svm", "kernel=rbf", "kernel=sigmoid" },
		{ "svm", "kernel=rbf gamma=1", "kernel=rbf gamma=2" }, { "svm", "kernel=poly degree=2", "kernel=poly degree=3" },
		{ "svm", "kernel=sigmoid coef0=1", "kernel=sigmoid coef0=2" },
	};
	struct fake *one = make(TASK_REGRESSION, false, false), *other = make(TASK_REGRESSION, false, false);

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const struct model_kind *kind = model_find(pairs[i].kind);

		TEST(pairs[i].one);
		CHECK(fake_setup(one, kind, pairs[i].one) == 0 && fake_setup(other, kind, pairs[i].other) == 0);
		CHECK(kind->sharing->with(one->config, one->config) && kind->sharing->with(other->config, other->config));
		CHECK(!kind->sharing->with(one->config, other->config) && !kind->sharing->with(other->config, one->config));
	}
	fake_free(one);
	fake_free(other);
}

static void check_bound(void)
{
	const struct model_kind *kind = model_find("boost");
	struct fake *fake = make(TASK_REGRESSION, true, false);
	struct lesson_shared shared;

	TEST("what is larger than it may be is not made");
	CHECK(share(fake, kind, "rounds=3", 1, 1000, &shared) == 0 && !shared.part);
	CHECK(shared.size > (N + N_VALID) * P);
	TEST("parameters that share nothing");
	CHECK(share(fake, model_find("mlp"), "epochs=3", 1, UINT64_MAX, &shared) == 0 && !shared.part);
	CHECK(share(fake, model_find("baseline"), "answer=mean", 1, UINT64_MAX, &shared) == 0 && !shared.part);
	lesson_unshare(&shared);
	TEST("rows that nobody can learn from say so");
	memset(weights, 0, sizeof weights);
	fake->weight = weights;
	CHECK(share(fake, kind, "rounds=3", 2, UINT64_MAX, &shared) < 0);
	CHECK(strcmp(fake->err.message, "the weights of all training rows are 0") == 0);
	fake_free(fake);
}

/* A model of neighbours counts who holds the rows. */
static void check_outlived(void)
{
	const struct model_kind *kind = model_find("knn");
	struct fake *fake = make(TASK_REGRESSION, false, false);
	struct lesson_shared shared;
	double answer = 0;
	void *model;

	TEST("a model outlives what it was made of");
	CHECK(share(fake, kind, "n_neighbors=1", 1, UINT64_MAX, &shared) == 1);
	fake->options.shared = &shared;
	model = fake_fit(fake, kind, "n_neighbors=1");
	lesson_unshare(&shared);
	fake_predict(fake, kind, model, 17, 1, &answer);
	CHECK(answer == numbers[17]);
	kind->free(model);
	TEST("more neighbours than rows are refused as ever");
	fake->options.shared = NULL;
	CHECK(share(fake, kind, "n_neighbors=1", 1, UINT64_MAX, &shared) == 1);
	fake->options.shared = &shared;
	fake->quiet = true;
	CHECK(!fake_fit(fake, kind, "n_neighbors=2601"));
	CHECK(strcmp(fake->err.message, "n_neighbors=2601 are more than the training rows, 2600 (n_neighbors=2600)") == 0);
	lesson_unshare(&shared);
	fake_free(fake);
}

int main(void)
{
	static const size_t threads[] = { 1, 2, 5 };

	fill_rows();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < 4; k++) {
			TEST(cases[i].kind);
			check_case(&cases[i], k & 1, k & 2, threads[(i + k) % 3]);
		}
	check_apart();
	check_outlived();
	check_bound();
	return unit_done();
}
