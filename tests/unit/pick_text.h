/* SPDX-License-Identifier: MIT */
/* One of several texts, drawn. */
#ifndef PICK_TEXT_H
#define PICK_TEXT_H

#include "rng.h"

static inline const char *pick_text(struct rng *rng, const char *const *from, size_t n) { return from[rng_below(rng, n)]; }
#define PICK(rng, ...) pick_text(rng, (const char *const[]){ __VA_ARGS__ }, sizeof (const char *const[]){ __VA_ARGS__ } / sizeof (const char *))

#endif
