/* SPDX-License-Identifier: MIT */
#include "csv_settle.h"

#include <string.h>

#include "dialect.h"
#include "file_kinds.h"
#include "printed.h"

enum { EARLY_LINES = 8 };       /* of which a look is enough if they are plain */

static struct sought what_is_sought(const struct columns *columns, const struct csv_config *config)
{
	const struct inherited *told = columns->inherited;
	const struct text_config *text = &config->text;
	char group = columns->marks.group;

	return (struct sought){
		.delimiter = !text->delimiter, .quote = !config->quote && !config->lazy_quotes, .escape = !config->escape && !config->lazy_quotes,
		.trim = !text->trim && !told->trim && !config->lazy_quotes, .thousands = !text->thousands,
		.decimal = !text->decimal && (!text->thousands || !group || !strchr(",.", group)),
		.lines = !told->lines && text->skip_lines == 0, .header = !told->header && !text->no_header,
	};
}

static bool is_nothing(const struct sought *sought)
{
	return !sought->delimiter && !sought->quote && !sought->lines && !sought->header && !sought->escape && !sought->trim && !sought->decimal && !sought->thousands;
}

/* Says what was found. */
static void tell(const struct columns *columns, const struct input *input)
{
	struct buffer text = BUFFER_INIT;
	char room[DELIMITER_ROOM];

	for (size_t i = 0; i < columns->found.n; i++) {
		const char *value = columns->found_values.items[i];
		bool flag = strcmp(value, "yes") == 0, byte = !value[1] && (*value < '0' || *value > '9');

		buffer_format(&text, " --%s%s%s", columns->found.items[i], flag ? "" : " ", flag ? "" : byte ? delimiter_print((unsigned char)*value, room) : value);
	}
	if (text.size)
		host_note(input->host, "%s: read with%s, as its first rows tell", input->name, buffer_text(&text));
	buffer_free(&text);
}

static bool has_lines(const struct input *input, size_t size, int n)
{
	const unsigned char *at = input->data + input->mark, *end = at + size;

	for (; at < end && n > 0; at++)
		n -= *at == '\n' || (*at == '\r' && (at + 1 == end || at[1] != '\n'));
	return n == 0;
}

/* So much behind the mark is looked at, and is there, unless the input ends before: a few lines of a wide table are long. */
static int fill(struct input *input, size_t *size, struct error *err)
{
	for (*size = SNIFF_SIZE; ; *size *= 2) {
		while (input->size - input->mark < *size && !input->ended)
			if (input_fill(input, err) < 0)
				return -1;
		if (input->size - input->mark < *size || *size >= SNIFF_MOST || has_lines(input, *size, SNIFF_LINES))
			return 0;
	}
}

/* Looks at what stands behind the mark, most bytes of it. */
static int look(struct columns *columns, const struct input *input, size_t most, const struct sought *sought, struct error *err)
{
	const char *bytes = (const char *)input->data + input->mark;
	size_t size = input->size - input->mark;
	bool whole = size <= most && input->ended;
	struct printed_table printed = { .kind = PRINTED_NOT };
	enum drawn drawn = sought->delimiter && sought->lines ? text_drawn(bytes, size) : DRAWN_NOT;

	if (drawn != DRAWN_NOT)
		return refuse_drawn(input, drawn, err);
	sniff(bytes, size < most ? size : most, whole, sought, &columns->settled);
	if (columns->settled.one_column && sought->lines)
		printed = printed_find(bytes, size < most ? size : most, whole);
	if (printed.kind != PRINTED_NOT)
		return refuse_printed(input, &printed, err);
	return columns->settled.wrapped ? refuse_wrapped(input, err) : 0;
}

/* Whether as few lines as possible tell all, for rows that must not wait: the first, or the first few. */
static int look_soon(struct columns *columns, struct input *input, const struct sought *sought, bool *known, struct error *err)
{
	const char *line;
	size_t size = 1;

	for (int n = 1; !*known && n <= EARLY_LINES && input->at - input->mark < SNIFF_SIZE; n++) {
		const char *lines;

		if (input_line(input, &line, &size, err) < 0)
			return -1;
		if (size == 0)
			break;
		lines = (const char *)input->data + input->mark;
		if (n == 1)
			*known = sniff_is_plain(line, size, sought, &columns->settled);
		else
			*known = !(sought->delimiter && text_drawn(lines, input->at - input->mark) != DRAWN_NOT) &&
				sniff_early(lines, input->at - input->mark, sought, &columns->settled);
	}
	input->at = input->mark;
	return 0;
}

int csv_settle(struct columns *columns, struct input *input, const struct csv_config *config, const struct settled *given, struct error *err)
{
	const struct sought sought = what_is_sought(columns, config);
	bool known = is_nothing(&sought);
	size_t most;

	if (input_start_text(input, config->text.skip_lines, err) < 0)
		return -1;
	columns->settled = *given;
	if (!known && columns->inherited->soon && look_soon(columns, input, &sought, &known, err) < 0)
		return -1;
	if (!known && fill(input, &most, err) < 0)
		return -1;
	columns->looked = true;
	if (!known && look(columns, input, most, &sought, err) < 0)
		return -1;
	sniff_options(given, &columns->settled, &columns->found, &columns->found_values);
	tell(columns, input);
	return input_start(input, err);
}
