/* SPDX-License-Identifier: MIT */
/*
 *     over -> raw [ taken | at .. size | room ] -> iconv, or UTF-8 looked through -> who reads
 *
 * A character that the end of `raw` cuts waits in its front for the rest. Only who is being read has one: of a hundred
 * thousand files one at a time.
 */
#include "encoding.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { RAW_SIZE = 64 * 1024, LEAST_READ = 16 };
enum { MARK_SIZE = 4 };         /* of the longest mark */
static const char FFFD[] = "\xef\xbf\xbd";

struct encoding {
	struct feed over;
	const char *given;              /* NULL: by the mark */
	const char *name;               /* that is used: once `known` */
	char *spelled;                  /* the given one, as iconv knows it */
	enum bad_utf8 bad;
	bool known, utf8, latin;        /* latin: Latin-1, or the one with the euro, whose controls nobody writes */
	iconv_t converter;              /* (iconv_t)-1: not open */
	size_t unit;                    /* bytes that are passed over where they are broken */
	bool ended, flushed;
	bool more;                      /* what is in `raw` did not fit into the last read */
	uint64_t n_taken;               /* bytes before raw[at] */
	struct decoded decoded;         /* since the first byte */
	unsigned char before;           /* latin: the last byte that was given */
	size_t at, size;
	char *raw;                      /* NULL: it is not being read */
};

static const struct mark { const char *bytes; size_t size; const char *name; } marks[] = {
	{ "\xff\xfe\0\0", 4, "UTF-32LE" },      /* before UTF-16, whose mark begins it */
	{ "\0\0\xfe\xff", 4, "UTF-32BE" },
	{ "\xff\xfe", 2, "UTF-16LE" },
	{ "\xfe\xff", 2, "UTF-16BE" },
};
enum { N_MARKS = sizeof marks / sizeof *marks };

/* Letter case, '-' and '_' aside. */
static bool is_name(const char *name, const char *plain)
{
	for (; *name; name++) {
		char upper = *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;

		if (*name == '-' || *name == '_')
			continue;
		if (upper != *plain++)
			return false;
	}
	return !*plain;
}

static bool is_wide(const char *name)
{
	return is_name(name, "UTF16") || is_name(name, "UTF32");
}

static size_t unit_size(const char *name)
{
	static const struct { const char *name; size_t size; } wide[] = {
		{ "UTF16LE", 2 }, { "UTF16BE", 2 }, { "UTF32LE", 4 }, { "UTF32BE", 4 }, { "UCS2", 2 }, { "UCS2LE", 2 }, { "UCS2BE", 2 }, { "UCS4", 4 }, { "UCS4LE", 4 }, { "UCS4BE", 4 },
	};

	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (is_name(name, wide[i].name))
			return wide[i].size;
	return 1;
}

static bool is_latin(const char *name)
{
	static const char *const latin[] = { "ISO88591", "88591", "LATIN1", "L1", "CP819", "IBM819", "ISO885915", "LATIN9" };

	for (size_t i = 0; i < sizeof latin / sizeof *latin; i++)
		if (is_name(name, latin[i]))
			return true;
	return false;
}

static const char *find_mark(const struct encoding *encoding)
{
	for (size_t i = 0; i < N_MARKS; i++)
		if (encoding->size >= marks[i].size && memcmp(encoding->raw, marks[i].bytes, marks[i].size) == 0 &&
		    (!encoding->given || (is_name(encoding->given, "UTF16") && marks[i].name[4] == '1') || (is_name(encoding->given, "UTF32") && marks[i].name[4] == '3')))
			return marks[i].name;
	return NULL;
}

/* With more bytes the first ones could be a mark. */
static bool may_be_mark(const struct encoding *encoding)
{
	for (size_t i = 0; i < N_MARKS; i++)
		if (encoding->size < marks[i].size && memcmp(encoding->raw, marks[i].bytes, encoding->size) == 0)
			return true;
	return false;
}

/* More bytes behind raw[size]: as read. */
static ssize_t fill(struct encoding *encoding)
{
	ssize_t n;

	if (encoding->at > 0) {
		memmove(encoding->raw, encoding->raw + encoding->at, encoding->size - encoding->at);
		encoding->size -= encoding->at;
		encoding->at = 0;
	}
	n = encoding->ended ? 0 : encoding->over.read(encoding->over.state, encoding->raw + encoding->size, RAW_SIZE - encoding->size);
	encoding->ended |= n == 0;
	encoding->size += n > 0 ? (size_t)n : 0;
	return n;
}

