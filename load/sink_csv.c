/* SPDX-License-Identifier: MIT */
/*
 * CSV as RFC 4180 has it, but with LF. A null is nothing between two delimiters,
 * the empty text is `""`. Quotes stand only where a reader would need them: around
 * the delimiter, quotes, line ends, blanks at an end, the empty text. A text that
 * is what --null says is an error.
 */
#include <string.h>

#include "line_sink.h"
#include "lists.h"
#include "text.h"
#include "text_run.h"

struct csv_sink_config {
	const char *delimiter, *null;
	bool no_header;
};

struct csv {
	struct line_sink sink;
	const struct csv_sink_config *config;
	char delimiter;
};

static bool needs_quotes(const struct csv *csv, const char *bytes, size_t size)
{
	if (size == 0 || text_is_blank(bytes[0]) || text_is_blank(bytes[size - 1]))
		return true;
	for (size_t i = text_run(bytes, size, csv->delimiter, '"'); i < size; i++)
		if (bytes[i] == csv->delimiter || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
			return true;
	return false;
}

/* Copies bytes up to the first quote, which it doubles, sixteen or `left`: how many. Sixteen may be read, and are written. */
static inline size_t put_doubled(unsigned char **out, const char *bytes, size_t left)
{
	size_t n = 0;

#ifdef __SSE2__
	__m128i word = _mm_loadu_si128((const __m128i *)(const void *)bytes);
	unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(word, _mm_set1_epi8('"')));

	_mm_storeu_si128((__m128i *)(void *)*out, word);
	n = quotes ? (size_t)__builtin_ctz(quotes) + 1 : 16;
#else
	memcpy(*out, bytes, 16);
	while (n < 16 && bytes[n++] != '"')
		;
#endif
	n = n < left ? n : left;
	*out += n;
	if (bytes[n - 1] == '"')
		*(*out)++ = '"';
	return n;
}

/* Within quotes a quote stands twice. The last bytes are copied out of a place with room behind it. */
static void print_text(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	char last[32] = "";
	unsigned char *out;
	size_t i = 0;

	(void)first;
	if (!needs_quotes(context, bytes, size)) {
		buffer_add(to, bytes, size);
		return;
	}
	buffer_reserve(to, 2 * size + 2 + 16);
	out = to->data + to->size;
	*out++ = '"';
	while (size - i >= 16)
		i += put_doubled(&out, bytes + i, 16);
	if (size >= 16)
		memcpy(last, bytes + size - 16, 16);
	else
		memcpy(last + 16 - size, bytes, size);
	while (i < size)
		i += put_doubled(&out, last + 16 - (size - i), size - i);
	*out++ = '"';
	to->size = (size_t)(out - to->data);
}

static void print_before(const void *context, const struct field *field, bool first, struct buffer *to)
{
	const struct csv *csv = context;

	(void)field;
	if (!first)
		buffer_add_byte(to, (unsigned char)csv->delimiter);
}

static void *csv_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	const struct csv_sink_config *own = config;
	unsigned char delimiter = ',';
	struct csv *csv;

	if (own->delimiter && delimiter_read(own->delimiter, &delimiter, err) < 0)
		return NULL;
	/* A cell that is no text is never quoted: nothing in it may look like a delimiter. */
	if (strchr("0123456789.+-eatrufls", delimiter)) {
		error_set(err, STATUS_USAGE, "--delimiter: '%c' stands in numbers and in true and false", delimiter);
		return NULL;
	}
	if (null_check(own->null, (char)delimiter, err) < 0)
		return NULL;
	csv = line_sink_new(sizeof *csv, target, host, err);
	if (!csv)
		return NULL;
	csv->config = own;
	csv->delimiter = (char)delimiter;
	csv->sink.null = own->null;
	csv->sink.style = (struct line_style){
		.open = "", .close = "\n", .delimiter = (char)delimiter, .null = own->null ? own->null : "", .context = csv, .before = print_before, .text = print_text,
		.odd = { csv->delimiter, '"' }, .edge = ' ',
	};
	return csv;
}

static int csv_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct csv *csv = sink;

	(void)header;
	if (line_sink_header(&csv->sink, chosen, err) < 0)
		return -1;
	if (csv->config->no_header)
		return 0;
	for (size_t col = 0; col < chosen->n_fields; col++) {
		const char *name = chosen->fields[col].name;

		print_before(csv, NULL, col == 0, &csv->sink.outlet.bytes);
		print_text(csv, name, strlen(name), col == 0, &csv->sink.outlet.bytes);
	}
	buffer_add_byte(&csv->sink.outlet.bytes, '\n');
	return outlet_flush(&csv->sink.outlet, err);
}

static const struct option_row options[] = {
	{ "delimiter", 0, OPTION_TEXT, offsetof(struct csv_sink_config, delimiter), "BYTE", NULL, 0, 0,
	  "what parts cells, one byte or comma, tab, semicolon, pipe, space (default comma)" },
	OPTION_NULL(struct csv_sink_config), OPTION_NO_HEADER(struct csv_sink_config),
	OPTION_END
};

const struct sink_kind sink_csv = {
	.format = {
		.name = "csv",
		.summary = "a line of names, a line a row; quotes where they are needed; null is nothing, the empty text is \"\"",
		.endings = ".csv",
		.options = options, .config_size = sizeof(struct csv_sink_config),
	},
	.open = csv_open, .header = csv_header, LINE_SINK_PRINTS, .commit = line_sink_commit, .close = line_sink_close,
};
