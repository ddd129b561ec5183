# Completion of schakel for bash; the program knows its commands and options itself.
eval "$(schakel completion bash)"
