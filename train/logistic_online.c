/* SPDX-License-Identifier: MIT */
#include "logistic_online.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

struct online {
	const struct training *training;
	struct online_options options;
	size_t n_features, n_outputs, width, size;      /* width: n_features + 1, the last is the intercept */
	double *coefficients;           /* n_outputs x width */
	double *z, *squares;            /* of ftrl, as coefficients */
	double *sums;                   /* of sgd: of the coefficients over the rows of a pass */
	double n_steps, n_summed;
	double *means, *m2, n_seen;     /* of features, from the first pass */
	/* of a pass */
	uint64_t pass;
	double losses, weights;
	double *row, *slopes;           /* a row's features and 1; by output */
	uint32_t order[PANEL_ROWS];
};

uint64_t online_memory(size_t n_features, size_t n_outputs)
{
	return (4 * (uint64_t)n_outputs + 3) * (n_features + 1) * sizeof(double);
}

struct online *online_new(const struct training *training, size_t n_outputs, const struct online_options *options)
{
	struct online *online = mem_new(1, sizeof *online);
	size_t width = training->problem->features.n + 1, size = width * n_outputs;

	*online = (struct online){ .training = training, .options = *options, .n_features = width - 1, .n_outputs = n_outputs, .width = width,
	                           .size = size };
	online->coefficients = mem_new(size, sizeof(double));
	online->z = mem_new(size, sizeof(double));
	online->squares = mem_new(size, sizeof(double));
	online->sums = mem_new(size, sizeof(double));
	online->means = mem_new(width, sizeof(double));
	online->m2 = mem_new(width, sizeof(double));
	online->row = mem_new(width, sizeof(double));
	online->slopes = mem_new(n_outputs, sizeof(double));
	return online;
}

/* z: what `settled` makes the coefficient of, where no row was seen. */
void online_start(struct online *online, const double *coefficients, const double *intercepts)
{
	for (size_t k = 0; k < online->n_outputs; k++)
		for (size_t i = 0; i < online->width; i++) {
			double value = i < online->n_features ? coefficients[k * online->n_features + i] : intercepts[k];

			online->coefficients[k * online->width + i] = value;
			online->z[k * online->width + i] = -value / online->options.lr;
		}
}

void online_free(struct online *online)
{
	if (!online)
		return;
	free(online->coefficients);
	free(online->z);
	free(online->squares);
	free(online->sums);
	free(online->means);
	free(online->m2);
	free(online->row);
	free(online->slopes);
	free(online);
}

/* ---- a row ---- */

/* The loss of the row, and its slope by each output. */
static double judge(struct online *online, size_t class)
{
	double top = -INFINITY, all = 0, of_class;

	for (size_t k = 0; k < online->n_outputs; k++) {
		const double *coefficients = &online->coefficients[k * online->width];
		double z = 0;

		for (size_t i = 0; i < online->width; i++)
			z += coefficients[i] * online->row[i];
		online->slopes[k] = z;
		top = fmax(top, z);
	}
	if (online->n_outputs == 1) {
		double z = online->slopes[0], small = exp(-fabs(z));

		online->slopes[0] = (z >= 0 ? 1 : small) / (1 + small) - (double)class;
		return log1p(small) + fmax(z, 0) - (double)class * z;
	}
	of_class = online->slopes[class];
	for (size_t k = 0; k < online->n_outputs; k++)
		all += online->slopes[k] = exp(online->slopes[k] - top);
	for (size_t k = 0; k < online->n_outputs; k++)
		online->slopes[k] = online->slopes[k] / all - (k == class);
	return top + log(all) - of_class;
}

/* The coefficient that z and the squares stand for. These sum up over passes, so the penalties do; the intercept is free of them. */
static double settled(const struct online *online, size_t at, bool penalised)
{
	double share = penalised ? online->n_steps / (double)online->training->n_rows : 0;
	double l1 = share * online->options.l1, l2 = share * online->options.l2, z = online->z[at];

	if (fabs(z) <= l1)
		return 0;
	return ((z > 0 ? l1 : -l1) - z) / ((1 + sqrt(online->squares[at])) / online->options.lr + l2);
}

static void step_ftrl(struct online *online, double weight)
{
	for (size_t k = 0; k < online->n_outputs; k++)
		for (size_t i = 0; i < online->width; i++) {
			size_t at = k * online->width + i;
			double slope = weight * online->slopes[k] * online->row[i], was = online->squares[at];

			if (slope == 0)
				continue;
			online->squares[at] += slope * slope;
			online->z[at] += slope - (sqrt(online->squares[at]) - sqrt(was)) / online->options.lr * online->coefficients[at];
			online->coefficients[at] = settled(online, at, i < online->n_features);
		}
}

static void step_sgd(struct online *online, double weight)
{
	double l2 = online->options.l2 / (double)online->training->n_rows, rate = online->options.lr / (1 + online->options.lr * l2 * online->n_steps);

	for (size_t k = 0; k < online->n_outputs; k++)
		for (size_t i = 0; i < online->width; i++) {
			double *coefficient = &online->coefficients[k * online->width + i];

			*coefficient -= rate * (weight * online->slopes[k] * online->row[i] + (i < online->n_features ? l2 * *coefficient : 0));
			online->sums[k * online->width + i] += *coefficient;
		}
	online->n_summed++;
}

