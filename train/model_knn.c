/* SPDX-License-Identifier: MIT */
/*
 * The nearest training rows answer: the mean of their targets, or the share of each
 * class among them (knn.h finds them). A row's own weight multiplies its say; rows of
 * weight 0 are not kept, so they are nobody's neighbours.
 *
 * The model is the rows, in at most 2 GiB as doubles. Memory: 8 bytes a value, searched
 * 12 at most (knn.h), and when the model is written 8 more or less (knn_pack.h).
 */
#include "model.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "knn.h"
#include "knn_pack.h"
#include "memory.h"
#include "table.h"

static const uint64_t MOST_BYTES = UINT64_C(2) << 30;

enum { WEIGHTS_UNIFORM, WEIGHTS_DISTANCE };
#define N_OF(list) (sizeof(list) / sizeof *(list))
static const char *const weights_names[] = { [WEIGHTS_UNIFORM] = "uniform", [WEIGHTS_DISTANCE] = "distance" };
static const char *const metric_names[] = { [KNN_EUCLIDEAN] = "euclidean", [KNN_MANHATTAN] = "manhattan", [KNN_CHEBYSHEV] = "chebyshev",
                                            [KNN_MINKOWSKI] = "minkowski", [KNN_COSINE] = "cosine" };
static const char *const algorithm_names[] = { [KNN_AUTO] = "auto", [KNN_TREE] = "kd_tree", [KNN_BRUTE] = "brute" };

struct knn_config {
	int64_t n_neighbors;
	int weights, metric, algorithm;
	double p;
};

/* The rows, in an index. A count of those who hold it: models of other k and weights may share it (model_sharing). */
struct knn_kept {
	size_t n_rows;
	struct knn_index *index;        /* NULL: no row */
	double *y, *row_weights;        /* by row; row_weights NULL: all 1 */
	_Atomic size_t n_holders;
};

struct knn {
	struct knn_config config;
	size_t n_classes;               /* 0: a regression */
	struct knn_kept *kept;
};

struct knn_fitting {
	const struct knn_config *config;
	const struct training *training;
	struct knn *knn;                /* NULL until it is there, and when it is given away */
};

static int knn_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct knn_config *knn = config;

	(void)problem;
	if (knn->metric == KNN_COSINE && knn->algorithm == KNN_TREE)
		return error_set(err, STATUS_USAGE, "algorithm=kd_tree can't search by metric=cosine (use algorithm=brute, or leave it out)");
	if (knn->metric != KNN_MINKOWSKI && knn->p != 2)
		return error_set(err, STATUS_USAGE, "p= is of metric=minkowski (leave one of them out)");
	return 0;
}

static uint64_t rows_size(uint64_t n_rows, size_t n_features)
{
	return n_rows > MOST_BYTES ? UINT64_MAX : n_rows * (n_features + 2) * sizeof(double);
}

/* The rows in the model's file: levels take a bit, all others may take 8 bytes. */
static uint64_t packed_size(const struct training *training)
{
	uint64_t bytes = training->n_rows * 2 * sizeof(double);

	for (size_t j = 0; j < training->problem->features.n; j++)
		bytes += training->set_of && training->set_of[j] ? training->n_rows / 8 : training->n_rows * sizeof(double);
	return bytes;
}

/* The rows; then what they are searched by, and their bytes in the model. */
static uint64_t knn_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	const struct knn_config *knn = config;
	size_t n = training->problem->features.n;
	uint64_t size = rows_size(training->n_rows, n);

	(void)lanes;
	if (size > MOST_BYTES)          /* begin refuses it */
		return 0;
	return passing ? size : size + packed_size(training) + knn_index_memory((enum knn_metric)knn->metric, knn->p, (enum knn_algorithm)knn->algorithm, training->n_rows, n,
	                                                    (size_t)knn->n_neighbors);
}

/* ---- kept rows ---- */

static struct knn_kept *knn_kept_new(void)
{
	struct knn_kept *kept = mem_new(1, sizeof *kept);

	kept->n_holders = 1;
	return kept;
}

