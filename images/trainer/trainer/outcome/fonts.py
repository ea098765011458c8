"""The font of pictures: matplotlib's own, and for letters that it lacks, such as Chinese ones, that of the image."""

import os
from pathlib import Path

FONTS = ("DOCTUNE_FONTS", "/fonts")


def set_up_fonts() -> None:
    """Let matplotlib look for missing letters in the fonts of the image."""
    import matplotlib as mpl
    from matplotlib import font_manager

    names = []
    for file in sorted(Path(os.environ.get(*FONTS)).glob("*.?tf")):
        font_manager.fontManager.addfont(file)
        names.append(font_manager.FontProperties(fname=file).get_name())
    mpl.rcParams["font.family"] = ["DejaVu Sans", *names]
