# Sourced by tests that run programs in Python; a suite that finds none is skipped.
#
#   python_begin    Python is there; on Kafka its client, too, from a folder of the build that is filled once

python_begin() {
        command -v python3 >/dev/null || { echo 'python3 is not installed: no foreign clients to test with'; exit 77; }
        PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=${SCHAKEL_PYTHON_LIBS:-$PWD/build/python}
        export PYTHONDONTWRITEBYTECODE PYTHONPATH
        [ "${SK_TEST_LOG:-local}" = kafka ] || return 0
        mkdir -p "$PYTHONPATH"
        (
                flock 9
                python3 -c 'import kafka' 2>/dev/null ||
                        python3 -m pip install --quiet --require-hashes --target "$PYTHONPATH" -r tests/foreign/requirements.txt
        ) 9>"$PYTHONPATH/lock" >"$folder/pip.out" 2>&1 || { cat "$folder/pip.out"; exit 77; }
}