/* The first bytes tell what it is, if nobody did. */
static int know(struct encoding *encoding)
{
	bool wide = encoding->given && is_wide(encoding->given);
	const char *mark;

	if (!encoding->raw)
		encoding->raw = mem_array(RAW_SIZE, 1);
	while ((!encoding->given || wide) && may_be_mark(encoding) && !encoding->ended)
		if (fill(encoding) < 0)
			return -1;
	mark = find_mark(encoding);
	encoding->name = mark ? mark : wide ? (is_name(encoding->given, "UTF16") ? "UTF-16LE" : "UTF-32LE") : encoding->given ? encoding->spelled : "UTF-8";
	encoding->utf8 = is_name(encoding->name, "UTF8");
	encoding->unit = unit_size(encoding->name);
	encoding->latin = is_latin(encoding->name);
	if (!encoding->utf8)
		encoding->converter = iconv_open("UTF-8", encoding->name);
	if (!encoding->utf8 && encoding->converter == (iconv_t)-1)
		return -1;
	encoding->known = true;
	return 0;
}

static void take(struct encoding *encoding, size_t n)
{
	encoding->at += n;
	encoding->n_taken += n;
}

/* U+FFFD for n broken bytes, as many as are there. */
static size_t replace(struct encoding *encoding, size_t n, char *to)
{
	size_t there = encoding->size - encoding->at;

	take(encoding, n < there ? n : there);
	encoding->decoded.n_replaced++;
	memcpy(to, FFFD, sizeof FFFD - 1);
	return sizeof FFFD - 1;
}

/* UTF-8 whose broken sequences are replaced; `size` is room. 0: more bytes are needed. */
static size_t convert_utf8(struct encoding *encoding, char *to, size_t size)
{
	const char *from = encoding->raw + encoding->at;
	size_t there = encoding->size - encoding->at, n_broken, good;

	encoding->more = there > size - LEAST_READ / 2;
	there = encoding->more ? size - LEAST_READ / 2 : there;
	good = text_utf8_until(from, there, &n_broken);
	memcpy(to, from, good);
	take(encoding, good);
	if (n_broken == 0 && good < there && good == 0 && encoding->ended)
		n_broken = there;               /* a character that the end cuts */
	return good + (n_broken ? replace(encoding, n_broken, to + good) : 0);
}

/* The characters U+0080 to U+009F of the next text, which ends where a character does. */
static void count_controls(struct encoding *encoding, const char *text, const char *end)
{
	for (const char *at = text; at < end; at++) {
		bool ascii = !(encoding->before & 0x80), control = *at == '\xc2' && (unsigned char)at[1] < 0xa0;

		encoding->decoded.n_controls += control;
		encoding->decoded.n_bare += control && ascii;
		at += control;
		encoding->before = (unsigned char)*at;
	}
}

/* By iconv. 0: more bytes are needed, or none is left; -1 and errno: broken. */
static ssize_t convert(struct encoding *encoding, char *to, size_t size)
{
	char *from = encoding->raw + encoding->at, *start = from, *end = to;
	size_t left = encoding->size - encoding->at, room = size - LEAST_READ / 2, result;
	int why;

	if (left == 0 && encoding->ended && !encoding->flushed) {
		encoding->flushed = true;
		result = iconv(encoding->converter, NULL, NULL, &end, &room);
		return result == (size_t)-1 ? -1 : end - to;
	}
	if (left == 0)
		return 0;
	result = iconv(encoding->converter, &from, &left, &end, &room);
	why = result == (size_t)-1 ? errno : 0;
	encoding->more = why == E2BIG;
	take(encoding, (size_t)(from - start));
	if (encoding->latin)
		count_controls(encoding, to, end);
	if (end > to || from > start || why == 0 || (why == EINVAL && !encoding->ended))
		return end - to;
	if (why == E2BIG || encoding->bad != BAD_UTF8_REPLACE) {
		errno = why == E2BIG ? EIO : EILSEQ;
		return -1;
	}
	return (ssize_t)replace(encoding, encoding->unit, to);
}

/* What only reading needs goes. */
static void stop(struct encoding *encoding)
{
	if (encoding->converter != (iconv_t)-1)
		iconv_close(encoding->converter);
	encoding->converter = (iconv_t)-1;
	free(encoding->raw);
	encoding->raw = NULL;
	encoding->at = encoding->size = 0;
}

