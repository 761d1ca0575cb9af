/* SPDX-License-Identifier: MIT */
/* A family takes no parameter that is not a finite number, wherever one stands that it reckons with. */
#include "model.h"

#include <math.h>
#include <stdlib.h>

#include "models.h"
#include "pack.h"
#include "unit.h"

/* Packs good parameters of a problem with two features, but for the number at `odd`, which is `value`. Returns how many there are. */
typedef size_t (*packer)(struct buffer *to, size_t odd, double value);

static size_t pack_linear(struct buffer *to, size_t odd, double value)
{
	double numbers[4] = { 1, 0.5, -2, 3 }, others[2] = { 1, 1 };    /* alpha, intercept, two coefficients */

	if (odd < 4)
		numbers[odd] = value;
	pack_map(to, 6);
	pack_key_real(to, "alpha", numbers[0]);
	pack_key_int(to, "rank", 2);
	pack_key_real(to, "intercept", numbers[1]);
	pack_text(to, "coefficients");
	pack_reals(to, numbers + 2, 2);
	pack_text(to, "deviations");
	pack_reals(to, others, 2);
	pack_text(to, "means");
	pack_reals(to, others, 2);
	return 4;
}

static size_t pack_baseline(struct buffer *to, size_t odd, double value)
{
	double answer = odd == 0 ? value : 7;

	pack_map(to, 1);
	pack_text(to, "answers");
	pack_reals(to, &answer, 1);
	return 1;
}

static void pack_floats(struct buffer *to, const char *key, const float *numbers, size_t n)
{
	pack_text(to, key);
	pack_bytes(to, numbers, n * sizeof *numbers);
}

/* 2 -> 1 -> 1 */
static size_t pack_mlp(struct buffer *to, size_t odd, double value)
{
	float numbers[5] = { 1, 2, 3, 4, 5 };

	if (odd < 5)
		numbers[odd] = (float)value;
	pack_map(to, 4);
	pack_key_text(to, "activation", "relu");
	pack_key_text(to, "loss", "mse");
	pack_text(to, "widths");
	pack_array(to, 3);
	pack_uint(to, 2);
	pack_uint(to, 1);
	pack_uint(to, 1);
	pack_text(to, "layers");
	pack_array(to, 2);
	pack_map(to, 2);
	pack_floats(to, "weight", numbers, 2);
	pack_floats(to, "bias", numbers + 2, 1);
	pack_map(to, 2);
	pack_floats(to, "weight", numbers + 3, 1);
	pack_floats(to, "bias", numbers + 4, 1);
	return 5;
}

/* Two rows and one neighbour: p, then targets, weights and features. */
static size_t pack_knn(struct buffer *to, size_t odd, double value)
{
	double numbers[9] = { 2, 7, 8, 1, 2, 3, 4, 5, 6 };

	if (odd < 9)
		numbers[odd] = value;
	pack_map(to, 9);
	pack_key_int(to, "n_neighbors", 1);
	pack_key_text(to, "weights", "distance");
	pack_key_text(to, "metric", "euclidean");
	pack_key_real(to, "p", numbers[0]);
	pack_key_text(to, "algorithm", "auto");
	pack_key_int(to, "rows", 2);
	pack_text(to, "y");
	pack_reals(to, numbers + 1, 2);
	pack_text(to, "row_weights");
	pack_reals(to, numbers + 3, 2);
	pack_text(to, "x");
	pack_array(to, 2);
	pack_reals(to, numbers + 5, 2);
	pack_reals(to, numbers + 7, 2);
	return 9;
}

/* Of two classes: a Gaussian feature and one of 0 and 1. The cut, shares of classes, then what is learned. */
static size_t pack_bayes(struct buffer *to, size_t odd, double value)
{
	double numbers[11] = { 0, 0.5, 0.5, 1, -1, 2, -2, 1, -1, 2, -2 };

	if (odd < 11)
		numbers[odd] = value;
	pack_map(to, 5);
	pack_key_real(to, "binarize", numbers[0]);
	pack_text(to, "kinds");
	pack_bytes(to, "\1\3", 2);
	pack_text(to, "priors");
	pack_reals(to, numbers + 1, 2);
	pack_text(to, "first");
	pack_reals(to, numbers + 3, 4);
	pack_text(to, "second");
	pack_reals(to, numbers + 7, 4);
	return 11;
}

