/* SPDX-License-Identifier: MIT */
/* Why a model says what it says: what features add sums to the prediction, and is what another implementation says. */
#include "fake_training.h"
#include "unit.h"

extern const struct model_kind model_linear;
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
	return unit_done();
}