static ssize_t encoding_read(void *state, void *to, size_t size)
{
	struct encoding *encoding = state;
	size_t there;

	assert(size >= LEAST_READ);
	if (!encoding->known && know(encoding) < 0)
		return -1;
	for (;;) {
		there = encoding->size - encoding->at;
		if (encoding->utf8 && encoding->bad == BAD_UTF8_FAIL) {
			if (there == 0) {
				ssize_t n = encoding->over.read(encoding->over.state, to, size);

				encoding->n_taken += n > 0 ? (uint64_t)n : 0;
				if (n == 0)
					stop(encoding);
				return n;
			}
			there = there < size ? there : size;
			memcpy(to, encoding->raw + encoding->at, there);
			take(encoding, there);
			return (ssize_t)there;
		}
		for (;;) {
			uint64_t before = encoding->n_taken;
			ssize_t n = encoding->utf8 ? (ssize_t)convert_utf8(encoding, to, size) : convert(encoding, to, size);

			if (n != 0)
				return n;
			if (encoding->n_taken == before)
				break;
		}
		if (encoding->ended && encoding->at == encoding->size && (encoding->utf8 || encoding->flushed)) {
			stop(encoding);
			return 0;
		}
		if (!encoding->ended && fill(encoding) < 0)
			return -1;
	}
}

static int encoding_rewind(void *state)
{
	struct encoding *encoding = state;

	if (encoding->over.rewind(encoding->over.state) != 0)
		return -1;
	stop(encoding);         /* what it has of a state goes */
	encoding->known = encoding->ended = encoding->flushed = encoding->more = false;
	encoding->n_taken = 0;
	encoding->decoded = (struct decoded){ 0 };
	encoding->before = 0;
	return 0;
}

static bool encoding_silent(void *state)
{
	struct encoding *encoding = state;

	return !encoding->more && encoding->over.silent(encoding->over.state);
}

static bool encoding_changed(void *state)
{
	struct encoding *encoding = state;

	return encoding->over.changed(encoding->over.state);
}

static const char *encoding_broken(void *state, uint64_t *at)
{
	struct encoding *encoding = state;

	*at = encoding->n_taken;
	return encoding->name;
}

static struct decoded encoding_decoded(void *state)
{
	return ((struct encoding *)state)->decoded;
}

static uint64_t encoding_taken(void *state)
{
	return ((struct encoding *)state)->n_taken;
}

static void encoding_close(void *state)
{
	struct encoding *encoding = state;

	stop(encoding);
	feed_close(&encoding->over);
	free(encoding->spelled);
	free(encoding);
}

/* Whether iconv has it: as it stands, or without '-' and '_'. */
static bool spell(struct encoding *encoding)
{
	char *plain = mem_text(encoding->given), *to = plain;

	for (const char *from = plain; *from; from++)
		if (*from != '-' && *from != '_')
			*to++ = *from;
	*to = 0;
	for (int i = 0; i < 2 && *plain && !strchr(plain, '/') && encoding->converter == (iconv_t)-1; i++) {
		free(encoding->spelled);
		encoding->spelled = mem_text(i == 0 ? encoding->given : plain);
		encoding->converter = iconv_open("UTF-8", encoding->spelled);
	}
	free(plain);
	if (encoding->converter == (iconv_t)-1)
		return false;
	stop(encoding);
	return true;
}

int feed_open_encoding(struct feed *feed, const struct feed *over, const char *name, enum bad_utf8 bad, struct error *err)
{
	struct encoding *encoding = mem_new(1, sizeof *encoding);

	*encoding = (struct encoding){ .over = *over, .given = name, .bad = bad, .converter = (iconv_t)-1 };
	*feed = (struct feed){
		.read = encoding_read, .rewind = over->rewind ? encoding_rewind : NULL, .silent = over->silent ? encoding_silent : NULL,
		.changed = over->changed ? encoding_changed : NULL, .broken = encoding_broken, .decoded = encoding_decoded, .taken = encoding_taken, .close = encoding_close,
		.state = encoding, .total = over->total,
	};
	if (!name || spell(encoding))
		return 0;
	feed_close(feed);
	return error_set(err, STATUS_USAGE, "--encoding: '%s' is none that iconv knows (iconv -l lists them)", name);
}
