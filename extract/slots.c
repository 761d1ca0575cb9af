/* SPDX-License-Identifier: MIT */
#include "slots.h"

#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "memory.h"
#include "text.h"

/* ---- what was asked for ---- */

/* Where the type begins, behind the last = that has one behind it, else behind the last one: names may have = and parentheses, too. */
static const char *type_in(const char *text, enum type *type)
{
	const char *last = strrchr(text, '=');

	for (const char *p = last; p && p > text; p--)
		if (*p == '=' && type_from_name(p + 1, strcspn(p + 1, "("), type))
			return p + 1;
	return last && last > text ? last + 1 : NULL;
}

/* "km=real", "when=time(%d-%m-%Y)" */
static int read_type(struct request *request, const char *text, struct error *err)
{
	enum type type;
	const char *word = type_in(text, &type), *open;
	struct schema *given;
	const char *fault;
	char *name, *form = NULL;
	size_t size, all;
	int result = -1;

	if (!word)
		return error_set(err, STATUS_USAGE, "--types: '%s' is not name=type", text);
	name = mem_text_n(text, (size_t)(word - 1 - text));
	given = text_is_glob(name) ? &request->globs : &request->given;
	open = strchr(word, '(');
	size = strcspn(word, "(");
	all = strlen(word);
	if (!type_from_name(word, size, &type)) {
		error_set(err, STATUS_USAGE, "--types: '%s' is no type (int, real, bool, time, time(FORM), text)", word);
		goto out;
	}
	if (open) {
		form = mem_text_n(open + 1, all - size - 2 < all ? all - size - 2 : 0);
		if (type != TYPE_TIME || word[all - 1] != ')' || !time_form_valid(form)) {
			fault = type == TYPE_TIME && word[all - 1] == ')' ? time_form_fault(form, false) : NULL;
			error_set(err, STATUS_USAGE, "--types: '%s' is no form of a time%s%s (such as time(%%d-%%m-%%Y))", word, fault ? ": " : "", fault ? fault : "");
			goto out;
		}
	}
	if (schema_find(given, name) != NO_FIELD) {
		error_set(err, STATUS_USAGE, "--types: '%s' is there twice", name);
		goto out;
	}
	schema_add(given, name, type, ROLE_FEATURE);
	schema_set_form(given, given->n_fields - 1, form);
	result = 0;
out:
	free(name);
	free(form);
	return result;
}

/* Inputs of which only numbers were made take reals, which print without a point where they are whole. */
static void read_like(struct schema *given, const struct schema *inputs)
{
	for (size_t col = 0; col < inputs->n_fields; col++) {
		const struct field *field = &inputs->fields[col];

		if (schema_find(given, field->name) != NO_FIELD)
			continue;
		schema_add_field(given, field);
		if (!field->as_real)
			continue;
		given->fields[given->n_fields - 1].type = TYPE_REAL;
		schema_set_form(given, given->n_fields - 1, "0");
	}
}

int request_read(struct request *request, const struct extract_config *config, struct error *err)
{
	struct names types = { .n = 0 };
	int result = 0;

	*request = (struct request){ .like = config->alike != NULL };
	list_split(&config->columns, false, &request->columns);
	list_split(&config->types, true, &types);
	for (size_t i = 0; i < types.n && result == 0; i++)
		result = read_type(request, types.items[i], err);
	request->n_types = request->given.n_fields;
	names_release(&types);
	if (result == 0 && config->alike)
		read_like(&request->given, &config->alike->inputs);
	return result;
}

void request_release(struct request *request)
{
	names_release(&request->columns);
	schema_release(&request->given);
	schema_release(&request->globs);
}

/* The type that is asked for a column, or NULL. */
static const struct field *asked_for(const struct request *request, const char *name)
{
	int given = schema_find(&request->given, name), glob = schema_find(&request->globs, name);

	if (given != NO_FIELD && (size_t)given < request->n_types)
		return &request->given.fields[given];
	if (glob != NO_FIELD)           /* the name itself, with a bracket in it */
		return &request->globs.fields[glob];
	for (size_t i = request->globs.n_fields; i-- > 0;)
		if (text_glob(request->globs.fields[i].name, name))
			return &request->globs.fields[i];
	return given == NO_FIELD ? NULL : &request->given.fields[given];
}

