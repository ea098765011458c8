"""Runs Python and tells the processor time it took, whatever else the machine had to do: `timed.py OUT ARGUMENT...`."""

import json
import resource
import subprocess
import sys
from pathlib import Path

code = subprocess.run([sys.executable, *sys.argv[2:]], check=False).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
Path(sys.argv[1]).write_text(json.dumps({"processorSeconds": used.ru_utime + used.ru_stime}), "utf-8")
sys.exit(code)
