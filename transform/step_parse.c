/* SPDX-License-Identifier: MIT */
/*
 * `parse COLUMN... as KIND`: what people write as text becomes numbers and times
 * (parse_quantity.h), each distinct text read once. What can't be read is null and
 * counted; with `else reject` a part that acts on rows stands before the column's
 * own and takes them out. A unit (or two) per column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "column_edit.h"
#include "columns.h"
#include "memory.h"
#include "parse_quantity.h"
#include "text_edit.h"
#include "timestamp.h"

enum kind { NUMBER, QUANTITY, DISTANCE, MASS, DURATION, MONEY, PERCENT, DATE, N_KINDS };
/* unit: where none is given. Measured: in units of one family, FAMILY_OWN standing for any. */
static const struct { const char *name, *unit; enum measure measure; bool measured; enum family family; } kinds[N_KINDS] = {
	{ .name = "number", .measure = MEASURE_NUMBER },
	{ "quantity", NULL, MEASURE_QUANTITY, true, FAMILY_OWN },
	{ "distance", "km", MEASURE_QUANTITY, true, FAMILY_LENGTH },
	{ "mass", "kg", MEASURE_QUANTITY, true, FAMILY_MASS },
	{ "duration", "min", MEASURE_DURATION, true, FAMILY_TIME },
	{ .name = "money", .measure = MEASURE_MONEY },
	{ .name = "percent", .measure = MEASURE_PERCENT },
	{ .name = "date" },
};
#define KINDS "number, quantity, distance, mass, duration, money, percent, date"

enum { ZONE_LOCAL, ZONE_UTC, N_ZONES };
static const char *const zone_names[N_ZONES] = { "local", "utc" };

struct parse_config { const char *unit; int decimal, zone; };
static const struct option_row parse_options[] = {
	{ "unit", 0, OPTION_TEXT, offsetof(struct parse_config, unit), "UNIT", NULL, 0, 0,
	 "what the numbers shall be in, for the schema too: km, min, EUR (quantity, money: must be given; distance: km, mass: kg, duration: min)" },
	{ "decimal", 0, OPTION_CHOICE, offsetof(struct parse_config, decimal), NULL, "point|comma", 0, 0,
	 "the sign before the fraction (default point); the other one parts thousands" },
	{ "zone", '=', OPTION_CHOICE, offsetof(struct parse_config, zone), NULL, "local|utc", 0, 0,
	 "of dates with a zone (%z, where it differs): the wall clock as it stands, or the instant in UTC" },
	OPTION_END
};

/* ---- binding ---- */

/* The line, sorted. */
struct parse_line {
	enum kind kind;
	size_t as;                      /* that word */
	struct parse_config config;
	struct selector_word *forms;    /* date */
	size_t n_forms;
	bool reject;
};

static int read_else(const struct arguments *arguments, size_t at, struct parse_line *line, struct error *err)
{
	const char *word = at + 1 < arguments->n_words ? arguments->words[at + 1].text : "";

	line->reject = strcmp(word, "reject") == 0;
	if ((line->reject || strcmp(word, "null") == 0) && at + 2 == arguments->n_words)
		return 0;
	return arguments_fail(arguments, arguments->words[at].at, err, "else null, or else reject");
}

/* Where the line has the form. */
static size_t form_at(const struct arguments *arguments, const struct parse_line *line, size_t i)
{
	for (size_t word = line->as + 2; word < arguments->n_words; word++)
		if (arguments->words[word].text == line->forms[i].text)
			return arguments->words[word].at;
	return arguments->words[line->as + 1].at;
}

static int check_forms(const struct arguments *arguments, const struct parse_line *line, struct error *err)
{
	size_t at = arguments->words[line->as + 1].at;

	if (line->kind != DATE && line->n_forms)
		return arguments_fail(arguments, at, err, "'%s' means nothing behind '%s'", line->forms[0].text, kinds[line->kind].name);
	if (line->kind == DATE && !line->n_forms)
		return arguments_fail(arguments, at, err, "in which form? (as date '%%d-%%m-%%Y')");
	if (line->kind != DATE && line->config.zone >= 0)
		return arguments_fail(arguments, at, err, "local and utc say which time a date with a zone is");
	for (size_t i = 0; i < line->n_forms; i++) {
		const char *fault = time_form_fault(line->forms[i].text, true);

		if (fault)
			return arguments_fail(arguments, form_at(arguments, line, i), err,
			                      "'%s' is no form of a date: %s (%%d-%%m-%%Y; a time of day without one: duration)", line->forms[i].text, fault);
		if (line->config.zone < 0 && strstr(line->forms[i].text, "%z"))
			return arguments_fail(arguments, form_at(arguments, line, i), err,
			                      "which time, where the zones differ: that of each wall clock (local), or the instant (utc)?");
	}
	return 0;
}

