/* SPDX-License-Identifier: MIT */
/* Why a model says what it says: what features add sums to the prediction, and is what another implementation says. */
#include "fake_training.h"
#include "unit.h"

extern const struct model_kind model_linear, model_logistic, model_bayes, model_boost;
static const struct model_kind *const linear = &model_linear;

enum { N = 2500, F = 5 };
static double x[N * F], y[N], w[N];

/* scripts/reference/reasons.py: scikit-learn 1.9.1, numpy 2.4.6; rows 0, 1, 2499. */
static void check_linear(void)
{
	static const size_t places[] = { 0, 1, 2499 };
	static const double want[3][3][F + 1] = { {
		{ -2.762157182414876, 0.6220462825220296, -15.013587211512464, 0.0034360552321088776, -0.8325601914242223, -993.545475 },
		{ -1.004229019624014, 0.27985238835606624, -2.001811628201662, -0.0017200900741769533, 1.6661198548669613, -993.545475 },
		{ 0.5025665484824392, 0.030984101689910976, 15.013587211512464, 0.0034360552321088776, -0.8325601914242223, -993.545475 },
	}, {
		{ -2.644123852012106, 0.6215623520239406, -15.012461748066528, 0.0008104113812622387, -0.8333159879172545, -993.5245291666666 },
		{ -0.9626002162023867, 0.2796779868906335, -2.0187555088391425, -0.00040569213203643883, 1.6666319758345092, -993.5245291666666 },
		{ 0.4787057573488015, 0.031034812248228356, 14.973014188612055, 0.0008104113812622387, -0.8333159879172545, -993.5245291666666 },
	}, {
		{ -2.6338909597629394, 0.6185865391591744, -15.011933977019753, -0.012110134237993805, -0.8202358261544322, -993.5245291666666 },
		{ -0.9588749049678438, 0.27833899113474353, -2.018684538419636, 0.006062336107134954, 1.6404716523088647, -993.5245291666666 },
		{ 0.47685314199938117, 0.03088622893515742, 14.972487804365132, -0.012110134237993805, -0.8202358261544322, -993.5245291666666 },
	} };
	double out[3][PANEL_ROWS * (F + 1)], answers[PANEL_ROWS];
	struct fake *fake = fake_new(x, y, N, F, 0);

	TEST("reasons are coefficient * (x - mean), with and without weights, and sum to the predictions");
	for (size_t k = 0; k < 3; k++) {
		void *model;

		fake->weight = k > 0 ? w : NULL;
		model = fake_fit(fake, linear, k == 2 ? "alpha=10" : "");
		for (size_t i = 0; i < 3; i++) {
			struct panel panel = fake_panel(fake, places[i], 1);

			CHECK(linear->reasons(model, &panel, out[i], &fake->err) == 0);
			for (size_t col = 0; col <= F; col++)
				CHECK_NEAR(out[i][col], want[k][i][col], 1e-10);
		}
		for (size_t first = 0; first < N; first += 500) {
			struct panel panel = fake_panel(fake, first, 500);

			CHECK(linear->reasons(model, &panel, out[0], &fake->err) == 0 && linear->predict(model, &panel, answers, &fake->err) == 0);
			for (size_t row = 0; row < 500; row++) {
				double sum = 0;

				for (size_t col = 0; col <= F; col++)
					sum += out[0][row * (F + 1) + col];
				CHECK_NEAR(sum, answers[row], 1e-12 * fabs(answers[row]));
			}
		}
		linear->free(model);
	}
	fake_free(fake);
}

/* Of the last class, at three rows. */
static void check_class(const struct model_kind *kind, const char *parameters, size_t n_classes, const double *labels, const double want[3][F + 1], double within)
{
	static const size_t places[] = { 0, 1, 2499 };
	struct fake *fake = fake_new(x, labels, N, F, n_classes);
	void *model = fake_fit(fake, kind, parameters);
	double out[3 * (F + 1)];

	for (size_t i = 0; i < 3; i++) {
		struct panel panel = fake_panel(fake, places[i], 1);

		CHECK(kind->reasons(model, &panel, out, &fake->err) == 0 && kind->reasons_log(model));
		for (size_t col = 0; col <= F; col++)
			CHECK_NEAR(out[(n_classes - 1) * (F + 1) + col], want[i][col], within);
	}
	kind->free(model);
	fake_free(fake);
}

