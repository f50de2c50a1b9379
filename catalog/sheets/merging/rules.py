"""What the rows of a workbook would do to a seller's products: new, changed, unchanged, wrong.

Pure: rows and what is known go in, a plan comes out. A cell left empty leaves what is there; rows
are never read as "delete".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from catalog.products import rules as products
from catalog.products.rules import NetUnit, ProductGiven, State, VariantGiven
from catalog.sheets.merging import errors
from catalog.sheets.merging.errors import Mistake
from catalog.sheets.rules import HEADINGS, Line
from foundation import money
from foundation.text import clean, fold, old_tone_placement

SIZE_CELLS: Final = ("size", "net", "unit", "price", "stock", "sku", "size_code")
TEXT_CELLS: Final = ("name", "summary", "description", "ingredients", "storage")


@dataclass(frozen=True, kw_only=True)
class KnownProduct:
    public_id: str
    version: int
    state: State
    given: ProductGiven


@dataclass(frozen=True, kw_only=True)
class Known:
    """The seller's products by public id; categories by folded name → id; communes by the text
    of a cell → code, None where it names none or several."""

    products: dict[str, KnownProduct]
    categories: dict[str, int]
    communes: dict[str, str | None]
    default_commune: str | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One product of the workbook. `known` is None for a new one; `changes` are (what, before,
    after) as people read them."""

    row: int
    known: KnownProduct | None
    given: ProductGiven
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    entries: tuple[Entry, ...]
    mistakes: tuple[Mistake, ...]


def plan(lines: Sequence[Line], known: Known) -> Plan:
    """Return what taking these rows over would do. Entries are given only for what is sound."""
    mistakes = [
        Mistake(row=line.number, column=HEADINGS[key], sentence=sentence)
        for line in lines
        for key, sentence in line.wrong.items()
    ]
    entries: list[Entry] = []
    owners = _Owners(known)
    for target, rows in _groups(lines, known, mistakes).items():
        merging = _Merging(known, known.products.get(target), rows)
        given = merging.given()
        mistakes += merging.mistakes
        if given is None:
            continue
        mistakes += owners.claim(target, given, merging)
        entries.append(
            Entry(
                row=rows[0].number,
                known=merging.base,
                given=given,
                changes=tuple(_changes(merging.base, given, known)),
            )
        )
    return Plan(
        entries=tuple(entries),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: mistake.row)),
    )


def _groups(lines: Sequence[Line], known: Known, mistakes: list[Mistake]) -> dict[str, list[Line]]:
    """Return target → its rows: the public id of a product, or "new <name>"."""
    sizes = {
        key: code
        for code, product in known.products.items()
        for size in product.given.variants
        for key in (f"sku {size.sku}" if size.sku else "", f"size {size.public_id}")
        if key
    }
    names = {_alike(product.given.name): code for code, product in known.products.items()}
    groups: dict[str, list[Line]] = {}
    for line in lines:
        code = line.text("code").lower()
        target = (
            code
            or sizes.get(f"sku {clean(line.text('sku'))}")
            or sizes.get(f"size {line.text('size_code').lower()}")
            or ""
        )
        name = _alike(line.text("name"))
        if code and code not in known.products:
            mistakes.append(_mistake(line, "code", errors.UNKNOWN_CODE, code=code[:20]))
        elif not target and not name:
            if "name" not in line.wrong:
                mistakes.append(_mistake(line, "name", products.NO_NAME))
        elif not target and name in names:
            mistakes.append(_mistake(line, "name", errors.NAME_TAKEN, code=names[name]))
        else:
            groups.setdefault(target or f"new {name}", []).append(line)
    return groups


def _alike(name: str) -> str:
    """Return what two names share that mean one product: accents count, letter case does not."""
    return old_tone_placement(clean(name)).casefold()


def _mistake(line: Line, key: str, sentence: str, **facts: object) -> Mistake:
    return Mistake(row=line.number, column=HEADINGS[key], sentence=sentence, facts=facts)


class _Owners:
    """Whose a SKU is: one size of one product."""

    def __init__(self, known: Known) -> None:
        self.names = {
            size.sku: (code, product.given.name)
            for code, product in known.products.items()
            for size in product.given.variants
            if size.sku
        }

    def claim(self, target: str, given: ProductGiven, merging: _Merging) -> Iterator[Mistake]:
        for index, size in enumerate(given.variants):
            owner = self.names.setdefault(size.sku, (target, given.name)) if size.sku else None
            if owner is not None and owner[0] != target:
                yield Mistake(
                    row=merging.row_of(index),
                    column=HEADINGS["sku"],
                    sentence=errors.SKU_ELSEWHERE,
                    facts={"name": owner[1]},
                )


