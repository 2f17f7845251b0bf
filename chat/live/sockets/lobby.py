"""A client's socket in the lobby: it lists rooms, and is sent what changes in them."""

from chat import frames, standing
from chat.models import Room, User
from chat.refusals import Refusal

from .. import database
from .consumer import Socket

WATCH_WITHIN = 0.5  # seconds; a client that has not sent `watch` by then gets the first page of rooms
FIRST_PAGE = 50  # rooms


class LobbySocket(Socket):
    head = 0  # the lobby has no changes of its own
    _is_watching = False

    async def hello(self, command: frames.Hello) -> None:
        identity, _ = await self.authorize()
        self.process.sockets.admit(self, identity)
        if self.closed:
            return
        self.identity = identity
        welcome = frames.Welcome(frames.PROTOCOL, identity.user, room=None, epoch=None, head=0, people=[])
        self.send_events(welcome)
        self.update_sanctions(standing.states(identity.sanctions, identity.user.id, None), self.decisions)
        self.process.loop.call_later(WATCH_WITHIN, self._watch_first_page_soon)

    def execute(self, command: frames.AnyCommand) -> None:
        assert self.identity
        match command:
            case frames.Watch():
                self._watch(command.rooms, command.newest)
            case frames.Ping():
                self.send_events(frames.Pong(head=self.head))
            case _:
                raise Refusal("not_here")

    def _watch(self, slugs: list[str], newest: int | None) -> None:
        assert self.identity
        self._is_watching = True
        shows_new = newest is not None
        me = self.identity.user.id
        self.process.lobby.watch(self, me, slugs, newest, adds_joined=shows_new, shown=newest)

    def _watch_first_page_soon(self) -> None:
        if not self.closed and not self._is_watching:
            self.process.spawn(self._watch_first_page())

    async def _watch_first_page(self) -> None:
        """For clients without a page, such as a program that sends only `hello`."""
        assert self.identity
        try:
            slugs, newest = await database.run(database.READERS, first_page, self.identity.user.id)
        except (database.Error, User.DoesNotExist):
            self.end(frames.CLOSE_RESTART)  # the client reconnects
            return
        if not self.closed and not self._is_watching:
            self._watch(slugs, newest)

    def on_closed(self) -> None:
        self.process.lobby.leave(self)


def first_page(user_id: int) -> tuple[list[str], int]:
    """The slugs of the rooms on the first page of this user's lobby, and the id of the newest room."""
    user = User.objects.get(pk=user_id)
    rooms = Room.objects.visible_to(user)
    newest = rooms.order_by("-pk").values_list("pk", flat=True).first() or 0
    return list(rooms.in_lobby_order(user).values_list("slug", flat=True)[:FIRST_PAGE]), newest
