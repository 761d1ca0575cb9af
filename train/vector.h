/* SPDX-License-Identifier: MIT */
/*
 * Loops that the compiler turns into vector instructions. A vector here is always
 * 32 bytes and its lanes are summed in one order, and products are not fused with
 * sums (-ffp-contract=off): so a machine without AVX does the same in two halves and
 * comes to the same bits.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include "cpu.h"

typedef double vec4d __attribute__((vector_size(32), aligned(8), may_alias));
typedef double vec8d __attribute__((vector_size(64), aligned(8), may_alias));
typedef float vec8f __attribute__((vector_size(32), aligned(4), may_alias));
typedef float vec16f __attribute__((vector_size(64), aligned(4), may_alias));
typedef int vec8i __attribute__((vector_size(32)));

/* A function marked WIDE is compiled twice and chosen when the program starts. */
#if defined __x86_64__ && defined __gnu_linux__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* For loops that gain from 64 bytes: compiled a third time. In a function marked AVX512 of HAS_AVX512, which asks cpu.h first,
 * vectors may be of that size; lanes that do not meet in a sum come to the same bits. AVX2: the same of 32
 * bytes, where comparisons are to become one instruction: that they are made of vectors is decided before a function is cloned. */
#if defined __x86_64__ && defined __gnu_linux__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#define HAS_AVX512 1
#else
#define WIDEST
#endif

/* Inlined into it, so that it is compiled twice as well. */
#define INLINE inline __attribute__((always_inline))

static INLINE double sum4(const vec4d *v)
{
	return ((*v)[0] + (*v)[2]) + ((*v)[1] + (*v)[3]);
}

#endif
