"""A socket in the lobby: it only listens."""

from chat import frames
from chat.refusals import Refusal

from .consumer import Socket


class LobbySocket(Socket):
    user_id = 0

    async def hello(self, command: frames.Hello) -> None:
        identity, _ = await self.arrival()
        self.process.sockets.admit(self, identity)
        if self.closed:
            return
        self.identity, self.user_id = identity, identity.user.id
        self.tell(frames.Welcome(frames.PROTOCOL, identity.user, room=None, epoch=None, head=0, people=[]))
        await self.process.lobby.enter(self)

    def obey(self, command: frames.AnyCommand) -> None:
        match command:
            case frames.Ping():
                self.tell(frames.Pong(head=0))
            case _:
                raise Refusal("not_here")

    def left(self) -> None:
        self.process.lobby.leave(self)
