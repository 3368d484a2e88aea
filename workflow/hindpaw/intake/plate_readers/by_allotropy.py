"""Run by a Python that has allotropy, in an environment of its own: a plate export on stdin, its ASM as JSON on stdout.

allotropy needs pandas < 3, hindpaw pandas ≥ 3. So this text goes to the other Python as `python -c TEXT VENDOR NAME`
and imports nothing of hindpaw.
"""


def main() -> None:
    """Print `{"version": …, "document": …}` for the file on stdin, or end with 1 and allotropy's words on stderr."""
    import io
    import json
    import sys
    from importlib import import_module
    from importlib.metadata import version

    vendor, name = sys.argv[1:]
    convert = import_module("allotropy.to_allotrope").allotrope_from_io
    try:
        document = convert(io.BytesIO(sys.stdin.buffer.read()), name, vendor)
    # Whatever allotropy raises becomes a finding on the other side.
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(json.dumps({"version": version("allotropy"), "document": document}))


if __name__ == "__main__":
    main()
