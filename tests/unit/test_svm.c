/* SPDX-License-Identifier: MIT */
/*
 * Support vector machines: decisions, numbers of support vectors and of iterations of scikit-learn 1.9.1 (numpy 2.4), whose solver is LIBSVM;
 * what the optimum is, checked as it stands in the papers; probabilities of Debian's LIBSVM 3.24. The rows were
 *
 *     def table(first, n, f):
 *         i = np.arange(first, first + n)[:, None]; j = np.arange(f)[None, :]
 *         return ((i * (7919 + j * 1237) + j * 31337) % 10007) / 5004 - 1
 *     X = table(0, 120, 4); t = X[:,0]*2 - X[:,1] + abs(X[:,2]) + np.where(X[:,3] > 0, .5, 0)
 *     three classes: np.where(t < 0, 0, np.where(t < 1, 1, 2)); two: t > .5; weights: .5 + np.arange(120) % 4 / 2
 *
 * and the queries table(3000, 3, 4) and row 17, by decision_function of SVC and NuSVC, decision_function_shape="ovo" (of two classes its
 * negative, which is LIBSVM's), or predict of SVR and NuSVR; support_.size and sum(n_iter_).
 */
#include "fake_training.h"
#include "unit.h"

#include <math.h>
#include <stdatomic.h>

#include "memory.h"
#include "parameters.h"
#include "svm_model.h"

enum { ROWS = 120, QUERIES = 4, FEATURES = 4, MOST_ROWS = 2000 };
extern const struct model_kind model_svm;
static double rows[(MOST_ROWS + QUERIES) * FEATURES], targets[MOST_ROWS + QUERIES], row_weights[MOST_ROWS + QUERIES];

static double value_at(long i, long j) { return (double)((i * (7919 + j * 1237) + j * 31337) % 10007) / 5004 - 1; }

/* n rows and the queries behind them; noise: 0, or 1.5 where LIBSVM's probabilities are from. */
static void make_rows(size_t n, size_t n_classes, double noise)
{
	for (size_t i = 0; i < n + QUERIES; i++) {
		double *row = &rows[i * FEATURES], t;

		for (size_t j = 0; j < FEATURES; j++)
			row[j] = value_at(i < n ? (long)i : i < n + 3 ? (long)(3000 + i - n) : 17, (long)j);
		t = row[0] * 2 - row[1] + fabs(row[2]) + (row[3] > 0 ? 0.5 : 0) + noise * ((double)(i * 7907 % 1009) / 1009 - 0.5);
		targets[i] = n_classes == 0 ? t : n_classes == 2 ? t > 0.5 : t < 0 ? 0 : t < 1 ? 1 : 2;
		row_weights[i] = 0.5 + (double)(i % 4) / 2;
	}
}