static void check_classes(void)
{
	static double two[N], three[N];

	/* scripts/reference/reasons.py: scikit-learn 1.9.1; rows 0, 1, 2499. */
	static const double logistic_two[3][F + 1] = {
		{ -2.5835584621021797, 0.6865350675915659, -13.693387564333474, -0.03404048941271295, -0.6720405519005236, -3.1796023644762954 },
		{ -0.9392964303609661, 0.30886524645196134, -1.8257850085777965, 0.017040677172990758, 1.3448878751718762, -3.1796023644762954 },
		{ 0.4700710254172168, 0.03419628562315803, 13.693387564333474, -0.03404048941271295, -0.6720405519005236, -3.1796023644762954 },
	}, logistic_three[3][F + 1] = {
		{ -0.00954581686754659, 0.006290617501713376, 0.0005244212160209649, -0.0006443180171109892, -2.510184288679058e-06, -0.13547804177001233 },
		{ -0.003470543376545196, 0.0028300857694244204, 6.992282880279531e-05, 0.0003225457540639646, 5.0233820038751384e-06, -0.13547804177001233 },
		{ 0.0017368339014559994, 0.00031333541866881634, -0.0005244212160209649, -0.0006443180171109892, -2.510184288679058e-06, -0.13547804177001233 },
	}, bayes_three[3][F + 1] = {
		{ -2.11445583599974, -2.038515063981732, -4.515377789452524, -1.1668996546852286, -0.41689992488223804, -1.2531630485167076 },
		{ -0.9181971563614852, -0.9033681854388185, -3.1353840876209063, -0.416899924882238, -1.1668996546852286, -1.2531630485167076 },
		{ -0.7765311861822792, -0.6205266047484475, -4.515377789452524, -1.1668996546852286, -0.41689992488223804, -1.2531630485167076 },
	};

	TEST("logistic and bayes: what features add to the logarithm of a class");
	for (int i = 0; i < N; i++) {
		two[i] = y[i] > -990;
		three[i] = i % 7 % 3;
	}
	check_class(&model_logistic, "", 2, two, logistic_two, 2e-6);
	check_class(&model_logistic, "", 3, three, logistic_three, 1e-6);
	check_class(&model_bayes, "kind=gaussian", 3, three, bayes_three, 1e-6);
}

/* Sums of an output's reasons beside what predict gives: classes up to what a row's have in common. */
static void check_sums_of(const struct model_kind *kind, struct fake *fake, const char *parameters, size_t n_outputs)
{
	static double out[8 * 100 * (F + 1)], answers[8 * 100];
	void *model = fake_fit(fake, kind, parameters);
	struct panel panel = fake_panel(fake, 300, 100);
	bool logs = kind->reasons_log(model);

	CHECK(kind->reasons(model, &panel, out, &fake->err) == 0 && kind->predict(model, &panel, answers, &fake->err) == 0);
	for (size_t row = 0; row < 100; row++) {
		double common = 0;

		for (size_t k = 0; k < n_outputs; k++) {
			double sum = 0, answer = logs ? log(answers[row * n_outputs + k]) : answers[row * n_outputs + k];

			for (size_t col = 0; col <= F; col++)
				sum += out[(k * 100 + row) * (F + 1) + col];
			if (fake->problem.task == TASK_CLASSIFICATION && k == 0)
				common = sum - answer;
			CHECK_NEAR(sum - common, answer, 1e-9 * (1 + fabs(answer)));
		}
	}
	kind->free(model);
}

static void check_sums(void)
{
	static double two[N], three[N], counts[N];
	struct fake *fakes[3];

	TEST("reasons of boost sum to answers, their logarithms, and differences of classes to log-odds");
	for (int i = 0; i < N; i++) {
		two[i] = y[i] > -990;
		three[i] = (y[i] > -1000) + (y[i] > -985);
		counts[i] = i * 13 % 31 % 5;
	}
	fakes[0] = fake_new(x, counts, N, F, 0);
	fakes[1] = fake_new(x, two, N, F, 2);
	fakes[2] = fake_new(x, three, N, F, 3);
	check_sums_of(&model_boost, fakes[0], "rounds=20", 1);
	check_sums_of(&model_boost, fakes[0], "rounds=20 loss=poisson", 1);
	check_sums_of(&model_boost, fakes[0], "rounds=10 alpha=0.1,0.3,0.6,0.9", 4);
	check_sums_of(&model_boost, fakes[1], "rounds=10", 2);
	check_sums_of(&model_boost, fakes[2], "rounds=10", 3);
	for (size_t i = 0; i < 3; i++)
		fake_free(fakes[i]);
}

int main(void)
{
	for (int i = 0; i < N; i++) {
		double *row = &x[i * F];

		row[0] = (i * 7 % 23) / 8.0;
		row[1] = 2019 + (i * 11 % 41) / 16.0;
		row[2] = (i * 13 % 31) - 5;
		row[3] = i % 3 == 0;
		row[4] = i % 3 == 1;
		y[i] = 3 + 2 * row[0] - 0.5 * row[1] + row[2] + row[4] * 2.5 + ((i * 29 % 101) - 50) / 16.0;
		w[i] = (i % 5 + 1) / 2.0;
	}
	check_linear();
	check_classes();
	check_sums();
	return unit_done();
}
