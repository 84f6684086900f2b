"""How far an index has drifted from what its codes were learned from, in words and as JSON."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semhash.store.drift import Drift
    from semhash.store.manifest import Manifest

__all__ = ["drift_as_json", "drift_told", "when_due"]


def drift_as_json(drift: "Drift | None") -> dict[str, Any] | None:
    """Give the record, and whether retraining is due; None where no document came later."""
    import msgspec

    return None if drift is None else {**msgspec.to_builtins(drift), "due": drift.due}


def drift_told(manifest: "Manifest") -> dict[str, str] | str:
    """Give what is measured, a fact each; or in a sentence why there is nothing to tell."""
    model, drift = manifest.model, manifest.drift
    if drift is not None:
        return _in_words(drift)
    if not manifest.has_model:
        return "not known of codes that were imported"
    if model is None or model.usual is None:
        return "not known of codes that an earlier version learned; it is after: semhash update --retrain"
    return "none: no document came later than the codes"


def _in_words(drift: "Drift") -> dict[str, str]:
    """Give what is measured, a fact each."""
    unknown = f"{drift.unknown:.1%} of their words, {drift.unknown_usual:.1%} among those learned from"
    facts = {
        "later documents": f"{drift.n_later:,}, codes learned from {drift.n_learned_from:,}",
        "unknown to the model": f"{unknown}; {drift.strange:.1%} of them beyond what is usual",
    }
    if drift.n_measured:
        facts["reconstruction error"] = f"{drift.surprising:.1%} of {drift.n_measured:,} beyond what is usual"
    facts["bit balance"] = f"shifted by {drift.shift:.2f} at most, bit {drift.shifted_bit}"
    facts["retraining"] = "due, with: semhash update --retrain" if drift.due else "not due"
    return facts


def when_due(drift: "Drift | None", index: Path) -> str | None:
    """Say that retraining is due, why, and how it is done; None where it is not."""
    if drift is None or not drift.due:
        return None
    if drift.strange >= drift.surprising:
        share, n, why = drift.strange, drift.n_later, "have more words that the model does not know"
    else:
        share, n, why = drift.surprising, drift.n_measured, "are told less well by their codes"
    return (
        f"retraining is due: {share:.0%} of {n:,} documents that came later {why} than 19 of 20 of those it was "
        f"learned from; learn new codes with: semhash update --retrain --index {shlex.quote(str(index))}"
    )
