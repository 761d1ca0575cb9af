/* SPDX-License-Identifier: MIT */
#include "alike.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "lists.h"
#include "memory.h"
#include "stream.h"
#include "text.h"

/* As --null takes it: commas and backslashes behind a backslash. */
static void write_nulls(const struct names *words, struct buffer *to)
{
	for (size_t i = 0; i < words->n; i++) {
		if (i)
			buffer_add_byte(to, ',');
		for (const char *from = words->items[i]; *from; from++) {
			if (*from == ',' || *from == '\\')
				buffer_add_byte(to, '\\');
			buffer_add_byte(to, (unsigned char)*from);
		}
	}
}

int alike_open(struct alike *alike, struct extract_config *config, struct error *err)
{
	const struct reader_options options = { .file_head = true, .partial = true, .host = config->common.host };
	const struct names *words = &alike->like.style.nulls;
	struct source source = { .header = NULL };
	int fd, result;

	if (!config->like)
		return 0;
	fd = file_open(config->like, config->common.host, err);
	if (fd < 0)
		return error_prefix(err, "--like");
	result = reader_open(&source, fd, config->like, &options, err);
	if (result == 0)
		result = reader_lineage(&source, &alike->like, err);
	source_close(&source);
	close(fd);
	if (result < 0) {
		if (err->code != STATUS_INTERRUPT)
			err->code = STATUS_FAILED;      /* a file of the user's, not what stands upstream */
		return error_prefix(err, "--like");
	}
	config->alike = &alike->like;
	if (words->n && config->nulls.n == 0 && !config->nulls.none) {
		write_nulls(words, &alike->nulls);
		array_grow(config->nulls.items, config->nulls.n, config->nulls.room);
		config->nulls.items[config->nulls.n++] = buffer_text(&alike->nulls);
	}
	return 0;
}

/* `list`: names parted by '|'; NULL: none. */
static bool is_listed(const char *list, const char *name)
{
	size_t size = strlen(name);

	for (; list; list = strchr(list, '|') ? strchr(list, '|') + 1 : NULL)
		if (strncmp(list, name, size) == 0 && (!list[size] || list[size] == '|'))
			return true;
	return false;
}

static bool is_given(const struct kept_options *kept, const char *name)
{
	for (size_t i = 0; i < kept->n; i++)
		if (strcmp(kept->items[i].name, name) == 0)
			return true;
	return false;
}

/* Whether item i says something, and nothing behind it takes it back. */
static bool stands(const struct kept_options *kept, size_t i)
{
	for (size_t later = i; later < kept->n; later++)
		if (!kept->items[later].value && strcmp(kept->items[later].name, kept->items[i].name) == 0)
			return false;
	return true;
}

/* Of an option that is taken over. */
static void inherit(struct extract_config *config, const char *name, const char *value)
{
	config->inherited.file = config->like;
	if (strcmp(name, "delimiter") == 0)
		config->inherited.delimiter = value;
	else if (strcmp(name, "skip-lines") == 0)
		config->inherited.skip_lines = value;
	else if (strcmp(name, "no-header") == 0)
		config->inherited.no_header = true;
}

void alike_settle(struct alike *alike, struct extract_config *config, const struct source_kind *kind)
{
	const struct kept_options *given = &config->common.kept;
	const struct read_style *like = &alike->like.style;
	struct kept_options *kept = &alike->kept;
	bool tells = kind->alike && !(kind->unlike && is_given(given, kind->unlike));
	struct read_style *style = &alike->style;

	config->inherited.alike = tells && like->format && strcmp(like->format, kind->format.name) == 0;
	config->inherited.lines = is_given(given, "skip-lines");
	config->inherited.header = is_given(given, "no-header");
	config->inherited.trim = is_given(given, "trim");
	config->inherited.names = is_given(given, "names");
	config->inherited.soon = config->like || config->types.n > 0 || is_given(given, "types-rows");
	for (size_t i = 0; config->inherited.alike && i < like->options.n; i++) {
		if (!is_listed(kind->alike, like->options.items[i]) || is_given(given, like->options.items[i]))
			continue;
		array_grow(kept->items, kept->n, kept->room);
		kept->items[kept->n++] = (struct kept_option){ like->options.items[i], like->values.items[i] };
		inherit(config, like->options.items[i], like->values.items[i]);
	}
	for (size_t i = 0; i < given->n; i++) {
		array_grow(kept->items, kept->n, kept->room);
		kept->items[kept->n++] = given->items[i];
	}
	if (!tells)
		return;
	style->format = mem_text(kind->format.name);
	for (size_t i = 0; i < kept->n; i++)
		if (is_listed(kind->alike, kept->items[i].name) && stands(kept, i)) {
			names_add(&style->options, kept->items[i].name);
			names_add(&style->values, kept->items[i].value);
		}
	list_split(&config->nulls, false, &style->nulls);
	config->style = style;
}

void alike_print(const struct read_style *style, struct buffer *to)
{
	struct buffer nulls = BUFFER_INIT;

	buffer_format(to, "-f %s", style->format);
	for (size_t i = 0; i < style->options.n; i++) {
		buffer_format(to, " --%s", style->options.items[i]);
		if (strcmp(style->values.items[i], "yes") == 0)
			continue;
		buffer_add_byte(to, ' ');
		text_shell_word(to, style->values.items[i]);
	}
	write_nulls(&style->nulls, &nulls);
	if (nulls.size) {
		buffer_add_text(to, " --null ");
		text_shell_word(to, buffer_text(&nulls));
	}
	buffer_add_byte(to, '\n');
	buffer_free(&nulls);
}

void alike_release(struct alike *alike)
{
	lineage_release(&alike->like);
	free(alike->kept.items);
	buffer_free(&alike->nulls);
	style_release(&alike->style);
}
