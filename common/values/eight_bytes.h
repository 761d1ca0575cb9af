/* SPDX-License-Identifier: MIT */
/* Texts in words of eight bytes: the first byte is the lowest, whatever the CPU is. */
#ifndef EIGHT_BYTES_H
#define EIGHT_BYTES_H

#include <stdint.h>
#include <string.h>

/* The byte eight times. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t load_eight(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static inline void store_eight(char *text, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(text, &word, sizeof word);
}

/* Where the first such byte stands in the word, or 8. */
static inline unsigned find_byte(uint64_t word, char byte)
{
	uint64_t others = word ^ EIGHT((unsigned char)byte), found;

	found = (others - EIGHT(1)) & ~others & EIGHT(0x80);    /* the lowest bit set is that of the first one */
	return found ? (unsigned)__builtin_ctzll(found) / 8 : 8;
}

/* Bit i: byte i of the word is the one that `others` repeats, and so 0 after an exclusive or; the high bit of each byte that is 0 is set
 * without a carry into the next, and one multiplication gathers the eight of them. */
static inline uint64_t equal_bytes(uint64_t word, uint64_t others)
{
	uint64_t different = word ^ others, low = EIGHT(0x7f);
	uint64_t zeros = ~(((different & low) + low) | different | low);

	return (zeros >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

#endif
