/* SPDX-License-Identifier: MIT */
/*
 * k-means (kmeans.h): rows are sorted into k clusters, each around its mean. A round is
 * an iteration of every start. What is told, inertia and distances, is in the units of
 * the features as they come here: behind the default preparation in those that it scales to.
 *
 * Memory: the rows, beyond training->memory in a file, and a block of them for each thread; 48 bytes
 * for each cluster and feature of a start; 8 bytes a row, and what kmeans.h keeps where there is room.
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kmeans.h"
#include "memory.h"
#include "number.h"
#include "table.h"

enum { MOST_CLUSTERS = 10000, CLUSTERS_SHOWN = 8 };
enum { INIT_PLUS_PLUS, INIT_RANDOM };

struct kmeans_config {
	struct pace pace;               /* rounds: max_iter */
	int64_t k, n_init;
	double tol;
	int init;
};

struct kmeans_model {
	size_t k, n_features;
	double *centres;                /* as kmeans.h lays them */
	double *weights;                /* by cluster: of the training rows */
	double inertia;
	uint64_t n_iter;
};

struct kmeans_fitting {
	const struct kmeans_config *config;
	const struct training *training;
	struct kmeans kmeans;
	bool remarked;
};

static int kmeans_check(const void *config, const struct problem *problem, struct error *err)
{
	(void)config, (void)problem, (void)err;
	return 0;
}

/* k-means++ starts well; rows by chance need more tries; a model to go on from is a start. */
static size_t starts_of(const struct kmeans_config *config, const struct training *training)
{
	if (training->from)
		return 1;
	return config->n_init > 0 ? (size_t)config->n_init : config->init == INIT_PLUS_PLUS ? 1 : 10;
}

static uint64_t kmeans_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	const struct kmeans_config *kmeans = config;

	return kmeans_memory((size_t)kmeans->k, training->problem->features.n, starts_of(kmeans, training), lanes, training->n_rows, passing);
}

static void kmeans_close_fitting(void *state)
{
	struct kmeans_fitting *fitting = state;

	kmeans_free(&fitting->kmeans);
	free(fitting);
}

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct kmeans_fitting *fitting = state;

	(void)lane;
	return panel->part == PART_TRAIN ? kmeans_add(&fitting->kmeans, panel, err) : 0;
}

static bool read_starts(struct kmeans *kmeans, object starts)
{
	bool good = array_size(starts) == kmeans->n_starts;

	for (size_t s = 0; s < kmeans->n_starts && good; s++) {
		struct kmeans_start *start = &kmeans->starts[s];
		object from = array_get(starts, s);

		good = object_finite_reals(map_get(from, "centres"), start->centres, kmeans->n_features * kmeans->wide) &&
		       object_uint(map_get(from, "steps"), &start->n_steps) && object_bool(map_get(from, "settled"), &start->settled) &&
		       object_real(map_get(from, "inertia"), &start->inertia);
	}
	return good;
}

static int start_all(struct kmeans_fitting *fitting, object checkpoint, struct error *err)
{
	const struct training *training = fitting->training;
	const struct kmeans_model *from = training->from;
	struct kmeans *kmeans = &fitting->kmeans;

	if (from && from->k != kmeans->k)
		return error_set(err, STATUS_USAGE, "k= is other than in the model to go on from (leave it out)");
	if (training->rows(training->state, training->threads > 1 ? (size_t)training->threads : 1, take_panel, fitting, err) < 0 ||
	    kmeans_close(kmeans, err) < 0)
		return -1;
	if (checkpoint && !read_starts(kmeans, map_get(checkpoint, "starts")))
		return error_set(err, STATUS_FAILED, "the checkpoint of the kmeans model is broken");
	if (from && !checkpoint)
		kmeans_place(kmeans, 0, from->centres);
	for (size_t s = 0; s < kmeans->n_starts && !checkpoint && !from; s++)
		if (kmeans_seed(kmeans, s, fitting->config->init == INIT_PLUS_PLUS, training->seed, err) < 0)
			return -1;
	return 0;
}

static void *kmeans_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	const struct kmeans_config *kmeans = config;
	struct kmeans_fitting *fitting = mem_new(1, sizeof *fitting);

	fitting->config = kmeans;
	fitting->training = training;
	kmeans_open(&fitting->kmeans, (size_t)kmeans->k, training->problem->features.n, starts_of(kmeans, training), kmeans->tol, training->threads,
	            training->memory, training->host);
	if (start_all(fitting, checkpoint, err) < 0) {
		kmeans_close_fitting(fitting);
		return NULL;
	}
	return fitting;
}

