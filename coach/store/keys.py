"""The store's key: 32 random bytes, used raw by SQLCipher, held by one of four providers.

Order when a store is made: an explicit key file (--key-file, COACH_KEY_FILE), the desktop's keyring, a 0600 key file
outside the data folder, a passphrase. `store.toml` beside the database (plain, no secret) names the one in use, so that
only that one is tried afterwards. A passphrase or a recovery key wraps the store's key (scrypt, then AES key wrap,
RFC 3394); changing either rewraps and never re-encrypts the data.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from coach.core.errors import InvalidInput, StoreClosed, Unavailable
from coach.core.record import Record

Provider = Literal["keyfile", "keyring", "passphrase"]

KEYRING_SERVICE = "coach"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
"""scrypt's cost, block size and parallelism (RFC 7914): 110 ms and 32 MB a try."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class KeyInfo(Record):
    """What `store.toml` says: which provider opens the store, and the wrapped copies of its key (hex). `shared` is "yes"
    for a key file that was there before, or was named by the person: other stores may open with it."""

    store_id: str
    provider: Provider
    key_file: str = ""
    shared: str = ""
    salt: str = ""
    wrapped: str = ""
    recovery_salt: str = ""
    recovery_wrapped: str = ""


def read_info(path: Path) -> KeyInfo | None:
    """The store.toml at `path`; None when there is none. Raises StoreClosed when it cannot be understood."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    values = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    try:
        # The file is written below, one `name = "value"` a line; tomllib would cost each shell command 3 ms.
        return KeyInfo(**{name: value.strip('"') for name, value in values.items()})  # type: ignore[arg-type]
    except TypeError as error:
        raise StoreClosed(f"{path} is damaged", "restore it from a backup of the data folder") from error


def write_info(path: Path, info: KeyInfo) -> None:
    lines = [f'{name} = "{getattr(info, name)}"' for name in KeyInfo.__slots__ if getattr(info, name)]
    write_private(path, "# How this store is opened. No secret in here.\n" + "\n".join(lines) + "\n", replace_old=True)


def write_private(path: Path, text: str, *, replace_old: bool = False) -> None:
    """A 0600 file, complete or not at all. Never follows a link at `path`; raises FileExistsError unless replacing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not replace_old and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, "there is such a file already", str(path))
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)
    finally:
        new.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make a new name in the folder last through a power failure, before anything relies on it."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems know no such thing
    finally:
        os.close(descriptor)


def copy_private(source: Path, target: Path) -> None:
    """A 0600 copy of a file that holds data or says how to open it."""
    import shutil

    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
        shutil.copyfileobj(original, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())


def read_key_file(path: Path) -> bytes:
    """The key in a key file (64 hex digits). Raises StoreClosed, also when others may read it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(1024).decode("ascii", "replace").strip()
    except OSError as error:
        raise StoreClosed(f"the key file {path} cannot be read: {error.strerror}", "name it with --key-file") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise StoreClosed(f"the key file {path} can be read by others", f"run: chmod 600 {path}")
    return _key(text, f"the key file {path}")


def make_key_file(path: Path, key: bytes) -> None:
    write_private(path, key.hex() + "\n")


def new_key() -> bytes:
    return os.urandom(32)


def keyring_get(store_id: str, timeout_s: float) -> bytes:
    """The key in the desktop's keyring. Raises StoreClosed when it is not there or does not answer in time."""
    found = _keyring(lambda keyring: keyring.get_password(KEYRING_SERVICE, store_id), timeout_s)
    if not found:
        raise StoreClosed("the keyring holds no key for this store", "unlock the keyring, or use `coach restore`")
    return _key(found, "the keyring's entry")


def keyring_set(store_id: str, key: bytes, timeout_s: float) -> None:
    """Put the key into the keyring and read it back. Raises Unavailable where there is none or it does not answer."""
    try:
        _keyring(lambda keyring: keyring.set_password(KEYRING_SERVICE, store_id, key.hex()), timeout_s)
        if keyring_get(store_id, timeout_s) != key:
            raise Unavailable("the keyring did not keep the key")
    except StoreClosed as error:
        raise Unavailable(error.message, error.hint) from error


def keyring_delete(store_id: str, timeout_s: float) -> None:
    _keyring(lambda keyring: keyring.delete_password(KEYRING_SERVICE, store_id), timeout_s)


def wrap(key: bytes, secret: str) -> tuple[str, str]:
    """(salt, wrapped key) in hex, under a passphrase or recovery key."""
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap  # 30 ms; only where a secret is typed

    salt = os.urandom(16)
    return salt.hex(), aes_key_wrap(_kek(secret, salt), key).hex()


