/* SPDX-License-Identifier: MIT */
/*
 * The losses and penalties of `linear` against scikit-learn 1.9.1, and its standard errors against statsmodels 0.15.0. The values are those
 * that scripts/reference/linear_losses.py prints, which makes the rows as make() does.
 */
#include "toy_family.h"

#include <math.h>

#include "linear_qr.h"
#include "linear_solve.h"
#include "memory.h"
#include "student_t.h"

enum { ROWS = 600, COLUMNS = 5 };
enum target { PLAIN, COUNTS, ABOVE, WILD, N_TARGETS };
extern const struct model_kind model_linear;
static const struct model_kind *const linear = &model_linear;

static double rows[ROWS * COLUMNS], targets[N_TARGETS][ROWS], weights[ROWS];

static void make_rows(void)
{
	for (int i = 0; i < ROWS; i++) {
		double *row = &rows[i * COLUMNS];

		row[0] = (i * 7 % 23) / 8.0;
		row[1] = (i * 11 % 41) / 16.0;
		row[2] = i * 13 % 31 - 5;
		row[3] = i % 3 == 0;
		row[4] = (i * i % 17) / 4.0;
		targets[PLAIN][i] = 3 + 2 * row[0] - 0.5 * row[1] + 0.1 * row[2] + 2.5 * row[3] + 2 * sin(i);
		targets[COUNTS][i] = (i * i * 7 + i * 3) % 11 * (1 + row[3]);
		targets[ABOVE][i] = targets[COUNTS][i] + 0.5;
		targets[WILD][i] = targets[PLAIN][i] + 40 * (i % 19 == 0);
		weights[i] = (i % 5 + 1) / 2.0;
	}
}

/* What a model saved under a key: n numbers. */
static void saved_reals(const void *model, const char *key, double *to, size_t n)
{
	struct buffer params = BUFFER_INIT;
	struct unpacked map;
	struct error err = ERROR_INIT;

	linear->save(model, &params);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	if (n == 1)
		CHECK(object_real(map_get(&map.object, key), to));
	else
		CHECK(object_reals(map_get(&map.object, key), to, n) >= 0);
	unpacked_free(&map);
	buffer_free(&params);
}

static void saved_line(const void *model, double *to, size_t n)
{
	saved_reals(model, "intercept", to, 1);
	saved_reals(model, "coefficients", &to[1], n);
}

