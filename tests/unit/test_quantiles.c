/* SPDX-License-Identifier: MIT */
/* Reference: numpy 2.4.6, np.quantile(x, p); the commands stand beside the values. */
#include "quantiles.h"

#include "rng.h"
#include "unit.h"

enum { MOST_P = 8 };

/* Shows n values until they are settled; how many passes that took. */
static int settle(struct quantiles *quantiles, const double *x, size_t n, double *results)
{
	int passes = 0;

	do {
		for (size_t i = 0; i < n; i++)
			quantiles_add(quantiles, x[i]);
		passes++;
	} while (!quantiles_finish(quantiles, results) && passes < 10);
	return passes;
}

static int run(const double *x, size_t n, const double *p, size_t n_p, size_t room, double *results)
{
	struct quantiles *quantiles = quantiles_new(p, n_p, room);
	int passes = settle(quantiles, x, n, results);

	quantiles_free(quantiles);
	return passes;
}

/* What `from` packs, unpacked into a new one with this room. */
static struct quantiles *travel(const struct quantiles *from, const double *p, size_t n_p, size_t room)
{
	struct quantiles *to = quantiles_new(p, n_p, room);
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;

	quantiles_pack(from, &bytes);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0 && quantiles_unpack(to, &unpacked.object));
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	return to;
}

enum { PARTS = 3 };

/* As settle, by three that take shares (every third run of 1 + i % 50 values, all at once) and travel before they are merged. */
static int settle_apart(const double *x, size_t n, const double *p, size_t n_p, size_t room, int last, double *results)
{
	struct quantiles *parts[PARTS], *whole = quantiles_new(p, n_p, room);
	int passes = 0;
	bool done = false;

	while (!done && passes < 10) {
		for (int k = 0; k < PARTS; k++)
			parts[k] = travel(whole, p, n_p, room);
		quantiles_free(whole);
		for (size_t i = 0, run = 0; i < n; run++) {
			size_t some = 1 + run % 50 < n - i ? 1 + run % 50 : n - i;

			quantiles_add_all(parts[run % PARTS], x + i, some);
			i += some;
		}
		whole = travel(parts[last], p, n_p, room);
		for (int k = 0; k < PARTS; k++) {
			if (k != last) {
				struct quantiles *other = travel(parts[k], p, n_p, room);

				CHECK(quantiles_merge(whole, other));
				quantiles_free(other);
			}
			quantiles_free(parts[k]);
		}
		done = quantiles_finish(whole, results);
		passes++;
	}
	quantiles_free(whole);
	return passes;
}

static void test_shares(const double *x, size_t n)
{
	const double p[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999, 1 };
	const size_t rooms[] = { 60000, 20000, 5000, 100, 0 };
	double wanted[MOST_P], results[MOST_P];
	struct quantiles *much, *little, *fresh, *other;

	TEST("shares, packed and merged in any order: the same values in the same number of passes");
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		int passes = run(x, n, p, MOST_P, rooms[i], wanted);

		for (int last = 0; last < PARTS; last++) {
			CHECK(settle_apart(x, n, p, MOST_P, rooms[i], last, results) == passes);
			CHECK(memcmp(results, wanted, sizeof wanted) == 0);
		}
	}

	TEST("a receiver keeps no more than its room");
	much = quantiles_new(p, MOST_P, n);
	quantiles_add_all(much, x, n);
	little = travel(much, p, MOST_P, 10);
	CHECK(!quantiles_finish(little, results));
	CHECK(quantiles_finish(much, results) && memcmp(results, wanted, sizeof wanted) == 0);

	TEST("not of the same pass, not of the same p");
	fresh = quantiles_new(p, MOST_P, 10);
	other = quantiles_new(p, 2, 10);
	CHECK(!quantiles_merge(fresh, little) && !quantiles_merge(little, fresh) && !quantiles_merge(fresh, other));
	quantiles_free(other);
	quantiles_free(fresh);
	quantiles_free(little);
	quantiles_free(much);
}

/* What is packed, with each bit turned: refused, or taken for other values. */
static void test_broken(void)
{
	const double p[] = { 0.5 };
	double x[20];
	struct buffer bytes = BUFFER_INIT;
	struct quantiles *from = quantiles_new(p, 1, 4), *to;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	double result;

	TEST("broken bytes end well");
	for (int i = 0; i < 20; i++)
		x[i] = 100 + i / 7.0;
	quantiles_add_all(from, x, 20);
	CHECK(!quantiles_finish(from, &result));
	quantiles_add_all(from, x, 20);
	quantiles_pack(from, &bytes);
	quantiles_free(from);
	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char was = bytes.data[i];

		for (int bit = 0; bit < 8; bit++) {
			bytes.data[i] = (unsigned char)(was ^ 1 << bit);
			to = quantiles_new(p, 1, 4);
			if (pack_read(&unpacked, bytes.data, bytes.size, &err) == 0) {
				if (quantiles_unpack(to, &unpacked.object)) {
					quantiles_add_all(to, x, 20);
					quantiles_finish(to, &result);
				}
				unpacked_free(&unpacked);
			}
			quantiles_free(to);
		}
		bytes.data[i] = was;
	}
	buffer_free(&bytes);
}