static const struct expected {
	size_t n_classes;
	bool weighted;
	const char *parameters;
	size_t n_vectors;
	uint64_t n_steps;
	double decisions[QUERIES * 3];
} expected[] = {
	{ 3, false, "", 73, 183,
	  { -0.85690333079, -0.399569412858, 0.0185880818473, -0.846600134491, -1.10003781957, -0.828126574087, -1.13103635338, -0.463104818386, 0.425129650526, 0.117858829187, 0.489514566063, 0.971881183375 } },
	{ 3, false, "C=100", 43, 696,
	  { -0.0618078394693, -0.352250164051, 2.34025289549, -1.29472460305, -1.1481706641, -3.65912643947, -1.4579583586, -0.488556969598, 0.593943799136, -0.99979509707, 0.62914789298, 1.00008858984 } },
	{ 3, false, "kernel=linear", 63, 185,
	  { 1.02912029328, 0.632313944338, -0.0378841440202, -2.69366185063, -1.28913333757, 0.504510073623, -1.36712677744, -0.328590172632, 1.04555735865, -0.703167643987, 0.354012515992, 1.45793992952 } },
	{ 3, false, "kernel=poly C=5", 60, 913,
	  { -0.850226236999, 6.11064070719, 9.49050142981, -0.386907559432, -2.74870038024, -2.82539889714, -0.781708074313, 0.53103655592, 2.01210438133, -1.00015912962, 1.34437652987, 2.93048063925 } },
	{ 3, false, "kernel=poly degree=2 coef0=1 gamma=0.5", 60, 266,
	  { -0.543418694487, -0.259521194495, -0.410271434579, -3.21174519661, -1.36906642744, -0.170058830724, -1.65140420332, -0.277453049033, 0.881063954957, -0.0164723091399, 0.033281263298, 1.000052798 } },
	{ 3, false, "kernel=sigmoid gamma=0.1 C=10", 63, 298,
	  { 1.10772969474, 0.550602293677, -0.139661640691, -2.73427369174, -1.28175589159, 0.565753732732, -1.37253713748, -0.345469713417, 1.05376181944, -0.696165243549, 0.337742394841, 1.49934044289 } },
	{ 3, false, "gamma=auto C=10 tol=1e-8", 51, 1281,
	  { -0.580345139778, -0.728742502921, 1.23203244574, -2.20009880168, -1.33399684505, -1.45888091246, -1.44812395794, -0.202906827742, 0.549340746596, -0.999999872612, 0.19866064063, 1.0000002958 } },
	{ 3, false, "gamma=2.5 shrinking=no C=1000 tol=1e-6", 79, 1047,
	  { -0.424858766118, -0.251128100772, 0.59933044502, -0.645060801293, -0.980312220215, -2.37035839644, -1.87931604937, -0.568675533217, 0.478894933647, -1.00000047219, 0.319601811882, 0.99999992834 } },
	{ 3, false, "max_iter=10 C=10", 36, 30,
	  { -1.07867120277, -0.290402408196, 0.823145256656, -0.729778986743, -1.15828706124, -1.62870882302, -0.847618539349, -0.4415450092, 0.770091773879, -1.06523197347, 0.566808734531, -0.863116506112 } },
	{ 3, false, "max_iter=1", 5, 3,
	  { 0.0978475863737, 0.0479864004612, 0.392159621817, 0.0159510119449, 0.071801478834, 0.0393491150001, -0.000455833627504, 0.0661475659301, 0.0304822508246, -0.55563438876, 0.156778843665, -0.0344085151611 } },
	{ 3, false, "kernel=linear max_iter=100 C=10", 42, 300,
	  { 0.587493462375, 1.7128856123, 1.726701522, -4.31142115181, -1.48690819804, 0.741325119965, -2.10870447903, 0.139345028155, 2.31649972078, -0.903385178401, 2.94156795405, 5.42168817981 } },
	{ 3, false, "nu=0.4", 74, 227,
	  { -0.765013026932, -0.409060057557, 0.112036131288, -1.04363265278, -1.05935978803, -0.887841520682, -1.22002168377, -0.528583575359, 0.397851803386, -0.588140443714, 0.438029690097, 0.973622355302 } },
	{ 3, false, "nu=0.2 kernel=linear tol=1e-6", 44, 1594,
	  { 0.714285943479, 0.400000262005, 2.29031902713, -4.67701904716, -0.926316311719, 0.694629301624, -2.27950487332, -0.0947371842558, 2.69463373281, -0.99999664913, 0.44024762844, 6.39353874936 } },
	{ 3, false, "nu=0.3 max_iter=10", 54, 30,
	  { -0.692204403517, -0.177445487392, 1.09097937041, -0.0451700881957, -0.587911891147, -1.01931133393, -0.0199844103591, -0.192148124507, -0.0381175883341, -0.98198820412, 0.479324873068, 1.05014754544 } },
	{ 2, false, "", 46, 87,
	  { -0.786835360941, -1.15024231355, -0.531109944711, 0.968793690508 } },
	{ 2, false, "kernel=linear C=10 tol=1e-4", 23, 507,
	  { 1.55693346684, -1.6328629293, 0.367039576431, 2.99982970669 } },
	{ 2, false, "nu=0.5", 67, 59,
	  { -0.698951041073, -1.0580879973, -0.573524502429, 0.665622683896 } },
	{ 2, false, "max_iter=10 C=10", 16, 10,
	  { -1.25833604548, -1.94822462836, -2.02390655467, 0.328385099219 } },
	{ 0, false, "C=10", 67, 2166,
	  { 0.645437406538, 1.31434459473, 0.625425137334, 0.339768975393 } },
	{ 0, false, "kernel=linear epsilon=0.2", 74, 516,
	  { 0.295833870198, 0.825237773032, 0.301083625139, -0.0972252114085 } },
	{ 0, false, "kernel=poly C=10 epsilon=0", 120, 32531,
	  { -0.0952418970152, 0.737905786456, 0.0364030440071, -0.210391075614 } },
	{ 0, false, "gamma=0.3 epsilon=0.01 C=100 tol=1e-6", 105, 85127,
	  { 0.241392289536, 1.46777440388, 0.683805910738, 0.267172708613 } },
	{ 0, false, "nu=0.5", 80, 693,
	  { 0.827379438345, 1.28975850744, 0.739132408493, 0.302892972719 } },
	{ 0, false, "nu=0.3 C=20 kernel=linear tol=1e-6", 39, 6887,
	  { 0.26106978747, 0.882106852271, 0.350416627845, -0.140884281066 } },
	{ 0, false, "max_iter=10 C=10", 19, 10,
	  { 1.00781351775, 1.23962089446, 0.779469821121, 0.0539579273874 } },
	{ 0, false, "nu=0.4 max_iter=10", 20, 10,
	  { 0.778700149945, 0.656830660576, 0.27944721355, -0.142058866098 } },
	{ 3, true, "C=2", 62, 244,
	  { -0.730226559984, -0.378979371627, 1.70616055435, -1.30414247714, -1.14020056109, -1.34196118047, -1.28982198254, -0.470807376344, 0.536497107171, -0.418856222128, 0.548220230304, 0.999855168623 } },
	{ 0, true, "C=2 kernel=linear", 101, 2214,
	  { 0.288104867159, 0.870883571232, 0.367020464088, -0.0483025438114 } },
	{ 2, true, "nu=0.3", 52, 126,
	  { -0.833629750092, -1.18853761036, -0.563528183171, 1.00016199939 } },
};