static const struct { const char *parameters; enum target target; double want[2][COLUMNS + 1]; } fits[] = {
	{ "alpha=0.1 l1_ratio=1", PLAIN, {
		{ 3.0550203360394743, 1.8562664699754094, -0.32054490820663334, 0.10748719935778797, 2.0484158361537235, 0 },
		{ 3.038472794835619, 1.8605418939972886, -0.31292695069785154, 0.10846394494766722, 2.036839886360147, 0 },
	} },
	{ "alpha=0.2 l1_ratio=0.5", PLAIN, {
		{ 3.530853823495885, 1.6256830205801605, -0.2748327151222452, 0.10689029763397812, 1.4166585354874783, 0 },
		{ 3.5179943182236606, 1.6288220401519242, -0.26793057441458645, 0.10770207336911285, 1.4084531339727537, 0 },
	} },
	{ "loss=poisson", COUNTS, {
		{ 1.4130067214421764, -0.0018369534285627453, -0.017757061563014598, -5.557089708062976e-05, 0.6899395171389723,
		  -0.00045802546527723496 },
		{ 1.4104927058949956, -0.012735343491259947, -0.005558075921229031, -0.0004214780070119737, 0.6797765021815888,
		  0.004552722966383675 },
	} },
	{ "loss=gamma alpha=0.1", ABOVE, {
		{ 1.587397251793912, 0.0023389405233883182, -0.005699829329033351, -0.0005533085851458436, 0.44040555192412434,
		  -0.002472878519829735 },
		{ 1.5849955314498352, -0.003936689336068358, 0.0029349546799952524, -0.0004928833729461063, 0.43388309750378173,
		  -0.001370694219907626 },
	} },
	{ "loss=tweedie alpha=0.01", COUNTS, {
		{ 1.411002130089278, 0.0007306802695450786, -0.009331346449078216, -0.000362183832061738, 0.6774399194002324,
		  -0.002337723531757624 },
		{ 1.408284950455749, -0.007750470396364261, 0.0017522583168089886, -0.0003885248344053692, 0.6674483594425871,
		  6.509944933841432e-05 },
	} },
	{ "loss=tweedie power=3 alpha=0.01", ABOVE, {
		{ 1.547874538283676, 0.004578565259747124, 0.004137182648307122, -0.0009399819356224812, 0.49245131535707687,
		  -0.005315369421898991 },
		{ 1.5447551706558442, 0.0009726302153866769, 0.013584211533038602, -0.0005819620835007006, 0.48613844979601695,
		  -0.00748747465109414 },
	} },
	{ "loss=huber alpha=1", WILD, {
		{ 3.1029965032214317, 1.9826792738836951, -0.503142400604316, 0.10243930231435606, 2.4665702199013797, 0.00989099274965632 },
		{ 3.1305334101670512, 1.973777224219419, -0.5317168157842919, 0.10454928607055318, 2.4455002877083665, 0.01608679574713917 },
	} },
	{ "loss=quantile quantile=0.3123", WILD, {
		{ 1.77704041092422, 2.026824261475782, -0.43123523877360226, 0.10740195568499131, 2.412524366401343, 0.0025814763522828453 },
		{ 1.7662558209459902, 2.0316490774597007, -0.407070847226506, 0.11088906804036823, 2.349794963173955,
		  -0.005926582312399731 },
	} },
	{ "loss=quantile quantile=0.9 alpha=0.05", WILD, {
		{ 10.411343859487262, 0, 0, 0.07876635212383354, 0, 0 },
		{ 10.394765373672753, 0, 0, 0.0809226429262344, 0, 0 },
	} },
};

static void check_fits(void)
{
	TEST("losses and penalties, without and with weights: scikit-learn's coefficients");
	for (size_t k = 0; k < sizeof fits / sizeof *fits; k++)
		for (int weighted = 0; weighted < 2; weighted++) {
			struct fake *fake = fake_new(rows, targets[fits[k].target], ROWS, COLUMNS, 0);
			const double *want = fits[k].want[weighted];
			double values[COLUMNS + 1];
			void *model;

			fake->weight = weighted ? weights : NULL;
			model = fake_fit(fake, linear, fits[k].parameters);
			CHECK(model);
			if (model) {
				saved_line(model, values, COLUMNS);
				for (size_t i = 0; i <= COLUMNS; i++)
					CHECK_NEAR(values[i], want[i], 1e-6 * fabs(want[0]));
				for (size_t i = 1; i <= COLUMNS; i++)
					CHECK(want[i] != 0 || values[i] == 0);
				CHECK_TEXT(fake->remarks, "");
				linear->free(model);
			}
			fake_free(fake);
		}
}

