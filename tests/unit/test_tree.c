/* SPDX-License-Identifier: MIT */
/* The shape of the tree shows in the text that a merge makes: "(ab)" of "a" and "b". */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "tree.h"
#include "unit.h"

struct shape { char *text; };

static void join(void *left, void *right, void *state)
{
	struct shape *a = left, *b = right;
	char *text = mem_format("(%s%s)", a->text, b->text);

	(void)state;
	free(a->text);
	free(b->text);
	a->text = text;
}

static void add(struct tree *tree, uint64_t block)
{
	struct shape leaf = { mem_format("%c", (int)('a' + block)) };

	tree_add(tree, 0, block, &leaf);
}

static void expect_shape(struct tree *tree, const char *wanted)
{
	struct shape whole = { NULL };

	CHECK(tree_finish(tree, &whole));
	CHECK_TEXT(whole.text, wanted);
	free(whole.text);
	tree_release(tree);
}

/* Nodes in two hands: what one holds is missing from the tree, and the other goes on without it. */
static void check_pairs(void)
{
	struct tree tree;
	struct tree_place place = { .first = 2 }, late = { .first = 0 };
	struct shape mine = { mem_format("c") }, other = { NULL }, first = { mem_format("a") };

	TEST("pairs that are merged outside of the tree");
	tree_init(&tree, sizeof(struct shape), join, NULL);
	add(&tree, 1);
	add(&tree, 3);
	CHECK(tree_pair(&tree, &place, &mine, &other) && place.first == 2 && place.level == 1);
	CHECK_TEXT(mine.text, "c");
	CHECK_TEXT(other.text, "d");
	CHECK(tree.n == 1);
	for (uint64_t i = 4; i < 8; i++)
		add(&tree, i);
	CHECK(tree.n == 2);
	join(&mine, &other, NULL);
	CHECK(!tree_pair(&tree, &place, &mine, &other) && tree.n == 3);
	while (tree_pair(&tree, &late, &first, &other))
		join(&first, &other, NULL);
	CHECK(tree.n == 1 && tree_level(&tree, 0) == 3);
	expect_shape(&tree, "(((ab)(cd))((ef)(gh)))");

	TEST("the node that finds its pair may be the right one");
	add(&tree, 4);
	place = (struct tree_place){ .first = 5 };
	mine.text = mem_format("f");
	CHECK(tree_pair(&tree, &place, &mine, &other) && place.first == 4 && place.level == 1);
	CHECK_TEXT(mine.text, "e");
	CHECK_TEXT(other.text, "f");
	free(mine.text);
	free(other.text);
	tree_release(&tree);
}

static void check_clashes(void)
{
	struct tree tree;

	TEST("places that cannot be added");
	tree_init(&tree, sizeof(struct shape), join, NULL);
	for (uint64_t i = 4; i < 6; i++)
		add(&tree, i);
	CHECK(tree_clashes(&tree, 0, 4) && tree_clashes(&tree, 0, 5) && tree_clashes(&tree, 1, 2));
	CHECK(tree_clashes(&tree, 2, 1) && tree_clashes(&tree, 3, 0) && tree_clashes(&tree, TREE_LEVELS, 0));
	CHECK(!tree_clashes(&tree, 0, 3) && !tree_clashes(&tree, 0, 6) && !tree_clashes(&tree, 1, 3) && !tree_clashes(&tree, 2, 0));
	CHECK(tree_clashes(&tree, 0, UINT64_MAX) && tree_clashes(&tree, 60, 0) && tree_clashes(&tree, TREE_LEVELS, 1));
	expect_shape(&tree, "(ef)");
}

/* Nodes at these places, packed. */
static bool sound(const struct tree_place *places, size_t n)
{
	struct buffer bytes = BUFFER_INIT;
	struct unpacked unpacked;
	struct error err = ERROR_INIT;
	bool result;

	pack_array(&bytes, n);
	for (size_t i = 0; i < n; i++) {
		pack_array(&bytes, 2);
		pack_uint(&bytes, places[i].level);
		pack_uint(&bytes, places[i].first);
	}
	CHECK(pack_read(&unpacked, bytes.data, bytes.size, &err) == 0);
	result = tree_places_sound(&unpacked.object);
	unpacked_free(&unpacked);
	buffer_free(&bytes);
	return result;
}
#define SOUND(...) sound((const struct tree_place[]){ __VA_ARGS__ }, sizeof (const struct tree_place[]){ __VA_ARGS__ } / sizeof(struct tree_place))

