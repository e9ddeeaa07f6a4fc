"""The sections of a digest: each reads one capability, and says what is new in it since the reader's last mail."""
