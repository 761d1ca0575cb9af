/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression against scikit-learn 1.9.1 (numpy 2.4). The values were made by
 *
 *     i = np.arange(2500)
 *     X = np.stack([(i*7%23)/8-1.4, (i*11%41)/16+2019, ((i*13%31)-15)/9, (i%3==0)*1., (i%3==1)*1., (i%97==5)*1.], 1)
 *     t = X[:,0]*1.1-0.6*X[:,2]+(X[:,1]-2020)*.8+X[:,4]*1.5+((i*29%101)-50)/25
 *     y = (t > 0.30123)*1; y3 = np.where(t < -.70123, 0, np.where(t < 1.20123, 1, 2)); w = (i%5+1)/2
 *     LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=100000, ...).fit(...)
 *
 * with l1_ratio by solver="saga" and tol=1e-13 on X[:,1]-2020, whose intercept was brought back; of three classes the intercepts' mean
 * was taken off.
 */
#include "glm_solve.h"
#include "toy_family.h"

enum { ROWS = 2500, COLS = 6, MANY = 14000 };
extern const struct model_kind model_logistic;
static double lx[MANY * COLS], two[MANY], three[MANY], many[MANY], rare[MANY], weights[MANY];

static void make_rows(void)
{
	for (int i = 0; i < MANY; i++) {
		double *row = &lx[i * COLS], t;

		row[0] = (i * 7 % 23) / 8.0 - 1.4;
		row[1] = (i * 11 % 41) / 16.0 + 2019;
		row[2] = ((i * 13 % 31) - 15) / 9.0;
		row[3] = i % 3 == 0;
		row[4] = i % 3 == 1;
		row[5] = i % 97 == 5;
		t = row[0] * 1.1 - 0.6 * row[2] + (row[1] - 2020) * .8 + row[4] * 1.5 + ((i * 29 % 101) - 50) / 25.0;
		two[i] = t > 0.30123;
		three[i] = t < -.70123 ? 0 : t < 1.20123 ? 1 : 2;
		rare[i] = i < MANY - 9 ? two[i] : 2;
		many[i] = (double)((int)(t * 4 + 400) % 33);
		weights[i] = (i % 5 + 1) / 2.0;
	}
}

/* Intercepts and coefficients of what is learned; false: it failed. */
static bool learn(struct fake *fake, const char *parameters, size_t n_outputs, double *values)
{
	void *model = fake_fit(fake, &model_logistic, parameters);
	struct buffer params = BUFFER_INIT;
	struct unpacked map;
	bool converged = false;

	if (!model)
		return false;
	model_logistic.save(model, &params);
	model_logistic.free(model);
	if (pack_read(&map, params.data, params.size, &fake->err) == 0) {
		CHECK(object_finite_reals(map_get(&map.object, "intercepts"), values, n_outputs));
		CHECK(object_finite_reals(map_get(&map.object, "coefficients"), values + n_outputs, n_outputs * fake->n_features));
		CHECK(object_bool(map_get(&map.object, "converged"), &converged));
		unpacked_free(&map);
	}
	buffer_free(&params);
	return converged;
}

static void expect(struct fake *fake, const char *parameters, size_t n_outputs, const double *want)
{
	double have[3 * (COLS + 1)];

	CHECK(learn(fake, parameters, n_outputs, have));
	for (size_t i = 0; i < n_outputs * (COLS + 1); i++)
		CHECK_NEAR(have[i], want[i], 1e-6 * fmax(1, fabs(want[i])));
}

static void check_two(void)
{
	static const double plain[] = { -2168.967137, 1.501443295, 1.073600797, -0.8321378084, -0.1353319897, 2.045933402, 0.2954325194 };
	static const double weighted[] = { -2145.075423, 1.438612914, 1.061768827, -0.8232452512, -0.136389103, 2.004257247, 0.1438336445 };
	static const double balanced[] = { -2195.253304, 1.506639393, 1.086441541, -0.8372028432, -0.128212204, 2.058246964, 0.2994711916 };
	static const double l1[] = { -1817.02902, 1.309179781, 0.8993967213, -0.7138806684, 0, 1.731160227, 0 };
	static const double net[] = { -1808.462006, 1.285095213, 0.8952058401, -0.7145195323, -0.1563189742, 1.561499988, 0 };
	struct fake *fake = fake_new(lx, two, ROWS, COLS, 2);
	uint64_t class_rows[2] = { 0, 0 };

	TEST("two classes");
	expect(fake, "", 1, plain);
	TEST("two classes, rows in a file");
	fake->options.memory = 1000;
	expect(fake, "", 1, plain);
	fake->options.memory = 256 << 20;
	TEST("two classes, balanced");
	for (size_t row = 0; row < ROWS; row++)
		class_rows[(size_t)two[row]]++;
	fake->options.class_rows = class_rows;
	fake->setup.general.class_weight = "balanced";
	expect(fake, "", 1, balanced);
	fake->setup.general.class_weight = NULL;
	TEST("two classes, weights");
	fake->weight = weights;
	expect(fake, "C=0.5", 1, weighted);
	fake->weight = NULL;
	TEST("L1: no effect is no effect");
	expect(fake, "C=0.05 l1_ratio=1", 1, l1);
	TEST("elastic net");
	expect(fake, "C=0.05 l1_ratio=0.4", 1, net);
	fake_free(fake);
}

