/* SPDX-License-Identifier: MIT */
/*
 * Columns with the same need go into one line. A line's columns are written in
 * backquotes unless their name is a plain word that no step could take for an
 * option.
 */
#include "prepare.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "timestamp.h"

enum { LEVEL_ROWS = 10, LEVELS = 50 };
enum { N_TIME_PARTS = 3 };
static const char *const time_parts[N_TIME_PARTS] = { "hour", "weekday", "month" };

/* Lines in the making, each its step's name and its columns; what the family takes as it is gets none. */
struct recipe_lines {
	bool impute, scales;
	struct names drop, dates[1 << N_TIME_PARTS];    /* dates: by the set of their parts */
	struct buffer parse;            /* a line for each text that is times of several offsets */
	struct names numbers, bools, texts, plain_levels, rare_levels, scale;
	struct names first_parts, other_parts;          /* of times with missing values */
};

void preparation_release(struct preparation *preparation)
{
	buffer_free(&preparation->recipe);
	buffer_free(&preparation->left_out);
}

/* ---- writing ---- */

static bool plain_word(const char *name)
{
	static const char *const options[] = { "mean", "median", "mode", "constant", "by", "indicator", "min", "max", "other", "unknown",
		"hour", "weekday", "month", "day", "drop", "keep", "standard", "minmax", "robust", "maxabs", "ddof", "method", "cyclic", "year",
		"weekend", "yearday", "minute", "as", "else", "local", "utc" };

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(name, options[i]) == 0)
			return false;
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

static void write_name(struct buffer *to, const char *name)
{
	buffer_add_byte(to, ' ');
	if (plain_word(name)) {
		buffer_add_text(to, name);
		return;
	}
	buffer_add_byte(to, '`');
	for (; *name; name++) {
		if (*name == '`')
			buffer_add_byte(to, '`');
		buffer_add_byte(to, (unsigned char)*name);
	}
	buffer_add_byte(to, '`');
}

static void write_line(struct buffer *to, const char *step, const struct names *names, const char *options)
{
	if (names->n == 0)
		return;
	buffer_add_text(to, step);
	for (size_t i = 0; i < names->n; i++)
		write_name(to, names->items[i]);
	buffer_format(to, "%s%s\n", *options ? " " : "", options);
}

static void release_lines(struct recipe_lines *lines)
{
	struct names *all[] = { &lines->drop, &lines->numbers, &lines->bools, &lines->texts, &lines->plain_levels, &lines->rare_levels,
	                        &lines->scale, &lines->first_parts, &lines->other_parts };

	for (size_t set = 0; set < 1 << N_TIME_PARTS; set++)
		names_release(&lines->dates[set]);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		names_release(all[i]);
	buffer_free(&lines->parse);
}

/* ---- what a column needs ---- */

static void leave_out(struct preparation *preparation, struct recipe_lines *lines, const struct field_profile *field, const char *why)
{
	names_add(&lines->drop, field->field.name);
	buffer_format(&preparation->left_out, "%s: %s, %s\n", field->field.name, type_name(field->field.type), why);
}

/* Whether any level is frequent (a column of its own) and any rare (in "other"). missing: rows of the level of missing values. */
static void count_levels(const struct field_profile *field, uint64_t missing, bool *frequent, bool *rare)
{
	*frequent = field->many || missing >= LEVEL_ROWS;
	*rare = field->many || field->levels.n + (missing > 0) > LEVELS || (missing > 0 && missing < LEVEL_ROWS);
	for (size_t i = 0; !field->many && i < field->levels.n; i++) {
		*frequent = *frequent || field->levels.items[i].count >= LEVEL_ROWS;
		*rare = *rare || field->levels.items[i].count < LEVEL_ROWS;
	}
}