/* Written and read again. */
static void *again(void *model, const struct problem *problem)
{
	struct buffer params = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct unpacked map;
	void *copy;

	model_svm.save(model, &params);
	model_svm.free(model);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	copy = model_svm.load(&map.object, problem, &err);
	CHECK_TEXT(err.message, "");
	unpacked_free(&map);
	buffer_free(&params);
	return copy;
}

static void check_expected(const struct expected *want)
{
	size_t n = svm_n_machines(want->n_classes), n_out = want->n_classes ? want->n_classes : 1;
	double have[QUERIES * 3], copied[QUERIES * 3], out[QUERIES * 3];
	struct fake *fake;
	struct svm *svm;

	make_rows(ROWS, want->n_classes, 0);
	fake = fake_new(rows, targets, ROWS, FEATURES, want->n_classes);
	fake->weight = want->weighted ? row_weights : NULL;
	TEST(want->parameters);
	svm = fake_fit(fake, &model_svm, want->parameters);
	CHECK(svm != NULL);
	if (svm) {
		struct panel panel = fake_panel(fake, ROWS, QUERIES);

		CHECK(svm->n_vectors == want->n_vectors && svm->n_steps == want->n_steps);
		CHECK((strstr(want->parameters, "max_iter") != NULL) == (svm->n_limited > 0) && (svm->n_limited > 0) == (strstr(fake->remarks, "max_iter") != NULL));
		svm_decide(svm, &panel, have);
		svm = again(svm, &fake->problem);
		svm_decide(svm, &panel, copied);
		CHECK(memcmp(have, copied, QUERIES * n * sizeof *have) == 0);
		for (size_t i = 0; i < QUERIES * n; i++)
			CHECK_NEAR(have[i], want->decisions[i], 1e-7 * (1 + fabs(want->decisions[i])));
		CHECK(model_svm.predict(svm, &panel, out, &fake->err) == 0 && model_svm.votes(svm) == (want->n_classes > 0));
		for (size_t i = 0; i < QUERIES * n_out; i++)
			CHECK(want->n_classes == 0 ? out[i] == have[i] : out[i] == 0 || out[i] == 1);
		model_svm.free(svm);
	}
	fake_free(fake);
}

/* ---- the optimum ---- */

struct solved { struct svm_table table; struct svm_machine machine; struct svm_kernel kernel; struct svm_options options; };