def unwrap(salt: str, wrapped: str, secret: str) -> bytes:
    """The key again. Raises StoreClosed for a wrong secret."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    try:
        return aes_key_unwrap(_kek(secret, bytes.fromhex(salt)), bytes.fromhex(wrapped))
    except (InvalidUnwrap, ValueError) as error:
        raise StoreClosed("that passphrase or recovery key is wrong", "nothing was changed; try again") from error


def new_recovery_key() -> str:
    """Eight groups of four letters and digits (160 bits) to write down."""
    import secrets  # brings hashlib and random along, 5 ms

    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    letters = "".join(secrets.choice(alphabet) for _ in range(32))
    return "-".join(letters[i : i + 4] for i in range(0, 32, 4))


def normal_recovery_key(typed: str) -> str:
    """As typed by a person: case, blanks and dashes do not matter."""
    letters = "".join(c for c in typed.upper() if c.isalnum())
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def unlock(
    info: KeyInfo, *, key_file: str, ask: Callable[[str], str] | None, timeout_s: float
) -> bytes:
    """The key by the provider that `info` names; an explicit `key_file` goes first. `ask(prompt)` reads a passphrase
    from the terminal, None when there is none. Raises StoreClosed."""
    if key_file:
        return read_key_file(Path(key_file).expanduser())
    if info.provider == "keyfile":
        return read_key_file(Path(info.key_file))
    if info.provider == "keyring":
        return keyring_get(info.store_id, timeout_s)
    if ask is None:
        raise StoreClosed("this store is locked with a passphrase", "run the command in a terminal, or name a key file")
    return unwrap(info.salt, info.wrapped, ask("Passphrase: "))


def provide(
    store_id: str, key: bytes, *, key_file: str, fallback: Path, timeout_s: float, use_keyring: bool = True
) -> KeyInfo:
    """Hand a new store's key to the first provider that takes it: explicit key file, keyring, key file at `fallback`."""
    if key_file:
        path = Path(key_file).expanduser().absolute()
        if not path.exists():
            make_key_file(path, key)
        return KeyInfo(store_id, "keyfile", key_file=str(path), shared="yes")
    if use_keyring:
        try:
            keyring_set(store_id, key, timeout_s)
            return KeyInfo(store_id, "keyring")
        except Unavailable:
            pass  # no keyring here: the next provider is the answer, and `coach doctor` says why
    if not fallback.exists():  # one may be left from a store that was never finished
        make_key_file(fallback, key)
    return KeyInfo(store_id, "keyfile", key_file=str(fallback))


def with_passphrase(info: KeyInfo, key: bytes, passphrase: str) -> KeyInfo:
    if len(passphrase) < 8:
        raise InvalidInput("the passphrase is too short", "use at least 8 characters; a few words are better")
    salt, wrapped = wrap(key, passphrase)
    return replace(info, provider="passphrase", key_file="", shared="", salt=salt, wrapped=wrapped)


def with_recovery(info: KeyInfo, key: bytes, recovery_key: str) -> KeyInfo:
    salt, wrapped = wrap(key, normal_recovery_key(recovery_key))
    return replace(info, recovery_salt=salt, recovery_wrapped=wrapped)


def recover(info: KeyInfo, recovery_key: str) -> bytes:
    if not info.recovery_wrapped:
        raise StoreClosed("this store has no recovery key", "a backup of the key file is the only way in")
    return unwrap(info.recovery_salt, info.recovery_wrapped, normal_recovery_key(recovery_key))


def _key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise StoreClosed(f"{where} does not hold a key", "it must be 64 hexadecimal digits")
    return key


def _kek(secret: str, salt: bytes) -> bytes:
    import hashlib

    return hashlib.scrypt(
        secret.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, maxmem=128 * 1024 * 1024, dklen=32
    )


def _keyring(use: Callable[..., str | None], timeout_s: float) -> str | None:
    """Call the keyring in a thread: a locked one may open a prompt and never answer. Raises StoreClosed."""
    import threading

    answer: list[str | None] = []
    problem: list[Exception] = []

    def ask() -> None:
        try:
            import keyring  # 160 ms and D-Bus: only when the keyring is the provider, or a store is being made

            answer.append(use(keyring))
        except Exception as error:  # noqa: BLE001  keyring's backends raise what their platforms raise
            problem.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="keyring")
    thread.start()
    thread.join(timeout_s)
    if problem:
        raise StoreClosed(f"the keyring is not available ({type(problem[0]).__name__})", "unlock it, or use --key-file")
    if not answer:
        raise StoreClosed(f"the keyring did not answer within {timeout_s:g} s", "unlock it, or use --key-file")
    return answer[0]


def keyring_probe(timeout_s: float) -> None:
    """Ask the keyring for an entry that nobody has. Raises StoreClosed when there is no keyring or it is locked."""
    _keyring(lambda keyring: keyring.get_password(KEYRING_SERVICE, "doctor"), timeout_s)
