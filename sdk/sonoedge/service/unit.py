"""The systemd unit of a device's service, from a template, by what its engine needs.

It is as narrow as `systemd-analyze security` can see: nothing is to be had but the bundle, the
socket and the folders that are named. OpenVINO compiles its kernels into memory that it then
executes, and a GPU or a camera is a device: those three get what they need, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from sonoedge.errors import InvalidSettings

STATE: Final = PurePosixPath("/var/lib/sonoedge")  # StateDirectory=
RUN: Final = PurePosixPath("/run/sonoedge")  # RuntimeDirectory=
HIDDEN: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # by ProtectHome, PrivateTmp
GPU_RUNTIMES: Final = ("tensorrt", "tensorrt-rtx")
EXECUTES_WHAT_IT_WRITES: Final = ("openvino", *GPU_RUNTIMES, "auto")
# systemd passes over a size that it cannot read, and the service would have no bound.
_MEMORY: Final = re.compile(r"(?=.*[1-9])[0-9]+(\.[0-9]+)?[KMGT]?|infinity")
# Beyond this a name would have to be quoted, in systemd's way and not a shell's.
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-:@+,=")

TEMPLATE: Final = """\
# Made by `sonoedge systemd-unit`; see docs/how-to/service.md.
[Unit]
Description=sonoedge: live analysis of ultrasound frames (research use, not for diagnosis)
StartLimitIntervalSec=300
StartLimitBurst=10
{requires}
[Service]
# Ready once the golden frames are answered; alive while the session's thread is, and its engine
# has answered within 20 s. Otherwise it is ended, and started anew.
Type=notify
NotifyAccess=main
TimeoutStartSec=120
WatchdogSec=10
WatchdogSignal=SIGABRT
User={user}
{group}{groups}# What the machine offers goes to the journal; it never fails.
ExecStartPre={program} doctor
ExecStart={command}
KillSignal=SIGTERM
SuccessExitStatus=143
TimeoutStopSec=10
Restart=on-failure
RestartSec=2
# A mistake in the command, a failed gate, something missing, a bundle or an engine that is
# not to be trusted: a person has to look.
RestartPreventExitStatus=2 3 4 5
StateDirectory=sonoedge
StateDirectoryMode=0700
RuntimeDirectory=sonoedge
RuntimeDirectoryMode=0750
{preserve}{writable}UMask=0077
LimitCORE=0
MemoryMax={memory}
MemorySwapMax=0
TasksMax=128
# When memory runs out the worker goes first, which the session survives.
OOMPolicy=continue
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Allocators and engines ask for some of those, and do without.
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX
IPAddressDeny=any
PrivateNetwork=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateMounts=yes
{devices}{memory_rule}RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private

[Install]
WantedBy=multi-user.target
"""

SOCKET_TEMPLATE: Final = """\
# Made by `sonoedge systemd-unit --socket-unit`; see docs/how-to/service.md.
[Unit]
Description=sonoedge: where programs connect to the live analysis

[Socket]
ListenSequentialPacket={path}
SocketMode={mode}
{group}RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""


@dataclass(frozen=True, kw_only=True)
class UnitSettings:
    """What a unit is made of.

    Attributes:
        program: the command `sonoedge`, an absolute path.
        words: its verb and arguments.
        runtime: the engine, as `sonoedge run --runtime` takes it; "auto" may be any of them.
        user: who it runs as.
        group: its first group, which the socket's file and its folder belong to: the service may
            not give files away. None takes the user's.
        camera, gpu: devices that it opens; the GPU goes with its runtimes.
        writable: folders beside /var/lib/sonoedge that it writes to.
        memory: all that it may use, as systemd takes it.
        socket_unit: systemd listens, and passes the socket on.

    Raises:
        InvalidSettings: a path is not absolute, the unit would hide it, a value would have to be
            quoted, or the memory is no size.
    """

    program: str
    words: Sequence[str]
    runtime: str = "auto"
    user: str = "sonoedge"
    group: str | None = None
    camera: bool = False
    gpu: bool = False
    writable: Sequence[str] = ()
    memory: str = "2G"
    socket_unit: bool = False

    def __post_init__(self) -> None:
        for value in (self.program, *self.words, self.user, self.memory, *self.writable):
            check_plain(value)
        if self.group is not None:
            check_plain(self.group)
        for path in (self.program, *self.writable):
            check_absolute(path)
        if not _MEMORY.fullmatch(self.memory):
            raise InvalidSettings(f"{self.memory!r} is no size of memory; give one such as 2G")
        for path in (self.program, *self.words, *self.writable):
            check_visible(path)


def check_plain(value: str) -> None:
    """Refuse what systemd would read otherwise than it stands.

    Raises:
        InvalidSettings: it is empty, or holds a character that would have to be quoted.
    """
    if not value or not set(value) <= _PLAIN:
        raise InvalidSettings(
            f"{value!r} cannot stand in a unit: use letters, digits and / . _ - : @ + , = alone"
        )


def check_absolute(path: str) -> None:
    """Refuse a path that depends on where it is read.

    Raises:
        InvalidSettings: it does not begin at the root.
    """
    if not path.startswith("/"):
        raise InvalidSettings(f"{path} is no absolute path, which systemd needs")


def check_visible(path: str) -> None:
    """Refuse a path that the unit hides from its service.

    Raises:
        InvalidSettings: it lies in a home or in a folder for temporary files.
    """
    if any(path == folder or path.startswith(f"{folder}/") for folder in HIDDEN):
        raise InvalidSettings(
            f"{path} is hidden from the service, as all of {', '.join(HIDDEN)} is; "
            f"put it below {STATE}, or elsewhere"
        )


def unit(settings: UnitSettings) -> str:
    """The service's unit."""
    gpu = settings.gpu or settings.runtime in GPU_RUNTIMES
    allowed = ["char-video4linux rw"] * settings.camera
    allowed += ["char-drm rw", "char-nvidia rw", "char-nvidia-uvm rw"] * gpu
    groups = ["video"] * bool(allowed) + ["render"] * gpu
    devices = ["DevicePolicy=closed", *(f"DeviceAllow={each}" for each in allowed)]
    writes_code = gpu or settings.runtime in EXECUTES_WHAT_IT_WRITES
    return TEMPLATE.format(
        requires="Requires=sonoedge.socket\nAfter=sonoedge.socket\n" * settings.socket_unit,
        user=settings.user,
        group="" if settings.group is None else f"Group={settings.group}\n",
        # Else the folder would go with the service, and systemd's socket with it.
        preserve="RuntimeDirectoryPreserve=yes\n" * settings.socket_unit,
        groups=f"SupplementaryGroups={' '.join(groups)}\n" if groups else "",
        program=settings.program,
        command=" ".join((settings.program, *settings.words)),
        writable="".join(f"ReadWritePaths={path}\n" for path in settings.writable),
        memory=settings.memory,
        devices="\n".join(devices if allowed else ["PrivateDevices=yes"]) + "\n",
        memory_rule="" if writes_code else "MemoryDenyWriteExecute=yes\n",
    )


def socket_unit(path: str, *, mode: str, group: str | None) -> str:
    """The unit of the socket that systemd listens at and passes to the service.

    Raises:
        InvalidSettings: a value would have to be quoted, or the path is not absolute.
    """
    for value in (path, mode, *([] if group is None else [group])):
        check_plain(value)
    check_absolute(path)
    return SOCKET_TEMPLATE.format(
        path=path, mode=mode, group="" if group is None else f"SocketGroup={group}\n"
    )
