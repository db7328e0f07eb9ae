"""Makes the fonts of the authority's documents (crates/formats/assets/fonts) out of Noto Sans and Noto Sans SC.

Which characters: what bilingual documents need, by rule and not by hand:
- Latin with its supplements (names of parties), Greek and Cyrillic of GB/T 2312, punctuation of both scripts,
- GB/T 2312-1980, levels 1 and 2: 6,763 ideographs, and its symbols,
- every character that the packs and the texts of the program use,
- for the bold cuts the same.
A character that is not there is named by the program when a document is made; it is never drawn as a box.

Run:
    npm ci && pip install -r requirements.txt && python3 subset.py
"""

import pathlib
import zstandard
from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
FROM = HERE / "node_modules/@expo-google-fonts"
TO = ROOT / "crates/formats/assets/fonts"
# Noto Sans draws the alphabets, Noto Sans SC everything else; its own alphabets lack most accents.
CUTS = {
    "latin-regular": "noto-sans/400Regular/NotoSans_400Regular.ttf",
    "latin-bold": "noto-sans/600SemiBold/NotoSans_600SemiBold.ttf",
    "chinese-regular": "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "chinese-bold": "noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
}


def gb2312() -> set[str]:
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                pass
    return found


def latin() -> set[str]:
    ranges = [(0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x218, 0x21B), (0x1E00, 0x1EFF)]
    ranges += [(0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x208E), (0x20A0, 0x20BF)]
    ranges += [(0x2160, 0x216B), (0x2190, 0x2193), (0x2460, 0x2473), (0xFF01, 0xFF5E)]
    # No combining marks: texts are composed before they are drawn, and what cannot be is named.
    ranges += [(0x370, 0x3FF), (0x400, 0x45F), (0x490, 0x491)]
    found = {chr(point) for first, last in ranges for point in range(first, last + 1)}
    return found | set("№℃℉™−×÷≤≥≠≈√∞°µ□■○●◇◆☐☑☒✓")


def used() -> set[str]:
    found = set()
    for folder, suffixes in (("packs", (".csv", ".toml", ".jsonl")), ("crates/web/locales", (".ftl",))):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes:
                found |= {c for c in path.read_text(encoding="utf-8") if c.isprintable()}
    return found


def cut_make(cut: str, path: str, wanted: set[str]) -> set[str]:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "VORG", "vhea", "vmtx", "meta", "gasp"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = subset.load_font(str(FROM / path), options)
    there = {chr(point) for point in font.getBestCmap()} & wanted
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in there])
    subsetter.subset(font)
    plain = HERE / f"{cut}.ttf"
    font.save(str(plain))
    data = plain.read_bytes()
    plain.unlink()
    packed = zstandard.ZstdCompressor(level=22).compress(data)
    (TO / f"{cut}.ttf.zst").write_bytes(packed)
    print(f"{cut}: {len(there)} characters, {len(data)} bytes, {len(packed)} packed")
    return there


def main() -> None:
    TO.mkdir(parents=True, exist_ok=True)
    wanted = gb2312() | latin() | used()
    there = set()
    for cut, path in CUTS.items():
        # The alphabets come from the one family only: what is drawn does not depend on the neighbour.
        there |= cut_make(cut, path, wanted)
    missing = sorted(c for c in wanted - there if c.isprintable())
    print(f"in no font: {' '.join(missing)}")
    licences = [(FROM / family / "LICENSE_FONT").read_text() for family in ("noto-sans", "noto-sans-sc")]
    (TO / "OFL.txt").write_text("\n".join(dict.fromkeys(licences)))


if __name__ == "__main__":
    main()
