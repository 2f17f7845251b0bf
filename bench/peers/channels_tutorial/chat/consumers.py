"""The tutorial's consumer, every socket a member of its room's group; and the usual next step: save first."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from .models import Message


class Talk(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.room = self.scope["url_route"]["kwargs"]["room"]
        self.group = f"chat_{self.room}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str) -> None:
        await self.tell(json.loads(text_data)["message"])

    async def tell(self, message: str) -> None:
        await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": message})

    async def chat_message(self, event: dict) -> None:
        await self.send(text_data=json.dumps({"message": event["message"]}))


class Saved(Talk):
    async def tell(self, message: str) -> None:
        await Message.objects.acreate(room=self.room, text=message)
        await super().tell(message)
