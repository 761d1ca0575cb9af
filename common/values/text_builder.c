/* SPDX-License-Identifier: MIT */
/*
 * While few texts are distinct each is stored once and rows are codes. An entry is found
 * again by its key, through a table of 32-bit hashes: up to 15 bytes the key is the text itself with its size, so that no
 * more is compared; longer ones are hashed. Once nearly all rows are distinct, or of many rows more than half, that no
 * longer pays: they are written out one behind the other, for the rest of the column.
 */
#include "text_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL          /* a call costs more than the hash of a short text */
#include <xxhash.h>

#include "bits.h"
#include "buffer.h"
#include "eight_bytes.h"
#include "memory.h"
#include "unquote.h"

__extension__ typedef unsigned __int128 wide;

enum { TRIAL_ROWS = 256, LATER_ROWS = 2048, KEY_BYTES = 15, WORD_BYTES = 8, WORD_BITS = 8, FEW_ENTRIES = 32, WORD_ROWS = 100 /* fewer rows at once don't pay for words */ };
enum { FIRST_SLOTS = 64, FIRST_ROWS = 64, FIRST_ENTRIES = 16 };        /* of a wide table there are thousands of builders, for few rows each */

struct text_slot { uint32_t hash, entry; };          /* entry + 1; 0: free */
struct text_key { uint64_t first, last; };
struct text_word { uint64_t bytes; uint32_t size, entry; };     /* a text of 1 to WORD_BYTES bytes, shifted up; UINT32_MAX, UINT32_MAX: none */

struct text_builder {
	struct buffer bytes;            /* of the entries */
	uint32_t *offsets;              /* n_entries + 1 */
	struct text_key *keys;          /* of the entries, unless plain */
	uint32_t *codes;                /* n_rows, unless plain */
	uint64_t *valid;
	struct text_slot *slots;
	struct text_word *words;        /* the last entry of few bytes in each place: while entries are few, most are found there */
	size_t n_slots, n_rows, n_entries, n_missing;
	size_t row_bytes;               /* of all rows, if each were written out */
	size_t room_rows, room_entries, room_keys;
	struct buffer text;             /* one that stood in quotes, without them; the dictionary that is written out */
	bool plain, has_words;
	enum cpu_lanes lanes;
};

struct text_builder *text_builder_new(void)
{
	struct text_builder *builder = mem_new(1, sizeof *builder);

	builder->n_slots = FIRST_SLOTS;
	builder->slots = mem_new(builder->n_slots, sizeof *builder->slots);
	builder->lanes = cpu_lanes();
	text_builder_clear(builder);
	return builder;
}

void text_builder_set_lanes(struct text_builder *builder, enum cpu_lanes lanes) { builder->lanes = lanes; }

void text_builder_free(struct text_builder *builder)
{
	if (!builder)
		return;
	buffer_free(&builder->bytes);
	buffer_free(&builder->text);
	free(builder->offsets);
	free(builder->keys);
	free(builder->codes);
	free(builder->valid);
	free(builder->slots);
	free(builder->words);
	free(builder);
}

/* ---- keys ---- */

static inline uint64_t load_four(const char *text)
{
	uint32_t word;

	memcpy(&word, text, sizeof word);
	return word;
}

/* Up to eight bytes, and zeros, as load_eight has them. */
static inline uint64_t load_few(const char *text, size_t size)
{
	char word[8] = { 0 };

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (size == 8)
		return load_eight(text);
	if (size >= 4)
		return load_four(text) | load_four(text + size - 4) << 8 * (size - 4);
#endif
	memcpy(word, text, size);
	return load_eight(word);
}

static inline struct text_key short_key(uint64_t first, uint64_t rest, size_t size)
{
	return (struct text_key){ first, rest | (uint64_t)size << 56 };
}

static inline struct text_key long_key(const char *text, size_t size)
{
	return (struct text_key){ XXH3_64bits(text, size), size | UINT64_C(0xff) << 56 };
}

