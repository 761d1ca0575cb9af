/* SPDX-License-Identifier: MIT */
#include "cpu.h"

enum cpu_lanes cpu_lanes(void)
{
#ifdef CPU_HAS_LANES
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		return CPU_AVX512;
	if (__builtin_cpu_supports("avx2"))
		return CPU_AVX2;
#endif
	return CPU_PLAIN;
}
