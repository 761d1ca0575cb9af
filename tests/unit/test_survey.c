/* SPDX-License-Identifier: MIT */
/*
 * The statistics of a column. Reference for the numbers: numpy 2.4.6,
 *     x = numpy.array([(i * 7919) % 10007 - 5000 + (i % 3) * .5 for i in range(5000)])
 *     x.mean(), x.std(ddof=1), numpy.quantile(x, [.25, .5, .75])
 */
#include "column_stats.h"
#include "unit.h"

static void fill(struct batch *batch, struct pool *pool, const struct schema *schema, size_t first, size_t n)
{
	struct column fresh = COLUMN_INIT;
	double *values = column_new_values(&fresh, pool, TYPE_REAL, n);
	uint64_t *valid = column_new_valid(&fresh, pool, n, false);

	batch_start(batch, pool, schema, n);
	batch->first_row = first;
	for (size_t row = 0; row < n; row++) {
		size_t i = first + row;

		if (i % 11 == 10)       /* every 11th row is missing, so that 5000 values come out of 5500 rows */
			continue;
		i -= i / 11;
		values[row] = (double)((i * 7919) % 10007) - 5000 + (double)(i % 3) * .5;
		valid[row / 64] |= UINT64_C(1) << row % 64;
	}
	batch_put(batch, 0, TYPE_REAL, &fresh);
}

/* levels: values told apart; there are 3681 */
static void test_statistics(size_t room, size_t levels, size_t batch_rows)
{
	struct schema schema = SCHEMA_INIT;
	struct pool *pool = pool_new();
	struct batch batch = BATCH_INIT;
	struct column_stats stats;
	struct error err = ERROR_INIT;
	int passes = 1;

	schema_add(&schema, "x", TYPE_REAL, ROLE_FEATURE);
	stats_start(&stats, &schema.fields[0], 0, &(struct stats_limits){ .room = room, .levels = levels, .level_bytes = SIZE_MAX });
	for (size_t row = 0; row < 5500; row += batch_rows) {
		fill(&batch, pool, &schema, row, row + batch_rows > 5500 ? 5500 - row : batch_rows);
		CHECK(stats_update(&stats, &batch, &err) == 0);
	}
	for (; !stats_finish(&stats); passes++)
		for (size_t row = 0; row < 5500; row += batch_rows) {
			fill(&batch, pool, &schema, row, row + batch_rows > 5500 ? 5500 - row : batch_rows);
			CHECK(stats_again(&stats, &batch, 0, &err) == 0);
		}
	CHECK(stats.count == 5000 && stats.missing == 500 && stats.many == (levels < 3681));
	CHECK((passes > 1) == (room < 5000 && levels < 3681));
	CHECK_NEAR(stats.moments.mean, 6.7155, 1e-9);
	CHECK_NEAR(moments_deviation(&stats.moments, 1), 2889.6544347309386, 1e-9);
	CHECK(stats.quartiles[0] == -2499.0 && stats.quartiles[1] == 6.25 && stats.quartiles[2] == 2507.375);
	stats_release(&stats);
	batch_free(&batch);
	pool_drop(pool);
	schema_release(&schema);
}

int main(void)
{
	TEST("statistics are numpy's, in one pass or more, for any batches");
	test_statistics(10000, 100, 1024);
	test_statistics(100, 100, 1000);
	test_statistics(100, 100, 77);

	TEST("quartiles by the different values, and by these and the rows behind them");
	test_statistics(100, 3681, 1000);
	test_statistics(100, 3680, 1000);
	test_statistics(100, 2500, 5500);
	test_statistics(10000, 2500, 1024);
	test_statistics(100, 1, 300);
	return unit_done();
}
