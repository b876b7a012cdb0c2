"""scikit-learn's estimators, or the command that installs them."""

from __future__ import annotations

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command

try:
    from sklearn.ensemble import RandomForestClassifier as RandomForestClassifier
    from sklearn.exceptions import ConvergenceWarning as ConvergenceWarning
    from sklearn.linear_model import LogisticRegression as LogisticRegression
    from sklearn.neural_network import MLPClassifier as MLPClassifier
    from sklearn.svm import SVC as SVC
except ModuleNotFoundError as error:
    if error.name != "sklearn":
        raise
    raise MissingDependency(
        f"heads are fitted by scikit-learn; run: {install_command('export', 'heads')}"
    ) from error
