/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <stdbool.h>

#ifdef CPU_HAS_LANES
static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
		__builtin_cpu_supports("pclmul");
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
		__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

enum cpu_lanes cpu_lanes(void)
{
	if (!has_avx2())
		return CPU_PLAIN;
	if (!has_avx512())
		return CPU_AVX2;
	return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") ? CPU_AVX512_BYTES : CPU_AVX512;
}
#else
enum cpu_lanes cpu_lanes(void) { return CPU_PLAIN; }
#endif