static void need_of_text(struct preparation *preparation, struct recipe_lines *lines, const struct field_profile *field)
{
	bool frequent, rare;

	count_levels(field, lines->impute ? field->missing : 0, &frequent, &rare);
	if (field_distinct(field)) {
		leave_out(preparation, lines, field, "mostly distinct");
	} else if (!frequent) {
		leave_out(preparation, lines, field, "no level in 10 rows");
	} else {
		if (field->missing && lines->impute)
			names_add(&lines->texts, field->field.name);
		names_add(rare ? &lines->rare_levels : &lines->plain_levels, field->field.name);
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
static void need_of_time(struct preparation *preparation, struct recipe_lines *lines, const struct field_profile *field, unsigned set)
{
	bool first = true;

	if (set == 0) {
		leave_out(preparation, lines, field, "no hour, weekday or month that differs");
		return;
	}
	names_add(&lines->dates[set], field->field.name);
	for (unsigned part = 0; part < N_TIME_PARTS; part++) {
		char *name = mem_format("%s_%s", field->field.name, time_parts[part]);

		if (set & 1u << part) {
			if (field->missing && lines->impute)
				names_add(first ? &lines->first_parts : &lines->other_parts, name);
			if (lines->scales)
				names_add(&lines->scale, name);
			first = false;
		}
		free(name);
	}
}

/* Text that is times whose zones differ: each in its local time. */
static void need_of_offsets(struct preparation *preparation, struct recipe_lines *lines, const struct field_profile *field)
{
	buffer_add_text(&lines->parse, "parse");
	write_name(&lines->parse, field->field.name);
	buffer_format(&lines->parse, " as date '%s' local\n", field->field.form);
	need_of_time(preparation, lines, field, (1u << N_TIME_PARTS) - 1);
}

static void write_dates(struct buffer *to, const struct recipe_lines *lines)
{
	for (size_t set = 1; set < 1 << N_TIME_PARTS; set++) {
		char options[64] = "";

		for (size_t part = 0; part < N_TIME_PARTS; part++)
			if (set & (size_t)1 << part)
				snprintf(options + strlen(options), sizeof options - strlen(options), "%s%s", *options ? " " : "", time_parts[part]);
		write_line(to, "date", &lines->dates[set], options);
	}
}

/* Standardised, or brought to 0..1, or something like it: no step size of ours would mind. */
static bool is_scaled(const struct field_profile *field)
{
	double deviation = field_deviation(field);

	return fabs(field_mean(field)) <= 1 && deviation >= 0.1 && deviation <= 2;
}

static void need_of(struct preparation *preparation, struct recipe_lines *lines, const struct field_profile *field)
{
	if (field->count == 0) {
		leave_out(preparation, lines, field, "no value in the training rows");
	} else if (field_constant(field)) {
		leave_out(preparation, lines, field, "constant");
	} else if (field->field.type == TYPE_TEXT && field->field.form) {
		need_of_offsets(preparation, lines, field);
	} else if (field->field.type == TYPE_TEXT) {
		need_of_text(preparation, lines, field);
	} else if (field->field.type == TYPE_TIME) {
		need_of_time(preparation, lines, field, parts_of_time(field));
	} else {
		if (field->missing && lines->impute)
			names_add(field->field.type == TYPE_BOOL ? &lines->bools : &lines->numbers, field->field.name);
		if (lines->scales && field->field.type != TYPE_BOOL && !is_scaled(field))
			names_add(&lines->scale, field->field.name);
	}
}

void prepare(struct preparation *preparation, const struct profile *profile, const char *target, enum task task, unsigned takes)
{
	struct buffer *recipe = &preparation->recipe;
	struct recipe_lines lines = { .impute = !(takes & MODEL_MISSING), .scales = takes & MODEL_SCALED };
	struct names scaled_target = { .n = 0 };

	for (size_t i = 0; i < profile->n; i++) {
		const struct field_profile *field = &profile->fields[i];

		if (strcmp(field->field.name, target) != 0)
			need_of(preparation, &lines, field);
		else if (lines.scales && task == TASK_REGRESSION && !is_scaled(field))
			names_add(&scaled_target, target);
	}
	write_line(recipe, "drop", &lines.drop, "");
	if (lines.parse.size)
		buffer_add(recipe, lines.parse.data, lines.parse.size);
	write_dates(recipe, &lines);
	write_line(recipe, "impute", &lines.numbers, "median indicator");
	write_line(recipe, "impute", &lines.bools, "mode indicator");
	write_line(recipe, "impute", &lines.first_parts, "median indicator");
	write_line(recipe, "impute", &lines.other_parts, "median");
	write_line(recipe, "impute", &lines.texts, "constant=missing");
	write_line(recipe, "onehot", &lines.plain_levels, "min=10 max=50");
	write_line(recipe, "onehot", &lines.rare_levels, "min=10 max=50 other");
	write_line(recipe, "scale", &lines.scale, "standard");
	write_line(recipe, "scale", &scaled_target, "standard");
	names_release(&scaled_target);
	release_lines(&lines);
}
