#!/usr/bin/env python3
"""Restores a physical backup of Prova without Prova.

Needs Python 3.7 or newer and, for a backup in packs, the program zstd; for an encrypted one, age too. See RESTORE.md.

    python3 restore.py BACKUP TARGET [--tablespace OID=DIRECTORY ...] [--identity KEYFILE]

BACKUP is the directory that holds backup.json. TARGET is a directory that is absent or empty; so is each
tablespace's. Every stored byte is compared with its SHA-256 before anything is written, and every file with its
CRC-32 after. The control file comes last: a restore that was cut off cannot be started.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zlib
from datetime import datetime

BLOCK = 1024 * 1024
CONTROL_FILE = "global/pg_control"
PENDING = "global/pg_control.prova"


def fail(text):
    sys.exit("restore.py: " + text)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def read_sums(backup):
    """The lines of SHA256SUMS: (digest, path)."""
    with open(os.path.join(backup, "SHA256SUMS"), "rb") as file:
        for line in file.read().split(b"\n"):
            if not line:
                continue
            escaped = line.startswith(b"\\")
            digest, path = line.lstrip(b"\\").split(b"  ", 1)
            if escaped:
                path = re.sub(rb"\\(.)", lambda m: b"\n" if m.group(1) == b"n" else m.group(1), path)
            yield digest.decode(), os.fsdecode(path)


def safe(path):
    """Refuses what would lead out of the directory it is put into."""
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        fail("the backup names an impossible path: %r" % path)
    return path


def verify(backup, described):
    """Every stored byte is what was written."""
    sums = os.path.join(backup, "SHA256SUMS")
    if sha256_of(sums) != described["checksums"]:
        fail(sums + " is damaged: backup.json states another digest of it")
    lines = list(read_sums(backup))
    for number, (digest, path) in enumerate(lines, 1):
        print("\rverifying %d of %d files" % (number, len(lines)), end="", flush=True)
        if sha256_of(os.path.join(backup, safe(path))) != digest:
            print()
            fail(os.path.join(backup, path) + " is damaged")
    print()


def make_empty(directory):
    if os.path.islink(directory):
        fail(directory + " is a link; name the directory it leads to")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    if os.listdir(directory):
        fail(directory + " is not empty")
    os.chmod(directory, 0o700)


class Places:
    """Where the files of the backup go."""

    def __init__(self, target, tablespaces):
        self.target = target
        self.tablespaces = tablespaces

    def of(self, path):
        safe(path)
        if path == CONTROL_FILE:
            path = PENDING
        match = re.match(r"pg_tblspc/([0-9]+)(?:/(.*))?$", path, re.S)
        if match and match.group(1) in self.tablespaces:
            place = self.tablespaces[match.group(1)]
            return os.path.join(place, match.group(2)) if match.group(2) else place
        return os.path.join(self.target, path)


class Decoded:
    """What is in a compressed and perhaps encrypted file, as a stream."""

    def __init__(self, path, identity):
        self.path = path
        self.programs = []
        if path.endswith(".age"):
            self.start(["age", "-d", "-i", identity, path], None)
            self.start(["zstd", "-dcq"], self.programs[0].stdout)
            self.programs[0].stdout.close()
        else:
            self.start(["zstd", "-dcq", path], None)
        self.stdout = self.programs[-1].stdout

    def start(self, words, stdin):
        try:
            self.programs.append(subprocess.Popen(words, stdin=stdin, stdout=subprocess.PIPE))
        except FileNotFoundError:
            fail("the program %s is not installed" % words[0])

    def finish(self):
        """Reads the rest. What came out is to be used only if every program says that it was whole."""
        rest = self.stdout.read()
        self.stdout.close()
        for program in self.programs:
            if program.wait() != 0:
                fail(self.path + " cannot be decoded")
        return rest


def lines_of(backup, manifest, identity):
    """The manifest's lines, once all of them have proven to be as written."""
    text = Decoded(os.path.join(backup, manifest), identity).finish()
    lines = text.splitlines(keepends=True)
    end = json.loads(lines[-1])
    body = lines[:-1]
    if end["type"] != "end" or end["lines"] != len(body) or hashlib.sha256(b"".join(body)).hexdigest() != end["sha256"]:
        fail(manifest + " is damaged")
    head = json.loads(body[0])
    if head["format"] != 1:
        fail("%s has format %s; this script reads format 1" % (manifest, head["format"]))
    return [json.loads(line) for line in body[1:]]


def seconds(mtime):
    """Python's own parser of instants takes no nanoseconds."""
    match = re.match(r"(\d+-\d+-\d+T\d+:\d+:\d+)(\.\d+)?Z$", mtime)
    return datetime.fromisoformat(match.group(1) + "+00:00").timestamp() + float(match.group(2) or 0)