static int kmeans_round(void *state, struct round *told, struct error *err)
{
	struct kmeans_fitting *fitting = state;
	const struct training *training = fitting->training;
	int more = kmeans_step(&fitting->kmeans, err);

	if (more < 0)
		return -1;
	told->loss = INFINITY;
	for (size_t s = 0; s < fitting->kmeans.n_starts; s++)
		told->loss = fmin(told->loss, fitting->kmeans.starts[s].inertia);
	if (!isfinite(told->loss))
		return error_set(err, STATUS_FAILED, "the inertia is no number: features, or weights of the rows, are too large (scale them)");
	if (more && told->number >= (uint64_t)fitting->config->pace.rounds) {
		struct buffer text = BUFFER_INIT;

		buffer_format(&text, "not converged after %" PRIu64 " iteration%s: centres still move (max_iter=)", told->number,
		              told->number == 1 ? "" : "s");
		training->remark(training->state, buffer_text(&text));
		buffer_free(&text);
	}
	return more;
}

/* No loss on valid rows is told, so no round is better than the last. */
static void kmeans_keep(void *state)
{
	(void)state;
}

static void kmeans_checkpoint(const void *state, struct buffer *to)
{
	const struct kmeans *kmeans = &((const struct kmeans_fitting *)state)->kmeans;

	pack_map(to, 1);
	pack_text(to, "starts");
	pack_array(to, kmeans->n_starts);
	for (size_t s = 0; s < kmeans->n_starts; s++) {
		const struct kmeans_start *start = &kmeans->starts[s];

		pack_map(to, 4);
		pack_text(to, "centres");
		pack_reals(to, start->centres, kmeans->n_features * kmeans->wide);
		pack_key_int(to, "steps", (int64_t)start->n_steps);
		pack_text(to, "settled");
		pack_bool(to, start->settled);
		pack_key_real(to, "inertia", start->inertia);
	}
}

static void kmeans_free_model(void *model)
{
	struct kmeans_model *kmeans = model;

	if (!kmeans)
		return;
	free(kmeans->centres);
	free(kmeans->weights);
	free(kmeans);
}

static struct kmeans_model *kmeans_new_model(size_t k, size_t n_features)
{
	struct kmeans_model *kmeans = mem_new(1, sizeof *kmeans);

	kmeans->k = k;
	kmeans->n_features = n_features;
	kmeans->centres = mem_new(n_features * kmeans_wide(k) + 1, sizeof(double));
	kmeans->weights = mem_new(k, sizeof(double));
	return kmeans;
}

static void remark_empty(struct kmeans_fitting *fitting, const struct kmeans_model *model)
{
	const struct training *training = fitting->training;
	struct buffer text = BUFFER_INIT;
	size_t n = 0;

	for (size_t c = 0; c < model->k; c++)
		n += model->weights[c] == 0;
	buffer_format(&text, "%zu of %zu clusters hold no row: there are fewer that differ (a smaller k)", n, model->k);
	if (n > 0 && !fitting->remarked)
		training->remark(training->state, buffer_text(&text));
	fitting->remarked = fitting->remarked || n > 0;
	buffer_free(&text);
}

static void *kmeans_finish(void *state, struct error *err)
{
	struct kmeans_fitting *fitting = state;
	struct kmeans *kmeans = &fitting->kmeans;
	struct kmeans_model *model = kmeans_new_model(kmeans->k, kmeans->n_features);
	size_t best;

	if (kmeans_judge(kmeans, &best, &model->inertia, model->weights, err) < 0) {
		kmeans_free_model(model);
		return NULL;
	}
	memcpy(model->centres, kmeans->starts[best].centres, kmeans->n_features * kmeans->wide * sizeof(double));
	model->n_iter = kmeans->starts[best].n_steps;
	remark_empty(fitting, model);
	return model;
}

static size_t kmeans_clusters(const void *model)
{
	return ((const struct kmeans_model *)model)->k;
}

static int kmeans_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct kmeans_model *kmeans = model;
	const double **columns = mem_array(kmeans->n_features + 1, sizeof *columns);
	uint32_t nearest[PANEL_ROWS];
	double distances[PANEL_ROWS];

	(void)err;
	for (size_t j = 0; j < kmeans->n_features; j++)
		columns[j] = panel->x + j * panel->stride;
	kmeans_nearest(columns, kmeans->n_features, panel->n_rows, kmeans->centres, kmeans->k, nearest, distances);
	for (size_t row = 0; row < panel->n_rows; row++) {
		out[2 * row] = nearest[row];
		out[2 * row + 1] = sqrt(distances[row]);
	}
	free(columns);
	return 0;
}

/* ---- save, load ---- */

static void kmeans_save(const void *model, struct buffer *params)
{
	const struct kmeans_model *kmeans = model;

	pack_map(params, 5);
	pack_key_int(params, "k", (int64_t)kmeans->k);
	pack_text(params, "centres");
	pack_reals(params, kmeans->centres, kmeans->n_features * kmeans_wide(kmeans->k));
	pack_text(params, "weights");
	pack_reals(params, kmeans->weights, kmeans->k);
	pack_key_real(params, "inertia", kmeans->inertia);
	pack_key_int(params, "iterations", (int64_t)kmeans->n_iter);
}

