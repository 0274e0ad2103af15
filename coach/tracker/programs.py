"""Programs that run in terminals, and those among them that one starts and waits for."""

from __future__ import annotations

WORKERS = frozenset({
    "ansible-playbook", "apt", "apt-get", "bazel", "brew", "bundle", "cargo", "cargo-build", "cc1", "cc1plus", "clang",
    "cmake", "composer", "ctest", "cypress", "dnf", "docker", "docker-compose", "dotnet", "emerge", "ffmpeg", "g++",
    "gcc", "go", "gradle", "jest", "ld", "make", "maturin", "meson", "mix", "mvn", "nextflow", "ninja", "nix", "nix-build",
    "npm", "pacman", "phpunit", "pip", "pip3", "pnpm", "podman", "poetry", "pre-commit", "pytest", "restic", "rsync",
    "rustc", "sbt", "scons", "snakemake", "swift", "terraform", "tox", "tsc", "uv", "vagrant", "vite", "webpack", "wget",
    "xcodebuild", "yarn", "yum", "zypper",
})
"""Programs that one starts and waits for."""
WAITING_AFTER_S = 30.0
"""A worker in front without a key for so long: it is being waited for, which is a state of its own."""


def title_of(program: str, idle_s: float) -> str:
    """What a terminal's program is recorded as: its name, never an argument."""
    return f"waiting for {program}" if program in WORKERS and idle_s >= WAITING_AFTER_S else program