def unpack(backup, manifest, places, identity):
    packs, files = [], {}
    for line in lines_of(backup, manifest, identity):
        if line["type"] == "pack":
            packs.append(line["pack"]["name"])
        elif line["type"] == "directory":
            place = places.of(line["path"])
            if not os.path.isdir(place):
                os.mkdir(place)
            os.chmod(place, int(line["mode"], 8))
        elif line["type"] == "file":
            if [layer["kind"] for layer in line["layers"]] != ["base"]:
                fail(line["path"] + " is made of layers that this script does not know")
            files[line["path"]] = line
        else:
            fail("the manifest has a line of type %r, which this script does not know" % line["type"])
    for number, pack in enumerate(packs, 1):
        print("\rrestoring pack %d of %d" % (number, len(packs)), end="", flush=True)
        stored = os.path.join(backup, safe(pack))
        decoder = Decoded(stored, identity)
        with tarfile.open(fileobj=decoder.stdout, mode="r|") as members:
            for member in members:
                if member.isfile():
                    line = files.pop(member.name, None)
                    if line is None or line["layers"][0]["pack"] != pack:
                        fail("%s holds %s, which the manifest does not name there" % (pack, member.name))
                    if member.name != "tablespace_map":
                        put(members.extractfile(member), places.of(member.name), line)
        decoder.finish()
    print()
    if files:
        fail("the packs lack %d files, one of them %s" % (len(files), next(iter(files))))


def put(content, place, line):
    crc, size = 0, 0
    with open(place, "xb") as file:
        for block in iter(lambda: content.read(BLOCK), b""):
            crc = zlib.crc32(block, crc)
            size += len(block)
            file.write(block)
    # The check is two codes of 32 bits: CRC-32C, then the CRC-32 that Python has too.
    if size != line["size"] or "%08x" % crc != line["check"][8:]:
        fail(line["path"] + " did not come out as it was read")
    os.chmod(place, int(line["mode"], 8))
    os.utime(place, (seconds(line["mtime"]),) * 2)


def copy_plain(backup, physical, places):
    """A backup by pg_basebackup is a directory already."""

    def copy(source, target):
        for directory, directories, files in os.walk(source):
            below = os.path.relpath(directory, source)
            for name in directories + files:
                path = os.path.normpath(os.path.join(below, name))
                source_path = os.path.join(directory, name)
                place = os.path.join(target, PENDING if path == CONTROL_FILE else path)
                if os.path.islink(source_path):
                    if not path.startswith("pg_tblspc" + os.sep):
                        os.symlink(os.readlink(source_path), place)
                elif os.path.isdir(source_path):
                    os.mkdir(place, 0o700)
                else:
                    shutil.copyfile(source_path, place)
                    os.chmod(place, 0o600)

    copy(os.path.join(backup, "data"), places.target)
    for tablespace in physical["tablespaces"]:
        copy(os.path.join(backup, safe(tablespace["stored"])), places.tablespaces[str(tablespace["oid"])])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("backup")
    arguments.add_argument("target")
    arguments.add_argument("--tablespace", action="append", default=[], metavar="OID=DIRECTORY")
    arguments.add_argument("--identity", metavar="KEYFILE", help="the file with the secret key, for an encrypted backup")
    given = arguments.parse_args()
    with open(os.path.join(given.backup, "backup.json"), encoding="utf-8") as file:
        described = json.load(file)
    if described["format"] != 1 or described["kind"] != "physical":
        fail("%s is no physical backup of format 1" % given.backup)
    physical = described["physical"]
    tablespaces = {}
    for each in given.tablespace:
        oid, separator, directory = each.partition("=")
        if not separator or not oid.isdigit() or not directory:
            fail("--tablespace takes OID=DIRECTORY, not " + each)
        tablespaces[oid] = os.path.abspath(directory)
    for each in physical["tablespaces"]:
        if str(each["oid"]) not in tablespaces:
            fail('where is tablespace "%s" to go? Add --tablespace %s=DIRECTORY (it was %s)'
                 % (each["name"], each["oid"], each["location"]))
    encryption = (physical.get("packed") or {}).get("encryption")
    if encryption and encryption["format"] != "age":
        fail("the backup is encrypted as %r, which this script does not know" % encryption["format"])
    if encryption and not given.identity:
        fail("the backup is encrypted: add --identity KEYFILE with the secret key of one of " + ", ".join(encryption["recipients"]))
    verify(given.backup, described)
    places = Places(os.path.abspath(given.target), tablespaces)
    os.umask(0o077)
    make_empty(places.target)
    for directory in tablespaces.values():
        make_empty(directory)
    if physical.get("packed"):
        unpack(given.backup, physical["packed"]["manifest"], places, given.identity)
    else:
        copy_plain(given.backup, physical, places)
    for oid, directory in tablespaces.items():
        link = os.path.join(places.target, "pg_tblspc", oid)
        os.symlink(directory, link)
    os.sync()
    os.rename(os.path.join(places.target, PENDING), os.path.join(places.target, CONTROL_FILE))
    os.sync()
    print("restored to %s: PostgreSQL %s, consistent as of %s"
          % (places.target, described["server"]["version"], described["consistent_at"]))
    if described["server"].get("owner"):
        print("next: chown -R %s: the directories, then start the server as that user" % described["server"]["owner"])


if __name__ == "__main__":
    main()