static void knn_kept_drop(void *held)
{
	struct knn_kept *kept = held;

	if (!kept || atomic_fetch_sub(&kept->n_holders, 1) > 1)
		return;
	knn_index_free(kept->index);
	free(kept->y);
	free(kept->row_weights);
	free(kept);
}

static struct knn_kept *knn_kept_use(struct knn_kept *kept)
{
	atomic_fetch_add(&kept->n_holders, 1);
	return kept;
}

static void knn_free(void *model)
{
	struct knn *knn = model;

	if (!knn)
		return;
	knn_kept_drop(knn->kept);
	free(knn);
}

struct knn_taking { struct knn_kept *kept; double *rows; size_t n_rows; };

static int take_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct knn_taking *taking = state;
	size_t n = panel->n_features;

	(void)lane, (void)err;
	for (size_t row = 0; panel->part == PART_TRAIN && row < panel->n_rows; row++) {
		double weight = panel->weight ? panel->weight[row] : 1, *to = &taking->rows[taking->n_rows * n];

		if (weight == 0)
			continue;
		for (size_t j = 0; j < n; j++)
			to[j] = panel->x[j * panel->stride + row];
		taking->kept->y[taking->n_rows] = panel->y[row];
		if (taking->kept->row_weights)
			taking->kept->row_weights[taking->n_rows] = weight;
		taking->n_rows++;
	}
	return 0;
}

static struct knn_index *index_of(const struct knn_config *config, double *rows, size_t n_rows, size_t n_features)
{
	return knn_index_new((enum knn_metric)config->metric, config->p, (enum knn_algorithm)config->algorithm, rows, n_rows, n_features,
	                     (size_t)config->n_neighbors);
}

/* The training rows that weigh. */
static struct knn_kept *read_kept(const struct knn_config *config, const struct training *training, struct error *err)
{
	size_t n = training->problem->features.n;
	struct knn_taking taking = { .kept = knn_kept_new(), .rows = mem_array(knn_room(training->n_rows) * n + 1, sizeof(double)) };

	taking.kept->y = mem_array(training->n_rows + 1, sizeof *taking.kept->y);
	if (training->weighted)
		taking.kept->row_weights = mem_array(training->n_rows + 1, sizeof *taking.kept->row_weights);
	if (training->rows(training->state, 1, take_panel, &taking, err) < 0) {
		free(taking.rows);
		knn_kept_drop(taking.kept);
		return NULL;
	}
	taking.kept->n_rows = taking.n_rows;
	if (taking.n_rows > 0)
		taking.kept->index = index_of(config, taking.rows, taking.n_rows, n);
	else
		free(taking.rows);
	return taking.kept;
}

static int check_size(const struct training *training, struct error *err)
{
	uint64_t size = rows_size(training->n_rows, training->problem->features.n);

	if (size <= MOST_BYTES)
		return 0;
	return error_set(err, STATUS_FAILED, "model 'knn' keeps the training rows: %" PRIu64 " rows of %zu features are %" PRIu64 " MiB, the limit is %"
	                 PRIu64 " (fewer rows, or --features)", training->n_rows, training->problem->features.n, size >> 20, MOST_BYTES >> 20);
}

/* How many neighbours there are changes no answer, whichever way they are searched. */
static bool knn_shares(const void *config, const void *other)
{
	const struct knn_config *one = config, *two = other;

	return one->metric == two->metric && one->p == two->p && one->algorithm == two->algorithm;
}

static uint64_t knn_shared_size(const void *config, const struct training *training)
{
	const struct knn_config *knn = config;
	size_t n = training->problem->features.n;
	uint64_t size = rows_size(training->n_rows, n);

	return size > MOST_BYTES ? UINT64_MAX : size +
	       knn_index_memory((enum knn_metric)knn->metric, knn->p, (enum knn_algorithm)knn->algorithm, training->n_rows, n, (size_t)knn->n_neighbors);
}

static void *knn_share(const void *config, const struct training *training, struct error *err)
{
	return check_size(training, err) < 0 ? NULL : read_kept(config, training, err);
}

static const struct model_sharing knn_sharing = { knn_shares, knn_shared_size, knn_share, knn_kept_drop };