/* ---- a pass ---- */

/* What the features are like: each panel's means and squares join the others'. */
static void add_moments(struct online *online, const struct panel *panel)
{
	double n = (double)panel->n_rows, all = online->n_seen + n;

	for (size_t col = 0; col < online->n_features; col++) {
		const double *x = &panel->x[col * panel->stride];
		double mean = 0, m2 = 0, off;

		for (size_t row = 0; row < panel->n_rows; row++)
			mean += x[row];
		mean /= n;
		for (size_t row = 0; row < panel->n_rows; row++)
			m2 += (x[row] - mean) * (x[row] - mean);
		off = mean - online->means[col];
		online->means[col] += off * (n / all);
		online->m2[col] += m2 + off * off * (online->n_seen * n / all);
	}
	online->n_seen = all;
}

static void put_in_order(struct online *online, const struct panel *panel)
{
	struct rng rng;

	rng_seed(&rng, (uint32_t)hash_mix(((uint64_t)online->training->seed << 32 ^ online->pass) + hash_mix(panel->block)));
	for (size_t row = 0; row < panel->n_rows; row++)
		online->order[row] = (uint32_t)row;
	rng_shuffle(&rng, online->order, panel->n_rows);
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct online *online = state;

	(void)lane, (void)err;
	if (panel->part != PART_TRAIN)
		return 0;
	if (online->pass == 1)
		add_moments(online, panel);
	put_in_order(online, panel);
	for (size_t i = 0; i < panel->n_rows; i++) {
		size_t row = online->order[i];
		double weight = panel->weight ? panel->weight[row] : 1;

		for (size_t col = 0; col < online->n_features; col++)
			online->row[col] = panel->x[col * panel->stride + row];
		online->row[online->n_features] = 1;
		online->losses += weight * judge(online, (size_t)panel->y[row]);
		online->weights += weight;
		online->n_steps++;
		if (weight > 0 && online->options.way == ONLINE_FTRL)
			step_ftrl(online, weight);
		else if (weight > 0)
			step_sgd(online, weight);
	}
	return 0;
}

int online_pass(struct online *online, uint64_t pass, double *loss, struct error *err)
{
	online->pass = pass;
	online->losses = online->weights = online->n_summed = 0;
	memset(online->sums, 0, online->size * sizeof *online->sums);
	if (online->training->rows(online->training->state, 1, take_panel, online, err) < 0)
		return -1;
	*loss = online->losses / online->weights;
	return 0;
}

void online_coefficients(const struct online *online, double *coefficients, double *intercepts, double *means, double *deviations)
{
	bool mean = online->options.way == ONLINE_SGD && online->n_summed > 0;

	for (size_t k = 0; k < online->n_outputs; k++)
		for (size_t i = 0; i < online->width; i++) {
			size_t at = k * online->width + i;
			double value = mean ? online->sums[at] / online->n_summed : online->coefficients[at];

			*(i < online->n_features ? &coefficients[k * online->n_features + i] : &intercepts[k]) = value;
		}
	for (size_t col = 0; col < online->n_features; col++) {
		means[col] = online->means[col];
		deviations[col] = online->n_seen > 0 ? sqrt(online->m2[col] / online->n_seen) : 0;
	}
}

/* ---- checkpoints ---- */

void online_pack(const struct online *online, struct buffer *to)
{
	const double counts[] = { online->n_steps, online->n_summed, online->n_seen };

	pack_map(to, 7);
	pack_text(to, "coefficients");
	pack_reals(to, online->coefficients, online->size);
	pack_text(to, "z");
	pack_reals(to, online->z, online->size);
	pack_text(to, "squares");
	pack_reals(to, online->squares, online->size);
	pack_text(to, "sums");
	pack_reals(to, online->sums, online->size);
	pack_text(to, "means");
	pack_reals(to, online->means, online->n_features);
	pack_text(to, "m2");
	pack_reals(to, online->m2, online->n_features);
	pack_text(to, "counts");
	pack_reals(to, counts, 3);
}

bool online_unpack(struct online *online, object from)
{
	double counts[3];

	if (!object_finite_reals(map_get(from, "coefficients"), online->coefficients, online->size) ||
	    !object_finite_reals(map_get(from, "z"), online->z, online->size) ||
	    !object_finite_reals(map_get(from, "squares"), online->squares, online->size) ||
	    !object_finite_reals(map_get(from, "sums"), online->sums, online->size) ||
	    !object_finite_reals(map_get(from, "means"), online->means, online->n_features) ||
	    !object_finite_reals(map_get(from, "m2"), online->m2, online->n_features) || !object_finite_reals(map_get(from, "counts"), counts, 3))
		return false;
	online->n_steps = counts[0];
	online->n_summed = counts[1];
	online->n_seen = counts[2];
	return true;
}
