/* SPDX-License-Identifier: MIT */
/*
 * Least squares and ridge against scikit-learn 1.9.1 (numpy 2, OpenBLAS). The values were made by
 *
 *     i = np.arange(2500)
 *     X = np.stack([(i*7%23)/8, 2019+(i*11%41)/16, 1e4*(i*13%31)-5e4, (i%3==0)*1., (i%3==1)*1., (i%3==2)*1.,
 *                   (i*7%23)/8+2*(i*13%31)], 1)
 *     y = 3+2*X[:,0]-0.5*X[:,1]+1e-4*X[:,2]+X[:,4]*2.5+((i*29%101)-50)/16
 *     w = (i%5+1)/2
 *     m = LinearRegression().fit(X, y); print(m.intercept_, m.coef_)
 */
#include "fake_training.h"
#include "unit.h"

#include <cblas.h>
#include <pthread.h>
#include <stdatomic.h>

#include "linear_qr.h"
#include "linear_triangle.h"

#include "memory.h"

enum { N = 2500, P = 7, MAX_P = 24 };
extern const struct model_kind model_linear;
static const struct model_kind *const linear = &model_linear;

static void make(double *x, double *y, double *w)
{
	for (int i = 0; i < N; i++) {
		double *row = &x[i * P];

		row[0] = (i * 7 % 23) / 8.0;
		row[1] = 2019 + (i * 11 % 41) / 16.0;
		row[2] = 1e4 * (i * 13 % 31) - 5e4;
		row[3] = i % 3 == 0;
		row[4] = i % 3 == 1;
		row[5] = i % 3 == 2;
		row[6] = row[0] + 2 * (i * 13 % 31);
		y[i] = 3 + 2 * row[0] - 0.5 * row[1] + 1e-4 * row[2] + row[4] * 2.5 + ((i * 29 % 101) - 50) / 16.0;
		w[i] = (i % 5 + 1) / 2.0;
	}
}

/* The intercept and coefficients of a model, out of its saved form. */
static void parameters(const void *model, double *values)
{
	struct buffer params = BUFFER_INIT;
	struct unpacked map;
	struct error err = ERROR_INIT;

	linear->save(model, &params);
	if (pack_read(&map, params.data, params.size, &err) == 0) {
		object bin = map_get(&map.object, "coefficients");

		object_real(map_get(&map.object, "intercept"), &values[0]);
		CHECK(bin && bin->type == MSGPACK_OBJECT_BIN && object_reals(bin, &values[1], bin->via.bin.size / 8) >= 0);
		unpacked_free(&map);
	}
	buffer_free(&params);
}

static void check_values(struct fake *fake, const char *options, const double *want, double tolerance)
{
	double values[MAX_P + 1] = { 0 };
	void *model = fake_fit(fake, linear, options);

	CHECK(model);
	if (!model)
		return;
	parameters(model, values);
	for (size_t i = 0; i <= fake->n_features; i++)
		CHECK_NEAR(values[i], want[i], tolerance * fabs(want[i]));
	linear->free(model);
}

static void check_least_squares(const double *x, const double *y, const double *w)
{
	static const double plain[] = { -10.809474383761085, 1.0045303888196089, -0.49773657333399829, -0.00010081549232089495,
		-0.82945591855953738, 1.6640679824253604, -0.83461206386582332, 1.0045303686556613 };
	static const double weighted[] = { -11.149540608519828, 0.96087065825636753, -0.49728634928471138, -9.2222541506806245e-05,
		-0.83250525224172267, 1.6662266079967443, -0.83372135575502115, 0.96087063981187704 };
	/* LinearRegression().fit(X[:4], y[:4]) */
	static const double four_rows[] = { -3215.8375274921218, 1.3824855223515284, 1.0862386247286733, -0.00017452417330382389,
		-0.62946449970120755, 1.6666666666786614, -1.0372021669774534, 1.382485487477114 };
	struct fake *fake = fake_new(x, y, N, P, 0);

	TEST("collinear columns give scikit-learn's minimum-norm solution");
	check_values(fake, "", plain, 1e-8);
	CHECK(strstr(fake->remarks, "collinear: x0, x2, x3, x4, x5, x6: ") != NULL);
	CHECK_NEAR(fake->losses[1], 3.3201219317595423, 1e-9);
	TEST("weights");
	fake->weight = w;
	check_values(fake, "", weighted, 1e-8);
	TEST("fewer rows than columns");
	fake->weight = NULL;
	fake->n_rows = 4;
	check_values(fake, "", four_rows, 1e-7);
	fake_free(fake);
}

