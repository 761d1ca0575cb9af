/* SPDX-License-Identifier: MIT */
/*
 * The new file gets what a plain open would have given: the permissions that the
 * umask leaves, or those (and, where we may, the owner) of the file that it
 * replaces; a file that may not be written is refused although its folder would
 * let us rename over it.
 *
 * Who opens a .part that is there may find that its holder renames or removes it
 * before the lock is his. So a lock counts only if the name still leads to the
 * file that is locked; then nobody else touches either.
 */
#define _GNU_SOURCE             /* O_TMPFILE, flock */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum { MOST_PARTS = 1000, PARTS_APART = 8, MOST_LINKS = 40, NAME_SIZE = 255, LINK_SIZE = 4096 };

static int open_again(const char *path, int flags, const struct host *host)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, 0666);
	while (fd < 0 && host_again(host));
	return fd;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder of a path, for the caller to free. */
static char *folder_of(const char *path)
{
	char *copy = mem_text(path), *folder = mem_text(dirname(copy));

	free(copy);
	return folder;
}

/* Where the links at `path` lead, whether anything is there or not; for the caller to free. NULL and errno. */
static char *follow(const char *path)
{
	char *at = mem_text(path), *link = mem_array(LINK_SIZE, 1);
	int i = 0;

	for (; i < MOST_LINKS; i++) {
		ssize_t size = readlink(at, link, LINK_SIZE - 1);
		char *folder;

		if (size < 0)
			break;                  /* no link */
		link[size] = '\0';
		folder = folder_of(at);
		free(at);
		at = *link == '/' ? mem_text(link) : mem_format("%s/%s", folder, link);
		free(folder);
	}
	free(link);
	if (i < MOST_LINKS)
		return at;
	free(at);
	errno = ELOOP;
	return NULL;
}

/* ---- the file beside the target ---- */

/* ".NAME.part", ".NAME.2.part": cut where that would be longer than a name may be. */
static char *part_name(const char *path, int number)
{
	char *folder = folder_of(path), *copy = mem_text(path), *base = basename(copy), *name, suffix[24];
	long longest = pathconf(folder, _PC_NAME_MAX);
	size_t keep = strlen(base), room;

	snprintf(suffix, sizeof suffix, number > 1 ? ".%d.part" : ".part", number);
	room = (longest > 0 ? (size_t)longest : NAME_SIZE) - strlen(".") - strlen(suffix);
	if (keep > room) {
		keep = room;
		while (keep > 0 && ((unsigned char)base[keep] & 0xc0) == 0x80)  /* whole characters: some file systems want that */
			keep--;
	}
	name = mem_format("%s/.%.*s%s", folder, (int)keep, base, suffix);
	free(folder);
	free(copy);
	return name;
}

/* 1: ours alone from here on. 0: another's. -1 and errno: nobody can say. */
static int hold(int fd, const char *name, bool new)
{
	struct stat open_file, named;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && (!new || errno == EWOULDBLOCK))         /* some file systems know no locks */
		return 0;
	if (fstat(fd, &open_file) < 0)
		return -1;
	if (lstat(name, &named) < 0)
		return errno == ENOENT ? 0 : -1;
	return same_file(&open_file, &named);
}

/* Of who was killed: nobody holds it. True: the name is free. */
static bool remove_left(const char *name, const struct host *host)
{
	int fd = open_again(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, host);
	struct stat left;
	bool gone;

	if (fd < 0 && errno == EACCES)
		fd = open_again(name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW, host);
	if (fd < 0)
		return errno == ENOENT;
	gone = fstat(fd, &left) == 0 && S_ISREG(left.st_mode) && hold(fd, name, false) > 0 && unlink(name) == 0;
	close(fd);
	return gone;
}

static int open_new(const char *name, const struct host *host)
{
	return open_again(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, host);
}

/* Of several who were killed the later numbers would stay until as many write at once again. */
static void remove_others(const char *path, int number, const struct host *host)
{
	for (int missing = 0; missing < PARTS_APART; number++) {
		char *name = part_name(path, number);
		struct stat left;

		missing = lstat(name, &left) < 0 ? missing + 1 : 0;
		if (missing == 0)
			remove_left(name, host);
		free(name);
	}
}

