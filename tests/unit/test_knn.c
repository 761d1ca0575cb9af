/* SPDX-License-Identifier: MIT */
/*
 * The nearest rows: answers of scikit-learn 1.9.1 (numpy 2.4), and each way to search against all distances. The rows were
 *
 *     def table(first, n, f):
 *         i = np.arange(first, first + n)[:, None]; j = np.arange(f)[None, :]
 *         return ((i * (7919 + j * 1237) + j * 31337) % 10007) / 1009 - 5
 *     X = table(0, 600, f); t = X[:,0]*2 - X[:,1] + abs(X[:,2]) + np.where(X[:,3] > 0, 3, 0); c = np.where(t < -2, 0, np.where(t < 4, 1, 2))
 *
 * and the queries table(3000, 3, f) and row 17, by KNeighborsRegressor or KNeighborsClassifier.predict_proba. scikit-learn has no weights of
 * rows: with w = i % 4 / 2 its kneighbors gave distances and rows among those where w > 0, and what each says was multiplied by w.
 */
#include "fake_training.h"
#include "unit.h"

#include <math.h>

#include "knn.h"
#include "knn_pack.h"
#include "memory.h"

enum { ROWS = 600, QUERIES = 4, MOST_FEATURES = 20 };
extern const struct model_kind model_knn;
static double rows[(ROWS + QUERIES) * MOST_FEATURES], targets[ROWS + QUERIES], classes[ROWS + QUERIES], row_weights[ROWS + QUERIES];

static double value_at(long i, long j) { return (double)((i * (7919 + j * 1237) + j * 31337) % 10007) / 1009 - 5; }

/* The queries stand behind the rows. */
static void make_rows(size_t n)
{
	for (size_t i = 0; i < ROWS + QUERIES; i++) {
		double *row = &rows[i * n], t;

		for (size_t j = 0; j < n; j++)
			row[j] = value_at(i < ROWS ? (long)i : i < ROWS + 3 ? (long)(2400 + i) : 17, (long)j);
		t = row[0] * 2 - row[1] + fabs(row[2]) + (row[3] > 0 ? 3 : 0);
		targets[i] = t;
		classes[i] = t < -2 ? 0 : t < 4 ? 1 : 2;
		row_weights[i] = (double)(i % 4) / 2;
	}
}

static const struct expected {
	size_t n_features;
	bool classes, weighted;
	const char *parameters;
	double answers[QUERIES * 3];
} expected[] = {
	{ 4, false, false, "",
	  { 5.0556987116, 7.22933597621, 3.4289395441, 1.17680872151 } },
	{ 4, false, false, "weights=distance",
	  { 4.86677862014, 7.06771949391, 3.3740042567, 1.29335976214 } },
	{ 4, false, false, "metric=manhattan n_neighbors=3",
	  { 4.64188965973, 7.1189296333, 3.44103072349, 1.22629666336 } },
	{ 4, false, false, "metric=chebyshev weights=distance",
	  { 4.87588165366, 6.90253746769, 3.54848381906, 1.29335976214 } },
	{ 4, false, false, "metric=minkowski p=3 weights=distance",
	  { 4.86857329614, 7.06562860366, 3.37174484135, 1.29335976214 } },
	{ 4, false, false, "metric=minkowski p=1.5",
	  { 5.0556987116, 7.22933597621, 3.4289395441, 1.17680872151 } },
	{ 4, false, false, "metric=cosine weights=distance",
	  { 4.6648079878, 7.03043650832, 3.50618558727, 1.29335976214 } },
	{ 4, true, false, "n_neighbors=11",
	  { 0, 0, 1, 0, 0, 1, 0, 0.727272727273, 0.272727272727, 0, 1, 0 } },
	{ 4, true, false, "n_neighbors=11 weights=distance",
	  { 0, 0, 1, 0, 0, 1, 0, 0.717367672819, 0.282632327181, 0, 1, 0 } },
	{ 4, false, false, "n_neighbors=400",
	  { 3.28299058474, 3.99736868186, 3.20442269574, 2.68625371655 } },
	{ 4, false, true, "weights=distance",
	  { 5.0703967527, 7.3593612828, 3.48596173307, 1.29335976214 } },
	{ 4, true, true, "n_neighbors=11",
	  { 0, 0, 1, 0, 0, 1, 0, 0.695652173913, 0.304347826087, 0, 1, 0 } },
	{ 20, false, false, "",
	  { 3.26442021804, 3.80495540139, 2.78989098117, 2.23825569871 } },
	{ 20, true, false, "n_neighbors=11 weights=distance",
	  { 0.0940030949358, 0.196781043044, 0.70921586202, 0, 0.25529932298, 0.74470067702, 0, 0.679532125363, 0.320467874637, 3.70009265889e-08, 0.999999925974, 3.70251738266e-08 } },
	{ 20, false, false, "metric=manhattan",
	  { 3.79008919722, 8.74529236868, 2.78989098117, 1.08007928642 } },
	{ 20, false, false, "metric=chebyshev weights=distance",
	  { 1.75156538175, 9.71810810973, 3.24277187975, 1.29335976214 } },
	{ 20, true, false, "metric=cosine n_neighbors=11 weights=distance",
	  { 0.0922851828973, 0.250458868852, 0.65725594825, 0, 0.162112839058, 0.837887160942, 0, 0.586389744077, 0.413610255923, 0, 1, 0 } },
	{ 20, false, false, "metric=minkowski p=4 n_neighbors=2",
	  { 3.6828543112, -0.0327056491576, 3.1585728444, 1.76560951437 } },
};

