"""Detection follows what changes the costs."""

from __future__ import annotations

from finops.model.jobs import JobStatus


def test_a_refresh_by_a_job_detects_what_it_brought(finops):
    assert finops.store.anomalies.detected("demo") == {}
    job = finops.jobs.run("costs.refresh", "demo", {}, user="test")
    assert job.status is JobStatus.COMPLETED
    found = finops.anomalies.detection("demo").anomalies
    assert finops.store.anomalies.detected("demo").keys() == {each.anomaly_id for each in found}