static void check_full_rank(const double *x, const double *y)
{
	/* LinearRegression().fit(X[:, :5], y) */
	static const double want[] = { -1.5987827645059269, 2.009060757475269, -0.49773657333229093, 0.0001000905814100993,
		0.0051561453062864094, 2.4986800462911831 };
	double *five = malloc(sizeof(double) * N * 5);
	struct fake *fake;

	for (int i = 0; i < N * 5; i++)
		five[i] = x[i / 5 * P + i % 5];
	fake = fake_new(five, y, N, 5, 0);
	TEST("full rank");
	check_values(fake, "", want, 1e-9);
	CHECK_TEXT(fake->remarks, "");
	TEST("a constant column gets 0 and is named");
	for (int i = 0; i < N; i++)
		five[i * 5 + 3] = 0.1;
	{
		double values[6] = { 0 };
		void *model = fake_fit(fake, linear, "");

		parameters(model, values);
		CHECK(values[4] == 0);
		CHECK_TEXT(fake->remarks, "constant: x3: no effect\n");
		linear->free(model);
	}
	fake_free(fake);
	free(five);
}

static void check_ridge(double *x, const double *y, const double *w)
{
	/* X[:,2] /= 1e4; Ridge(alpha=10, solver='svd').fit(X, y); Ridge(alpha=10, solver='cholesky').fit(X, y, w) */
	static const double plain[] = { -14.715527454517883, 1.3340826961875123, -0.49412808029829774, -0.33344875775301414,
		-0.81959573859367296, 1.6443135619131066, -0.82471782331943244, 0.66718518068153232 };
	static const double weighted[] = { -12.894411081561202, 1.2641744525610876, -0.49489367303084891, -0.30576471825839302,
		-0.8258950098426171, 1.6530006384182614, -0.82710562857572967, 0.65264501590392032 };
	struct fake *fake = fake_new(x, y, N, P, 0);

	for (int i = 0; i < N; i++)
		x[i * P + 2] /= 1e4;
	TEST("ridge");
	check_values(fake, "alpha=10", plain, 1e-9);
	TEST("ridge with weights");
	fake->weight = w;
	check_values(fake, "alpha=10", weighted, 1e-9);
	fake_free(fake);
}

/*
 *     i = np.arange(9)[:,None]; j = np.arange(24)[None,:]
 *     X = (((i*37+j*11+i*i*j*7)%101)/8.)*10.**(j%5-2); X[:,7] = 2*X[:,3]-X[:,6]
 *     y = ((np.arange(9)*29%17)-8)/4.; w = (np.arange(9)%3+1)/2
 *     LinearRegression().fit(X, y), .fit(X, y, w), Ridge(alpha=10, solver='svd').fit(X, y)
 *
 * Weights leave the plain solution as it is: all rows are met.
 */