/* Sizes are held to the bytes that are there before anything of them is made. */
static void *kmeans_load(object params, const struct problem *problem, struct error *err)
{
	object centres = map_get(params, "centres"), weights = map_get(params, "weights");
	struct kmeans_model *kmeans;
	uint64_t k;

	if (problem->task != TASK_CLUSTERING || !object_uint(map_get(params, "k"), &k) || k < 1 || k > MOST_CLUSTERS || !centres ||
	    centres->type != MSGPACK_OBJECT_BIN || centres->via.bin.size != problem->features.n * kmeans_wide(k) * sizeof(double))
		goto broken;
	kmeans = kmeans_new_model(k, problem->features.n);
	if (object_finite_reals(centres, kmeans->centres, kmeans->n_features * kmeans_wide(k)) && object_finite_reals(weights, kmeans->weights, k) &&
	    object_real(map_get(params, "inertia"), &kmeans->inertia) && isfinite(kmeans->inertia) && object_uint(map_get(params, "iterations"), &kmeans->n_iter))
		return kmeans;
	kmeans_free_model(kmeans);
broken:
	error_set(err, STATUS_FAILED, "the parameters of the kmeans model are broken, or not finite");
	return NULL;
}

/* ---- for people ---- */

/* How far apart its centres are. */
static double spread_of(const struct kmeans_model *kmeans, size_t feature)
{
	const double *centres = kmeans->centres + feature * kmeans_wide(kmeans->k);
	double least = centres[0], most = centres[0];

	for (size_t c = 1; c < kmeans->k; c++) {
		least = fmin(least, centres[c]);
		most = fmax(most, centres[c]);
	}
	return most - least;
}

/* Features that part the clusters most come first. */
static void kmeans_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct kmeans_model *kmeans = model;
	size_t n = kmeans->n_features, shown = kmeans->k < CLUSTERS_SHOWN ? kmeans->k : CLUSTERS_SHOWN;
	struct effect *effects = mem_new(n + 1, sizeof *effects);
	struct table *table = table_new();
	char text[NUMBER_SIZE];

	number_print_short(text, kmeans->inertia, 6);
	buffer_format(to, "inertia %s after %" PRIu64 " iteration%s\n", text, kmeans->n_iter, kmeans->n_iter == 1 ? "" : "s");
	for (size_t j = 0; j < n; j++)
		effects[j] = (struct effect){ j, spread_of(kmeans, j) };
	effects_sort(effects, n);
	table_column(table, "centre", false);
	for (size_t c = 0; c < shown; c++) {
		char name[NUMBER_SIZE];

		name[number_print_int(name, (int64_t)c)] = '\0';
		table_column(table, name, true);
	}
	table_format(table, "(rows by weight)");
	for (size_t c = 0; c < shown; c++)
		table_number(table, kmeans->weights[c], 6);
	for (size_t i = 0; i < n; i++) {
		table_format(table, "%s", problem->features.items[effects[i].feature]);
		for (size_t c = 0; c < shown; c++)
			table_number(table, kmeans->centres[effects[i].feature * kmeans_wide(kmeans->k) + c], 6);
	}
	table_print(table, to, 0, 0);
	if (shown < kmeans->k)
		buffer_format(to, "%zu clusters more\n", kmeans->k - shown);
	table_free(table);
	free(effects);
}

static const struct kmeans_config kmeans_defaults = { .pace = { .rounds = 300 }, .k = 8, .tol = 1e-4, .init = INIT_PLUS_PLUS };

#define MEMBER(name) offsetof(struct kmeans_config, name)
static const struct option_row kmeans_options[] = {
	{ "k", 0, OPTION_INT, MEMBER(k), "N", NULL, 1, MOST_CLUSTERS, "how many clusters (default 8)" },
	{ "init", 0, OPTION_CHOICE, MEMBER(init), NULL, "k-means++|random", 0, 0,
	  "where centres start: rows far from each other, or any rows (default k-means++)" },
	{ "n_init", 0, OPTION_INT, MEMBER(n_init), "N", NULL, 1, 1000, "starts, the best of which stays (default: 1, with init=random 10)" },
	PACE_ROUNDS("max_iter", "passes over the training rows, at most (default 300)"),
	{ "tol", 0, OPTION_REAL, MEMBER(tol), "T", NULL, 0, 1e9,
	  "centres stand still: their squared shift is below this times the mean variance of the features (default 1e-4)" },
	OPTION_END,
};

const struct model_kind model_kmeans = {
	.name = "kmeans",
	.summary = "k clusters around their means, without a target",
	.options = kmeans_options,
	.config_size = sizeof(struct kmeans_config),
	.defaults = &kmeans_defaults,
	.takes = MODEL_SCALED | MODEL_NO_TARGET | MODEL_FROM,
	.round_name = "iteration",
	.check = kmeans_check,
	.clusters = kmeans_clusters,
	.needs = kmeans_needs,
	.begin = kmeans_begin,
	.round = kmeans_round,
	.keep = kmeans_keep,
	.checkpoint = kmeans_checkpoint,
	.finish = kmeans_finish,
	.close = kmeans_close_fitting,
	.predict = kmeans_predict,
	.save = kmeans_save,
	.load = kmeans_load,
	.free = kmeans_free_model,
	.describe = kmeans_describe,
};
