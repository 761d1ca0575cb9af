/* SPDX-License-Identifier: MIT */
/* Replay as a source: a stretch of units between two table steps is one replay. */
#include "replay.h"

#include <stdlib.h>

#include "memory.h"
#include "table_step.h"

enum { REPLAY_MEMORY = 256 << 20 };    /* of a table step, before a temporary file takes the rest */

struct replay_source {
	struct source in;               /* first: source_inner_end */
	struct replay *replay;
	struct header header;
	struct batch batch;             /* of `in` */
	const struct replay **all;      /* the last one of several (table steps run between them) knows them all, itself too */
	size_t n_all;
};

static int replay_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct replay_source *source = state;
	int result = source_next(&source->in, &source->batch, now, err);

	batch_clear(to);
	if (result == 1 && replay_apply(source->replay, &source->batch, to, err) < 0)
		result = -1;
	batch_clear(&source->batch);
	return result;
}

static void replay_close(void *state)
{
	struct replay_source *source = state;

	batch_free(&source->batch);
	replay_free(source->replay);
	source_close(&source->in);
	header_release(&source->header);
	free(source->all);
	free(source);
}

/* The units of `want` that are due, over a source. */
static int open_stretch(struct source *out, struct source *in, const struct lineage *want, const struct replay_options *options, struct error *err)
{
	struct replay_source *source = mem_new(1, sizeof *source);

	source->in = *in;
	*in = (struct source){ .state = NULL };
	*out = (struct source){ .header = &source->header, .next = replay_next, .end = source_inner_end, .close = replay_close,
	                       .cancel = source_inner_cancel, .state = source };
	if (replay_new(&source->replay, source->in.header, want, NULL, options, err) < 0) {
		source_close(out);
		return -1;
	}
	replay_slice(source->replay, &source->in);
	schema_copy(&source->header.schema, replay_schema(source->replay));
	lineage_copy(&source->header.lineage, replay_lineage(source->replay));
	source->header.source = mem_text(source->in.header->source);
	return 0;
}

/* The units before unit `unit` of entry `entry`. */
static void copy_head(struct lineage *to, const struct lineage *from, size_t entry, size_t unit)
{
	struct lineage head = *from;
	struct entry last = from->entries[entry];

	head.n_entries = entry;
	lineage_copy(to, &head);
	last.n_units = unit;
	if (unit > 0) {
		struct entry *copy = lineage_add(to, last.text);

		for (size_t i = 0; i < unit; i++)
			entry_add_copy(copy, &last.units[i]);
	}
}

static bool remakes(const struct unit *unit) { return unit->acts == ACTS_ON_TABLE && unit->writes.n > 0; }

/* How many table steps that write something the records have passed. */
static size_t count_remade(const struct lineage *lineage)
{
	size_t n = 0;

	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++)
			n += remakes(&lineage->entries[e].units[u]);
	return n;
}

/* A stretch up to the table step, and the step over it; `rows` becomes that. */
static int pass_table(struct source *rows, const struct lineage *want, size_t entry, size_t unit, const struct replay **replay,
                      const struct replay_options *options, struct error *err)
{
	struct lineage head;
	struct source stretch = { .state = NULL }, table = { .state = NULL };
	const struct step_limits limits = { .memory = REPLAY_MEMORY, .host = options ? options->host : NULL };
	int result;

	copy_head(&head, want, entry, unit);
	result = open_stretch(&stretch, rows, &head, options, err);
	lineage_release(&head);
	*replay = result < 0 ? NULL : ((struct replay_source *)stretch.state)->replay;
	if (result == 0)
		result = table_step_open(&table, &stretch, &want->entries[entry].units[unit], want->entries[entry].text, &limits, err);
	*rows = table;
	return result;
}

int replay_open(struct source *out, struct source *in, const struct lineage *want, const struct replay_options *options, struct error *err)
{
	struct source rows = *in;
	const struct replay **all = NULL;
	size_t n = 0, room = 0, passed = count_remade(&in->header->lineage);
	int result = 0;

	*in = (struct source){ .state = NULL };
	*out = (struct source){ .state = NULL };
	for (size_t e = 0; e < want->n_entries && result == 0; e++)
		for (size_t u = 0; u < want->entries[e].n_units && result == 0; u++) {
			if (!remakes(&want->entries[e].units[u]))
				continue;
			if (passed > 0) {               /* the first ones stored are those of the input, which the next stretch compares */
				passed--;
				continue;
			}
			array_grow(all, n, room);
			result = pass_table(&rows, want, e, u, &all[n++], options, err);
		}
	if (result == 0)
		result = open_stretch(out, &rows, want, options, err);
	source_close(&rows);
	if (result == 0) {
		struct replay_source *last = out->state;

		array_grow(all, n, room);
		all[n++] = last->replay;
		last->all = all;
		last->n_all = n;
	} else {
		free(all);
	}
	return result;
}

const struct replay *replay_of(const struct source *source, size_t i)
{
	const struct replay_source *last = source->state;

	return i < last->n_all ? last->all[i] : NULL;
}
