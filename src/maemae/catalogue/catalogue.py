"""Market data in Parquet under one root: bringing it in, checking it, reading it as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from maemae.catalogue.action_store import encode_actions, read_actions, require_fit
from maemae.catalogue.action_table import actions_from_frame
from maemae.catalogue.aggregation import aggregate
from maemae.catalogue.bars import bars_from_frame, content_hash, time_key
from maemae.catalogue.checks import Findings, check_bars
from maemae.catalogue.dataset_files import (
    read_bars,
    read_instruments,
    write_beside,
    write_dataset,
)
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.instruments import (
    MASTER_COLUMNS,
    instruments_from,
    instruments_of,
    with_master,
)
from maemae.catalogue.interval import Interval
from maemae.catalogue.manifest import MANIFEST, Manifest, dataset_name, read_manifest
from maemae.catalogue.panel_reading import panel_from_bars, session_bars
from maemae.catalogue.series_choice import choose_series
from maemae.catalogue.source_file import read_source
from maemae.catalogue.statistics import Statistics, statistics_of
from maemae.domain.corporate_action import CorporateAction, Delisting
from maemae.domain.errors import (
    BadBarsError,
    InvalidValueError,
    MissingDataError,
    SchemaError,
)
from maemae.domain.ids import Symbol
from maemae.domain.near_match import did_you_mean
from maemae.domain.terms import PriceBasis
from maemae.krx.instrument import Instrument
from maemae.strategy.panel import FIELDS, Panel

_HASH_IN_NAME: Final = 16


class Catalogue:
    """
    The datasets under a root folder, which need not exist yet.

    Attributes:
        root: Folder of the datasets; each is a folder of its name.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def import_file(self, path: Path, spec: ImportSpec, master: Path | None = None) -> Manifest:
        """
        Bring in a CSV or Parquet file; nothing is written unless all of it passes.

        Args:
            path: The file of the bars.
            spec: What is declared about them.
            master: A file that says more about the instruments; see `apply_master`.

        Raises:
            SchemaError: The file cannot be read, or columns, types, symbols or times are
                not as declared.
            BadBarsError: A value or the order of the bars cannot be accepted.
            InvalidValueError: The name cannot be used, or is in use and `replace` is off.
            StorageError: The dataset cannot be written.
        """
        self._require_free(spec)
        known = None if master is None else read_source(master)
        return self.import_frame(read_source(path), spec, path.name, known)

    def import_frame(
        self,
        frame: pl.DataFrame,
        spec: ImportSpec,
        source: str,
        master: pl.DataFrame | None = None,
    ) -> Manifest:
        """
        Bring in a frame of bars, such as the synthetic market's; as `import_file`.

        Args:
            frame: The bars, with columns as a file would have them.
            spec: What is declared about them.
            source: Where they come from; kept in the manifest.
            master: What is known of the instruments, as a master file would have it.
        """
        self._require_free(spec)
        bars = bars_from_frame(frame, spec)
        instruments = instruments_of(bars.frame, spec, bars.adjusted)
        if master is not None:
            instruments = with_master(instruments, master)
        findings = check_bars(bars.frame, instruments)
        other = sum(
            (symbol in bars.adjusted) != spec.is_adjusted for symbol in instruments["symbol"]
        )
        bars_hash = content_hash(bars.frame)
        manifest = Manifest(
            dataset=spec.dataset,
            basis=spec.basis,
            other_basis_symbols=other,
            interval=str(spec.interval),
            label=spec.label,
            source=source,
            columns=bars.columns,
            rows=bars.frame.height,
            symbols=instruments.height,
            first=_a_date(bars.frame["day"].min()),
            last=_a_date(bars.frame["day"].max()),
            rounded_rows=bars.rounded_rows,
            findings={found.check.code.value: found.count for found in findings},
            content_hash=bars_hash,
            bars_file=_file_name("bars", bars_hash),
            instruments_file=_file_name("instruments", content_hash(instruments)),
        )
        write_dataset(self._folder(spec.dataset), manifest, bars.frame, instruments)
        return manifest

    def apply_master(self, dataset: str, path: Path) -> Manifest:
        """
        Let a file say names, markets, products, shares and multiples of the instruments.

        Raises:
            MissingDataError: There is no such dataset.
            SchemaError: The file cannot be read or holds what cannot be understood.
            StorageError: The dataset cannot be written.
        """
        manifest = self.describe(dataset)
        folder = self._folder(dataset)
        instruments = with_master(read_instruments(folder, manifest), read_source(path))
        bars = read_bars(folder, manifest)
        findings = check_bars(bars, instruments)
        changed = msgspec.structs.replace(
            manifest,
            findings={found.check.code.value: found.count for found in findings},
            instruments_file=_file_name("instruments", content_hash(instruments)),
        )
        write_dataset(folder, changed, bars, instruments)
        return changed

    def aggregate(
        self, dataset: str, wanted: Interval, name: str, *, replace: bool = False
    ) -> tuple[Manifest, int]:
        """
        Make a dataset of longer bars of another; see `maemae.catalogue.aggregation`.

        Args:
            dataset: Of intraday bars or prints.
            wanted: How long the bars shall be.
            name: Of the new dataset.
            replace: Whether one of that name may be replaced.

        Returns:
            The manifest, and how many bars are not of a regular session and were left out.

        Raises:
            MissingDataError: There is no such dataset, or nothing in it traded in a session.
            InvalidValueError: The lengths do not fit, or the name cannot be used.
        """
        manifest, bars, listed = self.stored(dataset)
        made = aggregate(bars, manifest.bar_interval, manifest.label, wanted)
        spec = ImportSpec(dataset=name, basis=manifest.basis, interval=wanted, replace=replace)
        frame = made.frame.join(listed.select("symbol", "adjusted"), on="symbol", how="left")
        source = f"{dataset}, {manifest.interval}"
        return self.import_frame(frame, spec, source, listed.select(MASTER_COLUMNS)), made.left_out

    def import_actions(self, dataset: str, path: Path) -> Manifest:
        """
        Let a table say what companies did to the shares of a dataset, in place of one before.

        Rows of instruments that the dataset does not have are left out.

        Raises:
            MissingDataError: There is no such dataset.
            SchemaError: The file cannot be read, a row cannot be, or bars contradict it.
            InvalidValueError: The prices are adjusted and tell of it already.
            StorageError: It cannot be written.
        """
        manifest, folder = self.describe(dataset), self._folder(dataset)
        listed = set(self.instruments(dataset))
        told = actions_from_frame(read_source(path))
        actions = [action for action in told if action.symbol in listed]
        if not actions:
            raise SchemaError(
                f"{path.name} 의 {len(told):,}건 가운데 {dataset} 에 있는 종목의 것이 없습니다. "
                "종목코드를 확인하세요.",
                f"None of the {len(told):,} actions of {path.name} is about an instrument of "
                f"{dataset}. Check the symbols.",
            )
        symbols = sorted({str(action.symbol) for action in actions})
        columns = ("symbol", "day", "open", "close", "volume")
        require_fit(actions, read_bars(folder, manifest, columns, symbols=symbols), manifest.basis)
        name, content = encode_actions(actions)
        changed = msgspec.structs.replace(manifest, actions=len(actions), actions_file=name)
        write_beside(folder, changed, name, content)
        return changed

    def actions(self, dataset: str) -> tuple[CorporateAction, ...]:
        """
        Return what companies did to the shares of a dataset, by ex-date; often nothing is known.

        Raises:
            MissingDataError: There is no such dataset.
            SchemaError: What was stored is damaged.
        """
        manifest = self.describe(dataset)
        if not manifest.actions_file:
            return ()
        return read_actions(self._folder(dataset) / manifest.actions_file)

    def datasets(self) -> list[Manifest]:
        """Return the manifests of all datasets, by name."""
        return [read_manifest(path) for path in sorted(self.root.glob(f"*/{MANIFEST}"))]

    def describe(self, dataset: str) -> Manifest:
        """
        Return the manifest of a dataset.

        Raises:
            MissingDataError: There is no such dataset; near names are suggested.
            SchemaError: Its manifest cannot be read.
        """
        path = self._folder(dataset) / MANIFEST
        if path.exists():
            return read_manifest(path)
        names = [found.parent.name for found in sorted(self.root.glob(f"*/{MANIFEST}"))]
        near = did_you_mean(dataset, names)
        raise MissingDataError(
            f"{dataset} 라는 데이터셋이 없습니다.{near.ko} `maemae data list` 로 목록을 보고, "
            "파일이면 `maemae data import` 로 먼저 가져오세요.",
            f"There is no dataset {dataset}.{near.en} See `maemae data list`; bring a file in with "
            "`maemae data import` first.",
        )

    def check(self, dataset: str) -> list[Findings]:
        """
        Run every check again on the stored bars.

        Raises:
            MissingDataError: There is no such dataset.
            BadBarsError: The stored bars are no longer those that were imported.
        """
        manifest = self.describe(dataset)
        folder = self._folder(dataset)
        bars = read_bars(folder, manifest)
        if content_hash(bars) != manifest.content_hash:
            raise BadBarsError(
                f"{dataset} 의 봉이 가져온 뒤에 바뀌었습니다. replace 로 다시 가져오세요.",
                f"The bars of {dataset} changed after the import. Import them again with replace.",
            )
        return check_bars(bars, read_instruments(folder, manifest))

    def stored(self, dataset: str) -> tuple[Manifest, pl.DataFrame, pl.DataFrame]:
        """
        Return the manifest, all bars and the instrument master of a dataset.

        Raises:
            MissingDataError: There is no such dataset.
        """
        manifest = self.describe(dataset)
        folder = self._folder(dataset)
        return manifest, read_bars(folder, manifest), read_instruments(folder, manifest)

    def statistics(self, dataset: str) -> Statistics:
        """
        Return what a dataset is like; see `maemae.catalogue.statistics`.

        Raises:
            MissingDataError: There is no such dataset.
        """
        manifest, bars, listed = self.stored(dataset)
        stored = sum(path.stat().st_size for path in self._folder(dataset).iterdir())
        return statistics_of(manifest, bars, listed, check_bars(bars, listed), stored)

    def instruments(self, dataset: str) -> dict[Symbol, Instrument]:
        """
        Return the instruments of a dataset by symbol.

        Raises:
            MissingDataError: There is no such dataset.
        """
        manifest = self.describe(dataset)
        return instruments_from(read_instruments(self._folder(dataset), manifest))

    def panel(
        self,
        dataset: str,
        symbols: Sequence[Symbol] | None = None,
        first: date | None = None,
        last: date | None = None,
    ) -> Panel:
        """
        Return bars as arrays over the union of their times; 0 where a symbol has no bar.

        A panel has one basis. Without `symbols` it is the declared basis of the dataset, and
        series of the other basis stay out; asked for by name, they make a panel of their own.
        Bars on days without a session stay out.

        Args:
            dataset: Name of the dataset.
            symbols: Rows of the panel, in this order; None for every symbol that has a bar.
            first: First Korean day; None for the earliest.
            last: Last Korean day; None for the latest.

        Raises:
            MissingDataError: No such dataset, or no bars in the range.
            UnknownSymbolError: The dataset has no such symbol; near ones are suggested.
            InvalidValueError: A symbol is asked for twice, raw and adjusted together, or prints.
            UnknownRuleError: The calendar does not know the days.
        """
        manifest = self.describe(dataset)
        if manifest.bar_interval.is_tick:
            raise _prints_are_no_panel(dataset)
        folder = self._folder(dataset)
        choice = choose_series(read_instruments(folder, manifest), manifest, symbols)
        columns = ("symbol", "day", time_key(manifest.bar_interval), *FIELDS)
        bars = read_bars(
            folder, manifest, tuple(dict.fromkeys(columns)), (first, last), choice.filter
        )
        if bars.is_empty() or (bars := session_bars(bars)).is_empty():
            raise _nothing_between(manifest, first, last)
        rows = choice.rows(bars["symbol"].unique(maintain_order=True).to_list())
        panel = panel_from_bars(bars, rows, manifest, choice.basis)
        if not manifest.actions_file:
            return panel
        is_raw = choice.basis is PriceBasis.RAW
        told = self.actions(dataset)
        return panel.with_actions(
            action for action in told if is_raw or isinstance(action, Delisting)
        )

    def _folder(self, dataset: str) -> Path:
        return self.root / dataset_name(dataset)

    def _require_free(self, spec: ImportSpec) -> None:
        if not spec.replace and (self._folder(spec.dataset) / MANIFEST).exists():
            raise InvalidValueError(
                f"{spec.dataset} 데이터셋이 이미 있습니다. 다른 이름을 쓰거나 --replace 로 "
                "바꾸세요.",
                f"The dataset {spec.dataset} exists. Use another name, or --replace it.",
            )


