/* SPDX-License-Identifier: MIT */
#include "linear_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "student_t.h"
#include "table.h"

const char linear_losses[] = "squared|huber|quantile|poisson|gamma|tweedie";

static const char *const loss_names[N_LINEAR_LOSSES] = { "squared", "huber", "quantile", "poisson", "gamma", "tweedie" };
static const char *const parameter_names[N_LINEAR_LOSSES] = { NULL, "epsilon", "quantile", NULL, NULL, "power" };

struct linear *linear_new(size_t n_features)
{
	struct linear *linear = mem_new(1, sizeof *linear);

	*linear = (struct linear){ .n_features = n_features, .converged = true, .residual = NAN, .r2 = NAN };
	linear->coefficients = mem_new(n_features + 1, sizeof(double));
	linear->deviations = mem_new(n_features + 1, sizeof(double));
	linear->means = mem_new(n_features + 1, sizeof(double));
	return linear;
}

static double *copy_reals(const double *from, size_t n)
{
	double *to = mem_array(n + 1, sizeof *to);

	memcpy(to, from, n * sizeof *to);
	return to;
}

struct linear *linear_copy(const struct linear *from)
{
	struct linear *linear = mem_new(1, sizeof *linear);

	*linear = *from;
	linear->coefficients = copy_reals(from->coefficients, from->n_features);
	linear->deviations = copy_reals(from->deviations, from->n_features);
	linear->means = copy_reals(from->means, from->n_features);
	if (from->errors)
		linear->errors = copy_reals(from->errors, from->n_features + 1);
	return linear;
}

void linear_free(void *model)
{
	struct linear *linear = model;

	if (!linear)
		return;
	free(linear->coefficients);
	free(linear->deviations);
	free(linear->means);
	free(linear->errors);
	free(linear);
}

/* ---- answers ---- */

static void find_z(const struct linear *linear, const struct panel *panel, double *z)
{
	for (size_t row = 0; row < panel->n_rows; row++)
		z[row] = linear->intercept;
	for (size_t col = 0; col < linear->n_features; col++)
		for (size_t row = 0; row < panel->n_rows; row++)
			z[row] += linear->coefficients[col] * panel->x[col * panel->stride + row];
}

static double mean_of(double z)
{
	double mean = exp(z);

	return isfinite(mean) ? mean : NAN;
}

int linear_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct linear *linear = model;

	(void)err;
	find_z(linear, panel, out);
	for (size_t row = 0; loss_has_log_link(linear->loss) && row < panel->n_rows; row++)
		out[row] = mean_of(out[row]);
	return 0;
}

int linear_reasons(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct linear *linear = model;
	size_t n = linear->n_features;
	double middle = linear->intercept;

	(void)err;
	for (size_t col = 0; col < n; col++)
		middle += linear->coefficients[col] * linear->means[col];
	for (size_t row = 0; row < panel->n_rows; row++, out += n + 1) {
		for (size_t col = 0; col < n; col++)
			out[col] = linear->coefficients[col] * (panel->x[col * panel->stride + row] - linear->means[col]);
		out[n] = middle;
	}
	return 0;
}

bool linear_reasons_log(const void *model) { return loss_has_log_link(((const struct linear *)model)->loss); }

/* ---- save, load ---- */

static double known(double value) { return isnan(value) ? -1 : value; }

