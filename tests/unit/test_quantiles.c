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

int main(void)
{
	enum { N = 50000 };
	static double x[N];
	double results[MOST_P], others[MOST_P];

	TEST("no values");
	CHECK(run(x, 0, (double[]){ 0.5 }, 1, 10, results) == 1 && isnan(results[0]));

	TEST("between neighbours");     /* np.quantile([1, 2, 4, 8], [.1, 1/3, .5, .9]) */
	run((double[]){ 8, 1, 4, 2 }, 4, (double[]){ 0.1, 1.0 / 3, 0.5, 0.9 }, 4, 10, results);
	CHECK(results[0] == 1.3 && results[1] == 2 && results[2] == 3 && results[3] == 6.800000000000001);

	TEST("as numpy, in one pass and in several");   /* x = [((i*7919) % 100003)/7 - 5000 for i in range(50000)] */
	const double p[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999, 1 };
	const double wanted[] = { -5000.0, -4857.431428571429, -1429.2142857142858, 2143.0, 5714.071428571428, 7857.6, 9271.428857142855, 9285.857142857143 };
	for (long i = 0; i < N; i++)
		x[i] = (double)(i * 7919 % 100003) / 7.0 - 5000;
	CHECK(run(x, N, p, 8, N, results) == 1 && memcmp(results, wanted, sizeof wanted) == 0);
	int passes = run(x, N, p, 8, 5000, results);
	CHECK(passes >= 2 && passes <= 3 && memcmp(results, wanted, sizeof wanted) == 0);
	CHECK(run(x, N, p, 8, 0, results) <= 5 && memcmp(results, wanted, sizeof wanted) == 0);

	TEST("few distinct values need no room");       /* [(i % 3)*1.5 for i in range(10000)], [.2, .3333, .5, .7] */
	for (int i = 0; i < 10000; i++)
		x[i] = i % 3 * 1.5;
	CHECK(run(x, 10000, (double[]){ 0.2, 0.3333, 0.5, 0.7 }, 4, 100, results) == 1);
	CHECK(results[0] == 0 && results[1] == 0 && results[2] == 1.5 && results[3] == 3);

	TEST("any magnitudes and signs");
	struct rng rng;
	rng_seed(&rng, 3);
	for (int i = 0; i < N; i++)
		x[i] = (rng_unit(&rng) - 0.5) * pow(10, (double)rng_below(&rng, 600) - 300);
	run(x, N, p, 8, N, results);
	CHECK(run(x, N, p, 8, 300, others) <= 5 && memcmp(results, others, sizeof results) == 0);
	return unit_done();
}