static void check_three(void)
{
	static const double want[] = { 1833.342504, 132.6677153, -1966.010219, -1.341390761, -0.9076376271, 0.7247611381, 0.1285979562, -1.783118223,
	                               0.1017762317, 0.04196261179, -0.06534855489, -0.03431587801, -0.1294577864, 0.03004649222, -0.3527623234,
	                               1.29942815, 0.972986182, -0.6904452601, 0.0008598301594, 1.75307173, 0.2509860917 };
	struct fake *fake = fake_new(lx, three, ROWS, COLS, 3);

	TEST("three classes");
	expect(fake, "", 3, want);
	fake_free(fake);
}

/* ---- the way there ---- */

static bool same_for_threads(struct fake *fake, const char *parameters)
{
	struct buffer one, other;
	bool result = true;

	fake->options.threads = 1;
	one = whole(fake, &model_logistic, parameters);
	for (int threads = 2; threads <= 5; threads += 3) {
		fake->options.threads = threads;
		other = whole(fake, &model_logistic, parameters);
		result = result && same(&one, &other);
		buffer_free(&other);
	}
	fake->options.threads = 1;
	buffer_free(&one);
	return result;
}

/* Broken off behind each of its rounds and resumed. */
static bool same_when_resumed(struct fake *fake, const char *parameters)
{
	struct buffer want = whole(fake, &model_logistic, parameters);
	bool result = true;

	for (uint64_t n = 1; n < fake->epochs && n < 30; n += n < 10 ? 1 : 12) {
		struct buffer checkpoint = broken_off(fake, &model_logistic, parameters, n), have;
		struct source source;
		struct lesson *lesson = fake_open(fake, &model_logistic, parameters, &source);

		CHECK(lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) == 0);
		CHECK_TEXT(fake->err.message, "");
		CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
		have = finish(lesson, &source, fake);
		result = result && same(&have, &want);
		buffer_free(&checkpoint);
		buffer_free(&have);
	}
	buffer_free(&want);
	return result;
}

/* Classes, and what makes it take the way. */
static void check_way(const char *name, const double *classes, size_t n_rows, size_t n_classes, const char *parameters)
{
	struct fake *fake = fake_new(lx, classes, n_rows, COLS, n_classes);
	void *model;

	TEST(name);
	model = fake_fit(fake, &model_logistic, parameters);
	CHECK(model && !strstr(fake->remarks, "not converged"));
	model_logistic.free(model);
	CHECK(fake->epochs > 2);
	CHECK(same_for_threads(fake, parameters));
	CHECK(same_when_resumed(fake, parameters));
	fake_free(fake);
}

static void check_limits(void)
{
	static const double none[] = { 0, 0, 0, 0 }, apart[] = { 1, 2, 3, 4 }, of[] = { 0, 0, 1, 1 };
	struct fake *fake = fake_new(none, of, 4, 1, 2);
	double have[2];
	void *model;

	TEST("a feature that says nothing, and as many of one class as of the other");
	CHECK(learn(fake, "", 1, have) && have[1] == 0);
	CHECK_NEAR(have[0], 0, 1e-9);
	fake_free(fake);
	TEST("classes that lie apart have no optimum without a penalty: that is said");
	fake = fake_new(apart, of, 4, 1, 2);
	model = fake_fit(fake, &model_logistic, "C=inf max_iter=7");
	CHECK(model && strstr(fake->remarks, "not converged after 7 iterations"));
	model_logistic.free(model);
	fake_free(fake);
}