/* Written and read again. */
static void *again(void *model, const struct problem *problem)
{
	struct buffer params = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct unpacked map;
	void *copy;

	model_knn.save(model, &params);
	model_knn.free(model);
	CHECK(pack_read(&map, params.data, params.size, &err) == 0);
	copy = model_knn.load(&map.object, problem, &err);
	CHECK_TEXT(err.message, "");
	unpacked_free(&map);
	buffer_free(&params);
	return copy;
}

static void check_expected(const struct expected *want)
{
	size_t n = want->classes ? 3 : 1;
	double have[QUERIES * 3], copied[QUERIES * 3];
	struct fake *fake;
	void *model;

	make_rows(want->n_features);
	fake = fake_new(rows, want->classes ? classes : targets, ROWS, want->n_features, want->classes ? 3 : 0);
	fake->weight = want->weighted ? row_weights : NULL;
	TEST(want->parameters);
	model = fake_fit(fake, &model_knn, want->parameters);
	CHECK(model != NULL);
	if (model) {
		fake_predict(fake, &model_knn, model, ROWS, QUERIES, have);
		model = again(model, &fake->problem);
		fake_predict(fake, &model_knn, model, ROWS, QUERIES, copied);
		CHECK(memcmp(have, copied, QUERIES * n * sizeof *have) == 0);
		/* Of 20 features scikit-learn takes distances from a product: that of a row to itself is not 0 there. */
		for (size_t i = 0; i < QUERIES * n; i++)
			CHECK_NEAR(have[i], want->answers[i], want->n_features == 20 ? 1e-7 : 1e-9);
		model_knn.free(model);
	}
	fake_free(fake);
}

/* ---- every way to search, against all distances ---- */

struct search { size_t n_rows, n_features, k, n_wrong; const double *rows, *queries; enum knn_metric metric; double p; };

static double plain_distance(const struct search *search, const double *a, const double *b)
{
	double sum = 0, squares[2] = { 0, 0 };

	for (size_t j = 0; j < search->n_features; j++) {
		double off = fabs(a[j] - b[j]);

		if (search->metric == KNN_COSINE)
			sum += a[j] * b[j];
		else if (search->metric == KNN_CHEBYSHEV)
			sum = off > sum ? off : sum;
		else
			sum += search->metric == KNN_EUCLIDEAN ? off * off : search->metric == KNN_MANHATTAN ? off : pow(off, search->p);
		squares[0] += a[j] * a[j];
		squares[1] += b[j] * b[j];
	}
	if (search->metric == KNN_COSINE)
		return fmax(0, 1 - (squares[0] * squares[1] > 0 ? sum / sqrt(squares[0] * squares[1]) : 0));
	return search->metric == KNN_EUCLIDEAN ? sqrt(sum) : search->metric == KNN_MINKOWSKI ? pow(sum, 1 / search->p) : sum;
}