static void check_wide(void)
{
	enum { ROWS = 9, COLUMNS = 24 };
	static const double plain[] = { -4.8015310429655118, -2.1107353179637255e-05, -0.00060500531646545436, 0.012814465958015634,
		0.0035056519933949577, 0.00085024250394880475, 7.7099074597753716e-05, 1.7596374199187403e-05, 0.0069937076125908808,
		-0.017256704847588553, -0.0046162997278189621, 7.825306484191348e-05, 0.00083778641825744081, -0.020474790583013196,
		-0.017877057009554324, 0.0069236027138737197, 0.00013873889150225286, 0.00063016284984760492, -0.0023518952145253555,
		0.017548839491149805, 0.00072008109421577561, 7.886040086290594e-05, -0.002222796510187731, -0.0049199234466854608,
		0.05464908844626503 };
	static const double ridge[] = { -4.6847489254794494, -2.0529292079514356e-05, -0.00059412914390976691, 0.012566143364987598,
		0.0034833661834723444, 0.00078512322262435427, 7.5700308200374005e-05, 1.6125515010949701e-05, 0.0069506068519338722,
		-0.017091373114374975, -0.0045955331588300244, 7.6848293544139537e-05, 0.00082436573043616812, -0.020101773581147394,
		-0.017710971663429696, 0.0068843202788143728, 0.00013610617554340288, 0.00061861833745769442, -0.0023187930341616874,
		0.017229731148651152, 0.00068833478826693282, 7.7458213249758553e-05, -0.0021815783333773062, -0.0048124708077854116,
		0.05358185088026024 };
	double x[ROWS * COLUMNS], y[ROWS], w[ROWS];
	struct fake *fake;

	for (int i = 0; i < ROWS; i++) {
		for (int j = 0; j < COLUMNS; j++)
			x[i * COLUMNS + j] = ((i * 37 + j * 11 + i * i * j * 7) % 101) / 8.0 * pow(10, j % 5 - 2);
		x[i * COLUMNS + 7] = 2 * x[i * COLUMNS + 3] - x[i * COLUMNS + 6];
		y[i] = (i * 29 % 17 - 8) / 4.0;
		w[i] = (i % 3 + 1) / 2.0;
	}
	fake = fake_new(x, y, ROWS, COLUMNS, 0);
	TEST("many more columns than rows, of very different sizes");
	check_values(fake, "", plain, 1e-10);
	CHECK(fake->losses[1] < 1e-24);
	check_values(fake, "alpha=10", ridge, 1e-10);
	fake->weight = w;
	check_values(fake, "", plain, 1e-10);
	TEST("one row");
	fake->n_rows = 1;
	check_values(fake, "", (const double[COLUMNS + 1]){ -2 }, 0);
	check_values(fake, "alpha=10", (const double[COLUMNS + 1]){ -2 }, 0);
	fake_free(fake);
}

static void check_bytes(const double *x, const double *y)
{
	struct fake *fake = fake_new(x, y, N, P, 0);
	struct buffer saved[3] = { BUFFER_INIT, BUFFER_INIT, BUFFER_INIT };
	struct unpacked map;
	struct error err = ERROR_INIT;
	double first[100], again[100], alone;
	void *model = NULL, *loaded;

	TEST("the same bytes for 1, 2 and 3 threads");
	for (int threads = 1; threads <= 3; threads++) {
		if (model)
			linear->free(model);
		fake->options.threads = threads;
		model = fake_fit(fake, linear, "");
		linear->save(model, &saved[threads - 1]);
		CHECK(saved[threads - 1].size == saved[0].size && memcmp(saved[threads - 1].data, saved[0].data, saved[0].size) == 0);
	}
	TEST("saved and loaded, a row predicts the same bits, alone and among others");
	CHECK(pack_read(&map, saved[0].data, saved[0].size, &err) == 0);
	loaded = linear->load(&map.object, &fake->problem, &err);
	CHECK(loaded);
	fake_predict(fake, linear, model, 0, 100, first);
	fake_predict(fake, linear, loaded, 0, 100, again);
	CHECK(memcmp(first, again, sizeof first) == 0);
	for (size_t row = 0; row < 100; row++) {
		fake_predict(fake, linear, loaded, row, 1, &alone);
		CHECK(memcmp(&alone, &first[row], sizeof alone) == 0);
	}
	linear->free(loaded);
	linear->free(model);
	unpacked_free(&map);
	for (int i = 0; i < 3; i++)
		buffer_free(&saved[i]);
	fake_free(fake);
}

/* R'R = A'A for every number of rows and of columns around the block sizes. */
static void check_factor(void)
{
	enum { M = 40, MAX = 27 };      /* beyond a tile, then four columns and two and one */
	double *a = malloc(sizeof(double) * PANEL_ROWS * MAX), *r = malloc(sizeof(double) * PANEL_ROWS * MAX);
	double *plain = malloc(sizeof(double) * PANEL_ROWS * MAX);

	TEST("R'R equals A'A for all small shapes, in vectors of any size to the same bits");
	for (size_t m = 1; m <= M; m++)
		for (size_t n = 1; n <= MAX; n++) {
			for (size_t col = 0; col < n; col++)
				for (size_t row = 0; row < M + 4; row++)
					a[col * PANEL_ROWS + row] = row < m ? (double)((row * 31 + col * 17 + row * col) % 29) / 7 - 2 : 0;
			memcpy(r, a, sizeof(double) * PANEL_ROWS * n);
			memcpy(plain, r, sizeof(double) * PANEL_ROWS * n);
			qr_factor(r, PANEL_ROWS, m, n, cpu_lanes());
			qr_factor(plain, PANEL_ROWS, m, n, CPU_PLAIN);
			CHECK(memcmp(r, plain, sizeof(double) * PANEL_ROWS * n) == 0);
			for (size_t i = 0; i < n; i++)
				for (size_t j = i; j < n; j++) {
					double want = 0, have = 0;

					for (size_t row = 0; row < m; row++)
						want += a[i * PANEL_ROWS + row] * a[j * PANEL_ROWS + row];
					for (size_t row = 0; row <= i && row < m; row++)
						have += r[i * PANEL_ROWS + row] * r[j * PANEL_ROWS + row];
					CHECK_NEAR(have, want, 1e-11);
				}
		}
	free(a);
	free(r);
	free(plain);
}

