"""An error about a document keeps its facts on the way from one process to another."""

import pickle

from gateway.documents.render import RenderError


def test_an_error_survives_the_border_of_a_process() -> None:
    error = pickle.loads(pickle.dumps(RenderError("offer.pdf", "is a damaged PDF")))
    assert (error.document, error.reason) == ("offer.pdf", "is a damaged PDF")
    assert str(error) == "offer.pdf: is a damaged PDF"
