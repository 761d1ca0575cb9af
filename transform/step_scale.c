/* SPDX-License-Identifier: MIT */
/*
 * `scale COLUMN...`: (x - center) / scale, a unit per column, with the centers and
 * scales of scikit-learn's scalers:
 *
 *     standard   the mean                 the standard deviation with n (ddof=0) or n - 1 (ddof=1)
 *     minmax     the smallest             the largest - the smallest
 *     robust     the median               the 75 % quantile - the 25 % quantile
 *     maxabs     0                        the largest absolute value
 *
 * A constant column has scale 1 (its spread drowns in rounding: the bounds are
 * scikit-learn's). Nulls are not learned from and stay null.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "columns.h"
#include "memory.h"
#include "moments.h"
#include "quantiles.h"
#include "rescale.h"

enum method { STANDARD, MINMAX, ROBUST, MAXABS };

struct scale_config { int method; int64_t ddof; };

static const struct option_row scale_options[] = {
	{ "method", '=', OPTION_CHOICE, offsetof(struct scale_config, method), NULL, "standard|minmax|robust|maxabs", 0, 0,
	  "what becomes 0 and 1 (default standard): mean and deviation, smallest and largest, median and quartiles, 0 and the largest" },
	{ "ddof", 0, OPTION_INT, offsetof(struct scale_config, ddof), "0|1", NULL, 0, 1,
	  "standard: the deviation divides by n - ddof (default 0)" },
	OPTION_END
};
static const char *const method_names[] = { "standard", "minmax", "robust", "maxabs" };

static void scale_state(struct buffer *to, int method, int64_t ddof, double center, double scale)
{
	buffer_clear(to);
	pack_map(to, 4);
	pack_key_text(to, "method", method_names[method]);
	pack_key_int(to, "ddof", ddof);
	pack_key_real(to, "center", center);
	pack_key_real(to, "scale", scale);
}

static int scale_bind(struct binding *binding, struct error *err)
{
	struct scale_config config = { .method = STANDARD };
	struct names names = { .items = NULL };
	struct buffer state = BUFFER_INIT;
	int result = bind_columns(binding, scale_options, &config, &names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_NUMERIC, "cast or parse it", err);
	if (result == BIND_DONE) {
		scale_state(&state, config.method, config.ddof, 0, 1);
		bind_units(binding, "scale", &names, true, &state);
	}
	names_release(&names);
	return result;
}

struct scaling { int method; int64_t ddof; double center, scale; };

static int read_scaling(const struct unit *unit, struct scaling *scaling, struct error *err)
{
	struct unpacked state;
	bool fine;
	object method;

	if (rescale_check(unit, err) < 0 || unit_state(unit, &state, err) < 0)
		return -1;
	method = map_get(&state.object, "method");
	for (scaling->method = 0; scaling->method <= MAXABS; scaling->method++)
		if (object_is_text(method, method_names[scaling->method]))
			break;
	fine = scaling->method <= MAXABS && object_int(map_get(&state.object, "ddof"), &scaling->ddof) &&
		object_real(map_get(&state.object, "center"), &scaling->center) &&
		object_real(map_get(&state.object, "scale"), &scaling->scale) &&
		isfinite(scaling->center) && isfinite(scaling->scale) && scaling->scale != 0;
	unpacked_free(&state);
	return fine ? 0 : error_set(err, STATUS_FAILED, "broken state of 'scale'");
}

/* ---- learning ---- */

struct scale_fit {
	struct scaling scaling;
	int col;
	enum type type;
	struct moment_sum *sum;         /* all but robust */
	struct quantiles *quantiles;    /* robust: 25, 50 and 75 % */
};

static void scale_fit_free(void *state)
{
	struct scale_fit *fit = state;

	if (!fit)
		return;
	if (fit->sum)
		moment_sum_release(fit->sum);
	free(fit->sum);
	quantiles_free(fit->quantiles);
	free(fit);
}

static void *scale_fit_new(const struct unit *unit, const struct schema *schema, const struct step_limits *limits, struct error *err)
{
	struct scale_fit *fit = mem_new(1, sizeof *fit);

	if (read_scaling(unit, &fit->scaling, err) < 0 ||
	    (fit->col = open_column(schema, unit->reads.items[0], TYPES_NUMERIC, err)) == NO_FIELD) {
		scale_fit_free(fit);
		return NULL;
	}
	fit->type = schema->fields[fit->col].type;
	if (fit->scaling.method == ROBUST) {
		const double quartiles[] = { 0.25, 0.5, 0.75 };

		fit->quantiles = quantiles_new(quartiles, 3, (size_t)(limits->memory / (2 * sizeof(double))));
	} else {
		fit->sum = mem_new(1, sizeof *fit->sum);
		moment_sum_init(fit->sum);
	}
	return fit;
}

static int scale_fit_update(void *state, struct batch *batch, const uint64_t *rows, struct error *err)
{
	struct scale_fit *fit = state;
	const struct column *column = column_read(batch, (size_t)fit->col, err);
	double values[BLOCK_ROWS];

	if (!column)
		return -1;
	for (size_t row = 0, some; row < batch->n_rows; row += some) {
		size_t n;

		some = block_rest(batch, row);
		n = column_gather(column, fit->type, rows, row, some, values);
		if (fit->quantiles)
			quantiles_add_all(fit->quantiles, values, n);
		else
			moment_sum_add(fit->sum, block_of(batch, row), values, n);
	}
	return 0;
}

static int scale_fit_merge(void *to, void *from, struct error *err)
{
	struct scale_fit *fit = to, *other = from;

	if (!fit->quantiles)
		moment_sum_merge(fit->sum, other->sum);
	else if (!quantiles_merge(fit->quantiles, other->quantiles))
		return error_set(err, STATUS_FAILED, "fits of 'scale' that are not of the same pass");
	return 0;
}