/* ---- the tree of factors ---- */

enum { MAX_BLOCKS = 16 };

/* Blocks of chosen lengths, taken by several threads in a chosen order. */
struct feed {
	size_t n_features, n_blocks;
	const size_t *rows;             /* of each block */
	const size_t *order;
	bool weighted;
	struct qr *qr;
	atomic_size_t next;             /* place in order */
};
struct hand { struct feed *feed; size_t lane; };

static double number(size_t block, size_t row, size_t col)
{
	uint64_t hash = ((block * PANEL_ROWS + row) * 1009 + col + 1) * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (double)(hash >> 40) / (1 << 23) - 1 + (double)(col % 3);
}

static double weight_of(size_t row) { return (double)(row % 4) / 2; }

static void give(struct feed *feed, size_t lane, size_t block)
{
	size_t n = feed->n_features;
	double *x = mem_aligned((n + 2) * PANEL_ROWS * sizeof *x), *y = x + n * PANEL_ROWS, *weight = y + PANEL_ROWS;
	struct panel panel = { .block = block, .n_rows = feed->rows[block], .n_features = n, .x = x, .y = y, .stride = PANEL_ROWS,
	                       .weight = feed->weighted ? weight : NULL };

	for (size_t row = 0; row < PANEL_ROWS; row++) {
		for (size_t col = 0; col <= n; col++)
			x[col * PANEL_ROWS + row] = row < feed->rows[block] ? number(block, row, col) : NAN;
		weight[row] = weight_of(row);
	}
	qr_add(feed->qr, lane, &panel);
	free(x);
}

static void *take_blocks(void *of)
{
	const struct hand *hand = of;

	for (size_t i; (i = atomic_fetch_add(&hand->feed->next, 1)) < hand->feed->n_blocks;)
		give(hand->feed, hand->lane, hand->feed->order[i]);
	return NULL;
}

static struct qr *run_feed(struct feed *feed, size_t n_lanes)
{
	pthread_t threads[8];
	struct hand hands[8];

	feed->qr = qr_new(feed->n_features, n_lanes);
	feed->next = 0;
	for (size_t lane = 0; lane < n_lanes; lane++) {
		hands[lane] = (struct hand){ feed, lane };
		pthread_create(&threads[lane], NULL, take_blocks, &hands[lane]);
	}
	for (size_t lane = 0; lane < n_lanes; lane++)
		pthread_join(threads[lane], NULL);
	return feed->qr;
}

/* [1 | X | y]'[1 | X | y], column i of row j. */
static double product(const struct feed *feed, size_t i, size_t j)
{
	double sum = 0;

	for (size_t block = 0; block < feed->n_blocks; block++)
		for (size_t row = 0; row < feed->rows[block]; row++)
			sum += (feed->weighted ? weight_of(row) : 1) * (i ? number(block, row, i - 1) : 1) * (j ? number(block, row, j - 1) : 1);
	return sum;
}

static void check_product(const struct feed *feed, const double *r, size_t n_rows)
{
	size_t n = feed->n_features + 2, wrong = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			double want = product(feed, i, j), have = 0;

			for (size_t row = 0; row < n_rows; row++)
				have += r[i * n_rows + row] * r[j * n_rows + row];
			wrong += !(fabs(have - want) <= 1e-10 * sqrt(product(feed, i, i) * product(feed, j, j)));
		}
	for (size_t col = 0; col < n; col++)
		for (size_t row = col + 1; row < n_rows; row++)
			wrong += r[col * n_rows + row] != 0;
	CHECK(wrong == 0);
}

