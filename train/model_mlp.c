/* SPDX-License-Identifier: MIT */
/*
 * The multi-layer perceptron as a family: its parameters, predict, save and load. How it learns: mlp.h.
 *
 * Memory: the rows in float32, beyond training->memory in a file (matrix.h), and then a batch of them; 4 bytes a row for their order;
 * 36 bytes a parameter, 8 more for each thread; the values of 64 rows in each layer, with batch norm of all rows of a batch.
 */
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
	const char *hidden, *batch, *embed;
	int activation, optimizer, loss, norm, schedule;
	double lr, momentum, weight_decay, dropout, clip, label_smoothing, gamma;
	int64_t step, warmup;
	bool nesterov;
};

static const double LR_SINGLE = 0.01, GAMMA = 0.1;
enum { STEP_EPOCHS = 10, PLATEAU_EPOCHS = 5 };

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

static unsigned mlp_wants(const void *config)
{
	return MODEL_SCALED | MODEL_FROM | (*((const struct mlp_config *)config)->embed ? MODEL_LEVELS : 0);
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

static bool has_steps(int schedule) { return schedule == SCHEDULE_STEP || schedule == SCHEDULE_PLATEAU; }

/* What is said of a thing that is not there. */
static int check_pairs(const struct mlp_config *mlp, enum loss loss, struct error *err)
{
	const struct { bool wrong; const char *message; } pairs[] = {
		{ mlp->momentum != 0 && !optimizers[mlp->optimizer].momentum,
		  "momentum= belongs to optimizer=sgd and rmsprop (adam and adamw have their own)" },
		{ mlp->nesterov && (mlp->optimizer != SGD || mlp->momentum == 0), "nesterov=yes wants optimizer=sgd and a momentum= above 0" },
		{ mlp->label_smoothing != 0 && loss != LOGLOSS && loss != CROSSENTROPY,
		  "label_smoothing= is for classes, for loss=logloss and crossentropy" },
		{ !*mlp->hidden && (mlp->norm != NORM_NONE || mlp->dropout != 0), "norm= and dropout= are for hidden layers, and there are none (set hidden=)" },
		{ mlp->norm == NORM_BATCH && strcmp(mlp->batch, "1") == 0, "norm=batch wants batches of two rows or more: of one, all units are alike (batch=)" },
		{ (mlp->step != 0 || mlp->gamma != 0) && !has_steps(mlp->schedule), "step= and gamma= belong to schedule=step and plateau" },
		{ mlp->warmup != 0 && mlp->schedule == SCHEDULE_ONECYCLE, "schedule=onecycle has a warm-up of its own (leave warmup= out)" },
		{ mlp->warmup >= mlp->pace.rounds, "warmup= leaves no epoch behind it (make it less than epochs=)" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].wrong)
			return error_set(err, STATUS_USAGE, "%s", pairs[i].message);
	return 0;
}

static int mlp_check(const void *config, const struct problem *problem, struct error *err)
{
	const struct mlp_config *mlp = config;
	enum loss loss = choose_loss(mlp, problem);
	bool for_classes = loss == LOGLOSS || loss == CROSSENTROPY;
	size_t widths[MAX_LAYERS + 1], embed;
	uint64_t batch;

	if (read_hidden(mlp->hidden, widths, err) < 0 || read_batch(mlp->batch, &batch, err) < 0 || embed_read(mlp->embed, &embed, err) < 0)
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
	return check_pairs(mlp, loss, err);
}

/* ---- begin, predict ---- */

/* Shape of the net, without its params; to be released by net_free in any case. */
static int shape_net(const struct mlp_config *mlp, const struct training *training, struct net *net, struct error *err)
{
	const struct problem *problem = training->problem;
	int hidden = read_hidden(mlp->hidden, net->widths, err);

	if (hidden < 0)
		return -1;
	net->widths[0] = embed_shape(mlp->embed, training, &net->embedding, err);
	if (net->widths[0] == 0)
		return -1;
	net->activation = (enum activation)mlp->activation;
	net->norm = (enum norm)mlp->norm;
	net->loss = choose_loss(mlp, problem);
	net->n_layers = (size_t)hidden + 1;
	net->widths[net->n_layers] = outputs_of(net->loss, problem);
	return 0;
}

/* Per parameter: itself, its best, two of the optimizer, turned, the gradient in double, and a gradient for each block at work; the values
 * of a block of rows in each level, with batch norm for all blocks of a batch; rows on their way to a file and back, of which a batch is
 * held; and of each row its order and weight. */
static uint64_t mlp_needs(const void *config, const struct training *training, size_t lanes, bool passing)
{
	const struct mlp_config *mlp = config;
	struct pass pass = { .dropout = mlp->dropout };
	struct error ignored = ERROR_INIT;
	struct net net = { .n_layers = 0 };
	uint64_t n_params = 0, n_embedded = 0, floats, at_once = lanes > 1 ? 2 * lanes : 1, width = training->problem->features.n + 1, batch, slots, piece;

	if (shape_net(mlp, training, &net, &ignored) < 0 || read_batch(mlp->batch, &batch, &ignored) < 0) {
		net_free(&net);
		return 0;
	}
	for (size_t layer = 0; layer < net.n_layers; layer++)
		n_params += (padded(net.widths[layer]) + (net.norm == NORM_NONE ? 1 : 5)) * padded(net.widths[layer + 1]);
	for (size_t i = 0; i < net.embedding.n; i++)
		n_embedded += net.embedding.items[i].levels * net.embedding.items[i].width;
	batch = batch_of_rows(batch, training->n_rows);
	slots = batcher_slots(&net, lanes, batch);
	floats = n_params * (8 + at_once) + n_embedded * 7 + slots * (workspace_floats(&net, &pass) + NET_ROWS * width);
	if (passing)
		floats = n_params * 4 + n_embedded * 4;
	else if (batch < training->n_rows)
		floats += batch * width;
	piece = training_panel_rows(training) * width * sizeof(float);
	floats += 3 * (piece < MATRIX_PIECE ? piece : MATRIX_PIECE) / sizeof(float);
	net_free(&net);
	return floats * sizeof(float) + (passing ? 0 : training->n_rows * sizeof(uint32_t)) +
		(training->weighted ? (training->n_rows + training->n_valid) * sizeof(float) : 0);
}

static struct schedule schedule_of(const struct mlp_config *mlp)
{
	uint64_t step = mlp->schedule == SCHEDULE_PLATEAU ? PLATEAU_EPOCHS : STEP_EPOCHS;

	return (struct schedule){ .kind = (enum schedule_kind)mlp->schedule, .gamma = mlp->gamma > 0 ? mlp->gamma : GAMMA,
	                          .step = mlp->step > 0 ? (uint64_t)mlp->step : step, .warmup = (uint64_t)mlp->warmup,
	                          .epochs = (uint64_t)mlp->pace.rounds };
}

/* The weights of a net of the same shape. */
static int start_from(struct net *net, const struct net *from, struct error *err)
{
	const char *other = NULL;

	if (net->loss != from->loss)
		other = "loss";
	if (net->n_layers > 1 && net->activation != from->activation)
		other = "activation";
	if (net->norm != from->norm)
		other = "norm";
	if (net->n_layers != from->n_layers || memcmp(net->widths, from->widths, (net->n_layers + 1) * sizeof *net->widths) != 0)
		other = "hidden";
	if (!embed_same(&net->embedding, &from->embedding))
		other = "embed";
	if (other)
		return error_set(err, STATUS_USAGE, "%s= is other than in the model to go on from (leave it out)", other);
	memcpy(net->params, from->params, net->n_kept * sizeof *net->params);
	return 0;
}

static void *mlp_begin(const void *config, const struct training *training, object checkpoint, struct error *err)
{
	const struct mlp_config *mlp = config;
	struct mlp_options options = { .optimizer = (enum optimizer)mlp->optimizer, .lr = mlp->lr, .momentum = mlp->momentum,
	                               .weight_decay = mlp->weight_decay, .clip = mlp->clip, .nesterov = mlp->nesterov,
	                               .dropout = mlp->dropout, .smoothing = mlp->label_smoothing, .schedule = schedule_of(mlp) };
	struct net *net = mem_new(1, sizeof *net);

	if (shape_net(mlp, training, net, err) < 0 || read_batch(mlp->batch, &options.batch, err) < 0)
		goto failed;
	if (options.lr == 0)
		options.lr = net->n_layers > 1 ? optimizers[options.optimizer].lr : LR_SINGLE;
	if (net_init(net, err) < 0)
		goto failed;
	if (training->from && start_from(net, training->from, err) < 0)
		goto failed;
	if (!training->from)
		net_randomize(net, training->seed);
	if (*mlp->embed && net->embedding.n == 0)
		training->remark(training->state, "embed= finds nothing to embed: no feature holds levels");
	return mlp_open(net, &options, training, checkpoint, err);
failed:
	mlp_free(net);
	return NULL;
}

static int mlp_predict(const void *model, const struct panel *panel, double *out, struct error *err)
{
	const struct net *net = model;
	size_t n_in = embed_features(net), width = padded(net->widths[0]), last = padded(net->widths[net->n_layers]);
	size_t n_out = net->loss == LOGLOSS ? 2 : net->widths[net->n_layers];
	struct pass pass = { .learn = false };
	struct workspace space;
	float *features = net->embedding.n ? mem_array(n_in, sizeof *features) : NULL;

	(void)err;
	workspace_init(&space, net, NULL);
	for (size_t first = 0; first < panel->n_rows; first += NET_ROWS) {
		size_t n = panel->n_rows - first < NET_ROWS ? panel->n_rows - first : NET_ROWS;

		for (size_t row = 0; row < n; row++) {
			float *to = features ? features : &space.values[0][row * width];

			for (size_t col = 0; col < n_in; col++)
				to[col] = (float)panel->x[col * panel->stride + first + row];
			if (features)
				embed_row(net, &space, row, features);
		}
		net_forward(net, &space, &pass, first, n, 0);
		for (size_t row = 0; row < n; row++)
			loss_answer(net, &space.values[net->n_layers][row * last], &out[(first + row) * n_out]);
	}
	workspace_free(&space);
	free(features);
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

/* What a norm has learned, in the model file by these names; running: of batch norm only. */
struct norm_part { const char *name; size_t at; };
enum { MAX_NORM_PARTS = 4 };
static size_t norm_parts(const struct net *net, size_t layer, struct norm_part *parts)
{
	size_t level = layer + 1;

	if (net->norm == NORM_NONE || level == net->n_layers)
		return 0;
	parts[0] = (struct norm_part){ "scale", net->scale_at[level] };
	parts[1] = (struct norm_part){ "shift", net->shift_at[level] };
	parts[2] = (struct norm_part){ "mean", net->mean_at[level] };
	parts[3] = (struct norm_part){ "variance", net->variance_at[level] };
	return net->norm == NORM_BATCH ? 4 : 2;
}

static void mlp_save(const void *model, struct buffer *params)
{
	const struct net *net = model;

	pack_map(params, 4 + (net->norm != NORM_NONE) + (net->embedding.n > 0));
	if (net->embedding.n)
		embed_save(net, params);
	pack_key_text(params, "activation", activation_name(net->activation));
	pack_key_text(params, "loss", loss_name(net->loss));
	if (net->norm != NORM_NONE)
		pack_key_text(params, "norm", norm_name(net->norm));
	pack_text(params, "widths");
	pack_array(params, net->n_layers + 1);
	for (size_t i = 0; i <= net->n_layers; i++)
		pack_uint(params, net->widths[i]);
	pack_text(params, "layers");
	pack_array(params, net->n_layers);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		size_t n = net->widths[layer] * net->widths[layer + 1];
		float *weight = mem_array(n, sizeof *weight);
		struct norm_part parts[MAX_NORM_PARTS];
		size_t n_parts = norm_parts(net, layer, parts);

		copy_weights(net, layer, weight, true);
		pack_map(params, 2 + n_parts);
		pack_text(params, "weight");
		pack_bytes(params, weight, n * sizeof *weight);
		pack_text(params, "bias");
		pack_bytes(params, &net->params[net->bias_at[layer]], net->widths[layer + 1] * sizeof(float));
		for (size_t i = 0; i < n_parts; i++) {
			pack_text(params, parts[i].name);
			pack_bytes(params, &net->params[parts[i].at], net->widths[layer + 1] * sizeof(float));
		}
		free(weight);
	}
}

static bool load_layer(struct net *net, size_t layer, object value)
{
	size_t n_out = net->widths[layer + 1], n = net->widths[layer] * n_out;
	float *weight = mem_array(n, sizeof *weight), *bias = &net->params[net->bias_at[layer]];
	bool fits = object_bin(map_get(value, "weight"), weight, n * sizeof *weight) && mlp_all_finite(weight, n) &&
	            object_bin(map_get(value, "bias"), bias, n_out * sizeof *bias) && mlp_all_finite(bias, n_out);
	struct norm_part parts[MAX_NORM_PARTS];
	size_t n_parts = norm_parts(net, layer, parts);

	for (size_t i = 0; fits && i < n_parts; i++) {
		float *part = &net->params[parts[i].at];

		fits = object_bin(map_get(value, parts[i].name), part, n_out * sizeof *part) && mlp_all_finite(part, n_out);
		for (size_t k = 0; fits && parts[i].at == net->variance_at[layer + 1] && k < n_out; k++)
			fits = part[k] >= 0;
	}
	if (fits)
		copy_weights(net, layer, weight, false);
	free(weight);
	return fits;
}

/* Activation, loss and widths, and whether they fit the problem. Widths are held to the bytes that are there: a layer's
 * weights are checked against them before anything of that size is allocated. */
static bool load_shape(struct net *net, object params, const struct problem *problem)
{
	object widths = map_get(params, "widths"), layers = map_get(params, "layers"), norm = map_get(params, "norm");
	bool known = false, normal = !norm;

	for (int i = 0; i < N_ACTIVATIONS; i++)
		if (object_is_text(map_get(params, "activation"), activation_name((enum activation)i))) {
			net->activation = (enum activation)i;
			known = true;
		}
	for (int i = NORM_BATCH; norm && i <= NORM_LAYER; i++)
		if (object_is_text(norm, norm_name((enum norm)i))) {
			net->norm = (enum norm)i;
			normal = true;
		}
	for (int i = MSE; i <= CROSSENTROPY; i++)
		if (object_is_text(map_get(params, "loss"), loss_name((enum loss)i)))
			net->loss = (enum loss)i;
	net->n_layers = array_size(layers);
	if (!known || !normal || net->loss == LOSS_AUTO || net->n_layers < 1 || net->n_layers > MAX_LAYERS || array_size(widths) != net->n_layers + 1)
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
	return embed_load_shape(net, map_get(params, "embedded"), problem) && net->widths[net->n_layers] == outputs_of(net->loss, problem) &&
	       (problem->task == TASK_CLASSIFICATION) == (net->loss == LOGLOSS || net->loss == CROSSENTROPY) &&
	       (net->loss != LOGLOSS || problem->classes.n == 2) && problem->classes.n <= MAX_CLASSES;
}

static void *mlp_load(object params, const struct problem *problem, struct error *err)
{
	struct net *net = mem_new(1, sizeof *net);
	bool fits = load_shape(net, params, problem) && net_init(net, err) == 0;

	for (size_t layer = 0; fits && layer < net->n_layers; layer++)
		fits = load_layer(net, layer, array_get(map_get(params, "layers"), layer));
	if (fits && embed_load(net, map_get(params, "embedded")))
		return net;
	error_set(err, STATUS_FAILED, "the parameters of the mlp model are broken, or not finite");
	mlp_free(net);
	return NULL;
}

/* ---- for people ---- */

static void describe_layers(const struct net *net, const struct problem *problem, struct buffer *to)
{
	struct table *table = table_new();

	table_column(table, "layer", true);
	table_column(table, "inputs", true);
	table_column(table, "outputs", true);
	if (net->norm != NORM_NONE)
		table_column(table, "norm", false);
	table_column(table, "activation", false);
	table_column(table, "parameters", true);
	embed_describe(net, problem, table);
	for (size_t layer = 0; layer < net->n_layers; layer++) {
		bool last = layer + 1 == net->n_layers;
		const char *at_end = net->loss == LOGLOSS ? "sigmoid" : net->loss == CROSSENTROPY ? "softmax" : "identity";

		table_format(table, "%zu", layer + 1);
		table_format(table, "%zu", net->widths[layer]);
		table_format(table, "%zu", net->widths[layer + 1]);
		if (net->norm != NORM_NONE)
			table_format(table, "%s", last ? "" : norm_name(net->norm));
		table_format(table, "%s", last ? at_end : activation_name(net->activation));
		table_format(table, "%zu", (net->widths[layer] + (last || net->norm == NORM_NONE ? 1 : 3)) * net->widths[layer + 1]);
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

	if (net->n_layers == 1 && net->embedding.n == 0)
		describe_weights(net, problem, to);
	else
		describe_layers(net, problem, to);
}

static const struct mlp_config mlp_defaults = { .pace = { .rounds = 100, .patience = 10 }, .hidden = "", .batch = "", .embed = "", .activation = RELU,
                                                .optimizer = ADAM, .loss = LOSS_AUTO };

#define MEMBER(name) offsetof(struct mlp_config, name)
static const struct option_row mlp_options[] = {
	{ "hidden", 0, OPTION_TEXT, MEMBER(hidden), "WIDTHS", NULL, 0, 0,
	  "widths of the hidden layers, such as 64x32 (default: none, a single neuron or softmax layer)" },
	{ "embed", 0, OPTION_TEXT, MEMBER(embed), "auto|D", NULL, 0, 0,
	  "text as vectors that are learned, of D numbers for each level; auto: half as many as levels, 50 at most (default: columns of 0 and 1)" },
	{ "activation", 0, OPTION_CHOICE, MEMBER(activation), NULL, "relu|tanh|sigmoid|identity|gelu|silu|softmax", 0, 0,
	  "of the hidden layers (default relu)" },
	{ "norm", 0, OPTION_CHOICE, MEMBER(norm), NULL, "none|batch|layer", 0, 0, "of the hidden layers, before the activation (default none)" },
	{ "dropout", 0, OPTION_REAL, MEMBER(dropout), "P", NULL, 0, 0.99, "share of the hidden units that each update leaves out (default 0)" },
	{ "optimizer", 0, OPTION_CHOICE, MEMBER(optimizer), NULL, "adam|sgd|adamw|rmsprop|adagrad", 0, 0, "how weights move (default adam)" },
	{ "lr", 0, OPTION_REAL, MEMBER(lr), "RATE", NULL, 1e-30, 1000,
	  "learning rate (default 0.01, for adam and adamw with hidden layers 0.001)" },
	{ "momentum", 0, OPTION_REAL, MEMBER(momentum), "M", NULL, 0, 1, "of sgd and rmsprop (default 0)" },
	{ "nesterov", 0, OPTION_FLAG, MEMBER(nesterov), NULL, NULL, 0, 0, "sgd's momentum looks ahead (default no)" },
	{ "weight_decay", 0, OPTION_REAL, MEMBER(weight_decay), "D", NULL, 0, 1000,
	  "pulls all parameters to 0: added to the gradient, for adamw apart from it (default 0)" },
	{ "clip", 0, OPTION_REAL, MEMBER(clip), "NORM", NULL, 0, 1e30, "a longer gradient is made that long (default 0: none is)" },
	{ "schedule", 0, OPTION_CHOICE, MEMBER(schedule), NULL, "constant|step|cosine|plateau|onecycle", 0, 0,
	  "how the learning rate goes (default constant)" },
	{ "warmup", 0, OPTION_INT, MEMBER(warmup), "N", NULL, 0, 1e9, "epochs in which it rises to lr= first (default 0)" },
	{ "step", 0, OPTION_INT, MEMBER(step), "N", NULL, 1, 1e9,
	  "of schedule=step: epochs between drops (default 10); of plateau: epochs without a better loss before one (default 5)" },
	{ "gamma", 0, OPTION_REAL, MEMBER(gamma), "G", NULL, 1e-9, 1, "of schedule=step and plateau: what a drop leaves of it (default 0.1)" },
	{ "batch", 0, OPTION_TEXT, MEMBER(batch), "all|N", NULL, 0, 0, "rows a step (default: a hundredth of the rows, from 32 to 1024)" },
	PACE_ROUNDS("epochs", "passes over the training rows, at most (default 100)"),
	{ "loss", 0, OPTION_CHOICE, MEMBER(loss), NULL, "auto|mse|mae|huber|logloss|crossentropy", 0, 0,
	  "what is made small (default: mse for numbers, logloss for two classes, crossentropy for more)" },
	{ "label_smoothing", 0, OPTION_REAL, MEMBER(label_smoothing), "E", NULL, 0, 1, "share of a class that all classes divide (default 0)" },
	PACE_PATIENCE("epoch", "10"),
	OPTION_END,
};

const struct model_kind model_mlp = {
	.name = "mlp",
	.summary = "a net of dense layers; without hidden layers a neuron, logistic or softmax regression",
	.options = mlp_options,
	.config_size = sizeof(struct mlp_config),
	.defaults = &mlp_defaults,
	.search = (const char *const[]){ "hidden=32,64,64x32,128x64", "lr=0.0005..0.02", "dropout=0..0.4", "weight_decay=1e-6..0.01", NULL },
	.search_from = (const char *const[]){ "hidden=64", "lr=0.002", NULL },
	.search_rows = 200000,
	.simpler = "more dropout, more weight_decay, a smaller hidden",
	.takes = MODEL_SCALED | MODEL_FROM | MODEL_LEVELS,
	.wants = mlp_wants,
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
