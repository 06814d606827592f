"""Write constraints.txt from what is installed; names that only other Pythons need are kept as they are."""

import re
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parents[2] / "constraints.txt"


def main() -> None:
    lines = FILE.read_text().splitlines()
    header = [line for line in lines if line.startswith("#")]
    pins = dict(line.split("==") for line in lines if "==" in line)
    frozen = subprocess.check_output([sys.executable, "-m", "pip", "freeze", "--all", "--exclude-editable"])
    for line in frozen.decode().splitlines():
        name, separator, version = line.partition("==")
        if separator and name not in {"pip", "wheel"}:
            pins[re.sub(r"[-_.]+", "-", name).lower()] = version
    FILE.write_text("\n".join([*header, *(f"{name}=={pins[name]}" for name in sorted(pins))]) + "\n")


if __name__ == "__main__":
    main()