static bool same_factor(struct qr *qr, const double *want, size_t want_rows, size_t n)
{
	size_t n_rows;
	const double *r = qr_finish(qr, &n_rows);

	return n_rows == want_rows && memcmp(r, want, n_rows * n * sizeof *r) == 0;
}

static const size_t orders[3][MAX_BLOCKS] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 }, { 3, 10, 0, 7, 5, 9, 1, 2, 8, 4, 6 },
};

/* Blocks a .. b of the feed, apart; packed, unpacked into another one. */
static struct qr *carry(struct feed *feed, size_t a, size_t b)
{
	struct qr *here = qr_new(feed->n_features, 1), *there = qr_new(feed->n_features, 2);
	struct buffer bytes = BUFFER_INIT;
	struct error err = ERROR_INIT;

	feed->qr = here;
	for (size_t block = a; block < b; block++)
		give(feed, 0, block);
	for (size_t piece = 0; qr_pack(here, piece, &bytes); piece++) {
		struct unpacked map;

		CHECK(pack_read(&map, bytes.data, bytes.size, &err) == 0);
		CHECK(qr_unpack(there, &map.object, &err) == 0);
		if (!qr_incomplete(there))
			CHECK(qr_unpack(there, &map.object, &err) < 0);         /* twice */
		unpacked_free(&map);
		buffer_clear(&bytes);
	}
	CHECK(!qr_incomplete(there));
	buffer_free(&bytes);
	qr_free(here);
	return there;
}

static void check_parts(struct feed *feed, const double *want, size_t want_rows)
{
	static const size_t cuts[] = { 0, 3, 4, 9, 11 }, order[2][4] = { { 0, 1, 2, 3 }, { 2, 0, 3, 1 } };

	for (size_t i = 0; i < 2; i++) {
		struct qr *all = qr_new(feed->n_features, 1);

		for (size_t k = 0; k < 4; k++) {
			struct qr *part = carry(feed, cuts[order[i][k]], cuts[order[i][k] + 1]);

			qr_merge(all, part);
			qr_free(part);
		}
		CHECK(same_factor(all, want, want_rows, feed->n_features + 2));
		qr_free(all);
	}
}

static void check_tree(const char *title, size_t n_features, const size_t *rows, bool weighted)
{
	static const size_t lanes[] = { 1, 2, 5 };
	struct feed feed = { .n_features = n_features, .n_blocks = 11, .rows = rows, .weighted = weighted, .order = orders[0] };
	struct qr *first = run_feed(&feed, 1);
	size_t n_rows, seen = 0;
	const double *r = qr_finish(first, &n_rows);

	TEST(title);
	for (size_t block = 0; block < feed.n_blocks; block++)
		seen += rows[block];
	CHECK(n_rows == (seen < n_features + 2 ? seen : n_features + 2));
	check_product(&feed, r, n_rows);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			struct qr *qr;

			feed.order = orders[k];
			qr = run_feed(&feed, lanes[i]);

			CHECK(same_factor(qr, r, n_rows, n_features + 2));
			qr_free(qr);
		}
	check_parts(&feed, r, n_rows);
	qr_free(first);
}

static void check_trees(void)
{
	static const size_t full[MAX_BLOCKS] = { 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 37 };
	static const size_t odd[MAX_BLOCKS] = { 1024, 0, 1, 1000, 3, 1024, 0, 0, 513, 40, 700 };
	static const size_t few[MAX_BLOCKS] = { 3, 5, 1, 0, 9, 2, 8, 30, 4, 7, 6 };
	struct qr *none = qr_new(3, 2);
	size_t n_rows;

	check_tree("the same bits of R for any lanes, orders and parts", 19, full, false);
	check_tree("short and empty blocks, weights", 19, odd, true);
	check_tree("more columns than a block has rows", 131, few, false);
	check_tree("several tiles and bands", 341, odd, false);
	check_tree("fewer rows than columns", 90, few, true);
	TEST("a factor of no rows");
	CHECK(qr_finish(none, &n_rows) && n_rows == 0);
	qr_free(none);
}

