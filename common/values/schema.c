/* SPDX-License-Identifier: MIT */
/*
 * The name index is a table of column numbers + 1 in open addressing over XXH3
 * of the name, made when a name is first looked for. Fields that are added or renamed
 * join it (a slot by an old name leads to a field that is not called so: it is passed
 * over); when they move, or it is half full, it is made anew.
 */
#include "schema.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"
#include "text.h"
#include "timestamp.h"

struct name_index { size_t mask, n; uint32_t slots[]; };        /* n of them taken */

static const char *const type_names[N_TYPES] = { "int", "real", "bool", "time", "text" };
static const char *const role_names[N_ROLES] = {
	"feature", "target", "id", "weight", "group", "time", "split", "fold", "origin", "source", "prediction", "probability",
	"reason",
};

void schema_drop_index(struct schema *schema)
{
	free(schema->index);
	schema->index = NULL;
}

static void index_add(struct name_index *index, const char *name, size_t col)
{
	size_t slot = XXH3_64bits(name, strlen(name)) & index->mask;

	while (index->slots[slot])
		slot = (slot + 1) & index->mask;
	index->slots[slot] = (uint32_t)col + 1;
	index->n++;
}

static struct name_index *index_new(const struct schema *schema)
{
	size_t n_slots = 16;
	struct name_index *index;

	while (n_slots < 2 * schema->n_fields)
		n_slots *= 2;
	index = mem_new(sizeof *index + n_slots * sizeof *index->slots, 1);
	index->mask = n_slots - 1;
	for (size_t col = 0; col < schema->n_fields; col++)
		if (!field_is_hole(&schema->fields[col]))
			index_add(index, schema->fields[col].name, col);
	return index;
}

static void touch(struct schema *schema, size_t col)
{
	struct schema_watch *watch = schema->watch;

	if (!watch)
		return;
	array_grow(watch->cols, watch->n, watch->room);
	watch->cols[watch->n++] = col;
}

static void fields_moved(struct schema *schema)
{
	schema_drop_index(schema);
	if (schema->watch)
		schema->watch->moved = true;
}

static void index_join(struct schema *schema, size_t col)
{
	if (schema->index && 2 * schema->index->n < schema->index->mask)
		index_add(schema->index, schema->fields[col].name, col);
	else
		schema_drop_index(schema);
}

int schema_find(const struct schema *schema, const char *name)
{
	struct schema *cache = (struct schema *)schema;         /* the index is a cache: not part of the value */
	size_t slot;

	if (!schema->index)
		cache->index = index_new(schema);
	for (slot = XXH3_64bits(name, strlen(name)) & schema->index->mask; schema->index->slots[slot];
	     slot = (slot + 1) & schema->index->mask) {
		size_t col = schema->index->slots[slot] - 1;

		if (strcmp(schema->fields[col].name, name) == 0 && !field_is_hole(&schema->fields[col]))
			return (int)col;
	}
	return NO_FIELD;
}

static const char *field_name(const void *list, size_t i)
{
	return ((const struct field *)list)[i].name;
}

const char *schema_closest(const struct schema *schema, const char *name)
{
	return text_closest(name, field_name, schema->fields, schema->n_fields);
}

int schema_require(const struct schema *schema, const char *name, struct error *err)
{
	int col = schema_find(schema, name);
	const char *closest;

	if (col != NO_FIELD)
		return col;
	closest = schema_closest(schema, name);
	if (closest)
		error_set(err, STATUS_FAILED, "no field '%s' (did you mean '%s'?)", name, closest);
	else
		error_set(err, STATUS_FAILED, "no field '%s'", name);
	return NO_FIELD;
}

int schema_find_role(const struct schema *schema, enum role role)
{
	for (size_t col = 0; col < schema->n_fields; col++)
		if (schema->fields[col].role == role && !field_is_hole(&schema->fields[col]))
			return (int)col;
	return NO_FIELD;
}

