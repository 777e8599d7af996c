"""Addresses and secrets, read once from the environment (`MIAOHUI_*`). Policies are rows, not settings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything an installation may set. Each has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="MIAOHUI_", extra="ignore")

    data_dir: Path = Field(Path("data"), description="folder of the database, attachments and the key file")
    database: str = Field("", description="database URL; empty = SQLite file miaohui.db in data_dir")
    durability: Literal["full", "normal"] = Field("full", description="SQLite: full survives power loss")
    allow_unsafe: bool = Field(False, description="start on settings that can lose acknowledged data")
    bus: str = Field("", description="doorbell between processes: empty, or nats://host:port")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8720, description="port to listen on")
    public_url: str = Field("", description="address that browsers and platforms use, if behind a proxy")
    node: int = Field(
        0, ge=0, le=31, description="number of this process, unique among those that share a database"
    )
    egress_allow: str = Field(
        "", description="host:port pairs, comma separated, that may be private addresses"
    )
    password_profile: Literal["asvs", "douyin"] = Field(
        "asvs",
        description="rule for new passwords: 12 characters, or 8 of three kinds as Douyin's acceptance asks",
    )
    totp_roles: str = Field("", description="roles, comma separated, that must use an authenticator app")
    totp_drift_steps: int = Field(
        1,
        ge=0,
        le=2,
        description="30-second steps by which a phone's clock may be off: 1 as RFC 6238 recommends; more only"
        " where devices keep bad time, for each step is one more code that opens the door",
    )
    backup_hour: int = Field(
        4, ge=-1, le=23, description="local hour of the nightly backup of an SQLite installation; -1 = none"
    )
    backup_keep: int = Field(7, ge=1, le=365, description="how many nightly backups are kept")
    trust_proxy: bool = Field(False, description="believe X-Forwarded-For from a proxy in front")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="log lines for people or machines"
    )
    role: Literal["all", "web", "worker"] = Field("all", description="what this process does")

    @property
    def database_url(self) -> str:
        """The URL in force."""
        return self.database or f"sqlite:///{self.data_dir / 'miaohui.db'}"
