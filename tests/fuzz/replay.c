/* SPDX-License-Identifier: MIT */
/* The main of a fuzz target without a fuzzer: each file named is one input, in a block of exactly its size so that
 * AddressSanitizer sees a read behind its end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_CAP = 16 * 1024 * 1024 };

static int replay(const char *path, uint8_t *room)
{
	FILE *file = fopen(path, "rb");
	size_t size;
	uint8_t *input;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(room, 1, INPUT_CAP, file);
	fclose(file);
	input = malloc(size ? size : 1);
	if (!input)
		return -1;
	memcpy(input, room, size);
	LLVMFuzzerTestOneInput(input, size);
	free(input);
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t *room = malloc(INPUT_CAP);
	int status = room ? 0 : 1;

	for (int i = 1; i < argc && !status; i++)
		if (replay(argv[i], room) < 0)
			status = 1;
	free(room);
	return status;
}
