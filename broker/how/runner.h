#ifndef SK_HOW_RUNNER_H
#define SK_HOW_RUNNER_H

/*
 * The runner: the process that starts programs, so that the one with the loop and the threads never forks. It is small,
 * has one thread, and does what frames (how/frame.h) tell it: starts each program in a sandbox and a group of its own, feeds
 * and reads it, ends it at its time (SIGTERM, two seconds later SIGKILL), and says how it ended. Whatever a program leaves
 * behind is killed with it. When the other end of its socket is gone it kills all and ends.
 */

/**
 * Runs until the socket is closed.
 *
 * @param fd       its end of a pair of stream sockets; taken
 * @param scratch  an existing folder of its own, in which each program gets one to write in
 * @return exit status of the process
 */
int sk_runner_main(int fd, const char *scratch);

#endif