static void check_errors(void)
{
	static const double errors[2][COLUMNS + 1] = {
		{ 0.1859705004799454, 0.06981419765347832, 0.07834719959562944, 0.00647237211034105, 0.12290767042888799,
		  0.04092921356121413 },
		{ 0.1868919549271563, 0.06983781359254196, 0.07827835083477161, 0.006461794474622859, 0.1228384962494562,
		  0.04092787817098392 },
	}, chances[2][COLUMNS + 1] = {
		{ 2.93187087099921e-46, 1.0264443978753159e-113, 3.3466666071782046e-10, 2.1577326227015922e-52, 5.902935572087912e-70,
		  0.7927587074468243 },
		{ 5.4990558384601796e-45, 5.314455252390054e-114, 5.970090912109732e-10, 3.0629007852183205e-53, 1.5000250904024082e-69,
		  0.6281899236008365 },
	}, residuals[2][2] = { { 1.4189121090112078, 0.7251612453993761 }, { 1.7368705325437992, 0.7246825233167207 } };

	TEST("standard errors, p-values, R2: statsmodels' OLS and WLS");
	for (int weighted = 0; weighted < 2; weighted++) {
		struct fake *fake = fake_new(rows, targets[PLAIN], ROWS, COLUMNS, 0);
		double got[COLUMNS + 1], values[COLUMNS + 1], number = 0;
		void *model;

		fake->weight = weighted ? weights : NULL;
		model = fake_fit(fake, linear, "");
		saved_line(model, values, COLUMNS);
		saved_reals(model, "errors", got, COLUMNS + 1);
		for (size_t i = 0; i <= COLUMNS; i++) {
			size_t at = i == 0 ? COLUMNS : i - 1;
			double chance = student_t_tails(values[i] / got[at], ROWS - COLUMNS - 1);

			CHECK_NEAR(got[at], errors[weighted][i], 1e-9 * errors[weighted][i]);
			CHECK_NEAR(chance, chances[weighted][i], 1e-7 * chances[weighted][i]);
		}
		saved_reals(model, "residual", &number, 1);
		CHECK_NEAR(number, residuals[weighted][0], 1e-9);
		saved_reals(model, "r2", &number, 1);
		CHECK_NEAR(number, residuals[weighted][1], 1e-9);
		linear->free(model);
		fake_free(fake);
	}
}

/* The rows' columns 0 to 3, the other two levels of 3, and twice 0 less 2, as far as n goes. */
static void solve_levels(size_t n, bool weighted, const uint32_t *set_of, struct solution *solution)
{
	struct qr *qr = qr_new(n, 1);
	const struct penalty penalty = { 0, 0 };
	double *values = mem_new(n * ROWS, sizeof *values);
	struct panel panel = { .n_rows = ROWS, .n_features = n, .x = values, .stride = ROWS, .y = targets[PLAIN], .weight = weighted ? weights : NULL };
	struct error err = ERROR_INIT;
	size_t n_rows;
	const double *r;

	for (size_t row = 0; row < ROWS; row++) {
		const double *from = &rows[row * COLUMNS], more[3] = { row % 3 == 1, row % 3 == 2, 2 * from[0] - from[2] };

		for (size_t col = 0; col < n; col++)
			values[col * ROWS + row] = col < 4 ? from[col] : more[col - 4];
	}
	qr_add(qr, 0, &panel);
	r = qr_finish(qr, &n_rows);
	CHECK(solve(r, n_rows, n, &penalty, set_of, solution, &err) == 0 && solution->errors);
	qr_free(qr);
	free(values);
}

static void check_levels(void)
{
	static const double errors[2][7] = {
		{ 0.06981485879327208, 0.07835069964378984, 0.006472542477408921, 0.08194307539466258, 0.08193521547470395, 0.08192757453848243,
		  0.16258926415347771 },
		{ 0.06984229723186287, 0.07829071590047434, 0.006462880380413582, 0.08190663986617039, 0.08190653309085225, 0.08189225534708348,
		  0.16360633846528885 },
	};
	static const uint32_t set_of[] = { 0, 0, 0, 1, 1, 1, 0 };

	TEST("standard errors of all levels of a one-hot set: by singular values");
	for (int weighted = 0; weighted < 2; weighted++) {
		struct solution solution;
		double residual;

		solve_levels(6, weighted, set_of, &solution);
		CHECK(solution.rank == 5);
		residual = sqrt(solution.squares / (ROWS - 6));
		for (size_t i = 0; i <= 6; i++)
			CHECK_NEAR(solution.errors[i] * residual, errors[weighted][i], 1e-9 * errors[weighted][i]);
		solution_release(&solution);
		TEST("collinear features have none, and those of the others stay");
		solve_levels(7, weighted, set_of, &solution);
		residual = sqrt(solution.squares / (ROWS - 6));
		for (size_t i = 0; i < 7; i++)
			if (i == 0 || i == 2 || i == 6)
				CHECK(isnan(solution.errors[i]) && solution.collinear[i]);
			else
				CHECK_NEAR(solution.errors[i] * residual, errors[weighted][i], 1e-9 * errors[weighted][i]);
		solution_release(&solution);
	}
}

