/* SPDX-License-Identifier: MIT */
#include "checkpoint_file.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "pack.h"
#include "stream.h"

static const char KEY[] = "checkpoint";
/* What stands before and behind the checkpoint: the map's own byte, the key; the key of the check, the check. */
enum { BEFORE = 1 + sizeof KEY, BEHIND = sizeof "check" + CHECK_SIZE };
static const size_t LARGEST = (size_t)1 << 40;

/* Whether what is there begins as a checkpoint, as far as it goes: it will be overwritten, and removed in the end. */
static int look_into(const char *path, const struct host *host, struct error *err)
{
	struct buffer right = BUFFER_INIT;
	char begin[BEFORE];
	int fd = file_open(path, host, err);
	ssize_t n;
	bool fits;

	if (fd < 0)
		return -1;
	do
		n = read(fd, begin, sizeof begin);
	while (n < 0 && host_again_on(host, fd, POLLIN));
	close(fd);
	if (n < 0)
		return error_errno(err, "%s", path);
	pack_map(&right, 2);
	pack_text(&right, KEY);
	fits = memcmp(begin, right.data, (size_t)n) == 0;
	buffer_free(&right);
	return fits ? 0 : error_set(err, STATUS_USAGE, "--checkpoint: %s is there, and no checkpoint (name another file, or remove it)", path);
}

int checkpoint_file_look(const char *path, const struct host *host, struct error *err)
{
	struct file file;
	int there = file_look(path, err);

	if (there < 0)
		return -1;
	if (there == FILE_OTHER)
		return error_set(err, STATUS_USAGE, "--checkpoint: %s is no regular file", path);
	if (there == FILE_REGULAR && look_into(path, host, err) < 0)
		return -1;
	if (file_apart(path, host, err) < 0 || file_create(&file, path, host, err) < 0)
		return -1;
	file_abandon(&file);
	return there == FILE_REGULAR;
}

int checkpoint_file_write(const char *path, const struct buffer *checkpoint, const struct host *host, struct error *err)
{
	struct buffer map = BUFFER_INIT;
	struct file file;
	int result = -1;

	pack_map(&map, 2);
	pack_text(&map, KEY);
	buffer_add(&map, checkpoint->data, checkpoint->size);
	pack_key_check(&map, 0);
	if (!pack_sound(map.data, map.size)) {
		error_set(err, STATUS_FAILED, "--checkpoint: more than can be kept in a file: 4 GiB or more at once (leave it out)");
	} else if (file_create(&file, path, host, err) == 0) {
		result = write_all(file.fd, map.data, map.size, host, err) < 0 ? error_prefix(err, "%s", path) : file_commit(&file, err);
		file_abandon(&file);
	}
	buffer_free(&map);
	return result;
}

int checkpoint_file_read(const char *path, struct buffer *checkpoint, const struct host *host, struct error *err)
{
	struct buffer map = BUFFER_INIT;
	enum pack_proof proof = PROOF_NONE;
	bool is_one;

	buffer_clear(checkpoint);
	if (file_read_all(path, LARGEST, "a checkpoint", host, &map, err) < 0)
		goto failed;
	is_one = map.size > BEFORE + BEHIND && memcmp(map.data + 2, KEY, strlen(KEY)) == 0;
	if (is_one)
		proof = pack_proof(map.data, map.size);
	if (proof != PROOF_RIGHT) {
		error_set(err, STATUS_FAILED, "%s: %s (leave out --resume to start anew)", path, is_one ? "the checkpoint is broken" : "this is no checkpoint");
		goto failed;
	}
	buffer_add(checkpoint, map.data + BEFORE, map.size - BEFORE - BEHIND);
	buffer_free(&map);
	return 0;
failed:
	buffer_free(&map);
	return -1;
}
