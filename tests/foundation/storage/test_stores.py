"""Both stores do the same, the bucket over real HTTP against a small server of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from foundation.config import ConfigError
from foundation.storage import s3, service, store
from foundation.storage.errors import StoreError
from foundation.storage.local import LocalStore
from foundation.storage.s3 import S3Store
from foundation.storage.store import Store
from tests.conftest import make_config

KEY = "photos/ab/abcdefghjkmnpq-640.webp"


class Bucket(BaseHTTPRequestHandler):
    """Just enough of S3: whole objects under their path, errors in XML, signatures demanded."""

    objects: dict[str, tuple[bytes, str]]
    broken: bool
    protocol_version = "HTTP/1.1"

    def _answer(
        self, status: int, body: bytes = b"", content_type: str = "application/xml"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"etag"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        signed = "Credential=KHOA/" in self.headers.get("Authorization", "")
        if self.broken or not signed:
            self._answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        elif self.command == "PUT":
            self.objects[path] = (body, self.headers["Content-Type"])
            self._answer(200)
        elif self.command == "DELETE":
            self.objects.pop(path, None)
            self._answer(204)
        elif path in self.objects:
            self._answer(200, *self.objects[path])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>")

    do_GET = do_PUT = do_DELETE = do_HEAD = _handle  # noqa: N815

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def bucket() -> Iterator[ThreadingHTTPServer]:
    handler = type("OneBucket", (Bucket,), {"objects": {}, "broken": False})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def address(server: ThreadingHTTPServer, key: str = "KHOA") -> str:
    return f"s3://{key}:b%2Fi%20mat@127.0.0.1:{server.server_port}/cho?secure=0&region=hn"


@pytest.fixture(params=["local", "s3"])
def each_store(
    request: pytest.FixtureRequest, tmp_path: Path, bucket: ThreadingHTTPServer
) -> Iterator[Store]:
    if request.param == "local":
        yield LocalStore(tmp_path / "files")
        return
    made = S3Store.at(address(bucket))
    yield made
    made.client._http.clear()


def test_put_get_delete(each_store: Store) -> None:
    assert each_store.get(KEY) is None
    each_store.put(KEY, b"anh", "image/webp")
    assert each_store.get(KEY) == b"anh"
    each_store.put(KEY, b"anh moi", "image/webp")
    assert each_store.get(KEY) == b"anh moi"
    each_store.delete(KEY)
    assert each_store.get(KEY) is None
    each_store.delete(KEY)


def test_an_object_carries_its_type(bucket: ThreadingHTTPServer) -> None:
    made = S3Store.at(address(bucket))
    made.put(KEY, b"anh", "image/webp")
    assert bucket.RequestHandlerClass.objects == {f"/cho/{KEY}": (b"anh", "image/webp")}  # type: ignore[attr-defined]
    made.client._http.clear()


def test_a_bucket_that_refuses_is_told_from_an_absent_object(bucket: ThreadingHTTPServer) -> None:
    made = S3Store.at(address(bucket, key="LA"))
    for attempt in (
        lambda: made.put(KEY, b"anh", "image/webp"),
        lambda: made.get(KEY),
        lambda: made.delete(KEY),
    ):
        with pytest.raises(StoreError):
            attempt()
    made.client._http.clear()


def test_a_bucket_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "RETRIES", False)
    made = S3Store.at("s3://a:b@127.0.0.1:9/cho?secure=0")
    with pytest.raises(StoreError):
        made.get(KEY)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    made = LocalStore(tmp_path / "files")
    with pytest.raises(StoreError):
        made.put(KEY, b"anh", "image/webp")
    assert made.get(KEY) is None


def test_a_key_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    made = LocalStore(tmp_path / "files")
    for key in ("../secret", "/etc/passwd", "photos/../../secret"):
        with pytest.raises(ValueError, match="is not a key"):
            made.get(key)


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError("no room left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreError):
        LocalStore(tmp_path).put(KEY, b"anh", "image/webp")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "url",
    ["http://a:b@host/cho", "s3://host/cho", "s3://a:b@host", "s3://a:b@host/cho/con", "s3:///cho"],
)
def test_an_address_that_names_no_bucket(url: str) -> None:
    with pytest.raises(ConfigError):
        S3Store.at(url)


def test_open_store_takes_the_bucket_when_one_is_named(tmp_path: Path) -> None:
    before = store.current()
    local = service.open_store(make_config("sqlite://", tmp_path))
    assert isinstance(local, LocalStore)
    assert local.folder == tmp_path / "files"
    distant = service.open_store(make_config("sqlite://", tmp_path, s3_url="s3://a:b@host/cho"))
    assert isinstance(distant, S3Store)
    assert store.current() is distant
    store.use(before)
