/* SPDX-License-Identifier: MIT */
#include "sinks.h"

#include <string.h>

#include "sink.h"
#include "text.h"

#define DECLARE(name) extern const struct sink_kind sink_##name;
SINKS(DECLARE)

#define ADDRESS(name) &sink_##name,
static const struct sink_kind *const kinds[] = { SINKS(ADDRESS) };
enum { N_KINDS = sizeof kinds / sizeof *kinds };

const struct sink_kind *const *sink_list(size_t *n)
{
	*n = N_KINDS;
	return kinds;
}

static const char *kind_name(const void *list, size_t i)
{
	return ((const struct sink_kind *const *)list)[i]->name;
}

const struct sink_kind *sink_named(const char *name, struct error *err)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	const char *close = text_closest(name, kind_name, kinds, N_KINDS);
	if (close)
		error_set(err, STATUS_USAGE, "no format '%s' (did you mean '%s'?)", name, close);
	else
		error_set(err, STATUS_USAGE, "no format '%s' (load --help lists them)", name);
	return NULL;
}

/* Whether `word` is one of the blank-parted words. */
static bool has_word(const char *words, const char *word, size_t size)
{
	for (; *words; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");
		if (n == size && memcmp(words, word, n) == 0)
			return true;
		words += n;
	}
	return false;
}

const struct sink_kind *sink_for_path(const char *path, struct error *err)
{
	const char *name = strrchr(path, '/'), *dot = strrchr(name ? name : path, '.');
	if (!dot)
		return &sink_csv;       /* as on standard output: /dev/null */
	for (size_t i = 0; i < N_KINDS; i++)
		if (has_word(kinds[i]->extensions, dot, strlen(dot)))
			return kinds[i];
	error_set(err, STATUS_USAGE, "%s: the ending names no format (say which with -f: load --help lists them)", path);
	return NULL;
}
