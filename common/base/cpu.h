/* SPDX-License-Identifier: MIT */
/*
 * Which vectors the processor has, asked when the program runs. A loop that is written for
 * wide ones has a plain one beside it; both give the same, and whoever calls them says which, so
 * that a test can have each.
 */
#ifndef CPU_H
#define CPU_H

#if defined __x86_64__ && defined __gnu_linux__
#define CPU_HAS_LANES 1
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl")))
#endif

/* None, AVX2, or what AVX512 above names. Who has wider ones has the others. */
enum cpu_lanes { CPU_PLAIN, CPU_AVX2, CPU_AVX512 };
enum cpu_lanes cpu_lanes(void);        /* the widest that is there */

#endif
