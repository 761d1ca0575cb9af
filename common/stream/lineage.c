/* SPDX-License-Identifier: MIT */
#include "lineage.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "form.h"
#include "memory.h"

static const char *const fitted_names[] = { "none", "train", "all" };
static const char *const acts_names[] = { "columns", "rows", "table" };

/* ---- names ---- */

static int names_read(struct names *names, object value, const char *what, struct error *err)
{
	if (!value || value->type != MSGPACK_OBJECT_ARRAY || array_size(value) > MAX_FIELDS || !object_names(value, names))
		return error_set(err, STATUS_FAILED, "broken lineage: %s", what);
	return 0;
}

/* ---- units and entries ---- */

void unit_copy(struct unit *to, const struct unit *from)
{
	*to = *from;
	to->kind = mem_text(from->kind);
	names_copy(&to->reads, &from->reads);
	names_copy(&to->writes, &from->writes);
	names_copy(&to->learned_from, &from->learned_from);
	to->state = bytes_use(from->state);
}

void unit_release(struct unit *unit)
{
	free(unit->kind);
	names_release(&unit->reads);
	names_release(&unit->writes);
	names_release(&unit->learned_from);
	bytes_drop(unit->state);
	*unit = (struct unit){ .kind = NULL };
}

void unit_set_state(struct unit *unit, struct buffer *packed)
{
	bytes_drop(unit->state);
	unit->state = bytes_of(packed);
}

/* The pairs of a unit up to its state's key, and those behind the state: a long state is hashed where it lies. */
static void unit_pack_head(const struct unit *unit, struct buffer *to)
{
	pack_text(to, "kind");
	pack_text(to, unit->kind);
	pack_text(to, "reads");
	pack_names(to, &unit->reads);
	pack_text(to, "writes");
	pack_names(to, &unit->writes);
	if (unit->learned_from.n) {
		pack_text(to, "learned_from");
		pack_names(to, &unit->learned_from);
	}
	pack_text(to, "state");
}

static void unit_pack_state(const struct unit *unit, struct buffer *to)
{
	if (unit->state)
		buffer_add(to, unit->state->data, unit->state->size);
	else
		pack_map(to, 0);
}

static void unit_pack_tail(const struct unit *unit, struct buffer *to)
{
	pack_key_text(to, "fitted", fitted_names[unit->fitted]);
	if (unit->acts != ACTS_ON_COLUMNS)
		pack_key_text(to, "acts", acts_names[unit->acts]);
	if (unit->crossfit) {
		pack_text(to, "crossfit");
		pack_bool(to, true);
	}
	if (unit->foreign) {
		pack_text(to, "foreign");
		pack_bool(to, true);
	}
}

void unit_seal(struct unit *unit)
{
	XXH3_state_t *hash = mem_given(XXH3_createState());
	struct buffer bytes = BUFFER_INIT;

	XXH3_64bits_reset(hash);
	unit_pack_head(unit, &bytes);
	if (unit->state) {
		XXH3_64bits_update(hash, bytes.data, bytes.size);
		XXH3_64bits_update(hash, unit->state->data, unit->state->size);
		buffer_clear(&bytes);
	} else {
		unit_pack_state(unit, &bytes);
	}
	unit_pack_tail(unit, &bytes);
	XXH3_64bits_update(hash, bytes.data, bytes.size);
	unit->digest = XXH3_64bits_digest(hash);
	buffer_free(&bytes);
	XXH3_freeState(hash);
}

struct entry *lineage_add(struct lineage *lineage, const char *text)
{
	struct entry *entry;

	array_grow(lineage->entries, lineage->n_entries, lineage->room);
	entry = &lineage->entries[lineage->n_entries++];
	*entry = (struct entry){ .text = mem_text(text) };
	return entry;
}

