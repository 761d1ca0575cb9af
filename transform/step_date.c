/* SPDX-License-Identifier: MIT */
/*
 * `date COLUMN... [PART...]`: parts of a time as columns of their own, NAME_hour and
 * so on; with `cyclic` sine and cosine of those that come round as well, so that 23
 * and 0 are neighbours. They are parts of the wall clock in the zone of the column's form. The column itself becomes a source: kept for people, no
 * feature any more. A unit per column.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "cpu.h"
#include "memory.h"
#include "timestamp.h"

enum part { YEAR, MONTH, DAY, YEARDAY, WEEKDAY, WEEKEND, HOUR, MINUTE, N_PARTS };

/* first: its smallest value; period: values until it comes round, 0: never. */
static const struct { const char *name; double first, period; } parts[N_PARTS] = {
	{ "year", 0, 0 }, { "month", 1, 12 }, { "day", 1, 31 }, { "yearday", 1, 365.2425 }, { "weekday", 0, 7 }, { "weekend", 0, 0 },
	{ "hour", 0, 24 }, { "minute", 0, 60 },
};
enum { DROP_COLUMN = N_PARTS, KEEP_COLUMN, CYCLIC, N_FLAGS };

struct date_config { bool flags[N_FLAGS]; const char *as; };
#define FLAG(name, i, help) {name, 0, OPTION_FLAG, offsetof(struct date_config, flags) + (i) * sizeof(bool), NULL, NULL, 0, 0, help}
static const struct option_row date_options[] = {
	FLAG("hour", HOUR, "0 to 23 (a default, where the column has hours)"),
	FLAG("weekday", WEEKDAY, "0 for Monday to 6 (a default)"),
	FLAG("weekend", WEEKEND, "true on Saturday and Sunday (a default)"),
	FLAG("month", MONTH, "1 to 12 (a default)"),
	FLAG("day", DAY, "of the month, 1 to 31"),
	FLAG("yearday", YEARDAY, "of the year, 1 to 366"),
	FLAG("year", YEAR, "1 to 9999"),
	FLAG("minute", MINUTE, "0 to 59"),
	FLAG("cyclic", CYCLIC, "also sine and cosine of the parts that come round, as NAME_hour_sin, NAME_hour_cos"),
	{ "as", 0, OPTION_TEXT, offsetof(struct date_config, as), "NAME", NULL, 0, 0, "of one column: call the parts NAME_hour and so on" },
	FLAG("drop", DROP_COLUMN, "the column itself goes"),
	FLAG("keep", KEEP_COLUMN, "the column itself stays what it is; without drop or keep it becomes a source"),
	OPTION_END
};

/* ---- binding ---- */

/* The parts of one column; what its form can't tell is no default. */
static struct date_config with_defaults(const struct date_config *config, const struct field *field)
{
	struct date_config full = *config;
	bool any = false;

	for (enum part part = 0; part < N_PARTS; part++)
		any |= config->flags[part];
	if (!any) {
		full.flags[WEEKDAY] = full.flags[WEEKEND] = full.flags[MONTH] = true;
		full.flags[HOUR] = !field->form || strstr(field->form, "%H");
	}
	return full;
}

/* How many columns a part makes: itself, and sine and cosine. */
static size_t part_columns(enum part part, bool cyclic)
{
	return cyclic && parts[part].period > 0 ? 3 : 1;
}

/* Their names, in their order. */
static size_t part_names(const char *column, enum part part, bool cyclic, char *names[3])
{
	size_t n = part_columns(part, cyclic);

	for (size_t i = 0; i < n; i++)
		names[i] = mem_format("%s_%s%s", column, parts[part].name, i == 0 ? "" : i == 1 ? "_sin" : "_cos");
	return n;
}

