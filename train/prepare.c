/* SPDX-License-Identifier: MIT */
/*
 * Columns with the same need go into one line. A column whose new columns would
 * meet one that is there gets a line of its own, in which as=NAME_2 (or _3 ...)
 * says what they are called.
 */
#include "prepare.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "few_cells.h"
#include "levels_of.h"
#include "memory.h"
#include "recipe.h"
#include "text.h"
#include "text_kind.h"
#include "timestamp.h"

enum { LEVEL_ROWS = 10 };
enum { UNIT_SIZE = 8, MEASURED_LEVELS = 5 };
enum { N_TIME_PARTS = 3 };
enum { NAMES_SHOWN = 8, LINES_SHOWN = 6, KINDS_SHOWN = 4 };      /* for people who want no more */
static const char *const time_parts[N_TIME_PARTS] = { "hour", "weekday", "month" };

/* Where a line stands in the recipe: what it needs stands before it. */
enum place { DROP, PARSE, DATE, IMPUTE, ONEHOT, LEVELS, SCALE, SCALE_TARGET };
static const char *const steps[] = { "drop", "parse", "date", "impute", "onehot", "levels", "scale", "scale" };

struct recipe_line {
	enum place place;
	char *options;                  /* behind the columns, may be "" */
	bool own;                       /* of one column */
	struct names columns;
};

/* Text columns that `parse` reads as one kind. */
struct kind_group { char *kind; struct names columns; };
struct left_out_group { char *why; struct names columns; };

/* What is in the making. */
struct preparing {
	bool impute, scales, levels;    /* the family takes nothing missing; wants scaled numbers; takes levels */
	struct recipe_line *lines;
	size_t n_lines, room_lines;
	struct left_out_group *left_out;
	size_t n_left_out, room_left_out;
	struct names measured;          /* text of numbers with units, or dates: a person would have it read */
	struct kind_group *kinds;       /* of these */
	size_t n_kinds, room_kinds;
	struct names numbered;          /* columns that hold levels already, for a family that takes them */
	struct names taken;             /* names that are there, or will be */
	struct names prefixes;          /* of these, each up to an equals sign: COLUMN=LEVEL */
};

void preparation_release(struct preparation *preparation)
{
	names_release(&preparation->recipe);
	names_release(&preparation->shown);
}

/* ---- names that are free ---- */

static void take_name(struct preparing *preparing, const char *name)
{
	names_add_new(&preparing->taken, name);
	for (const char *sign = strchr(name, '='); sign; sign = strchr(sign + 1, '=')) {
		char *prefix = mem_text_n(name, (size_t)(sign - name));

		names_add_new(&preparing->prefixes, prefix);
		free(prefix);
	}
}

/* What a step makes of a column called `as`: ends, NULL behind the last; an end "=" stands for all levels. */
static bool is_free(const struct preparing *preparing, const char *as, const char *const *ends)
{
	bool free_name = true;

	for (; *ends && free_name; ends++) {
		char *name = mem_format("%s%s", as, *ends);

		free_name = **ends == '=' ? !names_have(&preparing->prefixes, as) : !names_have(&preparing->taken, name);
		free(name);
	}
	return free_name;
}

/* What to call them: the column's name, or that with a number. They are taken then. The caller frees. */
static char *find_free(struct preparing *preparing, const char *column, const char *const *ends)
{
	char *as = mem_text(column);

	for (size_t i = 2; !is_free(preparing, as, ends); i++) {
		free(as);
		as = mem_format("%s_%zu", column, i);
	}
	for (; *ends; ends++) {
		char *name = mem_format("%s%s", as, *ends);

		take_name(preparing, name);
		free(name);
	}
	return as;
}

/* ---- lines ---- */

static void add_line(struct preparing *preparing, enum place place, const char *options, bool own, const char *column)
{
	struct recipe_line *line = NULL;

	for (size_t i = 0; !own && i < preparing->n_lines && !line; i++)
		if (!preparing->lines[i].own && preparing->lines[i].place == place && strcmp(preparing->lines[i].options, options) == 0)
			line = &preparing->lines[i];
	if (!line) {
		array_grow(preparing->lines, preparing->n_lines, preparing->room_lines);
		line = &preparing->lines[preparing->n_lines++];
		*line = (struct recipe_line){ .place = place, .options = mem_text(options), .own = own };
	}
	names_add(&line->columns, column);
}