static int scale_fit_pack(const void *state, struct buffer *to, struct error *err)
{
	const struct scale_fit *fit = state;

	(void)err;
	if (fit->quantiles)
		quantiles_pack(fit->quantiles, to);
	else
		moment_sum_pack(fit->sum, to);
	return 0;
}

static int scale_fit_unpack(void *state, object from, struct error *err)
{
	struct scale_fit *fit = state;

	if (!(fit->quantiles ? quantiles_unpack(fit->quantiles, from) : moment_sum_unpack(fit->sum, from)))
		return error_set(err, STATUS_FAILED, "broken fit of 'scale'");
	return 0;
}

/* scikit-learn's _is_constant_feature: the variance is within the rounding error of its sum. One that overflowed is none. */
static bool is_constant(const struct moments *moments)
{
	double n = (double)moments->n, variance = moments->m2 / n;
	double bound = n * moments->mean * DBL_EPSILON;

	return isfinite(variance) && variance <= n * DBL_EPSILON * variance + bound * bound;
}

static void learn_from_moments(struct scaling *scaling, const struct moments *moments)
{
	if (moments->n == 0)
		return;
	switch (scaling->method) {
	case STANDARD:
		scaling->center = moments->mean;
		if (!is_constant(moments))
			scaling->scale = moments_deviation(moments, (int)scaling->ddof);
		break;
	case MINMAX:
		scaling->center = moments->min;
		scaling->scale = moments->max - moments->min;
		break;
	default:
		scaling->scale = fmax(fabs(moments->min), fabs(moments->max));
	}
}

static int scale_fit_finish(void *state, struct unit *unit, struct error *err)
{
	struct scale_fit *fit = state;
	struct scaling *scaling = &fit->scaling;
	struct buffer packed = BUFFER_INIT;
	double quartiles[3];

	if (fit->quantiles) {
		if (!quantiles_finish(fit->quantiles, quartiles))
			return FIT_AGAIN;
		if (isfinite(quartiles[1])) {
			scaling->center = quartiles[1];
			scaling->scale = quartiles[2] - quartiles[0];
		}
	} else {
		struct moments moments = moment_sum_finish(fit->sum);

		learn_from_moments(scaling, &moments);
	}
	if (!isfinite(scaling->center) || !isfinite(scaling->scale))
		return error_set(err, STATUS_FAILED, "column '%s': its values are too far apart to be scaled (divide it before)", unit->reads.items[0]);
	if (scaling->scale < 10 * DBL_EPSILON && scaling->method != STANDARD)   /* scikit-learn's _handle_zeros_in_scale */
		scaling->scale = 1;
	if (scaling->scale == 0)
		scaling->scale = 1;
	scale_state(&packed, scaling->method, scaling->ddof, scaling->center, scaling->scale);
	unit_set_state(unit, &packed);
	return FIT_DONE;
}

/* ---- applying ---- */

struct scale { struct rescale column; struct scaling scaling; };

static void scale_close(void *op)
{
	struct scale *scale = op;

	if (!scale)
		return;
	rescale_release(&scale->column);
	free(scale);
}

static void *scale_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct scale *scale = mem_new(1, sizeof *scale);

	(void)limits;
	if (read_scaling(unit, &scale->scaling, err) == 0 && rescale_open(&scale->column, unit, before, err) == 0)
		return scale;
	scale_close(scale);
	return NULL;
}

static void scale_values(const void *state, const double *from, double *to, size_t n)
{
	const struct scaling *scaling = state;
	const double center = scaling->center, scale = scaling->scale;

	for (size_t i = 0; i < n; i++)
		to[i] = (from[i] - center) / scale;
}

static int scale_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct scale *scale = op;
	const struct column *column = column_check(batch, scale->column.col, err);
	struct column fresh;

	if (!column)
		return -1;
	if (column->encoding == ENCODED_NARROW && column_scale_narrow(&fresh, column, scale->scaling.center, scale->scaling.scale)) {
		batch_put(batch, scale->column.col, TYPE_REAL, &fresh);
		return 0;
	}
	return rescale_apply(&scale->column, batch, work, scale_values, &scale->scaling, "overflowed", err);
}

static int scale_undo(const struct unit *unit, double *values, size_t n_rows, struct error *err)
{
	struct scaling scaling;

	if (read_scaling(unit, &scaling, err) < 0)
		return -1;
	for (size_t row = 0; row < n_rows; row++)
		values[row] = values[row] * scaling.scale + scaling.center;
	return 0;
}

static int scale_undo_slope(const struct unit *unit, double *slope, struct error *err)
{
	struct scaling scaling;

	if (read_scaling(unit, &scaling, err) < 0)
		return -1;
	*slope = scaling.scale;
	return 0;
}

const struct step_kind step_scale = {
	.name = "scale",
	.usage = "scale COLUMN... [standard|minmax|robust|maxabs] [ddof=0|1]",
	.summary = "bring numbers to a common size",
	.example = "scale items rating",
	.options = scale_options,
	.also = "normalize|normalise|standardize|standardise",
	.bind = scale_bind,
	.fit_new = scale_fit_new,
	.fit_update = scale_fit_update,
	.fit_merge = scale_fit_merge,
	.fit_pack = scale_fit_pack,
	.fit_unpack = scale_fit_unpack,
	.fit_finish = scale_fit_finish,
	.fit_free = scale_fit_free,
	.fields = rescale_fields,
	.open = scale_open,
	.apply = scale_apply,
	.close = scale_close,
	.takes_real = takes_any_real,
	.undo = scale_undo,
	.undo_slope = scale_undo_slope,
};