/* The nearest one after the other: each time the smallest distance that is left, at its first row. */
static void compare(void *state, size_t query, const struct neighbour *neighbours)
{
	struct search *search = state;
	double *distances = mem_array(search->n_rows, sizeof *distances);

	for (size_t row = 0; row < search->n_rows; row++)
		distances[row] = plain_distance(search, &search->rows[row * search->n_features], &search->queries[query * search->n_features]);
	for (size_t i = 0; i < search->k; i++) {
		size_t best = 0;

		for (size_t row = 1; row < search->n_rows; row++)
			if (distances[row] < distances[best])
				best = row;
		search->n_wrong += neighbours[i].row != best || fabs(neighbours[i].distance - distances[best]) > 1e-14 * distances[best];
		distances[best] = INFINITY;
	}
	free(distances);
}

/* Numbers from 0 to 2 times `scale`, of which many are equal, beside `offset`. */
static void check_search(enum knn_metric metric, double p, enum knn_algorithm algorithm, size_t n_rows, size_t n_features, size_t k, double scale,
                         double offset)
{
	enum { N = 9 };
	struct search search = { .n_rows = n_rows, .n_features = n_features, .k = k, .metric = metric, .p = p };
	double *values = mem_array((n_rows + N) * n_features, sizeof *values), *kept = mem_array(knn_room(n_rows) * n_features, sizeof *kept), *x;
	struct panel panel = { .n_rows = N, .n_features = n_features, .stride = N };
	struct knn_index *index;

	for (size_t i = 0; i < (n_rows + N) * n_features; i++)
		values[i] = (double)(i * 7919 % 10007 % 3) * scale + offset;
	memcpy(kept, values, n_rows * n_features * sizeof *kept);
	x = mem_array(N * n_features, sizeof *x);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < n_features; j++)
			x[j * N + i] = values[(n_rows + i) * n_features + j];
	panel.x = x;
	search.rows = values;
	search.queries = values + n_rows * n_features;
	index = knn_index_new(metric, p, algorithm, kept, n_rows, n_features, k);
	knn_search(index, &panel, k, compare, &search);
	CHECK(search.n_wrong == 0);
	for (size_t j = 0; j < n_features; j++) {
		double *column = mem_array(n_rows, sizeof *column);

		knn_column(index, j, column);
		for (size_t row = 0; row < n_rows; row++)
			CHECK(column[row] == values[row * n_features + j]);
		free(column);
	}
	knn_index_free(index);
	free(values);
	free(x);
}

static void check_searches(void)
{
	static const struct { enum knn_metric metric; double p; } metrics[] = {
		{ KNN_EUCLIDEAN, 2 }, { KNN_MANHATTAN, 2 }, { KNN_CHEBYSHEV, 2 }, { KNN_MINKOWSKI, 1.5 }, { KNN_MINKOWSKI, 3 }, { KNN_COSINE, 2 },
	};
	static const struct { size_t rows, features, k; } shapes[] = {
		{ 1, 1, 1 }, { 16, 2, 16 }, { 17, 1, 3 }, { 33, 3, 5 }, { 100, 2, 40 }, { 1000, 4, 7 }, { 300, 33, 6 },
	};

	TEST("all distances, many of them equal");
	for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++)
		for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
			for (int algorithm = metrics[m].metric == KNN_COSINE ? KNN_BRUTE : KNN_TREE; algorithm <= KNN_BRUTE; algorithm++)
				check_search(metrics[m].metric, metrics[m].p, (enum knn_algorithm)algorithm, shapes[s].rows, shapes[s].features, shapes[s].k, 1, 0);
	TEST("large, tiny and far from 0: float32 is no judge there");
	check_search(KNN_EUCLIDEAN, 2, KNN_BRUTE, 500, 30, 5, 1e-160, 0);
	check_search(KNN_EUCLIDEAN, 2, KNN_BRUTE, 500, 30, 5, 1e150, 0);
	check_search(KNN_EUCLIDEAN, 2, KNN_BRUTE, 500, 30, 5, 0x1p-20, 1e6);
	check_search(KNN_EUCLIDEAN, 2, KNN_BRUTE, 500, 30, 5, 0, 7);
}

/* ---- columns ---- */

