/* SPDX-License-Identifier: MIT */
/*
 * What families of trees are told of features: how many bins a number has and, by name,
 *
 *     monotone   price:-1,area:1     answers may only fall with price, only rise with area
 *     interact   a+b,c+d+e           features on one path from the root are all of one set; those of no set are one of their own
 */
#ifndef TREE_LIMITS_H
#define TREE_LIMITS_H

#include <stdint.h>

#include "tree_bins.h"

/* Parameters: a member of the family's config, with the rows below among its options. */
struct limit_texts { const char *monotone, *interact; int64_t max_bins; };
#define LIMITS_DEFAULT { .monotone = "", .interact = "", .max_bins = MAX_BINS }
#define LIMITS_OPTIONS(config, member) \
	{ "monotone", 0, OPTION_TEXT, offsetof(config, member.monotone), "FEATURE:1|-1,...", NULL, 0, 0, "answers only rise, or fall, with these features" }, \
	{ "interact", 0, OPTION_TEXT, offsetof(config, member.interact), "A+B,C+D+E...", NULL, 0, 0, \
	  "features of a path are all of one of these sets, or of none" }, \
	{ "max_bins", 0, OPTION_INT, offsetof(config, member.max_bins), "N", NULL, 3, MAX_BINS, "of a number's values, with the missing ones (default 256)" }

struct tree_limits {
	signed char *monotone;          /* by feature: 1, -1, 0; NULL: none */
	uint64_t *interact;             /* by feature: a bit for each of its sets; NULL: none */
};
/* Whether the texts can be read, whatever features there are; more than two classes can't all rise with one. */
int tree_limits_check(const struct limit_texts *texts, const struct problem *problem, struct error *err) MUST_CHECK;
/* Overwrites the limits, to be released in any case. -1 (STATUS_USAGE): a name is no feature's, or for monotone one's that holds levels. */
int tree_limits_read(struct tree_limits *limits, const struct limit_texts *texts, const struct training *training, struct error *err) MUST_CHECK;
void tree_limits_release(struct tree_limits *limits);   /* fine on a zeroed one, and twice */

#endif