/* ---- fitting ---- */

static void *knn_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	struct knn_fitting *fitting;

	(void)checkpoint;
	if (check_size(training, err) < 0)
		return NULL;
	fitting = mem_new(1, sizeof *fitting);
	*fitting = (struct knn_fitting){ .config = config, .training = training };
	return fitting;
}

static int knn_round(void *state, struct round *told, struct error *err)
{
	struct knn_fitting *fitting = state;
	const struct training *training = fitting->training;
	struct knn_kept *kept = training->shared ? knn_kept_use(training->shared) : read_kept(fitting->config, training, err);

	(void)told;                     /* nothing is made small */
	if (!kept)
		return -1;
	fitting->knn = mem_new(1, sizeof *fitting->knn);
	*fitting->knn = (struct knn){ .config = *fitting->config, .n_classes = training->problem->classes.n, .kept = kept };
	if ((uint64_t)fitting->config->n_neighbors <= kept->n_rows)
		return 0;
	return error_set(err, STATUS_FAILED, "n_neighbors=%" PRId64 " are more than the training rows%s, %zu (n_neighbors=%zu)",
	                 fitting->config->n_neighbors, training->weighted ? " that weigh" : "", kept->n_rows, kept->n_rows);
}

static void *knn_finish(void *state, struct error *err)
{
	struct knn_fitting *fitting = state;
	struct knn *knn = fitting->knn;

	(void)err;
	fitting->knn = NULL;
	return knn;
}

static void knn_close(void *state)
{
	struct knn_fitting *fitting = state;

	knn_free(fitting->knn);
	free(fitting);
}

/* ---- predict ---- */

struct answering {
	const struct knn *knn;
	double *out;
	double *says;                   /* of each neighbour */
};

/* How much each neighbour has to say. By distance: its inverse; where that is infinite, only those where it is count, all the same. */
static void find_says(const struct knn *knn, const struct neighbour *neighbours, double *says)
{
	size_t k = (size_t)knn->config.n_neighbors;
	bool distance = knn->config.weights == WEIGHTS_DISTANCE, same = distance && isinf(1 / neighbours[0].distance);

	for (size_t i = 0; i < k; i++) {
		double inverse = distance ? 1 / neighbours[i].distance : 1;

		says[i] = same ? isinf(inverse) : inverse;
		if (knn->kept->row_weights)
			says[i] *= knn->kept->row_weights[neighbours[i].row];
	}
}

static void answer(void *state, size_t query, const struct neighbour *neighbours)
{
	struct answering *answering = state;
	const struct knn *knn = answering->knn;
	size_t n = knn->n_classes ? knn->n_classes : 1;
	double *out = &answering->out[query * n], all = 0;
	bool near = neighbours && isfinite(neighbours[knn->config.n_neighbors - 1].distance);   /* at infinity none is nearer than another */

	for (size_t i = 0; i < n; i++)
		out[i] = near ? 0 : NAN;
	if (!near)
		return;
	find_says(knn, neighbours, answering->says);
	for (size_t i = 0; i < (size_t)knn->config.n_neighbors; i++) {
		double say = answering->says[i], y = knn->kept->y[neighbours[i].row];

		all += say;
		out[knn->n_classes ? (size_t)y : 0] += knn->n_classes ? say : say * y;
	}
	for (size_t i = 0; i < n; i++)
		out[i] /= all;
}

static int knn_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct knn *knn = model;
	struct answering answering = { .knn = knn, .out = out };

	(void)err;
	answering.says = mem_array((size_t)knn->config.n_neighbors, sizeof *answering.says);
	knn_search(knn->kept->index, panel, (size_t)knn->config.n_neighbors, answer, &answering);
	free(answering.says);
	return 0;
}

/* ---- save, load ---- */