static void check_packed(void)
{
	const uint64_t last = (UINT64_C(1) << TREE_LEVELS) - 1;

	TEST("packed places, { number, level }, that can stand together");
	CHECK(sound(NULL, 0) && !tree_places_sound(NULL));
	CHECK(SOUND({ 0, TREE_LEVELS }) && SOUND({ last, 0 }, { 0, 0 }) && SOUND({ 3, 1 }, { 5, 0 }, { 4, 0 }, { 0, 2 }));
	CHECK(!SOUND({ 1, TREE_LEVELS }) && !SOUND({ 0, TREE_LEVELS + 1 }) && !SOUND({ 0, 64 }) && !SOUND({ last + 1, 0 }) && !SOUND({ UINT64_MAX, 1 }));
	CHECK(!SOUND({ 7, 0 }, { 2, 1 }, { 7, 0 }) && !SOUND({ 4, 0 }, { 2, 1 }) && !SOUND({ 1, 2 }, { 9, 0 }, { 5, 0 }));
	CHECK(!SOUND({ 0, TREE_LEVELS }, { last, 0 }) && !SOUND({ last, 0 }, { 3, 1 }, { 7, 0 }, { 0, 3 }));
}

int main(void)
{
	static const uint64_t here[] = { 9, 3, 0, 12, 7, 10 }, there[] = { 11, 8, 1, 2, 6, 5, 4 };
	struct tree tree, other;
	struct shape none;

	TEST("a binary tree over the blocks");
	tree_init(&tree, sizeof(struct shape), join, NULL);
	CHECK(!tree_finish(&tree, &none));
	add(&tree, 0);
	expect_shape(&tree, "a");
	for (uint64_t i = 0; i < 8; i++)
		add(&tree, i);
	CHECK(tree.n == 1);
	expect_shape(&tree, "(((ab)(cd))((ef)(gh)))");
	for (uint64_t i = 0; i < 7; i++)
		add(&tree, i);
	CHECK(tree.n == 3);
	expect_shape(&tree, "(((ab)(cd))((ef)g))");
	TEST("the neighbour of a block without rows rises as it is");
	add(&tree, 0);
	add(&tree, 2);
	add(&tree, 3);
	add(&tree, 5);
	expect_shape(&tree, "((a(cd))f)");

	TEST("a block in parts, whether its neighbour came or not");
	add(&tree, 2);
	add(&tree, 2);
	add(&tree, 0);
	expect_shape(&tree, "(a(cc))");
	add(&tree, 0);
	add(&tree, 1);
	add(&tree, 0);
	add(&tree, 1);
	expect_shape(&tree, "((ab)(ab))");
	add(&tree, 0);
	add(&tree, 1);
	add(&tree, 0);
	add(&tree, 2);
	expect_shape(&tree, "((a(ab))c)");

	TEST("any order, in any number of trees");
	tree_init(&other, sizeof(struct shape), join, NULL);
	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		add(&tree, here[i]);
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		add(&other, there[i]);
	tree_take(&tree, &other);
	CHECK(other.n == 0);
	expect_shape(&tree, "((((ab)(cd))((ef)(gh)))(((ij)(kl))m))");

	TEST("many nodes without a pair");
	for (uint64_t i = 0; i < 20; i += 2)
		add(&tree, i);
	CHECK(tree.n == 10);
	for (uint64_t i = 1; i < 20; i += 2)
		add(&tree, i);
	CHECK(tree.n == 2);
	expect_shape(&tree, "(((((ab)(cd))((ef)(gh)))(((ij)(kl))((mn)(op))))((qr)(st)))");
	tree_release(&tree);
	check_pairs();
	check_clashes();
	check_packed();
	return unit_done();
}
