/* SPDX-License-Identifier: MIT */
/*
 * Thousands of reals of eight kinds, printed, against one digest of each kind. Reference: Python 3.11.7, FNV-1a of
 *
 *     repr(x) + '\n'
 *     t + '\n', t = '%.*f' % (i % 18, x) if float(t) == x, len(t) < 32 and abs(x) < 1e24, else ''
 *
 * over the finite ones of x = number(kind, i), i = 0 .. 4999, and of
 *
 *     g = 10**k << 700 if k >= 0 else (1 << 1400) // 10**-k; g >>= g.bit_length() - 128; '%016x%016x' % (g >> 64, g & (1 << 64) - 1)
 */
#include <inttypes.h>
#include <stdlib.h>

#include "number.h"
#include "powers_of_ten.h"
#include "unit.h"

enum { N_KINDS = 8, N_NUMBERS = 5000 };

static const struct { uint64_t shortest, fixed; } wanted[N_KINDS] = {
	{ UINT64_C(0xffbec5c76cca26bb), UINT64_C(0x66177f29121db284) },
	{ UINT64_C(0xd396eaaf65c62490), UINT64_C(0x5601f6ce21c5ece5) },
	{ UINT64_C(0x29926458178cffd7), UINT64_C(0xa2dd2f483769b737) },
	{ UINT64_C(0xa6d615aa126d1dc5), UINT64_C(0x4d2f8bf6245ae593) },
	{ UINT64_C(0x88679f262df34450), UINT64_C(0xb601a725cdc1066f) },
	{ UINT64_C(0xaf15dfae8c4dec19), UINT64_C(0xc5229e24dfe899b5) },
	{ UINT64_C(0xb1fd91ddd4d1e89c), UINT64_C(0x62d995afc242a055) },
	{ UINT64_C(0xa57c145e12648528), UINT64_C(0xcbdaeaf500d4d308) },
};
static const uint64_t WANTED_POWERS = UINT64_C(0x31b33edfc70b9a0c);

/* The i-th output of splitmix64. */
static uint64_t mixed(uint64_t i)
{
	uint64_t z = i * UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static double of_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static double number(int kind, uint64_t i)
{
	uint64_t z = mixed(i + 1);

	switch (kind) {
	case 0: return of_bits(z);                                              /* any */
	case 1: return of_bits(z >> 12);                                        /* below the normal range */
	case 2: return (double)(z >> 11) * 0x1p-53;
	case 3: return ((double)(z >> 11) - 0x1p52) / pow(10, (double)(z % 17));
	case 4: return (double)(z % (uint64_t)pow(10, (double)(1 + z % 9))) / pow(10, (double)(z >> 60));       /* few digits */
	case 5: return (double)(z >> z % 64);                                   /* whole */
	case 6: return of_bits((z % 2046 + 1) << 52);                           /* powers of 2 */
	default: return of_bits(((z % 2046 + 1) << 52) - 1);                    /* and what is next below */
	}
}

static uint64_t add(uint64_t digest, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		digest = (digest ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return digest;
}

int main(void)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325), first = digest;

	TEST("reals print as Python's repr and its %f do");
	for (int kind = 0; kind < N_KINDS; kind++) {
		uint64_t shortest = first, fixed = first;

		for (uint64_t i = 0; i < N_NUMBERS; i++) {
			double x = number(kind, i);
			char text[NUMBER_SIZE];

			if (!isfinite(x))
				continue;
			shortest = add(add(shortest, text, number_print_real(text, x)), "\n", 1);
			fixed = add(add(fixed, text, number_print_decimals(text, x, (int)(i % 18))), "\n", 1);
		}
		if (shortest != wanted[kind].shortest || fixed != wanted[kind].fixed)
			printf("numbers of kind %d print differently\n", kind);
		CHECK(shortest == wanted[kind].shortest && fixed == wanted[kind].fixed);
	}

	TEST("powers of ten");
	for (size_t i = 0; i < N_POWERS_OF_TEN; i++) {
		char text[40];

		digest = add(digest, text, (size_t)snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, POWERS_OF_TEN[i].high, POWERS_OF_TEN[i].low));
	}
	CHECK(digest == WANTED_POWERS);
	return unit_done();
}
