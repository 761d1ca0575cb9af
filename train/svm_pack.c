/* SPDX-License-Identifier: MIT */
/* The model in its file; vectors column by column, in as few bytes as keep every bit (knn_pack.h). */
#include "svm_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "knn_pack.h"
#include "memory.h"

static const uint64_t MOST_VALUES = UINT64_C(2) << 30;         /* bytes of vectors, of coefficients */

const char *const svm_function_names[N_SVM_FUNCTIONS] = { "linear", "poly", "rbf", "sigmoid" };

void svm_free(void *model)
{
	struct svm *svm = model;

	if (!svm)
		return;
	free(svm->counts);
	free(svm->vectors);
	free(svm->squares);
	free(svm->coefficients);
	free(svm->planes);
	free(svm->means);
	free(svm->deviations);
	free(svm->rhos);
	free(svm->sigmoids);
	free(svm);
}

static void pack_vectors(const struct svm *svm, struct buffer *to)
{
	size_t n = svm->n_vectors, d = svm->n_features;
	double *values = mem_array(n + 1, sizeof *values);

	pack_text(to, "vectors");
	pack_array(to, n > 0 ? d : 0);
	for (size_t j = 0; n > 0 && j < d; j++) {
		for (size_t i = 0; i < n; i++)
			values[i] = svm->vectors[i * d + j];
		knn_pack(values, n, to);
	}
	free(values);
	pack_text(to, "coefficients");
	pack_reals(to, svm->coefficients, svm_n_layers(svm) * n);
}

static void pack_planes(const struct svm *svm, struct buffer *to)
{
	pack_text(to, "planes");
	pack_reals(to, svm->planes, svm->n_machines * svm->n_features);
	pack_text(to, "means");
	pack_reals(to, svm->means, svm->n_features);
	pack_text(to, "deviations");
	pack_reals(to, svm->deviations, svm->n_features);
}

void svm_save(const void *model, struct buffer *to)
{
	const struct svm *svm = model;
	size_t n_kinds = svm_n_kinds(svm);

	pack_map(to, 13u + (svm->planes ? 3u : 2u) + (svm->sigmoids != NULL));
	pack_key_text(to, "kernel", svm_function_names[svm->kernel.function]);
	pack_key_real(to, "gamma", svm->kernel.gamma);
	pack_key_real(to, "coef0", svm->kernel.coef0);
	pack_key_int(to, "degree", (int64_t)svm->kernel.degree);
	pack_key_real(to, "C", svm->c);
	pack_key_real(to, "nu", svm->nu);
	pack_key_real(to, "epsilon", svm->epsilon);
	pack_text(to, "counts");
	pack_array(to, n_kinds);
	for (size_t i = 0; i < n_kinds; i++)
		pack_uint(to, svm->counts[i]);
	pack_key_int(to, "bound", (int64_t)svm->n_bound);
	pack_key_int(to, "iterations", (int64_t)svm->n_steps);
	pack_key_int(to, "limited", (int64_t)svm->n_limited);
	pack_key_real(to, "objective", svm->objective);
	pack_text(to, "rho");
	pack_reals(to, svm->rhos, svm->n_machines);
	if (svm->planes)
		pack_planes(svm, to);
	else
		pack_vectors(svm, to);
	if (svm->sigmoids) {
		pack_text(to, "sigmoids");
		pack_reals(to, &svm->sigmoids[0].a, 2 * svm->n_machines);
	}
}

/* ---- load ---- */

static bool read_finite(object params, const char *name, double least, double *value)
{
	return object_real(map_get(params, name), value) && isfinite(*value) && *value >= least;
}

static bool read_kernel(object params, struct svm_kernel *kernel)
{
	object name = map_get(params, "kernel");
	uint64_t degree;

	for (size_t i = 0; i < N_SVM_FUNCTIONS; i++)
		if (object_is_text(name, svm_function_names[i])) {
			kernel->function = (enum svm_function)i;
			if (!read_finite(params, "gamma", 0, &kernel->gamma) || !read_finite(params, "coef0", -INFINITY, &kernel->coef0) ||
			    !object_uint(map_get(params, "degree"), &degree) || degree > UINT32_MAX)
				return false;
			kernel->degree = (unsigned)degree;
			return true;
		}
	return false;
}