/* Whether all that holds at the optimum does, of the dual as svm_solve.h has it: bounds, sums, and no pair that could still go. */
static void check_optimum(const struct solved *of)
{
	size_t n = of->table.rows.n_rows, n_first = of->table.starts[1];
	struct svm_range all = { 0, n };
	struct svm_cache *cache = svm_cache_new(&of->kernel, &of->table.rows, &all, 1, UINT64_MAX);
	const double *coefficients = of->machine.coefficients;
	double sum = 0, up[2] = { -INFINITY, -INFINITY }, low[2] = { -INFINITY, -INFINITY }, sides = 0, most = of->options.c, objective = 0;

	/* With nu the bound of all rows is 1 over that of the problem: it stands where a row is at its bound. */
	for (size_t i = 0; i < n && of->options.nu > 0; i++)
		most = fmax(i ? most : 0, fabs(coefficients[i]));
	for (size_t i = 0; i < n; i++) {
		const float *row = svm_cache_row(cache, i);
		double y = i < n_first ? 1 : -1, f = 0, a = coefficients[i] * y;
		size_t side = of->options.nu > 0 && y < 0;

		for (size_t j = 0; j < n; j++)
			f += coefficients[j] * row[svm_cache_column(cache, j)];
		objective += coefficients[i] * f / 2 - (of->options.nu > 0 ? 0 : a);
		f -= of->options.nu > 0 ? 0 : y;        /* F: y times the gradient */
		CHECK(a >= 0 && a <= most * (1 + 1e-12));
		sum += coefficients[i];
		sides += a;
		if (y > 0 ? a < most * (1 - 1e-9) : a > 0)
			up[side] = fmax(up[side], -f);
		if (y > 0 ? a > 0 : a < most * (1 - 1e-9))
			low[side] = fmax(low[side], f);
	}
	CHECK_NEAR(sum, 0, 1e-9 * sides);
	CHECK(up[0] + low[0] < 1e-5 && (of->options.nu == 0 || up[1] + low[1] < 1e-5));
	CHECK_NEAR(objective, of->machine.solution.objective, 1e-6 * fabs(objective));
	svm_cache_free(cache);
}

static void check_optima(void)
{
	static const struct svm_kernel kernels[] = { { SVM_RBF, 0.5, 0, 0 }, { SVM_LINEAR, 1, 0, 0 }, { SVM_POLY, 0.5, 1, 3 } };
	size_t starts[3] = { 0, 0, MOST_ROWS };
	struct names classes = { .items = NULL };

	names_add(&classes, "a");
	names_add(&classes, "b");
	make_rows(MOST_ROWS, 2, 1.5);
	for (size_t i = 0; i < MOST_ROWS; i++)
		starts[1] += targets[i] == 0;
	for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
		for (int way = 0; way < 3; way++) {
			struct solved solved = { .kernel = kernels[k], .options = { .c = way == 1 ? 1 : 0.1, .nu = way == 2 ? 0.5 : 0, .tol = 1e-6, .max_iter = -1, .shrinking = true,
			                                                            .threads = 1, .memory = way == 1 ? 1 << 20 : 64 << 20 } };
			struct error err = ERROR_INIT;
			size_t next[2] = { 0, starts[1] };

			TEST(way == 2 ? "the optimum of nu-SVC" : "the optimum of C-SVC");
			solved.table = (struct svm_table){ .starts = starts, .n_classes = 2, .classes = &classes };
			svm_rows_new(&solved.table.rows, MOST_ROWS, FEATURES);
			for (size_t i = 0; i < MOST_ROWS; i++)
				svm_rows_put(&solved.table.rows, next[targets[i] == 1]++, &rows[i * FEATURES]);
			CHECK(svm_train(&solved.kernel, &solved.table, &solved.options, NULL, &solved.machine, &err) == 0);
			CHECK_TEXT(err.message, "");
			if (solved.machine.coefficients)
				check_optimum(&solved);
			svm_rows_free(&solved.table.rows);
			free(solved.machine.coefficients);
		}
	names_release(&classes);
}

/* ---- the same whatever the way ---- */