/* Opens and holds a new file beside file->path; its name goes to file->temporary. Permissions as the umask leaves them. */
static int open_part(struct file *file)
{
	for (int number = 1; number <= MOST_PARTS; number++) {
		char *name = part_name(file->path, number);
		int fd = open_new(name, file->host), held, why;

		if (fd < 0 && errno == EEXIST) {
			bool gone = remove_left(name, file->host);

			errno = EEXIST;
			fd = gone ? open_new(name, file->host) : -1;
		}
		held = fd >= 0 ? hold(fd, name, true) : errno == EEXIST ? 0 : -1;
		if (held > 0) {
			file->fd = fd;
			file->temporary = name;
			host_temporary(file->host, name, true);
			remove_others(file->path, number + 1, file->host);
			return 0;
		}
		why = errno;
		if (fd >= 0 && held < 0 && hold(fd, name, true) > 0)
			unlink(name);
		if (fd >= 0)
			close(fd);
		free(name);
		errno = why;
		if (held < 0)
			return -1;
	}
	return -1;
}

static int open_replacement(struct file *file, const struct stat *old)
{
	bool given;

	if (old && access(file->path, W_OK) != 0)
		return -1;
	if (open_part(file) < 0)
		return -1;
	if (!old)
		return 0;
	/* Who may not give a file away still writes it, but then not with another's set-user-id. The owner goes first, because
	 * that may clear bits of the mode; some file systems know no modes. */
	given = fchown(file->fd, old->st_uid, old->st_gid) == 0 || fchown(file->fd, (uid_t)-1, old->st_gid) == 0;
	return fchmod(file->fd, old->st_mode & (given ? 07777 : 0777)) == 0 || errno == EPERM ? 0 : -1;
}

/* ---- the target ---- */

/* Whether anything is at `path`: 1 with what it is, 0 nothing, -1 and errno. Who can't look writes nothing. */
static int look_at(const char *path, struct stat *there)
{
	return stat(path, there) == 0 ? 1 : errno == ENOENT ? 0 : -1;
}

/* Whether `path`, where `named` is, is another name of the file that standard output is: 1, 0, or -1 and errno. */
static int is_output(const char *path, const struct stat *named, bool *link)
{
	struct stat output, itself;

	if (fstat(STDOUT_FILENO, &output) < 0)
		return errno == EBADF ? 0 : -1;
	if (!same_file(named, &output))
		return 0;
	if (lstat(path, &itself) < 0)
		return -1;
	*link = S_ISLNK(itself.st_mode);
	return 1;
}

/* Whether `named` is the file that standard input is. */
static bool is_input(const struct stat *named)
{
	struct stat input;

	return fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode) && same_file(named, &input);
}

int file_apart(const char *path, const struct host *host, struct error *err)
{
	bool link = false;
	struct stat named;
	int found = look_at(path, &named);

	if (found > 0 && is_input(&named))
		return error_set(err, STATUS_USAGE, "%s is standard input, where the records come from (name another file)", path);
	if (found > 0)
		found = is_output(path, &named, &link);
	if (found < 0)
		return error_errno(err, "%s", path);
	/* What is written to /dev/null by two is not mixed up. */
	if (found == 0 || (S_ISCHR(named.st_mode) && !link && !(host && host->out_width > 0)))
		return 0;
	return error_set(err, STATUS_USAGE, "%s is standard output, where the records go (name another file)", path);
}

/* A name of an open file (/dev/fd/3) may lead nowhere else: whether what `old` is lies at `target`; 1, 0, or -1 and errno. */
static int leads_to(const char *target, const struct stat *old)
{
	struct stat end;

	if (stat(target, &end) == 0)
		return same_file(old, &end);
	return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
}