def _a_date(value: object) -> date:
    """Narrow what a column of days returns as its smallest or largest."""
    if isinstance(value, date):
        return value
    raise BadBarsError(
        "봉이 하나도 없습니다. 봉이 한 줄 이상 있는 데이터를 주세요.",
        "There are no bars. Give data with at least one bar.",
    )


def _prints_are_no_panel(dataset: str) -> InvalidValueError:
    return InvalidValueError(
        f"{dataset} 은(는) 틱입니다. 먼저 봉으로 만드세요: "
        f"`maemae data aggregate {dataset} --to 1m --name {dataset}_1m`.",
        f"{dataset} holds prints. Make bars of them first: "
        f"`maemae data aggregate {dataset} --to 1m --name {dataset}_1m`.",
    )


def _file_name(kind: str, digest: str) -> str:
    return f"{kind}-{digest[:_HASH_IN_NAME]}.parquet"


def _nothing_between(manifest: Manifest, first: date | None, last: date | None) -> MissingDataError:
    asked_ko = f"{first or manifest.first} ~ {last or manifest.last}"
    asked_en = f"{first or manifest.first} to {last or manifest.last}"
    return MissingDataError(
        f"{manifest.dataset} 데이터셋에는 {asked_ko} 의 봉이 없습니다. "
        f"{manifest.first} ~ {manifest.last} 안에서 고르세요.",
        f"{manifest.dataset} has no bars from {asked_en}. Choose days between {manifest.first} "
        f"and {manifest.last}.",
    )