void linear_save(const void *model, struct buffer *params)
{
	const struct linear *linear = model;
	size_t n = linear->n_features;

	pack_map(params, 18);
	pack_key_real(params, "alpha", linear->alpha);
	pack_key_int(params, "rank", (int64_t)linear->rank);
	pack_key_real(params, "intercept", linear->intercept);
	pack_text(params, "coefficients");
	pack_reals(params, linear->coefficients, n);
	pack_text(params, "deviations");
	pack_reals(params, linear->deviations, n);
	pack_text(params, "means");
	pack_reals(params, linear->means, n);
	pack_key_text(params, "loss", loss_names[linear->loss]);
	pack_key_real(params, "l1_ratio", linear->l1_ratio);
	pack_key_real(params, "parameter", linear->parameter);
	pack_text(params, "converged");
	pack_bool(params, linear->converged);
	pack_key_int(params, "freedom", (int64_t)linear->freedom);
	pack_key_real(params, "residual", known(linear->residual));
	pack_key_real(params, "r2", known(linear->r2));
	pack_text(params, "errors");
	pack_reals(params, linear->errors, linear->errors ? n + 1 : 0);
	pack_key_int(params, "iterations", (int64_t)linear->n_steps);
	pack_key_real(params, "slope", linear->slope);
	pack_key_real(params, "scale", linear->scale);
	pack_key_real(params, "gap", linear->gap);
}

/* What models of before did not have. */
static bool load_rest(object params, struct linear *linear)
{
	object errors = map_get(params, "errors"), loss = map_get(params, "loss");
	size_t n = linear->n_features + 1;

	if (!loss)
		return true;
	linear->loss = N_LINEAR_LOSSES;
	for (int i = 0; i < N_LINEAR_LOSSES; i++)
		if (object_is_text(loss, loss_names[i]))
			linear->loss = (enum linear_loss)i;
	if (linear->loss == N_LINEAR_LOSSES || !object_real(map_get(params, "l1_ratio"), &linear->l1_ratio) ||
	    !object_real(map_get(params, "parameter"), &linear->parameter) || !object_bool(map_get(params, "converged"), &linear->converged) ||
	    !object_uint(map_get(params, "freedom"), &linear->freedom) || !object_real(map_get(params, "residual"), &linear->residual) ||
	    !object_real(map_get(params, "r2"), &linear->r2) || !object_uint(map_get(params, "iterations"), &linear->n_steps) ||
	    !object_real(map_get(params, "slope"), &linear->slope) || !object_real(map_get(params, "scale"), &linear->scale) ||
	    !object_real(map_get(params, "gap"), &linear->gap) || !errors || errors->type != MSGPACK_OBJECT_BIN)
		return false;
	linear->residual = linear->residual < 0 ? NAN : linear->residual;
	linear->r2 = linear->r2 < 0 ? NAN : linear->r2;
	if (errors->via.bin.size == 0)
		return true;
	linear->errors = mem_new(n, sizeof *linear->errors);
	return object_reals(errors, linear->errors, n) >= 0;
}

void *linear_load(object params, const struct problem *problem, struct error *err)
{
	size_t n = problem->features.n;
	struct linear *linear = linear_new(n);

	if (problem->task != TASK_REGRESSION || !object_real(map_get(params, "alpha"), &linear->alpha) || !isfinite(linear->alpha) ||
	    !object_uint(map_get(params, "rank"), &linear->rank) || !object_real(map_get(params, "intercept"), &linear->intercept) ||
	    !isfinite(linear->intercept) || !object_finite_reals(map_get(params, "coefficients"), linear->coefficients, n) ||
	    object_reals(map_get(params, "deviations"), linear->deviations, n) < 0 ||
	    object_reals(map_get(params, "means"), linear->means, n) < 0 || !load_rest(params, linear)) {
		error_set(err, STATUS_FAILED, "the parameters of the linear model are broken, or not finite");
		linear_free(linear);
		return NULL;
	}
	return linear;
}

/* ---- for people ---- */

static void add_number(struct buffer *to, const char *name, double value, int digits)
{
	char text[NUMBER_SIZE];

	number_print_short(text, value, digits);
	buffer_format(to, "%s%s", name, text);
}

