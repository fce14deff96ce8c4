"""Inputs in bounded parts: however large a file is, what DuckDB is given at once is not.

Small plain files pass through as they are. Large and compressed ones are copied to plain pieces of
about 96 MB, one piece ahead of the reader: gunzip runs beside the SQL (and DuckDB reads plain JSON
four times as fast as compressed). isal unpacks in a quarter of zlib's time. The copy goes in
blocks, so that Python never holds a piece.

Lines of JSON are whole objects when they leave here. read_json stops, ignore_errors or not, where
an object that one line begins is ended by the next ("Can't go past the boundary" in its source);
lines that may do that are quoted, so that each becomes a reject of its own.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from isal import igzip, isal_zlib

from chainlight_collector import scratch
from chainlight_collector.errors import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PART_BYTES = 96000000
"""Some 180,000 events. Planning the statements of a part costs as much as 10,000 events, and every
commit compresses the last row group of each table again: parts of 32 MB took 1.4 times as long."""
BLOCK_BYTES = 1_000_000
"""Blocks of 8 MB were no faster, and their copies 50 MB more at the peak of an import."""
LINE_BYTES_MAX = 8_000_000
LINE_BYTES_USUAL = 2_000_000
"""CloudWatch's events have 1 MB at most; JSON in JSON may double that."""
LINE_BYTES_KEPT = 64_000
_GZIP_MAGIC = b"\x1f\x8b"
_BrokenError = cast("type[Exception]", isal_zlib.error)  # its stub says that it is an instance


def bounded(files: Sequence[Path], *, is_json: bool) -> Iterator[list[Path]]:
    """Yield lists of plain files that hold all lines of ``files``, about 96 MB a list.

    A line beyond 16 MB is cut to its first 64 KB. With ``is_json`` a line that is no object on a
    line of its own comes as a JSON string. Pieces are deleted when the next list is asked for.

    Raises:
        ImportFileError: a file is missing, unreadable, or its compression is broken.

    """
    with scratch.folder() as folder, ThreadPoolExecutor(max_workers=1) as ahead:
        parts = _parts(files, folder, is_json=is_json)
        following = ahead.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = ahead.submit(next, parts, None)
            yield part
            _discard(part, folder)


def line_bytes_max(files: Sequence[Path]) -> int:
    """Return a bound for the longest line: read_json takes files apart in pieces of twice that.

    Small pieces are what lets two threads read one file, and each thread allocates one.
    """
    largest_bytes = max((file.stat().st_size for file in files), default=0)
    if largest_bytes <= LINE_BYTES_USUAL:
        return max(largest_bytes, 1024)
    is_usual = all(_longest_at_most(file, LINE_BYTES_USUAL) for file in files)
    return LINE_BYTES_USUAL if is_usual else 2 * LINE_BYTES_MAX


def is_gzip(file: Path) -> bool:
    """Whether a file starts like gzip, whatever its name."""
    with _opened(file) as stream:
        return stream.read(2) == _GZIP_MAGIC


def open_plain(file: Path) -> IO[bytes]:
    """Open a file, plain or gzip, to read its plain bytes."""
    if not is_gzip(file):
        return _opened(file)
    return cast("IO[bytes]", igzip.open(file, "rb"))  # type: ignore[no-untyped-call]


def _parts(files: Sequence[Path], folder: Path, *, is_json: bool) -> Iterator[list[Path]]:
    group: list[Path] = []
    group_bytes = 0
    for number, file in enumerate(files):
        if not _passes_through(file, is_json=is_json):
            for piece in _pieces(file, folder / str(number), is_json=is_json):
                yield [piece]
            continue
        if group and group_bytes + file.stat().st_size > PART_BYTES:
            yield group
            group, group_bytes = [], 0
        group.append(file)
        group_bytes += file.stat().st_size
    if group:
        yield group


def _passes_through(file: Path, *, is_json: bool) -> bool:
    if is_gzip(file) or file.stat().st_size > LINE_BYTES_MAX * 2:
        return False
    return not is_json or _is_whole(file.read_bytes())


def _pieces(file: Path, stem: Path, *, is_json: bool) -> Iterator[Path]:
    try:
        with open_plain(file) as stream:
            blocks = _blocks(stream)
            for count, first in enumerate(blocks):
                piece = stem.with_name(f"{stem.name}-{count}")
                _write(piece, first, blocks, is_json=is_json)
                yield piece
    except (OSError, EOFError, _BrokenError) as error:
        raise ImportFileError(
            f"{file} cannot be read to its end: {error}. Nothing of this step was kept; "
            "get the file again."
        ) from error


def _write(piece: Path, first: bytes, blocks: Iterator[bytes], *, is_json: bool) -> None:
    """Write blocks until the piece is large enough; the others stay for the next one."""
    with piece.open("wb") as out:
        size_bytes = 0
        for text in chain((first,), blocks):
            size_bytes += out.write(_with_whole_lines(text) if is_json else text)
            if size_bytes >= PART_BYTES:
                return


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield whole lines, some megabytes at a time."""
    rest = b""
    while block := stream.read(min(BLOCK_BYTES, PART_BYTES)):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield _without_giants(rest + block[:cut])
            rest = block[cut:]
        else:
            rest = _shortened(rest + block)
    if rest:
        yield _without_giants(rest)


def _shortened(rest: bytes) -> bytes:
    """Return the beginning of an unended line, cut where it is a giant anyway."""
    return rest[: LINE_BYTES_MAX * 2 + 1]


def _without_giants(text: bytes) -> bytes:
    if not _has_giant(text):
        return text
    return b"\n".join(
        line if len(line) <= LINE_BYTES_MAX else line[:LINE_BYTES_KEPT]
        for line in text.split(b"\n")
    )


def _is_whole(text: bytes) -> bool:
    """Whether every line is an object: inside of one, "}" and "{" never meet over a line's end.

    Looked for at each newline: counting "}, newline, {" with bytes.count takes five times as long.
    """
    lines = text.removesuffix(b"\n")
    if not lines:
        return True
    at = lines.find(b"\n")
    while at >= 0:
        if lines[at - 1 : at + 2] != b"}\n{":
            return False
        at = lines.find(b"\n", at + 1)
    return lines.startswith(b"{") and lines.endswith(b"}")


def _with_whole_lines(text: bytes) -> bytes:
    if _is_whole(text):
        return text
    lines = (line.strip() for line in text.split(b"\n"))
    return b"".join((line if _is_whole(line) else _quoted(line)) + b"\n" for line in lines if line)


def _quoted(line: bytes) -> bytes:
    return json.dumps(line.decode("utf-8", "replace")).encode()


def _has_giant(text: bytes) -> bool:
    """Whether any line may be longer than 8 MB: some whole window of that size has no newline."""
    return any(
        text.find(b"\n", start, start + LINE_BYTES_MAX) < 0
        for start in range(0, len(text) - LINE_BYTES_MAX + 1, LINE_BYTES_MAX)
    )


def _longest_at_most(file: Path, size_bytes: int) -> bool:
    """Whether no line is longer: false also for some that are a little shorter."""
    with file.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as text:
        step_bytes = size_bytes // 2
        starts = range(0, len(text) - step_bytes + 1, step_bytes)
        return all(text.find(b"\n", start, start + step_bytes) >= 0 for start in starts)


def _discard(part: list[Path], folder: Path) -> None:
    for file in part:
        if file.parent == folder:
            file.unlink(missing_ok=True)


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise ImportFileError(f"{file} cannot be read: {error.strerror}. Name another.") from error
