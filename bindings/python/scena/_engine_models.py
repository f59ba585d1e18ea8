"""An engine and the services it asks."""
from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._engine_loop import EngineLoop
from ._errors import InvalidArgumentError
from ._extensions import split_providers
from ._turn import Pending
from ._values import (
    CacheFigures,
    Completion,
    CostRow,
    Embeddings,
    ServiceHealth,
    cache_figures_of,
    completion_of,
    cost_row_of,
    embeddings_of,
    given_of,
    json_of,
)


class EngineModels(EngineLoop):
    """Model services, and what they cost."""

    def complete(
        self,
        prompt: "Union[str, Sequence[Tuple[str, str]]]",
        *,
        provider: str,
        model: Optional[str] = None,
        system: Optional[str] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        seed: Optional[int] = None,
        json_schema: Any = None,
    ) -> "Pending[Completion]":
        """Asks a model service for one reply outside of any session; nothing is stored.

        ``prompt`` is a text, or (role, text) pairs of a conversation; roles are ``"user"`` and ``"assistant"``.
        """
        messages = [("user", prompt)] if isinstance(prompt, str) else list(prompt)
        request = given_of(
            model=model,
            system=system,
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            json_schema=None if json_schema is None else json_of(json_schema),
        )
        return Pending(self, self._core.complete(provider, {**request, "messages": messages}), completion_of)

    def embed(self, texts: Sequence[str], *, provider: str = "", model: str = "") -> "Pending[Embeddings]":
        """Vectors for texts, from a provider by its name or URL; empty: the configuration's."""
        return Pending(self, self._core.embed(provider, list(texts), model), embeddings_of)

    def update_policy(self, policy: "Union[Mapping[str, Any], str]") -> None:
        """Replaces how calls to models are chosen, protected and limited."""
        self._core.update_policy(json_of(policy))

    def set_providers(self, providers: Mapping[str, Any]) -> None:
        """Replaces the configured model services; those written in Python stay."""
        settings, own = split_providers(providers)
        if own:
            raise InvalidArgumentError("providers written in Python are given when the engine is made")
        self._core.set_services(json_of({"providers": settings}))

    def set_prices(self, prices: Mapping[str, Any]) -> None:
        """Sets what models charge from now on; models not named keep their price."""
        self._core.set_services(json_of({"prices": prices}))

    def set_models(self, catalog: "Union[Mapping[str, Any], str]") -> None:
        """Adds to the catalog of models from now on."""
        self._core.set_models(json_of(catalog))

    def costs(
        self,
        *,
        by: Sequence[str] = (),
        session: Optional[str] = None,
        user: Optional[str] = None,
        provider: Optional[str] = None,
        model: Optional[str] = None,
        preset: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> List[CostRow]:
        """Adds up the ledger: a row for each combination of ``by`` (session, user, provider, model, preset, day, month)."""
        query = given_of(
            session=session, user=user, provider=provider, model=model, preset=preset, **{"from": first_day, "to": last_day}
        )
        return [cost_row_of(one) for one in self._core.costs(query, list(by))]

    def cache_figures(self) -> Dict[str, CacheFigures]:
        """What the response cache did since the engine was opened, by model."""
        return {model: cache_figures_of(one) for model, one in self._core.cache_figures().items()}

    def service_health(self) -> Dict[str, ServiceHealth]:
        """How the services fare that a turn has asked for, by name; without a network call."""
        return {service: ServiceHealth(**one) for service, one in self._core.service_health().items()}