/* The bytes of a short text, and zeros, without a look behind it. */
static inline struct text_key key_of(const char *text, size_t size)
{
	if (size > KEY_BYTES)
		return long_key(text, size);
	return size < 8 ? short_key(load_few(text, size), 0, size) : short_key(load_eight(text), load_few(text + 8, size - 8), size);
}

#define FIRST_BYTES(n) ((n) > 0 ? ~UINT64_C(0) >> (64 - 8 * (n)) : 0)
#define FIRST_UPTO(n) { (n) < 8 ? FIRST_BYTES((n) < 8 ? (n) : 0) : ~UINT64_C(0), (n) > 8 ? FIRST_BYTES((n) > 8 ? (n) - 8 : 0) : 0 }

/* The same, where bytes behind the text may be read. */
static inline struct text_key key_at(const char *text, size_t size)
{
	static const uint64_t within[KEY_BYTES + 1][2] = {
		FIRST_UPTO(0), FIRST_UPTO(1), FIRST_UPTO(2), FIRST_UPTO(3), FIRST_UPTO(4), FIRST_UPTO(5), FIRST_UPTO(6), FIRST_UPTO(7),
		FIRST_UPTO(8), FIRST_UPTO(9), FIRST_UPTO(10), FIRST_UPTO(11), FIRST_UPTO(12), FIRST_UPTO(13), FIRST_UPTO(14), FIRST_UPTO(15),
	};

	if (size > KEY_BYTES)
		return long_key(text, size);
	return short_key(load_eight(text) & within[size][0], load_eight(text + 8) & within[size][1], size);
}

