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

enum { WINDOW = 32 };
_Static_assert((int)STYLE_SLACK >= 2 * (int)WINDOW, "a window is read from each of its places");

struct csv_sink_config {
	const char *delimiter, *null;
	bool no_header;
};

struct csv {
	struct line_sink sink;
	const struct csv_sink_config *config;
	char delimiter;
};

/* Which of the next 32 bytes are quotes, and which are other bytes that want some. */
struct odd_bytes { uint32_t quotes, others; };

#ifdef __SSE2__
static inline __m128i find_16(__m128i bytes, char byte) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)); }

static inline struct odd_bytes find_odd(const char *bytes, char delimiter)
{
	struct odd_bytes odd = { 0, 0 };

	for (int i = 0; i < 2; i++) {
		__m128i here = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
		__m128i others = _mm_or_si128(find_16(here, delimiter), _mm_or_si128(find_16(here, '\n'), find_16(here, '\r')));

		odd.quotes |= (uint32_t)_mm_movemask_epi8(find_16(here, '"')) << 16 * i;
		odd.others |= (uint32_t)_mm_movemask_epi8(others) << 16 * i;
	}
	return odd;
}
#else
static inline struct odd_bytes find_odd(const char *bytes, char delimiter)
{
	struct odd_bytes odd = { 0, 0 };

	for (int i = 0; i < WINDOW; i++) {
		odd.quotes |= (uint32_t)(bytes[i] == '"') << i;
		odd.others |= (uint32_t)(bytes[i] == delimiter || bytes[i] == '\n' || bytes[i] == '\r') << i;
	}
	return odd;
}
#endif

/* As if quotes were needed, a quote twice: a window is copied whole, and from each quote on again, a place farther. Only if they were not the
 * text is taken as it is. */
static void print_text(const void *context, const char *bytes, size_t size, bool first, struct buffer *to)
{
	char delimiter = ((const struct csv *)context)->delimiter;
	bool needed = size == 0 || text_is_blank(bytes[0]) || text_is_blank(bytes[size - 1]);
	unsigned char *out;

	(void)first;
	buffer_reserve(to, 2 * size + 2 + WINDOW);
	out = to->data + to->size;
	*out++ = '"';
	for (size_t i = 0; i < size; i += WINDOW) {
		size_t n = size - i < WINDOW ? size - i : WINDOW;
		uint32_t within = UINT32_MAX >> (WINDOW - n);
		struct odd_bytes odd = find_odd(bytes + i, delimiter);

		odd.quotes &= within;
		needed |= (odd.quotes | (odd.others & within)) != 0;
		memcpy(out, bytes + i, WINDOW);
		for (; odd.quotes; odd.quotes &= odd.quotes - 1) {
			unsigned at = (unsigned)__builtin_ctz(odd.quotes);

			out++;
			memcpy(out + at, bytes + i + at, WINDOW);
		}
		out += n;
	}
	*out++ = '"';
	if (needed)
		to->size = (size_t)(out - to->data);
	else
		buffer_add(to, bytes, size);
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
	struct buffer name = BUFFER_INIT;       /* with slack behind it */

	(void)header;
	if (line_sink_header(&csv->sink, chosen, err) < 0)
		return -1;
	if (csv->config->no_header)
		return 0;
	for (size_t col = 0; col < chosen->n_fields; col++) {
		size_t size = strlen(chosen->fields[col].name);

		buffer_clear(&name);
		buffer_add(&name, chosen->fields[col].name, size);
		buffer_reserve(&name, STYLE_SLACK);
		memset(name.data + size, 0, STYLE_SLACK);
		print_before(csv, NULL, col == 0, &csv->sink.outlet.bytes);
		print_text(csv, (const char *)name.data, size, col == 0, &csv->sink.outlet.bytes);
	}
	buffer_free(&name);
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
