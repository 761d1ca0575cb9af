/* SPDX-License-Identifier: MIT */
/* Short numbers many at once: whatever vectors there are, they are the same, and what strtod reads. */
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "short_numbers.h"
#include "unit.h"

enum { ROUNDS = 4000, MOST_TEXT = 21 };

/* Bytes of a number, or nearly; its size. */
static size_t random_text(struct rng *rng, char text[MOST_TEXT])
{
	static const char odd[] = ".-+e, x/:\0\xff";
	size_t size = rng_below(rng, rng_below(rng, 2) ? 10 : 19);
	bool clean = rng_below(rng, 8) > 0;

	for (size_t i = 0; i < MOST_TEXT; i++)
		text[i] = clean || i >= size || rng_below(rng, 4) ? (char)('0' + (rng_below(rng, 3) ? rng_below(rng, 10) : 0)) : odd[rng_below(rng, sizeof odd - 1)];
	if (size > 0 && rng_below(rng, 2))
		text[rng_below(rng, size)] = '.';
	if (size > 0 && rng_below(rng, 2)) {
		memmove(text + 1, text, size++);
		text[0] = '-';
	}
	return size;
}

static void put(struct short_numbers *numbers, size_t i, const char *text, size_t size)
{
	numbers->words[i] = numbers->rest[i] = 0;
	for (size_t k = 0; k < 8; k++) {
		numbers->words[i] |= (uint64_t)(unsigned char)text[k] << 8 * k;
		numbers->rest[i] |= (uint64_t)(unsigned char)text[8 + k] << 8 * k;
	}
	numbers->sizes[i] = size;
}

/* What comes out of the text by the rules of the header, with strtod's value. */
static bool right(const struct short_numbers *numbers, size_t i, const char *text, double value, enum cpu_lanes by)
{
	char whole[MOST_TEXT + 1];
	size_t size = numbers->sizes[i], n_digits = 0, point;
	bool plain = size <= (by >= CPU_AVX512 && numbers->has_rest ? SHORT_BYTES : 8), minus = size > 1 && text[0] == '-';
	double expected;

	memcpy(whole, text, size);
	whole[size] = '\0';
	expected = strtod(whole, NULL);
	text += minus;
	size -= minus;
	point = size;
	for (size_t k = 0; k < size; k++) {
		if (text[k] == '.' && point == size)
			point = k;
		else if (text[k] < '0' || text[k] > '9')
			plain = false;
		else
			n_digits++;
	}
	plain = plain && n_digits <= 15 && point > 0 && point + 1 != size && (text[0] != '0' || point == 1);
	if (size == 0)
		return !numbers->odd[i] && numbers->digits[i] == 0;
	if (plain && expected != 0 && -1e-4 < expected && expected < 1e-4)
		plain = false;
	if (plain && expected == 0 && point == size && minus)
		plain = false;
	if (!plain || numbers->odd[i])
		return !plain && numbers->odd[i] && numbers->digits[i] == 0;
	return memcmp(&expected, &value, sizeof value) == 0 && numbers->decimals[i] == (point == size ? 0 : size - point - 1) && n_digits > 0 &&
		numbers->minus[i] == (minus ? MINUS_BIT : 0);
}

static void test_random(enum cpu_lanes by)
{
	static char texts[SHORT_NUMBERS][MOST_TEXT];
	static struct short_numbers numbers;
	static double reals[SHORT_NUMBERS];
	struct rng rng;
	bool fine = true;

	TEST("random texts are what strtod reads, or odd");
	rng_seed(&rng, 1);
	for (int round = 0; round < ROUNDS && fine; round++) {
		size_t n = rng_below(&rng, SHORT_NUMBERS + 1), n_whole = 0, n_missing = 0;
		uint32_t seen = 0, zeros = 0;
		bool odd = false, longer = false;

		numbers.has_rest = round % 2;
		for (size_t i = 0; i < n; i++)
			put(&numbers, i, texts[i], random_text(&rng, texts[i]));
		short_numbers_read(&numbers, n, '.', by);
		short_numbers_reals(&numbers, n, reals, by);
		for (size_t i = 0; i < n && fine; i++) {
			fine = right(&numbers, i, texts[i], reals[i], by);
			if (!fine)
				printf("-- '%.*s'\n", (int)numbers.sizes[i], texts[i]);
			odd |= numbers.odd[i] != 0;
			longer |= numbers.sizes[i] > 8;
			n_missing += numbers.sizes[i] == 0;
			if (numbers.odd[i] || numbers.sizes[i] == 0)
				continue;
			seen |= UINT32_C(1) << numbers.decimals[i];
			n_whole += numbers.decimals[i] == 0;
			if (texts[i][numbers.sizes[i] - 1] == '0')
				zeros |= UINT32_C(1) << numbers.decimals[i];
		}
		fine = fine && numbers.seen == seen && numbers.zeros == zeros && numbers.n_whole == n_whole && numbers.n_missing == n_missing &&
			numbers.any_odd == odd && numbers.any_long == longer;
	}
	CHECK(fine);
}

/* What they are together, by hand. */
static void test_together(enum cpu_lanes by)
{
	static const char *const rows[] = { "12.50", "-7", "", "-1.5", "x", "0.00001", "-0", "3.25", "123456789x" };
	static struct short_numbers numbers;
	double reals[sizeof rows / sizeof *rows];

	numbers.has_rest = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[MOST_TEXT] = "";

		memcpy(text, rows[i], strlen(rows[i]));
		put(&numbers, i, text, strlen(rows[i]));
	}
	short_numbers_read(&numbers, sizeof rows / sizeof *rows, '.', by);
	short_numbers_reals(&numbers, sizeof rows / sizeof *rows, reals, by);
	TEST("which decimals there are, which of them end in 0, and how many are whole");
	CHECK(numbers.seen == (1 << 0 | 1 << 1 | 1 << 2) && numbers.zeros == 1 << 2 && numbers.n_whole == 1 && numbers.n_missing == 1 && numbers.any_odd && numbers.any_long);
	CHECK(reals[0] == 12.5 && reals[1] == -7 && reals[3] == -1.5 && reals[7] == 3.25);
	TEST("odd are no numbers, those below 1e-4, a whole -0, and long ones");
	CHECK(numbers.odd[4] && numbers.odd[5] && numbers.odd[6] && numbers.odd[8] && !numbers.odd[0] && !numbers.odd[2]);
	TEST("another decimal mark");
	put(&numbers, 0, "12,50               ", 5);
	short_numbers_read(&numbers, 1, ',', by);
	CHECK(numbers.digits[0] == 1250 && numbers.decimals[0] == 2 && !numbers.any_odd);
}

int main(void)
{
	for (int by = CPU_PLAIN; by <= (int)cpu_lanes(); by++) {
		test_random((enum cpu_lanes)by);
		test_together((enum cpu_lanes)by);
	}
	return unit_done();
}