static void check_wide(void)
{
	enum { N_ROWS = 9, N_COLUMNS = 24 };
	static const struct { const char *parameters; double want[N_COLUMNS + 1]; } wide[] = {
		{ "alpha=0.3 l1_ratio=1", { 2.2856707885596053, 0, -0.017499985053087596, 0.048002591402009236, 0, 0, -0.032091411066536076, 0, 0.017912186478822187,
		  0, 0, 0, 0, 0, -0.05088688631479081, 0, 0, 0, -0.289224872789312, 0, 0, 0, -0.12497870585089492, 0,
		  -0.011937733127154949 } },
		{ "alpha=0.3 l1_ratio=0.7", { 2.4926242734798914, 0, 0, 0.057137708661888005, 0, 0, -0.0430365387157118, 0, 0.031094138604808468, 0,
		  -0.03248306806027444, 0, 0, 0, -0.07574542884982738, 0, 0, 0, -0.24774208301050787, 0, 0, 0, -0.14284113459547312, 0,
		  -0.025837064452943582 } },
	};
	double few[N_ROWS * N_COLUMNS] = { 0 }, y_few[N_ROWS] = { 0 }, values[N_COLUMNS + 1];
	struct fake *fake = fake_new(few, y_few, N_ROWS, N_COLUMNS, 0);

	for (int i = 0; i < N_ROWS; i++) {
		for (int j = 0; j < N_COLUMNS; j++)
			few[i * N_COLUMNS + j] = ((i * 37 + j * 11 + i * i * j * 7) % 101) / 8.0;
		few[i * N_COLUMNS + 7] = 2 * few[i * N_COLUMNS + 3] - few[i * N_COLUMNS + 6];
		y_few[i] = (i * 29 % 17 - 8) / 4.0;
	}
	TEST("more columns than rows: the lasso's zeros, and its coefficients");
	for (size_t k = 0; k < sizeof wide / sizeof *wide; k++) {
		void *model = fake_fit(fake, linear, wide[k].parameters);

		saved_line(model, values, N_COLUMNS);
		for (size_t i = 0; i <= N_COLUMNS; i++)
			CHECK_NEAR(values[i], wide[k].want[i], wide[k].want[i] == 0 ? 0 : 1e-9);
		linear->free(model);
	}
	TEST("a penalty that leaves nothing, and the other losses where rows are met exactly");
	{
		static const char *const others[] = { "alpha=1e3 l1_ratio=1", "loss=huber", "loss=quantile", "loss=huber alpha=1", "loss=quantile alpha=0.1" };

		for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
			void *model = fake_fit(fake, linear, others[k]);

			CHECK(model);
			if (!model)
				continue;
			saved_line(model, values, N_COLUMNS);
			for (size_t i = 0; i <= N_COLUMNS; i++)
				CHECK(isfinite(values[i]) && (k > 0 || i == 0 || values[i] == 0));
			linear->free(model);
		}
	}
	fake_free(fake);
}

/* A line, x and y told to six digits: what is left of F is near its last bits, and a step that does not change it is none. */
static void check_met(void)
{
	static const char *const losses[] = { "loss=huber", "loss=quantile", "loss=quantile quantile=0.9" };
	enum { N_MET = 200 };
	double at[2 * N_MET], met[N_MET], line[3];

	TEST("rows that are met to their last digit: an end, and no remark");
	for (int i = 0; i < N_MET; i++) {
		at[2 * i] = rint(i / 7.0 * 1e6) / 1e6;
		at[2 * i + 1] = 1;
		met[i] = rint((2 * (i / 7.0) + 3) * 1e6) / 1e6;
	}
	for (size_t k = 0; k < sizeof losses / sizeof *losses; k++) {
		struct fake *fake = fake_new(at, met, N_MET, 2, 0);
		void *model = fake_fit(fake, linear, losses[k]);

		CHECK(model);
		if (model) {
			saved_line(model, line, 2);
			CHECK_NEAR(line[0], 3, 1e-5);
			CHECK_NEAR(line[1], 2, 1e-6);
			CHECK(line[2] == 0);
			CHECK(fake->epochs < 200);
			CHECK_TEXT(fake->remarks, "");
			linear->free(model);
		}
		fake_free(fake);
	}
}