/* A step that makes columns, under names that are free; `end`: behind what they are called (an indicator's whole name); NULL: nothing. */
static char *add_making(struct preparing *preparing, enum place place, const char *options, const char *column, const char *const *ends,
                        const char *end)
{
	char *as = find_free(preparing, column, ends);
	struct buffer all = BUFFER_INIT;

	buffer_add_text(&all, options);
	if (strcmp(as, column) != 0) {
		buffer_add_text(&all, " as=");
		recipe_write_value(&all, as, end);
	}
	add_line(preparing, place, buffer_text(&all), strcmp(as, column) != 0, column);
	buffer_free(&all);
	return as;
}

static void add_impute(struct preparing *preparing, const char *method, const char *column)
{
	static const char *const ends[] = { "_missing", NULL };
	char *options = mem_format("%s indicator", method);

	free(add_making(preparing, IMPUTE, options, column, ends, "_missing"));
	free(options);
}

/* ---- what a column needs ---- */

static void leave_out(struct preparing *preparing, const struct field_profile *field, const char *why)
{
	char *reason = mem_format("%s, %s", type_name(field->field.type), why);
	size_t i = 0;

	while (i < preparing->n_left_out && strcmp(preparing->left_out[i].why, reason) != 0)
		i++;
	if (i == preparing->n_left_out) {
		array_grow(preparing->left_out, i, preparing->room_left_out);
		preparing->left_out[preparing->n_left_out++] = (struct left_out_group){ .why = mem_text(reason) };
	}
	names_add(&preparing->left_out[i].columns, field->field.name);
	add_line(preparing, DROP, "", false, field->field.name);
	free(reason);
}

/* Whether any level is frequent (a column of its own) and any rare (in "other"). */
static void count_levels(const struct field_profile *field, bool *frequent, bool *rare)
{
	*frequent = field->many;
	*rare = field->many || field->levels.n > PREPARE_LEVELS;
	for (size_t i = 0; !field->many && i < field->levels.n; i++) {
		*frequent = *frequent || field->levels.items[i].count >= LEVEL_ROWS;
		*rare = *rare || field->levels.items[i].count < LEVEL_ROWS;
	}
}

static size_t skip(const char *text, size_t size, size_t at, bool (*is)(char))
{
	while (at < size && is(text[at]))
		at++;
	return at;
}

static bool is_space(char c) { return c == ' ' || c == '\t'; }
static bool in_number(char c) { return text_is_digit(c) || (c && strchr(".,:/-", c)); }
static bool in_unit(char c) { return !text_is_digit(c) && !is_space(c) && !strchr("<>=", c); }      /* these make bands */

/* One number or date with at most a sign, currency or unit around it: "850 m", "(min) 24", "$3.50", "19-03-2022"; digits alone are a code. */
static bool looks_measured(const char *text, size_t size)
{
	size_t at = skip(text, size, 0, is_space), number, end, unit;

	number = skip(text, size, skip(text, size, at, in_unit), is_space);
	if (number - at > UNIT_SIZE || number == size || !text_is_digit(text[number]))
		return false;
	end = skip(text, size, number, in_number);
	unit = skip(text, size, end, is_space);
	at = skip(text, size, unit, in_unit);
	if (at - unit > UNIT_SIZE || skip(text, size, at, is_space) != size || isalpha((unsigned char)text[0]))
		return false;
	return skip(text, size, number, text_is_digit) < size || number > 0;
}

/* How many rows the levels have, and how many of these hold one number or date. */
static uint64_t count_measured(const struct field_profile *field, uint64_t *rows)
{
	uint64_t measured = 0;

	*rows = 0;
	for (size_t i = 0; i < field->levels.n; i++) {
		*rows += field->levels.items[i].count;
		if (looks_measured(distinct_bytes(&field->levels, i), field->levels.items[i].size))
			measured += field->levels.items[i].count;
	}
	return measured;
}

/* A text column that nearly always holds one number or date, if a kind of `parse` reads most of them; or one that is dates with a time of
 * day or a month's name, if one reads nearly all. */