class _Merging:
    """Lays the rows of one product over what is known of it."""

    def __init__(self, known: Known, base: KnownProduct | None, rows: Sequence[Line]) -> None:
        self.known = known
        self.base = base
        self.rows = rows
        self.mistakes: list[Mistake] = []
        self.sizes: list[VariantGiven] = list(base.given.variants) if base else []
        self.size_rows: dict[int, int] = {}

    def given(self) -> ProductGiven | None:
        """Return the product as it would be, None when something is wrong with it."""
        first = self.rows[0]
        if self.base is not None and self.base.state is State.WITHDRAWN:
            self._wrong(first, "code", errors.WITHDRAWN)
            return None
        facts: dict[str, Any] = {key: self._same(key, clean_of(key)) for key in TEXT_CELLS}
        facts["category_id"] = self._same("category", self._category)
        facts["commune_code"] = self._same("commune", self._commune)
        facts["shelf_life_days"] = self._same("shelf_life_days", self._whole)
        facts["adults_only"] = self._same("adults_only", self._adults)
        for line in self.rows:
            if any(key in line.cells for key in SIZE_CELLS):
                self._lay_size(line)
        if self.base is None:
            self._need(facts, first)
        if self.mistakes or any(line.wrong for line in self.rows):
            return None
        told = {name: value for name, value in facts.items() if value is not None}
        sizes = tuple(self.sizes)
        if self.base is not None:
            given = replace(self.base.given, **told, variants=sizes)
        else:
            given = ProductGiven(**told, variants=sizes)
        return None if self._breaks_limits(given) else given

    def row_of(self, index: int) -> int:
        """Return the row a size comes from, the product's first one for a size of before."""
        return self.size_rows.get(index, self.rows[0].number)

    def _wrong(self, line: Line, key: str, sentence: str, **facts: object) -> None:
        self.mistakes.append(_mistake(line, key, sentence, **facts))

    def _same(self, key: str, read: Callable[[Line], Any]) -> Any:
        """Return what the rows say in this column: all that say something must say the same."""
        said: tuple[Line, Any] | None = None
        for line in self.rows:
            if key not in line.cells:
                continue
            value = read(line)
            if said is None:
                said = (line, value)
            elif value != said[1]:
                self._wrong(line, key, errors.DIFFERS, row=said[0].number)
        return said[1] if said else None

    def _category(self, line: Line) -> int | None:
        found = self.known.categories.get(fold(line.text("category")))
        if found is None:
            self._wrong(line, "category", errors.UNKNOWN_CATEGORY)
        return found

    def _commune(self, line: Line) -> str | None:
        found = self.known.communes.get(line.text("commune"))
        if found is None:
            self._wrong(line, "commune", errors.UNKNOWN_COMMUNE)
        return found

    def _whole(self, line: Line, key: str = "shelf_life_days") -> int | None:
        digits = line.text(key).replace(" ", "").replace(".", "")
        if digits.lstrip("-").isascii() and digits.lstrip("-").isdecimal() and len(digits) < 13:
            return int(digits)
        self._wrong(line, key, errors.BAD_WHOLE)
        return None

    def _adults(self, line: Line) -> bool | None:
        word = fold(line.text("adults_only"))
        if word in ("co", "x", "yes", "1", "18+"):
            return True
        if word in ("khong", "no", "0"):
            return False
        self._wrong(line, "adults_only", errors.BAD_ADULTS)
        return None

    def _need(self, facts: dict[str, Any], first: Line) -> None:
        """Say what a new product cannot do without."""
        if facts["commune_code"] is None and not self._said("commune"):
            facts["commune_code"] = self.known.default_commune
            if self.known.default_commune is None:
                self._wrong(first, "commune", errors.NO_COMMUNE)
        if facts["category_id"] is None and not self._said("category"):
            self._wrong(first, "category", errors.NO_CATEGORY)

    def _said(self, key: str) -> bool:
        return any(key in row.cells or key in row.wrong for row in self.rows)

    # --- sizes ---

    def _lay_size(self, line: Line) -> None:
        code = line.text("size_code").lower()
        index = self._find_size(line)
        if code and (index is None or self.sizes[index].public_id != code):
            self._wrong(line, "size_code", errors.UNKNOWN_SIZE, code=code[:20])
            return
        if index is not None and index in self.size_rows:
            self._wrong(line, "size", errors.SAME_SIZE, row=self.size_rows[index])
            return
        before = self.sizes[index] if index is not None else None
        size = self._size(line, before)
        if size is None:
            return
        if index is None:
            index = len(self.sizes)
            self.sizes.append(size)
        else:
            self.sizes[index] = size
        self.size_rows[index] = line.number

    def _find_size(self, line: Line) -> int | None:
        code, sku = line.text("size_code").lower(), clean(line.text("sku"))
        name = fold(line.text("size"))
        tests: list[Callable[[VariantGiven], bool]] = []
        if code:
            tests.append(lambda size: size.public_id == code)
        if sku:
            tests.append(lambda size: size.sku == sku)
        if name:
            tests.append(lambda size: fold(size.shown_name) == name)
        for test in tests:
            for index, size in enumerate(self.sizes):
                if test(size):
                    return index
        only = self.base is not None and len(self.sizes) == len(self.rows) == 1
        return 0 if only and not name and not code else None

    def _size(self, line: Line, before: VariantGiven | None) -> VariantGiven | None:
        wrong = len(self.mistakes)
        net = self._net(line, before)
        price = self._price(line) if "price" in line.cells else (before and before.price)
        if price is None and "price" not in line.cells and "price" not in line.wrong:
            self._wrong(line, "price", errors.NO_PRICE)
        stock = self._whole(line, "stock") if "stock" in line.cells else None
        if len(self.mistakes) > wrong or net is None or price is None:
            return None
        told: dict[str, Any] = {"net_amount": net[0], "net_unit": net[1], "price": price}
        if "size" in line.cells:
            told["name"] = clean(line.text("size"))
        if "sku" in line.cells:
            told["sku"] = clean(line.text("sku"))
        if stock is not None:
            told["stock"] = stock
        return replace(before, **told) if before else VariantGiven(**told)

    def _net(self, line: Line, before: VariantGiven | None) -> tuple[int, NetUnit] | None:
        if before is not None and "net" not in line.cells and "unit" not in line.cells:
            return before.net_amount, before.net_unit
        written = products.net_written(before.net_amount, before.net_unit) if before else ("", "")
        unit = products.written_unit(line.text("unit")) if "unit" in line.cells else written[1]
        if not unit:
            self._wrong(line, "unit", errors.BAD_UNIT)
            return None
        value = line.cells.get("net", written[0])
        counted, factor = products.WRITTEN_UNITS[unit]
        if isinstance(value, float) and abs(value) < 10**9:
            amount = round(value * factor)
            if abs(value * factor - amount) < 1e-6:
                return amount, counted
        try:
            return products.parse_net(clean(str(value)), unit)
        except products.BadNet:
            self._wrong(line, "net", errors.BAD_NET)
            return None

    def _price(self, line: Line) -> int | None:
        value = line.cells["price"]
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        try:
            return money.parse_vnd(clean(str(value)) if isinstance(value, str) else "?")
        except money.BadAmount:
            self._wrong(line, "price", errors.UNREAD_PRICE)
            return None

    def _breaks_limits(self, given: ProductGiven) -> bool:
        found = products.problems(given)
        for problem in found:
            key = {"variants": "size"}.get(problem.field, problem.field)
            row = self.rows[0].number
            if problem.variant is not None:
                row = self.row_of(problem.variant)
                key = {"name": "size"}.get(problem.field, problem.field)
            self.mistakes.append(
                Mistake(
                    row=row, column=HEADINGS[key], sentence=problem.sentence, facts=problem.facts
                )
            )
        return bool(found)


