/* SPDX-License-Identifier: MIT */
/* Reference: numpy 2.4.6: x = np.array([((i*7919) % 10007)/16 + 1e6 for i in range(5000)]), x.mean(), x.std(ddof=0 and 1); with far firsts: fractions.Fraction. */
#include "moments.h"

#include "unit.h"

enum { N = 5000, PARTS = 3 };

static bool same(const struct moments *a, const struct moments *b)
{
	return a->n == b->n && a->mean == b->mean && a->m2 == b->m2 && a->min == b->min && a->max == b->max;
}

/* Packs `from` and gives what comes out; `from` is released. */
static void travel(struct moment_sum *from, struct moment_sum *to)
{
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked = { .zone = NULL };
	struct error err = ERROR_INIT;

	moment_sum_pack(from, &bytes);
	moment_sum_release(from);
	moment_sum_init(to);
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0 && moment_sum_unpack(to, &unpacked.object));
	unpacked_free(&unpacked);
	buffer_free(&bytes);
}

/* Rows first[k] .. first[k + 1] - 1 apart, the parts merged as `order` says. */
static struct moments divide(const double *values, const size_t *first, const int *order, bool pack)
{
	struct moment_sum parts[PARTS], whole;
	struct moments moments;

	for (size_t k = 0; k < PARTS; k++) {
		moment_sum_init(&parts[k]);
		for (size_t at = first[k], step = 1; at < first[k + 1]; at += step, step = 3 * step % 700 + 1)
			moment_sum_add_rows(&parts[k], at, values + at, step < first[k + 1] - at ? step : first[k + 1] - at);
	}
	for (int i = 0; pack && i < PARTS; i++) {
		travel(&parts[i], &whole);
		parts[i] = whole;
	}
	moment_sum_merge(&parts[order[0]], &parts[order[1]]);
	moment_sum_merge(&parts[order[2]], &parts[order[0]]);
	moments = moment_sum_finish(&parts[order[2]]);
	for (int i = 0; i < PARTS; i++)
		moment_sum_release(&parts[i]);
	return moments;
}

/* Overwrites the values. */
static void check_far(double *values)
{
	struct moments far;

	TEST("a block whose first value lies far from the others");
	for (int i = 0; i < N; i++)
		values[i] = (i * 7919 % 10007) / 16.0 + (i % BLOCK_ROWS == 0 ? 1e9 : 0);
	far = moments_of_rows(values, N);
	CHECK_NEAR(moments_deviation(&far, 0) / 31606956.83557120105816, 1, 1e-13);

	TEST("values too far apart have no deviation that is a number");
	far = moments_of_rows((const double[]){ 1.7e308, -1.7e308 }, 2);
	CHECK(isinf(far.m2) && far.min == -1.7e308 && far.max == 1.7e308);
}

int main(void)
{
	static double values[N];
	struct moment_sum sum;
	struct moments none, one, all, parts;
	const int orders[][PARTS] = { { 0, 1, 2 }, { 2, 0, 1 }, { 1, 2, 0 }, { 2, 1, 0 } };
	struct moment_sum even, odd;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	static const char *const broken[] = { "\xc0", "\x91\xc0", "\x91\x97\x37\x00\x01\x01\x01\x01\x01", "\x91\x97\x00\x00\x00\x01\x01\x01\x01",
		"\x91\x97\x00\x00\x01\x01\x01\x02\x01", "\x92\x97\x00\x03\x01\x01\x01\x01\x01\x97\x00\x03\x01\x01\x01\x01\x01",    /* one block twice, */
		"\x92\x97\x00\x03\x01\x01\x01\x01\x01\x97\x02\x00\x01\x01\x01\x01\x01" };    /* and within another node */
	const size_t sizes[] = { 1, 2, 9, 9, 9, 17, 17 };

	TEST("nothing");
	moment_sum_init(&sum);
	none = moment_sum_finish(&sum);
	CHECK(none.n == 0 && none.mean == 0 && moments_deviation(&none, 0) == 0 && moments_deviation(&none, 1) == 0);
	moment_sum_release(&sum);

	TEST("one value");
	one = moments_of_rows((const double[]){ 3 }, 1);
	CHECK(one.n == 1 && one.mean == 3 && one.min == 3 && one.max == 3 && moments_deviation(&one, 1) == 0);

	TEST("as numpy, far from zero");
	for (int i = 0; i < N; i++)
		values[i] = (i * 7919 % 10007) / 16.0 + 1e6;
	all = moments_of_rows(values, N);
	CHECK(all.n == N && all.min == 1e6 && all.max == 1000625.375);
	CHECK_NEAR(all.mean, 1000312.888475, 1e-9);
	CHECK_NEAR(moments_deviation(&all, 0), 180.58535822253663, 1e-10);
	CHECK_NEAR(moments_deviation(&all, 1), 180.60341946759078, 1e-10);

	TEST("in any portions, divided between blocks, merged in any order: the same bits");
	for (int i = 0; i < 8; i++) {
		parts = divide(values, (const size_t[]){ 0, 1024, 3072, N }, orders[i % 4], i >= 4);
		CHECK(same(&parts, &all));
		parts = divide(values, (const size_t[]){ 0, 0, 4096, N }, orders[i % 4], i >= 4);
		CHECK(same(&parts, &all));
	}
	TEST("blocks that lie between those of others");
	moment_sum_init(&even);
	moment_sum_init(&odd);
	for (size_t at = 0; at < N; at += BLOCK_ROWS)
		moment_sum_add(at / BLOCK_ROWS % 2 ? &odd : &even, at / BLOCK_ROWS, values + at, N - at < BLOCK_ROWS ? N - at : BLOCK_ROWS);
	moment_sum_merge(&odd, &even);
	parts = moment_sum_finish(&odd);
	CHECK(same(&parts, &all));
	moment_sum_release(&odd);
	moment_sum_release(&even);

	TEST("divided within blocks: the same but for rounding");
	for (int i = 0; i < 8; i++) {
		parts = divide(values, (const size_t[]){ 0, 1500, 1700, N }, orders[i % 4], i >= 4);
		CHECK(parts.n == N && parts.min == all.min && parts.max == all.max);
		CHECK_NEAR(parts.mean / all.mean, 1, 1e-12);
		CHECK_NEAR(parts.m2 / all.m2, 1, 1e-12);
	}

	TEST("a constant has no deviation");
	for (int i = 0; i < N; i++)
		values[i] = 0.1;
	all = moments_of_rows(values, 3000);
	CHECK_NEAR(moments_deviation(&all, 0), 0, 1e-15);

	check_far(values);

	TEST("broken bytes");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		moment_sum_init(&sum);
		CHECK(pack_read(&unpacked, broken[i], sizes[i], &err) == 0 && !moment_sum_unpack(&sum, &unpacked.object));
		unpacked_free(&unpacked);
		moment_sum_release(&sum);
	}
	return unit_done();
}
