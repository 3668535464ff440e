"""The form: what was answered so far, and what is asked next. Plain values, which can be kept."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias, TypedDict, get_args

import msgspec
from typing_extensions import Unpack

__all__ = ["Answers", "Before", "Form", "Question", "Speed", "Step"]

Question: TypeAlias = Literal["name", "born", "height", "before", "old", "speed"]
Step: TypeAlias = Question | Literal["review"]
Before: TypeAlias = Literal["first", "renewal", "lost"]
Speed: TypeAlias = Literal["normal", "express"]

QUESTIONS: tuple[Question, ...] = get_args(Question)


class Answers(TypedDict, total=False):
    """An answer, or several, by their questions."""

    name: str
    born: date
    height: int
    before: Before
    old: str
    speed: Speed


class Form(msgspec.Struct, frozen=True):
    """A form that is being filled in. An answer stays in it when its question is asked again."""

    name: str = ""
    born: date | None = None
    height: int | None = None
    before: Before | None = None
    old: str = ""
    speed: Speed | None = None
    done: tuple[Question, ...] = ()
    """What is not to be asked, for it was answered."""
    problem: str = ""
    """What is wrong with the answer that was given last."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What this applicant is asked. Only who has a passport is asked for its number."""
        return tuple(each for each in QUESTIONS if each != "old" or self.before == "renewal")

    @property
    def step(self) -> Step:
        """The first question that is open; when there is none, the review."""
        for each in self.questions:
            if each not in self.done:
                return each
        return "review"

    def answered(self, **answers: Unpack[Answers]) -> Form:
        """Write answers down."""
        done = tuple(each for each in QUESTIONS if each in self.done or each in answers)
        return msgspec.structs.replace(self, **answers, done=done, problem="")

    def refused(self, problem: str, **answers: Unpack[Answers]) -> Form:
        """Write down what cannot stay like that; the question is asked again."""
        return msgspec.structs.replace(self, **answers, problem=problem)

    def again(self, question: Question) -> Form:
        """Open a question. Those behind it keep their answers."""
        done = tuple(each for each in self.done if each != question)
        return msgspec.structs.replace(self, done=done, problem="")

    def back(self) -> Form:
        """Open the question before the one that is asked now, if there is one."""
        steps: tuple[Step, ...] = (*self.questions, "review")
        return self.again(self.questions[max(steps.index(self.step) - 1, 0)])