static void look_measured(struct preparing *preparing, const struct field_profile *field)
{
	struct buffer kind = BUFFER_INIT;
	uint64_t rows, measured = count_measured(field, &rows), read;
	bool dates = !few_cells(rows - measured, rows);
	size_t i = 0;

	if (field->levels.n < MEASURED_LEVELS)
		return;
	read = text_kind_find(&field->levels, dates, &kind);
	if (read > 0 && (!dates || few_cells(rows - read, rows))) {
		names_add(&preparing->measured, field->field.name);
		while (i < preparing->n_kinds && strcmp(preparing->kinds[i].kind, buffer_text(&kind)) != 0)
			i++;
		if (i == preparing->n_kinds) {
			array_grow(preparing->kinds, i, preparing->room_kinds);
			preparing->kinds[preparing->n_kinds++] = (struct kind_group){ .kind = mem_text(buffer_text(&kind)) };
		}
		names_add(&preparing->kinds[i].columns, field->field.name);
	}
	buffer_free(&kind);
}

/* Missing text is a level as well; where none was to be seen, it is none of those that were. */
static void add_levels(struct preparing *preparing, const struct field_profile *field, bool missing)
{
	static const char *const ends[] = { "_level", NULL };
	char *options = mem_format("min=%d max=%d%s", LEVEL_ROWS, PREPARE_NUMBERED, missing ? " missing=own" : preparing->impute ? " missing=other" : "");

	free(add_making(preparing, LEVELS, options, field->field.name, ends, "_level"));
	free(options);
}

/* Missing text has a column as well, which no level can be. */
static void need_of_text(struct preparing *preparing, const struct field_profile *field)
{
	static const char *const ends[] = { "=", "_missing", NULL }, *const no_missing[] = { "=", NULL };
	bool frequent, rare, missing = field->missing && preparing->impute;
	char *options;

	count_levels(field, &frequent, &rare);
	look_measured(preparing, field);
	if (field_distinct(field)) {
		leave_out(preparing, field, "mostly distinct");
	} else if (!frequent && !(missing && field->missing >= LEVEL_ROWS)) {
		leave_out(preparing, field, "no level in 10 rows");
	} else if (preparing->levels) {
		add_levels(preparing, field, missing);
	} else {
		options = mem_format("min=%d max=%d%s%s", LEVEL_ROWS, PREPARE_LEVELS, rare ? " other" : "", missing ? " missing" : "");
		free(add_making(preparing, ONEHOT, options, field->field.name, missing ? ends : no_missing, NULL));
		free(options);
	}
}

/* Parts that all rows share are not made. */
static unsigned parts_of_time(const struct field_profile *field)
{
	struct civil from, to;
	bool hours = !field->field.form || strstr(field->field.form, "%H"), same_month, same_day;
	int64_t offset = time_form_offset(field->field.form);

	time_to_civil((int64_t)field->moments.min + offset, &from);
	time_to_civil((int64_t)field->moments.max + offset, &to);
	same_month = from.year == to.year && from.month == to.month;
	same_day = same_month && from.day == to.day;
	return (hours ? 1u : 0) | (same_day ? 0 : 2u) | (same_month ? 0 : 4u);
}

/* The parts of a missing time are missing; one indicator says so. set: the parts that differ. */
static void need_of_time(struct preparing *preparing, const struct field_profile *field, unsigned set)
{
	char options[64] = "", ends_text[N_TIME_PARTS][16], *as;
	const char *ends[N_TIME_PARTS + 1];
	size_t n = 0;

	if (set == 0) {
		leave_out(preparing, field, "no hour, weekday or month that differs");
		return;
	}
	for (unsigned part = 0; part < N_TIME_PARTS; part++)
		if (set & 1u << part) {
			snprintf(options + strlen(options), sizeof options - strlen(options), "%s%s", n ? " " : "", time_parts[part]);
			snprintf(ends_text[n], sizeof ends_text[n], "_%s", time_parts[part]);
			ends[n] = ends_text[n];
			n++;
		}
	ends[n] = NULL;
	as = add_making(preparing, DATE, options, field->field.name, ends, NULL);
	for (size_t i = 0; i < n; i++) {
		char *name = mem_format("%s%s", as, ends[i]);

		if (field->missing && preparing->impute && i == 0)
			add_impute(preparing, "median", name);
		else if (field->missing && preparing->impute)
			add_line(preparing, IMPUTE, "median", false, name);
		if (preparing->scales)
			add_line(preparing, SCALE, "standard", false, name);
		free(name);
	}
	free(as);
}

