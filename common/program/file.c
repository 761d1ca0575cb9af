/* SPDX-License-Identifier: MIT */
/*
 * The new file gets what a plain open would have given: the permissions that the
 * umask leaves, or those (and, where we may, the owner) of the file that it
 * replaces; a link stays and its target is replaced; a file that may not be
 * written is refused although its folder would let us rename over it.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum { MOST_TRIES = 100 };

/* The folder of a path, for the caller to free. */
static char *folder_of(const char *path)
{
	char *copy = mem_text(path), *folder = mem_text(dirname(copy));

	free(copy);
	return folder;
}

/* Opens a new file in the folder of file->path; its name goes to file->temporary. Permissions as the umask leaves them. */
static int open_temporary(struct file *file)
{
	char *folder = folder_of(file->path);

	for (int i = 0; i < MOST_TRIES && file->fd < 0; i++) {
		free(file->temporary);
		file->temporary = mem_format("%s/.%s-%ld-%d.tmp", folder, host_program(file->host), (long)getpid(), i);
		file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file->fd < 0 && errno != EEXIST)
			break;
	}
	if (file->fd >= 0) {
		host_temporary(file->host, file->temporary, true);
	} else {
		free(file->temporary);
		file->temporary = NULL;
	}
	free(folder);
	return file->fd;
}

static int open_replacement(struct file *file, const struct stat *old)
{
	bool given;

	if (old && access(file->path, W_OK) != 0)
		return -1;
	if (open_temporary(file) < 0)
		return -1;
	if (!old)
		return 0;
	/* Who may not give a file away still writes it, but then not with another's set-user-id. The owner goes first, because
	 * that may clear bits of the mode; some file systems know no modes. */
	given = fchown(file->fd, old->st_uid, old->st_gid) == 0 || fchown(file->fd, (uid_t)-1, old->st_gid) == 0;
	return fchmod(file->fd, old->st_mode & (given ? 07777 : 0777)) == 0 || errno == EPERM ? 0 : -1;
}

int file_create(struct file *file, const char *path, const struct host *host, struct error *err)
{
	struct stat old;
	bool exists = stat(path, &old) == 0;
	char *target = exists ? realpath(path, NULL) : NULL;    /* a link is followed, so that it stays one */
	int opened;

	*file = (struct file){ .fd = -1, .path = mem_text(target ? target : path), .host = host };
	free(target);

	if (exists && S_ISDIR(old.st_mode)) {
		errno = EISDIR;
		opened = -1;
	} else if (exists && !S_ISREG(old.st_mode)) {
		opened = file->fd = open(path, O_WRONLY | O_CLOEXEC);
	} else {
		opened = open_replacement(file, exists ? &old : NULL);
	}
	if (opened < 0) {
		error_errno(err, "%s", path);
		file_abandon(file);
		return -1;
	}
	return 0;
}

static void sync_folder(const char *path)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);              /* some file systems can't; the file itself is safe */
		close(fd);
	}
	free(folder);
}

int file_commit(struct file *file, struct error *err)
{
	int fd = file->fd, failed = file->temporary ? fsync(fd) : 0;

	file->fd = -1;
	if ((close(fd) != 0 || failed < 0) || (file->temporary && rename(file->temporary, file->path) != 0)) {
		error_errno(err, "%s", file->path);
		file_abandon(file);
		return -1;
	}
	if (file->temporary) {
		host_temporary(file->host, file->temporary, false);
		free(file->temporary);
		file->temporary = NULL;
		sync_folder(file->path);
	}
	file_abandon(file);
	return 0;
}

void file_abandon(struct file *file)
{
	if (!file->path)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->temporary) {
		unlink(file->temporary);
		host_temporary(file->host, file->temporary, false);
	}
	free(file->temporary);
	free(file->path);
	*file = (struct file){ .fd = -1 };
}

int file_open_append(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	return fd >= 0 ? fd : error_errno(err, "%s", path);
}

int file_unnamed(const struct host *host, struct error *err)
{
	char *path = mem_format("%s/millrace-XXXXXX", host_folder(host));
	int fd = mkstemp(path);

	if (fd < 0)
		error_errno(err, "temporary file in %s (set TMPDIR to a folder with room, or raise --memory)", host_folder(host));
	else
		unlink(path);
	free(path);
	return fd;
}

static int temporary_failed(const struct host *host, struct error *err)
{
	return error_errno(err, "temporary file in '%s'", host_folder(host));
}

int file_write_at(int fd, const void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err)
{
	const char *from = bytes;

	while (size > 0) {
		ssize_t written = pwrite(fd, from, size, (off_t)at);

		if (written < 0 && errno != EINTR)
			return temporary_failed(host, err);
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
		if (got < 0 && errno != EINTR)
			return temporary_failed(host, err);
		if (got > 0) {
			to += got;
			at += (uint64_t)got;
			size -= (size_t)got;
		}
	}
	return 0;
}
