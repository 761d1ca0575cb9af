/* SPDX-License-Identifier: MIT */
/*
 * One block: bytes are read behind what is there, and before that all but the
 * unfinished row moves to the front, or, where somebody else has a count on the
 * block, into the next one. While the input is kept nothing goes: the
 * block grows and `at` can go back to 0. Ends of lines are looked for with
 * memchr, LF and CR each by itself, and each byte is looked at once.
 */
#include "input.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "memory.h"

enum { READ_SIZE = 128 * 1024 };

void input_init(struct input *input, const char *name, const struct feed *feed, const struct host *host)
{
	*input = (struct input){ .name = name, .feed = *feed, .host = host };
}

static void use_block(struct input *input, size_t room)
{
	input->block = block_new(input->pool, room + INPUT_SLACK);
	input->data = input->block->data;
	input->room = room;
}

/* What is kept takes no more than it has: there may be a hundred thousand small files. */
static void fit_block(struct input *input)
{
	struct block *old = input->block;

	if (!input->ended || input->room / 2 < input->size)
		return;
	use_block(input, input->size);
	if (input->size > 0)
		memcpy(input->data, old->data, input->size);
	block_drop(old);
}

void input_stop(struct input *input)
{
	if (input->keep && input->whole) {
		fit_block(input);
		return;
	}
	block_drop(input->block);
	input->block = NULL;
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

/* Bytes from data[from] on are the first now. */
static void drop_front(struct input *input, size_t from)
{
	input->size -= from;
	input->at -= from;
	input->mark -= from;
	input->lf -= input->lf < from ? input->lf : from;
	input->cr -= input->cr < from ? input->cr : from;
	input->whole &= from == 0;
}

/* All but what is unfinished goes; room for so many bytes. */
static void make_room(struct input *input, size_t more)
{
	size_t from = input->keep ? 0 : input->mark < input->at ? input->mark : input->at;
	bool shared = input->block && atomic_load_explicit(&input->block->users, memory_order_acquire) > 1;
	struct block *old = input->block;
	const unsigned char *bytes = input->data;

	if (from > 0 && !shared) {
		memmove(input->data, input->data + from, input->size - from);
		drop_front(input, from);
		from = 0;
	}
	if (!shared && input->room - input->size >= more)
		return;
	if (!shared && input->room > more)
		more = input->room;
	if (input->keep && input->feed.total > input->n_read && input->feed.total <= INPUT_KEPT)
		more += (size_t)(input->feed.total - input->n_read);
	drop_front(input, from);
	use_block(input, input->size + more);
	if (input->size > 0)
		memcpy(input->data, bytes + from, input->size);
	block_drop(old);
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

static ptrdiff_t fill(struct input *input, size_t most, struct error *err)
{
	if (input->failed.code != STATUS_DONE) {
		*err = input->failed;
		return -1;
	}
	if (input->ended)
		return 0;
	make_room(input, most);
	for (;;) {
		unsigned char *to = input->data + input->size;
		ssize_t n;

		if (host_interrupted(input->host))
			return error_set(err, STATUS_INTERRUPT, "interrupted");
		input->begun = true;
		n = input->feed.read(input->feed.state, to, most);
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

ptrdiff_t input_fill(struct input *input, struct error *err)
{
	return fill(input, READ_SIZE, err);
}

bool input_fill_ahead(struct input *input, size_t most)
{
	struct error err = ERROR_INIT;
	ptrdiff_t n = fill(input, most, &err);

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

struct input_part input_take(struct input *input, size_t size, uint64_t n_lines)
{
	struct input_part part = { block_use(input->block), (const char *)input->data + input->at, size };

	input_skip(input, size, n_lines);
	return part;
}

void input_return(struct input *input, const struct input_part *parts, size_t n, uint64_t n_lines, struct input *before)
{
	size_t size = 0, left = input->size - input->at;

	*before = *input;
	for (size_t i = 0; i < n; i++)
		size += parts[i].size;
	if (input->whole) {
		block_use(input->block);
		input->at -= size;
	} else {
		use_block(input, size + left);
		input->at = input->size = 0;
		for (size_t i = 0; i < n; i++) {
			memcpy(input->data + input->size, parts[i].bytes, parts[i].size);
			input->size += parts[i].size;
		}
		memcpy(input->data + input->size, before->data + before->at, left);
		input->size += left;
	}
	input->mark = input->lf = input->cr = input->at;
	input->n_lines = n_lines;
}

bool input_stands(const struct input *input, const struct input *before, size_t left, uint64_t n_lines)
{
	return input->n_read == before->n_read && input->ended == before->ended && input->failed.code == before->failed.code &&
		input->size - input->at == before->size - before->at + left && input->n_lines == n_lines;
}

void input_resume(struct input *input, struct input *before, bool there)
{
	block_drop(there ? input->block : before->block);
	if (there)
		*input = *before;
}

int input_expect(struct input *input, bool may_be_empty, struct error *err)
{
	while (input->size == 0 && !input->ended)
		if (input_fill(input, err) < 0)
			return -1;
	if (input->n_read > 0 || (may_be_empty && input_rewinds(input)))
		return 0;
	if (input_taken(input) > 0)
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