static int check_unit(const struct arguments *arguments, struct parse_line *line, struct error *err)
{
	size_t at = arguments->words[line->as + 1].at;
	struct quantity_unit measure;

	if (!line->config.unit)
		line->config.unit = kinds[line->kind].unit;
	if (line->kind == QUANTITY && !line->config.unit)
		return arguments_fail(arguments, at, err, "in which unit shall the numbers be? (unit=km, unit=kg, unit=min ...)");
	if (line->kind == MONEY && !line->config.unit)
		return arguments_fail(arguments, at, err, "in which currency? (unit=$, unit=EUR ...; amounts in another one become null)");
	if ((line->kind == PERCENT || line->kind == DATE) && line->config.unit)
		return arguments_fail(arguments, at, err, "'%s' has no unit", kinds[line->kind].name);
	if (kinds[line->kind].measured && kinds[line->kind].family != FAMILY_OWN &&
	    !measure_find(line->config.unit, kinds[line->kind].family, &measure))
		return arguments_fail(arguments, at, err, "'%s' is no unit for a %s", line->config.unit, kinds[line->kind].name);
	return 0;
}

static int read_line(const struct arguments *arguments, struct parse_line *line, struct error *err)
{
	size_t otherwise = arguments_find(arguments, "else");
	struct arguments part = *arguments;     /* up to `else` */

	line->as = arguments_find(arguments, "as");
	if (line->as < 2 || line->as + 1 >= arguments->n_words)
		return arguments_fail(arguments, strlen(arguments->line), err,
		                      "as what? (parse COLUMN... as KIND: " KINDS ")");
	for (line->kind = 0; line->kind < N_KINDS; line->kind++)
		if (strcmp(arguments->words[line->as + 1].text, kinds[line->kind].name) == 0)
			break;
	if (line->kind == N_KINDS)
		return arguments_fail(arguments, arguments->words[line->as + 1].at, err, "no such kind (" KINDS ")");
	if (otherwise > line->as) {
		part.n_words = otherwise;
		if (read_else(arguments, otherwise, line, err) < 0)
			return -1;
	}
	line->forms = mem_array(arguments->n_words, sizeof *line->forms);
	if (arguments_options(&part, line->as + 2, parse_options, &line->config, line->forms, &line->n_forms, err) < 0)
		return -1;
	return check_forms(arguments, line, err) < 0 ? -1 : check_unit(arguments, line, err);
}

static void add_unit(struct binding *binding, const struct parse_line *line, const char *name, bool rows)
{
	struct unit *unit = entry_add(binding->entry, "parse");
	struct buffer state = BUFFER_INIT;

	unit->acts = rows ? ACTS_ON_ROWS : ACTS_ON_COLUMNS;
	names_add(&unit->reads, name);
	if (!rows)
		names_add(&unit->writes, name);
	pack_map(&state, 3u + (line->config.unit != NULL) + (line->config.zone >= 0));
	pack_key_text(&state, "kind", kinds[line->kind].name);
	pack_key_text(&state, "decimal", line->config.decimal ? "," : ".");
	if (line->config.unit)
		pack_key_text(&state, "unit", line->config.unit);
	if (line->config.zone >= 0)
		pack_key_text(&state, "zone", zone_names[line->config.zone]);
	pack_text(&state, "forms");
	pack_array(&state, line->n_forms);
	for (size_t i = 0; i < line->n_forms; i++)
		pack_text(&state, line->forms[i].text);
	unit_set_state(unit, &state);
}

static int parse_bind(struct binding *binding, struct error *err)
{
	struct parse_line line = { .config = { .zone = -1 } };
	struct names names = { .items = NULL };
	int result = read_line(binding->arguments, &line, err);

	if (result == BIND_DONE)
		result = bind_columns_before(binding, line.as, &names, err);
	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_TEXT, "nothing to parse: leave it out, or read it as text, with --types", err);
	for (size_t i = 0; result == BIND_DONE && line.reject && i < names.n; i++)
		add_unit(binding, &line, names.items[i], true);
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++)
		add_unit(binding, &line, names.items[i], false);
	names_release(&names);
	free(line.forms);
	return result;
}

/* ---- at work ---- */

struct parse {
	size_t col;
	enum kind kind;
	char decimal;
	bool local, utc;                /* of a date: the wall clock, or the instant in UTC */
	char *unit;
	struct quantity_unit wanted;          /* if measured; borrows unit */
	struct names forms;
	char *what, *name;              /* "could not be read as date", of which column */
	bool rows;                      /* the part that rejects */
};

