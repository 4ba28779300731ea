"""What the user can fix, and what the user stopped."""


class Problem(Exception):
    """Something the user can put right. Ends a command with exit code 2.

    title: one sentence saying what is wrong, naming the file, layer or column.
    detail: where exactly (rows, values), when there is more to say.
    fix: what to do about it, in the imperative.
    """

    def __init__(self, title: str, *, detail: str = "", fix: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.fix = fix

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.detail, self.fix) if part)


class Cancelled(Exception):
    """The user pressed Cancel. Raised by a progress call, never shown as an error."""