static inline uint32_t hash_of(struct text_key key)
{
	wide product = (wide)(key.first ^ UINT64_C(0x9e3779b97f4a7c15)) * (key.last ^ UINT64_C(0xd1b54a32d192ed03));

	return (uint32_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}

/* ---- entries ---- */

/* All slots are free again. */
static void clear_slots(struct text_builder *builder)
{
	size_t mask = builder->n_slots - 1;

	if (8 * builder->n_entries > builder->n_slots) {
		memset(builder->slots, 0, builder->n_slots * sizeof *builder->slots);
		return;
	}
	for (size_t entry = 0; entry < builder->n_entries; entry++) {
		size_t at = hash_of(builder->keys[entry]) & mask;

		while (builder->slots[at].entry != entry + 1)
			at = (at + 1) & mask;
		builder->slots[at].entry = 0;
	}
}

void text_builder_clear(struct text_builder *builder)
{
	buffer_clear(&builder->bytes);
	if (!builder->plain)
		clear_slots(builder);
	builder->n_rows = builder->n_entries = builder->n_missing = builder->row_bytes = 0;
	builder->plain = builder->has_words = false;
}

static void reserve_bytes(struct text_builder *builder, size_t more)
{
	assert(builder->bytes.size + more <= UINT32_MAX);       /* the caller keeps batches small */
	buffer_reserve(&builder->bytes, more + TEXT_SLACK);
}

static void reserve_entries(struct text_builder *builder, size_t more, size_t bytes)
{
	size_t room = builder->room_entries ? builder->room_entries : FIRST_ENTRIES;

	reserve_bytes(builder, bytes);
	if (builder->n_entries + more + 1 <= builder->room_entries)
		return;
	while (builder->n_entries + more + 1 > room)
		room *= 2;
	builder->offsets = mem_resize(builder->offsets, builder->room_entries = room, sizeof *builder->offsets);
	builder->offsets[0] = 0;
}

static void add_entry(struct text_builder *builder, const char *bytes, size_t size)
{
	reserve_entries(builder, 1, size);
	if (size)
		memcpy(builder->bytes.data + builder->bytes.size, bytes, size);
	builder->bytes.size += size;
	builder->offsets[++builder->n_entries] = (uint32_t)builder->bytes.size;
}

static void reserve_rows(struct text_builder *builder, size_t more)
{
	size_t room = builder->room_rows ? builder->room_rows : FIRST_ROWS;

	if (builder->n_rows + more <= builder->room_rows)
		return;
	while (builder->n_rows + more > room)
		room *= 2;
	builder->room_rows = room;
	builder->codes = mem_resize(builder->codes, room, sizeof *builder->codes);
	builder->valid = mem_resize(builder->valid, room / 64, sizeof *builder->valid);
}

static void grow_slots(struct text_builder *builder)
{
	struct text_slot *old = builder->slots;
	size_t n_old = builder->n_slots;

	builder->n_slots *= 4;
	builder->slots = mem_new(builder->n_slots, sizeof *builder->slots);
	for (size_t i = 0; i < n_old; i++) {
		size_t at = old[i].hash & (builder->n_slots - 1);

		if (!old[i].entry)
			continue;
		while (builder->slots[at].entry)
			at = (at + 1) & (builder->n_slots - 1);
		builder->slots[at] = old[i];
	}
	free(old);
}

static __attribute__((noinline)) uint32_t new_entry(struct text_builder *builder, struct text_slot *slot, struct text_key key, const char *bytes, size_t size)
{
	size_t entry = builder->n_entries;

	if (entry == builder->room_keys) {
		builder->room_keys = entry ? 2 * entry : FIRST_ENTRIES;
		builder->keys = mem_resize(builder->keys, builder->room_keys, sizeof *builder->keys);
	}
	*slot = (struct text_slot){ hash_of(key), (uint32_t)entry + 1 };
	builder->keys[entry] = key;
	add_entry(builder, bytes, size);
	if (4 * builder->n_entries > builder->n_slots)
		grow_slots(builder);
	return (uint32_t)entry;
}

/* What entries are found by. */
struct entries { struct text_slot *slots; size_t mask; const struct text_key *keys; const uint32_t *offsets; const char *bytes; };

static inline struct entries entries_of(const struct text_builder *builder)
{
	return (struct entries){ builder->slots, builder->n_slots - 1, builder->keys, builder->offsets, (const char *)builder->bytes.data };
}

/* The slot of a text's entry, or the free one that it would have. */
static inline struct text_slot *find_slot(const struct entries *entries, struct text_key key, const char *bytes, size_t size)
{
	size_t at = hash_of(key) & entries->mask;

	for (; entries->slots[at].entry; at = (at + 1) & entries->mask) {
		uint32_t entry = entries->slots[at].entry - 1;
		const struct text_key *found = &entries->keys[entry];

		if (found->first == key.first && found->last == key.last &&
		    (size <= KEY_BYTES || memcmp(entries->bytes + entries->offsets[entry], bytes, size) == 0))
			break;
	}
	return &entries->slots[at];
}

static uint32_t find_entry(struct text_builder *builder, struct text_key key, const char *bytes, size_t size)
{
	struct entries entries = entries_of(builder);
	struct text_slot *slot = find_slot(&entries, key, bytes, size);

	return slot->entry ? slot->entry - 1 : new_entry(builder, slot, key, bytes, size);
}

/* From a dictionary to one entry a row. What it had is put aside, so that the builder's memory is used again. */
static void write_out(struct text_builder *builder)
{
	size_t n = builder->n_entries, at = (n + 1) * sizeof *builder->offsets;
	const uint32_t *offsets;
	const char *bytes;

	clear_slots(builder);
	builder->plain = true;
	if (n == builder->n_rows && builder->n_missing == 0)
		return;                 /* that they are */
	buffer_clear(&builder->text);
	if (n > 0)
		buffer_add(&builder->text, builder->offsets, at);
	buffer_add(&builder->text, builder->bytes.data, builder->bytes.size);
	offsets = (const uint32_t *)(const void *)builder->text.data;
	bytes = (const char *)builder->text.data + at;
	buffer_clear(&builder->bytes);
	builder->n_entries = 0;
	reserve_entries(builder, builder->n_rows, builder->row_bytes);
	for (size_t row = 0; row < builder->n_rows; row++) {
		uint32_t code = builder->codes[row];

		if (bit_is_set(builder->valid, row))
			add_entry(builder, bytes + offsets[code], offsets[code + 1] - offsets[code]);
		else
			add_entry(builder, "", 0);
	}
}

/* ---- rows ---- */

/* Of so many rows that have a text. A thousand texts are nearly all of them new in the first few hundred rows, and half of them in the next thousand. */
static inline bool pays_no_more(const struct text_builder *builder, size_t n_texts)
{
	return n_texts >= LATER_ROWS ? 2 * builder->n_entries > n_texts : n_texts >= TRIAL_ROWS && 8 * builder->n_entries > 7 * n_texts;
}

static void add_row(struct text_builder *builder, uint32_t code, bool valid)
{
	size_t row = builder->n_rows;

	reserve_rows(builder, 1);
	builder->n_rows++;
	if (row % 64 == 0)
		builder->valid[row / 64] = 0;
	builder->valid[row / 64] |= (uint64_t)valid << row % 64;
	if (!builder->plain)
		builder->codes[row] = code;
}

void text_builder_add(struct text_builder *builder, const char *bytes, size_t size)
{
	uint32_t code = 0;

	if (builder->plain)
		add_entry(builder, bytes, size);
	else
		code = find_entry(builder, key_of(bytes, size), bytes, size);
	add_row(builder, code, true);
	builder->row_bytes += size;
	if (!builder->plain && pays_no_more(builder, builder->n_rows - builder->n_missing))
		write_out(builder);
}

void text_builder_add_missing(struct text_builder *builder)
{
	if (builder->plain)
		add_entry(builder, "", 0);
	add_row(builder, 0, false);
	builder->n_missing++;
}

/* ---- many at once ---- */

/* From row `row` on. */
static inline struct text_places places_from(const struct text_places *places, size_t row)
{
	struct text_places from = *places;

	from.begins += row * from.begin_step;
	from.ends += row * from.end_step;
	return from;
}

/* The first of them, perhaps in quotes; the others stay. */
static inline const char *take_place(struct text_places *places, size_t *size)
{
	uint32_t begin = *places->begins + places->after;

	*size = *places->ends - begin;
	places->begins += places->begin_step;
	places->ends += places->end_step;
	return places->bytes + begin;
}

/* The bits of rows that come next. */
static void add_valid(struct text_builder *builder, const struct text_places *places, size_t from, size_t n, bool missing)
{
	struct text_places left = places_from(places, from);

	for (size_t at = builder->n_rows, end = at + n, n_bits; at < end; at += n_bits) {
		uint64_t *word = &builder->valid[at / 64], bits;

		n_bits = end - at < 64 - at % 64 ? end - at : 64 - at % 64;
		bits = ~UINT64_C(0) >> (64 - n_bits);
		for (size_t i = 0, size; i < n_bits && missing; i++) {
			(void)take_place(&left, &size);
			bits ^= (uint64_t)(size == 0) << i;
		}
		*word = (at % 64 ? *word : 0) | bits << at % 64;
	}
}

/* Whether such a byte is among the first `size`, at most KEY_BYTES. */
static inline bool has_byte(const char *text, size_t size, char byte)
{
	uint64_t equal = equal_bytes(load_eight(text), EIGHT((unsigned char)byte)) | equal_bytes(load_eight(text + 8), EIGHT((unsigned char)byte)) << 8;

	return equal & ((1u << size) - 1);
}

/* Where a text of few bytes is, if it was there before. */
static inline struct text_word *find_word(struct text_word *words, uint64_t bytes)
{
	return &words[bytes * UINT64_C(0x9e3779b97f4a7c15) >> (64 - WORD_BITS)];
}

/* Rows whose texts have entries, and are short if in quotes; how many before the first that is not so. */
static inline __attribute__((always_inline)) size_t add_found(struct text_builder *builder, const struct text_places *places, size_t from, size_t n, uint32_t *codes, bool by_word)
{
	const struct entries entries = entries_of(builder);
	struct text_places left = places_from(places, from);
	struct text_word *words = builder->words;
	size_t i = 0, bytes = 0, n_missing = 0;

	for (; i < n; i++) {
		size_t size;
		const char *text = take_place(&left, &size);
		bool quoted = (unsigned char)*text == left.quote && size > 0;
		struct text_word *word;
		uint64_t few;
		uint32_t entry;

		text += quoted;
		size -= quoted ? 2 : 0;
		few = load_eight(text) << ((8 * WORD_BYTES - 8 * size) & 63);
		word = by_word ? find_word(words, few) : NULL;
		if (by_word && word->bytes == few && word->size == size) {      /* which has no quotes within */
			codes[i] = word->entry;
			bytes += size;
			continue;
		}
		if (size == 0 && !quoted) {
			codes[i] = 0;
			n_missing++;
			continue;
		}
		if (quoted && (size > KEY_BYTES || has_byte(text, size, (char)left.quote)))
			break;
		entry = find_slot(&entries, key_at(text, size), text, size)->entry;
		if (!entry)
			break;
		codes[i] = entry - 1;
		bytes += size;
		if (by_word && size > 0 && size <= WORD_BYTES)
			*word = (struct text_word){ few, (uint32_t)size, entry - 1 };
	}
	builder->row_bytes += bytes;
	builder->n_missing += n_missing;
	return i;
}

/* Words that take turns in a place are guessed wrongly: of many entries that costs more than it saves. */
static size_t add_known(struct text_builder *builder, const struct text_places *places, size_t from, size_t n, uint32_t *codes)
{
	if (builder->n_entries > FEW_ENTRIES || n < WORD_ROWS)
		return add_found(builder, places, from, n, codes, false);
	if (!builder->words)
		builder->words = mem_array(1 << WORD_BITS, sizeof *builder->words);
	if (!builder->has_words)
		memset(builder->words, 0xff, sizeof *builder->words << WORD_BITS);
	builder->has_words = true;
	return add_found(builder, places, from, n, codes, true);
}

/* One row. */
static uint32_t find_place(struct text_builder *builder, struct text_places left)
{
	size_t size;
	const char *text = take_place(&left, &size);

	if (size == 0) {
		builder->n_missing++;
		return 0;
	}
	if ((unsigned char)*text == left.quote) {
		buffer_reserve(&builder->text, size + TEXT_SLACK + UNQUOTE_SLACK);
		size = unquote_plainly((char *)builder->text.data, text, size);
		text = (const char *)builder->text.data;
	}
	builder->row_bytes += size;
	return find_entry(builder, key_at(text, size), text, size);
}

/* How many rows behind so many texts can't make the dictionary pay no more, if they bring no new ones. */
static inline size_t rows_unchecked(size_t n_texts)
{
	return n_texts < TRIAL_ROWS ? TRIAL_ROWS - 1 - n_texts : n_texts < LATER_ROWS ? LATER_ROWS - 1 - n_texts : SIZE_MAX;
}

/* Rows with a dictionary, as long as that pays; how many. */
static size_t add_codes(struct text_builder *builder, const struct text_places *places, size_t n)
{
	uint32_t *codes = builder->codes + builder->n_rows;
	size_t i = 0, n_missing = builder->n_missing;
	bool pays = true;

	while (i < n && pays) {
		size_t most = rows_unchecked(builder->n_rows + i - builder->n_missing);

		i += add_known(builder, places, i, n - i < most ? n - i : most, codes + i);
		if (i == n)
			break;
		codes[i] = find_place(builder, places_from(places, i));
		i++;
		pays = !pays_no_more(builder, builder->n_rows + i - builder->n_missing);
	}
	add_valid(builder, places, 0, i, builder->n_missing > n_missing);
	builder->n_rows += i;
	if (!pays)
		write_out(builder);
	return i;
}

/* Texts of rows one behind the other; gives how many are missing. Each is copied with what stands behind it, over which the next one goes: no call, and no
 * branch on the size. */
static inline __attribute__((always_inline)) size_t copy_texts(struct text_builder *builder, const struct text_places *places, size_t from, size_t n, unquote *unquoted)
{
	struct text_places left = places_from(places, from);
	size_t begin = builder->bytes.size, end = begin, room = builder->bytes.room, n_missing = 0;
	uint32_t *ends = builder->offsets + builder->n_entries + 1;
	char *to = (char *)builder->bytes.data;

	for (size_t i = 0; i < n; i++) {
		size_t size;
		const char *text = take_place(&left, &size);

		if (end + size + UNQUOTE_SLACK > room) {
			builder->bytes.size = end;
			reserve_bytes(builder, size);
			room = builder->bytes.room;
			to = (char *)builder->bytes.data;
		}
		if ((unsigned char)*text == left.quote && size > 0) {
			size = unquoted(to + end, text, size);
		} else {
			memcpy(to + end, text, TEXT_SLACK);
			if (size > TEXT_SLACK)
				memcpy(to + end + TEXT_SLACK, text + TEXT_SLACK, size - TEXT_SLACK);
			n_missing += size == 0;
		}
		end += size;
		ends[i] = (uint32_t)end;
	}
	builder->bytes.size = end;
	builder->row_bytes += end - begin;
	builder->n_entries += n;
	return n_missing;
}

static size_t copy_texts_plainly(struct text_builder *builder, const struct text_places *places, size_t from, size_t n)
{
	return copy_texts(builder, places, from, n, unquote_plainly);
}

#ifdef CPU_HAS_LANES
AVX512_BYTES static size_t copy_texts_avx512(struct text_builder *builder, const struct text_places *places, size_t from, size_t n)
{
	size_t n_missing = copy_texts(builder, places, from, n, unquote_avx512);

	_mm256_zeroupper();     /* code without AVX is slow until then, and not every compiler sees to it here */
	return n_missing;
}
#endif

static size_t add_texts(struct text_builder *builder, const struct text_places *places, size_t from, size_t n)
{
	reserve_entries(builder, n, 0);
#ifdef CPU_HAS_LANES
	if (builder->lanes >= CPU_AVX512_BYTES)
		return copy_texts_avx512(builder, places, from, n);
#endif
	return copy_texts_plainly(builder, places, from, n);
}

void text_builder_add_places(struct text_builder *builder, const struct text_places *places, size_t n)
{
	size_t done = 0, n_missing;

	if (n == 0)
		return;
	reserve_rows(builder, n);
	if (!builder->plain)
		done = add_codes(builder, places, n);
	if (done == n)
		return;
	n_missing = add_texts(builder, places, done, n - done);
	add_valid(builder, places, done, n - done, n_missing > 0);
	builder->n_missing += n_missing;
	builder->n_rows += n - done;
}

void text_builder_finish(struct text_builder *builder, struct pool *pool, struct column *column)
{
	size_t n = builder->n_rows, n_words = bits_words(n), width;

	if (!builder->plain) {
		if (builder->n_entries == 0)
			find_entry(builder, key_of("", 0), "", 0);     /* code 0 must mean something */
		width = builder->n_entries <= 256 ? 1 : builder->n_entries <= 65536 ? 2 : 4;
		if (builder->bytes.size + 4 * builder->n_entries + width * n >= builder->row_bytes + 4 * n)
			write_out(builder);
	}
	if (builder->n_entries == 0)
		reserve_entries(builder, 0, 0);
	*column = (struct column)COLUMN_INIT;
	memcpy(column_new_offsets(column, pool, builder->n_entries), builder->offsets, (builder->n_entries + 1) * 4);
	memcpy(column_new_bytes(column, pool, builder->bytes.size), builder->bytes.size ? (char *)builder->bytes.data : "", builder->bytes.size);
	if (builder->n_missing)
		memcpy(column_new_valid(column, pool, n, false), builder->valid, n_words * 8);
	if (!builder->plain)
		memcpy(column_new_codes(column, pool, n), builder->codes, n * 4);
	column_close(column, TYPE_TEXT, n);
	text_builder_clear(builder);
}