static void drop_units(struct entry *entry)
{
	if (!entry->users || atomic_fetch_sub_explicit(entry->users, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < entry->n_units; i++)
		unit_release(&entry->units[i]);
	free(entry->units);
	free(entry->users);
}

void entry_release(struct entry *entry)
{
	drop_units(entry);
	free(entry->text);
	*entry = (struct entry){ .text = NULL };
}

void entry_share(struct entry *to, const struct entry *from)
{
	char *text = to->text;

	*to = *from;
	to->text = text;
	if (to->users)
		atomic_fetch_add_explicit(to->users, 1, memory_order_relaxed);
}

void entry_own(struct entry *entry)
{
	struct entry shared = *entry;

	if (!entry->users || atomic_load_explicit(entry->users, memory_order_acquire) == 1)
		return;
	*entry = (struct entry){ .text = shared.text };
	for (size_t i = 0; i < shared.n_units; i++)
		entry_add_copy(entry, &shared.units[i]);
	drop_units(&shared);
}

/* Not set yet. */
static struct unit *new_unit(struct entry *entry)
{
	entry_own(entry);
	if (!entry->users) {
		entry->users = mem_new(1, sizeof *entry->users);
		atomic_init(entry->users, 1);
	}
	array_grow_few(entry->units, entry->n_units, entry->room);
	return &entry->units[entry->n_units++];
}

struct unit *entry_add(struct entry *entry, const char *kind)
{
	struct unit *unit = new_unit(entry);

	*unit = (struct unit){ .kind = mem_text(kind) };
	return unit;
}

void entry_add_copy(struct entry *entry, const struct unit *unit)
{
	unit_copy(new_unit(entry), unit);
}

void lineage_copy(struct lineage *to, const struct lineage *from)
{
	*to = (struct lineage)LINEAGE_INIT;
	schema_copy(&to->inputs, &from->inputs);
	style_copy(&to->style, &from->style);
	for (size_t i = 0; i < from->n_entries; i++)
		entry_share(lineage_add(to, from->entries[i].text), &from->entries[i]);
}

void lineage_release(struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->n_entries; i++)
		entry_release(&lineage->entries[i]);
	free(lineage->entries);
	schema_release(&lineage->inputs);
	style_release(&lineage->style);
	*lineage = (struct lineage)LINEAGE_INIT;
}

size_t lineage_units(const struct lineage *lineage)
{
	size_t n = 0;

	for (size_t i = 0; i < lineage->n_entries; i++)
		n += lineage->entries[i].n_units;
	return n;
}

struct unit_place *lineage_places(const struct lineage *lineage, size_t *n)
{
	struct unit_place *places = mem_array(lineage_units(lineage), sizeof *places);

	*n = 0;
	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++)
			places[(*n)++] = (struct unit_place){ &lineage->entries[e].units[u], &lineage->entries[e], e + 1 };
	return places;
}

/* ---- on the wire ---- */

void fields_pack(const struct schema *schema, struct buffer *to)
{
	pack_array(to, schema->n_fields);
	for (size_t col = 0; col < schema->n_fields; col++) {
		const struct field *field = &schema->fields[col];

		pack_map(to, 3u + (field->unit != NULL) + (field->form != NULL) + (field->answers != NULL) + field->as_real);
		pack_key_text(to, "name", field->name);
		pack_key_text(to, "type", type_name(field->type));
		pack_key_text(to, "role", role_name(field->role));
		if (field->unit)
			pack_key_text(to, "unit", field->unit);
		if (field->form)
			pack_key_text(to, "form", field->form);
		if (field->answers) {
			pack_text(to, "answers");
			buffer_add(to, field->answers->data, field->answers->size);
		}
		if (field->as_real)
			pack_key_text(to, "as", type_name(TYPE_REAL));
	}
}

