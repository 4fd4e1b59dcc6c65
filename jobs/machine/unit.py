"""A systemd unit that keeps a workspace's supervisor running, through log-outs and boots.

Quoting is that of systemd.service(5), "Command lines", and systemd.syntax(7), "Quoting".
"""

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jobs.errors import InputError
from jobs.start import command

# What of a person's environment decides where things are found. No secrets: a unit can be read.
_VARIABLES: Final = (
    "PATH",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "TMPDIR",
    "HF_HOME",
    "HF_HUB_OFFLINE",
    "TORCH_HOME",
)
_UNSAYABLE = re.compile(r"[\x00-\x1f\x7f]|\\$")


def unit_name(root: Path) -> str:
    """Such as `cxrtui-chest.service` for `/home/me/chest/.cxrtui`."""
    name = root.parent.name if root.name == ".cxrtui" else root.name
    return f"cxrtui-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-.') or 'queue'}.service"


def unit_text(
    root: Path, user: str | None = None, environment: Mapping[str, str] = os.environ
) -> str:
    """The unit of workspace `root`: the user's own, or the system's, which runs it as `user`.

    InputError if the folder's name holds what no line of a unit can.
    """
    if _UNSAYABLE.search(str(root)):
        raise InputError(f"{str(root)!r}: a unit cannot name this folder: rename it")
    start = ("supervisor", "start", "--foreground", "--stay")
    program, *arguments = command("cxrtui", "--workspace", str(root), *start)
    line = " ".join([_quoted(program), *(_quoted(one).replace("$", "$$") for one in arguments)])
    carried = [
        f"Environment={_quoted(f'{name}={environment[name]}')}"
        for name in _VARIABLES
        if name in environment and not _UNSAYABLE.search(environment[name])
    ]
    return "\n".join(
        [
            *_how_to_install(root, user),
            "[Unit]",
            f"Description=cxrtui supervisor of {_plain(root)}",
            f"RequiresMountsFor={_quoted(str(root))}",
            *(["After=nvidia-persistenced.service"] if user else []),
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=simple",
            *([f"User={user}"] if user else []),
            f"ExecStart={line}",
            f"WorkingDirectory={_plain(root)}",
            "Environment=PYTHONSAFEPATH=1",
            *carried,
            "# What it started goes on without it, and the next one takes it over.",
            "KillMode=process",
            "# One job that runs out of memory is no reason to end the others.",
            "OOMPolicy=continue",
            "TasksMax=infinity",
            "# It fails while another supervisor works on the workspace; then it follows that one.",
            "Restart=on-failure",
            "RestartSec=15",
            "",
            "[Install]",
            f"WantedBy={'multi-user.target' if user else 'default.target'}",
            "",
        ]
    )


def _how_to_install(root: Path, user: str | None) -> list[str]:
    name, control = unit_name(root), "systemctl" if user else "systemctl --user"
    printed = f"cxrtui -w {shlex.quote(str(root))} supervisor unit"
    steps = (
        [f"{printed} --system | sudo tee /etc/systemd/system/{name}"]
        if user
        else [
            "mkdir -p ~/.config/systemd/user",
            f"{printed} > ~/.config/systemd/user/{name}",
            "loginctl enable-linger",
        ]
    )
    sudo = "sudo " if user else ""
    steps += [f"{sudo}{control} daemon-reload", f"{sudo}{control} enable --now {name}"]
    return ["# Keeps a supervisor running. To install it:", *(f"#   {step}" for step in steps), ""]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _plain(path: Path) -> str:
    """For settings that take the rest of the line as it is."""
    return str(path).replace("%", "%%")
