/* SPDX-License-Identifier: MIT */
#include "sources.h"

#include <string.h>

#include "text.h"

static const struct source_kind *const kinds[] = {
#define X(name) &source_##name,
	SOURCES(X)
#undef X
};

size_t source_count(void)
{
	return sizeof kinds / sizeof *kinds;
}

const struct source_kind *source_at(size_t i)
{
	return kinds[i];
}

static const char *kind_name(const void *list, size_t i)
{
	(void)list;
	return kinds[i]->name;
}

static bool ends_with(const char *path, const char *endings)
{
	size_t n = strlen(path);
	while (endings) {
		const char *next = strchr(endings, '|');
		size_t size = next ? (size_t)(next - endings) : strlen(endings);
		if (n > size && memcmp(path + n - size, endings, size) == 0)
			return true;
		endings = next ? next + 1 : NULL;
	}
	return false;
}

static const struct source_kind *by_ending(const char *path)
{
	for (size_t i = 0; i < source_count(); i++)
		if (ends_with(path, kinds[i]->endings))
			return kinds[i];
	return &source_csv;
}

const struct source_kind *source_find(const struct extract_config *config, struct error *err)
{
	const struct text_list *files = &config->common.operands;

	for (size_t i = 0; config->format && i < source_count(); i++)
		if (strcmp(config->format, kinds[i]->name) == 0)
			return kinds[i];
	if (config->format) {
		const char *close = text_closest(config->format, kind_name, NULL, source_count());
		error_set(err, STATUS_USAGE, "-f: no format '%s' (%s%s%s)", config->format, close ? "did you mean '" : "see --help", close ? close : "",
			  close ? "'?" : "");
		return NULL;
	}
	const struct source_kind *kind = files->n ? by_ending(files->items[0]) : &source_csv;
	for (size_t i = 1; i < files->n; i++) {
		const struct source_kind *other = by_ending(files->items[i]);
		if (other != kind) {
			error_set(err, STATUS_USAGE, "%s looks like %s, %s like %s (say which it is: -f)", files->items[0], kind->name,
				  files->items[i], other->name);
			return NULL;
		}
	}
	return kind;
}