static int add_unit(struct binding *binding, const struct field *field, const struct date_config *config, struct error *err)
{
	struct date_config full = with_defaults(config, field);
	struct unit *unit = entry_add(binding->entry, "date");
	struct buffer state = BUFFER_INIT;
	size_t n_parts = 0;

	names_add(&unit->reads, field->name);
	for (enum part part = 0; part < N_PARTS; part++) {
		char *names[3];
		size_t n = full.flags[part] ? part_names(config->as ? config->as : field->name, part, full.flags[CYCLIC], names) : 0;

		n_parts += n > 0;
		for (size_t i = 0; i < n; i++) {
			if (schema_find(binding->schema, names[i]) != NO_FIELD)
				arguments_fail(binding->arguments, 0, err, "there is a field '%s' already (rename it)", names[i]);
			names_add(&unit->writes, names[i]);
			free(names[i]);
		}
	}
	pack_map(&state, 3);
	pack_text(&state, "parts");
	pack_array(&state, n_parts);
	for (enum part part = 0; part < N_PARTS; part++)
		if (full.flags[part])
			pack_text(&state, parts[part].name);
	pack_text(&state, "cyclic");
	pack_bool(&state, full.flags[CYCLIC]);
	pack_key_text(&state, "column", full.flags[DROP_COLUMN] ? "drop" : full.flags[KEEP_COLUMN] ? "keep" : "source");
	unit_set_state(unit, &state);
	return err->code == STATUS_DONE ? BIND_DONE : BIND_FAILED;
}

static int date_bind(struct binding *binding, struct error *err)
{
	struct date_config config = { .flags = { false } };
	struct names names = { .items = NULL };
	int result = bind_columns(binding, date_options, &config, &names, err);

	if (result == BIND_DONE)
		result = bind_types(binding, &names, TYPES_TIME, "parse it: parse COLUMN as date '%d-%m-%Y'", err);
	if (result == BIND_DONE)
		result = bind_as(binding, config.as, names.n, err);
	if (result == BIND_DONE && config.flags[DROP_COLUMN] && config.flags[KEEP_COLUMN])
		result = arguments_fail(binding->arguments, 0, err, "drop and keep: which?");
	for (size_t i = 0; result == BIND_DONE && i < names.n; i++)
		result = add_unit(binding, &binding->schema->fields[schema_find(binding->schema, names.items[i])], &config, err);
	names_release(&names);
	return result;
}

/* ---- at work ---- */

/* offset: what the zone of the column's form adds to UTC, for its wall clock. */
struct date { size_t col; int64_t offset; bool flags[N_PARTS], cyclic, drop, source; };

static int read_state(struct date *date, const struct unit *unit, struct error *err)
{
	struct unpacked state;
	object list;
	bool fine;

	if (unit_state(unit, &state, err) < 0)
		return -1;
	list = map_get(&state.object, "parts");
	for (size_t i = 0; i < array_size(list); i++)
		for (enum part part = 0; part < N_PARTS; part++)
			date->flags[part] |= object_is_text(array_get(list, i), parts[part].name);
	date->drop = object_is_text(map_get(&state.object, "column"), "drop");
	date->source = object_is_text(map_get(&state.object, "column"), "source");
	fine = object_bool(map_get(&state.object, "cyclic"), &date->cyclic) && unit->reads.n == 1;
	unpacked_free(&state);
	return fine ? 0 : error_set(err, STATUS_FAILED, "broken state of 'date'");
}

static void *date_open(const struct unit *unit, const struct schema *before, const struct step_limits *limits, struct error *err)
{
	struct date *date = mem_new(1, sizeof *date);
	int col = NO_FIELD;

	(void)limits;
	if (read_state(date, unit, err) == 0)
		col = open_column(before, unit->reads.items[0], TYPES_TIME, err);
	if (col == NO_FIELD) {
		free(date);
		return NULL;
	}
	date->col = (size_t)col;
	date->offset = time_form_offset(before->fields[col].form);
	return date;
}

/* The unit's writes are the names, in their order. */
static int add_fields(const struct date *date, const struct names *names, struct schema *schema, struct error *err)
{
	size_t next = 0;

	for (enum part part = 0; part < N_PARTS; part++)
		for (size_t i = 0; date->flags[part] && i < part_columns(part, date->cyclic); i++) {
			if (next == names->n)
				return error_set(err, STATUS_FAILED, "broken state of 'date'");
			if (schema_find(schema, names->items[next]) != NO_FIELD)
				return error_set(err, STATUS_FAILED, "there is a field '%s' already", names->items[next]);
			schema_add(schema, names->items[next++], i ? TYPE_REAL : part == WEEKEND ? TYPE_BOOL : TYPE_INT, ROLE_FEATURE);
		}
	return next == names->n ? 0 : error_set(err, STATUS_FAILED, "broken state of 'date'");
}

