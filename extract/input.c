/* SPDX-License-Identifier: MIT */
/*
 * One buffer: bytes are read behind what is there, and before that all but the
 * unfinished row moves to the front. While the input is kept nothing moves: the
 * buffer grows and `at` can go back to 0. Ends of lines are looked for with
 * memchr, LF and CR each by itself, and each byte is looked at once.
 */
#include "input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { READ_SIZE = 128 * 1024 };

void input_init(struct input *input, const char *name, const struct feed *feed, const struct host *host)
{
	*input = (struct input){ .name = name, .feed = *feed, .host = host };
}

void input_stop(struct input *input)
{
	if (input->keep && input->whole)
		return;
	free(input->data);
	input->data = NULL;
	input->at = input->mark = input->size = input->room = 0;
	input->whole = false;
}

void input_release(struct input *input)
{
	input->keep = false;
	input_stop(input);
	feed_close(&input->feed);
}

int input_start(struct input *input, struct error *err)
{
	input->at = input->mark = input->lf = input->cr = 0;
	input->n_lines = input->line = 0;
	error_clear(&input->failed);
	if (input->whole) {             /* all that was read is still here */
		input->n_read = input->size;
		return 0;
	}
	if (input->begun && !input_rewinds(input))
		return error_set(err, STATUS_FAILED, "%s: can be read once only", input->name);
	if (input->begun && input->feed.rewind(input->feed.state) != 0)
		return error_errno(err, "%s", input->name);
	input->size = 0;
	input->n_read = 0;
	input->ended = false;
	input->whole = true;
	return 0;
}

/* All but what is unfinished goes; room for a read. */
static void make_room(struct input *input)
{
	size_t from = input->mark < input->at ? input->mark : input->at;

	if (!input->keep && from > 0) {
		memmove(input->data, input->data + from, input->size - from);
		input->size -= from;
		input->at -= from;
		input->mark -= from;
		input->lf -= input->lf < from ? input->lf : from;
		input->cr -= input->cr < from ? input->cr : from;
		input->whole = false;
	}
	if (input->room - input->size < READ_SIZE) {
		input->room = input->room ? 2 * input->room : 2 * READ_SIZE;
		input->data = mem_resize(input->data, input->room + INPUT_SLACK, 1);
	}
}

/* The bytes that come next are no text of their encoding. */
static int fail_broken(struct input *input, struct error *err)
{
	uint64_t line = input->n_lines + 1, at;
	const char *encoding = input->feed.broken(input->feed.state, &at);
	bool mac = input->n_lines ? input->mac : input->lone_cr && !memchr(input->data + input->at, '\n', input->size - input->at);

	for (size_t i = input->at; i < input->size; i++)
		line += input->data[i] == (mac ? '\r' : '\n');
	return error_set(err, STATUS_FAILED, "%s:%" PRIu64 ": not %s from byte %" PRIu64 " of the file on (another --encoding, or --on-bad-utf8 replace)", input->name,
			 line, encoding, at + 1);
}

ptrdiff_t input_fill(struct input *input, struct error *err)
{
	if (input->failed.code != STATUS_DONE) {
		*err = input->failed;
		return -1;
	}
	if (input->ended)
		return 0;
	make_room(input);
	for (;;) {
		unsigned char *to = input->data + input->size;
		ssize_t n;

		if (host_interrupted(input->host))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		input->begun = true;
		n = input->feed.read(input->feed.state, to, READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && input->feed.changed && input->feed.changed(input->feed.state))    /* that is why, whatever else is wrong */
			return error_set(err, STATUS_FAILED, "%s changed while it was read", input->name);
		if (n < 0 && errno == EILSEQ && input->feed.broken)
			return fail_broken(input, err);
		if (n < 0 && errno == E2BIG)
			return error_set(err, STATUS_FAILED, "%s: the lines that --skip-footer holds back take more than 64 MiB", input->name);
		if (n < 0)
			return error_errno(err, "%s", input->name);
		input->ended = n == 0;
		input->size += (size_t)n;
		input->n_read += (size_t)n;
		return n;
	}
}

bool input_fill_ahead(struct input *input)
{
	struct error err = ERROR_INIT;
	ptrdiff_t n = input_fill(input, &err);

	if (n < 0)
		input->failed = err;
	return n > 0;
}

bool input_silent(const struct input *input)
{
	return input->hurry && !input->ended && input->feed.silent && input->feed.silent(input->feed.state);
}

/* Where the next `byte` stands, or data's end; *from is what is known of it (see struct input). */
static size_t find(const struct input *input, size_t *from, char byte)
{
	if (*from < input->at)
		*from = input->at;
	if (*from < input->size && input->data[*from] != (unsigned char)byte) {
		const unsigned char *found = memchr(input->data + *from, byte, input->size - *from);

		*from = found ? (size_t)(found - input->data) : input->size;
	}
	return *from;
}

int input_line(struct input *input, const char **line, size_t *size, struct error *err)
{
	size_t end;             /* behind the line's last byte */
	bool lf = false, known = false;

	while (!known) {
		size_t at_lf = find(input, &input->lf, '\n');
		size_t at_cr = input->lone_cr ? find(input, &input->cr, '\r') : input->size;

		end = at_lf < at_cr ? at_lf : at_cr;
		lf = at_lf < at_cr || (at_cr + 1 == at_lf && at_lf < input->size);
		known = at_lf < at_cr || at_cr + 1 < input->size || input->ended;
		if (known)
			end = lf ? at_lf + 1 : end + (end < input->size);
		else if (input->size - input->mark > LINE_CAP)
			return error_set(err, STATUS_FAILED, "%s:%llu: a line of more than %d MiB", input->name,
					 (unsigned long long)input->n_lines + 1, LINE_CAP >> 20);
		else if (input_silent(input))
			return INPUT_SILENT;
		else if (input_fill(input, err) < 0)
			return -1;
	}
	*line = (const char *)input->data + input->at;
	*size = end - input->at;
	input->at = end;
	input->line = input->n_lines + 1;
	if (input->n_lines == 0)
		input->mac = !lf;
	input->n_lines += lf || input->mac;
	return 0;
}

void input_skip(struct input *input, size_t size, uint64_t n_lines)
{
	if (n_lines == 0)
		return;
	if (input->n_lines == 0)
		input->mac = false;
	input->n_lines += n_lines;
	input->line = input->n_lines;
	input->at += size;
	input_mark(input);
}

int input_expect(struct input *input, bool may_be_empty, struct error *err)
{
	while (input->size == 0 && !input->ended)
		if (input_fill(input, err) < 0)
			return -1;
	if (input->n_read > 0 || (may_be_empty && input_rewinds(input)))
		return 0;
	if (input_rewinds(input) && input->feed.total > 0)
		return error_set(err, STATUS_FAILED, "%s: --skip-footer leaves no line", input->name);
	if (input_rewinds(input))
		return error_set(err, STATUS_FAILED, "%s: empty file", input->name);
	return error_set(err, STATUS_UPSTREAM, "no input on %s: did the stage before this one fail?", input->name);
}

int input_start_text(struct input *input, int64_t skip_lines, struct error *err)
{
	const char *line;
	size_t size = 1;
	const unsigned char *data;

	while (input->size < 4 && !input->ended)
		if (input_fill(input, err) < 0)
			return -1;
	data = input->data;
	if (input->size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		input->at = 3;
	for (; skip_lines > 0 && size > 0; skip_lines--) {
		input_mark(input);
		if (input_line(input, &line, &size, err) < 0)
			return -1;
	}
	input_mark(input);
	return 0;
}