static void check_merge(void)
{
	enum { MOST = 300, COLUMNS = 330 };
	static const size_t heights[] = { 1, 3, 4, 5, 31, 33, 64, 255, 256, 257, MOST }, widths[] = { 2, 5, 32, 35, 70, COLUMNS };
	size_t n_heights = sizeof heights / sizeof *heights, bad = 0;
	double *a = mem_aligned(sizeof(double) * MOST * COLUMNS), *r = mem_array(COLUMNS * COLUMNS, sizeof *r);
	double *scratch = mem_aligned(triangle_scratch(COLUMNS) * sizeof(double));

	TEST("two factors as one: R'R equals A'A + B'B");
	for (size_t i = 0; i < n_heights * n_heights * 6; i++) {
		size_t m[2] = { heights[i / 6 % n_heights], heights[i / 6 / n_heights] }, n = widths[i % 6];
		struct triangle of[2];

		for (size_t side = 0; side < 2; side++) {
			for (size_t col = 0; col < n; col++)
				for (size_t row = 0; row < MOST; row++)
					a[col * MOST + row] = row < m[side] ? number(side, row, col) : 0;
			qr_factor(a, MOST, m[side], n, cpu_lanes());
			of[side] = triangle_new(a, MOST, m[side], n);
		}
		triangle_merge(&of[0], &of[1], scratch);
		CHECK(of[0].rows == (m[0] + m[1] < n ? m[0] + m[1] : n) && !of[1].r);
		triangle_spread(&of[0], r);
		for (size_t col = 0; col < n; col += 1 + n / 9)
			for (size_t other = col; other < n; other += 1 + n / 9) {
				double want = 0, have = 0;

				for (size_t row = 0; row < m[0] || row < m[1]; row++)
					want += (row < m[0] ? number(0, row, col) * number(0, row, other) : 0) +
					        (row < m[1] ? number(1, row, col) * number(1, row, other) : 0);
				for (size_t row = 0; row < of[0].rows; row++)
					have += r[col * of[0].rows + row] * r[other * of[0].rows + row];
				bad += !(fabs(have - want) <= 1e-10);
			}
		free(of[0].r);
	}
	CHECK(bad == 0);
	free(a);
	free(r);
	free(scratch);
}

static void expect_broken(const char *key, int64_t value, bool whole)
{
	static const char *const keys[] = { "columns", "level", "number", "rows", "from" };
	int64_t values[] = { 4, 0, 7, 3, 0 };
	struct buffer bytes = BUFFER_INIT;
	struct qr *qr = qr_new(2, 1);
	struct unpacked map;
	struct error err = ERROR_INIT;

	pack_map(&bytes, 6);
	for (size_t i = 0; i < 5; i++)
		pack_key_int(&bytes, keys[i], strcmp(keys[i], key) == 0 ? value : values[i]);
	pack_text(&bytes, "numbers");
	pack_reals(&bytes, (const double[9]){ 1 }, whole ? 9 : 8);
	CHECK(pack_read(&map, bytes.data, bytes.size, &err) == 0);
	CHECK((qr_unpack(qr, &map.object, &err) < 0) == (strcmp(key, "") != 0 || !whole));
	unpacked_free(&map);
	buffer_free(&bytes);
	qr_free(qr);
}

static void check_broken_parts(void)
{
	TEST("broken parts of a factor are refused");
	expect_broken("", 0, true);
	expect_broken("", 0, false);
	expect_broken("columns", 5, true);
	expect_broken("level", 55, true);
	expect_broken("level", 53, true);
	expect_broken("level", -1, true);
	expect_broken("number", INT64_MAX, true);
	expect_broken("rows", 0, true);
	expect_broken("rows", 4, true);
	expect_broken("rows", 5, true);
	expect_broken("from", 1, true);
}

/* ---- california housing, every level kept ---- */

enum { CA_ROWS = 20640, CA_NUMBERS = 9, CA_LEVELS = 5, CA_FEATURES = 13 };

