"""Runs the custom actions inside Rasa's own process: one process to start, none to lose.

Rasa calls actions through an `EndpointConfig`. This one answers by itself, in a thread, under a
time-out, and turns every failure into a sentence that the parent can see.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import json
import logging
import os
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from channels.words import channel_words
from guide.seen import slot_memory

logger = logging.getLogger(__name__)

ACTION_PACKAGE = "actions"
ACTION_TIMEOUT_S = 5.0
THREADS = 8


def _run_action(executor: ActionExecutor, call: dict[str, Any]) -> dict[str, Any]:
    """Run one action to its end in this thread, answering in plain JSON as a server would."""
    result = asyncio.run(executor.run(call)) or {"events": [], "responses": []}
    plain: dict[str, Any] = json.loads(json.dumps(result))
    return plain


class InProcessActions(EndpointConfig):  # type: ignore[misc]
    """An action endpoint without a server behind it."""

    def __init__(self, package: str = ACTION_PACKAGE, timeout_s: float = ACTION_TIMEOUT_S) -> None:
        super().__init__(url="in-process")
        self._timeout_s = timeout_s
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        # An action that hangs keeps its thread and holds up nobody else, until all hang.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="action")
        # What the actions read from disk is read now: the first parent should not wait for it.
        warm_up = getattr(importlib.import_module(package), "warm_up", None)
        if warm_up:
            self._threads.submit(warm_up)

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,  # noqa: FBT001 - Rasa's signature
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Run the action that Rasa asks for; a failure becomes a visible sentence.

        Raises:
            ClientResponseError: the action rejected its own execution, as forms may.
        """
        call: dict[str, Any] = dict(kwargs["json"])
        sender = str(call.get("sender_id"))
        slots = copy.deepcopy(call["tracker"].get("slots") or {})
        call["tracker"] = {**call["tracker"], "slots": slots}
        slot_memory.note(sender, slots)
        result = await self._run(call)
        changed = {e["name"]: e.get("value") for e in result["events"] if e.get("event") == "slot"}
        slot_memory.note(sender, changed)
        return result

    async def _run(self, call: dict[str, Any]) -> dict[str, Any]:
        name = call.get("next_action")
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, _run_action, self._executor, call
        )
        try:
            return await asyncio.wait_for(running, self._timeout_s)
        except ActionExecutionRejection as rejection:
            body = {"action_name": rejection.action_name, "error": rejection.message}
            raise ClientResponseError(400, rejection.message, json.dumps(body)) from rejection
        except asyncio.TimeoutError:
            logger.error("action %s took longer than %s s", name, self._timeout_s)
        except Exception as error:  # whatever an action does, the parent must not see silence
            # Where and what type, not its text: that may hold the parent's words.
            trace = "".join(traceback.format_tb(error.__traceback__)[-3:])
            logger.error("action %s failed: %s\n%s", name, type(error).__name__, trace)
        return _visible_failure()


def _visible_failure() -> dict[str, Any]:
    text = channel_words().say_safely("action_failed")
    response = {"text": text, "escalation": "none", "rules": ["channel_action_failed"]}
    return {"events": [], "responses": [response]}


def wanted(agent: Any) -> bool:
    """Tell whether actions should run in this process: asked for, or no server configured."""
    return os.environ.get("INPROCESS_ACTIONS") == "1" or agent.action_endpoint is None


def install(agent: Any, package: str = ACTION_PACKAGE, timeout_s: float = ACTION_TIMEOUT_S) -> None:
    """Let `agent` run its custom actions in this process; a second call changes nothing."""
    if isinstance(agent.action_endpoint, InProcessActions):
        return
    endpoint = InProcessActions(package, timeout_s)
    agent.action_endpoint = endpoint
    if agent.processor is not None:
        agent.processor.action_endpoint = endpoint
