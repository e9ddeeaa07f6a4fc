"""A key of this installation: what signs links and hides names, from the settings or made here once.

signer = Signer(settings.data_dir / "keys", secret="…")
signer.holds("export", text, signer.sign("export", text))
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Self

from finops.model.errors import StoreError
from finops.store.blobs import FolderBlobs

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings

FOLDER, KEY_FILE = "keys", "signing.key"
_MOST_BYTES = 4096


def installation_key(folder: FolderBlobs, name: str, *, secret: str = "") -> bytes:
    """The secret of the settings, or a random key kept under `name`, made by whoever asks first. StoreError."""
    if secret:
        return secret.encode()
    key = folder.get(name, _MOST_BYTES)
    if key is None:
        key = folder.add(name, secrets.token_hex(32).encode())
    if not key:
        raise StoreError(f"{name} is empty")
    return key


class Signer:
    """HMAC-SHA256 of texts. A signature for one purpose says nothing for another. Safe to share between threads."""

    def __init__(self, folder: Path, *, secret: str = "") -> None:
        self._folder = FolderBlobs(folder)
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The signer of an installation: with its secret, or a key in its data folder."""
        secret = settings.secret_key.get_secret_value() if settings.secret_key is not None else ""
        return cls(settings.data_dir / FOLDER, secret=secret)

    def sign(self, purpose: str, text: str) -> str:
        """The signature, 64 hexadecimal digits. StoreError where the key cannot be read or made."""
        key = installation_key(self._folder, KEY_FILE, secret=self._secret)
        own = hmac.new(key, f"finops {purpose}".encode(), hashlib.sha256).digest()
        return hmac.new(own, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def holds(self, purpose: str, text: str, signature: str) -> bool:
        """Whether a signature is that of the text, told in a time that does not depend on it."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode("utf-8", "surrogatepass"))
