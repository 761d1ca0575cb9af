/* SPDX-License-Identifier: MIT */
/* The silhouette beside scikit-learn 1.9.1's silhouette_samples. */
#include "memory.h"
#include "silhouette.h"
#include "unit.h"

enum { N = 601, D = 4 };

/* X as in test_kmeans.c, its first 601 rows; labels = i*i//50 % 4. */
static void add_row(struct silhouette *silhouette, size_t i, uint32_t cluster)
{
	const double point[D] = { (double)(i * 7919 % 1009) / 100, (double)(i * i % 757) / 100 + (double)(i % 3) * 4,
	                          (double)(i * 104729 % 499) / 100, i % 7 == 0 };

	silhouette_add(silhouette, point, cluster);
}

static void check_values(void)
{
	static const double want[] = { -0.0241681688172058, -0.017125306968778, -0.021910760048545, -0.0102897076619007, NAN, -0.0198902565135813 };
	struct silhouette silhouette;
	double means[6];
	uint64_t rows[6];

	silhouette_start(&silhouette, D, 1 << 20);
	for (size_t i = 0; i < N; i++)
		add_row(&silhouette, i, (uint32_t)(i * i / 50 % 4));
	silhouette_values(&silhouette, 5, means, rows);
	for (size_t c = 0; c < 6; c++)
		if (c == 4)
			CHECK(isnan(means[c]) && rows[c] == 0);
		else
			CHECK_NEAR(means[c], want[c], 1e-13);
	CHECK(rows[0] + rows[1] + rows[2] + rows[3] == N && rows[5] == N);
	silhouette_release(&silhouette);
	silhouette_release(&silhouette);
}

/* labels = (i*i//50 % 4) % 2, but row 17 alone: its coefficient is 0. */
static void check_alone(void)
{
	struct silhouette silhouette;
	double means[6];
	uint64_t rows[6];

	silhouette_start(&silhouette, D, 1 << 20);
	for (size_t i = 0; i < N; i++)
		add_row(&silhouette, i, i == 17 ? 4 : (uint32_t)(i * i / 50 % 2));
	silhouette_values(&silhouette, 5, means, rows);
	CHECK_NEAR(means[5], -0.192885341453733, 1e-13);
	CHECK(means[4] == 0 && rows[4] == 1 && isnan(means[2]));
	silhouette_release(&silhouette);
}

/* An even sample of numbers 0 .. 99,999: its mean is 50,000 within five of its deviations, 289 each. */
static void check_sample(void)
{
	struct silhouette silhouette;
	double sum = 0;

	silhouette_start(&silhouette, 1, UINT64_MAX);
	for (size_t i = 0; i < 100000; i++)
		silhouette_add(&silhouette, &(double){ (double)i }, 0);
	CHECK(silhouette.n == SILHOUETTE_ROWS && silhouette.n_rows == 100000);
	for (size_t i = 0; i < silhouette.n; i++)
		sum += silhouette.points[i] / (double)silhouette.n;
	CHECK_NEAR(sum, 50000, 5 * 289);
	silhouette_release(&silhouette);
	silhouette_start(&silhouette, 1000, 1 << 20);
	CHECK(silhouette.room == 100);
	silhouette_release(&silhouette);
}

int main(void)
{
	TEST("of each cluster, and of all rows");
	check_values();
	TEST("a row alone in its cluster");
	check_alone();
	TEST("of many rows an even sample");
	check_sample();
	return unit_done();
}
