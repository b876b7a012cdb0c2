from __future__ import annotations

from sonoedge.analysis import Origin
from sonoedge.archive.job import Job, differences, digest, identity

ORIGIN = Origin(
    bundle_id="b-1", engine_sha256="0", runtime="onnxruntime", precision="fp32", variant="v"
)


def test_a_job_crosses_as_text() -> None:
    job = Job(archive="/\udcff", out="/o", bundle="/b", variant=None)
    assert Job.from_json(job.to_json()) == job


def test_an_identity_names_engine_and_versions_and_nothing_of_the_machine() -> None:
    values = identity(ORIGIN, follow=False)
    assert values["bundle_id"] == "b-1"
    assert {"sonoedge", "numpy", "opencv-python-headless", "onnxruntime"} <= values[
        "versions"
    ].keys()
    assert digest(values) == digest(dict(reversed(values.items())))
    assert digest(values) != digest(values | {"follow_links": True})
    assert differences(values, values) == ""