struct california { double x[CA_ROWS * CA_FEATURES], y[CA_ROWS]; size_t n; };

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* The training rows: numbers as they are, missing bedrooms as their median, a column for each level. */
static bool read_california(struct california *to)
{
	static const char *const levels[CA_LEVELS] = { "<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN" };
	const char *folder = getenv("DATA") ? getenv("DATA") : "../shared/data";
	static bool test[CA_ROWS];
	static double bedrooms[CA_ROWS];
	char path[1000], line[1000];
	size_t n_bedrooms = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/splits/california_test20_seed42.txt", folder);
	file = fopen(path, "r");
	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		test[strtoul(line, NULL, 10)] = true;
	fclose(file);
	snprintf(path, sizeof path, "%s/california_housing/housing.csv", folder);
	file = fopen(path, "r");
	if (!file || !fgets(line, sizeof line, file))
		return false;
	for (size_t row = 0; fgets(line, sizeof line, file); row++) {
		double *x = &to->x[to->n * CA_FEATURES], cells[CA_NUMBERS];
		char *at = line;

		for (size_t i = 0; i < CA_NUMBERS; i++) {
			cells[i] = *at == ',' ? NAN : strtod(at, &at);
			at++;
		}
		if (test[row])
			continue;
		memcpy(x, cells, 8 * sizeof *x);
		if (!isnan(cells[4]))
			bedrooms[n_bedrooms++] = cells[4];
		to->y[to->n++] = cells[8];
		at[strcspn(at, "\r\n")] = '\0';
		for (size_t i = 0; i < CA_LEVELS; i++)
			x[8 + i] = strcmp(at, levels[i]) == 0;
	}
	fclose(file);
	qsort(bedrooms, n_bedrooms, sizeof *bedrooms, by_value);
	for (size_t row = 0; row < to->n; row++)
		if (isnan(to->x[row * CA_FEATURES + 4]))
			to->x[row * CA_FEATURES + 4] = (bedrooms[(n_bedrooms - 1) / 2] + bedrooms[n_bedrooms / 2]) / 2;
	return true;
}

/*
 *     d = pd.read_csv('california_housing/housing.csv')
 *     train = np.setdiff1d(np.arange(len(d)), np.loadtxt('splits/california_test20_seed42.txt', dtype=int))
 *     d['total_bedrooms'] = d['total_bedrooms'].fillna(d['total_bedrooms'][train].median())
 *     X = pd.concat([d.iloc[:, :8], pd.get_dummies(d['ocean_proximity'])], axis=1).astype(float); y = d['median_house_value']
 *     m = LinearRegression().fit(X.iloc[train].values, y[train]); print(m.intercept_, m.coef_, m.predict(X.iloc[train[:5]].values))
 *     Ridge(alpha=100, solver='svd')
 */
static void check_california(void)
{
	static const double plain[] = { -2256620.7988544945, -26838.27337246987, -25468.35204987969, 1102.1850839715237, -6.0215056655298662,
		102.78939539109635, -38.172906426206026, 48.252752786974867, 39473.975175317624, -18926.582861952709, -58713.239023284557,
		117198.48975346511, -24063.225079429387, -15495.442788798477 };
	static const double ridge[] = { -2266681.4334763912, -26653.647554963976, -25358.933110389888, 1113.135564820632,
		-6.0268398353379977, 102.59160868952013, -38.261121876283482, 48.81644622101895, 39457.531085982242, 8889.883572242481,
		-30226.47389046663, 5579.3229544468441, 3832.6067614400954, 11924.660602337213 };
	static const double predictions[] = { 420289.97024989501, 380144.8518015882, 255370.01028110739, 262887.68656235747, 256023.92056251131 };
	static struct california rows;
	struct fake *fake;
	double have[5];
	void *model;

	TEST("california housing: coefficients and predictions are scikit-learn's to 1e-8");
	if (!read_california(&rows)) {
		printf("skipped: no data folder\n");
		return;
	}
	CHECK(rows.n == 16512);
	fake = fake_new(rows.x, rows.y, rows.n, CA_FEATURES, 0);
	check_values(fake, "", plain, 1e-8);
	CHECK_TEXT(fake->remarks, "collinear: x8, x9, x10, x11, x12: the minimum-norm solution is used\n");
	check_values(fake, "alpha=100", ridge, 1e-8);
	model = fake_fit(fake, linear, "");
	fake_predict(fake, linear, model, 0, 5, have);
	for (size_t i = 0; i < 5; i++)
		CHECK_NEAR(have[i], predictions[i], 1e-8 * predictions[i]);
	linear->free(model);
	fake_free(fake);
}

int main(void)
{
	double *x = malloc(sizeof(double) * N * P), *y = malloc(sizeof(double) * N), *w = malloc(sizeof(double) * N);

	openblas_set_num_threads(1);
	make(x, y, w);
	check_factor();
	check_merge();
	check_trees();
	check_broken_parts();
	check_least_squares(x, y, w);
	check_full_rank(x, y);
	check_bytes(x, y);
	check_ridge(x, y, w);
	check_wide();
	check_california();
	free(x);
	free(y);
	free(w);
	return unit_done();
}