/* i = np.arange(100000); few = (i * 7919 % 1501) / 7 - 100; then = np.where(i < 50000, few, (i * 7919 % 100003) / 7); np.quantile of both */
static void test_few(void)
{
	enum { N = 100000 };
	static double x[N];
	static const double p[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999, 1 };
	static const double few[] = { -100.0, -97.85714285714286, -46.42857142857143, 7.142857142857139, 60.71428571428572, 92.85714285714286, 114.14285714285714, 114.28571428571428 };
	static const double then[] = { -100.0, -95.71428571428571, 7.0, 112.71428571428572, 7142.5, 11428.742857142859, 14257.428857142857, 14286.0 };
	const size_t rooms[] = { N, 60000, 40000, 100 };
	double results[MOST_P];

	TEST("many values, few of them different, in the room of few: one pass");
	for (long i = 0; i < N; i++)
		x[i] = (double)(i * 7919 % 1501) / 7.0 - 100;
	for (size_t i = 0; i < 4; i++) {
		CHECK((run(x, N, p, 8, rooms[i], results) == 1) == (rooms[i] > 100));
		CHECK(memcmp(results, few, sizeof few) == 0);
		for (int last = 0; last < PARTS; last++)
			CHECK(settle_apart(x, N, p, 8, rooms[i], last, results) < 10 && memcmp(results, few, sizeof few) == 0);
	}

	TEST("few at first, then many: kept, or counted in bins");
	for (long i = N / 2; i < N; i++)
		x[i] = (double)(i * 7919 % 100003) / 7.0;
	for (size_t i = 0; i < 4; i++) {
		CHECK((run(x, N, p, 8, rooms[i], results) == 1) == (rooms[i] == N));
		CHECK(memcmp(results, then, sizeof then) == 0);
		for (int last = 0; last < PARTS; last++)
			CHECK(settle_apart(x, N, p, 8, rooms[i], last, results) < 10 && memcmp(results, then, sizeof then) == 0);
	}
}

/* x = np.repeat([i * i % 101 - 50.5 for i in range(60)], [i % 7 for i in range(60)]), np.quantile(x, p) */
static void test_times(size_t room)
{
	static const double p[] = { 0, 0.1, 0.25, 0.5, 0.9, 1 }, wanted[] = { -49.5, -34.5, -26.5, 7.5, 45.5, 49.5 };
	struct quantiles *quantiles = quantiles_new(p, 6, room);
	double results[6];
	int passes = 0;

	do
		for (int i = 0; i < 60; i++)
			quantiles_add_times(quantiles, i * i % 101 - 50.5, (uint64_t)(i % 7));
	while (!quantiles_finish(quantiles, results) && ++passes < 20);
	CHECK(memcmp(results, wanted, sizeof wanted) == 0 && (passes == 0) == (room >= 174));
	quantiles_free(quantiles);
}

int main(void)
{
	enum { N = 50000 };
	static double x[N];
	double results[MOST_P], others[MOST_P];
	const double p[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999, 1 };
	const double wanted[] = { -5000.0, -4857.431428571429, -1429.2142857142858, 2143.0, 5714.071428571428, 7857.6, 9271.428857142855, 9285.857142857143 };
	struct rng rng;
	int passes;

	TEST("no values");
	CHECK(run(x, 0, (double[]){ 0.5 }, 1, 10, results) == 1 && isnan(results[0]));

	TEST("between neighbours");     /* np.quantile([1, 2, 4, 8], [.1, 1/3, .5, .9]) */
	run((double[]){ 8, 1, 4, 2 }, 4, (double[]){ 0.1, 1.0 / 3, 0.5, 0.9 }, 4, 10, results);
	CHECK(results[0] == 1.3 && results[1] == 2 && results[2] == 3 && results[3] == 6.800000000000001);

	TEST("as numpy, in one pass and in several");   /* x = [((i*7919) % 100003)/7 - 5000 for i in range(50000)] */
	for (long i = 0; i < N; i++)
		x[i] = (double)(i * 7919 % 100003) / 7.0 - 5000;
	CHECK(run(x, N, p, 8, N, results) == 1 && memcmp(results, wanted, sizeof wanted) == 0);
	passes = run(x, N, p, 8, 5000, results);
	CHECK(passes >= 2 && passes <= 3 && memcmp(results, wanted, sizeof wanted) == 0);
	CHECK(run(x, N, p, 8, 0, results) <= 9 && memcmp(results, wanted, sizeof wanted) == 0);

	TEST("few distinct values need no room");       /* [(i % 3)*1.5 for i in range(10000)], [.2, .3333, .5, .7] */
	for (int i = 0; i < 10000; i++)
		x[i] = i % 3 * 1.5;
	CHECK(run(x, 10000, (double[]){ 0.2, 0.3333, 0.5, 0.7 }, 4, 100, results) == 1);
	CHECK(results[0] == 0 && results[1] == 0 && results[2] == 1.5 && results[3] == 3);

	TEST("the same value many times");
	test_times(174);
	test_times(173);
	test_times(0);

	test_few();

	TEST("any magnitudes and signs");
	rng_seed(&rng, 3);
	for (int i = 0; i < N; i++)
		x[i] = (rng_unit(&rng) - 0.5) * pow(10, (double)rng_below(&rng, 600) - 300);
	run(x, N, p, 8, N, results);
	CHECK(run(x, N, p, 8, 300, others) <= 5 && memcmp(results, others, sizeof results) == 0);
	test_shares(x, N);
	test_broken();
	return unit_done();
}