static void knn_save(const void *model, struct buffer *params)
{
	const struct knn *knn = model;
	size_t n_rows = knn->kept->index->n_rows, n = knn->kept->index->n_features;
	double *values = mem_array(n_rows, sizeof *values);

	pack_map(params, 9);
	pack_key_int(params, "n_neighbors", knn->config.n_neighbors);
	pack_key_text(params, "weights", weights_names[knn->config.weights]);
	pack_key_text(params, "metric", metric_names[knn->config.metric]);
	pack_key_real(params, "p", knn->config.p);
	pack_key_text(params, "algorithm", algorithm_names[knn->config.algorithm]);
	pack_key_int(params, "rows", (int64_t)n_rows);
	pack_text(params, "y");
	knn_pack(knn->kept->y, n_rows, params);
	pack_text(params, "row_weights");
	if (knn->kept->row_weights)
		knn_pack(knn->kept->row_weights, n_rows, params);
	else
		pack_nil(params);
	pack_text(params, "x");
	pack_array(params, n);
	for (size_t j = 0; j < n; j++) {
		knn_column(knn->kept->index, j, values);
		knn_pack(values, n_rows, params);
	}
	free(values);
}

static bool read_name(object value, const char *const *names, size_t n, int *at)
{
	for (size_t i = 0; i < n; i++)
		if (object_is_text(value, names[i])) {
			*at = (int)i;
			return true;
		}
	return false;
}

static bool read_config(object params, const struct problem *problem, struct knn_config *config, uint64_t *n_rows)
{
	struct error ignored = ERROR_INIT;

	return object_int(map_get(params, "n_neighbors"), &config->n_neighbors) &&
	       read_name(map_get(params, "weights"), weights_names, N_OF(weights_names), &config->weights) &&
	       read_name(map_get(params, "metric"), metric_names, N_OF(metric_names), &config->metric) &&
	       object_real(map_get(params, "p"), &config->p) && isfinite(config->p) && config->p >= 1 &&
	       read_name(map_get(params, "algorithm"), algorithm_names, N_OF(algorithm_names), &config->algorithm) &&
	       object_uint(map_get(params, "rows"), n_rows) && config->n_neighbors >= 1 && (uint64_t)config->n_neighbors <= *n_rows &&
	       knn_check(config, problem, &ignored) == 0;
}

/* What rows say: classes that there are, weights above 0. */
static bool read_says(object params, struct knn *knn, size_t n_rows)
{
	object weights = map_get(params, "row_weights");

	knn->kept->y = mem_array(n_rows, sizeof *knn->kept->y);
	if (!knn_unpack(map_get(params, "y"), knn->kept->y, n_rows))
		return false;
	for (size_t row = 0; knn->n_classes && row < n_rows; row++)
		if (!(knn->kept->y[row] >= 0 && knn->kept->y[row] < (double)knn->n_classes && knn->kept->y[row] == floor(knn->kept->y[row])))
			return false;
	if (!weights || weights->type == MSGPACK_OBJECT_NIL)
		return true;
	knn->kept->row_weights = mem_array(n_rows, sizeof *knn->kept->row_weights);
	if (!knn_unpack(weights, knn->kept->row_weights, n_rows))
		return false;
	for (size_t row = 0; row < n_rows; row++)
		if (!(knn->kept->row_weights[row] > 0))
			return false;
	return true;
}

/* NULL: broken. */
static double *read_rows(object columns, size_t n_rows, size_t n)
{
	double *values = mem_array(n_rows, sizeof *values), *rows = mem_array(knn_room(n_rows) * n + 1, sizeof *rows);
	bool good = array_size(columns) == n;

	for (size_t j = 0; good && j < n; j++) {
		good = knn_unpack(array_get(columns, j), values, n_rows);
		for (size_t row = 0; good && row < n_rows; row++)
			rows[row * n + j] = values[row];
	}
	free(values);
	if (good)
		return rows;
	free(rows);
	return NULL;
}