static int date_fields(const struct unit *unit, struct schema *schema, struct error *err)
{
	struct date *date = date_open(unit, schema, NULL, err);
	int result = -1;

	if (!date || add_fields(date, &unit->writes, schema, err) < 0)
		goto out;
	if (date->source && schema->fields[date->col].role == ROLE_FEATURE)
		schema_set_role(schema, date->col, ROLE_SOURCE);
	if (date->drop)
		schema_vacate(schema, date->col);
	result = 0;
out:
	free(date);
	return result;
}

static bool needs_calendar(enum part part)
{
	return part == YEAR || part == MONTH || part == DAY || part == YEARDAY;
}

static int calendar_value(const struct civil *civil, enum part part)
{
	switch (part) {
	case YEAR: return civil->year;
	case MONTH: return civil->month;
	case DAY: return civil->day;
	default: return civil->yearday;
	}
}

/*
 * The times of one batch by the wall clock: days since 1970 and minutes of the day, which of years up to 9999 are few
 * enough for 32 bits, of which processors work on more at once; and what the calendar says, NULL if no part needs it.
 */
struct clock { int32_t *days; uint32_t *minutes; struct civil *civils; };

/* Of any time. */
static void clock_of_times(const int64_t *times, int64_t offset, size_t n, int32_t *days, uint32_t *minutes)
{
	const int64_t minute = 60 * INT64_C(1000000);

	for (size_t row = 0; row < n; row++) {
		int64_t micros = times[row] + offset, whole = micros / minute - (micros % minute < 0);

		days[row] = (int32_t)(whole / 1440 - (whole % 1440 < 0));
		minutes[row] = (uint32_t)(whole - (int64_t)days[row] * 1440);
	}
}

#ifdef CPU_HAS_LANES
/*
 * The same of times that doubles hold exactly, in vectors. From a time to the end of its day it is a microsecond at least: of the
 * quotient that is 1.1e-11, and of doubles below 2^17 half a unit in the last place is at most 7.3e-12. So no quotient is rounded up to the
 * day that follows; and so with minutes.
 */
AVX512 static void clock_in_vectors(const int64_t *restrict times, int64_t offset, size_t n, int32_t *restrict days, uint32_t *restrict minutes)
{
	const double day = 86400e6, minute = 60e6;

	for (size_t row = 0; row < n; row++) {
		double micros = (double)(times[row] + offset), whole = floor(micros / day);

		days[row] = (int32_t)whole;
		minutes[row] = (uint32_t)(int32_t)((micros - whole * day) / minute);
	}
}

static bool are_exact(const int64_t *times, int64_t offset, size_t n)
{
	uint64_t beyond = 0;

	for (size_t row = 0; row < n; row++)
		beyond |= (uint64_t)(times[row] + offset + (INT64_C(1) << 53)) >> 54;
	return beyond == 0;
}
#endif

static void find_clock(const int64_t *times, int64_t offset, size_t n, int32_t *days, uint32_t *minutes)
{
#ifdef CPU_HAS_LANES
	if (cpu_lanes() >= CPU_AVX512 && are_exact(times, offset, n)) {
		clock_in_vectors(times, offset, n, days, minutes);
		return;
	}
#endif
	clock_of_times(times, offset, n, days, minutes);
}

static struct clock read_clock(const struct date *date, const struct column *from, size_t n_rows, struct arena *scratch)
{
	const int64_t *times = from->values;
	struct clock clock = { arena_array(scratch, n_rows, sizeof *clock.days), arena_array(scratch, n_rows, sizeof *clock.minutes), NULL };

	find_clock(times, date->offset, n_rows, clock.days, clock.minutes);
	for (enum part part = 0; part < N_PARTS && !clock.civils; part++)
		if (date->flags[part] && needs_calendar(part))
			clock.civils = arena_array(scratch, n_rows, sizeof *clock.civils);
	for (size_t row = 0; clock.civils && row < n_rows; row++)
		time_to_civil(times[row] + date->offset, &clock.civils[row]);
	return clock;
}

static uint32_t weekday_of(int32_t days) { return (uint32_t)(days + 7 * 120000 + 3) % 7; }      /* 1970-01-01 was a Thursday */

