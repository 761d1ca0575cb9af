/* SPDX-License-Identifier: MIT */
/* The family mlp over the blocks of a stream: the same bytes for any number of threads, saved and loaded, and the best weights kept. */
#include "fake_training.h"
#include "unit.h"

#include "memory.h"
#include "rng.h"

extern const struct model_kind model_mlp;
static const struct model_kind *const mlp = &model_mlp;

static void make_rows(double *x, double *y, size_t n, size_t n_features, size_t n_classes)
{
	struct rng *rng = malloc(sizeof *rng);

	rng_seed(rng, 3);
	for (size_t row = 0; row < n; row++) {
		double sum = 0;

		for (size_t i = 0; i < n_features; i++) {
			x[row * n_features + i] = rng_unit(rng) * 2 - 1;
			sum += x[row * n_features + i] * (double)(i + 1);
		}
		y[row] = n_classes ? (sum > 0) + (sum > 2) * (n_classes > 2) : sum * sum + rng_unit(rng);
	}
	free(rng);
}

static void check_bytes(size_t n_classes, const char *options)
{
	enum { N = 3000, P = 6 };
	double *x = malloc(sizeof(double) * N * P), *y = malloc(sizeof(double) * N), first[150 * 3], again[150 * 3], alone[3];
	size_t n_out = n_classes ? n_classes : 1;
	struct buffer saved[2] = { BUFFER_INIT, BUFFER_INIT };
	struct unpacked map;
	struct error err = ERROR_INIT;
	struct fake *fake;
	void *model, *loaded;

	make_rows(x, y, N, P, n_classes);
	fake = fake_new(x, y, N, P, n_classes);
	fake->n_rows = 2500;
	fake->n_valid = 500;
	model = fake_fit(fake, mlp, options);
	mlp->save(model, &saved[0]);
	mlp->free(model);
	fake->options.threads = 2;
	fake->options.memory = 1000;   /* the rows go to a file */
	model = fake_fit(fake, mlp, options);
	mlp->save(model, &saved[1]);
	CHECK(saved[0].size == saved[1].size && memcmp(saved[0].data, saved[1].data, saved[0].size) == 0);
	CHECK(pack_read(&map, saved[0].data, saved[0].size, &err) == 0);
	loaded = mlp->load(&map.object, &fake->problem, &err);
	CHECK(loaded);
	fake_predict(fake, mlp, model, 0, 150, first);
	fake_predict(fake, mlp, loaded, 0, 150, again);
	CHECK(memcmp(first, again, 150 * n_out * sizeof *first) == 0);
	for (size_t row = 0; row < 150; row++) {
		fake_predict(fake, mlp, loaded, row, 1, alone);
		CHECK(memcmp(alone, &first[row * n_out], n_out * sizeof *alone) == 0);
	}
	for (size_t row = 0; n_classes && row < 150; row++) {
		double sum = 0;

		for (size_t k = 0; k < n_out; k++)
			sum += first[row * n_out + k];
		CHECK_NEAR(sum, 1, 1e-12);
	}
	mlp->free(model);
	mlp->free(loaded);
	unpacked_free(&map);
	buffer_free(&saved[0]);
	buffer_free(&saved[1]);
	fake_free(fake);
	free(x);
	free(y);
}

static void check_early_stop(void)
{
	enum { N = 260, P = 6 };
	double *x = malloc(sizeof(double) * N * P), *y = malloc(sizeof(double) * N), best = INFINITY;
	struct fake *fake;
	void *model;
	double out[200], loss = 0;

	TEST("early stopping keeps the best weights");
	make_rows(x, y, N, P, 0);
	fake = fake_new(x, y, N, P, 0);
	fake->n_rows = 60;
	fake->n_valid = 200;
	model = fake_fit(fake, mlp, "hidden=64 lr=0.03 epochs=2000 patience=7");
	CHECK(fake->epochs < 2000);
	fake_predict(fake, mlp, model, 60, 200, out);
	for (size_t row = 0; row < 200; row++)
		loss += (out[row] - y[60 + row]) * (out[row] - y[60 + row]) / 200;
	best = fake->last_valid;
	CHECK(loss < best);
	CHECK(strncmp(fake->remarks, "epoch ", 6) == 0 && strstr(fake->remarks, " is kept, the best on the valid rows") != NULL);
	mlp->free(model);
	fake_free(fake);
	free(x);
	free(y);
}

int main(void)
{
	TEST("the same bytes for 1 and 2 threads; saved, loaded, row by row: regression");
	check_bytes(0, "hidden=130x70 epochs=3 batch=500");
	check_bytes(0, "hidden=20 epochs=4 optimizer=sgd momentum=0.9 weight_decay=0.001 activation=tanh loss=huber");
	TEST("the same bytes: two classes, more classes");
	check_bytes(2, "epochs=4");
	check_bytes(2, "epochs=2 loss=crossentropy hidden=9 activation=sigmoid");
	check_bytes(3, "epochs=4 hidden=9x9 batch=all weight_decay=0.01");
	TEST("the same bytes: norms, dropout, schedules");
	check_bytes(0, "hidden=130x70 epochs=3 batch=500 norm=batch dropout=0.2 schedule=cosine");
	check_bytes(3, "hidden=20x9 epochs=3 batch=all norm=batch activation=gelu optimizer=adamw weight_decay=0.1 warmup=1");
	check_bytes(2, "hidden=33x9 epochs=3 norm=layer dropout=0.1 activation=silu optimizer=rmsprop schedule=onecycle label_smoothing=0.1");
	check_bytes(0, "hidden=9x9 epochs=3 norm=layer activation=softmax optimizer=adagrad clip=0.5 schedule=plateau");
	check_early_stop();
	return unit_done();
}