int schema_find_only(const struct schema *schema, enum role role, int *col, const struct host *host, struct error *err)
{
	*col = schema_find_role(schema, role);
	if (*col == NO_FIELD)
		return 0;
	for (size_t other = (size_t)*col + 1; other < schema->n_fields; other++)
		if (schema->fields[other].role == role) {
			error_set(err, STATUS_USAGE, "'%s' and '%s' both have role %s: which one counts?", schema->fields[*col].name,
			          schema->fields[other].name, role_name(role));
			return host_advise(host, ADVICE_OTHER_ROLE, schema->fields[other].name, err);
		}
	return 0;
}

void field_copy(struct field *to, const struct field *from)
{
	*to = (struct field){
		.name = mem_text(from->name), .unit = mem_text(from->unit), .form = mem_text(from->form),
		.answers = bytes_use(from->answers), .type = from->type, .role = from->role, .as_real = from->as_real,
	};
}

void field_release(struct field *field)
{
	free(field->name);
	free(field->unit);
	free(field->form);
	bytes_drop(field->answers);
}

void schema_add_field(struct schema *schema, const struct field *like)
{
	assert(schema_find(schema, like->name) == NO_FIELD);
	array_grow(schema->fields, schema->n_fields, schema->room);
	field_copy(&schema->fields[schema->n_fields++], like);
	index_join(schema, schema->n_fields - 1);
	touch(schema, schema->n_fields - 1);
}

void schema_add(struct schema *schema, const char *name, enum type type, enum role role)
{
	schema_add_field(schema, &(struct field){ .name = (char *)name, .type = type, .role = role });
}

/* Its name's slot in the index leads to a field that is not called so. */
void schema_vacate(struct schema *schema, size_t col)
{
	if (field_is_hole(&schema->fields[col]))
		return;
	field_release(&schema->fields[col]);
	schema->fields[col] = (struct field){ .name = mem_text(""), .type = TYPE_BOOL, .role = ROLE_ORIGIN };
	schema->n_holes++;
	touch(schema, col);
}

void schema_arrange(struct schema *schema, const size_t *kept, size_t n)
{
	struct field *moved = mem_array(n + 1, sizeof *moved);

	fields_moved(schema);
	for (size_t i = 0; i < n; i++) {
		moved[i] = schema->fields[kept[i]];
		schema->fields[kept[i]] = (struct field){ .name = NULL };
	}
	schema->n_holes = 0;
	for (size_t i = 0; i < n; i++)
		schema->n_holes += field_is_hole(&moved[i]);
	for (size_t col = 0; col < schema->n_fields; col++)
		field_release(&schema->fields[col]);
	free(schema->fields);
	schema->fields = moved;
	schema->n_fields = n;
	schema->room = n + 1;
}

size_t *schema_settle(struct schema *schema)
{
	size_t *kept, n = 0;

	if (schema->n_holes == 0)
		return NULL;
	kept = mem_array(schema->n_fields, sizeof *kept);
	for (size_t col = 0; col < schema->n_fields; col++)
		if (!field_is_hole(&schema->fields[col]))
			kept[n++] = col;
	schema_arrange(schema, kept, n);
	return kept;
}

static void text_set(char **text, const char *value)
{
	char *copy = mem_text(value);   /* before the free: value may be the old text */

	free(*text);
	*text = copy;
}

void schema_rename(struct schema *schema, size_t col, const char *name)
{
	text_set(&schema->fields[col].name, name);
	index_join(schema, col);
	touch(schema, col);
}

void schema_set_unit(struct schema *schema, size_t col, const char *unit)
{
	text_set(&schema->fields[col].unit, unit);
	touch(schema, col);
}

void schema_set_form(struct schema *schema, size_t col, const char *form)
{
	text_set(&schema->fields[col].form, form);
	touch(schema, col);
}

void schema_set_type(struct schema *schema, size_t col, enum type type)
{
	schema->fields[col].type = type;
	touch(schema, col);
}

void schema_set_role(struct schema *schema, size_t col, enum role role)
{
	schema->fields[col].role = role;
	touch(schema, col);
}

void schema_set_answers(struct schema *schema, size_t col, struct bytes *answers)
{
	bytes_drop(schema->fields[col].answers);
	schema->fields[col].answers = answers;
	touch(schema, col);
}

