"""The events of Obrolan, with the fields that the clients check."""

import msgspec


class Event(msgspec.Struct, tag_field="type"):
    pass


class Welcome(Event, tag="welcome"):
    epoch: str | None  # null in the lobby


class Reset(Event, tag="reset"):
    reason: str


class Synced(Event, tag="synced"):
    head: int


class Message(Event, tag="message"):
    seq: int
    rev: int
    text: str


class Ack(Event, tag="ack"):
    id: str
    seq: int


class Error(Event, tag="error"):
    code: str


class Joined(Event, tag="joined"):
    pass


class Left(Event, tag="left"):
    pass


class Crowd(Event, tag="crowd"):
    pass


class Typing(Event, tag="typing"):
    pass


class RoomState(Event, tag="room"):
    slug: str
    head: int = 0  # in a list of rooms only


class Sanction(Event, tag="sanction"):
    pass


class Pong(Event, tag="pong"):
    pass


class Bye(Event, tag="bye"):
    pass


AnyEvent = (
    Welcome
    | Reset
    | Synced
    | Message
    | Ack
    | Error
    | Joined
    | Left
    | Crowd
    | Typing
    | RoomState
    | Sanction
    | Pong
    | Bye
)
