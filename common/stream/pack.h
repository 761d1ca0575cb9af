/* SPDX-License-Identifier: MIT */
/*
 * msgpack: writing into a buffer and reading a whole value, through msgpack-c.
 * Input first passes pack_scan, which walks the bytes without allocating and holds
 * size, counts and nesting to the caps: msgpack-c reserves memory by the count
 * that a header claims and fails oddly beyond 32 levels.
 */
#ifndef PACK_H
#define PACK_H

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "names.h"

enum { PACK_DEPTH = 16, MESSAGE_CAP = 256 * 1024 * 1024 };

/* ---- reading ---- */
/* Where a value ends, told piece by piece: bytes may arrive in any portions. cap: what it may claim; 0: MESSAGE_CAP. */
struct pack_scan { size_t at, depth; uint64_t left[PACK_DEPTH + 1]; uint64_t cap, n_values; };
/* PACK_DENSE: more than 2^20 values of less than two bytes on average; nothing that we write is like that, and unpacked each takes 24. */
enum pack_result { PACK_WHOLE, PACK_MORE, PACK_BROKEN, PACK_DEEP, PACK_DENSE };
/* Goes on in `bytes` (the value's first byte is bytes[0]; `size` bytes are here by now). PACK_WHOLE: scan->at is its length. */
enum pack_result pack_scan(struct pack_scan *scan, const unsigned char *bytes, size_t size);

struct unpacked { msgpack_object object; msgpack_zone *zone; };
/* One whole value of exactly `size` bytes, however many. str and bin point into `bytes`, which must outlive it. */
int pack_read(struct unpacked *unpacked, const void *bytes, size_t size, struct error *err) MUST_CHECK;
/* As pack_read, into memory of the value read before it (zeroed the first time). */
int pack_read_again(struct unpacked *unpacked, const void *bytes, size_t size, struct error *err) MUST_CHECK;
void unpacked_free(struct unpacked *unpacked);
/* Whether pack_read will take what was packed. Not, if a text, bin, array or map in it had 4 GiB or more, which msgpack can't say
 * (a byte that is never used stands there), or if it is nested too deep. */
bool pack_sound(const void *bytes, size_t size);

typedef msgpack_object const *object;   /* NULL where there is none */

object map_get(object map, const char *key);            /* NULL: no map, or no such key */
bool object_is_text(object value, const char *text);
/* False if the value is NULL or of another kind. Ints: from positive or negative; reals: also from ints. */
bool object_int(object value, int64_t *number);
bool object_uint(object value, uint64_t *number);
bool object_real(object value, double *number);
bool object_bool(object value, bool *flag);
char *object_text(object value);                        /* a copy for the caller to free; NULL: no text, no UTF-8, or a NUL in it */
bool object_text_if(object value, char **text);         /* the same of what may be absent, or nil: then *text is NULL; false: something else is there */
size_t array_size(object value);                        /* 0: no array */
object array_get(object value, size_t i);
/* A bin of doubles (or floats), little endian, as `pack_reals` writes it: how many, copied to the caller; -1: no such bin. */
int object_reals(object value, double *reals, size_t n);
bool object_finite_reals(object value, double *reals, size_t n);        /* n of them, and each a finite number: what a model reckons with */
bool object_bin(object value, void *to, size_t size);   /* a bin of just that size, copied */
bool object_names(object value, struct names *names);   /* an array of texts, added to names (no array: none); false: one of them is none */

/* ---- writing ---- all append to the buffer; see pack_sound for what msgpack can't hold ---- */
void pack_map(struct buffer *to, size_t n);
void pack_array(struct buffer *to, size_t n);
void pack_text(struct buffer *to, const char *text);
void pack_text_n(struct buffer *to, const char *bytes, size_t size);
void pack_bytes(struct buffer *to, const void *bytes, size_t size);     /* bin */
void pack_int(struct buffer *to, int64_t value);
void pack_uint(struct buffer *to, uint64_t value);
void pack_real(struct buffer *to, double value);
void pack_bool(struct buffer *to, bool value);
void pack_nil(struct buffer *to);
void pack_reals(struct buffer *to, const double *reals, size_t n);      /* bin */
void pack_names(struct buffer *to, const struct names *names);          /* an array of texts */
void pack_object(struct buffer *to, object value);                      /* as it is */
/* key and value of a map, in one call */
void pack_key_text(struct buffer *to, const char *key, const char *text);
void pack_key_int(struct buffer *to, const char *key, int64_t value);
void pack_key_real(struct buffer *to, const char *key, double value);

/* ---- a map that proves itself: its last pair is "check", XXH3-64 of every byte before the value, always in 9 bytes ---- */
enum { CHECK_SIZE = 9 };
enum pack_proof { PROOF_NONE, PROOF_RIGHT, PROOF_WRONG };
void pack_uint_whole(struct buffer *to, uint64_t value);        /* in 9 bytes, however small */
void pack_key_check(struct buffer *to, size_t from);            /* all other pairs of the map are there, from that byte on */
enum pack_proof pack_proof(const void *map, size_t size);       /* PROOF_NONE: it does not end in such a pair */
/* The number that the first pair of a map tells, whose key is `key`: without looking at the rest. */
bool pack_first_int(const void *map, size_t size, const char *key, int64_t *number);

#endif
