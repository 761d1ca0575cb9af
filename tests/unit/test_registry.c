/* SPDX-License-Identifier: MIT */
/* A list of two made by the macro, and what is looked up in it. */
#include "registry.h"
#include "unit.h"

struct toy_kind { const char *name; int legs; };

#define TOYS(REGISTER) \
	REGISTER(toy, horse) \
	REGISTER(toy, ball)
REGISTRY(toy, TOYS)

const struct toy_kind toy_horse = { "horse", 4 }, toy_ball = { "ball", 0 };

int main(void)
{
	struct error err = ERROR_INIT;

	TEST("members stand in the order of the list");
	CHECK(N_KINDS == 2 && kinds[0] == &toy_horse && kinds[1] == &toy_ball && kinds[0]->legs == 4);
	TEST("by name");
	CHECK(registry_find(&registry, "ball") == &toy_ball && !registry_find(&registry, "bal") && !registry_find(&registry, ""));
	CHECK(registry_require(&registry, "horse", &err, "no toy") == &toy_horse && err.code == STATUS_DONE);
	TEST("a name that is nearly one");
	CHECK(!registry_require(&registry, "hrose", &err, "no toy '%s'", "hrose") && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, "no toy 'hrose' (did you mean 'horse'?)");
	error_clear(&err);
	TEST("a name that is none");
	CHECK(!registry_require(&registry, "train", &err, "no such toy") && err.code == STATUS_USAGE);
	CHECK_TEXT(err.message, "no such toy (--help lists them)");
	error_clear(&err);
	return unit_done();
}
