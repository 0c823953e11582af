"""A model that knows how to write code and nothing of this harness: it goes on only by what the last result says.

It sends the calls that it has in mind. READERS is all that it can read: each is an expression over the text of a
result, and what somebody does who follows exactly that sentence. A result that no reader understands and that is no
plain success leaves it lost.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ai.port import Answered, Reply, Request, Said, Stop, ToolCall, Usage

NUMBERED = re.compile(r"^ *(\d+)\t(.*)$", re.M)


class Lost(Exception):
    """The text of a result did not suffice to go on."""


@dataclass
class Call:
    """One call. `sees`: a text that the robot is after in the result; `typed`: what it wants to type at a prompt."""

    name: str
    args: dict[str, Any]
    sees: str = ""
    typed: str = ""
    place: int = 0

    def but(self, **changed: Any) -> Call:
        """The same with other arguments."""
        return Call(self.name, {**self.args, **changed}, self.sees, self.typed, self.place)


@dataclass
class Robot:
    """A provider. `todo` are the calls it has in mind, `mending` those that it makes once it hears that tests fail."""

    todo: list[Call]
    mending: list[Call] = field(default_factory=list)
    speaks: str = ""
    notes: list[str] = field(default_factory=list)
    extra: list[dict[str, str]] = field(default_factory=list)
    joined: str = ""
    said: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    now: Call | None = None
    provider: str = "robot"
    model: str = "lost"

    def reply(self, request: Request) -> Reply:
        """The next call; the first reply may be words only."""
        last = request.turns[-1]
        if isinstance(last, Answered):
            self.read(last.answers[0].text, last.answers[0].is_error)
        elif self.speaks:
            words, self.speaks = self.speaks, ""
            return Reply(words, (), Usage(), Stop.END, [])
        elif isinstance(last, Said) and len(request.turns) > 1:
            self.heard(last.text)
        self.now = self.todo.pop(0) if self.todo else self.done()
        if self.now.name == "write printed":
            self.now = Call("write_file", {**self.now.args, "content": self.said[-1].partition("\n")[2] + "\n"})
        if self.joined and self.now.name == "run":
            self.now, self.joined = self.now.but(command=self.joined.replace("COMMAND", self.now.args["command"])), ""
        call = ToolCall(f"c{len(request.turns)}", self.now.name, self.now.args)
        return Reply("", (call,), Usage(), Stop.CALLS, [])

    def heard(self, text: str) -> None:
        """A message that answers no call."""
        if not re.search("Go on by calling a tool", text):
            raise Lost(text)
        self.followed.append(text)

    def done(self) -> Call:
        """What ends the work, with everything that results asked to say there."""
        args = {"summary": " ".join(["Finished.", *self.notes]), "handoff": "nothing is left"}
        return Call("done", {**args, "extra_files": self.extra} if self.extra else args)

    def read(self, text: str, failed: bool) -> None:
        """Understand a result: what it says to do comes before what else is in mind."""
        call = self.now
        assert call is not None
        self.said.append(text)
        if call.sees and re.search(call.sees, text, re.M) and not failed:
            return
        for pattern, act in READERS.items():
            found = re.search(pattern, text, re.S | re.M)
            if found:
                self.followed += [pattern] if act is not reviewed else []
                self.todo[:0] = act(self, call, found)
                return
        status = re.match(r"exit status (\d+)", text)
        if failed or call.sees or (status and status[1] != "0") or text.startswith("killed"):
            raise Lost(f"{call.name} {call.args}\n{text}")


def with_path(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """The path that the text names, in place of the one that was given."""
    where = next(name for name in ("selection", "path") if name in call.args)
    rest = str(call.args[where]).partition("::")
    return [call.but(**{where: found[1] + rest[1] + rest[2]})]


def read_first(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return [Call("read_file", {"path": call.args["path"]}), call]


def copied(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """The lines shown that are the passage meant, word for word as the file has them; `new` changed alike."""
    shown = [line for _, line in NUMBERED.findall(found[0])]
    old = call.args["old"].strip("\r\n").split("\n")
    meant = max(
        (shown[at : at + len(old)] for at in range(len(shown) - len(old) + 1)),
        key=lambda lines: sum(alike(has, given) for has, given in zip(lines, old, strict=True)),
    )
    new = [like_file(line, old, meant) for line in call.args["new"].strip("\r\n").split("\n")]
    return [call.but(old="\n".join(meant), new="\n".join(new))]


def alike(has: str, given: str) -> float:
    """How many characters are equal, blanks and quotes aside."""
    left, right = (re.sub(r"\W", "", line) for line in (has, given))
    return sum(a == b for a, b in zip(left, right, strict=False)) / max(len(left), len(right), 1)


def like_file(line: str, old: list[str], meant: list[str]) -> str:
    """A line of the new text, indented and quoted as the file does it where the old text had it otherwise."""
    for given, has in zip(old, meant, strict=True):
        if line == given:
            return has
        there, mine = (re.match(r"[ \t]*", each)[0] for each in (has, given))
        if mine and there != mine and line.startswith(mine):
            line = there + line[len(mine) :]
    return line.replace("\r", "")


def without_numbers(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    fields = [name for name in ("old", "new", "first_line", "last_line") if name in call.args]
    return [call.but(**{name: re.sub(r"^ *\d+\t", "", call.args[name], flags=re.M) for name in fields})]


def with_line_before(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """`old` and `new` begin with the line before the wanted place."""
    places = NUMBERED.findall(found[0])
    before = places[2 * call.place][1]
    return [call.but(old=f"{before}\n{call.args['old']}", new=f"{before}\n{call.args['new']}")]


def bracket_closed(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """The line that the message names, with the missing bracket before its colon."""
    line = next(text for number, text in NUMBERED.findall(found["after"]) if number == found["line"])
    return [call.but(new=call.args["new"].replace(line.strip(), line.strip().replace(":", "):")))]


def joining(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    robot.joined = found[1]
    return []


def instead(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """The command that the text offers, for the word that the robot is after."""
    return [Call("run", {"command": found[1].replace("WORD", shlex.quote(call.sees))}, call.sees)]


def typed(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return [Call("run", {"command": found[1].replace("'...'", shlex.quote(call.typed))}, call.sees)]


def shown_by_read(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return [Call("read_file", {"path": call.args["command"].split()[-1]}, call.sees)]


def noted(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """Goes on without it, and says so at the end."""
    robot.notes.append(f"Could not have: {' '.join(map(str, call.args.values()))[:80]}.")
    return []


def dropped(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return []


def other_tool(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return [Call(found[1], dict(call.args), call.sees)]


def other_argument(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """The argument that was needed in place of the one that does not exist."""
    wrong = re.findall(r"'(\w+)'", found[1])
    needed = [part for part in re.findall(r"(\w+): [^,.]*", found[2]) if part not in call.args]
    args = {name: value for name, value in call.args.items() if name not in wrong}
    return [
        Call(call.name, {**args, **dict(zip(needed, (call.args[name] for name in wrong), strict=False))}, call.sees)
    ]


def left_out(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return [Call(call.name, {name: value for name, value in call.args.items() if name != found[1]}, call.sees)]


def reviewed(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    return []


def old_text(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """Prints the file as it was with the command that the text names, and writes what that prints."""
    path = call.args["command"].split()[-1]
    return [Call("run", {"command": found[1].replace("path", path)}), Call("write printed", {"path": path})]


def mended(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """Looks at the failures with the tool that the text names, then mends what it knows to be wrong."""
    todo, robot.mending = robot.mending, []
    return [Call(found[1], {}, sees="FAILED"), *todo]


def one_command(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    """Server and client as the text writes them."""
    client = robot.todo.pop(0)
    server = call.args["command"].rstrip("& ")
    command = found[1].replace("server", f"({server})").replace("client", client.args["command"])
    return [client.but(command=command)]


def taken(robot: Robot, call: Call, found: re.Match[str]) -> list[Call]:
    robot.extra = [
        {"path": path, "reason": "the generator made it"} for path in re.findall(r"^- (\S+)$", found[1], re.M)
    ]
    return []


Act = Callable[[Robot, Call, re.Match[str]], list[Call]]
READERS: Mapping[str, Act] = {
    r"Did you mean `([^`]+)`": with_path,
    r"Use `([^`]+)`\.\Z": with_path,
    r"line numbers that read_file shows; they are not part of the file: leave them out": without_numbers,
    r"without the number and tab in front": without_numbers,
    r"Add lines before or after it until it is unique\. Each place with the line before it:.*": with_line_before,
    r"[Cc]all read_file": read_first,
    r"changed since you read it.*now:\n.*Call again with what stands there now": copied,
    r"nothing was replaced.*The file there:\n.*": copied,
    r"line (?P<line>\d+) \('\(' was never closed\).*would be:(?P<after>.*)Send the edit again": bracket_closed,
    r"to replace all of it|replace_lines needs no exact passage": dropped,
    r"Join what belongs together: `([^`]+)`": joining,
    r"Show files with read_file": shown_by_read,
    r"pass a script \(`([^`]+)`": typed,
    r"To undo a change use .*write_file with the old text \((git show HEAD:path) prints it\)": old_text,
    r"See the old state with git show HEAD:path; your changes stay in the tree": dropped,
    r"only the work tree is yours": dropped,
    r"^git \w+: .*Call done\.": dropped,
    r"(?:Use|Work with) what is (?:there|here), (?:or|and) say in `done` (?:which|what)": noted,
    r"Finish the rest of the step\. If it cannot be done without this file": noted,
    r"named from its root|Give a path relative to the repository's root": lambda robot, call, found: [
        call.but(path=call.args["path"].rpartition("/")[2])
    ],
    r"There is no tool named .* For that use `(\w+)`": other_tool,
    r"has no argument ([^.]*)\. It takes (.*)\.": other_argument,
    r"'(\w+)' must be .* \1: [^,]*\(may be left out\)": left_out,
    r"Mend these \((\w+) shows failures in full\), then call done again": mended,
    r"(?:Look at .*|page it) with run: .*`(grep [^`]+)`": instead,
    r"[Ll]ook at it with run: `([^`]+)`": instead,
    r"read on with start=(\d+)": lambda robot, call, found: [call.but(start=int(found[1]))] if call.sees else [],
    r"within one command: `(server [^`]+)`": one_command,
    r"holds an option\. Give only test files": lambda robot, call, found: [
        call.but(selection=" ".join(word for word in call.args["selection"].split() if not word.startswith("-")))
    ],
    r"give a longer `timeout`, at most (\d+)": lambda robot, call, found: [call.but(timeout=int(found[1]))],
    r"or delete it first": lambda robot, call, found: [Call("delete_file", {"path": call.args["to"]}), call],
    r"set `regex` to true": lambda robot, call, found: [call.but(regex=True)],
    r"Left out of the commit[^:]*:\n((?:- \S+\n)+)Delete them, or name those that .* in `extra_files`": taken,
    r"then call done again unchanged": reviewed,
}