static int open_target(struct file *file, const char *path)
{
	struct stat old;
	int exists = look_at(path, &old), output, leads;
	bool link = false;
	char *target;

	if (exists < 0)
		return -1;
	if (exists && S_ISDIR(old.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	output = exists ? is_output(path, &old, &link) : 0;
	if (output < 0)
		return -1;
	if (output && link)             /* as it is open: behind what stands there */
		return file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (exists && !S_ISREG(old.st_mode))
		return file->fd = open_again(path, O_WRONLY, file->host);
	target = follow(path);
	if (!target)
		return -1;
	leads = exists ? leads_to(target, &old) : 1;
	if (leads <= 0) {
		free(target);
		return leads < 0 ? -1 : (file->fd = open_again(path, O_WRONLY | O_TRUNC, file->host));
	}
	free(file->path);
	file->path = target;
	return open_replacement(file, exists ? &old : NULL);
}

const char *file_packer(const char *path)
{
	static const struct { const char *ending, *packer; } packed[] = {
		{ ".gz", "gzip" }, { ".zst", "zstd" }, { ".xz", "xz" }, { ".bz2", "bzip2" }, { ".lz4", "lz4" }, { ".Z", "compress" }, { ".zip", "zip" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof packed / sizeof *packed; i++)
		if (strcasecmp(dot, packed[i].ending) == 0)
			return packed[i].packer;
	return NULL;
}

static int refuse_packed(const char *path, struct error *err)
{
	const char *packer = file_packer(path);
	int size = (int)(strrchr(path, '.') ? strrchr(path, '.') - path : 0);
	bool zip = packer && strcmp(packer, "zip") == 0;

	if (!packer)
		return 0;
	return error_set(err, STATUS_USAGE, "%s: no file is packed here (name it %.*s, then: %s%s%s %.*s)", path, size, path, packer, zip ? " " : "",
	                 zip ? path : "", size, path);
}

int file_create(struct file *file, const char *path, const struct host *host, struct error *err)
{
	*file = (struct file){ .fd = -1, .path = mem_text(path), .host = host };
	if (refuse_packed(path, err) < 0) {
		file_abandon(file);
		return -1;
	}
	if (open_target(file, path) >= 0)
		return 0;
	error_errno(err, "%s", path);
	file_abandon(file);
	return -1;
}

enum { PUSHED = 8 << 20 };

/* A refusal only costs time: fsync comes in any case, and tells. */
void file_push(struct file *file, uint64_t size)
{
	if (!file->temporary || size - file->pushed < PUSHED)
		return;
#ifdef SYNC_FILE_RANGE_WRITE
	(void)sync_file_range(file->fd, (off_t)file->pushed, (off_t)(size - file->pushed), SYNC_FILE_RANGE_WRITE);
#endif
	file->pushed = size;
}

static void sync_folder(const struct file *file)
{
	char *folder = folder_of(file->path);
	int fd = open_again(folder, O_RDONLY | O_DIRECTORY, file->host), failed = 0;

	if (fd >= 0) {
		do
			failed = fsync(fd);
		while (failed < 0 && host_again(file->host));
		if (failed < 0 && errno != EINVAL && errno != EROFS)    /* some file systems can't; the file itself is safe */
			host_note(file->host, "%s is written, but may not outlast a power failure: its folder: %s", file->path, strerror(errno));
		close(fd);
	}
	free(folder);
}

/* All that can fail comes before the rename, and that while the name is held: so the descriptor that is closed is a copy. */
static int put_in_place(struct file *file)
{
	int fd = file->fd, lock = -1, result = 0;

	if (file->temporary) {
		do
			result = fsync(fd);
		while (result < 0 && host_again(file->host));
		if (result < 0 || (lock = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
			return -1;
	}
	file->fd = lock;
	result = close(fd) < 0 && errno != EINTR ? -1 : 0;      /* after EINTR it is closed, and was synced */
	if (result < 0 || !file->temporary)
		return result;
	if (host_interrupted(file->host)) {
		errno = EINTR;
		return -1;
	}
	return rename(file->temporary, file->path);
}

int file_commit(struct file *file, struct error *err)
{
	if (put_in_place(file) < 0) {
		error_errno(err, "%s", file->path);
		file_abandon(file);
		return -1;
	}
	if (file->temporary) {
		host_temporary(file->host, file->temporary, false);
		free(file->temporary);
		file->temporary = NULL;
		sync_folder(file);
	}
	file_abandon(file);
	return 0;
}

void file_abandon(struct file *file)
{
	if (!file->path)
		return;
	if (file->temporary) {
		unlink(file->temporary);        /* while it is held: who comes next may have the name */
		host_temporary(file->host, file->temporary, false);
	}
	if (file->fd >= 0)
		close(file->fd);
	free(file->temporary);
	free(file->path);
	*file = (struct file){ .fd = -1 };
}

bool file_same(const char *a, const char *b)
{
	char *at[2] = { follow(a), follow(b) };
	bool same = false;
	struct stat there[2];

	if (at[0] && at[1] && stat(at[0], &there[0]) == 0 && stat(at[1], &there[1]) == 0) {
		same = same_file(&there[0], &there[1]);
	} else if (at[0] && at[1]) {
		char *folders[2] = { folder_of(at[0]), folder_of(at[1]) }, *copies[2] = { mem_text(at[0]), mem_text(at[1]) };

		same = stat(folders[0], &there[0]) == 0 && stat(folders[1], &there[1]) == 0 && same_file(&there[0], &there[1]) &&
		       strcmp(basename(copies[0]), basename(copies[1])) == 0;
		for (int i = 0; i < 2; i++) {
			free(folders[i]);
			free(copies[i]);
		}
	}
	free(at[0]);
	free(at[1]);
	return same;
}

int file_remove(const char *path, struct error *err)
{
	char *at = follow(path);
	int result = at && (unlink(at) == 0 || errno == ENOENT) ? 0 : error_errno(err, "%s", path);

	free(at);
	return result;
}

int file_look(const char *path, struct error *err)
{
	struct stat there;
	int found = look_at(path, &there);

	if (found <= 0)
		return found < 0 ? error_errno(err, "%s", path) : FILE_NONE;
	return S_ISREG(there.st_mode) ? FILE_REGULAR : FILE_OTHER;
}

int file_open(const char *path, const struct host *host, struct error *err)
{
	int fd = open_again(path, O_RDONLY, host);

	return fd >= 0 ? fd : error_errno(err, "%s", path);
}

int file_read_all(const char *path, size_t most, const char *taken_for, const struct host *host, struct buffer *to, struct error *err)
{
	int fd = file_open(path, host, err), result = fd < 0 ? -1 : 1;

	while (result > 0) {
		ssize_t n;

		buffer_reserve(to, 64 * 1024);
		n = read(fd, to->data + to->size, 64 * 1024);
		if (n < 0 && host_again_on(host, fd, POLLIN))
			continue;
		result = n < 0 ? error_errno(err, "%s", path) : n > 0;
		to->size += n > 0 ? (size_t)n : 0;
		if (result > 0 && to->size > most)
			result = error_set(err, STATUS_USAGE, "%s: larger than %zu MiB: is this %s?", path, most >> 20, taken_for);
	}
	if (fd >= 0)
		close(fd);
	return result;
}

int file_open_append(const char *path, const struct host *host, struct error *err)
{
	int fd;

	if (refuse_packed(path, err) < 0)
		return -1;
	fd = open_again(path, O_WRONLY | O_CREAT | O_APPEND, host);
	return fd >= 0 ? fd : error_errno(err, "%s", path);
}

#define TEMPORARY "temporary file in %s (set TMPDIR to a folder with room, or raise --memory)"
int file_unnamed_failed(const struct host *host, struct error *err) { return error_prefix(err, TEMPORARY, host_folder(host)); }

/* Where the file system can't make one that never had a name, it has one for a moment. */
int file_unnamed(const struct host *host, struct error *err)
{
	int fd = open_again(host_folder(host), O_RDWR | O_TMPFILE, host);
	char *path;

	if (fd >= 0 || host_interrupted(host))
		return fd >= 0 ? fd : error_set(err, STATUS_INTERRUPT, "interrupted");
	path = mem_format("%s/millrace-XXXXXX", host_folder(host));
	do
		fd = mkstemp(path);
	while (fd < 0 && host_again(host));
	if (fd < 0 && errno == EMFILE)
		error_errno(err, "a temporary file more (raise --memory, or the limit, see ulimit -n)");
	else if (fd < 0)
		error_errno(err, TEMPORARY, host_folder(host));
	else
		unlink(path);
	free(path);
	return fd;
}

static int temporary_failed(const char *what, const struct host *host, struct error *err)
{
	error_errno(err, "%s failed", what);
	return file_unnamed_failed(host, err);
}

int file_write_at(int fd, const void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err)
{
	const char *from = bytes;

	while (size > 0) {
		ssize_t written = pwrite(fd, from, size, (off_t)at);

		if (written < 0 && !host_again(host))
			return temporary_failed("write", host, err);
		if (written > 0) {
			from += written;
			at += (uint64_t)written;
			size -= (size_t)written;
		}
	}
	return 0;
}

int file_read_at(int fd, void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err)
{
	char *to = bytes;

	while (size > 0) {
		ssize_t got = pread(fd, to, size, (off_t)at);

		if (got == 0)
			return error_set(err, STATUS_FAILED, "temporary file in '%s': it ends early", host_folder(host));
		if (got < 0 && !host_again(host))
			return temporary_failed("read", host, err);
		if (got > 0) {
			to += got;
			at += (uint64_t)got;
			size -= (size_t)got;
		}
	}
	return 0;
}
