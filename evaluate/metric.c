/* SPDX-License-Identifier: MIT */
/* The table of metrics. */
#include "metric.h"

#include <string.h>

#include "metric_list.h"
#include "text.h"

#define DECLARE(name) extern const struct metric_kind metric_##name;
METRICS(DECLARE)

#define ENTRY(name) &metric_##name,
static const struct metric_kind *const kinds[] = { METRICS(ENTRY) };
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const struct metric_kind *const *metric_list(size_t *n)
{
	*n = N_KINDS;
	return kinds;
}

static const char *name_at(const void *list, size_t i)
{
	(void)list;
	return kinds[i]->name;
}

const struct metric_kind *metric_find(const char *name, struct error *err)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	const char *close = text_closest(name, name_at, NULL, N_KINDS);

	if (close)
		error_set(err, STATUS_USAGE, "no metric '%s' (did you mean '%s'?)", name, close);
	else
		error_set(err, STATUS_USAGE, "no metric '%s' (--help lists them)", name);
	return NULL;
}

const char *brackets_word(enum brackets brackets)
{
	static const char *const words[N_BRACKETS] = { NULL, "class", "tolerance", "reason" };

	return words[brackets];
}
