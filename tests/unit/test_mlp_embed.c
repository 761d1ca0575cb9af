/* SPDX-License-Identifier: MIT */
/*
 * Embeddings of mlp: against a linear layer over one-hot columns, bit by bit; against
 * the same net over the vectors as data, and central differences of its loss by them.
 */
#include "toy_family.h"

#include <math.h>

#include "mlp.h"

extern const struct model_kind model_mlp;
static const struct model_kind *const mlp = &model_mlp;

enum { ROWS = 150, FEATURES = 4 };
static uint32_t level_counts[FEATURES] = { 0, 4, 0, 7 };

/* ---- nets over the same rows ---- */

/* Numbers and levels as level_counts says; the last two levels of each never come. */
static void fill_matrix(struct matrix *matrix, size_t n_classes)
{
	struct rng *rng = mem_new(1, sizeof *rng);
	struct error err = ERROR_INIT;

	rng_seed(rng, 7);
	CHECK(matrix_new(matrix, FEATURES, ROWS, 1 << 20, NULL, &err) == 0);
	matrix->weights = mem_array(ROWS, sizeof(float));
	for (size_t row = 0; row < ROWS; row++) {
		float *at = &matrix->data[row * matrix->width];

		for (size_t i = 0; i < FEATURES; i++)
			at[i] = level_counts[i] ? (float)rng_below(rng, level_counts[i] - 2) : (float)(rng_unit(rng) * 4 - 2);
		at[FEATURES] = n_classes ? (float)rng_below(rng, n_classes) : (float)(rng_unit(rng) * 6 - 3);
		matrix->weights[row] = (float)(1 + row % 3) / 2;
	}
	matrix->n_rows = ROWS;
	free(rng);
}

static void make_net(struct net *net, const struct net *shape, const char *embed)
{
	struct problem problem = { .task = TASK_REGRESSION };
	struct training training = { .problem = &problem, .levels_of = level_counts };
	struct error err = ERROR_INIT;

	*net = *shape;
	for (size_t i = 0; i < FEATURES; i++)
		names_take(&problem.features, mem_format("x%zu", i));
	net->widths[0] = embed_shape(embed, &training, &net->embedding, &err);
	net->widths[net->n_layers] = net->loss == CROSSENTROPY ? 3 : 1;
	CHECK(net->widths[0] > 0 && net_init(net, &err) == 0);
	net_randomize(net, 11);
	problem_release(&problem);
}

static double run(struct net *net, const struct pass *pass, const struct matrix *matrix, double *gradient)
{
	struct batcher batcher;
	struct error err = ERROR_INIT;
	double weights, losses;

	batcher_init(&batcher, net, 1, ROWS, pass);
	CHECK(batcher_run(&batcher, matrix, NULL, 0, ROWS, true, &weights, &losses, &err) == 0);
	memcpy(gradient, batcher.gradient, net->n_params * sizeof *gradient);
	batcher_free(&batcher);
	return losses / weights;
}

/* ---- one-hot columns ---- */

/* The column that a feature's level has there. */
static size_t column_of(size_t feature, size_t level)
{
	size_t column = level;

	for (size_t i = 0; i < feature; i++)
		column += level_counts[i] ? level_counts[i] : 1;
	return column;
}

static void make_columns(struct matrix *columns, const struct matrix *from)
{
	struct error err = ERROR_INIT;

	CHECK(matrix_new(columns, column_of(FEATURES, 0), ROWS, 1 << 20, NULL, &err) == 0);
	columns->weights = mem_array(ROWS, sizeof(float));
	memcpy(columns->weights, from->weights, ROWS * sizeof(float));
	columns->n_rows = ROWS;
	for (size_t row = 0; row < ROWS; row++) {
		const float *at = &from->data[row * from->width];
		float *to = &columns->data[row * columns->width];

		memset(to, 0, columns->width * sizeof *to);
		for (size_t i = 0; i < FEATURES; i++)
			to[column_of(i, level_counts[i] ? (size_t)at[i] : 0)] = level_counts[i] ? 1 : at[i];
		to[columns->width - 1] = at[FEATURES];
	}
}

