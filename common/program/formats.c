/* SPDX-License-Identifier: MIT */
#include "formats.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buffer.h"
#include "memory.h"

static bool ends_with(const char *path, const char *endings)
{
	size_t n = strlen(path);

	while (endings) {
		const char *next = strchr(endings, '|');
		size_t size = next ? (size_t)(next - endings) : strlen(endings);

		if (n > size && strncasecmp(path + n - size, endings, size) == 0)
			return true;
		endings = next ? next + 1 : NULL;
	}
	return false;
}

const struct format *format_of_path(const struct format *(*at)(size_t i), const char *path)
{
	for (size_t i = 0; at(i); i++)
		if (ends_with(path, at(i)->endings))
			return at(i);
	return NULL;
}

/* ---- configs ---- */

static const struct option_row *row_of(const struct format *format, const char *name)
{
	for (const struct option_row *row = format->options; row && row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

/* The option is none of the format's. */
static void refuse(const struct format *format, const struct format *(*at)(size_t i), const char *name, struct error *err)
{
	struct buffer have = BUFFER_INIT;
	size_t n = 0;

	for (size_t i = 0; at(i); i++)
		if (row_of(at(i), name))
			buffer_format(&have, "%s%s", n++ ? ", " : "", at(i)->name);
	error_set(err, STATUS_USAGE, "--%s has no meaning with the format %s (%s %s it)", name, format->name, buffer_text(&have), n == 1 ? "has" : "have");
	buffer_free(&have);
}

void *format_config(const struct format *format, const struct format *(*at)(size_t i), const struct kept_options *kept, struct error *err)
{
	void *config = mem_new(format->config_size + 1, 1);     /* never NULL */

	if (format->defaults)
		memcpy(config, format->defaults, format->config_size);
	for (size_t i = 0; i < kept->n; i++) {
		const struct option_row *row = row_of(format, kept->items[i].name);

		if (row && !kept->items[i].value) {
			option_take_back(row, config);
			continue;
		}
		if (row && option_set(row, config, kept->items[i].value, err) == 0)
			continue;
		if (!row)
			refuse(format, at, kept->items[i].name, err);
		format_config_free(format, config);
		return NULL;
	}
	return config;
}

void format_config_free(const struct format *format, void *config)
{
	if (!config)
		return;
	options_free_lists(format->options, config);
	free(config);
}