static bool read_counts(object params, struct svm *svm)
{
	object counts = map_get(params, "counts");
	size_t n_kinds = svm_n_kinds(svm);
	uint64_t all = 0, n_bound;

	if (array_size(counts) != n_kinds)
		return false;
	svm->counts = mem_new(n_kinds, sizeof *svm->counts);
	for (size_t i = 0; i < n_kinds; i++) {
		uint64_t n;

		if (!object_uint(array_get(counts, i), &n) || n > UINT32_MAX)
			return false;
		svm->counts[i] = (size_t)n;
		all += n;
	}
	svm->n_vectors = (size_t)all;
	if (all > UINT32_MAX || !object_uint(map_get(params, "bound"), &n_bound) || !object_uint(map_get(params, "iterations"), &svm->n_steps) ||
	    !object_uint(map_get(params, "limited"), &svm->n_limited))
		return false;
	svm->n_bound = (size_t)n_bound;
	return true;
}

/* That a bin has so many doubles is known before room is made for them. */
static double *read_reals(object params, const char *name, uint64_t n)
{
	object value = map_get(params, name);
	double *reals;

	if (!value || value->type != MSGPACK_OBJECT_BIN || n > MOST_VALUES / sizeof *reals || value->via.bin.size != n * sizeof *reals)
		return NULL;
	reals = mem_array(n + 1, sizeof *reals);
	if (object_finite_reals(value, reals, n))
		return reals;
	free(reals);
	return NULL;
}

static bool read_vectors(object params, struct svm *svm)
{
	object columns = map_get(params, "vectors");
	size_t n = svm->n_vectors, d = svm->n_features;
	double *values;
	bool good = array_size(columns) == (n > 0 ? d : 0) && (uint64_t)n * d <= MOST_VALUES / sizeof *values;

	svm->coefficients = good ? read_reals(params, "coefficients", (uint64_t)svm_n_layers(svm) * n) : NULL;
	if (!svm->coefficients)
		return false;
	values = mem_array(n + 1, sizeof *values);
	svm->vectors = mem_array(n * d + 1, sizeof *svm->vectors);
	svm->squares = mem_array(n + 1, sizeof *svm->squares);
	for (size_t j = 0; good && n > 0 && j < d; j++) {
		good = knn_unpack(array_get(columns, j), values, n);
		for (size_t i = 0; good && i < n; i++)
			svm->vectors[i * d + j] = values[i];
	}
	for (size_t i = 0; good && i < n; i++)
		svm->squares[i] = svm_square(&svm->vectors[i * d], d);
	free(values);
	return good;
}

static bool read_planes(object params, struct svm *svm)
{
	svm->planes = read_reals(params, "planes", (uint64_t)svm->n_machines * svm->n_features);
	svm->means = read_reals(params, "means", svm->n_features);
	svm->deviations = read_reals(params, "deviations", svm->n_features);
	return svm->planes && svm->means && svm->deviations;
}

static bool read_sigmoids(object params, struct svm *svm)
{
	double *reals;

	if (!map_get(params, "sigmoids"))
		return true;
	reals = svm->n_classes > 0 ? read_reals(params, "sigmoids", 2 * (uint64_t)svm->n_machines) : NULL;
	if (!reals)
		return false;
	svm->sigmoids = mem_array(svm->n_machines, sizeof *svm->sigmoids);
	for (size_t i = 0; i < svm->n_machines; i++)
		svm->sigmoids[i] = (struct svm_sigmoid){ reals[2 * i], reals[2 * i + 1] };
	free(reals);
	return true;
}

void *svm_load(object params, const struct problem *problem, struct error *err)
{
	struct svm *svm = mem_new(1, sizeof *svm);

	svm->n_features = problem->features.n;
	svm->n_classes = problem->task == TASK_CLASSIFICATION ? problem->classes.n : 0;
	svm->n_machines = svm_n_machines(svm->n_classes);
	if (problem->task != TASK_CLUSTERING && (problem->task == TASK_REGRESSION || svm->n_classes >= 2) && read_kernel(params, &svm->kernel) &&
	    read_finite(params, "C", 0, &svm->c) && read_finite(params, "nu", 0, &svm->nu) && read_finite(params, "epsilon", 0, &svm->epsilon) &&
	    read_finite(params, "objective", -INFINITY, &svm->objective) && read_counts(params, svm) && (svm->rhos = read_reals(params, "rho", svm->n_machines)) &&
	    (svm->kernel.function == SVM_LINEAR ? read_planes(params, svm) : read_vectors(params, svm)) && read_sigmoids(params, svm))
		return svm;
	error_set(err, STATUS_FAILED, "the parameters of the svm model are broken, or not finite");
	svm_free(svm);
	return NULL;
}
