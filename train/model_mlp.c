/* SPDX-License-Identifier: MIT */
/* The multi-layer perceptron as a family: its parameters, predict, save and load. How it learns: mlp.h. */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mlp.h"
#include "number.h"
#include "table.h"

struct mlp_config {
	struct pace pace;
	const char *hidden, *batch;
	int activation, optimizer, loss;
	double lr, momentum, weight_decay;
};

static const double LR_ADAM = 0.001, LR_OTHER = 0.01;

/* ---- parameters ---- */

/* "64x32" into widths[1..]; the count, or -1. Empty: 0. */
static int read_hidden(const char *text, size_t *widths, struct error *err)
{
	int n = 0;

	while (*text) {
		size_t size = strcspn(text, "x");
		int64_t width;

		if (!number_int(text, size, &width) || width < 1 || width > MAX_UNITS)
			return error_set(err, STATUS_USAGE, "hidden: '%s' is no list of widths such as 64x32 (each from 1 to %d)", text, MAX_UNITS);
		if (n == MAX_LAYERS - 1)
			return error_set(err, STATUS_USAGE, "hidden: more than %d layers", MAX_LAYERS - 1);
		widths[++n] = (size_t)width;
		text += size;
		if (*text == 'x' && *++text == '\0')
			return error_set(err, STATUS_USAGE, "hidden: a width is missing after the last x");
	}
	return n;
}

static int read_batch(const char *text, uint64_t *batch, struct error *err)
{
	int64_t n;

	*batch = strcmp(text, "all") == 0 ? 0 : BATCH_BY_ROWS;
	if (!*text || *batch == 0)
		return 0;
	if (!number_int(text, strlen(text), &n) || n < 1)
		return error_set(err, STATUS_USAGE, "batch: '%s' is neither 'all' nor a number of rows", text);
	*batch = (uint64_t)n;
	return 0;
}

static enum loss choose_loss(const struct mlp_config *config, const struct problem *problem)
{
	if (config->loss != LOSS_AUTO)
		return (enum loss)config->loss;
	if (problem->task == TASK_REGRESSION)
		return MSE;
	return problem->classes.n == 2 ? LOGLOSS : CROSSENTROPY;
}

static size_t outputs_of(enum loss loss, const struct problem *problem)
{
	return loss == CROSSENTROPY ? problem->classes.n : 1;
}

static int mlp_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct mlp_config *mlp = config;
	enum loss loss = choose_loss(mlp, problem);
	bool for_classes = loss == LOGLOSS || loss == CROSSENTROPY;
	size_t widths[MAX_LAYERS + 1];
	uint64_t batch;

	if (read_hidden(mlp->hidden, widths, err) < 0 || read_batch(mlp->batch, &batch, err) < 0)
		return -1;
	if (problem->task == TASK_REGRESSION && for_classes)
		return error_set(err, STATUS_USAGE,
		                 "loss=%s is for classes and the target is a number (use mse, mae or huber, or --task classification)",
		                 loss_name(loss));
	if (problem->task == TASK_CLASSIFICATION && !for_classes)
		return error_set(err, STATUS_USAGE, "loss=%s is for numbers and the target has classes (use logloss or crossentropy)",
		                 loss_name(loss));
	if (loss == LOGLOSS && problem->classes.n != 2 && problem->classes.n != 0)
		return error_set(err, STATUS_USAGE, "loss=logloss is for two classes, the target has %zu (use crossentropy)",
		                 problem->classes.n);
	if (problem->task == TASK_CLASSIFICATION && problem->classes.n > MAX_CLASSES)
		return error_set(err, STATUS_USAGE, "the target has %zu classes, more than %d", problem->classes.n, MAX_CLASSES);
	if (mlp->momentum != 0 && mlp->optimizer == ADAM)
		return error_set(err, STATUS_USAGE, "momentum= belongs to optimizer=sgd (adam has its own)");
	return 0;
}

/* ---- begin, predict ---- */

/* Per parameter: itself, its best, two of the optimizer, turned, the gradient in double; a gradient for each slot, and the values of a
 * block of rows in each layer; and of each row its order and weight. */