static int field_read(struct schema *schema, object map, struct error *err)
{
	struct field field = { 0 };
	char *name = object_text(map_get(map, "name")), *type = object_text(map_get(map, "type")), *unit, *form, *role;
	bool texts = object_text_if(map_get(map, "unit"), &unit) & object_text_if(map_get(map, "form"), &form) & object_text_if(map_get(map, "role"), &role);
	object answers = map_get(map, "answers");
	struct buffer packed = BUFFER_INIT;
	int result = -1;

	field.name = name, field.unit = unit, field.form = form;
	field.as_real = object_is_text(map_get(map, "as"), type_name(TYPE_REAL));
	if (!name || !type)
		error_set(err, STATUS_FAILED, "broken header: a field without name or type");
	else if (schema_check_name(name, strlen(name), err) < 0)
		error_prefix(err, "broken header");
	else if (schema_find(schema, name) != NO_FIELD)
		error_set(err, STATUS_FAILED, "broken header: two fields '%s'", name);
	else if (!texts)
		error_set(err, STATUS_FAILED, "broken header: field '%s' has a unit, form or role that is no text", name);
	else if (!type_from_name(type, strlen(type), &field.type))
		error_set(err, STATUS_FAILED, "broken header: field '%s' has the unknown type '%s'", name, type);
	else if (role && !role_from_name(role, strlen(role), &field.role))
		error_set(err, STATUS_FAILED, "broken header: field '%s' has the unknown role '%s'", name, role);
	else if (field.as_real && field.type != TYPE_INT)
		error_set(err, STATUS_FAILED, "broken header: field '%s' is %s, and to be taken as real", name, type);
	else if (!form_valid(field.type, form))
		error_set(err, STATUS_FAILED, "broken header: field '%s' has an unknown form", name);
	else
		result = 0;
	if (result == 0)
		schema_add_field(schema, &field);
	if (result == 0 && answers && answers->type == MSGPACK_OBJECT_MAP) {
		pack_object(&packed, answers);
		schema_set_answers(schema, schema->n_fields - 1, bytes_of(&packed));
	}
	free(name), free(unit), free(form), free(type), free(role);
	return result;
}

int fields_read(struct schema *schema, object value, struct error *err)
{
	if (!value || value->type != MSGPACK_OBJECT_ARRAY)
		return error_set(err, STATUS_FAILED, "broken header: no fields");
	if (array_size(value) > MAX_FIELDS)
		return error_set(err, STATUS_FAILED, "%zu fields (at most %d)", array_size(value), MAX_FIELDS);
	for (size_t i = 0; i < array_size(value); i++)
		if (field_read(schema, array_get(value, i), err) < 0)
			return -1;
	return 0;
}

void lineage_pack(const struct lineage *lineage, struct buffer *to)
{
	pack_map(to, 2u + (lineage->style.format != NULL));
	pack_text(to, "inputs");
	fields_pack(&lineage->inputs, to);
	if (lineage->style.format) {
		pack_text(to, "read");
		style_pack(&lineage->style, to);
	}
	pack_text(to, "steps");
	pack_array(to, lineage->n_entries);
	for (size_t i = 0; i < lineage->n_entries; i++) {
		const struct entry *entry = &lineage->entries[i];

		pack_map(to, 2);
		pack_key_text(to, "text", entry->text);
		pack_text(to, "units");
		pack_array(to, entry->n_units);
		for (size_t j = 0; j < entry->n_units; j++) {
			const struct unit *unit = &entry->units[j];

			pack_map(to, 6u + (unit->learned_from.n != 0) + (unit->acts != ACTS_ON_COLUMNS) + unit->crossfit + unit->foreign);
			unit_pack_head(unit, to);
			unit_pack_state(unit, to);
			unit_pack_tail(unit, to);
			pack_text(to, "digest");
			pack_uint(to, unit->digest);
		}
	}
}

/* The number of the word that `value` is; n: none of them. */
static int word_of(object value, const char *const *words, int n)
{
	int i = 0;

	while (i < n && !object_is_text(value, words[i]))
		i++;
	return i;
}