/* The rows that weigh stand in a block that no sample has: as if there were no others. */
static void check_weightless(void)
{
	enum { MANY = 30000, FIRST = 1100, WEIGHED = 800 };
	static double at[2 * MANY], counts[MANY], weighs[MANY];
	double have[3], want[3];
	struct fake *all = fake_new(at, counts, MANY, 2, 0), *some = fake_new(&at[2 * FIRST], &counts[FIRST], WEIGHED, 2, 0);
	void *model, *other;

	TEST("samples in which nothing weighs");
	for (int i = 0; i < MANY; i++) {
		at[2 * i] = (i * 7 % 23) / 8.0;
		at[2 * i + 1] = (i * 11 % 41) / 16.0;
		counts[i] = i * 13 % 7;
		weighs[i] = i >= FIRST && i < FIRST + WEIGHED;
	}
	all->weight = weighs;
	model = fake_fit(all, linear, "loss=poisson");
	other = fake_fit(some, linear, "loss=poisson");
	CHECK(model && other);
	saved_line(model, have, 2);
	saved_line(other, want, 2);
	for (size_t i = 0; i < 3; i++)
		CHECK_NEAR(have[i], want[i], 1e-8);
	CHECK_TEXT(all->remarks, "");
	linear->free(model);
	linear->free(other);
	fake_free(all);
	fake_free(some);
}

/* Answers are means, and reasons sum to their logarithms. */
static void check_answers(void)
{
	struct fake *fake = fake_new(rows, targets[COUNTS], ROWS, COLUMNS, 0);
	void *model = fake_fit(fake, linear, "loss=poisson");
	double line[COLUMNS + 1], out[ROWS], reasons[20 * (COLUMNS + 1)], sum = 0;
	struct panel panel = fake_panel(fake, 0, ROWS);

	TEST("with a log link an answer is e^z, their mean the target's, and reasons sum to z");
	saved_line(model, line, COLUMNS);
	CHECK(linear->predict(model, &panel, out, &fake->err) == 0);
	for (size_t row = 0; row < ROWS; row++) {
		double z = line[0];

		for (size_t col = 0; col < COLUMNS; col++)
			z += line[col + 1] * rows[row * COLUMNS + col];
		CHECK_NEAR(out[row], exp(z), 1e-12 * exp(z));
		sum += out[row] - targets[COUNTS][row];
	}
	CHECK_NEAR(sum, 0, 1e-6);
	panel = fake_panel(fake, 100, 20);
	CHECK(linear->reasons(model, &panel, reasons, &fake->err) == 0 && linear->reasons_log(model));
	for (size_t row = 0; row < 20; row++) {
		double all = 0;

		for (size_t col = 0; col <= COLUMNS; col++)
			all += reasons[row * (COLUMNS + 1) + col];
		CHECK_NEAR(all, log(out[100 + row]), 1e-12);
	}
	linear->free(model);
	fake_free(fake);
}

