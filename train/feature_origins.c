/* SPDX-License-Identifier: MIT */
/* The units behind a feature are walked from the last to the first: what one writes is what it reads. */
#include "feature_origins.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "null_words.h"

struct feature_origin { struct names raw; bool known; };

struct feature_origins {
	const struct lineage *lineage;
	const struct schema *have;
	const struct names *features;
	struct feature_origin *items;           /* by feature, found when asked for */
	const struct batch *given;
	struct batch batch;                     /* columns of `given` that were read */
	bool *read, started;            /* by column; whether the batch was */
};

struct feature_origins *feature_origins_new(const struct lineage *lineage, const struct schema *have, const struct names *features)
{
	struct feature_origins *origins = mem_new(1, sizeof *origins);

	*origins = (struct feature_origins){ .lineage = lineage, .have = have, .features = features };
	origins->items = mem_new(features->n + 1, sizeof *origins->items);
	origins->read = mem_new(have->n_fields + 1, sizeof *origins->read);
	return origins;
}

void feature_origins_free(struct feature_origins *origins)
{
	if (!origins)
		return;
	for (size_t i = 0; i < origins->features->n; i++)
		names_release(&origins->items[i].raw);
	batch_free(&origins->batch);
	free(origins->items);
	free(origins->read);
	free(origins);
}

void feature_origins_batch(struct feature_origins *origins, const struct batch *batch)
{
	origins->given = batch;
	origins->started = false;
}

/* Names before the unit, of those behind it. */
static void step_back(struct names *names, const struct unit *unit)
{
	struct names before = { .items = NULL };
	bool writes = false;

	for (size_t i = 0; i < names->n; i++) {
		if (!names_have(&unit->writes, names->items[i]))
			names_add_new(&before, names->items[i]);
		writes = writes || names_have(&unit->writes, names->items[i]);
	}
	for (size_t i = 0; writes && i < unit->reads.n; i++)
		names_add_new(&before, unit->reads.items[i]);
	names_release(names);
	*names = before;
}

/* Records that had some steps already hold the feature itself, and not what it was made of. */
const struct names *feature_origins_raw(struct feature_origins *origins, size_t feature)
{
	struct feature_origin *origin = &origins->items[feature];
	const char *name = origins->features->items[feature];
	struct unit_place *places;
	bool all_there = true;
	size_t n;

	if (origin->known)
		return &origin->raw;
	origin->known = true;
	names_add(&origin->raw, name);
	places = lineage_places(origins->lineage, &n);
	while (n-- > 0)
		step_back(&origin->raw, places[n].unit);
	free(places);
	for (size_t i = 0; i < origin->raw.n; i++)
		all_there = all_there && schema_find(origins->have, origin->raw.items[i]) != NO_FIELD;
	if (origin->raw.n && (all_there || schema_find(origins->have, name) == NO_FIELD))
		return &origin->raw;
	names_release(&origin->raw);
	names_add(&origin->raw, name);
	return &origin->raw;
}

static const struct column *read_raw(struct feature_origins *origins, size_t col, struct error *err)
{
	const struct batch *given = origins->given;

	if (!origins->started) {
		batch_start(&origins->batch, given->pool, origins->have, given->n_rows);
		memset(origins->read, 0, origins->have->n_fields * sizeof *origins->read);
		origins->started = true;
	}
	if (!origins->read[col])
		column_share(&origins->batch.columns[col], &given->columns[col]);
	origins->read[col] = true;
	return column_read(&origins->batch, col, err);
}

/* A usual word for missing is none where something else than text was stored. */
static bool is_word(const struct column *column, size_t row)
{
	size_t size;
	const char *text = column_text(column, row, &size);

	return null_word(text, size) != NO_NULL_WORD;
}

static void say(struct buffer *column, const char *name, struct buffer *what, const char *text)
{
	buffer_clear(column);
	buffer_clear(what);
	buffer_add_text(column, name);
	buffer_add_text(what, text);
}

int feature_origins_why(struct feature_origins *origins, size_t feature, size_t row, struct buffer *column, struct buffer *what,
                        struct error *err)
{
	const struct names *raw = feature_origins_raw(origins, feature);
	const struct schema *stored = &origins->lineage->inputs;

	say(column, "", what, "");
	for (size_t i = 0; i < raw->n; i++) {
		const char *name = raw->items[i];
		int col = schema_find(origins->have, name), was = schema_find(stored, name);
		const struct column *cells = col == NO_FIELD ? NULL : read_raw(origins, (size_t)col, err);
		enum type type = was == NO_FIELD ? TYPE_TEXT : stored->fields[was].as_real ? TYPE_REAL : stored->fields[was].type;
		bool text = col != NO_FIELD && origins->have->fields[col].type == TYPE_TEXT, other = text && type != TYPE_TEXT;

		if (col != NO_FIELD && !cells)
			return error_prefix(err, "column '%s'", name);
		if (!cells || !column_valid(cells, row) || (other && is_word(cells, row))) {
			say(column, name, what, "is missing");
			return 0;
		}
		if (other && raw->n == 1) {
			say(column, name, what, "is not read as ");
			buffer_add_text(what, type_name(type));
			return 0;
		}
		buffer_format(column, "%s%s", i ? ", " : "", name);
	}
	if (raw->n == 1 && strcmp(raw->items[0], origins->features->items[feature]) == 0)
		buffer_add_text(what, "gives no value");        /* a step of the model made of it what it is called by */
	else
		buffer_format(what, "give%s no %s", raw->n == 1 ? "s" : "", origins->features->items[feature]);
	return 0;
}
