#ifndef SK_HOW_PLUGIN_HOST_H
#define SK_HOW_PLUGIN_HOST_H

/*
 * The process of one plug-in. It speaks the runner's frames (how/frame.h): of each sk_run `words` are the plug-in's
 * name, its configuration (JSON) and the team's folder, `input` is the try; of each end `number` is a
 * schakel_plugin_result and `output`
 * {"code":...,"text":...,"retry_after_ms":...,"value":...}.
 */

/**
 * Runs until the socket is closed.
 *
 * @param fd    its end of a pair of stream sockets; taken
 * @param path  of the shared object
 * @return exit status of the process
 */
int sk_plugin_host_main(int fd, const char *path);

#endif