/* Two centres of two features, and two more places that hold none. */
static size_t pack_kmeans(struct buffer *to, size_t odd, double value)
{
	double numbers[11] = { 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 7 };

	if (odd < 11)
		numbers[odd] = value;
	pack_map(to, 5);
	pack_key_int(to, "k", 2);
	pack_text(to, "centres");
	pack_reals(to, numbers, 8);
	pack_text(to, "weights");
	pack_reals(to, numbers + 8, 2);
	pack_key_real(to, "inertia", numbers[10]);
	pack_key_int(to, "iterations", 3);
	return 11;
}

/* The same with a norm, whose numbers stand behind the bias. */
static size_t pack_normed(struct buffer *to, size_t odd, double value)
{
	float numbers[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	if (odd < 9)
		numbers[odd] = (float)value;
	pack_map(to, 5);
	pack_key_text(to, "activation", "gelu");
	pack_key_text(to, "loss", "mse");
	pack_key_text(to, "norm", "batch");
	pack_text(to, "widths");
	pack_array(to, 3);
	pack_uint(to, 2);
	pack_uint(to, 1);
	pack_uint(to, 1);
	pack_text(to, "layers");
	pack_array(to, 2);
	pack_map(to, 6);
	pack_floats(to, "weight", numbers, 2);
	pack_floats(to, "bias", numbers + 2, 1);
	pack_floats(to, "scale", numbers + 3, 1);
	pack_floats(to, "shift", numbers + 4, 1);
	pack_floats(to, "mean", numbers + 5, 1);
	pack_floats(to, "variance", numbers + 6, 1);
	pack_map(to, 2);
	pack_floats(to, "weight", numbers + 7, 1);
	pack_floats(to, "bias", numbers + 8, 1);
	return 9;
}

/* Numbers, two vectors of two features, and one machine with them. */
static size_t pack_svm(struct buffer *to, size_t odd, double value)
{
	double numbers[13] = { 0.5, 1, 2, 0, 0.1, -3, 4, 5, 6, 7, 8, 9, 10 };

	if (odd < 13)
		numbers[odd] = value;
	pack_map(to, 15);
	pack_key_text(to, "kernel", "poly");
	pack_key_real(to, "gamma", numbers[0]);
	pack_key_real(to, "coef0", numbers[1]);
	pack_key_int(to, "degree", 3);
	pack_key_real(to, "C", numbers[2]);
	pack_key_real(to, "nu", numbers[3]);
	pack_key_real(to, "epsilon", numbers[4]);
	pack_text(to, "counts");
	pack_array(to, 1);
	pack_uint(to, 2);
	pack_key_int(to, "bound", 1);
	pack_key_int(to, "iterations", 7);
	pack_key_int(to, "limited", 0);
	pack_key_real(to, "objective", numbers[5]);
	pack_text(to, "rho");
	pack_reals(to, numbers + 6, 1);
	pack_text(to, "vectors");
	pack_array(to, 2);
	pack_reals(to, numbers + 7, 2);
	pack_reals(to, numbers + 9, 2);
	pack_text(to, "coefficients");
	pack_reals(to, numbers + 11, 2);
	return 13;
}

/* The same of two classes, a linear kernel and probabilities. */
static size_t pack_planes(struct buffer *to, size_t odd, double value)
{
	double numbers[10] = { 1, 2, 0, 1, 3, 4, 5, 6, -1, 0.5 };

	if (odd < 10)
		numbers[odd] = value;
	pack_map(to, 17);
	pack_key_text(to, "kernel", "linear");
	pack_key_real(to, "gamma", 1);
	pack_key_real(to, "coef0", 0);
	pack_key_int(to, "degree", 3);
	pack_key_real(to, "C", 1);
	pack_key_real(to, "nu", 0);
	pack_key_real(to, "epsilon", 0);
	pack_text(to, "counts");
	pack_array(to, 2);
	pack_uint(to, 2);
	pack_uint(to, 1);
	pack_key_int(to, "bound", 1);
	pack_key_int(to, "iterations", 7);
	pack_key_int(to, "limited", 0);
	pack_key_real(to, "objective", numbers[0]);
	pack_text(to, "rho");
	pack_reals(to, numbers + 1, 1);
	pack_text(to, "planes");
	pack_reals(to, numbers + 2, 2);
	pack_text(to, "means");
	pack_reals(to, numbers + 4, 2);
	pack_text(to, "deviations");
	pack_reals(to, numbers + 6, 2);
	pack_text(to, "sigmoids");
	pack_reals(to, numbers + 8, 2);
	return 10;
}

static bool loads(const struct model_kind *kind, packer pack, size_t odd, double value)
{
	struct error ignored = ERROR_INIT;
	struct problem problem = { .task = model_clusters(kind) ? TASK_CLUSTERING : TASK_REGRESSION };
	struct buffer params = BUFFER_INIT;
	struct unpacked map;
	struct error err = ERROR_INIT;
	void *model;

	names_add(&problem.features, "a");
	names_add(&problem.features, "b");
	if (kind->check(kind->defaults, &problem, &ignored) < 0 || pack == pack_planes) {
		problem.task = TASK_CLASSIFICATION;
		names_add(&problem.classes, "no");
		names_add(&problem.classes, "yes");
	}
	pack(&params, odd, value);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	model = kind->load(&map.object, &problem, &err);
	if (model)
		kind->free(model);
	else
		CHECK(strstr(err.message, "not finite") != NULL);
	unpacked_free(&map);
	buffer_free(&params);
	problem_release(&problem);
	return model != NULL;
}

/* Numbers that are finite, and can't be: variances and shares below 0, weights of 0, as many neighbours as there are no rows. */
static void check_odd(void)
{
	TEST("finite, and still broken");
	CHECK(!loads(model_find("knn"), pack_knn, 0, 0.5));
	CHECK(!loads(model_find("knn"), pack_knn, 0, 3));              /* p= is of another metric */
	CHECK(!loads(model_find("knn"), pack_knn, 4, 0));
	CHECK(!loads(model_find("bayes"), pack_bayes, 1, -0.5));
	CHECK(!loads(model_find("bayes"), pack_bayes, 7, 0));
	CHECK(!loads(model_find("bayes"), pack_bayes, 9, -2));
	CHECK(loads(model_find("bayes"), pack_bayes, 8, -2));           /* a logarithm */
	CHECK(!loads(model_find("svm"), pack_svm, 0, -0.5) && !loads(model_find("svm"), pack_svm, 2, -1));
}

int main(void)
{
	static const struct { const char *name; packer pack; } families[] = {
		{ "linear", pack_linear }, { "baseline", pack_baseline }, { "mlp", pack_mlp }, { "mlp", pack_normed },
		{ "knn", pack_knn }, { "bayes", pack_bayes },
		{ "svm", pack_svm }, { "svm", pack_planes },
		{ "kmeans", pack_kmeans },
	};
	static const double bad[] = { NAN, INFINITY, -INFINITY };

	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		const struct model_kind *kind = model_find(families[i].name);
		struct buffer count = BUFFER_INIT;
		size_t n = families[i].pack(&count, SIZE_MAX, 0);

		TEST(families[i].name);
		CHECK(loads(kind, families[i].pack, SIZE_MAX, 0));
		for (size_t odd = 0; odd < n; odd++)
			for (size_t k = 0; k < 3; k++)
				CHECK(!loads(kind, families[i].pack, odd, bad[k]));
		buffer_free(&count);
	}
	check_odd();
	TEST("batch norm's variance is not negative");
	CHECK(loads(model_find("mlp"), pack_normed, 6, 0));
	CHECK(!loads(model_find("mlp"), pack_normed, 6, -0.5));
	return unit_done();
}
