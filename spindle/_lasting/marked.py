"""A page whose log begins anew where all its spindles wait at their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import UsageError
from spindle._core.kernel.stepper import step
from spindle._core.kernel.turns import Turns
from spindle._core.replay.head import written
from spindle._core.replay.logged import spindle_that_marks, too_late
from spindle._core.replay.marks import kept_at
from spindle._core.replay.stretches import Stretches
from spindle._lasting.news import News
from spindle._lasting.taking import NotYet, read_back, standing_of
from spindle._runtime.logged_hosted import LoggedHosted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import msgspec
    import trio

    from spindle._core.contracts.description import Description
    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.kernel.state import Said
    from spindle._core.limits import PageLimits
    from spindle._core.messages import Notify
    from spindle._core.replay.commands import Command
    from spindle._core.replay.inputs import Input
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._lasting.stored_log import StoredLog
    from spindle._runtime.timekeeper import Timekeeper

__all__ = ["MarkedPage"]


class MarkedPage(LoggedHosted):
    """Knows which of its spindles can be told from their marks alone; see `Stretches`."""

    def __init__(
        self,
        nursery: trio.Nursery,
        provide: Mapping[type, object],
        journal: Journal | None,
        log: StoredLog,
        seed: int,
        *,
        description: Description,
        limits: PageLimits,
        keeper: Timekeeper,
    ) -> None:
        self.news = News(journal)
        self.stretches = Stretches(
            lambda: self.news.said,
            self._kept_start,
            lambda cell, value: read_back(cell, value, self.form),
        )
        super().__init__(
            nursery,
            provide,
            journal,
            log,
            seed,
            blocks=description.blocks,
            limits=limits,
            keeper=keeper,
            commands=self.news,
        )
        self.log = log
        self.description = description
        self.retold: list[Said] = []
        """What the view was told, as long as that is told again."""
        self._since = 0
        """How much was noted of this turn when the coroutine that runs was resumed, or marked."""
        self._marked: set[SpindleRecord] = set()

    # --- steps ----------------------------------------------------------------------------------

    def resume(self, record: Record, /) -> None:
        """See `LoggedHosted`."""
        stretches, news = self.stretches, self.news
        stretches.resumed(record)
        self._since = len(news.noted)
        news.running = record
        self._done += 1
        self.turn_steps += 1
        step(self, record, stretches.meanings, stretches.meaning_of)
        if len(news.noted) > self._since:
            stretches.done(record, news.noted[self._since :])

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """See `LoggedHosted`."""
        super().hold(record, value, error)
        self.stretches.held(record)

    def marked(self, record: Record, args: tuple[object, ...]) -> None:
        """See `Keeper`.

        Raises:
            UsageError: see `spindle.mark`.
        """
        record = spindle_that_marks(record)
        kept = kept_at(record, args, self.form)
        if record not in self._marked:
            if not self.stretches.is_fresh(record) or len(self.news.noted) > self._since:
                raise too_late(record)
            self._marked.add(record)
        self._unpatched = {each for each in self._unpatched if each[0] is not record}
        if self.kernel.shelves is not None:
            self.kernel.shelves.drop()
        self._since = len(self.news.noted)
        if record.scopes:  # what is around it would begin anew, too
            self.stretches.spoilt(record)
        else:
            self.stretches.began(record, kept)

    def _kept_start(self, record: SpindleRecord) -> tuple[msgspec.Raw, ...] | None:
        try:
            return written(record.fn, record.args, self.form, "an argument")[0]
        except UsageError:
            return None

    def take_note(self, said: Input, early: int = 0) -> None:
        """See `Logged`; time has moved for those who are in the middle of something."""
        super().take_note(said, early)
        if early:
            self._spoil_ready()

    def _tell_next(self) -> None:
        telling = self._retelling
        if telling is not None and telling.upcoming:
            self._spoil_ready()  # as `take_note` did
        super()._tell_next()

    def _spoil_ready(self) -> None:
        for record in self.kernel.ready:
            self.stretches.spoilt(record)

    def close_frame(self) -> None:
        """See `LoggedHosted`; where it can, the log begins anew after so many frames."""
        new = self._retelling is None and self._input is not None
        super().close_frame()
        if new and self._is_settled and self.log.is_long:
            self._take_snapshot()

    def _take_snapshot(self) -> None:
        live = set(self.kernel.live.values())
        self.stretches.keep(live)
        self._marked &= live
        try:
            standing = standing_of(
                self.kernel,
                self.log.beginning,
                self.stretches,
                self._marked,
                self.news,
                self.form,
            )
        except NotYet as why:
            self.log.grows(self.kernel.name, str(why))
        else:
            self.log.stand(standing)

    # --- standing where it stood ----------------------------------------------------------------

    def notify_named(self, name: str) -> type[Notify] | None:
        """The notify of its contract that has this name."""
        return next((each for each in self.description.notifies if each.__wire__ == name), None)

    def remember(self, source: Source, sent: Sent, kind: type | None) -> None:
        """The view was told this; it is the last of its kind."""
        self.news.hear(source, sent, kind)
        self.retold.append((source, sent))

    def begin_again(
        self, record: SpindleRecord, commands: Sequence[Command], *, marked: bool
    ) -> Sequence[Command]:
        """Let a spindle run from its mark to where it waits, or from its start if it has none.

        Returns:
            What it has done on the way; `commands` were expected.
        """
        if marked:
            self._marked.add(record)
        telling = self._retelling
        assert telling is not None
        telling.instead = commands
        Turns.post(self, self._begin_again, record)
        while self._tells_on():
            pass
        telling.instead = None
        return self.news.take()

    def _begin_again(self, record: SpindleRecord) -> None:
        kernel = self.kernel
        self._done = 0
        kernel.arrive(self._told_at)
        kernel.enter(record)
        record.launched = True
        kernel.ready.append(record)
