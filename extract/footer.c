/* SPDX-License-Identifier: MIT */
/*
 *     data  | given | to be given | may be the footer | room |
 *           0       at            free                size
 *
 * Behind the (n + 1)th line end from the last byte on there are n lines and what may begin another: all before it is free.
 */
#include "footer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { READ_SIZE = 128 * 1024, MOST_HELD = 64 * 1024 * 1024 };

struct footer {
	struct feed over;
	uint64_t n_lines;
	unsigned char *data;
	size_t at, free, size, room;
	size_t *ends;                   /* behind each line end in data[at .. size] that is not yet free: n_ends from first_end on */
	size_t first_end, n_ends, room_ends, looked;
	int end;                        /* what ends a line; 0: not known yet */
	uint64_t n_taken;               /* bytes of the feed below */
	bool ended;
};

/* The first line end tells what they are. */
static void find_end(struct footer *footer)
{
	for (; footer->looked < footer->size; footer->looked++) {
		size_t i = footer->looked;
		unsigned char byte = footer->data[i];

		if (byte == '\n')
			footer->end = '\n';
		else if (byte == '\r' && i + 1 < footer->size)
			footer->end = footer->data[i + 1] == '\n' ? '\n' : '\r';
		else if (byte == '\r' && footer->ended)
			footer->end = '\r';
		if (footer->end || (byte == '\r' && i + 1 == footer->size))
			return;
	}
}

/* Room for a read. What was given goes once it is the most of it, so that each byte moves few times. */
static void make_room(struct footer *footer)
{
	size_t gone = footer->at;

	if (gone > 0 && gone >= footer->size - gone) {
		memmove(footer->data, footer->data + gone, footer->size - gone);
		memmove(footer->ends, footer->ends + footer->first_end, (footer->n_ends - footer->first_end) * sizeof *footer->ends);
		footer->n_ends -= footer->first_end;
		footer->first_end = 0;
		for (size_t i = 0; i < footer->n_ends; i++)
			footer->ends[i] -= gone;
		footer->size -= gone;
		footer->looked -= gone;
		footer->at = footer->free = 0;
	}
	if (footer->room - footer->size < READ_SIZE) {
		footer->room = 2 * footer->room + 2 * READ_SIZE;
		footer->data = mem_resize(footer->data, footer->room, 1);
	}
}

/* Line ends of the bytes that are new. */
static void find_ends(struct footer *footer)
{
	while (footer->end && footer->looked < footer->size) {
		const unsigned char *from = footer->data + footer->looked, *found = memchr(from, footer->end, footer->size - footer->looked);

		footer->looked = found ? (size_t)(found + 1 - footer->data) : footer->size;
		if (!found)
			break;
		array_grow(footer->ends, footer->n_ends, footer->room_ends);
		footer->ends[footer->n_ends++] = footer->looked;
	}
}

/* All but the last n lines is free, of which the last one has no end yet. */
static void set_free(struct footer *footer)
{
	bool cut = footer->ended && footer->size > footer->at && (!footer->n_ends || footer->ends[footer->n_ends - 1] != footer->size);
	uint64_t n = footer->n_lines - cut;

	while (footer->n_ends - footer->first_end > n)
		footer->free = footer->ends[footer->first_end++];
}

static ssize_t fill(struct footer *footer)
{
	ssize_t n;

	if (footer->size - footer->at > MOST_HELD) {
		errno = E2BIG;
		return -1;
	}
	make_room(footer);
	n = footer->over.read(footer->over.state, footer->data + footer->size, READ_SIZE);
	if (n < 0)
		return -1;
	footer->size += (size_t)n;
	footer->n_taken += (uint64_t)n;
	footer->ended = n == 0;
	if (!footer->end)
		find_end(footer);
	find_ends(footer);
	set_free(footer);
	return n;
}

static ssize_t footer_read(void *state, void *to, size_t size)
{
	struct footer *footer = state;
	size_t there;

	while (footer->at == footer->free) {
		if (footer->ended)
			return 0;
		if (fill(footer) < 0)
			return -1;
	}
	there = footer->free - footer->at < size ? footer->free - footer->at : size;
	memcpy(to, footer->data + footer->at, there);
	footer->at += there;
	return (ssize_t)there;
}

static int footer_rewind(void *state)
{
	struct footer *footer = state;

	footer->at = footer->free = footer->size = footer->looked = footer->first_end = footer->n_ends = 0;
	footer->ended = false;
	footer->end = 0;
	footer->n_taken = 0;
	return footer->over.rewind(footer->over.state);
}

static bool footer_silent(void *state)
{
	struct footer *footer = state;

	return footer->at == footer->free && !footer->ended && footer->over.silent(footer->over.state);
}

static bool footer_changed(void *state)
{
	struct footer *footer = state;

	return footer->over.changed(footer->over.state);
}

static const char *footer_broken(void *state, uint64_t *at)
{
	struct footer *footer = state;

	return footer->over.broken(footer->over.state, at);
}

static struct decoded footer_decoded(void *state)
{
	struct footer *footer = state;

	return footer->over.decoded(footer->over.state);
}

static uint64_t footer_taken(void *state)
{
	struct footer *footer = state;

	return footer->over.taken ? footer->over.taken(footer->over.state) : footer->n_taken;
}

static void footer_close(void *state)
{
	struct footer *footer = state;

	feed_close(&footer->over);
	free(footer->data);
	free(footer->ends);
	free(footer);
}

void feed_open_footer(struct feed *feed, const struct feed *over, uint64_t n_lines)
{
	struct footer *footer = mem_new(1, sizeof *footer);

	*footer = (struct footer){ .over = *over, .n_lines = n_lines };
	*feed = (struct feed){
		.read = footer_read, .rewind = over->rewind ? footer_rewind : NULL, .silent = over->silent ? footer_silent : NULL,
		.changed = over->changed ? footer_changed : NULL, .broken = over->broken ? footer_broken : NULL,
		.decoded = over->decoded ? footer_decoded : NULL, .taken = footer_taken, .close = footer_close, .state = footer, .total = over->total,
	};
}