static void check_same(void)
{
	static const char *const parameters[] = { "C=3", "probability=yes folds=3", "nu=0.3", "kernel=linear C=3" };
	static const struct { int threads; uint64_t memory; } ways[] = { { 1, 256 << 20 }, { 3, 256 << 20 }, { 1, 0 }, { 2, 100 << 10 } };

	TEST("threads and memory change no bit");
	make_rows(700, 3, 1.5);
	for (size_t p = 0; p < sizeof parameters / sizeof *parameters; p++) {
		struct buffer saved[2] = { BUFFER_INIT, BUFFER_INIT };

		for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
			struct fake *fake = fake_new(rows, targets, 700, FEATURES, 3);
			struct svm *svm;

			fake->options.threads = ways[way].threads;
			fake->options.memory = ways[way].memory;
			svm = fake_fit(fake, &model_svm, parameters[p]);
			CHECK(svm != NULL);
			buffer_clear(&saved[way > 0]);
			if (svm)
				model_svm.save(svm, &saved[way > 0]);
			CHECK(way == 0 || (saved[0].size == saved[1].size && memcmp(saved[0].data, saved[1].data, saved[0].size) == 0));
			model_svm.free(svm);
			fake_free(fake);
		}
		buffer_free(&saved[0]);
		buffer_free(&saved[1]);
	}
}

/* A cache that others made of the same rows and kernel, for two values of C. */
static void check_shared(void)
{
	static const size_t starts[] = { 0, 60, ROWS };
	const struct svm_kernel kernel = { SVM_RBF, 0.5, 0, 0 };
	struct svm_range all = { 0, ROWS };
	struct svm_table table = { .starts = starts, .n_classes = 2 };
	struct svm_cache *cache;

	TEST("a cache that is shared");
	make_rows(ROWS, 2, 0);
	svm_rows_new(&table.rows, ROWS, FEATURES);
	for (size_t i = 0; i < ROWS; i++)
		svm_rows_put(&table.rows, i, &rows[i * FEATURES]);
	cache = svm_cache_new(&kernel, &table.rows, &all, 1, UINT64_MAX);
	for (double c = 1; c <= 100; c *= 10) {
		struct svm_options options = { .c = c, .tol = 1e-3, .max_iter = -1, .shrinking = true, .threads = 1, .memory = 1 << 20 };
		struct svm_machine machines[2] = { { .first = 0 }, { .first = 0 } };
		struct error err = ERROR_INIT;

		CHECK(svm_train(&kernel, &table, &options, cache, &machines[0], &err) == 0 && svm_train(&kernel, &table, &options, NULL, &machines[1], &err) == 0);
		CHECK(memcmp(machines[0].coefficients, machines[1].coefficients, ROWS * sizeof(double)) == 0 && machines[0].solution.rho == machines[1].solution.rho);
		free(machines[0].coefficients);
		free(machines[1].coefficients);
	}
	svm_cache_free(cache);
	svm_rows_free(&table.rows);
}

/* ---- probabilities ---- */

/* scipy.optimize.minimize of the likelihood (Lin, Lin, Weng 2007, problem 5), gtol=1e-9; the first is that of sklearn.calibration, too. */
static void check_sigmoid(void)
{
	double decisions[200], weights[200];
	bool first[200];
	struct svm_sigmoid plain, weighted;

	TEST("sigmoids");
	for (int i = 0; i < 200; i++) {
		decisions[i] = (double)(i * 37 % 101) / 25 - 2;
		first[i] = decisions[i] + (double)(i * 53 % 97) / 24 - 2 > 0.3;
		weights[i] = 0.5 + i % 3;
	}
	plain = svm_sigmoid_fit(decisions, first, NULL, 200);
	weighted = svm_sigmoid_fit(decisions, first, weights, 200);
	CHECK_NEAR(plain.a, -1.4053648224, 1e-6);
	CHECK_NEAR(plain.b, 0.4523168530, 1e-6);
	CHECK_NEAR(weighted.a, -1.4864492658, 1e-6);
	CHECK_NEAR(weighted.b, 0.4776756133, 1e-6);
	CHECK_NEAR(svm_sigmoid_share(&plain, 0.5), 1 / (1 + exp(plain.a * 0.5 + plain.b)), 1e-15);
	CHECK(svm_sigmoid_share(&plain, 1e300) == 1 && svm_sigmoid_share(&plain, -1e300) == 0);
}

