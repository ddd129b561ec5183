#!/bin/sh
# deps.sh with a dpkg, an apt-get and a sudo of our own: what it installs, and what it says when it may not.
set -u
. tests/support/checks.sh
home=$(mktemp -d "${TMPDIR:-/tmp}/deps.XXXXXX") || exit 1
trap 'rm -rf "$home"' EXIT
mkdir "$home/bin"

program() { # NAME: a stand-in whose text is the standard input
        { echo '#!/bin/sh'; cat; } >"$home/bin/$1"
        chmod +x "$home/bin/$1"
}
program dpkg-query <<'EOF'
case "$*" in *present*) printf installed ;; *removed*) printf config-files ;; *) exit 1 ;; esac
EOF
program apt-get <<EOF
echo "apt-get \$*" >>'$home/log'
EOF
program id <<EOF
cat '$home/uid'
EOF
program sudo <<EOF
test "\$1" = -n && exit \$(cat '$home/sudo')
echo sudo >>'$home/log'
exec "\$@"
EOF

deps() { # UID SUDO-STATUS PACKAGE...
        echo "$1" >"$home/uid"
        echo "$2" >"$home/sudo"
        shift 2
        : >"$home/log"
        PATH="$home/bin:$PATH" sh deploy/debian/deps.sh "$@" </dev/null >"$home/said" 2>&1
}

check 'all there: nothing to do' deps 1000 1 present-a present-b
refute 'all there: apt-get is left alone' grep -q apt-get "$home/log"
check 'root installs' deps 0 1 present-a absent-b removed-c
check 'only what is missing is installed' grep -q 'install .* absent-b removed-c$' "$home/log"
refute 'root needs no sudo' grep -q sudo "$home/log"
check 'who may use sudo installs with it' deps 1000 0 absent-b
check 'sudo was used' grep -q sudo "$home/log"
refute 'who may not installs nothing' deps 1000 1 absent-b present-a
refute 'and apt-get is left alone' grep -q apt-get "$home/log"
check 'but reads what to run' grep -q 'apt-get install --no-install-recommends absent-b$' "$home/said"
finish