static void check_column(const double *values, size_t n, size_t most)
{
	struct buffer packed = BUFFER_INIT;
	struct error err = ERROR_INIT;
	double *have = mem_array(n, sizeof *have);
	struct unpacked read;

	knn_pack(values, n, &packed);
	CHECK(packed.size <= most);
	CHECK(pack_read(&read, packed.data, packed.size, &err) == 0);
	CHECK(knn_unpack(&read.object, have, n) && memcmp(have, values, n * sizeof *have) == 0);
	CHECK(!knn_unpack(&read.object, have, n - 1 - n / 8));
	unpacked_free(&read);
	buffer_free(&packed);
	free(have);
}

/* Three levels and `code` among them. */
static bool unpacks(unsigned char code, size_t n)
{
	const double levels[] = { 1, 2, 3 };
	unsigned char codes[] = { 0, code, 2 };
	struct buffer packed = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct unpacked read;
	double values[4];
	bool good;

	pack_array(&packed, 2);
	pack_reals(&packed, levels, 3);
	pack_bytes(&packed, codes, sizeof codes);
	CHECK(pack_read(&read, packed.data, packed.size, &err) == 0);
	good = knn_unpack(&read.object, values, n);
	unpacked_free(&read);
	buffer_free(&packed);
	return good;
}

static void check_columns(void)
{
	enum { N = 1000 };
	double values[N];

	TEST("codes of values that there are");
	CHECK(unpacks(1, 3) && !unpacks(3, 3) && !unpacks(255, 3) && !unpacks(1, 2) && !unpacks(1, 4));
	TEST("columns in few bytes, every bit kept");
	for (size_t i = 0; i < N; i++)
		values[i] = i % 3 == 0;
	check_column(values, N, N / 8 + 32);
	for (size_t i = 0; i < N; i++)
		values[i] = i % 2 ? 0.0 : -0.0;
	check_column(values, N, N / 8 + 32);
	for (size_t i = 0; i < N; i++)
		values[i] = (double)(i * 37 % 256) / 7;
	check_column(values, N, N + 256 * 8 + 16);
	for (size_t i = 0; i < N; i++)
		values[i] = (double)i / 8;
	check_column(values, N, N * 4 + 16);
	for (size_t i = 0; i < N; i++)
		values[i] = (double)i / 7;
	check_column(values, N, N * 8 + 16);
}

/* predict sees the rows whose answers nobody takes, too. */
static void check_missing(void)
{
	static const char *const parameters[] = { "", "algorithm=brute", "metric=manhattan algorithm=brute", "metric=cosine" };
	struct fake *fake;

	TEST("a query with a missing value has no answer, and no other minds");
	make_rows(4);
	fake = fake_new(rows, targets, ROWS, 4, 0);
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		void *model = fake_fit(fake, &model_knn, parameters[i]);
		struct panel panel = fake_panel(fake, ROWS, QUERIES);
		double have[2][QUERIES];

		CHECK(model_knn.predict(model, &panel, have[0], &fake->err) == 0);
		fake->panel_x[2 * PANEL_ROWS + 1] = NAN;
		CHECK(model_knn.predict(model, &panel, have[1], &fake->err) == 0);
		CHECK(isnan(have[1][1]) && have[1][0] == have[0][0] && have[1][2] == have[0][2] && have[1][3] == have[0][3]);
		model_knn.free(model);
	}
	fake_free(fake);
}

static void check_refused(void)
{
	struct fake *fake;

	TEST("more neighbours than rows that weigh");
	make_rows(4);
	fake = fake_new(rows, targets, 8, 4, 0);
	fake->quiet = true;
	CHECK(!fake_fit(fake, &model_knn, "n_neighbors=9"));
	CHECK(strstr(fake->err.message, "n_neighbors=9 are more than the training rows, 8"));
	fake->weight = row_weights;
	CHECK(!fake_fit(fake, &model_knn, "n_neighbors=7"));
	CHECK(strstr(fake->err.message, "training rows that weigh, 6 (n_neighbors=6)"));
	TEST("more rows than a model keeps");
	{
		const struct training training = { .problem = &fake->problem, .n_rows = 50000000 };
		struct error err = ERROR_INIT;

		CHECK(!model_knn.begin(model_knn.defaults, &training, NULL, &err));
		CHECK_TEXT(err.message, "model 'knn' keeps the training rows: 50000000 rows of 4 features are 2288 MiB, the limit is 2048 (fewer rows, or --features)");
	}
	fake_free(fake);
}

int main(void)
{
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		check_expected(&expected[i]);
	check_searches();
	check_columns();
	check_missing();
	check_refused();
	return unit_done();
}