static int unit_read(struct entry *entry, object map, struct error *err)
{
	char *kind = object_text(map_get(map, "kind"));
	object state = map_get(map, "state"), learned_from = map_get(map, "learned_from"), acts = map_get(map, "acts");
	int fitted = word_of(map_get(map, "fitted"), fitted_names, 3), on = acts ? word_of(acts, acts_names, 3) : ACTS_ON_COLUMNS;
	struct buffer packed = BUFFER_INIT;
	struct unit *unit;
	uint64_t digest;

	if (!kind || !state || state->type != MSGPACK_OBJECT_MAP || !object_uint(map_get(map, "digest"), &digest)) {
		free(kind);
		return error_set(err, STATUS_FAILED, "broken lineage: a unit of step '%s'", entry->text);
	}
	unit = entry_add(entry, kind);
	free(kind);
	if (names_read(&unit->reads, map_get(map, "reads"), "reads", err) < 0 ||
	    names_read(&unit->writes, map_get(map, "writes"), "writes", err) < 0 ||
	    (learned_from && names_read(&unit->learned_from, learned_from, "learned_from", err) < 0))
		return -1;
	if (fitted == 3)
		return error_set(err, STATUS_FAILED, "broken lineage: step '%s' does not say on which rows it was fitted", entry->text);
	if (on == 3)
		return error_set(err, STATUS_FAILED, "broken lineage: step '%s' acts on something unknown", entry->text);
	unit->fitted = (enum fitted)fitted;
	unit->acts = (enum acts)on;
	object_bool(map_get(map, "crossfit"), &unit->crossfit);
	object_bool(map_get(map, "foreign"), &unit->foreign);
	if (state->via.map.size) {
		pack_object(&packed, state);
		unit_set_state(unit, &packed);
	}
	unit_seal(unit);
	if (unit->digest != digest)
		return error_set(err, STATUS_FAILED, "broken lineage: the digest of step '%s' differs", entry->text);
	return 0;
}

int lineage_read(struct lineage *lineage, object value, struct error *err)
{
	object steps = map_get(value, "steps");

	*lineage = (struct lineage)LINEAGE_INIT;
	if (fields_read(&lineage->inputs, map_get(value, "inputs"), err) < 0 ||
	    style_read(&lineage->style, map_get(value, "read"), err) < 0)
		return -1;
	if (!steps || steps->type != MSGPACK_OBJECT_ARRAY)
		return error_set(err, STATUS_FAILED, "broken lineage: no steps");
	for (size_t i = 0; i < array_size(steps); i++) {
		object step = array_get(steps, i), units = map_get(step, "units");
		char *text = object_text(map_get(step, "text"));
		struct entry *entry;

		if (!text || !units || units->type != MSGPACK_OBJECT_ARRAY) {
			free(text);
			return error_set(err, STATUS_FAILED, "broken lineage: step %zu", i + 1);
		}
		entry = lineage_add(lineage, text);
		free(text);
		for (size_t j = 0; j < array_size(units); j++)
			if (unit_read(entry, array_get(units, j), err) < 0)
				return -1;
	}
	return 0;
}

int lineage_compare(const struct lineage *a, const struct lineage *b, struct error *err)
{
	struct unit_place *mine, *theirs;
	size_t n_mine, n_theirs;
	int result = 0;

	if (schema_compare(&a->inputs, &b->inputs, err) < 0)
		return error_prefix(err, "inputs");
	mine = lineage_places(a, &n_mine);
	theirs = lineage_places(b, &n_theirs);
	for (size_t i = 0; i < n_mine && i < n_theirs && result == 0; i++) {
		const struct unit_place *x = &mine[i], *y = &theirs[i];

		if (x->unit->digest == y->unit->digest)
			continue;
		if (strcmp(x->entry->text, y->entry->text) == 0)
			result = error_set(err, STATUS_FAILED, "step %zu '%s' was fitted on other rows", x->step, x->entry->text);
		else
			result = error_set(err, STATUS_FAILED, "step %zu is '%s' here, '%s' there", x->step, x->entry->text, y->entry->text);
	}
	if (result == 0 && n_mine != n_theirs)
		result = error_set(err, STATUS_FAILED, "%zu steps (%zu units) here, %zu (%zu) there", a->n_entries, n_mine, b->n_entries, n_theirs);
	free(mine);
	free(theirs);
	return result;
}
