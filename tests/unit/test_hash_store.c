/* SPDX-License-Identifier: MIT */
/* Against what arithmetic says of i mod m: which of the hashes came before, for any memory and any division into calls. */
#include "hash_store.h"

#include <stdlib.h>

#include "memory.h"
#include "unit.h"

enum { N = 200000, LITTLE = 64 * 1024 };

/* Number i stands for the hash of i mod `distinct`: the first `distinct` are fresh, the others are not. */
static XXH128_hash_t hash_of(size_t i, size_t distinct)
{
	uint64_t number = i % distinct;

	return XXH3_128bits(&number, sizeof number);
}

/* How many of N come out wrong, in calls of `size`; *written: hashes that went to files. */
static size_t wrong(uint64_t memory, size_t size, size_t distinct, uint64_t *written, uint64_t *bytes)
{
	struct hash_store *store = hash_store_new(memory, 1, NULL);
	XXH128_hash_t *hashes = mem_array(size, sizeof *hashes);
	bool *fresh = mem_array(size, sizeof *fresh);
	struct error err = ERROR_INIT;
	size_t n_wrong = 0;

	*bytes = 0;
	for (size_t first = 0; first < N; first += size) {
		size_t n = N - first < size ? N - first : size;

		for (size_t i = 0; i < n; i++)
			hashes[i] = hash_of(first + i, distinct);
		if (hash_store_add(store, hashes, n, fresh, &err) < 0)
			n_wrong = N;
		for (size_t i = 0; i < n; i++)
			n_wrong += fresh[i] != (first + i < distinct);
		if (hash_store_memory(store) > *bytes)
			*bytes = hash_store_memory(store);
	}
	*written = hash_store_written(store);
	hash_store_free(store);
	free(hashes);
	free(fresh);
	return n_wrong;
}

static void test_any_memory(void)
{
	const size_t sizes[] = { 1, 777, 16384, N }, distinct[] = { 3, 5000, 100000, N };
	uint64_t written, bytes;

	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 4; j++) {
			TEST("what is fresh, with little memory");
			CHECK(wrong(LITTLE, sizes[i], distinct[j], &written, &bytes) == 0);
			CHECK((written > 0) == (distinct[j] > 4096));
			CHECK(bytes <= LITTLE + distinct[j] / 32 + 4096);
		}
	TEST("with enough of it nothing is written");
	CHECK(wrong(16 * 1024 * 1024, 1000, N, &written, &bytes) == 0 && written == 0);
	CHECK(bytes <= N * 23 + 4096);
}

/* Twice as many hashes take one more merge of each: 3584 fill the smallest table. */
static void test_work(void)
{
	uint64_t written, bytes;

	TEST("hashes are written once for each doubling");
	CHECK(wrong(LITTLE, 5000, N, &written, &bytes) == 0);
	CHECK(written > N / 2 && written < (uint64_t)N * 7);
}

/* Each of many users has its own set, in memory and in runs: user u adds the hashes of 0 .. 99 + u, all of them twice. */
static void test_users(void)
{
	enum { USERS = 300 };
	struct hash_store *store = hash_store_new(LITTLE, USERS, NULL);
	struct error err = ERROR_INIT;
	size_t n_wrong = 0;

	for (size_t user = 0; user < USERS; user++)
		n_wrong += hash_store_user(store) != user;
	for (size_t i = 0; i < 2 * (100 + USERS); i++)
		for (size_t user = 0; user < USERS; user++) {
			size_t n = 100 + user;
			XXH128_hash_t hash = hash_store_own(store, user, hash_of(i % n, N));
			bool fresh = false;

			if (i >= 2 * n)
				continue;
			n_wrong += hash_store_add(store, &hash, 1, &fresh, &err) < 0 || fresh != (i < n);
		}
	TEST("users see nothing of each other");
	CHECK(n_wrong == 0 && hash_store_written(store) > 0);
	hash_store_free(store);
}

static void test_odd_hashes(void)
{
	const XXH128_hash_t odd[] = { { 0, 0 }, { 1, 0 }, { 0, 0 }, { 0, 1 }, { UINT64_MAX, UINT64_MAX }, { 0, 1 }, { UINT64_MAX, UINT64_MAX } };
	struct hash_store *store = hash_store_new(0, 1, NULL);
	struct error err = ERROR_INIT;
	bool fresh[7];

	TEST("zero counts as one; both ends");
	CHECK(hash_store_add(store, odd, 7, fresh, &err) == 0);
	CHECK(fresh[0] && !fresh[1] && !fresh[2] && fresh[3] && fresh[4] && !fresh[5] && !fresh[6]);
	hash_store_free(store);
}

static void test_no_folder(void)
{
	const struct host host = { .folder = "/no/such/folder" };
	struct hash_store *store = hash_store_new(LITTLE, 1, &host);
	struct error err = ERROR_INIT;
	int result = 0;

	TEST("a folder that is not there is told");
	for (size_t i = 0; i < N && result == 0; i++) {
		XXH128_hash_t hash = hash_of(i, N);
		bool fresh;

		result = hash_store_add(store, &hash, 1, &fresh, &err);
	}
	CHECK(result == -1 && strstr(err.message, "/no/such/folder") != NULL);
	hash_store_free(store);
}

int main(void)
{
	test_any_memory();
	test_work();
	test_users();
	test_odd_hashes();
	test_no_folder();
	return unit_done();
}