/* The same net with a linear layer below: the tables over the columns, 1 for numbers, no bias. */
static void make_wide(struct net *wide, const struct net *net)
{
	struct error err = ERROR_INIT;
	size_t out = padded(net->widths[0]), input = 0;

	*wide = (struct net){ .n_layers = net->n_layers + 1, .activation = IDENTITY, .loss = net->loss };
	wide->widths[0] = column_of(FEATURES, 0);
	memcpy(&wide->widths[1], net->widths, (net->n_layers + 1) * sizeof *net->widths);
	CHECK(net_init(wide, &err) == 0 && wide->n_params - wide->weight_at[1] == net->n_dense);
	memcpy(&wide->params[wide->weight_at[1]], net->params, net->n_dense * sizeof(float));
	for (size_t i = 0, item = 0; i < FEATURES; i++) {
		if (!level_counts[i]) {
			wide->params[wide->weight_at[0] + column_of(i, 0) * out + input++] = 1;
			continue;
		}
		for (size_t level = 0; level < level_counts[i]; level++)
			for (size_t k = 0; k < net->embedding.items[item].width; k++)
				wide->params[wide->weight_at[0] + column_of(i, level) * out + input + k] =
					net->params[net->embedding.items[item].at + level * net->embedding.items[item].width + k];
		input += net->embedding.items[item++].width;
	}
}

static void check_one_hot(const struct net *shape, size_t n_classes)
{
	struct pass pass = { .dropout = 0 };
	struct matrix rows, columns;
	struct net net, wide;
	double *narrow, *broad;

	fill_matrix(&rows, n_classes);
	make_columns(&columns, &rows);
	make_net(&net, shape, "3");
	make_wide(&wide, &net);
	narrow = mem_array(net.n_params, sizeof *narrow);
	broad = mem_array(wide.n_params, sizeof *broad);
	CHECK(run(&net, &pass, &rows, narrow) == run(&wide, &pass, &columns, broad));
	for (size_t i = 0; i < net.n_dense; i++)
		CHECK(narrow[i] == broad[wide.weight_at[1] + i]);
	for (size_t i = 0; i < net.embedding.n; i++) {
		const struct embedded *item = &net.embedding.items[i];

		for (size_t level = 0; level < item->levels; level++)
			for (size_t k = 0; k < item->width; k++) {
				double have = narrow[item->at + level * item->width + k];

				CHECK(have == broad[wide.weight_at[0] + column_of(item->feature, level) * padded(net.widths[0]) + item->input + k]);
				CHECK((have == 0) == (level + 2 >= item->levels));
			}
	}
	net_free(&net);
	net_free(&wide);
	matrix_free(&rows);
	matrix_free(&columns);
	free(narrow);
	free(broad);
}

/* ---- vectors as data ---- */

/* The rows' inputs as the net has them. */
static void make_inputs(struct matrix *inputs, const struct matrix *from, const struct net *net)
{
	struct workspace space;
	struct error err = ERROR_INIT;

	workspace_init(&space, net, NULL);
	CHECK(matrix_new(inputs, net->widths[0], ROWS, 1 << 20, NULL, &err) == 0);
	inputs->weights = mem_array(ROWS, sizeof(float));
	memcpy(inputs->weights, from->weights, ROWS * sizeof(float));
	inputs->n_rows = ROWS;
	for (size_t row = 0; row < ROWS; row++) {
		embed_row(net, &space, 0, &from->data[row * from->width]);
		memcpy(&inputs->data[row * inputs->width], space.values[0], net->widths[0] * sizeof(float));
		inputs->data[row * inputs->width + net->widths[0]] = from->data[row * from->width + FEATURES];
	}
	workspace_free(&space);
}

