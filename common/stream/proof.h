/* SPDX-License-Identifier: MIT */
/*
 * The hash that proves a stream, over all of its bytes, written and read: it takes the
 * widest vectors that the CPU has where libxxhash brings code for them, which is the same
 * hash in half of the time.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stddef.h>
#include <xxhash.h>

#if defined __x86_64__ && defined __has_include
#if __has_include(<xxh_x86dispatch.h>)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#define PROOF_DISPATCH
#endif
#endif

static inline void proof_add(XXH3_state_t *hash, const void *bytes, size_t size)
{
#ifdef PROOF_DISPATCH
	(void)XXH3_64bits_update_dispatch(hash, bytes, size);
#else
	(void)XXH3_64bits_update(hash, bytes, size);
#endif
}

#endif
