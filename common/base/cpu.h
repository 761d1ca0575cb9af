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
#define CPU_BITS "bmi,bmi2,popcnt,pclmul"
#define CPU_WIDE "avx512f,avx512bw,avx512cd,avx512dq,avx512vl"
#define AVX2 __attribute__((target("avx2," CPU_BITS)))
#define AVX512 __attribute__((target("avx2," CPU_BITS "," CPU_WIDE)))
#define AVX512_BYTES __attribute__((target("avx2," CPU_BITS "," CPU_WIDE ",avx512vbmi,avx512vbmi2")))
#endif

/* None, or what the attributes above name: AVX2 and the instructions for bits that came with it; AVX-512 of 2017; that of 2019, which moves
 * bytes and pairs of them together by a mask. Who has one has those before it. */
enum cpu_lanes { CPU_PLAIN, CPU_AVX2, CPU_AVX512, CPU_AVX512_BYTES };
enum cpu_lanes cpu_lanes(void);        /* the widest that is there */

#endif