static void describe_loss(const struct linear *linear, struct buffer *to)
{
	size_t n_zero = 0;

	for (size_t i = 0; i < linear->n_features; i++)
		n_zero += linear->coefficients[i] == 0;
	if (linear->loss != LINEAR_SQUARED) {
		buffer_format(to, "loss: %s", loss_names[linear->loss]);
		if (parameter_names[linear->loss]) {
			buffer_format(to, " %s", parameter_names[linear->loss]);
			add_number(to, "=", linear->parameter, 6);
		}
		buffer_format(to, "; %s after %" PRIu64 " iterations", linear->converged ? "converged" : "not converged", linear->n_steps);
		if (linear->loss == LINEAR_HUBER)
			add_number(to, "; scale ", linear->scale, 6);
		if (linear->loss == LINEAR_QUANTILE)
			add_number(to, ", its minimum at most this less: ", linear->gap, 2);
		else
			add_number(to, ", largest slope ", linear->slope, 2);
		buffer_add_text(to, loss_has_log_link(linear->loss) ? "\nan answer is e to the sum of what follows\n" : "\n");
	}
	if (linear->alpha > 0) {
		add_number(to, "penalty: alpha=", linear->alpha, 6);
		if (linear->l1_ratio > 0)
			add_number(to, " l1_ratio=", linear->l1_ratio, 6);
		if (linear->l1_ratio > 0 || linear->loss == LINEAR_QUANTILE)
			buffer_format(to, "; %zu of %zu coefficients are 0", n_zero, linear->n_features);
		buffer_add_text(to, "\n");
	}
	if (!isnan(linear->residual)) {
		add_number(to, "residuals: deviation ", linear->residual, 6);
		buffer_format(to, " with %" PRIu64 " degrees of freedom", linear->freedom);
		if (!isnan(linear->r2))
			add_number(to, ", R2 ", linear->r2, 6);
		buffer_add_text(to, "\n");
	}
	if (linear->loss != LINEAR_SQUARED || linear->alpha > 0 || !isnan(linear->residual))
		buffer_add_text(to, "\n");
}

static void add_error(const struct linear *linear, struct table *table, double coefficient, double error)
{
	if (isnan(error)) {
		for (int i = 0; i < 3; i++)
			table_format(table, " ");
		return;
	}
	table_number(table, error, 4);
	if (error > 0) {
		table_number(table, coefficient / error, 4);
		table_number(table, student_t_tails(coefficient / error, (double)linear->freedom), 3);
	} else {
		table_format(table, " ");
		table_format(table, " ");
	}
}

void linear_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct linear *linear = model;
	size_t n = linear->n_features;
	struct effect *effects = mem_array(n + 1, sizeof *effects);
	struct table *table = table_new();

	describe_loss(linear, to);
	for (size_t i = 0; i < n; i++)
		effects[i] = (struct effect){ i, fabs(linear->coefficients[i] * linear->deviations[i]) };
	effects_sort(effects, n);
	table_column(table, "feature", false);
	table_column(table, "coefficient", true);
	table_column(table, "per deviation", true);
	if (linear->errors) {
		table_column(table, "std error", true);
		table_column(table, "t", true);
		table_column(table, "p", true);
	}
	table_format(table, "(intercept)");
	table_number(table, linear->intercept, 6);
	table_format(table, " ");
	if (linear->errors)
		add_error(linear, table, linear->intercept, linear->errors[n]);
	for (size_t i = 0; i < n; i++) {
		size_t feature = effects[i].feature;
		double coefficient = linear->coefficients[feature];

		table_format(table, "%s", problem->features.items[feature]);
		table_number(table, coefficient, 6);
		table_number(table, coefficient * linear->deviations[feature], 4);
		if (linear->errors && isnan(linear->errors[feature]) && linear->deviations[feature] > 0 && coefficient != 0) {
			table_format(table, "collinear");
			table_format(table, " ");
			table_format(table, " ");
		} else if (linear->errors) {
			add_error(linear, table, coefficient, linear->errors[feature]);
		}
	}
	table_print(table, to, 0, 0);
	table_free(table);
	free(effects);
}
