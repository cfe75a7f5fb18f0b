from __future__ import annotations

import dataclasses
import hashlib
import http.server
import io
import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from filelock import FileLock

from suite import data
from suite.data import cifar10, cifar10_twin
from suite.data.contract import Archive, DataSet
from suite.errors import InputError

CONTENT = bytes(range(256)) * 4000 + b"end"  # about 1 MB, several blocks
MD5 = hashlib.md5(CONTENT).hexdigest()


@dataclass
class Server:
    """What the server does, and what it was asked."""

    port: int = 0
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    """Bytes sent before the connection is cut, one entry per request; whole answers when used up."""
    ranges: bool = True
    status: int = 0
    asked: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{cifar10.ARCHIVE.name}"


class Handler(http.server.BaseHTTPRequestHandler):
    state: ClassVar[Server]

    def do_GET(self) -> None:
        state, wanted = self.state, self.headers.get("Range")
        state.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and state.ranges else 0
        if state.status:
            return self.send_error(state.status)
        if start >= len(state.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(state.content)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        body = state.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: state.cuts.pop(0)] if state.cuts else body)
        return None

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    handler = type("ThisHandler", (Handler,), {"state": state})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        state.port = running.server_address[1]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield state
        running.shutdown()
        thread.join()


def download(dataset: DataSet, folder: Path, **options: Any) -> Path:
    """Download a set of one file."""
    (path,) = data.download(dataset, folder, **options)
    return path