static void parse_close(void *op)
{
	struct parse *parse = op;

	if (!parse)
		return;
	free(parse->unit);
	free(parse->what);
	free(parse->name);
	names_release(&parse->forms);
	free(parse);
}

static int read_state(struct parse *parse, const struct unit *unit, struct error *err)
{
	struct unpacked state;
	int result;

	if (unit_state(unit, &state, err) < 0)
		return -1;
	for (parse->kind = 0; parse->kind < N_KINDS; parse->kind++)
		if (object_is_text(map_get(&state.object, "kind"), kinds[parse->kind].name))
			break;
	parse->decimal = object_is_text(map_get(&state.object, "decimal"), ",") ? ',' : '.';
	parse->unit = object_text(map_get(&state.object, "unit"));
	parse->local = object_is_text(map_get(&state.object, "zone"), zone_names[ZONE_LOCAL]);
	parse->utc = object_is_text(map_get(&state.object, "zone"), zone_names[ZONE_UTC]);
	result = state_read_names(&state, "forms", &parse->forms, err);
	unpacked_free(&state);
	if (parse->kind == N_KINDS || unit->reads.n != 1 || (!parse->unit && (kinds[parse->kind].measured || parse->kind == MONEY)))
		return error_set(err, STATUS_FAILED, "broken state of 'parse'");
	for (size_t i = 0; i < parse->forms.n; i++)
		if (!time_form_reads(parse->forms.items[i]))
			return error_set(err, STATUS_FAILED, "broken state of 'parse': no form of a date");
	if (kinds[parse->kind].measured && !measure_find(parse->unit, kinds[parse->kind].family, &parse->wanted) &&
	    parse->kind != QUANTITY)
		return error_set(err, STATUS_FAILED, "broken state of 'parse': no unit for a %s", kinds[parse->kind].name);
	return result;
}

/* How the times print: as dates if no form has a time of day, else with seconds, and with fractions as each needs them where a form
 * has some; in the zone of all forms, in UTC if they have several, without one if the wall clock counts. */
static void form_behind(const struct parse *parse, char form[TIME_FORM_SIZE])
{
	const char *zone = NULL;
	bool clock = false, fraction = false, same = true;
	char of_one[TIME_FORM_SIZE], whole[2 * TIME_FORM_SIZE];

	for (size_t i = 0; i < parse->forms.n; i++) {
		time_form_behind(of_one, parse->forms.items[i]);
		clock |= strstr(of_one, "%H") != NULL;
		fraction |= strstr(of_one, "%.f") != NULL;
		same &= i == 0 || time_same_zone(parse->forms.items[i], parse->forms.items[0]);
	}
	zone = parse->local || !clock ? "" : parse->utc || !same ? "Z" : time_form_zone(parse->forms.items[0]);
	snprintf(whole, sizeof whole, "%s%s%s%s", "%Y-%m-%d", clock ? " %H:%M:%S" : "", fraction ? "%.f" : "", zone);
	memcpy(form, whole, TIME_FORM_SIZE);
	form[TIME_FORM_SIZE - 1] = 0;
}

static void *parse_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct parse *parse = mem_new(1, sizeof *parse);
	int col;

	(void)limits;
	if (read_state(parse, unit, err) < 0)
		goto fail;
	col = open_column(before, unit->reads.items[0], TYPES_TEXT, err);
	if (col == NO_FIELD)
		goto fail;
	parse->col = (size_t)col;
	parse->rows = unit->acts == ACTS_ON_ROWS;
	parse->what = mem_format("could not be read as %s", kinds[parse->kind].name);
	parse->name = mem_text(unit->reads.items[0]);
	return parse;
fail:
	parse_close(parse);
	return NULL;
}

static int parse_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct parse *parse = parse_open(unit, schema, NULL, err);
	char form[TIME_FORM_SIZE];

	if (!parse)
		return -1;
	if (!parse->rows) {
		schema_set_type(schema, parse->col, parse->kind == DATE ? TYPE_TIME : TYPE_REAL);
		schema_set_unit(schema, parse->col, parse->unit);
		form_behind(parse, form);
		schema_set_form(schema, parse->col, parse->kind == DATE ? form : NULL);
	}
	parse_close(parse);
	return 0;
}

/* Rejects are written in the order of the rows. */
static bool parse_ordered(const struct unit *unit)
{
	return unit->acts == ACTS_ON_ROWS;
}

