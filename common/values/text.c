/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 is decoded in one place (decode); runs of ASCII are skipped eight bytes
 * at a time before it is asked. Widths follow Unicode's East Asian Width "W" and
 * "F" and the combining and format characters, in ranges of whole blocks.
 */
#include "text.h"

#include <stdint.h>
#include <string.h>

#include "buffer.h"

static bool is_tail(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The code point at `bytes` (size > 0) and how many bytes it takes; 0: broken UTF-8. */
static size_t decode(const char *bytes, size_t size, uint32_t *point)
{
	unsigned char lead = (unsigned char)bytes[0];
	static const uint32_t SMALLEST[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;
	uint32_t value;

	if (lead < 0x80) {
		*point = lead;
		return 1;
	}
	n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (lead < 0xc2 || lead > 0xf4 || size < n)
		return 0;
	value = lead & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!is_tail(bytes[i]))
			return 0;
		value = value << 6 | ((unsigned char)bytes[i] & 0x3f);
	}
	if (value < SMALLEST[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*point = value;
	return n;
}

/* How many whole words of 8 bytes at the start are ASCII, in bytes. */
static size_t ascii_run(const char *bytes, size_t size)
{
	size_t i = 0;

	for (; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		if (word & 0x8080808080808080u)
			break;
	}
	return i;
}

bool text_is_ascii(const char *bytes, size_t size)
{
	uint64_t high = 0, word;
	size_t i = 0;

	for (; i + sizeof word <= size; i += sizeof word) {
		memcpy(&word, bytes + i, sizeof word);
		high |= word;
	}
	for (; i < size; i++)
		high |= (uint64_t)(unsigned char)bytes[i] << 56 | (unsigned char)bytes[i];
	return !(high & UINT64_C(0x8080808080808080));
}

bool text_is_utf8(const char *bytes, size_t size)
{
	size_t i = 0;

	while (i < size) {
		i += ascii_run(bytes + i, size - i);
		while (i < size && (unsigned char)bytes[i] < 0x80)
			i++;
		while (i < size && (unsigned char)bytes[i] >= 0x80) {
			uint32_t point;
			size_t n = decode(bytes + i, size - i, &point);

			if (n == 0)
				return false;
			i += n;
		}
	}
	return true;
}

/* Of a sequence that is no character: how many bytes begin one; 0: all that are there. */
static size_t broken_run(const char *bytes, size_t size)
{
	unsigned char first = (unsigned char)bytes[0], least, most;
	size_t length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4, n = 1;

	if (length == 1)
		return 1;
	least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	for (; n < size; n++, least = 0x80, most = 0xbf)
		if ((unsigned char)bytes[n] < least || (unsigned char)bytes[n] > most)
			return n;
	return 0;
}

size_t text_utf8_until(const char *bytes, size_t size, size_t *n_broken)
{
	size_t i = 0;

	*n_broken = 0;
	while (i < size) {
		uint32_t point;
		size_t n;

		i += ascii_run(bytes + i, size - i);
		if (i == size)
			break;
		n = decode(bytes + i, size - i, &point);
		if (n == 0) {
			*n_broken = broken_run(bytes + i, size - i);
			break;
		}
		i += n;
	}
	return i;
}

size_t text_count(const char *bytes, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += !is_tail(bytes[i]);
	return n;
}

struct points { uint32_t first, last; };

static bool within(uint32_t point, const struct points *ranges, size_t n)
{
	for (size_t i = 0; i < n && point >= ranges[i].first; i++)
		if (point <= ranges[i].last)
			return true;
	return false;
}

static size_t point_columns(uint32_t point)
{
	static const struct points NONE[] = {
		{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f }, { 0x6d6, 0x6dc },
		{ 0x900, 0x902 }, { 0x93c, 0x93c }, { 0x941, 0x948 }, { 0x94d, 0x94d }, { 0xe31, 0xe31 }, { 0xe34, 0xe3a },
		{ 0xe47, 0xe4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
		{ 0x2060, 0x2064 }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
		{ 0xe0100, 0xe01ef },
	};
	static const struct points WIDE[] = {
		{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x23e9, 0x23ec }, { 0x26aa, 0x26ab }, { 0x26bd, 0x26be },
		{ 0x2705, 0x2705 }, { 0x274c, 0x274c }, { 0x2753, 0x2755 }, { 0x2795, 0x2797 }, { 0x2b50, 0x2b50 },
		{ 0x2e80, 0x303e }, { 0x3041, 0x4dbf }, { 0x4e00, 0xa4cf }, { 0xa960, 0xa97c }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f1e6, 0x1f1ff },
		{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
	};

	if (point < 0x300)
		return 1;
	return within(point, NONE, sizeof NONE / sizeof *NONE) ? 0 : 1 + within(point, WIDE, sizeof WIDE / sizeof *WIDE);
}

size_t text_columns(const char *bytes, size_t size)
{
	size_t columns = ascii_run(bytes, size);        /* a place each */

	for (size_t i = columns, n; i < size; i += n) {
		uint32_t point = 0;

		n = decode(bytes + i, size - i, &point);
		columns += n ? point_columns(point) : 1;
		n += n == 0;
	}
	return columns;
}

/* The code point at p (which is not the end); broken bytes count as themselves. */
static const char *next_point(const char *p, uint32_t *point)
{
	size_t n;

	if ((unsigned char)*p < 0x80) {
		*point = (unsigned char)*p;
		return p + 1;
	}
	n = decode(p, strlen(p), point);
	if (n == 0)
		*point = (unsigned char)*p;
	return p + (n ? n : 1);
}

/* `[a-z]` at p: behind its `]` and whether `point` is in it; NULL: no `]`, so that the `[` stands for itself. */
static const char *match_class(const char *p, uint32_t point, bool *in)
{
	bool not = *++p == '!';

	p += not;
	*in = not;
	for (bool first = true; *p && (first || *p != ']'); first = false) {
		uint32_t low, high;

		p = next_point(p, &low);
		high = low;
		if (p[0] == '-' && p[1] && p[1] != ']')
			p = next_point(p + 1, &high);
		if (point >= low && point <= high)
			*in = !not;
	}
	return *p ? p + 1 : NULL;
}

/* One piece of the pattern that is no `*` against one code point of the name: behind the piece, or NULL. */
static const char *match_one(const char *pattern, uint32_t point)
{
	bool in;
	const char *behind;
	uint32_t wanted;

	if (*pattern == '?')
		return pattern + 1;
	if (*pattern == '[' && (behind = match_class(pattern, point, &in)))
		return in ? behind : NULL;
	if (*pattern == '\\' && pattern[1])
		pattern++;
	if (!*pattern)
		return NULL;
	behind = next_point(pattern, &wanted);
	return wanted == point ? behind : NULL;
}

/* Only the last `*` ever has to be tried again. */
bool text_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	while (*name) {
		uint32_t point;
		const char *behind, *rest;

		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
			if (!*star)
				return true;    /* `c*`, which thousands of names are held against */
			continue;
		}
		behind = next_point(name, &point);
		rest = match_one(pattern, point);
		if (rest) {
			pattern = rest;
			name = behind;
		} else if (star) {
			pattern = star;
			name = retry = next_point(retry, &point);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool text_next_line(const char **bytes, const char *end, bool whole, const char **line, size_t *size)
{
	const char *line_end = memchr(*bytes, '\n', (size_t)(end - *bytes));

	if (*bytes == end || (!line_end && !whole))
		return false;
	*line = *bytes;
	*size = (size_t)((line_end ? line_end : end) - *bytes);
	*bytes = line_end ? line_end + 1 : end;
	*size -= *size > 0 && (*line)[*size - 1] == '\r';
	return true;
}

void text_drop_blanks(const char **bytes, size_t *size)
{
	while (*size > 0 && text_is_blank((*bytes)[*size - 1]))
		--*size;
	while (*size > 0 && text_is_blank(**bytes)) {
		++*bytes;
		--*size;
	}
}

bool text_is_glob(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

static unsigned char lower(char byte)
{
	return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

bool text_equal_nocase(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return lower(*a) == lower(*b);
}

enum { LONGEST_GUESS = 64 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits between two texts of at most LONGEST_GUESS bytes: insert, delete, replace, swap two neighbours. */
static unsigned edits(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned rows[3][LONGEST_GUESS + 1];

	for (size_t j = 0; j <= n_b; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n_a; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n_b; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[n_a % 3][n_b];
}

const char *text_closest(const char *word, const char *(*name)(const void *list, size_t i), const void *list, size_t n)
{
	const char *closest = NULL;
	size_t size = strlen(word);
	unsigned best = UINT32_MAX;

	for (size_t i = 0; i < n && size <= LONGEST_GUESS; i++) {
		const char *candidate = name(list, i);
		size_t n_bytes = strlen(candidate), longer = n_bytes > size ? n_bytes : size;
		size_t allowed = longer < 2 ? 0 : longer < 6 ? 1 : longer / 3;
		unsigned found;

		if (n_bytes > LONGEST_GUESS || 2 * longer > n_bytes + size + allowed)
			continue;
		found = edits(word, size, candidate, n_bytes);
		if (found <= allowed && found < best) {
			best = found;
			closest = candidate;
		}
	}
	return closest;
}

/* Marks that turn the direction of writing or end lines: what is read would not be what is there. */
static bool misleads(uint32_t point)
{
	static const struct points ranges[] = { { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 } };

	return within(point, ranges, sizeof ranges / sizeof *ranges);
}

/* What a piece of text (one code point or one broken byte) looks like when printed: how many bytes of `shown`, which holds 16. */
static size_t show_piece(char *shown, const char *bytes, size_t n, uint32_t point)
{
	static const char HEX[] = "0123456789abcdef", NAMED[] = "\n\t\r", LETTERS[] = "ntr";
	const char *named = n == 1 && *bytes ? strchr(NAMED, *bytes) : NULL;

	if (named) {
		shown[0] = '\\';
		shown[1] = LETTERS[named - NAMED];
		return 2;
	}
	if (n == 0 || point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) || misleads(point)) {
		size_t out = 0;

		for (size_t i = 0; i < (n ? n : 1); i++) {
			unsigned char byte = (unsigned char)bytes[i];

			shown[out++] = '\\';
			shown[out++] = 'x';
			shown[out++] = HEX[byte >> 4];
			shown[out++] = HEX[byte & 15];
		}
		return out;
	}
	memcpy(shown, bytes, n);
	return n;
}

void text_show(struct buffer *to, const char *bytes, size_t size, bool lines)
{
	for (size_t i = 0, n; i < size; i += n ? n : 1) {
		char shown[16];
		uint32_t point = 0;

		n = decode(bytes + i, size - i, &point);
		if (lines && (point == '\n' || point == '\t'))
			buffer_add_byte(to, (unsigned char)bytes[i]);
		else
			buffer_add(to, shown, show_piece(shown, bytes + i, n, point));
	}
}

void text_show_name(struct buffer *to, const char *name)
{
	text_show(to, name, strlen(name), false);
}

/* How many bytes at the start show as they are, a place each. */
static size_t plain_run(const char *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\')
		i++;
	return i;
}

void text_escape(struct buffer *to, const char *bytes, size_t size, size_t max_columns)
{
	size_t columns, keep;

	if (plain_run(bytes, size) == size && (size <= max_columns || !max_columns)) {
		buffer_add(to, bytes, size);
		return;
	}
	columns = 0;
	keep = to->size;    /* what stays if "…" must follow: up to max_columns - 1 cells */
	for (size_t i = 0, n; i < size; i += n ? n : 1) {
		char shown[16];
		uint32_t point = 0;
		size_t n_shown;

		n = decode(bytes + i, size - i, &point);
		n_shown = show_piece(shown, bytes + i, n, point);
		if (n == 1 && point == '\\')
			shown[n_shown++] = '\\';
		columns += text_columns(shown, n_shown);
		if (max_columns && columns > max_columns) {
			to->size = keep;
			buffer_add_text(to, "…");
			return;
		}
		buffer_add(to, shown, n_shown);
		if (columns < max_columns)
			keep = to->size;
	}
}

void text_shell_word(struct buffer *to, const char *word)
{
	bool plain = *word;

	for (const char *p = word; *p; p++)
		plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("._-/+:@%=", *p);
	if (plain) {
		buffer_add_text(to, word);
		return;
	}
	buffer_add_byte(to, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buffer_add_text(to, "'\\''");
		else
			buffer_add_byte(to, (unsigned char)*word);
	buffer_add_byte(to, '\'');
}

void text_list_item(struct buffer *to, const char *item)
{
	for (; *item; item++) {
		if (*item == ',' || *item == '\\')
			buffer_add_byte(to, '\\');
		if (*item == '\'')
			buffer_add_text(to, "'\\'");
		buffer_add_byte(to, (unsigned char)*item);
	}
}