/* Text that is times whose zones differ: each in its local time. */
static void need_of_offsets(struct preparing *preparing, const struct field_profile *field)
{
	char *options = mem_format("as date '%s' local", field->field.form);

	add_line(preparing, PARSE, options, false, field->field.name);
	need_of_time(preparing, field, (1u << N_TIME_PARTS) - 1);
	free(options);
}

/* Standardised, or brought to 0..1, or something like it: no step size of ours would mind. */
static bool is_scaled(const struct field_profile *field)
{
	double deviation = field_deviation(field);

	return fabs(field_mean(field)) <= 1 && deviation >= 0.1 && deviation <= 2;
}

static void need_of(struct preparing *preparing, const struct field_profile *field)
{
	if (field->count == 0) {
		leave_out(preparing, field, "no value in the training rows");
	} else if (field_constant(field)) {
		leave_out(preparing, field, "constant");
	} else if (field->field.type == TYPE_TEXT && field->field.form) {
		need_of_offsets(preparing, field);
	} else if (field->field.type == TYPE_TEXT) {
		need_of_text(preparing, field);
	} else if (field->field.type == TYPE_TIME) {
		need_of_time(preparing, field, parts_of_time(field));
	} else {
		bool names = field->field.type == TYPE_BOOL || names_have(&preparing->numbered, field->field.name);

		if (field->missing && preparing->impute)
			add_impute(preparing, names ? "mode" : "median", field->field.name);
		if (preparing->scales && !names && !is_scaled(field))
			add_line(preparing, SCALE, "standard", false, field->field.name);
	}
}

/* ---- writing ---- */

/* most: columns that are named. */
static void write_line(struct names *to, const char *before, const struct recipe_line *line, size_t most)
{
	const struct names *columns = &line->columns;
	struct buffer text = BUFFER_INIT;

	buffer_format(&text, "%s%s", before, steps[line->place]);
	for (size_t i = 0; i < columns->n && i < most; i++) {
		buffer_add_byte(&text, ' ');
		selector_print_name(&text, columns->items[i]);
	}
	if (columns->n > most)
		buffer_format(&text, " (and %zu more)", columns->n - most);
	buffer_format(&text, "%s%s", *line->options ? " " : "", line->options);
	names_add(to, buffer_text(&text));
	buffer_free(&text);
}

static void write_recipe(struct preparing *preparing, struct names *to)
{
	for (enum place place = DROP; place <= SCALE_TARGET; place++)
		for (size_t i = 0; i < preparing->n_lines; i++)
			if (preparing->lines[i].place == place)
				write_line(to, "", &preparing->lines[i], SIZE_MAX);
}

/* What `drop` takes is told with the reason, below. */
static void show_lines(struct preparing *preparing, bool all, struct names *to)
{
	size_t n = 0, more = 0;

	for (enum place place = all ? DROP : PARSE; place <= SCALE_TARGET; place++)
		for (size_t i = 0; i < preparing->n_lines; i++) {
			if (preparing->lines[i].place != place)
				continue;
			if (!all && n++ >= LINES_SHOWN) {
				more++;
				continue;
			}
			write_line(to, "prepare: ", &preparing->lines[i], all ? SIZE_MAX : NAMES_SHOWN);
		}
	if (more)
		names_take(to, mem_format("prepare: %zu lines more (-v shows them)", more));
}

static void show_left_out(const struct preparing *preparing, bool all, struct names *to)
{
	for (size_t i = 0; i < preparing->n_left_out; i++) {
		const struct left_out_group *group = &preparing->left_out[i];
		struct buffer text = BUFFER_INIT;

		buffer_add_text(&text, "left out: ");
		names_print(&group->columns, all ? SIZE_MAX : NAMES_SHOWN, &text);
		buffer_format(&text, ": %s", group->why);
		names_add(to, buffer_text(&text));
		buffer_free(&text);
	}
}

/* A step, quoted for a shell. */
static void write_parse(struct buffer *to, const struct kind_group *group, size_t most)
{
	struct buffer names = BUFFER_INIT;

	for (size_t i = 0; i < group->columns.n && i < most; i++) {
		buffer_add_byte(&names, ' ');
		selector_print_name(&names, group->columns.items[i]);
	}
	buffer_add_text(to, " 'parse");
	for (const char *at = buffer_text(&names); *at; at++)
		if (*at == '\'')
			buffer_add_text(to, "'\\''");
		else
			buffer_add_byte(to, (unsigned char)*at);
	buffer_format(to, "%s as %s'", group->columns.n > most ? " ..." : "", group->kind);
	buffer_free(&names);
}

