/* SPDX-License-Identifier: MIT */
#include "boost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void boost_release(struct boost *boost)
{
	for (size_t i = 0; i < boost->n_parts; i++)
		trees_release(&boost->parts[i]);
	free(boost->parts);
	free(boost->starts);
	*boost = (struct boost){ .n_parts = 0 };
}

void boost_copy(struct boost *to, const struct boost *from)
{
	size_t n = from->objective.n_outputs;

	*to = (struct boost){ .objective = from->objective, .n_parts = from->n_parts };
	to->starts = mem_array(n, sizeof *to->starts);
	memcpy(to->starts, from->starts, n * sizeof *to->starts);
	to->parts = mem_array(from->n_parts + 1, sizeof *to->parts);
	for (size_t i = 0; i < from->n_parts; i++)
		trees_copy(&to->parts[i], &from->parts[i]);
}

void boost_score(const struct boost *boost, const struct panel *panel, double *out)
{
	size_t n = boost->objective.n_outputs;

	for (size_t row = 0; row < panel->n_rows; row++)
		memcpy(&out[row * n], boost->starts, n * sizeof *out);
	for (size_t i = 0; i < boost->n_parts; i++)
		trees_score(&boost->parts[i], panel, out);
}

void boost_explain(const struct boost *boost, const struct panel *panel, double *out)
{
	size_t n = boost->objective.n_outputs, width = panel->n_features + 1, n_rows = panel->n_rows;

	memset(out, 0, n * n_rows * width * sizeof *out);
	for (size_t k = 0; k < n; k++)
		for (size_t row = 0; row < n_rows; row++)
			out[(k * n_rows + row) * width + panel->n_features] = boost->starts[k];
	for (size_t i = 0; i < boost->n_parts; i++)
		trees_reasons(&boost->parts[i], panel, out);
}

void boost_pack(const struct boost *boost, struct buffer *to)
{
	const struct boost_objective *objective = &boost->objective;
	size_t n = objective->n_outputs;

	pack_map(to, 6);
	pack_key_text(to, "loss", boost_loss_name(objective->loss));
	pack_key_real(to, "power", objective->power);
	pack_key_real(to, "delta", objective->delta);
	pack_text(to, "alphas");
	pack_reals(to, objective->alphas, objective->loss == BOOST_QUANTILE ? n : 0);
	pack_text(to, "starts");
	pack_reals(to, boost->starts, n);
	pack_text(to, "parts");
	pack_array(to, boost->n_parts);
	for (size_t i = 0; i < boost->n_parts; i++)
		trees_pack(&boost->parts[i], to);
}

/* How many scores a row has. */
static size_t outputs_of(enum boost_loss loss, const struct problem *problem, size_t n_alphas)
{
	if (loss == BOOST_SOFTMAX)
		return problem->classes.n;
	return loss == BOOST_QUANTILE ? n_alphas : 1;
}

static bool fits(enum boost_loss loss, const struct problem *problem)
{
	bool classes = loss == BOOST_LOGISTIC || loss == BOOST_SOFTMAX;

	if (problem->task != (classes ? TASK_CLASSIFICATION : TASK_REGRESSION))
		return false;
	return loss != BOOST_LOGISTIC || problem->classes.n == 2;
}

static bool read_objective(struct boost_objective *objective, object from, const struct problem *problem)
{
	object loss = map_get(from, "loss"), alphas = map_get(from, "alphas");
	char *name = object_text(loss);
	bool known = name && boost_loss_known(name, &objective->loss);
	size_t n_alphas = alphas && alphas->type == MSGPACK_OBJECT_BIN ? alphas->via.bin.size / sizeof(double) : 0;

	free(name);
	if (!known || !fits(objective->loss, problem) || n_alphas > MAX_ALPHAS || (n_alphas > 0) != (objective->loss == BOOST_QUANTILE))
		return false;
	objective->n_outputs = outputs_of(objective->loss, problem, n_alphas);
	return objective->n_outputs > 0 && object_real(map_get(from, "power"), &objective->power) && isfinite(objective->power) &&
	       object_real(map_get(from, "delta"), &objective->delta) && isfinite(objective->delta) &&
	       object_finite_reals(alphas, objective->alphas, n_alphas);
}

int boost_unpack(struct boost *boost, object from, const struct problem *problem, struct error *err)
{
	object parts = map_get(from, "parts");
	size_t n = array_size(parts);

	*boost = (struct boost){ .n_parts = 0 };
	if (n == 0 || !read_objective(&boost->objective, from, problem))
		return error_set(err, STATUS_FAILED, "the parameters of the boost model are broken");
	boost->starts = mem_new(boost->objective.n_outputs, sizeof *boost->starts);
	if (!object_finite_reals(map_get(from, "starts"), boost->starts, boost->objective.n_outputs))
		return error_set(err, STATUS_FAILED, "the parameters of the boost model are broken, or not finite");
	boost->parts = mem_new(n, sizeof *boost->parts);
	for (; boost->n_parts < n; boost->n_parts++)
		if (trees_unpack(&boost->parts[boost->n_parts], array_get(parts, boost->n_parts), problem->features.n, boost->objective.n_outputs, err) < 0) {
			boost->n_parts++;       /* what there is of it is released with the rest */
			return -1;
		}
	return 0;
}