def offered(*urls: str) -> DataSet:
    archive = Archive(name=cifar10.ARCHIVE.name, urls=urls, md5=MD5, size=len(CONTENT))
    return dataclasses.replace(cifar10.DATASET, archives=(archive,))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_fetches_reports_progress_and_does_not_fetch_twice(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    dataset = offered(server.url)
    path = download(dataset, tmp_path / "new" / "folder", progress=lambda here, total: seen.append((here, total)))
    assert path.read_bytes() == CONTENT
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert names(path.parent) == [cifar10.ARCHIVE.name]
    assert download(dataset, path.parent) == path
    assert server.asked == [None]


def test_goes_on_where_the_connection_was_cut(server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 400_000]
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=700000-"]


def test_an_unfinished_download_is_continued_by_the_next_run(server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 0]
    with pytest.raises(InputError, match=r"ended after 300000 of 1024003 bytes.* 300000 bytes are kept"):
        download(offered(server.url), tmp_path)
    assert names(tmp_path) == [f"{cifar10.ARCHIVE.name}.part"]
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=300000-"


def test_a_server_without_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [300_000]
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_whole_part_file_needs_no_connection(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(CONTENT)
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == []


def test_a_part_file_that_is_too_long_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(CONTENT + b"more")
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None]


def test_a_part_that_the_server_cannot_continue_is_begun_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(CONTENT[:-1])
    server.content = CONTENT[:500]  # answers 416 to the range, then sends a file of the wrong length
    with pytest.raises(InputError, match="it has 500 bytes instead of 1024003"):
        download(offered(server.url), tmp_path)
    assert server.asked == [f"bytes={len(CONTENT) - 1}-", None]
    assert names(tmp_path) == []


def test_wrong_bytes_are_removed_and_both_md5s_named(server: Server, tmp_path: Path) -> None:
    server.content = b"x" + CONTENT[1:]
    found = hashlib.md5(server.content).hexdigest()
    with pytest.raises(InputError, match=rf"md5 {found} instead of {MD5}, so what came was removed.*--data"):
        download(offered(server.url), tmp_path)
    assert names(tmp_path) == []


def test_a_damaged_beginning_is_noticed_and_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(b"x" * 1000)
    assert download(offered(server.url, server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-", None]


def test_a_damaged_whole_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / cifar10.ARCHIVE.name).write_bytes(b"x" * len(CONTENT))
    assert download(offered(server.url), tmp_path).read_bytes() == CONTENT


def test_the_next_mirror_is_tried(server: Server, tmp_path: Path) -> None:
    refused = f"http://127.0.0.1:{_unused_port()}/a.tar.gz"
    path = download(offered(refused, server.url), tmp_path)
    assert path.read_bytes() == CONTENT


def test_the_users_mirror_comes_first(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENMATCH_MIRROR", server.url.removesuffix(cifar10.ARCHIVE.name))
    assert download(offered("http://127.0.0.1:9/never"), tmp_path / "a").read_bytes() == CONTENT
    monkeypatch.delenv("EVENMATCH_MIRROR")
    assert download(offered(), tmp_path / "b", mirrors=[server.url]).read_bytes() == CONTENT
    assert server.asked == [None, None]


@pytest.mark.parametrize("mirror", ["file:///etc/passwd", "ftp://x/", "somewhere"])
def test_a_mirror_has_to_be_a_web_address(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no http or https address"):
        download(offered(), tmp_path, mirrors=[mirror])


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_http_error_is_named(server: Server, tmp_path: Path, status: int) -> None:
    server.status = status
    with pytest.raises(InputError, match=rf"127\.0\.0\.1:{server.port}: HTTP {status} "):
        download(offered(server.url), tmp_path)
    assert server.asked == [None]


def test_without_a_network_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    for proxy in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.upper(), raising=False)
    with pytest.raises(InputError) as caught:
        download(offered("https://publisher.example/a", "https://mirror.example/a"), tmp_path)
    message = str(caught.value)
    assert "publisher.example: Temporary failure in name resolution; mirror.example: Temporary" in message
    assert re.search(r"--data .*EVENMATCH_MIRROR.*synthetic stand-in\.$", message)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").symlink_to("/dev/full")
    with pytest.raises(InputError, match="No space left on device; free 0 MB there"):
        download(offered(server.url), tmp_path)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        download(offered("http://127.0.0.1:9/never"), tmp_path / "file")


def test_two_downloads_of_one_file_do_not_mix(server: Server, tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / f"{cifar10.ARCHIVE.name}.lock"),
        pytest.raises(InputError, match="is being downloaded by another process"),
    ):
        download(offered(server.url), tmp_path)


def test_a_synthetic_set_cannot_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be downloaded"):
        download(cifar10_twin.DATASET, tmp_path)


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("training/a.png", content)
    return stream.getvalue()


def unpublished(*urls: str) -> DataSet:
    """A set whose publisher names neither size nor md5."""
    archive = Archive(name=cifar10.ARCHIVE.name, urls=urls, md5=None, size=None)
    return dataclasses.replace(cifar10.DATASET, archives=(archive,))


def test_without_a_published_size_the_servers_word_is_taken(server: Server, tmp_path: Path) -> None:
    server.content = zipped(CONTENT)
    server.cuts = [300_000, 400_000]
    seen: list[tuple[int, int]] = []
    path = download(unpublished(server.url), tmp_path, progress=lambda here, total: seen.append((here, total)))
    assert path.read_bytes() == server.content
    assert seen[-1] == (len(server.content), len(server.content))
    assert server.asked == [None, "bytes=300000-", "bytes=700000-"]
    assert download(unpublished(server.url), tmp_path) == path
    assert len(server.asked) == 3


def test_an_unfinished_download_of_unknown_size_is_continued(server: Server, tmp_path: Path) -> None:
    server.content = zipped(CONTENT)
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(server.content[:1000])
    assert download(unpublished(server.url), tmp_path).read_bytes() == server.content
    assert server.asked == ["bytes=1000-"]


def test_a_whole_part_file_of_unknown_size_is_recognised(server: Server, tmp_path: Path) -> None:
    server.content = zipped(CONTENT)
    (tmp_path / f"{cifar10.ARCHIVE.name}.part").write_bytes(server.content)
    assert download(unpublished(server.url), tmp_path).read_bytes() == server.content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>sign in first</html>", "no whole zip archive"),
        (zipped(CONTENT).replace(CONTENT[:50], b"x" * 50, 1), r"training/a\.png in it has another checksum"),
    ],
)
def test_without_a_published_md5_the_archives_checksums_decide(
    server: Server, tmp_path: Path, content: bytes, words: str
) -> None:
    server.content = content
    with pytest.raises(InputError, match=f"{words}.*, so what came was removed"):
        download(unpublished(server.url), tmp_path)
    assert names(tmp_path) == []


def test_a_set_of_several_files_is_fetched_whole(server: Server, tmp_path: Path) -> None:
    base = server.url.removesuffix(cifar10.ARCHIVE.name)
    archives = tuple(Archive(name=name, urls=(base + name,), md5=MD5, size=len(CONTENT)) for name in ("a.gz", "b.gz"))
    dataset = dataclasses.replace(cifar10.DATASET, archives=archives)
    assert data.download(dataset, tmp_path) == [tmp_path / "a.gz", tmp_path / "b.gz"]
    assert names(tmp_path) == ["a.gz", "b.gz"]
    assert data.download(dataset, tmp_path / "new", mirrors=[base])[1].read_bytes() == CONTENT
    with pytest.raises(InputError, match=r"is one file, and CIFAR-10 has several: name their folder, ending in /"):
        data.download(dataset, tmp_path, mirrors=[server.url])