/* At its least all shares have the same slope (Wu, Lin, Weng 2004, 19), and they sum to 1. */
static void check_couple(void)
{
	enum { K = 5 };
	double pairs[K * K] = { 0 }, shares[K], space[K * (K + 1)], slopes[K], sum = 0;

	TEST("coupled pairs");
	for (size_t i = 0; i < K; i++)
		for (size_t j = i + 1; j < K; j++) {
			pairs[i * K + j] = 0.05 + 0.9 * (double)((i * 7 + j * 3) % 11) / 11;
			pairs[j * K + i] = 1 - pairs[i * K + j];
		}
	svm_couple(K, pairs, shares, space);
	for (size_t i = 0; i < K; i++) {
		slopes[i] = 0;
		for (size_t j = 0; j < K; j++)
			if (j != i)
				slopes[i] += pairs[j * K + i] * (pairs[j * K + i] * shares[i] - pairs[i * K + j] * shares[j]);
		sum += shares[i];
		CHECK(shares[i] > 0);
		CHECK_NEAR(slopes[i], slopes[0], 1e-7);
	}
	CHECK_NEAR(sum, 1, 1e-12);
}

/*
 * LIBSVM divides rows into folds by a chance of its own, and ends the coupling within 0.005 of a class's share. 600 rows:
 *
 *     t + 1.5 * (np.arange(600) * 7907 % 1009 / 1009 - .5);  svm-train -b 1 -g 0.75 -c 1; svm-predict -b 1     (libsvm-tools 3.24+ds-6)
 */
static void check_probabilities(void)
{
	static const double three[] = { 0.0591279, 0.682925, 0.257947, 0.00695159, 0.117478, 0.875571, 0.0356527, 0.707629, 0.256718, 0.360682, 0.600046, 0.0392724 };
	static const double two[] = { 0.104472, 0.895528, 0.0274884, 0.972512, 0.134953, 0.865047, 0.548141, 0.451859 };

	TEST("probabilities near LIBSVM's");
	for (size_t k = 2; k <= 3; k++) {
		struct fake *fake;
		struct svm *svm;
		double out[QUERIES * 3];

		make_rows(600, k, 1.5);
		fake = fake_new(rows, targets, 600, FEATURES, k);
		svm = fake_fit(fake, &model_svm, "gamma=0.75 probability=yes");
		CHECK(svm && !model_svm.votes(svm));
		svm = again(svm, &fake->problem);
		fake_predict(fake, &model_svm, svm, 600, QUERIES, out);
		for (size_t i = 0; i < QUERIES; i++) {
			double sum = 0;

			for (size_t c = 0; c < k; c++) {
				CHECK_NEAR(out[i * k + c], (k == 2 ? two : three)[i * k + c], 0.03);
				sum += out[i * k + c];
			}
			CHECK_NEAR(sum, 1, 1e-9);
		}
		model_svm.free(svm);
		fake_free(fake);
	}
}

/* ---- odd rows ---- */

static void check_odd(void)
{
	static const double x[] = { 0, 1, 3, 4 }, y[] = { 0, 0, 1, 1 }, rare[] = { 0, 0, 0, 1 }, none[] = { 1, 1, 0, 1 };
	struct fake *fake;
	struct svm *svm;
	double out[12];

	TEST("a class whose rows weigh nothing is never answered");
	fake = fake_new(x, (const double[]){ 0, 1, 2, 0 }, 4, 1, 3);
	fake->weight = none;
	svm = fake_fit(fake, &model_svm, "");
	CHECK(svm != NULL);
	fake_predict(fake, &model_svm, svm, 0, 4, out);
	for (size_t i = 0; i < 4; i++)
		CHECK(out[i * 3 + 2] == 0);
	model_svm.free(svm);
	svm = fake_fit(fake, &model_svm, "probability=yes");
	CHECK(svm != NULL);
	model_svm.free(svm);
	fake_free(fake);
	TEST("a missing value has no answer, and no other row minds");
	fake = fake_new(x, y, 4, 1, 2);
	svm = fake_fit(fake, &model_svm, "");
	{
		struct panel panel = fake_panel(fake, 0, 4);

		fake->panel_x[1] = NAN;
		CHECK(model_svm.predict(svm, &panel, out, &fake->err) == 0 && isnan(out[2]) && isnan(out[3]) && out[0] == 1 && out[5] == 1);
	}
	model_svm.free(svm);
	TEST("weights and C whose product is 0 end, too");
	fake->x = (const double[]){ -10, 0, 3, 4 };
	fake->weight = (const double[]){ 1e-310, 1e20, 1e20, 1e20 };
	svm = fake_fit(fake, &model_svm, "C=1e-20 kernel=linear");
	CHECK(svm && svm->counts[0] == 1 && svm->n_steps < 10);
	model_svm.free(svm);
	fake->x = x;
	fake->weight = NULL;
	TEST("nu that is too large says what would do");
	fake->y = rare;
	fake->quiet = true;
	CHECK(!fake_fit(fake, &model_svm, "nu=0.6") && strstr(fake->err.message, "'c0' and 'c1'") && strstr(fake->err.message, "(below 0.5)"));
	svm = fake_fit(fake, &model_svm, "nu=0.49");
	CHECK(svm != NULL);
	model_svm.free(svm);
	TEST("one class, and kernels that are no floats");
	CHECK(!fake_fit(fake, &model_svm, "kernel=poly degree=100 coef0=1e100") && strstr(fake->err.message, "too large a number"));
	fake->weight = (const double[]){ 1, 1, 1, 0 };
	CHECK(!fake_fit(fake, &model_svm, "") && strstr(fake->err.message, "that weigh are of class 'c0'"));
	fake_free(fake);
}

