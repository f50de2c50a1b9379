"""Files in a bucket of a service that speaks S3: MinIO, Ceph, Amazon, a Vietnamese cloud."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from foundation.config import ConfigError
from foundation.storage.errors import StoreError

TIMEOUT: Final = urllib3.Timeout(connect=3, read=20)
# A second and third try, soon after: a bucket far away drops a connection now and then.
RETRIES: Final = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
ABSENT: Final = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})


class S3Store:
    """Keeps each key as an object of one bucket."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    @classmethod
    def at(cls, url: str) -> S3Store:
        """Return the store named by s3://KEY:SECRET@host:port/bucket?secure=0&region=hn.

        Key and secret are percent-encoded. TLS is used unless secure=0. Raises ConfigError.
        """
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        bucket = parts.path.strip("/")
        if parts.scheme != "s3" or not (parts.hostname and parts.username and parts.password):
            raise ConfigError(["S3_URL must look like s3://KEY:SECRET@host:port/bucket"])
        if not bucket or "/" in bucket:
            raise ConfigError(["S3_URL must name one bucket: s3://KEY:SECRET@host:port/bucket"])
        client = Minio(
            parts.netloc.rpartition("@")[2],
            access_key=unquote(parts.username),
            secret_key=unquote(parts.password),
            secure=options.get("secure", ["1"])[0] != "0",
            # Without a region the client would ask for the bucket's before every first use.
            region=options.get("region", ["us-east-1"])[0],
            http_client=urllib3.PoolManager(timeout=TIMEOUT, retries=RETRIES, maxsize=8),
        )
        return cls(client, bucket)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        try:
            self.client.put_object(
                self.bucket, key, BytesIO(data), len(data), content_type=content_type
            )
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StoreError(key=key) from error

    def get(self, key: str) -> bytes | None:
        try:
            answer = self.client.get_object(self.bucket, key)
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()
        except S3Error as error:
            if error.code in ABSENT:
                return None
            raise StoreError(key=key) from error
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StoreError(key=key) from error

    def delete(self, key: str) -> None:
        try:
            self.client.remove_object(self.bucket, key)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StoreError(key=key) from error
