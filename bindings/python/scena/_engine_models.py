"""An engine and the services it asks."""
from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from ._answers import cache_figures_of, cost_row_of, embeddings_of
from ._engine_loop import EngineLoop
from ._errors import InvalidArgumentError
from ._extensions import split_providers
from ._given import given_of, json_of, keys_of
from ._tool import Tool
from ._turn import CompletionCall, Pending
from ._values import CacheFigures, CostRow, Embeddings, ServiceHealth, ToolUse


Prompt = Union[str, Sequence[Union[Tuple[str, str], Mapping[str, Any]]]]

_MEMBERS = ("role", "text", "name", "state", "tool_calls", "tool_call_id", "tool_failed")


class EngineModels(EngineLoop):
    """Model services, and what they cost."""

    def complete(
        self,
        prompt: "Prompt",
        *,
        provider: str,
        model: Optional[str] = None,
        system: Optional[str] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        seed: Optional[int] = None,
        json_schema: Any = None,
        tools: "Iterable[Union[Tool, Callable[..., Any]]]" = (),
        tool_choice: Optional[str] = None,
        on_text: Optional[Callable[[str], object]] = None,
        on_reasoning: Optional[Callable[[str], object]] = None,
    ) -> CompletionCall:
        """Asks a model service for one reply outside of any session; nothing is stored.

        Parameters
        ----------
        prompt
            A text, or the messages of a conversation, oldest first: (role, text) pairs, or dicts of ``role``, ``text``,
            ``name``, ``state``, ``tool_calls``, ``tool_call_id`` and ``tool_failed``. Roles are ``"user"``,
            ``"assistant"`` and ``"tool"``.
        tools
            What the model may ask for: :func:`tool`. They are offered, not called: ``tool_calls`` of the answer says
            what it asked for.
        tool_choice
            ``"auto"``, ``"none"``, ``"required"``, or the name of the tool that it must ask for; None: auto.
        on_text, on_reasoning
            Called with each piece of the text, and of what the model thinks aloud, while the reply comes; on the
            thread that runs the engine, so they return soon.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(providers={"model": {"url": "script:", "options": {"replies": ["Good morning."]}}}) as engine:
        ...     pieces = []
        ...     answer = engine.complete("Hello", provider="model", on_text=pieces.append).result()
        ...     answer.text, "".join(pieces)
        ('Good morning.', 'Good morning.')
        """
        offered = [one if isinstance(one, Tool) else Tool(one) for one in tools]
        request = given_of(
            messages=[_message(one) for one in ([("user", prompt)] if isinstance(prompt, str) else prompt)],
            tools=[(one.name, one.description, one.parameters) for one in offered],
            tool_choice=tool_choice,
            model=model,
            system=system,
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            json_schema=None if json_schema is None else json_of(json_schema),
        )
        return CompletionCall(self, *self._core.complete(provider, request, on_text, on_reasoning))

    def embed(
        self,
        texts: Sequence[str],
        *,
        provider: str = "",
        model: str = "",
        purpose: str = "document",
        dimensions: Optional[int] = None,
    ) -> "Pending[Embeddings]":
        """Vectors for texts, from a provider by its name or URL; empty: the configuration's.

        Parameters
        ----------
        purpose
            What the vectors are for: ``"document"``, ``"query"``, ``"classification"`` or ``"clustering"``.
        dimensions
            Of each vector; None: the model's own.
        """
        return Pending(self, self._core.embed(provider, texts, model, purpose, dimensions), embeddings_of)

    def update_policy(self, policy: "Union[Mapping[str, Any], str]") -> None:
        """Replaces how calls to models are chosen, protected and limited."""
        self._core.update_policy(json_of(policy))

    def set_providers(self, providers: Mapping[str, Any]) -> None:
        """Replaces the configured model services; those written in Python stay."""
        settings, own = split_providers(providers)
        if own:
            raise InvalidArgumentError("providers written in Python are given when the engine is made")
        self._core.set_providers(json_of({"providers": settings}))

    def set_prices(self, prices: Mapping[str, Any]) -> None:
        """Sets what models charge from now on; models not named keep their price."""
        self._core.set_prices(json_of({"prices": prices}))

    def set_models(self, catalog: "Union[Mapping[str, Any], str]") -> None:
        """Adds to the catalog of models from now on."""
        self._core.set_models(json_of(catalog))

    def costs(
        self,
        *,
        by: Union[str, Sequence[str]] = (),
        session: Optional[str] = None,
        user: Optional[str] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        preset: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> List[CostRow]:
        """Adds up the ledger: a row for each combination of ``by``, one or a list (session, user, provider, model, preset, day, month)."""
        query = given_of(
            session=session, user=user, provider=provider, model=model, preset=preset, **{"from": first_day, "to": last_day}
        )
        return [cost_row_of(one) for one in self._core.costs(query, keys_of(by, "by"))]

    def cache_figures(self) -> Dict[str, CacheFigures]:
        """What the response cache did since the engine was opened, by model."""
        return {model: cache_figures_of(one) for model, one in self._core.cache_figures().items()}

    def service_health(self) -> Dict[str, ServiceHealth]:
        """How the services fare that a turn has asked for, by name; without a network call."""
        return {service: ServiceHealth(**one) for service, one in self._core.service_health().items()}


def _message(given: "Union[Tuple[str, str], Mapping[str, Any]]") -> Dict[str, Any]:
    """One entry of a prompt in the extension's form."""
    if not isinstance(given, Mapping):
        role, text = given
        return {"role": role, "text": text}
    for name in given:
        if name not in _MEMBERS:
            raise InvalidArgumentError(f'messages: a message has no "{name}"; it has ' + ", ".join(_MEMBERS))
    made = dict(given)
    if "tool_calls" in made:
        made["tool_calls"] = [_call(one) for one in made["tool_calls"]]
    return made


def _call(given: "Union[ToolUse, Mapping[str, Any]]") -> Tuple[str, str, str]:
    if isinstance(given, ToolUse):
        return given.id, given.name, given.arguments
    return given["id"], given["name"], json_of(given["arguments"])