static void check_refused(void)
{
	static const struct { const char *parameters; enum target target; const char *want; } cases[] = {
		{ "loss=gamma", COUNTS, "loss=gamma takes targets above 0, and the least is 0 (leave these rows out, or take another loss)" },
		{ "loss=tweedie power=2.5", COUNTS, "loss=tweedie takes targets above 0, and the least is 0 (leave these rows out, or take another loss)" },
		{ "loss=poisson", PLAIN, "loss=poisson takes targets from 0, and the least is -3 (leave these rows out, or take another loss)" },
		{ "power=2", PLAIN, "power= is of loss=tweedie" },
		{ "loss=huber quantile=0.3", PLAIN, "quantile= is of loss=quantile" },
		{ "epsilon=2", PLAIN, "epsilon= is of loss=huber" },
		{ "loss=quantile quantile=1", PLAIN, "quantile: a number between 0 and 1, without these" },
		{ "loss=huber l1_ratio=1", PLAIN, "loss=huber takes no l1_ratio: its penalty is that of ridge" },
		{ "loss=quantile l1_ratio=0.5", PLAIN, "loss=quantile takes no l1_ratio: its penalty is that of the lasso" },
	};

	TEST("targets and parameters that do not go with the loss");
	targets[PLAIN][7] = -3;
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct fake *fake = fake_new(rows, targets[cases[k].target], ROWS, COLUMNS, 0);

		fake->quiet = true;
		CHECK(!fake_fit(fake, linear, cases[k].parameters));
		CHECK_TEXT(fake->err.message, cases[k].want);
		fake_free(fake);
	}
}

static const char *const iterated[] = { "loss=poisson alpha=0.1 l1_ratio=0.3", "loss=huber", "loss=quantile quantile=0.3 alpha=0.01", "alpha=0.1 l1_ratio=0.5", "" };

static void check_bytes(void)
{
	TEST("the same bytes for 1, 2 and 5 threads, and with rows in a file");
	for (size_t k = 0; k < sizeof iterated / sizeof *iterated; k++) {
		struct fake *fake = make(false);
		struct buffer want, have;

		for (size_t row = 0; row < N; row++)
			y[row] = fabs(y[row]);
		want = whole(fake, linear, iterated[k]);
		for (int threads = 1; threads <= 5; threads += threads == 1 ? 1 : 3) {
			fake->options.threads = threads;
			fake->options.memory = threads == 5 ? 1 << 15 : 256 << 20;
			have = whole(fake, linear, iterated[k]);
			CHECK(same(&have, &want));
			buffer_free(&have);
		}
		buffer_free(&want);
		fake_free(fake);
	}
}

static void check_resumed(void)
{
	TEST("thrown away after each of its iterations and resumed: the same bytes");
	for (size_t k = 0; k < sizeof iterated / sizeof *iterated; k++) {
		struct fake *fake = make(true);
		struct buffer want = whole(fake, linear, iterated[k]);
		uint64_t n = 0;
		struct source source;
		struct lesson *lesson = fake_open(fake, linear, iterated[k], &source);

		CHECK(lesson_rounds(lesson, UINT64_MAX, &fake->err) == 0);
		n = lesson->history.n;
		lesson_free(lesson);
		source_close(&source);
		CHECK(k >= 3 ? n == 1 : n > 3);
		for (uint64_t at = 1; at <= n; at++) {
			struct buffer checkpoint = broken_off(fake, linear, iterated[k], at);

			resume_to(fake, linear, iterated[k], &checkpoint, &want);
			buffer_free(&checkpoint);
		}
		buffer_free(&want);
		fake_free(fake);
	}
}

/* A key of the solver's state is another one. */
static void check_broken(void)
{
	static const char key[] = "hessian_every";
	struct fake *fake = make(true);
	struct buffer checkpoint = broken_off(fake, linear, "loss=huber", 2);
	struct source source;
	struct lesson *lesson = fake_open(fake, linear, "loss=huber", &source);
	size_t at = 0;

	TEST("what is broken in a checkpoint is said");
	while (at + sizeof key <= checkpoint.size && memcmp(checkpoint.data + at, key, sizeof key - 1) != 0)
		at++;
	checkpoint.data[at] = 'H';
	CHECK(lesson_resume(lesson, checkpoint.data, checkpoint.size, &fake->err) < 0);
	CHECK_TEXT(fake->err.message, "the state of the solver is broken");
	buffer_free(&checkpoint);
	lesson_free(lesson);
	source_close(&source);
	fake_free(fake);
}

int main(void)
{
	make_rows();
	fill_rows();
	check_fits();
	check_errors();
	check_levels();
	check_wide();
	check_met();
	check_weightless();
	check_answers();
	check_refused();
	check_bytes();
	check_resumed();
	check_broken();
	return unit_done();
}
