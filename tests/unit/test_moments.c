/* SPDX-License-Identifier: MIT */
/* Reference: numpy 2.4.6: x = np.array([((i*7919) % 10007)/16 + 1e6 for i in range(5000)]), x.mean(), x.std(ddof=0 and 1). */
#include "moments.h"

#include "unit.h"

int main(void)
{
	struct moments moments = { .n = 0 };

	TEST("nothing");
	moments_close(&moments);
	CHECK(moments.n == 0 && moments_deviation(&moments, 0) == 0 && moments_deviation(&moments, 1) == 0);

	TEST("one value");
	moments_add(&moments, 3);
	moments_close(&moments);
	CHECK(moments.n == 1 && moments.mean == 3 && moments.min == 3 && moments.max == 3 && moments_deviation(&moments, 1) == 0);

	TEST("as numpy, far from zero");
	moments = (struct moments){ .n = 0 };
	for (int i = 0; i < 5000; i++)
		moments_add(&moments, (i * 7919 % 10007) / 16.0 + 1e6);
	moments_close(&moments);
	CHECK(moments.n == 5000 && moments.min == 1e6 && moments.max == 1000625.375);
	CHECK_NEAR(moments.mean, 1000312.888475, 1e-9);
	CHECK_NEAR(moments_deviation(&moments, 0), 180.58535822253663, 1e-10);
	CHECK_NEAR(moments_deviation(&moments, 1), 180.60341946759078, 1e-10);

	TEST("many at once, in any portions, give the same bits");
	double values[5000];
	struct moments all = { .n = 0 };
	for (int i = 0; i < 5000; i++)
		values[i] = (i * 7919 % 10007) / 16.0 + 1e6;
	for (size_t at = 0, step = 1; at < 5000; at += step, step = 3 * step % 1500 + 1)
		moments_add_all(&all, values + at, step < 5000 - at ? step : 5000 - at);
	moments_close(&all);
	CHECK(all.n == moments.n && all.mean == moments.mean && all.m2 == moments.m2 && all.min == moments.min && all.max == moments.max);

	TEST("a constant has no deviation");
	moments = (struct moments){ .n = 0 };
	for (int i = 0; i < 3000; i++)
		moments_add(&moments, 0.1);
	moments_close(&moments);
	CHECK_NEAR(moments_deviation(&moments, 0), 0, 1e-15);
	return unit_done();
}
