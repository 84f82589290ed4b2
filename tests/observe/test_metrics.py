from msggw.observe import Metrics


def test_each_process_has_its_own_metrics() -> None:
    """What one counts, another does not; the text is Prometheus'."""
    one, other = Metrics("1.0"), Metrics("1.0")
    one.answers.labels("json", "refund", "approved").inc()
    line = b'msggw_answers_total{kind="refund",reason="approved",standard="json"} 1.0'

    assert line in one.render()
    assert line not in other.render()
    assert b'msggw_build_info{version="1.0"} 1.0' in other.render()