def clean_of(key: str) -> Callable[[Line], str]:
    """Return how a column of text is read: on one line, or with its lines kept."""
    if key in ("description", "ingredients"):
        return lambda line: line.text(key)
    return lambda line: clean(line.text(key))


def _changes(
    base: KnownProduct | None, given: ProductGiven, known: Known
) -> Iterator[tuple[str, str, str]]:
    if base is None:
        return
    names = {number: name for name, number in known.categories.items()}
    for key in (*TEXT_CELLS, "shelf_life_days", "adults_only"):
        before, after = getattr(base.given, key), getattr(given, key)
        if before != after:
            yield HEADINGS[key], _worded(before), _worded(after)
    if base.given.category_id != given.category_id:
        yield (
            HEADINGS["category"],
            names.get(base.given.category_id, ""),
            names.get(given.category_id, ""),
        )
    if base.given.commune_code != given.commune_code:
        yield HEADINGS["commune"], base.given.commune_code, given.commune_code
    before_sizes = {size.public_id: size for size in base.given.variants}
    for size in given.variants:
        old = before_sizes.get(size.public_id) if size.public_id else None
        if old != size:
            yield HEADINGS["size"], _size_words(old), _size_words(size)


def _worded(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    words = "" if value is None else str(value)
    return words if len(words) <= 200 else words[:197] + "…"


def _size_words(size: VariantGiven | None) -> str:
    if size is None:
        return ""
    net = products.net_words(size.net_amount, size.net_unit)
    name = f"{size.shown_name}, {net}" if size.shown_name != net else net
    sku = f", SKU {size.sku}" if size.sku else ""
    return f"{name}: {money.format_vnd(size.price)}, kho {size.stock}{sku}"
