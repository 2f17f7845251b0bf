"""A client's socket in the lobby: it says which rooms its page lists, and is told what changes in them."""

from chat import frames
from chat.refusals import Refusal

from .consumer import Socket


class LobbySocket(Socket):
    async def hello(self, command: frames.Hello) -> None:
        identity, _ = await self.arrival()
        self.process.sockets.admit(self, identity)
        if self.closed:
            return
        self.identity = identity
        self.tell(frames.Welcome(frames.PROTOCOL, identity.user, room=None, epoch=None, head=0, people=[]))

    def obey(self, command: frames.AnyCommand) -> None:
        assert self.identity
        match command:
            case frames.Watch():
                self.process.lobby.watch(self, self.identity.user.id, command.rooms, command.newest)
            case frames.Ping():
                self.tell(frames.Pong(head=0))
            case _:
                raise Refusal("not_here")

    def left(self) -> None:
        self.process.lobby.leave(self)