/* Words that come to the same model are one configuration. */
static void check_settled(void)
{
	static const struct { const char *one, *other; bool same; } words[] = {
		{ "", "C=1 epsilon=0.1", true }, { "kernel=linear", "kernel=linear gamma=3 degree=9 coef0=2", true }, { "gamma=auto", "degree=5 coef0=3 gamma=auto", true },
		{ "kernel=sigmoid", "kernel=sigmoid degree=2", true }, { "probability=yes", "probability=yes folds=5", true }, { "nu=0.2", "nu=0.2 degree=2", true },
		{ "kernel=poly", "kernel=poly degree=2", false }, { "kernel=poly", "kernel=poly coef0=1", false }, { "", "gamma=auto", false }, { "", "C=2", false },
	};
	struct fake *fake = fake_new(rows, targets, ROWS, FEATURES, 2);

	TEST("parameters without a say");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct buffer settled[2] = { BUFFER_INIT, BUFFER_INIT };

		for (size_t k = 0; k < 2; k++) {
			struct general_parameters general = { .class_weight = NULL };

			CHECK(fake_setup(fake, &model_svm, k ? words[i].other : words[i].one) == 0);
			model_svm.settle(fake->config);
			parameters_pack_set(&model_svm, fake->config, &general, &settled[k]);
		}
		CHECK((settled[0].size == settled[1].size && memcmp(settled[0].data, settled[1].data, settled[0].size) == 0) == words[i].same);
		buffer_free(&settled[0]);
		buffer_free(&settled[1]);
	}
	fake_free(fake);
}

static bool stop_at_once(void *state)
{
	atomic_fetch_add((_Atomic size_t *)state, 1);
	return true;
}

static void check_stopped(void)
{
	static const size_t starts[] = { 0, 1000, MOST_ROWS };
	const struct svm_kernel kernel = { SVM_RBF, 5, 0, 0 };
	struct svm_table table = { .starts = starts, .n_classes = 2 };
	_Atomic size_t n_asked = 0;
	struct svm_options options = { .c = 1000, .tol = 1e-9, .max_iter = -1, .threads = 1, .memory = 1 << 20, .stopped = stop_at_once, .state = &n_asked };

	TEST("a solution that is stopped");
	make_rows(MOST_ROWS, 2, 0);
	svm_rows_new(&table.rows, MOST_ROWS, FEATURES);
	for (size_t i = 0; i < MOST_ROWS; i++)
		svm_rows_put(&table.rows, i, &rows[i * FEATURES]);
	for (int whole = 0; whole < 2; whole++) {
		struct svm_machine machine = { .first = 0 };
		struct error err = ERROR_INIT;

		n_asked = 0;
		options.threads = whole + 1;
		options.memory = whole ? 64 << 20 : 1 << 20;
		CHECK(svm_train(&kernel, &table, &options, NULL, &machine, &err) < 0 && err.code == STATUS_INTERRUPT && n_asked > 0);
		free(machine.coefficients);
	}
	svm_rows_free(&table.rows);
}

int main(void)
{
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		check_expected(&expected[i]);
	check_optima();
	check_same();
	check_shared();
	check_sigmoid();
	check_couple();
	check_probabilities();
	check_odd();
	check_settled();
	check_stopped();
	return unit_done();
}
