/* SPDX-License-Identifier: MIT */
#include "sources.h"

#include <string.h>

#include "registry.h"

REGISTRY(source, SOURCES)

const struct format *source_format(size_t i)
{
	return i < N_KINDS ? &kinds[i]->format : NULL;
}

/* Each kind begins with its format. */
static const struct source_kind *kind_of(const struct format *format)
{
	return (const struct source_kind *)format;
}

/* Of what no ending tells: that of --like, else CSV. */
static const struct format *usual_format(const struct extract_config *config)
{
	const char *like = config->alike ? config->alike->style.format : NULL;

	for (size_t i = 0; like && i < N_KINDS; i++)
		if (strcmp(kinds[i]->format.name, like) == 0)
			return &kinds[i]->format;
	return &source_csv.format;
}

static const struct format *by_ending(const struct extract_config *config, const char *path)
{
	const struct format *format = format_of_path(source_format, path);

	return format ? format : usual_format(config);
}

const struct source_kind *source_find(const struct extract_config *config, struct error *err)
{
	const struct text_list *files = &config->common.operands;
	const struct format *format;

	if (config->format)
		return registry_require(&registry, config->format, err, "-f: no format '%s'", config->format);
	format = files->n ? by_ending(config, files->items[0]) : usual_format(config);
	for (size_t i = 1; i < files->n; i++) {
		const struct format *other = by_ending(config, files->items[i]);

		if (other != format) {
			error_set(err, STATUS_USAGE, "%s looks like %s, %s like %s (say which it is: -f)", files->items[0], format->name,
				  files->items[i], other->name);
			return NULL;
		}
	}
	return kind_of(format);
}