void schema_copy(struct schema *to, const struct schema *from)
{
	*to = (struct schema)SCHEMA_INIT;
	to->fields = mem_array(from->n_fields, sizeof *to->fields);
	to->room = from->n_fields;
	to->n_fields = from->n_fields;
	to->n_holes = from->n_holes;
	for (size_t col = 0; col < from->n_fields; col++)
		field_copy(&to->fields[col], &from->fields[col]);
	to->index = index_new(to);      /* threads may share the copy */
}

void schema_release(struct schema *schema)
{
	for (size_t col = 0; col < schema->n_fields; col++)
		field_release(&schema->fields[col]);
	free(schema->fields);
	free(schema->index);
	*schema = (struct schema)SCHEMA_INIT;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
	return a == b || (a && b && a->size == b->size && memcmp(a->data, b->data, a->size) == 0);
}

static const char *zone_of(const struct field *field)
{
	const char *zone = time_form_zone(field->form);

	return *zone ? zone : "none";
}

int schema_compare(const struct schema *a, const struct schema *b, struct error *err)
{
	size_t n = a->n_fields < b->n_fields ? a->n_fields : b->n_fields;

	for (size_t col = 0; col < n; col++) {
		const struct field *x = &a->fields[col], *y = &b->fields[col];

		if (strcmp(x->name, y->name) != 0)
			return error_set(err, STATUS_FAILED, "field %zu is '%s' here, '%s' there", col + 1, x->name, y->name);
		if (x->type != y->type)
			return error_set(err, STATUS_FAILED, "field '%s' is %s here, %s there", x->name, type_name(x->type), type_name(y->type));
		if (x->role != y->role)
			return error_set(err, STATUS_FAILED, "field '%s' has role %s here, %s there", x->name, role_name(x->role), role_name(y->role));
		if (!same_text(x->unit, y->unit))
			return error_set(err, STATUS_FAILED, "field '%s' has another unit", x->name);
		if (x->type == TYPE_TIME && !time_same_zone(x->form, y->form))
			return error_set(err, STATUS_FAILED, "field '%s' has times of another zone: %s here, %s there", x->name, zone_of(x), zone_of(y));
		if (!same_bytes(x->answers, y->answers))
			return error_set(err, STATUS_FAILED, "field '%s' holds the predictions of another model", x->name);
	}
	if (a->n_fields != b->n_fields)
		return error_set(err, STATUS_FAILED, "%zu fields here, %zu there", a->n_fields, b->n_fields);
	return 0;
}

int schema_check_generated(const struct schema *schema, const char *name, struct error *err)
{
	if (schema_find(schema, name) != NO_FIELD)
		return error_set(err, STATUS_FAILED, "the field '%s' would be made here, and is there already (rename it before)", name);
	return 0;
}

int schema_check_name(const char *name, size_t size, struct error *err)
{
	if (size == 0)
		return error_set(err, STATUS_FAILED, "a field without a name");
	if (size > MAX_NAME)
		return error_set(err, STATUS_FAILED, "a field name of %zu bytes (at most %d)", size, MAX_NAME);
	if (memchr(name, 0, size) || !text_is_utf8(name, size))
		return error_set(err, STATUS_FAILED, "a field name that is not UTF-8 text");
	return 0;
}

const char *type_name(enum type type) { return type_names[type]; }
const char *role_name(enum role role) { return role_names[role]; }
bool type_is_number(enum type type) { return type == TYPE_INT || type == TYPE_REAL; }

static int position(const char *const *names, int n, const char *name, size_t size)
{
	for (int i = 0; i < n; i++)
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
			return i;
	return -1;
}

bool type_from_name(const char *name, size_t size, enum type *type)
{
	int i = position(type_names, N_TYPES, name, size);

	*type = i < 0 ? TYPE_TEXT : (enum type)i;
	return i >= 0;
}

bool role_from_name(const char *name, size_t size, enum role *role)
{
	int i = position(role_names, N_ROLES, name, size);

	*role = i < 0 ? ROLE_FEATURE : (enum role)i;
	return i >= 0;
}
