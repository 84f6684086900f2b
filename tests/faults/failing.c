/* Lets one system call of a process that changes a folder fail, or kills the process there. Used by `faults.py`.

   A child calls `traced` and goes on with its work; the parent calls `watch`. Counted are the calls, of the child and
   all its threads and children, that write, flush, make, rename or remove something in a folder, from 1.

   x86-64 Linux. A seccomp filter stops the child at the calls of interest alone; the rest runs at full speed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { BY_FD, BY_PATH, BY_FOLDER_AND_PATH };

static const struct call { long number; const char *name; enum kind kind; int room; } CALLS[] = {
    {SYS_write, "write", BY_FD, 1},
    {SYS_pwrite64, "write", BY_FD, 1},
    {SYS_writev, "write", BY_FD, 1},
    {SYS_pwritev, "write", BY_FD, 1},
    {SYS_ftruncate, "truncate", BY_FD, 1},
    {SYS_fallocate, "allocate", BY_FD, 1},
    {SYS_fsync, "fsync", BY_FD, 0},
    {SYS_fdatasync, "fsync", BY_FD, 0},
    {SYS_open, "create", BY_PATH, 1},
    {SYS_creat, "create", BY_PATH, 1},
    {SYS_openat, "create", BY_FOLDER_AND_PATH, 1},
    {SYS_mkdir, "mkdir", BY_PATH, 1},
    {SYS_mkdirat, "mkdir", BY_FOLDER_AND_PATH, 1},
    {SYS_rename, "rename", BY_PATH, 0},
    {SYS_renameat, "rename", BY_FOLDER_AND_PATH, 0},
    {SYS_renameat2, "rename", BY_FOLDER_AND_PATH, 0},
    {SYS_unlink, "unlink", BY_PATH, 0},
    {SYS_unlinkat, "unlink", BY_FOLDER_AND_PATH, 0},
    {SYS_rmdir, "rmdir", BY_PATH, 0},
};
enum { N_CALLS = sizeof CALLS / sizeof *CALLS };

static int filter(void) {
    struct sock_filter program[2 * N_CALLS + 2];
    int n = 0;
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < N_CALLS; i++) {
        program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[i].number, 0, 1);
        program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog whole = {.len = n, .filter = program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

static void link_of(pid_t process, long fd, char *found) {
    char link[64];
    if (fd < 0) snprintf(link, sizeof link, "/proc/%d/cwd", process);
    else snprintf(link, sizeof link, "/proc/%d/fd/%ld", process, fd);
    ssize_t length = readlink(link, found, PATH_MAX - 1);
    found[length < 0 ? 0 : length] = 0;
}

static void text_at(pid_t process, unsigned long place, char *found) {
    struct iovec ours = {found, PATH_MAX - 1}, theirs = {(void *)place, PATH_MAX - 1};
    ssize_t length = process_vm_readv(process, &ours, 1, &theirs, 1, 0);
    if (length < 0) {  /* it runs into a page that is not there */
        theirs.iov_len = ours.iov_len = 4096 - place % 4096;
        length = process_vm_readv(process, &ours, 1, &theirs, 1, 0);
    }
    found[length < 0 ? 0 : length] = 0;
}

/* Say what a call is of, as a whole path. */
static void path_of(pid_t process, const struct call *call, const struct user_regs_struct *r, char *path) {
    if (call->kind == BY_FD) {
        link_of(process, (long)(int)r->rdi, path);
        return;
    }
    static char given[PATH_MAX], folder[PATH_MAX];
    text_at(process, call->kind == BY_PATH ? r->rdi : r->rsi, given);
    if (*given == '/') {
        strcpy(path, given);
        return;
    }
    link_of(process, call->kind == BY_PATH ? AT_FDCWD : (long)(int)r->rdi, folder);
    snprintf(path, 2 * PATH_MAX, "%s/%s", folder, given);
}

static int creates(const struct user_regs_struct *r) {
    if (r->orig_rax == SYS_open) return !!(r->rsi & O_CREAT);
    if (r->orig_rax == SYS_openat) return !!(r->rdx & O_CREAT);
    return 1;
}

/* Wait for `watch`, and have the calls stop from then on; 0 if that can be done here. */
int traced(void) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) return -1;
    raise(SIGSTOP);
    return filter();
}

/* Do to a child that called `traced` what HOW says, at the call of a number. HOW is one of
     none          nothing
     EIO ENOSPC    the call fails
     full          every call that needs room fails from there on, with ENOSPC
     KILL INT      the child is killed before it, as by kill -9; gets Ctrl-C before it
   LOG gets a line for each call that is counted. Gives the child's status, 128 + the signal that ended it, or -1. */
int watch(int child, const char *folder, long number, const char *how, const char *to) {
    long counted = 0;
    int status;
    FILE *log = fopen(to, "w");
    if (!log || waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) return -1;
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, child, 0, options)) return -1;
    ptrace(PTRACE_CONT, child, 0, 0);
    for (;;) {
        pid_t who = waitpid(-1, &status, __WALL);
        if (who < 0) return -1;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (who != child) continue;
            fclose(log);
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        int event = status >> 16, given = WSTOPSIG(status);
        if (event == PTRACE_EVENT_SECCOMP) {
            struct user_regs_struct r;
            static char path[2 * PATH_MAX];
            ptrace(PTRACE_GETREGS, who, 0, &r);
            const struct call *call = CALLS;
            while (call < CALLS + N_CALLS - 1 && call->number != (long)r.orig_rax) call++;
            path_of(who, call, &r, path);
            if (creates(&r) && !strncmp(path, folder, strlen(folder))) {
                counted++;
                fprintf(log, "%s %s\n", call->name, path + strlen(folder));
                int full = !strcmp(how, "full");
                if (full ? counted >= number && call->room : counted == number) {
                    if (!strcmp(how, "KILL")) kill(child, SIGKILL);
                    else if (!strcmp(how, "INT")) kill(child, SIGINT);
                    else if (strcmp(how, "none")) {
                        r.orig_rax = -1;
                        r.rax = !strcmp(how, "EIO") ? -EIO : -ENOSPC;
                        ptrace(PTRACE_SETREGS, who, 0, &r);
                    }
                }
            }
            given = 0;
        } else if (event || given == SIGSTOP) {
            given = 0;
        }
        ptrace(PTRACE_CONT, who, 0, given);
    }
}
