from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    email: str
    name: str | None = None


@dataclass
class Directory:
    people: dict[str, Person] = field(default_factory=dict)

    def add(self, person: Person) -> None:
        self.people[person.email] = person

    def find(self, email: str) -> Person | None:
        return self.people.get(email)


def greeting(directory: Directory, email: str) -> str:
    """What a letter begins with."""
    person = directory.find(email)
    assert person is not None
    return "Dear " + str(person.name).split()[0]
