/* SPDX-License-Identifier: MIT */
#include "class_weights.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "number.h"
#include "text.h"

static const char FORM[] = "class_weight: none, balanced, or classes and their weights such as yes:5,no:1 (a name with a comma in backquotes)";

static bool is_balanced(const char *text) { return strcmp(text, "balanced") == 0; }

/* "CLASS:W" at *text: its name, which the caller frees, and its weight; *text moves behind it and its comma. NULL: it is none. */
static char *cut_one(const char **text, double *weight)
{
	const char *at = *text, *end, *colon = NULL;
	struct buffer name = BUFFER_INIT;
	char *result = NULL;

	if (*at == '`') {
		for (at++; *at && (*at != '`' || at[1] == '`'); at++) {
			buffer_add_byte(&name, (unsigned char)*at);
			at += *at == '`';
		}
		colon = *at == '`' && at[1] == ':' ? at + 1 : NULL;
		end = at + strcspn(at, ",");
	} else {
		end = at + strcspn(at, ",");
		for (const char *c = at; c < end; c++)
			if (*c == ':')
				colon = c;
		if (colon)
			buffer_add(&name, at, (size_t)(colon - at));
	}
	if (colon && name.size > 0 && number_real_rounded(colon + 1, (size_t)(end - colon - 1), weight) && *weight >= 0 && *weight <= 1e300 &&
	    !(*end && !end[1])) {
		*text = end + (*end == ',');
		result = mem_text(buffer_text(&name));
	}
	buffer_free(&name);
	return result;
}

int class_weights_check(const char *text, struct error *err)
{
	double weight;

	if (is_balanced(text))
		return 0;
	do {
		char *name = cut_one(&text, &weight);

		if (!name)
			return error_set(err, STATUS_USAGE, "%s", FORM);
		free(name);
	} while (*text);
	return 0;
}

static const char *class_name(const void *names, size_t i) { return ((const struct names *)names)->items[i]; }

static int fail_class(const char *name, const struct names *classes, struct error *err)
{
	const char *closest = text_closest(name, class_name, classes, classes->n);

	return closest ? error_set(err, STATUS_USAGE, "class_weight: no class '%s' in the training rows (did you mean '%s'?)", name, closest)
	               : error_set(err, STATUS_USAGE, "class_weight: no class '%s' in the training rows", name);
}

static int read_named(const char *text, const struct names *classes, double *factors, struct error *err)
{
	bool *seen = mem_new(classes->n + 1, sizeof *seen);
	int result = 0;

	while (*text && result == 0) {
		double weight;
		char *name = cut_one(&text, &weight);
		size_t i = name ? names_find(classes, name) : NO_NAME;

		if (!name) {
			result = error_set(err, STATUS_USAGE, "%s", FORM);
		} else if (i == NO_NAME) {
			result = fail_class(name, classes, err);
		} else if (seen[i]) {
			result = error_set(err, STATUS_USAGE, "class_weight: '%s' is given twice", name);
		} else {
			seen[i] = true;
			factors[i] = weight;
		}
		free(name);
	}
	free(seen);
	return result;
}

int class_weights_read(const char *text, const struct names *classes, const uint64_t *rows, double *factors, struct error *err)
{
	uint64_t all = 0;
	double sum = 0;

	for (size_t i = 0; i < classes->n; i++) {
		factors[i] = 1;
		all += rows[i];
	}
	for (size_t i = 0; i < classes->n && is_balanced(text); i++)
		factors[i] = (double)all / ((double)classes->n * (double)rows[i]);
	if (!is_balanced(text) && read_named(text, classes, factors, err) < 0)
		return -1;
	for (size_t i = 0; i < classes->n; i++)
		sum += factors[i];
	return sum > 0 ? 0 : error_set(err, STATUS_USAGE, "class_weight: the weights of all classes are 0");
}
