/* SPDX-License-Identifier: MIT */
#include "cut.h"

#include "structure.h"

enum { WORD = 64 };
enum { BEHIND = 8 * 1024, MOST_BEHIND = 16 * 1024 * 1024 };     /* within which the last row is hoped to end, and has to */

static size_t there(const struct input *input) { return input->size - input->at; }

/* Reads until so many bytes are there from input->at on, if they come. */
static void want(struct input *input, size_t size)
{
	bool waits = input_rewinds(input) || !input->feed.silent;

	while (there(input) < size && !input->ended && (waits || !input->feed.silent(input->feed.state))) {
		size_t missing = size - there(input);

		if (!input_fill_ahead(input, missing > BEHIND ? missing : BEHIND))
			return;
	}
}

bool cut_rows(struct input *input, size_t upto, int quote, struct cut *cut)
{
	size_t n_words = (upto - 1) / WORD, at = n_words * WORD;
	struct structure_count count;
	bool within, ends = false;

	input_mark(input);
	want(input, upto + BEHIND);
	if (there(input) < upto)
		return false;
	count = structure_count((const char *)input->data + input->at, n_words, quote, cpu_lanes());
	within = count.quotes & 1;
	for (; !ends; at++) {
		unsigned char byte;

		if (at == there(input) && at < upto + MOST_BEHIND)
			want(input, at + BEHIND + (at - upto));
		if (at == there(input))
			return false;
		byte = input->data[input->at + at];
		within ^= byte == quote;
		count.line_feeds += byte == '\n';
		ends = byte == '\n' && !within && at + 1 >= upto;
	}
	*cut = (struct cut){ .line = input->n_lines + 1, .n_lines = count.line_feeds, .quote = quote };
	cut->part = input_take(input, at, count.line_feeds);
	return true;
}