/* The losses' own exponentials beside those of the C library, also far out, in blocks of any length. */
static void check_exponentials(void)
{
	static double z[PANEL_ROWS], pair[2 * PANEL_ROWS], truth[PANEL_ROWS], slopes[PANEL_ROWS], more[2 * PANEL_ROWS], curves[3 * PANEL_ROWS];
	const double far[] = { 0, -0.0, 1e-300, 700, -700, 720, -720, 1e9, -1e9 };

	TEST("exponentials");
	for (size_t i = 0; i < PANEL_ROWS; i++)
		z[i] = i < 9 ? far[i] : (double)((int)i * 7919 % 80011 - 40000) / 997;
	for (size_t n = 1; n <= PANEL_ROWS; n += n < 9 ? 1 : 145)
		for (int class = 0; class < 2; class++) {
			double want = 0, size = 0;

			for (size_t i = 0; i < n; i++) {
				truth[i] = class;
				want += (z[i] > 0 ? z[i] : 0) + log1p(exp(-fabs(z[i]))) - truth[i] * z[i];
				size += fabs(z[i]) + 1;
			}
			CHECK_NEAR(glm_logistic.rows(&glm_logistic, 1, n, z, truth, NULL, slopes, curves), want, 2e-15 * size);
			for (size_t i = 0; i < n; i++) {
				double small = exp(-fabs(z[i])), p = (z[i] >= 0 ? 1 : small) / (1 + small);

				CHECK_NEAR(slopes[i], p - class, 4e-16 * (class + p) + 1e-300);
				CHECK_NEAR(curves[i], small / (1 + small) / (1 + small), 1e-15 * small + 1e-300);
			}
			memcpy(&pair[PANEL_ROWS], z, sizeof z);         /* outputs 0 and z are as one of z */
			CHECK_NEAR(glm_softmax.rows(&glm_softmax, 2, n, pair, truth, NULL, more, curves), want, 2e-15 * size);
			for (size_t i = 0; i < n; i++)
				CHECK_NEAR(more[PANEL_ROWS + i], slopes[i], 1e-15);
		}
	z[0] = NAN;
	truth[0] = 0;
	CHECK(isnan(glm_logistic.rows(&glm_logistic, 1, 1, z, truth, NULL, slopes, curves)) && isnan(slopes[0]));
}

/* A state that says of its Hessian what can't be: it is of more blocks apart than there are. */
static void check_state(void)
{
	static double feature[PANEL_ROWS], class[PANEL_ROWS];
	struct panel panel = { .n_rows = PANEL_ROWS, .n_features = 1, .x = feature, .stride = PANEL_ROWS, .y = class };
	static const char key[] = "hessian_every";
	struct names features = { .n = 0 };
	struct glm_solver solver, other;
	struct buffer state = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct row_store rows;
	struct glm glm;

	TEST("a broken state");
	for (size_t i = 0; i < PANEL_ROWS; i++) {
		feature[i] = (double)(i * 7919 % 1009) / 500 - 1;
		class[i] = feature[i] + (double)(i * 31 % 97) / 97 > 0.5;
	}
	names_add(&features, "x");
	row_store_init(&rows, 1, UINT64_MAX, NULL);
	CHECK(row_store_add(&rows, &panel, &err) == 0);
	row_store_close(&rows);
	glm_open(&glm, &glm_logistic, &rows, 1, 1);
	CHECK(glm_measure(&glm, &features, &err) == 0);
	glm_solver_new(&solver, &glm, 1e-12, NULL);
	CHECK(glm_solver_step(&solver, &err) == 1);
	glm_solver_pack(&solver, &state);
	for (int every = 1; every <= 2; every++) {
		struct unpacked map;

		for (size_t i = 0; i + sizeof key <= state.size; i++)
			if (memcmp(state.data + i, key, sizeof key - 1) == 0)
				state.data[i + sizeof key - 1] = (char)every;
		CHECK(pack_read(&map, state.data, state.size, &err) == 0);
		glm_solver_new(&other, &glm, 1e-12, NULL);
		CHECK((glm_solver_unpack(&other, &map.object, &err) == 0) == (every == 1));
		glm_solver_free(&other);
		unpacked_free(&map);
	}
	CHECK(strcmp(err.message, "the state of the solver is broken") == 0);
	glm_solver_free(&solver);
	glm_free(&glm);
	row_store_free(&rows);
	names_release(&features);
	buffer_free(&state);
}

int main(void)
{
	check_exponentials();
	check_state();
	make_rows();
	check_two();
	check_three();
	check_way("Newton from samples", two, MANY, 2, "");
	check_way("Newton with L1", three, MANY, 3, "C=0.01 l1_ratio=1");
	check_way("Newton with damping: a class that no sample knows", rare, MANY, 3, "");
	check_way("L-BFGS: more classes than a Hessian takes", many, ROWS, 33, "C=0.1");
	check_way("OWL-QN", many, ROWS, 33, "C=0.001 l1_ratio=0.9");
	check_way("FTRL", three, MANY, 3, "solver=ftrl max_iter=5 l1_ratio=0.5 C=0.1");
	check_way("SGD", two, MANY, 2, "solver=sgd max_iter=5 lr=0.000001");
	check_limits();
	return unit_done();
}
