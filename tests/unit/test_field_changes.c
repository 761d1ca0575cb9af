/* SPDX-License-Identifier: MIT */
/* Differences of fields, taken one after the other, lead where the changes themselves led. */
#include "field_changes.h"

#include <stdio.h>
#include <stdlib.h>

#include "columns.h"
#include "memory.h"
#include "rng.h"
#include "unit.h"

enum { ROUNDS = 2000, FIELDS = 12 };

static bool same(const struct schema *a, const struct schema *b)
{
	struct error err = ERROR_INIT;

	return schema_compare(a, b, &err) == 0;
}

static void add_some(struct schema *schema, struct rng *rng, size_t n)
{
	char name[20];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "f%u", (unsigned)rng_below(rng, 1000000000));
		schema_add(schema, name, (enum type)rng_below(rng, N_TYPES), ROLE_FEATURE);
	}
}

static void remove_field(struct schema *schema, size_t col)
{
	size_t *kept = mem_array(schema->n_fields, sizeof *kept), n = 0;

	for (size_t i = 0; i < schema->n_fields; i++)
		if (i != col)
			kept[n++] = i;
	schema_arrange(schema, kept, n);
	free(kept);
}

/* Any of what steps do. */
static void change(struct schema *schema, struct rng *rng)
{
	size_t col = rng_below(rng, schema->n_fields), other = rng_below(rng, schema->n_fields), kept[100];
	uint32_t order[100];
	char name[20];

	switch (rng_below(rng, 6)) {
	case 0:
		schema->fields[col].type = (enum type)rng_below(rng, N_TYPES);
		return;
	case 1:
		schema->fields[col].role = (enum role)rng_below(rng, N_ROLES);
		schema_set_unit(schema, other, "km");
		return;
	case 2:
		snprintf(name, sizeof name, "g%u", (unsigned)rng_below(rng, 1000000000));
		schema_rename(schema, col, name);
		return;
	case 3:
		add_some(schema, rng, rng_below(rng, 3));
		return;
	case 4:
		if (schema->n_fields > 2)
			remove_field(schema, col);
		return;
	default:
		for (size_t i = 0; i < schema->n_fields; i++)
			order[i] = (uint32_t)i;
		rng_shuffle(rng, order, schema->n_fields);
		for (size_t i = 0; i < schema->n_fields; i++)
			kept[i] = order[i];
		schema_arrange(schema, kept, schema->n_fields > FIELDS ? FIELDS : schema->n_fields);
	}
}

static void test_found(void)
{
	struct schema schema = SCHEMA_INIT, first;
	struct field_view view = { .spare = NULL }, other = { .spare = NULL };
	struct field_changes *changes = mem_new(ROUNDS, sizeof *changes);
	struct rng rng;

	rng_seed(&rng, 7);
	add_some(&schema, &rng, FIELDS);
	schema_copy(&first, &schema);
	view_start(&view, &first);
	view_start(&other, &first);
	TEST("any changes, several at once");
	for (size_t i = 0; i < ROUNDS; i++) {
		for (size_t n = 1 + rng_below(&rng, 3); n > 0; n--)
			change(&schema, &rng);
		changes_find(&changes[i], &view, &schema);
		view_take(&other, &changes[i]);
		CHECK(same(&view.schema, &schema));
		CHECK(same(&other.schema, &schema));
		CHECK(schema_find(&other.schema, schema.fields[0].name) == 0);
	}
	TEST("a view begins anew");
	view_start(&other, &first);
	CHECK(same(&other.schema, &first));
	for (size_t i = 0; i < ROUNDS; i++)
		view_take(&other, &changes[i]);
	CHECK(same(&other.schema, &schema));
	for (size_t i = 0; i < ROUNDS; i++)
		changes_release(&changes[i]);
	free(changes);
	view_release(&view);
	view_release(&other);
	schema_release(&first);
	schema_release(&schema);
}

static void test_small(void)
{
	struct schema schema = SCHEMA_INIT, first;
	struct field_view view = { .spare = NULL };
	struct field_changes changes = { .runs = NULL };
	struct rng rng;

	TEST("one change of many fields is one edit, one that goes two runs");
	rng_seed(&rng, 8);
	add_some(&schema, &rng, 50);
	schema_copy(&first, &schema);
	view_start(&view, &first);
	schema_rename(&schema, 20, "new");
	changes_find_at(&changes, &view, &schema, 20);
	changes_find_new(&changes, &view, &schema);
	CHECK(changes.n_edits == 1 && changes.n_runs == 0 && same(&view.schema, &schema));
	view_start(&view, &schema);             /* the change goes */
	changes_release(&changes);
	schema_release(&first);
	schema_copy(&first, &schema);
	view_start(&view, &first);
	remove_field(&schema, 30);
	changes_find(&changes, &view, &schema);
	CHECK(changes.n_edits == 0 && changes.n_runs == 2 && same(&view.schema, &schema));
	changes_release(&changes);
	view_release(&view);
	schema_release(&first);
	schema_release(&schema);
}

static void test_holes(void)
{
	struct schema schema = SCHEMA_INIT, copy;
	struct schema_watch watch = { .cols = NULL };
	struct rng rng;
	size_t *order;

	TEST("a field that goes leaves a hole that no name finds, and is one change");
	rng_seed(&rng, 9);
	add_some(&schema, &rng, 5);
	schema_copy(&copy, &schema);
	schema.watch = &watch;
	schema_vacate(&schema, 1);
	schema_vacate(&schema, 1);
	schema_set_role(&schema, 3, ROLE_ID);
	schema.watch = NULL;
	CHECK(watch.n == 2 && watch.cols[0] == 1 && watch.cols[1] == 3 && !watch.moved);
	CHECK(schema.n_fields == 5 && schema.n_holes == 1);
	CHECK(schema_find(&schema, copy.fields[1].name) == NO_FIELD && schema_find(&schema, "") == NO_FIELD);
	CHECK(schema_find(&schema, copy.fields[4].name) == 4 && schema_find_role(&schema, ROLE_ORIGIN) == NO_FIELD);
	TEST("its name may come again, and holes go when the others close ranks");
	schema_add(&schema, copy.fields[1].name, TYPE_INT, ROLE_FEATURE);
	CHECK(schema_find(&schema, copy.fields[1].name) == 5);
	order = schema_settle(&schema);
	CHECK(schema.n_fields == 5 && schema.n_holes == 0 && order[0] == 0 && order[1] == 2 && order[4] == 5);
	CHECK(schema_find(&schema, copy.fields[1].name) == 4 && schema_find(&schema, copy.fields[4].name) == 3);
	CHECK(!schema_settle(&schema));
	free(order);
	free(watch.cols);
	schema_release(&copy);
	schema_release(&schema);
}

int main(void)
{
	test_found();
	test_small();
	test_holes();
	return unit_done();
}