static void *knn_load(object params, const struct problem *problem, struct error *err)
{
	struct knn *knn = mem_new(1, sizeof *knn);
	size_t n = problem->features.n;
	uint64_t n_rows;
	double *rows = NULL;

	knn->n_classes = problem->task == TASK_CLASSIFICATION ? problem->classes.n : 0;
	knn->kept = knn_kept_new();
	if (read_config(params, problem, &knn->config, &n_rows) && rows_size(n_rows, n) <= MOST_BYTES && read_says(params, knn, n_rows))
		rows = read_rows(map_get(params, "x"), n_rows, n);
	if (!rows) {
		error_set(err, STATUS_FAILED, "the parameters of the knn model are broken, or not finite");
		knn_free(knn);
		return NULL;
	}
	knn->kept->index = index_of(&knn->config, rows, n_rows, n);
	return knn;
}

/* ---- for people ---- */

static void describe_classes(const struct knn *knn, const struct problem *problem, struct buffer *to)
{
	struct table *table = table_new();
	size_t *counts = mem_new(knn->n_classes, sizeof *counts);

	for (size_t row = 0; row < knn->kept->index->n_rows; row++)
		counts[(size_t)knn->kept->y[row]]++;
	table_column(table, "class", false);
	table_column(table, "rows kept", true);
	for (size_t i = 0; i < knn->n_classes; i++) {
		table_format(table, "%s", problem->classes.items[i]);
		table_format(table, "%zu", counts[i]);
	}
	buffer_add_text(to, "\n");
	table_print(table, to, 0, 0);
	table_free(table);
	free(counts);
}

static void knn_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct knn *knn = model;
	const struct knn_config *config = &knn->config;

	buffer_format(to, "neighbours: n_neighbors=%" PRId64 " weights=%s metric=%s", config->n_neighbors, weights_names[config->weights],
	              metric_names[config->metric]);
	if (config->metric == KNN_MINKOWSKI)
		buffer_format(to, " p=%g", config->p);
	buffer_format(to, "\nsearch: algorithm=%s%s\nrows kept: %zu, features: %zu%s\n", algorithm_names[knn->kept->index->algorithm],
	              config->algorithm == KNN_AUTO ? " (auto)" : "", knn->kept->index->n_rows, knn->kept->index->n_features,
	              knn->kept->row_weights ? ", weighted" : "");
	if (knn->n_classes)
		describe_classes(knn, problem, to);
}

static const struct knn_config knn_defaults = { .n_neighbors = 5, .weights = WEIGHTS_UNIFORM, .metric = KNN_EUCLIDEAN, .algorithm = KNN_AUTO, .p = 2 };

static const struct option_row knn_options[] = {
	{ "n_neighbors", 0, OPTION_INT, offsetof(struct knn_config, n_neighbors), "K", NULL, 1, 1e6, "how many rows answer (default 5)" },
	{ "weights", 0, OPTION_CHOICE, offsetof(struct knn_config, weights), NULL, "uniform|distance", 0, 0,
	  "whether all have the same say, or the inverse of their distance (default uniform)" },
	{ "metric", 0, OPTION_CHOICE, offsetof(struct knn_config, metric), NULL, "euclidean|manhattan|chebyshev|minkowski|cosine", 0, 0,
	  "what distance is (default euclidean)" },
	{ "p", 0, OPTION_REAL, offsetof(struct knn_config, p), "P", NULL, 1, 100, "of metric=minkowski (default 2)" },
	{ "algorithm", 0, OPTION_CHOICE, offsetof(struct knn_config, algorithm), NULL, "auto|kd_tree|brute", 0, 0,
	  "how rows are searched; answers are the same (default auto)" },
	OPTION_END,
};

const struct model_kind model_knn = {
	.name = "knn",
	.summary = "the nearest training rows answer: their mean, or the share of each class",
	.options = knn_options,
	.config_size = sizeof(struct knn_config),
	.defaults = &knn_defaults,
	.search = (const char *const[]){ "n_neighbors=3..50", "weights=uniform,distance", NULL },
	.search_rows = 20000,
	.simpler = "a larger n_neighbors",
	.takes = MODEL_SCALED,
	.check = knn_check,
	.needs = knn_needs,
	.sharing = &knn_sharing,
	.begin = knn_begin,
	.round = knn_round,
	.finish = knn_finish,
	.close = knn_close,
	.predict = knn_predict,
	.save = knn_save,
	.load = knn_load,
	.free = knn_free,
	.describe = knn_describe,
};
