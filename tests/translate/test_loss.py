"""Loss entries."""

from msggw.translate import Loss, LossKind, Severity


def test_a_loss_has_a_json_form_without_values():
    """The report names paths, kind, rule and severity."""
    loss = Loss(LossKind.TRUNCATED, "a.b", "43", "25 characters", Severity.SEVERE)

    assert {
        "kind": "truncated",
        "source": "a.b",
        "target": "43",
        "rule": "25 characters",
        "severity": "severe",
    } == loss.as_dict()