static void check_gradient(const struct net *shape, const struct pass *pass)
{
	struct matrix rows, inputs;
	struct net net, plain;
	struct error err = ERROR_INIT;
	double *mine, *other, loss;
	const float h = 0x1p-7f;

	fill_matrix(&rows, shape->loss == CROSSENTROPY ? 3 : 0);
	make_net(&net, shape, "2");
	plain = net;
	plain.embedding = (struct embedding){ .n = 0 };
	CHECK(net_init(&plain, &err) == 0 && plain.n_params == net.n_dense);
	memcpy(plain.params, net.params, net.n_dense * sizeof(float));
	mine = mem_array(net.n_params, sizeof *mine);
	other = mem_array(net.n_params, sizeof *other);
	make_inputs(&inputs, &rows, &net);
	loss = run(&net, pass, &rows, mine);
	CHECK(loss == run(&plain, pass, &inputs, other) && memcmp(mine, other, plain.n_params * sizeof *mine) == 0);
	matrix_free(&inputs);
	for (size_t i = net.n_dense; i < net.n_params; i++) {
		double two[2];

		for (int up = 0; up < 2; up++) {
			net.params[i] += up ? 2 * h : -h;
			make_inputs(&inputs, &rows, &net);
			two[up] = run(&plain, pass, &inputs, other);
			matrix_free(&inputs);
		}
		net.params[i] -= h;
		CHECK_NEAR(mine[i], (two[1] - two[0]) / (2 * (double)h), 5e-4);
	}
	net_free(&net);
	net_free(&plain);
	matrix_free(&rows);
	free(mine);
	free(other);
}

static void check_gradients(void)
{
	const struct pass plain = { .dropout = 0 }, drops = { .dropout = 0.3, .seed = 5 };

	TEST("an embedding is a linear layer over one-hot columns, and so is its gradient, to the bit");
	check_one_hot(&(struct net){ .n_layers = 1, .activation = IDENTITY, .loss = MSE }, 0);
	check_one_hot(&(struct net){ .n_layers = 2, .widths = { 0, 9 }, .activation = IDENTITY, .loss = CROSSENTROPY }, 3);
	check_one_hot(&(struct net){ .n_layers = 3, .widths = { 0, 17, 4 }, .activation = IDENTITY, .loss = HUBER }, 0);
	TEST("gradients through norms and dropout: of the layers as with the vectors as data, of the vectors as central differences");
	check_gradient(&(struct net){ .n_layers = 1, .loss = MSE }, &plain);
	for (int norm = NORM_NONE; norm <= NORM_LAYER; norm++) {
		check_gradient(&(struct net){ .n_layers = 2, .widths = { 0, 9 }, .norm = (enum norm)norm, .activation = TANH, .loss = MSE }, &plain);
		check_gradient(&(struct net){ .n_layers = 3, .widths = { 0, 9, 6 }, .norm = (enum norm)norm, .activation = SILU, .loss = CROSSENTROPY }, &drops);
	}
}

/* ---- lessons ---- */

/* x1 holds levels 0 .. 5, and the target hangs on them. */
static struct fake *make_lesson(void)
{
	struct fake *fake = make(true);
	struct unit *unit = entry_add(lineage_add(&fake->header.lineage, "levels c as=x1"), "levels");
	struct buffer state = BUFFER_INIT;

	names_add(&unit->reads, "c");
	names_add(&unit->writes, "x1");
	pack_map(&state, 4);
	pack_key_int(&state, "min", 1);
	pack_key_int(&state, "max", 0);
	pack_key_text(&state, "missing", "null");
	pack_text(&state, "levels");
	pack_array(&state, 5);
	for (size_t i = 0; i < 5; i++)
		pack_text(&state, (char[]){ (char)('a' + i), 0 });
	unit_set_state(unit, &state);
	return fake;
}

static struct buffer resumed(struct fake *fake, const char *parameters, uint64_t n)
{
	struct buffer checkpoint = broken_off(fake, mlp, parameters, n);
	struct source source;
	struct lesson *lesson = fake_open(fake, mlp, parameters, &source);

	CHECK(lesson && lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) == 0);
	CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
	buffer_free(&checkpoint);
	return finish(lesson, &source, fake);
}

static void check_lessons(const char *parameters)
{
	struct fake *fake = make_lesson();
	struct buffer once = whole(fake, mlp, parameters), other;

	for (uint64_t n = 1; n <= 3; n++) {
		other = resumed(fake, parameters, n);
		CHECK(same(&once, &other));
		buffer_free(&other);
	}
	fake->options.threads = 2;
	fake->options.memory = 1000;            /* the rows go to a file */
	other = whole(fake, mlp, parameters);
	CHECK(same(&once, &other));
	buffer_free(&once);
	buffer_free(&other);
	fake_free(fake);
}

