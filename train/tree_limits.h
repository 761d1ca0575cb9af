/* SPDX-License-Identifier: MIT */
/*
 * What trees are told of features by name.
 *
 *     monotone   price:-1,area:1     answers may only fall with price, only rise with area
 *     interact   a+b,c+d+e           features on one path from the root are all of one set; those of no set are one of their own
 */
#ifndef TREE_LIMITS_H
#define TREE_LIMITS_H

#include <stdint.h>

#include "error.h"
#include "names.h"

struct tree_limits {
	signed char *monotone;          /* by feature: 1, -1, 0; NULL: none */
	uint64_t *interact;             /* by feature: a bit for each of its sets; NULL: none */
};
/* Whether the texts can be read, whatever features there are. */
int tree_limits_check(const char *monotone, const char *interact, struct error *err) MUST_CHECK;
/* Overwrites the limits, to be released in any case. -1 (STATUS_USAGE): a name is no feature's. */
int tree_limits_read(struct tree_limits *limits, const char *monotone, const char *interact, const struct names *features, struct error *err) MUST_CHECK;
void tree_limits_release(struct tree_limits *limits);   /* fine on a zeroed one, and twice */

#endif