/* Whether that type comes from --like. */
static bool is_like(const struct request *request, const struct field *asked)
{
	int given = schema_find(&request->given, asked->name);

	return given != NO_FIELD && (size_t)given >= request->n_types && asked == &request->given.fields[given];
}

/* ---- slots ---- */

static char *or_else(const char *text, const char *otherwise)
{
	return mem_text(text ? text : otherwise);
}

/* The type that is asked for (or NULL) of a column that brings `own` along (or NULL): a form and a unit of its own stay where that has none. */
static void set_type(struct slot *slot, const struct field *asked, const struct field *own)
{
	const struct field *field = asked ? asked : own;

	slot->given = true;
	slot->type = field->type;
	slot->form = or_else(field->form, own && own->type == field->type ? own->form : NULL);
	slot->unit = or_else(field->unit, own ? own->unit : NULL);
	slot->role = own ? own->role : ROLE_FEATURE;
}

/* The marks of the file; but what --like knows with a point, or without marks, is so. */
static void set_marks(struct slot *slot, const struct columns *columns, const struct field *asked, const struct request *request)
{
	bool like = asked && is_like(request, asked) && asked->type == TYPE_REAL && !asked->as_real && number_marks_are_plain(form_all_marks(asked->form));

	slot->marks = slot->infer.marks = like && columns->marks.point ? NUMBER_MARKS_PLAIN : columns->marks;
}

/* Which other forms a time may be written in; true: it has to wait for its first value. */
static bool set_iso(struct slot *slot, const struct field *asked, const struct request *request, bool typed)
{
	bool text = asked && request->words != WORDS_NONE, like = text && is_like(request, asked) && slot->form;
	bool open = text && !is_like(request, asked) && !slot->form;

	slot->any_iso = open || like || (typed && slot->form);
	slot->any_zone = like && *time_form_zone(slot->form);
	return open;
}

void slots_extend(struct slots *slots, const struct columns *columns, const struct request *request, bool typed)
{
	for (; slots->n_columns < columns->schema.n_fields; slots->n_columns++) {
		const struct field *field = &columns->schema.fields[slots->n_columns];
		const struct field *asked;
		struct slot *slot;

		if (request->columns.n && !names_have(&request->columns, field->name))
			continue;
		array_grow(slots->items, slots->n, slots->room);
		slot = &slots->items[slots->n++];
		*slot = (struct slot){ .cell = slots->n_columns, .type = TYPE_TEXT, .words = request->words, .nearly = -1, .infer = INFER_INIT };
		asked = asked_for(request, field->name);
		if (typed || asked)
			set_type(slot, asked, typed ? field : NULL);
		else
			slot->given = request->like;
		if (slot->type == TYPE_TIME)
			slots->n_open += set_iso(slot, asked, request, typed);
		if (request->words != WORDS_NONE && !typed)
			set_marks(slot, columns, asked, request);
		slots->n_inferred += !slot->given;
	}
}

/* Each glob of --types has a column, but where there are no columns at all. */
static int check_globs(const struct columns *columns, const struct request *request, struct error *err)
{
	for (size_t i = 0; i < request->globs.n_fields && columns->schema.n_fields > 0; i++) {
		const char *glob = request->globs.fields[i].name;
		bool found = schema_find(&columns->schema, glob) != NO_FIELD;

		for (size_t col = 0; col < columns->schema.n_fields && !found; col++)
			found = text_glob(glob, columns->schema.fields[col].name);
		if (!found)
			return error_set(err, STATUS_FAILED, "--types: no column is like '%s'", glob);
	}
	return 0;
}

int slots_order(struct slots *slots, const struct columns *columns, const struct request *request, struct error *err)
{
	for (size_t i = 0; i < request->n_types; i++)
		if (schema_require(&columns->schema, request->given.fields[i].name, err) < 0)
			return error_prefix(err, "--types");
	if (check_globs(columns, request, err) < 0)
		return -1;
	if (request->columns.n == 0)
		return 0;
	for (size_t i = 0; i < request->columns.n; i++) {
		int col = schema_require(&columns->schema, request->columns.items[i], err);
		size_t from;
		struct slot slot;

		if (col < 0)
			return error_prefix(err, "--columns");
		from = i;
		while (from < slots->n && slots->items[from].cell != (size_t)col)
			from++;
		if (from == slots->n)
			return error_set(err, STATUS_USAGE, "--columns: '%s' is there twice", request->columns.items[i]);
		slot = slots->items[from];
		memmove(slots->items + i + 1, slots->items + i, (from - i) * sizeof slot);
		slots->items[i] = slot;
	}
	return 0;
}

