"""Keep the catalogues of translations: `update` finds the texts, `compile` makes what the program reads.

python scripts/catalogues.py update     # after texts changed: new ones appear untranslated in the .po files
python scripts/catalogues.py compile    # after translating
python scripts/catalogues.py check      # both are current (a test runs this)
python scripts/catalogues.py update de  # the same of one language, here one that is begun

Texts come from this package and from click, whose messages the command line shows.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "src" / "ptce_funding"
KEYWORDS = {"_": None, "N_": None, "message": None, "gettext": None, "translate": None, "ngettext": (1, 2)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
METHODS = [("**.py", "python")]
# Parts of click that no command of ours reaches.
CLICK_FILES = ("core.py", "exceptions.py", "formatting.py", "types.py", "decorators.py", "parser.py")


def path(lang: str, ending: str) -> Path:
    """Return the catalogue of a language."""
    return ROOT / "locales" / lang / "LC_MESSAGES" / f"ptce_funding.{ending}"


def extracted() -> Catalog:
    """Return all texts, in the order of files and lines."""
    catalogue = Catalog(project="ptce-fund", charset="utf-8")
    for file, _, text, _, _ in extract_from_dir(ROOT, METHODS, keywords=KEYWORDS):
        add(catalogue, text, file)
    for file, _, text, _, _ in extract_from_dir(Path(click.__file__).parent, METHODS, keywords=KEYWORDS):
        if file in CLICK_FILES:
            add(catalogue, text, f"click/{file}")
    return catalogue


def add(catalogue: Catalog, text: str | tuple[str, ...], file: str) -> None:
    """Add a text; files without line numbers, so that the catalogue changes only when a text does."""
    if text and text != ("", ""):
        catalogue.add(text, locations=[(file, None)])


def updated(lang: str) -> Catalog:
    """Return the catalogue of a language with the texts of today."""
    template = extracted()
    source = path(lang, "po")
    old = (
        read_po(io.BytesIO(source.read_bytes()), locale=lang, domain="ptce_funding")
        if source.exists()
        else Catalog(locale=lang)
    )
    fresh = Catalog(locale=lang, project="ptce-fund", charset="utf-8", fuzzy=False)
    for each in template:
        if each.id:
            known = old.get(each.id)
            fresh.add(each.id, known.string if known else "", locations=each.locations, flags=each.flags - {"fuzzy"})
    return fresh


def as_po(catalogue: Catalog) -> bytes:
    """Write a catalogue without dates, so that the same texts give the same bytes."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=True, width=120, sort_output=True)
    lines = ("Content-Type: text/plain; charset=utf-8", f"Plural-Forms: {catalogue.plural_forms}")
    header = 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"
    return header.encode() + buffer.getvalue()


def as_mo(lang: str) -> bytes:
    """Compile the catalogue of a language."""
    buffer = io.BytesIO()
    catalogue = read_po(io.BytesIO(path(lang, "po").read_bytes()), locale=lang)
    # Babel would stamp the minute; the same texts give the same bytes.
    catalogue.creation_date = catalogue.revision_date = EPOCH
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def untranslated(lang: str) -> list[str]:
    """Return the texts that a language lacks."""
    found = []
    for each in updated(lang):
        strings = each.string if isinstance(each.string, tuple) else (each.string,)
        if each.id and not all(strings):
            found.append(str(each.id))
    return found


def main(action: str, *languages: str) -> int:
    """Run one action, on all languages that have a catalogue unless some are named."""
    for lang in languages or sorted(each.name for each in (ROOT / "locales").iterdir()):
        if action == "update":
            path(lang, "po").parent.mkdir(parents=True, exist_ok=True)
            path(lang, "po").write_bytes(as_po(updated(lang)))
            print(f"{lang}: {len(untranslated(lang))} untranslated")
        elif action == "compile":
            path(lang, "mo").write_bytes(as_mo(lang))
        elif action == "check":
            problems = untranslated(lang)
            if path(lang, "po").read_bytes() != as_po(updated(lang)):
                problems.append("the .po file is not current: run update")
            if not path(lang, "mo").exists() or path(lang, "mo").read_bytes() != as_mo(lang):
                problems.append("the .mo file is not current: run compile")
            if problems:
                print(*problems, sep="\n")
                return 1
        else:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or [""]))
