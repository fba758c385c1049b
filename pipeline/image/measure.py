#!/usr/bin/env python3
"""Measures a pushed image where it lies, without pulling it: bytes compressed, bytes unpacked, layers.

    measure.py REGISTRY/NAME:TAG                     compressed size of the image and of its layers
    measure.py REGISTRY/NAME:TAG --unpacked          also the unpacked size: streams every layer, keeps none
    measure.py REGISTRY/NAME:TAG --assert-unpacked 3.5GB..5.5GB
    docker buildx imagetools inspect --raw IMAGE | measure.py --manifest - [IMAGE]

Of an index it takes the manifest of --platform and leaves attestations out. With --manifest nothing is
fetched unless it is an index (its manifests lie in the registry, so IMAGE must be named) or layers are
to be unpacked. Credentials come from docker's configuration, as `docker login` left them.

The unpacked size is the sum of the files of all layers, as Docker counts it: a file that a later layer
replaces or removes still counts. The digest and the size of everything that is read are verified.
Prints JSON. Exit code 0: measured; 1: measured, but outside of --assert-unpacked; 2: not measured.
Needs nothing but Python 3.9, and the zstd command for zstd layers (Python 3.14 has it built in).
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

INDEX_TYPES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
MANIFEST_TYPES = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
}
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
CHUNK = 1 << 20
TIMEOUT_SECONDS = 60
ATTEMPTS = 3


class Problem(Exception):
    """An error for the user: one line, no stack trace."""


class Transient(Problem):
    """A problem that another attempt may not meet."""


# What the user writes


def parse_size(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text.strip())
    if not match or match[2].upper() not in UNITS:
        raise Problem(f'a size is a number and one of B, KB, MB, GB, KiB, MiB, GiB, for example 3.5GB; got "{text}"')
    return round(float(match[1]) * UNITS[match[2].upper()])


def parse_range(text):
    ends = text.split("..")
    if len(ends) != 2:
        raise Problem(f'--assert-unpacked must be two sizes with .. between them, for example 3.5GB..5.5GB; got "{text}"')
    low, high = (parse_size(end) for end in ends)
    if low > high:
        raise Problem(f'--assert-unpacked must name the smaller size first; got "{text}"')
    return low, high


def parse_reference(text):
    """host, repository, tag or digest: docker's rules, where a first part without . or : is no host."""
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        host, path = first, rest
    else:
        host, path = "docker.io", name if slash else f"library/{name}"
    path, _, tag = path.partition(":")
    if not re.fullmatch(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*", path) or (digest and not is_digest(digest)):
        raise Problem(f'an image is named like 123.dkr.ecr.eu-west-1.amazonaws.com/name:tag; got "{text}"')
    return host, path, digest or tag or "latest"


def is_digest(text):
    return re.fullmatch(r"sha256:[0-9a-f]{64}", text) is not None


# Credentials, as docker login left them


def docker_credentials(host):
    folder = pathlib.Path(os.environ.get("DOCKER_CONFIG") or pathlib.Path.home() / ".docker")
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Problem(f"cannot read docker's configuration {path}: {error}") from None
    keys = [host, f"https://{host}"]
    if host == "docker.io":
        keys.append("https://index.docker.io/v1/")
    helpers = config.get("credHelpers") or {}
    helper = next((helpers[key] for key in keys if key in helpers), config.get("credsStore"))
    if helper:
        found = next(filter(None, (ask_helper(helper, key) for key in keys)), None)
        if found:
            return found
    for key in keys:
        entry = (config.get("auths") or {}).get(key) or {}
        if entry.get("auth"):
            try:
                user, _, secret = base64.b64decode(entry["auth"]).decode().partition(":")
            except ValueError:
                raise Problem(f"the entry of {key} in {path} is damaged: run docker login {host} again") from None
            return user, secret
    return None


def ask_helper(helper, host):
    command = f"docker-credential-{helper}"
    try:
        done = subprocess.run([command, "get"], input=host, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except FileNotFoundError:
        raise Problem(f"docker's configuration names {command}, which is not on the PATH: install it") from None
    except subprocess.TimeoutExpired:
        raise Problem(f"{command} did not answer within {TIMEOUT_SECONDS} s") from None
    try:
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except ValueError:
        raise Problem(f"{command} answered something that is not JSON") from None
    return (answer["Username"], answer["Secret"]) if answer.get("Secret") else None


# The registry


class Registry:
    def __init__(self, host, repository, plain_http):
        name = host.rsplit(":", 1)[0]
        scheme = "http" if plain_http or name in ("localhost", "127.0.0.1") else "https"
        self.host = host
        self.repository = repository
        self.base = f"{scheme}://{'registry-1.docker.io' if host == 'docker.io' else host}/v2/{repository}"
        self.authorization = None

    def open(self, path, accept=()):
        url = f"{self.base}/{path}"
        for attempt in (1, 2):
            request = urllib.request.Request(url)
            if accept:
                request.add_header("Accept", ", ".join(sorted(accept)))
            if self.authorization:
                # Not sent on to where a redirect leads: an object store refuses a second authorization.
                request.add_unredirected_header("Authorization", self.authorization)
            try:
                return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == 401 and attempt == 1:
                    self.authorization = self.answer(error.headers.get_all("WWW-Authenticate") or [])
                    continue
                raise self.refusal(error.code, path) from None
            except (OSError, http.client.HTTPException) as error:
                raise Transient(f"cannot reach {self.host}: {getattr(error, 'reason', error)}") from None
        raise AssertionError("unreachable")

    def refusal(self, code, path):
        what = f"{self.host}/{self.repository} ({path})"
        if code in (401, 403):
            return Problem(f"{self.host} refused access to {self.repository} (HTTP {code}): run docker login {self.host}")
        if code == 404:
            return Problem(f"{what} does not exist (HTTP 404): check the name and the tag")
        if code == 429 or code >= 500:
            return Transient(f"{what} answered HTTP {code}")
        return Problem(f"{what} answered HTTP {code}")

    def answer(self, challenges):
        """What to send after a 401: RFC 7235 basic (ECR), or a token by the distribution specification."""
        credentials = docker_credentials(self.host)
        basic = credentials and "Basic " + base64.b64encode(":".join(credentials).encode()).decode()
        for challenge in challenges:
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "bearer":
                return self.token(dict(re.findall(r'(\w+)="([^"]*)"', rest)), credentials, basic)
            if scheme.lower() == "basic" and basic:
                return basic
        raise Problem(f"{self.host} asks for credentials and docker has none for it: run docker login {self.host}")

    def token(self, challenge, credentials, basic):
        if not challenge.get("realm", "").startswith(("http://", "https://")):
            raise Problem(f"{self.host} asks for a token and does not say where to get it")
        fields = {"scope": challenge.get("scope") or f"repository:{self.repository}:pull"}
        if "service" in challenge:
            fields["service"] = challenge["service"]
        if credentials and credentials[0] in ("<token>", "00000000-0000-0000-0000-000000000000"):
            # docker login left a refresh token instead of a password: the OAuth form of the request.
            fields.update(grant_type="refresh_token", client_id="measure.py", refresh_token=credentials[1])
            request = urllib.request.Request(challenge["realm"], data=urllib.parse.urlencode(fields).encode())
        else:
            request = urllib.request.Request(f"{challenge['realm']}?{urllib.parse.urlencode(fields)}")
            if basic:
                request.add_unredirected_header("Authorization", basic)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                answer = json.load(response)
            return f"Bearer {answer.get('token') or answer['access_token']}"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 429 or error.code >= 500:
                raise Transient(f"the token service of {self.host} answered HTTP {error.code}") from None
            raise Problem(f"the token service of {self.host} answered HTTP {error.code}: run docker login {self.host}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Transient(f"cannot reach the token service of {self.host}: {getattr(error, 'reason', error)}") from None
        except (ValueError, KeyError, AttributeError):
            raise Problem(f"the token service of {self.host} gave no token") from None

    def manifest(self, reference):
        def read():
            with self.open(f"manifests/{reference}", INDEX_TYPES | MANIFEST_TYPES) as response:
                return read_all(response, self.host)

        body = retried(read)
        found = "sha256:" + hashlib.sha256(body).hexdigest()
        if is_digest(reference) and found != reference:
            raise Problem(f"the manifest {reference} has the digest {found}: {self.host} sent something else")
        return body


def read_all(response, host):
    try:
        return response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Transient(f"{host} broke off the answer: {error}") from None


def retried(action):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except Transient as problem:
            if attempt == ATTEMPTS:
                raise Problem(f"{problem} ({ATTEMPTS} attempts)") from None
            time.sleep(0.5 * attempt**2)
    raise AssertionError("unreachable")


# Manifests


def parse_manifest(body, origin):
    try:
        document = json.loads(body)
    except ValueError:
        raise Problem(f"{origin} is not JSON: expected what docker buildx imagetools inspect --raw prints") from None
    if isinstance(document, dict) and isinstance(document.get("manifests"), list):
        return "index", document
    if isinstance(document, dict) and isinstance(document.get("layers"), list):
        return "manifest", document
    raise Problem(f"{origin} is neither an image manifest (layers) nor an index (manifests)")


def platform_of(descriptor):
    platform = descriptor.get("platform") or {}
    return f"{platform.get('os', 'unknown')}/{platform.get('architecture', 'unknown')}"


def is_attestation(descriptor):
    kind = (descriptor.get("annotations") or {}).get("vnd.docker.reference.type")
    return kind == "attestation-manifest" or platform_of(descriptor) == "unknown/unknown"


def choose(index, platform):
    images = [entry for entry in index["manifests"] if not is_attestation(entry)]
    matching = [entry for entry in images if platform_of(entry) == platform]
    if len(matching) != 1:
        there = ", ".join(sorted({platform_of(entry) for entry in images})) or "no image"
        raise Problem(f"the index must hold one manifest for {platform}, it has {len(matching)}; it holds {there}")
    return matching[0]


def checked_layers(manifest):
    layers = []
    for number, layer in enumerate(manifest["layers"], 1):
        if not isinstance(layer, dict) or not is_digest(str(layer.get("digest"))) or not isinstance(layer.get("size"), int):
            raise Problem(f"layer {number} of the manifest has no digest (sha256:...) or no size")
        layers.append({"digest": layer["digest"], "mediaType": layer.get("mediaType", ""), "compressedBytes": layer["size"]})
    return layers


# Layers


class Source:
    """Reads a blob, counts it and hashes it."""

    def __init__(self, response, host, layer):
        self.response = response
        self.host = host
        self.layer = layer
        self.hash = hashlib.sha256()
        self.bytes = 0

    def read(self):
        try:
            chunk = self.response.read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise Transient(f"{self.host} broke off layer {self.layer['digest']}: {error}") from None
        self.hash.update(chunk)
        self.bytes += len(chunk)
        return chunk

    def verify(self):
        while self.read():
            pass
        size, found = self.layer["compressedBytes"], "sha256:" + self.hash.hexdigest()
        if self.bytes < size:
            raise Transient(f"{self.host} sent {self.bytes} of the {size} bytes of layer {self.layer['digest']}")
        if self.bytes > size or found != self.layer["digest"]:
            raise Problem(f"layer {self.layer['digest']} is damaged: {self.bytes} bytes with the digest {found}")


def gunzipped(first, source):
    """gzip may have several members (estargz has one a file)."""
    chunk = first
    stream = zlib.decompressobj(wbits=31)
    while chunk:
        data = stream.decompress(chunk)
        if data:
            yield data
        chunk = stream.unused_data if stream.eof else b""
        if stream.eof:
            chunk = chunk.lstrip(b"\0") or source.read()
            if chunk:
                stream = zlib.decompressobj(wbits=31)
        else:
            chunk = source.read()
    if not stream.eof:
        raise zlib.error("the gzip stream ends early")


def unzstd_built_in(module, first, source):
    chunk = first
    stream = module.ZstdDecompressor()
    while chunk:
        data = stream.decompress(chunk)
        if data:
            yield data
        if stream.eof:
            chunk = stream.unused_data or source.read()
            if chunk:
                stream = module.ZstdDecompressor()
        else:
            chunk = source.read()
    if not stream.eof:
        raise zlib.error("the zstd stream ends early")


def unzstd(first, source):
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        zstd = None
    if zstd:
        try:
            yield from unzstd_built_in(zstd, first, source)
        except zstd.ZstdError as error:
            raise zlib.error(str(error)) from None
        return
    command = shutil.which("zstd")
    if not command:
        raise Problem(f"layer {source.layer['digest']} is zstd and the zstd command is not there: apt-get install zstd, or use Python 3.14")
    failures = []
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([command, "-dcq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)

        def feed():
            chunk = first
            try:
                while chunk:
                    process.stdin.write(chunk)
                    chunk = source.read()
            except BrokenPipeError:
                pass  # zstd ended first, its exit code says why
            except Problem as problem:
                failures.append(problem)
            finally:
                try:
                    process.stdin.close()
                except BrokenPipeError:
                    pass

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        try:
            while data := process.stdout.read(CHUNK):
                yield data
            feeder.join()
            code = process.wait()
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
            feeder.join()
        if failures:
            raise failures[0]
        if code:
            said.seek(0)
            raise zlib.error(" ".join(said.read().decode(errors="replace").split()) or f"zstd ended with code {code}")


def unpacked(first, source):
    # By the first bytes, not by the media type: those are what every runtime goes by in the end.
    if first.startswith(b"\x1f\x8b"):
        return gunzipped(first, source)
    if first.startswith(b"\x28\xb5\x2f\xfd") or (first[1:4] == b"\x2a\x4d\x18" and first[0] >> 4 == 5):
        return unzstd(first, source)
    return plain(first, source)


def plain(first, source):
    chunk = first
    while chunk:
        yield chunk
        chunk = source.read()


class Stream:
    """What tarfile reads from: an iterator of chunks as a file."""

    def __init__(self, chunks):
        self.chunks = chunks
        self.rest = memoryview(b"")
        self.bytes = 0

    def read(self, size):
        parts = []
        while size > 0:
            if not self.rest:
                chunk = next(self.chunks, None)
                if chunk is None:
                    break
                self.rest = memoryview(chunk)
                self.bytes += len(chunk)
            part, self.rest = self.rest[:size], self.rest[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def measure_layer(registry, layer):
    with registry.open(f"blobs/{layer['digest']}") as response:
        source = Source(response, registry.host, layer)
        first = source.read()
        if not first:
            source.verify()
        chunks = unpacked(first, source)
        stream = Stream(chunks)
        total = files = 0
        try:
            with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK) as archive:
                for entry in archive:
                    archive.members = []  # it would keep every entry in memory
                    if entry.isreg():
                        total += entry.size
                        files += 1
            while stream.read(CHUNK):
                pass  # what follows the end of the archive
        except (tarfile.TarError, zlib.error, EOFError) as error:
            source.verify()  # a broken-off or wrong blob is the better explanation
            raise Problem(f"layer {layer['digest']} cannot be unpacked: {error}") from None
        finally:
            chunks.close()
        source.verify()
    return {**layer, "unpackedBytes": total, "tarBytes": stream.bytes, "files": files}


# The command


def measure(options):
    if not options.image and not options.manifest:
        raise Problem("name an image, or give its manifest with --manifest FILE (- for standard input)")
    wants_unpacked = options.unpacked or options.range is not None
    registry = reference = None
    if options.image:
        host, repository, reference = parse_reference(options.image)
        registry = Registry(host, repository, options.plain_http)

    if options.manifest:
        origin = "standard input" if options.manifest == "-" else options.manifest
        try:
            body = sys.stdin.buffer.read() if options.manifest == "-" else pathlib.Path(options.manifest).read_bytes()
        except OSError as error:
            raise Problem(f"cannot read {origin}: {error.strerror}") from None
    else:
        origin = options.image
        body = registry.manifest(reference)
    kind, document = parse_manifest(body, origin)
    digest = None
    if kind == "index":
        digest = choose(document, options.platform)["digest"]
        if not registry:
            raise Problem(f"{origin} is an index: name the image too, so that its manifest for {options.platform} can be read")
        body = registry.manifest(digest)
        kind, document = parse_manifest(body, digest)
        if kind != "manifest":
            raise Problem(f"{digest} must be the manifest of one image; got another index")
    layers = checked_layers(document)

    if wants_unpacked:
        if not registry:
            raise Problem("name the image too: its layers must be read to be unpacked")
        layers = [retried(lambda layer=layer: measure_layer(registry, layer)) for layer in layers]
    result = {
        "image": options.image,
        "digest": digest or "sha256:" + hashlib.sha256(body).hexdigest(),
        "platform": options.platform if digest else None,
        "compressedBytes": sum(layer["compressedBytes"] for layer in layers),
        "layers": layers,
    }
    if wants_unpacked:
        result["unpackedBytes"] = sum(layer["unpackedBytes"] for layer in layers)
    return result


def main():
    parser = argparse.ArgumentParser(
        prog="measure.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", nargs="?", help="the image in its registry")
    parser.add_argument("--manifest", metavar="FILE", help="manifest JSON instead of fetching it; - is standard input")
    parser.add_argument("--platform", default="linux/amd64", help="of an index (default: linux/amd64)")
    parser.add_argument("--unpacked", action="store_true", help="measure the unpacked size too")
    parser.add_argument("--assert-unpacked", metavar="LOW..HIGH", help="fail when the unpacked size lies outside")
    parser.add_argument("--plain-http", action="store_true", help="http for other hosts than localhost too")
    options = parser.parse_args()
    options.range = parse_range(options.assert_unpacked) if options.assert_unpacked is not None else None

    result = measure(options)
    print(json.dumps(result, indent=2))
    if options.range is None:
        return 0
    low, high = options.range
    size = result["unpackedBytes"]
    if low <= size <= high:
        return 0
    print(
        f"measure.py: the image is {size / 1e9:.3f} GB unpacked ({size} bytes); it must be {options.assert_unpacked}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Problem as problem:
        print(f"measure.py: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