static uint64_t mlp_needs(const void *config, const struct training *training, size_t lanes)
{
	const struct mlp_config *mlp = config;
	const struct problem *problem = training->problem;
	struct error ignored = ERROR_INIT;
	size_t widths[MAX_LAYERS + 1] = { problem->features.n };
	int hidden = read_hidden(mlp->hidden, widths, &ignored);
	uint64_t n_params = 0, n_values = 0, slots = lanes > 1 ? 2 * lanes : 1;

	if (hidden < 0)
		return 0;
	widths[hidden + 1] = outputs_of(choose_loss(mlp, problem), problem);
	for (int layer = 0; layer <= hidden; layer++) {
		n_params += (padded(widths[layer]) + 1) * padded(widths[layer + 1]);
		n_values += padded(widths[layer]) + padded(widths[layer + 1]);
	}
	return n_params * (8 + slots) * sizeof(float) + slots * n_values * NET_ROWS * 2 * sizeof(float) +
		training->n_rows * sizeof(uint32_t) + (training->weighted ? (training->n_rows + training->n_valid) * sizeof(float) : 0);
}

static void *mlp_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	const struct mlp_config *mlp = config;
	const struct problem *problem = training->problem;
	struct mlp_options options = { .optimizer = (enum optimizer)mlp->optimizer, .lr = mlp->lr, .momentum = mlp->momentum,
	                               .weight_decay = mlp->weight_decay };
	struct net *net = mem_new(1, sizeof *net);
	int hidden = read_hidden(mlp->hidden, net->widths, err);

	if (hidden < 0 || read_batch(mlp->batch, &options.batch, err) < 0)
		goto failed;
	if (options.lr == 0)
		options.lr = options.optimizer == ADAM && hidden > 0 ? LR_ADAM : LR_OTHER;
	net->activation = (enum activation)mlp->activation;
	net->loss = choose_loss(mlp, problem);
	net->n_layers = (size_t)hidden + 1;
	net->widths[0] = problem->features.n;
	net->widths[net->n_layers] = outputs_of(net->loss, problem);
	if (net_init(net, err) < 0)
		goto failed;
	net_randomize(net, training->seed);
	return mlp_open(net, &options, training, checkpoint, err);
failed:
	mlp_free(net);
	return NULL;
}

static int mlp_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct net *net = model;
	size_t n_in = net->widths[0], last = padded(net->widths[net->n_layers]);
	size_t n_out = net->loss == LOGLOSS ? 2 : net->widths[net->n_layers];
	struct workspace space;

	(void)err;
	workspace_init(&space, net);
	for (size_t first = 0; first < panel->n_rows; first += NET_ROWS) {
		size_t n = panel->n_rows - first < NET_ROWS ? panel->n_rows - first : NET_ROWS;

		for (size_t row = 0; row < n; row++)
			for (size_t col = 0; col < n_in; col++)
				space.values[0][row * padded(n_in) + col] = (float)panel->x[col * panel->stride + first + row];
		net_forward(net, &space, n);
		for (size_t row = 0; row < n; row++)
			loss_answer(net, &space.values[net->n_layers][row * last], &out[(first + row) * n_out]);
	}
	workspace_free(&space);
	return 0;
}

/* ---- save, load ---- */

/* The layer's weights output by output, without padding; from and to a packed run of floats. */
static void copy_weights(const struct net *net, size_t layer, float *packed, bool from_net)
{
	size_t in = net->widths[layer], out = net->widths[layer + 1];

	for (size_t o = 0; o < out; o++)
		for (size_t i = 0; i < in; i++) {
			float *weight = &net->params[net->weight_at[layer] + i * padded(out) + o];

			if (from_net)
				packed[o * in + i] = *weight;
			else
				*weight = packed[o * in + i];
		}
}

static void mlp_save(const void *model, struct buffer *params)
{
	const struct net *net = model;

	pack_map(params, 4);
	pack_key_text(params, "activation", activation_name(net->activation));
	pack_key_text(params, "loss", loss_name(net->loss));
	pack_text(params, "widths");
	pack_array(params, net->n_layers + 1);
	for (size_t i = 0; i <= net->n_layers; i++)
		pack_uint(params, net->widths[i]);
	pack_text(params, "layers");
	pack_array(params, net->n_layers);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t n = net->widths[layer] * net->widths[layer + 1];
		float *weight = mem_array(n, sizeof *weight);

		copy_weights(net, layer, weight, true);
		pack_map(params, 2);
		pack_text(params, "weight");
		pack_bytes(params, weight, n * sizeof *weight);
		pack_text(params, "bias");
		pack_bytes(params, &net->params[net->bias_at[layer]], net->widths[layer + 1] * sizeof(float));
		free(weight);
	}
}