static bool read_date(const struct parse *parse, const char *bytes, size_t size, int64_t *micros)
{
	text_trim(&bytes, &size);
	for (size_t i = 0; i < parse->forms.n; i++) {
		const char *form = parse->forms.items[i];

		if (parse->local ? time_read_local(bytes, size, form, micros) : time_read(bytes, size, form, true, micros))
			return true;
	}
	return false;
}

static bool read_cell(void *state, const char *bytes, size_t size, void *value)
{
	const struct parse *parse = state;

	if (parse->kind == DATE)
		return read_date(parse, bytes, size, value);
	return parse_measure(kinds[parse->kind].measure, bytes, size, parse->decimal, &parse->wanted, parse->unit, value);
}

static bool is_unreadable(void *state, const char *bytes, size_t size)
{
	union { int64_t micros; double number; } value;

	return !read_cell(state, bytes, size, &value);
}

/* Whether a cell that is lost has only the other decimal sign. */
static bool has_other_decimal(void *state, const char *bytes, size_t size)
{
	struct parse other = *(const struct parse *)state;
	double value;

	other.decimal = other.decimal == ',' ? '.' : ',';
	return is_unreadable(state, bytes, size) && read_cell(&other, bytes, size, &value);
}

/* Before the numbers take the place of the texts. What is replayed was settled when it was learned. */
static void count_lost(struct parse *parse, const struct batch *batch, const struct column *from, uint64_t n_lost, struct work *work)
{
	uint64_t *rows, n_otherwise = 0;

	tally_add(work->counts, parse->what, parse->name, n_lost);
	unseen_lose(work->unseen, parse->name, kinds[parse->kind].name, n_lost);
	if (parse->kind == DATE || work->replay)
		return;
	if (n_lost) {
		rows = arena_new(&work->scratch, bits_words(batch->n_rows), sizeof *rows);
		column_find_texts(batch, &work->scratch, from, has_other_decimal, parse, rows);
		n_otherwise = bits_count(rows, batch->n_rows);
	}
	unseen_hint(work->unseen, parse->name, parse->decimal == ',' ? "decimal=point" : "decimal=comma", batch->n_rows - from->n_missing, n_otherwise);
}

static int parse_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	struct parse *parse = op;
	enum type type = parse->kind == DATE ? TYPE_TIME : TYPE_REAL;
	const struct column *from;
	struct column column;
	uint64_t n_lost = 0;

	if (parse->rows)
		return 0;
	from = column_read(batch, parse->col, err);
	if (!from)
		return -1;
	column_read_texts(batch, &work->scratch, from, type, read_cell, op, &column, &n_lost);
	count_lost(parse, batch, from, n_lost, work);
	batch_put(batch, parse->col, type, &column);
	return 0;
}

static int parse_judge(void *op, struct batch *batch, uint64_t *keep, struct work *work, struct error *err)
{
	const struct parse *parse = op;
	const struct column *from = column_read(batch, parse->col, err);
	uint64_t *rows = arena_new(&work->scratch, bits_words(batch->n_rows), sizeof *rows), n = 0;
	struct buffer reason = BUFFER_INIT;
	int result = 0;

	if (!from)
		return -1;
	buffer_format(&reason, "%s %s", parse->name, parse->what);
	column_find_texts(batch, &work->scratch, from, is_unreadable, op, rows);
	for (size_t word = 0; word < bits_words(batch->n_rows) && result == 0; word++) {
		uint64_t going = rows[word] & keep[word];

		for (uint64_t bits = going; bits && !work->replay && result == 0; bits &= bits - 1)
			if (rejects_add(work->rejects, buffer_text(&reason), batch, word * 64 + (size_t)__builtin_ctzll(bits), err) < 0)
				result = -1;
		keep[word] &= ~going;
		n += bits_ones(going);
	}
	buffer_free(&reason);
	if (work->replay)
		tally_add(work->dropped, parse->what, parse->name, n);
	else
		tally_add(work->counts, REJECTED, parse->name, n);     /* the stage counts them by themselves */
	return result;
}

const struct step_kind step_parse = {
	.name = "parse",
	.usage = "parse COLUMN... as KIND [FORM...] [local|utc] [unit=UNIT] [decimal=point|comma] [else null|reject]",
	.summary = "read numbers, units, money and dates as people write them",
	.example = "parse km as distance",
	.options = parse_options,
	.bind = parse_bind,
	.fields = parse_fields,
	.open = parse_open,
	.apply = parse_apply,
	.judge = parse_judge,
	.close = parse_close,
	.ordered = parse_ordered,
	.counts_on_replay = true,
};