/* What days and hours tell without a calendar. */
static void clock_values(const struct clock *clock, size_t n_rows, enum part part, int8_t *restrict to)
{
	switch (part) {
	case WEEKDAY:
		for (size_t row = 0; row < n_rows; row++)
			to[row] = (int8_t)weekday_of(clock->days[row]);
		break;
	case WEEKEND:
		for (size_t row = 0; row < n_rows; row++)
			to[row] = weekday_of(clock->days[row]) >= 5;
		break;
	case HOUR:
		for (size_t row = 0; row < n_rows; row++)
			to[row] = (int8_t)(clock->minutes[row] / 60);
		break;
	default:
		for (size_t row = 0; row < n_rows; row++)
			to[row] = (int8_t)(clock->minutes[row] % 60);
	}
}

/* ---- the columns ---- */

/* from: its count is this step's. */
struct part_taking { struct batch *batch; struct column from; struct clock clock; };

/* Values of the part of 1 byte, or of 2. */
static void add_cycle(const struct part_taking *taking, const int8_t *bytes, const int16_t *shorts, enum part part)
{
	struct batch *batch = taking->batch;
	struct column sine = COLUMN_INIT, cosine = COLUMN_INIT;
	double *sines = column_new_values(&sine, batch->pool, TYPE_REAL, batch->n_rows);
	double *cosines = column_new_values(&cosine, batch->pool, TYPE_REAL, batch->n_rows);

	for (size_t row = 0; row < batch->n_rows; row++) {
		double angle = 2 * 3.14159265358979323846 * ((bytes ? bytes[row] : shorts[row]) - parts[part].first) / parts[part].period;

		sines[row] = sin(angle);
		cosines[row] = cos(angle);
	}
	column_share_valid(&sine, &taking->from);
	column_share_valid(&cosine, &taking->from);
	batch_put(batch, batch->n_columns, TYPE_REAL, &sine);
	batch_put(batch, batch->n_columns, TYPE_REAL, &cosine);
}

static void add_weekend(const struct part_taking *taking)
{
	struct batch *batch = taking->batch;
	struct column fresh = COLUMN_INIT;

	clock_values(&taking->clock, batch->n_rows, WEEKEND, column_new_values(&fresh, batch->pool, TYPE_BOOL, batch->n_rows));
	column_share_valid(&fresh, &taking->from);
	batch_put(batch, batch->n_columns, TYPE_BOOL, &fresh);
}

static void add_part(const struct part_taking *taking, enum part part, bool cyclic)
{
	struct batch *batch = taking->batch;
	struct column fresh = COLUMN_INIT;
	bool is_short = part == YEAR || part == YEARDAY;
	void *values = column_new_narrow(&fresh, batch->pool, batch->n_rows, is_short ? 2 : 1, 0);
	const struct civil *civils = taking->clock.civils;
	int8_t *bytes = is_short ? NULL : values;
	int16_t *shorts = is_short ? values : NULL;

	if (!needs_calendar(part))
		clock_values(&taking->clock, batch->n_rows, part, bytes);
	else
		for (size_t row = 0; row < batch->n_rows; row++)
			if (shorts)
				shorts[row] = (int16_t)calendar_value(&civils[row], part);
			else
				bytes[row] = (int8_t)calendar_value(&civils[row], part);
	column_share_valid(&fresh, &taking->from);
	batch_put(batch, batch->n_columns, TYPE_INT, &fresh);
	if (cyclic && parts[part].period > 0)
		add_cycle(taking, bytes, shorts, part);
}

static int date_apply(void *op, struct batch *batch, struct work *work, struct error *err)
{
	const struct date *date = op;
	const struct column *from = column_read(batch, date->col, err);
	struct part_taking taking = { .batch = batch };

	if (!from)
		return -1;
	column_share(&taking.from, from);
	taking.clock = read_clock(date, from, batch->n_rows, &work->scratch);
	for (enum part part = 0; part < N_PARTS; part++) {
		if (!date->flags[part])
			continue;
		if (part == WEEKEND)
			add_weekend(&taking);
		else
			add_part(&taking, part, date->cyclic);
	}
	column_drop(&taking.from);
	if (date->drop)
		batch_vacate(batch, date->col);
	return 0;
}

const struct step_kind step_date = {
	.name = "date",
	.usage = "date COLUMN... [hour] [weekday] [weekend] [month] [day] [yearday] [year] [minute] [cyclic] [as=NAME] [drop|keep]",
	.summary = "parts of times as columns",
	.example = "date ordered_at hour weekday cyclic",
	.options = date_options,
	.bind = date_bind,
	.fields = date_fields,
	.open = date_open,
	.apply = date_apply,
	.close = free,
};