static bool all_finite(const float *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(numbers[i]))
			return false;
	return true;
}

static bool load_layer(struct net *net, size_t layer, object value)
{
	size_t n_out = net->widths[layer + 1], n = net->widths[layer] * n_out;
	float *weight = mem_array(n, sizeof *weight), *bias = &net->params[net->bias_at[layer]];
	bool fits = object_bin(map_get(value, "weight"), weight, n * sizeof *weight) && all_finite(weight, n) &&
	            object_bin(map_get(value, "bias"), bias, n_out * sizeof *bias) && all_finite(bias, n_out);

	if (fits)
		copy_weights(net, layer, weight, false);
	free(weight);
	return fits;
}

/* Activation, loss and widths, and whether they fit the problem. Widths are held to the bytes that are there: a layer's
 * weights are checked against them before anything of that size is allocated. */
static bool load_shape(struct net *net, object params, const struct problem *problem)
{
	object widths = map_get(params, "widths"), layers = map_get(params, "layers");
	bool known = false;

	for (int i = RELU; i <= IDENTITY; i++)
		if (object_is_text(map_get(params, "activation"), activation_name((enum activation)i))) {
			net->activation = (enum activation)i;
			known = true;
		}
	for (int i = MSE; i <= CROSSENTROPY; i++)
		if (object_is_text(map_get(params, "loss"), loss_name((enum loss)i)))
			net->loss = (enum loss)i;
	net->n_layers = array_size(layers);
	if (!known || net->loss == LOSS_AUTO || net->n_layers < 1 || net->n_layers > MAX_LAYERS || array_size(widths) != net->n_layers + 1)
		return false;
	for (size_t i = 0; i <= net->n_layers; i++) {
		uint64_t width;

		if (!object_uint(array_get(widths, i), &width) || width < 1 || width > MAX_FIELDS)
			return false;
		net->widths[i] = width;
	}
	for (size_t i = 0; i < net->n_layers; i++) {
		object weight = map_get(array_get(layers, i), "weight");

		if (!weight || weight->type != MSGPACK_OBJECT_BIN || weight->via.bin.size != net->widths[i] * net->widths[i + 1] * sizeof(float))
			return false;
	}
	return net->widths[0] == problem->features.n && net->widths[net->n_layers] == outputs_of(net->loss, problem) &&
	       (problem->task == TASK_CLASSIFICATION) == (net->loss == LOGLOSS || net->loss == CROSSENTROPY) &&
	       (net->loss != LOGLOSS || problem->classes.n == 2) && problem->classes.n <= MAX_CLASSES;
}

static void *mlp_load(object params, const struct problem *problem, struct error *err)
{
	struct net *net = mem_new(1, sizeof *net);
	bool fits = load_shape(net, params, problem) && net_init(net, err) == 0;

	for (size_t layer = 0; fits && layer < net->n_layers; layer++)
		fits = load_layer(net, layer, array_get(map_get(params, "layers"), layer));
	if (fits)
		return net;
	error_set(err, STATUS_FAILED, "the parameters of the mlp model are broken, or not finite");
	mlp_free(net);
	return NULL;
}

/* ---- for people ---- */

static void describe_layers(const struct net *net, struct buffer *to)
{
	struct table *table = table_new();

	table_column(table, "layer", true);
	table_column(table, "inputs", true);
	table_column(table, "outputs", true);
	table_column(table, "activation", false);
	table_column(table, "parameters", true);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		bool last = layer + 1 == net->n_layers;
		const char *at_end = net->loss == LOGLOSS ? "sigmoid" : net->loss == CROSSENTROPY ? "softmax" : "identity";

		table_format(table, "%zu", layer + 1);
		table_format(table, "%zu", net->widths[layer]);
		table_format(table, "%zu", net->widths[layer + 1]);
		table_format(table, "%s", last ? at_end : activation_name(net->activation));
		table_format(table, "%zu", (net->widths[layer] + 1) * net->widths[layer + 1]);
	}
	table_print(table, to, 0, 0);
	table_free(table);
}