static void check_model(void)
{
	struct fake *fake = make_lesson();
	struct buffer saved = BUFFER_INIT, text = BUFFER_INIT;
	struct unpacked map;
	struct problem two = { .task = TASK_REGRESSION };
	double first[N / 100], again[N / 100], alone, odd[4];
	double x_kept = x[1];
	void *model = fake_fit(fake, mlp, "embed=3 hidden=8 epochs=30 lr=0.02"), *loaded;

	CHECK(model && fake->losses[1] > 0.1 && fake->losses[30] < 1e-3);       /* the levels tell nearly all */
	mlp->save(model, &saved);
	CHECK(pack_read(&map, saved.data, saved.size, &fake->err) == 0);
	loaded = mlp->load(&map.object, &fake->problem, &fake->err);
	CHECK(loaded);
	fake_predict(fake, mlp, model, 0, N / 100, first);
	fake_predict(fake, mlp, loaded, 0, N / 100, again);
	CHECK(memcmp(first, again, sizeof first) == 0);
	for (size_t row = 0; row < N / 100; row++) {
		fake_predict(fake, mlp, loaded, row, 1, &alone);
		CHECK(alone == first[row]);
	}
	TEST("what is no level there is one of the others");
	for (size_t i = 0; i < 4; i++) {
		x[1] = (const double[]){ 0, 6, -1, 2.5 }[i];
		fake_predict(fake, mlp, loaded, 0, 1, &odd[i]);
	}
	x[1] = x_kept;
	CHECK(odd[1] == odd[0] && odd[2] == odd[0] && odd[3] == odd[0]);
	mlp->describe(model, &fake->problem, &text);
	CHECK(strstr(buffer_text(&text), "x1") && strstr(buffer_text(&text), "embedding"));
	TEST("a model of other features");
	names_add(&two.features, "x0");
	CHECK(!mlp->load(&map.object, &two, &fake->err));
	problem_release(&two);
	mlp->free(model);
	mlp->free(loaded);
	unpacked_free(&map);
	buffer_free(&saved);
	buffer_free(&text);
	fake_free(fake);
}

static void check_widths(void)
{
	struct fake *fake = make_lesson(), *none = make(true);
	const uint32_t counts[] = { 1, 2, 42, 99, 256 };
	const size_t widths[] = { 1, 1, 21, 50, 50 };
	struct problem problem = { .task = TASK_REGRESSION };
	struct buffer with, without;

	TEST("widths by levels");
	names_add(&problem.features, "x");
	for (size_t i = 0; i < 5; i++) {
		struct training training = { .problem = &problem, .levels_of = &counts[i] };
		struct embedding embedding = { .n = 0 };

		CHECK(embed_shape("auto", &training, &embedding, &fake->err) == widths[i] && embedding.n == 1 && embedding.items[0].width == widths[i]);
		free(embedding.items);
	}
	problem_release(&problem);
	TEST("no features with levels, or nobody asks for embeddings: numbers");
	with = whole(none, mlp, "epochs=2 embed=auto");
	without = whole(none, mlp, "epochs=2");
	CHECK(with.size && without.size && memcmp(with.data, without.data, 100) == 0);
	buffer_free(&with);
	with = whole(fake, mlp, "epochs=2");
	CHECK(same(&with, &without));
	TEST("what is no width");
	fake->quiet = true;
	CHECK(!fake_fit(fake, mlp, "embed=0") && strstr(fake->err.message, "embed: '0' is neither 'auto' nor a width from 1 to 65536"));
	CHECK(!fake_fit(fake, mlp, "embed=much") && !fake_fit(fake, mlp, "embed=65537"));
	buffer_free(&with);
	buffer_free(&without);
	fake_free(fake);
	fake_free(none);
}

int main(void)
{
	fill_rows();
	for (size_t row = 0; row < N + N_VALID; row++) {
		size_t level = row * row % 11 % 6;

		x[row * P + 1] = (double)level;
		y[row] = (const double[]){ 3, -1, 2, 0, -4, 1 }[level] + x[row * P] / 4;
	}
	check_gradients();
	TEST("the same bytes in one go, resumed, and with 2 threads over rows in a file");
	check_lessons("embed=auto hidden=7 epochs=4 batch=100");
	check_lessons("embed=5 hidden=8x4 norm=batch dropout=0.2 optimizer=sgd momentum=0.5 weight_decay=0.01 clip=1 epochs=4 batch=200");
	TEST("saved and loaded");
	check_model();
	check_widths();
	return unit_done();
}