static void set_form(struct slot *slot)
{
	char room[TIME_FORM_SIZE];

	if (slot->given)
		return;
	free(slot->form);
	slot->form = mem_text(infer_form(&slot->infer, slot->type, room));
}

/* A text column at least half of whose cells are something else is watched: it may be text for a few cells only. */
static int nearly(const struct slot *slot)
{
	int like = infer_like(&slot->infer);

	return slot->type == TYPE_TEXT && !slot->infer.offsets && 2 * slot->infer.n_like[like] > slot->infer.n ? like : -1;
}

void slots_settle(struct slots *slots, bool all)
{
	for (size_t i = 0; i < slots->n; i++) {
		struct slot *slot = &slots->items[i];

		if (!slot->given) {
			slot->type = infer_type(&slot->infer);
			slot->unseen = !all && !slot->infer.seen;
			slot->marks = infer_marks(&slot->infer);
			slot->nearly = nearly(slot);
		}
		set_form(slot);
	}
}

bool slot_fits(const struct slot *slot, const struct cell *cell, union value *value)
{
	char form[TIME_FORM_SIZE], room[NUMBER_MARKED];
	struct cell plain;
	struct unmarked how;

	if (slot_is_marked(slot) && cell->kind == CELL_TEXT)
		return cell_unmark(cell, slot->marks, room, &plain, &how) && (slot->given || !slot->marks.point || how.comma || !how.marked.point) &&
			cell_fits(&plain, slot->type, slot->form, slot->given, value);
	if (slot->any_iso && slot->form && cell->kind == CELL_TEXT)
		return time_read(cell->as.text, cell->size, slot->form, false, &value->number) ||
			(time_detect(cell->as.text, cell->size, form, &value->number) &&
			 (slot->any_zone ? *time_form_zone(form) : time_same_zone(form, slot->form)));
	return cell_fits(cell, slot->type, slot->form, slot->given, value);
}

void slot_written(const struct slot *slot, const struct cell *cell, double value, struct written *written)
{
	char room[NUMBER_MARKED];
	struct cell plain;
	struct unmarked how;
	struct number_shape other = { .decimals = DECIMALS_NONE };

	if (written_is_mixed(written))
		return;
	if (!slot_is_marked(slot)) {
		written_add(written, number_shape(cell->as.text, cell->size, value));
		return;
	}
	if (!cell_unmark(cell, slot->marks, room, &plain, &how))
		return;
	written_add_groups(written, &how.marked);
	if (slot->type == TYPE_REAL)
		written_add(written, slot->marks.point && how.marked.point && !how.comma ? other : number_shape(plain.as.text, plain.size, value));
}

bool slot_converts(const struct slot *slot, const struct cell *cell)
{
	char form[TIME_FORM_SIZE];
	int64_t micros;

	return slot->any_zone && cell->kind == CELL_TEXT && time_detect(cell->as.text, cell->size, form, &micros) && !time_same_zone(form, slot->form);
}

enum type slot_type_with(const struct slot *slot, const struct cell *cell)
{
	static const unsigned may[N_TYPES] = {
		[TYPE_INT] = MAY_INT | MAY_REAL, [TYPE_REAL] = MAY_REAL, [TYPE_BOOL] = MAY_BOOL,
	};
	struct infer infer = slot->infer;

	if (slot->given) {
		infer = (struct infer)INFER_INIT;
		infer.may = may[slot->type];
		infer.marks = slot->marks;
	}
	infer_cell(&infer, cell);
	return infer_type(&infer);
}

void slots_release(struct slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		free(slots->items[i].form);
		free(slots->items[i].unit);
	}
	free(slots->items);
	*slots = (struct slots){ .items = NULL };
}
