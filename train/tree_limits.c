/* SPDX-License-Identifier: MIT */
#include "tree_limits.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { MAX_SETS = 63 };

/* The feature called so, or NO_NAME and err, which ends in the hint; features NULL: any name is one. */
static size_t find_feature(const char *option, const char *hint, const char *text, size_t size, const struct names *features, struct error *err)
{
	char *name;
	size_t feature;

	if (size == 0) {
		error_set(err, STATUS_USAGE, "%s: a name is missing in '%s'", option, text);
		return NO_NAME;
	}
	if (!features)
		return 0;
	name = mem_text_n(text, size);
	feature = names_find(features, name);
	if (feature == NO_NAME)
		error_set(err, STATUS_USAGE, "%s: '%s' is none of the features%s", option, name, hint);
	free(name);
	return feature;
}

static int read_monotone(const char *text, const struct names *features, signed char *to, struct error *err)
{
	while (*text) {
		size_t size = strcspn(text, ","), name = size, feature;
		const char *direction;

		while (name > 0 && text[name - 1] != ':')
			name--;
		direction = text + name;
		if (name == 0 || !((size - name == 1 && *direction == '1') || (size - name == 2 && (*direction == '-' || *direction == '+') && direction[1] == '1')))
			return error_set(err, STATUS_USAGE, "monotone: '%s' is no list such as price:-1,area:1", text);
		feature = find_feature("monotone", " that are numbers", text, name - 1, features, err);
		if (feature == NO_NAME)
			return -1;
		if (to && to[feature])
			return error_set(err, STATUS_USAGE, "monotone: '%s' comes twice", features->items[feature]);
		if (to)
			to[feature] = *direction == '-' ? -1 : 1;
		text += size + (text[size] == ',');
	}
	return 0;
}

static int read_interact(const char *text, const struct names *features, uint64_t *to, struct error *err)
{
	unsigned set = 0;

	while (*text) {
		size_t size = strcspn(text, "+,"), feature = find_feature("interact", " (that of a text's levels has _level behind its name)", text, size, features, err);

		if (feature == NO_NAME)
			return -1;
		if (set == MAX_SETS)
			return error_set(err, STATUS_USAGE, "interact: more than %d sets", MAX_SETS);
		if (to)
			to[feature] |= UINT64_C(1) << set;
		text += size;
		set += *text == ',';
		if (*text && *++text == '\0')
			return error_set(err, STATUS_USAGE, "interact: a name is missing after the last + or ,");
	}
	return 0;
}

int tree_limits_check(const struct limit_texts *texts, const struct problem *problem, struct error *err)
{
	if (*texts->monotone && problem->classes.n > 2)
		return error_set(err, STATUS_USAGE, "monotone= is for numbers and two classes, the target has %zu", problem->classes.n);
	if (read_monotone(texts->monotone, NULL, NULL, err) < 0)
		return -1;
	return read_interact(texts->interact, NULL, NULL, err);
}

/* Levels have no order. */
static int refuse_levels(const struct tree_limits *limits, const struct training *training, struct error *err)
{
	const struct names *features = &training->problem->features;

	for (size_t j = 0; j < features->n; j++)
		if (limits->monotone[j] && training->levels_of[j])
			return error_set(err, STATUS_USAGE, "monotone: '%s' holds levels, which have no order (leave it out, or make it a number)", features->items[j]);
	return 0;
}

int tree_limits_read(struct tree_limits *limits, const struct limit_texts *texts, const struct training *training, struct error *err)
{
	const struct names *features = &training->problem->features;

	*limits = (struct tree_limits){ .monotone = NULL };
	if (*texts->monotone) {
		limits->monotone = mem_new(features->n + 1, sizeof *limits->monotone);
		if (read_monotone(texts->monotone, features, limits->monotone, err) < 0 || refuse_levels(limits, training, err) < 0)
			return -1;
	}
	if (*texts->interact) {
		limits->interact = mem_new(features->n + 1, sizeof *limits->interact);
		if (read_interact(texts->interact, features, limits->interact, err) < 0)
			return -1;
		for (size_t j = 0; j < features->n; j++)
			if (!limits->interact[j])
				limits->interact[j] = UINT64_C(1) << MAX_SETS;
	}
	return 0;
}

void tree_limits_release(struct tree_limits *limits)
{
	free(limits->monotone);
	free(limits->interact);
	*limits = (struct tree_limits){ .monotone = NULL };
}