static void show_measured(const struct preparing *preparing, bool all, struct names *to)
{
	size_t n_shown = all || preparing->n_kinds <= KINDS_SHOWN ? preparing->n_kinds : KINDS_SHOWN;
	struct buffer text = BUFFER_INIT;
	bool form_open = false;

	if (preparing->measured.n == 0)
		return;
	buffer_add_text(&text, "text with numbers or dates in it: ");
	names_print(&preparing->measured, all ? SIZE_MAX : NAMES_SHOWN, &text);
	buffer_add_text(&text, " (steps before that read them:");
	for (size_t i = 0; i < n_shown; i++) {
		write_parse(&text, &preparing->kinds[i], all ? SIZE_MAX : NAMES_SHOWN);
		form_open = form_open || strcmp(preparing->kinds[i].kind, "date FORM") == 0;
	}
	buffer_format(&text, "%s%s)", n_shown < preparing->n_kinds ? " ..." : "", form_open ? "; FORM: such as %d/%m/%Y or %m/%d/%Y, both would fit" : "");
	names_add(to, buffer_text(&text));
	buffer_free(&text);
}

static void preparing_release(struct preparing *preparing)
{
	for (size_t i = 0; i < preparing->n_lines; i++) {
		free(preparing->lines[i].options);
		names_release(&preparing->lines[i].columns);
	}
	free(preparing->lines);
	for (size_t i = 0; i < preparing->n_left_out; i++) {
		free(preparing->left_out[i].why);
		names_release(&preparing->left_out[i].columns);
	}
	free(preparing->left_out);
	for (size_t i = 0; i < preparing->n_kinds; i++) {
		free(preparing->kinds[i].kind);
		names_release(&preparing->kinds[i].columns);
	}
	free(preparing->kinds);
	names_release(&preparing->measured);
	names_release(&preparing->numbered);
	names_release(&preparing->taken);
	names_release(&preparing->prefixes);
}

static void find_numbered(struct preparing *preparing, const struct prepare_options *options)
{
	struct names names = { .items = NULL };
	uint32_t *counts = mem_new(options->schema->n_fields + 1, sizeof *counts);

	for (size_t col = 0; col < options->schema->n_fields; col++)
		names_add(&names, options->schema->fields[col].name);
	levels_of(options->lineage, &names, counts);
	for (size_t col = 0; col < names.n; col++)
		if (counts[col])
			names_add(&preparing->numbered, names.items[col]);
	names_release(&names);
	free(counts);
}

void prepare(struct preparation *preparation, const struct prepare_options *options)
{
	struct preparing preparing = { .impute = !(options->takes & MODEL_MISSING), .scales = options->takes & MODEL_SCALED,
	                               .levels = options->takes & MODEL_LEVELS };
	const struct profile *profile = options->profile;
	size_t n_features = 0;

	for (size_t col = 0; col < options->schema->n_fields; col++)
		take_name(&preparing, options->schema->fields[col].name);
	if (preparing.levels)
		find_numbered(&preparing, options);
	for (size_t i = 0; i < profile->n; i++) {
		const struct field_profile *field = &profile->fields[i];

		if (options->by && strcmp(field->field.name, options->by) == 0)
			continue;
		if (!options->target || strcmp(field->field.name, options->target) != 0) {
			need_of(&preparing, field);
			n_features++;
		} else if (preparing.scales && options->task == TASK_REGRESSION && (options->other_scale || !is_scaled(field))) {
			add_line(&preparing, SCALE_TARGET, "standard", false, options->target);
		}
	}
	for (size_t i = 0; i < preparing.n_left_out; i++)
		n_features -= preparing.left_out[i].columns.n;
	preparation->nothing_left = n_features == 0;
	write_recipe(&preparing, &preparation->recipe);
	show_lines(&preparing, options->all, &preparation->shown);
	show_left_out(&preparing, options->all, &preparation->shown);
	show_measured(&preparing, options->all, &preparation->shown);
	preparing_release(&preparing);
}