/* A single layer can be read: a weight for each feature and output. */
static void describe_weights(const struct net *net, const struct problem *problem, struct buffer *to)
{
	size_t in = net->widths[0], out = net->widths[1];
	struct effect *effects = mem_new(in + 1, sizeof *effects);
	struct table *table = table_new();

	for (size_t i = 0; i < in; i++) {
		effects[i].feature = i;
		for (size_t o = 0; o < out; o++)
			effects[i].size = fmax(effects[i].size, fabs((double)net->params[net->weight_at[0] + i * padded(out) + o]));
	}
	effects_sort(effects, in);
	table_column(table, "feature", false);
	for (size_t o = 0; o < out; o++)
		table_column(table, net->loss == CROSSENTROPY ? problem->classes.items[o]
		                    : net->loss == LOGLOSS ? problem->classes.items[1] : "weight", true);
	table_format(table, "(bias)");
	for (size_t o = 0; o < out; o++)
		table_number(table, net->params[net->bias_at[0] + o], 6);
	for (size_t i = 0; i < in; i++) {
		table_format(table, "%s", problem->features.items[effects[i].feature]);
		for (size_t o = 0; o < out; o++)
			table_number(table, net->params[net->weight_at[0] + effects[i].feature * padded(out) + o], 6);
	}
	table_print(table, to, 0, 0);
	table_free(table);
	free(effects);
}

static void mlp_describe(const void *model, const struct problem *problem, struct buffer *to)
{
	const struct net *net = model;

	if (net->n_layers == 1)
		describe_weights(net, problem, to);
	else
		describe_layers(net, to);
}

static const struct mlp_config mlp_defaults = { .pace = { .rounds = 100, .patience = 10 }, .hidden = "", .batch = "", .activation = RELU,
                                                .optimizer = ADAM, .loss = LOSS_AUTO };

#define MEMBER(name) offsetof(struct mlp_config, name)
static const struct option_row mlp_options[] = {
	{ "hidden", 0, OPTION_TEXT, MEMBER(hidden), "WIDTHS", NULL, 0, 0,
	  "widths of the hidden layers, such as 64x32 (default: none, a single neuron or softmax layer)" },
	{ "activation", 0, OPTION_CHOICE, MEMBER(activation), NULL, "relu|tanh|sigmoid|identity", 0, 0, "of the hidden layers (default relu)" },
	{ "optimizer", 0, OPTION_CHOICE, MEMBER(optimizer), NULL, "adam|sgd", 0, 0, "how weights move (default adam)" },
	{ "lr", 0, OPTION_REAL, MEMBER(lr), "RATE", NULL, 0, 1000, "learning rate (default 0.01, for adam with hidden layers 0.001)" },
	{ "momentum", 0, OPTION_REAL, MEMBER(momentum), "M", NULL, 0, 1, "of sgd (default 0)" },
	{ "batch", 0, OPTION_TEXT, MEMBER(batch), "all|N", NULL, 0, 0, "rows a step (default: a hundredth of the rows, from 32 to 1024)" },
	PACE_ROUNDS("epochs", "passes over the training rows, at most (default 100)"),
	{ "loss", 0, OPTION_CHOICE, MEMBER(loss), NULL, "auto|mse|mae|huber|logloss|crossentropy", 0, 0,
	  "what is made small (default: mse for numbers, logloss for two classes, crossentropy for more)" },
	PACE_PATIENCE("epoch"),
	{ "weight_decay", 0, OPTION_REAL, MEMBER(weight_decay), "D", NULL, 0, 1000,
	  "pulls all parameters to 0: for sgd added to the gradient, for adam apart from it (default 0)" },
	OPTION_END,
};

const struct model_kind model_mlp = {
	.name = "mlp",
	.summary = "a net of dense layers; without hidden layers a neuron, logistic or softmax regression",
	.options = mlp_options,
	.config_size = sizeof(struct mlp_config),
	.defaults = &mlp_defaults,
	.takes = MODEL_SCALED,
	.round_name = "epoch",
	.check = mlp_check,
	.needs = mlp_needs,
	.begin = mlp_begin,
	.round = mlp_round,
	.keep = mlp_keep,
	.checkpoint = mlp_checkpoint,
	.finish = mlp_finish,
	.close = mlp_close,
	.predict = mlp_predict,
	.save = mlp_save,
	.load = mlp_load,
	.free = mlp_free,
	.describe = mlp_describe,
};
